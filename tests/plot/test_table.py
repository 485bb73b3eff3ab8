"""The census as a figure."""

import pytest

import paramlab
from paramlab import plot
from paramlab.census.rows import LABELS, LANES
from paramlab.plot.table import lines_of


def texts(ax):
    return [text.get_text() for text in ax.texts]


def signs(ax):
    """How often each sign is drawn, the legend included."""
    found = {}
    for drawn in ax.collections:
        if not drawn.get_label().startswith("_"):
            found[drawn.get_label()] = found.get(drawn.get_label(), 0) + len(drawn.get_offsets())
    return found


@pytest.fixture
def net(fw, nn):
    """A model with something of everything."""

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(3, 2)
            self.fc.bias.requires_grad_(False)
            self.norm = nn.BatchNorm1d(2)
            self.scale = fw.ones(1)
            self.layers = [nn.Linear(2, 2)]

    return Net()


def test_each_tensor_has_its_name_its_shape_and_five_answers(net, optim):
    optimizer = optim.SGD(net.parameters(), lr=0.1)
    census = paramlab.census(net, optimizer)
    ax = plot.census_figure(net, optimizer)
    for row in census:
        assert row.name in texts(ax)
    assert "2 × 3" in texts(ax)
    states = [row.states[lane] for row in census for lane in LANES]
    kinds = [row.kind for row in census]
    expected = {sign: states.count(sign) + 1 for sign in set(states)} | {kind: kinds.count(kind) + 1 for kind in kinds}
    assert signs(ax) == expected  # one more each: the legend
    assert set(expected) == {"yes", "no", "skip", "warn", "Tensor", "Parameter", "Buffer"}


def test_the_columns_are_the_five_questions(net):
    assert [text for text in texts(plot.census_figure(net)) if text in LABELS.values()] == list(LABELS.values())


def test_a_census_is_drawn_as_its_model(net):
    assert texts(plot.census_figure(paramlab.census(net))) == texts(plot.census_figure(net))


def test_signs_stand_in_the_row_of_their_tensor(nn):
    ax = plot.census_figure(nn.Linear(2, 2, bias=False))
    y = next(text for text in ax.texts if text.get_text() == "weight").get_position()[1]
    row = [drawn for drawn in ax.collections if drawn.get_offsets()[0][1] == y]
    assert sum(len(drawn.get_offsets()) for drawn in row if not drawn.get_label().startswith("_")) == 6


def test_the_title_is_the_summary_or_ones_own(net):
    assert texts(plot.census_figure(net))[0] == "Net: 10 tensors, 1 bug, 1 check"
    assert texts(plot.census_figure(net, title="Figure 1"))[0] == "Figure 1"
    assert texts(plot.census_figure(net, title=""))[0] == "tensor"


def test_what_only_the_optimizer_holds_has_a_row_of_its_own(fw, nn, optim):
    model = nn.Linear(2, 2)
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    model.weight = nn.Parameter(fw.ones(2, 2))
    assert signs(plot.census_figure(model, optimizer))["only in the optimizer"] == 2


def test_a_large_model_is_counted_module_by_module(nn, optim):
    model = nn.Sequential(*(nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2)) for _ in range(9)))
    model[3][0].bias.requires_grad_(False)
    ax = plot.census_figure(model, optim.SGD(list(model.parameters()), lr=0.1))
    assert "3.0.*" in texts(ax)
    assert "0.1.*" in texts(ax)
    assert "2 tensors" in texts(ax)
    assert texts(ax).count("1/2") == 2  # a gradient reaches one of two, and the optimizer skips one of two
    assert len([line for line in texts(ax) if line.endswith(".*")]) <= 40


@pytest.mark.parametrize("most", [1, 3, 6, 12, 27, 63])
def test_no_tensor_is_lost_when_they_are_counted(nn, most):
    model = nn.Sequential(*(nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2)) for _ in range(9)))
    census = paramlab.census(model)
    lines = lines_of(census, most)
    assert sum(line.size for line in lines) == len(census)
    assert len(lines) <= max(most, 2)  # at the least a line a kind


def test_a_model_without_tensors_has_no_row(nn):
    assert signs(plot.census_figure(nn.ReLU())) == {}


def test_no_row_is_refused(net):
    with pytest.raises(ValueError, match="max_rows is 1 or more, but got 0"):
        plot.census_figure(net, max_rows=0)


def test_a_census_with_an_optimizer_is_refused(net, optim):
    census = paramlab.census(net)
    with pytest.raises(ValueError, match="a census has looked at the optimizer already"):
        plot.census_figure(census, optim.SGD(net.parameters(), lr=0.1))


def test_what_is_no_optimizer_is_refused(net):
    with pytest.raises(TypeError, match="expected an optimizer"):
        plot.census_figure(net, 0.1)
