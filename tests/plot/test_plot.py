"""What holds for every figure."""

import subprocess
import sys

import matplotlib.pyplot as plt
import pytest
from matplotlib.axes import Axes

import paramlab
from paramlab import plot

FIGURES = {
    "loss_curve": lambda model, history, ax: plot.loss_curve([3, 2, 1], ax=ax),
    "update_ratio": lambda model, history, ax: plot.update_ratio(history, ax=ax),
    "weight_histogram": lambda model, history, ax: plot.weight_histogram(history, ax=ax),
    "gradient_histogram": lambda model, history, ax: plot.gradient_histogram(history, ax=ax),
    "weight_histogram of a model": lambda model, history, ax: plot.weight_histogram(model, ax=ax),
    "gradient_histogram of a model": lambda model, history, ax: plot.gradient_histogram(model, ax=ax),
    "census_figure": lambda model, history, ax: plot.census_figure(model, ax=ax),
    "loss_graph": lambda model, history, ax: plot.loss_graph(model[0].weight.sum(), names=model, ax=ax),
}


@pytest.fixture(params=FIGURES)
def figure(request):
    return FIGURES[request.param]


def test_it_draws_on_a_new_figure_and_returns_its_axes(figure, model, history):
    ax = figure(model, history, None)
    assert isinstance(ax, Axes)
    assert plt.get_fignums() == [ax.figure.number]


def test_it_draws_on_the_axes_it_is_given(figure, model, history):
    _, given = plt.subplots()
    assert figure(model, history, given) is given
    assert len(plt.get_fignums()) == 1


def test_a_new_figure_is_white_so_that_a_dark_notebook_shows_dark_letters_on_white(figure, model, history):
    assert figure(model, history, None).figure.get_facecolor() == (1, 1, 1, 1)


def test_letters_are_light_where_the_callers_style_is_dark(model):
    with plt.style.context("dark_background"):
        ax = plot.census_figure(model)
        red, *_ = ax.figure.get_facecolor()
    assert red < 0.2
    assert ax.texts[0].get_color() == "#e8eaed"


def test_the_same_model_gives_the_same_picture(figure, model, history):
    one, other = figure(model, history, None).figure, figure(model, history, None).figure
    one.canvas.draw()
    other.canvas.draw()
    assert bytes(one.canvas.buffer_rgba()) == bytes(other.canvas.buffer_rgba())


def test_what_is_no_axes_is_refused(figure, model, history):
    fig, grid = plt.subplots(1, 2)
    with pytest.raises(TypeError, match=r"ax is one of matplotlib's Axes, but got 'ndarray'. Make one: fig, ax = "):
        figure(model, history, grid)
    assert plt.get_fignums() == [fig.number]


@pytest.mark.parametrize("name", ["census_figure", "weight_histogram", "gradient_histogram"])
def test_what_is_no_model_is_refused_and_no_figure_is_left(name):
    with pytest.raises(TypeError, match=r"expected a model, an instance of nn.Module, but got 'int'"):
        getattr(plot, name)(3)
    assert plt.get_fignums() == []


def test_every_public_name_is_there():
    assert paramlab.plot is plot
    for name in plot.__all__:
        assert getattr(plot, name).__doc__


def test_without_matplotlib_it_says_what_to_install():
    program = (
        "import sys; sys.modules['matplotlib'] = None\n"
        "import paramlab\n"
        "try: paramlab.plot\n"
        "except ImportError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert done.stdout.startswith("paramlab.plot needs matplotlib, which is not installed. ")
    assert 'pip install "paramlab[course]"' in done.stdout
