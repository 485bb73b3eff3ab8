"""`paramlab release`: the learners' notebooks of chosen lessons, into a folder or a zip, with the course's version."""

from __future__ import annotations

import io
import json
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..files import write_atomically
from ..start import StartError, course_folder
from ..workshop.catalogue import TASKS
from ..workshop.homework import SUFFIX, AssignmentError
from ..workshop.tasks import nearest
from . import authored
from .journal import course_version

LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can say: the same notebooks make the same archive


class ReleaseError(Exception):
    """What stands in the way, as a sentence for the instructor."""


def lessons() -> list[str]:
    """Return the names of the course's notebooks, in their order; the assignment's if that has taken its place."""
    own = [task.lesson for task in TASKS.values() if isinstance(task.lesson, str)]
    return own[:1] or [path.stem for path in sorted(course_folder().glob("*.ipynb"))]


def chosen(names: Sequence[str]) -> list[str]:
    """Return the lessons that are meant, all of them by default: ``02`` and ``02_parameter`` are the same."""
    known = lessons()
    found = []
    for name in names:
        alike = [lesson for lesson in known if name in (lesson, lesson.partition("_")[0])]
        if not alike:
            raise ReleaseError(f"There is no lesson {name!r}. {nearest(name, known)}")
        found += alike
    return sorted(set(found)) or known


def notebook(lesson: str, variant: str = "") -> dict[str, Any]:
    """Return a lesson's notebook as a learner gets it."""
    assignment = authored.now()
    source = (course_folder() / f"{lesson}.ipynb").read_text(encoding="utf-8") if assignment is None else ""
    made: dict[str, Any] = json.loads(source or json.dumps(assignment and assignment.notebook))
    made["metadata"]["paramlab"] |= {"course": course_version()}
    if variant:
        made["metadata"]["paramlab"] |= {"variant": variant}
        if assignment is None:  # the file of an assignment says which numbers its checks try
            _choose_variant(made, variant)
    return made


def _choose_variant(made: dict[str, Any], variant: str) -> None:
    """Add the line to the notebook's imports that has its checks try other numbers."""
    for cell in made["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code" and "from paramlab.workshop import" in source:
            line = f"from paramlab.workshop import variant\n\nvariant({json.dumps(variant, ensure_ascii=False)})"
            cell["source"] = f"{source.rstrip()}\n\n{line}".splitlines(keepends=True)
            return
    raise ReleaseError("A lesson has no cell that imports from paramlab.workshop, so there is no variant of it.")


def _as_bytes(made: dict[str, Any]) -> bytes:
    return (json.dumps(made, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def release(names: Sequence[str], out: Path, variant: str = "", assignment: Path | None = None) -> int:
    """Write the notebooks of lessons into a folder, or into a zip if that is its name; return the exit status.

    ``assignment`` is the folder of an author's own: its notebook is written, and the file that it checks with. A
    notebook that is there already is replaced: the folder is the instructor's, not a learner's.
    """
    try:
        checks = {} if assignment is None else _opened(assignment, names, variant)
        files = checks | {f"{lesson}.ipynb": _as_bytes(notebook(lesson, variant)) for lesson in chosen(names)}
        if out.suffix.lower() == ".zip":
            out.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(out, _zipped(files))
        else:
            out.mkdir(parents=True, exist_ok=True)
            for name, content in files.items():
                write_atomically(out / name, content)
    except (ReleaseError, AssignmentError, StartError, OSError) as error:
        print(f"paramlab release: {error}", file=sys.stderr)
        return 2
    print(f"{', '.join(files)} → {out}   (course {course_version()})")
    if assignment is not None:
        worth = sum(task.points for task in TASKS.values())
        print(f"Proven: the solution earns all {worth:g} points, the untouched notebook none.")
    if variant:
        print(
            f"Variant {variant!r}: the checks try other numbers. Texts, pieces and predictions are the same, "
            "and a grade draws its own numbers in any case."
        )
    return 0


def _opened(folder: Path, names: Sequence[str], variant: str) -> dict[str, bytes]:
    """Open an assignment and prove it; return the file that learners check with, by its name."""
    if names:
        raise ReleaseError("It is either lessons or an assignment that is handed out.")
    assignment = authored.open_folder(folder, variant)
    authored.prove(assignment)
    return {f"{assignment.name}{SUFFIX}": assignment.checks.encode()}


def _zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, LONG_AGO)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return buffer.getvalue()
