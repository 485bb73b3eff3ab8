"""``check``: run the cases of a task, compare, and answer with a verdict. It never raises."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import paramlab

from ..cases import Case, Failure, Outcome, plain, same
from . import folder
from .bench import bench
from .catalogue import TASKS
from .limits import TimeUp, call_within, memory_limit, printed
from .source import standalone
from .tasks import Hint, Miss, Misses, Piece, Prediction, nearest
from .verdict import Line, Verdict, shown

SEED = 7  # a notebook's check tries the same numbers every time; a grader draws its own
CASE_SECONDS = 3.0

LOOK = "Look at the first case that came out wrong: it says what was tried, what PyTorch answers, and what came."


def check(name: str, answer: Any = None) -> Verdict:
    """Check a piece by its name, or a prediction by its name and the answer; return the points.

    The verdict is a number that shows, case by case, what was tried, what was expected and what came, and a
    hint. It never raises: a name that there is not gets 0 points and the nearest one that there is.
    """
    task = TASKS.get(name) if isinstance(name, str) else None
    if task is None:
        known = nearest(str(name), list(TASKS))
        return Verdict(0, 0, str(name), hint=f"There is nothing to check by the name {str(name)!r}. {known}")
    return _check_piece(task) if isinstance(task, Piece) else _check_prediction(task, answer)


# ------------------------------------------------------------------ pieces


@dataclass
class _Run:
    """What came of running a piece's cases."""

    lines: list[Line] = field(default_factory=list)
    misses: list[Miss] = field(default_factory=list)
    printed_lines: int = 0


def _check_piece(piece: Piece) -> Verdict:
    built = bench.mine.get(piece.name)
    if built is None:
        refused = bench.refused.get(piece.name)
        hint = refused or f"`{piece.name}` is not built yet: write its body and run the cell with `@implement`."
        return Verdict(0, piece.points, piece.name, hint=hint)
    run = _run_cases(piece)
    points = _points(piece, run.lines)
    hint = "" if not run.misses else _hint(piece, Misses(run.misses, built.source))
    notes = _notes_on_printing(run.printed_lines)
    if not run.misses:
        notes += _keep(piece)
    notes += _add_points(piece.name, points)
    return Verdict(points, piece.points, piece.name, tuple(run.lines), hint, tuple(notes))


def _run_cases(piece: Piece) -> _Run:
    run = _Run()
    for case in piece.cases:
        with bench.only():
            expected = case.run(paramlab, SEED).answer
        with bench.only(piece.name), printed() as output:
            outcome = run_safely(case, SEED)
        run.printed_lines += output.lines
        right = outcome.failure is None and same(expected, outcome.answer)
        run.lines.append(Line(right, case.says) if right else Line(False, case.says, shown(expected), _came(outcome)))
        if not right:
            run.misses.append(Miss(case, expected, outcome))
        if outcome.failure is not None and outcome.failure.kind == TimeUp.__name__:
            break  # the others would take as long
    return run


def run_safely(case: Case, seed: int) -> Outcome:
    """Run a case on the package as it is now, within limits of time and memory; whatever happens is an outcome."""
    try:
        with memory_limit():
            return call_within(CASE_SECONDS, lambda: case.run(paramlab, seed))
    except TimeUp:
        return Outcome(None, Failure(TimeUp.__name__, f"It took longer than {CASE_SECONDS:g} seconds."))
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a learner's code may raise anything, SystemExit included
        return Outcome(None, Failure.of(error))


def _came(outcome: Outcome) -> str:
    failure = outcome.failure
    if failure is None:
        return shown(outcome.answer)
    if failure.kind == TimeUp.__name__:
        return failure.message
    first = (failure.message.split("\n")[0] or "no message")[:160]
    return f"{failure.kind}: {first}" + (f" ({failure.where})" if failure.where else "")


def _points(piece: Piece, lines: list[Line]) -> float:
    """Share the points among the cases, in halves; none at all without the first, which the piece is for."""
    if not lines[0].right:
        return 0.0
    share = sum(line.right for line in lines) / len(piece.cases)
    return math.floor(2 * piece.points * share) / 2


def _hint(piece: Piece, misses: Misses) -> str:
    return next((hint.says for hint in (*piece.hints, *GENERAL_HINTS) if hint.when(misses)), LOOK)


GENERAL_HINTS = (
    Hint(
        lambda m: m.raised("TimeUp"),
        "Your code did not come to an end. Is there a loop whose condition never turns false?",
    ),
    Hint(
        lambda m: m.raised("RecursionError"),
        "Your code calls itself without end. Look for a line in the method that calls the same method again.",
    ),
    Hint(
        lambda m: m.raised("MemoryError"),
        "Your code asked for more memory than a check allows (1 GiB). Does it make a tensor of the wrong shape?",
    ),
    Hint(
        lambda m: m.raised("NameError"),
        "A name in your code is not known. Is it misspelt, or is the cell that imports it not run yet?",
    ),
)


def _notes_on_printing(lines: int) -> list[str]:
    if lines == 0:
        return []
    return [f"Your code printed {lines:,} line{'s' if lines > 1 else ''} during the check; not shown here."]


def _keep(piece: Piece) -> list[str]:
    """Write a piece that passed into the learner's folder; return what to say about it."""
    built = bench.mine[piece.name]
    where = f"`{folder.NAME}/{folder.kept_file(piece.name).name}`"
    try:
        if not built.source:
            raise ValueError("its source is not to be had here")
        folder.keep(piece.name, standalone(built.function, built.source))
    except (OSError, ValueError) as error:
        return [f"It could not be kept in {where}: {_reason(error)}. It counts until the kernel stops."]
    return [f"It is part of your paramlab now, kept in {where}."]


def _add_points(task: str, points: float) -> list[str]:
    try:
        folder.add_points(task, points)
    except OSError as error:
        return [f"The points could not be noted in `{folder.NAME}/progress.json`: {_reason(error)}."]
    return []


def _reason(error: Exception) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)


# ------------------------------------------------------------------ predictions


def _check_prediction(task: Prediction, answer: Any) -> Verdict:
    with bench.only():
        expected = task.case.run(paramlab, SEED).answer
    if not isinstance(answer, dict):
        hint = f"A prediction is a dict with the entries {', '.join(map(repr, expected))}."
        return Verdict(0, task.points, task.name, hint=hint)
    lines = [_judged(row, right, answer) for row, right in expected.items()]
    wrong = [row for row, line in zip(expected, lines, strict=True) if not line.right]
    points = math.floor(2 * task.points * (len(lines) - len(wrong)) / len(lines)) / 2
    hint = task.hints.get(wrong[0], LOOK) if wrong else ""
    if any(line.got == "not filled in yet" for line in lines):
        hint = "Replace each `...` by True or False. A guess costs nothing: you can change it."
    notes = _add_points(task.name, points)
    return Verdict(points, task.points, task.name, tuple(lines), hint, tuple(notes))


def _judged(row: str, right: Any, answer: dict[Any, Any]) -> Line:
    given = answer.get(row, ...)
    if _has_gap(given):
        return Line(False, row, "your guess", "not filled in yet")
    try:
        correct = same(right, plain(given))
    except TypeError:
        correct = False
    # the right answer is not shown: the next cell shows it on a model
    return Line(correct, row) if correct else Line(False, row, "something else", repr(given)[:80])


def _has_gap(given: Any) -> bool:
    return given is ... or (isinstance(given, tuple | list) and any(item is ... for item in given))


def points_by_lesson() -> dict[int, tuple[float, float]]:
    """Return for each lesson the points earned and the points there are."""
    earned = folder.points()
    table: dict[int, tuple[float, float]] = {}
    for name, task in TASKS.items():
        got, full = table.get(task.lesson, (0.0, 0.0))
        table[task.lesson] = (got + earned.get(name, 0.0), full + task.points)
    return table
