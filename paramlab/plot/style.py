"""What all figures have in common: their colours and sizes, and a context that leaves matplotlib's settings alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba

POINTS = 72.0  # a point is 1/72 inch
SMALL, NORMAL = 9.0, 10.0  # sizes of letters, in points
LETTER = 0.602  # how wide a letter of DejaVu Sans Mono is, as a part of its size


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours of a figure; those of the kinds are the widgets' own."""

    face: str
    ink: str
    faint: str  # of what is said aside
    line: str
    kinds: dict[str, str]
    warn: str
    curves: tuple[str, ...]


# The curves' colours are those of Okabe and Ito (2008), which can be told apart by the colour-blind.
LIGHT = Palette(
    "#ffffff",
    "#1f2328",
    "#5f6875",
    "#d6dae0",
    {"Parameter": "#5b45d6", "Buffer": "#0b7a75", "Tensor": "#5f6875"},
    "#a84f06",
    ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"),
)
DARK = Palette(
    "#14161a",
    "#e8eaed",
    "#a3adba",
    "#43474f",
    {"Parameter": "#a99bff", "Buffer": "#45c8bd", "Tensor": "#a3adba"},
    "#f0a33a",
    ("#56b4e9", "#ff8a3d", "#2fcf9f", "#e3a3c6", "#f0c04a", "#9fd3f5"),
)

_SETTINGS: dict[Any, Any] = {  # the stubs of matplotlib name every key
    "font.size": NORMAL,
    "axes.titlesize": 11.0,
    "axes.titlelocation": "left",
    "axes.labelsize": NORMAL,
    "figure.autolayout": False,
}


@contextmanager
def drawing(ax: Axes | None, size: tuple[float, float], *, sheet: bool = False) -> Iterator[tuple[Axes, Palette]]:
    """Yield the Axes to draw on, and colours that can be read there.

    Parameters
    ----------
    ax
        The caller's Axes; None makes a figure of ``size`` inches. It is white, so that it can be read in a dark
        notebook too, unless the caller's own style sets a dark face.
    sheet
        The Axes of a new figure fill it.
    """
    if ax is not None and not isinstance(ax, Axes):
        raise TypeError(
            f"ax is one of matplotlib's Axes, but got {type(ax).__name__!r}. Make one: fig, ax = plt.subplots()"
        )
    if ax is not None:
        palette = _readable_on(ax.figure.get_facecolor())
    else:
        palette = _readable_on(mpl.rcParams["figure.facecolor"])
    with mpl.rc_context({**_SETTINGS, "text.color": palette.ink, "axes.titlecolor": palette.ink}):
        if ax is not None:
            yield ax, palette
            return
        layout: Any = {"gridspec_kw": FULL} if sheet else {"layout": "constrained"}
        figure, ax = plt.subplots(figsize=size, facecolor=palette.face, **layout)
        ax.set_facecolor(palette.face)
        try:
            yield ax, palette
        except BaseException:
            plt.close(figure)
            raise


FULL = {"left": 0.0, "right": 1.0, "bottom": 0.0, "top": 1.0}


def _readable_on(face: Any) -> Palette:
    """Return the colours for a face; a transparent one counts as white."""
    red, green, blue, opaque = to_rgba(face)
    return DARK if opaque > 0.5 and 0.3 * red + 0.6 * green + 0.1 * blue < 0.5 else LIGHT


def dress(ax: Axes, palette: Palette, grid: bool = True) -> None:
    """Give an Axes thin lines and quiet ticks."""
    for side, spine in ax.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set(color=palette.line, linewidth=1)
    ax.tick_params(which="both", color=palette.line, labelcolor=palette.faint, labelsize=SMALL, length=3, width=1)
    ax.tick_params(which="minor", length=0)
    ax.set_axisbelow(True)
    ax.grid(grid, axis="y", color=palette.line, linewidth=0.6, alpha=0.7, linestyle="-")
    ax.grid(False, axis="x")


def name_axes(ax: Axes, palette: Palette, x: str, y: str, title: str) -> None:
    """Write what the axes and the whole show."""
    ax.set_xlabel(x, color=palette.faint, fontsize=NORMAL)
    ax.set_ylabel(y, color=palette.faint, fontsize=NORMAL)
    if title:
        ax.set_title(title, color=palette.ink, loc="left", pad=10)


def steps_label(aside: str) -> str:
    """Return what is written below the steps, and aside what one must know to read the lines."""
    return f"step      ({aside})" if aside else "step"


@dataclass(frozen=True, slots=True)
class End:
    """Where a line ends, and what is written there."""

    x: float
    y: float
    text: str
    color: str


def label_ends(ax: Axes, ends: Sequence[End]) -> None:
    """Write each line's name at its end, none over another. The limits of the Axes must be set by then."""
    gap = 1.35 * SMALL
    scale = POINTS / ax.figure.dpi
    rank = sorted(ends, key=lambda end: (end.y, end.text))
    heights = [float(ax.transData.transform((end.x, end.y))[1]) * scale for end in rank]
    placed: list[float] = []
    for height in heights:
        placed.append(max(height, placed[-1] + gap) if placed else height)
    back = sum(a - b for a, b in zip(placed, heights, strict=True)) / max(len(rank), 1)
    for end, height, at in zip(rank, heights, placed, strict=True):
        ax.annotate(
            end.text,
            (end.x, end.y),
            xytext=(7, at - back - height),
            textcoords="offset points",
            color=end.color,
            fontsize=SMALL,
            fontweight="bold",
            verticalalignment="center",
            annotation_clip=False,
        )


def sheet_of(ax: Axes, width: float, height: float) -> float:
    """Make an Axes a sheet of ``width`` × ``height`` points, y pointing down; return the scale it is drawn in."""
    ax.set_axis_off()
    ax.set_aspect("equal")
    ax.set_xlim(0, width)
    ax.set_ylim(height, 0)
    box = ax.get_window_extent()
    scale = POINTS / ax.figure.dpi
    return min(1.0, box.width * scale / width, box.height * scale / height)


def shortened(name: str, most: int) -> str:
    """Return a name that fits: of a long one its end, which tells more."""
    return name if len(name) <= most else f"…{name[1 - most :]}"
