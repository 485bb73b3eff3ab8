"""The census as a figure for a paper or a slide."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes

from ..census.read import examine
from ..census.render import count, shape_of, summary
from ..census.rows import LABELS, LANES, Census, Row, State
from .marks import GHOST, draw_kind, draw_state
from .style import LETTER, NORMAL, POINTS, SMALL, Palette, drawing, sheet_of, shortened

MOST = 40  # rows; the tensors of a larger model are counted module by module
_NAME = 44  # letters of a name
_ROW, _HEAD, _FOOT, _PAD, _GAP, _LANE, _SIGN = 19.0, 30.0, 32.0, 14.0, 20.0, 76.0, 11.0  # points
_BY_WEIGHT: tuple[State, ...] = ("warn", "skip", "yes")  # what a reader must see first
_WORDS: tuple[tuple[State, str], ...] = (
    ("yes", "yes"),
    ("no", "no"),
    ("skip", "held, but skipped"),
    ("warn", "look at it"),
)


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the figure: a tensor, or several of one kind in a module. ``tallies`` counts the states per question."""

    name: str
    kind: str
    shape: str
    size: int
    tallies: tuple[Counter[State], ...]


def census_figure(
    model: Any,
    optimizer: Any = None,
    *,
    max_rows: int = MOST,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the census: a row a tensor, and for each of the five questions its answer.

    Parameters
    ----------
    model
        A model of paramlab or PyTorch, or a census of one.
    optimizer
        The optimizer that trains the model.
    max_rows
        Of more tensors than this, those of one kind in a module are a row, with ``n/N`` where they differ.
    title
        By default how many tensors there are, and how much there is to look at.

    Raises
    ------
    TypeError
        If ``model`` is no model, or ``optimizer`` no optimizer.
    ValueError
        If a census comes with an optimizer, or ``max_rows`` is less than 1.
    """
    if max_rows < 1:
        raise ValueError(f"max_rows is 1 or more, but got {max_rows}")
    if isinstance(model, Census) and optimizer is not None:
        raise ValueError("a census has looked at the optimizer already: census_figure(census(model, optimizer))")
    census = model if isinstance(model, Census) else examine(model, optimizer).census
    title = summary(census) if title is None else title
    lines = lines_of(census, max_rows)
    letter = LETTER * SMALL
    names = max((len(shortened(line.name, _NAME)) for line in lines), default=6) * letter
    shapes = max((len(line.shape) for line in lines), default=5) * letter * 0.95
    shape_at = _PAD + _SIGN + 8 + max(names, 40) + _GAP
    lanes = [shape_at + max(shapes, 34) + _GAP + _LANE * (at + 0.5) for at in range(len(LANES))]
    width = max(lanes[-1] + _LANE / 2 + _PAD, 470.0)
    top = _PAD + (24 if title else 0)
    height = top + _HEAD + _ROW * len(lines) + _FOOT
    with drawing(ax, (width / POINTS, height / POINTS), sheet=True) as (ax, palette):
        sheet = _Sheet(ax, palette, sheet_of(ax, width, height))
        if title:
            sheet.write(_PAD, _PAD + 8, title, size=NORMAL + 1, weight="bold")
        sheet.head(top + 14, shape_at, lanes)
        sheet.rule(top + _HEAD - 4, width)
        places = [top + _HEAD + _ROW * (at + 0.5) for at in range(len(lines))]
        for y, line in zip(places, lines, strict=True):
            sheet.write(_PAD + _SIGN + 8, y, shortened(line.name, _NAME), mono=True)
            sheet.write(shape_at, y, line.shape, color=palette.faint)
        sheet.signs(list(zip(places, lines, strict=True)), lanes)
        sheet.rule(height - _FOOT + 2, width)
        sheet.legend(height - _FOOT / 2 + 2, lines)
    return ax


class _Sheet:
    """An Axes to write on, in points."""

    def __init__(self, ax: Axes, palette: Palette, scale: float) -> None:
        self.ax, self.palette, self.scale = ax, palette, scale

    def write(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = SMALL,
        color: str = "",
        mono: bool = False,
        weight: str = "normal",
        align: str = "left",
    ) -> None:
        self.ax.text(
            x,
            y,
            text,
            fontsize=size * self.scale,
            color=color or self.palette.ink,
            family="monospace" if mono else None,
            fontweight=weight,
            horizontalalignment=align,
            verticalalignment="center_baseline",
            parse_math=False,
        )

    def rule(self, y: float, width: float) -> None:
        self.ax.plot([_PAD, width - _PAD], [y, y], color=self.palette.line, linewidth=0.8, label="_rule")

    def head(self, y: float, shape_at: float, lanes: Sequence[float]) -> None:
        self.write(_PAD + _SIGN + 8, y, "tensor", color=self.palette.faint)
        self.write(shape_at, y, "shape", color=self.palette.faint)
        for x, lane in zip(lanes, LANES, strict=True):
            self.write(x, y, LABELS[lane], color=self.palette.faint, align="center")

    def signs(self, lines: Iterable[tuple[float, Line]], lanes: Sequence[float]) -> None:
        """Draw the kinds and the answers, all alike ones at once."""
        kinds: dict[str, list[tuple[float, float]]] = defaultdict(list)
        states: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
        for y, line in lines:
            kinds[line.kind].append((_PAD + _SIGN / 2, y))
            for x, tally in zip(lanes, line.tallies, strict=True):
                self._answer(x, y, line, tally, states)
        for kind, places in kinds.items():
            draw_kind(self.ax, self.palette, kind, places, _SIGN * self.scale)
        for (state, kind), places in states.items():
            draw_state(self.ax, self.palette, state, places, _SIGN * self.scale, self._color(kind))

    def _answer(
        self,
        x: float,
        y: float,
        line: Line,
        tally: Counter[State],
        states: dict[tuple[str, str], list[tuple[float, float]]],
    ) -> None:
        """Note an answer's sign; write ``n/N`` where several tensors have different ones."""
        if len(tally) == 1:
            states[next(iter(tally)), line.kind].append((x, y))
            return
        worst = next(state for state in _BY_WEIGHT if tally[state])
        states[worst, line.kind].append((x - 15, y))
        self.write(x - 5, y, f"{tally[worst]}/{line.size}")

    def _color(self, kind: str) -> str:
        return self.palette.warn if kind == GHOST else self.palette.kinds[kind]

    def legend(self, y: float, lines: Sequence[Line]) -> None:
        """Say what the signs mean that are there."""
        x = _PAD
        for kind in ("Tensor", "Parameter", "Buffer", GHOST):
            if any(line.kind == kind for line in lines):
                draw_kind(self.ax, self.palette, kind, [(x + _SIGN / 2, y)], _SIGN * self.scale)
                x = self._word(x, y, kind)
        x += 10
        for state, word in _WORDS:
            if any(tally[state] for line in lines for tally in line.tallies):
                draw_state(self.ax, self.palette, state, [(x + _SIGN / 2, y)], _SIGN * self.scale, self.palette.faint)
                x = self._word(x, y, word)

    def _word(self, x: float, y: float, word: str) -> float:
        self.write(x + _SIGN + 5, y, word, color=self.palette.faint)
        return x + _SIGN + 5 + len(word) * SMALL * 0.56 + 12


# ---------------------------------------------------------------------- from the census to the rows of the figure


def lines_of(census: Census, most: int) -> list[Line]:
    """Return a line a tensor; of more than ``most``, a line for each kind in each module, as deep as there is room."""
    rows = [*census.rows, *census.orphans]
    if len(rows) <= most:
        return [_line(row.name, [row]) for row in rows]
    deepest = max(len(_parts(row.name)) for row in rows)
    groups = _grouped(rows, 0)
    for depth in range(1, deepest):
        finer = _grouped(rows, depth)
        if len(finer) > most:
            break
        groups = finer
    return [_line(name, group) for (name, _), group in groups.items()]


def _grouped(rows: Iterable[Row], depth: int) -> dict[tuple[str, str], list[Row]]:
    groups: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        parts = _parts(row.name)
        name = "".join(parts[:depth]) if depth < len(parts) else row.name
        groups[name, _kind(row)].append(row)
    return groups


def _parts(name: str) -> list[str]:
    """Return the steps of a name, each with its dot or bracket: ``layers``, ``[0]``, ``.weight``."""
    return re.findall(r"^[^.\[]+|\.[^.\[]+|\[[^\]]*\]", name) or [name]


def _line(name: str, rows: Sequence[Row]) -> Line:
    tallies = tuple(Counter(row.states[lane] for row in rows) for lane in LANES)
    if len(rows) == 1:
        return Line(rows[0].name, _kind(rows[0]), shape_of(rows[0]), 1, tallies)
    return Line(f"{name}.*" if name else "*", _kind(rows[0]), count(len(rows), "tensor"), len(rows), tallies)


def _kind(row: Row) -> str:
    return GHOST if "ghost-held" in row.reasons else row.kind
