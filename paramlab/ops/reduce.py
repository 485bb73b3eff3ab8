"""Operations that take dimensions away: sums, means, extremes, softmax."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..autograd import Array, Operation
from ..tensor import Tensor, apply, wrap
from ..types import int64
from .operands import axes, axis, with_axes

Grads = tuple[Array | None, ...]
Axes = tuple[int, ...] | None


class Sum(Operation):
    """The sum over ``dim``; every element that was summed gets the gradient of its sum."""

    def forward(self, a: Array, dim: Axes = None, keepdim: bool = False) -> Array:  # type: ignore[override]
        self.shape, self.dim, self.keepdim = a.shape, dim, keepdim
        return a.sum(axis=dim, keepdims=keepdim)

    def backward(self, grad: Array) -> Grads:
        return (np.broadcast_to(with_axes(grad, self.dim, self.keepdim, len(self.shape)), self.shape),)


class Mean(Operation):
    """The mean over ``dim``; every element gets its share of the gradient."""

    def forward(self, a: Array, dim: Axes = None, keepdim: bool = False) -> Array:  # type: ignore[override]
        self.shape, self.dim, self.keepdim = a.shape, dim, keepdim
        self.count = a.size if dim is None else int(np.prod([a.shape[d] for d in dim]))
        with np.errstate(invalid="ignore", divide="ignore"):
            # NumPy warns of the mean of nothing; PyTorch just answers nan
            return np.asarray(a.sum(axis=dim, keepdims=keepdim) / a.dtype.type(self.count), a.dtype)

    def backward(self, grad: Array) -> Grads:
        share = grad / grad.dtype.type(self.count)
        return (np.broadcast_to(with_axes(share, self.dim, self.keepdim, len(self.shape)), self.shape),)


class Extreme(Operation):
    """The largest or the smallest elements; equal ones share the gradient.

    Over one ``dim`` the gradient goes to the element at ``index`` alone.
    """

    def forward(  # type: ignore[override]
        self, a: Array, largest: bool = True, dim: int | None = None, keepdim: bool = False, index: Any = None
    ) -> Array:
        self.dim, self.keepdim, self.shape = dim, keepdim, a.shape
        if dim is None:
            result = np.asarray(a.max() if largest else a.min())
            self.saved = (a == result,)
            return result
        self.saved = (index,)
        picked = np.take_along_axis(a, index, dim)
        return picked if keepdim else picked.squeeze(dim)

    def backward(self, grad: Array) -> Grads:
        (where,) = self.saved  # type: ignore[misc]
        if self.dim is None:
            return (where * (grad / where.sum(dtype=grad.dtype)),)
        spread = np.zeros(self.shape, grad.dtype)
        np.put_along_axis(spread, where, grad if self.keepdim else np.expand_dims(grad, self.dim), self.dim)
        return (spread,)


class LogSumExp(Operation):
    """``log(sum(exp(a)))`` over ``dim``; the gradient times the softmax."""

    def forward(self, a: Array, dim: Axes = None, keepdim: bool = False) -> Array:  # type: ignore[override]
        top = np.max(a, axis=dim, keepdims=True)
        top = np.where(np.isfinite(top), top, 0).astype(a.dtype)  # exp never overflows below its largest
        with np.errstate(divide="ignore"):
            result = top + np.log(np.exp(a - top).sum(axis=dim, keepdims=True))
        self.saved, self.dim, self.keepdim = (a, result), dim, keepdim
        return result if keepdim else np.asarray(result.reshape(np.sum(a, axis=dim).shape))

    def backward(self, grad: Array) -> Grads:
        a, result = self.saved  # type: ignore[misc]
        return (with_axes(grad, self.dim, self.keepdim, a.ndim) * np.exp(a - result),)


class Softmax(Operation):
    """``exp(a) / sum(exp(a))`` over ``dim``."""

    uses_result = True

    def forward(self, a: Array, dim: int = -1) -> Array:  # type: ignore[override]
        shifted = np.exp(a - a.max(axis=dim, keepdims=True))
        result = shifted / shifted.sum(axis=dim, keepdims=True)
        self.saved, self.dim = (result,), dim
        return result

    def backward(self, grad: Array) -> Grads:
        (result,) = self.saved  # type: ignore[misc]
        weighted = grad * result
        return (weighted - result * weighted.sum(axis=self.dim, keepdims=True),)


class LogSoftmax(Operation):
    """``a - log(sum(exp(a)))`` over ``dim``."""

    uses_result = True

    def forward(self, a: Array, dim: int = -1) -> Array:  # type: ignore[override]
        shifted = a - a.max(axis=dim, keepdims=True)
        result = shifted - np.log(np.exp(shifted).sum(axis=dim, keepdims=True))
        self.saved, self.dim = (result,), dim
        return result

    def backward(self, grad: Array) -> Grads:
        (result,) = self.saved  # type: ignore[misc]
        return (grad - np.exp(result) * grad.sum(axis=self.dim, keepdims=True),)


# ------------------------------------------------------------------ functions


def sum(input: Tensor, dim: Any = None, keepdim: bool = False) -> Tensor:
    """Return the sum of all elements, or over ``dim``; integers and bools are summed as ``int64``."""
    source = input if input.is_floating_point() else input.to(int64)
    return apply(Sum, source, dim=axes(dim, input.ndim), keepdim=keepdim)


def mean(input: Tensor, dim: Any = None, keepdim: bool = False) -> Tensor:
    """Return the mean of all elements, or over ``dim``; ``RuntimeError`` for integers."""
    _need_floats(input, "mean")
    return apply(Mean, input, dim=axes(dim, input.ndim), keepdim=keepdim)


def var(input: Tensor, dim: Any = None, unbiased: bool = True, keepdim: bool = False) -> Tensor:
    """Return the variance; divided by ``n - 1`` where ``unbiased``, else by ``n``."""
    _need_floats(input, "var")
    over = axes(dim, input.ndim)
    centred = input - apply(Mean, input, dim=over, keepdim=True)
    squares = centred * centred
    count = input.numel() if over is None else int(np.prod([input.shape[d] for d in over]))
    if not unbiased:
        return apply(Mean, squares, dim=over, keepdim=keepdim)
    total = apply(Sum, squares, dim=over, keepdim=keepdim)
    return total / (count - 1) if count > 1 else total * float("nan")


def std(input: Tensor, dim: Any = None, unbiased: bool = True, keepdim: bool = False) -> Tensor:
    """Return the standard deviation, the square root of ``var``."""
    return var(input, dim, unbiased, keepdim).sqrt()


class Extremes(NamedTuple):
    """The extreme elements over a dimension, and where each of them is."""

    values: Tensor
    indices: Tensor


def max(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor | Extremes:
    """Return the largest element, or over ``dim`` the largest ones and their indices."""
    return _extreme(input, dim, keepdim, largest=True)


def min(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor | Extremes:
    """Return the smallest element, or over ``dim`` the smallest ones and their indices."""
    return _extreme(input, dim, keepdim, largest=False)


def _extreme(input: Tensor, dim: int | None, keepdim: bool, largest: bool) -> Tensor | Extremes:
    if dim is None:
        _need_elements(input, "max" if largest else "min")
        return apply(Extreme, input, largest=largest)
    over = axis(dim, input.ndim)
    index = _arg(input, over, True, largest)
    values = apply(Extreme, input, largest=largest, dim=over, keepdim=keepdim, index=index)
    return Extremes(values, wrap(index if keepdim else index.squeeze(over), input._device))


def argmax(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """Return the index of the largest element, in the flattened tensor or over ``dim``."""
    return wrap(_arg(input, dim, keepdim, True), input._device)


def argmin(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """Return the index of the smallest element, in the flattened tensor or over ``dim``."""
    return wrap(_arg(input, dim, keepdim, False), input._device)


def _arg(input: Tensor, dim: int | None, keepdim: bool, largest: bool) -> Array:
    _need_elements(input, "argmax" if largest else "argmin")
    function = np.argmax if largest else np.argmin
    over = None if dim is None else axis(dim, input.ndim)
    return np.asarray(function(input._array, axis=over, keepdims=keepdim and over is not None), dtype=np.int64)


def logsumexp(input: Tensor, dim: Any, keepdim: bool = False) -> Tensor:
    """Return ``log(sum(exp(input)))`` over ``dim``, without overflow."""
    return apply(LogSumExp, input, dim=axes(dim, input.ndim), keepdim=keepdim)


def softmax(input: Tensor, dim: int) -> Tensor:
    """Return ``exp(input) / sum(exp(input))`` over ``dim``, without overflow."""
    _need_floats(input, "softmax")
    return apply(Softmax, input, dim=axis(dim, input.ndim))


def log_softmax(input: Tensor, dim: int) -> Tensor:
    """Return the logarithm of the softmax over ``dim``, without overflow."""
    _need_floats(input, "log_softmax")
    return apply(LogSoftmax, input, dim=axis(dim, input.ndim))


def _need_floats(input: Tensor, name: str) -> None:
    if not input.is_floating_point():
        word = input.dtype.tensor_name.removesuffix("Tensor")
        raise RuntimeError(
            f"{name}(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. "
            f"Got: {word}. Convert it first, for example with .float()."
        )


def _need_elements(input: Tensor, name: str) -> None:
    if input.numel() == 0:
        raise RuntimeError(f"{name}(): Expected reduction dim to be specified for input.numel() == 0.")
