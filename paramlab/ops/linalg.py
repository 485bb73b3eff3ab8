"""Matrix products. All of them hand BLAS the largest matrices there are."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autograd import Array, Operation, unbroadcast
from ..tensor import Tensor, apply
from .operands import Number, c_name, check_broadcast
from .shape import UnsafeView, expand, reshape

Grads = tuple[Array | None, ...]


class Matmul(Operation):
    """``a @ b`` for matrices and stacks of them; ``a`` gets ``grad @ bᵀ``, ``b`` gets ``aᵀ @ grad``."""

    uses = ((1,), (0,))

    def forward(self, a: Array, b: Array) -> Array:
        self.saved = a, b
        product: Array = np.matmul(a, b)
        return product

    def backward(self, grad: Array) -> Grads:
        a, b = self.saved
        to_a = unbroadcast(grad @ b.swapaxes(-1, -2), a.shape) if self.needs[0] else None
        to_b = unbroadcast(a.swapaxes(-1, -2) @ grad, b.shape) if self.needs[1] else None
        return to_a, to_b


class Mm(Matmul):
    """``a @ b`` for two matrices."""


class Bmm(Matmul):
    """``a @ b`` for stacks of matrices, which broadcast."""

    def name(self) -> str:
        """PyTorch goes through a shape of its own, and names the node after the way back from there."""
        return "UnsafeViewBackward0"


class Mv(Operation):
    """A matrix times a vector."""

    uses = ((1,), (0,))

    def forward(self, a: Array, v: Array) -> Array:
        self.saved = a, v
        return np.asarray(np.matmul(a, v))

    def backward(self, grad: Array) -> Grads:
        a, v = self.saved
        to_a = grad[..., None] * v if self.needs[0] else None
        to_v = np.tensordot(grad, a, axes=grad.ndim) if self.needs[1] else None
        return to_a, to_v


class Dot(Operation):
    """The sum of the products of two vectors."""

    uses = ((1,), (0,))

    def forward(self, a: Array, b: Array) -> Array:
        self.saved = a, b
        return np.asarray(np.dot(a, b))

    def backward(self, grad: Array) -> Grads:
        a, b = self.saved
        return (grad * b if self.needs[0] else None), (grad * a if self.needs[1] else None)


class Addmm(Operation):
    """``beta * bias + alpha * (a @ b)`` in one step: what a linear layer computes."""

    uses = ((), (2,), (1,))

    def forward(self, bias: Array, a: Array, b: Array, beta: Number = 1, alpha: Number = 1) -> Array:
        self.saved, self.scale, self.shape = (a, b), (beta, alpha), bias.shape
        product: Array = np.matmul(a, b)
        if alpha != 1:
            product = (product * alpha).astype(product.dtype, copy=False)
        # a fraction times whole numbers is cut off, as in PyTorch
        product += bias if beta == 1 else (bias * beta).astype(bias.dtype, copy=False)
        return product

    def backward(self, grad: Array) -> Grads:
        a, b = self.saved
        beta, alpha = self.scale
        inner = grad if alpha == 1 else grad * alpha
        to_bias = unbroadcast(grad if beta == 1 else grad * beta, self.shape) if self.needs[0] else None
        return (
            to_bias,
            inner @ b.T if self.needs[1] else None,
            a.T @ inner if self.needs[2] else None,
        )


# ------------------------------------------------------------------ functions


def matmul(input: Tensor, other: Tensor) -> Tensor:
    """Return ``input @ other``: dot product, matrix times vector, matrices, or stacks that broadcast."""
    if not isinstance(other, Tensor):
        raise TypeError(f"matmul(): argument 'other' must be Tensor, not {type(other).__name__}")
    a, b = input._array.shape, other._array.shape
    if not a or not b:
        raise RuntimeError(f"both arguments to matmul need to be at least 1D, but they are {len(a)}D and {len(b)}D")
    _same_dtype(input, other, len(a), len(b))
    if len(a) == len(b) == 1:
        if a != b:
            raise RuntimeError(
                f"inconsistent tensor size, expected tensor [{a[0]}] and src [{b[0]}] to have the same number of "
                f"elements, but got {a[0]} and {b[0]} elements respectively"
            )
        return apply(Dot, input, other)
    if len(b) == 1:
        if a[-1] != b[0]:
            raise RuntimeError(f"size mismatch, got input ({a[-2]}), mat ({a[-2]}x{a[-1]}), vec ({b[0]})")
        return apply(Mv, input, other) if len(a) == 2 else _rows_times(Mv, input, other)
    if len(a) == 1:
        product = matmul(input.unsqueeze(0), other)
        return apply(UnsafeView, product, shape=(*b[:-2], b[-1]))
    if a[-1] != b[-2]:
        _refuse_shapes(a, b)
    if len(b) == 2:
        return apply(Mm, input, other) if len(a) == 2 else _rows_times(Mm, input, other)
    try:
        return apply(Bmm, input, other)
    except ValueError:
        check_broadcast(a[:-2], b[:-2])
        raise


def _rows_times(operation: type[Operation], input: Tensor, other: Tensor) -> Tensor:
    """Multiply a stack of matrices by one matrix or vector: as one large product of all the rows."""
    rows = reshape(input, (-1, input.shape[-1])) if input.numel() else reshape(input, (0, input.shape[-1]))
    return apply(UnsafeView, apply(operation, rows, other), shape=(*input.shape[:-1], *other.shape[1:]))


def mm(input: Tensor, mat2: Tensor) -> Tensor:
    """Return the product of two matrices."""
    for name, matrix in (("self", input), ("mat2", mat2)):
        if matrix.ndim != 2:
            raise RuntimeError(f"{name} must be a matrix")
    return matmul(input, mat2)


def addmm(input: Any, mat1: Tensor, mat2: Tensor, *, beta: Number = 1, alpha: Number = 1) -> Tensor:
    """Return ``beta * input + alpha * (mat1 @ mat2)``; ``input`` broadcasts to the product's shape."""
    a, b, shape = mat1._array.shape, mat2._array.shape, input._array.shape
    for name, matrix in (("mat1", a), ("mat2", b)):
        if len(matrix) != 2:
            raise RuntimeError(f"{name} must be a matrix, got {len(matrix)}-D tensor")
    if a[1] != b[0]:
        _refuse_shapes(a, b)
    for name, tensor in (("self", input), ("mat1", mat1)):
        if tensor._array.dtype != mat2._array.dtype:
            raise RuntimeError(
                f"{name} and mat2 must have the same dtype, but got {tensor.dtype.word} and {mat2.dtype.word}. "
                "Convert one of them, for example with .to(other.dtype)."
            )
    target = (a[0], b[1])
    if len(shape) > 2:
        expand(input, target)  # refuses in PyTorch's words
    if not _expands(shape, target):
        raise RuntimeError(
            f"The expanded size of the tensor ({target[-1]}) must match the existing size ({shape[-1]}) at "
            f"non-singleton dimension 1.  Target sizes: {list(target)}.  Tensor sizes: {list(shape)}"
        )
    return apply(Addmm, input, mat1, mat2, beta=beta, alpha=alpha)


def _expands(shape: tuple[int, ...], target: tuple[int, ...]) -> bool:
    return len(shape) <= len(target) and all(
        length in (1, wanted) for length, wanted in zip(reversed(shape), reversed(target), strict=False)
    )


def _refuse_shapes(a: tuple[int, ...], b: tuple[int, ...]) -> None:
    if len(b) == 2:
        rows = int(np.prod(a[:-1]))
        raise RuntimeError(
            f"mat1 and mat2 shapes cannot be multiplied ({rows}x{a[-1]} and {b[0]}x{b[1]}). The inner lengths must "
            f"agree: {a[-1]} is not {b[0]}."
        )
    raise RuntimeError(
        f"Expected size for first two dimensions of batch2 tensor to be: [{b[0]}, {a[-1]}] but got: [{b[0]}, {b[-2]}]."
    )


def _same_dtype(a: Tensor, b: Tensor, a_dims: int, b_dims: int) -> None:
    if a._array.dtype == b._array.dtype:
        return
    if a_dims == b_dims == 1:
        start = f"dot : expected both vectors to have same dtype, but found {a.dtype.word} and {b.dtype.word}"
    elif b_dims == 1:
        start = (
            f"addmv input tensors must have the same dtype, but got {b.dtype.word}, {a.dtype.word}, and {b.dtype.word}"
        )
    else:
        first, second = (c_name(t.dtype) for t in (a, b))
        start = f"expected m1 and m2 to have the same dtype, but got: {first} != {second}"
    raise RuntimeError(f"{start}. Convert one of them, for example with .to(other.dtype).")
