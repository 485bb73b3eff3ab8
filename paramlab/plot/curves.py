"""Curves over steps: losses, and how far each step moves a tensor."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from .choice import chosen
from .history import History
from .numbers import Floats, number
from .style import SMALL, End, Palette, drawing, dress, label_ends, name_axes, shortened, steps_label

LOG_FROM = 30.0  # a loss that falls by more than this factor is drawn on a log scale
RULE_OF_THUMB = 1e-3
MOST_LABELS = 6  # lines that can each have a colour and a name

Curve = tuple[Floats, Floats]


def loss_curve(
    losses: Any,
    *,
    smooth: int | None = None,
    scale: Literal["linear", "log"] | None = None,
    title: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw one loss over its steps, or several with their names.

    Parameters
    ----------
    losses
        The values, a number or a tensor with one element each; or a tensor of them. ``{step: value}`` for values that
        belong to certain steps, ``{"name": values}`` for several curves.
    smooth
        Draw the mean over the last so many steps, and the values themselves faintly behind.
    scale
        Of the losses. By default logarithmic if they are positive and fall by a factor of 30 or more.

    Raises
    ------
    TypeError
        If a value is no number.
    ValueError
        If there is no value at all, or ``smooth`` is less than 1.
    """
    if smooth is not None and smooth < 1:
        raise ValueError(f"smooth is a number of steps, 1 or more, but got {smooth}")
    curves = _curves(losses)
    with drawing(ax, (6.4, 3.6)) as (ax, palette):
        dress(ax, palette)
        ends = []
        for at, (name, (steps, values)) in enumerate(curves.items()):
            color = palette.curves[at % len(palette.curves)]
            shown = values if smooth is None else _trailing_mean(steps, values, smooth)
            if smooth is not None:
                ax.plot(steps, values, color=color, linewidth=0.8, alpha=0.3, label="_values")
            alone = len(steps) == 1
            ax.plot(steps, shown, color=color, linewidth=1.8, label=name or "loss", marker="o" if alone else "")
            last = np.flatnonzero(np.isfinite(shown))
            if name and len(last):
                ends.append(End(float(steps[last[-1]]), float(shown[last[-1]]), name, color))
        _scale_losses(ax, list(curves.values()), scale)
        smoothed = f"mean over the last {smooth} steps" if smooth is not None and smooth > 1 else ""
        name_axes(ax, palette, steps_label(smoothed), "loss", title)
        _label(ax, palette, ends)
        _mark_gaps(ax, palette, curves)
    return ax


def _curves(losses: Any) -> dict[str, Curve]:
    """Return steps and values by name; a single curve has none."""
    if isinstance(losses, Mapping) and all(isinstance(key, str) for key in losses):
        curves = {name: _curve(values, f"curve {name!r}, ") for name, values in losses.items()}
    else:
        curves = {"": _curve(losses, "")}
    if not any(len(steps) for steps, _ in curves.values()):
        raise ValueError("there is no loss to draw yet. Keep them while training: losses.append(loss.item())")
    return curves


def _curve(values: Any, where: str) -> Curve:
    if hasattr(values, "tolist"):
        values = values.tolist()
    if isinstance(values, Mapping):
        pairs = sorted(values.items())
    elif isinstance(values, Iterable) and not isinstance(values, str):
        pairs = list(enumerate(values))
    else:
        raise TypeError(
            f"{where}losses are numbers in a list, one a step, but got {type(values).__name__!r}. "
            "Keep them while training: losses.append(loss.item())"
        )
    numbers = [number(value, f"{where}step {step}") for step, value in pairs]
    return np.array([step for step, _ in pairs], float), np.array(numbers, float)


def _trailing_mean(steps: Floats, values: Floats, over: int) -> Floats:
    """Return for each step the mean of the values of the last ``over`` steps, its own included."""
    starts = np.searchsorted(steps, steps - over, side="right")
    return np.array([values[start : end + 1].mean() for end, start in enumerate(starts)])


def _scale_losses(ax: Axes, curves: list[Curve], scale: str | None) -> None:
    values = np.concatenate([values for _, values in curves])
    values = values[np.isfinite(values)]
    if scale is None and len(values):
        scale = "log" if values.min() > 0 and values.max() / values.min() >= LOG_FROM else "linear"
    if scale == "log":
        log_scale(ax, values)
    elif len(values) and values.min() >= 0:
        ax.set_ylim(0, (values.max() or 1) * 1.05)
    first, last = (pick(steps for every, _ in curves for steps in every) for pick in (min, max))
    ax.set_xlim(first, last if last > first else first + 1)
    ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))


def log_scale(ax: Axes, values: Floats) -> None:
    """Make y logarithmic, with numbers as one reads them: 0.1 rather than a power of ten."""
    low, high = float(values.min()), float(values.max())
    ax.set_yscale("log")
    ax.set_ylim(low / 1.3, high * 1.3)
    decades = math.log10(high / low)
    ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if decades < 2 else (1,)))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.yaxis.set_minor_formatter(NullFormatter())


def _mark_gaps(ax: Axes, palette: Palette, curves: Mapping[str, Curve]) -> None:
    """Mark where a loss first was no finite number: a line simply ends there, and nobody would see why."""
    for name, (steps, values) in curves.items():
        broken = np.flatnonzero(~np.isfinite(values))
        if len(broken):
            step = steps[broken[0]]
            ground = ax.get_xaxis_transform()
            ax.plot([step], [0.03], "^", color=palette.warn, transform=ground, clip_on=False, label="_broken")
            ax.annotate(
                f"{name}{' ' if name else ''}{values[broken[0]]} at step {step:g}",
                (step, 0.03),
                xycoords=ground,
                xytext=(7, 0),
                textcoords="offset points",
                color=palette.warn,
                fontsize=SMALL,
                verticalalignment="center",
                annotation_clip=False,
            )


def _label(ax: Axes, palette: Palette, ends: list[End]) -> None:
    if len(ends) <= MOST_LABELS:
        label_ends(ax, ends)
    else:
        ax.legend(frameon=False, fontsize=SMALL, labelcolor=palette.ink, ncols=2)


def update_ratio(
    history: History,
    *,
    names: str | Iterable[str] | None = None,
    title: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw how far each step moves a tensor, as a part of its size: ‖update‖ / ‖weight‖, on a log scale.

    A common rule of thumb takes about 1e-3 as healthy; much more is too fast a learning rate, much less too slow a one
    (https://cs231n.github.io/neural-networks-3/#ratio).

    Parameters
    ----------
    history
        What was recorded: ``history = plot.History(model)``, then ``history.record()`` after each step.
    names
        Names or patterns of the tensors. By default those with two or more dimensions: a bias begins at or near zero,
        where the ratio tells little. ``"*"`` takes all.

    Raises
    ------
    KeyError
        If a name fits no tensor.
    ValueError
        If no step was recorded, or none moved anything.
    """
    if not isinstance(history, History):
        raise TypeError(
            f"expected a History, but got {type(history).__name__!r}. Make one before training: "
            "history = plot.History(model), and call history.record() after each step"
        )
    if len(history) < 2:
        raise ValueError("no step is recorded yet: call history.record() after each optimizer.step()")
    matrices = [name for name in history.names if len(history.shapes[name]) >= 2]
    shown = matrices if names is None and matrices else chosen("*" if names is None else names, history.names, 0)
    ratios = {name: history.update_ratios(name) for name in shown}
    drawn = {name: np.where(np.isfinite(ratio) & (ratio > 0), ratio, np.nan) for name, ratio in ratios.items()}
    drawn = {name: ratio for name, ratio in drawn.items() if not np.isnan(ratio).all()}
    if not drawn:
        raise ValueError("no step moved any of these tensors: is record() called after optimizer.step()?")
    with drawing(ax, (6.4, 3.8)) as (ax, palette):
        dress(ax, palette)
        ranks = _extremes(drawn)
        ends = []
        for name, ratio in drawn.items():
            color = palette.curves[ranks.index(name)] if name in ranks else palette.faint
            width, alpha = (1.8, 1.0) if name in ranks else (0.8, 0.35)
            ax.plot(history.steps, ratio, color=color, linewidth=width, alpha=alpha, label=name)
            if name in ranks:
                last = np.flatnonzero(np.isfinite(ratio))[-1]
                ends.append(End(float(last), float(ratio[last]), shortened(name, 34), color))
        values = np.concatenate([[RULE_OF_THUMB, 2 * RULE_OF_THUMB], *drawn.values()])  # room to say what the line is
        log_scale(ax, values[np.isfinite(values)])
        ax.set_xlim(0, len(history) - 1)
        ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))
        ax.axhline(RULE_OF_THUMB, color=palette.ink, linewidth=1, linestyle=(0, (5, 3)), label="_rule of thumb")
        ax.annotate(
            "1e-3: a common rule of thumb",
            (0, RULE_OF_THUMB),
            xycoords=ax.get_yaxis_transform(),
            xytext=(5, 3),
            textcoords="offset points",
            color=palette.ink,
            fontsize=SMALL,
            path_effects=[withStroke(linewidth=3, foreground=palette.face)],
            zorder=4,
        )
        unnamed = f"{len(drawn)} tensors; the largest and the smallest are named" if len(drawn) > len(ranks) else ""
        name_axes(ax, palette, steps_label(unnamed), "update / weight", title)
        label_ends(ax, ends)
    return ax


def _extremes(curves: Mapping[str, Floats]) -> list[str]:
    """Return the names to be written: all, or those of the largest and the smallest values at the end."""
    if len(curves) <= MOST_LABELS:
        return list(curves)
    rank = sorted(curves, key=lambda name: float(np.nanmedian(curves[name][len(curves[name]) // 2 :])))
    return rank[: MOST_LABELS // 2] + rank[-MOST_LABELS // 2 :]
