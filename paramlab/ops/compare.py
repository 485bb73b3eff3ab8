"""Comparisons, logic and bits: what has no gradient."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..autograd import Array
from ..dtypes import META
from ..meta import refuse_values
from ..tensor import Tensor, common_device, wrap
from .arguments import need_tensors, of_tensor
from .complaints import explained
from .operands import check_broadcast, pair

Ufunc = Callable[[Array, Array], Any]


def _compare(name: str, function: Ufunc, a: Any, b: Any) -> Tensor:
    first, second = pair(name, a, b)
    place = common_device((first, second))
    try:
        return wrap(function(first._array, second._array), place)
    except ValueError:
        check_broadcast(first.shape, second.shape)
        raise


def eq(input: Any, other: Any) -> Tensor:
    """Return where the elements are equal; the shapes broadcast."""
    return _compare("eq", np.equal, input, other)


def ne(input: Any, other: Any) -> Tensor:
    """Return where the elements differ; the shapes broadcast."""
    return _compare("ne", np.not_equal, input, other)


def lt(input: Any, other: Any) -> Tensor:
    """Return where ``input < other``; the shapes broadcast."""
    return _compare("lt", np.less, input, other)


def le(input: Any, other: Any) -> Tensor:
    """Return where ``input <= other``; the shapes broadcast."""
    return _compare("le", np.less_equal, input, other)


def gt(input: Any, other: Any) -> Tensor:
    """Return where ``input > other``; the shapes broadcast."""
    return _compare("gt", np.greater, input, other)


def ge(input: Any, other: Any) -> Tensor:
    """Return where ``input >= other``; the shapes broadcast."""
    return _compare("ge", np.greater_equal, input, other)


not_equal, less, less_equal, greater, greater_equal = ne, lt, le, gt, ge


# ------------------------------------------------------------------ logic: an element that is not 0 is true


@of_tensor
def logical_not(input: Tensor) -> Tensor:
    """Return where the elements are zero or False."""
    return wrap(np.logical_not(input._array), input._device)


def logical_and(input: Tensor, other: Tensor) -> Tensor:
    """Return where both elements are true; the shapes broadcast."""
    need_tensors("logical_and", input=input, other=other)
    return _compare("logical_and", np.logical_and, input, other)


def logical_or(input: Tensor, other: Tensor) -> Tensor:
    """Return where one of the elements is true; the shapes broadcast."""
    need_tensors("logical_or", input=input, other=other)
    return _compare("logical_or", np.logical_or, input, other)


def logical_xor(input: Tensor, other: Tensor) -> Tensor:
    """Return where exactly one of the elements is true; the shapes broadcast."""
    need_tensors("logical_xor", input=input, other=other)
    return _compare("logical_xor", np.logical_xor, input, other)


# ------------------------------------------------------------------ bits


@of_tensor
def bitwise_not(input: Tensor) -> Tensor:
    """Return ``~input``: bools inverted, integers bit by bit."""
    if input.is_floating_point():
        raise NotImplementedError(
            f"\"bitwise_not_cpu\" not implemented for '{input.dtype.word}'. Compare first, as in ~(x > 0)."
        )
    return wrap(np.invert(input._array), input._device)


def invert(input: Tensor) -> Tensor:
    """Return ``~input``, for the operator."""
    if input.is_floating_point():
        raise TypeError("~ (operator.invert) is only implemented on integer and Boolean-type tensors")
    return bitwise_not(input)


def bitwise_and(input: Any, other: Any) -> Tensor:
    """Return ``input & other``: of bools, or integers bit by bit; the shapes broadcast."""
    return _bits("bitwise_and", np.bitwise_and, input, other)


def bitwise_or(input: Any, other: Any) -> Tensor:
    """Return ``input | other``: of bools, or integers bit by bit; the shapes broadcast."""
    return _bits("bitwise_or", np.bitwise_or, input, other)


def bitwise_xor(input: Any, other: Any) -> Tensor:
    """Return ``input ^ other``: of bools, or integers bit by bit; the shapes broadcast."""
    return _bits("bitwise_xor", np.bitwise_xor, input, other)


def bitwise_left_shift(input: Any, other: Any) -> Tensor:
    """Return ``input << other`` of integers; the shapes broadcast."""
    return _bits("lshift", np.left_shift, input, other)


def bitwise_right_shift(input: Any, other: Any) -> Tensor:
    """Return ``input >> other`` of integers; the shapes broadcast."""
    return _bits("rshift", np.right_shift, input, other)


def _bits(name: str, function: Ufunc, a: Any, b: Any) -> Tensor:
    first, second = pair(name, a, b)
    refused = "fb" if name.endswith("shift") else "f"
    if first._array.dtype.kind in refused:
        raise NotImplementedError(
            f"\"{name}_cpu\" not implemented for '{first.dtype.word}'. Compare first, as in (x > 0) & mask."
        )
    return _compare(name, function, first, second)


# ------------------------------------------------------------------ what kind of number it is


@of_tensor
def isnan(input: Tensor) -> Tensor:
    """Return where the elements are not a number."""
    return wrap(np.isnan(input._array), input._device)


@of_tensor
def isfinite(input: Tensor) -> Tensor:
    """Return where the elements are neither infinite nor not a number."""
    return wrap(np.isfinite(input._array), input._device)


@of_tensor
def isinf(input: Tensor) -> Tensor:
    """Return where the elements are infinite."""
    return wrap(np.isinf(input._array), input._device)


@of_tensor
def isposinf(input: Tensor) -> Tensor:
    """Return where the elements are positive infinity."""
    return wrap(np.equal(input._array, np.inf), input._device)


@of_tensor
def isneginf(input: Tensor) -> Tensor:
    """Return where the elements are negative infinity."""
    return wrap(np.equal(input._array, -np.inf), input._device)


@of_tensor
def isreal(input: Tensor) -> Tensor:
    """Return where the elements are real numbers: everywhere."""
    return wrap(np.ones(input._array.shape, bool), input._device)


# ------------------------------------------------------------------ equality of tensors


def equal(input: Tensor, other: Tensor) -> bool:
    """Return whether two tensors have the same shape and the same elements."""
    need_tensors("equal", input=input, other=other)
    if common_device((input, other)) is META:
        refuse_values("equal")
    return input._array.shape == other._array.shape and bool((input._array == other._array).all())


@explained
def isclose(input: Tensor, other: Tensor, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> Tensor:
    """Return where ``|input - other| <= atol + rtol * |other|``; ``RuntimeError`` for two dtypes."""
    need_tensors("isclose", input=input, other=other)
    if input.dtype is not other.dtype:
        raise RuntimeError(f"{input.dtype.word} did not match {other.dtype.word}. Convert one of them first.")
    for name, tolerance in (("rtol", rtol), ("atol", atol)):
        if not tolerance >= 0:
            raise RuntimeError(f"{name} must be greater than or equal to zero, but got {tolerance:g}")

    def close(a: Array, b: Array) -> Any:
        return np.isclose(a, b, rtol, atol, equal_nan)

    return _compare("isclose", close, input, other)


@explained
def allclose(input: Tensor, other: Tensor, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> bool:
    """Return whether ``|input - other| <= atol + rtol * |other|`` everywhere; ``RuntimeError`` for two dtypes."""
    need_tensors("allclose", input=input, other=other)
    return bool(isclose(input, other, rtol, atol, equal_nan).all().item())
