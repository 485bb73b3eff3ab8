"""Grading a class, beside ``nbgrader autograde`` of the same notebooks: speed, a second core, memory.

``python -m tests.benchmarks.grading 1000`` grades that many synthetic submissions in one run and compares every grade
with what it has to be. Linux only: it pins processes to cores.
"""

from __future__ import annotations

import csv
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from paramlab.classroom.judge import Judge
from paramlab.classroom.release import notebook
from paramlab.classroom.selftest import solved
from paramlab.workshop.catalogue import PIECES, TASKS
from paramlab.workshop.source import stub
from paramlab.workshop.tasks import grade_id

ROOT = Path(__file__).resolve().parents[2]
LESSON, NUMBER = "03_module", 3
CELLS = 20
SMALL, LARGE = 2, 10  # submissions for nbgrader; what one more costs is the difference
PIECES_HERE = [name for name, piece in PIECES.items() if piece.lesson == NUMBER]
CONFIG = """
c = get_config()
c.CourseDirectory.course_id = "paramlab"
c.ClearSolutions.enabled = False
c.Execute.timeout = 60
"""


# ------------------------------------------------------------------ a synthetic class


def a_short_lesson() -> dict[str, Any]:
    """Return the lesson's solution with ``CELLS`` code cells: its tasks and checks, and a little NumPy each."""
    made = solved(notebook(LESSON), Judge([name for name, task in TASKS.items() if task.lesson == NUMBER], seed=1))
    kept = [cell for cell in made["cells"] if "nbgrader" in cell["metadata"]]
    imports = next(cell for cell in made["cells"] if "from paramlab.workshop import" in "".join(cell["source"]))
    fill = [
        _code(f"import numpy as np\nnp.random.default_rng({n}).normal(size=(200, 200)).sum()") for n in range(CELLS)
    ]
    made["cells"] = [imports, *kept, *fill[: CELLS - 1 - len(kept)]]
    return made


def _code(source: str) -> dict[str, Any]:
    return {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], "execution_count": None}


def a_learners(made: dict[str, Any], number: int) -> tuple[bytes, float]:
    """Return a learner's notebook, unlike all others, and its points: bit by bit, ``number`` says what is missing."""
    copy = json.loads(json.dumps(made))
    missing = {name for bit, name in enumerate(PIECES_HERE) if number >> bit & 1}
    for name in PIECES_HERE:
        for cell in copy["cells"]:
            if cell["metadata"].get("nbgrader", {}).get("grade_id") == grade_id(name):
                head = stub(PIECES[name]).removesuffix("    ...\n")
                source = f"{head}    return {number}" if name in missing else "".join(cell["source"])
                cell["source"] = f"{source.rstrip()}\n    # learner {number}\n"
    best = sum(task.points for task in TASKS.values() if task.lesson == NUMBER)
    return json.dumps(copy).encode(), best - sum(PIECES[name].points for name in missing)


def a_class(folder: Path, count: int) -> dict[str, float]:
    """Write ``submitted/`` for so many learners; return the points that each has to get."""
    made, points = a_short_lesson(), {}
    for number in range(count):
        content, points[f"learner{number:05d}"] = a_learners(made, number)
        place = folder / "submitted" / f"learner{number:05d}" / LESSON
        place.mkdir(parents=True)
        (place / f"{LESSON}.ipynb").write_bytes(content)
    return points


# ------------------------------------------------------------------ running


def run(command: Sequence[str], folder: Path, cores: set[int]) -> tuple[float, float]:
    """Run a command on these cores; return its seconds and the most memory of a child, in MB."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    places = {"PATH": path, "PYTHONPATH": str(ROOT), "PARAMLAB_STATIC": "1", "OPENBLAS_NUM_THREADS": "1"}
    start = time.perf_counter()
    with (folder / "log").open("wb") as log, _Pinned(cores):
        child = subprocess.Popen(command, cwd=folder, env={**os.environ, **places}, stdout=log, stderr=log)
        memory = _Memory(child.pid)
    status = child.wait()
    seconds = time.perf_counter() - start
    if status:
        raise SystemExit((folder / "log").read_text()[-2000:])
    return seconds, memory.most()


class _Pinned:
    """Start what is started in the block on some cores only."""

    def __init__(self, cores: set[int]) -> None:
        self._cores = cores

    def __enter__(self) -> None:
        self._before = os.sched_getaffinity(0)
        os.sched_setaffinity(0, self._cores)

    def __exit__(self, *_: object) -> None:
        os.sched_setaffinity(0, self._before)


class _Memory:
    """Watches the children of a process for the most resident memory that any of them has had."""

    def __init__(self, parent: int) -> None:
        self._parent, self._most = parent, 0.0
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        listed = Path(f"/proc/{self._parent}/task/{self._parent}/children")
        while True:
            try:
                for child in listed.read_text().split():
                    for line in Path(f"/proc/{child}/status").read_text().splitlines():
                        if line.startswith("VmHWM"):
                            self._most = max(self._most, int(line.split()[1]) / 1024)
            except FileNotFoundError:
                if not Path(f"/proc/{self._parent}").exists():
                    return
            except OSError:  # the process ended while its list was read
                return
            time.sleep(0.05)

    def most(self) -> float:
        """Return it in MB, when the process has ended."""
        self._thread.join(timeout=5)
        return self._most


def grade(folder: Path, count: int, cores: set[int]) -> tuple[float, float]:
    """Grade the first ``count`` of a class on these cores with ``paramlab grade``, and see that all is right."""
    shutil.rmtree(folder / "grades", ignore_errors=True)
    some = folder / "some"
    shutil.rmtree(some, ignore_errors=True)
    for learner in sorted((folder / "submitted").iterdir())[:count]:
        shutil.copytree(learner, some / learner.name)
    command = [sys.executable, "-m", "paramlab", "grade", "some", "--out", "grades", "--lesson", LESSON]
    return run([*command, "--jobs", str(len(cores))], folder, cores)


def wrong(folder: Path, points: dict[str, float]) -> list[str]:
    """Return who got other points than are due."""
    with (folder / "grades" / "grades.csv").open(newline="") as file:
        return [row["learner"] for row in csv.DictReader(file) if float(row[LESSON]) != points[row["learner"]]]


def autograde(folder: Path, pattern: str, core: int) -> float:
    """Have nbgrader grade the learners whose names match, on one core; return its seconds."""
    command = [sys.executable, "-m", "nbgrader", "autograde", LESSON, "--force", "--student", pattern]
    return run(command, folder, {core})[0]


# ------------------------------------------------------------------ what it says


def report(ours: int = 150) -> None:
    """Print the speeds beside each other, what a second core gives, and the memory of a worker."""
    print("grading: paramlab grade, isolated, beside nbgrader autograde; the same notebooks of 20 code cells")
    if importlib.util.find_spec("nbgrader") is None or sys.platform != "linux":
        print('  needs Linux and nbgrader: pip install "paramlab[grade]"')
        return
    one, *others = sorted(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory(prefix="paramlab-benchmark-") as place:
        folder = Path(place)
        points = a_class(folder, ours + SMALL)
        (folder / "nbgrader_config.py").write_text(CONFIG)
        (folder / "source" / LESSON).mkdir(parents=True)
        shutil.copy(folder / "submitted" / "learner00000" / LESSON / f"{LESSON}.ipynb", folder / "source" / LESSON)
        run([sys.executable, "-m", "nbgrader", "generate_assignment", LESSON], folder, {one})
        theirs = autograde(folder, "learner0000[0-9]", one) - autograde(folder, "learner0000[01]", one)
        theirs /= LARGE - SMALL
        small, _ = grade(folder, SMALL, {one})
        large, memory = grade(folder, ours + SMALL, {one})
        mistaken = wrong(folder, points)
        alone = (large - small) / ours
        print(f"  nbgrader   {1 / theirs:6.2f} submissions a second on one core")
        print(f"  paramlab   {1 / alone:6.2f} on one core: {theirs / alone:.1f} times (goal: at least 8)")
        if others:
            two = {one, others[0]}
            both = (grade(folder, ours + SMALL, two)[0] - grade(folder, SMALL, two)[0]) / ours
            print(f"             {1 / both:6.2f} on two: {alone / both:.2f} times that (goal: at least 1.7)")
        print(f"  memory     {memory:6.0f} MB at most in a worker (goal: under 250)")
        print(f"  grades     {'all right' if not mistaken else f'WRONG for {mistaken}'}")


def one_run(count: int) -> None:
    """Grade a class of so many in one run on all cores; print the time, and whether every grade is right."""
    with tempfile.TemporaryDirectory(prefix="paramlab-benchmark-") as place:
        folder = Path(place)
        points = a_class(folder, count)
        cores = os.sched_getaffinity(0)
        seconds, memory = grade(folder, count, cores)
        mistaken = wrong(folder, points)
        said = "all right" if not mistaken else f"{len(mistaken)} WRONG: {mistaken[:5]}"
        print(
            f"{count:,} submissions of {LESSON}, {len(cores)} cores: {seconds:.1f} s, {memory:.0f} MB a worker, {said}"
        )


if __name__ == "__main__":
    one_run(int(sys.argv[1])) if len(sys.argv) > 1 else report()
