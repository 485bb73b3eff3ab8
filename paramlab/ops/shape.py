"""Operations that only rearrange: views of the same memory wherever there can be one, joins of several."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..autograd import Array, Operation, unbroadcast
from ..tensor import Tensor, apply
from ..types import device, dtype
from .operands import axis

Grads = tuple[Array | None, ...]


class Reshape(Operation):
    """The elements in another shape; a view where memory allows it."""

    is_view = True

    def forward(self, a: Array, shape: tuple[int, ...] = ()) -> Array:  # type: ignore[override]
        self.shape = a.shape
        return a.reshape(shape)

    def backward(self, grad: Array) -> Grads:
        return (grad.reshape(self.shape),)

    def name(self) -> str:
        """PyTorch calls a reshape by what it became."""
        return "ViewBackward0"


class Permute(Operation):
    """The dimensions in another order."""

    is_view = True

    def forward(self, a: Array, dims: tuple[int, ...] = ()) -> Array:  # type: ignore[override]
        self.inverse = tuple(np.argsort(dims))
        return a.transpose(dims)

    def backward(self, grad: Array) -> Grads:
        return (grad.transpose(self.inverse),)


class Transpose(Permute):
    """Two dimensions swapped."""


class T(Permute):
    """A matrix transposed."""


class Expand(Operation):
    """Dimensions of length 1 repeated without a copy."""

    is_view = True

    def forward(self, a: Array, shape: tuple[int, ...] = ()) -> Array:  # type: ignore[override]
        self.shape = a.shape
        return np.broadcast_to(a, shape)

    def backward(self, grad: Array) -> Grads:
        return (unbroadcast(grad, self.shape),)


class Cat(Operation):
    """Tensors joined along a dimension; each gets its own stretch of the gradient."""

    def forward(self, *arrays: Array, dim: int = 0) -> Array:  # type: ignore[override]
        self.dim, self.lengths = dim, [a.shape[dim] for a in arrays]
        return np.concatenate(arrays, axis=dim)

    def backward(self, grad: Array) -> Grads:
        return tuple(np.split(grad, np.cumsum(self.lengths)[:-1], axis=self.dim))


class Stack(Operation):
    """Tensors of one shape joined along a new dimension."""

    def forward(self, *arrays: Array, dim: int = 0) -> Array:  # type: ignore[override]
        self.dim = dim
        return np.stack(arrays, axis=dim)

    def backward(self, grad: Array) -> Grads:
        return tuple(np.moveaxis(grad, self.dim, 0))


class Clone(Operation):
    """A copy."""

    def forward(self, a: Array) -> Array:  # type: ignore[override]
        return a.copy()

    def backward(self, grad: Array) -> Grads:
        return (grad,)


class CopyInto(Operation):
    """The second input in the shape and type of the first, which it overwrites."""

    def forward(self, old: Array, new: Array) -> Array:  # type: ignore[override]
        self.shape, self.dtype = new.shape, new.dtype
        try:
            return np.broadcast_to(new, old.shape).astype(old.dtype)
        except ValueError:
            raise RuntimeError(
                f"The size of tensor a ({_last(old)}) must match the size of tensor b ({_last(new)}): a tensor of "
                f"the shape {list(new.shape)} can't be copied into one of the shape {list(old.shape)}."
            ) from None

    def backward(self, grad: Array) -> Grads:
        return None, unbroadcast(grad.astype(self.dtype, copy=False), self.shape)

    def name(self) -> str:
        """PyTorch's name for the gradient of copy_."""
        return "CopyBackwards"


class To(Operation):
    """Another dtype or another device."""

    def forward(self, a: Array, kind: dtype, place: device) -> Array:  # type: ignore[override]
        self.dtype = a.dtype
        return a.astype(kind.numpy)

    def backward(self, grad: Array) -> Grads:
        return (grad.astype(self.dtype, copy=False),)

    def name(self) -> str:
        """PyTorch's name for the gradient of a conversion."""
        return "ToCopyBackward0"


def _last(array: Array) -> int:
    return array.shape[-1] if array.ndim else 1


# ------------------------------------------------------------------ functions


def reshape(input: Tensor, *shape: Any) -> Tensor:
    """Return the elements in another shape; one length may be -1. A view where memory allows it."""
    return apply(Reshape, input, shape=_fit(_flat(shape), input))


def view(input: Tensor, *shape: Any) -> Tensor:
    """Return a view in another shape, or in another dtype; ``RuntimeError`` where that needs a copy."""
    wanted = _fit(_flat(shape), input)
    output = apply(Reshape, input, shape=wanted)
    if input.numel() and not np.shares_memory(output._array, input._array):
        raise RuntimeError(
            "view size is not compatible with input tensor's size and stride (at least one dimension spans across "
            "two contiguous subspaces). Use .reshape(...) instead."
        )
    return output


def flatten(input: Tensor, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    """Return the dimensions from ``start_dim`` to ``end_dim`` joined into one."""
    first, last = axis(start_dim, input.ndim), axis(end_dim, input.ndim)
    if first > last:
        raise RuntimeError("flatten() has invalid args: start_dim cannot come after end_dim")
    return reshape(input, (*input.shape[:first], -1, *input.shape[last + 1 :])) if input.ndim else reshape(input, 1)


def permute(input: Tensor, *dims: Any) -> Tensor:
    """Return a view with the dimensions in another order."""
    order = _flat(dims)
    if len(order) != input.ndim:
        raise RuntimeError(
            "permute(sparse_coo): number of dimensions in the tensor input does not match the length of the desired "
            f"ordering of dimensions i.e. input.dim() = {input.ndim} is not equal to len(dims) = {len(order)}"
        )
    return apply(Permute, input, dims=tuple(axis(d, input.ndim) for d in order))


def transpose(input: Tensor, dim0: int, dim1: int) -> Tensor:
    """Return a view with two dimensions swapped."""
    first, second = axis(dim0, input.ndim), axis(dim1, input.ndim)
    order = list(range(input.ndim))
    if order:
        order[first], order[second] = order[second], order[first]
    return apply(Transpose, input, dims=tuple(order))


def t(input: Tensor) -> Tensor:
    """Return the transpose of a matrix as a view; a vector as it is."""
    if input.ndim > 2:
        raise RuntimeError(f"t() expects a tensor with <= 2 dimensions, but self is {input.ndim}D")
    return apply(T, input, dims=tuple(reversed(range(input.ndim))))


def squeeze(input: Tensor, dim: Any = None) -> Tensor:
    """Return a view without the dimensions of length 1, or without ``dim`` if its length is 1."""
    if dim is None:
        drop = set(range(input.ndim))
    else:
        drop = {axis(d, input.ndim) for d in (dim if isinstance(dim, tuple | list) else (dim,))}
    return apply(Reshape, input, shape=tuple(n for d, n in enumerate(input.shape) if not (n == 1 and d in drop)))


def unsqueeze(input: Tensor, dim: int) -> Tensor:
    """Return a view with a dimension of length 1 inserted before ``dim``."""
    place = axis(dim, input.ndim + 1)
    return apply(Reshape, input, shape=(*input.shape[:place], 1, *input.shape[place:]))


def expand(input: Tensor, *sizes: Any) -> Tensor:
    """Return a view in which dimensions of length 1 are repeated; -1 keeps a length."""
    wanted = list(_flat(sizes))
    added = len(wanted) - input.ndim
    if added < 0:
        raise RuntimeError(
            f"expand(torch.{input.dtype.tensor_name}{{{list(input.shape)}}}, size={wanted}): the number of sizes "
            f"provided ({len(wanted)}) must be greater or equal to the number of dimensions in the tensor "
            f"({input.ndim})"
        )
    for d, length in enumerate(input.shape):
        target = wanted[added + d]
        if target == -1:
            wanted[added + d] = length
        elif length not in (1, target):
            raise RuntimeError(
                f"The expanded size of the tensor ({target}) must match the existing size ({length}) at "
                f"non-singleton dimension {added + d}.  Target sizes: {wanted}.  Tensor sizes: {list(input.shape)}"
            )
    return apply(Expand, input, shape=tuple(wanted))


def cat(tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    """Return tensors joined along ``dim``; their other lengths must agree."""
    items = list(tensors)
    if not items:
        raise RuntimeError("torch.cat(): expected a non-empty list of Tensors")
    over = axis(dim, items[0].ndim)
    for number, item in enumerate(items[1:], start=1):
        if item.ndim != items[0].ndim:
            raise RuntimeError(f"Tensors must have same number of dimensions: got {items[0].ndim} and {item.ndim}")
        for d, (expected, length) in enumerate(zip(items[0].shape, item.shape, strict=True)):
            if d != over and expected != length:
                raise RuntimeError(
                    f"Sizes of tensors must match except in dimension {over}. Expected size {expected} but got size "
                    f"{length} for tensor number {number} in the list."
                )
    return apply(Cat, *items, dim=over)


def stack(tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    """Return tensors of one shape joined along a new dimension ``dim``."""
    items = list(tensors)
    if not items:
        raise RuntimeError("stack expects a non-empty TensorList")
    for number, item in enumerate(items):
        if item.shape != items[0].shape:
            raise RuntimeError(
                f"stack expects each tensor to be equal size, but got {list(items[0].shape)} at entry 0 and "
                f"{list(item.shape)} at entry {number}"
            )
    return apply(Stack, *items, dim=axis(dim, items[0].ndim + 1))


def _flat(sizes: tuple[Any, ...]) -> tuple[int, ...]:
    if len(sizes) == 1 and isinstance(sizes[0], tuple | list):
        sizes = tuple(sizes[0])
    return tuple(int(n) for n in sizes)


def _fit(shape: tuple[int, ...], input: Tensor) -> tuple[int, ...]:
    """Fill in a length of -1; ``RuntimeError`` if the elements do not fit."""
    count = input.numel()
    if shape.count(-1) > 1:
        raise RuntimeError("only one dimension can be inferred")
    known = int(np.prod([n for n in shape if n != -1], dtype=np.int64))
    fits = (known == count) if -1 not in shape else (known != 0 and count % known == 0)
    if not fits:
        raise RuntimeError(f"shape '{list(shape)}' is invalid for input of size {count}")
    return tuple(count // known if n == -1 else n for n in shape)
