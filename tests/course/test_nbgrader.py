"""An instructor's nbgrader takes the notebooks as they are: released, handed in, graded, with the same points."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

COURSE = Path(__file__).resolve().parents[2] / "course"
LESSON = "03_module"
CONFIG = """
c = get_config()
c.CourseDirectory.course_id = "paramlab"
c.CourseDirectory.root = {root!r}
c.Execute.timeout = 60
c.ClearSolutions.enabled = False  # the notebooks hold no solutions
"""


@pytest.fixture(scope="module")
def classroom(tmp_path_factory):
    """A class of two that nbgrader has graded: one handed in the solution, one the untouched notebook."""
    try:
        import nbgrader  # noqa: F401
    except ImportError:
        advice = 'nbgrader is not installed: pip install "paramlab[grade]"'
        pytest.fail(advice) if os.environ.get("CI") else pytest.skip(advice)
    root = tmp_path_factory.mktemp("classroom")
    (root / "nbgrader_config.py").write_text(CONFIG.format(root=str(root)))
    place(COURSE / "notebooks", root / "source" / LESSON)
    nbgrader_run(root, "generate_assignment", LESSON)
    place(COURSE / "solutions", root / "submitted" / "ada" / LESSON)
    place(root / "release" / LESSON, root / "submitted" / "bob" / LESSON)
    nbgrader_run(root, "autograde", LESSON)
    return root


def place(source, folder):
    folder.mkdir(parents=True)
    shutil.copy(source / f"{LESSON}.ipynb", folder)


def nbgrader_run(root, *arguments):
    # nbgrader calls alembic by its name, so its folder has to be on the path
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**os.environ, "PATH": path, "PARAMLAB_STATIC": "1"}
    command = [sys.executable, "-m", "nbgrader", *arguments]
    result = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, timeout=300)
    assert result.returncode == 0, result.stderr[-3000:]


def scores(root):
    """Ask nbgrader's database in a process of its own: what it imports warns."""
    code = (
        "from nbgrader.api import Gradebook\n"
        "with Gradebook('sqlite:///gradebook.db', 'paramlab') as book:\n"
        f"    print(*[(s.student_id, s.score, s.max_score) for s in book.assignment_submissions({LESSON!r})], sep='|')"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    return {name: (score, best) for name, score, best in map(ast.literal_eval, done.stdout.strip().split("|"))}


def test_the_solution_gets_all_points_and_the_untouched_notebook_none(classroom):
    assert scores(classroom) == {"ada": (20.0, 20.0), "bob": (0.0, 20.0)}
