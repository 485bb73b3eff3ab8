"""Definitions that stay in the notebook: right ones of any style earn all points, wrong ones get the hint that fits."""

import textwrap

import pytest

from paramlab.workshop import check
from paramlab.workshop.catalogue import TASKS, Definition

from ..workshop.notebook import Notebook, a_fresh_start
from .answers import lesson_08, lesson_09, lesson_10

DEFINITIONS = {name: task for name, task in TASKS.items() if isinstance(task, Definition)}
RIGHT = lesson_08.RIGHT_DEFINITIONS | lesson_09.RIGHT | lesson_10.RIGHT
WRONG = lesson_08.WRONG_DEFINITIONS | lesson_09.WRONG | lesson_10.WRONG
each = pytest.mark.parametrize("task", DEFINITIONS.values(), ids=list(DEFINITIONS))


@pytest.fixture(autouse=True)
def home(tmp_path):
    with a_fresh_start(tmp_path):
        yield tmp_path


def source_of(task, answer):
    """Return an answer's source: it is given whole, or as changes to what was given."""
    return textwrap.dedent(answer).lstrip("\n") if isinstance(answer, str) else lesson_09.cure(task.given, answer)


def verdict_on(task, source):
    return check(task.name, Notebook().run(source)[task.defines])


def of_all(table):
    return [
        pytest.param(DEFINITIONS[name], answer, id=f"{name}: {answer[0]}")
        for name, answers in table.items()
        for answer in (answers.items() if isinstance(answers, dict) else answers)
    ]


@each
def test_there_are_enough_answers_of_each(task):
    assert len(RIGHT[task.name]) >= 2
    assert len(WRONG[task.name]) >= 5


@each
def test_as_it_was_given_it_earns_nothing(task):
    verdict = verdict_on(task, task.given)
    assert verdict == 0
    assert "as it was given" in verdict.hint


@each
def test_as_it_was_given_it_earns_nothing_under_another_look_either(task):
    verdict = verdict_on(task, task.given.rstrip() + "\n    forgotten = 1\n")
    assert verdict == 0
    assert not verdict.lines[0].right


@each
def test_the_solution_earns_everything(task):
    verdict = verdict_on(task, task.solution.source)
    assert verdict.passed, str(verdict)
    assert verdict == task.points


@pytest.mark.parametrize(("task", "answer"), of_all(RIGHT))
def test_a_right_answer_of_another_style_earns_everything(task, answer):
    verdict = verdict_on(task, source_of(task, answer[1]))
    assert verdict.passed, str(verdict)
    assert verdict == task.points


@pytest.mark.parametrize(("task", "answer"), of_all(WRONG))
def test_a_wrong_answer_is_refused_with_the_hint_that_fits(task, answer):
    _, words, changes = answer
    verdict = verdict_on(task, source_of(task, changes))
    assert words in verdict.hint, str(verdict)
    assert 0 <= verdict < task.points


@each
def test_each_hint_is_given_to_some_wrong_answer(task):
    answers = [changes for _, _, changes in WRONG[task.name]]
    given = {verdict_on(task, source_of(task, changes)).hint for changes in answers}
    assert [hint.says for hint in task.hints if hint.says not in given] == []
