"""The census as compact columns for the browser: one short string a trait instead of an object a tensor.

Ten thousand tensors are half a megabyte this way, and a click sends only what may have changed.
"""

from __future__ import annotations

import math
import re
import string
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from ..census.diff import sample
from ..census.read import Examination, undisturbed
from ..census.reasons import REASONS
from ..census.rows import Branch, Row

CODES = dict(zip(REASONS, string.digits + string.ascii_letters, strict=False))
FLAGS = 9  # characters a tensor: kind, requires_grad, device, persistent, and a reason for each question
STRIP = 8  # colours in the strip of a tensor's values
_OPEN_FACTS = {code: tuple(re.findall(r"\{(\w+)\}", reason.text)) for code, reason in REASONS.items()}


@dataclass(slots=True)
class Line:
    """A line of the map: a folder (neither row nor ghost), a tensor, or a ghost that only the optimizer knows."""

    branch: Branch
    row: Row | None = None
    at: int = -1

    @property
    def is_ghost(self) -> bool:
        """Whether only the optimizer still has it."""
        return self.branch.what == "ghost"


@dataclass(slots=True)
class Memory:
    """What the map remembers from one look at the model to the next."""

    order: dict[str, list[str]] = field(default_factory=dict)  # tensors keep their place when their kind changes
    names: dict[int, str] = field(default_factory=dict)  # id of what the optimizer holds -> its name in the model


@dataclass(frozen=True, slots=True)
class Columns:
    """What the browser draws."""

    lines: list[Line]
    tree: dict[str, Any]
    flags: str
    facts: dict[str, dict[str, str]]
    devices: list[str]


@undisturbed()
def columns(exam: Examination, memory: Memory) -> Columns:
    """Lay a census out, every tensor in its accustomed place, ghosts below the name that they once had."""
    lines = list(_with_ghosts(exam, memory, _in_order(exam, memory)))
    devices = sorted({row.device for row in (*exam.rows, *exam.orphans)})
    places = {name: string.digits[min(at, 9)] for at, name in enumerate(devices)}
    flags: list[str] = []
    facts: dict[str, dict[str, str]] = {}
    for at, line in enumerate(lines):
        row = line.row
        if row is None:
            continue
        kind = "G" if line.is_ghost else row.kind[0]
        codes, used = _told(row.reasons)
        flags.append(f"{kind}{row.requires_grad:d}{places[row.device]}{row.persistent:d}{codes}")
        if used:
            facts[str(at)] = {key: row.facts[key] for key in used}
    tree = {
        "d": [line.branch.depth for line in lines],
        "n": [line.branch.label for line in lines],
        "s": [_subtitle(line) for line in lines],
        "t": "".join("0" if line.row is None else "1" for line in lines),
    }
    return Columns(lines, tree, "".join(flags), facts, devices)


@cache  # of ten thousand rows, a handful of kinds
def _told(reasons: tuple[str, ...]) -> tuple[str, list[str]]:
    """Return the characters of a row's reasons, and the facts that their sentences leave open."""
    used = {key for reason in reasons for key in _OPEN_FACTS[reason]}
    return "".join(CODES[reason] for reason in reasons), sorted(used)


def _in_order(exam: Examination, memory: Memory) -> Iterator[Line]:
    """Yield the lines; a module's own tensors in the order in which they were first seen."""
    tree, rows = exam.walk.tree, exam.rows
    at = 0
    while at < len(tree):
        branch = tree[at]
        if branch.row is None or branch.what == "item":
            yield Line(branch, None if branch.row is None else rows[branch.row], _index(branch))
            at += 1
            continue
        end = at
        while end < len(tree) and tree[end].row is not None and tree[end].depth == branch.depth:
            end += 1
        for own in _sorted(tree[at:end], memory):
            yield Line(own, rows[_index(own)], _index(own))
        at = end


def _index(branch: Branch) -> int:
    return -1 if branch.row is None else branch.row


def _sorted(own: list[Branch], memory: Memory) -> list[Branch]:
    parent = own[0].path.removesuffix(own[0].label)
    order = memory.order.setdefault(parent, [])
    labels = [branch.label for branch in own]
    if order == labels:
        return own
    order += [label for label in labels if label not in order]
    place = {label: at for at, label in enumerate(order)}
    return sorted(own, key=lambda branch: place[branch.label])


def _with_ghosts(exam: Examination, memory: Memory, lines: Iterator[Line]) -> Iterator[Line]:
    held = {id(found.tensor) for found, row in zip(exam.found, exam.rows, strict=True) if row.optimizer is not None}
    ghosts: dict[str, list[Line]] = {}
    names = {id(tensor): memory.names.get(id(tensor), "") for tensor in exam.ghosts}
    for at, (tensor, row) in enumerate(zip(exam.ghosts, exam.orphans, strict=True)):
        name = names[id(tensor)]
        label = f"{name.rpartition('.')[2]} (replaced)" if name else row.name
        ghosts.setdefault(name, []).append(Line(Branch(0, label, row.name, "ghost", None), row, at))
    if not ghosts:
        yield from lines
    for line in lines:
        yield line
        for ghost in ghosts.pop(line.branch.path, []) if line.row is not None else []:
            yield Line(
                Branch(line.branch.depth, ghost.branch.label, ghost.branch.path, "ghost", None), ghost.row, ghost.at
            )
    for rest in ghosts.values():
        yield from rest
    memory.names = names | {
        id(found.tensor): found.place.name for found in exam.found[::-1] if id(found.tensor) in held
    }


def _subtitle(line: Line) -> tuple[int, ...] | str:
    """Return the shape of a tensor, or the class of a folder."""
    if line.row is None:
        return line.branch.what
    return "not yet known" if line.row.shape is None else line.row.shape


def strip(line: Line, exam: Examination) -> str:
    """Return the colours of the values of a line's tensor; nothing for a folder."""
    if line.row is None:
        return ""
    return colours(exam.ghosts[line.at] if line.is_ghost else exam.found[line.at].tensor)


def colours(tensor: Any) -> str:
    """Return a tensor's values as eight hexadecimal digits, each of which is drawn as a colour.

    0 stands for very negative and f for very positive; x is no number, a dot nothing.
    """
    values = sample(tensor)
    if not values:
        return "." * STRIP
    count = min(STRIP, len(values))
    chosen = [values[at * (len(values) - 1) // max(1, count - 1)] for at in range(count)]
    return "".join(map(_digit, chosen)).ljust(STRIP, ".")


def _digit(value: Any) -> str:
    number = value.real if isinstance(value, complex) else float(value)
    return "x" if math.isnan(number) else f"{round((math.tanh(number) + 1) * 7.5):x}"
