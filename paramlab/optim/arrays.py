"""What the optimizers' steps have in common: they compute with arrays, in place, and with few calls of NumPy."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any

import numpy as np

from ..autograd import Array
from ..dtypes import dtype as DType
from ..dtypes import float64, get_default_dtype
from ..ops.operands import c_name
from ..tensor import Tensor, common_device, wrap


def scalars(dtype: np.dtype[Any], *numbers: float | Tensor) -> tuple[Array, ...]:
    """Return numbers as arrays without dimensions, of ``dtype`` or, for half precision, of float32.

    The update of a small tensor is mostly overhead, and NumPy multiplies by such an array in half the time that
    it takes for a Python number.
    """
    return _as_arrays(dtype, *map(float, numbers))


@functools.lru_cache(64)
def _as_arrays(dtype: np.dtype[Any], *numbers: float) -> tuple[Array, ...]:
    kind = np.promote_types(dtype, np.float32)
    return tuple([np.array(number, kind) for number in numbers])


def of_one_dtype(tensors: list[Tensor]) -> Iterable[list[Tensor]]:
    """Return the tensors in lists, each of one dtype, for which the numbers of a step are converted once."""
    lists: dict[np.dtype[Any], list[Tensor]] = {}
    for p in tensors:
        lists.setdefault(p._array.dtype, []).append(p)
    return lists.values()


def of_one_step(tensors: list[Tensor], states: list[dict[str, Any]]) -> list[tuple[float, list[Tensor]]]:
    """Count a step of each tensor; return those that took equally many, and are of one dtype, together."""
    lists: dict[tuple[np.dtype[Any], float], list[Tensor]] = {}
    for p, state in zip(tensors, states, strict=True):
        lists.setdefault((p._array.dtype, count_step(state)), []).append(p)
    return [(steps, held) for (_, steps), held in lists.items()]


def arrays(tensors: list[Tensor]) -> list[Array]:
    """Return the arrays of tensors; what is written into them is not recorded."""
    return [p._array for p in tensors]


def gradients(tensors: list[Tensor], group: dict[str, Any]) -> list[Array]:
    """Return the gradients of what is minimized: turned around with ``maximize``, plus weight decay.

    They may be the arrays of ``p.grad`` themselves: to be read only.
    """
    # p.grad, without its question whether p is a leaf
    grads: list[Array] = [p._grad._array for p in tensors]  # type: ignore[union-attr]
    if group["maximize"]:
        grads = [-grad for grad in grads]
    decay = float(group["weight_decay"])
    if decay and not group.get("decoupled_weight_decay"):
        (share,) = scalars(tensors[0]._array.dtype, decay)
        grads = [grad + share * p._array for grad, p in zip(grads, tensors, strict=True)]
    return grads


def beside(p: Tensor, kept: Tensor) -> Array:
    """Return the array of a state's tensor; ``RuntimeError`` if ``p`` went to another device since it was made."""
    if kept._device is not p._device:
        common_device((p, kept))
    return kept._array


def check_average(average: Array, param: Array) -> None:
    """Raise ``RuntimeError`` for an average that was begun before the tensor got the dtype that it has now."""
    if average.dtype != param.dtype:
        old, new = (c_name(DType.of(array.dtype)) for array in (average, param))
        raise RuntimeError(
            f"expected dtype {old} for `end` but got dtype {new}. The model was converted after a step: make the "
            "optimizer anew, or load its state_dict() into itself."
        )


def count_writes(tensors: list[Tensor]) -> None:
    """Note that each of the tensors was written to."""
    for version in [p._version_ or p._version_counter() for p in tensors]:
        version.bump()


def full_of(p: Tensor, value: float = 0.0) -> Tensor:
    """Return a plain tensor of one value, with the shape, dtype, device and memory layout of ``p``."""
    return p._beside(np.full_like(p._array, value))


def step_counter(steps: float = 0.0) -> Tensor:
    """Return a state's ``step``: a float32 scalar, or a float64 one if that is the default dtype."""
    return wrap(np.array(steps, np.float64 if get_default_dtype() is float64 else np.float32))


def count_step(state: dict[str, Any]) -> float:
    """Add one to a state's ``step``, and return how many steps it is now."""
    counter: Array = state["step"]._array
    steps: float = counter.item() + 1
    counter.fill(steps)
    return steps
