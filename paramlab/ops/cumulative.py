"""Sums and products up to each element, and the differences between neighbours."""

from __future__ import annotations

import numpy as np

from ..autograd import Array, Operation
from ..dtypes import bool_, int64
from ..dtypes import dtype as DType
from ..tensor import Tensor, apply
from .arguments import of_tensor
from .copies import clone
from .indexing import getitem
from .joining import cat
from .operands import axis
from .reduce import Grads


class Cumsum(Operation):
    """The sums up to each element along ``dim``; an element gets the gradients from its own place on."""

    def forward(self, a: Array, dim: int) -> Array:
        self.dim = dim
        return _cumsum(a, dim)

    def backward(self, grad: Array) -> Grads:
        return (_from_the_end(grad, self.dim),)


class Cumprod(Operation):
    """The products up to each element along ``dim``."""

    uses = ((0,),)

    def forward(self, a: Array, dim: int) -> Array:
        result = np.cumprod(a, dim, a.dtype) if a.ndim else a.copy()
        self.saved, self.dim = (a, result), dim
        return result

    def backward(self, grad: Array) -> Grads:
        a, result = self.saved
        if a.ndim == 0:
            return (grad,)
        zero = a == 0
        if not zero.any():
            return (_from_the_end(grad * result, self.dim) / a,)
        # up to the first zero as without one, at it with 1 in its place, behind it nothing
        first = zero & (np.cumsum(zero, self.dim) == 1)
        filled = np.where(first, a.dtype.type(1), a)
        before = _from_the_end(grad * result, self.dim) / np.where(zero, a.dtype.type(1), a)
        at = _from_the_end(grad * np.cumprod(filled, self.dim, a.dtype), self.dim)
        behind = np.cumsum(zero, self.dim) > 0
        return (np.where(first, at, np.where(behind, a.dtype.type(0), before)),)


def _cumsum(a: Array, dim: int) -> Array:
    """Return the sums up to each element, added up in ``float64``: one after another they lose digits."""
    if a.ndim == 0:
        return a.copy()
    wide = np.float64 if a.dtype.kind == "f" else a.dtype
    return np.cumsum(a, dim, wide).astype(a.dtype, copy=False)


def _from_the_end(a: Array, dim: int) -> Array:
    """Return the sums from each element to the last."""
    return np.flip(_cumsum(np.flip(a, dim), dim), dim) if a.ndim else a


# ------------------------------------------------------------------ functions


@of_tensor
def cumsum(input: Tensor, dim: int, *, dtype: DType | None = None) -> Tensor:
    """Return the sums up to each element along ``dim``; of integers and bools as ``int64``."""
    return apply(Cumsum, _accumulated(input, dtype), dim=axis(dim, input.ndim))


@of_tensor
def cumprod(input: Tensor, dim: int, *, dtype: DType | None = None) -> Tensor:
    """Return the products up to each element along ``dim``; of integers and bools as ``int64``."""
    return apply(Cumprod, _accumulated(input, dtype), dim=axis(dim, input.ndim))


def _accumulated(input: Tensor, dtype: DType | None) -> Tensor:
    return input.to(dtype or (input.dtype if input.is_floating_point() else int64))


@of_tensor
def diff(
    input: Tensor, n: int = 1, dim: int = -1, prepend: Tensor | None = None, append: Tensor | None = None
) -> Tensor:
    """Return the differences of neighbours along ``dim``, ``n`` times over; of bools where they differ.

    ``prepend`` and ``append`` are joined to the elements first. ``RuntimeError`` for a tensor without dimensions.
    """
    if input.ndim == 0:
        raise RuntimeError("diff expects input to be at least one-dimensional")
    if n < 0:
        raise RuntimeError(f"order must be non-negative but got {n}")
    over = axis(dim, input.ndim)
    parts = [part for part in (prepend, input, append) if part is not None]
    result = cat(parts, over) if len(parts) > 1 else input if n else clone(input)
    for _ in range(min(n, result.shape[over])):
        later = getitem(result, (*[slice(None)] * over, slice(1, None)))
        earlier = getitem(result, (*[slice(None)] * over, slice(None, -1)))
        result = later ^ earlier if result.dtype is bool_ else later - earlier
    return result
