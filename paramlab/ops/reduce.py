"""Operations that take dimensions away: sums, means, extremes, softmax."""

from __future__ import annotations

import warnings
from typing import Any, NamedTuple

import numpy as np

from ..autograd import Array, Operation
from ..dtypes import dtype as DType
from ..dtypes import get_default_dtype, int64
from ..tensor import Tensor, apply, wrap
from .operands import axes, axis, with_axes

Grads = tuple[Array | None, ...]
Axes = tuple[int, ...] | None


class Sum(Operation):
    """The sum over ``dim``; every element that was summed gets the gradient of its sum."""

    def forward(self, a: Array, dim: Axes = None, keepdim: bool = False) -> Array:
        self.shape, self.dim, self.keepdim, self.variant = a.shape, dim, keepdim, int(dim is not None)
        return np.asarray(a.sum(axis=dim, keepdims=keepdim))

    def backward(self, grad: Array) -> Grads:
        return (np.broadcast_to(with_axes(grad, self.dim, self.keepdim, len(self.shape)), self.shape),)


class Mean(Operation):
    """The mean over ``dim``; every element gets its share of the gradient."""

    def forward(self, a: Array, dim: Axes = None, keepdim: bool = False) -> Array:
        self.shape, self.dim, self.keepdim, self.variant = a.shape, dim, keepdim, int(dim is not None)
        self.count = _count(a, dim)
        return np.asarray(a.sum(axis=dim, keepdims=keepdim) / a.dtype.type(self.count), a.dtype)

    def backward(self, grad: Array) -> Grads:
        share = grad / grad.dtype.type(self.count)
        return (np.broadcast_to(with_axes(share, self.dim, self.keepdim, len(self.shape)), self.shape),)


class Var(Operation):
    """The variance over ``dim``, divided by ``count``; ``a`` gets ``grad * 2 * (a - mean) / count``."""

    uses = ((0,),)

    def forward(self, a: Array, dim: Axes, keepdim: bool, unbiased: bool) -> Array:
        centred = a - a.mean(axis=dim, keepdims=True)
        self.count = _count(a, dim) - unbiased
        self.saved, self.dim, self.keepdim = (centred,), dim, keepdim
        # the sum of nothing's squares over a count of 0 or less is nan
        return np.asarray((centred * centred).sum(axis=dim, keepdims=keepdim) / a.dtype.type(np.maximum(self.count, 0)))

    def backward(self, grad: Array) -> Grads:
        (centred,) = self.saved
        share = with_axes(grad, self.dim, self.keepdim, centred.ndim) * grad.dtype.type(
            2 / self.count if self.count > 0 else np.nan
        )
        return (share * centred,)


class Std(Operation):
    """The square root of the variance; ``a`` gets ``grad * (a - mean) / (count * std)``."""

    uses = ((0,),)

    def forward(self, a: Array, dim: Axes, keepdim: bool, unbiased: bool) -> Array:
        centred = a - a.mean(axis=dim, keepdims=True)
        self.count = _count(a, dim) - unbiased
        result = np.sqrt((centred * centred).sum(axis=dim, keepdims=True) / a.dtype.type(np.maximum(self.count, 0)))
        self.saved, self.dim, self.keepdim = (centred, result), dim, keepdim
        return np.asarray(result if keepdim else result.squeeze(dim))

    def backward(self, grad: Array) -> Grads:
        centred, result = self.saved
        share = with_axes(grad, self.dim, self.keepdim, centred.ndim) / (self.count * result)
        return (np.where(result == 0, 0, share * centred).astype(grad.dtype, copy=False),)


class Max(Operation):
    """The largest elements; equal ones share the gradient.

    Over one ``dim`` the gradient goes to the element at ``index`` alone.
    """

    uses = ((0,),)
    reduce = staticmethod(np.max)

    def forward(self, a: Array, dim: int | None = None, keepdim: bool = False, index: Any = None) -> Array:
        self.dim, self.keepdim, self.shape = dim, keepdim, a.shape
        if dim is None:
            result = np.asarray(self.reduce(a))
            self.saved, self.variant = (a == result,), 1
            return result
        self.saved = (index,)
        picked = np.take_along_axis(a, index, dim) if a.ndim else a
        return picked if keepdim or not a.ndim else picked.squeeze(dim)

    def backward(self, grad: Array) -> Grads:
        (where,) = self.saved
        if self.dim is None or not self.shape:
            return (where * (grad / where.sum(dtype=grad.dtype)) if self.dim is None else grad,)
        spread = np.zeros(self.shape, grad.dtype)
        np.put_along_axis(spread, where, grad if self.keepdim else np.expand_dims(grad, self.dim), self.dim)
        return (spread,)


class Min(Max):
    """The smallest elements; the gradient as for the largest."""

    reduce = staticmethod(np.min)


class Logsumexp(Operation):
    """``log(sum(exp(a)))`` over ``dim``; the gradient times the softmax."""

    uses = ((0,),)

    def forward(self, a: Array, dim: Axes = None, keepdim: bool = False) -> Array:
        top = np.max(a, axis=dim, keepdims=True)
        top = np.where(np.isfinite(top), top, 0).astype(a.dtype)  # exp never overflows below its largest
        result = top + np.log(np.exp(a - top).sum(axis=dim, keepdims=True))
        self.saved, self.dim, self.keepdim = (a, result), dim, keepdim
        return result if keepdim else np.asarray(result.reshape(np.sum(a, axis=dim).shape))

    def backward(self, grad: Array) -> Grads:
        a, result = self.saved
        return (with_axes(grad, self.dim, self.keepdim, a.ndim) * np.exp(a - result),)


class Softmax(Operation):
    """``exp(a) / sum(exp(a))`` over ``dim``."""

    uses_result = True

    def forward(self, a: Array, dim: int | None) -> Array:
        shifted = np.exp(a - a.max(axis=dim, keepdims=True))
        result: Array = shifted / shifted.sum(axis=dim, keepdims=True)
        self.saved, self.dim = (result,), dim
        return result

    def backward(self, grad: Array) -> Grads:
        (result,) = self.saved
        weighted = grad * result
        return (weighted - result * weighted.sum(axis=self.dim, keepdims=True),)


class LogSoftmax(Operation):
    """``a - log(sum(exp(a)))`` over ``dim``."""

    uses_result = True

    def forward(self, a: Array, dim: int | None) -> Array:
        shifted = a - a.max(axis=dim, keepdims=True)
        result: Array = shifted - np.log(np.exp(shifted).sum(axis=dim, keepdims=True))
        self.saved, self.dim = (result,), dim
        return result

    def backward(self, grad: Array) -> Grads:
        (result,) = self.saved
        return (grad - np.exp(result) * grad.sum(axis=self.dim, keepdims=True),)


# ------------------------------------------------------------------ functions


def sum(input: Tensor, dim: Any = None, keepdim: bool = False, *, dtype: DType | None = None) -> Tensor:
    """Return the sum of all elements, or over ``dim``; integers and bools are summed as ``int64``."""
    kind = dtype or (input.dtype if input.is_floating_point() else int64)
    return apply(Sum, input.to(kind), dim=axes(dim, input.ndim), keepdim=keepdim)


def mean(input: Tensor, dim: Any = None, keepdim: bool = False, *, dtype: DType | None = None) -> Tensor:
    """Return the mean of all elements, or over ``dim``; ``RuntimeError`` for integers."""
    source = input if dtype is None else input.to(dtype)
    if not source.is_floating_point():
        raise RuntimeError(
            "mean(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. "
            f"Got: {source.dtype.word}. Convert it first, for example with .float()."
        )
    return apply(Mean, source, dim=axes(dim, input.ndim), keepdim=keepdim)


def var(input: Tensor, dim: Any = None, unbiased: bool = True, keepdim: bool = False) -> Tensor:
    """Return the variance; divided by ``n - 1`` where ``unbiased``, else by ``n``."""
    return _spread(Var, input, dim, unbiased, keepdim)


def std(input: Tensor, dim: Any = None, unbiased: bool = True, keepdim: bool = False) -> Tensor:
    """Return the standard deviation, the square root of ``var``."""
    return _spread(Std, input, dim, unbiased, keepdim)


def _spread(operation: type[Operation], input: Tensor, dim: Any, unbiased: bool, keepdim: bool) -> Tensor:
    if not input.is_floating_point():
        raise RuntimeError(
            "std and var only support floating point and complex dtypes. Convert the tensor first, for example with "
            ".float()."
        )
    over = axes(dim, input.ndim)
    if _count(input._array, over) - unbiased <= 0:
        warnings.warn(
            f"{operation.__name__.lower()}(): degrees of freedom is <= 0. Correction should be strictly less than the "
            "reduction factor (input numel divided by output numel).",
            UserWarning,
            stacklevel=4,
        )
    return apply(operation, input, dim=over, keepdim=keepdim, unbiased=unbiased)


class Extremes(NamedTuple):
    """The extreme elements over a dimension, and where each of them is."""

    values: Tensor
    indices: Tensor


def max(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor | Extremes:
    """Return the largest element, or over ``dim`` the largest ones and their indices."""
    return _extreme(Max, input, dim, keepdim)


def min(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor | Extremes:
    """Return the smallest element, or over ``dim`` the smallest ones and their indices."""
    return _extreme(Min, input, dim, keepdim)


def _extreme(operation: type[Max], input: Tensor, dim: int | None, keepdim: bool) -> Tensor | Extremes:
    name = operation.__name__.lower()
    if dim is None:
        if input.numel() == 0:
            raise RuntimeError(
                f"{name}(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim "
                "with the 'dim' argument."
            )
        return apply(operation, input)
    over = axis(dim, input.ndim)
    index = _arg(name, input, over, True)
    values = apply(operation, input, dim=over, keepdim=keepdim, index=index)
    return Extremes(values, wrap(index.reshape(values.shape), input._device))


def argmax(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """Return the index of the largest element, in the flattened tensor or over ``dim``."""
    return wrap(_arg("argmax", input, dim, keepdim), input._device)


def argmin(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """Return the index of the smallest element, in the flattened tensor or over ``dim``."""
    return wrap(_arg("argmin", input, dim, keepdim), input._device)


def _arg(name: str, input: Tensor, dim: int | None, keepdim: bool) -> Array:
    over = None if dim is None else axis(dim, input.ndim)
    if input.numel() == 0 and over is None:
        raise IndexError(f"{name}(): Expected reduction dim to be specified for input.numel() == 0.")
    if over is not None and input.ndim and input.shape[over] == 0:
        raise IndexError(f"{name}(): Expected reduction dim {over} to have non-zero size.")
    function = np.argmax if name.endswith("max") else np.argmin
    keep = keepdim and input.ndim > 0
    return np.asarray(function(input._array, axis=over if input.ndim else None, keepdims=keep), dtype=np.int64)


def logsumexp(input: Tensor, dim: Any, keepdim: bool = False) -> Tensor:
    """Return ``log(sum(exp(input)))`` over ``dim``, without overflow."""
    source = input if input.is_floating_point() else input.to(get_default_dtype())
    return apply(Logsumexp, source, dim=axes(dim, input.ndim), keepdim=keepdim)


def softmax(input: Tensor, dim: int) -> Tensor:
    """Return ``exp(input) / sum(exp(input))`` over ``dim``, without overflow."""
    return _over_classes(Softmax, "softmax", input, dim)


def log_softmax(input: Tensor, dim: int) -> Tensor:
    """Return the logarithm of the softmax over ``dim``, without overflow."""
    return _over_classes(LogSoftmax, "log_softmax", input, dim)


def _over_classes(operation: type[Operation], name: str, input: Tensor, dim: int) -> Tensor:
    if not input.is_floating_point():
        raise NotImplementedError(
            f"\"{name}_lastdim_kernel_impl\" not implemented for '{input.dtype.word}'. Convert the tensor first, for "
            "example with .float()."
        )
    over = axis(dim, input.ndim)
    return apply(operation, input, dim=over if input.ndim else None)


def _count(a: Array, dim: Axes) -> int:
    """Return how many elements are brought together into one."""
    return a.size if dim is None else int(np.prod([a.shape[d] for d in dim]))
