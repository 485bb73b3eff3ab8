"""Which dtype a result has."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from .case import attempt, case

Rng = np.random.Generator
KINDS = ("bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64")


@case
def the_table(torch: Any, rng: Rng) -> Any:
    """``promote_types`` and ``can_cast`` of every pair of dtypes."""
    kinds = [getattr(torch, kind) for kind in KINDS]
    return [[(torch.promote_types(a, b), torch.can_cast(a, b)) for b in kinds] for a in kinds]


@case
def dimensions_decide(torch: Any, rng: Rng) -> Any:
    """``result_type`` of a tensor with dimensions, beside one without and beside numbers."""
    others = [True, 2, 1.5, *(torch.tensor(1).to(getattr(torch, kind)) for kind in KINDS)]
    rows = [torch.ones(2, dtype=getattr(torch, kind)) for kind in KINDS]
    return [[torch.result_type(row, other) for other in others] for row in rows]


@case
def kinds_of_operation(torch: Any, rng: Rng) -> Any:
    """The dtype of ``+``, ``/``, ``//``, ``**``, ``<`` and ``exp`` of each dtype and 2."""
    found = []
    for kind in KINDS[1:]:
        x = torch.ones(2, dtype=getattr(torch, kind))
        found.append([(x + 2).dtype, (x / 2).dtype, (x // 2).dtype, (x**2).dtype, (x < 2).dtype, x.exp().dtype])
    return found


@case
def whole_numbers_wrap_around(torch: Any, rng: Rng) -> Any:
    """Bytes and ints past their limits: ``+``, ``-``, ``*``, ``-x``, and numbers that are too large to be written."""
    x = torch.tensor([200, 100], dtype=torch.uint8)
    y = torch.tensor([100, -100], dtype=torch.int8)
    wrapped = [x + 100, x - 150, x * 2, -x, y + y, y * 3, torch.tensor([2**62]) * int(rng.integers(2, 9))]
    return (
        wrapped,
        attempt(lambda: x.fill_(300))["raises"],
        attempt(lambda: torch.full((1,), 300, dtype=torch.int8))["raises"],
    )


@case
def bools_are_no_numbers(torch: Any, rng: Rng) -> Any:
    """``+``, ``*``, ``-``, ``-x``, ``/`` and ``sum`` of bools."""
    x = torch.tensor(rng.integers(0, 2, 3)).bool()
    refused = [attempt(call)["raises"] for call in (lambda: x - x, lambda: -x, lambda: 1 - x)]
    return [x + x, x * x, x / x.logical_or(~x), x.sum(), x + 1, x * 0.5], refused


@case
def in_place_the_dtype_stays(torch: Any, rng: Rng) -> Any:
    """``add_`` of other dtypes to each dtype: which are written, and which refused."""
    found = []
    for kind in KINDS:
        for other in (True, 2, 1.5, torch.ones(2).double()):
            x = torch.ones(2, dtype=getattr(torch, kind))
            found.append(attempt(partial(x.add_, other)))
    return found
