"""Another order: dimensions permuted as views, elements flipped, rolled and rotated as copies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..autograd import Array, Operation
from ..tensor import Tensor, apply
from .arguments import not_a_tensor, of_tensor
from .operands import axes, axis, one_or_more, own_axis
from .shape import one_tuple, sizes

Grads = tuple[Array | None, ...]


class Permute(Operation):
    """The dimensions in another order."""

    is_view = True

    def forward(self, a: Array, dims: tuple[int, ...]) -> Array:
        self.inverse = tuple([dims.index(d) for d in range(len(dims))])
        return a.transpose(dims)

    def backward(self, grad: Array) -> Grads:
        return (grad.transpose(self.inverse),)


class Transpose(Permute):
    """Two dimensions swapped."""


class T(Permute):
    """A matrix transposed."""


class Flip(Operation):
    """The elements in reverse along some dimensions."""

    def forward(self, a: Array, dims: tuple[int, ...]) -> Array:
        self.dims = dims
        return np.flip(a, dims).copy()  # tensors have no negative strides

    def backward(self, grad: Array) -> Grads:
        return (np.flip(grad, self.dims),)


class Roll(Operation):
    """The elements moved on along some dimensions; what falls off the end comes back at the front."""

    def forward(self, a: Array, shifts: Any, dims: tuple[int, ...] | None) -> Array:
        self.shifts, self.dims = shifts, dims
        return np.roll(a, shifts, dims)

    def backward(self, grad: Array) -> Grads:
        return (np.roll(grad, np.negative(self.shifts), self.dims),)


class Rot90(Operation):
    """The elements turned by right angles in the plane of two dimensions."""

    def forward(self, a: Array, k: int, dims: tuple[int, int]) -> Array:
        self.k, self.dims = k, dims
        return np.array(np.rot90(a, k, dims))

    def backward(self, grad: Array) -> Grads:
        return (np.rot90(grad, -self.k, self.dims),)


# ------------------------------------------------------------------ dimensions


@of_tensor
def permute(input: Tensor, dims: Sequence[int]) -> Tensor:
    """Return a view with the dimensions in another order."""
    return permute_method(input, one_tuple("permute", "dims", dims))


def permute_method(input: Tensor, *order_: Any, dims: Sequence[int] | None = None) -> Tensor:
    """Return a view with the dimensions in another order, given as numbers or as one tuple."""
    order = sizes("permute", "dims", order_, dims)
    if len(order) != input.ndim:
        raise RuntimeError(
            "permute(sparse_coo): number of dimensions in the tensor input does not match the length of the desired "
            f"ordering of dimensions i.e. input.dim() = {input.ndim} is not equal to len(dims) = {len(order)}"
        )
    found = tuple([axis(d, input.ndim) for d in order])
    if len(set(found)) < len(found):
        raise RuntimeError("permute(): duplicate dims are not allowed.")
    return apply(Permute, input, dims=found)


def transpose(input: Tensor, dim0: int, dim1: int) -> Tensor:
    """Return a view with two dimensions swapped."""
    if not isinstance(input, Tensor):
        raise not_a_tensor("transpose", input)
    first, second = axis(dim0, input.ndim), axis(dim1, input.ndim)
    order = list(range(input.ndim))
    if order:
        order[first], order[second] = order[second], order[first]
    return apply(Transpose, input, dims=tuple(order))


@of_tensor
def swapaxes(input: Tensor, axis0: int, axis1: int) -> Tensor:
    """Return a view with two dimensions swapped; NumPy's name for ``transpose``."""
    return transpose(input, axis0, axis1)


@of_tensor
def swapdims(input: Tensor, dim0: int, dim1: int) -> Tensor:
    """Return a view with two dimensions swapped; another name for ``transpose``."""
    return transpose(input, dim0, dim1)


def t(input: Tensor) -> Tensor:
    """Return the transpose of a matrix as a view; a vector as it is."""
    if not isinstance(input, Tensor):
        raise not_a_tensor("t", input)
    if input.ndim > 2:
        raise RuntimeError(f"t() expects a tensor with <= 2 dimensions, but self is {input.ndim}D")
    return apply(T, input, dims=(1, 0) if input.ndim == 2 else tuple(range(input.ndim)))


@of_tensor
def movedim(input: Tensor, source: int | Sequence[int], destination: int | Sequence[int]) -> Tensor:
    """Return a view with the dimensions ``source`` moved to ``destination``; the others keep their order."""
    given = [list(one_or_more("dims", n)) for n in (source, destination)]
    if len(given[0]) != len(given[1]):
        raise RuntimeError(
            f"movedim: Invalid source or destination dims: source ({given[0]} dims) should contain the same number of "
            f"dims as destination ({given[1]} dims)"
        )
    start, end = ([axis(n, input.ndim) for n in places] for places in given)
    for name, places in (("source", start), ("destination", end)):
        if len(set(places)) < len(places):
            raise RuntimeError(f"movedim: repeated dim in `{name}` ({places})")
    order = [d for d in range(input.ndim) if d not in start]
    for place, d in sorted(zip(end, start, strict=True)):
        order.insert(place, d)
    return apply(Permute, input, dims=tuple(order[: input.ndim]))  # without dimensions, 0 counts as one


@of_tensor
def moveaxis(input: Tensor, source: int | Sequence[int], destination: int | Sequence[int]) -> Tensor:
    """Return a view with dimensions moved; NumPy's name for ``movedim``."""
    return movedim(input, source, destination)


# ------------------------------------------------------------------ elements


@of_tensor
def flip(input: Tensor, dims: Sequence[int]) -> Tensor:
    """Return a copy in reverse along ``dims``."""
    return flip_method(input, one_tuple("flip", "dims", dims))


def flip_method(input: Tensor, *dims_: Any, dims: Sequence[int] | None = None) -> Tensor:
    """Return a copy in reverse along ``dims``, given as numbers or as one tuple."""
    return apply(Flip, input, dims=axes(sizes("flip", "dims", dims_, dims), input.ndim) or ())


@of_tensor
def fliplr(input: Tensor) -> Tensor:
    """Return a copy with its columns in reverse."""
    if input.ndim < 2:
        raise RuntimeError("Input must be >= 2-d.")
    return flip(input, (1,))


@of_tensor
def flipud(input: Tensor) -> Tensor:
    """Return a copy with its rows in reverse."""
    if input.ndim < 1:
        raise RuntimeError("Input must be >= 1-d.")
    return flip(input, (0,))


@of_tensor
def roll(input: Tensor, shifts: int | Sequence[int], dims: int | Sequence[int] | None = None) -> Tensor:
    """Return a copy moved on by ``shifts`` along ``dims``; without ``dims``, as if it had one dimension only."""
    steps = one_or_more("shifts", shifts)
    over = () if dims is None else one_or_more("dims", dims)
    if not steps:
        raise RuntimeError("`shifts` required")
    if len(steps) != len(over) and not (len(steps) == 1 and not over):
        raise RuntimeError(f"shifts and dimensions must align. shifts: {len(steps)}, dims:{len(over)}")
    found = tuple([own_axis(d, input.ndim) for d in over])
    return apply(Roll, input, shifts=steps if found else steps[0], dims=found or None)


@of_tensor
def rot90(input: Tensor, k: int = 1, dims: Sequence[int] = (0, 1)) -> Tensor:
    """Return a copy turned ``k`` times by 90 degrees, from the first of ``dims`` towards the second."""
    if len(dims) != 2:
        raise RuntimeError(f"expected total rotation dims == 2, but got dims = {len(dims)}")
    if input.ndim < 2:
        raise RuntimeError(f"expected total dims >= 2, but got total dims = {input.ndim}")
    first, second = (axis(d, input.ndim) for d in dims)
    if first == second:
        raise RuntimeError(f"expected rotation dims to be different, but got dim0 = {dims[0]} and dim1 = {dims[1]}")
    return apply(Rot90, input, k=k, dims=(first, second))
