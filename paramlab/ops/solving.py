"""Inverses, determinants and systems of linear equations, of square matrices and stacks of them."""

from __future__ import annotations

import numpy as np

from ..autograd import Array, Operation, unbroadcast
from ..tensor import Tensor, apply
from .complaints import explained

Grads = tuple[Array | None, ...]


class _LinAlgError(RuntimeError):
    """A matrix that has no inverse."""


LinAlgError = _LinAlgError


class LinalgInvEx(Operation):
    """The inverse; the gradient is ``-A⁻ᵀ grad A⁻ᵀ`` (The Matrix Cookbook, Petersen and Pedersen, 2012, eq. 124)."""

    def forward(self, a: Array) -> Array:
        inverse: Array = np.linalg.inv(a)
        self.saved = (inverse,)
        return inverse

    def backward(self, grad: Array) -> Grads:
        (inverse,) = self.saved
        transposed = inverse.swapaxes(-1, -2)
        return (-(transposed @ grad @ transposed),)


class LinalgSvdvals(Operation):
    """The singular values, the largest first; with ``A = U S Vᵀ`` the gradient is ``U diag(grad) Vᵀ``."""

    def forward(self, a: Array) -> Array:
        u, s, vt = np.linalg.svd(a, full_matrices=False)
        self.saved = u, vt
        return s

    def backward(self, grad: Array) -> Grads:
        u, vt = self.saved
        return ((u * grad[..., None, :]) @ vt,)

    def name(self) -> str:
        """PyTorch's name for it."""
        return "LinalgSvdBackward0"


class LinalgDet(Operation):
    """The determinant; the gradient is ``grad det(A) A⁻ᵀ``, and 0 for a singular matrix, as in PyTorch."""

    uses = ((0,),)

    def forward(self, a: Array) -> Array:
        det: Array = np.asanyarray(np.linalg.det(a))
        self.saved = a, det
        return det

    def backward(self, grad: Array) -> Grads:
        a, det = self.saved
        singular = (det == 0)[..., None, None]
        inverse = np.linalg.inv(np.where(singular, np.eye(a.shape[-1], dtype=a.dtype), a))
        return ((grad * det)[..., None, None] * inverse.swapaxes(-1, -2),)


class LinalgSolveEx(Operation):
    """``X`` with ``A X = B``; ``B`` gets ``G = A⁻ᵀ grad``, ``A`` gets ``-G Xᵀ``."""

    uses = ((0,), (0,))

    def forward(self, a: Array, b: Array) -> Array:
        x: Array = np.linalg.solve(a, b)
        self.saved = a, x
        self.shapes = a.shape, b.shape
        return x

    def backward(self, grad: Array) -> Grads:
        a, x = self.saved
        to_b = np.linalg.solve(a.swapaxes(-1, -2), grad)
        to_a = -(to_b @ x.swapaxes(-1, -2))
        return unbroadcast(to_a, self.shapes[0]), unbroadcast(to_b, self.shapes[1])


@explained
def inv(A: Tensor) -> Tensor:  # noqa: N803 - PyTorch's name
    """Return the inverse of a square matrix, or of each in a stack; ``LinAlgError`` if there is none."""
    check_square("inv", A)
    check_floating("inv", A)
    try:
        return apply(LinalgInvEx, A)
    except np.linalg.LinAlgError:
        raise LinAlgError(
            "linalg.inv: The diagonal element is zero, the inversion could not be completed because the input matrix "
            "is singular."
        ) from None


@explained
def det(A: Tensor) -> Tensor:  # noqa: N803 - PyTorch's name
    """Return the determinant of a square matrix, or of each in a stack."""
    check_square("det", A)
    check_floating("det", A)
    return apply(LinalgDet, A)


@explained
def svdvals(A: Tensor) -> Tensor:  # noqa: N803 - PyTorch's name
    """Return the singular values of a matrix, or of each in a stack, the largest first."""
    check_dimensions("svd", A)
    return apply(LinalgSvdvals, A)


@explained
def solve(A: Tensor, B: Tensor) -> Tensor:  # noqa: N803 - PyTorch's names
    """Return ``X`` with ``A X = B`` for a square ``A``; ``B`` is a vector or a matrix, or stacks that broadcast.

    ``LinAlgError`` if ``A`` is singular.
    """
    check_square("solve", A)
    check_floating("solve", A)
    is_vector = B.ndim == 1 or (A.ndim - 1 == B.ndim and B.shape == A.shape[:-1])
    rows = B.unsqueeze(-1) if is_vector else B
    if A.shape[-1] != rows.shape[-2]:
        raise RuntimeError(
            f"linalg.solve: Incompatible shapes of A and B for the equation AX = B ({A.shape[-2]}x{A.shape[-1]} and "
            f"{rows.shape[-2]}x{rows.shape[-1]})"
        )
    try:
        x = apply(LinalgSolveEx, A, rows)
    except np.linalg.LinAlgError:
        raise LinAlgError("torch.linalg.solve: The solver failed because the input matrix is singular.") from None
    return x.squeeze(-1) if is_vector else x


def check_square(name: str, a: Tensor) -> None:
    """Raise ``RuntimeError`` unless a tensor holds square matrices."""
    check_dimensions(name, a)
    if a.shape[-1] != a.shape[-2]:
        raise RuntimeError(
            f"linalg.{name}: A must be batches of square matrices, but they are {a.shape[-2]} by {a.shape[-1]} matrices"
        )


def check_dimensions(name: str, a: Tensor) -> None:
    """Raise ``RuntimeError`` unless a tensor holds matrices."""
    if a.ndim < 2:
        raise RuntimeError(f"linalg.{name}: The input tensor A must have at least 2 dimensions.")


def check_floating(name: str, a: Tensor) -> None:
    """Raise ``RuntimeError`` unless a tensor holds floating-point numbers."""
    if not a.is_floating_point():
        raise RuntimeError(f"linalg.{name}: Expected a floating point or complex tensor as input. Got {a.dtype.word}")
