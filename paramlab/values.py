"""Which numbers an element type can hold."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .dtypes import dtype


def fitting(value: Any, kind: dtype) -> Any:
    """Return a number that can be written as ``kind``; ``RuntimeError`` for one that is too large.

    A negative whole number counts from the end of the unsigned ones; a negative fraction is refused there.
    """
    if kind.numpy.kind == "b" or (isinstance(value, float) and not math.isfinite(value)):
        return value
    largest = float(np.finfo(kind.numpy).max) if kind.is_floating_point else np.iinfo(kind.numpy).max
    lowest = -largest - 1 if kind.numpy.kind != "u" else 0 if isinstance(value, float) else -largest
    if not lowest <= value <= largest:
        name = {"int32": "int", "float16": "c10::Half", "float32": "float"}.get(kind.name, f"{kind.name}_t")
        raise RuntimeError(f"value cannot be converted to type {name} without overflow: {value}")
    return value
