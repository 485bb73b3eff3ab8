"""Walking the tree: which modules, Parameters and buffers there are, and what is found under a path."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from ..tensor import Tensor
from .parameter import Parameter

if TYPE_CHECKING:
    from .module import Module


class Tree:
    """What a Module answers when it is asked for what is in it; ``Module`` itself is in ``module.py``."""

    _parameters: dict[str, Parameter | None]
    _buffers: dict[str, Tensor | None]
    _modules: dict[str, Module | None]

    def named_modules(
        self: Any, memo: set[Module] | None = None, prefix: str = "", remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Module]]:
        """Walk the tree from this module down and yield ``(path, module)``, each module once."""
        memo = set() if memo is None else memo
        seen = memo if remove_duplicate else set()
        if self in memo:
            return
        seen.add(self)
        yield prefix, self
        start = f"{prefix}." if prefix else ""
        for name, module in self._modules.items():
            if module is not None and module._modules:
                yield from module.named_modules(memo, start + name, remove_duplicate)
            elif module is not None and module not in memo:  # a leaf, as most are: it needs no walk of its own
                seen.add(module)
                yield start + name, module

    def named_parameters(
        self: Any, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
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

    # the same walk over another dict; written out, for a learner builds the one without the other
    def named_buffers(
        self: Any, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Tensor]]:
        """Yield ``(path, buffer)`` for every buffer of the tree, a shared one once."""
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

    def apply(self: Any, fn: Callable[[Module], None]) -> Any:
        """Call ``fn`` on every module below and then on this one; return the module."""
        for module in self.children():
            module.apply(fn)
        fn(self)
        return self

    # ------------------------------------------------------------------ by path

    def get_submodule(self, target: str) -> Module:
        """Return the module at a path such as ``"encoder.0"``; ``AttributeError`` if there is none."""
        module: Any = self
        for name in target.split(".") if target else ():
            module = _attribute(module, name)
            if not isinstance(module, Tree):
                raise AttributeError(f"`{name}` is not an nn.Module")
        found: Module = module
        return found

    def set_submodule(self, target: str, module: Module, strict: bool = False) -> None:
        """Put a module in the place of the one at a path such as ``"encoder.0"``.

        ``strict=True`` refuses to add a new name. ``ValueError`` without a path or for what is no module,
        ``AttributeError`` if the path leads nowhere, or to something that is no module.
        """
        if target == "":
            raise ValueError("Cannot set the submodule without a target name!")
        if not isinstance(module, Tree):
            raise ValueError(f"`module` is not an nn.Module, found {type(module)}")
        path, _, name = target.rpartition(".")
        parent = self.get_submodule(path)
        if (strict or hasattr(parent, name)) and not isinstance(_attribute(parent, name), Tree):
            raise AttributeError(f"`{name}` is not an nn.Module")
        setattr(parent, name, module)

    def get_parameter(self, target: str) -> Parameter:
        """Return the Parameter at a path such as ``"encoder.0.weight"``; ``AttributeError`` if there is none."""
        path, _, name = target.rpartition(".")
        parameter = _attribute(self.get_submodule(path), name)
        if not isinstance(parameter, Parameter):
            raise AttributeError(f"`{name}` is not an nn.Parameter")
        return parameter

    def get_buffer(self, target: str) -> Tensor:
        """Return the buffer at a path such as ``"norm.running_mean"``; ``AttributeError`` if there is none."""
        path, _, name = target.rpartition(".")
        module = self.get_submodule(path)
        buffer: Tensor = _attribute(module, name)
        if name not in module._buffers:
            raise AttributeError(f"`{name}` is not a buffer")
        return buffer


def _attribute(module: Any, name: str) -> Any:
    if not hasattr(module, name):
        raise AttributeError(f"{module._get_name()} has no attribute `{name}`")
    return getattr(module, name)
