"""Singular values, eigenvalues and their vectors: what does not depend on the vectors' signs is PyTorch's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

Agree = Callable[..., None]


def matrix(torch: Any, *shape: int) -> Any:
    return torch.tensor(np.random.RandomState(3).standard_normal(shape)).requires_grad_()


@pytest.mark.parametrize("shape", [(3, 3), (4, 2), (2, 4), (2, 4, 3)])
@pytest.mark.parametrize("full", [True, False])
def test_svd_takes_a_matrix_apart(shape: tuple[int, ...], full: bool, agree: Agree) -> None:
    def program(torch: Any) -> Any:
        a = matrix(torch, *shape)
        u, s, vh = found = torch.linalg.svd(a, full_matrices=full)
        count = s.shape[-1]
        back = (u[..., :count] * s[..., None, :]) @ vh[..., :count, :]
        return torch.allclose(back, a), s, u.shape, vh.shape, found.Vh is vh, s.grad_fn.name(), type(found).__name__

    agree(program)


@pytest.mark.parametrize("shape", [(3, 3), (4, 2), (2, 4), (2, 4, 3)])
@pytest.mark.parametrize("part", ["s", "u", "vh", "all"])
def test_the_gradients_of_svd(shape: tuple[int, ...], part: str, agree: Agree) -> None:
    def program(torch: Any) -> Any:
        a = matrix(torch, *shape)
        u, s, vh = torch.linalg.svd(a, full_matrices=False)
        weights = torch.arange(1.0, s.shape[-1] + 1, dtype=torch.float64)
        seen = {
            "s": lambda: (s * weights).sum(),
            "u": lambda: (u.abs() * weights).pow(3).sum(),
            "vh": lambda: (vh.abs() * weights[:, None]).pow(3).sum(),
            "all": lambda: ((u * weights) @ (s[..., None] * vh)).exp().sum(),
        }
        seen[part]().backward()
        return a.grad

    agree(program, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("shape", [(3, 3), (2, 3, 3)])
def test_eigh_takes_a_symmetric_matrix_apart(shape: tuple[int, ...], agree: Agree) -> None:
    def program(torch: Any) -> Any:
        a = matrix(torch, *shape)
        found = torch.linalg.eigh(a @ a.mT)
        values, vectors = found
        back = vectors @ (values[..., None] * vectors.mT)
        (vectors.abs() * values[..., None, :]).pow(3).sum().backward()
        return values, torch.allclose(back, a @ a.mT), a.grad, found.eigenvectors is vectors, vectors.grad_fn.name()

    agree(program, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("triangle", ["L", "U", "u"])
def test_eigh_reads_one_triangle(triangle: str, agree: Agree) -> None:
    agree(lambda torch: torch.linalg.eigh(torch.tensor([[1.0, 9], [2, 1]]), UPLO=triangle).eigenvalues)


def test_principal_components(agree: Agree) -> None:
    def program(torch: Any) -> Any:
        x = matrix(torch, 20, 4).detach() * torch.tensor([3.0, 2, 1, 0.5])
        x = x - x.mean(0)
        _, s, vh = torch.linalg.svd(x, full_matrices=False)
        values, vectors = torch.linalg.eigh(x.T @ x / 19)
        agreed = torch.allclose(vectors.flip(1).abs(), vh.T.abs())
        return agreed, s**2 / 19, values.flip(0), (x @ vh[:2].T).abs(), (x @ vh[:2].T @ vh[:2] - x).norm()

    agree(program)


@pytest.mark.parametrize(
    "call",
    [
        "svd(torch.ones(3))",
        "svd(torch.ones(2, 2, dtype=torch.int64))",
        "eigh(torch.ones(3))",
        "eigh(torch.ones(3, 2))",
        "eigh(torch.ones(2, 2, dtype=torch.int64))",
        "eigh(torch.ones(2, 2), UPLO='X')",
    ],
)
def test_what_is_no_matrix_is_refused(call: str, agree: Agree) -> None:
    agree(f"torch.linalg.{call}")


def test_the_parts_are_printed_by_name(agree: Agree) -> None:
    agree(lambda torch: str(torch.linalg.eigh(torch.tensor([[2.0, 0], [0, 3.0]])).eigenvalues))
    agree(lambda torch: str(torch.linalg.svd(torch.tensor([[2.0]]))).replace("-", ""))
