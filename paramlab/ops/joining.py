"""Several tensors joined into one, and one repeated."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..autograd import Array, Operation
from ..tensor import Tensor, apply
from .arguments import need_listed, of_tensor
from .operands import axis, common_type
from .out import write
from .places import in_order
from .scatter import index_select
from .shape import atleast_1d, atleast_2d, atleast_3d, expand, one_tuple, ravel, reshape, sizes

Grads = tuple[Array | None, ...]


class Cat(Operation):
    """Tensors joined along a dimension; each gets its own stretch of the gradient."""

    def forward(self, *arrays: Array, dim: int) -> Array:
        self.dim, self.lengths = dim, [a.shape[dim] for a in arrays]
        return in_order(np.concatenate(arrays, axis=dim))

    def backward(self, grad: Array) -> Grads:
        before = (slice(None),) * self.dim
        parts, start = [], 0
        for length in self.lengths:
            parts.append(grad[(*before, slice(start, start + length))])
            start += length
        return tuple(parts)


class Stack(Operation):
    """Tensors of one shape joined along a new dimension."""

    def forward(self, *arrays: Array, dim: int) -> Array:
        self.dim = dim
        return in_order(np.stack(arrays, axis=dim))

    def backward(self, grad: Array) -> Grads:
        before = (slice(None),) * self.dim
        places: list[Any] = [(*before, i, ...) for i in range(grad.shape[self.dim])]
        return tuple([grad[place] for place in places])


class Repeat(Operation):
    """The tensor repeated along its dimensions; the gradients of the repetitions add up."""

    def forward(self, a: Array, repeats: tuple[int, ...]) -> Array:
        self.shape, self.repeats = a.shape, repeats
        return np.tile(a, repeats)

    def backward(self, grad: Array) -> Grads:
        lengths = (1,) * (len(self.repeats) - len(self.shape)) + self.shape
        apart = [n for pair in zip(self.repeats, lengths, strict=True) for n in pair]
        return (grad.reshape(apart).sum(axis=tuple(range(0, len(apart), 2))).reshape(self.shape),)


class RepeatInterleave(Operation):
    """Each element repeated ``repeats`` times in a row along a dimension."""

    def forward(self, a: Array, repeats: int, dim: int) -> Array:
        self.repeats, self.dim, self.length = repeats, dim, a.shape[dim]
        return np.repeat(a, repeats, dim)

    def backward(self, grad: Array) -> Grads:
        before, after = grad.shape[: self.dim], grad.shape[self.dim + 1 :]
        return (grad.reshape(*before, self.length, self.repeats, *after).sum(axis=self.dim + 1),)

    def name(self) -> str:
        """PyTorch expands and copies, and names the node after the last step."""
        return "ViewBackward0"


# ------------------------------------------------------------------ joined


def cat(tensors: Sequence[Tensor], dim: int = 0, *, axis: int | None = None, out: Tensor | None = None) -> Tensor:
    """Return tensors joined along ``dim``; their other lengths must agree.

    The dtype is the one that all promote to. An empty tensor of one dimension is left out. ``RuntimeError``
    for lengths that differ and for tensors without dimensions, ``TypeError`` for what are no tensors.
    """
    if out is not None:
        return write("cat", cat(tensors, dim, axis=axis), out)
    items = _listed("cat", tensors)
    if not items:
        raise ValueError("torch.cat(): expected a non-empty list of Tensors")
    for number, item in enumerate(items):
        if item.ndim == 0:
            raise RuntimeError(
                f"zero-dimensional tensor (at position {number}) cannot be concatenated. Use torch.stack."
            )
    items = _of_one_dtype(items)
    items = [item for item in items if item.shape != (0,)] or items[:1]
    over = _axis(dim if axis is None else axis, items[0].ndim)
    for number, item in enumerate(items[1:], start=1):
        if item.shape != items[0].shape:
            _check_joined(items[0].shape, item.shape, over, number)
    return apply(Cat, *items, dim=over)


_axis = axis  # inside of cat and stack, ``axis`` is NumPy's name for ``dim``


def _check_joined(first: tuple[int, ...], shape: tuple[int, ...], over: int, number: int) -> None:
    if len(shape) != len(first):
        raise RuntimeError(f"Tensors must have same number of dimensions: got {len(first)} and {len(shape)}")
    for d, (expected, length) in enumerate(zip(first, shape, strict=True)):
        if d != over and expected != length:
            raise RuntimeError(
                f"Sizes of tensors must match except in dimension {over}. Expected size {expected} but got size "
                f"{length} for tensor number {number} in the list."
            )


def concat(tensors: Sequence[Tensor], dim: int = 0, *, axis: int | None = None) -> Tensor:
    """Return tensors joined along ``dim``; another name for ``cat``."""
    return cat(tensors, dim, axis=axis)


def concatenate(tensors: Sequence[Tensor], dim: int = 0, *, axis: int | None = None) -> Tensor:
    """Return tensors joined along ``dim``; NumPy's name for ``cat``."""
    return cat(tensors, dim, axis=axis)


def stack(tensors: Sequence[Tensor], dim: int = 0, *, axis: int | None = None, out: Tensor | None = None) -> Tensor:
    """Return tensors of one shape joined along a new dimension ``dim``."""
    if out is not None:
        return write("stack", stack(tensors, dim, axis=axis), out)
    items = _listed("stack", tensors)
    if not items:
        raise RuntimeError("stack expects a non-empty TensorList")
    over = _axis(dim if axis is None else axis, items[0].ndim + 1)
    for number, item in enumerate(items):
        if item.shape != items[0].shape:
            raise RuntimeError(
                f"stack expects each tensor to be equal size, but got {list(items[0].shape)} at entry 0 and "
                f"{list(item.shape)} at entry {number}"
            )
    return apply(Stack, *_of_one_dtype(items), dim=over)


def hstack(tensors: Sequence[Tensor]) -> Tensor:
    """Return tensors joined side by side: along the second dimension, vectors along their only one."""
    items = [atleast_1d(item) for item in _some("hstack", tensors)]
    return cat(items, 0 if items[0].ndim == 1 else 1)


def vstack(tensors: Sequence[Tensor]) -> Tensor:
    """Return tensors joined one below the other; a vector is a row."""
    return cat([atleast_2d(item) for item in _some("vstack", tensors)], 0)


def dstack(tensors: Sequence[Tensor]) -> Tensor:
    """Return tensors joined along the third dimension."""
    return cat([atleast_3d(item) for item in _some("dstack", tensors)], 2)


def column_stack(tensors: Sequence[Tensor]) -> Tensor:
    """Return tensors joined side by side; a vector is a column."""
    items = _some("column_stack", tensors)
    return cat([reshape(item, (item.numel(), 1)) if item.ndim < 2 else item for item in items], 1)


def _listed(name: str, tensors: Any) -> list[Tensor]:
    if not isinstance(tensors, tuple | list):
        raise TypeError(
            f"{name}(): argument 'tensors' (position 1) must be tuple of Tensors, not {type(tensors).__name__}"
        )
    need_listed(tensors)
    return list(tensors)


def _some(name: str, tensors: Any) -> list[Tensor]:
    items = _listed(name, tensors)
    if not items:
        raise RuntimeError(f"{name} expects a non-empty TensorList")
    return items


def _of_one_dtype(tensors: list[Tensor]) -> list[Tensor]:
    first = tensors[0]._array.dtype
    if all(tensor._array.dtype == first for tensor in tensors):
        return tensors
    kind = common_type(*tensors)
    return [tensor.to(kind) for tensor in tensors]


# ------------------------------------------------------------------ repeated


def repeat(input: Tensor, *sizes_: Any, repeats: Sequence[int] | None = None) -> Tensor:
    """Return a copy repeated along each dimension; further numbers in front add dimensions."""
    times = sizes("repeat", "repeats", sizes_, repeats)
    if len(times) < input.ndim:
        raise RuntimeError("Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor")
    lengths = (1,) * (len(times) - input.ndim) + input.shape
    wanted = [count * length for count, length in zip(times, lengths, strict=True)]
    if any(length < 0 for length in wanted):
        negative = next(length for length in wanted if length < 0)
        raise RuntimeError(f"Trying to create tensor with negative dimension {negative}: {wanted}")
    return apply(Repeat, input, repeats=times)


@of_tensor
def tile(input: Tensor, dims: Sequence[int]) -> Tensor:
    """Return a copy repeated along the last dimensions, as many as there are numbers."""
    return tile_method(input, one_tuple("tile", "dims", dims))


def tile_method(input: Tensor, *sizes_: Any, dims: Sequence[int] | None = None) -> Tensor:
    """Return a copy repeated along the last dimensions, as many as there are numbers, one by one or in a tuple."""
    times = sizes("tile", "dims", sizes_, dims)
    return repeat(input, (1,) * (input.ndim - len(times)) + times)


@of_tensor
def repeat_interleave(
    input: Tensor, repeats: Any = None, dim: int | None = None, *, output_size: int | None = None
) -> Tensor:
    """Return a copy in which each element comes ``repeats`` times in a row.

    ``repeats`` is a number, or a tensor with one number for each element along ``dim``. Without ``dim`` the
    input is taken as one-dimensional. Called with numbers alone, the result is the index of each repetition.
    ``output_size``, the length of the result, spares PyTorch a look at the numbers; here it changes nothing.
    """
    if repeats is None:
        return index_select(_counting(input, input.numel()), 0, _repeated(input))
    if dim is None:
        input, dim = ravel(input), 0
    over = axis(dim, input.ndim)
    if isinstance(repeats, Tensor) and repeats.numel() == 1:
        repeats = repeats.reshape(1).expand(input.shape[over])
    if not isinstance(repeats, Tensor):
        if repeats < 0:
            raise RuntimeError("Repeats must be non-negative")
        return apply(RepeatInterleave, input, repeats=repeats, dim=over)
    if len(repeats) != input.shape[over]:
        raise RuntimeError(
            f"repeats must have the same size as input along dim, but got repeats.size(0) = {len(repeats)} and "
            f"input.size({over}) = {input.shape[over]}"
        )
    return index_select(input, over, _repeated(repeats))


def _counting(like: Tensor, length: int) -> Tensor:
    return like._beside(np.arange(length))


def _repeated(repeats: Tensor) -> Tensor:
    """Return the number of each repetition's element: 0 for the first, as often as it says, and so on."""
    if repeats._array.dtype.kind not in "iu":
        raise RuntimeError("repeats has to be Long or Int tensor")
    if repeats._array.size and repeats._array.min() < 0:
        raise RuntimeError("repeats can not be negative")
    return repeats._beside(np.repeat(np.arange(len(repeats)), repeats._array))


def meshgrid(*tensors: Any, indexing: str | None = None) -> tuple[Tensor, ...]:
    """Return the coordinates of each point of a grid, one tensor an axis, as expanded views.

    ``indexing="ij"``: the first tensor runs along the first dimension; ``"xy"``: along the second.
    """
    if indexing is None:
        warnings.warn(
            "torch.meshgrid: in an upcoming release, it will be required to pass the indexing argument. Today "
            "leaving it out means indexing='ij'.",
            UserWarning,
            stacklevel=2,
        )
    elif not isinstance(indexing, str):
        raise TypeError(f"meshgrid(): argument 'indexing' must be str, not {type(indexing).__name__}")
    elif indexing not in ("ij", "xy"):
        raise RuntimeError(f'torch.meshgrid: indexing must be one of "xy" or "ij", but received: {indexing}')
    items = list(tensors[0]) if len(tensors) == 1 and isinstance(tensors[0], tuple | list) else list(tensors)
    need_listed(items)
    if not items:
        raise RuntimeError("meshgrid expects a non-empty TensorList")
    if any(item.dtype is not items[0].dtype for item in items):
        raise RuntimeError("meshgrid expects all tensors to have the same dtype")
    swapped = indexing == "xy" and len(items) >= 2
    if swapped:
        items[:2] = items[1::-1]
    lengths = tuple([item.numel() for item in items])
    grids = []
    for place, item in enumerate(items):
        if item.ndim > 1:
            raise RuntimeError(f"torch.meshgrid: Expected 0D or 1D tensor in the tensor list but got: {item.ndim}D")
        line = (1,) * place + (-1,) + (1,) * (len(items) - place - 1)
        grids.append(expand(reshape(item, line), lengths))
    if swapped:
        grids[:2] = grids[1::-1]
    return tuple(grids)
