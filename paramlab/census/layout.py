"""Where the nodes of a graph are drawn: in layers, with few crossings, each node near what it is joined to.

The method of Sugiyama, Tagawa and Toda (1981, doi:10.1109/TSMC.1981.4308636) in its simplest form: layers by the
longest path, the order in a layer by barycentres, and positions by least squares.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

SWEEPS = 8  # over all layers, down and up in turn; after a few nothing changes any more
BEND = 6.0  # the room of an edge that passes through a layer

Neighbours = list[list[int]]


@dataclass(frozen=True, slots=True)
class Layout:
    """For each node its layer, 0 being the top, and the middle of its box; for each edge the points it runs through.

    A point is a position and a layer. All positions are between 0 and ``width``.
    """

    layers: list[int]
    xs: list[float]
    routes: dict[tuple[int, int], list[tuple[float, int]]]
    width: float


def layered(widths: Sequence[float], edges: Iterable[tuple[int, int]], gap: float = 14.0) -> Layout:
    """Lay out a graph whose edges all run from a node to a later one; ``widths`` are those of the boxes."""
    edges = sorted(set(edges))
    layers = _layers(len(widths), edges)
    boxes, routes = list(widths), {}
    for start, end in edges:  # an edge bends where it passes through a layer: nobody's box is there
        bends = list(range(len(boxes), len(boxes) + layers[end] - layers[start] - 1))
        layers += range(layers[start] + 1, layers[end])
        boxes += [BEND] * len(bends)
        routes[start, end] = [start, *bends, end]
    above, below = _neighbours(len(boxes), routes.values())
    rows = _ordered(layers, above, below)
    xs = _positions(rows, boxes, above, below, gap)
    left = min(x - box / 2 for x, box in zip(xs, boxes, strict=True))
    xs = [x - left for x in xs]
    return Layout(
        layers[: len(widths)],
        xs[: len(widths)],
        {edge: [(xs[at], layers[at]) for at in route] for edge, route in routes.items()},
        max(x + box / 2 for x, box in zip(xs, boxes, strict=True)),
    )


def _layers(count: int, edges: Iterable[tuple[int, int]]) -> list[int]:
    """Return how long the longest way to each node is."""
    layers = [0] * count
    for start, end in edges:  # sorted: when a node's edges come, its own layer is known
        layers[end] = max(layers[end], layers[start] + 1)
    return layers


def _neighbours(count: int, routes: Iterable[list[int]]) -> tuple[Neighbours, Neighbours]:
    above: Neighbours = [[] for _ in range(count)]
    below: Neighbours = [[] for _ in range(count)]
    for route in routes:
        for start, end in pairwise(route):
            below[start].append(end)
            above[end].append(start)
    return above, below


def _ordered(layers: Sequence[int], above: Neighbours, below: Neighbours) -> list[list[int]]:
    """Return each layer's nodes from left to right: a node stands where its neighbours do on average."""
    rows: list[list[int]] = [[] for _ in range(max(layers) + 1)]
    for at, layer in enumerate(layers):
        rows[layer].append(at)
    place = {at: float(i) for row in rows for i, at in enumerate(row)}
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        for row in rows if down else rows[::-1]:
            centre = {at: _mean([place[n] for n in (above if down else below)[at]], place[at]) for at in row}
            row.sort(key=centre.__getitem__)
            place.update((at, float(i)) for i, at in enumerate(row))
    return rows


def _positions(
    rows: list[list[int]], boxes: Sequence[float], above: Neighbours, below: Neighbours, gap: float
) -> list[float]:
    """Return the middle of each box: near its neighbours' middles, in the order of the layer, none over another."""
    xs = [0.0] * len(boxes)
    weights = _weights(rows, below)
    for sweep in range(SWEEPS + 1):
        down = sweep % 2 == 0  # the last sweep goes down: a node stands below what it belongs to
        for row in rows if down else rows[::-1]:
            wanted = [_mean([xs[n] for n in (above if down else below)[at]], xs[at]) for at in row]
            offsets = [0.0]
            for one, other in pairwise(row):
                offsets.append(offsets[-1] + (boxes[one] + boxes[other]) / 2 + gap)
            shifts = [want - offset for want, offset in zip(wanted, offsets, strict=True)]
            free = _ascending(shifts, [weights[at] for at in row])
            for at, x, offset in zip(row, free, offsets, strict=True):
                xs[at] = x + offset
    return xs


def _weights(rows: list[list[int]], below: Neighbours) -> list[float]:
    """Return how much each node insists on its place: the longer the way on from it, the straighter it is."""
    ways = [0] * len(below)
    for row in rows[::-1]:
        for at in row:
            ways[at] = 1 + max((ways[n] for n in below[at]), default=0)
    return [float(way**2) for way in ways]


def _ascending(values: Iterable[float], weights: Iterable[float]) -> list[float]:
    """Return the ascending numbers nearest to the given ones: neighbours out of order are pooled to their mean.

    Isotonic regression by pool-adjacent-violators (Ayer and others 1955, doi:10.1214/aoms/1177728423).
    """
    pools: list[tuple[float, float, int]] = []  # mean, weight, size
    for mean, weight in zip(values, weights, strict=True):
        size = 1
        while pools and pools[-1][0] > mean:
            other, more, others = pools.pop()
            mean, weight, size = (mean * weight + other * more) / (weight + more), weight + more, size + others
        pools.append((mean, weight, size))
    return [mean for mean, _, size in pools for _ in range(size)]


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise
