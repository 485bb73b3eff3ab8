"""Operations that bring many elements together into one: sums, means, products, counts, norms."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..autograd import Array, Operation
from ..dtypes import dtype as DType
from ..dtypes import int64
from ..tensor import Tensor, apply, wrap
from .arguments import Dims, of_tensor
from .operands import axes, axis, with_axes
from .pointwise import div
from .rounding import sign_of

Grads = tuple[Array | None, ...]
Axes = tuple[int, ...] | None


def sum_of(a: Array, dim: Axes, keepdim: bool) -> Array:
    """Return the sum in the array's own dtype; halves are added up as ``float32``, as their sums overflow early."""
    wide = np.float32 if a.dtype == np.float16 else None
    return np.asarray(a.sum(axis=dim, keepdims=keepdim, dtype=wide), a.dtype)


class Sum(Operation):
    """The sum over ``dim``; every element that was summed gets the gradient of its sum."""

    def forward(self, a: Array, dim: Axes = None, keepdim: bool = False, variant: int = 0) -> Array:
        self.shape, self.dim, self.keepdim, self.variant = a.shape, dim, keepdim, variant
        return sum_of(a, dim, keepdim)

    def backward(self, grad: Array) -> Grads:
        return (np.broadcast_to(with_axes(grad, self.dim, self.keepdim, len(self.shape)), self.shape),)


class Nansum(Operation):
    """The sum over ``dim`` of what is a number; nan gets no gradient."""

    uses = ((0,),)

    def forward(self, a: Array, dim: Axes = None, keepdim: bool = False) -> Array:
        self.saved, self.dim, self.keepdim = (a,), dim, keepdim
        return sum_of(np.where(np.isnan(a), a.dtype.type(0), a), dim, keepdim)

    def backward(self, grad: Array) -> Grads:
        (a,) = self.saved
        return (with_axes(grad, self.dim, self.keepdim, a.ndim) * ~np.isnan(a),)


class Mean(Operation):
    """The mean over ``dim``; every element gets its share of the gradient."""

    def forward(self, a: Array, dim: Axes = None, keepdim: bool = False, variant: int = 0) -> Array:
        self.shape, self.dim, self.keepdim, self.variant = a.shape, dim, keepdim, variant
        self.count = count(a, dim)
        wide = np.dtype(np.float32) if a.dtype == np.float16 else a.dtype
        return np.asarray(a.sum(axis=dim, keepdims=keepdim, dtype=wide) / wide.type(self.count), a.dtype)

    def backward(self, grad: Array) -> Grads:
        share = grad / grad.dtype.type(self.count)
        return (np.broadcast_to(with_axes(share, self.dim, self.keepdim, len(self.shape)), self.shape),)


class Prod(Operation):
    """The product over ``dim``; each element gets the gradient times the product of the others."""

    uses = ((0,),)

    def forward(self, a: Array, dim: int | None = None, keepdim: bool = False) -> Array:
        self.saved, self.keepdim, self.variant = (a,), keepdim, int(dim is not None)
        self.dim = None if dim is None or a.ndim == 0 else (dim,)
        return np.asarray(np.prod(a, axis=self.dim, keepdims=keepdim), a.dtype)

    def backward(self, grad: Array) -> Grads:
        (a,) = self.saved
        zero = a == 0
        zeros = zero.sum(axis=self.dim, keepdims=True)
        filled = np.where(zero, a.dtype.type(1), a)
        # an element beside a zero gets nothing, the only zero gets the product of all the others
        others = np.prod(filled, axis=self.dim, keepdims=True) / filled * (zeros == zero)
        return (with_axes(grad, self.dim, self.keepdim, a.ndim) * others,)


class Norm(Operation):
    """``sum(|a| ** p) ** (1 / p)`` over ``dim``; for ``p`` infinite the largest (or smallest) ``|a|``.

    ``a`` gets ``grad * sign(a) * (|a| / norm) ** (p - 1)``, 0 where the norm is 0; the largest share theirs.
    """

    in_float32 = True
    uses = ((0,),)

    def forward(self, a: Array, p: float, dim: Axes, keepdim: bool) -> Array:
        self.p, self.dim, self.keepdim = p, dim, keepdim
        result = np.asarray(self._norm(a if p == 2 else np.abs(a), p, dim), a.dtype)
        self.saved = (a, result)
        return result if keepdim else np.asarray(result.squeeze(dim))

    def _norm(self, size: Array, p: float, dim: Axes) -> Any:
        if p == 2:
            return np.sqrt(np.sum(size * size, axis=dim, keepdims=True))
        if p == 1:
            return np.sum(size, axis=dim, keepdims=True)
        if p == 0:
            return np.sum(size != 0, axis=dim, keepdims=True)
        if math.isinf(p):
            return (np.max if p > 0 else np.min)(size, axis=dim, keepdims=True)
        return np.sum(size**p, axis=dim, keepdims=True) ** (1 / p)

    def backward(self, grad: Array) -> Grads:
        a, result = self.saved
        grad = with_axes(grad, self.dim, self.keepdim, a.ndim)
        if self.p == 0:
            return (None,)
        if self.p == 1:
            return (grad * sign_of(a),)
        size = np.abs(a)
        if math.isinf(self.p):
            chosen = size == result
            share = chosen / np.maximum(chosen.sum(axis=self.dim, keepdims=True), 1).astype(a.dtype)
        elif self.p == 2:
            share = np.where(result == 0, 0, size / result)
        else:
            share = np.where((size == 0) | (result == 0), 0, (size / result) ** (self.p - 1))
        return ((grad * sign_of(a) * share).astype(a.dtype, copy=False),)

    def name(self) -> str:
        """PyTorch's name for it."""
        return "LinalgVectorNormBackward0"


def count(a: Array, dim: Axes) -> int:
    """Return how many elements are brought together into one."""
    return a.size if dim is None else int(np.prod([a.shape[d] for d in dim]))


# ------------------------------------------------------------------ functions


@of_tensor
def sum(input: Tensor, dim: Dims = None, keepdim: bool = False, *, dtype: DType | None = None) -> Tensor:
    """Return the sum of all elements, or over ``dim``; integers and bools are summed as ``int64``."""
    source, over = _summand(input, dtype), axes(dim, input.ndim)
    return apply(Sum, source, dim=over, keepdim=keepdim, variant=int(dim is not None))


@of_tensor
def nansum(input: Tensor, dim: Dims = None, keepdim: bool = False, *, dtype: DType | None = None) -> Tensor:
    """Return the sum over ``dim`` of the elements that are numbers."""
    source = _summand(input, dtype)
    operation = Nansum if source.is_floating_point() else Sum
    return apply(operation, source, dim=axes(dim, input.ndim), keepdim=keepdim)


def _summand(input: Tensor, dtype: DType | None) -> Tensor:
    """Return what is added up: of the wanted dtype, or integers and bools as ``int64``."""
    if dtype is None:
        return input if input.is_floating_point() else input.to(int64)
    return input.to(dtype)


@of_tensor
def mean(input: Tensor, dim: Dims = None, keepdim: bool = False, *, dtype: DType | None = None) -> Tensor:
    """Return the mean of all elements, or over ``dim``; ``RuntimeError`` for integers."""
    source = input if dtype is None else input.to(dtype)
    if not source.is_floating_point():
        which = "Input" if dtype is None else "Optional"
        raise RuntimeError(
            f"mean(): could not infer output dtype. {which} dtype must be either a floating point or complex dtype. "
            f"Got: {source.dtype.word}. Convert it first, for example with .float()."
        )
    return apply(Mean, source, dim=axes(dim, input.ndim), keepdim=keepdim, variant=int(dim is not None))


@of_tensor
def nanmean(input: Tensor, dim: Dims = None, keepdim: bool = False, *, dtype: DType | None = None) -> Tensor:
    """Return the mean over ``dim`` of the elements that are numbers; ``RuntimeError`` for integers."""
    if not input.is_floating_point():
        raise RuntimeError(
            f"nanmean(): expected input to have floating point or complex dtype but got {input.dtype.word}. "
            "Convert it first, for example with .float()."
        )
    numbers = np.sum(~np.isnan(input._array), axis=axes(dim, input.ndim), keepdims=keepdim)
    return div(nansum(input, dim, keepdim, dtype=dtype), wrap(numbers, input._device))


@of_tensor
def prod(input: Tensor, dim: int | None = None, keepdim: bool = False, *, dtype: DType | None = None) -> Tensor:
    """Return the product of all elements, or over ``dim``; integers and bools are multiplied as ``int64``."""
    if isinstance(dim, tuple | list):
        raise TypeError(f"prod() received an invalid combination of arguments: 'dim' must be int, not {dim!r}")
    over = None if dim is None else axis(dim, input.ndim)
    return apply(Prod, _summand(input, dtype), dim=over, keepdim=keepdim)


@of_tensor
def all(input: Tensor, dim: Dims = None, keepdim: bool = False) -> Tensor:
    """Return whether every element is true, in the whole tensor or over ``dim``."""
    return _truth(np.all, input, dim, keepdim)


@of_tensor
def any(input: Tensor, dim: Dims = None, keepdim: bool = False) -> Tensor:
    """Return whether some element is true, in the whole tensor or over ``dim``."""
    return _truth(np.any, input, dim, keepdim)


def _truth(function: Any, input: Tensor, dim: Any, keepdim: bool) -> Tensor:
    found = np.asarray(function(input._array, axis=axes(dim, input.ndim), keepdims=keepdim))
    kind = np.uint8 if input._array.dtype == np.uint8 else np.bool_  # bytes were PyTorch's bools once
    return wrap(found.astype(kind, copy=False), input._device)


@of_tensor
def count_nonzero(input: Tensor, dim: Dims = None) -> Tensor:
    """Return how many elements are not 0, in the whole tensor or over ``dim``."""
    return wrap(np.asarray(np.count_nonzero(input._array, axis=axes(dim, input.ndim)), np.int64), input._device)


@of_tensor
def norm(
    input: Tensor, p: Any = "fro", dim: Dims = None, keepdim: bool = False, *, dtype: DType | None = None
) -> Tensor:
    """Return the vector norm of order ``p`` of all elements, or over ``dim``; "fro" is the order 2.

    ``RuntimeError`` for integers, and for the norm "nuc", which paramlab does not know.
    """
    if isinstance(p, str) and p != "fro":
        raise RuntimeError(f"linalg.matrix_norm: Order {p} not supported. Use 'fro' or a number.")
    return vector_norm(input, 2 if p in ("fro", None) else p, dim, keepdim, dtype=dtype)


@of_tensor
def vector_norm(
    x: Tensor, ord: float = 2, dim: Dims = None, keepdim: bool = False, *, dtype: DType | None = None
) -> Tensor:
    """Return ``sum(|x| ** ord) ** (1 / ord)`` of all elements, or over ``dim``; of infinity the largest ``|x|``.

    ``RuntimeError`` for integers, and for the norm of infinite order of nothing.
    """
    if not x.is_floating_point():
        raise RuntimeError(
            f"linalg.vector_norm: Expected a floating point or complex tensor as input. Got {x.dtype.word}. "
            "Convert it first, for example with .float()."
        )
    over = axes(dim, x.ndim)
    if count(x._array, over) == 0 and (math.isinf(ord) or ord < 0):
        raise RuntimeError(
            f"linalg.vector_norm cannot compute the {float(ord):g} norm on an empty tensor because the operation does "
            "not have an identity"
        )
    return apply(Norm, x if dtype is None else x.to(dtype), p=ord, dim=over, keepdim=keepdim)
