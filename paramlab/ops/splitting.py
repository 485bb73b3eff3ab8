"""One tensor as several: views of its parts."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from .. import autograd
from ..autograd import Array, Operation
from ..tensor import Tensor, apply, wrap
from .arguments import of_tensor
from .indexing import Slice
from .operands import axis, one_or_more, whole

Grads = tuple[Array | None, ...]


class Split(Operation):
    """Parts of one length along a dimension; their gradients are joined again, in one array for all."""

    shape: tuple[int, ...]
    places: Sequence[tuple[Any, ...]]

    def backward(self, grad: Any) -> Grads:
        """Return the gradient of the whole, given a bundle with a gradient for each part, or None."""
        present = [part for part in grad if part is not None]
        joined = np.zeros(self.shape, present[0].dtype)
        for place, part in zip(self.places, grad, strict=True):
            if part is not None:
                joined[place] = part
        return (joined,)


class SplitWithSizes(Split):
    """Parts of given lengths along a dimension."""


class Unbind(Split):
    """What lies at each place along a dimension."""


class Unfold(Operation):
    """Windows along a dimension, which may overlap; an element gets the gradients of all windows that show it."""

    is_view = True

    def forward(self, a: Array, dim: int, size: int, step: int) -> Array:
        self.shape, self.dim, self.step = a.shape, dim, step
        windows = np.lib.stride_tricks.sliding_window_view(
            a, size, axis=dim, subok=True, writeable=a.flags.writeable and step >= size
        )
        return windows[(*self._before, slice(None, None, step))]

    @property
    def _before(self) -> tuple[slice, ...]:
        return (slice(None),) * self.dim

    def backward(self, grad: Array) -> Grads:
        spread = np.zeros(self.shape, grad.dtype)
        reach = self.step * (grad.shape[self.dim] - 1) + 1
        for offset in range(grad.shape[-1]):  # the places of one offset do not overlap
            spread[(*self._before, slice(offset, offset + reach, self.step))] += grad[..., offset]
        return (spread,)


# ------------------------------------------------------------------ a single part


def _at(dim: int, part: Any) -> tuple[Any, ...]:
    """Return the index that takes ``part`` along a dimension and everything of those before."""
    return (*(slice(None),) * dim, part)


@of_tensor
def narrow(input: Tensor, dim: int, start: int, length: int) -> Tensor:
    """Return a view of ``length`` places along ``dim``, from ``start`` on."""
    if input.ndim == 0:
        raise RuntimeError("narrow() cannot be applied to a 0-dim tensor.")
    if length < 0:
        raise RuntimeError("narrow(): length must be non-negative.")
    over = axis(dim, input.ndim)
    first, reach = int(start), input.shape[over]
    if not -reach <= first <= reach:
        raise IndexError(f"start out of range (expected to be in range of [{-reach}, {reach}], but got {first})")
    first += reach if first < 0 else 0
    if first + length > reach:
        raise RuntimeError(f"start ({first}) + length ({length}) exceeds dimension size ({reach}).")
    return apply(Slice, input, index=_at(over, slice(first, first + length)))


@of_tensor
def select(input: Tensor, dim: int, index: int) -> Tensor:
    """Return a view of what lies at ``index`` along ``dim``, without that dimension."""
    if input.ndim == 0:
        raise IndexError("select() cannot be applied to a 0-dim tensor.")
    over = axis(dim, input.ndim)
    if not -input.shape[over] <= index < input.shape[over]:
        raise IndexError(
            f"select(): index {index} out of range for tensor of size {list(input.shape)} at dimension {over}"
        )
    return apply(Slice, input, index=_at(over, int(index)))


@of_tensor
def unfold(input: Tensor, dimension: int, size: int, step: int) -> Tensor:
    """Return a view of all windows of length ``size`` along ``dimension``, ``step`` apart, in a new last dimension.

    ``(N, L)`` becomes ``(N, (L - size) // step + 1, size)`` for ``dimension`` 1.
    """
    over = axis(dimension, input.ndim)
    reach = input.shape[over] if input.ndim else 1
    if size > reach:
        raise RuntimeError(f"maximum size for tensor at dimension {over} is {reach} but size is {size}")
    if step <= 0:
        raise RuntimeError(f"step is {step} but must be > 0")
    return apply(Unfold, input if input.ndim else input.reshape(1), dim=over, size=size, step=step)


# ------------------------------------------------------------------ all parts


@of_tensor
def unbind(input: Tensor, dim: int = 0) -> tuple[Tensor, ...]:
    """Return views of what lies at each place along ``dim``, without that dimension."""
    if input.ndim == 0:
        raise IndexError("Dimension specified as 0 but tensor has no dimensions")
    over = axis(dim, input.ndim)
    return _views(Unbind, input, [(*_at(over, i), ...) for i in range(input.shape[over])])


def split(input: Tensor, split_size_or_sections: int | Sequence[int], dim: int = 0) -> tuple[Tensor, ...]:
    """Return views of the parts along ``dim``: of one length (the last may be shorter), or of the given lengths."""
    if not isinstance(split_size_or_sections, int | Tensor):
        return split_with_sizes(input, split_size_or_sections, dim)
    size = operator.index(split_size_or_sections)
    if input.ndim == 0:
        raise RuntimeError("split expects at least a 1-dimensional tensor")
    if size < 0:
        raise RuntimeError(f"split expects split_size be non-negative, but got split_size={size}")
    over = axis(dim, input.ndim)
    reach = input.shape[over]
    if size == 0 and reach:
        raise RuntimeError(f"split_size can only be 0 if dimension size is 0, but got dimension size of {reach}")
    return _parts(Split, input, over, range(0, max(reach, 1), max(size, 1)))


@of_tensor
def split_with_sizes(input: Tensor, split_sizes: Sequence[int], dim: int = 0) -> tuple[Tensor, ...]:
    """Return views of the parts of the given lengths along ``dim``; ``RuntimeError`` if they do not add up."""
    if input.ndim == 0:
        raise RuntimeError("split expects at least a 1-dimensional tensor")
    over = axis(dim, input.ndim)
    lengths = list(one_or_more("split_sizes", split_sizes))
    if any(n < 0 for n in lengths):
        raise RuntimeError(
            f"split_with_sizes expects split_sizes have only non-negative entries, but got split_sizes={lengths}"
        )
    if sum(lengths) != input.shape[over]:
        raise RuntimeError(
            f"split_with_sizes expects split_sizes to sum exactly to {input.shape[over]} (input tensor's size at "
            f"dimension {over}), but got split_sizes={lengths}"
        )
    return _parts(SplitWithSizes, input, over, [sum(lengths[:i]) for i in range(len(lengths))])


@of_tensor
def chunk(input: Tensor, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
    """Return views of at most ``chunks`` parts of equal length along ``dim``; the last may be shorter."""
    if input.ndim == 0:
        raise RuntimeError("chunk expects at least a 1-dimensional tensor")
    if chunks <= 0:
        raise RuntimeError(f"chunk expects `chunks` to be greater than 0, got: {chunks}")
    over = axis(dim, input.ndim)
    reach = input.shape[over]
    if reach == 0:
        return _parts(SplitWithSizes, input, over, [0] * chunks)
    return split(input, -(-reach // whole("chunks", chunks)), over)


@of_tensor
def tensor_split(input: Tensor, indices_or_sections: int | Sequence[int] | Tensor, dim: int = 0) -> tuple[Tensor, ...]:
    """Return views of so many parts, the first ones longer by one where needed; or the parts between the indices."""
    if input.ndim == 0:
        raise RuntimeError("tensor_split expected at least a 1-dimensional tensor, but got a tensor with 0 dims")
    over = axis(dim, input.ndim)
    given: Any = indices_or_sections
    if isinstance(given, Tensor):
        given = given.tolist()
    reach = input.shape[over]
    if not isinstance(given, tuple | list):
        given = whole("indices_or_sections", given)
        if given <= 0:
            raise RuntimeError(f"number of sections must be larger than 0, got {given}")
        longer = reach % given
        starts = [i * (reach // given) + min(i, longer) for i in range(given)]
    else:
        starts = [0, *given]
    edges = [*starts, reach]
    return tuple([apply(Slice, input, index=_at(over, slice(*edge))) for edge in pairwise(edges)])


def _parts(operation: type[Split], input: Tensor, dim: int, starts: Sequence[int]) -> tuple[Tensor, ...]:
    edges = pairwise([*starts, input.shape[dim]])
    return _views(operation, input, [_at(dim, slice(*edge)) for edge in edges])


def _views(operation: type[Split], input: Tensor, places: Sequence[tuple[Any, ...]]) -> tuple[Tensor, ...]:
    """Return a view of each place; where autograd follows, all are outputs of one node."""
    if input._base is not None:
        input._follow_base()
    if not (autograd.mode.enabled and input._requires_grad):
        return tuple([apply(Slice, input, index=place) for place in places])
    views = [wrap(input._array[place], input._device)._view_of(input) for place in places]
    node = operation()
    node.needs, node.shape, node.places = (True,), input._array.shape, places
    autograd.Part.record_all(node, [input], views)
    for number, view in enumerate(views):
        view._refusal = (
            f"Output {number} of {operation.__name__} is a view and is being modified inplace. This view is the output "
            "of a function that returns multiple views. Such functions do not allow the output views to be modified "
            "inplace. You should replace the inplace operation by an out-of-place one."
        )
    return tuple(views)
