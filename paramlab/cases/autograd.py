"""Where a gradient comes from, where it lands, and when autograd refuses."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from .case import attempt, case, floats

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


def _weight(torch: Any, rng: Rng, *shape: int) -> Any:
    """Return a tensor that asks for a gradient."""
    return floats(torch, rng, *(shape or (3,))).requires_grad_()


def _grad_of(tensor: Any) -> Any:
    """Return ``tensor.grad``; PyTorch warns when a tensor that is no leaf is asked."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return tensor.grad


# ------------------------------------------------------------------ leaves, and where gradients land


@case
def what_is_computed_is_no_leaf(torch: Any, rng: Rng) -> Any:
    """``w * 2`` and ``x * 2``, where only ``w`` asks for a gradient: ``requires_grad``, ``is_leaf``, a ``grad_fn``?"""
    w, x = _weight(torch, rng), floats(torch, rng, 3)
    return [(t.requires_grad, t.is_leaf, t.grad_fn is not None) for t in (w, x, w * 2, x * 2, x + w)]


@case
def an_operation_gives_its_name(torch: Any, rng: Rng) -> Any:
    """``(w * 2).grad_fn.name()``, and the same of ``w + 1``, ``w.exp()`` and ``w.sum()``."""
    w = _weight(torch, rng)
    return [t.grad_fn.name() for t in (w * 2, w + 1, w.exp(), w.sum())]


@case
def before_backward_there_is_no_gradient(torch: Any, rng: Rng) -> Any:
    """``w.grad`` before ``loss.backward()``, what that returns, and ``w.grad`` after."""
    w = _weight(torch, rng)
    loss = (w * w).sum()
    return w.grad, loss.backward(), w.grad


@case
def a_gradient_looks_like_its_tensor(torch: Any, rng: Rng) -> Any:
    """``w.grad`` after ``backward()``: its type, shape, dtype, and whether it asks for a gradient."""
    w = _weight(torch, rng, 2, 3)
    w.exp().sum().backward()
    return type(w.grad).__name__, list(w.grad.shape), w.grad.dtype, w.grad.requires_grad, w.grad.is_leaf


@case
def gradients_add_up(torch: Any, rng: Rng) -> Any:
    """``backward()`` of two losses: ``w.grad`` after each, whether it is one tensor; then from ``w.grad = None`` on."""
    w, found = _weight(torch, rng), []
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
    x, w, b = floats(torch, rng, 2, 3), _weight(torch, rng, 3, 2), _weight(torch, rng, 2)
    b.requires_grad = False
    (x @ w + b).sum().backward()
    return x.grad, w.grad, b.grad


@case
def a_non_leaf_keeps_no_gradient(torch: Any, rng: Rng) -> Any:
    """``h = w * 2; (h * h).sum().backward()``: ``h.grad`` and ``w.grad``."""
    w = _weight(torch, rng)
    h = w * 2
    (h * h).sum().backward()
    return _grad_of(h), w.grad


@case
def retain_grad_keeps_it(torch: Any, rng: Rng) -> Any:
    """``h.retain_grad()`` before ``backward()``: ``h.grad`` and ``w.grad``; and of a tensor that asks for none."""
    w = _weight(torch, rng)
    h = w * 2
    h.retain_grad()
    (h * h).sum().backward()
    return _grad_of(h), w.grad, attempt(lambda: floats(torch, rng, 3).retain_grad())


# ------------------------------------------------------------------ gradients of the operations


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
        scores = _weight(torch, rng, 4, 3)
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


# ------------------------------------------------------------------ not recorded: no_grad, detach


@case
def no_grad_records_nothing(torch: Any, rng: Rng) -> Any:
    """``w * 2`` inside of ``torch.no_grad()``, of ``enable_grad()`` within, decorated, and after: ``requires_grad``."""
    w = _weight(torch, rng)
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
    w = _weight(torch, rng)
    d = (w * 2).detach()
    (w * d).sum().backward()
    kinds = [(type(t).__name__, t.requires_grad, t.is_leaf) for t in (d, torch.nn.Parameter(w).detach())]
    return kinds, w.grad


@case
def detach_shares_the_memory(torch: Any, rng: Rng) -> Any:
    """``d = w.detach(); d[0] = 7``: what ``w`` holds then, and whether ``w`` still asks for a gradient."""
    w = _weight(torch, rng)
    w.detach()[0] = 7
    return w.tolist(), w.requires_grad


# ------------------------------------------------------------------ what is refused


@case
def a_second_backward_is_refused(torch: Any, rng: Rng) -> Any:
    """``loss.backward()`` twice over ``(w * w).sum()``; over ``(w + 1).sum()``, which needs no values: ``w.grad``."""
    found = []
    formulas: list[Callable[[Any], Any]] = [lambda w: w * w, lambda w: w + 1]
    for formula in formulas:
        w = _weight(torch, rng)
        loss = formula(w).sum()
        loss.backward()
        found.append((attempt(loss.backward), w.grad))
    return found


@case
def retain_graph_allows_a_second_one(torch: Any, rng: Rng) -> Any:
    """``loss.backward(retain_graph=True)``, then ``loss.backward()``: ``w.grad``."""
    w = _weight(torch, rng)
    loss = (w * w).sum()
    loss.backward(retain_graph=True)
    loss.backward()
    return w.grad


@case
def backward_needs_a_scalar(torch: Any, rng: Rng) -> Any:
    """``(w * 2).backward()`` for a ``w`` of three numbers."""
    return attempt((_weight(torch, rng) * 2).backward)


@case
def a_gradient_may_be_handed_in(torch: Any, rng: Rng) -> Any:
    """``(w * w).backward(g)`` with a ``g`` of the same shape, and with one of another."""
    w = _weight(torch, rng)
    (w * w).backward(floats(torch, rng, 3))
    return w.grad, attempt(lambda: (w * w).backward(floats(torch, rng, 2)))


@case
def nothing_requires_a_gradient(torch: Any, rng: Rng) -> Any:
    """``x.sum().backward()`` for an ``x`` that asks for no gradient; and of a loss made under ``no_grad``."""
    w = _weight(torch, rng)
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
    w = _weight(torch, rng)
    return attempt(w.numpy), w.detach().numpy().tolist()


@case
def requires_grad_of_a_non_leaf_stays(torch: Any, rng: Rng) -> Any:
    """``y = w * 2``: ``y.requires_grad = True``, ``y.requires_grad = False`` and ``y.requires_grad_(True)``."""
    y = _weight(torch, rng) * 2
    return (
        attempt(lambda: setattr(y, "requires_grad", True)),
        attempt(lambda: setattr(y, "requires_grad", False)),
        attempt(lambda: y.requires_grad_(True) is y),
    )


# ------------------------------------------------------------------ writing in place


@case
def a_leaf_is_not_written_to(torch: Any, rng: Rng) -> Any:
    """``w.add_(1)``, ``w.zero_()``, ``w[0] = 1`` and ``w[0].add_(1)`` for a leaf ``w`` that asks for a gradient."""
    w = _weight(torch, rng, 2, 2)
    return (
        attempt(lambda: w.add_(1)),
        attempt(w.zero_),
        attempt(lambda: w.__setitem__(0, 1.0))["raises"],
        attempt(lambda: w[0].add_(1)),
    )


@case
def a_leaf_is_written_to_under_no_grad(torch: Any, rng: Rng) -> Any:
    """``w -= 0.1 * w.grad`` under ``no_grad``: the values, ``is_leaf`` and ``requires_grad``."""
    w = _weight(torch, rng)
    (w * w).sum().backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
    return w.tolist(), w.is_leaf, w.requires_grad


@case
def a_step_out_of_place_makes_another_tensor(torch: Any, rng: Rng) -> Any:
    """``v = w - 0.1 * w.grad``, without ``no_grad``: ``is_leaf``, and ``v.grad`` after another ``backward()``."""
    w = _weight(torch, rng)
    (w * w).sum().backward()
    v = w - 0.1 * w.grad
    (v * v).sum().backward()
    return v.is_leaf, _grad_of(v)


@case
def a_non_leaf_is_written_to(torch: Any, rng: Rng) -> Any:
    """``y = w * 2; y += 1; y *= w; y[0] = 0``, and ``x[0] = w.sum(); x += w``: the values and the gradients."""
    w, v, x = _weight(torch, rng), _weight(torch, rng), floats(torch, rng, 3)
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
        w, x = _weight(torch, rng), floats(torch, rng, 3)
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
        w = _weight(torch, rng)
        y = formula(w)
        y += 1
        found.append(attempt(y.sum().backward))
    return found


@case
def an_alias_counts_as_a_change(torch: Any, rng: Rng) -> Any:
    """``loss = (w * w).sum()``, then a write under ``no_grad``, by ``w.detach()``, by ``w.data``: ``backward()``."""
    found = []
    for way in ("no_grad", "detach", "data"):
        w = _weight(torch, rng)
        loss = (w * w).sum()
        with torch.no_grad():
            {"no_grad": w, "detach": w.detach(), "data": w.data}[way][0] = 7
        found.append((attempt(loss.backward), w.grad))
    return found


# ------------------------------------------------------------------ hooks


@case
def a_hook_sees_the_gradient(torch: Any, rng: Rng) -> Any:
    """``register_hook(…)`` on a non-leaf, on a leaf, and on a tensor that asks for none: what they were handed."""
    w, seen = _weight(torch, rng), []
    h = w * 2
    for tensor in (h, w):
        tensor.register_hook(lambda grad: seen.append(grad.tolist()))
    (h * h).sum().backward()
    return seen, attempt(lambda: floats(torch, rng, 3).register_hook(lambda grad: None))


@case
def a_hook_may_replace_the_gradient(torch: Any, rng: Rng) -> Any:
    """``w.register_hook(lambda g: g * 10)`` and ``backward()``; once more after ``handle.remove()``: ``w.grad``."""
    w = _weight(torch, rng)
    handle = w.register_hook(lambda grad: grad * 10)
    (w * 2).sum().backward()
    first = w.grad.tolist()
    handle.remove()
    (w * 2).sum().backward()
    return first, w.grad


@case
def retain_grad_keeps_what_the_hooks_made(torch: Any, rng: Rng) -> Any:
    """``h.retain_grad()``, then ``h.register_hook(lambda g: g * 10)``: ``h.grad`` and ``w.grad``."""
    w = _weight(torch, rng)
    h = w * 2
    h.retain_grad()
    h.register_hook(lambda grad: grad * 10)
    (h * 3).sum().backward()
    return _grad_of(h), w.grad
