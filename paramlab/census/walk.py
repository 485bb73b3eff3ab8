"""Every tensor that can be reached from a model, with its name, in the order of the model's tree.

Modules are read through their instance dictionaries, so that nothing of the model runs: no property,
no ``__getattr__``, no method that a learner may have replaced. The walk keeps its own stack: a long
chain of things inside things is no reason to fail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

from .frameworks import Framework
from .paths import EMPTY_MOSTLY, SIMPLE, is_container, items_of, join, kind_of, reach
from .rows import Branch

Slot = Literal["parameter", "buffer", "attribute", "item", "class"]
Visit = Callable[[], "list[Visit]"]

_REGISTERS = frozenset({"_parameters", "_buffers", "_modules", "_non_persistent_buffers_set"})


@dataclass(slots=True, eq=False)
class Hiding:
    """A place that registration does not reach: a container, a class body, a module kept as an ordinary value."""

    name: str
    access: str
    owner: Any
    holder: str
    direct: list[str]  # the expressions of what it holds itself, modules or tensors
    deeper: bool = False  # whether some are held by a container inside it


@dataclass(slots=True)
class Place:
    """Where the walk is: the name so far, what to type to get there, and the modules above. Never changed."""

    name: str
    access: str
    depth: int = 0
    hiding: Hiding | None = None
    above: tuple[int, ...] = ()

    def at(self, key: str, step: str) -> Place:
        """Return the place of a tensor that a module holds."""
        return Place(join(self.name, key), self.access + step, self.depth, self.hiding, self.above)

    def inside(self, expression: str) -> Place:
        """Return the place of an item of the container that is here."""
        return replace(
            self, name=expression.replace("{}", self.name, 1), access=expression.replace("{}", self.access, 1)
        )

    def within(self, module: Any) -> Place:
        """Return the same place, below one more module."""
        return Place(self.name, self.access, self.depth, self.hiding, (*self.above, id(module)))

    def below(self) -> Place:
        """Return the same place, one level deeper in the tree."""
        return Place(self.name, self.access, self.depth + 1, self.hiding, self.above)


@dataclass(slots=True)
class Found:
    """A tensor under one of its names."""

    tensor: Any
    place: Place
    owner: Any
    key: str
    slot: Slot
    persistent: bool

    @property
    def registered(self) -> bool:
        """Whether ``Module`` registration reaches this name."""
        return self.slot in ("parameter", "buffer") and self.place.hiding is None


class Walk:
    """One walk over a model; afterwards ``found`` and ``tree`` hold what it met."""

    def __init__(self, model: Any, framework: Framework, name: str = "model") -> None:
        self.framework = framework
        self.title = type(model).__name__
        self.found: list[Found] = []
        self.tree: list[Branch] = []
        self.registered: dict[int, str] = {}
        self._modules: set[int] = set()  # modules that are in the tree, or registered and about to be
        self._opened: set[int] = set()  # modules whose attributes were looked at, containers that were entered
        self._bodies: dict[type, list[tuple[str, Any, bool]]] = {}
        self._register(model)
        todo: list[Visit] = [lambda: self._module(model, Place("", name))]
        while todo:
            todo += reversed(todo.pop()())
        self._prune()

    def _register(self, model: Any) -> None:
        """Name every registered tensor first: whatever else holds one of them hides nothing."""
        stack = [(model, "")]
        while stack:
            module, path = stack.pop()
            if id(module) in self._modules:
                continue
            self._modules.add(id(module))
            for register in ("_parameters", "_buffers"):
                for key, tensor in held(module, register):
                    self.registered.setdefault(id(tensor), join(path, key))
            stack += [(child, join(path, key)) for key, child in reversed(held(module, "_modules"))]

    # ------------------------------------------------------------------ what a module holds

    def _module(self, module: Any, place: Place) -> list[Visit]:
        place = place.within(module)
        self._own(module, place)
        hidden: list[Visit] = []
        if id(module) not in self._opened:
            self._opened.add(id(module))
            hidden = self._attributes(module, place)
        return hidden + self._children(module, place)

    def _own(self, module: Any, place: Place) -> None:
        fleeting = module.__dict__.get("_non_persistent_buffers_set") or ()
        for key, tensor in held(module, "_parameters"):
            self._tensor(Found(tensor, place.at(key, reach(module, key)), module, key, "parameter", True))
        for key, tensor in held(module, "_buffers"):
            self._tensor(Found(tensor, place.at(key, reach(module, key)), module, key, "buffer", key not in fleeting))

    def _children(self, module: Any, place: Place) -> list[Visit]:
        visits: list[Visit] = []
        for key, child in held(module, "_modules"):
            if id(child) in place.above or (place.hiding and id(child) in self._modules):
                continue
            self._modules.add(id(child))
            visits.append(self._folder(child, key, place.at(key, reach(module, key)), self._module))
        return visits

    def _attributes(self, module: Any, place: Place) -> list[Visit]:
        """Take the tensors that are ordinary attributes; return visits to whatever may hide more."""
        visits: list[Visit] = []
        for key, value, slot in self._unregistered(module):
            here = place.at(key, f".{key}")
            if not isinstance(value, self.framework.tensor):
                hiding = place.hiding or Hiding(here.name, here.access, module, kind_of(value), [])
                visits.append(self._hidden(value, key, replace(here, hiding=hiding), module))
            elif not (key.startswith("_") and id(value) in self.registered):
                if slot == "class":
                    here = replace(here, hiding=Hiding(here.name, here.access, module, "class", [here.access]))
                self._tensor(Found(value, here, module, key, slot, False))
        return visits

    def _unregistered(self, module: Any) -> Iterator[tuple[str, Any, Slot]]:
        """Yield what is or may hold a tensor: attributes, slots, and tensors in the body of the class."""
        for key, value in list(module.__dict__.items()):
            # most attributes are numbers, flags and empty dicts: a look at the class is enough for them
            if type(value) in SIMPLE or (type(value) in EMPTY_MOSTLY and not value) or key in _REGISTERS:
                continue
            if self._worth(value):
                yield key, value, "attribute"
        for key, value, is_slot in self._of_class(type(module)):
            if not is_slot:
                if key not in module.__dict__ and key not in dict(held(module, "_parameters")):
                    yield key, value, "class"
                continue
            try:
                filled = value.__get__(module)
            except AttributeError:  # a slot that was never filled
                continue
            if self._worth(filled):
                yield key, filled, "attribute"

    def _of_class(self, cls: type) -> list[tuple[str, Any, bool]]:
        """Return the slots of a class and the tensors in its body, up to the framework's own Module."""
        if cls not in self._bodies:
            body = self._bodies[cls] = []
            for base in cls.__mro__[: cls.__mro__.index(self.framework.module)]:
                for key, value in list(vars(base).items()):
                    if type(value).__name__ == "member_descriptor":
                        body.append((key, value, True))
                    elif isinstance(value, self.framework.tensor):
                        body.append((key, value, False))
        return self._bodies[cls]

    def _worth(self, value: Any) -> bool:
        return isinstance(value, (self.framework.tensor, self.framework.module)) or is_container(value)

    # ------------------------------------------------------------------ what hides

    def _hidden(self, value: Any, label: str, place: Place, owner: Any) -> Visit:
        """Return the visit to a value that registration does not reach."""
        return lambda: self._enter(value, label, place, owner)

    def _enter(self, value: Any, label: str, place: Place, owner: Any) -> list[Visit]:
        if isinstance(value, self.framework.tensor):
            if id(value) not in self.registered:
                self._note(place)
            elif _is_private(place):
                return []
            self._tensor(Found(value, place, owner, label, "item", False))
        elif isinstance(value, self.framework.module):
            if id(value) not in self._modules:
                self._modules.add(id(value))
                self._note(place)
                return self._folder(value, label, place, self._module)()
        elif id(value) not in self._opened and self._worth(value):
            self._opened.add(id(value))
            return self._folder(value, label, place, lambda box, here: self._items(box, here, owner))()
        return []

    def _items(self, container: Any, place: Place, owner: Any) -> list[Visit]:
        return [
            self._hidden(item, expression.replace("{}", "", 1), place.inside(expression), owner)
            for expression, item in items_of(container)
            if type(item) not in SIMPLE and self._worth(item)
        ]

    @staticmethod
    def _note(place: Place) -> None:
        """Tell the hiding place what was found, for the line that mends it."""
        hiding = place.hiding
        if hiding is not None:
            hiding.direct.append(place.access)
            inner = place.access.removeprefix(hiding.access)
            hiding.deeper = hiding.deeper or inner.count("[") > 1 or not (inner.startswith("[") or not inner)

    # ------------------------------------------------------------------ the tree

    def _folder(self, value: Any, label: str, place: Place, fill: Callable[[Any, Place], list[Visit]]) -> Visit:
        def visit() -> list[Visit]:
            self.tree.append(Branch(place.depth, label, place.name, kind_of(value), None))
            return fill(value, place.below())

        return visit

    def _tensor(self, found: Found) -> None:
        self.tree.append(Branch(found.place.depth, found.key, found.place.name, found.slot, len(self.found)))
        self.found.append(found)

    def _prune(self) -> None:
        """Take folders out in which there was no tensor."""
        kept: list[Branch] = []
        shallowest = -1  # a folder stays if the line kept after it is deeper
        for branch in reversed(self.tree):
            if branch.row is not None or shallowest > branch.depth:
                kept.append(branch)
                shallowest = branch.depth
        self.tree = kept[::-1]


def _is_private(place: Place) -> bool:
    """Return whether a private list only repeats what is registered, as the weights that nn.LSTM caches are."""
    return place.hiding is not None and place.hiding.name.rpartition(".")[2].startswith("_")


def held(module: Any, register: str) -> list[tuple[str, Any]]:
    """Return what a module has registered, without the empty places; nothing before ``__init__`` ran."""
    entries = module.__dict__.get(register)
    if not entries or not isinstance(entries, dict):
        return []
    return [(key, value) for key, value in entries.items() if value is not None]
