"""What the optimizers' steps have in common: they compute with arrays, in place, and with few calls of NumPy."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from ..autograd import Array
from ..dtypes import float64, get_default_dtype
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


def gradient(p: Tensor, group: dict[str, Any], weight_decay: Array) -> Array:
    """Return the gradient of what is minimized: turned around with ``maximize``, plus that share of the weights.

    It may be the array of ``p.grad`` itself: to be read only.
    """
    # p.grad, without its question whether p is a leaf
    grad: Array = p._grad._array  # type: ignore[union-attr]
    if group["maximize"]:
        grad = -grad
    return grad + weight_decay * p._array if weight_decay else grad


def beside(p: Tensor, kept: Tensor) -> Array:
    """Return the array of a state's tensor; ``RuntimeError`` if ``p`` went to another device since it was made."""
    if kept._device is not p._device:
        common_device((p, kept))
    return kept._array


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
