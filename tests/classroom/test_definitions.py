"""Classes and functions that stay in the notebook are taken from it, and graded as the check grades them."""

import pytest

from paramlab.classroom.release import notebook
from paramlab.classroom.selftest import results
from paramlab.classroom.taking import read, take
from paramlab.workshop.catalogue import TASKS

from ..course.answers import lesson_09
from ..course.test_definitions import RIGHT, WRONG, source_of, verdict_on
from ..workshop.notebook import a_fresh_start
from .conftest import LESSON, a_code_cell, as_bytes, with_cells

ANSWERS = {
    **{(name, style): answer for name, answers in RIGHT.items() for style, answer in answers.items()},
    **{(name, mistake): answer for name, answers in WRONG.items() for mistake, _, answer in answers},
}
NET = TASKS["layers-in-a-list"]
MENDED = NET.solution.source


@pytest.fixture(scope="module")
def every_result(judge, pool):
    """All answers graded in one go, as a class is."""
    every = {}
    for (name, style), answer in ANSWERS.items():
        made = with_cells(notebook(LESSON[TASKS[name].lesson]), {name: source_of(TASKS[name], answer)})
        found = take(read(as_bytes(made)), TASKS[name].lesson, judge.rows())
        every[name, style] = next(one for one in found if one.task == name)
    return dict(results(every, judge, pool))


@pytest.mark.parametrize(("name", "style"), [pytest.param(*one, id=": ".join(one)) for one in ANSWERS])
def test_the_grade_is_what_the_check_says(name, style, every_result, tmp_path):
    with a_fresh_start(tmp_path):
        checked = verdict_on(TASKS[name], source_of(TASKS[name], ANSWERS[name, style]))
    result = every_result[name, style]
    assert result.points == checked, str(result.verdict)
    if not checked.passed and checked.lines:
        assert result.hint == checked.hint


@pytest.fixture
def clinic():
    """The lesson with the broken code in it, and a way to answer the first patient."""

    def with_net(source, *more):
        made = with_cells(notebook(LESSON[9]), {NET.name: source})
        made["cells"] += [a_code_cell(each) for each in more]
        return made

    return with_net


def test_as_it_was_given_there_is_nothing_to_grade(clinic, graded):
    result = graded(clinic(NET.given))[NET.name]
    assert (result.points, result.hint) == (0, "`Net` is as it was given.")


def test_what_follows_it_in_the_cell_plays_no_part(clinic, graded):
    assert graded(clinic(MENDED + "\nraise SystemExit\n"))[NET.name].points == 1


def test_one_that_was_mended_in_a_cell_further_down_counts(clinic, graded):
    assert graded(clinic(NET.given, MENDED))[NET.name].points == 1


def test_its_own_cell_counts_before_a_namesake(clinic, graded):
    assert graded(clinic(MENDED, "class Net(nn.Module):\n    pass\n"))[NET.name].points == 1


def test_a_helper_and_an_import_of_the_notebook_come_along(clinic, graded):
    source = "from paramlab.nn import ModuleList as Many\n\ndef many(layers):\n    return Many(layers)\n\n"
    source += lesson_09.cure(NET.given, [(lesson_09.LAYERS, f"many({lesson_09.LAYERS})")])
    assert graded(clinic(source))[NET.name].points == 1


def test_a_cell_that_is_no_python_says_so(clinic, graded):
    result = graded(clinic("class Net(nn.Module:\n    pass"))[NET.name]
    assert result.points == 0
    assert "no Python" in result.hint


@pytest.mark.parametrize("source", ["Net = 3\n", "Net = nn.Linear(2, 1)\n", "def Net():\n    return None\n"])
def test_what_is_no_class_any_more_earns_nothing(clinic, graded, source):
    assert graded(clinic(source))[NET.name].points == 0


def test_who_changes_the_package_gets_nothing(clinic, graded):
    source = "nn.Module.parameters = lambda self, recurse=True: iter([])\n"
    cheat = MENDED.replace("        super().__init__()\n", f"        super().__init__()\n        {source}")
    result = graded(clinic(cheat))[NET.name]
    assert result.points == 0
    assert "changed what is not its own" in result.hint


@pytest.mark.parametrize(
    "line",
    [
        "from paramlab.clinic import PATIENTS; self.layers = PATIENTS",
        "from paramlab.workshop.catalogue import TASKS; self.layers = TASKS",
        "import paramlab.cases; self.layers = paramlab.cases.CASES",
    ],
)
def test_the_solution_is_not_to_be_had_while_it_is_graded(clinic, graded, line):
    result = graded(
        clinic(NET.given.replace("        super().__init__()\n", f"        super().__init__()\n        {line}\n"))
    )
    assert result[NET.name].points == 0
    assert "Error" in str(result[NET.name].verdict)
