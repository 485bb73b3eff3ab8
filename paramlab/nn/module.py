"""Module: a tree that knows its weights. Three dicts and ``__setattr__`` are the whole secret."""

from __future__ import annotations

from types import FunctionType
from typing import Any, NoReturn, Self

from ..tensor import Tensor, typename
from .conversion import Conversion
from .hooks import Hooks, call_with_hooks
from .parameter import Buffer, Parameter
from .state import Saving
from .tree import Tree

DRAWERS = ("_parameters", "_buffers", "_modules")
_DRAWER_OF = {"parameter": "_parameters", "buffer": "_buffers", "module": "_modules"}


class Module(Conversion, Saving, Hooks):
    """The base of every layer and model.

    Assigning an attribute sorts it: a Parameter goes to ``_parameters``, a Buffer to ``_buffers``, a
    Module to ``_modules``. Whoever asks a module for its weights walks these three dicts; anything else is
    an ordinary attribute, which nobody lists, saves or moves.

    Here is how it sorts, runs and prints. Walking the tree is in ``tree.py``, ``.to()`` in ``conversion.py``,
    ``state_dict`` in ``state.py``, hooks in ``hooks.py``.
    """

    training: bool
    _non_persistent_buffers_set: set[str]

    call_super_init: bool = False
    """Whether ``__init__`` goes on to the next class of several bases, with the arguments it was given."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if (args or kwargs) and not self.call_super_init:
            self._refuse_arguments(args, kwargs)
        self.__dict__.update(training=True, _parameters={}, _buffers={}, _non_persistent_buffers_set=set(), _modules={})
        if self.call_super_init:
            super().__init__(*args, **kwargs)

    def _refuse_arguments(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> NoReturn:
        what = (
            f"got an unexpected keyword argument '{next(iter(kwargs))}'"
            if kwargs
            else f"takes 1 positional argument but {len(args) + 1} were given"
        )
        raise TypeError(f"{type(self).__name__}.__init__() {what}")

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.__dict__.setdefault("_non_persistent_buffers_set", set())

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the module's output; every subclass writes its own."""
        raise NotImplementedError(f'Module [{type(self).__name__}] is missing the required "forward" function')

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the module: its hooks, if it has some, and ``forward``."""
        if "_modules" not in self.__dict__:
            raise AttributeError(
                f"'{type(self).__name__}' object has no attribute '_backward_hooks'. Make super().__init__() the first "
                f"line of {type(self).__name__}.__init__."
            )
        if self._forward_hooks or self._forward_pre_hooks or self._backward_hooks or self._backward_pre_hooks:
            return call_with_hooks(self, args, kwargs)
        return self.forward(*args, **kwargs)

    # ------------------------------------------------------------------ registration

    def __setattr__(self, name: str, value: Any) -> None:
        """Sort ``self.name = value`` into the dict that its kind belongs in, or keep it as it is."""
        drawer = self._drawer_of(name)
        if isinstance(value, Parameter):
            self._make_room(name, "_parameters")
            self.register_parameter(name, value)
        elif isinstance(value, Module) and drawer != "_parameters":
            self._make_room(name, "_modules")
            self._modules[name] = value
        elif drawer in ("_parameters", "_modules"):
            self._clear_slot(drawer, name, value)
        elif drawer == "_buffers" or (isinstance(value, Tensor) and isinstance(value, Buffer)):
            self._set_buffer(name, value)
        else:
            object.__setattr__(self, name, value)

    def __getattr__(self, name: str) -> Any:
        """Find what was sorted away; Python asks here only when the ordinary attributes have no ``name``."""
        for drawer in ("_parameters", "_buffers", "_modules"):
            held = self.__dict__.get(drawer, {})  # empty before Module.__init__
            if name in held:
                return held[name]
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")

    def __delattr__(self, name: str) -> None:
        drawer = self._drawer_of(name)
        if drawer is None:
            object.__delattr__(self, name)
        else:
            del self.__dict__[drawer][name]
            self._non_persistent_buffers_set.discard(name)

    def _drawer_of(self, name: str) -> str | None:
        """Return which of the three dicts holds ``name``, or None."""
        held = self.__dict__
        if "_modules" not in held:
            return None  # before Module.__init__
        if name in held["_parameters"]:
            return "_parameters"
        if name in held["_modules"]:
            return "_modules"
        return "_buffers" if name in held["_buffers"] else None

    def _make_room(self, name: str, drawer: str) -> None:
        """Take ``name`` out of everywhere but ``drawer``: a name lives in one place."""
        held = self.__dict__
        if drawer not in held:
            self._refuse_early("parameters" if drawer == "_parameters" else "module")
        if name in held[drawer]:
            return  # nobody else can have it
        held.pop(name, None)
        if name in held["_parameters"] or name in held["_buffers"] or name in held["_modules"]:
            for elsewhere in DRAWERS:
                held[elsewhere].pop(name, None)
            held["_non_persistent_buffers_set"].discard(name)

    def _clear_slot(self, drawer: str, name: str, value: Any) -> None:
        """Set a registered name to None, which keeps its place; ``TypeError`` for any other value."""
        if value is not None:
            what, wanted = (
                ("parameter", "torch.nn.Parameter") if drawer == "_parameters" else ("child module", "torch.nn.Module")
            )
            raise TypeError(
                f"cannot assign '{typename(value)}' as {what} '{name}' ({wanted} or None expected). "
                + _how_to_assign(drawer, name)
            )
        self.__dict__[drawer][name] = None

    def _set_buffer(self, name: str, value: Any) -> None:
        """Register a Buffer, or put a tensor or None in the place of one, which keeps its persistence."""
        if value is not None and not isinstance(value, Tensor):
            raise TypeError(
                f"cannot assign '{typename(value)}' as buffer '{name}' (torch.nn.Buffer, torch.Tensor or None "
                f"expected). Wrap the number: self.{name} = torch.tensor(...)."
            )
        if "_buffers" not in self.__dict__:
            self._refuse_early("buffer")
        persistent = name not in self._non_persistent_buffers_set
        if isinstance(value, Buffer):
            persistent = value.persistent
        self.register_buffer(name, value, persistent)

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Add a Parameter under a name; None takes the place for one that may come later.

        ``TypeError`` if it is no Parameter, ``ValueError`` if it was computed,
        ``KeyError`` if the name is empty, has a dot in it, or is another attribute's.
        """
        self._check_new_name("parameter", name)
        if param is not None and not isinstance(param, Parameter):
            self._refuse_parameter(name, param)
        if param is not None and param.grad_fn is not None:
            self._refuse_non_leaf(name)
        self._parameters[name] = param

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """Add a tensor to the module's state; with ``persistent=False`` it is moved but not saved.

        ``TypeError`` if it is neither a tensor nor None, ``KeyError`` if the name is empty, has a dot in
        it, or belongs to another attribute.
        """
        self._check_new_name("buffer", name)
        if tensor is not None and not isinstance(tensor, Tensor):
            self._refuse_buffer(name, tensor)
        self._buffers[name] = tensor
        if persistent:
            self._non_persistent_buffers_set.discard(name)
        else:
            self._non_persistent_buffers_set.add(name)

    def register_module(self, name: str, module: Module | None) -> None:
        """Add a child under a name; the same as ``add_module``."""
        self.add_module(name, module)

    def add_module(self, name: str, module: Module | None) -> None:
        """Add a child under a name; ``TypeError`` if it is no Module, ``KeyError`` if the name is taken."""
        if module is not None and not isinstance(module, Module):
            raise TypeError(f"{typename(module)} is not a Module subclass")
        self._check_new_name("module", name)
        self._modules[name] = module

    def _check_new_name(self, kind: str, name: str) -> None:
        """Raise what PyTorch raises if ``name`` can't be registered as a ``kind``."""
        held = self.__dict__
        registered = held.get(_DRAWER_OF[kind])
        if registered is None:
            self._refuse_early(kind)
        if not isinstance(name, str):
            raise TypeError(f"{kind} name should be a string. Got {typename(name)}")
        if name in registered:
            return
        if "." in name:
            raise KeyError(f'{kind} name can\'t contain "."' + (f", got: {name}" if kind == "module" else ""))
        if name == "":
            raise KeyError(f'{kind} name can\'t be empty string ""')
        cls = type(self)
        if hasattr(cls, name) or cls.__getattr__ is not Module.__getattr__:
            taken = hasattr(self, name)
        else:  # the same question, without the exception that hasattr() raises and catches for a new name
            taken = name in held or name in held["_parameters"] or name in held["_buffers"] or name in held["_modules"]
        if taken:
            raise KeyError(f"attribute '{name}' already exists")

    def _refuse_early(self, what: str) -> NoReturn:
        raise AttributeError(
            f"cannot assign {what} before Module.__init__() call. Make super().__init__() the first line of "
            f"{type(self).__name__}.__init__."
        )

    def _refuse_parameter(self, name: str, value: Any) -> NoReturn:
        raise TypeError(
            f"cannot assign '{typename(value)}' object to parameter '{name}' (torch.nn.Parameter or None required). "
            + _how_to_assign("_parameters", name)
        )

    def _refuse_buffer(self, name: str, value: Any) -> NoReturn:
        raise TypeError(
            f"cannot assign '{typename(value)}' object to buffer '{name}' (torch Tensor or None required). "
            "Make a tensor of it: torch.tensor(...)."
        )

    def _refuse_non_leaf(self, name: str) -> NoReturn:
        raise ValueError(
            f"Cannot assign non-leaf Tensor to parameter '{name}'. Model parameters must be created explicitly. To "
            f"express '{name}' as a function of another Tensor, compute the value in the forward() method."
        )

    # ------------------------------------------------------------------ what is done to the whole tree

    def train(self, mode: bool = True) -> Self:
        """Set ``training`` on every module of the tree; ``ValueError`` unless ``mode`` is a bool."""
        if not isinstance(mode, bool):
            raise ValueError("training mode is expected to be boolean")
        self.training = mode
        for module in self._modules.values():
            if module is not None:
                module.train(mode)
        return self

    def eval(self) -> Self:
        """Set ``training`` to False on every module of the tree."""
        return self.train(False)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Freeze (False) or unfreeze every Parameter of the tree."""
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget every Parameter's gradient, or with ``set_to_none=False`` fill it with zeros."""
        for parameter in self.parameters():
            grad = parameter.grad
            if set_to_none or grad is None:
                parameter.grad = None
            elif grad.grad_fn is not None:
                grad.detach_().zero_()
            else:
                grad.requires_grad_(False).zero_()

    # ------------------------------------------------------------------ representation

    def extra_repr(self) -> str:
        """Return what stands in the parentheses of the module's own line; a subclass may write its own."""
        return ""

    def _get_name(self) -> str:
        return type(self).__name__

    def __repr__(self) -> str:
        extra = self.extra_repr()
        children = [f"({name}): {indent(repr(module))}" for name, module in self._modules.items()]
        if not children and "\n" not in extra:
            return f"{self._get_name()}({extra})"
        lines = [*(extra.split("\n") if extra else ()), *children]
        return f"{self._get_name()}(\n  " + "\n  ".join(lines) + "\n)"

    def __dir__(self) -> list[str]:
        names = {*super().__dir__(), *(name for drawer in DRAWERS for name in self.__dict__.get(drawer, ()))}
        return sorted(name for name in names if not name[:1].isdigit())


for _part in (Tree, Conversion, Saving, Hooks):
    for _method in vars(_part).values():
        if isinstance(_method, FunctionType):  # a generator and a TypeError are to show the name that users know
            _method.__qualname__ = f"Module.{_method.__name__}"


def indent(text: str) -> str:
    """Return a representation as it stands below another: each line but the first moved in, unless it is blank."""
    first, *rest = text.split("\n")
    return "\n".join([first, *("  " + line if line.strip() else "" for line in rest)])


def _how_to_assign(drawer: str, name: str) -> str:
    if drawer == "_modules":
        return f"To keep something else there, `del module.{name}` first."
    return (
        f"Wrap the tensor: nn.Parameter(tensor). To change the values and keep the Parameter, write into it: "
        f"`with torch.no_grad(): module.{name}.copy_(tensor)`. To keep a plain tensor, `del module.{name}` first."
    )
