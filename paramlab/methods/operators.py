"""The operators as methods: ``a + b`` is ``a.__add__(b)``, which is ``torch.add(a, b)``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import ops
from ..ops.operands import OPERANDS, binary
from ..ops.pointwise import Add, Mul
from ..tensor import Tensor
from .inplace import in_place


def _operator(operation: Callable[..., Any]) -> Callable[[Any, Any], Any]:
    """Return an operation as an operator's method."""

    def method(self: Any, other: Any) -> Any:
        return operation(self, other) if isinstance(other, OPERANDS) else NotImplemented

    return method


def _reflected(operation: Callable[..., Any]) -> Callable[[Any, Any], Any]:
    """Return an operation as the method of an operator whose left side is no tensor."""

    def method(self: Any, other: Any) -> Any:
        return operation(other, self) if isinstance(other, OPERANDS) else NotImplemented

    return method


class Operators:
    """What ``+``, ``<`` and the like mean. Next to what is no operand, Python asks the other side."""

    def __add__(self: Any, other: Any) -> Any:
        return binary(Add, self, other) if isinstance(other, OPERANDS) else NotImplemented

    def __radd__(self: Any, other: Any) -> Any:
        return binary(Add, self, other) if isinstance(other, OPERANDS) else NotImplemented

    def __sub__(self: Any, other: Any) -> Any:
        return ops.sub(self, other) if isinstance(other, OPERANDS) else NotImplemented

    def __rsub__(self: Any, other: Any) -> Any:
        return ops.rsub(self, other) if isinstance(other, OPERANDS) else NotImplemented

    def __mul__(self: Any, other: Any) -> Any:
        return binary(Mul, self, other) if isinstance(other, OPERANDS) else NotImplemented

    def __rmul__(self: Any, other: Any) -> Any:
        return binary(Mul, self, other) if isinstance(other, OPERANDS) else NotImplemented

    def __truediv__(self: Any, other: Any) -> Any:
        return ops.div(self, other) if isinstance(other, OPERANDS) else NotImplemented

    def __rtruediv__(self: Any, other: Any) -> Any:
        return ops.rdiv(self, other) if isinstance(other, OPERANDS) else NotImplemented

    def __pow__(self: Any, exponent: Any) -> Any:
        return ops.pow(self, exponent) if isinstance(exponent, OPERANDS) else NotImplemented

    def __rpow__(self: Any, base: Any) -> Any:
        return ops.rpow(self, base) if isinstance(base, OPERANDS) else NotImplemented

    def __matmul__(self: Any, other: Any) -> Any:
        return ops.matmul(self, other) if isinstance(other, Tensor) else NotImplemented

    def __eq__(self: Any, other: object) -> Any:
        return ops.eq(self, other) if isinstance(other, OPERANDS) else NotImplemented

    def __ne__(self: Any, other: object) -> Any:
        return ops.ne(self, other) if isinstance(other, OPERANDS) else NotImplemented

    def __lt__(self: Any, other: Any) -> Any:
        return ops.lt(self, other) if isinstance(other, OPERANDS) else NotImplemented

    def __le__(self: Any, other: Any) -> Any:
        return ops.le(self, other) if isinstance(other, OPERANDS) else NotImplemented

    def __gt__(self: Any, other: Any) -> Any:
        return ops.gt(self, other) if isinstance(other, OPERANDS) else NotImplemented

    def __ge__(self: Any, other: Any) -> Any:
        return ops.ge(self, other) if isinstance(other, OPERANDS) else NotImplemented

    def __and__(self: Any, other: Any) -> Any:
        return ops.bitwise_and(self, other) if isinstance(other, OPERANDS) else NotImplemented

    def __or__(self: Any, other: Any) -> Any:
        return ops.bitwise_or(self, other) if isinstance(other, OPERANDS) else NotImplemented

    __floordiv__ = _operator(ops.floor_divide)
    __rfloordiv__ = _reflected(ops.floor_divide)
    __mod__ = _operator(ops.remainder)
    __rmod__ = _reflected(ops.remainder)
    __rand__ = _operator(ops.bitwise_and)
    __ror__ = _operator(ops.bitwise_or)
    __xor__ = _operator(ops.bitwise_xor)
    __rxor__ = _operator(ops.bitwise_xor)
    __lshift__ = _operator(ops.bitwise_left_shift)
    __rlshift__ = _reflected(ops.bitwise_left_shift)
    __rshift__ = _operator(ops.bitwise_right_shift)
    __rrshift__ = _reflected(ops.bitwise_right_shift)

    __isub__ = in_place(ops.sub)
    __itruediv__ = in_place(ops.div)
    __ifloordiv__ = in_place(ops.floor_divide)
    __imod__ = in_place(ops.remainder)
    __ipow__ = in_place(ops.pow)
    __iand__ = in_place(ops.bitwise_and)
    __ior__ = in_place(ops.bitwise_or)
    __ixor__ = in_place(ops.bitwise_xor)
    __ilshift__ = in_place(ops.bitwise_left_shift)
    __irshift__ = in_place(ops.bitwise_right_shift)
    __neg__ = ops.neg
    __pos__ = ops.positive
    __abs__ = ops.abs
    __invert__ = ops.invert
