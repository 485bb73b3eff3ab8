"""Pooling: what is kept of each window, and where the gradient goes."""

from __future__ import annotations

from typing import Any

import numpy as np

from .case import attempt, case, floats

Rng = np.random.Generator


def _pooled(torch: Any, rng: Rng, function: Any, *shape: int) -> list[Any]:
    """Return what a function makes of a tensor of this shape, and the tensor's gradient."""
    x = floats(torch, rng, *shape).requires_grad_()
    out = function(x)
    out.backward(floats(torch, rng, *out.shape))
    return [out.detach(), x.grad]


@case
def the_maximum_of_each_window(torch: Any, rng: Rng) -> Any:
    """``F.max_pool2d(x, 2)``, and of overlapping, padded and dilated windows; where the gradients go."""
    functional = torch.nn.functional
    return [
        _pooled(torch, rng, lambda x: functional.max_pool2d(x, 2), 1, 2, 4, 4),
        _pooled(torch, rng, lambda x: functional.max_pool2d(x, 3, stride=1, padding=1), 1, 1, 4, 4),
        _pooled(torch, rng, lambda x: functional.max_pool2d(x, (2, 3), (2, 1), dilation=(2, 1)), 1, 1, 5, 4),
        _pooled(torch, rng, lambda x: functional.max_pool1d(x, 2), 1, 2, 5),
    ]


@case
def of_equal_maxima_the_first_gets_the_gradient(torch: Any, rng: Rng) -> Any:
    """``F.max_pool2d`` of an image of ones, and the indices that it returns."""
    x = torch.ones(1, 4, 4, requires_grad=True)
    out, indices = torch.nn.functional.max_pool2d(x, 2, return_indices=True)
    out.sum().backward()
    return indices, x.grad


@case
def a_last_window_may_reach_over_the_end(torch: Any, rng: Rng) -> Any:
    """``ceil_mode=True`` of the maximum and of the mean, with a padding that counts and one that does not."""
    functional = torch.nn.functional
    return [
        _pooled(torch, rng, lambda x: functional.max_pool2d(x, 2, ceil_mode=True), 1, 1, 3, 5),
        _pooled(torch, rng, lambda x: functional.avg_pool2d(x, 3, 2, 1, ceil_mode=True), 1, 1, 4, 4),
        _pooled(torch, rng, lambda x: functional.avg_pool2d(x, 3, 2, 1, True, count_include_pad=False), 1, 1, 4, 4),
    ]


@case
def the_mean_of_each_window(torch: Any, rng: Rng) -> Any:
    """``F.avg_pool2d(x, 2)``, with a divisor of one's own, and ``F.avg_pool1d``."""
    functional = torch.nn.functional
    return [
        _pooled(torch, rng, lambda x: functional.avg_pool2d(x, 2), 1, 2, 4, 4),
        _pooled(torch, rng, lambda x: functional.avg_pool2d(x, 2, 1, divisor_override=3), 1, 1, 3, 3),
        _pooled(torch, rng, lambda x: functional.avg_pool1d(x, 3, 2, 1), 1, 2, 5),
    ]


@case
def as_many_windows_as_are_asked_for(torch: Any, rng: Rng) -> Any:
    """``F.adaptive_avg_pool2d`` to 1, 2 and (3, None) windows, and the maximum likewise."""
    functional = torch.nn.functional
    means = [
        _pooled(torch, rng, lambda x, size=size: functional.adaptive_avg_pool2d(x, size), 1, 1, 5, 4)
        for size in (1, 2, (3, None))
    ]
    return means, _pooled(torch, rng, lambda x: functional.adaptive_max_pool2d(x, 2), 1, 1, 5, 3)


@case
def pooling_layers_hold_no_tensors(torch: Any, rng: Rng) -> Any:
    """How pooling layers print, and their state_dict."""
    nn = torch.nn
    layers = nn.MaxPool2d(2), nn.MaxPool1d(3, 1, padding=1), nn.AvgPool2d(2), nn.AvgPool1d(2), nn.AdaptiveAvgPool2d(1)
    return [(repr(layer), len(layer.state_dict())) for layer in layers]


@case
def windows_that_do_not_fit_are_refused(torch: Any, rng: Rng) -> Any:
    """The errors for too large a window, too large a padding, a stride of zero, and too few dimensions."""
    pool, image = torch.nn.functional.max_pool2d, torch.ones(1, 1, 4, 4)
    return [
        attempt(lambda: pool(image, 5)),
        attempt(lambda: pool(image, 2, padding=2)),
        attempt(lambda: pool(image, 2, stride=0)),
        attempt(lambda: torch.nn.functional.avg_pool2d(image, 5)),
    ]
