"""An instructor's nbgrader takes the notebooks as they are: released, handed in, graded, with the same points."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from paramlab.classroom import grading
from paramlab.classroom.judge import Judge
from paramlab.classroom.release import lessons, notebook, release
from paramlab.classroom.selftest import solved
from paramlab.workshop.catalogue import TASKS, Definition, Prediction

from ..classroom.conftest import as_bytes, cell_of, with_cells
from . import test_definitions as definitions
from .test_pieces import WRONG, entries

LESSONS = [name for name in lessons() if name[:2] in ("02", "09")]  # predictions and pieces; definitions
CONFIG = """
c = get_config()
c.CourseDirectory.course_id = "paramlab"
c.CourseDirectory.root = {root!r}
c.Execute.timeout = 300
c.Execute.startup_timeout = 300
c.Execute.iopub_timeout = 60
c.ClearSolutions.enabled = False  # the notebooks hold no solutions
"""


def needs_nbgrader():
    try:
        import nbgrader  # noqa: F401
    except ImportError:
        advice = 'nbgrader is not installed: pip install "paramlab[grade]"'
        pytest.fail(advice) if os.environ.get("CI") else pytest.skip(advice)


def nbgrader_run(root, *arguments):
    # nbgrader calls alembic by its name, so its folder has to be on the path
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**os.environ, "PATH": path, "PARAMLAB_STATIC": "1"}
    command = [sys.executable, "-m", "nbgrader", *arguments]
    result = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, timeout=600)
    assert result.returncode == 0, result.stderr[-3000:]


@pytest.fixture(scope="module")
def classroom(tmp_path_factory):
    """A class that both have graded: right, untouched, and two that are wrong here and there."""
    needs_nbgrader()
    root = tmp_path_factory.mktemp("classroom")
    (root / "nbgrader_config.py").write_text(CONFIG.format(root=str(root)))
    judge = Judge(TASKS, seed=1)
    assert release(LESSONS, root / "handout") == 0
    for name in LESSONS:
        place(root / "source" / name, name, (root / "handout" / f"{name}.ipynb").read_bytes())
        nbgrader_run(root, "generate_assignment", name)
        for learner, made in class_of(name, solved(notebook(name), judge)).items():
            place(root / "submitted" / learner / name, name, as_bytes(made))
        nbgrader_run(root, "autograde", name)
    ours = root / "ours"
    ours.mkdir()
    url = f"sqlite:///{ours / 'gradebook.db'}"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ours)
        assert grading.grade(root / "submitted", ours / "grades", gradebook=url) == 0
    return root


def place(folder, name, content):
    folder.mkdir(parents=True)
    (folder / f"{name}.ipynb").write_bytes(content)


def class_of(name, right):
    wrong = [{}, {}]
    for task in (task for task in TASKS.values() if task.lesson == int(name[:2]) and not isinstance(task, Prediction)):
        if isinstance(task, Definition):
            codes = [definitions.source_of(task, one) for _, _, one in definitions.WRONG[task.name]]
        else:
            codes = [cell_of(task.name, code) for _, _, code in entries(WRONG[task.name])]
        for cells, code in zip(wrong, (codes[0], codes[-1]), strict=True):
            cells[task.name] = code
    partial = with_cells(right, wrong[1])
    for cell in partial["cells"]:  # and of each prediction the first answer is wrong
        source = "".join(cell["source"])
        if source.startswith("prediction = {"):
            told = ast.literal_eval(source.removeprefix("prediction = "))
            first = next(iter(told))
            told[first] = [not one for one in told[first]] if isinstance(told[first], list) else not told[first]
            cell["source"] = f"prediction = {told!r}"
    return {"ada": right, "bob": notebook(name), "eve": with_cells(right, wrong[0]), "max": partial}


def scores(root):
    """Ask nbgrader's database in a process of its own: what it imports warns."""
    code = (
        "from nbgrader.api import Gradebook\n"
        "with Gradebook('sqlite:///gradebook.db', 'paramlab') as book:\n"
        "    print({(s.student.id, g.name): (g.auto_score, g.max_score) for a in book.assignments"
        " for s in a.submissions for n in s.notebooks for g in n.grades})"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    return ast.literal_eval(done.stdout.strip())


def test_the_solution_gets_all_points_and_the_untouched_notebook_none(classroom):
    found = scores(classroom)
    assert all(points == best for (learner, _), (points, best) in found.items() if learner == "ada")
    assert all(points == 0 for (learner, _), (points, _) in found.items() if learner == "bob")


def test_nbgrader_and_paramlab_grade_give_the_same_points_for_each_cell(classroom):
    theirs, ours = scores(classroom), scores(classroom / "ours")
    assert ours == theirs
    some = [points for (learner, _), (points, best) in theirs.items() if 0 < points < best]
    assert len(some) >= 3  # points in part, too
    assert any(points == 0 for (learner, _), (points, _) in theirs.items() if learner == "eve")
