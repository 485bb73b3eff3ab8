"""Comparisons and logic: what has no gradient and returns bools."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..autograd import Array
from ..tensor import Tensor, common_device, wrap
from .operands import check_broadcast, pair


def _compare(function: Callable[[Array, Array], Any], a: Any, b: Any) -> Tensor:
    operands = pair(a, b)
    if operands is None:
        return NotImplemented
    try:
        return wrap(function(operands[0]._array, operands[1]._array), common_device(operands))
    except ValueError:
        check_broadcast(operands[0].shape, operands[1].shape)
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
    """Return ``~input``: bools inverted, integers bit by bit."""
    return wrap(np.invert(input._array), input._device)


def bitwise_and(input: Any, other: Any) -> Tensor:
    """Return ``input & other``."""
    return _compare(np.bitwise_and, input, other)


def bitwise_or(input: Any, other: Any) -> Tensor:
    """Return ``input | other``."""
    return _compare(np.bitwise_or, input, other)


def all(input: Tensor) -> Tensor:
    """Return whether every element is true."""
    return wrap(input._array.all(), input._device)


def any(input: Tensor) -> Tensor:
    """Return whether some element is true."""
    return wrap(input._array.any(), input._device)


def isnan(input: Tensor) -> Tensor:
    """Return where the elements are not a number."""
    return wrap(np.isnan(input._array), input._device)


def isfinite(input: Tensor) -> Tensor:
    """Return where the elements are neither infinite nor not a number."""
    return wrap(np.isfinite(input._array), input._device)


def equal(input: Tensor, other: Tensor) -> bool:
    """Return whether two tensors have the same shape and the same elements."""
    return input.equal(other)


def allclose(input: Tensor, other: Tensor, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> bool:
    """Return whether ``|input - other| <= atol + rtol * |other|`` everywhere."""
    return bool(np.allclose(input._array, other._array, rtol, atol, equal_nan))
