"""DataLoader: batches of a data set, shuffled on request."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from ..random import Generator
from .collate import Collate, default_collate, default_convert
from .dataset import IterableDataset, TensorDataset, examples
from .sampler import BatchSampler, RandomSampler, SequentialSampler

_FIXED = ("batch_size", "batch_sampler", "sampler", "drop_last", "dataset", "persistent_workers")


class DataLoader:
    """Iterates over a data set in batches.

    ``shuffle`` draws a new order for each pass, from ``generator`` or the common one; ``sampler`` gives the
    order instead, ``batch_sampler`` the indices of each batch. ``drop_last`` leaves out a last batch that is
    too short. ``collate_fn`` makes a batch of a list of examples. With ``batch_size=None`` there are no
    batches: the examples come one by one. The same seed gives the same order each time, and another one than
    PyTorch's.

    Everything is loaded in this process, whatever ``num_workers`` says: the data of a lesson is in memory, and
    workers cost more than they bring. The options for workers and for pinned memory are accepted, so that a
    program runs as it stands, and checked as PyTorch checks them.

    ``ValueError`` for a ``batch_size`` that is not positive and for options that exclude each other. A warning
    for ``pin_memory``, which nothing here can do, and for an iterable data set with more examples than its
    length.
    """

    _ready = False
    _promised: int | None = None  # how many examples an iterable data set said to have, once somebody asked

    def __init__(
        self,
        dataset: Any,
        batch_size: int | None = 1,
        shuffle: bool | None = None,
        sampler: Iterable[Any] | None = None,
        batch_sampler: Iterable[Any] | None = None,
        num_workers: int = 0,
        collate_fn: Collate | None = None,
        pin_memory: bool = False,
        drop_last: bool = False,
        timeout: float = 0,
        worker_init_fn: Any = None,
        multiprocessing_context: Any = None,
        generator: Generator | None = None,
        *,
        prefetch_factor: int | None = None,
        persistent_workers: bool = False,
        pin_memory_device: str = "",
        in_order: bool = True,
    ) -> None:
        _check_workers(num_workers, timeout, prefetch_factor, persistent_workers, multiprocessing_context)
        _check_order(dataset, batch_size, shuffle, sampler, batch_sampler, drop_last)
        self.dataset = dataset
        self.num_workers = num_workers
        self.pin_memory = pin_memory
        self.timeout = timeout
        self.worker_init_fn = worker_init_fn
        self.multiprocessing_context = multiprocessing_context
        self.prefetch_factor = 2 if num_workers > 0 and prefetch_factor is None else prefetch_factor
        self.persistent_workers = persistent_workers
        self.pin_memory_device = pin_memory_device
        self.in_order = in_order
        self.generator = generator
        self.drop_last = drop_last
        self.batch_size = batch_size if batch_sampler is None else None
        self.sampler = sampler if sampler is not None else _order(dataset, bool(shuffle), generator)
        if batch_sampler is None and batch_size is not None:
            batch_sampler = BatchSampler(self.sampler, batch_size, drop_last)
        self.batch_sampler = batch_sampler
        self.collate_fn = collate_fn or (default_convert if batch_sampler is None else default_collate)
        self._ready = True

    def __class_getitem__(cls, kind: Any) -> Any:
        """Return the class: ``DataLoader[Batch]`` is for type checkers."""
        return cls

    def __setattr__(self, name: str, value: Any) -> None:
        if self._ready and name in _FIXED:
            raise ValueError(f"{name} attribute should not be set after {type(self).__name__} is initialized")
        super().__setattr__(name, value)

    def __len__(self) -> int:
        if not isinstance(self.dataset, IterableDataset):
            return len(self.sampler if self.batch_sampler is None else self.batch_sampler)  # type: ignore[arg-type]
        self._promised = count = len(self.dataset)  # type: ignore[arg-type]
        if self.batch_size is None:
            return count
        return count // self.batch_size if self.drop_last else -(-count // self.batch_size)

    def __iter__(self) -> Iterator[Any]:
        if self.pin_memory:
            warnings.warn(
                "'pin_memory' argument is set as true but no accelerator is found, then device pinned memory won't be "
                "used.",
                stacklevel=2,
            )
        if self.timeout and not self.num_workers:
            raise AssertionError("_SingleProcessDataLoaderIter requires timeout == 0, or num_workers > 0.")
        return Pass(self, self._batches())

    def _batches(self) -> Iterator[Any]:
        if isinstance(self.dataset, IterableDataset):
            return map(self.collate_fn, self._groups(iter(self.dataset)))
        if self.batch_sampler is None:
            return (self.collate_fn(self.dataset[index]) for index in self.sampler)
        return map(self._batch, self.batch_sampler)

    def _groups(self, stream: Iterator[Any]) -> Iterator[Any]:
        """Return what is collated of an iterable data set: its examples, or lists of them."""
        if self.batch_size is None:
            return stream
        groups = iter(lambda: list(islice(stream, self.batch_size)), [])
        return (group for group in groups if len(group) == self.batch_size or not self.drop_last)

    def _batch(self, indices: list[Any]) -> Any:
        plain = type(self.dataset).__getitem__ is TensorDataset.__getitem__ and self.collate_fn is default_collate
        if plain and not hasattr(self.dataset, "__getitems__"):
            return [tensor[indices] for tensor in self.dataset.tensors]  # one gather instead of a stack of rows
        return self.collate_fn(examples(self.dataset, indices))


class Pass:
    """One pass over a loader: an iterator of its batches that knows how many there are to be."""

    def __init__(self, loader: DataLoader, batches: Iterator[Any]) -> None:
        self._loader = loader
        self._batches = batches
        self._promised = loader._promised
        self._given = 0

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        batch = next(self._batches)
        self._given += 1
        if self._promised is not None and self._given > self._promised:
            warnings.warn(
                f"Length of IterableDataset {self._loader.dataset} was reported to be {self._promised}(when accessing "
                f"len(dataloader)), but {self._given} samples have been fetched.",
                stacklevel=2,
            )
        return batch

    def __len__(self) -> int:
        if isinstance(self._loader.dataset, IterableDataset):
            raise TypeError(
                "a pass over an IterableDataset has no len(). That of the loader is what the data set says."
            )
        return len(self._loader)


def _order(dataset: Any, shuffle: bool, generator: Generator | None) -> Iterable[Any]:
    if isinstance(dataset, IterableDataset):
        return ()
    return RandomSampler(dataset, generator=generator) if shuffle else SequentialSampler(dataset)


def _check_workers(
    num_workers: int, timeout: float, prefetch_factor: int | None, persistent_workers: bool, context: Any
) -> None:
    if num_workers < 0:
        raise ValueError("num_workers option should be non-negative; use num_workers=0 to disable multiprocessing.")
    if timeout < 0:
        raise ValueError("timeout option should be non-negative")
    if num_workers == 0 and prefetch_factor is not None:
        raise ValueError(
            "prefetch_factor option could only be specified in multiprocessing.let num_workers > 0 to enable "
            "multiprocessing, otherwise set prefetch_factor to None."
        )
    if prefetch_factor is not None and prefetch_factor < 0:
        raise ValueError("prefetch_factor option should be non-negative")
    if persistent_workers and num_workers == 0:
        raise ValueError("persistent_workers option needs num_workers > 0")
    if context is not None and num_workers == 0:
        raise ValueError(
            "multiprocessing_context can only be used with multi-process loading (num_workers > 0), but got "
            "num_workers=0"
        )


def _check_order(
    dataset: Any, batch_size: int | None, shuffle: Any, sampler: Any, batch_sampler: Any, drop_last: bool
) -> None:
    if isinstance(dataset, IterableDataset):
        given = {"shuffle": shuffle or None, "sampler": sampler, "batch_sampler": batch_sampler}
        for option, value in given.items():
            if value is not None:
                raise ValueError(
                    f"DataLoader with IterableDataset: expected unspecified {option} option, but got {option}={value}"
                )
    if sampler is not None and shuffle:
        raise ValueError("sampler option is mutually exclusive with shuffle")
    if batch_sampler is not None and (batch_size != 1 or shuffle or sampler is not None or drop_last):
        raise ValueError("batch_sampler option is mutually exclusive with batch_size, shuffle, sampler, and drop_last")
    if batch_sampler is None and batch_size is None and drop_last:
        raise ValueError("batch_size=None option disables auto-batching and is mutually exclusive with drop_last")
