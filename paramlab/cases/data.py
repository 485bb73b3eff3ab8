"""Data sets put together and dealt out, samplers, batches: what of them does not depend on the random numbers."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from .case import attempt, case, floats

Rng = np.random.Generator


def _lists(batches: Any) -> list[Any]:
    return [batch.tolist() for batch in batches]


@case
def tensors_are_a_data_set(torch: Any, rng: Rng) -> Any:
    """``TensorDataset(x, y)``: its length, an example, a slice of examples; and tensors of two lengths."""
    data = torch.utils.data.TensorDataset(floats(torch, rng, 4, 2), torch.arange(4))
    refused = attempt(lambda: torch.utils.data.TensorDataset(torch.ones(2), torch.ones(3)))
    return len(data), data[1], data[1:3], refused


@case
def data_sets_are_put_together(torch: Any, rng: Rng) -> Any:
    """``a + b``, ``ConcatDataset`` from both ends, ``Subset``; an index that is too far back."""
    data = torch.utils.data
    a, b = [int(n) for n in rng.integers(0, 9, 3)], [int(n) for n in rng.integers(0, 9, 2)]
    both = data.ConcatDataset([a, b])
    return [both[i] for i in (0, 2, 3, 4, -1, -5)], len(both), data.Subset(b, [1, 0])[0], attempt(lambda: both[-6])


@case
def a_random_split_deals_out_everything(torch: Any, rng: Rng) -> Any:
    """``random_split`` by lengths and by fractions: the lengths, and whether each example comes once."""
    found = []
    for lengths in ([3, 7], [0.3, 0.3, 0.4], [0.55, 0.45], [1 / 3] * 3):
        parts = torch.utils.data.random_split(range(10), lengths)
        found.append(([len(part) for part in parts], sorted(i for part in parts for i in part)))
    wrong = [attempt(partial(torch.utils.data.random_split, range(10), lengths)) for lengths in ([4, 4], [-0.5, 1.5])]
    return found, wrong


@case
def samplers_give_every_index_once(torch: Any, rng: Rng) -> Any:
    """``SequentialSampler``, ``RandomSampler``, ``SubsetRandomSampler``, each sorted; ``RandomSampler`` of more."""
    data = torch.utils.data
    more = list(data.RandomSampler(range(3), num_samples=7))
    shuffled = [data.RandomSampler(range(4)), data.SubsetRandomSampler([5, 2, 9])]
    return list(data.SequentialSampler("abc")), [sorted(s) for s in shuffled], sorted(more[:3]), len(more)


@case
def weights_decide_what_is_drawn(torch: Any, rng: Rng) -> Any:
    """``WeightedRandomSampler``: what has no weight is not drawn; without replacement none twice."""
    sampler = torch.utils.data.WeightedRandomSampler
    return sorted(set(sampler([0.0, 1.0, 3.0], 200))), sorted(sampler([1.0, 2.0, 3.0], 3, replacement=False))


@case
def indices_in_batches(torch: Any, rng: Rng) -> Any:
    """``BatchSampler(range(7), 3, drop_last)``: the batches and their number; a batch size of 0."""
    batches = torch.utils.data.BatchSampler
    found = [(list(sampler), len(sampler)) for sampler in (batches(range(7), 3, False), batches(range(7), 3, True))]
    return found, attempt(lambda: batches(range(7), 0, False))


@case
def the_loader_makes_batches(torch: Any, rng: Rng) -> Any:
    """``DataLoader`` over tensors: the batches, with ``drop_last``, with a sampler, one by one."""
    x, y = floats(torch, rng, 5, 2), torch.arange(5)
    data, loader = torch.utils.data.TensorDataset(x, y), torch.utils.data.DataLoader
    found = [
        list(loader(data, batch_size=2)),
        list(loader(data, 2, drop_last=True)),
        list(loader(data, batch_size=None)),
    ]
    return found, list(loader(data, 2, sampler=[4, 0, 2])), list(loader(data, batch_sampler=[[3], [1, 1]]))


@case
def a_shuffled_pass_has_every_example_once(torch: Any, rng: Rng) -> Any:
    """``DataLoader(…, shuffle=True, generator=g)``: sorted; the same seed again; two passes of one loader."""

    def loader() -> Any:
        generator = torch.Generator().manual_seed(int(rng.integers(2**31)))
        return torch.utils.data.DataLoader(range(50), 50, shuffle=True, generator=generator)

    state = rng.bit_generator.state
    one = loader()
    rng.bit_generator.state = state
    first, again, second = _lists(one)[0], _lists(loader())[0], _lists(one)[0]
    return sorted(first), first == again, first == second


@case
def options_that_exclude_each_other(torch: Any, rng: Rng) -> Any:
    """``DataLoader`` with options that make no sense, or not together: the errors."""
    wrong: list[dict[str, Any]] = [
        {"batch_size": 0},
        {"shuffle": True, "sampler": [0]},
        {"batch_sampler": [[0]], "batch_size": 2},
        {"batch_size": None, "drop_last": True},
        {"num_workers": -1},
    ]
    return [attempt(partial(torch.utils.data.DataLoader, range(3), **options)) for options in wrong]


@case
def examples_become_a_batch(torch: Any, rng: Rng) -> Any:
    """``default_collate`` of numbers, texts, arrays, tuples and dicts; of two lengths; of None."""
    collate = torch.utils.data.default_collate
    alike: list[Any] = [[1, 2], [1.5, 2.5], [True, False], ["a", "b"], [np.ones(2), np.zeros(2)], [np.float32(1)]]
    nested = [(floats(torch, rng, 2), {"label": number}) for number in range(2)]
    wrong = [attempt(partial(collate, batch)) for batch in ([[1, 2], [3]], [None])]
    return [collate(batch) for batch in alike], collate(nested), wrong
