"""Printing tensors as PyTorch prints them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .autograd import Array
from .dtypes import CPU, bool_, get_default_dtype, int64
from .tensor import Tensor


@dataclass
class Options:
    """How tensors are printed."""

    precision: int = 4
    threshold: float = 1000  # a tensor with more elements is shortened
    edgeitems: int = 3  # how many are shown at either end of a shortened dimension
    linewidth: int = 80
    sci_mode: bool | None = None  # None: where the numbers ask for it


OPTIONS = Options()
PROFILES = {"default": Options(), "short": Options(precision=2, edgeitems=2), "full": Options(threshold=math.inf)}


def set_printoptions(
    precision: int | None = None,
    threshold: float | None = None,
    edgeitems: int | None = None,
    linewidth: int | None = None,
    profile: str | None = None,
    sci_mode: bool | None = None,
) -> None:
    """Choose how tensors are printed; what is not given stays, but for ``sci_mode``.

    ``precision`` digits after the point; more than ``threshold`` elements are shortened to ``edgeitems`` at either
    end; lines of ``linewidth`` characters; scientific notation always, never, or where the numbers ask for it
    (``sci_mode`` True, False, None). ``profile`` is "default", "short" or "full": a start for the others.
    """
    given = {"precision": precision, "threshold": threshold, "edgeitems": edgeitems, "linewidth": linewidth}
    chosen = {name: value for name, value in given.items() if value is not None}
    start = vars(PROFILES[profile]) if profile in PROFILES else {}
    vars(OPTIONS).update({**start, **chosen, "sci_mode": sci_mode})


def tensor_text(tensor: Tensor) -> str:
    """Return ``tensor([...], dtype=…, requires_grad=True)``; what is the default is left out."""
    prefix = "tensor("
    array = tensor._array
    facts = _facts(tensor)
    if array.size and not OPTIONS.edgeitems:
        facts.insert(0, f"size={tuple(array.shape)}")
    if tensor.is_meta:
        body = "..."
        facts.insert(1, f"size={tuple(array.shape)}")
    elif array.size == 0:
        body = "[]"
        if array.ndim != 1:
            facts.insert(0, f"size={tuple(array.shape)}")
    else:
        body = _rows(array, len(prefix), array.size > OPTIONS.threshold, Formatter(_shortened(array)))
    return _join(prefix + body, facts, len(prefix)) + ")"


def _facts(tensor: Tensor) -> list[str]:
    facts = []
    if tensor.device != CPU:
        facts.append(f"device='{tensor.device}'")
    told_by_values = tensor.dtype in (get_default_dtype(), int64, bool_)
    has_no_values = tensor.numel() == 0 or tensor.is_meta
    if not told_by_values or (has_no_values and tensor.dtype is not get_default_dtype()):
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
        if width + len(fact) + 2 > OPTIONS.linewidth:
            text += ",\n" + " " * indent + fact
            width = indent + len(fact)
        else:
            text += ", " + fact
            width += len(fact) + 2
    return text


def _shortened(array: Array) -> Array:
    """Return the elements that are printed."""
    if array.size <= OPTIONS.threshold:
        return array
    edge = OPTIONS.edgeitems
    for axis, length in enumerate(array.shape):
        if length > 2 * edge:
            array = np.take(array, [*range(edge), *range(length - edge, length)], axis)
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
    wide = high > 1000 * low or high > 1e8 or low < 1e-4
    if wide if OPTIONS.sci_mode is None else OPTIONS.sci_mode:
        return lambda value: f"{value:.{OPTIONS.precision}e}"
    if whole:
        return lambda value: f"{value:.0f}." if math.isfinite(value) else f"{value:.0f}"
    return lambda value: f"{value:.{OPTIONS.precision}f}"


def _rows(array: Array, indent: int, shorten: bool, one: Formatter) -> str:
    if array.ndim == 0:
        return one(array.item())
    if array.ndim == 1:
        return _line(array, indent, shorten, one)
    rows: list[str] = [_rows(row, indent + 1, shorten, one) for row in _ends(array, shorten)]
    if shorten and len(array) > 2 * OPTIONS.edgeitems:
        rows.insert(OPTIONS.edgeitems, "...")
    gap = "," + "\n" * (array.ndim - 1) + " " * (indent + 1)
    return "[" + gap.join(rows) + "]"


def _line(array: Array, indent: int, shorten: bool, one: Formatter) -> str:
    items = [one(value) for value in _ends(array, shorten).tolist()]
    fits = max(1, (OPTIONS.linewidth - indent) // (one.width + 2))
    if shorten and len(array) > 2 * OPTIONS.edgeitems:
        items.insert(OPTIONS.edgeitems, " ..." if items else "...")
    lines = [", ".join(items[start : start + fits]) for start in range(0, len(items), fits)]
    return "[" + (",\n" + " " * (indent + 1)).join(lines) + "]"


def _ends(array: Array, shorten: bool) -> Array:
    edge = OPTIONS.edgeitems
    return np.concatenate([array[:edge], array[len(array) - edge :]]) if shorten and len(array) > 2 * edge else array
