"""``check``: run the cases of a task, compare, and answer with a verdict. It never raises."""

from __future__ import annotations

import contextlib
import gc
import json
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import paramlab

from ..autograd import is_grad_enabled, set_grad_enabled
from ..cases import Case, Failure, Outcome, plain, same
from ..dtypes import get_default_dtype, set_default_dtype
from ..random import default_generator
from . import folder
from .bench import bench
from .catalogue import TASKS
from .limits import CASE_SECONDS, CHECK_SECONDS, TimeUp, call_within, kernel_kept, memory_limit, printed
from .source import standalone
from .tasks import Hint, Miss, Misses, Piece, Prediction, nearest
from .verdict import Line, Verdict, shown

SEED = 7  # a notebook's check tries the same numbers every time; a grader draws its own

LOOK = "Look at the first case that came out wrong: it says what was tried, what PyTorch answers, and what came."


def check(name: str, answer: Any = None) -> Verdict:
    """Check a piece by its name, or a prediction by its name and the answer; return the points.

    The verdict is a number that shows, case by case, what was tried, what was expected and what came, and a
    hint. It never raises: a name that there is not gets 0 points and the nearest one that there is.
    """
    if not isinstance(name, str):
        kind = type(name).__name__
        return Verdict(0, 0, kind, hint=f'check() takes a name, such as check("{next(iter(TASKS))}"), not a {kind}.')
    task = TASKS.get(name)
    if task is None:
        hint = f"There is nothing to check by the name {name[:80]!r}. {nearest(name[:80], list(TASKS))}"
        return Verdict(0, 0, name[:80], hint=hint)
    return _check_piece(task) if isinstance(task, Piece) else _check_prediction(task, answer)


# ------------------------------------------------------------------ pieces


@dataclass
class _Run:
    """What came of running a piece's cases."""

    lines: list[Line] = field(default_factory=list)
    misses: list[Miss] = field(default_factory=list)
    printed_lines: int = 0


_running: list[str] = []
"""The name of the piece whose cases run now: code that is being checked does not check."""


def _check_piece(piece: Piece) -> Verdict:
    built = bench.mine.get(piece.name)
    if built is None:
        refused = bench.refused.get(piece.name)
        hint = refused or f"`{piece.name}` is not built yet: write its body and run the cell with `@implement`."
        return Verdict(0, piece.points, piece.name, hint=hint)
    if _running:
        return Verdict(
            0, piece.points, piece.name, hint=f"`{_running[0]}` is being checked: a piece does not call check()."
        )
    _running.append(piece.name)
    try:
        with _swept():
            run = _run_cases(piece)
    finally:
        _running.clear()
    points = _points(piece, run.lines)
    hint = "" if not run.misses else _hint(piece, Misses(run.misses, built.source))
    notes = _notes_on_printing(run.printed_lines) + _notes_on_the_untried(len(piece.cases) - len(run.lines))
    if run.misses:
        notes += _set_aside(piece)
    else:
        bench.passed[piece.name] = built
        bench.put_in(piece.name)
        notes += _keep(piece)
    notes += _add_points(piece.name, points)
    return Verdict(points, piece.points, piece.name, tuple(run.lines), hint, tuple(notes))


def _run_cases(piece: Piece) -> _Run:
    run = _Run()
    end = time.monotonic() + CHECK_SECONDS
    for case in piece.cases:
        expected = _reference_answer(case)
        with bench.only(piece.name), printed() as output:
            outcome = run_safely(case, SEED) if time.monotonic() < end else _took_longer(CHECK_SECONDS)
        run.printed_lines += output.lines
        right = outcome.failure is None and same(expected, outcome.answer)
        run.lines.append(Line(right, case.says) if right else Line(False, case.says, shown(expected), _came(outcome)))
        if not right:
            run.misses.append(Miss(case, expected, outcome))
        if outcome.failure is not None and outcome.failure.kind == TimeUp.__name__:
            break  # the others would take as long
    return run


@contextlib.contextmanager
def _swept() -> Iterator[None]:
    """Let go of what the learner's code left behind in the block, while nobody hears what it says in the end."""
    gc.freeze()  # what was there before need not be looked through
    try:
        with printed():
            yield
            with contextlib.suppress(TimeUp):
                call_within(CASE_SECONDS, gc.collect)
    finally:
        gc.unfreeze()


def run_safely(case: Case, seed: int) -> Outcome:
    """Run a case on the package as it is now, within limits of time and memory; whatever happens is an outcome."""
    try:
        with undisturbed(), kernel_kept(), memory_limit():
            return call_within(CASE_SECONDS, lambda: _run_as_data(case, seed))
    except TimeUp:
        return _took_longer(CASE_SECONDS)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # even describing what was raised has failed
        return Outcome(None, Failure(type(error).__name__, ""))


def _took_longer(seconds: float) -> Outcome:
    return Outcome(None, Failure(TimeUp.__name__, f"It took longer than {seconds:g} seconds."))


def _run_as_data(case: Case, seed: int) -> Outcome:
    try:
        outcome = case.run(paramlab, seed)
        # through JSON and back: nothing of the learner's gets out whose `__eq__` or `__repr__` would run later
        return Outcome(json.loads(json.dumps(outcome.answer)), outcome.failure)
    except (KeyboardInterrupt, TimeUp):
        raise
    except BaseException as error:  # a learner's code may raise anything, SystemExit included
        return Outcome(None, Failure.of(error))


def _reference_answer(case: Case) -> Any:
    with bench.only(), undisturbed():
        return case.run(paramlab, SEED).answer


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Leave the grad mode, the default dtype and the common random numbers as they are, whatever the block does."""
    grad, dtype, numbers = is_grad_enabled(), get_default_dtype(), vars(default_generator).copy()
    default_generator.manual_seed(SEED)
    try:
        yield
    finally:
        set_grad_enabled(grad)
        set_default_dtype(dtype)
        vars(default_generator).clear()
        vars(default_generator).update(numbers)


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
    hints = (*BREAKDOWNS, *piece.hints, *GENERAL_HINTS)
    return next((hint.says for hint in hints if hint.when(misses)), LOOK)


# The code broke down: what it was meant to do can't be told from the cases.
BREAKDOWNS = (
    Hint(
        lambda m: m.raised("TimeUp"),
        "Your code did not come to an end. Is there a loop whose condition never turns false?",
    ),
    Hint(
        lambda m: m.raised("MemoryError"),
        "Your code asked for more memory than a check allows (1 GiB). Does it make a tensor of the wrong shape, "
        "or a list without end?",
    ),
    Hint(
        lambda m: m.raised("SystemExit"),
        "Your code ends the program. Use `return` to leave a function, or `raise` an error.",
    ),
    Hint(
        lambda m: m.raised("NotImplementedError"),
        "A line of your code still says that it is not implemented. Replace it, too.",
    ),
    Hint(
        lambda m: m.raised("NameError"),
        "A name in your code is not known. Is it misspelt, or is the cell that imports it not run yet?",
    ),
    Hint(
        lambda m: m.raised("UnboundLocalError"),
        "A variable is used before it has a value. Does every branch give it one?",
    ),
    Hint(
        lambda m: m.raised("RuntimeError", "super()"),
        "`super()` works only inside of a class. Name the class above yourself, and hand it the object, as in "
        "`Tensor.__repr__(self)` or `object.__setattr__(self, name, value)`.",
    ),
)

GENERAL_HINTS = (
    Hint(
        lambda m: m.raised("RecursionError"),
        "Your code calls itself without end. Look for a line in the method that calls the same method again.",
    ),
)


def _notes_on_printing(lines: int) -> list[str]:
    if lines == 0:
        return []
    return [f"Your code printed {lines:,} line{'s' if lines > 1 else ''} during the check; not shown here."]


def _set_aside(piece: Piece) -> list[str]:
    """Take a piece that is not right yet out of the package, so that the rest of the notebook goes on working."""
    if piece.name not in bench.plugged:
        return []
    bench.take_out(piece.name)
    return ["Until it is right, paramlab goes on with its own. Change your code and run both cells again."]


def _notes_on_the_untried(count: int) -> list[str]:
    if count == 0:
        return []
    cases = f"{count} cases were" if count > 1 else "One case was"
    return [f"{cases} not tried: the time is up. Each counts once your code comes to an end."]


def _keep(piece: Piece) -> list[str]:
    """Write a piece that passed into the learner's folder; return what to say about it."""
    built = bench.mine[piece.name]
    where = f"`{folder.NAME}/{folder.kept_file(piece.name).name}`"
    try:
        if not built.source:
            raise ValueError("its source is not to be had here")
        folder.keep(piece.name, standalone(built.function, built.source))
    except Exception as error:  # what a notebook holds may resist in any way; the points count all the same
        return [f"It could not be kept in {where}: {_reason(error)}. It counts until the kernel stops."]
    return [f"It is part of your paramlab now, kept in {where}."]


def _add_points(task: str, points: float) -> list[str]:
    try:
        folder.add_points(task, points)
    except OSError as error:
        return [f"The points could not be noted in `{folder.NAME}/progress.json`: {_reason(error)}."]
    return []


def _reason(error: Exception) -> str:
    return (isinstance(error, OSError) and error.strerror) or str(error) or type(error).__name__


# ------------------------------------------------------------------ predictions


def _check_prediction(task: Prediction, answer: Any) -> Verdict:
    expected = _reference_answer(task.case)
    if not isinstance(answer, dict):
        hint = f"A prediction is a dict with the entries {', '.join(map(repr, expected))}."
        return Verdict(0, task.points, task.name, hint=hint)
    lines = [_judged(row, right, answer) for row, right in expected.items()]
    wrong = [row for row, line in zip(expected, lines, strict=True) if not line.right]
    points = math.floor(2 * task.points * (len(lines) - len(wrong)) / len(lines)) / 2
    hint = _hint_on_prediction(task, wrong, answer) if wrong else ""
    notes = _add_points(task.name, points)
    return Verdict(points, task.points, task.name, tuple(lines), hint, tuple(notes))


def _judged(row: str, right: Any, answer: dict[Any, Any]) -> Line:
    if row not in answer:
        return Line(False, row, got="no such entry")
    given = answer[row]
    if any(item is ... for item in _items(given)):
        return Line(False, row, got="not filled in yet")
    correct = _only_bools(given) and same(right, plain(given))
    # the right answer is not shown: the next cell shows it on a model
    return Line(True, row) if correct else Line(False, row, got=_repr(given))


def _hint_on_prediction(task: Prediction, wrong: list[str], answer: dict[Any, Any]) -> str:
    missing = [row for row in wrong if row not in answer]
    if missing:
        return f"There is no entry {missing[0]!r} in your answer. Is a name misspelt?"
    if any(item is ... for row in wrong for item in _items(answer[row])):
        return "Replace each `...` by True or False. A guess costs nothing: you can change it."
    if not all(_only_bools(answer[row]) for row in wrong):
        return "Every question is answered by True or by False, without quotes."
    return task.hints.get(wrong[0], LOOK)


def _items(given: Any) -> list[Any]:
    return list(given) if type(given) in (tuple, list) else [given]


def _only_bools(given: Any) -> bool:
    return all(isinstance(item, bool | np.bool_) for item in _items(given))


def _repr(given: Any) -> str:
    try:
        return repr(given)[:80]
    except Exception:  # an object of the learner's own may not even print
        return f"a {type(given).__name__}"
