"""Data sets: examples by index or one after the other, put together, taken apart."""

from __future__ import annotations

import math
import warnings
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, pairwise
from typing import Any

from ..random import Generator, randperm
from ..tensor import Tensor


class Dataset:
    """The base of every data set: a subclass writes ``__getitem__`` and ``__len__``.

    ``__getitems__(indices)``, if it is there, returns the list of examples of a batch at once.
    """

    def __class_getitem__(cls, kind: Any) -> Any:
        return cls  # Dataset[tuple[Tensor, Tensor]] in an annotation or as a base

    def __getitem__(self, index: Any) -> Any:
        raise NotImplementedError("Subclasses of Dataset should implement __getitem__.")

    def __add__(self, other: Any) -> Any:
        return ConcatDataset([self, other])


class IterableDataset(Dataset, Iterable[Any]):
    """Examples one after the other, such as the lines of a stream; ``TypeError`` if a class has no ``__iter__``."""

    def __add__(self, other: Any) -> Any:
        return ChainDataset([self, other])


class TensorDataset(Dataset):
    """Examples cut from tensors along their first dimension; ``AssertionError`` if the lengths differ."""

    tensors: tuple[Tensor, ...]

    def __init__(self, *tensors: Tensor) -> None:
        if any(t.size(0) != tensors[0].size(0) for t in tensors):
            raise AssertionError("Size mismatch between tensors")
        self.tensors = tensors

    def __getitem__(self, index: Any) -> tuple[Tensor, ...]:
        return tuple(t[index] for t in self.tensors)

    def __len__(self) -> int:
        return len(self.tensors[0])


class Subset(Dataset):
    """The examples of another data set at the given indices.

    ``NotImplementedError`` for a subclass with a ``__getitem__`` and no ``__getitems__`` of its own: batches
    would go around the former.
    """

    def __init__(self, dataset: Any, indices: Sequence[int]) -> None:
        own = type(self)
        if own.__getitem__ is not Subset.__getitem__ and own.__getitems__ is Subset.__getitems__:
            raise NotImplementedError(
                f"{own.__name__} overrides __getitem__ but not __getitems__. Batches are read by the latter: add "
                "def __getitems__(self, indices): return [self[i] for i in indices]"
            )
        self.dataset = dataset
        self.indices = indices

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, list):
            return self.dataset[[self.indices[i] for i in index]]
        return self.dataset[self.indices[index]]

    def __getitems__(self, indices: Sequence[int]) -> list[Any]:
        """Return the examples at several places of the subset."""
        return examples(self.dataset, [self.indices[i] for i in indices])

    def __len__(self) -> int:
        return len(self.indices)


class ConcatDataset(Dataset):
    """Several data sets, one behind the other; ``AssertionError`` for none, or for one without indices."""

    def __init__(self, datasets: Iterable[Any]) -> None:
        self.datasets = list(datasets)
        if not self.datasets:
            raise AssertionError("datasets should not be an empty iterable")
        if any(isinstance(dataset, IterableDataset) for dataset in self.datasets):
            raise AssertionError("ConcatDataset does not support IterableDataset")
        self.cumulative_sizes = list(accumulate(map(len, self.datasets)))

    def __getitem__(self, index: int) -> Any:
        if index < 0:
            if -index > len(self):
                raise ValueError("absolute value of index should not exceed dataset length")
            index += len(self)
        which = bisect_right(self.cumulative_sizes, index)
        before = self.cumulative_sizes[which - 1] if which else 0
        return self.datasets[which][index - before]

    def __len__(self) -> int:
        return self.cumulative_sizes[-1]


class ChainDataset(IterableDataset):
    """Several iterable data sets, one behind the other; ``AssertionError`` for one of another kind."""

    def __init__(self, datasets: Iterable[Any]) -> None:
        self.datasets = datasets

    def _checked(self) -> Iterator[Any]:
        for dataset in self.datasets:
            if not isinstance(dataset, IterableDataset):
                raise AssertionError("ChainDataset only supports IterableDataset")
            yield dataset

    def __iter__(self) -> Iterator[Any]:
        for dataset in self._checked():
            yield from dataset

    def __len__(self) -> int:
        return sum(len(dataset) for dataset in self._checked())


def get_worker_info() -> None:
    """Return None, as PyTorch does in the main process: here everything is loaded in it."""


def random_split(dataset: Any, lengths: Sequence[int | float], generator: Generator | None = None) -> list[Subset]:
    """Deal the examples out at random to subsets of the given lengths, each to one of them.

    Fractions that add up to 1 are rounded down, and what is left over goes to the subsets in turn, one
    example each. ``ValueError`` for a fraction outside of 0 to 1, and for lengths that don't add up.
    """
    total = sum(lengths)
    counts = _counts(len(dataset), lengths) if math.isclose(total, 1) and total <= 1 else list(lengths)
    if sum(counts) != len(dataset):
        raise ValueError(
            f"Sum of input lengths does not equal the length of the input dataset! The lengths {list(lengths)} add up "
            f"to {sum(counts)}, and there are {len(dataset)} examples."
        )
    order = randperm(len(dataset), generator=generator).tolist()
    ends = accumulate([int(count) for count in counts], initial=0)
    return [Subset(dataset, order[begin:end]) for begin, end in pairwise(ends)]


def _counts(length: int, fractions: Sequence[float]) -> list[int]:
    for place, fraction in enumerate(fractions):
        if not 0 <= fraction <= 1:
            raise ValueError(f"Fraction at index {place} is not between 0 and 1")
    counts = [math.floor(length * fraction) for fraction in fractions]
    for left_over in range(length - sum(counts)):
        counts[left_over % len(counts)] += 1
    for place, count in enumerate(counts):
        if count == 0:
            message = f"Length of split at index {place} is 0. This might result in an empty dataset."
            warnings.warn(message, UserWarning, stacklevel=3)
    return counts


def examples(dataset: Any, indices: Sequence[Any]) -> list[Any]:
    """Return several examples, all at once where the data set can do that."""
    at_once = getattr(dataset, "__getitems__", None)
    found: list[Any] = at_once(indices) if at_once else [dataset[index] for index in indices]
    return found
