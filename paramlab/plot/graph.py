"""The graph of a loss: its operations in layers, and the tensors in which the gradient arrives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from matplotlib.path import Path

from ..census.frameworks import framework_of, is_buffer, loaded
from ..census.graph import MOST, Node, read_graph
from ..census.layout import layered
from ..census.read import examine
from .marks import draw_kind
from .style import LETTER, POINTS, SMALL, Palette, drawing, sheet_of, shortened

_NAME = 30  # letters of a name
_BOX, _LAYER, _PAD, _SIGN = 22.0, 46.0, 16.0, 11.0  # points

Point = tuple[float, float]


def loss_graph(
    loss: Any,
    *,
    names: Any = None,
    max_nodes: int = MOST,
    title: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw the graph of a loss: the way of the gradient from the loss at the top to the leaves.

    Parameters
    ----------
    loss
        A tensor of paramlab or PyTorch that was computed from tensors that require a gradient.
    names
        What the leaves are called: a model, or ``{"x": tensor, "model": model}``.
    max_nodes
        Of a larger graph an extract is drawn: of alike blocks the first and the last.

    Raises
    ------
    TypeError
        If ``loss`` is no tensor, or ``names`` neither a model nor a dict of models and tensors.
    ValueError
        If ``loss`` has no graph.
    """
    if not any(isinstance(loss, framework.tensor) for framework in loaded()):
        raise TypeError(f"expected a loss, a tensor, but got {type(loss).__name__!r}")
    if not loss.requires_grad:
        raise ValueError(
            "this tensor has no graph: nothing that it was computed from requires a gradient, or it was computed under "
            "no_grad(), or it was detached"
        )
    named = {id(tensor): (name, kind) for name, kind, tensor in reversed(list(_named(names)))}
    graph = read_graph(loss, {key: name for key, (name, _) in named.items()}, max_nodes)
    kinds = dict(named.values())
    labels = [_label(node) for node in graph.nodes]
    widths = [
        len(label) * LETTER * SMALL + 20 + (_SIGN + 6) * (node.title in kinds and node.what == "leaf")
        for node, label in zip(graph.nodes, labels, strict=True)
    ]
    layout = layered(widths, graph.edges)
    width = layout.width + 2 * _PAD
    head = 22.0 if title else 0.0
    height = max(layout.layers) * _LAYER + _BOX + 2 * _PAD + head
    with drawing(ax, (width / POINTS, height / POINTS), sheet=True) as (ax, palette):
        scale = sheet_of(ax, width, height)
        if title:
            ax.text(_PAD, _PAD + 4, title, fontsize=11 * scale, fontweight="bold", color=palette.ink, va="center")
        top = _PAD + head + _BOX / 2
        for (start, end), route in layout.routes.items():
            points = [(x + _PAD, top + layer * _LAYER) for x, layer in route]
            twice = graph.after(start).count(end) > 1
            _edge(ax, palette, points, scale, twice)
        for at, node in enumerate(graph.nodes):
            middle = (layout.xs[at] + _PAD, top + layout.layers[at] * _LAYER)
            _node(ax, palette, node, labels[at], kinds.get(node.title), middle, widths[at], scale)
    return ax


def _named(names: Any, before: str = "") -> Iterator[tuple[str, str, Any]]:
    """Yield name, kind and tensor of all that ``names`` has."""
    if names is None:
        return
    if isinstance(names, Mapping):
        for key, value in names.items():
            yield from _named(value, str(key))
        return
    for framework in loaded():
        if before and isinstance(names, framework.tensor):
            parameter = isinstance(names, framework.parameter)
            yield before, "Parameter" if parameter else "Buffer" if is_buffer(names) else "Tensor", names
            return
    if isinstance(names, (list, tuple)):
        raise TypeError('names is a model or a dict of models and tensors, such as {"x": x, "model": model}')
    framework_of(names)
    exam = examine(names)
    for row, found in zip(exam.rows, exam.found, strict=True):
        yield f"{before}.{row.name}" if before else row.name, row.kind, found.tensor


def _label(node: Node) -> str:
    return shortened(node.title, _NAME)


def _edge(ax: Axes, palette: Palette, points: list[Point], scale: float, twice: bool) -> None:
    """Draw an edge as a curve that leaves and arrives vertically."""
    (x, y), *_, (last, bottom) = points
    stops = [(x, y + _BOX / 2), *points[1:-1], (last, bottom - _BOX / 2)]
    verts, codes = [stops[0]], [Path.MOVETO]
    for (x0, y0), (x1, y1) in pairwise(stops):
        middle = (y0 + y1) / 2
        verts += [(x0, middle), (x1, middle), (x1, y1)]
        codes += [Path.CURVE4] * 3
    arrow = FancyArrowPatch(
        path=Path(verts, codes),
        arrowstyle="-|>",
        mutation_scale=7 * scale,
        color=palette.faint,
        linewidth=1.0 * scale,
        joinstyle="miter",
        zorder=1,
    )
    ax.add_patch(arrow)
    if twice:
        ax.text(last + 6, bottom - _BOX / 2 - 7, "×2", fontsize=SMALL * scale, color=palette.faint, va="center")


def _node(
    ax: Axes, palette: Palette, node: Node, label: str, kind: str | None, middle: Point, width: float, scale: float
) -> None:
    """Draw a node: the loss filled, an operation plain, a leaf in the colour of its kind and with its sign."""
    x, y = middle
    color = palette.kinds[kind] if kind else palette.ink
    edge = {"loss": palette.ink, "leaf": color}.get(node.what, palette.faint)
    box = FancyBboxPatch(
        (x - width / 2, y - _BOX / 2),
        width,
        _BOX,
        boxstyle="round,pad=0,rounding_size=5",
        facecolor=palette.ink if node.what == "loss" else palette.face,
        edgecolor=edge,
        linewidth=(1.5 if node.what == "leaf" else 1.0) * scale,
        linestyle=(0, (2, 2)) if node.what == "gap" else "-",
        zorder=2,
    )
    ax.add_patch(box)
    shift = 0.0
    if node.what == "leaf" and kind:
        draw_kind(ax, palette, kind, [(x - width / 2 + 10 + _SIGN / 2, y)], _SIGN * scale)
        shift = (_SIGN + 6) / 2
    ax.text(
        x + shift,
        y,
        label,
        fontsize=SMALL * scale,
        family="monospace",
        fontweight="bold" if node.what in ("loss", "leaf") else "normal",
        color=palette.face if node.what == "loss" else color,
        horizontalalignment="center",
        verticalalignment="center_baseline",
        zorder=4,
        parse_math=False,
    )
