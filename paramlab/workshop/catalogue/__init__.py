"""What there is to build and to predict, a file a lesson: points, cases, and the hints for each misconception."""

from ..tasks import Definition, Piece, Prediction, Task
from . import (
    lesson_01,
    lesson_02,
    lesson_03,
    lesson_04,
    lesson_05,
    lesson_06,
    lesson_07,
    lesson_08,
    lesson_09,
    lesson_10,
)

_LESSONS = (
    lesson_01,
    lesson_02,
    lesson_03,
    lesson_04,
    lesson_05,
    lesson_06,
    lesson_07,
    lesson_08,
    lesson_09,
    lesson_10,
)
TASKS: dict[str, Task] = {task.name: task for lesson in _LESSONS for task in lesson.TASKS}
PIECES: dict[str, Piece] = {name: task for name, task in TASKS.items() if isinstance(task, Piece)}

__all__ = ["PIECES", "TASKS", "Definition", "Piece", "Prediction"]
