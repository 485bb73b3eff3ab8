"""Writing in place where autograd follows: what gets which gradient, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .case import attempt, case, floats
from .leaves import grad_of, weight

Rng = np.random.Generator


@case
def a_leaf_is_not_written_to(torch: Any, rng: Rng) -> Any:
    """``w.add_(1)``, ``w.zero_()``, ``w[0] = 1`` and ``w[0].add_(1)`` for a leaf ``w`` that asks for a gradient."""
    w = weight(torch, rng, 2, 2)
    return (
        attempt(lambda: w.add_(1)),
        attempt(w.zero_),
        attempt(lambda: w.__setitem__(0, 1.0))["raises"],
        attempt(lambda: w[0].add_(1)),
    )


@case
def a_leaf_is_written_to_under_no_grad(torch: Any, rng: Rng) -> Any:
    """``w -= 0.1 * w.grad`` under ``no_grad``: the values, ``is_leaf`` and ``requires_grad``."""
    w = weight(torch, rng)
    (w * w).sum().backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
    return w.tolist(), w.is_leaf, w.requires_grad


@case
def a_step_out_of_place_makes_another_tensor(torch: Any, rng: Rng) -> Any:
    """``v = w - 0.1 * w.grad``, without ``no_grad``: ``is_leaf``, and ``v.grad`` after another ``backward()``."""
    w = weight(torch, rng)
    (w * w).sum().backward()
    v = w - 0.1 * w.grad
    (v * v).sum().backward()
    return v.is_leaf, grad_of(v)


@case
def a_non_leaf_is_written_to(torch: Any, rng: Rng) -> Any:
    """``y = w * 2; y += 1; y *= w; y[0] = 0``, and ``x[0] = w.sum(); x += w``: the values and the gradients."""
    w, v, x = weight(torch, rng), weight(torch, rng), floats(torch, rng, 3)
    y = w * 2
    y += 1
    y *= w
    y[0] = 0
    x[0] = v.sum()
    x += v
    (x + y).sum().backward()
    return [t.tolist() for t in (y, x)], [t.is_leaf for t in (y, x)], w.grad, v.grad


@case
def a_value_that_is_needed_must_not_change(torch: Any, rng: Rng) -> Any:
    """``y = w * x``, or ``w + x``, which needs no values; then ``x[0] = 7; y.sum().backward()``: ``w.grad``."""
    found = []
    formulas: list[Callable[[Any, Any], Any]] = [lambda w, x: w * x, lambda w, x: w + x]
    for formula in formulas:
        w, x = weight(torch, rng), floats(torch, rng, 3)
        y = formula(w, x)
        x[0] = 7
        found.append((attempt(y.sum().backward), w.grad))
    return found


@case
def a_result_that_is_needed_must_not_change(torch: Any, rng: Rng) -> Any:
    """``y = w.exp(); y += 1; y.sum().backward()``; the same with ``w.relu()`` and with ``w * 2``."""
    found = []
    formulas: list[Callable[[Any], Any]] = [lambda w: w.exp(), lambda w: w.relu(), lambda w: w * 2]
    for formula in formulas:
        w = weight(torch, rng)
        y = formula(w)
        y += 1
        found.append(attempt(y.sum().backward))
    return found


@case
def an_alias_counts_as_a_change(torch: Any, rng: Rng) -> Any:
    """``loss = (w * w).sum()``, then a write under ``no_grad``, by ``w.detach()``, by ``w.data``: ``backward()``."""
    found = []
    for way in ("no_grad", "detach", "data"):
        w = weight(torch, rng)
        loss = (w * w).sum()
        with torch.no_grad():
            {"no_grad": w, "detach": w.detach(), "data": w.data}[way][0] = 7
        found.append((attempt(loss.backward), w.grad))
    return found
