"""nbval replays every solution: each cell answers what is stored, with live widgets out of the way."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

COURSE = Path(__file__).resolve().parents[2] / "course"
SOLUTIONS = sorted((COURSE / "solutions").glob("*.ipynb"))
FLAGS = [
    *("--nbval", "--nbval-current-env", "--nbval-cell-timeout", "300"),
    *("--nbval-kernel-startup-timeout", "300"),
    *("--nbval-sanitize-with", str(Path(__file__).with_name("nbval_sanitize.cfg"))),
    *("-c", os.devnull, "-p", "no:cacheprovider", "-q"),
]


def replay(notebook, home):
    pytest.importorskip("nbval", reason='needs nbval: pip install "paramlab[test]"')
    # a folder of the learner's own for each: the lessons must not see one another's pieces
    env = {**os.environ, "PARAMLAB_HOME": str(home), "PARAMLAB_STATIC": "1", "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "pytest", *FLAGS, str(notebook)]
    return subprocess.run(command, cwd=notebook.parent, env=env, capture_output=True, text=True, timeout=900)


@pytest.mark.parametrize("notebook", SOLUTIONS, ids=lambda notebook: notebook.stem)
def test_a_solution_answers_what_is_stored(notebook, tmp_path):
    result = replay(notebook, tmp_path)
    assert result.returncode == 0, result.stdout[-6000:]


def test_a_wrong_stored_output_is_noticed(tmp_path):
    changed = tmp_path / "changed.ipynb"
    text = (COURSE / "solutions" / "02_parameter.ipynb").read_text(encoding="utf-8")
    assert "Tensor False" in text
    changed.write_text(text.replace("Tensor False", "Tensor True"), encoding="utf-8")
    result = replay(changed, tmp_path)
    assert result.returncode == 1, result.stdout[-2000:]
    assert "1 failed" in result.stdout
