"""New tensors: of data, filled, counted."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from .autograd import Array
from .dtypes import CPU, Size, as_device, get_default_dtype
from .dtypes import dtype as DType
from .tensor import Tensor, wrap

Number = int | float | bool


def tensor(data: Any, *, dtype: DType | None = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Return a new tensor with a copy of ``data``: numbers, nested sequences, an array or a tensor.

    Floats become the default type, ints ``int64``, bools ``bool``. ``TypeError`` or ``RuntimeError`` for
    what is no number, ``ValueError`` for rows of different lengths.
    """
    if isinstance(data, Tensor):
        warnings.warn(
            "To copy construct from a tensor, it is recommended to use sourceTensor.detach().clone() or "
            "sourceTensor.detach().clone().requires_grad_(True), rather than torch.tensor(sourceTensor).",
            UserWarning,
            stacklevel=2,
        )
        device = device or data.device
    return _made(_array_of(data, dtype), device, requires_grad)


def _array_of(data: Any, kind: DType | None) -> Array:
    """Return a new array of the data: in the dtype ``kind``, or in the one that PyTorch would choose."""
    with np.errstate(over="ignore"):  # too large for the dtype is inf
        array = _array_as_given(data)
        if kind is not None:
            _check_fits(array, kind)
            return np.array(array, dtype=kind.numpy)
        if array.dtype.kind == "f" and not _holds_arrays(data):
            return array.astype(get_default_dtype().numpy)
    if array.dtype == np.uint64 and not _holds_arrays(data):
        raise ValueError("Overflow when unpacking long long: a whole number does not fit into int64")
    DType.of(array.dtype)
    return np.array(array)


def _array_as_given(data: Any) -> Array:
    if isinstance(data, Tensor):
        return data._array
    if isinstance(data, np.ndarray | np.generic):
        return np.asarray(data)
    plain = _plain(data)
    try:
        return np.array(plain)
    except ValueError as error:
        raise ValueError(_ragged(plain)) from error


def _plain(data: Any) -> Any:
    """Return numbers in nested lists; ``TypeError`` or ``RuntimeError`` for what is no number."""
    if isinstance(data, int | float | np.ndarray | np.generic):
        return data
    if isinstance(data, Tensor):
        if data._array.size != 1:
            raise ValueError("only one element tensors can be converted to Python scalars. Use torch.stack(tensors).")
        return data._array.reshape(())[()]
    if isinstance(data, str | bytes):
        raise TypeError(f"new(): invalid data type '{type(data).__name__}'. Give numbers, or nested lists of numbers.")
    if not isinstance(data, Sequence):
        raise RuntimeError(f"Could not infer dtype of {type(data).__name__}. Give numbers, or nested lists of numbers.")
    return [_plain(item) for item in data]


def _check_fits(array: Array, kind: DType) -> None:
    """Raise if a whole number is too large for ``kind``."""
    if array.size and array.dtype.kind in "iu" and kind.numpy.kind in "iu" and array.itemsize > kind.itemsize:
        limits = np.iinfo(kind.numpy)
        if array.min() < limits.min or array.max() > limits.max:
            raise RuntimeError(f"value cannot be converted to type {kind.name} without overflow")


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
    if len(data) == 1 and isinstance(data[0], float):
        raise TypeError(f"new(): data must be a sequence (got {type(data[0]).__name__})")
    if len(data) == 1 and not isinstance(data[0], int):
        return np.array(_array_of(data[0], None), dtype=kind)
    return np.zeros(_size("Tensor", data) if data else 0, kind)


# ------------------------------------------------------------------ filled


def _size(name: str, sizes: tuple[Any, ...]) -> tuple[int, ...]:
    """Read a shape that was given as numbers or as one tuple; ``TypeError`` or ``RuntimeError`` if it is none."""
    if not sizes:
        raise TypeError(f'{name}() missing 1 required positional arguments: "size"')
    if len(sizes) == 1 and isinstance(sizes[0], tuple | list):
        sizes = tuple(sizes[0])
    for n in sizes:
        if not hasattr(n, "__index__"):
            raise TypeError(f"{name}(): argument 'size' must be tuple of ints, not {type(n).__name__}")
    wanted = tuple([int(n) for n in sizes])
    if any(n < 0 for n in wanted):
        raise RuntimeError(f"{name}: Dimension size must be non-negative, but got {list(wanted)}.")
    return wanted


def _made(array: Array, place: Any, requires_grad: bool) -> Tensor:
    made = wrap(array, CPU if place is None else as_device(place))
    if requires_grad:
        made.requires_grad_()
    return made


def _numpy(kind: Any, name: str) -> Any:
    if kind is None:
        return get_default_dtype().numpy
    if not isinstance(kind, DType):
        raise TypeError(
            f"{name}(): argument 'dtype' must be torch.dtype, not {type(kind).__name__}. Write torch.float32."
        )
    return kind.numpy


def zeros(*size: Any, dtype: DType | None = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Return a tensor of zeros."""
    return _made(np.zeros(_size("zeros", size), _numpy(dtype, "zeros")), device, requires_grad)


def ones(*size: Any, dtype: DType | None = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Return a tensor of ones."""
    return _made(np.ones(_size("ones", size), _numpy(dtype, "ones")), device, requires_grad)


def empty(*size: Any, dtype: DType | None = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Return a tensor whose values are whatever was in memory."""
    return _made(np.empty(_size("empty", size), _numpy(dtype, "empty")), device, requires_grad)


def full(
    size: Sequence[int],
    fill_value: Number,
    *,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return a tensor filled with one value, of the value's own type unless ``dtype`` says otherwise."""
    if not isinstance(size, tuple | list):
        raise TypeError(f"full(): argument 'size' (position 1) must be tuple of ints, not {type(size).__name__}")
    value = _array_of(fill_value, dtype)
    return _made(np.full(_size("full", (size,)), value, value.dtype), device, requires_grad)


def zeros_like(input: Tensor, *, dtype: DType | None = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Return zeros of the shape, the type and the device of ``input``."""
    return zeros(input.shape, dtype=dtype or input.dtype, device=device or input.device, requires_grad=requires_grad)


def ones_like(input: Tensor, *, dtype: DType | None = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Return ones of the shape, the type and the device of ``input``."""
    return ones(input.shape, dtype=dtype or input.dtype, device=device or input.device, requires_grad=requires_grad)


def empty_like(input: Tensor, *, dtype: DType | None = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Return an unfilled tensor of the shape, the type and the device of ``input``."""
    return empty(input.shape, dtype=dtype or input.dtype, device=device or input.device, requires_grad=requires_grad)


def full_like(
    input: Tensor,
    fill_value: Number,
    *,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return one value in the shape, the type and on the device of ``input``."""
    return full(
        input.shape, fill_value, dtype=dtype or input.dtype, device=device or input.device, requires_grad=requires_grad
    )


def eye(
    n: int, m: int | None = None, *, dtype: DType | None = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Return a matrix with ones on the diagonal."""
    return _made(np.eye(n, m, dtype=_numpy(dtype, "eye")), device, requires_grad)


# ------------------------------------------------------------------ counted


def arange(
    start: Number,
    end: Number | None = None,
    step: Number = 1,
    *,
    dtype: DType | None = None,
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
    kind = dtype.numpy if dtype is not None else np.dtype(np.int64) if whole else _numpy(None, "arange")
    return _made(np.arange(start, end, step).astype(kind), device, requires_grad)


def linspace(
    start: Number,
    end: Number,
    steps: int,
    *,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return ``steps`` values from ``start`` to ``end``, both included, evenly apart."""
    if steps < 0:
        raise RuntimeError("number of steps must be non-negative")
    return _made(np.linspace(start, end, steps).astype(_numpy(dtype, "linspace")), device, requires_grad)


def from_numpy(ndarray: Array) -> Tensor:
    """Return a tensor that shares the array's memory; ``TypeError`` for anything else than an array."""
    if not isinstance(ndarray, np.ndarray):
        raise TypeError(f"expected np.ndarray (got {type(ndarray).__name__})")
    DType.of(ndarray.dtype)
    if any(step < 0 for step in ndarray.strides):
        raise ValueError(
            "At least one stride in the given numpy array is negative, and tensors with negative strides are not "
            "currently supported. Copy it first: array.copy()."
        )
    return wrap(ndarray)


def as_tensor(data: Any, dtype: DType | None = None, device: Any = None) -> Tensor:
    """Return ``data`` as a tensor, without a copy where it is a tensor or an array already."""
    if isinstance(data, np.ndarray):
        data = from_numpy(data)
    if not isinstance(data, Tensor):
        return tensor(data, dtype=dtype, device=device)
    return data.to(dtype=dtype, device=device)
