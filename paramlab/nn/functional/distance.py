"""How far two vectors are from each other, and how alike their directions are."""

from __future__ import annotations

import numpy as np

from ... import ops
from ...ops.complaints import explained
from ...ops.operands import check_broadcast
from ...tensor import Tensor, wrap


@explained
def pairwise_distance(x1: Tensor, x2: Tensor, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> Tensor:
    """Return the norm of order ``p`` of ``x1 - x2 + eps`` over the last dimension; the shapes broadcast."""
    return ops.norm(ops.sub(x1, x2) + eps, p, -1, keepdim)


@explained
def cosine_similarity(x1: Tensor, x2: Tensor, dim: int = 1, eps: float = 1e-8) -> Tensor:
    """Return the cosine of the angle between ``x1`` and ``x2`` along ``dim``; the shapes broadcast.

    A vector shorter than ``eps`` counts as that long. ``RuntimeError`` for whole numbers.
    """
    kind = ops.result_type(x1, x2)
    if not kind.is_floating_point:
        raise RuntimeError(f"expected common dtype to be floating point, yet common dtype is {kind.word}")
    check_broadcast(x1.shape, x2.shape)
    first, second = ops.broadcast_tensors(x1.to(kind), x2.to(kind))
    return ops.sum(_unit(first, dim, eps) * _unit(second, dim, eps), dim)


def _unit(x: Tensor, dim: int, eps: float) -> Tensor:
    """Return the vectors along ``dim``, divided by their lengths or by ``eps``, if that is larger."""
    length = ops.norm(x, 2, dim, keepdim=True)
    # the lift is a constant: the gradient goes to the length as if it were not there
    lift = wrap(np.maximum(length._array.dtype.type(eps) - length._array, 0), length._device)
    unit: Tensor = x / (length + lift)
    return unit
