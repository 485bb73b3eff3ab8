"""New tensors after the model of another: of its shape (``zeros_like``), or of its type (``new_zeros``)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..autograd import Array
from ..dtypes import META, as_device, fitting
from ..dtypes import dtype as DType
from ..meta import shape_only
from ..ops.complaints import explained
from ..ops.operands import Number
from ..tensor import Tensor
from . import as_dtype, full, laid_out, made, shape_of, tensor


def zeros_like(
    input: Tensor,
    *,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
    memory_format: Any = None,
) -> Tensor:
    """Return zeros of the shape, the type and the device of ``input``."""
    return _like("zeros_like", np.zeros_like, input, dtype, device, requires_grad)


def ones_like(
    input: Tensor,
    *,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
    memory_format: Any = None,
) -> Tensor:
    """Return ones of the shape, the type and the device of ``input``."""
    return _like("ones_like", np.ones_like, input, dtype, device, requires_grad)


def empty_like(
    input: Tensor,
    *,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
    memory_format: Any = None,
) -> Tensor:
    """Return an unfilled tensor of the shape, the type and the device of ``input``."""
    return _like("empty_like", np.empty_like, input, dtype, device, requires_grad)


@explained
def full_like(
    input: Tensor,
    fill_value: Number,
    *,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
    memory_format: Any = None,
) -> Tensor:
    """Return one value in the shape, the type and on the device of ``input``."""

    def filled(array: Array, kind: np.dtype[Any]) -> Array:
        number: Any = fill_value.item() if isinstance(fill_value, Tensor) else fill_value
        return np.full_like(array, np.asarray(fitting(number, DType.of(kind))).astype(kind), kind)

    return _like("full_like", filled, input, dtype, device, requires_grad)


def _like(name: str, make: Callable[..., Array], input: Tensor, dtype: Any, device: Any, requires_grad: bool) -> Tensor:
    if not isinstance(input, Tensor):
        raise TypeError(f"{name}(): argument 'input' (position 1) must be Tensor, not {type(input).__name__}")
    kind = input.dtype if dtype is None else as_dtype(name, dtype)
    place = as_device(input.device if device is None else device)
    alike = input._array
    if (place is META) != input.is_meta:  # shaped alike, but of another kind of array
        alike = shape_only(alike.shape, alike.dtype) if place is META else np.empty(alike.shape, alike.dtype)
    return made(make(alike, kind.numpy), place, requires_grad)


# ------------------------------------------------------------------ methods


def new_tensor(
    self: Tensor, data: Any, *, dtype: DType | None = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Return a tensor with a copy of ``data``, of this one's type and on its device."""
    return tensor(data, dtype=dtype or self.dtype, device=device or self.device, requires_grad=requires_grad)


def new_zeros(
    self: Tensor,
    *sizes: Any,
    size: Any = None,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return zeros of this tensor's type and on its device."""
    return _new(np.zeros, "new_zeros", self, (sizes, size), dtype, device, requires_grad)


def new_ones(
    self: Tensor,
    *sizes: Any,
    size: Any = None,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return ones of this tensor's type and on its device."""
    return _new(np.ones, "new_ones", self, (sizes, size), dtype, device, requires_grad)


def new_empty(
    self: Tensor,
    *sizes: Any,
    size: Any = None,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return an unfilled tensor of this tensor's type and on its device."""
    return _new(np.empty, "new_empty", self, (sizes, size), dtype, device, requires_grad)


def new_full(
    self: Tensor,
    size: Sequence[int],
    fill_value: Any,
    *,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return a tensor filled with one value, of this tensor's type and on its device."""
    kind, place = dtype or self.dtype, device or self.device
    return full(size, fill_value, dtype=kind, device=place, requires_grad=requires_grad)


def _new(
    make: Callable[..., Array], name: str, self: Tensor, size: tuple[Any, Any], dtype: Any, device: Any, grad: bool
) -> Tensor:
    kind = self.dtype if dtype is None else as_dtype(name, dtype)
    return laid_out(make, shape_of(name, *size), kind, self.device if device is None else device, grad)
