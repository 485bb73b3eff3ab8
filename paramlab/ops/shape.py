"""Operations that only rearrange: views of the same memory wherever there can be one, joins of several."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..autograd import Array, Operation, unbroadcast
from ..dtypes import device, dtype
from ..tensor import Tensor, apply, wrap
from .operands import axes, axis, check_broadcast, result_type

Grads = tuple[Array | None, ...]


class View(Operation):
    """The elements in another shape; a view where memory allows it."""

    is_view = True

    def forward(self, a: Array, shape: tuple[int, ...], variant: int = 0) -> Array:
        self.shape, self.variant = a.shape, variant
        return a.reshape(shape)

    def backward(self, grad: Array) -> Grads:
        return (grad.reshape(self.shape),)


class UnsafeView(View):
    """Another shape of a result that nobody else has: no view, as far as anybody can see."""

    is_view = False


class Unsqueeze(View):
    """A dimension of length 1 inserted."""


class Squeeze(View):
    """Dimensions of length 1 taken out."""


class Permute(Operation):
    """The dimensions in another order."""

    is_view = True

    def forward(self, a: Array, dims: tuple[int, ...] = ()) -> Array:
        self.inverse = tuple([dims.index(d) for d in range(len(dims))])
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

    def forward(self, a: Array, shape: tuple[int, ...] = ()) -> Array:
        self.shape = a.shape
        return np.broadcast_to(a, shape)

    def backward(self, grad: Array) -> Grads:
        return (unbroadcast(grad, self.shape),)


class Cat(Operation):
    """Tensors joined along a dimension; each gets its own stretch of the gradient."""

    def forward(self, *arrays: Array, dim: int = 0) -> Array:
        self.dim, self.lengths = dim, [a.shape[dim] for a in arrays]
        return np.concatenate(arrays, axis=dim)

    def backward(self, grad: Array) -> Grads:
        return tuple(np.split(grad, np.cumsum(self.lengths)[:-1], axis=self.dim))


class Stack(Operation):
    """Tensors of one shape joined along a new dimension."""

    def forward(self, *arrays: Array, dim: int = 0) -> Array:
        self.dim = dim
        return np.stack(arrays, axis=dim)

    def backward(self, grad: Array) -> Grads:
        return tuple(grad.take(i, self.dim) for i in range(grad.shape[self.dim]))


class Clone(Operation):
    """A copy; ``layout`` is ``"K"`` for the order in memory that there is, ``"C"`` for that of the indices."""

    def forward(self, a: Array, layout: Any = "K") -> Array:
        return np.array(a, order=layout)

    def backward(self, grad: Array) -> Grads:
        return (grad,)


class CopyInto(Operation):
    """The second input in the shape and type of the first, which it overwrites."""

    def forward(self, old: Array, new: Array) -> Array:
        self.shape, self.dtype = new.shape, new.dtype
        try:
            return np.broadcast_to(new, old.shape).astype(old.dtype)
        except ValueError:
            check_broadcast(old.shape, new.shape)
            raise RuntimeError(
                f"output with shape {list(old.shape)} doesn't match the broadcast shape {list(new.shape)}"
            ) from None

    def backward(self, grad: Array) -> Grads:
        return None, unbroadcast(grad.astype(self.dtype, copy=False), self.shape)

    def name(self) -> str:
        """PyTorch's name for the gradient of copy_."""
        return "torch::autograd::CopyBackwards"


class ToCopy(Operation):
    """A copy in another dtype, or for another device."""

    def forward(self, a: Array, kind: dtype) -> Array:
        self.dtype = a.dtype
        return a.astype(kind.numpy)

    def backward(self, grad: Array) -> Grads:
        return (grad.astype(self.dtype, copy=False),)


# ------------------------------------------------------------------ functions


def to(input: Tensor, kind: dtype, place: device, copy: bool = False) -> Tensor:
    """Return the tensor with this dtype on this device: itself, if it has both and no ``copy`` is asked for."""
    if kind is input.dtype and place == input._device and not copy:
        return input
    converted = apply(ToCopy, input, kind=kind)
    converted._device = place
    return converted


def copy_into(old: Tensor, new: Tensor) -> Tensor:
    """Return ``new`` in the shape and dtype of ``old``, which it is about to overwrite."""
    return apply(CopyInto, old, new)


def reshape(input: Tensor, *shape: Any) -> Tensor:
    """Return the elements in another shape; one length may be -1. A view where memory allows it."""
    return apply(View, input, shape=_fit(_flat(shape), input))


def view(input: Tensor, *shape: Any) -> Tensor:
    """Return a view in another shape; ``RuntimeError`` where that needs a copy."""
    output = apply(View, input, shape=_fit(_flat(shape), input))
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
    if len({axis(d, input.ndim) for d in order}) < len(order):
        raise RuntimeError("permute(): duplicate dims are not allowed.")
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
    drop = axes(dim, input.ndim) or range(input.ndim)
    kept = tuple(n for d, n in enumerate(input.shape) if not (n == 1 and d in drop))
    return apply(Squeeze, input, shape=kept, variant=0 if dim is None else 1)


def unsqueeze(input: Tensor, dim: int) -> Tensor:
    """Return a view with a dimension of length 1 inserted before ``dim``."""
    place = axis(dim, input.ndim + 1)
    return apply(Unsqueeze, input, shape=(*input.shape[:place], 1, *input.shape[place:]))


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
    if any(length < 0 for length in wanted[:added]):
        raise RuntimeError(
            f"The expanded size of the tensor ({min(wanted)}) isn't allowed in a leading, non-existing dimension "
            f"{wanted.index(min(wanted))}"
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
        raise ValueError("torch.cat(): expected a non-empty list of Tensors")
    for number, item in enumerate(items):
        if item.ndim == 0:
            raise RuntimeError(
                f"zero-dimensional tensor (at position {number}) cannot be concatenated. Use torch.stack."
            )
    items = _of_one_dtype([item for item in items if item.shape != (0,)] or items[:1])
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
    items = _of_one_dtype(items)
    return apply(Stack, *items, dim=axis(dim, items[0].ndim + 1))


def _of_one_dtype(tensors: list[Tensor]) -> list[Tensor]:
    kind = tensors[0].dtype
    for tensor in tensors[1:]:
        kind = result_type(wrap(np.zeros(1, kind.numpy)), tensor) if tensor.dtype is not kind else kind
    return [tensor.to(kind) for tensor in tensors]


def _flat(sizes: tuple[Any, ...]) -> tuple[int, ...]:
    if len(sizes) == 1 and isinstance(sizes[0], tuple | list):
        sizes = tuple(sizes[0])
    return tuple(int(n) for n in sizes)


def _fit(shape: tuple[int, ...], input: Tensor) -> tuple[int, ...]:
    """Fill in a length of -1; ``RuntimeError`` if the elements do not fit."""
    count = input.numel()
    if shape.count(-1) > 1:
        raise RuntimeError("only one dimension can be inferred")
    known = math.prod([n for n in shape if n != -1])
    if known == count == 0 and -1 in shape:
        raise RuntimeError(
            f"cannot reshape tensor of 0 elements into shape {list(shape)} because the unspecified dimension size -1 "
            "can be any value and is ambiguous"
        )
    fits = (known == count) if -1 not in shape else (known != 0 and count % known == 0)
    if not fits:
        raise RuntimeError(f"shape '{list(shape)}' is invalid for input of size {count}")
    return tuple(count // known if n == -1 else n for n in shape)
