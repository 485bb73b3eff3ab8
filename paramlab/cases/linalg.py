"""Products of vectors and matrices, sums told by letters, distances, inverses: values and gradients."""

from __future__ import annotations

from typing import Any

import numpy as np

from .case import attempt, case, floats
from .leaves import differentiated

Rng = np.random.Generator


@case
def matmul_of_all_ranks(torch: Any, rng: Rng) -> Any:
    """``a @ b`` of vectors, matrices and stacks that broadcast: values and both gradients."""
    shapes = [
        ((3,), (3,)),
        ((2, 3), (3,)),
        ((3,), (3, 2)),
        ((2, 3), (3, 4)),
        ((5, 2, 3), (3, 4)),
        ((2, 1, 2, 3), (2, 3, 1)),
    ]
    pairs = [(floats(torch, rng, *a), floats(torch, rng, *b)) for a, b in shapes]
    return [differentiated(torch, rng, lambda a, b: a @ b, *pair) for pair in pairs]


@case
def products_by_name(torch: Any, rng: Rng) -> Any:
    """``mm``, ``mv``, ``dot``, ``outer``, ``inner`` and ``tensordot``: values and gradients."""
    programs = [
        lambda a, b: a.mm(b),
        lambda a, b: a.mv(b[:, 0]),
        lambda a, b: a[0].dot(b[:, 1]),
        lambda a, b: torch.outer(a[0], b[0]),
        lambda a, b: torch.inner(a, b.t()),
        lambda a, b: torch.tensordot(a, b, 1),
        lambda a, b: torch.tensordot(a, b, dims=([1], [0])),
    ]
    return [
        differentiated(torch, rng, program, floats(torch, rng, 2, 3), floats(torch, rng, 3, 4)) for program in programs
    ]


@case
def products_added_to_something(torch: Any, rng: Rng) -> Any:
    """``addmm``, ``addmv``, ``bmm`` and ``baddbmm``: values and gradients."""
    programs = [
        lambda a, b, c: torch.addmm(c, a[0], b[0], beta=2, alpha=0.5),
        lambda a, b, c: torch.addmv(c, a[0], b[0][:, 0]),
        lambda a, b, c: a.bmm(b),
        lambda a, b, c: torch.baddbmm(c, a, b),
    ]
    return [
        differentiated(
            torch, rng, program, floats(torch, rng, 2, 2, 3), floats(torch, rng, 2, 3, 2), floats(torch, rng, 2)
        )
        for program in programs
    ]


@case
def sums_told_by_letters(torch: Any, rng: Rng) -> Any:
    """``einsum``: products, diagonals, sums, ``...`` and three operands: values and gradients."""
    programs = [
        lambda a, b: torch.einsum("ij,jk->ik", a, b),
        lambda a, b: torch.einsum("ij,jk", a, b),
        lambda a, b: torch.einsum("ij->j", a + b.sum()),
        lambda a, b: torch.einsum("ii->i", a @ b),
        lambda a, b: torch.einsum("...j,jk->k...", a, b),
        lambda a, b: torch.einsum("ij,jk,ij->k", a, b, a),
        lambda a, b: torch.einsum("i,j->ij", a[0], b[0]),
    ]
    return [
        differentiated(torch, rng, program, floats(torch, rng, 2, 3), floats(torch, rng, 3, 2)) for program in programs
    ]


@case
def inverses_and_determinants(torch: Any, rng: Rng) -> Any:
    """``linalg.inv``, ``solve``, ``det`` and ``trace`` of a matrix far from singular: values and gradients."""
    a, b = floats(torch, rng, 3, 3) + 5 * torch.eye(3), floats(torch, rng, 3, 2)
    solved = differentiated(torch, rng, torch.linalg.solve, a.clone(), b)
    return solved, [differentiated(torch, rng, f, a.clone()) for f in (torch.linalg.inv, torch.det, torch.trace)]


@case
def singular_values_and_eigenvalues(torch: Any, rng: Rng) -> Any:
    """``linalg.svd`` and ``eigh``: the values, and gradients of what does not depend on the vectors' signs."""
    a = floats(torch, rng, 4, 3)
    weights = torch.arange(1.0, 4)

    def vectors(a: Any) -> Any:
        u, _, vh = torch.linalg.svd(a, full_matrices=False)
        return (u.abs() * weights) @ vh.abs()

    parts = [
        lambda a: torch.linalg.svd(a).S,
        vectors,
        lambda a: torch.linalg.eigh(a.T @ a).eigenvalues,
        lambda a: torch.linalg.eigh(a.T @ a).eigenvectors.abs(),
    ]
    return [differentiated(torch, rng, part, a.clone()) for part in parts]


@case
def products_written_into_out(torch: Any, rng: Rng) -> Any:
    """``out=`` of sums, products and what is joined: what is in it, and what is refused."""
    a, out = floats(torch, rng, 2, 2), torch.zeros(2, 2)
    functions = torch.add, torch.sub, torch.mul, torch.div, torch.pow, torch.matmul, torch.mm
    found = [function(a.abs(), a, out=out).clone() for function in functions]
    joined = torch.cat([a, a], out=torch.empty(0)), torch.stack([a, a], dim=1, out=torch.empty(0))
    whole, followed = torch.zeros(2, 2, dtype=torch.int64), a.clone().requires_grad_()
    return (
        found,
        joined,
        [
            attempt(lambda: torch.mul(a, a, out=whole))["raises"],
            attempt(lambda: torch.mul(followed, a, out=out))["raises"],
        ],
    )


@case
def norms_and_distances(torch: Any, rng: Rng) -> Any:
    """``linalg.norm`` of vectors and matrices, and ``cdist``: values and gradients."""
    norms = [{}, {"ord": 1}, {"ord": "fro"}, {"dim": 1}, {"ord": float("inf"), "dim": 0}]
    found = [
        differentiated(torch, rng, lambda a, k=k: torch.linalg.norm(a, **k), floats(torch, rng, 3, 4)) for k in norms
    ]
    return found, differentiated(torch, rng, torch.cdist, floats(torch, rng, 3, 2), floats(torch, rng, 4, 2))


@case
def what_does_not_match(torch: Any, rng: Rng) -> Any:
    """Shapes and dtypes that do not match: what the products raise."""
    a = floats(torch, rng, 2, 3)
    return [
        attempt(lambda: a @ a)["raises"],
        attempt(lambda: a @ a.t().double())["raises"],
        attempt(lambda: a.mv(a))["raises"],
        attempt(lambda: torch.bmm(a, a))["raises"],
        attempt(lambda: torch.einsum("ij,jk->ik", a, a))["raises"],
        attempt(lambda: torch.linalg.inv(a))["raises"],
    ]
