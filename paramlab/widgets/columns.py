"""The census as compact columns for the browser: one short string a trait instead of an object a tensor.

Ten thousand tensors are half a megabyte this way, and a click sends only what may have changed.
"""

from __future__ import annotations

import math
import string
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ..census.diff import sample
from ..census.read import Examination
from ..census.reasons import REASONS
from ..census.rows import Branch, Row

CODES = dict(zip(REASONS, string.digits + string.ascii_letters, strict=False))
STRIP = 8  # colours in the strip of a tensor's values
FOLDER = "M........"  # the flags of a line that is no tensor; those of every line have this length


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the map: a folder (neither row nor ghost), a tensor, or a ghost that only the optimizer knows."""

    branch: Branch
    row: Row | None = None
    at: int = -1


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
    values: str
    facts: dict[str, dict[str, str]]
    devices: list[str]


def columns(exam: Examination, memory: Memory) -> Columns:
    """Lay a census out, every tensor in its accustomed place, ghosts below the name that they once had."""
    lines = list(_with_ghosts(exam, memory, _in_order(exam, memory)))
    devices = sorted({line.row.device for line in lines if line.row is not None})
    return Columns(
        lines,
        {
            "d": [line.branch.depth for line in lines],
            "n": [line.branch.label for line in lines],
            "s": [_subtitle(line) for line in lines],
        },
        "".join(_flags(line, devices) for line in lines),
        "".join(_strip(_values(line, exam)) for line in lines),
        {str(at): facts for at, line in enumerate(lines) if (facts := _facts(line))},
        devices,
    )


def _in_order(exam: Examination, memory: Memory) -> Iterator[Line]:
    """Yield the lines; a module's own tensors in the order in which they were first seen."""
    tree, rows = exam.census.tree, exam.census.rows
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


def _sorted(own: tuple[Branch, ...], memory: Memory) -> list[Branch]:
    parent = own[0].path.removesuffix(own[0].label)
    order = memory.order.setdefault(parent, [])
    order += [branch.label for branch in own if branch.label not in order]
    place = {label: at for at, label in enumerate(order)}
    return sorted(own, key=lambda branch: place[branch.label])


def _with_ghosts(exam: Examination, memory: Memory, lines: Iterator[Line]) -> Iterator[Line]:
    held = {
        id(found.tensor) for found, row in zip(exam.found, exam.census.rows, strict=True) if row.optimizer is not None
    }
    ghosts: dict[str, list[Line]] = {}
    names = {id(tensor): memory.names.get(id(tensor), "") for tensor in exam.ghosts}
    for at, (tensor, row) in enumerate(zip(exam.ghosts, exam.census.orphans, strict=True)):
        name = names[id(tensor)]
        label = f"{name.rpartition('.')[2]} (replaced)" if name else row.name
        ghosts.setdefault(name, []).append(Line(Branch(0, label, row.name, "ghost", None), row, at))
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


def _subtitle(line: Line) -> list[int] | str:
    """Return the shape of a tensor, or the class of a folder."""
    if line.row is None:
        return line.branch.what
    return "not yet known" if line.row.shape is None else list(line.row.shape)


def _flags(line: Line, devices: list[str]) -> str:
    """Return nine characters: kind, requires_grad, device, persistent, and a reason for each question."""
    row = line.row
    if row is None:
        return FOLDER
    kind = "G" if line.branch.what == "ghost" else row.kind[0]
    device = string.digits[min(devices.index(row.device), 9)]
    reasons = "".join(CODES[reason] for reason in row.reasons)
    return f"{kind}{int(row.requires_grad)}{device}{int(row.persistent)}{reasons}"


def _facts(line: Line) -> dict[str, str]:
    """Return what the sentences of this line leave open."""
    if line.row is None:
        return {}
    used = [REASONS[reason].text for reason in line.row.reasons]
    return {key: value for key, value in line.row.facts.items() if any(f"{{{key}}}" in text for text in used)}


def _values(line: Line, exam: Examination) -> list[Any] | None:
    if line.row is None:
        return None
    return sample(exam.ghosts[line.at]) if line.branch.what == "ghost" else exam.census.marks[line.at].values


def _strip(values: list[Any] | None) -> str:
    """Return eight hexadecimal digits, 0 for very negative and f for very positive; x is no number, a dot nothing."""
    if not values:
        return "." * STRIP
    count = min(STRIP, len(values))
    chosen = [values[at * (len(values) - 1) // max(1, count - 1)] for at in range(count)]
    return "".join(map(_digit, chosen)).ljust(STRIP, ".")


def _digit(value: Any) -> str:
    number = value.real if isinstance(value, complex) else float(value)
    return "x" if math.isnan(number) else f"{round((math.tanh(number) + 1) * 7.5):x}"
