"""The operations as methods: ``torch.exp(t)`` is ``t.exp()``, and ``t.exp_()`` writes the result into ``t``.

One line a method. A method is the operation itself, whose first argument is the tensor; signature and
docstring come with it. Loaded with the operations.
"""

from __future__ import annotations

from typing import Any

from . import dtypes, ops
from .inplace import in_place
from .tensor import Tensor


class Operators:
    """What ``+``, ``<`` and the like mean. Next to what is no operand, Python asks the other side."""

    def __add__(self: Any, other: Any) -> Any:
        return ops.add(self, other) if ops.is_operand(other) else NotImplemented

    def __radd__(self: Any, other: Any) -> Any:
        return ops.add(self, other) if ops.is_operand(other) else NotImplemented

    def __sub__(self: Any, other: Any) -> Any:
        return ops.sub(self, other) if ops.is_operand(other) else NotImplemented

    def __rsub__(self: Any, other: Any) -> Any:
        return ops.rsub(self, other) if ops.is_operand(other) else NotImplemented

    def __mul__(self: Any, other: Any) -> Any:
        return ops.mul(self, other) if ops.is_operand(other) else NotImplemented

    def __rmul__(self: Any, other: Any) -> Any:
        return ops.mul(self, other) if ops.is_operand(other) else NotImplemented

    def __truediv__(self: Any, other: Any) -> Any:
        return ops.div(self, other) if ops.is_operand(other) else NotImplemented

    def __rtruediv__(self: Any, other: Any) -> Any:
        return ops.rdiv(self, other) if ops.is_operand(other) else NotImplemented

    def __pow__(self: Any, exponent: Any) -> Any:
        return ops.pow(self, exponent) if ops.is_operand(exponent) else NotImplemented

    def __rpow__(self: Any, base: Any) -> Any:
        return ops.rpow(self, base) if ops.is_operand(base) else NotImplemented

    def __matmul__(self: Any, other: Any) -> Any:
        return ops.matmul(self, other) if isinstance(other, Tensor) else NotImplemented

    def __eq__(self: Any, other: object) -> Any:
        return ops.eq(self, other) if ops.is_operand(other) else NotImplemented

    def __ne__(self: Any, other: object) -> Any:
        return ops.ne(self, other) if ops.is_operand(other) else NotImplemented

    def __lt__(self: Any, other: Any) -> Any:
        return ops.lt(self, other) if ops.is_operand(other) else NotImplemented

    def __le__(self: Any, other: Any) -> Any:
        return ops.le(self, other) if ops.is_operand(other) else NotImplemented

    def __gt__(self: Any, other: Any) -> Any:
        return ops.gt(self, other) if ops.is_operand(other) else NotImplemented

    def __ge__(self: Any, other: Any) -> Any:
        return ops.ge(self, other) if ops.is_operand(other) else NotImplemented

    def __and__(self: Any, other: Any) -> Any:
        return ops.bitwise_and(self, other) if ops.is_operand(other) else NotImplemented

    def __or__(self: Any, other: Any) -> Any:
        return ops.bitwise_or(self, other) if ops.is_operand(other) else NotImplemented

    __isub__ = in_place(ops.sub)
    __itruediv__ = in_place(ops.div)
    __neg__ = ops.neg
    __abs__ = ops.abs
    __invert__ = ops.bitwise_not


class Conversions:
    """The short spellings of ``to``. Kept apart: inside of this class ``float`` and ``int`` are methods."""

    def cpu(self: Any) -> Tensor:
        """Return the tensor in host memory."""
        return ops.to(self, self.dtype, dtypes.CPU)

    def float(self: Any) -> Tensor:
        """Return the tensor as ``float32``."""
        return ops.to(self, dtypes.float32, self._device)

    def double(self: Any) -> Tensor:
        """Return the tensor as ``float64``."""
        return ops.to(self, dtypes.float64, self._device)

    def half(self: Any) -> Tensor:
        """Return the tensor as ``float16``."""
        return ops.to(self, dtypes.float16, self._device)

    def long(self: Any) -> Tensor:
        """Return the tensor as ``int64``."""
        return ops.to(self, dtypes.int64, self._device)

    def int(self: Any) -> Tensor:
        """Return the tensor as ``int32``."""
        return ops.to(self, dtypes.int32, self._device)

    def bool(self: Any) -> Tensor:
        """Return the tensor as ``bool``."""
        return ops.to(self, dtypes.bool_, self._device)


class Methods(Operators, Conversions):
    """The operations by name, a family a paragraph."""

    # element by element
    add = ops.add
    sub = ops.sub
    mul = ops.mul
    div = ops.div
    pow = ops.pow
    neg = ops.neg
    abs = ops.abs
    exp = ops.exp
    log = ops.log
    sqrt = ops.sqrt
    square = ops.square
    relu = ops.relu
    tanh = ops.tanh
    sigmoid = ops.sigmoid
    clamp = ops.clamp
    masked_fill = ops.masked_fill

    clamp_ = in_place(ops.clamp)
    div_ = in_place(ops.div)
    relu_ = in_place(ops.relu)
    sub_ = in_place(ops.sub)

    # comparisons
    eq = ops.eq
    ne = ops.ne
    lt = ops.lt
    le = ops.le
    gt = ops.gt
    ge = ops.ge
    equal = ops.equal

    # reductions
    sum = ops.sum
    mean = ops.mean
    var = ops.var
    std = ops.std
    max = ops.max
    min = ops.min
    argmax = ops.argmax
    argmin = ops.argmin
    all = ops.all
    any = ops.any
    softmax = ops.softmax
    log_softmax = ops.log_softmax
    logsumexp = ops.logsumexp

    # linear algebra
    matmul = ops.matmul
    mm = ops.mm
    addmm = ops.addmm

    # shapes
    reshape = ops.reshape
    view = ops.view
    flatten = ops.flatten
    transpose = ops.transpose
    t = ops.t
    permute = ops.permute
    squeeze = ops.squeeze
    unsqueeze = ops.unsqueeze
    expand = ops.expand

    # parts
    gather = ops.gather

    @property
    def T(self: Any) -> Tensor:  # noqa: N802 - PyTorch's name
        """The tensor with its dimensions reversed, as a view."""
        return ops.permute(self, tuple(range(self.ndim)[::-1]))

    @property
    def mT(self: Any) -> Tensor:  # noqa: N802 - PyTorch's name
        """The tensor with its last two dimensions swapped, as a view."""
        return ops.transpose(self, -2, -1)


Tensor.__bases__ = (Methods, *Tensor.__bases__[1:])  # in the place of the stand-in
