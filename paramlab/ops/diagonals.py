"""Diagonals and triangles of matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autograd import Array, Operation
from ..dtypes import bool_, int64
from ..dtypes import dtype as DType
from ..tensor import Tensor, apply
from .arguments import of_tensor
from .complaints import explained
from .operands import axis, scalar_like, whole

Grads = tuple[Array | None, ...]


class Diagonal(Operation):
    """A diagonal as a view, in a new last dimension; the gradient goes back to its places."""

    is_view = True

    def forward(self, a: Array, offset: int, dims: tuple[int, int]) -> Array:
        self.shape, self.where = a.shape, (offset, *dims)
        return diagonal_of(a, *self.where)

    def backward(self, grad: Array) -> Grads:
        spread = np.zeros(self.shape, grad.dtype)
        diagonal_of(spread, *self.where)[...] = grad
        return (spread,)


class DiagonalCopy(Diagonal):
    """The diagonal of a matrix as a copy."""

    is_view = False

    def forward(self, a: Array, offset: int, dims: tuple[int, int]) -> Array:
        return super().forward(a, offset, dims).copy()

    def name(self) -> str:
        """PyTorch's name for it."""
        return "DiagonalBackward0_copy"


class DiagEmbed(Operation):
    """A vector as the diagonal of a matrix of zeros."""

    def forward(self, a: Array, offset: int) -> Array:
        self.offset = offset
        return np.diag(a, offset)

    def backward(self, grad: Array) -> Grads:
        return (np.diag(grad, self.offset),)


class Trace(Operation):
    """The sum of the diagonal."""

    def forward(self, a: Array) -> Array:
        self.shape = a.shape
        return np.asarray(a.trace(dtype=np.int64 if a.dtype.kind in "iu" else None))

    def backward(self, grad: Array) -> Grads:
        return (np.eye(*self.shape, dtype=grad.dtype) * grad,)


class Tril(Operation):
    """Everything above a diagonal set to zero."""

    def forward(self, a: Array, diagonal: int) -> Array:
        self.diagonal = diagonal
        return np.tril(a, diagonal)

    def backward(self, grad: Array) -> Grads:
        return (np.tril(grad, self.diagonal),)


class Triu(Operation):
    """Everything below a diagonal set to zero."""

    def forward(self, a: Array, diagonal: int) -> Array:
        self.diagonal = diagonal
        return np.triu(a, diagonal)

    def backward(self, grad: Array) -> Grads:
        return (np.triu(grad, self.diagonal),)


def diagonal_of(a: Array, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Array:
    """Return a diagonal as a view that can be written to where the array can be; NumPy's own is read-only."""
    view = a.diagonal(offset, dim1, dim2)
    view.flags.writeable = a.flags.writeable
    return view


# ------------------------------------------------------------------ functions


@of_tensor
def diagonal(input: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Tensor:
    """Return a view of a diagonal of the matrices in two dimensions, as the last dimension of the result."""
    first, second = axis(dim1, input.ndim), axis(dim2, input.ndim)
    if first == second:
        raise RuntimeError(f"diagonal dimensions cannot be identical {dim1}, {dim2}")
    return apply(Diagonal, input, offset=offset, dims=(first, second))


@of_tensor
def diag(input: Tensor, diagonal: int = 0) -> Tensor:
    """Return the diagonal of a matrix as a copy, or a matrix with the given vector as its diagonal."""
    if input.ndim == 1:
        return apply(DiagEmbed, input, offset=diagonal)
    if input.ndim != 2:
        raise RuntimeError(f"diag(): Supports 1D or 2D tensors. Got {input.ndim}D")
    return apply(DiagonalCopy, input, offset=diagonal, dims=(0, 1))


@of_tensor
def trace(input: Tensor) -> Tensor:
    """Return the sum of a matrix's diagonal."""
    if input.dtype is bool_:
        raise NotImplementedError("\"trace\" not implemented for 'Bool'. Convert it first: x.long().")
    if input.ndim != 2:
        raise RuntimeError(f"trace: expected a matrix, but got tensor with dim {input.ndim}")
    return apply(Trace, input)


@of_tensor
def tril(input: Tensor, diagonal: int = 0) -> Tensor:
    """Return a copy that is zero above a diagonal: 0 the main one, 1 the one above it."""
    _need_matrix("tril", input)
    return apply(Tril, input, diagonal=diagonal)


@of_tensor
def triu(input: Tensor, diagonal: int = 0) -> Tensor:
    """Return a copy that is zero below a diagonal: 0 the main one, 1 the one above it."""
    _need_matrix("triu", input)
    return apply(Triu, input, diagonal=diagonal)


def _need_matrix(name: str, input: Tensor) -> None:
    if input.ndim < 2:
        raise RuntimeError(f"{name}: input tensor must have at least 2 dimensions")


@explained
def tril_indices(row: int, col: int, offset: int = 0, *, dtype: DType = int64, device: Any = None) -> Tensor:
    """Return the rows and the columns of the places on and below a diagonal, ``(2, N)``."""
    return _places(np.tril_indices, row, col, offset, dtype, device)


@explained
def triu_indices(row: int, col: int, offset: int = 0, *, dtype: DType = int64, device: Any = None) -> Tensor:
    """Return the rows and the columns of the places on and above a diagonal, ``(2, N)``."""
    return _places(np.triu_indices, row, col, offset, dtype, device)


def _places(find: Any, row: int, col: int, offset: int, kind: DType, place: Any) -> Tensor:
    from ..creation import as_tensor  # creation comes later than the operations

    for name, length in (("row", row), ("col", col)):
        if whole(name, length) < 0:
            raise RuntimeError(f"{name} must be non-negative, got{length}")
    return as_tensor(np.stack(find(row, whole("offset", offset), col)), kind, place)


def fill_diagonal(input: Tensor, fill_value: Any, wrap: bool = False) -> Tensor:
    """Return the tensor with one value on its main diagonal; ``wrap`` starts it again below, in a tall matrix."""
    if input.ndim < 2:
        raise RuntimeError("dimensions must larger than 1")
    if input.ndim > 2 and len(set(input.shape)) > 1:
        raise RuntimeError("all dimensions of input must be of equal length")
    on_it = np.zeros(input.shape, bool)
    np.fill_diagonal(on_it, True, wrap=wrap)
    return input.masked_fill(input._beside(on_it), scalar_like(input, fill_value))
