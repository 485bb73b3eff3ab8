"""Comparisons and logic: what has no gradient and returns bools."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..autograd import Array
from ..tensor import Tensor, common_device, wrap
from .operands import axes, check_broadcast, pair, result_type


def _compare(function: Callable[[Array, Array], Any], a: Any, b: Any) -> Tensor:
    first, second = pair(function.__name__, a, b)
    place = common_device((first, second))
    try:
        return wrap(function(first._array, second._array), place)
    except ValueError:
        check_broadcast(first.shape, second.shape)
        raise


def eq(input: Any, other: Any) -> Tensor:
    """Return where the elements are equal; the shapes broadcast."""
    return _compare(np.equal, input, other)


def ne(input: Any, other: Any) -> Tensor:
    """Return where the elements differ."""
    return _compare(np.not_equal, input, other)


def lt(input: Any, other: Any) -> Tensor:
    """Return where ``input < other``."""
    return _compare(np.less, input, other)


def le(input: Any, other: Any) -> Tensor:
    """Return where ``input <= other``."""
    return _compare(np.less_equal, input, other)


def gt(input: Any, other: Any) -> Tensor:
    """Return where ``input > other``."""
    return _compare(np.greater, input, other)


def ge(input: Any, other: Any) -> Tensor:
    """Return where ``input >= other``."""
    return _compare(np.greater_equal, input, other)


def logical_not(input: Tensor) -> Tensor:
    """Return where the elements are zero or False."""
    return wrap(np.logical_not(input._array), input._device)


def bitwise_not(input: Tensor) -> Tensor:
    """Return ``~input``: bools inverted, integers bit by bit."""
    if input.is_floating_point():
        raise TypeError("~ (operator.invert) is only implemented on integer and Boolean-type tensors")
    return wrap(np.invert(input._array), input._device)


def bitwise_and(input: Any, other: Any) -> Tensor:
    """Return ``input & other``."""
    return _bitwise(np.bitwise_and, input, other)


def bitwise_or(input: Any, other: Any) -> Tensor:
    """Return ``input | other``."""
    return _bitwise(np.bitwise_or, input, other)


def _bitwise(function: Callable[[Array, Array], Any], a: Any, b: Any) -> Tensor:
    try:
        return _compare(function, a, b)
    except TypeError:
        kind = result_type(a, b)
        if not kind.is_floating_point:
            raise
        raise NotImplementedError(
            f"\"{function.__name__}_cpu\" not implemented for '{kind.word}'. Compare first, as in (x > 0) & mask."
        ) from None


def all(input: Tensor, dim: Any = None, keepdim: bool = False) -> Tensor:
    """Return whether every element is true, in the whole tensor or over ``dim``."""
    return wrap(np.asarray(input._array.all(axis=axes(dim, input.ndim), keepdims=keepdim)), input._device)


def any(input: Tensor, dim: Any = None, keepdim: bool = False) -> Tensor:
    """Return whether some element is true, in the whole tensor or over ``dim``."""
    return wrap(np.asarray(input._array.any(axis=axes(dim, input.ndim), keepdims=keepdim)), input._device)


def isnan(input: Tensor) -> Tensor:
    """Return where the elements are not a number."""
    return wrap(np.isnan(input._array), input._device)


def isfinite(input: Tensor) -> Tensor:
    """Return where the elements are neither infinite nor not a number."""
    return wrap(np.isfinite(input._array), input._device)


def equal(input: Tensor, other: Tensor) -> bool:
    """Return whether two tensors have the same shape and the same elements."""
    common_device((input, other))
    return input._array.shape == other._array.shape and bool((input._array == other._array).all())


def allclose(input: Tensor, other: Tensor, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> bool:
    """Return whether ``|input - other| <= atol + rtol * |other|`` everywhere."""
    common_device((input, other))
    if input.dtype is not other.dtype:
        raise RuntimeError(f"{input.dtype.word} did not match {other.dtype.word}. Convert one of them first.")
    return bool(np.allclose(input._array, other._array, rtol, atol, equal_nan))
