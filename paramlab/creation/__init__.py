"""New tensors: of data, or filled with one value."""

from __future__ import annotations

import operator
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..autograd import Array
from ..dtypes import META, PYTHON_TYPES, Size, as_device, fitting, get_default_dtype
from ..dtypes import dtype as DType
from ..meta import shape_only
from ..ops.complaints import explained, is_number, type_name
from ..tensor import Tensor, wrap


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
    return made(_array_of(data, None if dtype is None else as_dtype("tensor", dtype)), device, requires_grad)


def _array_of(data: Any, kind: DType | None) -> Array:
    """Return a new array of the data: in the dtype ``kind``, or in the one that PyTorch would choose."""
    with np.errstate(over="ignore"):  # too large for the dtype is inf
        array = _array_as_given(data, kind)
        if kind is not None:
            _check_fits(array, kind)
            return np.array(array, dtype=kind.numpy)
        if array.dtype.kind == "f" and not (isinstance(data, Tensor) or _holds_arrays(data)):
            return array.astype(get_default_dtype().numpy)
    if array.dtype in (np.uint64, object) and not _holds_arrays(data):
        raise ValueError("Overflow when unpacking long long: a whole number does not fit into int64")
    DType.of(array.dtype)
    return np.array(array)


def _array_as_given(data: Any, kind: DType | None) -> Array:
    if isinstance(data, Tensor):
        return data._array
    if isinstance(data, np.ndarray):
        _check_strides(data)
        return data
    plain = _plain(data, kind)
    try:
        return np.array(plain)
    except ValueError as error:
        raise ValueError(_ragged(plain)) from error


def _plain(data: Any, kind: DType | None, leading: bool | None = None) -> Any:
    """Return numbers in nested lists; ``TypeError``, ``ValueError`` or ``RuntimeError`` for what is no number.

    ``leading`` says that this is the first item of the first list; PyTorch reads a string there as one more list.
    """
    if isinstance(data, np.floating) and not isinstance(data, float) and kind and not kind.is_floating_point:
        raise TypeError(f"'numpy.{type(data).__name__}' object cannot be interpreted as an integer. Write int(x).")
    if isinstance(data, int | float | np.ndarray | np.generic):
        return data
    if isinstance(data, Tensor):
        if data._array.size != 1:
            raise ValueError("only one element tensors can be converted to Python scalars. Use torch.stack(tensors).")
        data._warn_of_number()
        return data._array.reshape(())[()]
    if isinstance(data, str | bytes) and leading:
        raise ValueError(f"too many dimensions '{type(data).__name__}'. Give numbers, or nested lists of numbers.")
    if isinstance(data, str | bytes):
        raise TypeError(f"new(): invalid data type '{type(data).__name__}'. Give numbers, or nested lists of numbers.")
    if not isinstance(data, Sequence):
        raise _no_number(data, kind)
    items = [_plain(item, kind, leading is not False and place == 0) for place, item in enumerate(data)]
    nested = [isinstance(item, list | np.ndarray) for item in items]
    if any(nested) and not all(nested):
        if nested[0]:
            raise TypeError("not a sequence: a number stands beside a list. All rows must be lists of one length.")
        raise TypeError("'list' object cannot be interpreted as an integer: a list stands beside a number.")
    return items


def _no_number(value: Any, kind: DType | None) -> Exception:
    name, instead = type(value).__name__, "Give numbers, or nested lists of numbers."
    if kind is None:
        return RuntimeError(f"Could not infer dtype of {name}. {instead}")
    if kind.is_floating_point:
        return TypeError(f"must be real number, not {name}. {instead}")
    return TypeError(f"'{name}' object cannot be interpreted as an integer. {instead}")


def _check_fits(array: Array, kind: DType) -> None:
    """Raise if a number is too large for the whole numbers of ``kind``."""
    if not (array.size and array.dtype.kind in "iuf" and kind.numpy.kind in "iu" and array.itemsize >= kind.itemsize):
        return
    most = np.iinfo(kind.numpy).max
    least = 0 if kind.numpy.kind == "u" and array.dtype.kind == "f" else -most - 1  # whole ones count from the end
    if not (array.min() >= least and array.max() <= most):  # nan is refused too
        raise RuntimeError(f"value cannot be converted to type {kind.name} without overflow")


def _holds_arrays(data: Any) -> bool:
    first = data
    while isinstance(first, list | tuple) and first:
        first = first[0]
    return isinstance(first, np.ndarray | np.generic)


def _ragged(rows: list[Any], dim: int = 0) -> str:
    """Say where the first row of another length is, in PyTorch's words."""
    lengths = [len(row) if isinstance(row, list | np.ndarray) else 0 for row in rows]
    for length in lengths:
        if length != lengths[0]:
            return f"expected sequence of length {lengths[0]} at dim {dim + 1} (got {length})"
    return _ragged([item for row in rows for item in row], dim + 1)


def _check_strides(array: Array | np.generic) -> None:
    if any(step < 0 for step in array.strides):
        raise ValueError(
            "At least one stride in the given numpy array is negative, and tensors with negative strides are not "
            "currently supported. Copy it first: array.copy()."
        )


def from_numpy(ndarray: Array) -> Tensor:
    """Return a tensor that shares the array's memory; ``TypeError`` for anything else than an array.

    ``UserWarning`` for an array that cannot be written to, ``ValueError`` for one that runs backwards.
    """
    if not isinstance(ndarray, np.ndarray):
        raise TypeError(f"expected np.ndarray (got {type(ndarray).__name__})")
    DType.of(ndarray.dtype)
    _check_strides(ndarray)
    if not ndarray.flags.writeable:
        warnings.warn(
            "The given NumPy array is not writable, and PyTorch does not support non-writable tensors. A write to "
            "this tensor is refused here. Copy the array first, array.copy(), to write to it.",
            UserWarning,
            stacklevel=2,
        )
    return wrap(ndarray)


def as_tensor(data: Any, dtype: DType | None = None, device: Any = None) -> Tensor:
    """Return ``data`` as a tensor, without a copy where it is a tensor or an array already."""
    if isinstance(data, np.ndarray):
        data = from_numpy(data)
    if not isinstance(data, Tensor):
        return tensor(data, dtype=dtype, device=device)
    return data.to(dtype=dtype, device=device)


def asarray(
    obj: Any,
    *,
    dtype: DType | None = None,
    device: Any = None,
    copy: bool | None = None,
    requires_grad: bool | None = None,
) -> Tensor:
    """Return ``obj`` as a tensor: a copy if ``copy`` is True, else without one where that is possible.

    A tensor comes back with its history, without it if ``requires_grad`` is False.
    """
    if requires_grad is None and isinstance(obj, Tensor) and obj.requires_grad:
        warnings.warn(
            "torch.asarray: unspecified requires_grad now defaults to obj.requires_grad instead of False. Pass "
            "requires_grad explicitly, or use torch.as_tensor(obj).",
            UserWarning,
            stacklevel=2,
        )
        requires_grad = True
    result = as_tensor(obj, dtype=dtype, device=device)
    if isinstance(obj, Tensor) and not requires_grad:
        result = result.detach()
    if copy and isinstance(obj, Tensor | np.ndarray) and np.shares_memory(result._array, np.asarray(_raw(obj))):
        result = result.clone()
    return result.requires_grad_() if requires_grad and result.is_leaf else result


def _raw(data: Tensor | Array) -> Array:
    return data._array if isinstance(data, Tensor) else data


def legacy_array(data: tuple[Any, ...], kind: DType | None = None) -> Array:
    """Read the arguments of ``torch.Tensor(...)``: sizes, or data, in the default type or in ``kind``."""
    numpy = (kind or get_default_dtype()).numpy
    if len(data) == 1 and isinstance(data[0], Size):
        return np.zeros(data[0], numpy)
    if len(data) == 1 and (data[0] is None or isinstance(data[0], float | bool | np.floating | np.bool)):
        raise TypeError(f"new(): data must be a sequence (got {type(data[0]).__name__})")
    if len(data) == 1 and not isinstance(data[0], int | np.integer):
        return np.array(_array_of(data[0], None), dtype=numpy)
    return np.zeros(shape_of("Tensor", data) if data else 0, numpy)


# ------------------------------------------------------------------ filled


def shape_of(name: str, sizes: tuple[Any, ...], size: Any = None) -> tuple[int, ...]:
    """Read a shape that was given as numbers or as one tuple; ``TypeError`` or ``RuntimeError`` if it is none."""
    if size is None and sizes:
        for n in sizes:
            if type(n) is not int or n < 0:
                break
        else:  # plain numbers, as mostly
            return sizes
    given = sizes if size is None else (size,)
    if not given:
        raise TypeError(f'{name}() missing 1 required positional arguments: "size"')
    if len(given) == 1 and isinstance(given[0], tuple | list):
        given = tuple(given[0])
    for place, n in enumerate(given):
        if not hasattr(n, "__index__") or isinstance(n, bool) or np.ndim(n):
            raise TypeError(_wrong_size(name, type(n).__name__, place, bare=given is sizes and len(sizes) == 1))
    wanted = tuple([operator.index(n) for n in given])
    if wanted and min(wanted) < 0:
        if name == "zeros":
            raise RuntimeError(f"zeros: Dimension size must be non-negative. The given size is {list(wanted)}.")
        raise RuntimeError(f"Trying to create tensor with negative dimension {min(wanted)}: {list(wanted)}")
    return wanted


def _wrong_size(name: str, found: str, place: int, bare: bool) -> str:
    if place:
        return (
            f"{name}(): argument 'size' failed to unpack the object at pos {place + 1} with error "
            f'"type must be tuple of ints,but got {found}"'
        )
    instead = f"not {found}" if bare else f"but found element of type {found} at pos 0"
    return f"{name}(): argument 'size' (position 1) must be tuple of ints, {instead}"


def made(array: Array, place: Any, requires_grad: bool) -> Tensor:
    """Return a new tensor around an array, on the wanted device."""
    tensor = wrap(array, as_device(place))
    return tensor if requires_grad is False or requires_grad is None else tensor.requires_grad_(requires_grad)


def laid_out(
    make: Callable[[tuple[int, ...], Any], Array], shape: tuple[int, ...], kind: DType, place: Any, requires_grad: bool
) -> Tensor:
    """Return a new tensor around the array ``make(shape, dtype)``, which for ``meta`` is not made at all."""
    device = as_device(place)
    tensor = wrap(shape_only(shape, kind.numpy) if device is META else make(shape, kind.numpy), device)
    return tensor if requires_grad is False or requires_grad is None else tensor.requires_grad_(requires_grad)


def as_dtype(name: str, kind: Any) -> DType:
    """Return the dtype that is meant: the default for None, PyTorch's for Python's ``float``, ``int`` and ``bool``."""
    if isinstance(kind, DType):
        return kind
    if kind is None:
        return get_default_dtype()
    if kind in (float, int, bool):
        return PYTHON_TYPES[kind]
    raise TypeError(
        f"{name}(): argument 'dtype' must be torch.dtype, not {type(kind).__name__}. Write torch.float32, for example."
    )


def zeros(
    *sizes: Any, size: Any = None, dtype: DType | None = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Return a tensor of zeros; ``sizes`` are numbers, or one tuple."""
    shape, kind = shape_of("zeros", sizes, size), as_dtype("zeros", dtype)
    return laid_out(np.zeros, shape, kind, device, requires_grad)


def ones(
    *sizes: Any, size: Any = None, dtype: DType | None = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Return a tensor of ones; ``sizes`` are numbers, or one tuple."""
    shape, kind = shape_of("ones", sizes, size), as_dtype("ones", dtype)
    return laid_out(np.ones, shape, kind, device, requires_grad)


def empty(
    *sizes: Any, size: Any = None, dtype: DType | None = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Return a tensor whose values are whatever was in memory; ``sizes`` are numbers, or one tuple."""
    shape, kind = shape_of("empty", sizes, size), as_dtype("empty", dtype)
    return laid_out(np.empty, shape, kind, device, requires_grad)


def full(
    size: Sequence[int],
    fill_value: Any,
    *,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return a tensor filled with one value, of the value's own type unless ``dtype`` says otherwise.

    ``RuntimeError`` if the value is too large for ``dtype``.
    """
    if not isinstance(size, tuple | list):
        raise TypeError(f"full(): argument 'size' (position 1) must be tuple of ints, not {type(size).__name__}")
    if not is_number(fill_value):
        raise TypeError(f"full(): argument 'fill_value' (position 2) must be Number, not {type_name(fill_value)}")
    number = fill_value.item() if isinstance(fill_value, Tensor | np.generic) else fill_value
    kind = DType.of(_array_of(number, None).dtype) if dtype is None else as_dtype("full", dtype)
    value = np.asarray(fitting(number, kind)).astype(kind.numpy)
    shape = shape_of("full", (size,))
    return laid_out(lambda shape, _: np.full(shape, value), shape, kind, device, requires_grad)


@explained
def eye(
    n: int, m: int | None = None, *, dtype: DType | None = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Return a matrix of ``n`` rows (and ``m`` columns) with ones on the diagonal."""
    for name, length in (("n", n), ("m", m)):
        if length is not None and length < 0:
            raise RuntimeError(f"{name} must be greater or equal to 0, got {length}")
    shape = (n, n if m is None else m)
    kind = as_dtype("eye", dtype)
    return laid_out(lambda shape, numpy: np.eye(*shape, dtype=numpy), shape, kind, device, requires_grad)
