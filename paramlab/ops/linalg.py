"""Matrix products. All of them hand BLAS the largest matrices there are."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autograd import Array, Operation, unbroadcast
from ..tensor import Tensor, apply
from .operands import Number

Grads = tuple[Array | None, ...]


class Matmul(Operation):
    """``a @ b`` for matrices and stacks of them; ``a`` gets ``grad @ bᵀ``, ``b`` gets ``aᵀ @ grad``."""

    uses = ((1,), (0,))

    def forward(self, a: Array, b: Array) -> Array:  # type: ignore[override]
        self.saved = a, b
        return np.matmul(a, b)

    def backward(self, grad: Array) -> Grads:
        a, b = self.saved  # type: ignore[misc]
        to_a = unbroadcast(grad @ b.swapaxes(-1, -2), a.shape) if self.needs[0] else None
        to_b = unbroadcast(a.swapaxes(-1, -2) @ grad, b.shape) if self.needs[1] else None
        return to_a, to_b

    def name(self) -> str:
        """PyTorch has a name each for one matrix and for a stack."""
        a, b = self.saved or (np.empty((0, 0)), np.empty((0, 0)))
        return "MmBackward0" if a.ndim == b.ndim == 2 else "BmmBackward0"


class Mv(Operation):
    """A matrix times a vector."""

    uses = ((1,), (0,))

    def forward(self, a: Array, v: Array) -> Array:  # type: ignore[override]
        self.saved = a, v
        return np.matmul(a, v)

    def backward(self, grad: Array) -> Grads:
        a, v = self.saved  # type: ignore[misc]
        to_a = grad[..., None] * v if self.needs[0] else None
        to_v = np.tensordot(grad, a, axes=grad.ndim) if self.needs[1] else None
        return to_a, to_v


class Dot(Operation):
    """The sum of the products of two vectors."""

    uses = ((1,), (0,))

    def forward(self, a: Array, b: Array) -> Array:  # type: ignore[override]
        self.saved = a, b
        return np.asarray(np.dot(a, b))

    def backward(self, grad: Array) -> Grads:
        a, b = self.saved  # type: ignore[misc]
        return grad * b, grad * a


class Addmm(Operation):
    """``beta * bias + alpha * (a @ b)`` in one step: what a linear layer computes."""

    uses = ((), (2,), (1,))

    def forward(  # type: ignore[override]
        self, bias: Array, a: Array, b: Array, beta: Number = 1, alpha: Number = 1
    ) -> Array:
        self.saved, self.scale, self.shape = (a, b), (beta, alpha), bias.shape
        product = np.matmul(a, b)
        if alpha != 1:
            product *= alpha
        product += bias if beta == 1 else bias * beta
        return product

    def backward(self, grad: Array) -> Grads:
        a, b = self.saved  # type: ignore[misc]
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
    _same_dtype(input, other)
    a, b = input.shape, other.shape
    if not a or not b:
        raise RuntimeError(f"both arguments to matmul need to be at least 1D, but they are {len(a)}D and {len(b)}D")
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
        return apply(Mv, input, other)
    if len(a) == 1:
        return matmul(input.unsqueeze(0), other).squeeze(-2)
    if a[-1] != b[-2]:
        _refuse_shapes(a, b)
    return apply(Matmul, input, other)


def mm(input: Tensor, mat2: Tensor) -> Tensor:
    """Return the product of two matrices."""
    for name, matrix in (("self", input), ("mat2", mat2)):
        if matrix.ndim != 2:
            raise RuntimeError(f"{name} must be a matrix")
    return matmul(input, mat2)


def addmm(input: Any, mat1: Tensor, mat2: Tensor, *, beta: Number = 1, alpha: Number = 1) -> Tensor:
    """Return ``beta * input + alpha * (mat1 @ mat2)``; ``input`` broadcasts to the product's shape."""
    for name, matrix in (("mat1", mat1), ("mat2", mat2)):
        if matrix.ndim != 2:
            raise RuntimeError(f"{name} must be a matrix, got {matrix.ndim}-D tensor")
    if mat1.shape[1] != mat2.shape[0]:
        _refuse_shapes(mat1.shape, mat2.shape)
    _same_dtype(mat1, mat2, "mat1", "mat2")
    _same_dtype(input, mat2, "self", "mat2")
    target = (mat1.shape[0], mat2.shape[1])
    if not _expands(input.shape, target):
        raise RuntimeError(
            f"The expanded size of the tensor ({target[-1]}) must match the existing size ({input.shape[-1]}) at "
            f"non-singleton dimension 1.  Target sizes: {list(target)}.  Tensor sizes: {list(input.shape)}"
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


def _same_dtype(a: Tensor, b: Tensor, first: str = "m1", second: str = "m2") -> None:
    if a._array.dtype != b._array.dtype:
        words = [t.dtype.tensor_name.removesuffix("Tensor") for t in (a, b)]
        raise RuntimeError(
            f"expected {first} and {second} to have the same dtype, but got: {_c_name(words[0])} != "
            f"{_c_name(words[1])}. Convert one of them, for example with .to(other.dtype)."
        )


def _c_name(word: str) -> str:
    """PyTorch names the types of C here."""
    return {"Long": "long long", "Byte": "unsigned char", "Char": "signed char"}.get(word, word.lower())
