"""Dropout: in training, in evaluation, and what it does to a gradient."""

from __future__ import annotations

from typing import Any

import numpy as np

from .case import attempt, case, floats

Rng = np.random.Generator


@case
def what_is_left_is_scaled(torch: Any, rng: Rng) -> Any:
    """The values that ``nn.Dropout(0.25)`` makes of ones, and whether the gradient has the same."""
    x = torch.ones(200, requires_grad=True)
    out = torch.nn.Dropout(0.25)(x)
    out.sum().backward()
    return sorted({round(value, 4) for value in out.tolist()}), torch.equal(out, x.grad)


@case
def after_eval_nothing_is_dropped(torch: Any, rng: Rng) -> Any:
    """``nn.Dropout()`` and ``nn.Dropout2d()`` after ``eval()``: is the output the input itself?"""
    x = floats(torch, rng, 2, 3, 2, 2)
    return [layer.eval()(x) is x for layer in (torch.nn.Dropout(), torch.nn.Dropout2d())]


@case
def everything_or_nothing(torch: Any, rng: Rng) -> Any:
    """``F.dropout`` with ``p=1`` and ``p=0``, and in place."""
    dropout, x = torch.nn.functional.dropout, floats(torch, rng, 4)
    return dropout(x, 1.0), dropout(x, 0.0), dropout(x, 1.0, inplace=True) is x, x


@case
def channels_are_dropped_whole(torch: Any, rng: Rng) -> Any:
    """``nn.Dropout2d()`` and ``nn.Dropout1d()`` of ones: how many different values each channel has."""
    images = torch.nn.Dropout2d()(torch.ones(5, 4, 3, 3))
    signals = torch.nn.Dropout1d()(torch.ones(5, 4, 3))
    return [{len(set(channel)) for channel in out.reshape(20, -1).tolist()} == {1} for out in (images, signals)]


@case
def no_probability_is_refused(torch: Any, rng: Rng) -> Any:
    """The errors for ``nn.Dropout(2)`` and ``F.dropout(x, -0.5)``; how a layer prints."""
    wrong = attempt(lambda: torch.nn.Dropout(2)), attempt(lambda: torch.nn.functional.dropout(torch.ones(2), -0.5))
    return *wrong, repr(torch.nn.Dropout(0.2))
