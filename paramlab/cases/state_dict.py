"""What a model saves, and what it takes back."""

from __future__ import annotations

from collections import OrderedDict
from functools import partial
from typing import Any

import numpy as np

from .case import attempt, case, floats

Rng = np.random.Generator


def _linear(torch: Any, rng: Rng, inputs: int, outputs: int, bias: bool = True) -> Any:
    """Return a Linear layer whose numbers come from ``rng``."""
    layer = torch.nn.Linear(inputs, outputs, bias=bias)
    layer.weight = torch.nn.Parameter(floats(torch, rng, outputs, inputs))
    if bias:
        layer.bias = torch.nn.Parameter(floats(torch, rng, outputs))
    return layer


def _model(torch: Any, rng: Rng) -> Any:
    """Return a model with the layers ``0`` and ``2``, and a scale of its own."""
    model = torch.nn.Sequential(_linear(torch, rng, 2, 3), torch.nn.ReLU(), _linear(torch, rng, 3, 1, bias=False))
    model.scale = torch.nn.Parameter(floats(torch, rng, 1))
    return model


def _tied(torch: Any, rng: Rng) -> Any:
    """Return a model of two layers that share their weight."""
    model = torch.nn.Module()
    model.encoder, model.decoder = _linear(torch, rng, 2, 2), _linear(torch, rng, 2, 2, bias=False)
    model.decoder.weight = model.encoder.weight
    return model


def _numbers(state: Any) -> Any:
    """Return the values of a state_dict as lists, with its keys."""
    return {key: value.tolist() for key, value in state.items()}


# ------------------------------------------------------------------ saving


@case
def the_keys_and_their_order(torch: Any, rng: Rng) -> Any:
    """``model.state_dict()`` of two layers and a scale: the type, the keys in their order, the shapes."""
    state = _model(torch, rng).state_dict()
    return type(state).__name__, [(key, list(value.shape)) for key, value in state.items()]


@case
def parameters_come_before_buffers(torch: Any, rng: Rng) -> Any:
    """A buffer ``a``, a Parameter ``b`` and a layer ``c``, in this order: the keys."""
    model = torch.nn.Module()
    model.register_buffer("a", floats(torch, rng, 2))
    model.c = _linear(torch, rng, 2, 2)
    model.b = torch.nn.Parameter(floats(torch, rng, 2))
    return list(model.state_dict())


@case
def the_values_are_the_live_ones(torch: Any, rng: Rng) -> Any:
    """``state = model.state_dict()``, then the weight is doubled in place: what ``state`` holds."""
    model = _linear(torch, rng, 2, 2)
    state = model.state_dict()
    with torch.no_grad():
        model.weight.mul_(2)
    return state["weight"].tolist() == model.weight.tolist(), state["weight"]


@case
def a_value_that_is_written_to_changes_the_model(torch: Any, rng: Rng) -> Any:
    """``model.state_dict()["weight"].zero_()``: what the weight holds."""
    model = _linear(torch, rng, 2, 2)
    model.state_dict()["weight"].zero_()
    return model.weight.tolist()


@case
def a_copy_is_a_snapshot(torch: Any, rng: Rng) -> Any:
    """A step in place after ``{k: v.clone() for …}`` of the state_dict; then it is loaded back: the weight."""
    model = _linear(torch, rng, 2, 2)
    kept = {key: value.clone() for key, value in model.state_dict().items()}
    with torch.no_grad():
        model.weight.mul_(2)
    model.load_state_dict(kept)
    return model.weight.tolist()


@case
def the_values_are_plain_tensors(torch: Any, rng: Rng) -> Any:
    """``model.state_dict()["weight"]``: its type and ``requires_grad``; the same with ``keep_vars=True``."""
    model = _linear(torch, rng, 2, 2)
    values = model.state_dict()["weight"], model.state_dict(keep_vars=True)["weight"]
    return [(type(v).__name__, v.requires_grad, v is model.weight) for v in values]


@case
def a_prefix_goes_before_every_key(torch: Any, rng: Rng) -> Any:
    """``model.state_dict(prefix="net.")``, and into a ``destination`` that holds another's already: the keys."""
    first, second = _model(torch, rng), _linear(torch, rng, 2, 2)
    state = first.state_dict(prefix="net.")
    second.state_dict(destination=state, prefix="head.")
    return list(state)


@case
def a_tied_weight_is_saved_under_every_name(torch: Any, rng: Rng) -> Any:
    """``decoder.weight = encoder.weight``: the keys, and whether the two values share their memory."""
    state = _tied(torch, rng).state_dict()
    return list(state), state["encoder.weight"].data_ptr() == state["decoder.weight"].data_ptr()


@case
def a_frozen_parameter_is_saved(torch: Any, rng: Rng) -> Any:
    """``model.requires_grad_(False)``: the keys."""
    return list(_linear(torch, rng, 2, 2).requires_grad_(False).state_dict())


@case
def what_is_not_saved(torch: Any, rng: Rng) -> Any:
    """A plain tensor, a tensor that asks for a gradient, a list, a non-persistent buffer, None: the keys."""
    model = torch.nn.Module()
    model.plain = floats(torch, rng, 2)
    model.wants = floats(torch, rng, 2).requires_grad_()
    model.layers = [_linear(torch, rng, 2, 2)]
    model.register_buffer("mask", floats(torch, rng, 2), persistent=False)
    model.register_buffer("later", None)
    model.register_parameter("bias", None)
    model.weight = torch.nn.Parameter(floats(torch, rng, 2))
    return list(model.state_dict())


@case
def buffers_are_saved(torch: Any, rng: Rng) -> Any:
    """``nn.BatchNorm1d(2).state_dict()``, more than what is learned: the keys and the values."""
    norm = torch.nn.BatchNorm1d(2)
    return _numbers(norm.state_dict()), [name for name, _ in norm.named_parameters()]


@case
def the_metadata_has_the_versions(torch: Any, rng: Rng) -> Any:
    """``state_dict()._metadata`` of a model with a BatchNorm1d."""
    model = torch.nn.Sequential(_linear(torch, rng, 2, 2), torch.nn.BatchNorm1d(2))
    return dict(model.state_dict()._metadata)


# ------------------------------------------------------------------ loading


@case
def a_state_is_loaded(torch: Any, rng: Rng) -> Any:
    """``b.load_state_dict(a.state_dict())``: what is returned, what ``b`` holds, and whether memory is shared."""
    a, b = _model(torch, rng), _model(torch, rng)
    answer = b.load_state_dict(a.state_dict())
    shared = any(p.data_ptr() == q.data_ptr() for p, q in zip(a.parameters(), b.parameters(), strict=True))
    return str(answer), _numbers(b.state_dict()), shared


@case
def the_parameters_stay_the_same_objects(torch: Any, rng: Rng) -> Any:
    """``model.load_state_dict(state)``: whether the weight is the same object, its ``grad`` and ``requires_grad``."""
    model, other = _linear(torch, rng, 2, 2), _linear(torch, rng, 2, 2)
    weight = model.weight
    model(floats(torch, rng, 1, 2)).sum().backward()
    model.load_state_dict(other.state_dict())
    return model.weight is weight, weight.tolist(), weight.grad, weight.requires_grad


@case
def a_frozen_model_is_loaded(torch: Any, rng: Rng) -> Any:
    """``load_state_dict`` into a frozen model: what it holds, and ``requires_grad``."""
    model, other = _linear(torch, rng, 2, 2).requires_grad_(False), _linear(torch, rng, 2, 2)
    model.load_state_dict(other.state_dict())
    return model.weight.tolist(), [p.requires_grad for p in model.parameters()]


@case
def a_plain_dict_will_do(torch: Any, rng: Rng) -> Any:
    """``load_state_dict({"weight": t})`` of a plain dict, in another order and of another dtype."""
    model = _linear(torch, rng, 2, 1)
    model.load_state_dict({"bias": floats(torch, rng, 1).double(), "weight": floats(torch, rng, 1, 2)})
    return [(p.dtype, p.tolist()) for p in model.parameters()]


@case
def the_handed_state_stays_as_it_is(torch: Any, rng: Rng) -> Any:
    """``load_state_dict(state, strict=False)`` of a BatchNorm1d: the keys of ``state`` after."""
    state = {"weight": floats(torch, rng, 2)}
    torch.nn.BatchNorm1d(2).load_state_dict(state, strict=False)
    return list(state)


@case
def missing_and_unexpected_in_one_error(torch: Any, rng: Rng) -> Any:
    """``load_state_dict`` of a state that lacks keys and has too many: the error."""
    state = _model(torch, rng).state_dict()
    state["head.weight"] = state.pop("2.weight")
    state["typo"] = state.pop("scale")
    answer = attempt(lambda: _model(torch, rng).load_state_dict(state))
    return [line.strip() for line in answer["message"].split("\n")], answer["raises"]


@case
def what_fits_is_loaded_all_the_same(torch: Any, rng: Rng) -> Any:
    """``load_state_dict`` that fails for a missing key: what the others hold after."""
    model, state = _linear(torch, rng, 2, 1), {"weight": floats(torch, rng, 1, 2)}
    refused = attempt(lambda: model.load_state_dict(state))["raises"]
    return refused, model.weight.tolist() == state["weight"].tolist()


@case
def not_strict_returns_them(torch: Any, rng: Rng) -> Any:
    """``load_state_dict(state, strict=False)`` of a state that lacks keys and has too many: what is returned."""
    state = _model(torch, rng).state_dict()
    state["head.weight"] = state.pop("2.weight")
    answer = _model(torch, rng).load_state_dict(state, strict=False)
    return answer.missing_keys, answer.unexpected_keys, list(answer), str(answer)


@case
def not_strict_hides_a_typo(torch: Any, rng: Rng) -> Any:
    """``load_state_dict({"wieght": t}, strict=False)``: whether the weight changed."""
    model = _linear(torch, rng, 2, 1)
    before = model.weight.tolist()
    model.load_state_dict({"wieght": floats(torch, rng, 1, 2)}, strict=False)
    return model.weight.tolist() == before


@case
def a_wrong_shape_is_refused_in_both_cases(torch: Any, rng: Rng) -> Any:
    """A weight of another shape, ``strict`` and not: the error, and what the bias holds after."""
    found = []
    for strict in (True, False):
        model = _linear(torch, rng, 2, 3)
        state = {"weight": floats(torch, rng, 3, 4), "bias": floats(torch, rng, 3)}
        answer = attempt(partial(model.load_state_dict, state, strict=strict))
        found.append((answer, model.bias.tolist() == state["bias"].tolist()))
    return found


@case
def every_complaint_stands_in_the_error(torch: Any, rng: Rng) -> Any:
    """A missing key, an unexpected one and a wrong shape at once: the lines of the error."""
    state = _model(torch, rng).state_dict()
    state["typo"] = state.pop("scale")
    state["0.bias"] = floats(torch, rng, 5)
    answer = attempt(lambda: _model(torch, rng).load_state_dict(state))
    return [line.strip() for line in answer["message"].split("\n")]


@case
def no_dimension_from_one(torch: Any, rng: Rng) -> Any:
    """A value of the shape (1,) for a Parameter of the shape (), and the other way round."""
    scalar, vector = torch.nn.Module(), torch.nn.Module()
    scalar.scale = torch.nn.Parameter(floats(torch, rng))
    vector.scale = torch.nn.Parameter(floats(torch, rng, 1))
    scalar.load_state_dict({"scale": floats(torch, rng, 1)})
    refused = attempt(lambda: vector.load_state_dict({"scale": floats(torch, rng)}))
    return scalar.scale.tolist(), refused


@case
def what_is_no_mapping_is_refused(torch: Any, rng: Rng) -> Any:
    """``load_state_dict(model)`` and ``load_state_dict([…])``."""
    model = _linear(torch, rng, 2, 2)
    return [attempt(partial(model.load_state_dict, what))["raises"] for what in (model, list(model.parameters()))]


@case
def a_value_that_is_no_tensor_is_refused(torch: Any, rng: Rng) -> Any:
    """``load_state_dict({"weight": [[1.0, 2.0]], "bias": t})``."""
    state = {"weight": [[1.0, 2.0]], "bias": floats(torch, rng, 1)}
    return attempt(lambda: _linear(torch, rng, 2, 1).load_state_dict(state))


@case
def a_place_kept_by_none_takes_no_value(torch: Any, rng: Rng) -> Any:
    """A value for a buffer that is None, and one for ``bias`` of ``nn.Linear(…, bias=False)``: what is returned."""
    model = torch.nn.Module()
    model.register_buffer("mean", None)
    layer = _linear(torch, rng, 2, 1, bias=False)
    return [
        m.load_state_dict({"mean": floats(torch, rng, 2), "bias": floats(torch, rng, 1)}, strict=False).unexpected_keys
        for m in (model, layer)
    ]


@case
def a_non_persistent_buffer_takes_no_value(torch: Any, rng: Rng) -> Any:
    """A checkpoint with a value for a buffer that is not persistent any more: the error, and the value."""
    model = torch.nn.Module()
    model.register_buffer("mask", floats(torch, rng, 2), persistent=False)
    before = model.mask.tolist()
    return attempt(lambda: model.load_state_dict({"mask": floats(torch, rng, 2)})), model.mask.tolist() == before


@case
def a_buffer_is_loaded_in_place(torch: Any, rng: Rng) -> Any:
    """``load_state_dict`` of a BatchNorm1d that has seen batches: the statistics, and whether objects stayed."""
    old, new = torch.nn.BatchNorm1d(2), torch.nn.BatchNorm1d(2)
    old(floats(torch, rng, 4, 2))
    mean = new.running_mean
    new.load_state_dict(old.state_dict())
    return new.running_mean is mean, mean, new.running_var, new.num_batches_tracked


@case
def an_old_batch_norm_is_filled_in(torch: Any, rng: Rng) -> Any:
    """A BatchNorm1d's state without ``num_batches_tracked``: with no metadata, and with that of version 2."""
    state = torch.nn.BatchNorm1d(2).state_dict()
    del state["num_batches_tracked"]
    plain = attempt(lambda: str(torch.nn.BatchNorm1d(2).load_state_dict(dict(state))))
    return plain, torch.nn.BatchNorm1d(2).load_state_dict(state, strict=False).missing_keys


@case
def a_copy_keeps_the_metadata(torch: Any, rng: Rng) -> Any:
    """``state.copy()`` and ``OrderedDict(state)``: whether they have ``_metadata``."""
    state = _linear(torch, rng, 2, 2).state_dict()
    return [hasattr(made, "_metadata") for made in (state.copy(), OrderedDict(state))]


@case
def assign_takes_the_tensors_themselves(torch: Any, rng: Rng) -> Any:
    """``load_state_dict(state, assign=True)`` of float64: type, dtype, ``requires_grad``; same object, same memory?"""
    model, weight = _linear(torch, rng, 2, 1, bias=False), floats(torch, rng, 1, 2).double()
    old = model.weight
    model.load_state_dict({"weight": weight}, assign=True)
    new = model.weight
    return type(new).__name__, new.dtype, new.requires_grad, new is old, new.data_ptr() == weight.data_ptr()


@case
def assign_keeps_a_frozen_one_frozen(torch: Any, rng: Rng) -> Any:
    """``load_state_dict(state, assign=True)`` into a frozen layer: ``requires_grad``."""
    model, other = _linear(torch, rng, 2, 1).requires_grad_(False), _linear(torch, rng, 2, 1)
    model.load_state_dict(other.state_dict(), assign=True)
    return [p.requires_grad for p in model.parameters()]


@case
def assign_unties_a_tied_weight(torch: Any, rng: Rng) -> Any:
    """A model of tied weights after ``load_state_dict``, without and with ``assign=True``: still tied?"""
    found = []
    for assign in (False, True):
        model, other = _tied(torch, rng), _tied(torch, rng)
        state = {key: value.clone() for key, value in other.state_dict().items()}
        model.load_state_dict(state, assign=assign)
        found.append((model.decoder.weight is model.encoder.weight, len(list(model.parameters()))))
    return found


@case
def a_tied_weight_takes_the_last_value(torch: Any, rng: Rng) -> Any:
    """Tied weights, and a state with two values for them: what they hold after."""
    model = _tied(torch, rng)
    state = {key: value.clone() for key, value in model.state_dict().items()}
    state["decoder.weight"] = floats(torch, rng, 2, 2)
    model.load_state_dict(state)
    return model.encoder.weight.tolist(), model.decoder.weight.tolist() == state["decoder.weight"].tolist()


@case
def a_hook_after_loading_returns_nothing(torch: Any, rng: Rng) -> Any:
    """``model.register_load_state_dict_post_hook(hook)``: the keys that it is handed; and a hook that returns some."""
    model, seen = _linear(torch, rng, 2, 1), []
    model.register_load_state_dict_post_hook(lambda module, keys: seen.append(list(keys.missing_keys)))
    model.load_state_dict({"weight": floats(torch, rng, 1, 2)}, strict=False)
    model.register_load_state_dict_post_hook(lambda module, keys: keys)
    return seen, attempt(partial(model.load_state_dict, model.state_dict()))


@case
def an_optimizer_follows_a_load_and_not_an_assign(torch: Any, rng: Rng) -> Any:
    """``SGD(model.parameters())``, then ``load_state_dict``, then with ``assign=True``: is the weight held?"""
    found = []
    for assign in (False, True):
        model = _linear(torch, rng, 2, 1)
        held = torch.optim.SGD(model.parameters(), lr=0.1).param_groups[0]["params"]
        model.load_state_dict(_linear(torch, rng, 2, 1).state_dict(), assign=assign)
        found.append(any(p is model.weight for p in held))
    return found
