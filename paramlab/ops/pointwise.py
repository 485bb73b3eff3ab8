"""Arithmetic: sums, differences, products and quotients, with broadcasting."""

from __future__ import annotations

from typing import Any, NoReturn

from ..autograd import Array, Operation, unbroadcast
from ..tensor import Tensor, apply
from .arguments import need_tensors, not_a_tensor
from .complaints import is_number, type_name
from .functions import reciprocal
from .operands import Number, as_tensor, binary, floating, is_operand, result_type
from .out import write
from .rounding import rounded_div

Grads = tuple[Array | None, ...]


class Add(Operation):
    """``a + b``; the gradient passes on to both."""

    takes_scalars = True

    def forward(self, a: Array, b: Array) -> Array:
        self.shapes = a.shape, b.shape
        return a + b

    def backward(self, grad: Array) -> Grads:
        of_a, of_b = self.shapes
        return (grad, grad) if of_a == of_b else (unbroadcast(grad, of_a), unbroadcast(grad, of_b))


class Sub(Operation):
    """``a - b``; the gradient passes on to ``a``, and negated to ``b``."""

    takes_scalars = True

    def forward(self, a: Array, b: Array) -> Array:
        self.shapes = a.shape, b.shape
        return a - b

    def backward(self, grad: Array) -> Grads:
        to_b = unbroadcast(-grad, self.shapes[1]) if self.needs[1] else None
        return unbroadcast(grad, self.shapes[0]), to_b


class Rsub(Sub):
    """``a - b`` where ``a`` is a number."""

    variant = 1

    @property
    def next_functions(self) -> tuple[tuple[Any, int], ...]:
        """What ``b`` leads to: of the number PyTorch says nothing."""
        return super().next_functions[1:]


class Mul(Operation):
    """``a * b``; each gets the gradient times the other."""

    uses = ((1,), (0,))
    takes_scalars = True
    in_float32 = True

    def forward(self, a: Array, b: Array) -> Array:
        self.shapes = a.shape, b.shape
        self.saved = a if self.needs[1] else None, b if self.needs[0] else None
        return a * b

    def backward(self, grad: Array) -> Grads:
        """Return the gradients of ``a`` and of ``b``, each of its own shape; None where none is asked for."""
        a, b = self.saved
        to_a = unbroadcast(grad * b, self.shapes[0]) if self.needs[0] else None
        to_b = unbroadcast(grad * a, self.shapes[1]) if self.needs[1] else None
        return to_a, to_b


class Div(Operation):
    """``a / b``; ``a`` gets ``grad / b``, ``b`` gets ``-grad * a / b²``."""

    uses = ((1,), (0, 1))
    takes_scalars = True
    in_float32 = True

    def forward(self, a: Array, b: Array) -> Array:
        self.shapes = a.shape, b.shape
        self.saved = a if self.needs[1] else None, b
        return a / b

    def backward(self, grad: Array) -> Grads:
        a, b = self.saved
        to_a = unbroadcast(grad / b, self.shapes[0]) if self.needs[0] else None
        to_b = unbroadcast(-grad * a / (b * b), self.shapes[1]) if self.needs[1] else None
        return to_a, to_b


class Neg(Operation):
    """``-a``."""

    takes_scalars = True

    def forward(self, a: Array) -> Array:
        return -a

    def backward(self, grad: Array) -> Grads:
        return (-grad,)


# ------------------------------------------------------------------ functions


def add(input: Any, other: Any, *, alpha: Number = 1, out: Tensor | None = None) -> Tensor:
    """Return ``input + alpha * other``; the shapes broadcast."""
    if out is not None:
        return write("add", add(input, other, alpha=alpha), out)
    return binary(Add, input, other if type(alpha) is int and alpha == 1 else _scaled(input, other, alpha))


def sub(input: Any, other: Any, *, alpha: Number = 1, out: Tensor | None = None) -> Tensor:
    """Return ``input - alpha * other``; the shapes broadcast."""
    if out is not None:
        return write("sub", sub(input, other, alpha=alpha), out)
    if _is_bool(input) or _is_bool(other):
        _refuse_bools(_is_bool(input) and _is_bool(other))
    operation = Sub if isinstance(input, Tensor) else Rsub
    return binary(operation, input, other if type(alpha) is int and alpha == 1 else _scaled(input, other, alpha))


def _refuse_bools(both: bool) -> NoReturn:
    if both:
        raise RuntimeError(
            "Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or `logical_xor()` "
            "operator instead."
        )
    raise RuntimeError(
        "Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying to invert a mask, "
        "use the `~` or `logical_not()` operator instead."
    )


def rsub(input: Any, other: Any, *, alpha: Number = 1) -> Tensor:
    """Return ``other - alpha * input``."""
    return sub(other, input, alpha=alpha)


def mul(input: Any, other: Any, *, out: Tensor | None = None) -> Tensor:
    """Return ``input * other``, element by element; the shapes broadcast."""
    if out is not None:
        return write("mul", mul(input, other), out)
    return binary(Mul, input, other)


def div(input: Any, other: Any, *, rounding_mode: str | None = None, out: Tensor | None = None) -> Tensor:
    """Return ``input / other``, element by element; integers are divided as floats.

    ``rounding_mode`` "floor" rounds the quotient down, "trunc" towards zero; then integers stay integers.
    """
    if out is not None:
        return write("div", div(input, other, rounding_mode=rounding_mode), out)
    if rounding_mode is not None:
        return rounded_div(input, other, rounding_mode)
    if not _any_float(input, other):
        input, other = _as_float(input), _as_float(other)
    return binary(Div, input, other)


def rdiv(input: Tensor, other: Any) -> Tensor:
    """Return ``other / input``."""
    return mul(reciprocal(input), other)


def neg(input: Tensor) -> Tensor:
    """Return ``-input``; ``RuntimeError`` for a bool tensor."""
    if not isinstance(input, Tensor):
        raise not_a_tensor("neg", input)
    if _is_bool(input):
        raise RuntimeError(
            "Negation, the `-` operator, on a bool tensor is not supported. If you are trying to invert a mask, use "
            "the `~` or `logical_not()` operator instead."
        )
    return apply(Neg, input)


def positive(input: Tensor) -> Tensor:
    """Return the tensor itself; ``RuntimeError`` for a bool tensor."""
    need_tensors("positive", input=input)
    if _is_bool(input):
        raise RuntimeError("The `+` operator, on a bool tensor is not supported. Convert it first: x.long().")
    return input


def _scaled(input: Any, other: Any, alpha: Number) -> Any:
    """Return ``alpha * other``; ``RuntimeError`` where a fraction would meet whole numbers."""
    if not is_number(alpha):
        raise TypeError(f"add(): argument 'alpha' must be Number, not {type_name(alpha)}")
    if not is_operand(other):
        return other  # which is refused next
    if isinstance(alpha, float) and not _any_float(input, other):
        raise RuntimeError("For integral input tensors, argument alpha must not be a floating point number.")
    kind = result_type(input, other)
    return mul(as_tensor(other, kind), as_tensor(alpha, kind))


def _any_float(*values: Any) -> bool:
    """Return whether one of the operands is of floating point."""
    return any(v.is_floating_point() if isinstance(v, Tensor) else isinstance(v, float) for v in values)


def _as_float(value: Any) -> Any:
    return float(value) if isinstance(value, int) else floating(value)


def _is_bool(value: Any) -> bool:
    return value._array.dtype.kind == "b" if isinstance(value, Tensor) else isinstance(value, bool)


subtract, multiply, divide, true_divide, negative = sub, mul, div, div, neg
