"""What happens to a tensor and its views when one of them is written to while autograd follows them.

A view and its base share memory, so both have new values after a write to either; their histories must
say so. ``CopySlices`` is the base's new history after a write to a view, ``AsStrided`` the history of a
view whose base was written to.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import as_strided

from ..autograd import Array, Operation
from ..tensor import Tensor

Grads = tuple[Array | None, ...]


def positions(view: Array, base: Array) -> Array:
    """Return, for each element of a view, its number among the elements of the base."""
    if not np.may_share_memory(view, base):
        raise RuntimeError("a view lost its base: the base's .data was replaced after the view was made")
    steps = [stride // base.itemsize for stride in base.strides]
    reach = sum((length - 1) * step for length, step in zip(base.shape, steps, strict=True))
    memory = np.zeros(reach + 1 if base.size else 0, np.int64)  # one place for each place of the base's memory
    _look(memory, base.shape, steps)[...] = np.arange(base.size).reshape(base.shape)
    start = (view.ctypes.data - base.ctypes.data) // base.itemsize
    return _look(memory[start:], view.shape, [stride // view.itemsize for stride in view.strides])


def _look(memory: Array, shape: tuple[int, ...], steps: list[int]) -> Array:
    return as_strided(memory, shape, [step * memory.itemsize for step in steps])


class AsStrided(Operation):
    """A view, told by the places in the base that it looks at; the gradient goes back to them."""

    shape: tuple[int, ...]
    places: Array

    @classmethod
    def look_at(cls, base: Tensor, view: Tensor) -> None:
        """Make this the history of ``view``."""
        node = cls()
        node.shape, node.places = base._array.shape, positions(view._array, base._array)
        if base._requires_grad:
            node.connect([base])
            node.record(view)
        else:
            view._node, view._requires_grad = None, False

    def backward(self, grad: Array) -> Grads:
        spread = np.zeros(self.shape, grad.dtype)
        np.add.at(spread.reshape(-1), self.places, grad)  # an element that is seen twice gets both gradients
        return (spread,)


class CopySlices(Operation):
    """The base after a write to a view of it: the written places get their gradient from what was written."""

    places: Array

    @classmethod
    def write_through(cls, view: Tensor, result: Tensor) -> None:
        """Make this the history of the base of ``view``, whose new values are those of ``result``."""
        base = view._base
        assert base is not None
        node = cls()
        node.places = positions(view._array, base._array)
        before = base._beside(base._array)
        before._requires_grad, before._node = base._requires_grad, base._node
        node.connect([before, result])
        node.record(base)

    def backward(self, grad: Array) -> Grads:
        kept = np.array(grad, order="C")
        kept.reshape(-1)[self.places] = 0
        return kept, grad.reshape(-1)[self.places]

    def name(self) -> str:
        """PyTorch's name for it."""
        return "torch::autograd::CopySlices"
