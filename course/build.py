"""Build the course: `python course/build.py` turns lessons/ into notebooks/ (no solutions) and solutions/ (run).

A lesson is text in jupytext's percent format with marks on its code cells: `paramlab/classroom/making.py` says which.
The build fails unless the solution earns all points and the untouched notebook none. Run twice, it writes the
same bytes. `--check` writes nothing and fails if what is there was not built of these lessons.
"""

from __future__ import annotations

import argparse
import copy
import json
import sys
from pathlib import Path
from typing import Any

import nbformat

from paramlab.classroom.making import CourseError, as_bytes, both, prove, run
from paramlab.files import write_atomically

COURSE = Path(__file__).resolve().parent


# ------------------------------------------------------------------ the command


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
