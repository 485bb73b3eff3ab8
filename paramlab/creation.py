"""New tensors: of data, filled, counted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .autograd import Array
from .tensor import Tensor, wrap
from .types import CPU, Size, as_device, device, dtype, get_default_dtype

Number = int | float | bool


def tensor(data: Any, *, dtype: dtype | None = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Return a new tensor with a copy of ``data``: numbers, nested sequences, an array or a tensor.

    Floats become the default type, ints ``int64``, bools ``bool``. ``TypeError`` for anything that is
    no number, ``ValueError`` for rows of different lengths.
    """
    array = _array_of(data, dtype)
    made = wrap(array, CPU if device is None else as_device(device))
    if requires_grad:
        made.requires_grad = True
    return made


def _array_of(data: Any, kind: dtype | None) -> Array:
    if isinstance(data, Tensor):
        return np.array(data._array, dtype=None if kind is None else kind.numpy)
    if isinstance(data, np.ndarray | np.generic):
        dtype.of(data.dtype)
        return np.array(data, dtype=None if kind is None else kind.numpy)
    if isinstance(data, str | bytes) or not isinstance(data, int | float | Sequence):
        raise TypeError(f"new(): invalid data type '{type(data).__name__}'. Give numbers, or nested lists of numbers.")
    array = _array_of_sequence(data)
    if kind is not None:
        return np.asarray(array, dtype=kind.numpy)
    if array.dtype.kind == "f" and not _holds_arrays(data):
        return array.astype(get_default_dtype().numpy)
    dtype.of(array.dtype)
    return array


def _array_of_sequence(data: Any) -> Array:
    plain = _without_tensors(data)
    try:
        return np.array(plain)
    except ValueError as error:
        raise ValueError(_ragged(plain)) from error


def _without_tensors(data: Any) -> Any:
    if isinstance(data, Tensor):
        return data._array.item() if data._array.ndim == 0 else data._array
    return [_without_tensors(item) for item in data] if isinstance(data, list | tuple) else data


def _holds_arrays(data: Any) -> bool:
    first = data
    while isinstance(first, list | tuple) and first:
        first = first[0]
    return isinstance(first, np.ndarray | np.generic)


def _ragged(data: Any, dim: int = 0) -> str:
    """Say where the first row of another length is, in PyTorch's words."""
    lengths = [len(row) if isinstance(row, list | np.ndarray) else 0 for row in data]
    if len(set(lengths)) > 1:
        odd = next(length for length in lengths if length != lengths[0])
        return f"expected sequence of length {lengths[0]} at dim {dim + 1} (got {odd})"
    return _ragged(data[0], dim + 1) if lengths and lengths[0] else "could not read the data as numbers"


def legacy_array(data: tuple[Any, ...]) -> Array:
    """Read the arguments of ``torch.Tensor(...)``: sizes, or data in the default type."""
    kind = get_default_dtype().numpy
    if len(data) == 1 and isinstance(data[0], Size):
        return np.zeros(data[0], kind)
    if len(data) == 1 and not isinstance(data[0], int):
        return np.array(_array_of(data[0], None), dtype=kind)
    return np.zeros(data if data else 0, kind)


# ------------------------------------------------------------------ filled


def _size(sizes: tuple[Any, ...]) -> tuple[int, ...]:
    if len(sizes) == 1 and isinstance(sizes[0], tuple | list):
        sizes = tuple(sizes[0])
    wanted = tuple(int(n) for n in sizes)
    for n in wanted:
        if n < 0:
            raise RuntimeError(f"Trying to create tensor with negative dimension {n}: {list(wanted)}")
    return wanted


def _made(array: Array, place: Any, requires_grad: bool) -> Tensor:
    made = wrap(array, CPU if place is None else as_device(place))
    if requires_grad:
        made.requires_grad = True
    return made


def _numpy(kind: dtype | None) -> Any:
    return (kind or get_default_dtype()).numpy


def zeros(*size: Any, dtype: dtype | None = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Return a tensor of zeros."""
    return _made(np.zeros(_size(size), _numpy(dtype)), device, requires_grad)


def ones(*size: Any, dtype: dtype | None = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Return a tensor of ones."""
    return _made(np.ones(_size(size), _numpy(dtype)), device, requires_grad)


def empty(*size: Any, dtype: dtype | None = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Return a tensor whose values are whatever was in memory."""
    return _made(np.empty(_size(size), _numpy(dtype)), device, requires_grad)


def full(
    size: Sequence[int],
    fill_value: Number,
    *,
    dtype: dtype | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return a tensor filled with one value, of the value's own type unless ``dtype`` says otherwise."""
    kind = _array_of(fill_value, dtype).dtype
    return _made(np.full(_size((size,)), fill_value, kind), device, requires_grad)


def zeros_like(input: Tensor, *, dtype: dtype | None = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Return zeros of the shape, the type and the device of ``input``."""
    return zeros(input.shape, dtype=dtype or input.dtype, device=device or input.device, requires_grad=requires_grad)


def ones_like(input: Tensor, *, dtype: dtype | None = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Return ones of the shape, the type and the device of ``input``."""
    return ones(input.shape, dtype=dtype or input.dtype, device=device or input.device, requires_grad=requires_grad)


def empty_like(input: Tensor, *, dtype: dtype | None = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Return an unfilled tensor of the shape, the type and the device of ``input``."""
    return empty(input.shape, dtype=dtype or input.dtype, device=device or input.device, requires_grad=requires_grad)


def full_like(
    input: Tensor,
    fill_value: Number,
    *,
    dtype: dtype | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return one value in the shape, the type and on the device of ``input``."""
    return full(
        input.shape, fill_value, dtype=dtype or input.dtype, device=device or input.device, requires_grad=requires_grad
    )


def eye(
    n: int, m: int | None = None, *, dtype: dtype | None = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Return a matrix with ones on the diagonal."""
    return _made(np.eye(n, m, dtype=_numpy(dtype)), device, requires_grad)


# ------------------------------------------------------------------ counted


def arange(
    start: Number,
    end: Number | None = None,
    step: Number = 1,
    *,
    dtype: dtype | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return ``start, start + step, …`` up to ``end``, which is left out; ``int64`` for whole numbers."""
    if end is None:
        start, end = 0, start
    whole = all(isinstance(n, int) for n in (start, end, step))
    if step == 0:
        raise RuntimeError("step must be nonzero")
    if (end - start) * step < 0:
        raise RuntimeError("upper bound and lower bound inconsistent with step sign")
    kind = dtype.numpy if dtype is not None else np.dtype(np.int64) if whole else _numpy(None)
    return _made(np.arange(start, end, step).astype(kind), device, requires_grad)


def linspace(
    start: Number,
    end: Number,
    steps: int,
    *,
    dtype: dtype | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return ``steps`` values from ``start`` to ``end``, both included, evenly apart."""
    return _made(np.linspace(start, end, steps).astype(_numpy(dtype)), device, requires_grad)


def from_numpy(ndarray: Array) -> Tensor:
    """Return a tensor that shares the array's memory; ``TypeError`` for anything else than an array."""
    if not isinstance(ndarray, np.ndarray):
        raise TypeError(f"expected np.ndarray (got {type(ndarray).__name__})")
    dtype.of(ndarray.dtype)
    return wrap(ndarray)


def as_tensor(data: Any, dtype: dtype | None = None, device: Any = None) -> Tensor:
    """Return ``data`` as a tensor, without a copy where it is a tensor or an array already."""
    if isinstance(data, np.ndarray):
        data = from_numpy(data)
    if not isinstance(data, Tensor):
        return tensor(data, dtype=dtype, device=device)
    return data.to(dtype=dtype, device=device)
