"""Counting: the different elements, how often each comes, how many fall into each interval."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..tensor import Tensor, wrap
from .arguments import of_tensor
from .operands import axis


@of_tensor
def unique(
    input: Tensor,
    sorted: bool = True,
    return_inverse: bool = False,
    return_counts: bool = False,
    dim: int | None = None,
) -> Any:
    """Return the different elements in order, or the different slices along ``dim``.

    With ``return_inverse`` also where each element went, with ``return_counts`` also how often each comes.
    """
    over = None if dim is None else axis(dim, input.ndim)
    values, inverse, counts = np.unique(
        input._array, return_inverse=True, return_counts=True, axis=over, equal_nan=False
    )
    if over is None:
        inverse = inverse.reshape(input._array.shape)
    results = [values]
    if return_inverse:
        results.append(inverse.reshape(-1) if over is not None else inverse)
    if return_counts:
        results.append(counts)
    tensors = tuple(wrap(result, input._device) for result in results)
    return tensors if len(tensors) > 1 else tensors[0]


@of_tensor
def bincount(input: Tensor, weights: Tensor | None = None, minlength: int = 0) -> Tensor:
    """Return how often 0, 1, 2, … come in a tensor of one dimension, or the sums of their ``weights``."""
    array = input._array
    if input.is_floating_point() or array.dtype.kind == "b":
        raise NotImplementedError(
            f"\"bincount_cpu\" not implemented for '{input.dtype.word}'. Convert it first, for example with .long()."
        )
    if array.ndim != 1 or (array.size and array.min() < 0):
        raise RuntimeError("bincount only supports 1-d non-negative integral inputs.")
    if minlength < 0:
        raise RuntimeError("minlength should be >= 0")
    if weights is None:
        return wrap(np.bincount(array, minlength=minlength), input._device)
    if weights._array.shape != array.shape:
        raise RuntimeError("weights should be 1-d and have the same length as input")
    counted = np.bincount(array, weights._array, minlength)
    return wrap(counted.astype(np.float32 if weights._array.dtype == np.float32 else np.float64), input._device)


@of_tensor
def histc(input: Tensor, bins: int = 100, min: float = 0, max: float = 0) -> Tensor:
    """Return how many elements fall into each of ``bins`` intervals from ``min`` to ``max``.

    Those outside are not counted. Without limits they are the smallest and the largest element.
    """
    if not input.is_floating_point():
        raise NotImplementedError(
            f"\"histogram_cpu\" not implemented for '{input.dtype.word}'. Convert it first, for example with .float()."
        )
    if bins <= 0:
        raise RuntimeError(f"torch.histogram(): bins must be > 0, but got {bins} for dimension 0")
    low, high = float(min), float(max)
    if low > high:
        raise RuntimeError("torch.histc: max must be larger than min")
    if low == high and input.numel():
        low, high = float(input._array.min()), float(input._array.max())
    if low == high:
        low, high = low - 1, high + 1
    counted, _ = np.histogram(input._array, bins, (low, high))
    return wrap(counted.astype(input._array.dtype), input._device)
