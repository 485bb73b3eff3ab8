"""What the lessons ask for adds up, and each of its tasks can be checked."""

import inspect
import re

import pytest

import paramlab
from paramlab.cases import CASES
from paramlab.workshop.catalogue import PIECES, TASKS, Prediction

predictions = [task for task in TASKS.values() if isinstance(task, Prediction)]
by_name = pytest.mark.parametrize("piece", PIECES.values(), ids=list(PIECES))


def test_a_task_is_found_by_its_own_name():
    assert all(name == task.name for name, task in TASKS.items())


@pytest.mark.parametrize(("lesson", "points"), [(2, 10), (3, 20)])
def test_the_points_of_a_lesson(lesson, points):
    assert sum(task.points for task in TASKS.values() if task.lesson == lesson) == points


@by_name
def test_a_piece_is_a_definition_of_the_package(piece):
    definition = inspect.getattr_static(piece.owner, piece.attribute)
    assert definition is not getattr(object, piece.attribute, None)


@by_name
def test_a_piece_has_cases_each_once_and_all_of_them_known(piece):
    assert len(set(piece.cases)) == len(piece.cases) >= 3
    assert all(CASES[case.name] is case for case in piece.cases)


def texts():
    for task in TASKS.values():
        hints = task.hints.values() if isinstance(task, Prediction) else [hint.says for hint in task.hints]
        yield from (pytest.param(text, id=f"{task.name}: {text[:40]}") for text in hints)


@pytest.mark.parametrize("text", [*texts()])
def test_a_hint_is_whole_sentences_and_closes_its_backquotes(text):
    assert text.count("`") % 2 == 0
    assert text[-1] in ".?"
    assert len(text) < 240


@by_name
def test_a_hint_asks_for_cases_of_its_own_piece(piece):
    asked = {name for hint in piece.hints for name in _names_in(hint.when.__code__)}
    assert asked <= {case.name.partition(".")[2] for case in piece.cases}


def _names_in(code):
    known = {name.partition(".")[2] for name in CASES}
    return {constant for constant in code.co_consts if isinstance(constant, str) and constant in known}


@by_name
def test_a_hint_mentions_helpers_of_the_package_that_there_are(piece):
    for hint in piece.hints:
        for helper in re.findall(r"`self\.(_?[a-z]\w+)\(", hint.says):
            assert any(hasattr(owner, helper) for owner in (piece.owner, paramlab.nn.Module, paramlab.Tensor)), helper


@pytest.mark.parametrize("task", predictions, ids=[task.name for task in predictions])
def test_a_prediction_has_a_hint_for_each_of_its_rows(task):
    assert list(task.hints) == list(task.case.run(paramlab).answer)
