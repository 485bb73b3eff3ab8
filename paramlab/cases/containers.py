"""Containers that register what a plain list or dict would hide."""

from __future__ import annotations

from typing import Any

import numpy as np

from .case import case, floats
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
