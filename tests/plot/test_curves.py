"""Losses over steps, and how far each step moves a tensor."""

from itertools import pairwise

import numpy as np
import pytest

from paramlab import plot


def lines(ax):
    return {line.get_label(): line for line in ax.lines if not line.get_label().startswith("_")}


def texts(ax):
    return [text.get_text() for text in ax.texts]


# ---------------------------------------------------------------------- losses


def test_what_is_drawn_is_what_was_given():
    line = lines(plot.loss_curve([3.0, 2, 1.5]))["loss"]
    assert list(line.get_xdata()) == [0, 1, 2]
    assert list(line.get_ydata()) == [3, 2, 1.5]


def test_losses_may_be_tensors_with_their_graphs(fw):
    weight = fw.ones(2, requires_grad=True)
    line = lines(plot.loss_curve([weight.sum(), (2 * weight).sum()]))["loss"]
    assert list(line.get_ydata()) == [2, 4]


def test_losses_may_be_one_tensor(fw):
    assert list(lines(plot.loss_curve(fw.tensor([2.0, 1.0])))["loss"].get_ydata()) == [2, 1]


def test_losses_may_come_from_an_iterator():
    assert list(lines(plot.loss_curve(1 / n for n in (1, 2)))["loss"].get_ydata()) == [1, 0.5]


def test_several_curves_are_named_at_their_ends():
    ax = plot.loss_curve({"train": [3, 2, 1], "validation": {0: 3.1, 2: 1.4}})
    assert list(lines(ax)["validation"].get_xdata()) == [0, 2]
    assert sorted(texts(ax)) == ["train", "validation"]
    colors = {line.get_color() for line in lines(ax).values()}
    assert colors == {text.get_color() for text in ax.texts}
    assert len(colors) == 2


def test_names_of_lines_that_end_together_are_not_written_over_each_other():
    ax = plot.loss_curve({"a": [2, 1.0], "b": [3, 1.0], "c": [4, 1.001]})
    ax.figure.canvas.draw()
    boxes = sorted((text.get_window_extent() for text in ax.texts), key=lambda box: box.y0)
    assert all(low.y1 <= high.y0 + 1 for low, high in pairwise(boxes))


def test_many_curves_have_a_legend():
    ax = plot.loss_curve({f"run {at}": [2, 1] for at in range(8)})
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [f"run {at}" for at in range(8)]


@pytest.mark.parametrize(("losses", "scale"), [([3, 1], "linear"), ([30, 1], "log"), ([30, 0.5, 0], "linear")])
def test_a_loss_that_falls_far_is_drawn_on_a_log_scale(losses, scale):
    assert plot.loss_curve(losses).get_yscale() == scale


def test_the_scale_can_be_chosen():
    assert plot.loss_curve([100, 1], scale="linear").get_yscale() == "linear"


def test_smoothing_is_the_mean_over_the_last_steps_with_the_values_behind():
    ax = plot.loss_curve([4, 2, 3, 1], smooth=2)
    behind, front = ax.lines
    assert list(behind.get_ydata()) == [4, 2, 3, 1]
    assert list(front.get_ydata()) == [4, 3, 2.5, 2]
    assert "mean over the last 2 steps" in ax.get_xlabel()


def test_smoothing_counts_steps_not_values():
    front = plot.loss_curve({0: 4.0, 10: 2.0, 11: 1.0}, smooth=5).lines[-1]
    assert list(front.get_ydata()) == [4, 2, 1.5]


def test_the_first_loss_that_is_no_number_is_marked():
    ax = plot.loss_curve([2, float("nan"), float("inf"), 1])
    assert texts(ax) == ["nan at step 1"]
    assert list(next(line for line in ax.lines if line.get_label() == "_broken").get_xdata()) == [1]


@pytest.mark.parametrize("losses", [[], {}, {"train": []}])
def test_no_loss_is_an_error(losses):
    with pytest.raises(ValueError, match=r"there is no loss to draw yet"):
        plot.loss_curve(losses)


@pytest.mark.parametrize("losses", [{"train": [1, None]}, {"train": ["a", "b"]}])
def test_what_is_no_number_is_named(losses):
    with pytest.raises(TypeError, match=r"curve 'train', step [01] is no number, but a \w+. Keep one number a step"):
        plot.loss_curve(losses)


def test_a_loss_of_several_elements_is_named(fw):
    with pytest.raises(TypeError, match=r"step 0 is no number, but a Tensor of shape \[2\]"):
        plot.loss_curve([fw.ones(2)])


def test_a_single_number_is_no_curve():
    with pytest.raises(TypeError, match=r"losses are numbers in a list, one a step, but got 'float'"):
        plot.loss_curve(1.5)


def test_smoothing_over_no_step_is_refused():
    with pytest.raises(ValueError, match="smooth is a number of steps, 1 or more, but got 0"):
        plot.loss_curve([1, 2], smooth=0)


# ---------------------------------------------------------------------- updates


def test_the_ratio_of_each_matrix_is_drawn(history):
    ax = plot.update_ratio(history)
    assert list(lines(ax)) == ["0.weight", "2.weight"]
    line = lines(ax)["0.weight"]
    assert list(line.get_xdata()) == [0, 1, 2, 3, 4, 5]
    np.testing.assert_array_equal(line.get_ydata(), history.update_ratios("0.weight"))
    assert ax.get_yscale() == "log"


def test_the_guide_is_called_a_rule_of_thumb(history):
    ax = plot.update_ratio(history)
    guide = next(line for line in ax.lines if line.get_label() == "_rule of thumb")
    assert set(guide.get_ydata()) == {1e-3}
    assert "1e-3: a common rule of thumb" in texts(ax)
    low, high = ax.get_ylim()
    assert low < 1e-3 < high


def test_names_choose_tensors(history):
    assert list(lines(plot.update_ratio(history, names=["2.*", "1.weight"]))) == ["1.weight", "2.weight", "2.bias"]


def test_of_many_tensors_the_largest_and_the_smallest_are_named(fw, nn):
    model = nn.ParameterList([nn.Parameter(fw.ones(2, 2)) for _ in range(9)])
    history = plot.History(model)
    with fw.no_grad():
        for at, weight in enumerate(model):
            weight.add_(2.0 ** (at - 9))
    history.record()
    ax = plot.update_ratio(history)
    assert "9 tensors; the largest and the smallest are named" in ax.get_xlabel()
    named = [text for text in texts(ax) if text.isdigit()]
    assert sorted(named) == ["0", "1", "2", "6", "7", "8"]


def test_a_ratio_needs_a_history(model):
    with pytest.raises(TypeError, match=r"expected a History, but got 'Sequential'. Make one before training"):
        plot.update_ratio(model)


def test_a_ratio_needs_a_step(model):
    history = plot.History(model)
    with pytest.raises(ValueError, match="no step is recorded yet"):
        plot.update_ratio(history)
    history.record()
    with pytest.raises(ValueError, match=r"no step moved any of these tensors"):
        plot.update_ratio(history)


def test_an_unknown_name_is_an_error_with_near_ones(history):
    with pytest.raises(KeyError, match=r"no tensor named '0.wieght' here. Did you mean '0.weight'"):
        plot.update_ratio(history, names=["0.wieght"])
