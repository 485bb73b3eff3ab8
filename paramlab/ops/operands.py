"""What operations share: bringing operands to one dtype, reading ``dim`` arguments, refusing shapes."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from ..autograd import NUMBER, Array, Operation
from ..autograd.graph import of_half
from ..dtypes import dtype, fitting, float32, get_default_dtype, int64
from ..tensor import Tensor, apply, combine, wrap

Number = int | float | bool


def result_type(a: Tensor | Number, b: Tensor | Number) -> dtype:
    """Return the dtype that an operation on ``a`` and ``b`` computes in.

    The kinds are ordered: bool, integer, floating point. A tensor with dimensions decides over one
    without, and that over a Python number, unless the lesser operand is of a higher kind.
    """
    first, second = sorted((a, b), key=_priority, reverse=True)
    kind, other = _dtype_of(first), _dtype_of(second)
    if _priority(first) == _priority(second):
        return promoted(kind, other)
    return kind if kind.rank >= other.rank else other


def _priority(value: Tensor | Number) -> int:
    if not isinstance(value, Tensor):
        return 0
    return 2 if value._array.ndim else 1


def _dtype_of(value: Tensor | Number) -> dtype:
    if isinstance(value, Tensor):
        return value.dtype
    if isinstance(value, bool):
        return dtype.of(np.dtype(bool))
    return int64 if isinstance(value, int) else get_default_dtype()


def promoted(a: dtype, b: dtype) -> dtype:
    """Return the smallest type of the higher kind of two that holds the numbers of both."""
    if a.rank != b.rank:
        return a if a.rank > b.rank else b
    return dtype.of(np.promote_types(a.numpy, b.numpy))


OPERANDS = (Tensor, int, float, np.generic, np.ndarray)


def is_operand(value: object) -> bool:
    """Return whether a tensor can be combined with ``value``: another tensor, or a number."""
    return isinstance(value, OPERANDS)


def pair(name: str, a: Any, b: Any) -> tuple[Tensor, Tensor]:
    """Return two operands as tensors of one dtype; ``TypeError`` if one of them is no number."""
    if isinstance(b, Tensor):
        if isinstance(a, Tensor):
            if a._array.dtype == b._array.dtype:
                return a, b
        elif suits(a, b):
            return number_beside(b, a), b
    elif isinstance(a, Tensor) and suits(b, a):
        return a, number_beside(a, b)
    a, b = _number(name, "input", 1, a), _number(name, "other", 2, b)
    kind = result_type(a, b)
    return as_tensor(a, kind), as_tensor(b, kind)


def suits(number: Any, tensor: Tensor) -> bool:
    """Return whether this is the commonest case, which needs no table: a number that any type of floats can hold."""
    return (type(number) is float or type(number) is int) and tensor._array.dtype.kind == "f" and -6e4 < number < 6e4


def number_beside(tensor: Tensor, number: float) -> Tensor:
    """Return a number as a tensor of the same dtype, which lives for one operation."""
    alike = wrap(np.array(number, tensor._array.dtype))
    alike._version_ = NUMBER
    return alike


def _number(name: str, argument: str, place: int, value: Any) -> Any:
    if not is_operand(value):
        raise TypeError(
            f"{name}(): argument '{argument}' (position {place}) must be Tensor, not {type(value).__name__}"
        )
    if isinstance(value, np.ndarray):
        dtype.of(value.dtype)
        return wrap(value)
    return value.item() if isinstance(value, np.generic) else value


def as_tensor(value: Tensor | Number, kind: dtype) -> Tensor:
    """Return a number as a tensor without dimensions, a tensor in the given dtype."""
    if isinstance(value, Tensor):
        return value if value._array.dtype == kind.numpy else value.to(kind)
    with np.errstate(over="ignore"):  # too large for the dtype is inf
        return wrap(np.asarray(value).astype(kind.numpy))


def scalar_like(tensor: Tensor, value: Number) -> Tensor:
    """Return ``value`` as a tensor without dimensions, of the dtype of ``tensor`` and beside it.

    ``RuntimeError`` if it is too large for that.
    """
    return wrap(np.asarray(fitting(value, tensor.dtype)).astype(tensor._array.dtype), tensor._device)


def binary(operation: type[Operation], a: Any, b: Any, **options: Any) -> Tensor:
    """Run an element-by-element operation on two operands that broadcast."""
    if not (isinstance(b, Tensor) and isinstance(a, Tensor) and a._array.dtype is b._array.dtype):
        first, second = pair(operation.__name__.lower(), a, b)
        if operation.in_float32 and first._array.dtype.char == "e":
            operation, first, second = _exactly(operation, first, second, a, b)
        a, b = first, second
    try:
        return apply(operation, a, b, **options) if options else combine(operation, a, b)
    except ValueError as error:
        check_broadcast(a.shape, b.shape)
        raise RuntimeError(str(error)) from None


def _exactly(operation: type[Operation], a: Tensor, b: Tensor, *given: Any) -> tuple[type[Operation], Tensor, Tensor]:
    """Return an operation on half precision and a number, such that the number is not rounded to half precision.

    PyTorch computes the two in float32: ``x * 65536`` is finite for small ``x``. A tensor without dimensions counts
    as a number.
    """
    numbers = [not isinstance(value, Tensor) or (value.ndim == 0 and not value.requires_grad) for value in given]
    if numbers not in ([True, False], [False, True]):
        return operation, a, b
    first, second = (
        as_tensor(value, float32) if number else rounded
        for value, number, rounded in zip(given, numbers, (a, b), strict=True)
    )
    return of_half(operation), first, second


def check_broadcast(a: tuple[int, ...], b: tuple[int, ...]) -> None:
    """Raise PyTorch's ``RuntimeError`` if two shapes do not broadcast."""
    for offset in range(1, min(len(a), len(b)) + 1):
        if a[-offset] != b[-offset] and 1 not in (a[-offset], b[-offset]):
            raise RuntimeError(
                f"The size of tensor a ({a[-offset]}) must match the size of tensor b ({b[-offset]}) at "
                f"non-singleton dimension {max(len(a), len(b)) - offset}. The shapes are {list(a)} and {list(b)}."
            )


def axis(dim: int, ndim: int) -> int:
    """Return ``dim`` counted from the front; ``IndexError`` if there is no such dimension."""
    if type(dim) is not int:
        dim = whole("dim", dim)
    reach = max(ndim, 1)
    if not -reach <= dim < reach:
        raise IndexError(f"Dimension out of range (expected to be in range of [{-reach}, {reach - 1}], but got {dim})")
    return dim % reach


def whole(argument: str, value: Any) -> int:
    """Return a whole number of any kind, NumPy's or a tensor's too, as an int; ``TypeError`` for anything else."""
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise TypeError(f"argument '{argument}' must be int, not {type(value).__name__}")
    return operator.index(value)


def one_or_more(argument: str, value: Any) -> tuple[int, ...]:
    """Return one whole number, or several in a tuple or a list, as a tuple."""
    given = value if isinstance(value, tuple | list) else (value,)
    return tuple([whole(argument, number) for number in given])


def own_axis(dim: int, ndim: int) -> int:
    """Return what ``axis`` returns; ``IndexError`` also where there is no dimension at all."""
    if ndim == 0:
        raise IndexError(f"Dimension specified as {dim} but tensor has no dimensions")
    return axis(dim, ndim)


def axes(dim: Any, ndim: int) -> tuple[int, ...] | None:
    """Return the dimensions that ``dim`` names, counted from the front; None for all of them."""
    if dim is None:
        return None
    if isinstance(dim, tuple | list):
        if not dim:
            return None
        found = tuple(axis(d, ndim) for d in dim)
        for d in found:
            if found.count(d) > 1:
                raise RuntimeError(f"dim {d} appears multiple times in the list of dims")
    else:
        found = (axis(dim, ndim),)
    return found if ndim else None


def with_axes(grad: Array, reduced: tuple[int, ...] | None, keepdim: bool, ndim: int) -> Array:
    """Put back the dimensions that a reduction took away, as dimensions of length 1."""
    if keepdim or ndim == 0:
        return grad
    if reduced is None:
        return grad.reshape((1,) * ndim)
    return np.expand_dims(grad, reduced)


def c_name(kind: dtype) -> str:
    """Return what some of PyTorch's messages call a dtype: the name of a type of C."""
    names = {
        "Long": "long int",
        "Short": "short int",
        "Byte": "unsigned char",
        "Char": "signed char",
        "Half": "c10::Half",
    }
    return names.get(kind.word, kind.word.lower())


def floating(value: Any) -> Any:
    """Return an integer or bool tensor in the default floating-point type; anything else as it is."""
    if isinstance(value, Tensor) and value._array.dtype.kind != "f":
        return value.to(get_default_dtype())
    return value


def common_type(*values: Tensor | Number) -> dtype:
    """Return the dtype that an operation on any number of operands computes in, by the rules of ``result_type``."""
    found: dict[int, dtype] = {}
    for value in values:
        level, kind = _priority(value), _dtype_of(value)
        found[level] = promoted(found[level], kind) if level in found else kind
    first, *lesser = [found[level] for level in sorted(found, reverse=True)]
    for kind in lesser:
        first = kind if kind.rank > first.rank else first
    return first
