"""Filling a tensor with random numbers in place: ``uniform_``, ``normal_``, ``bernoulli_``, ``random_``."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autograd import Array
from ..autograd.grad_mode import mode
from ..dtypes import META
from ..ops.complaints import is_number, type_name
from ..tensor import Tensor
from . import Generator, default_generator, integers, standard_normal, uniform
from .sampling import check_std, flips

_DRAWN = (np.dtype(np.float32), np.dtype(np.float64))  # the types that NumPy draws
_NEAR = 1e38  # an interval within ± this lies, and is as wide as fits, in both of them


def uniform_(self: Tensor, from_: float = 0.0, to: float = 1.0, *, generator: Generator | None = None) -> Tensor:
    """Fill with numbers drawn evenly from ``[from_, to)``; ``NotImplementedError`` for integers."""
    if not (mode.enabled and self.requires_grad):
        return fill_evenly(self, from_, to, generator)
    return _copied(self, fill_evenly(self._beside(np.empty_like(self._array)), from_, to, generator))


def fill_evenly(tensor: Tensor, low: float, high: float, own: Generator | None) -> Tensor:
    """Fill with numbers drawn evenly from ``[low, high)``, unrecorded; on ``meta`` nothing is drawn.

    ``RuntimeError`` if ``low`` is larger than ``high``, or the type does not reach so far.
    """
    array = tensor._array
    kind = array.dtype
    if tensor._device is META:
        return fill_unrecorded(tensor, array)
    if not -_NEAR <= low <= high <= _NEAR or kind not in _DRAWN:
        _check_interval(tensor, low, high)
    if kind not in _DRAWN or not array.flags.carray:
        return fill_unrecorded(tensor, uniform(array.shape, tensor.dtype, own) * (high - low) + low)
    (own or default_generator).numpy.random(None, kind, array)  # into place: most of what a new layer costs
    if high - low != 1:
        np.multiply(array, high - low, array)
    if low:
        np.add(array, low, array)
    tensor._bump()
    return tensor


def _check_interval(tensor: Tensor, low: float, high: float) -> None:
    """Raise what PyTorch raises for an interval that can't be drawn from in the tensor's type."""
    kind = tensor._array.dtype
    if kind.kind != "f":
        return  # refused by type
    most, name = float(np.finfo(kind).max), {"float16": "c10::Half", "float32": "float", "float64": "double"}[kind.name]
    for end, value in (("from", low), ("to", high)):
        if not -most <= value <= most:
            raise RuntimeError(f"{end} is out of bounds for {name}: {value:g}")
    if low > high:
        raise RuntimeError(f"uniform_ expects to return a [from, to) range, but found from={low:g} > to={high:g}")
    if high - low > most:
        raise RuntimeError(
            f"uniform_ expects to-from <= std::numeric_limits<{name.rpartition(':')[2].title()}>::max(), but found "
            f"to={high:g} and from={low:g} which result in to-from to exceed the limit"
        )


def normal_(self: Tensor, mean: float = 0.0, std: float = 1.0, *, generator: Generator | None = None) -> Tensor:
    """Fill with numbers drawn from a normal distribution; ``NotImplementedError`` for integers."""
    return _fill(self, normally(self, mean, std, generator))


def normally(like: Tensor, mean: float, std: float, own: Generator | None) -> Array:
    """Return an array drawn from a normal distribution, of a tensor's shape and dtype; on ``meta`` nothing is drawn."""
    for place, (name, value) in enumerate((("mean", mean), ("std", std)), start=1):
        if not is_number(value):
            raise TypeError(
                f"normal_(): argument '{name}' (position {place}) must be float, not {type_name(value)}. For a tensor "
                "of them there is torch.normal(mean, std)."
            )
    check_std(std)
    if like._device is META:
        return like._array
    drawn: Array = standard_normal(like._array.shape, like.dtype, own) * std + mean
    return drawn


def bernoulli_(self: Tensor, p: Any = 0.5, *, generator: Generator | None = None) -> Tensor:
    """Fill with 1 where a coin says so, else 0; ``p`` is the probability of 1, a number or a tensor."""
    return _fill(self, self._array if self.is_meta else flips(self, p, generator))


def random_(self: Tensor, from_: int = 0, to: int | None = None, *, generator: Generator | None = None) -> Tensor:
    """Fill with whole numbers: ``random_(to)`` from 0 on, ``random_(from, to)``; ``to`` is left out.

    Without limits up to the largest that the type can tell from its neighbours.
    """
    low, high = (from_, to) if to is not None or not from_ else (0, from_)
    if high is None:
        kind = self._array.dtype
        high = 2 if kind.kind == "b" else 2 ** (np.finfo(kind).nmant + 1) + 1 if kind.kind == "f" else _most(kind)
    return _fill(self, self._array if self.is_meta else integers(low, high, self._array.shape, self.dtype, generator))


def _most(kind: np.dtype[Any]) -> int:
    return int(np.iinfo(kind).max)


def _fill(tensor: Tensor, numbers: Array) -> Tensor:
    if not (mode.enabled and tensor.requires_grad):
        return fill_unrecorded(tensor, numbers)
    return _copied(tensor, tensor._beside(np.asarray(numbers, tensor._array.dtype)))


def _copied(tensor: Tensor, numbers: Tensor) -> Tensor:
    """Write numbers into a tensor that autograd follows: it is refused for a leaf, and cuts what came before off."""
    filled: Tensor = tensor.copy_(numbers)
    return filled


def fill_unrecorded(tensor: Tensor, numbers: Array) -> Tensor:
    """Write numbers into a tensor as ``copy_`` does under ``no_grad``; on ``meta`` it counts as written to."""
    if not tensor._array.flags.writeable:
        tensor._before_write()  # refuses
    if tensor._device is not META:
        np.copyto(tensor._array, numbers, casting="unsafe")
    tensor._bump()
    return tensor
