"""A lesson's or an assignment's text becomes two notebooks, a learner's and a solved one, and what they earn is proven.

The text is in jupytext's percent format. Its code cells may be marked:

    # %% piece="Module.__setattr__"         the package's own definition; a stub for the learner
    # %% prediction="who picks up what"     a dict of True and False; gaps for the learner
    # %% definition="layers in a list"      a class or function of the learner's own; what the cell has comes after it
    # %% check="Module.__setattr__"         a check with its points, locked for nbgrader
    # %% yours="a layer of your own"        lines that end in `# yours` are gaps for the learner. Lines that begin with
                                            `# given: ` are what the learner finds in such a gap. It is graded if an
                                            assignment has a task of that name
"""

from __future__ import annotations

import copy
import io
import json
import os
import tempfile
import tokenize
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from nbclient import NotebookClient

from ..version import __version__
from ..workshop.catalogue import PIECES, TASKS, Definition, Prediction
from ..workshop.source import solution, stub
from ..workshop.tasks import grade_id

MARKS = ("piece", "prediction", "definition", "check", "yours")
YOURS, GIVEN = "  # yours", "# given: "
SECONDS_A_CELL = 120


class CourseError(Exception):
    """A lesson that can't be built; the message says which and why."""


# ------------------------------------------------------------------ a lesson's two notebooks


def read(lesson: Path) -> Any:
    """Read a lesson into a notebook with stable cell ids and a kernel; its marks stay in the metadata."""
    notebook = jupytext.read(lesson, fmt="py:percent")
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number:02d}"
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
        "paramlab": {"lesson": lesson.stem, "version": __version__},
    }
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return notebook


def both(lesson: Path) -> tuple[Any, Any]:
    """Return the learner's notebook and the solution, neither of them run."""
    marked = read(lesson)
    mine, solved = copy.deepcopy(marked), copy.deepcopy(marked)
    for cell, answer in zip(mine.cells, solved.cells, strict=True):
        if cell.cell_type == "code":
            marks = {key: cell.metadata.pop(key, None) for key in MARKS}
            for key in marks:
                answer.metadata.pop(key, None)
            _fill(cell, answer, marks, lesson)
            if marks["yours"]:
                cell.source, answer.source = begun(cell.source), finished(answer.source)
    return mine, solved


def _fill(cell: Any, answer: Any, marks: dict[str, str | None], lesson: Path) -> None:
    """Write a marked cell's source for the learner and for the solution, and nbgrader's metadata into both."""
    name = next((value for value in marks.values() if value is not None), None)
    if name is None or (marks["yours"] and name not in TASKS):
        return
    if name not in TASKS:
        raise CourseError(f"{lesson.name}: there is no piece, prediction or definition {name!r}")
    grader: dict[str, Any] = {"schema_version": 3, "task": False}
    if marks["check"]:
        cell.source = answer.source = f"check({json.dumps(name)}{_handed_over(name)})"
        grader |= {"grade": True, "solution": False, "locked": True, "points": TASKS[name].points}
        grader["grade_id"] = f"check-{grade_id(name)}"
    else:
        if not marks["yours"]:
            cell.source, answer.source = _begun_and_solved(name, cell.source)
        grader |= {"grade": False, "solution": True, "locked": False, "grade_id": grade_id(name)}
    for each in (cell, answer):
        each.metadata["nbgrader"] = dict(sorted(grader.items()))
        each["id"] = grader["grade_id"]


def _handed_over(name: str) -> str:
    """Return what a check takes after the name."""
    task = TASKS[name]
    if isinstance(task, Prediction):
        return ", prediction"
    return f", {task.defines}" if isinstance(task, Definition) else ""


def _begun_and_solved(name: str, source: str) -> tuple[str, str]:
    """Return a task's cell as the learner begins with it, and as it is solved; ``source`` is the lesson's own text."""
    task = TASKS[name]
    if isinstance(task, Prediction):
        return with_gaps(source), source
    if isinstance(task, Definition):
        after = f"\n\n\n{source}" if source else ""
        return task.given.rstrip() + after, task.solution.source.rstrip() + after
    return stub(PIECES[name]).rstrip(), solution(PIECES[name]).rstrip()


def with_gaps(source: str) -> str:
    """Replace every True and False of a prediction by ``...``; in comments they stay."""
    lines = source.splitlines()
    answers = [
        token
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.NAME and token.string in ("True", "False")
    ]
    for token in reversed(answers):  # from the end, so that the places before stay what they are
        row, start, end = token.start[0] - 1, token.start[1], token.end[1]
        lines[row] = lines[row][:start] + "..." + lines[row][end:]
    return "\n".join(lines)


def begun(source: str) -> str:
    """Return a cell as the learner begins with it: for each run of lines that are theirs ``...``, or what is given."""
    lines: list[str] = []
    in_a_gap = False
    for line in source.splitlines():
        text = line.lstrip()
        indent = line[: len(line) - len(text)]
        if text.startswith(GIVEN):
            if in_a_gap:
                lines.pop()
            lines.append(indent + text.removeprefix(GIVEN))
        elif not line.endswith(YOURS):
            lines.append(line)
        elif not in_a_gap:
            lines.append(f"{indent}...")
        in_a_gap = line.endswith(YOURS)
    return "\n".join(lines)


def finished(source: str) -> str:
    """Return a cell as it is solved: without the marks, and without what a learner is given in its place."""
    lines = [line for line in source.splitlines() if not line.lstrip().startswith(GIVEN)]
    return "\n".join(line.removesuffix(YOURS) for line in lines)


# ------------------------------------------------------------------ running


@contextmanager
def _kernel_surroundings(home: Path) -> Iterator[None]:
    """Give kernels a learner's folder, still pictures in the place of widgets, and one BLAS thread."""
    wanted = {"PARAMLAB_HOME": str(home), "PARAMLAB_STATIC": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}
    before = {key: os.environ.get(key) for key in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for key, value in before.items():
            if value is None:
                del os.environ[key]
            else:
                os.environ[key] = value


def run(notebook: Any, home: Path | None = None, place: Path | None = None) -> Any:
    """Return the notebook with its outputs: no widget state, no timestamps. An error in a cell ends the build.

    ``home`` is the learner's folder; without one, the notebook is opened by somebody who has built nothing yet.
    ``place`` is where it lies, beside what it reads.
    """
    if home is None:
        with tempfile.TemporaryDirectory(prefix="paramlab-build-") as fresh:
            return run(notebook, Path(fresh), place)
    made = copy.deepcopy(notebook)
    client = NotebookClient(
        made,
        timeout=SECONDS_A_CELL,
        startup_timeout=SECONDS_A_CELL,
        iopub_timeout=SECONDS_A_CELL,  # else what a cell wrote would be left out where the machine is busy
        kernel_name="python3",
        store_widget_state=False,
        record_timing=False,
        coalesce_streams=True,  # what is printed arrives in pieces, cut at any point
        resources={"metadata": {"path": str(place or Path())}},
    )
    with _kernel_surroundings(home):
        client.execute()
    made.metadata = copy.deepcopy(notebook.metadata)
    for cell in made.cells:
        cell.metadata.pop("execution", None)
    return made


def points(notebook: Any) -> dict[str, float]:
    """Return what each check of a run notebook answered; ``CourseError`` for one that gave no number."""
    found = {}
    for cell in notebook.cells:
        grader = cell.metadata.get("nbgrader", {})
        if grader.get("grade"):
            results = [output.data for output in cell.outputs if output.output_type == "execute_result"]
            try:
                found[grader["grade_id"]] = float(results[-1]["text/plain"])
            except (IndexError, ValueError):
                raise CourseError(f"{grader['grade_id']} answered with no number") from None
    return found


def prove(lesson: Path, mine: Any, solved: Any, place: Path | None = None) -> None:
    """Raise ``CourseError`` unless the solution earns all points and the untouched notebook none."""
    full = {
        cell.metadata["nbgrader"]["grade_id"]: cell.metadata["nbgrader"]["points"]
        for cell in solved.cells
        if cell.metadata.get("nbgrader", {}).get("grade")
    }
    if points(solved) != full:
        raise CourseError(f"{lesson.name}: the solution earns {points(solved)}, and there are {full}")
    untouched = points(run(mine, place=place))
    if any(untouched.values()):
        raise CourseError(f"{lesson.name}: the untouched notebook earns {untouched}")


def as_bytes(notebook: Any) -> bytes:
    """Return a notebook as it is written to a file."""
    nbformat.validate(notebook)
    text: str = nbformat.writes(notebook, version=4)  # type: ignore[no-untyped-call]
    return f"{text}\n".encode()
