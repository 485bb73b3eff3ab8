"""``assignment``: an author's tasks take the place of the course's. What a learner has of them is a file of data.

That file lies beside the notebook. It holds the cases, points and hints as the author wrote them, what the learner
begins with, and what the author's solution answers to one choice of numbers. The solution is not in it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..cases import Case, Outcome
from . import checking, folder
from .catalogue import TASKS
from .tasks import Definition, Task

SUFFIX = ".tasks.json"


class AssignmentError(Exception):
    """An assignment that can't be opened; the message says why."""


@dataclass(frozen=True)
class Recorded(Case):
    """A case whose right answer was written down where the solution is."""

    answer: Any = None

    def run(self, torch: Any, seed: int = 0, own: Any = None) -> Outcome:
        """Try what a learner wrote; without it, give the answer that was written down."""
        return Outcome(self.answer) if own is None else super().run(torch, seed, own)


class Assignment:
    """What ``assignment`` answers: its tasks and their points, as a sentence."""

    def __init__(self, name: str, tasks: Mapping[str, Task]) -> None:
        self.name, self.tasks = name, dict(tasks)

    def __repr__(self) -> str:
        listed = ", ".join(f"{task.name} ({task.points})" for task in self.tasks.values())
        return f"{self.name}: {sum(task.points for task in self.tasks.values())} points. {listed}."


def assignment(name: str) -> Assignment:
    """Open the assignment whose file ``NAME.tasks.json`` lies beside the notebook: ``check`` knows its tasks then.

    ``FileNotFoundError`` if it is not there, ``AssignmentError`` if it can't be read.
    """
    file = Path(f"{name}{SUFFIX}")
    if not file.is_file():
        raise FileNotFoundError(f"{file} is not here. It came with the notebook: put it into the same folder.")
    return opened(file.read_text(encoding="utf-8"))


def opened(content: str) -> Assignment:
    """Open an assignment by the content of its file; ``AssignmentError`` if that is damaged."""
    try:
        found = json.loads(content)
        name, seed = found["assignment"], int(found["seed"])
        tasks = {one.name: _restored(one, found) for one in defined(name, found["tasks"])}
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise AssignmentError(f"the file of this assignment is damaged ({error!r}). Fetch it again.") from None
    begin(name, tasks, content)
    checking.try_with(seed)
    return Assignment(name, tasks)


def _restored(task: Task, found: Mapping[str, Any]) -> Task:
    """Return a task with what was written down of it."""
    if not isinstance(task, Definition):
        return task
    answers = found["answers"][task.name]
    cases = [
        Recorded(case.name, case.says, case.program, task.solution, answer)
        for case, answer in zip(task.cases, answers, strict=True)
    ]
    return replace(task, given=found["given"][task.name], cases=tuple(cases))


def defined(name: str, source: str) -> list[Task]:
    """Return the tasks that an author's ``tasks.py`` defines, in its order; whatever that raises, goes on."""
    # Named like a file of the package: when a case fails, the line to show is the learner's and not the author's.
    code = compile(source, f"/paramlab/{name}/tasks.py", "exec", dont_inherit=True)
    names: dict[str, Any] = {"__name__": name}
    exec(code, names)
    return [replace(task, lesson=name) for task in names["TASKS"]]


_content = ""


def handed_out() -> str:
    """Return the file of the assignment that this process is about; an empty text if it is about the course."""
    return _content


def begin(name: str, tasks: Mapping[str, Task], content: str = "") -> None:
    """Have this process know an assignment's tasks and no others, and note their points in a file of their own."""
    global _content
    _content = content
    TASKS.clear()
    TASKS.update(tasks)
    folder.note_points_in(f"{name}.progress.json")
