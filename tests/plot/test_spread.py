"""How values and gradients are spread, over steps and at one moment."""

import numpy as np
import pytest

from paramlab import plot

KINDS = [plot.weight_histogram, plot.gradient_histogram]


def names(ax):
    return [strip.get_title("left") for strip in ax.child_axes]


def edges_of(band):
    """The lower and the upper edge of a filled band."""
    points = band.get_paths()[0].vertices
    inner = points[(points[:, 0] >= 1) & (points[:, 0] <= 5)]
    return {float(y) for y in inner[:, 1]}


@pytest.mark.parametrize("draw", KINDS)
def test_a_history_has_a_strip_a_tensor_with_its_shape(draw, history):
    ax = draw(history)
    assert names(ax) == ["0.weight", "0.bias", "1.weight", "1.bias", "2.weight", "2.bias"]
    assert [strip.get_title("right") for strip in ax.child_axes] == ["4 × 3", "4", "4", "4", "2 × 4", "2"]


def test_a_strip_has_the_median_and_two_bands(history):
    strip = plot.weight_histogram(history, names="0.weight").child_axes[0]
    quantiles = history.weights("0.weight")
    assert strip.lines[0].get_ydata().tolist() == quantiles[:, 2].tolist()
    outer, inner = strip.collections
    assert edges_of(outer) == {*quantiles[1:, 0], *quantiles[1:, 4]}
    assert edges_of(inner) == {*quantiles[1:, 1], *quantiles[1:, 3]}


def test_a_strip_of_gradients_shows_gradients(history):
    strip = plot.gradient_histogram(history, names="2.bias").child_axes[0]
    np.testing.assert_array_equal(strip.lines[0].get_ydata(), history.gradients("2.bias")[:, 2])


def test_a_model_has_a_histogram_of_its_values(model):
    strip = plot.weight_histogram(model, names="0.weight").child_axes[0]
    counts, edges, _ = strip.patches[0].get_data()
    expected = np.histogram(model[0].weight.detach().numpy().astype(float), len(counts))
    assert counts.sum() == 12
    np.testing.assert_array_equal(counts, expected[0])
    np.testing.assert_array_equal(edges, expected[1])


def test_the_power_of_small_numbers_stands_with_them_and_not_on_the_next_name(fw, model):
    (model[0](fw.arange(3.0).reshape(1, 3)).sum() * 1e-10).backward()
    small = plot.gradient_histogram(model, names="0.weight")
    plain = plot.weight_histogram(model)
    small.figure.canvas.draw()
    plain.figure.canvas.draw()
    for strip in small.child_axes:
        assert any(label.get_text().endswith("e\N{MINUS SIGN}10") for label in strip.get_xticklabels())
        assert not strip.xaxis.get_offset_text().get_text()
    for strip in plain.child_axes:
        assert not any("e" in label.get_text() for label in strip.get_xticklabels())


def test_a_model_has_a_histogram_of_its_gradients(fw, model):
    model[0](fw.ones(1, 3)).sum().backward()
    ax = plot.gradient_histogram(model)
    assert names(ax) == ["0.weight", "0.bias"]
    counts, edges, _ = ax.child_axes[1].patches[0].get_data()
    assert counts.sum() == 4
    assert edges[0] < 1 < edges[-1]


def test_of_a_large_model_some_tensors_from_the_first_to_the_last_are_shown(fw, nn):
    model = nn.ParameterList([nn.Parameter(fw.ones(1)) for _ in range(30)])
    ax = plot.weight_histogram(model)
    assert [names(ax)[at] for at in (0, -1)] == ["0", "29"]
    assert len(ax.child_axes) == 8
    assert ax.get_title("left") == "Weights: 8 of 30 tensors"


def test_names_may_be_patterns(history):
    assert names(plot.weight_histogram(history, names=["2.*", "0.bias"])) == ["0.bias", "2.weight", "2.bias"]
    with pytest.raises(KeyError, match=r"no tensor named 'fc.\*' here. Did you mean"):
        plot.weight_histogram(history, names="fc.*")


def test_strips_have_one_scale_if_they_are_to_be_compared(history, model):
    assert len({strip.get_ylim() for strip in plot.weight_histogram(history).child_axes}) > 1
    assert len({strip.get_ylim() for strip in plot.weight_histogram(history, same_scale=True).child_axes}) == 1
    assert len({strip.get_xlim() for strip in plot.weight_histogram(model, same_scale=True).child_axes}) == 1


def test_values_that_are_no_numbers_are_counted(fw, nn):
    model = nn.ParameterList([nn.Parameter(fw.tensor([1.0, float("nan"), float("inf")]))])
    strip = plot.weight_histogram(model).child_axes[0]
    assert [text.get_text() for text in strip.texts] == ["2 values are nan or inf"]


def test_a_constant_tensor_is_drawn(fw, nn):
    strip = plot.weight_histogram(nn.ParameterList([nn.Parameter(fw.ones(4))])).child_axes[0]
    assert strip.patches[0].get_data()[0].sum() == 4


@pytest.mark.parametrize("draw", KINDS)
def test_a_history_without_a_step_is_an_error(draw, model):
    with pytest.raises(ValueError, match="no step is recorded yet"):
        draw(plot.History(model))


def test_a_history_without_gradients_is_an_error(model):
    history = plot.History(model)
    history.record()
    with pytest.raises(ValueError, match=r"the history has no gradients: call history.record\(\) after backward\(\)"):
        plot.gradient_histogram(history)


def test_a_model_without_gradients_is_an_error(model):
    with pytest.raises(ValueError, match=r"this Sequential has no gradient yet: call loss.backward\(\) first"):
        plot.gradient_histogram(model)


def test_a_model_without_parameters_is_an_error(nn):
    with pytest.raises(ValueError, match="this ReLU has no Parameter with values"):
        plot.weight_histogram(nn.ReLU())
