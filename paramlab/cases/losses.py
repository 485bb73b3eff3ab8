"""Losses: their values, gradients and options, and what they refuse."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from .case import attempt, case, floats

Rng = np.random.Generator


def _each_way(torch: Any, loss: Callable[..., Any], input: Any, *rest: Any, **options: Any) -> dict[str, Any]:
    """Return the loss and the gradient of its input for each reduction."""
    found = {}
    for reduction in ("mean", "sum", "none"):
        x = input.clone().requires_grad_()
        value = loss(x, *rest, reduction=reduction, **options)
        value.sum().backward()
        found[reduction] = [value.detach(), x.grad]
    return found


def _classes(torch: Any, rng: Rng, count: int, *shape: int) -> Any:
    return torch.tensor(rng.integers(0, count, shape))


def _shares(torch: Any, rng: Rng, *shape: int) -> Any:
    """Return numbers between 0 and 1."""
    return torch.tensor(rng.uniform(0.05, 0.95, shape).round(2).astype(np.float32))


@case
def cross_entropy_of_classes(torch: Any, rng: Rng) -> Any:
    """``F.cross_entropy`` of scores ``(3, 4)`` and classes: each reduction, with ``weight`` and ``ignore_index``."""
    scores, classes = floats(torch, rng, 3, 4), _classes(torch, rng, 4, 3)
    loss, weight = torch.nn.functional.cross_entropy, _shares(torch, rng, 4)
    options: tuple[dict[str, Any], ...] = (
        {},
        {"weight": weight},
        {"ignore_index": int(classes[0])},
        {"weight": weight, "ignore_index": 1},
    )
    return [_each_way(torch, loss, scores, classes, **option) for option in options]


@case
def cross_entropy_of_probabilities(torch: Any, rng: Rng) -> Any:
    """``F.cross_entropy`` with targets that are probabilities, and with ``label_smoothing`` of both kinds."""
    scores, classes = floats(torch, rng, 3, 4), _classes(torch, rng, 4, 3)
    shares, weight = _shares(torch, rng, 3, 4).softmax(1), _shares(torch, rng, 4)
    loss = torch.nn.functional.cross_entropy
    return [
        _each_way(torch, loss, scores, shares),
        _each_way(torch, loss, scores, shares, weight=weight, label_smoothing=0.2),
        _each_way(torch, loss, scores, classes, label_smoothing=0.1),
        _each_way(torch, loss, scores, classes, weight=weight, label_smoothing=0.1),
    ]


@case
def cross_entropy_of_pictures(torch: Any, rng: Rng) -> Any:
    """``F.cross_entropy`` and ``F.nll_loss`` of ``(2, 3, 2, 2)`` and ``(2, 2, 2)``, and of one example ``(3,)``."""
    f = torch.nn.functional
    scores, classes = floats(torch, rng, 2, 3, 2, 2), _classes(torch, rng, 3, 2, 2, 2)
    one = _each_way(torch, f.cross_entropy, floats(torch, rng, 3), _classes(torch, rng, 3))
    return [_each_way(torch, loss, scores, classes) for loss in (f.cross_entropy, f.nll_loss)], one


@case
def targets_that_are_refused(torch: Any, rng: Rng) -> Any:
    """A class that is none, another batch size, floats as classes, integers as probabilities, a wrong ``weight``."""
    loss, scores = torch.nn.functional.cross_entropy, floats(torch, rng, 2, 3)
    targets = [torch.tensor(t) for t in ([0, 5], [0, -1], [0], [[0, 1]], [0.0, 1.0], [[1, 0, 0], [0, 1, 0]])]
    weight = floats(torch, rng, 2)
    refused = [attempt(partial(loss, scores, t)) for t in targets]
    return refused, attempt(lambda: loss(scores, torch.tensor([0, 1]), weight=weight))


@case
def distances_of_numbers(torch: Any, rng: Rng) -> Any:
    """MSE, L1, smooth L1 and Huber losses, with ``beta`` and ``delta``: each reduction."""
    f, x, y = torch.nn.functional, floats(torch, rng, 2, 3), floats(torch, rng, 2, 3)
    found = [_each_way(torch, loss, x, y) for loss in (f.mse_loss, f.l1_loss, f.smooth_l1_loss, f.huber_loss)]
    return found, _each_way(torch, f.smooth_l1_loss, x, y, beta=0.5), _each_way(torch, f.huber_loss, x, y, delta=0.5)


@case
def shapes_that_broadcast_are_warned_of(torch: Any, rng: Rng) -> Any:
    """``F.mse_loss`` of ``(3, 1)`` and ``(3,)``: the loss, and the warning."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        loss = torch.nn.functional.mse_loss(floats(torch, rng, 3, 1), floats(torch, rng, 3))
    return loss, [w.category.__name__ for w in caught]


@case
def binary_cross_entropy(torch: Any, rng: Rng) -> Any:
    """Of probabilities and of scores, with ``weight`` and ``pos_weight``; at 0 and 1; outside of them refused."""
    f, p, y, w = torch.nn.functional, _shares(torch, rng, 2, 3), _shares(torch, rng, 2, 3), _shares(torch, rng, 3)
    scores = floats(torch, rng, 2, 3) * 10
    certain = f.binary_cross_entropy(torch.tensor([0.0, 1.0, 0.0]), torch.tensor([0.0, 1.0, 1.0]), reduction="none")
    return [
        _each_way(torch, f.binary_cross_entropy, p, y),
        _each_way(torch, f.binary_cross_entropy, p, y, weight=w),
        _each_way(torch, f.binary_cross_entropy_with_logits, scores, y),
        _each_way(torch, f.binary_cross_entropy_with_logits, scores, y, weight=w, pos_weight=w),
        certain,
        attempt(lambda: f.binary_cross_entropy(p + 1, y)),
        attempt(lambda: f.binary_cross_entropy(p, y[0])),
    ]


@case
def divergences(torch: Any, rng: Rng) -> Any:
    """``nn.KLDivLoss`` with ``"batchmean"`` and ``log_target``, and ``nn.GaussianNLLLoss``: losses and gradients."""
    nn, found = torch.nn, []
    target = _shares(torch, rng, 2, 3).softmax(1)
    made = (
        (nn.KLDivLoss(reduction="batchmean"), (target,)),
        (nn.KLDivLoss(reduction="sum", log_target=True), (target,)),
    )
    for loss, rest in (*made, (nn.GaussianNLLLoss(full=True), (target, _shares(torch, rng, 2, 3)))):
        x = floats(torch, rng, 2, 3).requires_grad_()
        value = loss(x, *rest)
        value.backward()
        found.append([value.detach(), x.grad])
    return found


@case
def losses_with_a_margin(torch: Any, rng: Rng) -> Any:
    """Hinge, ranking, cosine, triplet and multi-class margin losses: each reduction."""
    f, x, y, z = torch.nn.functional, *(floats(torch, rng, 3, 4) for _ in range(3))
    sign = torch.tensor([1.0, -1.0, 1.0])
    return [
        _each_way(torch, f.hinge_embedding_loss, x[:, 0], sign),
        _each_way(torch, f.margin_ranking_loss, x[:, 0], y[:, 0], sign, margin=0.5),
        _each_way(torch, f.cosine_embedding_loss, x, y, sign, margin=0.1),
        _each_way(torch, f.triplet_margin_loss, x, y, z, swap=True),
        _each_way(torch, f.multi_margin_loss, x, _classes(torch, rng, 4, 3)),
    ]


@case
def a_weight_is_a_buffer(torch: Any, rng: Rng) -> Any:
    """The ``state_dict()`` of losses with weights, their parameters, and what they print."""
    nn, w = torch.nn, floats(torch, rng, 3)
    losses = [nn.CrossEntropyLoss(w), nn.BCEWithLogitsLoss(pos_weight=w), nn.NLLLoss(), nn.MSELoss()]
    return [[dict(m.state_dict()), len(list(m.parameters())), repr(m), m.reduction] for m in losses]


@case
def the_deprecated_way_to_reduce(torch: Any, rng: Rng) -> Any:
    """``size_average=False`` and ``reduce=False``: which ``reduction`` they mean, and the warning; a wrong one."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        meant = [torch.nn.L1Loss(size_average=False).reduction, torch.nn.L1Loss(reduce=False).reduction]
    x = floats(torch, rng, 2)
    return meant, len(caught), attempt(lambda: torch.nn.functional.mse_loss(x, x, reduction="average"))


@case
def how_alike_two_vectors_are(torch: Any, rng: Rng) -> Any:
    """``F.cosine_similarity`` and ``F.pairwise_distance``: values and gradients."""
    found = []
    for function in (torch.nn.functional.cosine_similarity, torch.nn.functional.pairwise_distance):
        x, y = floats(torch, rng, 2, 3).requires_grad_(), floats(torch, rng, 2, 3)
        value = function(x, y)
        value.backward(floats(torch, rng, 2))
        found.append([value.detach(), x.grad])
    return found
