"""Copies: of another layout, another dtype, for another device, or into memory that there is already."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autograd import Array, Operation, mode, unbroadcast
from ..autograd.grad_mode import silently
from ..dtypes import META, contiguous_format, device, dtype, memory_format, preserve_format
from ..meta import NO_DATA, shape_only, without_elements
from ..tensor import Tensor, apply, wrap
from .arguments import not_a_tensor
from .operands import check_broadcast

Grads = tuple[Array | None, ...]


class Clone(Operation):
    """A copy; ``layout`` is ``"K"`` for the order in memory that there is, ``"C"`` for that of the indices."""

    def forward(self, a: Array, layout: Any = "K") -> Array:
        return a.copy(layout)

    def backward(self, grad: Array) -> Grads:
        return (grad,)


class CopyInto(Operation):
    """The second input in the shape and type of the first, which it overwrites."""

    def forward(self, old: Array, new: Array, named: str) -> Array:
        self.shape, self.dtype, self.named = new.shape, new.dtype, named
        try:
            return np.broadcast_to(new, old.shape, subok=True).astype(old.dtype)
        except ValueError:
            check_broadcast(old.shape, new.shape)
            raise RuntimeError(
                f"output with shape {list(old.shape)} doesn't match the broadcast shape {list(new.shape)}"
            ) from None

    def backward(self, grad: Array) -> Grads:
        return np.zeros_like(grad), unbroadcast(grad.astype(self.dtype, copy=False), self.shape)

    def name(self) -> str:
        """PyTorch's name for it: that of the method that wrote."""
        return self.named


class ToCopy(Operation):
    """A copy in another dtype, or for another device."""

    def forward(self, a: Array, kind: dtype, to_meta: bool = False) -> Array:
        self.dtype, self.to_meta = a.dtype, to_meta
        return shape_only(a.shape, kind.numpy) if to_meta else a.astype(kind.numpy)

    def backward(self, grad: Array) -> Grads:
        if self.to_meta:  # the gradient would have to come back
            raise NotImplementedError(NO_DATA)
        return (grad.astype(self.dtype, copy=False),)


# ------------------------------------------------------------------ functions

_TO_EMPTY = (
    "Please use torch.nn.Module.to_empty() instead of torch.nn.Module.to() when moving module from meta to a different "
    "device."
)


def to(input: Tensor, kind: dtype, place: device, copy: bool = False) -> Tensor:
    """Return the tensor with this dtype on this device: itself, if it has both and no ``copy`` is asked for.

    ``NotImplementedError`` for a tensor on ``meta`` that is to go elsewhere: it has no values.
    """
    if kind is input.dtype and place == input._device and not copy:
        return input
    if input._device is META and place is not META:
        raise NotImplementedError(f"{NO_DATA} {_TO_EMPTY}")
    if place is input._device and place is not META and not (mode.enabled and input._requires_grad):
        # nothing is recorded: a model's tensors are converted in two thirds of the time
        return wrap(silently(input._array.astype, kind.numpy), place)
    converted = apply(ToCopy, input, kind=kind, to_meta=place is not input._device and place is META)
    converted._device = place
    if place is META:
        converted._array = without_elements(converted._array)
    return converted


def copy_into(old: Tensor, new: Tensor, named: str = "torch::autograd::CopyBackwards") -> Tensor:
    """Return ``new`` in the shape and dtype of ``old``, which it is to overwrite; ``named`` is its node's name."""
    return apply(CopyInto, old, new, named=named)


def clone(input: Tensor, *, memory_format: memory_format = preserve_format) -> Tensor:
    """Return a copy that autograd follows back to the tensor; it keeps the order in memory unless told otherwise."""
    if not isinstance(input, Tensor):
        raise not_a_tensor("clone", input)
    return apply(Clone, input, layout="C" if memory_format is contiguous_format else "K")


def contiguous(input: Tensor, memory_format: memory_format = contiguous_format) -> Tensor:
    """Return the tensor with its elements in the order of the indices in memory: itself if they are."""
    return input if input.is_contiguous() else apply(Clone, input, layout="C")
