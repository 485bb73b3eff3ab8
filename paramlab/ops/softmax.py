"""The softmax and its relatives, computed without overflow."""

from __future__ import annotations

import numpy as np

from ..autograd import Array, Operation
from ..dtypes import dtype as DType
from ..tensor import Tensor, apply
from .arguments import Dims, of_tensor
from .operands import axes, axis, floating, with_axes

Grads = tuple[Array | None, ...]
Axes = tuple[int, ...] | None


class Logsumexp(Operation):
    """``log(sum(exp(a)))`` over ``dim``; the gradient times the softmax."""

    in_float32 = True
    uses = ((0,),)

    def forward(self, a: Array, dim: Axes = None, keepdim: bool = False) -> Array:
        top = np.max(a, axis=dim, keepdims=True, initial=-np.inf)
        top = np.where(np.isfinite(top), top, 0).astype(a.dtype)  # exp never overflows below its largest
        result = top + np.log(np.exp(a - top).sum(axis=dim, keepdims=True))
        self.saved, self.dim, self.keepdim = (a, result), dim, keepdim
        return result if keepdim else np.asarray(result.reshape(np.sum(a, axis=dim).shape))

    def backward(self, grad: Array) -> Grads:
        a, result = self.saved
        return (with_axes(grad, self.dim, self.keepdim, a.ndim) * np.exp(a - result),)


class Softmax(Operation):
    """``exp(a) / sum(exp(a))`` over ``dim``."""

    in_float32 = True
    uses_result = True

    def forward(self, a: Array, dim: int | None) -> Array:
        shifted = np.exp(a - _largest(a, dim))
        result: Array = shifted / shifted.sum(axis=dim, keepdims=True)
        self.saved, self.dim = (result,), dim
        return result

    def backward(self, grad: Array) -> Grads:
        (result,) = self.saved
        weighted = grad * result
        return (weighted - result * weighted.sum(axis=self.dim, keepdims=True),)


class LogSoftmax(Operation):
    """``a - log(sum(exp(a)))`` over ``dim``."""

    in_float32 = True
    uses_result = True

    def forward(self, a: Array, dim: int | None) -> Array:
        shifted = a - _largest(a, dim)
        result: Array = shifted - np.log(np.exp(shifted).sum(axis=dim, keepdims=True))
        self.saved, self.dim = (result,), dim
        return result

    def backward(self, grad: Array) -> Grads:
        (result,) = self.saved
        return (grad - np.exp(result) * grad.sum(axis=self.dim, keepdims=True),)


def _largest(a: Array, dim: int | None) -> Array:
    largest: Array = a.max(axis=dim, keepdims=True) if a.size else a.sum(axis=dim, keepdims=True)  # of nothing: 0
    return largest


# ------------------------------------------------------------------ functions


@of_tensor
def logsumexp(input: Tensor, dim: Dims, keepdim: bool = False) -> Tensor:
    """Return ``log(sum(exp(input)))`` over ``dim``, without overflow."""
    return apply(Logsumexp, floating(input), dim=axes(dim, input.ndim), keepdim=keepdim)


@of_tensor
def softmax(input: Tensor, dim: int, dtype: DType | None = None) -> Tensor:
    """Return ``exp(input) / sum(exp(input))`` over ``dim``, without overflow; computed in ``dtype`` if given."""
    return _over_classes(Softmax, "softmax", input if dtype is None else input.to(dtype), dim)


@of_tensor
def log_softmax(input: Tensor, dim: int, dtype: DType | None = None) -> Tensor:
    """Return the logarithm of the softmax over ``dim``, without overflow; computed in ``dtype`` if that is given."""
    return _over_classes(LogSoftmax, "log_softmax", input if dtype is None else input.to(dtype), dim)


def _over_classes(operation: type[Operation], name: str, input: Tensor, dim: int) -> Tensor:
    over = axis(dim, input.ndim)
    if not input.is_floating_point():
        kernel = f"{name}_lastdim_kernel_impl" if over >= input.ndim - 1 else f"{name}_kernel_impl"
        raise NotImplementedError(
            f"\"{kernel}\" not implemented for '{input.dtype.word}'. Convert the tensor first, for example with "
            ".float()."
        )
    return apply(operation, input, dim=over if input.ndim else None)
