"""The build: fresh, the same twice, honest, and lessons that stay within what a learner can take in."""

import ast
import importlib.util
import json
import re
from pathlib import Path

import nbformat
import pytest

from paramlab.classroom import making
from paramlab.workshop.catalogue import TASKS

COURSE = Path(__file__).resolve().parents[2] / "course"


def load_build():
    spec = importlib.util.spec_from_file_location("course_build", COURSE / "build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


build = load_build()
LESSONS = build.lessons()
by_lesson = pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.stem)
GRADED = [lesson for lesson in LESSONS if int(lesson.stem[:2]) in {task.lesson for task in TASKS.values()}]
by_graded_lesson = pytest.mark.parametrize("lesson", GRADED, ids=lambda lesson: lesson.stem)


def built(lesson, folder):
    return nbformat.read(COURSE / folder / f"{lesson.stem}.ipynb", as_version=4)


def code_of(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


# ------------------------------------------------------------------ what is built


def test_the_built_notebooks_are_those_of_the_lessons():
    assert build.stale(COURSE) == [], "run `python course/build.py`"


def test_a_changed_lesson_is_noticed(tmp_path):
    for folder in ("notebooks", "solutions"):
        (tmp_path / folder).mkdir()
        for file in (COURSE / folder).glob("*.ipynb"):
            (tmp_path / folder / file.name).write_bytes(file.read_bytes())
    changed = tmp_path / "notebooks" / f"{LESSONS[0].stem}.ipynb"
    changed.write_text(changed.read_text(encoding="utf-8").replace("tensor", "tensr", 1), encoding="utf-8")
    assert build.stale(tmp_path) == [f"notebooks/{changed.name}"]


def test_a_notebook_of_no_lesson_is_noticed(tmp_path):
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "99_gone.ipynb").write_text("{}")
    assert "notebooks/99_gone.ipynb" in build.stale(tmp_path)


@by_lesson
def test_built_again_it_is_the_same_to_the_byte(lesson, tmp_path):
    mine, solved = build.both(lesson)
    once, again = build.as_bytes(build.run(solved)), build.as_bytes(build.run(build.both(lesson)[1]))
    assert once == again
    assert build.as_bytes(mine) == build.as_bytes(build.both(lesson)[0])


@by_graded_lesson
def test_the_solution_earns_all_points_and_the_untouched_notebook_none(lesson):
    stored = making.points(built(lesson, "solutions"))
    tasks = [task for task in TASKS.values() if task.lesson == int(lesson.stem[:2])]
    assert sum(stored.values()) == sum(task.points for task in tasks)
    assert len(stored) == len(tasks)
    untouched = making.points(build.run(built(lesson, "notebooks")))
    assert set(untouched.values()) == {0.0}


@by_graded_lesson
def test_a_lesson_whose_solution_fails_a_check_is_not_built(lesson):
    mine, _ = build.both(lesson)
    worthless = built(lesson, "solutions")
    check = next(cell for cell in worthless.cells if cell.metadata.get("nbgrader", {}).get("grade"))
    check.outputs[-1].data["text/plain"] = "0.0"
    with pytest.raises(build.CourseError, match="the solution earns"):
        build.prove(lesson, mine, worthless)


def test_a_lesson_that_gives_points_away_is_not_built():
    lesson = GRADED[1]
    _, solved = build.both(lesson)
    with pytest.raises(build.CourseError, match="untouched"):
        build.prove(lesson, solved, built(lesson, "solutions"))


# ------------------------------------------------------------------ what a learner gets


@by_lesson
def test_the_learners_notebook_has_no_solution_and_no_output(lesson):
    for mine, solved in zip(code_of(built(lesson, "notebooks")), code_of(built(lesson, "solutions")), strict=True):
        assert mine.outputs == []
        assert mine.execution_count is None
        if mine.metadata.get("nbgrader", {}).get("solution"):
            assert mine.source != solved.source
            assert "..." in mine.source or lesson.stem == "09_bug_clinic"  # whose code is given, and broken
            ast.parse(mine.source)


@by_lesson
def test_every_task_of_the_lesson_is_asked_once(lesson):
    ids = [c.metadata.nbgrader.grade_id for c in built(lesson, "notebooks").cells if "nbgrader" in c.metadata]
    assert len(ids) == len(set(ids))
    asked = {grade_id.removeprefix("check-") for grade_id in ids if grade_id.startswith("check-")}
    assert asked == {grade_id for grade_id in ids if not grade_id.startswith("check-")}


@by_lesson
@pytest.mark.parametrize("folder", ["notebooks", "solutions"])
def test_nbgrader_finds_its_metadata(lesson, folder):
    for cell in built(lesson, folder).cells:
        grader = cell.metadata.get("nbgrader")
        if grader:
            assert {"grade", "grade_id", "locked", "schema_version", "solution", "task"} <= set(grader)
            assert grader["schema_version"] == 3
            assert grader["grade"] != grader["solution"]
            assert ("points" in grader) == grader["grade"] == grader["locked"]


@by_lesson
def test_a_stored_output_names_no_address_no_path_and_no_widget_state(lesson):
    notebook = built(lesson, "solutions")
    assert "widgets" not in notebook.metadata
    for cell in code_of(notebook):
        text = json.dumps([output for output in cell.outputs if "image/png" not in output.get("data", {})])
        assert not re.search(r"0x[0-9a-f]{6,}|/(home|tmp|root|work)/|widget-view", text), cell.source
        assert not any(output.output_type == "error" for output in cell.outputs), cell.source
        assert not any(output.get("name") == "stderr" for output in cell.outputs), cell.source


def test_the_next_lesson_starts_on_what_was_built_in_this_one(tmp_path):
    def said_at_the_start(notebook):
        return code_of(notebook)[0].outputs[-1].data["text/plain"]

    parameter, module = (build.both(lesson) for lesson in LESSONS if lesson.stem in ("02_parameter", "03_module"))
    assert "none of its pieces is yours" in said_at_the_start(build.run(parameter[1], tmp_path))
    mine = build.run(module[0], tmp_path)
    assert said_at_the_start(mine) == "2 pieces of paramlab are yours: Parameter.__new__, Parameter.__repr__."


# ------------------------------------------------------------------ what a learner can take in


@by_lesson
def test_a_lesson_has_at_most_fifty_cells(lesson):
    assert len(built(lesson, "notebooks").cells) <= 50


@by_lesson
def test_a_cell_has_at_most_fifteen_lines_of_code(lesson):
    for cell in code_of(built(lesson, "solutions")):
        lines = [line for line in cell.source.splitlines() if line.strip()]
        docstrings = sum(line.strip().startswith('"""') for line in lines)
        assert len(lines) - docstrings <= 15, cell.source


@by_lesson
def test_a_paragraph_has_at_most_sixty_words(lesson):
    for cell in built(lesson, "notebooks").cells:
        if cell.cell_type == "markdown":
            for paragraph in cell.source.split("\n\n"):
                if not paragraph.lstrip().startswith(("|", "```", "- ")):
                    assert len(paragraph.split()) <= 60, paragraph


@by_graded_lesson
def test_a_lesson_has_a_prediction_something_to_write_and_the_map(lesson):
    source = lesson.read_text(encoding="utf-8")
    assert "# %% prediction=" in source or "Clinic()" in source  # there one names the suspect before it is told
    assert "# %% piece=" in source or "# %% definition=" in source
    assert "torch.explore(" in source


# ------------------------------------------------------------------ marks


def test_a_prediction_loses_its_answers_and_keeps_its_comments():
    source = "prediction = {\n    # True means listed\n    'a': (True, False),\n}"
    assert making.with_gaps(source) == "prediction = {\n    # True means listed\n    'a': (..., ...),\n}"


def test_the_learner_writes_the_lines_that_are_theirs(tmp_path):
    lesson = tmp_path / "99_own.py"
    body = "    a = x  # yours\n    b = a  # yours\n    return a, b  # not theirs\n"
    lesson.write_text('# %% yours="f"\ndef f(x):\n' + body)
    mine, solved = build.both(lesson)
    assert mine.cells[0].source == "def f(x):\n    ...\n    return a, b  # not theirs"
    assert solved.cells[0].source == "def f(x):\n    a = x\n    b = a\n    return a, b  # not theirs"
    assert "yours" not in mine.cells[0].metadata
    assert "yours" not in solved.cells[0].metadata


def test_an_unknown_piece_is_named(tmp_path):
    lesson = tmp_path / "99_odd.py"
    lesson.write_text('# %% piece="Module.__setatr__"\n')
    with pytest.raises(build.CourseError, match=r"99_odd\.py: there is no piece.* or definition 'Module\.__setatr__'"):
        build.both(lesson)
