"""A class in the tests: notebooks with answers in them, and one judge with its workers for all."""

import copy
import json
import textwrap

import pytest

from paramlab.classroom.judge import Judge
from paramlab.classroom.pool import Pool
from paramlab.classroom.release import lessons, notebook
from paramlab.classroom.selftest import results, solved
from paramlab.classroom.taking import read, take
from paramlab.workshop.catalogue import TASKS
from paramlab.workshop.source import stub
from paramlab.workshop.tasks import grade_id

LESSON = {int(name[:2]): name for name in lessons()}


@pytest.fixture(scope="session")
def judge():
    return Judge(TASKS, seed=20)


@pytest.fixture(scope="session")
def pool():
    with Pool(2) as workers:
        yield workers


@pytest.fixture(scope="session")
def solution(judge):
    """The solved notebook of each lesson, by its number."""
    return {int(name[:2]): solved(notebook(name), judge) for name in lessons()}


def as_bytes(made):
    return json.dumps(made).encode()


def with_cells(made, cells):
    """Return a notebook with other sources in the cells of these tasks."""
    made = copy.deepcopy(made)
    for cell in made["cells"]:
        for task, source in cells.items():
            if cell["metadata"].get("nbgrader", {}).get("grade_id") == grade_id(task):
                cell["source"] = source
    return made


def a_code_cell(source):
    return {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], "execution_count": None}


def cell_of(piece, body):
    """Return a piece's cell with this body, or with this whole definition."""
    body = textwrap.dedent(body).strip("\n") + "\n"
    head = stub(TASKS[piece]).removesuffix("    ...\n")
    return head.split("\n")[0] + "\n" + body if body.startswith("def ") else head + textwrap.indent(body, "    ")


@pytest.fixture
def taken(judge):
    """What is taken from a notebook, by task."""

    def of(made):
        found = read(made if isinstance(made, bytes) else as_bytes(made))
        return {one.task: one for one in take(found, int(found.lesson[:2]), judge.rows())}

    return of


@pytest.fixture
def graded(taken, judge, pool):
    """The results of a notebook, by task."""

    def of(made):
        return dict(results(taken(made), judge, pool))

    return of


@pytest.fixture
def result_of(graded, solution):
    """The result of one piece with this body, in a notebook that is right but for it; and the others' points."""

    def of(piece, body):
        lesson = TASKS[piece].lesson
        every = graded(with_cells(solution[lesson], {piece: cell_of(piece, body)}))
        for name, other in every.items():
            if name != piece:
                assert other.points == other.out_of, (name, other.hint)  # one exercise can only lose itself
        return every[piece]

    return of
