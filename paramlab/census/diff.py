"""What changed between two censuses of the same model: by identity, by version, and by a sample of the values."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .rows import Census

SAMPLE = 32


@dataclass(frozen=True, slots=True)
class Mark:
    """By what a tensor is recognised later. It keeps no tensor alive."""

    tensor: weakref.ref[Any]
    version: int | None
    values: list[Any] | None


@dataclass(frozen=True, slots=True)
class Diff:
    """Names of tensors, by what happened to them since an earlier census.

    A Buffer that ``.to()`` moved is in ``moved`` and in ``replaced``: it is on another device and it
    is another object. A Parameter that moved is the same object still.
    """

    updated: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return any(names for _, names in self._parts())

    def __str__(self) -> str:
        lines = [f"{what:<9}{', '.join(names)}" for what, names in self._parts() if names]
        return "\n".join(lines) or "nothing changed"

    __repr__ = __str__

    def to_dict(self) -> dict[str, list[str]]:
        """Return the differences as plain data, fit for JSON."""
        return {what: list(names) for what, names in self._parts()}

    def _parts(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        return ((part.name, getattr(self, part.name)) for part in fields(self))


def mark(tensor: Any) -> Mark:
    """Take the mark of a tensor without touching it."""
    return Mark(weakref.ref(tensor), version_of(tensor), sample(tensor))


def version_of(tensor: Any) -> int | None:
    """Return how often a tensor was written to; None for one made in inference mode, which does not count."""
    try:
        version: int = tensor._version
    except RuntimeError:
        return None
    return version


def sample(tensor: Any) -> list[Any] | None:
    """Return up to ``SAMPLE`` elements from all over a tensor; None where looking is impossible or dear."""
    try:
        device = str(tensor.device)
        if device == "meta" or device.startswith(("cuda", "mps", "xpu")):
            return None
        array = getattr(tensor, "_array", None)  # paramlab's storage: no method of a learner is called
        flat = (tensor.detach() if array is None else array).reshape(-1)
        size = flat.shape[0]
        step = max(1, -(-size // SAMPLE))
        values = flat[::step].tolist()
    except Exception:  # a tensor of an exotic layout has no elements to look at
        return None
    return values if isinstance(values, list) else None


def compare(earlier: Census, later: Census) -> Diff:
    """Return what changed from one census to the other."""
    before = {row.name: (row, mark) for row, mark in zip(earlier.rows, earlier.marks, strict=True)}
    after = {row.name: (row, mark) for row, mark in zip(later.rows, later.marks, strict=True)}
    updated, moved, replaced = [], [], []
    for name, (row, now) in after.items():
        if name not in before:
            continue
        old_row, then = before[name]
        if (row.device, row.dtype) != (old_row.device, old_row.dtype):
            moved.append(name)
        if now.tensor() is not then.tensor() or now.tensor() is None:
            replaced.append(name)
        elif name not in moved[-1:] and changed(then, now):
            updated.append(name)
    return Diff(
        tuple(updated),
        tuple(moved),
        tuple(replaced),
        tuple(name for name in after if name not in before),
        tuple(name for name in before if name not in after),
    )


def changed(then: Mark, now: Mark | None = None) -> bool:
    """Return whether a tensor has other values than it had; without ``now``, than it has at this moment.

    A version alone says that somebody wrote, so it decides too.
    """
    if now is None:
        tensor = then.tensor()
        if tensor is None or version_of(tensor) != then.version:
            return True
        now = mark(tensor)
    if then.version != now.version:
        return True
    return then.values != now.values and repr(then.values) != repr(now.values)  # nan differs from itself
