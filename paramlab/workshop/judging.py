"""The judge: what came of a task's cases, compared with what is right, as a verdict. It runs nothing of a learner's."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..cases import Case, Outcome, plain, same
from .limits import TimeUp
from .tasks import Definition, Hint, Miss, Misses, Piece, Prediction
from .verdict import Line, Verdict, shown

LOOK = "Look at the first case that came out wrong: it says what was tried, what is expected, and what came."
NOT_FILLED_IN = "not filled in yet"


def judge_piece(
    piece: Piece | Definition, expected: Sequence[Any], outcomes: Sequence[Outcome], source: str
) -> Verdict:
    """Return the verdict on a piece or a definition.

    ``expected`` and ``outcomes`` follow its cases; those not tried are left out. ``source`` is the learner's code,
    which a hint may look at.
    """
    tried = list(zip(piece.cases, expected, outcomes, strict=False))
    lines = [_line(*one) for one in tried]
    misses = [Miss(*one) for one, line in zip(tried, lines, strict=True) if not line.right]
    hint = "" if not misses else _hint(piece, Misses(misses, source))
    notes = _notes_on_the_untried(len(piece.cases) - len(lines))
    return Verdict(_points(piece, lines), piece.points, piece.name, tuple(lines), hint, tuple(notes))


def _line(case: Case, expected: Any, outcome: Outcome) -> Line:
    if outcome.failure is None and same(expected, outcome.answer):
        return Line(True, case.says)
    return Line(False, case.says, shown(expected), _came(outcome))


def _came(outcome: Outcome) -> str:
    failure = outcome.failure
    if failure is None:
        return shown(outcome.answer)
    if failure.kind == TimeUp.__name__:
        return failure.message
    first = (failure.message.split("\n")[0] or "no message")[:160]
    return f"{failure.kind}: {first}" + (f" ({failure.where})" if failure.where else "")


def _points(piece: Piece | Definition, lines: list[Line]) -> float:
    """Share the points among the cases, in halves; none at all without the first, which the piece is for."""
    if not lines[0].right:
        return 0.0
    share = sum(line.right for line in lines) / len(piece.cases)
    return math.floor(2 * piece.points * share) / 2


def _hint(piece: Piece | Definition, misses: Misses) -> str:
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
        "A name in your code is not known. Is it misspelt, was nothing ever given that name, or is the cell that "
        "imports it not run yet?",
    ),
    Hint(
        lambda m: m.raised("AttributeError", "module '"),
        "A module such as `nn` has nothing of that name. Is it misspelt? The first wrong case quotes the line.",
    ),
    Hint(
        lambda m: m.raised("UnboundLocalError"),
        "A variable is used before it has a value. Does every branch give it one?",
    ),
    Hint(
        lambda m: m.raised("TypeError", "exceptions must derive"),
        "What follows `raise` has to be an exception. A helper that raises by itself is called without `raise`.",
    ),
    Hint(
        lambda m: m.raised("RuntimeError", "super()"),
        "`super()` works only inside of a class. Name the class above yourself, and hand it the object, as in "
        "`Tensor.__repr__(self)` or `object.__setattr__(self, name, value)`.",
    ),
    Hint(
        lambda m: m.stumbled("ValueError", "values to unpack"),
        "There are more names, or fewer, than there is to unpack. Is a `for` missing? A dict alone gives its keys, "
        "`.items()` keys and values; `zip` goes through several lists together.",
    ),
    Hint(
        lambda m: m.raised("TypeError", "must be Tensor, not numpy") or m.raised("TypeError", "Python scalars"),
        "This is a NumPy array, no tensor and no number. Take NumPy's function, such as `np.sqrt` or `np.sum`.",
    ),
    Hint(
        lambda m: m.raised("TypeError", "for ^"),
        "A power is written `**` in Python. `^` is something else.",
    ),
    Hint(
        lambda m: (
            m.raised("AttributeError", "'function' object")
            or m.raised("TypeError", "method'")
            or m.raised("TypeError", 'method"')
        ),
        "A method without brackets is not called: it is the method itself. Write `()` after its name.",
    ),
)

GENERAL_HINTS = (
    Hint(
        lambda m: m.raised("RecursionError"),
        "Your code calls itself without end. Look for a line in the method that calls the same method again.",
    ),
)


def _notes_on_the_untried(count: int) -> list[str]:
    if count == 0:
        return []
    cases = f"{count} cases were" if count > 1 else "One case was"
    return [f"{cases} not tried: the time is up. Each counts once your code comes to an end."]


# ------------------------------------------------------------------ predictions


def judge_prediction(task: Prediction, expected: dict[str, Any], answer: Any) -> Verdict:
    """Return the verdict on a prediction, whatever ``answer`` is."""
    if not isinstance(answer, dict):
        hint = f"A prediction is a dict with the entries {', '.join(map(repr, expected))}."
        return Verdict(0, task.points, task.name, hint=hint)
    lines = [_judged(row, right, answer) for row, right in expected.items()]
    wrong = [row for row, line in zip(expected, lines, strict=True) if not line.right]
    points = math.floor(2 * task.points * (len(lines) - len(wrong)) / len(lines)) / 2
    hint = _hint_on_prediction(task, wrong, answer) if wrong else ""
    return Verdict(points, task.points, task.name, tuple(lines), hint)


def _judged(row: str, right: Any, answer: dict[Any, Any]) -> Line:
    if row not in answer:
        return Line(False, row, got="no such entry")
    given = answer[row]
    if any(item is ... for item in _items(given)):
        return Line(False, row, got=NOT_FILLED_IN)
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
