"""``progress``: what was earned so far, and what is left to do."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass

from . import folder
from .catalogue import TASKS
from .tasks import Lesson, title
from .verdict import as_html


@dataclass(frozen=True)
class LessonProgress:
    """The points of a lesson, earned and in all, and the tasks that are not fully right yet."""

    lesson: Lesson
    points: float
    out_of: float
    left: tuple[str, ...]


class Progress(tuple[LessonProgress, ...]):
    """A lesson after the other; a notebook shows it as a table, a terminal as lines.

    ``note`` is a sentence on what is wrong with the folder that the points are in, empty if nothing is.
    """

    note: str = ""

    @property
    def points(self) -> float:
        """The points earned in all lessons."""
        return sum(lesson.points for lesson in self)

    @property
    def out_of(self) -> float:
        """The points there are in all lessons."""
        return sum(lesson.out_of for lesson in self)

    def __repr__(self) -> str:
        rows = [(_called(one), _points(one.points, one.out_of), _left(one)) for one in self]
        rows.append(("in all", _points(self.points, self.out_of), ""))
        widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
        lines = [f"{a:<{widths[0]}}  {b:<{widths[1]}}  {c}".rstrip() for a, b, c in rows]
        return "\n".join([*lines, *([self.note] if self.note else [])])

    def _repr_html_(self) -> str:
        rows = [(f"{one.lesson:0>2}", _points(one.points, one.out_of), _left(one)) for one in self]
        rows.append(("in all", _points(self.points, self.out_of), ""))
        cell = "<{0} style='text-align: left; min-width: 5em'>{1}</{0}>"  # "0 of 100" stays on one line
        head = "".join(cell.format("th", title) for title in ("lesson", "points", "to do"))
        body = "".join("<tr>" + "".join(cell.format("td", html.escape(text)) for text in row) + "</tr>" for row in rows)
        note = f"<p>{as_html(self.note)}</p>" if self.note else ""
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{note}"


def progress() -> Progress:
    """Return the points of each lesson and what is left, of all kernels and sessions that share the folder."""
    try:
        note = folder.mend()
        return progress_of(folder.points(), note)
    except OSError as error:  # nothing can be told of what was earned
        return progress_of({}, f"`{folder.NAME}/{folder.PROGRESS}` can't be read: {error.strerror or error}.")


def progress_of(earned: Mapping[str, float], note: str = "") -> Progress:
    """Return the points of each lesson and what is left, from what each task earned."""
    made = Progress(_lesson(number, earned) for number in sorted({task.lesson for task in TASKS.values()}, key=title))
    made.note = note
    return made


def _lesson(number: Lesson, earned: Mapping[str, float]) -> LessonProgress:
    tasks = {name: task.points for name, task in TASKS.items() if task.lesson == number}
    got = {name: earned.get(name, 0.0) for name in tasks}
    left = tuple(name for name, points in tasks.items() if got[name] < points)
    return LessonProgress(number, sum(got.values()), float(sum(tasks.values())), left)


def _points(points: float, out_of: float) -> str:
    return f"{points:g} of {out_of:g}"


def _called(one: LessonProgress) -> str:
    return f"lesson {one.lesson:02d}" if isinstance(one.lesson, int) else one.lesson


def _left(lesson: LessonProgress) -> str:
    return " · ".join(lesson.left) if lesson.left else "all right"
