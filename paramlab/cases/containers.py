"""Containers that register what a plain list or dict would hide."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import numpy as np

from .case import attempt, case, floats
from .models import a_layer, names_of

Rng = np.random.Generator


@case
def a_module_list_registers_its_layers(torch: Any, rng: Rng) -> Any:
    """``self.layers = nn.ModuleList([nn.Linear(2, 3), nn.Linear(3, 1)])``: the names, and ``layers[-1]``."""
    model = a_layer(torch, layers=torch.nn.ModuleList([torch.nn.Linear(2, 3), torch.nn.Linear(3, 1)]))
    return names_of(model), len(model.layers), list(model.layers[-1].weight.shape), repr(model.layers[:1])


@case
def a_module_list_grows(torch: Any, rng: Rng) -> Any:
    """``append``, ``extend`` and assignment by index on an ``nn.ModuleList``: the classes in it."""
    nn = torch.nn
    layers = nn.ModuleList().append(nn.ReLU()).extend([nn.Linear(2, 2), nn.ReLU()])
    layers[0] = nn.Identity()
    return [type(layer).__name__ for layer in layers]


@case
def a_parameter_list_wraps_tensors(torch: Any, rng: Rng) -> Any:
    """``self.weights = nn.ParameterList([t, nn.Parameter(t)])``: the names and the types."""
    t = floats(torch, rng, 2)
    model = a_layer(torch, weights=torch.nn.ParameterList([t, torch.nn.Parameter(t)]))
    model.weights.append(t)
    model.weights[0] = t * 2
    return names_of(model), [type(w).__name__ for w in model.weights], len(model.weights)


@case
def a_module_dict_registers_its_layers(torch: Any, rng: Rng) -> Any:
    """``self.heads = nn.ModuleDict({"a": nn.Linear(2, 1), "b": nn.ReLU()})``: names and keys."""
    nn = torch.nn
    model = a_layer(torch, heads=nn.ModuleDict({"a": nn.Linear(2, 1), "b": nn.ReLU()}))
    model.heads["c"] = nn.Identity()
    gone = type(model.heads.pop("b")).__name__
    return names_of(model), list(model.heads), len(model.heads), "b" in model.heads, gone, list(model.heads.keys())


@case
def a_sequential_is_cut_joined_and_repeated(torch: Any, rng: Rng) -> Any:
    """``s[1:]``, ``s + t``, ``2 * s``, ``insert``, ``pop``, ``del``: how each of them prints."""
    nn = torch.nn

    def s() -> Any:
        return nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))

    shorter, longer = s(), s().insert(1, nn.Tanh()).extend([nn.Identity()])
    gone = shorter.pop(0)
    del longer[-2:]
    return [repr(m) for m in (s()[1:], s() + nn.Sequential(nn.Tanh()), 2 * s(), shorter, gone, longer)]


@case
def a_sequential_of_named_modules(torch: Any, rng: Rng) -> Any:
    """``nn.Sequential(OrderedDict(…))``: the names, a slice, and what it computes."""
    nn = torch.nn
    named = nn.Sequential(OrderedDict([("flat", nn.Tanh()), ("relu", nn.ReLU())]))
    return [name for name, _ in named.named_children()], repr(named[:1]), named(floats(torch, rng, 3))


@case
def a_repeated_module_learns_once(torch: Any, rng: Rng) -> Any:
    """``nn.Sequential(layer) * 3``: the names of its Parameters, and the gradient of the shared weight."""
    layer = torch.nn.Linear(2, 2, bias=False)
    layer.weight = torch.nn.Parameter(floats(torch, rng, 2, 2))
    model = torch.nn.Sequential(layer) * 3
    model(floats(torch, rng, 1, 2)).sum().backward()
    return names_of(model), list(model.state_dict()), layer.weight.grad


@case
def equal_modules_in_a_row_print_as_one(torch: Any, rng: Rng) -> Any:
    """``repr`` of an ``nn.ModuleList`` of three equal layers, another, and one more of the first kind."""
    nn = torch.nn
    return repr(nn.ModuleList([*[nn.Linear(1, 1) for _ in range(3)], nn.Sequential(nn.ReLU()), nn.Linear(1, 1)]))


@case
def a_parameter_dict_registers_its_tensors(torch: Any, rng: Rng) -> Any:
    """``nn.ParameterDict``: of a dict and of an OrderedDict, ``|``, ``popitem``, ``setdefault``, ``get``."""
    t, nn = floats(torch, rng, 2), torch.nn
    plain, ordered = (nn.ParameterDict(kind([("b", t), ("a", t), ("n", 3)])) for kind in (dict, OrderedDict))
    joined = plain | nn.ParameterDict({"c": t})
    last = joined.popitem()
    return [
        [list(plain), list(ordered), list(joined), last[0], type(last[1]).__name__, names_of(ordered)],
        type(plain.setdefault("d", t)).__name__,
        plain.get("x"),
        list(reversed(plain)),
        repr(plain),
    ]


@case
def a_missing_key_of_a_container(torch: Any, rng: Rng) -> Any:
    """``nn.ParameterDict()["x"]``, ``nn.ModuleDict()["x"]``, ``nn.ModuleList()[0]``, ``nn.Sequential()[0]``."""
    nn = torch.nn
    asked = ((nn.ParameterDict(), "x"), (nn.ModuleDict(), "x"), (nn.ModuleList(), 0), (nn.Sequential(), 0))
    return [attempt(lambda held=held, key=key: held[key])["raises"] for held, key in asked]  # type: ignore[misc]
