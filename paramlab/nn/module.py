"""Module: a tree that knows its weights. Three dicts and ``__setattr__`` are the whole secret."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NoReturn, Self

from ..autograd import no_grad
from ..dtypes import dtype as DType
from ..dtypes import float16, float32, float64
from ..tensor import RemovableHandle, Tensor, parse_to, typename
from .parameter import Buffer, Parameter
from .state import IncompatibleKeys, call_hooks, copy_into, incompatible, missing_and_unexpected

DRAWERS = ("_parameters", "_buffers", "_modules")


class Module:
    """The base of every layer and model.

    Assigning an attribute sorts it: a Parameter goes to ``_parameters``, a Buffer to ``_buffers``, a
    Module to ``_modules``. Whoever asks a module for its weights walks these three dicts; anything else is
    an ordinary attribute, which nobody lists, saves or moves.
    """

    training: bool
    _parameters: dict[str, Parameter | None]
    _buffers: dict[str, Tensor | None]
    _modules: dict[str, Module | None]
    _non_persistent_buffers_set: set[str]

    _version: int = 1
    """The version of the class's saved state; it is kept in the metadata of a state_dict."""

    def __init__(self) -> None:
        for drawer in DRAWERS:
            object.__setattr__(self, drawer, {})
        object.__setattr__(self, "_non_persistent_buffers_set", set())
        object.__setattr__(self, "training", True)

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the module's output; every subclass writes its own."""
        raise NotImplementedError(f'Module [{type(self).__name__}] is missing the required "forward" function')

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the module: ``forward``."""
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
        elif isinstance(value, Buffer) or drawer == "_buffers":
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
        for drawer in DRAWERS:
            if name in self.__dict__.get(drawer, ()):
                return drawer
        return None

    def _make_room(self, name: str, drawer: str) -> None:
        """Take ``name`` out of everywhere but ``drawer``: a name lives in one place."""
        if drawer not in self.__dict__:
            what = "parameters" if drawer == "_parameters" else "module"
            raise AttributeError(
                f"cannot assign {what} before Module.__init__() call. Make super().__init__() the first line of "
                f"{type(self).__name__}.__init__."
            )
        for place in (self.__dict__, *(self.__dict__[other] for other in DRAWERS if other != drawer)):
            place.pop(name, None)
        self._non_persistent_buffers_set.discard(name)

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
            raise TypeError(
                f"cannot assign '{typename(tensor)}' object to buffer '{name}' (torch Tensor or None required)"
            )
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
        drawer = f"_{kind}s"
        if drawer not in self.__dict__:
            raise AttributeError(
                f"cannot assign {kind} before Module.__init__() call. Make super().__init__() the first line of "
                f"{type(self).__name__}.__init__."
            )
        if not isinstance(name, str):
            raise TypeError(f"{kind} name should be a string. Got {typename(name)}")
        if "." in name:
            raise KeyError(f'{kind} name can\'t contain "."' + (f", got: {name}" if kind == "module" else ""))
        if name == "":
            raise KeyError(f'{kind} name can\'t be empty string ""')
        if name not in self.__dict__[drawer] and hasattr(self, name):
            raise KeyError(f"attribute '{name}' already exists")

    def _refuse_parameter(self, name: str, value: Any) -> NoReturn:
        raise TypeError(
            f"cannot assign '{typename(value)}' object to parameter '{name}' (torch.nn.Parameter or None required). "
            + _how_to_assign("_parameters", name)
        )

    def _refuse_non_leaf(self, name: str) -> NoReturn:
        raise ValueError(
            f"Cannot assign non-leaf Tensor to parameter '{name}'. Model parameters must be created explicitly. To "
            f"express '{name}' as a function of another Tensor, compute the value in the forward() method."
        )

    # ------------------------------------------------------------------ iteration

    def named_modules(
        self, memo: set[Module] | None = None, prefix: str = "", remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Module]]:
        """Walk the tree from this module down and yield ``(path, module)``, each module once."""
        memo = set() if memo is None else memo
        if self in memo:
            return
        if remove_duplicate:
            memo.add(self)
        yield prefix, self
        for name, module in self._modules.items():
            if module is not None:
                path = f"{prefix}.{name}" if prefix else name
                yield from module.named_modules(memo, path, remove_duplicate)

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Parameter]]:
        """Yield ``(path, parameter)`` for every Parameter of the tree, a shared one once."""
        tree = self.named_modules(prefix=prefix, remove_duplicate=remove_duplicate)
        seen: set[Parameter] = set()
        for path, module in tree if recurse else [(prefix, self)]:
            for name, parameter in module._parameters.items():
                if parameter is not None and parameter not in seen:
                    if remove_duplicate:
                        seen.add(parameter)
                    yield (f"{path}.{name}" if path else name), parameter

    def named_buffers(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Tensor]]:
        """Yield ``(path, buffer)`` for every buffer of the tree, a shared one once."""
        # the same walk over another dict; written out, for a learner builds the one without the other
        tree = self.named_modules(prefix=prefix, remove_duplicate=remove_duplicate)
        seen: set[Tensor] = set()
        for path, module in tree if recurse else [(prefix, self)]:
            for name, buffer in module._buffers.items():
                if buffer is not None and buffer not in seen:
                    if remove_duplicate:
                        seen.add(buffer)
                    yield (f"{path}.{name}" if path else name), buffer

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """Yield ``(name, module)`` for each child, each module once."""
        seen: set[Module] = set()
        for name, module in self._modules.items():
            if module is not None and module not in seen:
                seen.add(module)
                yield name, module

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """Yield every Parameter of the tree, a shared one once."""
        for _, parameter in self.named_parameters(recurse=recurse):
            yield parameter

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        """Yield every buffer of the tree, a shared one once."""
        for _, buffer in self.named_buffers(recurse=recurse):
            yield buffer

    def children(self) -> Iterator[Module]:
        """Yield each child, each module once."""
        for _, module in self.named_children():
            yield module

    def modules(self, remove_duplicate: bool = True) -> Iterator[Module]:
        """Yield this module and every one below it."""
        for _, module in self.named_modules(remove_duplicate=remove_duplicate):
            yield module

    def get_submodule(self, target: str) -> Module:
        """Return the module at a path such as ``"encoder.0"``; ``AttributeError`` if there is none."""
        module: Any = self
        for name in target.split(".") if target else ():
            if not hasattr(module, name):
                raise AttributeError(f"{type(module).__name__} has no attribute `{name}`")
            module = getattr(module, name)
            if not isinstance(module, Module):
                raise AttributeError(f"`{name}` is not an nn.Module")
        found: Module = module
        return found

    def get_parameter(self, target: str) -> Parameter:
        """Return the Parameter at a path such as ``"encoder.0.weight"``; ``AttributeError`` if there is none."""
        path, _, name = target.rpartition(".")
        module = self.get_submodule(path)
        if not hasattr(module, name):
            raise AttributeError(f"{type(module).__name__} has no attribute `{name}`")
        parameter = getattr(module, name)
        if not isinstance(parameter, Parameter):
            raise AttributeError(f"`{name}` is not an nn.Parameter")
        return parameter

    def get_buffer(self, target: str) -> Tensor:
        """Return the buffer at a path such as ``"norm.running_mean"``; ``AttributeError`` if there is none."""
        path, _, name = target.rpartition(".")
        module = self.get_submodule(path)
        if not hasattr(module, name):
            raise AttributeError(f"{type(module).__name__} has no attribute `{name}`")
        if name not in module._buffers:
            raise AttributeError(f"`{name}` is not a buffer")
        buffer: Tensor = getattr(module, name)
        return buffer

    # ------------------------------------------------------------------ what is done to the whole tree

    def apply(self, fn: Callable[[Module], None]) -> Self:
        """Call ``fn`` on every module below and then on this one; return the module."""
        for module in self.children():
            module.apply(fn)
        fn(self)
        return self

    def train(self, mode: bool = True) -> Self:
        """Set ``training`` on every module of the tree; ``ValueError`` unless ``mode`` is a bool."""
        if not isinstance(mode, bool):
            raise ValueError("training mode is expected to be boolean")
        self.training = mode
        for module in self.children():
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
            if set_to_none or parameter.grad is None:
                parameter.grad = None
            else:
                parameter.grad.requires_grad_(False).zero_()

    def _apply(self, fn: Callable[[Tensor], Tensor]) -> Self:
        """Convert every registered tensor: Parameters stay the same objects, buffers become new ones."""
        for module in self.children():
            module._apply(fn)
        for parameter in self._parameters.values():
            if parameter is not None:
                with no_grad():
                    parameter.data = fn(parameter)
                    if parameter.grad is not None:
                        parameter.grad.data = fn(parameter.grad)
        for name, buffer in self._buffers.items():
            if buffer is not None:
                self._buffers[name] = fn(buffer)
        return self

    def to(self, *args: Any, device: Any = None, dtype: DType | None = None, non_blocking: bool = False) -> Self:
        """Move every registered tensor to a device, and those of floating point to a dtype.

        Plain tensor attributes stay where they are. ``TypeError`` for a dtype that is not floating-point.
        """
        place, kind = parse_to(args, dtype, device)
        if kind is not None and not kind.is_floating_point:
            raise TypeError(f"nn.Module.to only accepts floating point or complex dtypes, but got desired dtype={kind}")
        return self._apply(lambda t: t.to(device=place, dtype=kind if t.is_floating_point() else None))

    def cpu(self) -> Self:
        """Move every registered tensor to host memory."""
        return self._apply(lambda t: t.cpu())

    def type(self, dst_type: DType) -> Self:
        """Convert every registered tensor, integers too."""
        return self._apply(lambda t: t.to(dst_type))

    def float(self) -> Self:
        """Convert the floating-point tensors to ``float32``."""
        return self.to(float32)

    def double(self) -> Self:
        """Convert the floating-point tensors to ``float64``."""
        return self.to(float64)

    def half(self) -> Self:
        """Convert the floating-point tensors to ``float16``."""
        return self.to(float16)

    # ------------------------------------------------------------------ state_dict

    def state_dict(
        self, *, destination: Any = None, prefix: str = "", keep_vars: bool = False
    ) -> OrderedDict[str, Tensor]:
        """Return ``{path: tensor}`` of every Parameter and every persistent buffer, under every name it has.

        The values are the live tensors, detached: they change when the model does. ``keep_vars=True``
        leaves them attached.
        """
        if destination is None:
            destination = OrderedDict()
            destination._metadata = OrderedDict()
        destination._metadata[prefix[:-1]] = {"version": self._version}
        for name, tensor in self._saved_tensors().items():
            destination[prefix + name] = tensor if keep_vars else tensor.detach()
        for name, module in self._modules.items():
            if module is not None:
                module.state_dict(destination=destination, prefix=f"{prefix}{name}.", keep_vars=keep_vars)
        saved: OrderedDict[str, Tensor] = destination
        return saved

    def _saved_tensors(self) -> dict[str, Tensor]:
        """Return the module's own tensors that belong in a checkpoint."""
        kept = {k: b for k, b in self._buffers.items() if k not in self._non_persistent_buffers_set}
        return {name: tensor for name, tensor in {**self._parameters, **kept}.items() if tensor is not None}

    def load_state_dict(
        self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False
    ) -> IncompatibleKeys:
        """Copy the values of a state_dict into the model's tensors, by name.

        With ``assign=True`` the tensors themselves take the place of the model's. Returns the missing and
        the unexpected keys; ``RuntimeError`` that lists them all if ``strict``, and in any case for a wrong
        shape, after the other keys have been loaded. ``TypeError`` if it is no mapping.
        """
        if not isinstance(state_dict, Mapping):
            raise TypeError(f"Expected state_dict to be dict-like, got {type(state_dict)}.")
        state = dict(state_dict)
        metadata = getattr(state_dict, "_metadata", None) or {}
        errors: list[str] = []
        for path, module in self.named_modules(remove_duplicate=False):
            prefix = f"{path}." if path else ""
            module._load_own(state, prefix, metadata.get(path, {}), assign, errors)
        keys = missing_and_unexpected(self, state)
        call_hooks(self, keys)
        if strict:
            errors = incompatible(keys) + errors
        if errors:
            listed = "\n\t".join(errors)
            raise RuntimeError(f"Error(s) in loading state_dict for {type(self).__name__}:\n\t{listed}")
        return keys

    def register_load_state_dict_post_hook(self, hook: Callable[[Module, IncompatibleKeys], None]) -> RemovableHandle:
        """Call ``hook(module, incompatible_keys)`` after loading; it may change the lists of keys in place."""
        hooks = self.__dict__.setdefault("_load_state_dict_post_hooks", [])
        hooks.append(hook)
        return RemovableHandle(hooks, hook)

    def _load_own(
        self, state: dict[str, Any], prefix: str, metadata: dict[str, Any], assign: bool, errors: list[str]
    ) -> None:
        """Load the module's own tensors; a class that changed its state overrides this to read an old one."""
        for name, tensor in self._saved_tensors().items():
            if prefix + name in state:
                copy_into(self, name, tensor, prefix + name, state[prefix + name], assign, errors)

    # ------------------------------------------------------------------ representation

    def extra_repr(self) -> str:
        """Return what stands in the parentheses of the module's own line; a subclass may write its own."""
        return ""

    def _get_name(self) -> str:
        return type(self).__name__

    def __repr__(self) -> str:
        extra = self.extra_repr()
        children = [f"({name}): {_indent(repr(module))}" for name, module in self._modules.items()]
        if not children and "\n" not in extra:
            return f"{self._get_name()}({extra})"
        lines = [*(extra.split("\n") if extra else ()), *children]
        return f"{self._get_name()}(\n  " + "\n  ".join(lines) + "\n)"

    def __dir__(self) -> list[str]:
        names = {*super().__dir__(), *(name for drawer in DRAWERS for name in self.__dict__.get(drawer, ()))}
        return sorted(name for name in names if not name[:1].isdigit())


def _indent(text: str) -> str:
    return text.replace("\n", "\n  ")


def _how_to_assign(drawer: str, name: str) -> str:
    if drawer == "_modules":
        return f"To keep something else there, `del module.{name}` first."
    return (
        f"Wrap the tensor: nn.Parameter(tensor). To change the values and keep the Parameter, write into it: "
        f"`with torch.no_grad(): module.{name}.copy_(tensor)`. To keep a plain tensor, `del module.{name}` first."
    )
