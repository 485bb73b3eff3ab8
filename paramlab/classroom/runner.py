"""One exercise in a process that is given up afterwards: the learner's code runs here, and is judged elsewhere.

What comes back is plain data, a line a case, each with a word that only this exercise has. Whatever the code does
to this process, a line is no more than a claim: it counts if the judge, in another process, knows it to be right.
"""

from __future__ import annotations

import contextlib
import io
import json
import linecache
import os
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from types import FunctionType, ModuleType
from typing import Any

from ..cases import Failure, Outcome, plain
from ..workshop import limits, wire
from ..workshop.bench import AsItIsNow, Built, bench
from ..workshop.catalogue import TASKS
from ..workshop.checking import run_safely, timed_out
from ..workshop.limits import CASE_SECONDS, CHECK_SECONDS, TimeUp, call_within, printed
from ..workshop.tasks import Definition, Piece
from . import insides
from .absent import Package

ANSWER_BYTES = 64 * 2**10  # of one case: hundreds of times what a right one takes
TOO_LONG = ["ValueError", "The answer is too long to be one.", ""]
FILE = "<your notebook>"


@dataclass(frozen=True)
class Exercise:
    """What a worker is asked to run: a program that defines ``name``, for a task, with a seed for each case."""

    task: str
    name: str
    source: str
    piece: str
    seeds: list[int]

    def as_data(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)


def _report(pipe: int) -> Callable[..., None]:
    """Return what writes lines to the worker; each opens with a word that makes it ours.

    Whatever sees a line could write others like it. So it is made by functions that are fetched here, before the
    learner's code can put its own in their places.
    """
    word, write, as_text, length, view = os.urandom(16).hex(), os.write, wire.dumps, len, memoryview

    def line(**content: Any) -> None:
        text = as_text([word, content])
        if length(text) > ANSWER_BYTES:
            text = as_text([word, {**content, "answer": None, "failure": TOO_LONG}])
        data = view(text.encode() + b"\n")
        while data:
            data = data[write(pipe, data) :]

    line(begin=word)
    return line


def run(exercise: Exercise, pipe: int, package: Package) -> None:
    """Run an exercise and write what comes of it into ``pipe``. The process is of no other use afterwards."""
    report = _report(pipe)
    sys.stdin = io.StringIO()
    task = TASKS[exercise.task]
    piece = task if isinstance(task, Piece) else None
    if piece is not None:
        package.remove_reference(piece)
    insides.close(limits)
    _remember_source(exercise.source)
    with printed() as output:
        value, failure = _defined(exercise)
        if failure is not None:
            report(broken=_as_list(failure))
        elif isinstance(task, Definition):
            _run_cases(task, exercise.seeds, report, value)
        elif piece is None:
            report(answer=value)
        else:
            bench.mine[piece.name] = Built(value, exercise.piece)
            bench.put_in(piece.name)
            _run_cases(piece, exercise.seeds, report)
    graded = isinstance(task, Piece | Definition)
    report(end=True, printed=output.lines, changed=package.changed(piece)[:20] if graded else [])


def _remember_source(source: str) -> None:
    """Let an error name the line that it came from."""
    linecache.cache[FILE] = (len(source), None, source.splitlines(keepends=True), FILE)


def _defined(exercise: Exercise) -> tuple[Any, Failure | None]:
    """Run the program; return what it defines, a prediction as plain data."""
    names: dict[str, Any] = {"__name__": "__main__", "implement": _as_it_is}

    def execute() -> Any:
        exec(compile(exercise.source, FILE, "exec", dont_inherit=True), names)
        value = names[exercise.name]
        if isinstance(TASKS[exercise.task], Definition):
            if not isinstance(value, type | FunctionType):
                raise TypeError(f"{exercise.name} is neither a class nor a function.")
            return value
        if isinstance(TASKS[exercise.task], Piece):
            value = value.__func__ if isinstance(value, staticmethod | classmethod) else value
            if not isinstance(value, FunctionType):
                raise TypeError(f"{exercise.name} is no function any more.")
            return value
        return wire.through(plain(value))

    try:
        return call_within(CASE_SECONDS, execute), None
    except TimeUp:
        return None, Failure("TimeUp", f"It took longer than {CASE_SECONDS:g} seconds.")
    except BaseException as error:  # a learner's code may raise anything
        return None, _described(error)


def _as_it_is(owner: Any) -> Any:
    """Stand for ``@implement`` above a piece that another one calls by its name: no piece pays for another."""
    if isinstance(owner, ModuleType):
        return lambda function: AsItIsNow(owner, function.__name__)
    return lambda function: function


def _described(error: BaseException) -> Failure:
    with contextlib.suppress(BaseException):
        return Failure.of(error)
    return Failure("Exception", "It could not even be described.")


def _run_cases(task: Piece | Definition, seeds: list[int], report: Callable[..., None], own: Any = None) -> None:
    end = time.monotonic() + CHECK_SECONDS
    for number, (case, seed) in enumerate(zip(task.cases, seeds, strict=True)):
        outcome = run_safely(case, seed, end, own)
        failure = None if outcome.failure is None else _as_list(outcome.failure)
        report(case=number, answer=outcome.answer, failure=failure)
        if timed_out(outcome):
            break  # the others would take as long


def _as_list(failure: Failure) -> list[str]:
    return [failure.kind[:200], failure.message[:2000], failure.where[:500]]


# ------------------------------------------------------------------ what comes back, read by the judge


@dataclass(frozen=True)
class Came:
    """What came back of an exercise: outcomes in the order of the cases, and how it ended.

    ``answer`` is a prediction's. ``broken`` is what the definition itself raised, ``changed`` what it exchanged that
    is not its own. ``forged`` is a sentence on lines that the grader did not write.
    """

    outcomes: tuple[Outcome, ...] = ()
    answer: Any = None
    broken: Failure | None = None
    printed: int = 0
    changed: tuple[str, ...] = ()
    ended: bool = False
    forged: str = ""


def parse(content: bytes) -> Came:
    """Read what an exercise wrote; it may be anything, and cut off anywhere."""
    lines = content.split(b"\n")[:-1]
    word, rest = _begin(lines)
    found: dict[str, Any] = {"outcomes": []}
    for line in rest:
        entry = _entry(line, word)
        if entry is None or not _take(entry, found):
            forged = "The code wrote into the channel that its results are reported in."
            return Came(forged=forged)
    found["outcomes"] = tuple(found["outcomes"])
    return Came(**found)


def _begin(lines: list[bytes]) -> tuple[str, list[bytes]]:
    try:
        word, content = json.loads(lines[0])
        return (word if content == {"begin": word} else ""), lines[1:]
    except (ValueError, IndexError, TypeError, RecursionError):
        return "", []


def _entry(line: bytes, word: str) -> dict[str, Any] | None:
    try:
        ours, content = json.loads(line)
    except (ValueError, TypeError, RecursionError):
        return None
    return content if ours == word and word and isinstance(content, dict) else None


def _take(entry: dict[str, Any], found: dict[str, Any]) -> bool:
    """Put a line where it belongs; False if it belongs nowhere."""
    if found.get("ended"):
        return False
    try:
        if "case" in entry:
            if entry["case"] != len(found["outcomes"]):
                return False
            found["outcomes"].append(Outcome(entry["answer"], _failure(entry["failure"])))
        elif "broken" in entry:
            found["broken"] = _failure(entry["broken"])
        elif "end" in entry:
            found["ended"], found["printed"] = True, int(entry["printed"])
            found["changed"] = tuple(str(name)[:100] for name in entry["changed"])
        else:
            found["answer"] = entry["answer"]
    except (KeyError, TypeError, ValueError):
        return False
    return True


def _failure(parts: Any) -> Failure | None:
    if parts is None:
        return None
    kind, message, where = parts
    return Failure(str(kind)[:200], str(message)[:2000], str(where)[:500])
