"""Making one batch of a list of examples."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping, MutableMapping, MutableSequence, Sequence
from typing import Any

import numpy as np

from ..creation import as_tensor, tensor
from ..dtypes import float64
from ..ops import stack
from ..tensor import Tensor


def default_collate(batch: Sequence[Any]) -> Any:
    """Make one batch of a list of examples that are alike.

    Tensors and NumPy arrays are stacked, ``(…)`` to ``(N, …)``; floats become float64, ints int64, bools bool,
    of the shape ``(N,)``; texts stay a list. Tuples, lists and dicts are done part by part: a tuple of parts
    becomes a list, any other container stays what it is. ``RuntimeError`` for examples of different lengths,
    ``TypeError`` for what can't be batched.
    """
    first = batch[0]
    if isinstance(first, Tensor):
        return stack(batch)
    if isinstance(first, np.ndarray) and first.dtype.kind not in "SUO":
        return stack([as_tensor(array) for array in batch])
    if isinstance(first, np.bool_ | np.number):
        return as_tensor(np.array(batch))
    if isinstance(first, float):
        return tensor(list(batch), dtype=float64)
    if isinstance(first, int):
        return tensor(list(batch))
    if isinstance(first, str | bytes):
        return batch
    if isinstance(first, Mapping):
        return _like(first, {key: default_collate([example[key] for example in batch]) for key in first})
    if isinstance(first, tuple) and hasattr(first, "_fields"):
        return type(first)(*_by_part(batch))
    if isinstance(first, Sequence):
        if any(len(example) != len(first) for example in batch):
            raise RuntimeError("each element in list of batch should be of equal size")
        parts = _by_part(batch)
        return parts if isinstance(first, tuple) else _like(first, parts)
    found = first.dtype if isinstance(first, np.ndarray) else type(first)
    raise TypeError(
        f"default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found {found}. "
        "Give the DataLoader a collate_fn of your own."
    )


def _by_part(batch: Sequence[Any]) -> list[Any]:
    return [default_collate(part) for part in zip(*batch, strict=False)]


def _like(example: Any, parts: Any) -> Any:
    """Return collated parts in a container of the example's own class, or as they are where it can't be made."""
    try:
        if not isinstance(example, MutableMapping | MutableSequence):
            return type(example)(parts)
        made = copy.copy(example)  # keeps what else the container knows
        if isinstance(made, MutableMapping):
            made.update(parts)
        else:
            for place, part in enumerate(parts):  # a deque takes no slice
                made[place] = part
        return made
    except TypeError:
        return parts


def default_convert(data: Any) -> Any:
    """Turn NumPy arrays and numbers into tensors, in containers too; leave everything else as it is."""
    if isinstance(data, np.ndarray | np.generic) and data.dtype.kind not in "SUO":
        return as_tensor(np.asarray(data))
    if isinstance(data, Mapping):
        return _like(data, {key: default_convert(value) for key, value in data.items()})
    if isinstance(data, tuple):
        parts = _converted(data)
        return type(data)(*parts) if hasattr(data, "_fields") else parts
    if isinstance(data, Sequence) and not isinstance(data, str | bytes):
        return _like(data, _converted(data))
    return data


def _converted(data: Iterable[Any]) -> list[Any]:
    return [default_convert(item) for item in data]


Collate = Callable[[Any], Any]
