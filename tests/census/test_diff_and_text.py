"""What changed between two censuses, and how a census reads."""

from html.parser import HTMLParser

from paramlab.census import census
from paramlab.census.reasons import REASONS


def net(fw, nn):
    model = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
    model.prior = fw.ones(2)
    return model


def test_nothing_changed(fw, nn):
    model = net(fw, nn)
    before = census(model)
    difference = census(model).diff(before)
    assert not difference
    assert str(difference) == "nothing changed"


def test_a_step_updates(fw, nn, optim):
    model = nn.Linear(2, 2)
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    before = census(model)
    model(fw.ones(1, 2)).sum().backward()
    assert not census(model).diff(before)
    optimizer.step()
    assert census(model).diff(before).updated == ("weight", "bias")


def test_a_parameter_moves_as_the_same_object_and_a_buffer_is_replaced(fw, nn):
    model = net(fw, nn)
    before = census(model)
    model.to(fw.float64)
    difference = census(model).diff(before)
    assert set(difference.moved) == {"0.weight", "0.bias", "1.weight", "1.bias", "1.running_mean", "1.running_var"}
    assert set(difference.replaced) == {"1.running_mean", "1.running_var"}
    assert difference.updated == ()


def test_replaced_added_and_lost(fw, nn):
    model = net(fw, nn)
    before = census(model)
    model[0].weight = nn.Parameter(fw.ones(2, 2))
    model.extra = fw.ones(1)
    del model.prior
    difference = census(model).diff(before)
    assert (difference.replaced, difference.added, difference.lost) == (("0.weight",), ("extra",), ("prior",))


def test_values_that_are_not_numbers_are_not_a_change(fw, nn):
    model = nn.Module()
    model.gap = fw.tensor([float("nan")])
    assert not census(model).diff(census(model))


def test_a_change_behind_autograds_back_is_seen(fw, nn):
    model = nn.Linear(2, 2)
    before = census(model)
    model.weight.data = fw.ones(2, 2)
    assert census(model).diff(before).updated == ("weight",)


def test_the_text_is_a_table(fw, nn):
    lines = str(census(nn.Linear(2, 3))).splitlines()
    assert lines[0] == "Linear: 2 tensors"
    assert lines[2].split() == [
        "tensor",
        "kind",
        "shape",
        "gradient",
        "parameters()",
        "optimizer",
        "state_dict()",
        ".to()",
    ]
    assert lines[3].split() == ["weight", "Parameter", "3", "×", "2", "✓", "✓", "·", "✓", "✓"]
    assert "0x" not in str(census(nn.Linear(2, 3)))


def test_the_html_reads_well_without_styles(fw, nn):
    class Reader(HTMLParser):
        tags: set

        def handle_starttag(self, tag, attrs):
            seen.add(tag)
            assert not {"style", "class"} & dict(attrs).keys()

        def handle_data(self, data):
            text.append(data)

    seen, text = set(), []
    model = nn.Linear(2, 3)
    model.cache = {"<k>": fw.ones(1)}
    Reader().feed(census(model)._repr_html_())
    assert {"table", "caption", "th"} <= seen
    assert "✓ yes" in text
    assert "cache['<k>']" in text


def test_a_model_without_tensors_is_no_error(fw, nn):
    assert str(census(nn.ReLU())) == "ReLU: 0 tensors\n"


def test_every_reason_is_one_sentence():
    for code, reason in REASONS.items():
        assert reason.text.endswith("."), code
        assert len(reason.text) < 120, code
        assert reason.state in ("yes", "no", "skip", "warn")
