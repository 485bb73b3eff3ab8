"""What is taken from a handed-in notebook: the code of its pieces and the answers to its predictions, nothing else.

Outputs, results, check cells and everything that a notebook says of itself are left where they are.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..workshop.catalogue import TASKS
from ..workshop.source import is_untouched
from ..workshop.tasks import Definition, Lesson, Piece, Prediction, Task, grade_id, lesson_of_name
from .files import UnreadableError, printable
from .slicing import Statement, needed, rewritten, source_of, statements

VERSIONS = "a notebook of version 4, as JupyterLab writes it"


@dataclass(frozen=True)
class Taken:
    """What a notebook holds of one task.

    ``source`` is a program that defines ``name``; for a prediction that is written out, ``answer`` is the value.
    ``problem`` says why there is nothing to grade.
    """

    task: str
    name: str = ""
    source: str = ""
    piece: str = ""
    answer: Any = None
    problem: str = ""

    @property
    def fingerprint(self) -> str:
        """All that decides the grade, as text."""
        return json.dumps([self.task, self.name, self.source, self.piece, repr(self.answer), self.problem])


@dataclass(frozen=True)
class Notebook:
    """A notebook that was read: the source of its code cells, the marks on them, and what it says of its course."""

    cells: list[str]
    marks: dict[str, int] = field(default_factory=dict)
    lesson: str = ""
    version: str = ""
    variant: str = ""


def read(content: bytes) -> Notebook:
    """Read a notebook; ``UnreadableError``, with a sentence for its learner, if it is none."""
    try:
        data = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise UnreadableError(
            "The file is not JSON, so it is no notebook. Save it in JupyterLab and hand it in again."
        ) from None
    if not isinstance(data, dict) or "nbformat" not in data:
        raise UnreadableError(f"The file is JSON and no notebook. What is needed is {VERSIONS}.")
    if data["nbformat"] != 4 or not isinstance(data.get("cells"), list):
        raise UnreadableError(
            f"The notebook's format is version {str(data['nbformat'])[:20]}. What is needed is {VERSIONS}."
        )
    cells: list[str] = []
    marks: dict[str, int] = {}
    for cell in data["cells"]:
        if isinstance(cell, dict) and cell.get("cell_type") == "code":
            mark = _entry(cell, "metadata", "nbgrader", "grade_id")
            if isinstance(mark, str):
                marks.setdefault(mark, len(cells))
            cells.append(_joined(cell.get("source")))
    return Notebook(cells, marks, _word(data, "lesson"), _word(data, "version"), _word(data, "variant"))


def _entry(data: Any, *path: str) -> Any:
    for key in path:
        data = data.get(key) if isinstance(data, dict) else None
    return data


def _word(data: Any, key: str) -> str:
    value = _entry(data, "metadata", "paramlab", key)
    return printable(value[:100]) if isinstance(value, str) else ""


def _joined(source: Any) -> str:
    if isinstance(source, list):
        return "".join(part for part in source if isinstance(part, str))
    return source if isinstance(source, str) else ""


def lesson_of(notebook: Notebook, path_says: str) -> Lesson | None:
    """Return which lesson a notebook is: by its own word, its path, or the tasks in it."""
    numbers = {task.lesson for task in TASKS.values()}
    for text in (notebook.lesson, path_says):
        if lesson_of_name(text) in numbers:
            return lesson_of_name(text)
    by_mark = {grade_id(name): task.lesson for name, task in TASKS.items()}
    marked = [by_mark[mark] for mark in notebook.marks if mark in by_mark]
    return max(marked, key=marked.count) if marked else None


def take(notebook: Notebook, lesson: Lesson, rows: Mapping[str, Sequence[str]]) -> list[Taken]:
    """Return what there is of each task of a lesson; ``rows`` are the entries of each prediction's answer."""
    every, errors = statements(notebook.cells)
    found = []
    for task in [task for task in TASKS.values() if task.lesson == lesson]:
        try:
            found.append(_take(task, notebook, every, errors, rows))
        except (SyntaxError, ValueError, LookupError, RecursionError, MemoryError):  # a stranger's code: its own loss
            found.append(Taken(task.name, problem="Its code can't be told from the rest of the notebook."))
    return found


def _take(
    task: Task,
    notebook: Notebook,
    every: list[Statement],
    errors: dict[int, str],
    rows: Mapping[str, Sequence[str]],
) -> Taken:
    marked = notebook.marks.get(grade_id(task.name))
    if isinstance(task, Definition):
        found = _definition(task, every, marked)
    else:
        found = _piece(task, every, marked) if isinstance(task, Piece) else _prediction(task, every, marked, rows)
    if found is None and marked in errors:
        return Taken(task.name, problem=f"The cell is no Python. {errors[marked]}")
    if found is None:
        return Taken(task.name, problem="There is nothing of it in the notebook.")
    if isinstance(task, Definition):
        return _taken_definition(task, found, every)
    if isinstance(task, Piece):
        return _taken_piece(task, found, every)
    return _taken_prediction(task, found, every)


# ------------------------------------------------------------------ pieces


def _piece(piece: Piece, every: list[Statement], marked: int | None) -> Statement | None:
    """Return the definition of a piece that counts: the last one that was worked on, as in a run from the top."""
    written = [
        one
        for one in every
        if isinstance(one.node, ast.FunctionDef)
        and one.node.name == piece.attribute
        and (_implements(one.node, piece) or one.cell == marked)
    ]
    worked_on = [one for one in written if not is_untouched(one.text)]
    return next(reversed(worked_on or written), None)


def _implements(node: ast.FunctionDef, piece: Piece) -> bool:
    owner = piece.owner.__name__.rpartition(".")[2]
    return any(
        isinstance(mark, ast.Call)
        and _last_word(mark.func) == "implement"
        and len(mark.args) == 1
        and _last_word(mark.args[0]) == owner
        for mark in node.decorator_list
    )


def _last_word(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _taken_piece(piece: Piece, found: Statement, every: list[Statement]) -> Taken:
    if is_untouched(found.text):
        return Taken(piece.name, problem=f"`{piece.name}` is untouched.")
    bare = _without_implement(found)
    chosen = [*needed(bare, every)[:-1], bare]
    return Taken(piece.name, piece.attribute, source_of(chosen), found.text)


def _without_implement(found: Statement) -> Statement:
    """Return a definition without its ``@implement``: the grader puts it where it belongs."""
    node = found.node
    assert isinstance(node, ast.FunctionDef)
    lines = found.text.split("\n")
    first = min([node.lineno, *(mark.lineno for mark in node.decorator_list)])
    for mark in node.decorator_list:
        if isinstance(mark, ast.Call) and _last_word(mark.func) == "implement":
            for row in range(mark.lineno, (mark.end_lineno or mark.lineno) + 1):
                lines[row - first] = ""  # the lines keep their numbers
    return rewritten(found, "\n".join(lines))


# ------------------------------------------------------------------ definitions


def _definition(task: Definition, every: list[Statement], marked: int | None) -> Statement | None:
    """Return the class or the function that counts: the last one that was changed, in its own cell if there is one."""
    written = [one for one in every if task.defines in one.binds]
    changed = [one for one in written if not task.is_untouched(one.text)]
    own = [one for one in changed if one.cell == marked]
    return next(reversed(own or changed or written), None)


def _taken_definition(task: Definition, found: Statement, every: list[Statement]) -> Taken:
    if task.is_untouched(found.text):
        return Taken(task.name, problem=f"`{task.defines}` is as it was given.")
    return Taken(task.name, task.defines, source_of(needed(found, every)), found.text)


# ------------------------------------------------------------------ predictions


def _prediction(
    task: Prediction, every: list[Statement], marked: int | None, rows: Mapping[str, Sequence[str]]
) -> Statement | None:
    """Return the assignment of a prediction: in its own cell, or else the dict that has most of its entries."""
    assignments = [one for one in every if isinstance(one.node, ast.Assign) and one.binds]
    own = [one for one in assignments if one.cell == marked]
    if own:
        return own[-1]
    wanted = set(rows[task.name])
    alike = [one for one in assignments if 2 * len(_keys(one.node) & wanted) > len(wanted)]
    return alike[-1] if alike else None


def _keys(node: ast.stmt) -> set[Any]:
    value = node.value if isinstance(node, ast.Assign) else None
    keys = value.keys if isinstance(value, ast.Dict) else []
    return {key.value for key in keys if isinstance(key, ast.Constant)}


def _taken_prediction(task: Prediction, found: Statement, every: list[Statement]) -> Taken:
    assert isinstance(found.node, ast.Assign)
    try:
        answer = ast.literal_eval(found.node.value)
        repr(answer)  # an integer of many digits, written in hexadecimal, can't be shown
        return Taken(task.name, answer=answer)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        target = next(iter(sorted(found.binds)))
        return Taken(task.name, target, source_of(needed(found, every)), found.text)
