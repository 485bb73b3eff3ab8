"""Activations: what they answer, and which gradient they let through, at their kinks too."""

from __future__ import annotations

import warnings
from functools import partial
from typing import Any

import numpy as np

from .case import attempt, case, floats

Rng = np.random.Generator

AT = [-7.0, -3.0, -1.0, -0.0, 0.0, 0.5, 1.0, 3.0, 6.0, 25.0]


def _slopes(torch: Any, names: tuple[str, ...]) -> dict[str, Any]:
    """Return what functions of these names answer at the same places, and their slopes there."""
    found = {}
    for name in names:
        x = torch.tensor(AT, dtype=torch.float64, requires_grad=True)
        y = getattr(torch.nn.functional, name)(x)
        y.sum().backward()
        found[name] = [y.detach(), x.grad]
    return found


@case
def straight_pieces(torch: Any, rng: Rng) -> Any:
    """ReLU, ReLU6, leaky ReLU, hardtanh, hardsigmoid, hardswish: values and slopes, at their kinks too."""
    return _slopes(torch, ("relu", "relu6", "leaky_relu", "hardtanh", "hardsigmoid", "hardswish"))


@case
def exponential_units(torch: Any, rng: Rng) -> Any:
    """ELU, SELU and CELU: values and slopes."""
    return _slopes(torch, ("elu", "selu", "celu"))


@case
def gated_by_themselves(torch: Any, rng: Rng) -> Any:
    """GELU, SiLU and Mish: values and slopes."""
    return _slopes(torch, ("gelu", "silu", "mish"))


@case
def smooth_curves(torch: Any, rng: Rng) -> Any:
    """Sigmoid, log-sigmoid, tanh, softplus, softsign and tanhshrink: values and slopes."""
    return _slopes(torch, ("sigmoid", "logsigmoid", "tanh", "softplus", "softsign", "tanhshrink"))


@case
def their_options(torch: Any, rng: Rng) -> Any:
    """``negative_slope``, ``alpha``, ``beta``, ``threshold``, ``approximate`` and limits: as modules, and printed."""
    nn, x = torch.nn, floats(torch, rng, 6)
    modules = [nn.LeakyReLU(0.3), nn.ELU(0.5), nn.CELU(2.0), nn.Softplus(3, 2), nn.GELU("tanh"), nn.Hardtanh(-0.5, 0.2)]
    return [[repr(m), m(x)] for m in [*modules, nn.Threshold(0.1, 5.0)]]


@case
def in_place_overwrites(torch: Any, rng: Rng) -> Any:
    """``nn.ReLU(inplace=True)`` and others on a hidden layer, and on a leaf."""
    found = []
    for made in (torch.nn.ReLU, torch.nn.LeakyReLU, torch.nn.SiLU, torch.nn.ELU):
        x = floats(torch, rng, 4).requires_grad_()
        hidden = x * 2
        out = made(inplace=True)(hidden)
        out.sum().backward()
        found.append([out is hidden, hidden.detach(), x.grad, attempt(partial(made(inplace=True), x))])
    return found


@case
def prelu_learns_its_slope(torch: Any, rng: Rng) -> Any:
    """``nn.PReLU(2)``: its Parameter, output, and the gradients of input and slopes; and for three channels."""
    layer, x = torch.nn.PReLU(2), floats(torch, rng, 3, 2, 2).requires_grad_()
    out = layer(x)
    out.backward(floats(torch, rng, 3, 2, 2))
    wrong = attempt(lambda: layer(floats(torch, rng, 2, 3)))
    return list(layer.state_dict()), layer.weight.detach(), out.detach(), x.grad, layer.weight.grad, wrong


@case
def a_softmax_needs_its_dim(torch: Any, rng: Rng) -> Any:
    """``softmax``, ``log_softmax`` and ``softmin`` along each dimension; and without ``dim``, what warns."""
    f, x = torch.nn.functional, floats(torch, rng, 2, 3)
    found = [[getattr(f, name)(x, dim) for dim in (0, 1, -1)] for name in ("softmax", "log_softmax", "softmin")]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        guessed = torch.nn.Softmax()(x)
    return found, guessed, [w.category.__name__ for w in caught], attempt(lambda: f.softmax(x.long(), 1))


@case
def half_gates_the_other_half(torch: Any, rng: Rng) -> Any:
    """``nn.GLU()``: output and gradient; an odd length is refused."""
    x = floats(torch, rng, 2, 4).requires_grad_()
    out = torch.nn.GLU()(x)
    out.backward(floats(torch, rng, 2, 2))
    return out.detach(), x.grad, attempt(lambda: torch.nn.GLU()(floats(torch, rng, 2, 3)))
