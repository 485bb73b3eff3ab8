"""Another shape for the same elements: views of one memory wherever there can be one."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ..autograd import Array, Operation, unbroadcast
from ..dtypes import Size
from ..dtypes import dtype as DType
from ..tensor import Tensor, apply
from .arguments import need_listed, not_a_tensor, of_tensor
from .operands import axes, axis, check_broadcast, own_axis

Grads = tuple[Array | None, ...]


class View(Operation):
    """The elements in another shape; a view where memory allows it."""

    is_view = True

    def forward(self, a: Array, shape: tuple[int, ...], variant: int = 0) -> Array:
        self.shape, self.variant = a.shape, variant
        result = a.reshape(shape)
        self.copied = not (a.flags.c_contiguous or np.may_share_memory(result, a))
        return result

    def backward(self, grad: Array) -> Grads:
        return (grad.reshape(self.shape),)

    def name(self) -> str:
        """Where memory allowed no view, PyTorch names the node after the shape of the copy."""
        return "UnsafeViewBackward0" if self.copied else super().name()


class UnsafeView(View):
    """Another shape of a result that nobody else has: no view, as far as anybody can see."""

    is_view = False


class Unsqueeze(View):
    """A dimension of length 1 inserted."""


class Squeeze(View):
    """Dimensions of length 1 taken out."""


class ViewDtype(Operation):
    """The same bytes read as another dtype."""

    is_view = True

    def forward(self, a: Array, kind: np.dtype[Any]) -> Array:
        self.dtype = a.dtype
        return a.view(kind)

    def backward(self, grad: Array) -> Grads:
        return (grad.view(self.dtype),)


class Expand(Operation):
    """Dimensions of length 1 repeated without a copy; the gradients of the repetitions add up."""

    is_view = True

    def forward(self, a: Array, shape: tuple[int, ...]) -> Array:
        self.shape = a.shape
        # where nothing is repeated the view stays one that can be written to
        return a[...] if shape == a.shape else np.broadcast_to(a, shape, subok=True)

    def backward(self, grad: Array) -> Grads:
        return (unbroadcast(grad, self.shape),)


# ------------------------------------------------------------------ reading arguments


def sizes(name: str, argument: str, given: tuple[Any, ...], keyword: Any = None) -> tuple[int, ...]:
    """Read lengths that came one by one, as one tuple or by keyword; ``TypeError`` for what are no whole numbers."""
    if keyword is not None:
        given = tuple(keyword)
    elif not given:
        raise TypeError(f'{name}() missing 1 required positional arguments: "{argument}"')
    elif len(given) == 1 and isinstance(given[0], tuple | list):
        given = tuple(given[0])
    for place, length in enumerate(given):
        if not hasattr(length, "__index__"):
            raise TypeError(
                f"{name}(): argument '{argument}' (position 1) must be tuple of ints, but found element of type "
                f"{type(length).__name__} at pos {place}"
            )
    return tuple([operator.index(length) for length in given])


def one_tuple(name: str, argument: str, given: Any) -> Sequence[int]:
    """Return the lengths that came as one tuple or list, as functions take them; methods take numbers too."""
    if not isinstance(given, tuple | list):
        raise TypeError(
            f"{name}(): argument '{argument}' (position 2) must be tuple of ints, not {type(given).__name__}. Write "
            f"torch.{name}(x, (2, 3)), or x.{name}(2, 3)."
        )
    return given


def fit(shape: tuple[int, ...], count: int) -> tuple[int, ...]:
    """Fill in a length of -1; ``RuntimeError`` if ``count`` elements do not fit."""
    if math.prod(shape) == count and (not shape or min(shape) >= 0):  # nothing to fill in: the commonest case
        return shape
    if shape.count(-1) > 1:
        raise RuntimeError("only one dimension can be inferred")
    if any(n < -1 for n in shape):
        raise RuntimeError(f"invalid shape dimension {min(shape)} at index {shape.index(min(shape))} of shape {shape}")
    known = math.prod([n for n in shape if n != -1])
    if known == count == 0 and -1 in shape:
        raise RuntimeError(
            f"cannot reshape tensor of 0 elements into shape {list(shape)} because the unspecified dimension size -1 "
            "can be any value and is ambiguous"
        )
    fits = (known == count) if -1 not in shape else (known != 0 and count % known == 0)
    if not fits:
        raise RuntimeError(f"shape '{list(shape)}' is invalid for input of size {count}")
    return tuple([count // known if n == -1 else n for n in shape])


# ------------------------------------------------------------------ another shape


@of_tensor
def reshape(input: Tensor, shape: Sequence[int]) -> Tensor:
    """Return the elements in another shape; one length may be -1. A view where memory allows it, else a copy.

    ``RuntimeError`` if the elements do not fit.
    """
    return reshape_method(input, one_tuple("reshape", "shape", shape))


def reshape_method(input: Tensor, *sizes_: Any, shape: Sequence[int] | None = None) -> Tensor:
    """Return the elements in another shape, given as numbers or as one tuple; one length may be -1.

    A view where memory allows it, else a copy. ``RuntimeError`` if the elements do not fit.
    """
    return apply(View, input, shape=fit(sizes("reshape", "shape", sizes_, shape), input.numel()))


def reshape_as(input: Tensor, other: Tensor) -> Tensor:
    """Return the elements in the shape of ``other``; a view where memory allows it."""
    return reshape(input, other.shape)


def view(input: Tensor, *shape: Any, size: Sequence[int] | None = None, dtype: DType | None = None) -> Tensor:
    """Return a view in another shape, or of the same bytes as another dtype.

    ``RuntimeError`` where the elements do not fit, or do not lie in memory so that a view can have that shape.
    """
    kind = shape[0] if len(shape) == 1 and isinstance(shape[0], DType) else dtype
    if kind is not None:
        return _view_dtype(input, kind)
    try:
        wanted = sizes("view", "size", shape, size)
    except TypeError:
        kinds = ", ".join(type(part).__name__ for part in shape)
        raise TypeError(
            f"view() received an invalid combination of arguments - got ({kinds}), but expected one of: whole numbers, "
            "a tuple of them, or a dtype. Divide with // to get whole numbers."
        ) from None
    output = apply(View, input, shape=fit(wanted, input.numel()))
    if input.numel() and not np.may_share_memory(output._array, input._array):
        raise RuntimeError(
            "view size is not compatible with input tensor's size and stride (at least one dimension spans across "
            "two contiguous subspaces). Use .reshape(...) instead."
        )
    return output


def _view_dtype(input: Tensor, kind: DType) -> Tensor:
    ratio = kind.itemsize // input.dtype.itemsize
    if ratio > 1 and (input.ndim == 0 or input.shape[-1] % ratio):
        length = input.shape[-1] if input.ndim else 1
        raise RuntimeError(
            f"self.size(-1) must be divisible by {ratio} to view {input.dtype.word} as {kind.word} (different element "
            f"sizes), but got {length}"
        )
    return apply(ViewDtype, input, kind=kind.numpy)


def view_as(input: Tensor, other: Tensor) -> Tensor:
    """Return a view in the shape of ``other``; ``RuntimeError`` where that needs a copy."""
    return view(input, other.shape)


def flatten(input: Tensor, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    """Return the dimensions from ``start_dim`` to ``end_dim`` joined into one; the tensor itself if it is one only."""
    if not isinstance(input, Tensor):
        raise not_a_tensor("flatten", input)
    first, last = axis(start_dim, input.ndim), axis(end_dim, input.ndim)
    if first > last:
        raise RuntimeError("flatten() has invalid args: start_dim cannot come after end_dim")
    if input.ndim == 0:
        return reshape(input, (1,))
    if first == last:
        return input
    joined = math.prod(input._array.shape[first : last + 1])
    return apply(View, input, shape=(*input._array.shape[:first], joined, *input._array.shape[last + 1 :]))


@of_tensor
def ravel(input: Tensor) -> Tensor:
    """Return the elements in one dimension; a view where they lie in memory in that order, else a copy."""
    return apply(View, input if input.is_contiguous() else input.contiguous(), shape=(input.numel(),))


@of_tensor
def unflatten(input: Tensor, dim: int, sizes: Sequence[int]) -> Tensor:
    """Return a view in which dimension ``dim`` is split into ``sizes``, one of which may be -1."""
    place = own_axis(dim, input.ndim)
    if not sizes:
        raise RuntimeError("unflatten: sizes must be non-empty")
    length = input.shape[place]
    wanted = tuple([int(n) for n in sizes])
    try:
        parts = fit(wanted, length)
    except RuntimeError:
        raise RuntimeError(
            f"unflatten: Provided sizes {list(wanted)} don't multiply up to the size of dim {place} ({length}) in the "
            "input tensor"
        ) from None
    return view(input, (*input.shape[:place], *parts, *input.shape[place + 1 :]))


@of_tensor
def squeeze(input: Tensor, *dims: int, dim: Any = None) -> Tensor:
    """Return a view without the dimensions of length 1, or without those of ``dim`` whose length is 1.

    ``dim`` is one dimension or several; ``IndexError`` if there is no such dimension.
    """
    chosen: Any = dim if not dims else dims[0] if len(dims) == 1 else dims
    if chosen is None:
        drop: Iterable[int] = range(input.ndim)
    else:
        drop = () if isinstance(chosen, tuple) and not chosen else axes(chosen, input.ndim) or ()
    kept = tuple([n for d, n in enumerate(input._array.shape) if n != 1 or d not in drop])
    return apply(
        Squeeze, input, shape=kept, variant=0 if chosen is None else 2 if isinstance(chosen, tuple | list) else 1
    )


@of_tensor
def unsqueeze(input: Tensor, dim: int) -> Tensor:
    """Return a view with a dimension of length 1 inserted before ``dim``."""
    shape = input._array.shape
    place = axis(dim, len(shape) + 1)
    return apply(Unsqueeze, input, shape=(*shape[:place], 1, *shape[place:]))


# ------------------------------------------------------------------ repeated without a copy


def expand(input: Tensor, *sizes_: Any, size: Sequence[int] | None = None) -> Tensor:
    """Return a view in which dimensions of length 1 are repeated; -1 keeps a length.

    New dimensions come first. ``RuntimeError`` if a length other than 1 would have to change.
    """
    wanted = list(sizes("expand", "size", sizes_, size))
    shape = input._array.shape
    added = len(wanted) - len(shape)
    if added < 0:
        raise RuntimeError(
            f"expand(torch.{input.dtype.tensor_name}{{{list(shape)}}}, size={wanted}): the number of sizes "
            f"provided ({len(wanted)}) must be greater or equal to the number of dimensions in the tensor "
            f"({len(shape)})"
        )
    if any(length < 0 for length in wanted[:added]):
        raise RuntimeError(
            f"The expanded size of the tensor ({min(wanted)}) isn't allowed in a leading, non-existing dimension "
            f"{wanted.index(min(wanted))}"
        )
    for d, length in reversed(list(enumerate(shape))):
        target = wanted[added + d]
        if target == -1:
            wanted[added + d] = length
        elif length not in (1, target):
            raise RuntimeError(
                f"The expanded size of the tensor ({target}) must match the existing size ({length}) at "
                f"non-singleton dimension {added + d}.  Target sizes: {wanted}.  Tensor sizes: {list(shape)}"
            )
    return apply(Expand, input, shape=tuple(wanted))


def expand_as(input: Tensor, other: Tensor) -> Tensor:
    """Return a view that is expanded to the shape of ``other``."""
    return expand(input, other.shape)


@of_tensor
def broadcast_to(input: Tensor, size: Sequence[int]) -> Tensor:
    """Return a view that is expanded to the shape ``size``."""
    return expand(input, one_tuple("broadcast_to", "size", size))


def broadcast_shapes(*shapes: Any) -> Size:
    """Return the shape that tensors of these shapes broadcast to; ``RuntimeError`` if they do not."""
    result: list[int] = []
    for place, given in enumerate(shapes):
        shape = (given,) if isinstance(given, int) else tuple(given)
        result = [1] * (len(shape) - len(result)) + result
        for offset in range(-1, -len(shape) - 1, -1):
            if shape[offset] == 1 or shape[offset] == result[offset]:
                continue
            if result[offset] != 1:
                raise RuntimeError(
                    f"Attempting to broadcast a dimension of length {shape[offset]} at {offset}! Mismatching argument "
                    f"at index {place} had {shape}; but expected shape should be broadcastable to {result}"
                )
            result[offset] = shape[offset]
    return Size(result)


def broadcast_tensors(*tensors: Any) -> tuple[Tensor, ...]:
    """Return views of the tensors, all of the shape that they broadcast to; ``RuntimeError`` if they do not."""
    items = tensors[0] if len(tensors) == 1 and isinstance(tensors[0], tuple | list) else tensors
    need_listed(items)
    shape: tuple[int, ...] = ()
    for item in items:
        check_broadcast(shape, item.shape)
        shape = np.broadcast_shapes(shape, item.shape)
    return tuple([item if item.shape == shape else expand(item, shape) for item in items])


# ------------------------------------------------------------------ at least so many dimensions


def atleast_1d(*tensors: Any) -> Any:
    """Return the tensor with one dimension at least; several tensors as a tuple."""
    return _each(tensors, lambda t: reshape(t, (1,)) if t.ndim == 0 else t)


def atleast_2d(*tensors: Any) -> Any:
    """Return the tensor with two dimensions at least, new ones in front; several tensors as a tuple."""
    return _each(tensors, lambda t: reshape(t, (1, 1)) if t.ndim == 0 else unsqueeze(t, 0) if t.ndim == 1 else t)


def atleast_3d(*tensors: Any) -> Any:
    """Return the tensor with three dimensions at least: a matrix gets a last one; several tensors as a tuple."""
    return _each(tensors, lambda t: unsqueeze(atleast_2d(t), -1) if t.ndim in (1, 2) else _three(t))


def _three(tensor: Tensor) -> Tensor:
    return reshape(tensor, (1, 1, 1)) if tensor.ndim == 0 else tensor


def _each(tensors: tuple[Any, ...], change: Any) -> Any:
    if len(tensors) == 1 and isinstance(tensors[0], Tensor):
        return change(tensors[0])
    items = tensors[0] if len(tensors) == 1 and isinstance(tensors[0], tuple | list) else tensors
    need_listed(items)
    return tuple([change(item) for item in items])
