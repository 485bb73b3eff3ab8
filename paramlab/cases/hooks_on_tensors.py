"""Hooks on tensors: who sees a gradient on its way, and may replace it."""

from __future__ import annotations

from typing import Any

import numpy as np

from .case import attempt, case, floats
from .leaves import grad_of, weight

Rng = np.random.Generator


@case
def a_hook_sees_the_gradient(torch: Any, rng: Rng) -> Any:
    """``register_hook(…)`` on a non-leaf, on a leaf, and on a tensor that asks for none: what they were handed."""
    w, seen = weight(torch, rng), []
    h = w * 2
    for tensor in (h, w):
        tensor.register_hook(lambda grad: seen.append(grad.tolist()))
    (h * h).sum().backward()
    return seen, attempt(lambda: floats(torch, rng, 3).register_hook(lambda grad: None))


@case
def a_hook_may_replace_the_gradient(torch: Any, rng: Rng) -> Any:
    """``w.register_hook(lambda g: g * 10)`` and ``backward()``; once more after ``handle.remove()``: ``w.grad``."""
    w = weight(torch, rng)
    handle = w.register_hook(lambda grad: grad * 10)
    (w * 2).sum().backward()
    first = w.grad.tolist()
    handle.remove()
    (w * 2).sum().backward()
    return first, w.grad


@case
def retain_grad_keeps_what_the_hooks_made(torch: Any, rng: Rng) -> Any:
    """``h.retain_grad()``, then ``h.register_hook(lambda g: g * 10)``: ``h.grad`` and ``w.grad``."""
    w = weight(torch, rng)
    h = w * 2
    h.retain_grad()
    h.register_hook(lambda grad: grad * 10)
    (h * 3).sum().backward()
    return grad_of(h), w.grad


@case
def a_leaf_hook_sees_the_whole_gradient_once(torch: Any, rng: Rng) -> Any:
    """``w * w + w``: what a hook on ``w`` and one after the accumulation see, in their order."""
    w, seen = weight(torch, rng), []
    w.register_post_accumulate_grad_hook(lambda p: seen.append(("after", p.grad.tolist())))
    w.register_hook(lambda grad: seen.append(("before", grad.tolist())))
    (w * w + w).sum().backward()
    return seen


@case
def hooks_run_from_the_end_to_the_start(torch: Any, rng: Rng) -> Any:
    """``d = u * 3 + (w * 2) * w`` with two hooks on each tensor: the order in which they run."""
    w, u, seen = weight(torch, rng), weight(torch, rng), []
    a, b = w * 2, u * 3
    c = a * w
    for name, tensor in {"w": w, "u": u, "a": a, "b": b, "c": c}.items():
        tensor.register_hook(lambda grad, name=name: seen.append(name))
        tensor.register_hook(lambda grad, name=name: seen.append(name + " again"))
    (b + c).sum().backward()
    return seen


@case
def a_hook_must_return_what_fits(torch: Any, rng: Rng) -> Any:
    """A hook that returns a number, another shape, another dtype: the error."""
    found = []
    for answer in (lambda grad: 3, lambda grad: torch.ones(2, 2), lambda grad: grad.double()):
        w = weight(torch, rng)
        w.register_hook(answer)
        found.append(attempt((w * 2).sum().backward)["raises"])
    return found


@case
def the_hook_after_the_accumulation_may_drop_the_gradient(torch: Any, rng: Rng) -> Any:
    """``register_post_accumulate_grad_hook`` that sets ``p.grad = None``; and on a non-leaf."""
    w, seen = weight(torch, rng), []

    def use(p: Any) -> None:
        seen.append(p.grad.tolist())
        p.grad = None

    w.register_post_accumulate_grad_hook(use)
    (w * 2).sum().backward()
    return seen, w.grad, attempt(lambda: (w * 2).register_post_accumulate_grad_hook(use))
