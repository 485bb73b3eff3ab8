"""``autograd.Function``: an operation of one's own, and what its gradient may look like."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .case import attempt, case, floats
from .leaves import weight

Rng = np.random.Generator
Method = Callable[..., Any]


def _function(torch: Any, forward: Method, backward: Method) -> Any:
    """Return a Function of these two methods."""
    methods = {"forward": staticmethod(forward), "backward": staticmethod(backward)}
    return type("Mine", (torch.autograd.Function,), methods)


@case
def a_formula_and_its_gradient(torch: Any, rng: Rng) -> Any:
    """``x ** 3`` with ``save_for_backward`` and an attribute of ``ctx``: value, gradient, the node's name."""

    def forward(ctx: Any, x: Any, scale: float) -> Any:
        ctx.save_for_backward(x)
        ctx.scale = scale
        return x**3 * scale

    def backward(ctx: Any, grad: Any) -> Any:
        (x,) = ctx.saved_tensors
        return grad * 3 * x**2 * ctx.scale, None

    w = weight(torch, rng)
    y = _function(torch, forward, backward).apply(w, 2.0)
    y.sum().backward()
    return y.detach(), w.grad, y.grad_fn.name(), y.requires_grad


@case
def several_outputs(torch: Any, rng: Rng) -> Any:
    """Two outputs, of which one is used, with and without ``set_materialize_grads(False)``: what backward gets."""
    seen: list[Any] = []

    def backward(ctx: Any, *grads: Any) -> Any:
        seen.append([None if grad is None else grad.tolist() for grad in grads])
        return sum(grad for grad in grads if grad is not None)

    for materialize in (True, False):

        def forward(ctx: Any, x: Any, materialize: bool = materialize) -> Any:
            ctx.set_materialize_grads(materialize)
            return x * 2, x * 3

        w = weight(torch, rng)
        first, second = _function(torch, forward, backward).apply(w)
        second.sum().backward()
        seen.append((w.grad, first.grad_fn is second.grad_fn))
    return seen


@case
def what_backward_may_return(torch: Any, rng: Rng) -> Any:
    """Too few, too many, a number, a wrong shape, a shape that was broadcast, another dtype: gradient or error."""
    answers: list[Method] = [
        lambda ctx, grad: (),
        lambda ctx, grad: (grad, None),
        lambda ctx, grad: (grad, grad),
        lambda ctx, grad: 3,
        lambda ctx, grad: torch.ones(2, 2),
        lambda ctx, grad: torch.ones(4, 3),
        lambda ctx, grad: grad.double() * 2,
        lambda ctx, grad: None,
    ]
    found = []
    for answer in answers:
        w = weight(torch, rng)
        y = _function(torch, lambda ctx, x: x * 2, answer).apply(w)
        found.append((attempt(y.sum().backward), w.grad))
    return found


@case
def what_was_saved_must_not_change(torch: Any, rng: Rng) -> Any:
    """``save_for_backward(x)`` and a write to ``x``; a second walk; saving a number: the errors."""

    def forward(ctx: Any, x: Any) -> Any:
        ctx.save_for_backward(x)
        return x * 2

    square = _function(torch, forward, lambda ctx, grad: grad * ctx.saved_tensors[0])
    w = weight(torch, rng)
    h = w * 1
    changed = square.apply(h)
    h.add_(1)
    twice = square.apply(w).sum()
    twice.backward()
    numbers = _function(torch, lambda ctx, x: ctx.save_for_backward(3), forward)
    errors = [attempt(run)["raises"] for run in (changed.sum().backward, twice.backward, lambda: numbers.apply(w))]
    return errors, w.grad


@case
def needs_input_grad_tells_what_is_asked_for(torch: Any, rng: Rng) -> Any:
    """``ctx.needs_input_grad`` for tensors that ask for a gradient, for others, for a number; under ``no_grad``."""
    seen: list[Any] = []

    def forward(ctx: Any, *args: Any) -> Any:
        seen.append((ctx.needs_input_grad, torch.is_grad_enabled()))
        return args[0] * 2

    function = _function(torch, forward, lambda ctx, grad: (grad, None, None))
    w, x = weight(torch, rng), floats(torch, rng, 3)
    made = [function.apply(w, x, 3), function.apply(x, w, 3), function.apply(x, x, 3)]
    with torch.no_grad():
        made.append(function.apply(w, x, 3))
    return seen, [t.requires_grad for t in made]


@case
def marked_outputs_and_inputs(torch: Any, rng: Rng) -> Any:
    """``mark_non_differentiable`` and ``mark_dirty``: who requires a gradient, and whether the input comes back."""

    def forward(ctx: Any, x: Any) -> Any:
        outputs = x * 2, x > 0
        ctx.mark_non_differentiable(outputs[1])
        return outputs

    def write(ctx: Any, x: Any) -> Any:
        ctx.mark_dirty(x)
        return x.mul_(3)

    w = weight(torch, rng)
    double, positive = _function(torch, forward, lambda ctx, grad, _: grad * 2).apply(w)
    h = w * 1
    same = _function(torch, write, lambda ctx, grad: grad * 3).apply(h)
    (double + same).sum().backward()
    return [t.requires_grad for t in (double, positive, same)], same is h, w.grad
