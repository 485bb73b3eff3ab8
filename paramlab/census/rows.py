"""What a census consists of: rows, one a tensor, and findings. The plain data; nothing is computed here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from .reasons import REASONS

if TYPE_CHECKING:
    from .diff import Diff, Mark

Kind = Literal["Tensor", "Parameter", "Buffer"]
State = Literal["yes", "no", "skip", "warn"]
Severity = Literal["bug", "check", "fact"]

# The five questions, in the order in which they are always asked, and how the answer's column is headed.
LANES = ("learns", "parameters", "optimizer", "state_dict", "moves")
LABELS = {
    "learns": "gradient",
    "parameters": "parameters()",
    "optimizer": "optimizer",
    "state_dict": "state_dict()",
    "moves": ".to()",
}


# Rows and branches are made by the ten thousand, and a frozen dataclass takes ten times as long to make.


@dataclass(slots=True)
class Row:
    """One tensor under one name, and what each consumer does with it. Never changed.

    ``reasons`` names a reason for each of the five questions, ``facts`` fills in what the sentence
    leaves open, ``access`` is what one types after the model to reach the tensor.
    """

    name: str
    kind: Kind
    shape: tuple[int, ...] | None
    dtype: str
    device: str
    requires_grad: bool
    is_leaf: bool
    persistent: bool
    learns: bool
    parameters: bool
    optimizer: int | None
    state_dict: bool
    moves: bool
    access: str = field(repr=False)
    reasons: tuple[str, ...] = field(repr=False)
    facts: dict[str, str] = field(repr=False)

    @property
    def states(self) -> dict[str, State]:
        """Consumer -> "yes", "no", "skip" (held but skipped) or "warn" (not what one would expect)."""
        return {lane: REASONS[code].state for lane, code in zip(LANES, self.reasons, strict=True)}

    @property
    def why(self) -> dict[str, str]:
        """Consumer -> the reason for its answer, in one sentence."""
        return {lane: REASONS[code].say(self.facts) for lane, code in zip(LANES, self.reasons, strict=True)}

    def to_dict(self) -> dict[str, Any]:
        """Return the row as plain data, fit for JSON."""
        plain = ("name", "kind", "dtype", "device", "requires_grad", "is_leaf", "persistent", *LANES)
        shape = None if self.shape is None else list(self.shape)
        return {
            **{name: getattr(self, name) for name in plain},
            "shape": shape,
            "states": dict(self.states),
            "why": self.why,
        }


@dataclass(frozen=True, slots=True)
class Finding:
    """Something worth knowing about a tensor: what will happen, why, and the line that mends it."""

    rule: str
    name: str
    severity: Severity
    message: str
    fix: str = ""
    rows: tuple[str, ...] = field(default=(), repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Return the finding as plain data, fit for JSON."""
        return {
            "rule": self.rule,
            "name": self.name,
            "severity": self.severity,
            "message": self.message,
            "fix": self.fix,
            "rows": list(self.rows),
        }


@dataclass(slots=True)
class Branch:
    """A line of the model's tree: a module or a container (``row`` is None), or a tensor. Never changed."""

    depth: int
    label: str
    path: str
    what: str
    row: int | None


@dataclass(frozen=True, eq=False)
class Census:
    """Every tensor of a model, who picks it up, and what is wrong with that.

    ``orphans`` are the tensors that the optimizer updates and the model does not have.
    """

    title: str
    rows: tuple[Row, ...]
    orphans: tuple[Row, ...]
    findings: tuple[Finding, ...]
    tree: tuple[Branch, ...] = field(repr=False)
    marks: tuple[Mark, ...] = field(repr=False)
    has_optimizer: bool = field(repr=False)

    def __getitem__(self, name: str) -> Row:
        for row in (*self.rows, *self.orphans):
            if row.name == name:
                return row
        raise KeyError(self._unknown(name))

    def _unknown(self, name: str) -> str:
        from difflib import get_close_matches

        near = get_close_matches(str(name), [row.name for row in self.rows], n=3)
        known = f"did you mean {' or '.join(map(repr, near))}?" if near else "print the census to see every name"
        return f"no tensor named {name!r} in this {self.title}: {known}"

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __contains__(self, name: object) -> bool:
        return any(row.name == name for row in (*self.rows, *self.orphans))

    def diff(self, earlier: Census) -> Diff:
        """Return what has changed since ``earlier``, a census of the same model."""
        from .diff import compare

        return compare(earlier, self)

    def to_dict(self) -> dict[str, Any]:
        """Return the whole census as plain data, fit for JSON."""
        return {
            "model": self.title,
            "rows": [row.to_dict() for row in self.rows],
            "orphans": [row.to_dict() for row in self.orphans],
            "findings": [finding.to_dict() for finding in self.findings],
        }

    def __str__(self) -> str:
        from .render import to_text

        return to_text(self)

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        from .render import to_html

        return to_html(self)
