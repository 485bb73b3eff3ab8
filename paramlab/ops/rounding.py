"""Whole numbers: rounding, division that rounds, remainders, signs."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autograd import Array, Operation, unbroadcast
from ..dtypes import bool_
from ..tensor import Tensor, apply
from .arguments import need_tensors, of_tensor
from .operands import binary, check_broadcast, pair

Grads = tuple[Array | None, ...]


class Step(Operation):
    """A function that is flat between its jumps: its gradient is 0 everywhere."""

    def backward(self, grad: Array) -> Grads:
        return (np.zeros_like(grad),)


class Floor(Step):
    """The largest whole number that is not above ``a``."""

    def forward(self, a: Array) -> Array:
        return np.floor(a)


class Ceil(Step):
    """The smallest whole number that is not below ``a``."""

    def forward(self, a: Array) -> Array:
        return np.ceil(a)


class Trunc(Step):
    """``a`` without its fraction."""

    def forward(self, a: Array) -> Array:
        return np.trunc(a)


class Round(Step):
    """``a`` rounded to ``decimals`` places, a half to the even neighbour."""

    def forward(self, a: Array, decimals: int = 0) -> Any:
        self.variant = int(decimals != 0)
        if decimals == 0:
            return np.rint(a)
        shift = a.dtype.type(10 ** np.abs(decimals))
        return np.rint(a * shift) / shift if decimals > 0 else np.rint(a / shift) * shift


def sign_of(a: Array) -> Array:
    """Return -1, 0 or 1 for each element; 0 for nan."""
    return np.subtract(a > 0, a < 0, dtype=a.dtype) if a.dtype.kind != "b" else a.copy()


class Sign(Step):
    """-1, 0 or 1."""

    def forward(self, a: Array) -> Array:
        return sign_of(a)


class Sgn(Sign):
    """-1, 0 or 1: the sign, which is the same for real numbers."""


class Frac(Operation):
    """What ``trunc`` takes away; the gradient passes on."""

    def forward(self, a: Array) -> Array:
        return a - np.trunc(a)

    def backward(self, grad: Array) -> Grads:
        return (grad,)


class Remainder(Operation):
    """``a - b * floor(a / b)``, of the sign of ``b``; ``b`` gets ``-grad * floor(a / b)``."""

    uses = ((), (0, 1))

    def forward(self, a: Array, b: Array, variant: int = 1) -> Array:
        self.saved, self.variant = (a, b), variant
        return np.remainder(a, b)

    def whole(self, a: Array, b: Array) -> Array:
        """Return the rounded quotient that was taken away."""
        return np.floor_divide(a, b)

    def backward(self, grad: Array) -> Grads:
        a, b = self.saved
        to_a = unbroadcast(grad, a.shape) if self.needs[0] else None
        to_b = unbroadcast(-grad * self.whole(a, b), b.shape) if self.needs[1] else None
        return to_a, to_b


class Fmod(Remainder):
    """``a - b * trunc(a / b)``, of the sign of ``a``; ``b`` gets ``-grad * trunc(a / b)``."""

    def forward(self, a: Array, b: Array, variant: int = 1) -> Array:
        self.saved, self.variant = (a, b), variant
        return np.fmod(a, b)

    def whole(self, a: Array, b: Array) -> Array:
        return np.trunc(a / b)


class RoundedDiv(Operation):
    """``a / b`` rounded down, or towards zero: flat between its jumps."""

    variant = 2

    def forward(self, a: Array, b: Array, rounding_mode: str) -> Array:
        self.shapes = a.shape, b.shape
        if rounding_mode == "floor":
            return np.floor_divide(a, b)
        if a.dtype.kind == "f":
            return np.trunc(a / b)
        return (a - np.fmod(a, b)) // b

    def backward(self, grad: Array) -> Grads:
        return np.zeros(self.shapes[0], grad.dtype), np.zeros(self.shapes[1], grad.dtype)

    def name(self) -> str:
        """PyTorch's name for it."""
        return "DivBackward2"


class FloorDivide(RoundedDiv):
    """``a // b``; PyTorch has no gradient for it."""

    def backward(self, grad: Array) -> Grads:
        raise RuntimeError(
            "derivative for aten::floor_divide is not implemented. Use torch.div(a, b, rounding_mode='floor'), whose "
            "gradient is 0."
        )

    def name(self) -> str:
        """PyTorch's name for it."""
        return "torch::autograd::NotImplemented"


# ------------------------------------------------------------------ functions


@of_tensor
def floor(input: Tensor) -> Tensor:
    """Return the largest whole numbers that are not above the elements."""
    return _rounded(Floor, input)


@of_tensor
def ceil(input: Tensor) -> Tensor:
    """Return the smallest whole numbers that are not below the elements."""
    return _rounded(Ceil, input)


@of_tensor
def trunc(input: Tensor) -> Tensor:
    """Return the elements without their fractions."""
    return _rounded(Trunc, input)


@of_tensor
def round(input: Tensor, *, decimals: int = 0) -> Tensor:
    """Return the elements rounded to ``decimals`` places; a half goes to the even neighbour."""
    return _rounded(Round, input, decimals=decimals)


def _rounded(operation: type[Operation], input: Tensor, **options: Any) -> Tensor:
    if input.is_floating_point():
        return apply(operation, input, **options)
    if input.dtype is bool_:
        raise _not_implemented(f"{operation.__name__.lower()}_vml_cpu", input)
    if options.get("decimals"):
        raise _not_implemented("round_cpu", input)
    return input.clone()


@of_tensor
def frac(input: Tensor) -> Tensor:
    """Return what ``trunc`` takes away from the elements; ``NotImplementedError`` for integers."""
    if not input.is_floating_point():
        raise _not_implemented("frac_cpu", input)
    return apply(Frac, input)


@of_tensor
def sign(input: Tensor) -> Tensor:
    """Return -1, 0 or 1 for each element."""
    return apply(Sign, input)


@of_tensor
def sgn(input: Tensor) -> Tensor:
    """Return -1, 0 or 1 for each element."""
    return apply(Sgn, input)


def remainder(input: Any, other: Any) -> Tensor:
    """Return ``input % other``, of the sign of ``other``; ``RuntimeError`` for an integer modulo 0."""
    return _whole(Remainder, "remainder", input, other, variant=int(isinstance(other, Tensor)))


def fmod(input: Tensor, other: Any) -> Tensor:
    """Return the remainder of the division, of the sign of ``input``; ``RuntimeError`` for an integer modulo 0."""
    need_tensors("fmod", input=input)
    return _whole(Fmod, "fmod", input, other, variant=int(isinstance(other, Tensor)))


def floor_divide(input: Any, other: Any) -> Tensor:
    """Return ``input // other``, rounded down; ``RuntimeError`` for an integer divided by 0."""
    return _whole(FloorDivide, "div_floor", input, other, rounding_mode="floor")


def rounded_div(input: Any, other: Any, rounding_mode: str) -> Tensor:
    """Return the quotient rounded down (``"floor"``) or towards zero (``"trunc"``), in the operands' type."""
    if not isinstance(rounding_mode, str):
        raise TypeError(f"div(): argument 'rounding_mode' must be str, not {type(rounding_mode).__name__}")
    if rounding_mode not in ("floor", "trunc"):
        raise RuntimeError(
            f"div expected rounding_mode to be one of None, 'trunc', or 'floor' but found '{rounding_mode}'"
        )
    return _whole(RoundedDiv, f"div_{rounding_mode}", input, other, rounding_mode=rounding_mode)


def _whole(operation: type[Operation], name: str, input: Any, other: Any, **options: Any) -> Tensor:
    """Run a division with a whole quotient, after a look for an integer's division by 0."""
    first, second = pair(name, input, other)
    check_broadcast(first._array.shape, second._array.shape)
    if second._array.dtype.kind != "f":
        if second.dtype is bool_:
            raise _not_implemented(f"{name}_cpu", second)
        if second._array.size and first._array.size and not second._array.all():
            raise RuntimeError(
                "ZeroDivisionError: an integer was divided by 0. Floating-point numbers give inf or nan."
            )
    return binary(operation, first, second, **options)


def _not_implemented(kernel: str, input: Tensor) -> NotImplementedError:
    return NotImplementedError(
        f"\"{kernel}\" not implemented for '{input.dtype.word}'. Convert it first, for example with .float()."
    )


fix = trunc
