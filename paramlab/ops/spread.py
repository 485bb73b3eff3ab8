"""Variances and standard deviations."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from ..autograd import Array, Operation
from ..tensor import Tensor, apply
from .arguments import Dims, of_tensor
from .operands import axes, with_axes
from .reduce import Axes, Grads, count, mean, sum_of


class Var(Operation):
    """The variance over ``dim``: ``sum((a - mean)²) / (n - correction)``.

    ``a`` gets ``grad * 2 * (a - mean) / (n - correction)``.
    """

    in_float32 = True
    uses = ((0,),)

    def forward(self, a: Array, dim: Axes, keepdim: bool, correction: float) -> Array:
        variance = self.variance(a, dim, correction)
        self.keepdim = keepdim
        return variance if keepdim else np.asarray(variance.squeeze(dim))

    def variance(self, a: Array, dim: Axes, correction: float) -> Array:
        """Return the variance, and keep what the gradient needs; the dimensions stay."""
        number = count(a, dim)
        centred = a - sum_of(a, dim, True) / a.dtype.type(number)
        self.saved, self.dim = (centred,), dim
        self.count = a.dtype.type(max(number - correction, 0))
        return np.asarray(np.sum(centred * centred, axis=dim, keepdims=True) / self.count, a.dtype)

    def backward(self, grad: Array) -> Grads:
        (centred,) = self.saved
        share = with_axes(grad, self.dim, self.keepdim, centred.ndim) * (2 / self.count)
        return (share * centred,)


class Std(Var):
    """The square root of the variance; ``a`` gets ``grad * (a - mean) / ((n - correction) * std)``, 0 if that is 0."""

    def forward(self, a: Array, dim: Axes, keepdim: bool, correction: float) -> Array:
        result = np.sqrt(self.variance(a, dim, correction))
        self.saved, self.keepdim = (*self.saved, result), keepdim
        return result if keepdim else np.asarray(result.squeeze(dim))

    def backward(self, grad: Array) -> Grads:
        centred, result = self.saved
        share = with_axes(grad, self.dim, self.keepdim, centred.ndim) / (self.count * result)
        return (np.where(result == 0, grad.dtype.type(0), share * centred),)


class VarMean(Var):
    """The variance, where the mean is asked for too."""


class StdMean(Std):
    """The standard deviation, where the mean is asked for too."""


# ------------------------------------------------------------------ functions


@of_tensor
def var(
    input: Tensor, dim: Dims = None, unbiased: bool = True, keepdim: bool = False, *, correction: float | None = None
) -> Tensor:
    """Return the variance of all elements, or over ``dim``: divided by ``n - correction``.

    ``correction`` is 1; 0 where ``unbiased`` is False. ``RuntimeError`` for integers.
    """
    return _spread(Var, "var", input, dim, unbiased, keepdim, correction)


@of_tensor
def std(
    input: Tensor, dim: Dims = None, unbiased: bool = True, keepdim: bool = False, *, correction: float | None = None
) -> Tensor:
    """Return the standard deviation, the square root of ``var``."""
    return _spread(Std, "std", input, dim, unbiased, keepdim, correction)


@of_tensor
def var_mean(
    input: Tensor, dim: Dims = None, unbiased: bool = True, keepdim: bool = False, *, correction: float | None = None
) -> tuple[Tensor, Tensor]:
    """Return the variance and the mean of all elements, or over ``dim``."""
    spread = _spread(VarMean, "var_mean", input, dim, unbiased, keepdim, correction)
    return spread, mean(input, None if isinstance(dim, bool) else dim, keepdim)


@of_tensor
def std_mean(
    input: Tensor, dim: Dims = None, unbiased: bool = True, keepdim: bool = False, *, correction: float | None = None
) -> tuple[Tensor, Tensor]:
    """Return the standard deviation and the mean of all elements, or over ``dim``."""
    spread = _spread(StdMean, "std_mean", input, dim, unbiased, keepdim, correction)
    return spread, mean(input, None if isinstance(dim, bool) else dim, keepdim)


def _spread(
    operation: type[Var],
    name: str,
    input: Tensor,
    dim: Any,
    unbiased: bool,
    keepdim: bool,
    correction: float | None,
) -> Tensor:
    if not input.is_floating_point():
        raise RuntimeError(
            f"{name if name.endswith('mean') else 'std and var'} only support floating point and complex dtypes. "
            "Convert the tensor first, for example with .float()."
        )
    if isinstance(dim, bool):  # var(False) means unbiased=False
        dim, unbiased = None, dim
    over = axes(dim, input.ndim)
    less = int(unbiased) if correction is None else correction
    if count(input._array, over) - less <= 0:
        warnings.warn(
            f"{name}(): degrees of freedom is <= 0. Correction should be strictly less than the "
            "reduction factor (input numel divided by output numel).",
            UserWarning,
            stacklevel=4,
        )
    return apply(operation, input, dim=over, keepdim=keepdim, correction=less)
