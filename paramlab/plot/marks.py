"""The signs of the census as shapes: they need no font, and no colour to be told apart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.path import Path

from .style import Palette

Point = tuple[float, float]

_CHECK = Path([(-0.5, 0.02), (-0.15, -0.36), (0.5, 0.42)])
_CALL = Path.make_compound_path(  # an exclamation mark, in the units of the triangle
    Path([(-0.12, 0.38), (0.12, 0.38), (0.08, -0.24), (-0.08, -0.24), (-0.12, 0.38)], closed=True),
    Path.circle((0, -0.5), 0.13),
)
_TRIANGLE = Path([(0, 0.95), (1, -0.8), (-1, -0.8), (0, 0.95)], closed=True)
_HALF = Path.wedge(90, 270)
_LINES = Path(
    [(x, y) for height in (0.6, 0.0, -0.6) for x, y in ((-0.75, height), (0.75, height))],
    [Path.MOVETO, Path.LINETO] * 3,
)
GHOST = "only in the optimizer"


def draw_kind(ax: Axes, palette: Palette, kind: str, at: Sequence[Point], size: float) -> None:
    """Draw the sign of a kind at some places: □ Tensor, ◆ Parameter, ≡ Buffer, a dashed ◇ for a ghost."""
    color = palette.warn if kind == GHOST else palette.kinds[kind]
    if kind == "Parameter":
        _mark(ax, at, "D", size * 0.72, color, label=kind)
    elif kind == "Buffer":
        _mark(ax, at, _LINES, size * 0.85, color, line=size * 0.17, filled=False, label=kind)
    elif kind == "Tensor":
        _mark(ax, at, "s", size * 0.76, color, line=size * 0.14, filled=False, label=kind)
    else:
        _mark(ax, at, "D", size * 0.7, color, line=size * 0.12, filled=False, dashed=True, label=kind)


def draw_state(ax: Axes, palette: Palette, state: str, at: Sequence[Point], size: float, color: str) -> None:
    """Draw an answer at some places: ✓ on a disc, a dot, a half-filled ring, or a triangle that calls."""
    if state == "yes":
        _mark(ax, at, "o", size, color, label=state)
        _mark(ax, at, _CHECK, size * 0.52, palette.face, line=size * 0.12, filled=False)
    elif state == "no":
        _mark(ax, at, "o", size * 0.28, palette.faint, label=state)
    elif state == "skip":
        _mark(ax, at, "o", size * 0.86, color, line=size * 0.11, filled=False, label=state)
        _mark(ax, at, _HALF, size * 0.86, color)
    else:
        _mark(ax, at, _TRIANGLE, size, palette.warn, line=size * 0.06, label=state)
        _mark(ax, at, _CALL, size * 0.63, palette.face)


def _mark(
    ax: Axes,
    at: Sequence[Point],
    marker: str | Path,
    size: float,
    color: str,
    *,
    line: float = 0.0,
    filled: bool = True,
    dashed: bool = False,
    label: str = "",
) -> None:
    """Draw a marker ``size`` points wide at each place."""
    if not len(at):
        return
    xs, ys = np.array(at, float).T
    ax.scatter(
        xs,
        ys,
        s=size**2,
        marker=marker,
        facecolors=color if filled else "none",
        edgecolors=color if line else "none",
        linewidths=line,
        linestyles=(0, (1.5, 1.2)) if dashed else "solid",
        capstyle="round",
        joinstyle="round",
        clip_on=False,
        zorder=3,
        label=label or "_part",
    )
