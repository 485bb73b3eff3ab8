"""The graph of a loss."""

import pytest
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from paramlab import plot


def texts(ax):
    return [text.get_text() for text in ax.texts]


def patches(ax, kind):
    return [patch for patch in ax.patches if isinstance(patch, kind)]


@pytest.fixture
def loss(fw, model):
    return model(fw.ones(4, 3)).square().mean()


def test_the_loss_is_at_the_top_and_the_leaves_have_their_names(loss, model):
    ax = plot.loss_graph(loss, names=model)
    heights = {text.get_text(): text.get_position()[1] for text in ax.texts}
    assert min(heights, key=heights.get) == "loss"
    assert {"0.weight", "0.bias", "1.weight", "1.bias", "2.weight", "2.bias"} <= set(heights)
    assert heights["0.weight"] > heights["2.weight"]


def test_operations_have_the_names_of_their_nodes(fw):
    weight = fw.ones(3, requires_grad=True)
    ax = plot.loss_graph((2 * weight).sum())
    assert texts(ax) == ["loss", "SumBackward0", "MulBackward0", "a tensor of shape [3]"]


def test_there_is_a_box_a_node_and_an_arrow_an_edge(fw):
    weight = fw.ones(3, requires_grad=True)
    ax = plot.loss_graph((weight.exp() * weight).sum(), names={"weight": weight})
    assert len(patches(ax, FancyBboxPatch)) == 5  # loss, sum, mul, exp, weight
    assert len(patches(ax, FancyArrowPatch)) == 5


def test_what_is_used_twice_has_one_arrow_that_says_so(fw):
    weight = fw.ones(3, requires_grad=True)
    ax = plot.loss_graph((weight * weight).sum(), names={"weight": weight})
    assert texts(ax).count("×2") == 1


def test_names_may_be_a_dict_of_tensors_and_models(fw, nn):
    layer, x = nn.Linear(2, 1), fw.ones(1, 2, requires_grad=True)
    loss = layer(x).sum()
    named = texts(plot.loss_graph(loss, names={"x": x, "layer": layer, "total": loss}))
    assert {"x", "layer.weight", "layer.bias"} <= set(named)
    assert named[0] == "total"


def test_a_leaf_has_the_sign_of_its_kind(fw, nn):
    layer, x = nn.Linear(2, 1), fw.ones(1, 2, requires_grad=True)
    ax = plot.loss_graph(layer(x).sum(), names={"x": x, "layer": layer})
    kinds = [drawn.get_label() for drawn in ax.collections]
    assert sorted(kinds) == ["Parameter", "Parameter", "Tensor"]


def test_a_leaf_can_be_the_loss_itself(fw):
    weight = fw.ones((), requires_grad=True)
    assert texts(plot.loss_graph(weight, names={"weight": weight})) == ["weight", "weight"]


def test_boxes_do_not_overlap(loss, model):
    ax = plot.loss_graph(loss, names=model)
    boxes = [patch.get_bbox() for patch in patches(ax, FancyBboxPatch)]
    for at, one in enumerate(boxes):
        for other in boxes[at + 1 :]:
            assert not (one.x0 < other.x1 and other.x0 < one.x1 and one.y0 < other.y1 and other.y0 < one.y1)


def test_of_a_large_graph_an_extract_is_drawn(fw):
    value = fw.ones(2, requires_grad=True)
    for _ in range(200):
        value = value.exp()
    ax = plot.loss_graph(value.sum(), max_nodes=20)
    assert len(patches(ax, FancyBboxPatch)) <= 20
    assert any(text.endswith(" nodes") for text in texts(ax))


def test_drawing_leaves_the_graph_as_it_is(loss, model):
    plot.loss_graph(loss, names=model)
    loss.backward()
    assert all(parameter.grad is not None for parameter in model.parameters())


def test_a_tensor_without_a_graph_is_refused(fw):
    with pytest.raises(
        ValueError, match=r"this tensor has no graph: nothing that it was computed from requires a grad"
    ):
        plot.loss_graph(fw.ones(1))


def test_what_is_no_tensor_is_refused():
    with pytest.raises(TypeError, match="expected a loss, a tensor, but got 'float'"):
        plot.loss_graph(1.5)


@pytest.mark.parametrize("names", [["x"], {"x": [1]}])
def test_names_that_name_nothing_are_refused(fw, names):
    with pytest.raises(TypeError, match=r"names is a model or a dict of models and tensors"):
        plot.loss_graph(fw.ones(1, requires_grad=True).sum(), names=names)
