"""How the values of each tensor, or of its gradient, are spread: over the steps of a history, or at this moment."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, ScalarFormatter

from ..census.frameworks import framework_of
from .choice import chosen
from .history import History, is_countable
from .numbers import Floats, values_of
from .style import NORMAL, SMALL, Palette, drawing, dress, shortened, steps_label

MOST = 8  # tensors, unless more are asked for
MOST_BINS = 41
_FAN, _BARS, _HEAD, _FOOT = 0.82, 0.98, 0.42, 0.42  # inches


def weight_histogram(
    source: Any,
    *,
    names: str | Iterable[str] | None = None,
    same_scale: bool = False,
    title: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw how the values of each Parameter are spread, a strip a tensor.

    Parameters
    ----------
    source
        A ``History``: over its steps, as the median and the bands that hold the middle 50 % and 90 % of the values.
        Or a model: as a histogram of the values that it has now.
    names
        Names or patterns of the tensors, such as ``"layers.*.weight"``; by default up to eight.
    same_scale
        All strips have the same scale of values, so that they can be compared.

    Returns
    -------
    Axes
        The frame; ``ax.child_axes`` are the strips, in the order of the names.

    Raises
    ------
    TypeError
        If ``source`` is neither.
    KeyError
        If a name fits no tensor.
    ValueError
        If there is nothing to draw.
    """
    return _spread(source, "weights", names, same_scale, title, ax)


def gradient_histogram(
    source: Any,
    *,
    names: str | Iterable[str] | None = None,
    same_scale: bool = False,
    title: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw how the gradient of each Parameter is spread, a strip a tensor.

    The parameters, the result and the errors are those of ``weight_histogram``; of a model the gradients are drawn
    that are there now.
    """
    return _spread(source, "gradients", names, same_scale, title, ax)


def _spread(
    source: Any, what: str, names: str | Iterable[str] | None, same_scale: bool, title: str, ax: Axes | None
) -> Axes:
    history = source if isinstance(source, History) else None
    data, shapes = _of_history(history, what) if history is not None else _of_model(source, what)
    shown = chosen(names, list(data), MOST)
    height = _HEAD + _FOOT + (_BARS if history is None else _FAN) * len(shown)
    with drawing(ax, (6.4, height)) as (ax, palette):
        ax.set_axis_off()
        color = palette.kinds["Parameter"] if what == "weights" else palette.curves[1]
        strips = _strips(ax, shown, shapes, palette, history is None)
        for strip, name in zip(strips, shown, strict=True):
            if history is not None:
                _fan(strip, history.steps, data[name], color, palette)
            else:
                _histogram(strip, data[name], color, palette)
        if same_scale:
            _share(strips, "y" if history is not None else "x")
        _finish(strips, history, what, palette)
        left_out = f": {len(shown)} of {len(data):,} tensors" if len(shown) < len(data) else ""
        ax.set_title(title or f"{what.capitalize()}{left_out}", loc="left", color=palette.ink, pad=8)
    return ax


def _of_history(history: History, what: str) -> tuple[dict[str, Floats], dict[str, tuple[int, ...]]]:
    """Return quantiles a step by name, of tensors that have any."""
    if len(history) < 2:
        raise ValueError("no step is recorded yet: call history.record() after each optimizer.step()")
    read = history.weights if what == "weights" else history.gradients
    data = {name: values for name in history.names if np.isfinite(values := read(name)).any()}
    if not data:
        raise ValueError(
            f"the history has no {what}: call history.record() after backward(), before the gradients are cleared"
        )
    return data, history.shapes


def _of_model(model: Any, what: str) -> tuple[dict[str, Floats], dict[str, tuple[int, ...]]]:
    """Return values by name, of tensors that have any."""
    framework_of(model)
    tensors = {name: tensor for name, tensor in model.named_parameters() if is_countable(tensor)}
    if what == "gradients":
        tensors = {name: tensor.grad for name, tensor in tensors.items() if tensor.grad is not None}
    if not tensors:
        missing = "no Parameter with values" if what == "weights" else "no gradient yet: call loss.backward() first"
        raise ValueError(f"this {type(model).__name__} has {missing}")
    return (
        {name: values_of(tensor) for name, tensor in tensors.items()},
        {name: tuple(map(int, tensor.shape)) for name, tensor in tensors.items()},
    )


class _WithPower(ScalarFormatter):
    """Write a power of ten with each number: below or above a strip, where it goes else, is a name."""

    def __init__(self) -> None:
        super().__init__(useOffset=False, useMathText=False)

    def __call__(self, x: float, pos: int | None = None) -> str:
        power = super().get_offset().removeprefix("1")  # "e-10"
        return str(super().__call__(x, pos)) + (power if x else "")

    def get_offset(self) -> str:
        return ""


def _strips(
    ax: Axes, names: list[str], shapes: dict[str, tuple[int, ...]], palette: Palette, own_x: bool
) -> list[Axes]:
    """Put a small Axes a tensor into the frame, from top to bottom; with a scale below each if x is its own."""
    height = 1 / len(names)
    strips = []
    for at, name in enumerate(names):
        strip = ax.inset_axes((0.0, 1 - height * (at + 1), 1.0, height * (0.52 if own_x else 0.66)))
        dress(strip, palette)
        strip.set_facecolor("none")
        strip.tick_params(labelbottom=own_x or at == len(names) - 1)
        shape = " × ".join(map(str, shapes[name])) or "scalar"
        strip.set_title(shortened(name, 52), family="monospace", fontsize=SMALL, loc="left", pad=3, color=palette.ink)
        strip.set_title(shape, fontsize=SMALL, loc="right", pad=3, color=palette.faint)
        strips.append(strip)
    return strips


def _fan(strip: Axes, steps: Any, quantiles: Floats, color: str, palette: Palette) -> None:
    """Draw quantiles over steps: two bands and the median."""
    low, lower, middle, upper, high = quantiles.T
    strip.fill_between(steps, low, high, color=color, alpha=0.22, linewidth=0)
    strip.fill_between(steps, lower, upper, color=color, alpha=0.38, linewidth=0)
    strip.plot(steps, middle, color=color, linewidth=1.6)
    if np.nanmin(low) < 0 < np.nanmax(high):
        strip.axhline(0, color=palette.ink, linewidth=0.6, alpha=0.5)
    strip.set_xlim(0, len(steps) - 1)
    strip.yaxis.set_major_locator(MaxNLocator(3))


def _histogram(strip: Axes, values: Floats, color: str, palette: Palette) -> None:
    """Draw how many of the values lie where."""
    finite = values[np.isfinite(values)]
    bins = min(MOST_BINS, math.ceil(2 * len(finite) ** (1 / 3)))  # Rice's rule
    counts, edges = np.histogram(finite, max(bins, 1))
    strip.stairs(counts, edges, fill=True, color=color, alpha=0.75)
    strip.set_ylim(0, max(counts.max(), 1) * 1.05)
    strip.set_yticks([])
    strip.spines["left"].set_visible(False)
    if edges[0] < 0 < edges[-1]:
        strip.axvline(0, color=palette.ink, linewidth=0.6, alpha=0.5)
    if len(finite) < len(values):
        said = f"{len(values) - len(finite):,} values are nan or inf"
        strip.text(1, 0.9, said, transform=strip.transAxes, ha="right", va="top", color=palette.warn, fontsize=SMALL)


def _share(strips: list[Axes], axis: str) -> None:
    limits = [strip.get_ylim() if axis == "y" else strip.get_xlim() for strip in strips]
    low, high = min(limit[0] for limit in limits), max(limit[1] for limit in limits)
    for strip in strips:
        (strip.set_ylim if axis == "y" else strip.set_xlim)(low, high)


def _finish(strips: list[Axes], history: History | None, what: str, palette: Palette) -> None:
    for strip in strips:
        strip.xaxis.set_major_locator(MaxNLocator(6, integer=history is not None))
        (strip.xaxis if history is None else strip.yaxis).set_major_formatter(_WithPower())
    value = "value" if what == "weights" else "value of .grad"
    label = value if history is None else steps_label("line: median; bands: the middle 50 % and 90 % of the values")
    strips[-1].set_xlabel(label, color=palette.faint, fontsize=NORMAL)
