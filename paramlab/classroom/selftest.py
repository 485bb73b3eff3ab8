"""Before the first submission: the reference solution must earn everything, and the untouched notebook nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from ..workshop.catalogue import TASKS
from ..workshop.source import solution
from ..workshop.tasks import Definition, Piece, grade_id, lesson_of_name
from .judge import Judge, Result
from .pool import Workers
from .release import notebook
from .taking import Taken, read, take


def problems(lessons: list[str], judge: Judge, pool: Workers) -> Iterator[str]:
    """Yield what is wrong with the grader here, a sentence a task; nothing if it can be trusted."""
    expected: dict[str, tuple[Taken, float]] = {}
    for lesson in lessons:
        untouched = notebook(lesson)
        for word, made, share in (("untouched", untouched, 0.0), ("solved", solved(untouched, judge), 1.0)):
            content = json.dumps(made).encode()
            for taken in take(read(content), lesson_of_name(lesson), judge.rows()):
                expected[f"{word} {taken.task}"] = taken, share * TASKS[taken.task].points
    for key, result in results({key: taken for key, (taken, _) in expected.items()}, judge, pool):
        points = expected[key][1]
        if result.points != points:
            earned = f"earns {result.points:g} of {result.out_of:g} points here, and should earn {points:g}"
            yield f"{key} {earned}. {result.hint}"


def results(every: dict[str, Taken], judge: Judge, pool: Workers) -> Iterator[tuple[str, Result]]:
    """Yield the result of each task; what has to run, runs."""
    at_once = {key: judge.at_once(taken) for key, taken in every.items()}
    yield from ((key, result) for key, result in at_once.items() if result is not None)
    to_run = ((key, judge.exercise(every[key])) for key, result in at_once.items() if result is None)
    for key, came, trouble in pool.run(to_run):
        yield key, judge.result(every[key], came, trouble)


def solved(made: dict[str, Any], judge: Judge) -> dict[str, Any]:
    """Return a lesson's notebook with the solution in it: the package's own definitions, and the right predictions."""
    copy: dict[str, Any] = json.loads(json.dumps(made))
    tasks = {grade_id(name): task for name, task in TASKS.items()}
    for cell in copy["cells"]:
        task = tasks.get(cell["metadata"].get("nbgrader", {}).get("grade_id"))
        if isinstance(task, Piece):
            cell["source"] = solution(task)
        elif isinstance(task, Definition):
            given, right = task.given.rstrip(), task.solution.source.rstrip()
            cell["source"] = "".join(cell["source"]).replace(given, right)  # what the cell does with it stays
        elif task is not None:
            name = re.match(r"\w+", "".join(cell["source"]))
            cell["source"] = f"{name[0] if name else 'prediction'} = {judge.answer(task.name)!r}"
    return copy
