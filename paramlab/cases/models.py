"""Small models that cases are about, and what is asked of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from .case import floats

Rng = np.random.Generator


def names_of(model: Any) -> list[str]:
    """Return the names of the Parameters that a model lists."""
    return [name for name, _ in model.named_parameters()]


def places_of(layer: Any) -> dict[str, list[str]]:
    """Return which of a module's four places hold which names; a place that holds none is left out."""
    ordinary = [name for name in vars(layer) if not name.startswith("_") and name != "training"]
    held = {drawer: list(getattr(layer, drawer)) for drawer in ("_parameters", "_buffers", "_modules")}
    return {place: names for place, names in {**held, "__dict__": ordinary}.items() if names}


def a_layer(torch: Any, **attributes: Any) -> Any:
    """Return a module with the given attributes, assigned in their order."""
    layer = torch.nn.Module()
    for name, value in attributes.items():
        setattr(layer, name, value)
    return layer


def a_parameter(torch: Any, rng: Rng, *shape: int) -> Any:
    """Return a Parameter of a shape, or of two elements."""
    return torch.nn.Parameter(floats(torch, rng, *(shape or (2,))))


def a_tree(torch: Any, rng: Rng) -> Any:
    """Return a model of three levels: ``stem``, ``body`` with ``body.0`` and ``body.2``, and ``scale``."""
    nn = torch.nn
    return a_layer(
        torch,
        stem=nn.Linear(2, 3),
        scale=a_parameter(torch, rng),
        body=nn.Sequential(nn.Linear(3, 3), nn.ReLU(), nn.Linear(3, 1, bias=False)),
    )
