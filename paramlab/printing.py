"""Printing tensors as PyTorch prints them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .autograd import Array
from .dtypes import CPU, bool_, get_default_dtype, int64
from .tensor import Tensor

PRECISION = 4
THRESHOLD = 1000  # a tensor with more elements is shortened
EDGE = 3  # how many are shown at either end of a shortened dimension
LINE_WIDTH = 80


def tensor_text(tensor: Tensor) -> str:
    """Return ``tensor([...], dtype=…, requires_grad=True)``; what is the default is left out."""
    prefix = "tensor("
    array = tensor._array
    facts = _facts(tensor)
    if array.size == 0:
        body = "[]"
        if array.ndim != 1:
            facts.insert(0, f"size={tuple(array.shape)}")
    else:
        body = _rows(array, len(prefix), array.size > THRESHOLD, Formatter(_shortened(array)))
    return _join(prefix + body, facts, len(prefix)) + ")"


def _facts(tensor: Tensor) -> list[str]:
    facts = []
    if tensor.device != CPU:
        facts.append(f"device='{tensor.device}'")
    told_by_values = tensor.dtype in (get_default_dtype(), int64, bool_)
    if not told_by_values or (tensor.numel() == 0 and tensor.dtype is not get_default_dtype()):
        facts.append(f"dtype={tensor.dtype}")
    if tensor.grad_fn is not None:
        facts.append(f"grad_fn=<{tensor.grad_fn.name().rpartition('::')[2]}>")
    elif tensor.requires_grad:
        facts.append("requires_grad=True")
    return facts


def _join(text: str, facts: list[str], indent: int) -> str:
    """Append the facts, each on the last line if it fits there."""
    width = len(text) - text.rfind("\n") + 1
    for fact in facts:
        if width + len(fact) + 2 > LINE_WIDTH:
            text += ",\n" + " " * indent + fact
            width = indent + len(fact)
        else:
            text += ", " + fact
            width += len(fact) + 2
    return text


def _shortened(array: Array) -> Array:
    """Return the elements that are printed."""
    if array.size <= THRESHOLD:
        return array
    for axis, length in enumerate(array.shape):
        if length > 2 * EDGE:
            array = np.take(array, [*range(EDGE), *range(length - EDGE, length)], axis)
    return array


class Formatter:
    """How one element is printed: all in the same notation, and as wide as the widest that counts."""

    def __init__(self, array: Array) -> None:
        self.one: Callable[[Any], str] = str
        counted = array
        if array.dtype.kind == "f":
            counted = array[np.isfinite(array) & (array != 0)]  # zeros and infinities set no width
            self.one = _float_style(counted)
        self.width = max([1, *(len(self.one(value)) for value in counted.ravel().tolist())])

    def __call__(self, value: Any) -> str:
        """Return the element as it is printed."""
        return self.one(value).rjust(self.width)


def _float_style(values: Array) -> Callable[[float], str]:
    finite = np.abs(values.astype(np.float64))
    if finite.size == 0:
        return lambda value: f"{value:.0f}." if math.isfinite(value) else f"{value:.0f}"
    low, high = float(finite.min()), float(finite.max())
    whole = bool((finite == np.ceil(finite)).all())
    if high > 1000 * low or high > 1e8 or (not whole and low < 1e-4):
        return lambda value: f"{value:.{PRECISION}e}"
    if whole:
        return lambda value: f"{value:.0f}." if math.isfinite(value) else f"{value:.0f}"
    return lambda value: f"{value:.{PRECISION}f}"


def _rows(array: Array, indent: int, shorten: bool, one: Formatter) -> str:
    if array.ndim == 0:
        return one(array.item())
    if array.ndim == 1:
        return _line(array, indent, shorten, one)
    rows: list[str] = [_rows(row, indent + 1, shorten, one) for row in _ends(array, shorten)]
    if shorten and len(array) > 2 * EDGE:
        rows.insert(EDGE, "...")
    gap = "," + "\n" * (array.ndim - 1) + " " * (indent + 1)
    return "[" + gap.join(rows) + "]"


def _line(array: Array, indent: int, shorten: bool, one: Formatter) -> str:
    items = [one(value) for value in _ends(array, shorten).tolist()]
    fits = max(1, (LINE_WIDTH - indent) // (one.width + 2))
    if shorten and len(array) > 2 * EDGE:
        items.insert(EDGE, " ...")
    lines = [", ".join(items[start : start + fits]) for start in range(0, len(items), fits)]
    return "[" + (",\n" + " " * (indent + 1)).join(lines) + "]"


def _ends(array: Array, shorten: bool) -> Array:
    return np.concatenate([array[:EDGE], array[-EDGE:]]) if shorten and len(array) > 2 * EDGE else array
