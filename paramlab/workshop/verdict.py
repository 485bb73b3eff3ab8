"""What a check answers: a number for nbgrader, a page for a notebook, lines for a terminal."""

from __future__ import annotations

import html
import math
from dataclasses import dataclass
from typing import Any

LONG = 120  # characters of an answer that are shown
MANY = 5  # wrong lines that are shown at once: whoever mends the first ones has often mended the others


@dataclass(frozen=True)
class Line:
    """One thing that was tried: whether it came out right and, if not, what was expected and what came."""

    right: bool
    tried: str
    expected: str = ""
    got: str = ""


class Verdict(float):
    """The points a check gives: a plain number that knows how to explain itself.

    ``repr`` is the bare number, because nbgrader reads that; ``print`` and a notebook show the rest.
    """

    name: str
    out_of: float
    lines: tuple[Line, ...]
    hint: str
    notes: tuple[str, ...]

    def __new__(
        cls,
        points: float,
        out_of: float,
        name: str,
        lines: tuple[Line, ...] = (),
        hint: str = "",
        notes: tuple[str, ...] = (),
    ) -> Verdict:
        """Make a verdict; the points are kept between 0 and ``out_of``."""
        safe = points if math.isfinite(points) else 0.0
        self = super().__new__(cls, min(max(safe, 0.0), out_of))
        self.name, self.out_of, self.lines, self.hint, self.notes = name, float(out_of), lines, hint, notes
        return self

    @property
    def passed(self) -> bool:
        """Whether everything came out right."""
        return self.out_of > 0 and all(line.right for line in self.lines) and bool(self.lines)

    def noting(self, *notes: str) -> Verdict:
        """Return the same verdict with more to say below it."""
        return Verdict(self, self.out_of, self.name, self.lines, self.hint, (*self.notes, *notes))

    @property
    def heading(self) -> str:
        """The verdict in one line."""
        right = sum(line.right for line in self.lines)
        said = "all right" if self.passed else f"{right} of {len(self.lines)} right" if self.lines else "not yet"
        return f"{self.name}: {said} ({self:g} of {self.out_of:g} points)"

    def __repr__(self) -> str:
        return float.__repr__(self)

    def __str__(self) -> str:
        text = [("✓ " if self.passed else "✗ ") + self.heading]
        shown_wrong = 0
        for line in self.lines:
            shown_wrong += not line.right
            if line.right or shown_wrong <= MANY:
                text += _as_text(line)
        text += [f"  … and {shown_wrong - MANY} more came out wrong"] if shown_wrong > MANY else []
        text += [f"  Hint: {self.hint}"] if self.hint else []
        text += [f"  {note}" for note in self.notes]
        return "\n".join(text)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        # a terminal has no HTML; a notebook and nbgrader want the number
        printer.text(str(self) if _in_terminal() else repr(self))

    def _repr_html_(self) -> str:
        wrong = [line for line in self.lines if not line.right]
        right = "".join(f"<li>✓ right: {as_html(line.tried)}</li>" for line in self.lines if line.right)
        count = sum(line.right for line in self.lines)
        parts = [
            f"<div role='status'><p><b>{'✓' if self.passed else '✗'} {html.escape(self.heading)}</b></p>",
            _wrong_table(wrong[:MANY]) if wrong else "",
            f"<details><summary>{len(wrong) - MANY} more came out wrong</summary>{_wrong_table(wrong[MANY:])}</details>"
            if len(wrong) > MANY
            else "",
            f"<p><b>Hint.</b> {as_html(self.hint)}</p>" if self.hint else "",
            f"<details><summary>{count} right</summary><ul>{right}</ul></details>" if right else "",
            "".join(f"<p>{as_html(note)}</p>" for note in self.notes),
            "</div>",
        ]
        return "".join(parts)


def _as_text(line: Line) -> list[str]:
    said = [f"  {'✓' if line.right else '✗'} {line.tried.replace('``', '`')}"]
    said += [f"      expected  {line.expected}"] if line.expected else []
    said += [f"      got       {line.got}"] if line.got else []
    return said


def _wrong_table(lines: list[Line]) -> str:
    """Return the wrong lines as a table; without the column that none of them fills."""
    compared = any(line.expected for line in lines)
    heads = ["result", "tried", "expected", "yours"] if compared else ["result", "asked", "you answered"]
    rows = ["".join(f"<th scope='col' style='text-align: left'>{head}</th>" for head in heads)]
    for line in lines:
        answers = [line.expected, line.got] if compared else [line.got]
        cells = ["✗ wrong", as_html(line.tried), *(f"<code>{html.escape(answer)}</code>" for answer in answers)]
        rows.append("".join(f"<td style='text-align: left'>{cell}</td>" for cell in cells))
    return "<table>" + "".join(f"<tr>{row}</tr>" for row in rows) + "</table>"


def as_html(text: str) -> str:
    """Return text as HTML, what stands between backquotes as code."""
    parts = html.escape(text).replace("``", "`").split("`")
    return "".join(f"<code>{part}</code>" if i % 2 else part for i, part in enumerate(parts))


def _in_terminal() -> bool:
    from IPython import get_ipython

    shell = get_ipython()
    return shell is not None and type(shell).__name__ == "TerminalInteractiveShell"


def shown(answer: Any) -> str:
    """Return a plain answer as a short line of Python-like text."""
    text = _spelled(answer)
    return text if len(text) <= LONG else text[: LONG - 1] + "…"


def _spelled(answer: Any) -> str:
    if isinstance(answer, dict) and "raises" in answer:
        return f"raises {answer['raises']}"
    if isinstance(answer, dict) and set(answer) == {"tensor", "dtype"}:
        return f"tensor({_rounded(answer['tensor'])})"
    if isinstance(answer, dict):
        return "{" + ", ".join(f"{key}: {_spelled(value)}" for key, value in answer.items()) + "}"
    if isinstance(answer, list):
        return "[" + ", ".join(_spelled(item) for item in answer) + "]"
    if isinstance(answer, float):
        return f"{answer:.4g}"
    return repr(answer)


def _rounded(values: Any) -> Any:
    """Return a tensor's nested values with so many digits as an eye compares."""
    if isinstance(values, list):
        return [_rounded(value) for value in values]
    return float(f"{values:.4g}") if isinstance(values, float) else values
