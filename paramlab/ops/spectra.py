"""Singular values and eigenvalues with their vectors: what principal components are made of."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import autograd
from ..autograd import Array, Operation, Part
from ..return_types import linalg_eigh, linalg_svd
from ..tensor import Tensor, wrap
from .complaints import explained
from .solving import check_dimensions, check_floating, check_square


class LinalgSvd(Operation):
    """``A = U diag(S) Vᵀ``. Townsend, "Differentiating the singular value decomposition" (2016).

    The gradient divides by the differences of the squared singular values: it is not finite where two are equal.
    """

    def factors(self, a: Array, full: bool) -> tuple[Array, ...]:
        """Return ``U``, ``S`` and ``Vᵀ``; the gradient is about as many columns and rows of them as there are ``S``."""
        u, s, vt = np.linalg.svd(a, full_matrices=full)
        count = s.shape[-1]
        self.saved = u[..., :count], s, vt[..., :count, :]
        return u, s, vt

    def backward(self, grad: Any) -> tuple[Array | None, ...]:
        """Return the gradient of ``A``, given a bundle with those of ``U``, ``S`` and ``Vᵀ``, or None."""
        u, s, vt = self.saved
        v, count = _t(vt), s.shape[-1]
        to_u, to_s, to_vt = grad
        row, column, eye = s[..., None, :], s[..., :, None], np.eye(count, dtype=s.dtype)
        gaps = row**2 - column**2 + eye
        inner = np.zeros_like(gaps) if to_s is None else eye * to_s[..., None, :]
        outer = np.zeros_like(u @ inner @ vt)  # what leaves the spaces of U and V
        if to_u is not None:
            to_u = to_u[..., :count]
            inner = inner + _skew(_t(u) @ to_u) / gaps * row
            outer = outer + (to_u - u @ (_t(u) @ to_u)) / row @ vt
        if to_vt is not None:
            to_v = _t(to_vt[..., :count, :])
            inner = inner + column * (_skew(vt @ to_v) / gaps)
            outer = outer + (u / row) @ _t(to_v - v @ (vt @ to_v))
        return (u @ inner @ vt + outer,)


class LinalgEigh(Operation):
    """``A = V diag(L) Vᵀ`` for a symmetric ``A``, which gets ``V (diag(gL) + Vᵀ gV / (L_j - L_i)) Vᵀ``.

    Giles, "An extended collection of matrix derivative results" (2008), 3.1.
    """

    def factors(self, a: Array, triangle: Any) -> tuple[Array, ...]:
        """Return the eigenvalues, the smallest first, and the eigenvectors, which are columns."""
        values, vectors = np.linalg.eigh(a, triangle)
        self.saved = values, vectors
        return values, vectors

    def backward(self, grad: Any) -> tuple[Array | None, ...]:
        """Return the gradient of ``A``, given a bundle with those of the values and the vectors, or None."""
        values, vectors = self.saved
        to_values, to_vectors = grad
        eye = np.eye(values.shape[-1], dtype=values.dtype)
        inner = np.zeros_like(vectors) if to_values is None else eye * to_values[..., None, :]
        if to_vectors is not None:
            gaps = values[..., None, :] - values[..., :, None] + eye
            inner = inner + (1 - eye) * (_t(vectors) @ to_vectors) / gaps
        return (vectors @ inner @ _t(vectors),)


def _t(a: Array) -> Array:
    return a.swapaxes(-1, -2)


def _skew(a: Array) -> Array:
    return a - _t(a)


def _factors(operation: type[LinalgSvd | LinalgEigh], input: Tensor, *args: Any) -> list[Tensor]:
    """Run an operation that has several outputs, and record it if the input requires a gradient."""
    if input._base is not None:
        input._follow_base()
    node = operation()
    outputs = [wrap(array, input._device) for array in node.factors(input._array, *args)]
    if autograd.mode.enabled and input._requires_grad:
        Part.record_all(node, [input], outputs)
    return outputs


# ------------------------------------------------------------------ functions


@explained
def svd(A: Tensor, full_matrices: bool = True) -> linalg_svd:  # noqa: N803 - PyTorch's name
    """Return ``U``, ``S`` and ``Vh`` with ``A = U @ diag(S) @ Vh``, of a matrix or of each in a stack.

    ``U`` and ``Vh`` are square, or with ``full_matrices=False`` have as many columns and rows as there are
    singular values, the largest of which comes first. ``RuntimeError`` for integers.
    """
    check_dimensions("svd", A)
    check_floating("svd", A)
    return linalg_svd(*_factors(LinalgSvd, A, full_matrices))


@explained
def eigh(A: Tensor, UPLO: str = "L") -> linalg_eigh:  # noqa: N803 - PyTorch's names
    """Return the eigenvalues, the smallest first, and the eigenvectors (columns) of a symmetric matrix, or of each.

    Only the lower triangle is read, or the upper one with ``UPLO="U"``. ``RuntimeError`` for what is not square.
    """
    check_square("eigh", A)
    if not A.is_floating_point():
        raise NotImplementedError(f"\"linalg_eigh_cpu\" not implemented for '{A.dtype.word}'. Convert it: A.float().")
    if UPLO.upper() not in ("L", "U"):
        raise RuntimeError(f"Expected UPLO argument to be 'L' or 'U', but got {UPLO}")
    return linalg_eigh(*_factors(LinalgEigh, A, UPLO.upper()))
