"""Normalisation: by a batch, whose statistics are remembered, and by each example alone."""

from __future__ import annotations

from typing import Any

import numpy as np

from .case import attempt, case, floats

Rng = np.random.Generator


def _trained(torch: Any, rng: Rng, layer: Any, *shape: int) -> list[Any]:
    """Return a layer's output and all gradients, its weights drawn at random."""
    with torch.no_grad():
        for p in layer.parameters():
            p.copy_(floats(torch, rng, *p.shape))
    x = floats(torch, rng, *shape).requires_grad_()
    out = layer(x)
    out.backward(floats(torch, rng, *out.shape))
    return [out.detach(), x.grad, *(p.grad for p in layer.parameters())]


@case
def each_channel_of_a_batch(torch: Any, rng: Rng) -> Any:
    """``nn.BatchNorm2d(2)`` in training: output, gradients, and the state_dict afterwards."""
    layer = torch.nn.BatchNorm2d(2)
    return _trained(torch, rng, layer, 3, 2, 2, 2), dict(layer.state_dict())


@case
def in_evaluation_the_running_statistics(torch: Any, rng: Rng) -> Any:
    """``nn.BatchNorm2d(2)`` after two batches: what ``eval()`` answers, and the gradients there."""
    layer = torch.nn.BatchNorm2d(2)
    for _ in range(2):
        layer(floats(torch, rng, 3, 2, 2, 2))
    return _trained(torch, rng, layer.eval(), 1, 2, 2, 2), layer.num_batches_tracked


@case
def momentum_none_is_the_plain_average(torch: Any, rng: Rng) -> Any:
    """``momentum=None``, ``0.5`` and the default: the running statistics after each of three batches."""
    batches = [floats(torch, rng, 4, 2, 1, 2) for _ in range(3)]
    found = []
    for options in ({"momentum": None}, {"momentum": 0.5}, {}):
        layer = torch.nn.BatchNorm2d(2, **options)
        for batch in batches:
            layer(batch)
            found.append([layer.running_mean.clone(), layer.running_var.clone()])
    return found


@case
def without_affine_bias_or_tracking(torch: Any, rng: Rng) -> Any:
    """``affine=False``, ``bias=False`` and ``track_running_stats=False``: output, gradients, keys of the state_dict."""
    found = []
    for options in ({"affine": False}, {"bias": False}, {"track_running_stats": False}):
        layer = torch.nn.BatchNorm2d(2, **options)
        found.append([_trained(torch, rng, layer, 3, 2, 2, 1), list(layer.state_dict()), repr(layer)])
    return found


@case
def the_last_dimensions_of_an_example(torch: Any, rng: Rng) -> Any:
    """``nn.LayerNorm(4)`` and ``nn.LayerNorm([2, 3])``: outputs, gradients, how they print."""
    layers = (torch.nn.LayerNorm(4), (2, 3, 4)), (torch.nn.LayerNorm([2, 3]), (2, 2, 3))
    return [(_trained(torch, rng, layer, *shape), repr(layer)) for layer, shape in layers]


@case
def groups_of_channels_of_an_example(torch: Any, rng: Rng) -> Any:
    """``nn.GroupNorm(2, 4)``: output and gradients, for images and for signals."""
    return [_trained(torch, rng, torch.nn.GroupNorm(2, 4), *shape) for shape in ((2, 4, 2, 2), (3, 4, 3))]


@case
def by_the_root_of_the_mean_square(torch: Any, rng: Rng) -> Any:
    """``nn.RMSNorm(4)``, and ``F.normalize`` by the 2-norm and the 1-norm."""
    functional, x = torch.nn.functional, floats(torch, rng, 3, 4)
    return _trained(torch, rng, torch.nn.RMSNorm(4), 2, 4), functional.normalize(x), functional.normalize(x, p=1, dim=0)


@case
def inputs_that_do_not_fit_are_refused(torch: Any, rng: Rng) -> Any:
    """The errors for one value a channel, a wrong number of dimensions, of channels, and of features."""
    nn, ones = torch.nn, torch.ones
    return [
        attempt(lambda: nn.BatchNorm2d(3)(ones(1, 3, 1, 1))),
        attempt(lambda: nn.BatchNorm2d(3)(ones(2, 3))),
        attempt(lambda: nn.BatchNorm2d(3)(ones(2, 4, 2, 2))),
        attempt(lambda: nn.LayerNorm(3)(ones(2, 4))),
        attempt(lambda: nn.GroupNorm(3, 4)),
    ]
