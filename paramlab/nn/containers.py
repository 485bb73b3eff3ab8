"""Containers: modules that hold modules, so that none of them hides in a plain list."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .module import Module


class Sequential(Module):
    """Modules one after the other: each gets what the one before it returned.

    Made of modules (their names are ``"0"``, ``"1"``, …) or of one ordered dict of named modules.
    """

    def __init__(self, *args: Any) -> None:
        super().__init__()
        named = args[0].items() if len(args) == 1 and isinstance(args[0], dict) else enumerate(args)
        for name, module in named:
            self.add_module(str(name), module)

    def forward(self, input: Any) -> Any:
        """Return the input after every module in turn."""
        for module in self:
            input = module(input)
        return input

    def _name_at(self, index: int) -> str:
        length = len(self)
        if not -length <= index < length:
            raise IndexError(f"index {index} is out of range")
        return list(self._modules)[index % length]

    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return type(self)(dict(list(self._modules.items())[index]))
        return self._modules[self._name_at(index)]

    def __setitem__(self, index: int, module: Module) -> None:
        setattr(self, self._name_at(index), module)

    def __delitem__(self, index: int | slice) -> None:
        names = list(self._modules)[index] if isinstance(index, slice) else [self._name_at(index)]
        for name in names:
            delattr(self, name)
        kept = list(self._modules.values())
        self._modules.clear()  # the names count from 0 again
        self._modules.update({str(i): module for i, module in enumerate(kept)})

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._modules.values())

    def append(self, module: Module) -> Sequential:
        """Add a module at the end and return the container."""
        self.add_module(str(len(self)), module)
        return self
