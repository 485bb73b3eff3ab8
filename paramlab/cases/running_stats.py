"""State that moves with every forward: BatchNorm's running statistics, and what the graph has to do with it."""

from __future__ import annotations

import copy
from functools import partial
from typing import Any

import numpy as np

from .case import attempt, case, floats

Rng = np.random.Generator


def _statistics(norm: Any) -> list[Any]:
    return [norm.running_mean.tolist(), norm.running_var.tolist(), norm.num_batches_tracked.item()]


@case
def the_state_of_a_batch_norm(torch: Any, rng: Rng) -> Any:
    """``nn.BatchNorm1d(2)``: its parameters, its buffers, and what the buffers hold."""
    norm = torch.nn.BatchNorm1d(2)
    return (
        [name for name, _ in norm.named_parameters()],
        [name for name, _ in norm.named_buffers()],
        _statistics(norm),
        repr(norm),
    )


@case
def training_moves_the_statistics(torch: Any, rng: Rng) -> Any:
    """``nn.BatchNorm1d(3)`` in training, on two batches: what comes out, and the statistics."""
    norm = torch.nn.BatchNorm1d(3)
    outputs = [norm(floats(torch, rng, 4, 3)).detach() for _ in range(2)]
    return outputs, _statistics(norm)


@case
def eval_uses_the_statistics(torch: Any, rng: Rng) -> Any:
    """``nn.BatchNorm1d(3)`` after ``eval()``: what comes out, and whether the statistics moved."""
    norm = torch.nn.BatchNorm1d(3)
    norm(floats(torch, rng, 4, 3))
    norm.eval()
    return norm(floats(torch, rng, 2, 3)).detach(), norm(floats(torch, rng, 1, 3)).detach(), _statistics(norm)


@case
def statistics_of_sequences(torch: Any, rng: Rng) -> Any:
    """``nn.BatchNorm1d(2)`` on a batch of the shape (3, 2, 4): what comes out, and the statistics."""
    norm = torch.nn.BatchNorm1d(2)
    return norm(floats(torch, rng, 3, 2, 4)).detach(), _statistics(norm)


@case
def gradients_through_a_batch_norm(torch: Any, rng: Rng) -> Any:
    """``norm(x).backward(g)`` in training and after ``eval()``: the gradients of ``x``, weight and bias."""
    found = []
    for training in (True, False):
        norm, x = torch.nn.BatchNorm1d(2).train(training), floats(torch, rng, 4, 2).requires_grad_()
        norm(x).backward(floats(torch, rng, 4, 2))
        found.append((x.grad, norm.weight.grad, norm.bias.grad))
    return found


@case
def no_grad_does_not_stop_the_statistics(torch: Any, rng: Rng) -> Any:
    """``norm(x)`` under ``torch.no_grad()``, in training: the statistics."""
    norm = torch.nn.BatchNorm1d(2)
    with torch.no_grad():
        norm(floats(torch, rng, 4, 2))
    return _statistics(norm)


@case
def freezing_does_not_stop_the_statistics(torch: Any, rng: Rng) -> Any:
    """``norm.requires_grad_(False)``, then ``norm(x)`` in training: the statistics."""
    norm = torch.nn.BatchNorm1d(2).requires_grad_(False)
    norm(floats(torch, rng, 4, 2))
    return _statistics(norm)


@case
def train_undoes_eval(torch: Any, rng: Rng) -> Any:
    """``norm.eval()``, then ``model.train()``, then ``model(x)``: ``norm.training``, and the statistics."""
    norm = torch.nn.BatchNorm1d(2)
    model = torch.nn.Sequential(norm, torch.nn.ReLU())
    norm.eval()
    frozen = model.training, norm.training
    model.train()
    model(floats(torch, rng, 4, 2))
    return frozen, norm.training, _statistics(norm)


@case
def train_takes_a_bool(torch: Any, rng: Rng) -> Any:
    """``norm.train("x")``, and ``norm.train(False)``: ``training``."""
    norm = torch.nn.BatchNorm1d(2)
    return attempt(partial(norm.train, "x")), norm.train(False).training


@case
def without_momentum_every_batch_counts_alike(torch: Any, rng: Rng) -> Any:
    """``nn.BatchNorm1d(2, momentum=None)`` on three batches: the statistics."""
    norm = torch.nn.BatchNorm1d(2, momentum=None)
    for _ in range(3):
        norm(floats(torch, rng, 4, 2))
    return _statistics(norm)


@case
def without_statistics_the_batch_counts(torch: Any, rng: Rng) -> Any:
    """``nn.BatchNorm1d(2, track_running_stats=False)``: listed, saved; its output in training and after ``eval()``."""
    norm, x = torch.nn.BatchNorm1d(2, track_running_stats=False), floats(torch, rng, 4, 2)
    trained = norm(x).detach()
    return (
        [name for name, _ in norm.named_buffers()],
        list(norm.state_dict()),
        norm.running_mean is None,
        trained,
        norm.eval()(x).detach(),
    )


@case
def one_value_has_no_variance(torch: Any, rng: Rng) -> Any:
    """``nn.BatchNorm1d(2)`` on a batch of one row, in training; what was counted; then after ``eval()``."""
    norm, x = torch.nn.BatchNorm1d(2), floats(torch, rng, 1, 2)
    return attempt(lambda: norm(x)), norm.num_batches_tracked.item(), norm.eval()(x).detach()


@case
def the_wrong_number_of_dimensions(torch: Any, rng: Rng) -> Any:
    """``nn.BatchNorm1d(2)`` on a vector."""
    return attempt(lambda: torch.nn.BatchNorm1d(2)(floats(torch, rng, 2)))


# ------------------------------------------------------------------ how far a batch moves them


def _moved(torch: Any, rng: Rng, momentum: Any, batches: int = 1) -> Any:
    """Return the statistics of a BatchNorm1d of two features after some batches of four."""
    norm = torch.nn.BatchNorm1d(2, momentum=momentum)
    for _ in range(batches):
        norm(floats(torch, rng, 4, 2))
    return _statistics(norm)


@case
def a_batch_moves_the_statistics(torch: Any, rng: Rng) -> Any:
    """``nn.BatchNorm1d(2)`` on one batch in training: the running mean and variance."""
    return _moved(torch, rng, 0.1)[:2]


@case
def several_batches_move_the_statistics(torch: Any, rng: Rng) -> Any:
    """``nn.BatchNorm1d(2)`` on three batches in training: the running mean and variance."""
    return _moved(torch, rng, 0.1, batches=3)[:2]


@case
def momentum_says_how_far(torch: Any, rng: Rng) -> Any:
    """``momentum=0.25`` on one batch: the running mean and variance."""
    return _moved(torch, rng, 0.25)[:2]


@case
def momentum_one_takes_the_batch(torch: Any, rng: Rng) -> Any:
    """``momentum=1.0`` on two batches: the running mean and variance."""
    return _moved(torch, rng, 1.0, batches=2)[:2]


@case
def momentum_zero_keeps_them(torch: Any, rng: Rng) -> Any:
    """``momentum=0.0`` on two batches: the running mean and variance."""
    return _moved(torch, rng, 0.0, batches=2)[:2]


@case
def the_statistics_are_written_in_place(torch: Any, rng: Rng) -> Any:
    """A ``state_dict()`` from before a batch sees the new mean; ``norm.running_mean`` is the same object."""
    norm = torch.nn.BatchNorm1d(2)
    saved, before = norm.state_dict(), norm.running_mean
    norm(floats(torch, rng, 4, 2))
    return saved["running_mean"], norm.running_mean is before


@case
def tensors_of_ones_own_are_moved(torch: Any, rng: Rng) -> Any:
    """``F.batch_norm(x, mean, var, training=True, momentum=0.5)``: what ``mean`` and ``var`` hold then."""
    mean, var = floats(torch, rng, 2), floats(torch, rng, 2).abs()
    torch.nn.functional.batch_norm(floats(torch, rng, 4, 2), mean, var, training=True, momentum=0.5)
    return mean, var


@case
def the_statistics_keep_their_dtype(torch: Any, rng: Rng) -> Any:
    """``nn.BatchNorm1d(2).double()`` on one batch: the dtypes of the statistics, and what they hold."""
    norm = torch.nn.BatchNorm1d(2).double()
    norm(floats(torch, rng, 4, 2).double())
    return norm.running_mean, norm.running_var, norm.running_mean.requires_grad


@case
def images_move_the_statistics(torch: Any, rng: Rng) -> Any:
    """``nn.BatchNorm2d(2)`` on a batch of the shape (3, 2, 2, 2): the running mean and variance."""
    norm = torch.nn.BatchNorm2d(2)
    norm(floats(torch, rng, 3, 2, 2, 2))
    return _statistics(norm)[:2]


# ------------------------------------------------------------------ frozen is not eval


def _move_and_learn(torch: Any, rng: Rng, prepare: Any) -> tuple[bool, bool]:
    """Return whether a batch moves the statistics of a norm, and whether a gradient reaches its weight."""
    norm = torch.nn.BatchNorm1d(2)
    model = torch.nn.Sequential(norm, torch.nn.Linear(2, 1))
    prepare(norm, model)
    before = norm.running_mean.clone()
    loss = model(floats(torch, rng, 4, 2)).sum()
    if loss.requires_grad:
        loss.backward()
    return bool((norm.running_mean != before).any()), norm.weight.grad is not None


@case
def frozen_is_not_eval(torch: Any, rng: Rng) -> Any:
    """A BatchNorm1d frozen, under ``no_grad``, after ``eval()``, after ``eval()`` and ``train()``."""

    def eval_then_train(norm: Any, model: Any) -> None:
        norm.eval()
        model.train()

    found = {
        "frozen": _move_and_learn(torch, rng, lambda norm, _: norm.requires_grad_(False)),
        "eval": _move_and_learn(torch, rng, lambda norm, _: norm.eval()),
        "eval, then train": _move_and_learn(torch, rng, eval_then_train),
    }
    with torch.no_grad():
        found["no_grad"] = _move_and_learn(torch, rng, lambda *_: None)
    return found


@case
def the_answer_in_training_depends_on_the_batch(torch: Any, rng: Rng) -> Any:
    """One row among others, and among their doubles: is its answer the same, in training and after ``eval()``?"""
    norm, x = torch.nn.BatchNorm1d(2), floats(torch, rng, 4, 2)
    others = torch.cat([x[:1], 2 * x[1:]])
    found = []
    for training in (True, False):
        norm.train(training)
        found.append(bool((norm(x)[0] == norm(others)[0]).all()))
    return found


# ------------------------------------------------------------------ state and the graph


@case
def a_buffer_of_the_graph_keeps_it(torch: Any, rng: Rng) -> Any:
    """``self.mean = 0.9 * self.mean + 0.1 * y``, a ``y`` computed of a weight: the second ``backward()``."""
    layer = torch.nn.Module()
    layer.register_buffer("mean", floats(torch, rng, 2))
    weight, found = torch.nn.Parameter(floats(torch, rng, 2)), []
    for _ in range(2):
        layer.mean = 0.9 * layer.mean + 0.1 * (weight * weight)
        found.append((layer.mean.requires_grad, attempt(layer.mean.sum().backward)))
    return found, list(layer._buffers)


@case
def a_detached_buffer_lets_go(torch: Any, rng: Rng) -> Any:
    """``self.mean = 0.9 * self.mean + 0.1 * y.detach()``: ``requires_grad``, and the second ``backward()``."""
    layer = torch.nn.Module()
    layer.register_buffer("mean", floats(torch, rng, 2))
    weight = torch.nn.Parameter(floats(torch, rng, 2))
    for _ in range(2):
        y = weight * weight
        layer.mean = 0.9 * layer.mean + 0.1 * y.detach()
        (y * layer.mean).sum().backward()
    return layer.mean.requires_grad, layer.mean, weight.grad


@case
def a_hidden_state_kept_as_an_attribute(torch: Any, rng: Rng) -> Any:
    """``self.hidden = torch.tanh(x + self.hidden * w)`` in every call: ``deepcopy``, and the second ``backward()``."""
    cell, found = torch.nn.Module(), []
    cell.weight = torch.nn.Parameter(floats(torch, rng, 2))
    cell.hidden = floats(torch, rng, 2)
    for _ in range(2):
        cell.hidden = torch.tanh(floats(torch, rng, 2) + cell.hidden * cell.weight)
        found.append(attempt(cell.hidden.sum().backward))
    return found, attempt(lambda: copy.deepcopy(cell) is None)


@case
def an_own_batch_norm_and_its_graph(torch: Any, rng: Rng) -> Any:
    """``self.mean.mul_(0.9).add_(0.1 * y)``, ``y`` of a weight, ``detach()``ed or not: ``backward``, ``deepcopy``."""
    found = []
    for detached in (False, True):
        norm, weight, answers = torch.nn.Module(), torch.nn.Parameter(floats(torch, rng, 2)), []
        norm.register_buffer("mean", torch.zeros(2))
        for _ in range(2):
            y = weight * weight
            norm.mean.mul_(0.9).add_(0.1 * (y.detach() if detached else y))
            answers.append(attempt((y * 2).sum().backward))
        found.append((answers, norm.mean.requires_grad, attempt(partial(_can_be_copied, norm))))
    return found


def _can_be_copied(module: Any) -> bool:
    return copy.deepcopy(module) is not module
