"""nbgrader's gradebook after `paramlab grade`: what nbgrader's own commands and its formgrader make of it."""

import ast
import csv
import io
import shutil
import sqlite3
import subprocess
import sys

import pytest

from paramlab.classroom import grading
from paramlab.classroom.gradebook import Gradebook, GradebookError
from paramlab.classroom.release import notebook

from ..course.test_nbgrader import nbgrader_run, needs_nbgrader
from .conftest import cell_of, with_cells
from .test_grading import REPR, WRONG, hand_in

LESSON = "02_parameter"
HINT = "The words stand on a line of their own"


@pytest.fixture(scope="module")
def course(tmp_path_factory, solution):
    """A course folder of nbgrader's, after a class was graded into its gradebook."""
    needs_nbgrader()
    root = tmp_path_factory.mktemp("course")
    wrong = with_cells(solution[2], {REPR: cell_of(REPR, WRONG)})
    for learner, made in (("ada", solution[2]), ("Žofie アダ", wrong), ("bob", notebook(LESSON))):
        hand_in(root / "submitted", learner, made)
    (root / "submitted" / "eve" / LESSON).mkdir(parents=True)
    (root / "submitted" / "eve" / LESSON / f"{LESSON}.ipynb").write_bytes(b"GIF89a")
    (root / "submitted" / "ada" / LESSON / "timestamp.txt").write_text("2027-03-01 10:00:00 UTC")
    grade(root)
    return root


def grade(root):
    url = f"sqlite:///{root / 'gradebook.db'}"
    assert grading.grade(root / "submitted", root / "grades", jobs=1, gradebook=url, seed=4) == 0


def asked(root, expression):
    """What nbgrader answers in a process of its own: `api` is what its formgrader asks, `book` its gradebook."""
    code = (
        "import warnings; warnings.simplefilter('ignore')\n"
        "from nbgrader.apps import NbGraderAPI\n"
        "from traitlets.config import Config\n"
        f"api = NbGraderAPI(config=Config({{'CourseDirectory': {{'root': {str(root)!r}}}}}))\n"
        "with api.gradebook as book:\n"
        f"    print(repr({expression}))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    return ast.literal_eval(done.stdout.strip().split("\n")[-1])


def test_its_export_has_the_points_of_everybody(course):
    nbgrader_run(course, "export", "--to", "exported.csv")
    rows = list(csv.DictReader(io.StringIO((course / "exported.csv").read_text(encoding="utf-8"))))
    assert {(row["student_id"], float(row["score"]), float(row["max_score"])) for row in rows} == {
        ("ada", 10.0, 10.0),
        ("bob", 0.0, 10.0),
        ("eve", 0.0, 10.0),
        ("Žofie アダ", 9.0, 10.0),
    }


def test_its_feedback_shows_the_code_the_points_and_the_hint(course):
    nbgrader_run(course, "generate_feedback", LESSON)
    page = (course / "feedback" / "Žofie アダ" / LESSON / f"{LESSON}.html").read_text(encoding="utf-8")
    assert "Score: 9.0 / 10.0" in page
    assert page.count(HINT) == 2  # below the check, and as the comment on the code
    assert "✗ wrong" in page
    assert "is untouched" in (course / "feedback" / "bob" / LESSON / f"{LESSON}.html").read_text(encoding="utf-8")


def test_its_formgrader_lists_the_lesson_the_submissions_and_each_cell(course):
    find = f"book.find_{{}}({{!r}}, {LESSON!r}, {LESSON!r}"
    questions = [
        "api.get_assignments()",
        f"api.get_submissions({LESSON!r})",
        f"api.get_notebook_submissions({LESSON!r}, {LESSON!r})",
        f"[(cell.name, cell.max_score) for cell in book.find_notebook({LESSON!r}, {LESSON!r}).grade_cells]",
        find.format("source_cell", "check-parameter-new") + ").locked",
        find.format("comment", "three-kinds") + ", 'eve').comment",
    ]
    [lesson], submissions, shown, cells, locked, comment = asked(course, f"[{', '.join(questions)}]")
    assert (lesson["name"], lesson["num_submissions"], lesson["max_score"]) == (LESSON, 4, 10.0)
    every = {one["student"]: one for one in submissions}
    assert every["ada"]["timestamp"] == "2027-03-01T10:00:00"
    assert all(one["autograded"] and not one["needs_manual_grade"] for one in every.values())
    shown = {one["student"]: one for one in shown}
    assert [shown[name]["score"] for name in ("ada", "bob", "eve", "Žofie アダ")] == [10.0, 0.0, 0.0, 9.0]
    assert {name for name, one in shown.items() if one["failed_tests"]} == {"bob", "eve", "Žofie アダ"}
    assert sorted(cells) == [
        ("check-parameter-new", 4.0),
        ("check-parameter-repr", 1.0),
        ("check-same-as-requires-grad", 2.0),
        ("check-three-kinds", 3.0),
    ]
    assert (locked, "not JSON" in comment) == (True, True)


def content(root):
    with sqlite3.connect(root / "gradebook.db") as database:
        return list(database.iterdump())


def files(root):
    return {path: path.read_bytes() for path in (root / "autograded").rglob("*.ipynb")}


def test_to_grade_it_once_more_changes_nothing(course):
    before = content(course), files(course)
    grade(course)
    assert (content(course), files(course)) == before


@pytest.fixture
def copied(course, tmp_path):
    return shutil.copytree(course, tmp_path / "copied")


def test_what_was_entered_by_hand_stays_and_is_to_be_looked_at_again(copied, solution):
    with sqlite3.connect(copied / "gradebook.db") as database:
        database.execute("UPDATE grade SET manual_score = 0.5, needs_manual_grade = 0 WHERE auto_score = 0")
    grade(copied)
    find = f"book.find_grade('check-parameter-repr', {LESSON!r}, {LESSON!r}, 'bob')"
    state = f"[(g.auto_score, g.manual_score, g.score, g.needs_manual_grade) for g in [{find}]]"
    assert asked(copied, state) == [(0.0, 0.5, 0.5, False)]
    hand_in(copied / "submitted", "bob", solution[2])
    grade(copied)
    assert asked(copied, state) == [(1.0, 0.5, 0.5, True)]


def test_a_gradebook_with_submissions_of_another_course_is_left_alone(copied, capsys):
    with sqlite3.connect(copied / "gradebook.db") as database:
        database.execute("UPDATE base_cell SET name = 'check-older' WHERE name = 'check-parameter-new'")
    url = f"sqlite:///{copied / 'gradebook.db'}"
    assert grading.grade(copied / "submitted", copied / "grades", jobs=1, gradebook=url, seed=4) == 2
    assert "holds submissions of another version of 02_parameter" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("gradebook.db", "is no address of a database. For example: sqlite:///gradebook.db"),
        ("mysql://u@h/db", "SQLite or PostgreSQL, not in mysql"),
        ("sqlite://", "names no file"),
        ("postgresql+nothing://u@h/db", "there is no such driver"),
        ("postgresql+pg8000://u@h/db", "the driver pg8000 for this database is missing: pip install pg8000"),
        ("sqlite:///{here}", "can't be opened"),
    ],
)
def test_an_address_that_will_not_do_is_an_error_before_anything_is_graded(url, says, tmp_path, monkeypatch):
    needs_nbgrader()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(GradebookError) as error, Gradebook(url.format(here=tmp_path)):
        pass
    assert says in str(error.value)
    assert "secret" not in str(error.value)
