"""Which tensors a figure shows: those that were asked for, or as many as one can read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from fnmatch import fnmatchcase


def chosen(names: str | Iterable[str] | None, known: Sequence[str], most: int) -> list[str]:
    """Return the known names that were asked for, in the model's order; None for up to ``most`` of all.

    A name may be a pattern, such as ``layers.*.weight``. Of too many the first, the last and some between are taken.

    Raises
    ------
    KeyError
        If a name, or a pattern, fits none.
    """
    if names is None:
        if len(known) <= most:
            return list(known)
        return [known[round(at * (len(known) - 1) / (most - 1))] for at in range(most)]
    patterns = [names] if isinstance(names, str) else list(names)
    for pattern in patterns:
        if pattern not in known and not any(fnmatchcase(name, pattern) for name in known):
            near = get_close_matches(pattern, known, n=3) or list(known[:5])
            raise KeyError(f"no tensor named {pattern!r} here. Did you mean {' or '.join(map(repr, near))}?")
    return [name for name in known if any(name == pattern or fnmatchcase(name, pattern) for pattern in patterns)]
