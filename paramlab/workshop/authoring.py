"""What an assignment of an author's own is written with: ``task``, ``prediction``, ``case`` and ``Hint``.

``course/homework/README.md`` shows how. An assignment's ``tasks.py`` imports these and defines ``TASKS``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..cases import Case, Written, attempt
from ..cases.case import Program, floats
from .tasks import Definition, Hint, Prediction

__all__ = ["Hint", "attempt", "case", "floats", "prediction", "task"]


def case(program: Program) -> Case:
    """Turn a program into a case: ``(torch, rng, own) -> plain data``, or ``(torch, rng)`` for a prediction.

    ``own`` is what the learner wrote, ``rng`` draws the numbers. The docstring says in one sentence what is tried; a
    program without one is a ``ValueError``.
    """
    says = (program.__doc__ or "").strip().split("\n")[0]
    if not says:
        raise ValueError(f"the case {program.__name__} has no docstring that says what is tried")
    return Case(f"{program.__module__}.{program.__name__}", says, program)


def task(name: str, *, points: int, cases: Sequence[Case], hints: Sequence[Hint] = ()) -> Definition:
    """Return the task to write, or to mend, the class or function of this name.

    There are no points without the first of ``cases``, which is what the task is for; all share the points. The first
    of ``hints`` whose ``when`` is true is shown. What the learner begins with, and the solution, stand in the notebook.
    """
    if not name.isidentifier():
        raise ValueError(f"a task is called by what the learner defines, and {name!r} is no name in Python")
    return Definition(name, "", points, Written(name, ""), "", tuple(cases), tuple(hints))


def prediction(name: str, *, points: int, case: Case, hints: Mapping[str, str]) -> Prediction:
    """Return the question whose right answer is the dict that ``case`` answers; ``hints`` has a sentence a row."""
    return Prediction(name, "", points, case, hints)
