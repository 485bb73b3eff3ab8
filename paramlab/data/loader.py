"""DataLoader: batches of a data set, shuffled on request."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ..creation import as_tensor, tensor
from ..dtypes import float64
from ..ops import stack
from ..random import Generator, randperm
from ..tensor import Tensor
from .dataset import TensorDataset


class DataLoader:
    """Iterates over a data set in batches.

    ``shuffle`` draws a new order for each pass, from ``generator`` or the common one. ``drop_last`` leaves
    out a last batch that is too short. ``collate_fn`` makes a batch of a list of examples. ``ValueError``
    unless ``batch_size`` is positive.
    """

    def __init__(
        self,
        dataset: Any,
        batch_size: int = 1,
        shuffle: bool = False,
        *,
        collate_fn: Callable[[list[Any]], Any] | None = None,
        drop_last: bool = False,
        generator: Generator | None = None,
    ) -> None:
        if not isinstance(batch_size, int) or isinstance(batch_size, bool) or batch_size <= 0:
            raise ValueError(f"batch_size should be a positive integer value, but got batch_size={batch_size}")
        self.dataset = dataset
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.collate_fn = collate_fn or default_collate
        self.drop_last = drop_last
        self.generator = generator

    def __len__(self) -> int:
        whole, rest = divmod(len(self.dataset), self.batch_size)
        return whole if self.drop_last or rest == 0 else whole + 1

    def __iter__(self) -> Iterator[Any]:
        count = len(self.dataset)
        order = randperm(count, generator=self.generator)._array if self.shuffle else np.arange(count)
        for number in range(len(self)):
            yield self._batch(order[number * self.batch_size : (number + 1) * self.batch_size])

    def _batch(self, indices: Any) -> Any:
        if type(self.dataset) is TensorDataset and self.collate_fn is default_collate:
            return [tensor[indices] for tensor in self.dataset.tensors]  # one gather instead of a stack of rows
        return self.collate_fn([self.dataset[int(i)] for i in indices])


def default_collate(batch: Sequence[Any]) -> Any:
    """Stack examples into a batch: tensors and numbers become tensors, tuples and dicts are done by part."""
    first = batch[0]
    if isinstance(first, Tensor):
        return stack(batch)
    if isinstance(first, np.ndarray):
        return stack([as_tensor(array) for array in batch])
    if isinstance(first, float):
        return tensor(list(batch), dtype=float64)
    if isinstance(first, int):
        return tensor(list(batch))
    if isinstance(first, str | bytes):
        return list(batch)
    if isinstance(first, Mapping):
        return {key: default_collate([example[key] for example in batch]) for key in first}
    if isinstance(first, Sequence):
        return [default_collate(part) for part in zip(*batch, strict=True)]
    raise TypeError(
        "default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found "
        f"{type(first)}. Give the DataLoader a collate_fn of your own."
    )
