"""Filling a tensor with random numbers in place: ``uniform_``, ``normal_``, ``bernoulli_``, ``random_``."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autograd import Array
from ..autograd.grad_mode import mode
from ..tensor import Tensor
from . import Generator, integers, standard_normal, uniform
from .sampling import check_std, flips


def uniform_(self: Tensor, from_: float = 0.0, to: float = 1.0, *, generator: Generator | None = None) -> Tensor:
    """Fill with numbers drawn evenly from ``[from_, to)``; ``NotImplementedError`` for integers."""
    if from_ > to:
        raise RuntimeError(f"uniform_ expects to return a [from, to) range, but found from={from_:g} > to={to:g}")
    if self.is_meta:
        return _unfilled(self)
    drawn = uniform(self._array.shape, self.dtype, generator)
    drawn *= to - from_
    drawn += from_
    return _fill(self, drawn)


def normal_(self: Tensor, mean: float = 0.0, std: float = 1.0, *, generator: Generator | None = None) -> Tensor:
    """Fill with numbers drawn from a normal distribution; ``NotImplementedError`` for integers."""
    check_std(std)
    if self.is_meta:
        return _unfilled(self)
    drawn = standard_normal(self._array.shape, self.dtype, generator)
    return _fill(self, drawn * std + mean)


def bernoulli_(self: Tensor, p: Any = 0.5, *, generator: Generator | None = None) -> Tensor:
    """Fill with 1 where a coin says so, else 0; ``p`` is the probability of 1, a number or a tensor."""
    if self.is_meta:
        return _unfilled(self)
    return _fill(self, flips(self, p, generator))


def random_(self: Tensor, from_: int = 0, to: int | None = None, *, generator: Generator | None = None) -> Tensor:
    """Fill with whole numbers: ``random_(to)`` from 0 on, ``random_(from, to)``; ``to`` is left out.

    Without limits up to the largest that the type can tell from its neighbours.
    """
    low, high = (from_, to) if to is not None or not from_ else (0, from_)
    if high is None:
        kind = self._array.dtype
        high = 2 if kind.kind == "b" else 2 ** (np.finfo(kind).nmant + 1) + 1 if kind.kind == "f" else _most(kind)
    if self.is_meta:
        return _unfilled(self)
    return _fill(self, integers(low, high, self._array.shape, self.dtype, generator))


def _most(kind: np.dtype[Any]) -> int:
    return int(np.iinfo(kind).max)


def _unfilled(tensor: Tensor) -> Tensor:
    """Return a tensor on ``meta``, which counts as written to."""
    tensor._before_write()
    tensor._bump()
    return tensor


def _fill(tensor: Tensor, numbers: Array) -> Tensor:
    if tensor._array.flags.writeable and not (mode.enabled and tensor.requires_grad):
        np.copyto(tensor._array, numbers, casting="unsafe")  # as copy_ would, whose questions are answered
        tensor._bump()
        return tensor
    filled: Tensor = tensor.copy_(tensor._beside(np.asarray(numbers, tensor._array.dtype)))
    return filled
