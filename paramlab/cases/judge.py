"""Comparing two answers: exactly, but for the last digits of floats and the wording of errors."""

from __future__ import annotations

import math
from typing import Any

RELATIVE = 1e-4  # float32 sums differ in the last digits with the order of adding
ABSOLUTE = 1e-6


def same(expected: Any, got: Any, *, messages: bool = False) -> bool:
    """Return whether two plain answers agree.

    Errors agree if their classes do; with ``messages``, what was said must begin with the first sentence
    of what was expected, too.
    """
    if isinstance(expected, dict) and "raises" in expected:
        return isinstance(got, dict) and _same_error(expected, got, messages)
    if isinstance(expected, bool) or isinstance(got, bool):
        return expected is got
    if isinstance(expected, float) and isinstance(got, int | float):
        both_nan = math.isnan(expected) and math.isnan(got)
        return both_nan or math.isclose(expected, got, rel_tol=RELATIVE, abs_tol=ABSOLUTE)
    if type(expected) is not type(got):
        return False
    if isinstance(expected, dict):
        return list(expected) == list(got) and all(
            same(value, got[key], messages=messages) for key, value in expected.items()
        )
    if isinstance(expected, list):
        return len(expected) == len(got) and all(
            same(a, b, messages=messages) for a, b in zip(expected, got, strict=True)
        )
    return bool(expected == got)


def _same_error(expected: dict[str, Any], got: dict[str, Any], messages: bool) -> bool:
    if expected["raises"] != got.get("raises"):
        return False
    return not messages or gist(expected["message"]).lower() in got.get("message", "").lower()


def gist(message: str) -> str:
    """Return the first sentence of a message: what must be said; how to mend it is each package's own."""
    return message.split("\n")[0].split(". ")[0].rstrip(". ")
