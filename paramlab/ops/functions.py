"""Functions of one number: exponentials and logarithms, roots, the sigmoid, the error function."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from ..autograd import Array, Operation
from ..dtypes import bool_
from ..tensor import Tensor, apply
from .arguments import need_tensors, not_a_tensor
from .erf import erf_array, erfc_array
from .operands import floating
from .rounding import sign_of

Grads = tuple[Array | None, ...]


class OfInput(Operation):
    """``function(a)``, whose derivative ``slope`` is told by ``a``."""

    uses = ((0,),)
    function: Any  # from the arrays of the input to those of the output

    def forward(self, a: Array) -> Array:
        self.saved = (a,)
        return np.asarray(type(self).function(a))

    def slope(self, a: Array) -> Any:
        """Return the derivative at ``a``."""
        raise NotImplementedError

    def backward(self, grad: Array) -> Grads:
        (a,) = self.saved
        return (np.multiply(grad, self.slope(a), dtype=grad.dtype),)


class OfResult(Operation):
    """``function(a)``, whose derivative ``slope`` is told by the result."""

    uses_result = True
    function: Any  # from the arrays of the input to those of the output

    def forward(self, a: Array) -> Array:
        result: Array = np.asarray(type(self).function(a))
        self.saved = (result,)
        return result

    def slope(self, result: Array) -> Any:
        """Return the derivative where the function is ``result``."""
        raise NotImplementedError

    def backward(self, grad: Array) -> Grads:
        (result,) = self.saved
        return (np.multiply(grad, self.slope(result), dtype=grad.dtype),)


class Abs(OfInput):
    """``|a|``; the derivative is the sign, 0 at 0."""

    function = np.abs

    def slope(self, a: Array) -> Any:
        return sign_of(a)


class Exp(OfResult):
    """``e ** a``; its derivative is itself."""

    function = np.exp

    def slope(self, result: Array) -> Any:
        return result


class Exp2(OfResult):
    """``2 ** a``."""

    function = np.exp2

    def slope(self, result: Array) -> Any:
        return result * np.log(2)


class Expm1(OfResult):
    """``e ** a - 1``, exact near 0."""

    function = np.expm1

    def slope(self, result: Array) -> Any:
        return result + 1


class Log(OfInput):
    """The natural logarithm."""

    function = np.log

    def slope(self, a: Array) -> Any:
        return 1 / a


class Log2(OfInput):
    """The logarithm to base 2."""

    function = np.log2

    def slope(self, a: Array) -> Any:
        return 1 / (a * np.log(2))


class Log10(OfInput):
    """The logarithm to base 10."""

    function = np.log10

    def slope(self, a: Array) -> Any:
        return 1 / (a * np.log(10))


class Log1p(OfInput):
    """``log(1 + a)``, exact near 0."""

    function = np.log1p

    def slope(self, a: Array) -> Any:
        return 1 / (a + 1)

    def name(self) -> str:
        """PyTorch's spelling."""
        return "Log1PBackward0"


class Sqrt(OfResult):
    """The square root."""

    function = np.sqrt

    def slope(self, result: Array) -> Any:
        return 1 / (2 * result)


class Rsqrt(OfResult):
    """``1 / sqrt(a)``."""

    in_float32 = True

    @staticmethod
    def function(a: Array) -> Any:
        return np.reciprocal(np.sqrt(a))

    def slope(self, result: Array) -> Any:
        return -0.5 * result**3


class Reciprocal(OfResult):
    """``1 / a``."""

    function = np.reciprocal

    def slope(self, result: Array) -> Any:
        return -(result * result)


class Tanh(OfResult):
    """The hyperbolic tangent."""

    function = np.tanh

    def slope(self, result: Array) -> Any:
        return 1 - result * result


class Sigmoid(OfResult):
    """``1 / (1 + e ** -a)``."""

    in_float32 = True

    @staticmethod
    def function(a: Array) -> Any:
        result = np.negative(a, out=np.empty_like(a))
        np.exp(result, out=result)
        result += 1
        return np.reciprocal(result, out=result)

    def slope(self, result: Array) -> Any:
        return result * (1 - result)


class Erf(OfInput):
    """The error function; its derivative is ``2 / sqrt(pi) * exp(-a²)``."""

    function = staticmethod(erf_array)

    def slope(self, a: Array) -> Any:
        return 2 / np.sqrt(np.pi) * np.exp(-a * a)


class Erfc(Erf):
    """``1 - erf(a)``, exact where that is close to 0."""

    function = staticmethod(erfc_array)

    def slope(self, a: Array) -> Any:
        return -super().slope(a)


@functools.cache
def _zero(dtype: np.dtype[Any]) -> Array:
    """Return 0 as an array, which small arrays are compared with in half the time that it takes for a number."""
    return np.zeros((), dtype)


class Relu(OfResult):
    """``max(a, 0)``; the derivative is 0 where the result is 0, else 1."""

    @staticmethod
    def function(a: Array) -> Any:
        if a.size < 4096:
            return np.maximum(a, _zero(a.dtype))
        result = np.zeros_like(a)  # NumPy takes half the time for two arrays that it takes for an array and a number
        return np.maximum(a, result, out=result)

    def slope(self, result: Array) -> Any:
        return np.not_equal(result, _zero(result.dtype))  # nan passes its gradient on


# ------------------------------------------------------------------ functions


def of_one(operation: type[Operation], input: Tensor) -> Tensor:
    """Run an operation that has floating-point results; integers and bools become the default type first."""
    if not isinstance(input, Tensor):
        raise not_a_tensor(operation.__name__.lower(), input)
    return apply(operation, floating(input))


def abs(input: Tensor) -> Tensor:
    """Return the absolute values; ``RuntimeError`` for bools."""
    need_tensors("abs", input=input)
    if input.dtype is bool_:
        raise NotImplementedError("\"abs_cpu\" not implemented for 'Bool'. Convert it first, for example with .long().")
    return apply(Abs, input)


def exp(input: Tensor) -> Tensor:
    """Return e to the power of each element."""
    return of_one(Exp, input)


def exp2(input: Tensor) -> Tensor:
    """Return 2 to the power of each element."""
    return of_one(Exp2, input)


def expm1(input: Tensor) -> Tensor:
    """Return ``exp(x) - 1`` of each element, exact for small ones."""
    return of_one(Expm1, input)


def log(input: Tensor) -> Tensor:
    """Return the natural logarithm of each element: ``-inf`` of 0, ``nan`` of what is negative."""
    return of_one(Log, input)


def log2(input: Tensor) -> Tensor:
    """Return the logarithm to base 2 of each element."""
    return of_one(Log2, input)


def log10(input: Tensor) -> Tensor:
    """Return the logarithm to base 10 of each element."""
    return of_one(Log10, input)


def log1p(input: Tensor) -> Tensor:
    """Return ``log(1 + x)`` of each element, exact for small ones."""
    return of_one(Log1p, input)


def sqrt(input: Tensor) -> Tensor:
    """Return the square root of each element, ``nan`` of what is negative."""
    return of_one(Sqrt, input)


def rsqrt(input: Tensor) -> Tensor:
    """Return ``1 / sqrt(x)`` of each element."""
    return of_one(Rsqrt, input)


def reciprocal(input: Tensor) -> Tensor:
    """Return ``1 / x`` of each element."""
    return of_one(Reciprocal, input)


def tanh(input: Tensor) -> Tensor:
    """Return the hyperbolic tangent of each element."""
    return of_one(Tanh, input)


def sigmoid(input: Tensor) -> Tensor:
    """Return ``1 / (1 + exp(-x))`` of each element."""
    return of_one(Sigmoid, input)


def erf(input: Tensor) -> Tensor:
    """Return the error function, ``2 / sqrt(pi)`` times the integral of ``exp(-t²)`` from 0 to each element."""
    return of_one(Erf, input)


def erfc(input: Tensor) -> Tensor:
    """Return ``1 - erf(x)`` of each element, exact for large ones."""
    return of_one(Erfc, input)


def relu(input: Tensor) -> Tensor:
    """Return each element, the negative ones as zero; ``RuntimeError`` for bools."""
    need_tensors("relu", input=input)
    if input.dtype is bool_:
        raise RuntimeError("Boolean inputs not supported for relu. Convert it first, for example with .float().")
    return apply(Relu, input)


absolute = abs
