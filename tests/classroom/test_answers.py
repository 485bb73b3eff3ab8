"""The grade is the check's: every right answer earns all there too, every wrong one the same points and hint."""

import pytest

from paramlab.classroom.release import notebook
from paramlab.classroom.selftest import results
from paramlab.classroom.taking import read, take
from paramlab.workshop.catalogue import TASKS

from ..course.test_pieces import RIGHT, WRONG, entries, verdict_on
from ..workshop.notebook import a_fresh_start
from .conftest import LESSON, as_bytes, cell_of, with_cells

ANSWERS = {
    **{(piece, name): code for piece in RIGHT for name, code in entries(RIGHT[piece])},
    **{(piece, name): code for piece in WRONG for name, _, code in entries(WRONG[piece])},
}


@pytest.fixture(scope="module")
def graded(judge, pool):
    """All answers graded in one go, as a class is."""
    every = {}
    for (piece, name), code in ANSWERS.items():
        number = TASKS[piece].lesson
        made = with_cells(notebook(LESSON[number]), {piece: cell_of(piece, code)})
        found = take(read(as_bytes(made)), number, judge.rows())
        every[piece, name] = next(one for one in found if one.task == piece)
    return dict(results(every, judge, pool))


@pytest.mark.parametrize(("piece", "name"), [pytest.param(*one, id=": ".join(one)) for one in ANSWERS])
def test_the_grade_is_what_the_check_says(piece, name, graded, tmp_path):
    with a_fresh_start(tmp_path):
        checked = verdict_on(piece, cell_of(piece, ANSWERS[piece, name]))
    result = graded[piece, name]
    assert result.points == checked, str(result.verdict)
    if not checked.passed and checked.lines:
        assert result.hint == checked.hint
