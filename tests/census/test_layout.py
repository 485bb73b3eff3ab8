"""The layout of a graph: edges run down, boxes do not overlap, and what belongs together stands together."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from paramlab.census.layout import _ascending, layered


@st.composite
def graphs(draw):
    count = draw(st.integers(1, 14))
    widths = draw(st.lists(st.floats(5, 200), min_size=count, max_size=count))
    pairs = st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)).filter(lambda pair: pair[0] < pair[1])
    return widths, draw(st.lists(pairs, max_size=25)) if count > 1 else []


@given(graphs())
def test_edges_run_down_and_boxes_stand_side_by_side(graph):
    widths, edges = graph
    layout = layered(widths, edges, gap=10)
    assert all(layout.layers[start] < layout.layers[end] for start, end in edges)
    boxes = sorted(zip(layout.layers, layout.xs, widths, strict=True))
    for (layer, x, width), (other, next_x, next_width) in pairwise(boxes):
        assert layer != other or next_x - x >= (width + next_width) / 2 + 10 - 1e-6
    assert all(
        width / 2 - 1e-6 <= x <= layout.width - width / 2 + 1e-6 for x, width in zip(layout.xs, widths, strict=True)
    )


@given(graphs())
def test_an_edge_runs_through_every_layer_and_through_no_box(graph):
    widths, edges = graph
    layout = layered(widths, edges)
    assert set(layout.routes) == set(edges)
    for (start, end), points in layout.routes.items():
        assert [layer for _, layer in points] == list(range(layout.layers[start], layout.layers[end] + 1))
        assert (points[0][0], points[-1][0]) == (layout.xs[start], layout.xs[end])
        for x, layer in points[1:-1]:
            inside = [
                at for at, box in enumerate(widths) if layout.layers[at] == layer and abs(layout.xs[at] - x) < box / 2
            ]
            assert inside == []


def test_a_chain_is_straight_whatever_hangs_on_it():
    edges = [(at, at + 2) for at in range(0, 16, 2)] + [(at, at + 1) for at in range(0, 16, 2)]
    layout = layered([80.0] * 17, edges)
    chain = layout.xs[:14:2]
    assert max(chain) - min(chain) < 40


def test_two_ways_side_by_side_do_not_cross():
    edges = [(0, 2), (0, 1), (1, 4), (2, 3), (3, 5), (4, 5)]
    xs = layered([50.0] * 6, edges).xs
    assert (xs[1] < xs[2]) == (xs[4] < xs[3])


@given(st.lists(st.tuples(st.floats(-100, 100), st.floats(0.1, 10)), max_size=12))
def test_pooling_gives_the_nearest_ascending_numbers(pairs):
    values, weights = [value for value, _ in pairs], [weight for _, weight in pairs]
    fit = _ascending(values, weights)
    assert fit == sorted(fit)
    if values == sorted(values):
        assert fit == values
    total = sum(value * weight for value, weight in pairs)
    assert abs(sum(value * weight for value, weight in zip(fit, weights, strict=True)) - total) < 1e-6 * (
        1 + abs(total)
    )
