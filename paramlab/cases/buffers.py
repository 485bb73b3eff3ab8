"""State that is saved and moved with a module, and that nobody learns."""

from __future__ import annotations

import copy
from functools import partial
from typing import Any

import numpy as np

from .case import attempt, case, floats

Rng = np.random.Generator


def _with_buffer(torch: Any, rng: Rng, persistent: bool = True) -> Any:
    """Return a module with one buffer, ``mean``."""
    layer = torch.nn.Module()
    layer.register_buffer("mean", floats(torch, rng, 2), persistent=persistent)
    return layer


def _saved(layer: Any) -> list[str]:
    return list(layer.state_dict())


def _names(layer: Any) -> list[str]:
    return [name for name, _ in layer.named_buffers()]


# ------------------------------------------------------------------ register_buffer


@case
def a_buffer_is_registered(torch: Any, rng: Rng) -> Any:
    """``layer.register_buffer("mean", t)``: what ``_buffers`` and ``__dict__`` hold, whether ``layer.mean is t``."""
    layer, t = torch.nn.Module(), floats(torch, rng, 2)
    layer.register_buffer("mean", t)
    return list(layer._buffers), "mean" in vars(layer), layer.mean is t


@case
def a_buffer_is_saved_and_not_learned(torch: Any, rng: Rng) -> Any:
    """A buffer ``mean``: listed by ``parameters()``, by ``buffers()``, by ``state_dict()``; ``requires_grad``."""
    layer = _with_buffer(torch, rng)
    return len(list(layer.parameters())), len(list(layer.buffers())), _saved(layer), layer.mean.requires_grad


@case
def a_parameter_in_its_place_leaves_no_trace_of_a_buffer(torch: Any, rng: Rng) -> Any:
    """A buffer ``mean`` with ``persistent=False``, then ``self.mean = nn.Parameter(t)``: saved, noted?"""
    layer = torch.nn.Module()
    layer.register_buffer("mean", floats(torch, rng, 2), persistent=False)
    layer.mean = torch.nn.Parameter(floats(torch, rng, 2))
    return list(layer.state_dict()), sorted(layer._non_persistent_buffers_set)


@case
def a_non_persistent_buffer_is_not_saved(torch: Any, rng: Rng) -> Any:
    """``register_buffer("mean", t, persistent=False)``: listed, saved, moved by ``.to(torch.float64)``?"""
    layer = _with_buffer(torch, rng, persistent=False)
    return _names(layer), _saved(layer), layer.to(torch.float64).mean.dtype


@case
def registering_again_replaces(torch: Any, rng: Rng) -> Any:
    """``register_buffer("mean", t)`` over a non-persistent buffer ``mean``: the values, and whether it is saved."""
    layer, t = _with_buffer(torch, rng, persistent=False), floats(torch, rng, 3)
    layer.register_buffer("mean", t)
    return layer.mean is t, _saved(layer)


@case
def none_keeps_a_place_for_a_buffer(torch: Any, rng: Rng) -> Any:
    """``register_buffer("mean", None)``: what ``_buffers`` holds, what is listed, what is saved."""
    layer = torch.nn.Module()
    layer.register_buffer("mean", None)
    return list(layer._buffers), layer.mean is None, _names(layer), _saved(layer)


@case
def a_tensor_may_fill_the_place(torch: Any, rng: Rng) -> Any:
    """``register_buffer("mean", None, persistent=False)``, then ``self.mean = t``: listed, saved?"""
    layer = torch.nn.Module()
    layer.register_buffer("mean", None, persistent=False)
    layer.mean = floats(torch, rng, 2)
    return _names(layer), _saved(layer)


@case
def a_value_that_is_no_tensor_is_refused(torch: Any, rng: Rng) -> Any:
    """``register_buffer("mean", 3.0)``; what ``_buffers`` holds after."""
    layer = torch.nn.Module()
    return attempt(lambda: layer.register_buffer("mean", 3.0)), list(layer._buffers)


@case
def names_of_buffers(torch: Any, rng: Rng) -> Any:
    """``register_buffer`` with the names ``""``, ``"a.b"`` and ``3``."""
    return [attempt(partial(torch.nn.Module().register_buffer, name, floats(torch, rng, 2))) for name in ("", "a.b", 3)]


@case
def a_name_that_is_taken_is_refused(torch: Any, rng: Rng) -> Any:
    """``register_buffer`` over a plain attribute, a Parameter, a child, and the method ``forward``."""
    layer = torch.nn.Module()
    layer.plain, layer.weight = 3, torch.nn.Parameter(floats(torch, rng, 2))
    layer.child = torch.nn.Identity()
    return [
        attempt(partial(layer.register_buffer, name, floats(torch, rng, 2)))
        for name in ("plain", "weight", "child", "forward")
    ]


@case
def a_buffer_before_init_is_refused(torch: Any, rng: Rng) -> Any:
    """``register_buffer`` on a module whose ``__init__`` never ran."""
    layer = torch.nn.Module.__new__(torch.nn.Module)
    return attempt(lambda: layer.register_buffer("mean", floats(torch, rng, 2)))


@case
def a_parameter_may_be_a_buffer(torch: Any, rng: Rng) -> Any:
    """``register_buffer("mean", nn.Parameter(t))``: what is listed as a parameter, and what as a buffer."""
    layer = torch.nn.Module()
    layer.register_buffer("mean", torch.nn.Parameter(floats(torch, rng, 2)))
    return list(layer._parameters), len(list(layer.parameters())), _names(layer), _saved(layer)


@case
def a_deleted_buffer_is_gone(torch: Any, rng: Rng) -> Any:
    """``del layer.mean`` of a non-persistent buffer, then ``register_buffer("mean", t)``: saved?"""
    layer = _with_buffer(torch, rng, persistent=False)
    del layer.mean
    gone = not hasattr(layer, "mean")
    layer.register_buffer("mean", floats(torch, rng, 2))
    return gone, _saved(layer)


# ------------------------------------------------------------------ nn.Buffer, and assignment


@case
def a_buffer_is_a_plain_tensor_by_type(torch: Any, rng: Rng) -> Any:
    """``b = nn.Buffer(t)``: ``type(b)``, ``isinstance(b, nn.Buffer)``, of ``b * 2`` too; ``requires_grad``."""
    b = torch.nn.Buffer(floats(torch, rng, 2))
    return [(type(t).__name__, isinstance(t, torch.nn.Buffer), t.requires_grad) for t in (b, b * 2)]


@case
def an_assigned_buffer_is_registered(torch: Any, rng: Rng) -> Any:
    """``self.mean = nn.Buffer(t)``, and one of ``persistent=False``: listed, saved?"""
    layer = torch.nn.Module()
    layer.mean = torch.nn.Buffer(floats(torch, rng, 2))
    layer.mask = torch.nn.Buffer(floats(torch, rng, 2), persistent=False)
    return _names(layer), _saved(layer)


@case
def what_is_computed_of_a_buffer_is_not_registered(torch: Any, rng: Rng) -> Any:
    """``self.double = nn.Buffer(t) * 2``: what ``_buffers`` and ``__dict__`` hold."""
    layer = torch.nn.Module()
    layer.double_mean = torch.nn.Buffer(floats(torch, rng, 2)) * 2
    return list(layer._buffers), "double_mean" in vars(layer)


@case
def a_buffer_shares_the_memory(torch: Any, rng: Rng) -> Any:
    """``t[0] = 7`` after ``b = nn.Buffer(t)``: what ``b`` holds then; whether ``t`` became a Buffer."""
    t = floats(torch, rng, 3)
    b = torch.nn.Buffer(t)
    t[0] = 7
    return b, isinstance(t, torch.nn.Buffer)


@case
def a_tensor_keeps_the_persistence(torch: Any, rng: Rng) -> Any:
    """``self.mean = t``, a plain tensor, over a buffer, persistent and not: saved?"""
    found = []
    for persistent in (True, False):
        layer = _with_buffer(torch, rng, persistent)
        layer.mean = floats(torch, rng, 3)
        found.append((_names(layer), _saved(layer)))
    return found


@case
def a_buffer_brings_its_own_persistence(torch: Any, rng: Rng) -> Any:
    """``self.mean = nn.Buffer(t, persistent=…)`` over a buffer of the other kind: saved?"""
    found = []
    for persistent in (True, False):
        layer = _with_buffer(torch, rng, not persistent)
        layer.mean = torch.nn.Buffer(floats(torch, rng, 3), persistent=persistent)
        found.append(_saved(layer))
    return found


@case
def what_may_stand_over_a_buffer(torch: Any, rng: Rng) -> Any:
    """``self.mean = 3.0`` over a buffer ``mean``, then ``self.mean = None``."""
    layer = _with_buffer(torch, rng)
    refused = attempt(lambda: setattr(layer, "mean", 3.0))
    layer.mean = None
    return refused, list(layer._buffers), _names(layer)


@case
def a_module_may_replace_a_buffer(torch: Any, rng: Rng) -> Any:
    """``self.mean = nn.Identity()`` over a buffer ``mean``: who holds ``mean``."""
    layer = _with_buffer(torch, rng)
    layer.mean = torch.nn.Identity()
    return list(layer._buffers), list(layer._modules)


@case
def where_a_buffer_is_refused(torch: Any, rng: Rng) -> Any:
    """``nn.Buffer(t)`` assigned over a plain attribute, over a Parameter, over a child."""
    layer = torch.nn.Module()
    layer.plain, layer.weight = 3, torch.nn.Parameter(floats(torch, rng, 2))
    layer.child = torch.nn.Identity()
    return [
        attempt(partial(setattr, layer, name, torch.nn.Buffer(floats(torch, rng, 2))))
        for name in ("plain", "weight", "child")
    ]


# ------------------------------------------------------------------ named_buffers


@case
def every_buffer_of_the_tree_is_named(torch: Any, rng: Rng) -> Any:
    """``named_buffers()`` of a model with a BatchNorm1d: the names; with ``recurse=False``, with a prefix."""
    model = _with_buffer(torch, rng)
    model.body = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3))
    return [
        [name for name, _ in model.named_buffers(**options)]
        for options in ({}, {"recurse": False}, {"prefix": "net"}, {"prefix": "net", "recurse": False})
    ]


@case
def a_shared_buffer_is_listed_once(torch: Any, rng: Rng) -> Any:
    """One tensor as the buffers ``a`` and ``b``: listed, listed with ``remove_duplicate=False``, saved?"""
    layer, t = torch.nn.Module(), floats(torch, rng, 2)
    layer.register_buffer("a", t)
    layer.register_buffer("b", t)
    return _names(layer), [name for name, _ in layer.named_buffers(remove_duplicate=False)], _saved(layer)


# ------------------------------------------------------------------ moving


def _three_kinds(torch: Any, rng: Rng) -> Any:
    """Return a module with a Parameter, a buffer, a buffer of integers and a plain tensor."""
    layer = _with_buffer(torch, rng)
    layer.weight = torch.nn.Parameter(floats(torch, rng, 2))
    layer.register_buffer("count", torch.tensor([1, 2]))
    layer.plain = floats(torch, rng, 2)
    return layer


@case
def a_moved_buffer_is_a_new_object(torch: Any, rng: Rng) -> Any:
    """``layer.to(torch.float64)``: which of Parameter, buffer and plain tensor are the same objects as before."""
    layer = _three_kinds(torch, rng)
    before = {name: getattr(layer, name) for name in ("weight", "mean", "count", "plain")}
    layer.to(torch.float64)
    return {name: (getattr(layer, name) is old, getattr(layer, name).dtype) for name, old in before.items()}


@case
def a_move_to_where_it_is_keeps_the_object(torch: Any, rng: Rng) -> Any:
    """``layer.to(torch.float32)`` for a buffer of float32: whether it is the same object."""
    layer = _with_buffer(torch, rng)
    before = layer.mean
    return layer.to(torch.float32).mean is before


@case
def a_moved_parameter_takes_its_gradient_along(torch: Any, rng: Rng) -> Any:
    """``layer.double()`` after ``backward()``: the type, dtype, gradient and ``is_leaf`` of the Parameter."""
    layer = _three_kinds(torch, rng)
    (layer.weight * layer.mean).sum().backward()
    layer.double()
    weight = layer.weight
    return type(weight).__name__, weight.dtype, weight.grad, weight.is_leaf, weight.requires_grad


@case
def integers_are_left_alone(torch: Any, rng: Rng) -> Any:
    """``.to(torch.float64)``, ``.double()``, ``.half()`` and ``.type(torch.float64)``: the dtypes of the buffers."""
    moves = (("to", torch.float64), ("double",), ("half",), ("float",), ("type", torch.float64))
    found = []
    for name, *args in moves:
        layer = _three_kinds(torch, rng)
        getattr(layer, name)(*args)
        found.append((name, layer.mean.dtype, layer.count.dtype, layer.weight.dtype, layer.plain.dtype))
    return found


@case
def an_integer_is_no_dtype_for_a_model(torch: Any, rng: Rng) -> Any:
    """``layer.to(torch.int64)``."""
    return attempt(lambda: _with_buffer(torch, rng).to(torch.int64))


@case
def a_moved_nn_buffer_is_still_a_buffer(torch: Any, rng: Rng) -> Any:
    """``self.mean = nn.Buffer(t, persistent=False)``, then ``.double()``: listed, saved, still an ``nn.Buffer``?"""
    layer = torch.nn.Module()
    layer.mean = torch.nn.Buffer(floats(torch, rng, 2), persistent=False)
    layer.double()
    return _names(layer), _saved(layer), isinstance(layer.mean, torch.nn.Buffer)


@case
def a_list_of_buffers_goes_stale(torch: Any, rng: Rng) -> Any:
    """``kept = [layer.mean]``, then ``layer.double()``: the dtype of ``kept[0]`` and of ``layer.mean``."""
    layer = _with_buffer(torch, rng)
    kept = [layer.mean]
    layer.double()
    return kept[0].dtype, layer.mean.dtype


# ------------------------------------------------------------------ BatchNorm1d, whose statistics are buffers


def _statistics(norm: Any) -> list[Any]:
    return [norm.running_mean.tolist(), norm.running_var.tolist(), norm.num_batches_tracked.item()]


@case
def the_state_of_a_batch_norm(torch: Any, rng: Rng) -> Any:
    """``nn.BatchNorm1d(2)``: its parameters, its buffers, and what the buffers hold."""
    norm = torch.nn.BatchNorm1d(2)
    return [name for name, _ in norm.named_parameters()], _names(norm), _statistics(norm), repr(norm)


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
    return _names(norm), _saved(norm), norm.running_mean is None, trained, norm.eval()(x).detach()


@case
def one_value_has_no_variance(torch: Any, rng: Rng) -> Any:
    """``nn.BatchNorm1d(2)`` on a batch of one row, in training; what was counted; then after ``eval()``."""
    norm, x = torch.nn.BatchNorm1d(2), floats(torch, rng, 1, 2)
    return attempt(lambda: norm(x)), norm.num_batches_tracked.item(), norm.eval()(x).detach()


@case
def the_wrong_number_of_dimensions(torch: Any, rng: Rng) -> Any:
    """``nn.BatchNorm1d(2)`` on a vector."""
    return attempt(lambda: torch.nn.BatchNorm1d(2)(floats(torch, rng, 2)))


@case
def a_buffer_of_the_graph_keeps_it(torch: Any, rng: Rng) -> Any:
    """``self.mean = 0.9 * self.mean + 0.1 * y``, a ``y`` computed of a weight: the second ``backward()``."""
    layer = _with_buffer(torch, rng)
    weight, found = torch.nn.Parameter(floats(torch, rng, 2)), []
    for _ in range(2):
        layer.mean = 0.9 * layer.mean + 0.1 * (weight * weight)
        found.append((layer.mean.requires_grad, attempt(layer.mean.sum().backward)))
    return found, _names(layer)


@case
def a_detached_buffer_lets_go(torch: Any, rng: Rng) -> Any:
    """``self.mean = 0.9 * self.mean + 0.1 * y.detach()``: ``requires_grad``, and the second ``backward()``."""
    layer = _with_buffer(torch, rng)
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
