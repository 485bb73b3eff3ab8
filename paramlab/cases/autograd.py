"""Where a gradient comes from, where it lands, and when autograd refuses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .case import attempt, case, floats
from .leaves import grad_of, weight

Rng = np.random.Generator


def _grads(torch: Any, rng: Rng, function: Callable[..., Any], *leaves: Any) -> list[Any]:
    """Return what reaches each leaf when the output of ``function`` receives uneven gradients."""
    for leaf in leaves:
        leaf.requires_grad_()
    output = function(*leaves)
    output.backward(floats(torch, rng, *output.shape))
    return [leaf.grad for leaf in leaves]


# ------------------------------------------------------------------ leaves, and where gradients land


@case
def what_is_computed_is_no_leaf(torch: Any, rng: Rng) -> Any:
    """``w * 2`` and ``x * 2``, where only ``w`` asks for a gradient: ``requires_grad``, ``is_leaf``, a ``grad_fn``?"""
    w, x = weight(torch, rng), floats(torch, rng, 3)
    return [(t.requires_grad, t.is_leaf, t.grad_fn is not None) for t in (w, x, w * 2, x * 2, x + w)]


@case
def an_operation_gives_its_name(torch: Any, rng: Rng) -> Any:
    """``(w * 2).grad_fn.name()``, and the same of ``w + 1``, ``w.exp()`` and ``w.sum()``."""
    w = weight(torch, rng)
    return [t.grad_fn.name() for t in (w * 2, w + 1, w.exp(), w.sum())]


@case
def before_backward_there_is_no_gradient(torch: Any, rng: Rng) -> Any:
    """``w.grad`` before ``loss.backward()``, what that returns, and ``w.grad`` after."""
    w = weight(torch, rng)
    loss = (w * w).sum()
    return w.grad, loss.backward(), w.grad


@case
def a_gradient_looks_like_its_tensor(torch: Any, rng: Rng) -> Any:
    """``w.grad`` after ``backward()``: its type, shape, dtype, and whether it asks for a gradient."""
    w = weight(torch, rng, 2, 3)
    w.exp().sum().backward()
    return type(w.grad).__name__, list(w.grad.shape), w.grad.dtype, w.grad.requires_grad, w.grad.is_leaf


@case
def gradients_add_up(torch: Any, rng: Rng) -> Any:
    """``backward()`` of two losses: ``w.grad`` after each, whether it is one tensor; then from ``w.grad = None`` on."""
    w, found = weight(torch, rng), []
    for factor in (2, 3):
        (w * factor).sum().backward()
        found.append((w.grad, w.grad.tolist()))
    same_tensor = found[0][0] is found[1][0]
    w.grad = None
    (w * 4).sum().backward()
    return [values for _, values in found], same_tensor, w.grad


@case
def paths_that_part_and_meet_again(torch: Any, rng: Rng) -> Any:
    """``w * w + w``, and ``h = w * 2`` with ``h.exp() * h + h``: the gradient of ``w``."""

    def diamond(w: Any) -> Any:
        h = w * 2
        return h.exp() * h + h

    formulas = (lambda w: w * w + w, diamond)
    return [_grads(torch, rng, formula, floats(torch, rng, 3)) for formula in formulas]


@case
def a_long_chain_is_no_problem(torch: Any, rng: Rng) -> Any:
    """``y = y * 1.001`` three thousand times: the gradient of the start."""

    def chain(w: Any) -> Any:
        for _ in range(3000):
            w = w * 1.001
        return w

    return _grads(torch, rng, chain, floats(torch, rng, 2))


@case
def a_frozen_input_gets_no_gradient(torch: Any, rng: Rng) -> Any:
    """``(x @ w + b).sum().backward()`` with ``b.requires_grad = False``: ``grad`` of all three."""
    x, w, b = floats(torch, rng, 2, 3), weight(torch, rng, 3, 2), weight(torch, rng, 2)
    b.requires_grad = False
    (x @ w + b).sum().backward()
    return x.grad, w.grad, b.grad


@case
def a_non_leaf_keeps_no_gradient(torch: Any, rng: Rng) -> Any:
    """``h = w * 2; (h * h).sum().backward()``: ``h.grad`` and ``w.grad``."""
    w = weight(torch, rng)
    h = w * 2
    (h * h).sum().backward()
    return grad_of(h), w.grad


@case
def retain_grad_keeps_it(torch: Any, rng: Rng) -> Any:
    """``h.retain_grad()`` before ``backward()``: ``h.grad`` and ``w.grad``; and of a tensor that asks for none."""
    w = weight(torch, rng)
    h = w * 2
    h.retain_grad()
    (h * h).sum().backward()
    return grad_of(h), w.grad, attempt(lambda: floats(torch, rng, 3).retain_grad())


# ------------------------------------------------------------------ not recorded: no_grad, detach


@case
def no_grad_records_nothing(torch: Any, rng: Rng) -> Any:
    """``w * 2`` inside of ``torch.no_grad()``, of ``enable_grad()`` within, decorated, and after: ``requires_grad``."""
    w = weight(torch, rng)
    with torch.no_grad():
        inside = w * 2
        with torch.enable_grad():
            within = w * 2
        enabled = torch.is_grad_enabled()
    decorated = torch.no_grad()(lambda: w * 2)()
    return [t.requires_grad for t in (inside, within, decorated, w * 2, w)], enabled


@case
def detach_cuts_the_graph(torch: Any, rng: Rng) -> Any:
    """``d = nn.Parameter(t).detach()`` and ``(w * 2).detach()``: what they are, and ``w.grad`` of ``(w * d).sum()``."""
    w = weight(torch, rng)
    d = (w * 2).detach()
    (w * d).sum().backward()
    kinds = [(type(t).__name__, t.requires_grad, t.is_leaf) for t in (d, torch.nn.Parameter(w).detach())]
    return kinds, w.grad


@case
def detach_shares_the_memory(torch: Any, rng: Rng) -> Any:
    """``d = w.detach(); d[0] = 7``: what ``w`` holds then, and whether ``w`` still asks for a gradient."""
    w = weight(torch, rng)
    w.detach()[0] = 7
    return w.tolist(), w.requires_grad


# ------------------------------------------------------------------ what is refused


@case
def a_second_backward_is_refused(torch: Any, rng: Rng) -> Any:
    """``loss.backward()`` twice over ``(w * w).sum()``; over ``(w + 1).sum()``, which needs no values: ``w.grad``."""
    found = []
    formulas: list[Callable[[Any], Any]] = [lambda w: w * w, lambda w: w + 1]
    for formula in formulas:
        w = weight(torch, rng)
        loss = formula(w).sum()
        loss.backward()
        found.append((attempt(loss.backward), w.grad))
    return found


@case
def retain_graph_allows_a_second_one(torch: Any, rng: Rng) -> Any:
    """``loss.backward(retain_graph=True)``, then ``loss.backward()``: ``w.grad``."""
    w = weight(torch, rng)
    loss = (w * w).sum()
    loss.backward(retain_graph=True)
    loss.backward()
    return w.grad


@case
def backward_needs_a_scalar(torch: Any, rng: Rng) -> Any:
    """``(w * 2).backward()`` for a ``w`` of three numbers."""
    return attempt((weight(torch, rng) * 2).backward)


@case
def a_gradient_may_be_handed_in(torch: Any, rng: Rng) -> Any:
    """``(w * w).backward(g)`` with a ``g`` of the same shape, and with one of another."""
    w = weight(torch, rng)
    (w * w).backward(floats(torch, rng, 3))
    return w.grad, attempt(lambda: (w * w).backward(floats(torch, rng, 2)))


@case
def nothing_requires_a_gradient(torch: Any, rng: Rng) -> Any:
    """``x.sum().backward()`` for an ``x`` that asks for no gradient; and of a loss made under ``no_grad``."""
    w = weight(torch, rng)
    with torch.no_grad():
        loss = w.sum()
    return attempt(floats(torch, rng, 3).sum().backward), attempt(loss.backward)


@case
def integers_have_no_gradient(torch: Any, rng: Rng) -> Any:
    """``torch.tensor([1, 2], requires_grad=True)``, and ``requires_grad_()`` of integers."""
    return (
        attempt(lambda: torch.tensor([1, 2], requires_grad=True)),
        attempt(lambda: torch.tensor([1, 2]).requires_grad_())["raises"],
    )


@case
def numpy_is_refused_where_a_gradient_is_wanted(torch: Any, rng: Rng) -> Any:
    """``w.numpy()`` for a ``w`` that asks for a gradient, and ``w.detach().numpy()``."""
    w = weight(torch, rng)
    return attempt(w.numpy), w.detach().numpy().tolist()


@case
def requires_grad_of_a_non_leaf_stays(torch: Any, rng: Rng) -> Any:
    """``y = w * 2``: ``y.requires_grad = True``, ``y.requires_grad = False`` and ``y.requires_grad_(True)``."""
    y = weight(torch, rng) * 2
    return (
        attempt(lambda: setattr(y, "requires_grad", True)),
        attempt(lambda: setattr(y, "requires_grad", False)),
        attempt(lambda: y.requires_grad_(True) is y),
    )
