"""What a lesson asks for: pieces to build and predictions to make, with their points, cases and hints."""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from ..cases import Case, Outcome, Written

Lesson = int | str
"""Which notebook a task belongs to: a lesson by its number, or an assignment by its name."""


@dataclass(frozen=True)
class Miss:
    """A case that was not answered as PyTorch answers it."""

    case: Case
    expected: Any
    outcome: Outcome


class Misses:
    """The cases that a learner's piece missed, as hints ask for them."""

    def __init__(self, misses: list[Miss], source: str = "") -> None:
        self._by_name = {miss.case.name.partition(".")[2]: miss for miss in misses}
        self._source = source

    def missed(self, *names: str) -> bool:
        """Return whether all of these cases were missed."""
        return all(name in self._by_name for name in names)

    def only(self, *names: str) -> bool:
        """Return whether these cases were missed, and no others."""
        return set(self._by_name) == set(names)

    def got(self, name: str) -> Any:
        """Return what a missed case answered; None if it was right or raised."""
        miss = self._by_name.get(name)
        return None if miss is None else miss.outcome.answer

    def raised(self, kind: str, saying: str = "") -> bool:
        """Return whether some case ended in an exception of this class, with ``saying`` in its message."""
        failures = [miss.outcome.failure for miss in self._by_name.values()]
        return any(f is not None and f.kind == kind and saying in f.message for f in failures)

    def stumbled(self, kind: str, saying: str = "") -> bool:
        """Return whether some case ended in such an exception, and a line of the learner's own led to it."""
        failures = [miss.outcome.failure for miss in self._by_name.values()]
        return any(f is not None and f.kind == kind and saying in f.message and f.where for f in failures)

    def broke(self) -> bool:
        """Return whether every missed case ended in an exception that a line of the learner's own led to."""
        failures = [miss.outcome.failure for miss in self._by_name.values()]
        return all(f is not None and bool(f.where) for f in failures)

    def written(self, pattern: str) -> bool:
        """Return whether a regular expression matches the learner's source."""
        return re.search(pattern, self._source) is not None


@dataclass(frozen=True)
class Hint:
    """What to say when a misconception shows: ``when`` looks at the missed cases."""

    when: Callable[[Misses], bool]
    says: str


# To stand before the hints on what came out wrong: where all broke down, nothing came out.
BROKEN = Hint(
    Misses.broke,
    "Your code raises an error. The first wrong case quotes it, with the line that led to it: begin there.",
)


@dataclass(frozen=True)
class Piece:
    """A definition of the package that a learner builds.

    ``owner`` is the class or module that has it under ``attribute``. The first of ``cases`` is what the piece
    is for: without it there are no points. The others share the points evenly.
    """

    owner: type | ModuleType
    attribute: str
    lesson: Lesson
    points: int
    cases: tuple[Case, ...]
    hints: tuple[Hint, ...] = ()

    @property
    def name(self) -> str:
        """The name that a check calls it by: ``Module.__setattr__``, or a function's own name."""
        return f"{self.owner.__name__}.{self.attribute}" if isinstance(self.owner, type) else self.attribute


@dataclass(frozen=True)
class Prediction:
    """A question whose answer a learner writes down before seeing it.

    The right answer is what ``case`` answers: a dict with an entry a row. ``hints`` has a sentence for a row
    that is wrong.
    """

    name: str
    lesson: Lesson
    points: int
    case: Case
    hints: Mapping[str, str]

    @property
    def cases(self) -> tuple[Case, ...]:
        """Its one case, as the other tasks have theirs."""
        return (self.case,)


@dataclass(frozen=True)
class Definition:
    """A class or a function that a learner writes, or mends, in the notebook, where it stays: no part of paramlab.

    ``name`` is what a check calls it by, ``solution`` a right one, and ``given`` the source that a learner begins
    with: code that is broken, or a stub. Both define ``defines``. A lesson has it in a cell that is marked
    ``definition="NAME"``, and the check is ``check("NAME", TheDefinition)``. The cases are made with
    ``case_of(solution)``: their programs take the learner's definition after ``torch`` and ``rng``. As with a
    piece there are no points without the first, and all share the points.
    """

    name: str
    lesson: Lesson
    points: int
    solution: Written
    given: str
    cases: tuple[Case, ...]
    hints: tuple[Hint, ...] = ()

    @property
    def defines(self) -> str:
        """The name that the notebook has it under."""
        return self.solution.name

    def is_untouched(self, source: str) -> bool:
        """Return whether a source is the one that was given: the same code, in whatever layout."""
        try:
            return ast.dump(ast.parse(source)) == ast.dump(ast.parse(self.given))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False


Task = Piece | Prediction | Definition


def lesson_of_name(name: str) -> Lesson:
    """Return which lesson a notebook of this name is: 3 for ``03_module``, an assignment's own name for itself."""
    number = re.match(r"\d+", name)
    return int(number[0]) if number else name


def title(lesson: Lesson) -> str:
    """Return how a lesson is called in a report: ``Lesson 03``, or an assignment's name."""
    return f"Lesson {lesson:02d}" if isinstance(lesson, int) else lesson


def grade_id(name: str) -> str:
    """Return what marks a task's cell in a notebook: ``module-setattr`` for ``Module.__setattr__``."""
    return re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-").lower()


def nearest(name: str, known: list[str]) -> str:
    """Return a sentence that names the known name closest to ``name``, or all of them if none is close."""
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    if close:
        return f"Did you mean {close[0]!r}?"
    return "There are: " + ", ".join(known) + "."
