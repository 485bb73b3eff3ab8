"""What operations share: bringing operands to one dtype, reading ``dim`` arguments, refusing shapes."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autograd import Array, Operation
from ..tensor import Tensor, apply, wrap
from ..types import dtype, get_default_dtype, int64

Number = int | float | bool

_RANK = {"b": 0, "u": 1, "i": 1, "f": 2}


def result_type(a: Tensor | Number, b: Tensor | Number) -> dtype:
    """Return the dtype that an operation on ``a`` and ``b`` computes in.

    The kinds are ordered: bool, integer, floating point. A tensor with dimensions decides over one
    without, and that over a Python number, unless the lesser operand is of a higher kind.
    """
    first, second = sorted((a, b), key=_priority, reverse=True)
    kind, other = _dtype_of(first), _dtype_of(second)
    if _priority(first) == _priority(second):
        return _promote(kind, other)
    return kind if _RANK[kind.numpy.kind] >= _RANK[other.numpy.kind] else other


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


def _promote(a: dtype, b: dtype) -> dtype:
    if _RANK[a.numpy.kind] != _RANK[b.numpy.kind]:
        return max(a, b, key=lambda kind: _RANK[kind.numpy.kind])
    return dtype.of(np.promote_types(a.numpy, b.numpy))


def pair(a: Any, b: Any) -> tuple[Tensor, Tensor] | None:
    """Return two operands as tensors of one dtype, or None if one of them is no number."""
    if isinstance(a, Tensor) and isinstance(b, Tensor) and a._array.dtype == b._array.dtype:
        return a, b
    a, b = _plain_number(a), _plain_number(b)
    if not (isinstance(a, Tensor | int | float) and isinstance(b, Tensor | int | float)):
        return None
    kind = result_type(a, b)
    return as_tensor(a, kind), as_tensor(b, kind)


def _plain_number(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def as_tensor(value: Tensor | Number, kind: dtype) -> Tensor:
    """Return a number as a tensor without dimensions, a tensor in the given dtype."""
    return value.to(kind) if isinstance(value, Tensor) else wrap(np.asarray(value, kind.numpy))


def scalar_like(tensor: Tensor, value: Number) -> Tensor:
    """Return ``value`` as a tensor without dimensions, of the dtype of ``tensor`` and beside it."""
    return wrap(np.asarray(value, tensor._array.dtype), tensor._device)


def binary(operation: type[Operation], a: Any, b: Any) -> Tensor:
    """Run an element-by-element operation on two operands that broadcast."""
    operands = pair(a, b)
    if operands is None:
        return NotImplemented
    try:
        return apply(operation, *operands)
    except ValueError:
        check_broadcast(operands[0].shape, operands[1].shape)
        raise


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
    reach = max(ndim, 1)
    if not -reach <= dim < reach:
        raise IndexError(f"Dimension out of range (expected to be in range of [{-reach}, {reach - 1}], but got {dim})")
    return dim % reach


def axes(dim: Any, ndim: int) -> tuple[int, ...] | None:
    """Return the dimensions that ``dim`` names, counted from the front; None for all of them."""
    if dim is None or (isinstance(dim, tuple | list) and not dim):
        return None
    if isinstance(dim, tuple | list):
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
