"""Build the course: `python course/build.py` turns lessons/ into notebooks/ (no solutions) and solutions/ (run).

A lesson is text in jupytext's percent format. Its code cells may be marked:

    # %% piece="Module.__setattr__"         the package's own definition; a stub for the learner
    # %% prediction="who picks up what"     a dict of True and False; gaps for the learner
    # %% check="Module.__setattr__"         a check with its points, locked for nbgrader
    # %% yours="a layer of your own"        lines that end in `# yours` are gaps for the learner; not graded

The build fails unless the solution earns all points and the untouched notebook none. Run twice, it writes the
same bytes. `--check` writes nothing and fails if what is there was not built of these lessons.
"""

from __future__ import annotations

import argparse
import copy
import io
import json
import os
import sys
import tempfile
import tokenize
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from nbclient import NotebookClient

from paramlab.files import write_atomically
from paramlab.version import __version__
from paramlab.workshop.catalogue import PIECES, TASKS, Prediction
from paramlab.workshop.source import solution, stub
from paramlab.workshop.tasks import grade_id

COURSE = Path(__file__).resolve().parent
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
            marks = {key: cell.metadata.pop(key, None) for key in ("piece", "prediction", "check")}
            for key in marks:
                answer.metadata.pop(key, None)
            _fill(cell, answer, marks, lesson)
            if cell.metadata.pop("yours", None) and answer.metadata.pop("yours"):
                cell.source, answer.source = _without_yours(cell.source), answer.source.replace("  # yours", "")
    return mine, solved


def _fill(cell: Any, answer: Any, marks: dict[str, str | None], lesson: Path) -> None:
    """Write a marked cell's source for the learner and for the solution, and nbgrader's metadata into both."""
    name = next((value for value in marks.values() if value is not None), None)
    if name is None:
        return
    if name not in TASKS:
        raise CourseError(f"{lesson.name}: there is no piece or prediction {name!r}")
    grader: dict[str, Any] = {"schema_version": 3, "task": False}
    if marks["check"]:
        call = f"check({json.dumps(name)}, prediction)" if _is_prediction(name) else f"check({json.dumps(name)})"
        cell.source = answer.source = call
        grader |= {"grade": True, "solution": False, "locked": True, "points": TASKS[name].points}
        grader["grade_id"] = f"check-{grade_id(name)}"
    else:
        cell.source, answer.source = (
            (_with_gaps(cell.source), cell.source)
            if marks["prediction"]
            else (stub(PIECES[name]).rstrip(), solution(PIECES[name]).rstrip())
        )
        grader |= {"grade": False, "solution": True, "locked": False, "grade_id": grade_id(name)}
    for each in (cell, answer):
        each.metadata["nbgrader"] = dict(sorted(grader.items()))
        each["id"] = grader["grade_id"]


def _is_prediction(name: str) -> bool:
    return isinstance(TASKS[name], Prediction)


def _with_gaps(source: str) -> str:
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


def _without_yours(source: str) -> str:
    """Replace the lines that a learner writes, those that end in ``# yours``, by one ``...`` a run of them."""
    lines: list[str] = []
    for line in source.splitlines():
        gap = line[: len(line) - len(line.lstrip())] + "..."
        if not line.endswith("  # yours"):
            lines.append(line)
        elif not lines or lines[-1] != gap:
            lines.append(gap)
    return "\n".join(lines)


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


def run(notebook: Any, home: Path | None = None) -> Any:
    """Return the notebook with its outputs: no widget state, no timestamps. An error in a cell ends the build.

    ``home`` is the learner's folder; without one, the notebook is opened by somebody who has built nothing yet.
    """
    if home is None:
        with tempfile.TemporaryDirectory(prefix="paramlab-build-") as fresh:
            return run(notebook, Path(fresh))
    made = copy.deepcopy(notebook)
    client = NotebookClient(
        made,
        timeout=SECONDS_A_CELL,
        kernel_name="python3",
        store_widget_state=False,
        record_timing=False,
        coalesce_streams=True,  # what is printed arrives in pieces, cut at any point
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


def prove(lesson: Path, mine: Any, solved: Any) -> None:
    """Raise ``CourseError`` unless the solution earns all points and the untouched notebook none."""
    full = {
        cell.metadata["nbgrader"]["grade_id"]: cell.metadata["nbgrader"]["points"]
        for cell in solved.cells
        if cell.metadata.get("nbgrader", {}).get("grade")
    }
    if points(solved) != full:
        raise CourseError(f"{lesson.name}: the solution earns {points(solved)}, and there are {full}")
    untouched = points(run(mine))
    if any(untouched.values()):
        raise CourseError(f"{lesson.name}: the untouched notebook earns {untouched}")


# ------------------------------------------------------------------ the command


def as_bytes(notebook: Any) -> bytes:
    """Return a notebook as it is written to a file."""
    nbformat.validate(notebook)
    return (nbformat.writes(notebook, version=4) + "\n").encode()


def lessons() -> list[Path]:
    """Return the lessons in their order."""
    return sorted((COURSE / "lessons").glob("[0-9][0-9]_*.py"))


def build(out: Path, chosen: list[str]) -> None:
    """Build into ``out`` the lessons whose names begin with one of the chosen; every one, if none is chosen."""
    for lesson in lessons():
        if chosen and not lesson.stem.startswith(tuple(chosen)):
            continue
        print(f"{lesson.stem} …", flush=True)
        mine, solved = both(lesson)
        solved = run(solved)
        prove(lesson, mine, solved)
        for folder, notebook in (("notebooks", mine), ("solutions", solved)):
            (out / folder).mkdir(parents=True, exist_ok=True)
            write_atomically(out / folder / f"{lesson.stem}.ipynb", as_bytes(notebook))
    for folder in ("notebooks", "solutions"):
        for notebook in (out / folder).glob("*.ipynb"):
            if notebook.stem not in {lesson.stem for lesson in lessons()}:
                notebook.unlink()


def stale(out: Path) -> list[str]:
    """Return the built files that are not what the lessons give now; a solution's outputs are left to nbval."""
    found = []
    for lesson in lessons():
        for folder, wanted in zip(("notebooks", "solutions"), both(lesson), strict=True):
            file = out / folder / f"{lesson.stem}.ipynb"
            if not file.exists() or _unrun(nbformat.read(file, as_version=4)) != _unrun(wanted):
                found.append(f"{folder}/{file.name}")
    known = {lesson.stem for lesson in lessons()}
    for folder in ("notebooks", "solutions"):
        found += [f"{folder}/{file.name}" for file in (out / folder).glob("*.ipynb") if file.stem not in known]
    return found


def _unrun(notebook: Any) -> Any:
    bare = copy.deepcopy(notebook)
    for cell in bare.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return json.loads(nbformat.writes(bare, version=4))


def main() -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Build the course's notebooks of its lessons.")
    parser.add_argument("lessons", nargs="*", metavar="LESSON", help="such as 03 (default: all)")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if the built files are stale")
    parser.add_argument("--out", type=Path, default=COURSE, help="where to build (default: the course's own folder)")
    options = parser.parse_args()
    if options.check:
        old = stale(options.out)
        print("stale, run `python course/build.py`: " + ", ".join(old) if old else "the built notebooks are fresh")
        return 1 if old else 0
    try:
        build(options.out, options.lessons)
    except CourseError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
