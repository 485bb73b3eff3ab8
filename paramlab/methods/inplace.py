"""Writing in place: what a tensor does to its own memory, and what that does to the graph."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import autograd
from ..autograd import Array, Operation
from ..autograd.grad_mode import silently

if TYPE_CHECKING:
    from ..tensor import Tensor

Number = int | float | bool

_ONCE_UNRECORDED = (
    "A view was created in {0} mode and is being modified inplace {1}. Given that this use case is ambiguous and "
    "error-prone, it is forbidden. You can clarify your code by moving both the view and the inplace either both "
    "inside the {0} block (if you don't want the inplace to be tracked) or both outside (if you want the inplace to "
    "be tracked)."
)
VIEW_OF_NO_GRAD = _ONCE_UNRECORDED.format("no_grad", "with grad mode enabled")
VIEW_OF_INFERENCE = _ONCE_UNRECORDED.format("inference", "in normal mode").replace(
    "inference block", "inference_mode block"
)


class InPlace:
    """The methods whose names end in an underscore; the tensor itself is in ``tensor.py``.

    A write that autograd need not know of goes straight to the memory. Any other is computed as if it were
    not in place, of a copy of the old values, and then the tensor takes over the result, its place in the
    graph included.
    """

    _array: Array
    _node: Operation | None
    _base: Tensor | None
    _requires_grad: bool

    def copy_(self: Any, src: Any, non_blocking: bool = False) -> Any:
        """Overwrite the values with those of ``src``, which broadcasts, from any dtype and device; or with a number."""
        if not _is_tensor(src):
            if isinstance(src, int | float):
                return self.fill_(src)
            raise TypeError(f"copy_(): argument 'other' (position 1) must be Tensor, not {type(src).__name__}")
        operand = self._plain_operand(src)
        if operand is not None:
            np.copyto(self._array, operand)
            self._bump()
            return self
        refuse_overlap(self._array, src._array)
        source = ops.to(src, src.dtype, self._device)
        return self._become(ops.copy_into(self._before_write(src), source))

    def zero_(self: Any) -> Any:
        """Fill with zeros."""
        return self._filled(0, "ZeroBackward0")

    def fill_(self: Any, value: Any) -> Any:
        """Fill with one value."""
        if _is_tensor(value) and value.ndim:
            raise RuntimeError(
                f"fill_ only supports 0-dimension value tensor but got tensor with {value.ndim} dimensions."
            )
        if not ops.is_operand(value):
            raise TypeError(f"fill_(): argument 'value' must be a number, not {type(value).__name__}")
        if _is_tensor(value):
            return self._become(ops.copy_into(self._before_write(value), value, "FillBackward3"))
        return self._filled(value, "FillBackward2")

    def _filled(self: Any, value: Number, named: str) -> Any:
        number = self._plain_operand(value) if value == 0 else None  # 0 suits every type
        if number is None:
            filled = ops.scalar_like(self, value)
            if self._plain_operand(0.0) is None:
                return self._become(ops.copy_into(self._before_write(), filled, named))
            number = filled._array
        self._array.fill(number)
        self._bump()
        return self

    def add_(self: Any, other: Any, *, alpha: Number = 1) -> Any:
        """Add ``alpha * other`` in place."""
        operand = self._plain_operand(other)
        if operand is None or (alpha != 1 and not self.is_floating_point()):
            if _is_tensor(other):
                refuse_overlap(self._array, other._array)
            return self._become(ops.add(self._before_write(other), other, alpha=alpha))
        return self._update(np.add, operand if alpha == 1 else operand * self._array.dtype.type(alpha))

    def mul_(self: Any, other: Any) -> Any:
        """Multiply by ``other`` in place."""
        operand = self._plain_operand(other)
        if operand is None:
            if _is_tensor(other):
                refuse_overlap(self._array, other._array)
            return self._become(ops.mul(self._before_write(other), other))
        return self._update(np.multiply, operand)

    __iadd__ = add_
    __imul__ = mul_

    # ------------------------------------------------------------------ a write that nobody needs to know of

    def _plain_operand(self: Any, other: Any) -> Any:
        """Return what NumPy can combine with this memory as it is; None where dtype, shape or graph need care."""
        mine = self._array
        if not mine.flags.writeable or self._version_ is autograd.INFERENCE:
            return None
        if autograd.mode.enabled and (self.requires_grad or (_is_tensor(other) and other.requires_grad)):
            return None
        if _is_tensor(other):
            theirs = other._array
            alike = theirs.dtype == mine.dtype and theirs.shape == mine.shape and other._device is self._device
            if alike and not (theirs.base is None is mine.base):
                refuse_overlap(mine, theirs)
            return theirs if alike else None
        if mine.dtype.kind == "f" and mine.itemsize > 2 and type(other) in (int, float):  # half: see operands.binary
            return mine.dtype.type(other)
        return None

    def _update(self: Any, function: np.ufunc, operand: Any) -> Any:
        silently(function, self._array, operand, self._array)
        self._bump()
        return self

    # ------------------------------------------------------------------ a write that the graph has to follow

    def _before_write(self: Any, *others: Any) -> Any:
        """Check that this tensor may be written to; return what an operation may read in its place."""
        if not self._array.flags.writeable:
            raise RuntimeError(
                "unsupported operation: more than one element of the written-to tensor refers to a single memory "
                "location. Please clone() the tensor before performing the operation."
            )
        if self._version_ is autograd.INFERENCE and not autograd.mode.inference:
            self._bump()  # refuses
        followed = any(_is_tensor(other) and other.requires_grad for other in others)
        if not (autograd.mode.enabled and (followed or self.requires_grad)):
            return self
        if self._refusal is not None:
            raise RuntimeError(self._refusal)
        if self._requires_grad and self._base is not None and self._base.is_leaf:
            raise RuntimeError(
                "a view of a leaf Variable that requires grad is being used in an in-place operation. "
                "Write inside `with torch.no_grad():`, or compute a new tensor instead."
            )
        if self._requires_grad and self.is_leaf:
            raise RuntimeError(
                "a leaf Variable that requires grad is being used in an in-place operation. "
                "Write inside `with torch.no_grad():`, or compute a new tensor instead."
            )
        # the operation may keep what it read for the way back, and this memory is about to change
        before = self._beside(self._array.copy())
        before._requires_grad, before._node = self._requires_grad, self._node
        before._version_ = autograd.Version(before)  # not its node's, which counts the writes to this tensor
        return before

    def _become(self: Any, result: Tensor) -> Any:
        """Take over the values of ``result``, which was computed of this tensor, and its place in the graph."""
        if result.shape != self.shape:
            raise RuntimeError(
                f"output with shape {list(self.shape)} doesn't match the broadcast shape {list(result.shape)}"
            )
        if result.dtype.rank > self.dtype.rank:
            raise RuntimeError(
                f"result type {result.dtype.word} can't be cast to the desired output type {self.dtype.word}"
            )
        if result._node is not None and self._base is not None:
            ops.CopySlices.write_through(self, result)
        np.copyto(self._array, result._array, casting="unsafe")
        self._bump()
        if result._node is not None and self._base is None:
            self._node = result._node
            self._requires_grad = True
        return self


def refuse_overlap(written: Array, read: Array) -> None:
    """Raise ``RuntimeError`` if a block of memory is to be written while another part of it is still to be read.

    As in PyTorch only where both lie in memory without gaps. NumPy would get it right; a GPU would not.
    """
    if read is written or read.base is None is written.base or written.size == 1:  # as mostly: no views
        return
    if not (np.may_share_memory(written, read) and written.flags.forc and read.flags.forc):
        return
    same = written.nbytes == read.nbytes and written.strides == read.strides
    if not (same and written.ctypes.data == read.ctypes.data):
        raise RuntimeError(
            "unsupported operation: some elements of the input tensor and the written-to tensor refer to a single "
            "memory location. Please clone() the tensor before performing the operation."
        )


def in_place(operation: Callable[..., Tensor], reads_first: bool = False) -> Callable[..., Any]:
    """Return the method that writes an operation's result into its first input: ``exp`` becomes ``exp_``.

    ``reads_first`` says that the others may be parts of the memory that is written to.
    """

    def method(self: Any, *args: Any, **options: Any) -> Any:
        for other in () if reads_first else args:
            if isinstance(other, InPlace):
                refuse_overlap(self._array, other._array)
        before = self._before_write(*args, *options.values())
        result = operation(before, *args, **options)
        if before is not self and result._node is None:  # a comparison, say: the old values get a gradient of 0
            name = f"{operation.__name__.title()}Backward{int(any(map(_is_tensor, args)))}"
            result = ops.copy_into(before, result, name)
        return self._become(result)

    method.__name__ = f"{operation.__name__}_"
    method.__qualname__ = f"Tensor.{method.__name__}"
    method.__doc__ = f"Do what ``{operation.__name__}`` does, in place: {operation.__doc__}"
    return method


def _is_tensor(value: Any) -> bool:
    return isinstance(value, InPlace)


from .. import ops  # noqa: E402 - see tensor.py
