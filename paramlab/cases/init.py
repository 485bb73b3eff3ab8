"""First values: what ``nn.init`` fills a tensor with. What is drawn is asked for its bounds and structure."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from .case import attempt, case, floats

Rng = np.random.Generator


@case
def fixed_values(torch: Any, rng: Rng) -> Any:
    """``zeros_``, ``ones_``, ``constant_``, ``eye_`` and ``dirac_``, and the shapes that the last two refuse."""
    init, c = torch.nn.init, float(rng.integers(2, 9))
    made = [init.zeros_(floats(torch, rng, 2)), init.ones_(floats(torch, rng, 2)), init.constant_(torch.empty(2, 2), c)]
    made += [init.eye_(torch.empty(2, 3)), init.dirac_(torch.empty(2, 3, 3)), init.dirac_(torch.empty(4, 2, 1), 2)]
    refused = [attempt(lambda: init.eye_(torch.empty(3))), attempt(lambda: init.dirac_(torch.empty(2, 2)))]
    return made, refused


@case
def a_parameter_is_filled_in_place(torch: Any, rng: Rng) -> Any:
    """A Parameter after ``init.uniform_`` and others: the same object, a leaf, without ``grad_fn``."""
    w, found = torch.nn.Parameter(torch.zeros(3, 4)), []
    for name in ("uniform_", "normal_", "trunc_normal_", "xavier_uniform_", "kaiming_normal_", "orthogonal_"):
        filled = getattr(torch.nn.init, name)(w)
        found.append([filled is w, w.is_leaf, w.requires_grad, w.grad_fn, bool((w != 0).all())])
    return found


@case
def bounds_of_even_numbers(torch: Any, rng: Rng) -> Any:
    """``uniform_``, ``xavier_uniform_`` and ``kaiming_uniform_``: all within the bounds, and coming near them."""
    init, (rows, columns) = torch.nn.init, rng.integers(40, 60, 2).tolist()
    fills = {
        "uniform_": (lambda w: init.uniform_(w, -2, 2), 2.0),
        "xavier": (lambda w: init.xavier_uniform_(w, gain=3.0), 3 * (6 / (rows + columns)) ** 0.5),
        "kaiming": (init.kaiming_uniform_, (6 / columns) ** 0.5),
        "fan_out": (lambda w: init.kaiming_uniform_(w, 0.5, "fan_out"), (2 / 1.25 * 3 / rows) ** 0.5),
        "relu": (lambda w: init.kaiming_uniform_(w, nonlinearity="relu"), (6 / columns) ** 0.5),
    }
    largest = {name: (fill(torch.empty(rows, columns)).abs().max().item(), b) for name, (fill, b) in fills.items()}
    return {name: 0.98 * bound < most <= bound * 1.0001 for name, (most, bound) in largest.items()}


@case
def spread_of_normal_numbers(torch: Any, rng: Rng) -> Any:
    """``normal_``, ``xavier_normal_``, ``kaiming_normal_``: the standard deviation is as wide as it should be."""
    init, (rows, columns) = torch.nn.init, rng.integers(80, 120, 2).tolist()
    fills = {
        "normal_": (lambda w: init.normal_(w, 1.0, 3.0), 3.0),
        "xavier": (init.xavier_normal_, (2 / (rows + columns)) ** 0.5),
        "kaiming": (init.kaiming_normal_, (2 / columns) ** 0.5),
        "sparse": (lambda w: init.sparse_(w, 0.0, std=0.2), 0.2),
    }
    widths = {name: (fill(torch.empty(rows, columns)).std().item(), std) for name, (fill, std) in fills.items()}
    return {name: abs(width / std - 1) < 0.1 for name, (width, std) in widths.items()}


@case
def orthogonal_and_sparse(torch: Any, rng: Rng) -> Any:
    """``orthogonal_``: products of the rows or columns, rounded; ``sparse_``: how many zeros each column has."""
    init = torch.nn.init
    wide, tall = init.orthogonal_(torch.empty(2, 5)), init.orthogonal_(torch.empty(5, 2), gain=2.0)
    products = [[round(v, 3) + 0.0 for v in m.flatten().tolist()] for m in (wide @ wide.t(), tall.t() @ tall)]
    zeros = (init.sparse_(torch.empty(10, 3), 0.25) == 0).sum(0)
    return products, zeros, attempt(lambda: init.orthogonal_(torch.empty(3)))


@case
def gains_and_what_is_unknown(torch: Any, rng: Rng) -> Any:
    """``calculate_gain`` of each nonlinearity, with a slope; a name and a mode that there is not."""
    init = torch.nn.init
    names = ("linear", "conv2d", "sigmoid", "tanh", "relu", "leaky_relu", "selu")
    gains = [float(init.calculate_gain(name)) for name in names]
    w = torch.empty(2, 3)
    refused = [attempt(lambda: init.calculate_gain("x")), attempt(lambda: init.kaiming_uniform_(w, mode="fan"))]
    return gains, init.calculate_gain("leaky_relu", 0.3), refused, attempt(lambda: init.xavier_uniform_(torch.empty(3)))


@case
def nothing_to_fill_is_warned_of(torch: Any, rng: Rng) -> Any:
    """``kaiming_uniform_`` and ``kaiming_normal_`` of a tensor without elements: the warning."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        shapes = [
            list(f(torch.empty(0, 3)).shape) for f in (torch.nn.init.kaiming_uniform_, torch.nn.init.kaiming_normal_)
        ]
    return shapes, [w.category.__name__ for w in caught]
