"""Order and counts: sort, topk, kthvalue, unique, bincount."""

from __future__ import annotations

from typing import Any

import numpy as np

from .case import attempt, case
from .pointwise import through

Rng = np.random.Generator


def _shuffled(torch: Any, rng: Rng, *shape: int) -> Any:
    """Return different numbers in random order."""
    return torch.tensor(rng.permutation(int(np.prod(shape))).reshape(shape)).float()


@case
def sorted_either_way(torch: Any, rng: Rng) -> Any:
    """``sort`` along either dimension, up and down, ``argsort`` and ``msort``, and the gradient."""
    x = _shuffled(torch, rng, 2, 4)
    functions = {"up": lambda x: x.sort().values, "down": lambda x: x.sort(0, descending=True).values}
    return through(torch, functions, x), x.sort().indices, x.argsort(0), x.argsort(descending=True), x.msort()


@case
def equal_elements_keep_their_order(torch: Any, rng: Rng) -> Any:
    """The indices of a stable ``sort`` of many equal elements, up and down."""
    x = torch.tensor(rng.integers(0, 3, 12))
    return [x.sort(stable=True, descending=down).indices for down in (False, True)]


@case
def the_first_few(torch: Any, rng: Rng) -> Any:
    """``topk``, the largest and the smallest, ``kthvalue``, and the gradients; too many are refused."""
    x = _shuffled(torch, rng, 3, 4)
    functions = {"largest": lambda x: x.topk(2).values, "smallest": lambda x: x.topk(1, 0, largest=False).values}
    functions["kth"] = lambda x: x.kthvalue(2).values
    found = [x.topk(2).indices, x.kthvalue(3, 0).indices]
    return (
        through(torch, functions, x),
        found,
        [attempt(lambda: x.topk(5))["raises"], attempt(lambda: x.kthvalue(0))["raises"]],
    )


@case
def nan_counts_as_the_largest(torch: Any, rng: Rng) -> Any:
    """The indices of ``sort``, ``topk``, ``max`` and ``argmin`` where one element is nan."""
    x = torch.tensor([1.0, float("nan"), float(rng.normal())])
    return x.sort().indices, x.topk(1).indices, x.max(0).indices, x.argmin()


@case
def different_elements(torch: Any, rng: Rng) -> Any:
    """``unique`` with its inverse and its counts, of elements and of rows."""
    x = torch.tensor(rng.integers(0, 3, (4, 2)))
    return list(torch.unique(x, return_inverse=True, return_counts=True)), list(x.unique(dim=0, return_counts=True))


@case
def how_many_of_each(torch: Any, rng: Rng) -> Any:
    """``bincount`` with weights and a length, ``histc``, ``searchsorted`` and ``bucketize``."""
    n = torch.tensor(rng.integers(0, 5, 8))
    bounds = torch.tensor([1, 2, 4])
    counts = [n.bincount(minlength=7), n.bincount(torch.ones(8) * 0.5), torch.histc(n.float(), 4, 0, 4)]
    return counts, torch.searchsorted(bounds, n), torch.bucketize(n, bounds, right=True)


@case
def quantiles_and_the_commonest(torch: Any, rng: Rng) -> Any:
    """``quantile`` of all and along a dimension, with its gradient, ``mode``, and ``isin``."""
    x, n = _shuffled(torch, rng, 2, 5), torch.tensor(rng.integers(0, 4, (3, 5)))
    functions = {
        "all": lambda x: x.quantile(0.3),
        "rows": lambda x: torch.quantile(x, torch.tensor([0.1, 0.75]), dim=1, keepdim=True),
    }
    return through(torch, functions, x), list(n.mode()), torch.isin(n, torch.tensor([1, 3]))
