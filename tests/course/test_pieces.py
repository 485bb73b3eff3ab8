"""Right answers of any style earn all points; a typical wrong one is refused, with the hint that fits it."""

import textwrap

import pytest

from paramlab.workshop import check
from paramlab.workshop.catalogue import PIECES, TASKS
from paramlab.workshop.source import solution, stub
from paramlab.workshop.tasks import Prediction

from ..workshop.notebook import Notebook, a_fresh_start, is_the_reference
from .answers import lesson_01, lesson_02, lesson_03, lesson_04, lesson_05, lesson_06, lesson_07, lesson_08, lesson_10

LESSONS = (lesson_01, lesson_02, lesson_03, lesson_04, lesson_05, lesson_06, lesson_07, lesson_08)
RIGHT = {piece: answers for lesson in LESSONS for piece, answers in lesson.RIGHT.items()}
WRONG = {piece: answers for lesson in LESSONS for piece, answers in lesson.WRONG.items()}
PREDICTIONS = {name: answer for lesson in (*LESSONS, lesson_10) for name, answer in lesson.PREDICTIONS.items()}


@pytest.fixture(autouse=True)
def home(tmp_path):
    with a_fresh_start(tmp_path):
        yield tmp_path


def answer(piece, code):
    """Return a cell: the piece's decorator, and the code as a whole definition or as a body."""
    code = textwrap.dedent(code).strip("\n") + "\n"
    head = stub(PIECES[piece]).removesuffix("    ...\n")
    return head.split("\n")[0] + "\n" + code if code.startswith("def ") else head + textwrap.indent(code, "    ")


def verdict_on(piece, cell):
    Notebook().run(cell)
    return check(piece)


def of_all(table):
    return [
        pytest.param(piece, code, id=f"{piece}: {name}") for piece in table for name, *code in entries(table[piece])
    ]


def entries(answers):
    return answers.items() if isinstance(answers, dict) else answers


@pytest.mark.parametrize("piece", PIECES)
def test_there_are_enough_answers_of_each_piece(piece):
    assert len(RIGHT[piece]) >= 2
    assert len(WRONG[piece]) >= 5


@pytest.mark.parametrize("piece", PIECES)
def test_an_untouched_stub_earns_nothing_and_leaves_the_package_as_it_is(piece):
    verdict = verdict_on(piece, stub(PIECES[piece]))
    assert verdict == 0
    assert "untouched" in verdict.hint
    assert is_the_reference()


@pytest.mark.parametrize("piece", PIECES)
def test_without_any_cell_run_there_is_nothing_to_earn(piece):
    assert check(piece) == 0
    assert "not built yet" in check(piece).hint


@pytest.mark.parametrize("piece", PIECES)
def test_the_packages_own_code_earns_everything(piece):
    verdict = verdict_on(piece, solution(PIECES[piece]))
    assert verdict.passed, str(verdict)
    assert verdict == PIECES[piece].points


@pytest.mark.parametrize(("piece", "code"), of_all(RIGHT))
def test_a_right_answer_of_another_style_earns_everything(piece, code):
    verdict = verdict_on(piece, answer(piece, code[0]))
    assert verdict.passed, str(verdict)
    assert verdict == PIECES[piece].points


@pytest.mark.parametrize(("piece", "code"), of_all(WRONG))
def test_a_wrong_answer_is_refused_with_the_hint_that_fits(piece, code):
    words, body = code
    verdict = verdict_on(piece, answer(piece, body))
    assert words in verdict.hint, str(verdict)
    assert 0 <= verdict < PIECES[piece].points
    if not verdict.lines[0].right:
        assert verdict == 0


@pytest.mark.parametrize("piece", PIECES)
def test_each_hint_is_given_to_some_wrong_answer(piece):
    given = {verdict_on(piece, answer(piece, body)).hint for _, _, body in WRONG[piece]}
    assert [hint.says for hint in PIECES[piece].hints if hint.says not in given] == []


# ------------------------------------------------------------------ predictions


def rows_of(name):
    return [pytest.param(name, row, id=f"{name}: {row}") for row in PREDICTIONS[name]]


def opposite(guess):
    return tuple(not item for item in guess) if isinstance(guess, tuple) else not guess


predictions = pytest.mark.parametrize("name", PREDICTIONS)
rows = pytest.mark.parametrize(("name", "row"), [row for name in PREDICTIONS for row in rows_of(name)])


def test_there_is_an_answer_to_each_prediction():
    assert set(PREDICTIONS) == {name for name, task in TASKS.items() if isinstance(task, Prediction)}


@predictions
def test_a_right_prediction_earns_everything(name):
    assert check(name, PREDICTIONS[name]).passed
    assert check(name, PREDICTIONS[name]) == TASKS[name].points


@predictions
def test_lists_do_as_well_as_tuples(name):
    as_lists = {row: list(guess) if isinstance(guess, tuple) else guess for row, guess in PREDICTIONS[name].items()}
    assert check(name, as_lists) == TASKS[name].points


@rows
def test_a_wrong_row_costs_its_share_and_gets_its_own_hint(name, row):
    verdict = check(name, {**PREDICTIONS[name], row: opposite(PREDICTIONS[name][row])})
    assert 0 < verdict < TASKS[name].points
    assert verdict.hint == TASKS[name].hints[row]


@rows
def test_a_wrong_row_does_not_tell_the_right_answer(name, row):
    wrong = opposite(PREDICTIONS[name][row])
    verdict = check(name, {**PREDICTIONS[name], row: wrong})
    assert str(PREDICTIONS[name][row]) not in str(verdict)


@rows
def test_a_gap_is_named_as_such(name, row):
    verdict = check(name, {**PREDICTIONS[name], row: ...})
    assert "not filled in yet" in str(verdict)
    assert "Replace each `...`" in verdict.hint


@predictions
def test_an_untouched_prediction_earns_nothing(name):
    untouched = {row: (..., ...) if isinstance(guess, tuple) else ... for row, guess in PREDICTIONS[name].items()}
    assert check(name, untouched) == 0


@rows
def test_a_row_that_is_missing_is_named(name, row):
    verdict = check(name, {key: guess for key, guess in PREDICTIONS[name].items() if key != row})
    assert repr(row) in verdict.hint
    assert verdict < TASKS[name].points


@predictions
@pytest.mark.parametrize("strange", [None, [], "True", 3, True, (True, False), set(), object])
def test_what_is_no_dict_earns_nothing_and_is_told_the_entries(name, strange):
    verdict = check(name, strange)
    assert verdict == 0
    assert all(repr(row) in verdict.hint for row in PREDICTIONS[name])


@predictions
@pytest.mark.parametrize("word", ["yes", 1, None, 1.0, ("yes", "no")])
def test_words_and_numbers_are_no_answers(name, word):
    verdict = check(name, dict.fromkeys(PREDICTIONS[name], word))
    assert verdict == 0
    assert "by True or by False" in verdict.hint


@pytest.mark.parametrize("guess", [True, (True,), (True, True, True, True), ()])
def test_too_few_or_too_many_answers_in_a_row_are_wrong(guess):
    verdict = check("three kinds", {**PREDICTIONS["three kinds"], "Parameter": guess})
    assert verdict == 2
