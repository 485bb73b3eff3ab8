"""An author's folder: a text with the solution in it, and ``tasks.py``. What learners get is made of it here.

The solution is read and run where the author and the grader are; what is handed out holds what it answers, no more.
"""

from __future__ import annotations

import json
import tempfile
import traceback
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..cases import Case, Written, same
from ..workshop.checking import SEED, run_safely, seed_of_variant
from ..workshop.homework import SUFFIX, AssignmentError, begin, defined
from ..workshop.judging import judge_piece
from ..workshop.tasks import Definition, Task, grade_id
from .slicing import needed, source_of, statements
from .taking import Notebook, read

TASKS_FILE = "tasks.py"


@dataclass(frozen=True)
class Authored:
    """An assignment as its author has it: both notebooks, and the learners' file."""

    name: str
    notebook: Any
    solved: Any
    checks: str


_now: Authored | None = None


def now() -> Authored | None:
    """Return the assignment that this process is about; None if it is about the course."""
    return _now


def open_folder(folder: Path, variant: str = "") -> Authored:
    """Have this process be about the assignment in a folder; ``AssignmentError`` says what is wrong with it."""
    global _now
    text, tasks_file = _files(folder)
    name = text.stem
    source = tasks_file.read_text(encoding="utf-8")
    tasks = {task.name: task for task in _defined(name, source, tasks_file)}
    begin(name, tasks)
    mine, solved = _notebooks(text)
    page, solved_page = (read(json.dumps(each).encode()) for each in (mine, solved))
    seed = seed_of_variant(variant) if variant else SEED
    checks: dict[str, Any] = {"assignment": name, "seed": seed, "tasks": source, "given": {}, "answers": {}}
    for task in tasks.values():
        _refuse_without_cells(task, text, solved_page)
        if isinstance(task, Definition):
            begun, solution = (_part(task, text, each) for each in (page, solved_page))
            whole = _with_solution(task, text, begun, solution)
            answers = [_answer(whole, case, seed) for case in whole.cases]
            _refuse_gifts(whole, begun, answers, seed)
            checks["given"][task.name], checks["answers"][task.name] = whole.given, answers
            tasks[task.name] = whole
    _now = Authored(name, mine, solved, json.dumps(checks, ensure_ascii=False) + "\n")
    begin(name, tasks, _now.checks)
    return _now


def _files(folder: Path) -> tuple[Path, Path]:
    """Return an assignment's text and its tasks."""
    tasks = folder / TASKS_FILE
    texts = [path for path in sorted(folder.glob("*.py")) if path.name != TASKS_FILE]
    if not tasks.is_file() or len(texts) != 1:
        raise AssignmentError(
            f"{folder} is no assignment: it has to hold {TASKS_FILE} and one other .py, the text that learners get as "
            f"a notebook. There {'is' if len(texts) == 1 else 'are'}: "
            f"{', '.join(path.name for path in sorted(folder.glob('*.py'))) or 'none'}."
        )
    if not texts[0].stem[0].isalpha():
        raise AssignmentError(f"{texts[0].name}: the name of an assignment begins with a letter.")
    return texts[0], tasks


def _defined(name: str, source: str, file: Path) -> list[Task]:
    """Return the tasks of a file; what goes wrong in it is an ``AssignmentError`` that names the line."""
    try:
        found = defined(name, source)
    except Exception as error:  # an author's code may raise anything
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if name in frame.filename]
        line = f", line {lines[-1]}" if lines else ""
        raise AssignmentError(f"{file}{line}: {type(error).__name__}: {error}") from None
    if not found:
        raise AssignmentError(f"{file}: TASKS is empty.")
    for task in found:
        if sum(task.name == other.name for other in found) > 1:
            raise AssignmentError(f"{file}: two tasks are called {task.name!r}.")
        if not task.cases or task.points <= 0:
            raise AssignmentError(f"{file}: {task.name!r} needs cases, and points above 0.")
    return found


def _notebooks(text: Path) -> tuple[Any, Any]:
    try:
        from .making import CourseError, both
    except ModuleNotFoundError as error:
        raise AssignmentError(f'{error.name} is not installed: pip install "paramlab[grade]"') from None
    try:
        return both(text)
    except CourseError as error:
        raise AssignmentError(str(error)) from None


# ------------------------------------------------------------------ what a text has of a task


@dataclass(frozen=True)
class _Part:
    """A definition in a notebook: its own text, and a program that makes it without the rest of the notebook."""

    text: str
    program: Written


def _refuse_without_cells(task: Task, text: Path, solved: Notebook) -> None:
    mark = "yours" if isinstance(task, Definition) else "prediction"
    for key, cell in ((mark, grade_id(task.name)), ("check", f"check-{grade_id(task.name)}")):
        if cell not in solved.marks:
            raise AssignmentError(f'{text.name}: no code cell is marked  # %% {key}="{task.name}"')


def _part(task: Definition, text: Path, notebook: Notebook) -> _Part:
    """Return what is in the cell of a task, in the learner's notebook or in the solved one."""
    every, errors = statements(notebook.cells)
    cell = notebook.marks[grade_id(task.name)]
    if cell in errors:
        raise AssignmentError(f"{text.name}: the cell of {task.name}, or what learners get of it: {errors[cell]}")
    there = [one for one in every if one.cell == cell]
    found = [one for one in there if task.defines in one.binds]
    if not found:
        names = sorted(name for one in there for name in one.binds)
        raise AssignmentError(f"{text.name}: the cell of {task.name} does not define it, but {', '.join(names)}.")
    return _Part(found[-1].text, Written(task.defines, source_of(needed(found[-1], every))))


def _with_solution(task: Definition, text: Path, begun: _Part, solution: _Part) -> Definition:
    if begun.text == solution.text:
        raise AssignmentError(f"{text.name}: nothing of {task.name} is left to do. End a learner's lines with  # yours")
    cases = tuple(replace(case, of=solution.program) for case in task.cases)
    return replace(task, solution=solution.program, given=f"{begun.text}\n", cases=cases)


# ------------------------------------------------------------------ the right answers


def _answer(task: Definition, case: Case, seed: int) -> Any:
    """Return what the solution answers; ``AssignmentError`` if it fails, or answers in another way each time."""
    first, again = run_safely(case, seed), run_safely(case, seed)
    if first.failure is not None:
        where = f" ({first.failure.where})" if first.failure.where else ""
        said = f"{first.failure.kind}: {first.failure.message}{where}"
        raise AssignmentError(f"the solution of {task.name} fails the case {case.name}. {said}")
    if not same(first.answer, again.answer):
        raise AssignmentError(
            f"the case {case.name} has another answer each time. Draw its numbers from rng, or call torch.manual_seed."
        )
    return first.answer


def _refuse_gifts(task: Definition, begun: _Part, answers: list[Any], seed: int) -> None:
    """Raise if there are points for what learners begin with, which they had at the first keystroke."""
    came = [run_safely(replace(case, of=begun.program), seed) for case in task.cases]
    earned = judge_piece(task, answers, came, begun.text)
    if earned:
        raise AssignmentError(
            f"{task.name}: what learners begin with earns {earned:g} points at the first keystroke. The first case has "
            f"to come out wrong for it, and does not: {task.cases[0].says}"
        )


# ------------------------------------------------------------------ the proof


def prove(assignment: Authored) -> None:
    """Run both notebooks as learners do; raise unless the solution earns all points and the untouched one none."""
    from nbclient.exceptions import CellExecutionError

    from . import making

    with tempfile.TemporaryDirectory(prefix="paramlab-assignment-") as folder:
        place = Path(folder)
        (place / f"{assignment.name}{SUFFIX}").write_text(assignment.checks, encoding="utf-8")
        which = "solved"
        try:
            solved = making.run(assignment.solved, place=place)
            which = "untouched"
            making.prove(Path(assignment.name), assignment.notebook, solved, place)
        except CellExecutionError as error:
            raise AssignmentError(
                f"run from top to bottom, the {which} notebook raises {error.ename}: {error.evalue}. It has to run "
                "through, so that learners can: `# given:` puts something that runs into a gap."
            ) from None
        except making.CourseError as error:
            raise AssignmentError(str(error)) from None
