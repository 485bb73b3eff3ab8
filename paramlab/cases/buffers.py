"""State that is saved and moved with a module, and that nobody learns."""

from __future__ import annotations

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
def a_buffer_keeps_what_it_asks_for(torch: Any, rng: Rng) -> Any:
    """``register_buffer("mean", t)``, ``t`` asking for a gradient: the same object, and does it ask still?"""
    layer, t = torch.nn.Module(), floats(torch, rng, 2).requires_grad_()
    layer.register_buffer("mean", t)
    return layer.mean is t, t.requires_grad, len(list(layer.parameters()))


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


# ------------------------------------------------------------------ saving and loading


@case
def who_keeps_what(torch: Any, rng: Rng) -> Any:
    """A plain tensor, a Parameter, a Buffer and one that is not persistent: in ``buffers()``, saved, moved?"""
    t, layer = floats(torch, rng, 2), torch.nn.Module()
    layer.plain, layer.weight = t.clone(), torch.nn.Parameter(t.clone())
    layer.mean, layer.mask = torch.nn.Buffer(t.clone()), torch.nn.Buffer(t.clone(), persistent=False)
    listed, saved = _names(layer), _saved(layer)
    layer.to(torch.float64)
    names = ("plain", "weight", "mean", "mask")
    return {name: (name in listed, name in saved, getattr(layer, name).dtype == torch.float64) for name in names}


@case
def a_checkpoint_from_before_the_buffer(torch: Any, rng: Rng) -> Any:
    """A buffer, persistent and not, that a checkpoint lacks: ``load_state_dict``, and with ``strict=False``."""
    found = []
    for persistent in (True, False):
        layer = _with_buffer(torch, rng, persistent)
        keys = layer.load_state_dict({}, strict=False)
        found.append((attempt(partial(layer.load_state_dict, {})), keys.missing_keys))
    return found


@case
def a_checkpoint_from_when_it_was_persistent(torch: Any, rng: Rng) -> Any:
    """``load_state_dict`` of a value for a non-persistent buffer: the error, and whether it is taken over."""
    layer, saved = _with_buffer(torch, rng, persistent=False), {"mean": floats(torch, rng, 2)}
    before = layer.mean.clone()
    refused = attempt(lambda: layer.load_state_dict(saved))
    return refused, layer.load_state_dict(saved, strict=False).unexpected_keys, bool((layer.mean == before).all())


@case
def a_plain_tensor_is_not_loaded(torch: Any, rng: Rng) -> Any:
    """A plain tensor and a buffer, loaded from another layer of the kind: which of them took the values over?"""
    layer, other = _with_buffer(torch, rng), _with_buffer(torch, rng)
    layer.plain, other.plain = floats(torch, rng, 2), floats(torch, rng, 2)
    layer.load_state_dict(other.state_dict())
    return {name: bool((getattr(layer, name) == getattr(other, name)).all()) for name in ("mean", "plain")}


# ------------------------------------------------------------------ named_buffers


def _tree(torch: Any, rng: Rng) -> Any:
    """Return a model with the buffers ``mean``, ``body.1.running_mean`` and so on, and with Parameters."""
    model = _with_buffer(torch, rng)
    model.body = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3))
    return model


@case
def every_buffer_of_the_tree_is_named(torch: Any, rng: Rng) -> Any:
    """``named_buffers()`` of a model with a BatchNorm1d: the names and the shapes."""
    return [(name, list(buffer.shape)) for name, buffer in _tree(torch, rng).named_buffers()]


@case
def its_own_buffers_only_without_recurse(torch: Any, rng: Rng) -> Any:
    """``named_buffers(recurse=False)`` of a model with a BatchNorm1d: the names."""
    return [name for name, _ in _tree(torch, rng).named_buffers(recurse=False)]


@case
def a_prefix_goes_before_every_buffer(torch: Any, rng: Rng) -> Any:
    """``named_buffers(prefix="net")``, with ``recurse`` and without: the names."""
    return [
        [name for name, _ in _tree(torch, rng).named_buffers(prefix="net", recurse=recurse)]
        for recurse in (True, False)
    ]


@case
def an_empty_place_is_no_buffer(torch: Any, rng: Rng) -> Any:
    """``named_buffers()`` of ``nn.BatchNorm1d(2, track_running_stats=False)``, whose buffers are None."""
    return _names(torch.nn.BatchNorm1d(2, track_running_stats=False))


@case
def non_persistent_buffers_are_listed(torch: Any, rng: Rng) -> Any:
    """``named_buffers()`` of a layer with a persistent buffer ``mean`` and a non-persistent ``mask``."""
    layer = _with_buffer(torch, rng)
    layer.register_buffer("mask", floats(torch, rng, 2), persistent=False)
    return _names(layer)


@case
def what_is_not_registered_is_no_buffer(torch: Any, rng: Rng) -> Any:
    """A plain tensor, an ``nn.Buffer`` in a list and one in a dict: ``named_buffers()``."""
    layer = torch.nn.Module()
    layer.plain, layer.listed = floats(torch, rng, 2), [torch.nn.Buffer(floats(torch, rng, 2))]
    layer.kept = {"mean": torch.nn.Buffer(floats(torch, rng, 2))}
    return _names(layer)


@case
def named_buffers_is_lazy(torch: Any, rng: Rng) -> Any:
    """``named_buffers()`` twice over: it is an iterator that runs once."""
    listed = torch.nn.BatchNorm1d(2).named_buffers()
    return len(list(listed)), len(list(listed))


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
