"""A tensor where Python or NumPy expects something else: a number, a sequence, an array, a thing to copy."""

from __future__ import annotations

import copy
import sys
import warnings
from collections.abc import Iterator
from numbers import Number
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from ..autograd import Array
from ..autograd.grad_mode import mode
from ..dtypes import CPU, META, as_device
from ..dtypes import device as Device
from ..meta import NO_DATA

# Attributes that are copied by a copy of their own, or belong to the graph; any other one is the user's.
_OWN = {"_grad", "_base_node", "_refusal", "_hooks", "_hooks_after", "_retains_grad"}

_told: list[bool] = []  # whether the warning of _warn_of_number was given
_PACKAGE = __name__.partition(".")[0] + "."


class Protocols:
    """The tensor itself is in ``tensor.py``."""

    def item(self: Any) -> Any:
        """Return the only element as a Python number; ``RuntimeError`` if there are more."""
        if self._array.size != 1:
            raise RuntimeError(f"a Tensor with {self._array.size} elements cannot be converted to Scalar")
        if self._device is META:
            raise RuntimeError("Tensor.item() cannot be called on meta tensors: they have a shape and no values.")
        return self._array.item()

    def tolist(self: Any) -> Any:
        """Return the elements as nested lists, a scalar as a number."""
        if self._device is META:
            raise NotImplementedError(NO_DATA)
        return self._array.tolist()

    def numpy(self: Any, *, force: bool = False) -> Any:
        """Return the values as a NumPy array that shares memory with the tensor.

        ``force`` stands for ``t.detach().cpu().numpy()``. ``RuntimeError`` for a tensor that requires a gradient,
        ``TypeError`` for one of another device.
        """
        if force:
            return self.detach().cpu().numpy()
        if self.requires_grad:
            raise RuntimeError("Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.")
        if self._device is not CPU:
            raise TypeError(
                f"can't convert {self._device} device type tensor to numpy. Use Tensor.cpu() to copy the tensor to "
                "host memory first."
            )
        return self._array

    def __array__(self: Any, dtype: Any = None, copy: bool | None = None) -> Any:
        array = self.numpy()
        if dtype is None or array.dtype == dtype:
            return array.copy() if copy else array  # np.array(t) asks for a copy, np.asarray(t) for none
        return array.astype(dtype)

    def __array_wrap__(self: Any, array: Any, context: Any = None, return_scalar: bool = False) -> Any:
        from ..creation import from_numpy  # what NumPy's functions make of a tensor is a tensor: np.sqrt(t)

        return from_numpy(array.astype(np.uint8) if array.dtype == bool else array)  # PyTorch's, from before its bool

    def __len__(self: Any) -> int:
        if self._array.ndim == 0:
            raise TypeError("len() of a 0-d tensor")
        return len(self._array)

    def __iter__(self: Any) -> Iterator[Any]:
        if self._array.ndim == 0:
            raise TypeError("iteration over a 0-d tensor")
        return iter(self.unbind(0))

    def __reversed__(self: Any) -> Any:
        return self.flip(0) if self._array.ndim else self

    def __bool__(self: Any) -> bool:
        if self._array.size > 1:
            raise RuntimeError(
                "Boolean value of Tensor with more than one value is ambiguous. Use .any() or .all() to say which."
            )
        if self._array.size == 0:
            raise RuntimeError("Boolean value of Tensor with no values is ambiguous")
        return bool(self.item())

    def __float__(self: Any) -> float:
        self._warn_of_number()
        return float(self._number())

    def __int__(self: Any) -> int:
        return int(self._number())

    def _number(self: Any) -> Any:
        if self._array.size != 1:
            raise ValueError("only one element tensors can be converted to Python scalars")
        return self.item()

    def _warn_of_number(self: Any) -> None:
        """Warn, once in a process, that a number made of a tensor that is followed has no gradient."""
        if _told or not (mode.enabled and self.requires_grad):
            return
        _told.append(True)
        frame, level = sys._getframe(), 1
        while frame.f_back is not None and str(frame.f_globals.get("__name__")).startswith(_PACKAGE):
            frame, level = frame.f_back, level + 1
        warnings.warn(
            "Converting a tensor with requires_grad=True to a scalar may lead to unexpected behavior.\nConsider using "
            "tensor.detach() first. A number has no gradient: x.item() asks for one without this warning.",
            UserWarning,
            stacklevel=level,
        )

    def __index__(self: Any) -> int:
        if self._array.size != 1 or self._array.dtype.kind not in "iub":
            raise TypeError("only integer tensors of a single element can be converted to an index")
        return int(self._array.item())

    def __format__(self: Any, spec: str) -> str:
        from ..tensor import Tensor

        is_number = self._array.ndim == 0 and type(self) is Tensor and self._device is not META
        return format(self.item(), spec) if is_number else object.__format__(self, spec)

    def __contains__(self: Any, element: Any) -> bool:
        if self._device is META:
            raise RuntimeError("Tensor.item() cannot be called on meta tensors: they have a shape and no values.")
        value = element._array if hasattr(element, "_array") else element
        if not isinstance(value, Number | np.generic | np.ndarray):
            raise RuntimeError(
                f"Tensor.__contains__ only supports Tensor or scalar, but you passed in a {type(element)}."
            )
        return bool((self._array == value).any())

    # ------------------------------------------------------------------ copying and pickling

    def __deepcopy__(self: Any, memo: dict[int, Any]) -> Any:
        if self._node is not None:
            raise RuntimeError(
                "Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol at the "
                "moment. If you were attempting to deepcopy a module, this may be because of a tensor kept as an "
                "attribute that a forward pass computed: keep x.detach() instead."
            )
        twin = type(self)._from_array(_copy_of(self._array, memo))
        memo[id(self)] = twin
        twin._device = self._device
        twin._requires_grad = self._requires_grad
        twin._grad = copy.deepcopy(self._grad, memo)
        twin.__dict__.update(copy.deepcopy(self._user_attributes(), memo))
        return twin

    def _user_attributes(self: Any) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name not in _OWN}

    def __reduce__(self: Any) -> tuple[Any, ...]:
        for hook in self._hooks.values() if self._hooks else ():
            warnings.warn(
                f"backward hook {hook!r} on tensor will not be serialized. Register it again after loading.",
                UserWarning,
                stacklevel=2,
            )
        return _rebuild, (type(self), self._array, self._device, self._requires_grad, self._user_attributes())


def _copy_of(array: Array, memo: dict[int, Any]) -> Array:
    """Copy the memory that an array looks at, all of it and once for a ``memo``: what is shared is so in the copy."""
    owner = array
    while isinstance(owner.base, np.ndarray):
        owner = owner.base
    if type(array) is not np.ndarray or array.dtype != owner.dtype:
        return array.copy(order="K")
    if id(owner) not in memo:
        memo[id(owner)] = owner.copy(order="K")
        memo.setdefault(id(memo), []).append(owner)  # keeps the id in use; this is where copy.deepcopy keeps such too
    twin: Array = memo[id(owner)]
    if twin.strides != owner.strides:  # the owner has gaps, which the copy has not
        return array.copy(order="K")
    first = (array.ctypes.data - owner.ctypes.data) // array.itemsize if array.size else 0
    memory = twin.reshape(-1, order="A")[first:]
    return twin if array is owner else as_strided(memory, array.shape, array.strides, writeable=array.flags.writeable)


def _rebuild(cls: Any, array: Array, place: Device, requires_grad: bool, attributes: dict[str, Any]) -> Any:
    tensor = cls._from_array(array)
    tensor._device = as_device(place)
    tensor._requires_grad = requires_grad
    tensor.__dict__.update(attributes)
    return tensor
