"""Functions of two and three tensors: powers, angles, multiply and add in one, interpolation."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autograd import Array, Operation, unbroadcast
from ..dtypes import bool_, fitting, get_default_dtype
from ..tensor import Tensor, apply
from .arguments import need_tensors
from .complaints import explained
from .operands import (
    Number,
    as_tensor,
    binary,
    c_name,
    check_broadcast,
    common_type,
    number_beside,
    pair,
    result_type,
    suits,
)
from .out import write

Grads = tuple[Array | None, ...]


class Pow(Operation):
    """``a ** b``; ``a`` gets ``grad * b * a ** (b - 1)``, ``b`` gets ``grad * a ** b * log(a)``."""

    in_float32 = True
    uses = ((0, 1), (0, 1))

    def forward(self, a: Array, b: Array, variant: int = 1) -> Array:
        self.saved, self.variant = (a, b), variant
        if a.dtype.kind != "f":
            return _integer_power(a, b)
        if b.ndim == 0:
            return np.asarray(_plain_power(a, b.item()), a.dtype)
        return np.asarray(a**b)

    def backward(self, grad: Array) -> Grads:
        a, b = self.saved
        to_a = unbroadcast(self._to_base(grad, a, b), a.shape) if self.needs[0] else None
        if not self.needs[1]:
            return to_a, None
        # 0 ** b is flat in b: log(0) must not turn its gradient into nan
        flat = (a == 0) & (b >= 0)
        to_b = np.where(flat, grad.dtype.type(0), grad * a**b * np.log(a))
        return to_a, unbroadcast(to_b, b.shape)

    def _to_base(self, grad: Array, a: Array, b: Array) -> Any:
        if b.ndim == 0:
            power = b.item()
            return (
                np.multiply(grad, power * _plain_power(a, power - 1), dtype=grad.dtype)
                if power
                else np.zeros_like(grad)
            )
        return np.where(b == 0, grad.dtype.type(0), grad * b * a ** (b - 1))

    @property
    def next_functions(self) -> tuple[tuple[Any, int], ...]:
        """What ``a`` and ``b`` lead to: of a number PyTorch says nothing."""
        of_a, of_b = super().next_functions
        return ((of_a,), (of_a, of_b), (of_b,))[self.variant]


def _plain_power(a: Array, power: float) -> Any:
    """Return ``a ** power``; for 2 and 3 by multiplying, which is faster."""
    if power == 2:
        return a * a
    return a * a * a if power == 3 else a**power


def _integer_power(a: Array, b: Array) -> Array:
    """Return ``a ** b`` of integers; of a negative power, what is left of the fraction: 0, 1 or -1."""
    if a.dtype.kind == "b":
        return a | ~b
    negative = b < 0
    if not negative.any():
        return np.power(a, b)
    odd = b % 2 == 1
    unit = np.where(a == 1, 1, np.where(a == -1, np.where(odd, -1, 1), 0))
    return np.where(negative, unit, np.power(a, np.where(negative, 0, b))).astype(a.dtype)


class Atan2(Operation):
    """The angle of the point ``(b, a)``; ``a`` gets ``grad * b / (a² + b²)``, ``b`` the same of ``-a``."""

    uses = ((0, 1), (0, 1))

    def forward(self, a: Array, b: Array) -> Array:
        self.saved = a, b
        return np.arctan2(a, b)

    def backward(self, grad: Array) -> Grads:
        a, b = self.saved
        square = a * a + b * b
        share = np.where(square == 0, grad.dtype.type(0), grad / square)  # at the origin the angle is flat by agreement
        return unbroadcast(share * b, a.shape), unbroadcast(share * -a, b.shape)


class Addcmul(Operation):
    """``a + value * b * c``."""

    in_float32 = True
    uses = ((), (2,), (1,))

    def forward(self, a: Array, b: Array, c: Array, value: Number = 1) -> Any:
        self.saved, self.shape, self.value = (b, c), a.shape, a.dtype.type(value)
        return np.add(a, self.value * b * c)

    def backward(self, grad: Array) -> Grads:
        b, c = self.saved
        scaled = grad * self.value
        return unbroadcast(grad, self.shape), unbroadcast(scaled * c, b.shape), unbroadcast(scaled * b, c.shape)


class Addcdiv(Operation):
    """``a + value * b / c``."""

    in_float32 = True
    uses = ((), (2,), (1, 2))

    def forward(self, a: Array, b: Array, c: Array, value: Number = 1) -> Any:
        self.saved, self.shape, self.value = (b, c), a.shape, a.dtype.type(value)
        return np.add(a, self.value * b / c)

    def backward(self, grad: Array) -> Grads:
        b, c = self.saved
        share = grad * self.value / c
        return unbroadcast(grad, self.shape), unbroadcast(share, b.shape), unbroadcast(-share * b / c, c.shape)


class Lerp(Operation):
    """``start + weight * (end - start)``, a point on the way between the two."""

    in_float32 = True
    uses = ((2,), (2,), (0, 1))

    def forward(self, start: Array, end: Array, weight: Array, variant: int) -> Any:
        self.saved, self.variant = (start, end, weight), variant
        way = end - start
        # from the nearer end, so that a weight of 1 gives exactly `end`
        if weight.ndim == 0:
            return start + weight * way if np.abs(weight) < 0.5 else end - way * (1 - weight)
        return np.where(np.abs(weight) < 0.5, start + weight * way, end - way * (1 - weight))

    def backward(self, grad: Array) -> Grads:
        start, end, weight = self.saved
        to_weight = unbroadcast(grad * (end - start), weight.shape) if self.needs[2] else None
        return unbroadcast(grad * (1 - weight), start.shape), unbroadcast(grad * weight, end.shape), to_weight


# ------------------------------------------------------------------ functions


def pow(input: Any, exponent: Any, *, out: Tensor | None = None) -> Tensor:
    """Return ``input`` to the power ``exponent``; the shapes broadcast.

    ``RuntimeError`` for integers to a negative number's power.
    """
    if out is not None:
        return write("pow", pow(input, exponent), out)
    if isinstance(input, Tensor) and suits(exponent, input):
        return apply(Pow, input, number_beside(input, exponent), variant=0)
    if not isinstance(exponent, Tensor):
        if isinstance(exponent, int) and exponent < 0 and not input.is_floating_point():
            raise RuntimeError("Integers to negative integer powers are not allowed. Convert first: x.float().")
        return _power(input, exponent, 0)
    return _power(input, exponent, 1 if isinstance(input, Tensor) else 2)


def rpow(input: Tensor, base: Any) -> Tensor:
    """Return ``base`` to the power ``input``."""
    return pow(base, input)


def _power(base: Any, exponent: Any, variant: int) -> Tensor:
    kind = result_type(base, exponent)
    if not isinstance(exponent, Tensor):
        fitting(exponent, kind)
    first, second = pair("pow", base, exponent)
    if kind is bool_ and variant:
        raise NotImplementedError("\"pow\" not implemented for 'Bool'. Convert first, for example with .long().")
    return binary(Pow, first, second, variant=variant)


def square(input: Tensor) -> Tensor:
    """Return the square of each element."""
    return pow(input, 2)


def atan2(input: Tensor, other: Tensor) -> Tensor:
    """Return the angle of the point ``(other, input)``, between -pi and pi; the shapes broadcast."""
    need_tensors("atan2", input=input, other=other)
    kind = result_type(input, other)
    kind = kind if kind.is_floating_point else get_default_dtype()
    return binary(Atan2, as_tensor(input, kind), as_tensor(other, kind))


arctan2 = atan2


@explained
def addcmul(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: Number = 1) -> Tensor:
    """Return ``input + value * tensor1 * tensor2``; the shapes broadcast."""
    need_tensors("addcmul", input=input, tensor1=tensor1, tensor2=tensor2)
    kind = common_type(input, tensor1, tensor2)
    if kind is bool_:
        raise NotImplementedError("\"addcmul_cpu_out\" not implemented for 'Bool'. Convert first: x.long().")
    return _of_three(Addcmul, kind, input, tensor1, tensor2, value=value)


@explained
def addcdiv(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: Number = 1) -> Tensor:
    """Return ``input + value * tensor1 / tensor2``; the shapes broadcast. ``RuntimeError`` for integers."""
    need_tensors("addcdiv", input=input, tensor1=tensor1, tensor2=tensor2)
    if not (tensor1.is_floating_point() or tensor2.is_floating_point()):
        raise RuntimeError(
            "Integer division with addcdiv is no longer supported, and in a future  release addcdiv will perform a "
            "true division of tensor1 and tensor2. Convert one of them first, for example with .float()."
        )
    return _of_three(Addcdiv, common_type(input, tensor1, tensor2), input, tensor1, tensor2, value=value)


@explained
def lerp(input: Tensor, end: Tensor, weight: Any) -> Tensor:
    """Return ``input + weight * (end - input)``; a weight of 0 gives ``input``, one of 1 gives ``end``."""
    need_tensors("lerp", input=input, end=end)
    for name, operand in (("end", end), ("weight", weight)):
        if isinstance(operand, Tensor) and operand.dtype is not input.dtype:
            raise RuntimeError(
                f"expected dtype {c_name(input.dtype)} for `{name}` but got dtype {c_name(operand.dtype)}. "
                "Convert one of them first."
            )
    if not input.is_floating_point():
        raise NotImplementedError(
            f"\"lerp_kernel_scalar\" not implemented for '{input.dtype.word}'. Convert first: x.float()."
        )
    variant = int(isinstance(weight, Tensor))
    return _of_three(Lerp, input.dtype, input, end, weight, variant=variant)


def _of_three(operation: type[Operation], kind: Any, *operands: Any, **options: Any) -> Tensor:
    tensors = [as_tensor(operand, kind) for operand in operands]
    try:
        return apply(operation, *tensors, **options)
    except ValueError:
        for first, second in ((0, 1), (1, 2), (0, 2)):
            check_broadcast(tensors[first].shape, tensors[second].shape)
        raise
