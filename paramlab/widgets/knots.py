"""Which name leads to which object, and who else holds it: what the strings of ``Strings`` are tied to.

Objects are told apart by identity and called "object 1", "object 2" in the order in which they were first seen:
an address means nothing to a reader, and is another one each time.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..census.frameworks import Framework, is_buffer
from ..census.read import Examination, undisturbed
from ..census.render import count, shape_of
from ..census.rows import Row
from ..census.walk import Walk

DRAWERS = {
    "parameter": "_parameters",
    "buffer": "_buffers",
    "attribute": "__dict__",
    "item": "containers",
    "class": "the class",
}
_SAYS = {
    "_parameters": "the modules' drawer for Parameters",
    "_buffers": "the modules' drawer for Buffers",
    "__dict__": "ordinary attributes",
    "containers": "lists, dicts and the like",
    "the class": "what all instances share",
}

MOST_KINDS = 25  # of a twin's objects are drawn


class Labels:
    """The numbers of objects, and the name under which each was seen last. Keeps no object alive."""

    def __init__(self) -> None:
        self._seen: dict[int, tuple[weakref.ref[Any], int]] = {}
        self._count = 0
        self.names: dict[int, str] = {}

    def known(self, tensor: Any) -> int | None:
        """Return the number of an object that was seen before."""
        reference, number = self._seen.get(id(tensor), (None, 0))
        return number if reference is not None and reference() is tensor else None

    def of(self, tensor: Any) -> int:
        """Return the number of an object; a new one gets the next."""
        number = self.known(tensor)
        if number is None:
            self._count += 1
            number = self._count
            self._seen[id(tensor)] = weakref.ref(tensor), number
        return number


@dataclass(slots=True)
class Name:
    """A name that leads to an object: one of the model's (``row`` tells more), or a variable of the notebook."""

    key: str
    text: str
    number: int
    row: Row | None = None


@dataclass(slots=True)
class Box:
    """An object, and who holds it. ``kind`` is G where the optimizer holds what no name of the model reaches."""

    number: int
    tensor: Any = field(repr=False)
    kind: str
    shape: str
    names: list[str] = field(default_factory=list)  # of the model
    variables: list[str] = field(default_factory=list)  # of the notebook
    holders: list[str] = field(default_factory=list)

    def join(self, holder: str) -> None:
        """Tie the object to a holder, once."""
        if holder not in self.holders:
            self.holders.append(holder)


@dataclass(slots=True)
class Holder:
    """Somebody who holds objects; ``look`` if not as one would expect."""

    key: str
    title: str
    text: str
    look: bool = False
    kinds: str = ""  # what a twin consists of, a letter an object, as far as it is drawn


@dataclass(slots=True)
class Knots:
    """All names, all objects and all holders at one moment."""

    names: list[Name]
    boxes: dict[int, Box]
    holders: list[Holder]
    state: tuple[int, int] | None  # keys that lie on the memory of an object here, and keys in all
    twin: tuple[int, int] | None  # objects that the model does not have, and objects in all

    def leads(self) -> dict[str, int]:
        """Name -> the number of its object; without the notebook's variables."""
        return {name.text: name.number for name in self.names if name.row is not None}

    def ghosts(self) -> list[int]:
        """Return what the optimizer holds and no name of the model reaches."""
        return [box.number for box in self.boxes.values() if box.kind == "G"]

    def held(self) -> set[int]:
        """Return what the optimizer holds."""
        return {box.number for box in self.boxes.values() if any(is_group(key) for key in box.holders)}


def is_group(key: str) -> bool:
    """Return whether a holder is a group of the optimizer."""
    return key.startswith("group ")


# ---------------------------------------------------------------------- from the objects to the strings


@undisturbed()
def tie_up(exam: Examination, optimizer: Any, labels: Labels, variables: Mapping[str, Any], end: Ends) -> Knots:
    """Find out who holds what; ``variables`` are the notebook's."""
    names: list[Name] = []
    boxes: dict[int, Box] = {}
    for found, row in zip(exam.found, exam.rows, strict=True):
        number = labels.of(found.tensor)
        names.append(Name(row.name, row.name, number, row))
        box = boxes.setdefault(number, Box(number, found.tensor, row.kind[0], shape_of(row)))
        box.names.append(row.name)
        box.join(DRAWERS[found.slot])
        if row.optimizer is not None:
            box.join(f"group {row.optimizer}")
    for tensor, row in zip(exam.ghosts, exam.orphans, strict=True):
        number = labels.of(tensor)
        box = boxes.setdefault(number, Box(number, tensor, "G", shape_of(row)))
        box.join(f"group {row.optimizer}")
    for variable, tensor in variables.items():
        known = labels.known(tensor)
        if known is not None:
            names.append(Name(f"variable {variable}", variable, known))
            box = boxes.setdefault(known, Box(known, tensor, _class(tensor, exam.framework), _shape(tensor)))
            box.variables.append(variable)
    labels.names |= {name.number: name.text for name in reversed(names) if name.row is not None}
    state = None if end.state is None else (_on_the_memory_of(boxes, end.state), len(end.state))
    twin, last = _twin(boxes, exam.framework, end)
    holders = [*_drawers(boxes), *_groups(boxes, exam, optimizer, end)]
    if state is not None:
        holders.append(_state(state, end))
    return Knots(names, boxes, holders + last, state, twin)


@dataclass(frozen=True, slots=True)
class Ends:
    """The ends of strings outside of the model: under which names, and what they are."""

    optimizer_name: str
    state_name: str
    state: Mapping[str, Any] | None
    twin_name: str
    twin: Any


def _drawers(boxes: dict[int, Box]) -> list[Holder]:
    sizes = {drawer: sum(drawer in box.holders for box in boxes.values()) for drawer in DRAWERS.values()}
    return [
        Holder(key, key, f"{_SAYS[key]}: {count(size, 'object')}")
        for key, size in sizes.items()
        if size or key == "_parameters"
    ]


def _groups(boxes: dict[int, Box], exam: Examination, optimizer: Any, end: Ends) -> list[Holder]:
    """Return a holder for each group of the optimizer."""
    groups = [] if optimizer is None else optimizer.param_groups
    missing = sum(row.reasons[2] in ("late", "replaced") and "same" not in row.facts for row in exam.rows)
    holders = []
    for at, group in enumerate(groups):
        key = f"group {at}"
        ghosts = sum(box.kind == "G" and key in box.holders for box in boxes.values())
        parts = [f"{key}: {count(len(group['params']), 'object')}"]
        parts += [f"{ghosts} of them the model does not have"] * bool(ghosts)
        if at == 0 and missing:
            parts.append(f"{count(missing, 'Parameter')} of the model not held")
        holders.append(Holder(key, end.optimizer_name, ", ".join(parts), bool(ghosts or (at == 0 and missing))))
    return holders


def _state(state: tuple[int, int], end: Ends) -> Holder:
    """Return the state_dict as a holder: of memory, not of objects."""
    alias, total = state
    if alias == total:
        text = f"{count(total, 'key')}: other objects on the same memory, no copies"
    elif alias:
        text = f"{count(total, 'key')}: {alias} on the model's memory, {total - alias} with memory of their own"
    else:
        text = f"{count(total, 'key')} with memory of their own"
    return Holder("state", end.state_name, text)


def _twin(boxes: dict[int, Box], framework: Framework, end: Ends) -> tuple[tuple[int, int] | None, list[Holder]]:
    """Return how many of a second model's objects are its own, and the holder that it is."""
    if end.twin is None:
        return None, []
    found = Walk(end.twin, framework, end.twin_name).found
    here = {id(box.tensor): box for box in boxes.values()}
    objects = {id(one.tensor): one.tensor for one in found}
    for key in objects.keys() & here.keys():
        here[key].join("twin")
    own = [tensor for key, tensor in objects.items() if key not in here]
    held = [here[key] for key in objects if key in here and any(map(is_group, here[key].holders))]
    tied = f" under {len(found)} names" if len(found) > len(objects) else ""
    optimizer = f"the optimizer holds {len(held) or 'none'} of them"
    new = "all of them new" if len(own) == len(objects) else f"{len(own)} of them new"
    text = f"a second model: {count(len(objects), 'object')}{tied}, {new}; {optimizer}"
    drawers = {id(one.tensor): one.slot for one in found}
    kinds = "".join(
        "B" if drawers[id(tensor)] == "buffer" else _class(tensor, framework) for tensor in own[:MOST_KINDS]
    )
    return (len(own), len(objects)), [Holder("twin", end.twin_name, text, kinds=kinds)]


def _class(tensor: Any, framework: Framework) -> str:
    """Return the kind of an object by its class alone."""
    if isinstance(tensor, framework.parameter):
        return "P"
    return "B" if is_buffer(tensor) else "T"


def _on_the_memory_of(boxes: dict[int, Box], state: Mapping[str, Any]) -> int:
    """Tie each key of a state_dict to the object on whose memory it lies; return how many do."""
    places = {place: box for box in boxes.values() if (place := _memory(box.tensor)) is not None}
    alias = 0
    for value in state.values():
        place = _memory(value)
        box = None if place is None else places.get(place)
        if box is not None:
            box.join("state")
            alias += 1
    return alias


def _memory(tensor: Any) -> tuple[str, int] | None:
    """Return where the elements of a tensor begin; None if it has none, as on the device "meta"."""
    device = str(tensor.device)
    try:
        address = tensor.data_ptr()
        return (device, address) if address and tensor.numel() and device != "meta" else None
    except Exception:  # no address, as in a lazy layer before its first call
        return None


def _shape(tensor: Any) -> str:
    return " × ".join(map(str, tensor.shape)) or "scalar"


# ---------------------------------------------------------------------- what has changed


def told(before: Knots, after: Knots, state: str) -> str:
    """Say in a sentence or two what has changed from one moment to another."""
    was, now = before.leads(), after.leads()
    other = [name for name, number in now.items() if was.get(name, number) != number]
    parts = [f"{listed(other)} {_leads(other, after)}."] if other else []
    lost = sorted(set(after.ghosts()) - set(before.ghosts()))
    if lost:
        parts.append(stale(lost))
    gone = [number for number in was.values() if number not in after.boxes]
    if gone:
        parts.append(f"Nobody holds {objects(gone)} any more.")
    held = after.held()
    if held != before.held():
        parts.append(f"The optimizer holds {objects(sorted(held))} now.")
    if before.state and after.state and before.state[0] > after.state[0]:
        parts.append(f"{state} keeps the old memory.")
    return " ".join(parts)


def _leads(names: list[str], after: Knots) -> str:
    """Say to which objects names lead."""
    now = after.leads()
    if len(names) > 1:
        return f"are {objects(sorted({now[name] for name in names}))} now"
    number = now[names[0]]
    others = [name for name in after.boxes[number].names if name != names[0]]
    return f"is object {number} now{f', as {listed(others)} is' if others else ''}"


def stale(numbers: list[int]) -> str:
    """Say that the optimizer holds what the model does not have."""
    return f"The optimizer still holds {objects(numbers)}, which no name of the model reaches any more."


def objects(numbers: Iterable[int]) -> str:
    """Return the names of objects: ``object 2``, or ``objects 2, 3 and 5``."""
    several = list(dict.fromkeys(numbers))
    if not several:
        return "nothing"
    return f"object{'s' * (len(several) > 1)} {listed(list(map(str, several)))}"


def listed(words: list[str], most: int = 4) -> str:
    """Return words with commas and an "and"."""
    if len(words) > most:
        return f"{', '.join(words[: most - 1])} and {len(words) - most + 1} more"
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))
