"""Where elements lie: their numbers in the flat memory of a contiguous array, and adding up what meets there."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..autograd import Array


def along(shape: Sequence[int], dim: int, index: Array) -> list[Array]:
    """Return coordinates that broadcast: ``index`` for dimension ``dim``, every place for the others.

    A vector ``index`` stands for the same places everywhere; one of as many dimensions as ``shape`` has gives
    the place for each element, and its lengths say how far the other coordinates run.
    """
    ndim = len(shape)
    if not ndim:  # the only element needs no coordinate
        return []
    lengths = index.shape if index.ndim == ndim else shape
    coordinates = [np.arange(n).reshape((-1,) + (1,) * (ndim - 1 - d)) for d, n in enumerate(lengths)]
    coordinates[dim] = index if index.ndim == ndim else index.reshape((-1,) + (1,) * (ndim - 1 - dim))
    return coordinates


def numbered(shape: Sequence[int], coordinates: Sequence[Array]) -> Any:
    """Return the number of each element at coordinates that broadcast, counted in the order of the indices."""
    step, number = 1, np.zeros((), np.int64)
    for length, coordinate in zip(reversed(shape), reversed(coordinates), strict=True):
        number = number + coordinate * step
        step *= length
    return number


def at_index(shape: tuple[int, ...], index: tuple[Any, ...]) -> Array:
    """Return the number of each element that ``array[index]`` of a contiguous array reads."""
    if all(isinstance(part, np.ndarray) and part.dtype != bool for part in index):
        leading = [part + shape[d] * (part < 0) for d, part in enumerate(index)]
        rest = math.prod(shape[len(index) :])
        rows = np.asarray(numbered(shape[: len(index)], leading))
        return rows if rest == 1 else rows[..., None] * rest + np.arange(rest)
    places: Array = np.arange(math.prod(shape)).reshape(shape)[index]
    return places


def in_order(a: Array) -> Array:
    """Return the array with its elements in the order of the indices; NumPy's joins and reads follow their inputs'."""
    return a if a.flags.c_contiguous else a.copy()


def add_at(target: Array, places: Any, values: Array) -> None:
    """Add ``values`` to a contiguous array at the numbered places; what meets at one place adds up.

    NumPy is several times as fast over one flat dimension as over an index of several parts.
    """
    np.add.at(target.reshape(-1), np.ravel(places), np.ravel(values))
