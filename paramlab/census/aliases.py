"""Second names that registration does not know: to a Buffer they hold only until the next move."""

from __future__ import annotations

from collections.abc import Iterator

from .diff import sample
from .rows import Finding, Row
from .walk import Found


def alias_of_buffer(found: list[Found], rows: tuple[Row, ...]) -> Iterator[Finding]:
    """Find ordinary names for a registered Buffer: ``.to()`` makes a new tensor, which they will not follow."""
    typed = {row.name: row.access for row in rows}
    for one, row in zip(found, rows, strict=True):
        if row.reasons[4] != "left-alias" or one.slot == "class":
            continue
        same = row.facts["same"]
        message = (
            f"{row.name} is the Buffer {same} under a second name, which no module knows: .to() puts a new tensor "
            f"under {same} and leaves this one as it is, stale from then on. Give the second name up, or bind it anew "
            "after each move."
        )
        yield Finding("alias-of-buffer", row.name, "check", message, _again(one, row, typed[same]), (row.name, same))


def stale_aliases(found: list[Found], rows: tuple[Row, ...]) -> dict[str, Finding]:
    """Return, by name, the plain tensors that were a second name of a Buffer before the model was moved.

    They have the Buffer's shape and its values, and another device or dtype.
    """
    buffers: dict[tuple[int, ...] | None, list[int]] = {}
    for at, (one, row) in enumerate(zip(found, rows, strict=True)):
        if one.registered and row.kind == "Buffer":
            buffers.setdefault(row.shape, []).append(at)
    stale: dict[str, Finding] = {}
    for one, row in zip(found, rows, strict=True):
        if one.slot not in ("attribute", "item") or row.kind == "Parameter" or "same" in row.facts:
            continue
        for at in buffers.get(row.shape, ()):
            if _has_moved_on(one, row, found[at], rows[at]):
                stale[row.name] = _stale(one, row, rows[at])
                break
    return stale


def _has_moved_on(alias: Found, row: Row, buffer: Found, moved: Row) -> bool:
    if alias.owner is not buffer.owner or (row.device, row.dtype) == (moved.device, moved.dtype):
        return False
    values = sample(alias.tensor)
    return values is not None and values == sample(buffer.tensor)


def _stale(one: Found, row: Row, buffer: Row) -> Finding:
    was, now = (row.device, buffer.device) if row.device != buffer.device else (row.dtype, buffer.dtype)
    message = (
        f"{row.name} ({was}) has the values of the Buffer {buffer.name} ({now}): it was probably the same tensor, "
        f"until .to() put a new one under {buffer.name}. It will not follow the Buffer any more."
    )
    return Finding("stale-alias", row.name, "check", message, _again(one, row, buffer.access), (row.name, buffer.name))


def _again(one: Found, row: Row, buffer: str) -> str:
    """Return the line that binds a second name anew; a place in a tuple or a set cannot be bound."""
    hiding = one.place.hiding
    if hiding is not None:
        step = row.access.removeprefix(hiding.access)
        if hiding.holder not in ("list", "dict", "OrderedDict") or step.count("[") != 1 or "." in step:
            return ""
    return f"{row.access} = {buffer}"
