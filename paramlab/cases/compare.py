"""Comparisons, logic and bits."""

from __future__ import annotations

from typing import Any

import numpy as np

from .case import attempt, case, floats

Rng = np.random.Generator


@case
def which_is_larger(torch: Any, rng: Rng) -> Any:
    """``==``, ``!=``, ``<``, ``<=``, ``>``, ``>=`` between shapes that broadcast, and with a number."""
    a, b = torch.tensor(rng.integers(0, 3, (2, 3))), torch.tensor(rng.integers(0, 3, 3))
    return [a == b, a != b, a < b, a <= b, a > b, a >= b, a == 1, a > 1, a.float() >= 1.5]


@case
def logic(torch: Any, rng: Rng) -> Any:
    """``logical_and``, ``logical_or``, ``logical_xor`` and ``logical_not`` of bools and of numbers."""
    a, b = torch.tensor([True, True, False, False]), torch.tensor([1.5, 0.0, -1.0, 0.0])
    return [torch.logical_and(a, b), torch.logical_or(a, b), torch.logical_xor(a, b), b.logical_not(), ~a]


@case
def bits(torch: Any, rng: Rng) -> Any:
    """``&``, ``|``, ``^``, ``~``, ``<<`` and ``>>`` of integers, and of bools; of floats they are refused."""
    a, b = torch.tensor(rng.integers(0, 16, 3)), torch.tensor([1, 2, 3])
    flags = a > 7
    mixed = [a & b, a | b, a ^ 5, ~a, a << b, a >> 1, 1 << b, flags & True, flags ^ flags]
    return mixed, attempt(lambda: torch.ones(1) & 1)["raises"], attempt(lambda: ~torch.ones(1))["raises"]


@case
def close_or_equal(torch: Any, rng: Rng) -> Any:
    """``isclose``, ``allclose`` and ``equal``, with nan, other shapes and other dtypes."""
    a = floats(torch, rng, 3)
    nan = torch.tensor([float("nan")])
    close = [torch.isclose(a, a + 1e-7), torch.allclose(a, a + 1), torch.allclose(a, a + 0.01, atol=0.1)]
    same = [torch.equal(a, a.clone()), torch.equal(a, a[:2]), torch.equal(nan, nan)]
    return (
        close,
        same,
        torch.allclose(nan, nan, equal_nan=True),
        attempt(lambda: torch.allclose(a, a.double()))["raises"],
    )
