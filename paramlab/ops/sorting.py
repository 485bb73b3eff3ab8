"""Putting elements in order: sort, topk, kthvalue, and where a value belongs in what is sorted."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import return_types
from ..autograd import Array
from ..dtypes import bool_
from ..tensor import Tensor, wrap
from .arguments import of_tensor
from .extremes import Choice, choose
from .operands import axis


class Sort(Choice):
    """The elements in order along a dimension; each gets the gradient of the place it moved to."""


class StableSort(Sort):
    """The same, asked to leave equal elements in their order."""

    def name(self) -> str:
        """PyTorch's name for it."""
        return "SortBackward1"


class Topk(Choice):
    """The ``k`` largest or smallest elements along a dimension."""


class Kthvalue(Choice):
    """The ``k``-th smallest elements over a dimension."""


def _order(a: Array, dim: int, descending: bool) -> Array:
    """Return the indices that put ``a`` in order, equal elements as they stand; nan counts as the largest."""
    if a.ndim == 0:
        return np.zeros((), np.int64)
    if not descending:
        return np.argsort(a, axis=dim, kind="stable")
    # sorted backwards and read backwards, equal elements keep their order
    backwards = np.flip(np.argsort(np.flip(a, dim), axis=dim, kind="stable"), dim)
    order: Array = a.shape[dim] - 1 - backwards
    return order


# ------------------------------------------------------------------ functions


@of_tensor
def sort(input: Tensor, dim: int = -1, descending: bool = False, *, stable: bool | None = None) -> return_types.sort:
    """Return the elements in order along ``dim`` and where each was, as ``(values, indices)``.

    nan counts as the largest. Equal elements keep their order.
    """
    over = axis(dim, input.ndim)
    operation = Sort if stable is None else StableSort
    sorted_: return_types.sort = choose(
        return_types.sort, operation, input, _order(input._array, over, descending), over
    )
    return sorted_


@of_tensor
def msort(input: Tensor) -> Tensor:
    """Return the elements in order along the first dimension."""
    return sort(input, 0).values


@of_tensor
def argsort(input: Tensor, dim: int = -1, descending: bool = False, stable: bool = False) -> Tensor:
    """Return the indices that put the elements in order along ``dim``."""
    return wrap(_order(input._array, axis(dim, input.ndim), descending), input._device)


@of_tensor
def topk(input: Tensor, k: int, dim: int = -1, largest: bool = True, sorted: bool = True) -> return_types.topk:
    """Return the ``k`` largest (or smallest) elements along ``dim`` and where each is, as ``(values, indices)``.

    ``RuntimeError`` if there are fewer than ``k``.
    """
    over = axis(dim, input.ndim)
    if input.dtype is bool_:
        raise RuntimeError("topk does not support bool dtypes on CPU. Convert it first, for example with .long().")
    array = input._array
    if not 0 <= k <= (array.shape[over] if array.ndim else 1):
        raise RuntimeError("selected index k out of range: there are fewer elements along this dimension")
    index = _order(array, over, largest) if 8 * k > array.size or array.ndim == 0 else _first(array, k, over, largest)
    found: return_types.topk = choose(return_types.topk, Topk, input, _take(index, k, over), over)
    return found


def _first(a: Array, k: int, dim: int, largest: bool) -> Array:
    """Return the indices of the ``k`` first in order, without putting all the others in order."""
    length = a.shape[dim]
    if k == 0:
        return _take(np.argsort(a, axis=dim), 0, dim)
    place = length - k if largest else k - 1
    index = np.argpartition(a, place, axis=dim)
    chosen = np.take(index, range(length - k, length) if largest else range(k), axis=dim)
    return np.take_along_axis(chosen, _order(np.take_along_axis(a, chosen, dim), dim, largest), dim)


def _take(index: Array, k: int, dim: int) -> Array:
    return index if index.ndim == 0 else index[(*[slice(None)] * dim, slice(k))]


@of_tensor
def kthvalue(input: Tensor, k: int, dim: int = -1, keepdim: bool = False) -> return_types.kthvalue:
    """Return the ``k``-th smallest elements over ``dim``, counted from 1, and their indices.

    ``RuntimeError`` if there is no such element.
    """
    over = axis(dim, input.ndim)
    if not 1 <= k <= (input._array.shape[over] if input.ndim else 1):
        raise RuntimeError(f"kthvalue(): selected number k out of range for dimension {over}")
    index = _order(input._array, over, False)
    index = np.take(index, [k - 1], axis=over) if input.ndim else index
    found: return_types.kthvalue = choose(return_types.kthvalue, Kthvalue, input, index, over, keepdim)
    return found


# ------------------------------------------------------------------ where a value belongs


def searchsorted(
    sorted_sequence: Tensor,
    input: Any,
    *,
    out_int32: bool = False,
    right: bool = False,
    side: str | None = None,
    sorter: Tensor | None = None,
) -> Tensor:
    """Return where in ``sorted_sequence`` each value of ``input`` belongs: before equal ones, or behind (``right``).

    The sequence has one dimension, or those of ``input`` but for the last: then each row is searched in its own.
    """
    if side not in (None, "left", "right"):
        raise RuntimeError(f"torch.searchsorted(): side can only be 'left' or 'right' but got {side}")
    way: Any = "right" if right or side == "right" else "left"
    bounds = sorted_sequence._array
    if sorter is not None:
        bounds = np.take_along_axis(bounds, sorter._array, -1)
    values = input._array if isinstance(input, Tensor) else np.asarray(input)
    if bounds.ndim != 1 and values.ndim == 0:
        raise RuntimeError(
            "torch.searchsorted(): input value can be a scalar only when boundaries tensor dimension is 1, but we got "
            f"boundaries tensor dim({bounds.ndim}) and input value's dim(0) numel(1)"
        )
    if bounds.ndim != 1 and bounds.shape[:-1] != values.shape[:-1]:
        raise RuntimeError(
            "torch.searchsorted(): boundaries tensor should be 1 dimension or the first N-1 dimensions of boundaries "
            f"tensor and input value tensor must match, but we got boundaries tensor {list(bounds.shape)} and input "
            f"value tensor {list(values.shape)}"
        )
    if bounds.ndim == 1:
        found = np.asarray(np.searchsorted(bounds, values, way))
    else:
        found = np.empty(values.shape, np.int64)
        for row in np.ndindex(bounds.shape[:-1]):
            found[row] = np.searchsorted(bounds[row], values[row], way)
    return wrap(found.astype(np.int32 if out_int32 else np.int64), sorted_sequence._device)


def bucketize(input: Any, boundaries: Tensor, *, out_int32: bool = False, right: bool = False) -> Tensor:
    """Return in which interval between the sorted ``boundaries`` each value of ``input`` lies."""
    if boundaries.ndim != 1:
        raise RuntimeError(f"boundaries tensor must be 1 dimension, but got dim({boundaries.ndim})")
    return searchsorted(boundaries, input, out_int32=out_int32, right=right)
