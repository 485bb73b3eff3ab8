"""The gradient of each common operation, whatever comes in and however it is called."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .case import case, floats
from .leaves import weight

Rng = np.random.Generator


def _grads(torch: Any, rng: Rng, function: Callable[..., Any], *leaves: Any) -> list[Any]:
    """Return what reaches each leaf when the output of ``function`` receives uneven gradients."""
    for leaf in leaves:
        leaf.requires_grad_()
    output = function(*leaves)
    output.backward(floats(torch, rng, *output.shape))
    return [leaf.grad for leaf in leaves]


def _positive(torch: Any, rng: Rng, *shape: int) -> Any:
    """Return numbers between one half and two."""
    return torch.tensor(rng.uniform(0.5, 2, size=shape).round(2).astype(np.float32))


@case
def add_and_sub(torch: Any, rng: Rng) -> Any:
    """``a + b - c`` and ``torch.add(a, b, alpha=3)``: the gradients."""
    a, b, c = (floats(torch, rng, 3) for _ in range(3))
    weighted = _grads(torch, rng, lambda a, b: torch.add(a, b, alpha=3), floats(torch, rng, 3), floats(torch, rng, 3))
    return _grads(torch, rng, lambda a, b, c: a + b - c, a, b, c), weighted


@case
def mul(torch: Any, rng: Rng) -> Any:
    """``a * b``: the gradients of both."""
    return _grads(torch, rng, lambda a, b: a * b, floats(torch, rng, 2, 3), floats(torch, rng, 2, 3))


@case
def div_and_numbers_on_either_side(torch: Any, rng: Rng) -> Any:
    """``a / b``, ``3 - 2 * a``, ``1 / a`` and ``-a / 2``: the gradients."""
    formulas: list[Callable[[Any], Any]] = [lambda a: 3 - 2 * a, lambda a: 1 / a, lambda a: -a / 2]
    found = [_grads(torch, rng, formula, _positive(torch, rng, 3)) for formula in formulas]
    return found, _grads(torch, rng, lambda a, b: a / b, floats(torch, rng, 3), _positive(torch, rng, 3))


@case
def powers(torch: Any, rng: Rng) -> Any:
    """``a ** 2``, ``a ** -0.5``, ``a ** b`` and ``2 ** a``: the gradients."""
    formulas: list[Callable[[Any], Any]] = [lambda a: a**2, lambda a: a**-0.5, lambda a: 2**a]
    found = [_grads(torch, rng, formula, _positive(torch, rng, 3)) for formula in formulas]
    return found, _grads(torch, rng, lambda a, b: a**b, _positive(torch, rng, 3), floats(torch, rng, 3))


@case
def matmul_of_matrices(torch: Any, rng: Rng) -> Any:
    """``a @ b`` of the shapes (2, 3) and (3, 4): the gradients of both."""
    return _grads(torch, rng, lambda a, b: a @ b, floats(torch, rng, 2, 3), floats(torch, rng, 3, 4))


@case
def matmul_with_vectors(torch: Any, rng: Rng) -> Any:
    """``m @ v``, ``v @ m`` and ``v @ v`` with vectors: the gradients of both."""
    shapes = [((2, 3), (3,)), ((3,), (3, 2)), ((3,), (3,))]
    return [
        _grads(torch, rng, lambda a, b: a @ b, floats(torch, rng, *first), floats(torch, rng, *second))
        for first, second in shapes
    ]


@case
def matmul_of_batches(torch: Any, rng: Rng) -> Any:
    """``a @ b`` with batches: (2, 2, 3) and (2, 3, 2), then (2, 2, 3) and one (3, 2) for the whole batch."""
    shapes = [((2, 2, 3), (2, 3, 2)), ((2, 2, 3), (3, 2)), ((2, 3), (2, 3, 2)), ((2, 2, 3), (3,))]
    return [
        _grads(torch, rng, lambda a, b: a @ b, floats(torch, rng, *first), floats(torch, rng, *second))
        for first, second in shapes
    ]


@case
def addmm(torch: Any, rng: Rng) -> Any:
    """``torch.addmm(b, x, W.T)`` with a bias of one row: what comes out, and the gradients of all three."""
    b, x, w = floats(torch, rng, 4), floats(torch, rng, 2, 3), floats(torch, rng, 4, 3)
    return torch.addmm(b, x, w.T), _grads(torch, rng, lambda b, x, w: torch.addmm(b, x, w.T), b, x, w)


@case
def broadcasting_is_summed_back(torch: Any, rng: Rng) -> Any:
    """``a * b``, ``b`` being stretched to (2, 3) from (3,), (2, 1), (1, 3), (1, 1) and (): the gradients."""
    shapes: list[tuple[int, ...]] = [(3,), (2, 1), (1, 3), (1, 1), ()]
    pairs = [((2, 3), shape) for shape in shapes] + [((2, 1), (1, 3))]  # in the last one both are stretched
    return [
        _grads(torch, rng, lambda a, b: a * b, floats(torch, rng, *first), floats(torch, rng, *second))
        for first, second in pairs
    ]


@case
def sums_and_means(torch: Any, rng: Rng) -> Any:
    """``sum`` and ``mean`` over all, over a dimension, over several, with ``keepdim``: the gradient."""
    options: list[dict[str, Any]] = [{}, {"dim": 0}, {"dim": -1, "keepdim": True}, {"dim": (0, 2)}]
    return [
        _grads(torch, rng, lambda a, how=how, o=o: getattr(a, how)(**o), floats(torch, rng, 2, 3, 2))
        for how in ("sum", "mean")
        for o in options
    ]


@case
def smooth_functions(torch: Any, rng: Rng) -> Any:
    """``a.exp()``, ``a.log()``, ``a.sqrt()``, ``a.tanh()`` and ``a.sigmoid()``: the gradient."""
    names = ("exp", "log", "sqrt", "tanh", "sigmoid")
    return {name: _grads(torch, rng, lambda a, n=name: getattr(a, n)(), _positive(torch, rng, 3)) for name in names}


@case
def functions_with_corners(torch: Any, rng: Rng) -> Any:
    """``relu``, ``abs`` and ``clamp(-1, 1)`` of ``[-2, -1, 0, 0.5, 1, 2]``: the gradient, at the corners too."""
    formulas: list[Callable[[Any], Any]] = [lambda a: a.relu(), lambda a: a.abs(), lambda a: a.clamp(-1, 1)]
    return [_grads(torch, rng, formula, torch.tensor([-2.0, -1.0, 0.0, 0.5, 1.0, 2.0])) for formula in formulas]


@case
def the_largest_gets_it(torch: Any, rng: Rng) -> Any:
    """``a.max()`` and ``a.max(dim=0).values``, also where two are largest: the gradient."""
    formulas: list[Callable[[Any], Any]] = [lambda a: a.max(), lambda a: a.max(dim=0).values]
    inputs = [rng.permutation(4).astype(np.float32), np.array([1, 3, 3, 2], np.float32)]
    return [_grads(torch, rng, formula, torch.tensor(values)) for formula in formulas for values in inputs]


@case
def softmax_and_log_softmax(torch: Any, rng: Rng) -> Any:
    """``a.softmax(dim)`` and ``a.log_softmax(dim)`` over the rows and over the columns: the gradient."""
    return [
        _grads(torch, rng, lambda a, how=how, dim=dim: getattr(a, how)(dim), floats(torch, rng, 2, 3))
        for how in ("softmax", "log_softmax")
        for dim in (0, 1)
    ]


@case
def cross_entropy(torch: Any, rng: Rng) -> Any:
    """``F.cross_entropy(scores, classes)`` with each ``reduction``: the loss and the gradient."""
    classes = torch.tensor(rng.integers(0, 3, size=4))
    found = []
    for reduction in ("mean", "sum", "none"):
        scores = weight(torch, rng, 4, 3)
        loss = torch.nn.functional.cross_entropy(scores, classes, reduction=reduction)
        loss.backward(floats(torch, rng, *loss.shape))
        found.append((loss.detach(), scores.grad))
    return found


@case
def other_shapes(torch: Any, rng: Rng) -> Any:
    """``reshape``, ``transpose``, ``permute``, ``T``, ``unsqueeze``, ``expand``, ``flatten``: the gradient."""
    formulas: list[Callable[[Any], Any]] = [
        lambda a: a.reshape(3, 2) * 1,
        lambda a: a.transpose(0, 1).exp(),
        lambda a: a.unsqueeze(0).permute(2, 0, 1).exp(),
        lambda a: a.T * a.reshape(3, 2),
        lambda a: a.unsqueeze(1).expand(2, 4, 3) * 1,
        lambda a: a.flatten().exp(),
    ]
    return [_grads(torch, rng, formula, floats(torch, rng, 2, 3)) for formula in formulas]


@case
def joined_tensors(torch: Any, rng: Rng) -> Any:
    """``torch.cat([a, b], dim=1)``, ``torch.stack([a, a])``: the gradients."""
    a, b, c = floats(torch, rng, 2, 1), floats(torch, rng, 2, 3), floats(torch, rng, 2)
    return (
        _grads(torch, rng, lambda a, b: torch.cat([a, b], dim=1), a, b),
        _grads(torch, rng, lambda c: torch.stack([c, c]), c),
    )


@case
def picked_elements(torch: Any, rng: Rng) -> Any:
    """``a[1]``, ``a[:, 1:]``, ``a[mask]``, ``a[[2, 0]]``, ``a[[0, 2, 0]]``, ``a[1, 2]``: the gradient."""
    mask = torch.tensor(rng.permutation(9).reshape(3, 3) < 4)
    formulas: list[Callable[[Any], Any]] = [
        lambda a: a[1],
        lambda a: a[:, 1:],
        lambda a: a[mask],
        lambda a: a[torch.tensor([2, 0])],
        lambda a: a[torch.tensor([0, 2, 0])],
        lambda a: a[1, 2],
    ]
    return [_grads(torch, rng, formula, floats(torch, rng, 3, 3)) for formula in formulas]
