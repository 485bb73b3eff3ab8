"""``check``: run the cases of a task, compare, and answer with a verdict. It never raises."""

from __future__ import annotations

import contextlib
import gc
import json
import math
import time
import zlib
from collections.abc import Iterator
from types import FunctionType
from typing import Any

import paramlab

from ..autograd import is_grad_enabled, set_grad_enabled
from ..cases import Case, Failure, Outcome
from ..dtypes import get_default_dtype, set_default_dtype
from ..random import default_generator
from . import folder, wire
from .bench import bench
from .catalogue import TASKS
from .judging import judge_piece, judge_prediction
from .limits import CASE_SECONDS, CHECK_SECONDS, TimeUp, call_within, kernel_kept, memory_limit, printed
from .source import standalone, written
from .tasks import Definition, Piece, Prediction, nearest
from .verdict import Verdict

SEED = 7  # a notebook's check tries the same numbers every time; a grader draws its own
_seed = SEED


def variant(name: str) -> None:
    """Have the checks of this kernel try other numbers: a class of another year gets a name of its own."""
    try_with(seed_of_variant(name))


def seed_of_variant(name: str) -> int:
    """Return the seed that the checks of a variant draw their numbers with."""
    return zlib.crc32(name.encode())


def seed() -> int:
    """Return the seed that the checks of this kernel draw their numbers with."""
    return _seed


def try_with(number: int) -> None:
    """Have the checks of this kernel draw their numbers with another seed."""
    global _seed
    _seed = number


def check(name: str, answer: Any = None) -> Verdict:
    """Check a piece by its name, a prediction or a definition by its name and the answer; return the points.

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
    if isinstance(task, Definition):
        return _check_definition(task, answer)
    return _check_piece(task) if isinstance(task, Piece) else _check_prediction(task, answer)


# ------------------------------------------------------------------ pieces


_running: list[str] = []
"""The name of the piece whose cases run now: code that is being checked does not check."""


def _check_piece(piece: Piece) -> Verdict:
    built = bench.mine.get(piece.name)
    if built is None:
        refused = bench.refused.get(piece.name)
        hint = refused or f"`{piece.name}` is not built yet: write its body and run the cell with `@implement`."
        return Verdict(0, piece.points, piece.name, hint=hint)
    if _running:
        return _not_now(piece)
    verdict = _tried(piece, built.source)
    if verdict.passed:
        bench.passed[piece.name] = built
        bench.put_in(piece.name)
        notes = _keep(piece)
    else:
        notes = _set_aside(piece)
    return verdict.noting(*notes, *_add_points(piece.name, verdict))


def _not_now(task: Piece | Definition) -> Verdict:
    return Verdict(0, task.points, task.name, hint=f"`{_running[0]}` is being checked: a piece does not call check().")


def _tried(task: Piece | Definition, source: str, own: Any = None) -> Verdict:
    """Run the cases and judge; of a definition ``own`` is the learner's, a piece is on the bench."""
    _running.append(task.name)
    try:
        with _swept():
            expected, outcomes, printed_lines = _run_cases(task, own)
    finally:
        _running.clear()
    return judge_piece(task, expected, outcomes, source).noting(*_notes_on_printing(printed_lines))


def _run_cases(task: Piece | Definition, own: Any) -> tuple[list[Any], list[Outcome], int]:
    """Return what is right, what came, and how many lines were printed."""
    plugged = (task.name,) if isinstance(task, Piece) else ()
    expected: list[Any] = []
    outcomes: list[Outcome] = []
    lines = 0
    end = time.monotonic() + CHECK_SECONDS
    for case in task.cases:
        expected.append(reference_answer(case, _seed))
        with bench.only(*plugged), printed() as output:
            outcomes.append(run_safely(case, _seed, end, own))
        lines += output.lines
        if timed_out(outcomes[-1]):
            break  # the others would take as long
    return expected, outcomes, lines


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


def run_safely(case: Case, seed: int, end: float = math.inf, own: Any = None) -> Outcome:
    """Run a case on the package as it is now, within limits of time and memory; whatever happens is an outcome.

    After ``end``, a time of ``time.monotonic()``, it is not run any more. ``own`` is what a case of a definition tries.
    """
    if time.monotonic() >= end:
        return _took_longer(CHECK_SECONDS)
    try:
        with undisturbed(), kernel_kept(), memory_limit():
            return call_within(CASE_SECONDS, lambda: _run_as_data(case, seed, own))
    except TimeUp:
        return _took_longer(CASE_SECONDS)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # even describing what was raised has failed
        return Outcome(None, Failure(type(error).__name__, ""))


def _took_longer(seconds: float) -> Outcome:
    return Outcome(None, Failure(TimeUp.__name__, f"It took longer than {seconds:g} seconds."))


def timed_out(outcome: Outcome) -> bool:
    """Return whether a case was ended because it took too long."""
    return outcome.failure is not None and outcome.failure.kind == TimeUp.__name__


def _run_as_data(case: Case, seed: int, own: Any) -> Outcome:
    try:
        outcome = case.run(paramlab, seed, own)
        # through JSON and back: nothing of the learner's gets out whose `__eq__` or `__repr__` would run later
        return Outcome(wire.through(outcome.answer), outcome.failure)
    except (KeyboardInterrupt, TimeUp):
        raise
    except BaseException as error:  # a learner's code may raise anything, SystemExit included
        return Outcome(None, Failure.of(error))


def reference_answer(case: Case, seed: int) -> Any:
    """Return what a case answers on the package as it comes."""
    with bench.only(), undisturbed():
        return case.run(paramlab, seed).answer


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
        said = folder.add_points({task: points})
    except OSError as error:
        return [f"The points could not be noted in `{folder.NAME}/{folder.PROGRESS}`: {_reason(error)}."]
    return [said] if said else []


def _reason(error: Exception) -> str:
    return (isinstance(error, OSError) and error.strerror) or str(error) or type(error).__name__


# ------------------------------------------------------------------ definitions and predictions


def _check_definition(task: Definition, own: Any) -> Verdict:
    if not isinstance(own, type | FunctionType):
        hint = f"Hand over what you wrote: `check({json.dumps(task.name)}, {task.defines})`, without brackets after it."
        return Verdict(0, task.points, task.name, hint=hint)
    source = written(own)
    if task.is_untouched(source):
        hint = f"`{task.defines}` is as it was given to you. Change its code, run that cell, and then this one."
        return Verdict(0, task.points, task.name, hint=hint)
    if _running:
        return _not_now(task)
    verdict = _tried(task, source, own)
    return verdict.noting(*_add_points(task.name, verdict))


def _check_prediction(task: Prediction, answer: Any) -> Verdict:
    verdict = judge_prediction(task, reference_answer(task.case, _seed), answer)
    return verdict.noting(*_add_points(task.name, verdict))
