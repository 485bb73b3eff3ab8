"""Tensors that look at the same memory: found when a file is written, and made so again when it is read.

A tensor that lies within the memory of another saved one (the same tensor under a second name, a slice, a
transpose) is noted as ``{"in": owner, "offset": …, "shape": […], "strides": […]}``, counted in elements.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from typing import Any

import numpy as np

from ..autograd import Array
from .container import Damaged, check_counts, guarded

Note = dict[str, Any]


def find(arrays: dict[str, Array]) -> dict[str, Note]:
    """Return a note for each array that lies within another one.

    The owner is the largest contiguous array around it, or else the first with the same start, shape and
    strides. Arrays that overlap, with no saved one around both, are not noted: they come back apart.
    """
    notes: dict[str, Note] = {}
    begin = {name: array.ctypes.data for name, array in arrays.items() if array.size}
    owners = _widest(arrays, begin)
    starts = [begin[owner] for owner in owners]
    first: dict[Any, str] = {}
    for name, start in begin.items():
        array = arrays[name]
        place = bisect_right(starts, start) - 1
        owner = owners[place] if place >= 0 else None
        if owner == name:
            continue
        if owner is None or not _lies_within(array, arrays[owner], start - begin[owner]):
            owner = first.setdefault((start, array.shape, array.strides, array.dtype), name)
        if owner != name:
            notes[name] = _note(array, owner, arrays[owner], start - begin[owner])
    return notes


def _widest(arrays: dict[str, Array], begin: dict[str, int]) -> list[str]:
    """Return the contiguous arrays that lie within no other one, by their place in memory."""
    found: list[str] = []
    end = 0
    whole = [name for name in begin if arrays[name].flags.c_contiguous]
    for name in sorted(whole, key=lambda name: (begin[name], -arrays[name].nbytes)):
        stop = begin[name] + arrays[name].nbytes
        if stop > end:
            found.append(name)
            end = stop
    return found


def _lies_within(array: Array, owner: Array, distance: int) -> bool:
    """Return whether an array ``distance`` bytes into the owner's memory ends there too, and repeats nothing."""
    if array.dtype != owner.dtype or distance % owner.itemsize or array.size > owner.size:
        return False
    steps = _steps(array)
    return min(steps, default=0) >= 0 and distance // owner.itemsize + _reach(array.shape, steps) < owner.size


def _steps(array: Array) -> list[int]:
    return [step // array.itemsize for step in array.strides]


def _reach(shape: Any, strides: Any) -> int:
    """Return how many elements the last one lies behind the first."""
    return sum((length - 1) * step for length, step in zip(shape, strides, strict=True))


def _note(array: Array, owner: str, memory: Array, distance: int) -> Note:
    strides = _steps(array)
    if not memory.flags.c_contiguous:  # the very same view: what is written of it is contiguous
        strides = [math.prod(array.shape[dim + 1 :]) for dim in range(array.ndim)]
    return {
        "in": owner,
        "offset": distance // array.itemsize,
        "shape": list(array.shape),
        "strides": strides,
    }


def restore(name: str, note: Any, arrays: dict[str, Array]) -> Array:
    """Return the view that a note describes; ``Damaged`` if it does not lie within the owner."""
    if not (isinstance(note, dict) and set(note) == {"in", "offset", "shape", "strides"}):
        raise Damaged(f"the note on the shared tensor {name!r} is incomplete")
    owner, offset, shape, strides = note["in"], note["offset"], note["shape"], note["strides"]
    if not isinstance(owner, str) or owner not in arrays:
        raise Damaged(f"the tensor {name!r} lies in {owner!r}, which is not in the file")
    memory = arrays[owner].reshape(-1)
    for counts, what in ((shape, "shape"), (strides, "strides"), ([offset], "offset")):
        check_counts(counts, f"the {what} of the shared tensor {name!r}")
    if len(shape) != len(strides) or not 0 < math.prod(shape) <= memory.size:
        raise Damaged(f"the shared tensor {name!r} has the shape {shape} and the strides {strides}")
    if offset + _reach(shape, strides) >= memory.size:
        raise Damaged(f"the shared tensor {name!r} reaches out of {owner!r}")
    steps = [step * memory.itemsize for step in strides]
    return guarded(lambda: np.lib.stride_tricks.as_strided(memory[offset:], shape, steps), f"the tensor {name!r}")
