"""The largest, the smallest, the middle: elements that are chosen over a dimension."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import return_types
from ..autograd import Array, Operation
from ..dtypes import bool_
from ..tensor import Tensor, apply, wrap
from .arguments import Dims, of_tensor
from .operands import axes, axis, with_axes
from .reduce import Axes, Grads, count
from .selection import maximum, minimum


class Choice(Operation):
    """The elements of ``a`` at ``index`` along ``dim``; those get the gradient."""

    def forward(self, a: Array, index: Array, dim: int, keepdim: bool = True) -> Array:
        self.saved, self.shape, self.dim, self.keepdim = (index,), a.shape, dim, keepdim
        if a.ndim == 0:
            return a.copy()
        chosen = np.take_along_axis(a, index, dim)
        return chosen if keepdim else np.asarray(chosen.squeeze(dim))

    def backward(self, grad: Array) -> Grads:
        if not self.shape:
            return (grad,)
        (index,) = self.saved
        spread = np.zeros(self.shape, grad.dtype)
        np.put_along_axis(spread, index, grad if self.keepdim else np.expand_dims(grad, self.dim), self.dim)
        return (spread,)


class Max(Choice):
    """The largest elements over a dimension."""


class Min(Choice):
    """The smallest elements over a dimension."""


class Median(Choice):
    """The medians over a dimension."""

    variant = 1


class Extreme(Operation):
    """The one value ``result`` that stands for many; those that are equal to it share its gradient evenly."""

    uses = ((0,),)

    def forward(self, a: Array, dim: Axes = None, keepdim: bool = False, variant: int = 0) -> Array:
        self.dim, self.keepdim, self.variant = dim, keepdim, variant
        result = np.asarray(self.choose(a, dim))
        self.saved = (a, result)
        return result if keepdim else np.asarray(result.squeeze(dim))

    def choose(self, a: Array, dim: Axes) -> Any:
        """Return the value, with its dimensions."""
        raise NotImplementedError

    def chosen(self, a: Array, result: Array) -> Array:
        """Return where the value is."""
        return np.equal(a, result)

    def backward(self, grad: Array) -> Grads:
        a, result = self.saved
        chosen = self.chosen(a, result)
        share = with_axes(grad, self.dim, self.keepdim, a.ndim) / chosen.sum(
            axis=self.dim, keepdims=True, dtype=grad.dtype
        )
        return (share * chosen,)


class Amax(Extreme):
    """The largest element over ``dim``."""

    def choose(self, a: Array, dim: Axes) -> Any:
        return np.max(a, axis=dim, keepdims=True)


class Amin(Extreme):
    """The smallest element over ``dim``."""

    def choose(self, a: Array, dim: Axes) -> Any:
        return np.min(a, axis=dim, keepdims=True)


class Whole(Extreme):
    """The one value of all elements; where it is nan, those that are nan share its gradient."""

    def chosen(self, a: Array, result: Array) -> Array:
        return np.isnan(a) if np.isnan(result) else a == result


class MaxAll(Whole, Amax):
    """The largest of all elements."""

    def name(self) -> str:
        """PyTorch's name for it."""
        return "MaxBackward1"


class MinAll(Whole, Amin):
    """The smallest of all elements."""

    def name(self) -> str:
        """PyTorch's name for it."""
        return "MinBackward1"


class MedianAll(Whole):
    """The median of all elements; of an even number of them the lower one in the middle."""

    def choose(self, a: Array, dim: Axes) -> Any:
        values = np.partition(a, (a.size - 1) // 2, axis=None)
        nan = a.dtype.kind == "f" and np.isnan(a).any()
        return np.full((1,) * a.ndim, np.nan if nan else values[(a.size - 1) // 2], a.dtype)

    def name(self) -> str:
        """PyTorch's name for it."""
        return "MedianBackward0"


def _middle(a: Array, dim: int) -> Array:
    """Return the index of the median over ``dim``, which stays: of the first nan where there is one."""
    order = np.argsort(a, axis=dim, kind="stable")
    middle = np.take(order, [(a.shape[dim] - 1) // 2], axis=dim)
    if a.dtype.kind != "f":
        return middle
    nan = np.isnan(a)
    return np.where(nan.any(axis=dim, keepdims=True), nan.argmax(axis=dim, keepdims=True), middle)


# ------------------------------------------------------------------ functions


@of_tensor
def max(input: Tensor, dim: int | Tensor | None = None, keepdim: bool = False, *, other: Tensor | None = None) -> Any:
    """Return the largest element, or over ``dim`` the largest ones and their indices as ``(values, indices)``.

    Equal ones share the gradient; over ``dim`` the one at the index gets it. ``max(input, other)`` is
    ``maximum(input, other)``.
    """
    other = dim if isinstance(dim, Tensor) else other
    if other is not None:
        return maximum(input, other)
    return _all_or_over(return_types.max, MaxAll, Max, np.argmax, input, dim, keepdim)


@of_tensor
def min(input: Tensor, dim: int | Tensor | None = None, keepdim: bool = False, *, other: Tensor | None = None) -> Any:
    """Return the smallest element, or over ``dim`` the smallest ones and their indices as ``(values, indices)``.

    Equal ones share the gradient; over ``dim`` the one at the index gets it. ``min(input, other)`` is
    ``minimum(input, other)``.
    """
    other = dim if isinstance(dim, Tensor) else other
    if other is not None:
        return minimum(input, other)
    return _all_or_over(return_types.min, MinAll, Min, np.argmin, input, dim, keepdim)


def _all_or_over(
    named: Any, of_all: type[Extreme], over_one: type[Choice], argument: Any, input: Tensor, dim: Any, keepdim: bool
) -> Any:
    if dim is None:
        if input.numel() == 0:
            raise _no_dim(RuntimeError, named.__name__)
        return apply(of_all, input)
    over = _one_axis(named.__name__, input, dim)
    index = argument(input._array, axis=over if input.ndim else None, keepdims=True)
    return choose(named, over_one, input, np.asarray(index, np.int64), over, keepdim)


def choose(named: Any, operation: type[Choice], input: Tensor, index: Array, dim: int, keepdim: bool = True) -> Any:
    """Return the elements at ``index`` along ``dim`` and the indices, as the named tuple ``named``."""
    values = apply(operation, input, index=index, dim=dim, keepdim=keepdim)
    return named(values, wrap(index.reshape(values._array.shape), input._device))


def _one_axis(name: str, input: Tensor, dim: Any) -> int:
    """Return the one dimension that ``dim`` names; ``IndexError`` if there is nothing to choose from."""
    if not hasattr(dim, "__index__"):
        raise TypeError(f"{name}() received an invalid combination of arguments: 'dim' must be int, not {dim!r}")
    over = axis(dim, input.ndim)
    if input.ndim and input._array.shape[over] == 0:
        raise IndexError(f"{name}(): Expected reduction dim {over} to have non-zero size.")
    return over


def _no_dim(kind: type[Exception], name: str) -> Exception:
    return kind(
        f"{name}(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with the "
        "'dim' argument."
    )


@of_tensor
def amax(input: Tensor, dim: Dims = (), keepdim: bool = False) -> Tensor:
    """Return the largest element over ``dim``, one or several; equal ones share the gradient."""
    return _over_several(Amax, "amax", input, dim, keepdim)


@of_tensor
def amin(input: Tensor, dim: Dims = (), keepdim: bool = False) -> Tensor:
    """Return the smallest element over ``dim``, one or several; equal ones share the gradient."""
    return _over_several(Amin, "amin", input, dim, keepdim)


def _over_several(operation: type[Extreme], name: str, input: Tensor, dim: Any, keepdim: bool) -> Tensor:
    over = axes(dim, input.ndim)
    if count(input._array, over) == 0:
        if over is None:
            raise _no_dim(RuntimeError, name)
        empty = next(d for d in over if input._array.shape[d] == 0)
        raise IndexError(f"{name}(): Expected reduction dim {empty} to have non-zero size.")
    return apply(operation, input, dim=over, keepdim=keepdim)


@of_tensor
def aminmax(input: Tensor, *, dim: int | None = None, keepdim: bool = False) -> return_types.aminmax:
    """Return the smallest and the largest element, of all or over ``dim``, as ``(min, max)``."""
    if dim is not None and not hasattr(dim, "__index__"):
        raise TypeError(f"aminmax(): argument 'dim' must be int, not {type(dim).__name__}")
    if count(input._array, axes(dim, input.ndim)) == 0:
        raise RuntimeError(
            "aminmax(): cannot compute aminmax over an empty dimension as the operation has no identity."
        )
    over = () if dim is None else dim
    return return_types.aminmax(amin(input, over, keepdim), amax(input, over, keepdim))


@of_tensor
def argmax(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """Return the index of the largest element, in the flattened tensor or over ``dim``."""
    return _argument("argmax", np.argmax, input, dim, keepdim)


@of_tensor
def argmin(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """Return the index of the smallest element, in the flattened tensor or over ``dim``."""
    return _argument("argmin", np.argmin, input, dim, keepdim)


def _argument(name: str, function: Any, input: Tensor, dim: int | None, keepdim: bool) -> Tensor:
    if input.dtype is bool_:
        raise RuntimeError(f"{name}(): does not support bool input. Convert it first, for example with .long().")
    if dim is None:
        if input.numel() == 0:
            raise _no_dim(IndexError, name)
        over = None
    else:
        over = _one_axis(name, input, dim) if input.ndim else None
    index = np.asarray(function(input._array, axis=over, keepdims=keepdim), np.int64)
    return wrap(index, input._device)


@of_tensor
def median(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Any:
    """Return the median, or over ``dim`` the medians and their indices as ``(values, indices)``.

    Of an even number of elements it is the lower one in the middle, and nan if one of them is.
    """
    if input.dtype is bool_:
        raise NotImplementedError("\"median_cpu\" not implemented for 'Bool'. Convert it first: x.long().")
    if dim is None:
        if input.numel() == 0:
            return input.sum() * np.nan
        return apply(MedianAll, input)
    over = _one_axis("median", input, dim)
    index = _middle(input._array, over) if input.ndim else np.zeros((), np.int64)
    return choose(return_types.median, Median, input, index, over, keepdim)
