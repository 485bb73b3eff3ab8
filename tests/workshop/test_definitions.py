"""A definition: what a learner writes or mends in the notebook, handed to `check`."""

import linecache

import pytest

import paramlab
from paramlab import nn
from paramlab.cases import CASES, Written, same
from paramlab.workshop import check, progress
from paramlab.workshop.catalogue import TASKS, Definition
from paramlab.workshop.source import written

NET = TASKS["layers-in-a-list"]
MENDED = NET.solution.source


def mended(notebook, source=MENDED):
    return notebook.run(source)["Net"]


def test_the_points_count(notebook):
    assert check(NET.name, mended(notebook)) == 1
    lesson = next(one for one in progress() if one.lesson == 9)
    assert lesson.points == 1
    assert NET.name not in lesson.left


def test_as_it_was_given_it_says_so_whatever_it_looks_like(notebook):
    verdict = check(NET.name, mended(notebook, "# mine\n" + NET.given.replace("x = ", "x  =  ")))
    assert (verdict, verdict.lines) == (0, ())
    assert "as it was given" in verdict.hint


@pytest.mark.parametrize("handed", [None, "Net", 3, nn.Linear(2, 1), nn])
def test_what_is_no_definition_is_refused_with_the_line_to_type(handed):
    verdict = check(NET.name, handed)
    assert verdict == 0
    assert 'check("layers-in-a-list", Net)' in verdict.hint


def test_a_misspelt_name_of_the_package_gets_a_hint_of_its_own(notebook):
    verdict = check(NET.name, mended(notebook, MENDED.replace("ModuleList", "ModulList")))
    assert verdict == 0
    assert "Is it misspelt?" in verdict.hint


def test_one_without_a_source_is_tried_all_the_same():
    class Net(Written("Net", MENDED).on(paramlab)):
        pass

    Net.__init__.__code__ = Net.__init__.__code__.replace(co_filename="<nowhere>")
    assert check(NET.name, Net) == 1


def test_code_that_is_checked_does_not_check(notebook):
    notebook.run("nested = []")
    source = MENDED.replace(
        "        super().__init__()\n", "        super().__init__()\n        nested.append(check('untied', check))\n"
    )
    check(NET.name, mended(notebook, source))
    assert "is being checked" in notebook.names["nested"][0].hint


def test_an_endless_loop_ends_in_a_verdict(notebook):
    source = MENDED.replace("        super().__init__()\n", "        while True:\n            pass\n")
    verdict = check(NET.name, mended(notebook, source))
    assert verdict == 0
    assert "did not come to an end" in verdict.hint


def test_what_it_prints_is_counted_and_not_shown(notebook, capsys):
    source = MENDED.replace("        super().__init__()\n", "        super().__init__()\n        print('made')\n")
    verdict = check(NET.name, mended(notebook, source))
    assert verdict == 1
    assert any("printed" in note for note in verdict.notes)
    assert capsys.readouterr().out == ""


# ------------------------------------------------------------------ the source of a class


def test_the_source_of_a_class_is_found_in_its_cell(notebook):
    cell = f"first = 1\n\n\n@final\n{MENDED}\n\nmodel = Net()\n"
    notebook.run("from typing import final")
    assert written(notebook.run(cell)["Net"]) == f"@final\n{MENDED}"


def test_a_class_inside_of_a_function_is_found_too(notebook):
    notebook.run("def make():\n    class Inner:\n        def __init__(self):\n            pass\n    return Inner\n")
    assert written(notebook.names["make"]()) == "class Inner:\n    def __init__(self):\n        pass\n"


def test_a_class_without_methods_or_without_a_cell_has_no_source(notebook):
    assert written(notebook.run("class Bare:\n    size = 1\n")["Bare"]) == ""
    assert written(Written("Net", MENDED).on(paramlab)) == ""
    linecache.clearcache()


# ------------------------------------------------------------------ cases of a definition


def definitions():
    return [task for task in TASKS.values() if isinstance(task, Definition)]


@pytest.mark.parametrize("task", definitions(), ids=lambda task: task.name)
def test_a_definition_is_made_of_known_cases_of_its_own_solution(task):
    assert len(set(task.cases)) == len(task.cases) >= 3
    for case in task.cases:
        assert CASES[case.name] is case
        assert case.of == task.solution
    assert len(task.solution.source.splitlines()) <= 20
    assert not task.is_untouched(task.solution.source)
    assert task.is_untouched(task.given)


@pytest.mark.parametrize("task", definitions(), ids=lambda task: task.name)
def test_the_first_case_fails_on_what_is_given(task):
    case = task.cases[0]
    given = Written(task.defines, task.given).on(paramlab)
    came, right = case.run(paramlab, 1, given), case.run(paramlab, 1)
    assert right.failure is None
    assert came.failure is not None or not same(right.answer, came.answer)


def test_a_case_tries_what_it_is_given_or_else_what_it_is_of():
    case = next(iter(NET.cases))
    assert case.run(paramlab).failure is None
    assert case.run(paramlab, own=nn.Module).failure is not None
