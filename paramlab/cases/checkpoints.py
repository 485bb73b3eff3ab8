"""What survives a restart: what a model packs, what it takes over, and what is only the live model in disguise."""

from __future__ import annotations

import copy
import io
from typing import Any

import numpy as np

from .case import attempt, case, floats

Rng = np.random.Generator


def _line(torch: Any, rng: Rng) -> Any:
    """Return a Linear layer from three inputs to two outputs, with numbers from ``rng``."""
    layer = torch.nn.Linear(3, 2)
    layer.load_state_dict({"weight": floats(torch, rng, 2, 3), "bias": floats(torch, rng, 2)})
    return layer


def _step(torch: Any, rng: Rng, model: Any) -> None:
    """Take one step of training."""
    model(floats(torch, rng, 4, 3)).square().mean().backward()
    torch.optim.SGD(model.parameters(), lr=0.1).step()


# ------------------------------------------------------------------ predictions


@case
def what_is_packed(torch: Any, rng: Rng) -> Any:
    """A frozen Parameter, a buffer, a non-persistent one, a plain tensor, a weight's second name: in the dict?"""
    model = torch.nn.Module()
    model.frozen = torch.nn.Parameter(floats(torch, rng, 2), requires_grad=False)
    model.mean = torch.nn.Buffer(floats(torch, rng, 2))
    model.mask = torch.nn.Buffer(floats(torch, rng, 2), persistent=False)
    model.scale = floats(torch, rng, 2)
    model.encoder, model.decoder = _line(torch, rng), _line(torch, rng)
    model.decoder.weight = model.encoder.weight
    state = model.state_dict()
    return {key: key in state for key in ("frozen", "mean", "mask", "scale", "decoder.weight")}


@case
def what_follows_the_model(torch: Any, rng: Rng) -> Any:
    """Five ways to keep a model's weights, then a step of training: which of them have changed?"""
    model = _line(torch, rng)
    state, file = model.state_dict(), io.BytesIO()
    torch.save(state, file)
    ways = {
        "state": state,
        "dict(state)": dict(state),
        "clones": {key: value.clone() for key, value in state.items()},
        "deepcopy(state)": copy.deepcopy(state),
    }
    before = model.weight.tolist()
    _step(torch, rng, model)
    file.seek(0)
    ways["a saved file"] = torch.load(file)
    return {way: kept["weight"].tolist() != before for way, kept in ways.items()}


# ------------------------------------------------------------------ saving


@case
def its_own_tensors_are_packed(torch: Any, rng: Rng) -> Any:
    """A module with a Parameter ``weight`` and a buffer ``mean``: the keys and values of its ``state_dict()``."""
    model = torch.nn.Module()
    model.weight = torch.nn.Parameter(floats(torch, rng, 2))
    model.mean = torch.nn.Buffer(floats(torch, rng, 2))
    return {key: value.tolist() for key, value in model.state_dict().items()}


@case
def a_non_persistent_buffer_stays_at_home(torch: Any, rng: Rng) -> Any:
    """``nn.Buffer(t)`` and ``nn.Buffer(t, persistent=False)``: the keys."""
    model = torch.nn.Module()
    model.mean = torch.nn.Buffer(floats(torch, rng, 2))
    model.mask = torch.nn.Buffer(floats(torch, rng, 2), persistent=False)
    return list(model.state_dict())


@case
def an_empty_place_is_not_packed(torch: Any, rng: Rng) -> Any:
    """``nn.Linear(3, 2, bias=False)``, and a buffer that is None: the keys."""
    layer = torch.nn.Linear(3, 2, bias=False)
    layer.register_buffer("later", None)
    return list(layer.state_dict())


@case
def what_is_more_than_tensors_is_packed(torch: Any, rng: Rng) -> Any:
    """A class with ``get_extra_state``: the keys, alone and as a child."""

    class Counted(torch.nn.Linear):  # type: ignore[misc]
        def get_extra_state(self) -> Any:
            return {"count": 3}

    model = torch.nn.Sequential(Counted(2, 1))
    return list(model[0].state_dict()), list(model.state_dict()), model.state_dict()["0._extra_state"]


@case
def the_layers_of_layers_are_packed(torch: Any, rng: Rng) -> Any:
    """A model in a model, with a layer after it: the keys."""
    inner = torch.nn.Sequential(_line(torch, rng), torch.nn.ReLU())
    return list(torch.nn.Sequential(inner, torch.nn.BatchNorm1d(2)).state_dict())


@case
def keep_vars_is_handed_down(torch: Any, rng: Rng) -> Any:
    """``state_dict(keep_vars=True)`` of a model with layers: is each value the Parameter itself?"""
    model = torch.nn.Sequential(_line(torch, rng))
    return [[v is model[0].weight for v in model.state_dict(keep_vars=keep).values()] for keep in (True, False)]


@case
def a_child_decides_what_it_saves(torch: Any, rng: Rng) -> Any:
    """A layer whose class saves nothing of its own, and one whose ``state_dict`` adds an entry: the keys."""

    class Silent(torch.nn.Linear):  # type: ignore[misc]
        def _save_to_state_dict(self, destination: Any, prefix: str, keep_vars: bool) -> None:
            pass

    class Dated(torch.nn.Linear):  # type: ignore[misc]
        def state_dict(self, *args: Any, **options: Any) -> Any:
            state = torch.nn.Linear.state_dict(self, *args, **options)
            state[options.get("prefix", "") + "date"] = torch.ones(1)
            return state

    return list(torch.nn.Sequential(Silent(2, 2), Dated(2, 1)).state_dict())


@case
def an_empty_place_for_a_child_is_not_packed(torch: Any, rng: Rng) -> Any:
    """A layer that was set to None: the keys of the model."""
    model = torch.nn.Sequential(_line(torch, rng), _line(torch, rng))
    model[0] = None
    return list(model.state_dict())


@case
def a_shared_layer_is_packed_twice(torch: Any, rng: Rng) -> Any:
    """One layer under two names: the keys."""
    layer = _line(torch, rng)
    return list(torch.nn.Sequential(layer, torch.nn.ReLU(), layer).state_dict())


@case
def each_call_packs_anew(torch: Any, rng: Rng) -> Any:
    """Two models, one after the other: the keys of each, and whether two calls give the same dict."""
    one, two = _line(torch, rng), torch.nn.Sequential(_line(torch, rng))
    return list(one.state_dict()), list(two.state_dict()), one.state_dict() is one.state_dict()


@case
def a_hook_may_change_what_is_packed(torch: Any, rng: Rng) -> Any:
    """A child with a hook that takes its bias out of the dict: the keys."""
    model = torch.nn.Sequential(_line(torch, rng), _line(torch, rng))

    def without_bias(module: Any, state: Any, prefix: str, metadata: Any) -> None:
        del state[prefix + "bias"]

    model[1].register_state_dict_post_hook(without_bias)
    return list(model.state_dict())


# ------------------------------------------------------------------ loading


@case
def the_values_arrive(torch: Any, rng: Rng) -> Any:
    """``new.load_state_dict(old.state_dict())``: what the new layer holds."""
    old, new = _line(torch, rng), _line(torch, rng)
    new.load_state_dict(old.state_dict())
    return new.weight.tolist(), new.bias.tolist()


@case
def loaded_is_copied(torch: Any, rng: Rng) -> Any:
    """``new.load_state_dict(old.state_dict())``, then the old layer is set to zero: what the new one holds."""
    old, new = _line(torch, rng), _line(torch, rng)
    new.load_state_dict(old.state_dict())
    with torch.no_grad():
        old.weight.zero_()
    return new.weight.tolist()


@case
def a_row_is_not_spread(torch: Any, rng: Rng) -> Any:
    """A weight of the shape (1, 3) for one of the shape (2, 3), which ``copy_`` would spread: error, and the weight."""
    layer = _line(torch, rng)
    state = {"weight": floats(torch, rng, 1, 3), "bias": floats(torch, rng, 2)}
    return attempt(lambda: layer.load_state_dict(state))["raises"], layer.weight.tolist()


@case
def keys_of_a_layer_in_a_model(torch: Any, rng: Rng) -> Any:
    """A model of two layers takes a state that lacks one: the missing keys, and what arrived."""
    old, new = (torch.nn.Sequential(_line(torch, rng), torch.nn.Linear(2, 1)) for _ in range(2))
    state = {key: value for key, value in old.state_dict().items() if key.startswith("0.")}
    return new.load_state_dict(state, strict=False).missing_keys, new[0].weight.tolist()


# ------------------------------------------------------------------ keeping the best


@case
def the_best_weights_are_the_last(torch: Any, rng: Rng) -> Any:
    """``best = model.state_dict()``, kept with clones or without, then training: do they equal the last weights?"""
    model = _line(torch, rng)
    state = model.state_dict()
    copied = {key: value.clone() for key, value in state.items()}
    for _ in range(3):
        _step(torch, rng, model)
    return [bool((kept["weight"] == model.weight).all()) for kept in (state, copied)]
