"""New tensors of numbers in a row: ``arange``, ``linspace``, ``logspace``."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..dtypes import dtype as DType
from ..dtypes import int64
from ..ops.complaints import explained, is_number, type_name
from ..tensor import Tensor
from . import as_dtype, made

_NOT_GIVEN: Any = object()  # None is refused


def arange(
    start: Any = _NOT_GIVEN,
    end: Any = _NOT_GIVEN,
    step: Any = _NOT_GIVEN,
    *,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return ``start, start + step, …`` up to ``end``, which is left out; ``int64`` for whole numbers.

    ``RuntimeError`` for a step of 0, or one that leads away from ``end``.
    """
    given = [n for n in (start, end, step) if n is not _NOT_GIVEN]
    if end is _NOT_GIVEN and step is _NOT_GIVEN:
        start, end = _NOT_GIVEN, start
    start, end, step = (
        default if n is _NOT_GIVEN else _plain(n) for n, default in ((start, 0), (end, _NOT_GIVEN), (step, 1))
    )
    whole = all(isinstance(n, int) for n in (start, end, step))
    if not (whole or all(isinstance(n, int | float) for n in (start, end, step))):
        got = ", ".join(map(type_name, given))
        raise TypeError(
            f"arange() received an invalid combination of arguments - got ({got}), but expected one of: (end), "
            "(start, end) or (start, end, step), all numbers"
        )
    if step == 0:
        raise RuntimeError("step must be nonzero")
    if not (math.isfinite(start) and math.isfinite(end)):
        raise RuntimeError(f"unsupported range: {start} -> {end}")
    if (end - start) * step < 0:
        raise RuntimeError("upper bound and lower bound inconsistent with step sign")
    kind = int64 if dtype is None and whole else as_dtype("arange", dtype)
    if whole:
        return made(np.arange(start, end, step).astype(kind.numpy, copy=False), device, requires_grad)
    # the number of steps is told first: added up one by one, they would end a little off
    places = np.arange(math.ceil((end - start) / step))
    return made((start + places * step).astype(kind.numpy), device, requires_grad)


@explained
def linspace(
    start: Any,
    end: Any,
    steps: int,
    *,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return ``steps`` values from ``start`` to ``end``, both included, evenly apart."""
    values = _evenly("linspace", start, end, steps)
    return made(values.astype(as_dtype("linspace", dtype).numpy), device, requires_grad)


@explained
def logspace(
    start: Any,
    end: Any,
    steps: int,
    base: float = 10.0,
    *,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return ``steps`` values from ``base ** start`` to ``base ** end``, both included, by one factor."""
    values = base ** _evenly("logspace", start, end, steps)
    return made(values.astype(as_dtype("logspace", dtype).numpy), device, requires_grad)


def _plain(number: Any) -> Any:
    return number.item() if isinstance(number, Tensor | np.generic) and is_number(number) else number


def _evenly(name: str, start: Any, end: Any, steps: int) -> Any:
    if not hasattr(steps, "__index__"):
        raise TypeError(f"{name}(): argument 'steps' must be int, not {type(steps).__name__}")
    for end_name, value in (("start", start), ("end", end)):
        if isinstance(value, Tensor) and value.ndim:
            raise RuntimeError(
                f"{name} only supports 0-dimensional start and end tensors, but got {end_name} with {value.ndim} "
                "dimension(s)."
            )
    if not (is_number(start) and is_number(end)):
        raise TypeError(
            f"{name}() received an invalid combination of arguments - got ({type_name(start)}, {type_name(end)}, int), "
            "but expected one of: (start, end, steps), numbers or tensors without dimensions"
        )
    if steps < 0:
        raise RuntimeError("number of steps must be non-negative")
    low, high = (n.item() if isinstance(n, Tensor) else n for n in (start, end))
    with np.errstate(all="ignore"):  # from or to infinity
        return np.linspace(low, high, steps)
