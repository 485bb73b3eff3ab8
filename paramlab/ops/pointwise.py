"""Operations on each element: arithmetic with broadcasting, and the usual functions."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autograd import Array, Operation, unbroadcast
from ..dtypes import bool_, get_default_dtype
from ..tensor import Tensor, apply, common_device, wrap
from .operands import Number, binary, c_name, check_broadcast, pair, result_type, scalar_like

Grads = tuple[Array | None, ...]


class Add(Operation):
    """``a + b``; the gradient passes on to both."""

    def forward(self, a: Array, b: Array) -> Array:
        self.shapes = a.shape, b.shape
        return a + b

    def backward(self, grad: Array) -> Grads:
        return unbroadcast(grad, self.shapes[0]), unbroadcast(grad, self.shapes[1])


class Sub(Operation):
    """``a - b``; the gradient passes on to ``a``, and negated to ``b``."""

    def forward(self, a: Array, b: Array) -> Array:
        self.shapes = a.shape, b.shape
        return np.subtract(a, b)

    def backward(self, grad: Array) -> Grads:
        to_b = unbroadcast(-grad, self.shapes[1]) if self.needs[1] else None
        return unbroadcast(grad, self.shapes[0]), to_b


class Rsub(Sub):
    """``a - b`` where ``a`` is a number."""

    variant = 1


class Mul(Operation):
    """``a * b``; each gets the gradient times the other."""

    uses = ((1,), (0,))

    def forward(self, a: Array, b: Array) -> Array:
        self.saved = a, b
        return a * b

    def backward(self, grad: Array) -> Grads:
        a, b = self.saved
        to_a = unbroadcast(grad * b, a.shape) if self.needs[0] else None
        to_b = unbroadcast(grad * a, b.shape) if self.needs[1] else None
        return to_a, to_b


class Div(Operation):
    """``a / b``; ``a`` gets ``grad / b``, ``b`` gets ``-grad * a / b²``."""

    uses = ((1,), (0, 1))

    def forward(self, a: Array, b: Array) -> Array:
        self.saved = a, b
        return a / b

    def backward(self, grad: Array) -> Grads:
        a, b = self.saved
        to_a = unbroadcast(grad / b, a.shape) if self.needs[0] else None
        to_b = unbroadcast(-grad * a / (b * b), b.shape) if self.needs[1] else None
        return to_a, to_b


class Pow(Operation):
    """``a ** b``; ``a`` gets ``grad * b * a ** (b - 1)``, ``b`` gets ``grad * a ** b * log(a)``."""

    uses = ((0, 1), (0, 1))

    def forward(self, a: Array, b: Array, variant: int = 1) -> Array:
        self.saved, self.variant = (a, b), variant
        if b.ndim == 0:
            return np.asarray(a ** b.item(), a.dtype)  # NumPy is quick for squares of a plain number's power
        return np.asarray(a**b)

    def backward(self, grad: Array) -> Grads:
        a, b = self.saved
        to_a = np.where(b == 0, 0, grad * b * a ** (b - 1)) if self.needs[0] else None
        # 0 ** b is flat in b: log(0) must not turn its gradient into nan
        to_b = np.where(a == 0, 0, grad * a**b * np.log(a)) if self.needs[1] else None
        return (
            None if to_a is None else unbroadcast(to_a.astype(a.dtype, copy=False), a.shape),
            None if to_b is None else unbroadcast(to_b.astype(b.dtype, copy=False), b.shape),
        )


class Neg(Operation):
    """``-a``."""

    def forward(self, a: Array) -> Array:
        return np.negative(a)

    def backward(self, grad: Array) -> Grads:
        return (-grad,)


class Abs(Operation):
    """``|a|``; the gradient times the sign of ``a``, 0 at 0."""

    uses = ((0,),)

    def forward(self, a: Array) -> Array:
        self.saved = (a,)
        return np.abs(a)

    def backward(self, grad: Array) -> Grads:
        (a,) = self.saved
        return (grad * np.sign(a),)


class Exp(Operation):
    """``e ** a``; the gradient times the result."""

    uses_result = True

    def forward(self, a: Array) -> Array:
        result: Array = np.asarray(np.exp(a))
        self.saved = (result,)
        return result

    def backward(self, grad: Array) -> Grads:
        (result,) = self.saved
        return (grad * result,)


class Log(Operation):
    """The natural logarithm; the gradient divided by ``a``."""

    uses = ((0,),)

    def forward(self, a: Array) -> Array:
        self.saved = (a,)
        return np.log(a)

    def backward(self, grad: Array) -> Grads:
        (a,) = self.saved
        return (grad / a,)


class Sqrt(Operation):
    """The square root; the gradient divided by twice the result."""

    uses_result = True

    def forward(self, a: Array) -> Array:
        result: Array = np.asarray(np.sqrt(a))
        self.saved = (result,)
        return result

    def backward(self, grad: Array) -> Grads:
        (result,) = self.saved
        return (grad / (2 * result),)


class Relu(Operation):
    """``max(a, 0)``; the gradient where the result is positive, else 0."""

    uses_result = True

    def forward(self, a: Array) -> Array:
        result: Array = np.asarray(np.maximum(a, 0))
        self.saved = (result,)
        return result

    def backward(self, grad: Array) -> Grads:
        (result,) = self.saved
        return (grad * (result > 0),)


class Tanh(Operation):
    """The hyperbolic tangent; the gradient times ``1 - result²``."""

    uses_result = True

    def forward(self, a: Array) -> Array:
        result: Array = np.asarray(np.tanh(a))
        self.saved = (result,)
        return result

    def backward(self, grad: Array) -> Grads:
        (result,) = self.saved
        return (grad * (1 - result * result),)


class Sigmoid(Operation):
    """``1 / (1 + e ** -a)``; the gradient times ``result * (1 - result)``."""

    uses_result = True

    def forward(self, a: Array) -> Array:
        result: Array = np.asarray(1 / (1 + np.exp(-a)), dtype=a.dtype)
        self.saved = (result,)
        return result

    def backward(self, grad: Array) -> Grads:
        (result,) = self.saved
        return (grad * result * (1 - result),)


class Clamp(Operation):
    """``a`` limited to ``[low, high]``; the gradient where ``a`` lies within, limits included."""

    uses = ((0,),)
    variant = 1

    def forward(self, a: Array, low: Any = None, high: Any = None) -> Array:
        self.saved = (a, low, high)
        return np.asarray(np.clip(a, low, high), a.dtype)

    def backward(self, grad: Array) -> Grads:
        a, low, high = self.saved
        inside = np.ones(a.shape, bool)
        if low is not None:
            inside &= a >= low
        if high is not None:
            inside &= a <= high
        return (grad * inside,)


class Where(Operation):
    """``a`` where the mask is true, else ``b``; each gets the gradient at its own places."""

    def forward(self, a: Array, b: Array, mask: Array) -> Array:
        self.saved, self.shapes = (mask,), (a.shape, b.shape)
        return np.where(mask, a, b)

    def backward(self, grad: Array) -> Grads:
        (mask,) = self.saved
        zero = grad.dtype.type(0)
        to_a = unbroadcast(np.where(mask, grad, zero), self.shapes[0]) if self.needs[0] else None
        to_b = unbroadcast(np.where(mask, zero, grad), self.shapes[1]) if self.needs[1] else None
        return to_a, to_b


class MaskedFill(Where):
    """``a``, which is a number, where the mask is true, else ``b``."""


# ------------------------------------------------------------------ functions


def add(input: Any, other: Any, *, alpha: Number = 1) -> Tensor:
    """Return ``input + alpha * other``; the shapes broadcast."""
    return binary(Add, input, other if alpha == 1 else _scaled(input, other, alpha))


def sub(input: Any, other: Any, *, alpha: Number = 1) -> Tensor:
    """Return ``input - alpha * other``; the shapes broadcast."""
    if _is_bool(input) or _is_bool(other):
        raise RuntimeError(
            "Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying to invert a mask, "
            "use the `~` or `logical_not()` operator instead."
        )
    operation = Sub if isinstance(input, Tensor) else Rsub
    return binary(operation, input, other if alpha == 1 else _scaled(input, other, alpha))


def rsub(input: Any, other: Any) -> Tensor:
    """Return ``other - input``."""
    return sub(other, input)


def mul(input: Any, other: Any) -> Tensor:
    """Return ``input * other``, element by element; the shapes broadcast."""
    return binary(Mul, input, other)


def div(input: Any, other: Any) -> Tensor:
    """Return ``input / other``, element by element; integers are divided as floats."""
    first, second = pair("div", input, other)
    if not first.is_floating_point():
        first, second = _floating(first), _floating(second)
    return binary(Div, first, second)


def rdiv(input: Tensor, other: Any) -> Tensor:
    """Return ``other / input``."""
    return div(other, input)


def pow(input: Any, exponent: Any) -> Tensor:
    """Return ``input`` to the power ``exponent``; the shapes broadcast."""
    return binary(Pow, input, exponent, variant=1 if isinstance(exponent, Tensor) else 0)


def rpow(input: Tensor, base: Any) -> Tensor:
    """Return ``base`` to the power ``input``."""
    return binary(Pow, base, input, variant=2)


def neg(input: Tensor) -> Tensor:
    """Return ``-input``; ``RuntimeError`` for a bool tensor."""
    if _is_bool(input):
        raise RuntimeError(
            "Negation, the `-` operator, on a bool tensor is not supported. If you are trying to invert a mask, use "
            "the `~` or `logical_not()` operator instead."
        )
    return apply(Neg, input)


def abs(input: Tensor) -> Tensor:
    """Return the absolute values."""
    return apply(Abs, input)


def exp(input: Tensor) -> Tensor:
    """Return e to the power of each element."""
    return apply(Exp, _floating(input))


def log(input: Tensor) -> Tensor:
    """Return the natural logarithm of each element."""
    return apply(Log, _floating(input))


def sqrt(input: Tensor) -> Tensor:
    """Return the square root of each element."""
    return apply(Sqrt, _floating(input))


def square(input: Tensor) -> Tensor:
    """Return the square of each element."""
    return pow(input, 2)


def relu(input: Tensor) -> Tensor:
    """Return each element, the negative ones as zero."""
    if input.dtype is bool_:
        raise RuntimeError("Boolean inputs not supported for relu. Convert it first, for example with .float().")
    return apply(Relu, input)


def tanh(input: Tensor) -> Tensor:
    """Return the hyperbolic tangent of each element."""
    return apply(Tanh, _floating(input))


def sigmoid(input: Tensor) -> Tensor:
    """Return ``1 / (1 + exp(-x))`` of each element."""
    return apply(Sigmoid, _floating(input))


def clamp(input: Tensor, min: Number | None = None, max: Number | None = None) -> Tensor:
    """Return the elements limited to ``[min, max]``; ``RuntimeError`` if neither is given."""
    if min is None and max is None:
        raise RuntimeError("torch.clamp: At least one of 'min' or 'max' must not be None")
    kind = input.dtype
    for limit in (min, max):
        kind = kind if limit is None else result_type(wrap(np.zeros(1, kind.numpy)), limit)
    return apply(Clamp, input.to(kind), low=min, high=max)


def where(condition: Tensor, input: Any, other: Any) -> Tensor:
    """Return ``input`` where the condition holds, else ``other``; the shapes broadcast."""
    if condition.dtype is not bool_:
        raise RuntimeError(
            f"where expected condition to be a boolean tensor, but got a tensor with dtype {condition.dtype.word}. "
            "Compare first, as in x > 0."
        )
    return _select(Where, condition, *pair("where", input, other))


def masked_fill(input: Tensor, mask: Tensor, value: Any) -> Tensor:
    """Return the elements, those under ``mask`` replaced by ``value``."""
    if mask.dtype.name != "bool":
        raise RuntimeError(
            f"masked_fill_ only supports boolean masks, but got mask with dtype {c_name(mask.dtype)}. "
            "Compare first, as in mask > 0."
        )
    filler = scalar_like(input, value.item() if isinstance(value, Tensor) else value)
    return _select(MaskedFill, mask, filler, input)


def _select(operation: type[Where], mask: Tensor, a: Tensor, b: Tensor) -> Tensor:
    common_device((mask, a, b))
    try:
        return apply(operation, a, b, mask=mask._array)
    except ValueError:
        check_broadcast(mask.shape, a.shape)
        check_broadcast(mask.shape, b.shape)
        check_broadcast(a.shape, b.shape)
        raise


def _scaled(input: Any, other: Any, alpha: Number) -> Tensor:
    """Return ``alpha * other``; ``RuntimeError`` where a fraction would meet whole numbers."""
    if isinstance(alpha, float) and not _any_float(input, other):
        raise RuntimeError("For integral input tensors, argument alpha must not be a floating point number.")
    return mul(other, alpha)


def _any_float(*values: Any) -> bool:
    """Return whether one of the operands is of floating point."""
    return any(v.is_floating_point() if isinstance(v, Tensor) else isinstance(v, float) for v in values)


def _is_bool(value: Any) -> bool:
    return value.dtype is bool_ if isinstance(value, Tensor) else isinstance(value, bool)


def _floating(value: Any) -> Any:
    """Return an integer or bool tensor in the default floating-point type; anything else as it is."""
    if isinstance(value, Tensor) and value._array.dtype.kind != "f":
        return value.to(get_default_dtype())
    return value
