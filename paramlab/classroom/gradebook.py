"""Results in nbgrader's gradebook, where its formgrader, its feedback and its export look for them.

A gradebook goes with a course folder: ``source/`` has each lesson, ``autograded/`` what each learner handed in. Both
are written here of the lesson's own notebook, the code that was graded, and the verdicts. Nothing else of a learner's
gets into a page that an instructor opens.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..files import write_atomically
from ..workshop.tasks import grade_id
from .judge import Result
from .release import notebook
from .taking import Notebook, Taken

if TYPE_CHECKING:
    from .grading import Graded

CONFIG = "nbgrader_config.py"


class GradebookError(Exception):
    """The gradebook can't be used; the message says why, and what mends it."""


@dataclass(frozen=True)
class Scored:
    """A notebook as the gradebook wants it: whose it is, what it holds, what was taken of it, and what it earned."""

    graded: Graded
    notebook: Notebook
    taken: Sequence[Taken]
    results: Mapping[str, Result]


class Gradebook:
    """nbgrader's gradebook behind a URL: ``with Gradebook(url) as book: book.enter(…)``.

    Entering the same results again changes nothing. What an instructor has entered by hand stays.
    """

    def __init__(self, url: str, variant: str = "") -> None:
        self.url, self.variant = url, variant
        self._students: dict[str, str] = {}
        self._lessons: dict[str, Any] = {}

    def __enter__(self) -> Gradebook:
        with _nbgrader() as nbgrader:
            self._course = _course_folder(nbgrader, self.url)
            self._book = _opened(nbgrader, self.url, self._course.course_id)
        return self

    def __exit__(self, *_: object) -> None:
        with _nbgrader():
            self._book.close()

    @property
    def folder(self) -> Path:
        """The course folder, in which nbgrader's own commands find all of it."""
        return Path(self._course.root)

    def enter(self, lesson: str, learner: str, scored: Scored) -> None:
        """Enter one notebook of a learner's: points and hints into the gradebook, its code into ``autograded/``."""
        with _nbgrader() as nbgrader:
            if lesson not in self._lessons:
                self._lessons[lesson] = self._declared(nbgrader, lesson)
            student = self._student(learner)
            folder = Path(self._course.format_path(self._course.autograded_directory, student, lesson))
            shown = _with_verdicts(json.loads(json.dumps(self._lessons[lesson])), scored)
            _write(folder / f"{lesson}.ipynb", _as_bytes(shown))
            self._score(lesson, student, scored)

    def _declared(self, nbgrader: Any, lesson: str) -> Any:
        """Tell the gradebook of a lesson and its cells; return the notebook as nbgrader marks it."""
        made = nbgrader.nbformat.reads(json.dumps(notebook(lesson, self.variant)), as_version=4)
        names = {"notebook": lesson, "assignment": lesson, "db_url": self.url}
        made, _ = nbgrader.ComputeChecksums().preprocess(made, {})
        self._book.update_or_create_assignment(lesson, course_id=self._book.course_id)
        try:
            nbgrader.SaveCells().preprocess(made, {"nbgrader": names})
        except RuntimeError:
            raise GradebookError(
                f"the gradebook holds submissions of another version of {lesson}, with other cells. "
                "Begin a new gradebook, or remove that assignment with `nbgrader db assignment remove`."
            ) from None
        source = Path(self._course.format_path(self._course.source_directory, ".", lesson)) / f"{lesson}.ipynb"
        if not source.exists():  # an instructor's own stays
            _write(source, _as_bytes(made))
        return made

    def _student(self, learner: str) -> str:
        """Return a learner's id: the name, without what nbgrader would take for a path, a pattern or a column."""
        if learner not in self._students:
            name = re.sub(r"[\\/\[\]*?,\"]+", "_", learner).strip().lstrip(".") or "_"
            student, number = name, 1
            while student in self._students.values():
                number += 1
                student = f"{name}_{number}"
            self._students[learner] = student
            self._book.update_or_create_student(student)
        return self._students[learner]

    def _score(self, lesson: str, student: str, scored: Scored) -> None:
        """Fill in a submission's scores and comments, leaving what was entered by hand."""
        handed_in = self._course.get_existing_timestamp(
            self._course.format_path(self._course.submitted_directory, student, lesson)
        )
        submission = self._book.update_or_create_submission(lesson, student, timestamp=handed_in)
        checks = {f"check-{grade_id(task)}": result for task, result in scored.results.items()}
        cells = {grade_id(task): result for task, result in scored.results.items()}
        for part in submission.notebooks:
            for grade in part.grades:
                points = checks[grade.name].points if grade.name in checks else 0.0
                changed = grade.auto_score != points
                if changed or grade.manual_score is None:
                    grade.needs_manual_grade = grade.manual_score is not None  # someone should look at it again
                grade.auto_score = points
            for comment in part.comments:
                comment.auto_comment = _comment(cells.get(comment.name), scored.graded.notes)
        self._book.db.commit()


def _comment(result: Result | None, notes: Sequence[str]) -> str | None:
    said = [*notes] if result is None else [result.hint, *result.notes]
    return " ".join(one.replace("``", "`") for one in said if one) or None


def _with_verdicts(made: Any, scored: Scored) -> Any:
    """Return a lesson's notebook with the code that was graded, and below each check what it earned."""
    taken = {grade_id(one.task): one for one in scored.taken}
    results = {f"check-{grade_id(task)}": result for task, result in scored.results.items()}
    for cell in made["cells"]:
        mark = cell["metadata"].get("nbgrader", {}).get("grade_id")
        if mark in taken:
            cell["source"] = taken[mark].source.strip() or _own_cell(scored.notebook, mark)
        elif mark in results:
            verdict = results[mark].verdict
            data = {"text/plain": repr(verdict), "text/html": verdict._repr_html_()}
            cell["outputs"] = [{"output_type": "execute_result", "data": data, "metadata": {}, "execution_count": 1}]
    return made


def _own_cell(handed_in: Notebook, mark: str) -> str:
    return handed_in.cells[handed_in.marks[mark]] if mark in handed_in.marks else ""


def _as_bytes(made: Any) -> bytes:
    return (json.dumps(made, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode(errors="replace")


def _write(path: Path, content: bytes) -> None:
    """Write a file unless it is what is there: feedback that was made of it stays newer."""
    if not path.exists() or path.read_bytes() != content:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, content)


# ------------------------------------------------------------------ nbgrader itself


class _NbGrader:
    """What is used of nbgrader, imported when it is needed: it takes a second and a half."""

    def __init__(self) -> None:
        import nbformat
        from nbgrader.api import Gradebook as Book
        from nbgrader.apps.baseapp import NbGrader
        from nbgrader.preprocessors import ComputeChecksums, SaveCells

        self.nbformat, self.Book, self.App = nbformat, Book, NbGrader
        self.ComputeChecksums, self.SaveCells = ComputeChecksums, SaveCells


@contextlib.contextmanager
def _nbgrader() -> Iterator[_NbGrader]:
    """Give nbgrader, without its warnings, and with the folder of its helper ``alembic`` on the path."""
    before = os.environ.get("PATH", os.defpath)
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), before])
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                nbgrader = _NbGrader()
            except ImportError as error:
                raise GradebookError(f'it needs nbgrader: pip install "paramlab[grade]" ({error})') from None
            yield nbgrader
    finally:
        os.environ["PATH"] = before


def _course_folder(nbgrader: _NbGrader, url: str) -> Any:
    """Return nbgrader's view of the course folder, as its configuration describes it.

    It is where ``nbgrader_config.py`` lies: here, as for nbgrader's own commands, or else beside an SQLite file.
    """
    folder = Path.cwd()
    path = _sqlite_file(url)
    if path is not None and not (folder / CONFIG).exists():
        folder = path.resolve().parent
        folder.mkdir(parents=True, exist_ok=True)
    app = nbgrader.App(log_level="CRITICAL", load_cwd_config=False)
    with contextlib.chdir(folder):
        app.initialize([], root=str(folder))
    app.coursedir.update_config(app.config)
    return app.coursedir


def _sqlite_file(url: str) -> Path | None:
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        parts = make_url(url)
    except ArgumentError:
        raise GradebookError(f"{url!r} is no address of a database. {EXAMPLES}") from None
    kind = parts.get_backend_name()
    if kind not in ("sqlite", "postgresql"):
        raise GradebookError(f"nbgrader keeps its gradebook in SQLite or PostgreSQL, not in {kind}. {EXAMPLES}")
    if kind == "sqlite" and parts.database in (None, "", ":memory:"):
        raise GradebookError(f"{url!r} names no file. {EXAMPLES}")
    return Path(parts.database) if kind == "sqlite" and parts.database else None


EXAMPLES = "For example: sqlite:///gradebook.db, or postgresql+psycopg://user@host/database."


def _opened(nbgrader: _NbGrader, url: str, course: str) -> Any:
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import NoSuchModuleError, SQLAlchemyError

    try:
        return nbgrader.Book(url, course or "default_course")
    except ImportError as error:
        name = (error.name or "psycopg").partition(".")[0]
        package = {"psycopg": '"psycopg[binary]"', "psycopg2": "psycopg2-binary"}.get(name, name)
        raise GradebookError(f"the driver {name} for this database is missing: pip install {package}") from None
    except NoSuchModuleError as error:
        raise GradebookError(f"there is no such driver. {str(error).splitlines()[0]}. {EXAMPLES}") from None
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).strip().split("\n")[0]
        shown = make_url(url).render_as_string(hide_password=True)
        raise GradebookError(f"the gradebook {shown} can't be opened: {reason}") from None
