"""Random numbers: one generator for all, or one of your own."""

from __future__ import annotations

import os
from functools import cached_property
from typing import Any

import numpy as np

from .dtypes import CPU, as_device, get_default_dtype, int64
from .dtypes import dtype as DType
from .tensor import Tensor, wrap


class Generator:
    """A source of random numbers with a state of its own; without a seed, they differ from run to run."""

    def __init__(self, device: Any = "cpu") -> None:
        self.device = as_device(device)
        self._seed = int.from_bytes(os.urandom(7), "little")

    def manual_seed(self, seed: int) -> Generator:
        """Start again from ``seed`` and return the generator itself."""
        self._seed = int(seed)
        self.__dict__.pop("numpy", None)
        return self

    def initial_seed(self) -> int:
        """Return the seed that the numbers started from."""
        return self._seed

    @cached_property
    def numpy(self) -> np.random.Generator:
        """NumPy's generator, made with the first number: ``numpy.random`` is slow to load."""
        return np.random.default_rng(self._seed % 2**64)


default_generator = Generator()


def manual_seed(seed: int) -> Generator:
    """Make the numbers that follow the same in every run."""
    return default_generator.manual_seed(seed)


def generator(own: Generator | None = None) -> np.random.Generator:
    """Return NumPy's generator behind ``own``, or behind the common one."""
    return (own or default_generator).numpy


def _size(sizes: tuple[Any, ...]) -> tuple[int, ...]:
    return tuple(sizes[0]) if len(sizes) == 1 and isinstance(sizes[0], tuple | list) else tuple(sizes)


def _made(array: Any, kind: DType, place: Any, requires_grad: bool) -> Tensor:
    made = wrap(np.asarray(array, kind.numpy), CPU if place is None else as_device(place))
    if requires_grad:
        made.requires_grad = True
    return made


def rand(
    *size: Any,
    generator: Generator | None = None,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return numbers drawn evenly from ``[0, 1)``."""
    array = (generator or default_generator).numpy.random(_size(size))
    return _made(array, dtype or get_default_dtype(), device, requires_grad)


def randn(
    *size: Any,
    generator: Generator | None = None,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return numbers drawn from the normal distribution with mean 0 and variance 1."""
    array = (generator or default_generator).numpy.standard_normal(_size(size))
    return _made(array, dtype or get_default_dtype(), device, requires_grad)


def randint(
    low: int,
    high: Any = None,
    size: Any = None,
    *,
    generator: Generator | None = None,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return whole numbers from ``low`` (0 if only one bound is given) up to ``high``, which is left out."""
    if size is None:
        low, high, size = 0, low, high
    if high <= low:
        raise RuntimeError(f"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}")
    array = (generator or default_generator).numpy.integers(low, high, tuple(size))
    return _made(array, dtype or int64, device, requires_grad)


def randperm(n: int, *, generator: Generator | None = None, dtype: DType | None = None, device: Any = None) -> Tensor:
    """Return the numbers from 0 to ``n - 1`` in random order."""
    array = (generator or default_generator).numpy.permutation(n)
    return _made(array, dtype or int64, device, False)


def rand_like(input: Tensor) -> Tensor:
    """Return numbers from ``[0, 1)`` in the shape, type and on the device of ``input``."""
    return rand(input.shape, dtype=input.dtype, device=input.device)


def randn_like(input: Tensor) -> Tensor:
    """Return normally distributed numbers in the shape, type and on the device of ``input``."""
    return randn(input.shape, dtype=input.dtype, device=input.device)
