"""The graph of a loss: what its nodes are, in which order the walk visits them, and what an extract leaves out."""

import pytest

from paramlab.census.graph import read_graph


def titles(graph):
    return [node.title for node in graph.nodes]


def named(model):
    return {id(parameter): name for name, parameter in model.named_parameters()}


def deep(nn, depth):
    return nn.Sequential(*[layer for _ in range(depth) for layer in (nn.Linear(2, 2), nn.ReLU())])


def test_nodes_stand_in_the_order_of_the_walk_down_to_the_leaves(fw, nn):
    lin = nn.Linear(2, 1)
    graph = read_graph(lin(fw.ones(3, 2)).sum(), named(lin))
    assert titles(graph) == ["loss", "SumBackward0", "AddmmBackward0", "bias", "TBackward0", "weight"]
    assert [node.what for node in graph.nodes][::5] == ["loss", "leaf"]
    assert sorted(graph.after(2)) == [3, 4]
    assert graph.before(5) == [4]
    assert (graph.size, graph.left_out) == (5, 0)


def test_a_leaf_has_the_name_that_it_is_given_or_its_shape(fw):
    data, scale = fw.ones(2, requires_grad=True), fw.ones(2, requires_grad=True)
    graph = read_graph((data * scale).sum(), {id(scale): "scale"})
    assert sorted(node.title for node in graph.nodes if node.what == "leaf") == ["a tensor of shape [2]", "scale"]


def test_a_tensor_that_is_used_twice_is_one_leaf(fw):
    w = fw.ones(2, requires_grad=True)
    graph = read_graph((w * w).sum(), {id(w): "w"})
    assert titles(graph) == ["loss", "SumBackward0", "MulBackward0", "w"]
    assert graph.after(2) == [3, 3]


def test_every_node_stands_before_what_its_gradient_flows_to(fw):
    x = fw.ones(2, requires_grad=True)
    a, b = x * 2, x + 1
    graph = read_graph((a * b + a).sum())
    assert all(start < end for start, end in graph.edges)
    # b was made last, so the walk visits it before a
    assert titles(graph)[:5] == ["loss", "SumBackward0", "AddBackward0", "MulBackward0", "AddBackward0"]


def test_what_asks_for_no_gradient_has_no_graph(fw):
    assert titles(read_graph(fw.ones(2).sum())) == ["loss"]


def test_a_leaf_may_be_the_loss_itself(fw):
    w = fw.ones((), requires_grad=True)
    assert titles(read_graph(w, {id(w): "w"})) == ["w", "w"]


def test_a_walk_frees_what_had_been_saved():
    import paramlab

    w = paramlab.ones(2, requires_grad=True)
    loss = ((w * 2).exp() + 1).sum()
    assert not any(node.freed for node in read_graph(loss).nodes)
    loss.backward()
    assert [node.title for node in read_graph(loss).nodes if node.freed] == ["ExpBackward0", "MulBackward0"]


def test_reading_leaves_the_graph_as_it_is(fw, nn):
    model = deep(nn, 2)
    loss = model(fw.ones(1, 2)).sum()
    read_graph(loss)
    loss.backward()
    assert all(parameter.grad is not None for parameter in model.parameters())


def test_of_alike_blocks_the_first_and_the_last_stay(fw, nn):
    model = deep(nn, 60)
    whole = read_graph(model(fw.ones(1, 2)).sum(), named(model), most=1000)
    graph = read_graph(model(fw.ones(1, 2)).sum(), named(model))
    (gap,) = [node for node in graph.nodes if node.what == "gap"]
    assert (gap.blocks, gap.count) == (58, 58 * 5)
    assert graph.size == whole.size == 301
    assert graph.left_out == gap.count
    shown = {name for node in graph.nodes if node.what == "leaf" for name in node.leaves}
    assert shown == {"118.weight", "118.bias", "0.weight", "0.bias"}
    assert set(gap.leaves) | shown == set(dict(model.named_parameters()))
    assert all(start < end for start, end in graph.edges)


def test_without_alike_blocks_the_middle_goes(fw):
    x = loss = fw.ones(2, requires_grad=True)
    for at in range(40):  # no operation twice at the same distance
        for _ in range(at % 9 + 1):
            loss = loss * 2
        loss = loss.exp() if at % 2 else loss.tanh()
    graph = read_graph(loss.sum(), {id(x): "x"}, most=20)
    assert len(graph.nodes) <= 20
    assert graph.left_out > 200
    assert titles(graph)[1] == "SumBackward0"
    assert titles(graph)[-1] == "x"


@pytest.mark.parametrize("most", [12, 30, 120])
def test_an_extract_is_never_longer_than_asked_for(fw, nn, most):
    model = nn.Sequential(*[deep(nn, 6) for _ in range(5)], nn.Tanh())
    graph = read_graph(model(fw.ones(1, 2)).sum(), most=most)
    assert len(graph.nodes) <= most
    assert graph.size == 31 * 5 - 3


def test_a_loss_ten_thousand_operations_deep_is_read_without_recursion(fw):
    loss = fw.ones(2, requires_grad=True)
    for _ in range(10_000):
        loss = loss + 1
    graph = read_graph(loss.sum())
    assert graph.size == 10_002
    assert len(graph.nodes) < 10
