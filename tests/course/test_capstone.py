"""The last lesson: its lines run on PyTorch as they stand, with the numbers that the lesson tells."""

import ast
import builtins
import re

import pytest

from paramlab.classroom.making import both

from ..workshop.notebook import Notebook, a_fresh_start
from .test_build import LESSONS, code_of

NEEDED = ("import io", "class Reader", "def train", "x, y =", "def audit", "def fine_tune", "def story", "def on(")


@pytest.fixture(scope="module")
def cells():
    lesson = next(lesson for lesson in LESSONS if lesson.stem == "10_capstone")
    return [cell.source for cell in code_of(both(lesson)[1])]


@pytest.fixture(scope="module")
def notebook(cells, tmp_path_factory):
    """The lesson's notebook, run as far as the comparison."""
    with a_fresh_start(tmp_path_factory.mktemp("home")):
        made = Notebook()
        for source in cells:
            if any(start in source for start in NEEDED):
                made.run(source)
        yield made


def told(cells):
    """Return the numbers that the lesson tells to be PyTorch's."""
    return ast.literal_eval(re.search(r"theirs = ([\d., ]+)  # PyTorch", "\n".join(cells))[1])


def the_comparison(cells):
    return next(source for source in cells if "import torch as pytorch" in source)


def test_paramlab_comes_to_the_numbers_that_are_told(cells, notebook):
    assert notebook.names["mine"] == pytest.approx(told(cells), abs=1e-9)


def test_pytorch_comes_to_the_numbers_that_are_told(cells, notebook, torch, capsys):
    notebook.run(the_comparison(cells))
    assert f"PyTorch {torch.__version__} has just run your lines." in capsys.readouterr().out
    assert notebook.names["theirs"] == pytest.approx(told(cells), abs=1e-9)


def test_without_pytorch_the_lesson_says_so_and_goes_on(cells, notebook, monkeypatch, capsys):
    real = builtins.__import__

    def without_torch(name, *rest, **options):
        if name == "torch":
            raise ModuleNotFoundError(name)
        return real(name, *rest, **options)

    monkeypatch.setattr(builtins, "__import__", without_torch)
    notebook.run(the_comparison(cells))
    notebook.run(cells[cells.index(the_comparison(cells)) + 1])
    said = capsys.readouterr().out
    assert "PyTorch is not installed here" in said
    assert said.endswith("the same: True\n")
