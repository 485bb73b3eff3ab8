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


# ------------------------------------------------------------------ kaiming_uniform_


def _ends(torch: Any, bound: float, shape: tuple[int, ...], *args: Any, **options: Any) -> list[float]:
    """Return the smallest and the largest number that ``kaiming_uniform_`` draws, in units of a bound."""
    w = torch.nn.init.kaiming_uniform_(torch.empty(*shape), *args, **options)
    return [round(w.min().item() / bound, 1), round(w.max().item() / bound, 1)]


@case
def kaiming_fills_evenly_up_to_its_bound(torch: Any, rng: Rng) -> Any:
    """``kaiming_uniform_`` of a weight ``(100, 400)``: its ends and its spread, in units of ``sqrt(6 / 400)``."""
    w = torch.zeros(100, 400)
    torch.nn.init.kaiming_uniform_(w)
    bound = (6 / 400) ** 0.5
    return round(w.min().item() / bound, 1), round(w.max().item() / bound, 1), round(w.std().item() / bound, 1)


@case
def kaiming_of_a_parameter(torch: Any, rng: Rng) -> Any:
    """``init.kaiming_uniform_(p)`` of a Parameter: is it returned, changed, still a leaf, and without a history?"""
    p = torch.nn.Parameter(torch.zeros(4, 3))
    filled = torch.nn.init.kaiming_uniform_(p)
    return filled is p, bool((p != 0).all()), p.is_leaf, p.requires_grad, p.grad_fn is None


@case
def kaiming_by_the_outputs(torch: Any, rng: Rng) -> Any:
    """``mode="fan_out"`` of a weight ``(100, 400)``: its ends, in units of ``sqrt(6 / 100)``."""
    return _ends(torch, (6 / 100) ** 0.5, (100, 400), mode="fan_out")


@case
def kaiming_of_a_kernel(torch: Any, rng: Rng) -> Any:
    """A weight of convolution ``(40, 20, 3, 3)``: its ends, in units of ``sqrt(6 / 180)``."""
    return _ends(torch, (6 / 180) ** 0.5, (40, 20, 3, 3))


@case
def kaiming_with_a_slope(torch: Any, rng: Rng) -> Any:
    """``a=sqrt(5)``, as every Linear asks for, of a weight ``(100, 400)``: its ends, in units of ``1 / sqrt(400)``."""
    return _ends(torch, 1 / 400**0.5, (100, 400), a=5**0.5)


@case
def kaiming_for_a_nonlinearity(torch: Any, rng: Rng) -> Any:
    """``nonlinearity`` relu, tanh and linear, of a weight ``(100, 400)``: its ends, in units of ``sqrt(3 / 400)``."""
    return {name: _ends(torch, (3 / 400) ** 0.5, (100, 400), nonlinearity=name) for name in ("relu", "tanh", "linear")}


@case
def kaiming_with_a_generator(torch: Any, rng: Rng) -> Any:
    """Twice with a ``torch.Generator`` of the same seed: are the numbers the same? And with one of another?"""
    drawn = [
        torch.nn.init.kaiming_uniform_(torch.empty(3, 4), generator=torch.Generator().manual_seed(seed))
        for seed in (1, 1, 2)
    ]
    return bool((drawn[0] == drawn[1]).all()), bool((drawn[0] == drawn[2]).all())


@case
def kaiming_without_fans(torch: Any, rng: Rng) -> Any:
    """``kaiming_uniform_`` of a bias, of another mode than the two, and of a tensor without elements."""
    fill = torch.nn.init.kaiming_uniform_
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        empty = list(fill(torch.empty(0, 3)).shape)
    refused = attempt(lambda: fill(torch.empty(3))), attempt(lambda: fill(torch.empty(2, 2), mode="fan"))
    return refused, empty, [w.category.__name__ for w in caught]


# ------------------------------------------------------------------ what goes wrong


@case
def what_first_values_do(torch: Any, rng: Rng) -> Any:
    """Twenty layers with a ReLU each, and a last one: does a gradient reach the first weight, do its units differ?"""
    nn, x = torch.nn, torch.tensor(rng.normal(size=(32, 16)).astype(np.float32))
    fills = {
        "zeros": nn.init.zeros_,
        "all alike": lambda w: nn.init.constant_(w, 1 / 16),
        "normal": nn.init.normal_,
        "kaiming": nn.init.kaiming_uniform_,
    }
    found = {}
    for name, fill in fills.items():
        model = nn.Sequential(*[layer for _ in range(20) for layer in (nn.Linear(16, 16, bias=False), nn.ReLU())])
        for layer in model[::2]:
            fill(layer.weight)
        scores = nn.Linear(16, 4)(model(x))
        nn.functional.cross_entropy(scores, torch.arange(32) % 4).backward()
        grad = model[0].weight.grad
        apart = (grad - grad[0]).abs().max() > 1e-3 * grad.abs().max()  # beyond the last digits
        found[name] = bool((grad != 0).any()), bool(apart)
    return found


@case
def zeros_teach_the_last_bias_alone(torch: Any, rng: Rng) -> Any:
    """Three layers of zeros with ReLUs, and a last one as it is drawn: which Parameters get a gradient but zero?"""
    nn, x = torch.nn, floats(torch, rng, 8, 4)
    model = nn.Sequential(*[layer for _ in range(3) for layer in (nn.Linear(4, 4), nn.ReLU())], nn.Linear(4, 2))
    for layer in model[:-1:2]:
        for p in layer.parameters():
            nn.init.zeros_(p)
    nn.functional.cross_entropy(model(x), torch.tensor([0, 0, 0, 1, 0, 0, 1, 0])).backward()
    return [name for name, p in model.named_parameters() if bool((p.grad != 0).any())]
