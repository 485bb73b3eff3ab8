"""Containers of Parameters: a list and a dict whose tensors are registered."""

from __future__ import annotations

import operator
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, KeysView, Mapping
from typing import Any, Self

from ..dtypes import CPU
from ..tensor import Tensor, typename
from .containers import pairs
from .module import Module
from .parameter import Parameter


class ParameterList(Module):
    """A list whose tensors are registered as Parameters, under the names ``"0"``, ``"1"``, ….

    A plain tensor is wrapped in a Parameter; anything else is kept as it is, as an ordinary attribute.
    """

    def __init__(self, values: Iterable[Any] | None = None) -> None:
        super().__init__()
        self._size = 0
        if values is not None:
            self += values

    def append(self, value: Any) -> Self:
        """Add a value at the end and return the list."""
        self._size += 1
        self[len(self) - 1] = value
        return self

    def extend(self, values: Iterable[Any]) -> Self:
        """Add several values at the end and return the list; ``TypeError`` if they are not iterable, or a tensor."""
        if not isinstance(values, Iterable) or isinstance(values, Tensor):
            raise TypeError(
                f"ParameterList.extend should be called with an iterable, but got {type(values).__name__}. "
                "To add one tensor, append() it."
            )
        for value in list(values) if values is self else values:
            self.append(value)
        return self

    def _name_at(self, index: int) -> str:
        """Return the name of the value at ``index``; a negative index counts from the end."""
        length, wanted = len(self), operator.index(index)
        if not -length <= wanted < length:
            raise IndexError(f"index {wanted} is out of range")
        return str(wanted % length)

    def __getitem__(self, idx: int | slice) -> Any:
        if isinstance(idx, slice):
            return type(self)([self[i] for i in range(len(self))[idx]])
        return getattr(self, self._name_at(idx))

    def __setitem__(self, idx: int, param: Any) -> None:
        setattr(self, self._name_at(idx), _registrable(param))

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[Any]:
        return iter(self[i] for i in range(len(self)))

    def __iadd__(self, parameters: Iterable[Any]) -> Self:
        return self.extend(parameters)

    def extra_repr(self) -> str:
        """Return a line for each value."""
        return "\n".join(f"  ({i}): {_described(value, _dtype)}" for i, value in enumerate(self))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Refuse: a list of Parameters has no ``forward``."""
        raise RuntimeError("ParameterList should not be called.")


class ParameterDict(Module):
    """A dict whose tensors are registered as Parameters, under its keys.

    A plain tensor is wrapped in a Parameter; anything else is kept as it is, as an ordinary attribute. The
    items of a plain dict are added in the order of their keys, those of an OrderedDict in its own order.
    """

    def __init__(self, parameters: Any = None) -> None:
        super().__init__()
        self._keys: dict[str, None] = {}
        if parameters is not None:
            self.update(parameters)

    def update(self, parameters: Any) -> None:
        """Add or replace several values; ``TypeError`` or ``ValueError`` if they are not given with their keys."""
        if isinstance(parameters, OrderedDict | ParameterDict):
            parameters = parameters.items()
        elif isinstance(parameters, Mapping):
            parameters = sorted(parameters.items())
        for key, value in pairs("ParameterDict", parameters):
            self[key] = value

    def __getitem__(self, key: str) -> Any:
        return getattr(self, self._name_of(key))

    def __setitem__(self, key: str, value: Any) -> None:
        self._keys[key] = None
        setattr(self, self._name_of(key), _registrable(value))

    def __delitem__(self, key: str) -> None:
        del self._keys[key]
        delattr(self, self._name_of(key))

    def _name_of(self, key: Any) -> str:
        if not isinstance(key, str):
            raise TypeError(
                "Index given to ParameterDict cannot be used as a key as it is not a string (type is "
                f"'{type(key).__name__}'). Keys become names of attributes: write str(key)."
            )
        return key

    def __len__(self) -> int:
        return len(self._keys)

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __reversed__(self) -> Iterator[str]:
        return reversed(self._keys)

    def __contains__(self, key: str) -> bool:
        return key in self._keys

    def copy(self) -> ParameterDict:
        """Return a new dict with the same Parameters."""
        return ParameterDict(OrderedDict(self.items()))

    def setdefault(self, key: str, default: Any = None) -> Any:
        """Return the value of ``key``; if there is none, add ``default`` first."""
        if key not in self:
            self[key] = default
        return self[key]

    def clear(self) -> None:
        """Remove all items."""
        for key in list(self._keys):
            del self[key]

    def pop(self, key: str) -> Any:
        """Remove a value and return it; ``AttributeError`` if there is none."""
        value = self[key]
        del self[key]
        return value

    def popitem(self) -> tuple[str, Any]:
        """Remove the last item and return its key and value; ``KeyError`` if there is none."""
        if not self._keys:
            raise KeyError("popitem(): dictionary is empty")
        key = next(reversed(self._keys))
        return key, self.pop(key)

    def get(self, key: str, default: Any = None) -> Any:
        """Return the value of ``key``, or ``default`` if there is none."""
        return self[key] if key in self else default  # noqa: SIM401 - this is get

    def fromkeys(self, keys: Iterable[str], default: Any = None) -> ParameterDict:
        """Return a new dict with these keys, and one value for all."""
        return ParameterDict((key, default) for key in keys)

    def keys(self) -> KeysView[str]:
        """Return the keys."""
        return self._keys.keys()

    def items(self) -> Iterable[tuple[str, Any]]:
        """Return the keys with the values."""
        return ((key, self[key]) for key in self._keys)

    def values(self) -> Iterable[Any]:
        """Return the values."""
        return (self[key] for key in self._keys)

    def extra_repr(self) -> str:
        """Return a line for each item."""
        return "\n".join(f"  ({key}): {_described(value, typename)}" for key, value in self.items())

    def __call__(self, input: Any) -> Any:
        """Refuse: a dict of Parameters has no ``forward``."""
        raise RuntimeError("ParameterDict should not be called.")

    def __or__(self, other: ParameterDict) -> ParameterDict:
        joined = self.copy()
        joined.update(other)
        return joined

    def __ror__(self, other: ParameterDict) -> ParameterDict:
        joined = other.copy()
        joined.update(self)
        return joined

    def __ior__(self, other: ParameterDict) -> Self:
        self.update(other)
        return self


def _registrable(value: Any) -> Any:
    """Return a plain tensor as a Parameter, anything else as it is."""
    return Parameter(value) if isinstance(value, Tensor) and not isinstance(value, Parameter) else value


def _dtype(value: Tensor) -> str:
    return str(value.dtype)


def _described(value: Any, kind_of: Callable[[Any], str]) -> str:
    """Return a value as a container prints it: a tensor's kind, type and shape, the class of anything else.

    The type is ``torch.float32`` in a ParameterList and ``torch.FloatTensor`` in a ParameterDict, as in PyTorch.
    """
    if not isinstance(value, Tensor):
        return f"Object of type: {type(value).__name__}"
    kind = "Parameter" if isinstance(value, Parameter) else "Tensor"
    size = "x".join(str(length) for length in value.shape)
    place = f" ({value.device})" if value.device.type not in (CPU.type, "meta") else ""
    return f"{kind} containing: [{kind_of(value)} of size {size}{place}]"
