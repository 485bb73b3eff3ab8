"""Reductions: values, gradients, and what empty tensors and ties give."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from .case import attempt, case, floats
from .pointwise import through

Rng = np.random.Generator


def _over(name: str, **options: Any) -> dict[str, Callable[..., Any]]:
    """Return a reduction of everything, of one dimension, and with the dimension kept."""
    return {
        name: lambda x: getattr(x, name)(**options),
        f"{name}(0)": lambda x: getattr(x, name)(0, **options),
        f"{name}(-1, keepdim)": lambda x: getattr(x, name)(-1, keepdim=True, **options),
    }


@case
def sums_and_means(torch: Any, rng: Rng) -> Any:
    """``sum`` and ``mean`` of everything, of one dimension, of several, and the gradients."""
    functions = {**_over("sum"), **_over("mean"), "both": lambda x: x.sum((0, 1)), "axis": lambda x: x.mean(axis=1)}
    return through(torch, functions, floats(torch, rng, 2, 3))


@case
def products(torch: Any, rng: Rng) -> Any:
    """``prod`` and ``cumprod`` without a zero, with one and with two, and the gradients."""
    x = floats(torch, rng, 3, 4) + 3
    x[1, 1] = x[2, 0] = x[2, 2] = 0
    return through(torch, {**_over("prod"), "cumprod": lambda x: x.cumprod(1)}, x)


@case
def spreads(torch: Any, rng: Rng) -> Any:
    """``var`` and ``std``, with a correction of 1 and of 0, and the gradients; of equal numbers too."""
    functions = {**_over("var"), **_over("std"), "correction": lambda x: x.var(0, correction=0)}
    functions |= {"equal": lambda x: (x * 0).std(), "unbiased": lambda x: x.std(1, unbiased=False)}
    x = floats(torch, rng, 2, 3)
    return through(torch, functions, x), list(torch.var_mean(x, 0)), list(torch.std_mean(x))


@case
def extremes(torch: Any, rng: Rng) -> Any:
    """``max``, ``min``, ``amax``, ``amin`` and their gradients, shared or not among equal elements."""
    functions = {
        "max": lambda x: x.max(),
        "min": lambda x: x.min(),
        "max(1)": lambda x: x.max(1).values,
        "min(0)": lambda x: x.min(0, keepdim=True).values,
        "amax": lambda x: x.amax(1),
        "amin": lambda x: x.amin((0, 1)),
    }
    x = torch.tensor(rng.integers(0, 3, (2, 4))).float()
    low, high = x.aminmax(dim=1)
    return through(torch, functions, x), low, high, x.argmax(), x.argmin(1), x.max(1).indices


@case
def medians(torch: Any, rng: Rng) -> Any:
    """``median`` of an even and of an odd number of elements, over a dimension, and the gradients."""
    x = torch.tensor(rng.permutation(12).reshape(3, 4)).float()
    functions = {"all": lambda x: x.median(), "0": lambda x: x.median(0).values, "1": lambda x: x.median(1).values}
    return through(torch, functions, x), x.median(1).indices


@case
def norms(torch: Any, rng: Rng) -> Any:
    """``norm`` of order 1, 2, 3 and infinity, over all and over a dimension, and the gradients; of zeros too."""
    functions: dict[str, Callable[..., Any]] = {f"{p}": partial(torch.norm, p=p) for p in (1, 2, 3, float("inf"))}
    functions |= {
        "dim": lambda x: x.norm(dim=0),
        "fro": lambda x: x.norm("fro", (0, 1)),
        "zero": lambda x: (x * 0).norm(),
    }
    return through(torch, functions, floats(torch, rng, 2, 3))


@case
def running_sums_and_differences(torch: Any, rng: Rng) -> Any:
    """``cumsum`` and ``diff`` along either dimension, and the gradients; of integers and bools too."""
    functions = {
        "0": lambda x: x.cumsum(0),
        "1": lambda x: x.cumsum(-1),
        "diff": lambda x: x.diff(),
        "2": lambda x: x.diff(n=2),
    }
    n = torch.tensor(rng.integers(0, 9, 4))
    return (
        through(torch, functions, floats(torch, rng, 2, 3)),
        n.cumsum(0),
        n.int().cumsum(0),
        (n > 4).cumsum(0),
        n.diff(),
    )


@case
def without_what_is_no_number(torch: Any, rng: Rng) -> Any:
    """``nansum`` and ``nanmean``, and the gradients."""
    x = floats(torch, rng, 2, 2)
    x[0, 1] = float("nan")
    return through(torch, {**_over("nansum"), **_over("nanmean")}, torch.nan_to_num(x, 2.0)), x.nansum(0), x.nanmean()


@case
def truth_of_many(torch: Any, rng: Rng) -> Any:
    """``all``, ``any`` and ``count_nonzero``, of everything, of a dimension and of several."""
    x = torch.tensor(rng.integers(0, 2, (2, 3)))
    found = [x.all(), x.any(0), x.all(1, keepdim=True), x.any((0, 1)), x.byte().any()]
    return found, x.count_nonzero(), torch.count_nonzero(x, 1)


@case
def the_dtype_of_a_sum(torch: Any, rng: Rng) -> Any:
    """``sum``, ``prod`` and ``cumsum`` of bools, bytes, ints, halves, with and without ``dtype``; ``mean`` of ints."""
    kinds = (torch.bool, torch.uint8, torch.int32, torch.float16)
    found = [
        [x.sum(), x.prod(), x.cumsum(0), x.sum(dtype=torch.float64)] for x in (torch.ones(2, dtype=k) for k in kinds)
    ]
    return found, attempt(lambda: torch.ones(2, dtype=torch.int64).mean())["raises"]


@case
def nothing_to_reduce(torch: Any, rng: Rng) -> Any:
    """``sum``, ``prod``, ``all``, ``max``, ``amax`` and ``argmax`` of empty tensors."""
    empty, flat = torch.ones(0), torch.ones(0, 2)
    found = [empty.sum(), empty.prod(), empty.all(), empty.any(), flat.sum(0), flat.max(1).values, empty.norm()]
    calls = (lambda: empty.max(), lambda: flat.max(0), lambda: empty.argmax(), lambda: empty.amax())
    return found, [attempt(call)["raises"] for call in calls]
