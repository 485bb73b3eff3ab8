"""Containers: modules that hold modules, so that none of them hides in a plain list."""

from __future__ import annotations

import operator
from collections import OrderedDict
from collections.abc import ItemsView, Iterable, Iterator, KeysView, Mapping, ValuesView
from itertools import chain
from typing import Any, Self

from .module import Module, indent


class _Numbered(Module):
    """Modules under the names ``"0"``, ``"1"``, …: what a Sequential and a ModuleList have in common."""

    def _name_at(self, index: int) -> str:
        """Return the name of the module at ``index``; a negative index counts from the end."""
        length, wanted = len(self), operator.index(index)
        if not -length <= wanted < length:
            raise IndexError(f"index {wanted} is out of range")
        return list(self._modules)[wanted]

    def __setitem__(self, idx: int, module: Module) -> None:
        setattr(self, self._name_at(idx), module)

    def __delitem__(self, idx: int | slice) -> None:
        for name in list(self._modules)[idx] if isinstance(idx, slice) else [self._name_at(idx)]:
            delattr(self, name)
        kept = list(self._modules.values())
        self._modules.clear()  # the names count from 0 again
        self._modules.update({str(i): module for i, module in enumerate(kept)})

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._modules.values())

    def __getitem__(self, idx: Any) -> Any:
        raise NotImplementedError

    def append(self, module: Module) -> Self:
        """Add a module at the end and return the container."""
        self.add_module(str(len(self._modules)), module)
        return self

    def extend(self, modules: Iterable[Module]) -> Self:
        """Add several modules at the end and return the container."""
        for module in modules:
            self.append(module)
        return self

    def pop(self, key: int | slice) -> Any:
        """Remove the module at an index and return it; for a slice, a container of several."""
        taken = self[key]
        del self[key]
        return taken

    def _insert(self, index: int, module: Module) -> None:
        for i in range(len(self), index, -1):
            self._modules[str(i)] = self._modules[str(i - 1)]
        self._modules[str(index)] = module


class Sequential(_Numbered):
    """Modules one after the other: each gets what the one before it returned.

    Made of modules (their names are ``"0"``, ``"1"``, …) or of one OrderedDict of named modules. A slice of
    it is a Sequential too; ``+`` joins two, ``* 3`` repeats one, its modules shared.
    """

    def __init__(self, *args: Any) -> None:
        super().__init__()
        if len(args) == 1 and isinstance(args[0], OrderedDict):
            for name, module in args[0].items():
                self.add_module(name, module)
        else:
            self.extend(args)

    def forward(self, input: Any) -> Any:
        """Return the input after every module in turn."""
        for module in self:
            input = module(input)
        return input

    def __getitem__(self, idx: int | slice) -> Any:
        if isinstance(idx, slice):
            return type(self)(OrderedDict(list(self._modules.items())[idx]))
        return self._modules[self._name_at(idx)]

    def insert(self, index: int, module: Module) -> Self:
        """Put a module before the one at ``index``, whose name and those after it count one up; return the container.

        ``IndexError`` beyond the ends.
        """
        if not isinstance(module, Module):
            raise AssertionError(f"module should be of type: {Module}")
        length = len(self)
        if not -length <= index <= length:
            raise IndexError(f"Index out of range: {index}")
        self._insert(index + length if index < 0 else index, module)
        return self

    def __add__(self, other: Sequential) -> Sequential:
        return Sequential(*self, *_sequential(other))

    def __iadd__(self, other: Sequential) -> Self:
        return self.extend(list(_sequential(other)))

    def __mul__(self, other: int) -> Sequential:
        return Sequential(*list(self) * self._times(other))

    def __rmul__(self, other: int) -> Sequential:
        return self * other

    def __imul__(self, other: int) -> Self:
        return self.extend(list(self) * (self._times(other) - 1))

    def _times(self, factor: Any) -> int:
        if not isinstance(factor, int):
            raise TypeError(f"unsupported operand type(s) for *: {type(self)} and {type(factor)}")
        if factor <= 0:
            raise ValueError(f"Non-positive multiplication factor {factor} for {type(self)}")
        return factor


def _sequential(other: Any) -> Sequential:
    if not isinstance(other, Sequential):
        raise ValueError(f"add operator supports only objects of Sequential class, but {type(other)} is given.")
    return other


class ModuleList(_Numbered):
    """A list whose modules are registered, under the names ``"0"``, ``"1"``, …; it has no ``forward``."""

    def __init__(self, modules: Iterable[Module] | None = None) -> None:
        super().__init__()
        if modules is not None:
            self += modules

    def __getitem__(self, idx: int | slice) -> Any:
        if isinstance(idx, slice):
            return type(self)(list(self)[idx])
        return self._modules[self._name_at(idx)]

    def extend(self, modules: Iterable[Module]) -> Self:
        """Add several modules at the end and return the list; ``TypeError`` if they are not iterable."""
        if not isinstance(modules, Iterable):
            raise TypeError(
                f"ModuleList.extend should be called with an iterable, but got {type(modules).__name__}. "
                "To add one module, append() it."
            )
        return super().extend(list(modules) if modules is self else modules)

    def insert(self, index: int, module: Module) -> None:
        """Put a module before the one at ``index``; the names of those after it count one up."""
        self._insert(index, module)

    def __add__(self, other: Iterable[Module]) -> ModuleList:
        return ModuleList(chain(self, other))

    def __iadd__(self, modules: Iterable[Module]) -> Self:
        return self.extend(modules)

    def __repr__(self) -> str:
        """Print equal modules in a row as one: ``(0-2): 3 x Linear(…)``."""
        runs: list[tuple[int, str]] = []  # where each run starts, and how its modules print
        for i, module in enumerate(self):
            text = repr(module)
            if not runs or runs[-1][1] != text:
                runs.append((i, text))
        if not runs:
            return f"{self._get_name()}()"
        lines = []
        for (start, text), end in zip(runs, [*(start for start, _ in runs[1:]), len(self)], strict=True):
            label = f"({start}): " if end - start == 1 else f"({start}-{end - 1}): {end - start} x "
            lines.append(indent(label + text))
        return f"{self._get_name()}(\n  " + "\n  ".join(lines) + "\n)"


class ModuleDict(Module):
    """A dict whose modules are registered under its keys; it has no ``forward``."""

    def __init__(self, modules: Mapping[str, Module] | None = None) -> None:
        super().__init__()
        if modules is not None:
            self.update(modules)

    def update(self, modules: Mapping[str, Module] | Iterable[tuple[str, Module]]) -> None:
        """Add or replace several modules; ``TypeError`` or ``ValueError`` if they are not given with their names."""
        if isinstance(modules, ModuleDict | Mapping):
            modules = modules.items()
        for name, module in pairs("ModuleDict", modules):
            self[name] = module

    def keys(self) -> KeysView[str]:
        """Return the names."""
        return self._modules.keys()

    def values(self) -> ValuesView[Any]:
        """Return the modules."""
        return self._modules.values()

    def items(self) -> ItemsView[str, Any]:
        """Return the names with the modules."""
        return self._modules.items()

    def pop(self, key: str) -> Any:
        """Remove a module and return it."""
        return self._modules.pop(key)

    def clear(self) -> None:
        """Remove all modules."""
        self._modules.clear()

    def __getitem__(self, key: str) -> Any:
        return self._modules[key]

    def __setitem__(self, key: str, module: Module) -> None:
        self.add_module(key, module)

    def __delitem__(self, key: str) -> None:
        del self._modules[key]

    def __contains__(self, key: str) -> bool:
        return key in self._modules

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)


def pairs(container: str, items: Any) -> Iterator[tuple[str, Any]]:
    """Yield the pairs of an iterable; ``TypeError`` or ``ValueError`` that names the first that is none."""
    if not isinstance(items, Iterable):
        name = "ParametersDict" if container == "ParameterDict" else container  # as PyTorch spells it here
        raise TypeError(
            f"{name}.update should be called with an iterable of key/value pairs, but got {type(items).__name__}"
        )
    for number, pair in enumerate(items):
        if not isinstance(pair, Iterable):
            raise TypeError(
                f"{container} update sequence element #{number} should be Iterable; is{type(pair).__name__}"
            )
        if len(pair) != 2:  # type: ignore[arg-type]
            raise ValueError(f"{container} update sequence element #{number} has length {len(pair)}; 2 is required")  # type: ignore[arg-type]
        yield tuple(pair)
