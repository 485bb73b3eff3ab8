"""Random numbers: one generator for all, or one of your own."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from functools import cached_property
from typing import Any

import numpy as np

from ..creation import as_dtype, laid_out, made, shape_of, tensor
from ..dtypes import as_device, int64, uint8
from ..dtypes import dtype as DType
from ..ops.arguments import of_tensor
from ..ops.complaints import explained, is_whole, type_name
from ..tensor import Tensor


class Generator:
    """A source of random numbers with a state of its own; without a seed, they differ from run to run."""

    def __init__(self, device: Any = "cpu") -> None:
        self.device = as_device(device)
        self.seed()

    def manual_seed(self, seed: int) -> Generator:
        """Start again from ``seed`` and return the generator itself."""
        number = int(seed)
        if not -(2**63) <= number < 2**64:
            raise ValueError("Overflow when unpacking long long: a seed has 64 bits")
        self._seed = number % 2**64
        self.__dict__.pop("numpy", None)
        return self

    def seed(self) -> int:
        """Start again from a seed that nobody can foresee, and return it."""
        return self.manual_seed(int.from_bytes(os.urandom(8), "little")).initial_seed()

    def initial_seed(self) -> int:
        """Return the seed that the numbers started from."""
        return self._seed

    @cached_property
    def numpy(self) -> np.random.Generator:
        """NumPy's generator, made with the first number: ``numpy.random`` is slow to load."""
        return np.random.default_rng(self._seed)

    def get_state(self) -> Tensor:
        """Return where the generator stands, as bytes."""
        import json

        state = {"seed": self._seed, "numpy": self.numpy.bit_generator.state}
        return tensor(list(json.dumps(state).encode()), dtype=uint8)

    def set_state(self, new_state: Tensor) -> Generator:
        """Go back to where the generator stood when ``get_state`` was called, and return the generator itself.

        ``TypeError`` for what is no tensor of bytes, ``RuntimeError`` for bytes that are no state.
        """
        import json

        if not (isinstance(new_state, Tensor) and new_state.dtype is uint8):
            raise TypeError("RNG state must be a torch.ByteTensor")
        try:
            state = json.loads(new_state._array.tobytes())
            self.manual_seed(state["seed"])
            self.numpy.bit_generator.state = state["numpy"]
        except (ValueError, KeyError, TypeError) as error:
            raise RuntimeError("these bytes are no state of a generator: hand in what get_state() returned") from error
        return self


default_generator = Generator()


def manual_seed(seed: int) -> Generator:
    """Make the numbers that follow the same in every run, and return the common generator."""
    return default_generator.manual_seed(seed)


def seed() -> int:
    """Start the common generator again from a seed that nobody can foresee, and return it."""
    return default_generator.seed()


def initial_seed() -> int:
    """Return the seed that the numbers of the common generator started from."""
    return default_generator.initial_seed()


def get_rng_state() -> Tensor:
    """Return where the common generator stands, as bytes."""
    return default_generator.get_state()


def set_rng_state(new_state: Tensor) -> None:
    """Put the common generator back to where ``get_rng_state`` found it."""
    default_generator.set_state(new_state)


@contextlib.contextmanager
def fork_rng(devices: Any = None, enabled: bool = True) -> Iterator[None]:
    """Leave the common generator behind as it was found: ``with fork_rng():``."""
    state = get_rng_state() if enabled else None
    try:
        yield
    finally:
        if state is not None:
            set_rng_state(state)


def generator(own: Generator | None = None) -> np.random.Generator:
    """Return NumPy's generator behind ``own``, or behind the common one."""
    return (own or default_generator).numpy


# ------------------------------------------------------------------ numbers


def uniform(shape: tuple[int, ...], kind: DType, own: Generator | None = None) -> Any:
    """Return an array drawn evenly from ``[0, 1)``, in a floating-point type."""
    _need_floats(kind, "check_uniform_bounds")
    if kind.itemsize >= 4:
        return np.asarray(generator(own).random(shape, kind.numpy))
    steps = 2 ** (np.finfo(kind.numpy).nmant + 1)  # rounded to so few digits, a draw could become 1
    return np.asarray(np.floor(generator(own).random(shape) * steps) / steps, kind.numpy)


def standard_normal(shape: tuple[int, ...], kind: DType, own: Generator | None = None) -> Any:
    """Return an array drawn from the normal distribution with mean 0 and variance 1, in a floating-point type."""
    _need_floats(kind, "normal_kernel_cpu")
    drawn = np.float64 if kind.itemsize == 8 else np.float32
    return np.asarray(generator(own).standard_normal(shape, drawn), kind.numpy)


def integers(low: int, high: int, shape: tuple[int, ...], kind: DType, own: Generator | None = None) -> Any:
    """Return an array of whole numbers from ``low`` up to ``high``, which is left out."""
    if high <= low:
        raise RuntimeError(f"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}")
    if not kind.is_floating_point and kind.name != "bool" and high - 1 > np.iinfo(kind.numpy).max:
        from ..ops.operands import c_name

        raise RuntimeError(f"to - 1 is out of bounds for {c_name(kind)}")
    return np.asarray(generator(own).integers(low, high, shape), kind.numpy)


def _need_floats(kind: DType, kernel: str) -> None:
    if not kind.is_floating_point:
        raise NotImplementedError(f"\"{kernel}\" not implemented for '{kind.word}'. Give a floating-point dtype.")


def rand(
    *sizes: Any,
    size: Any = None,
    generator: Generator | None = None,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return numbers drawn evenly from ``[0, 1)``."""
    shape, kind = shape_of("rand", sizes, size), as_dtype("rand", dtype)
    return laid_out(lambda shape, _: uniform(shape, kind, generator), shape, kind, device, requires_grad)


def randn(
    *sizes: Any,
    size: Any = None,
    generator: Generator | None = None,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return numbers drawn from the normal distribution with mean 0 and variance 1."""
    shape, kind = shape_of("randn", sizes, size), as_dtype("randn", dtype)
    return laid_out(lambda shape, _: standard_normal(shape, kind, generator), shape, kind, device, requires_grad)


@explained
def randint(
    *bounds: Any,
    low: int = 0,
    high: int | None = None,
    size: Any = None,
    generator: Generator | None = None,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return whole numbers: ``randint(high, size)`` from 0 on, or ``randint(low, high, size)``.

    ``high`` is left out. ``RuntimeError`` if there is nothing between the two.
    """
    given = list(bounds)
    if size is None and given:
        size = given.pop()
    if len(given) == 2:
        low, high = given
    elif len(given) == 1 and high is None:
        (high,) = given
    elif len(given) == 1:
        (low,) = given
    elif given:
        raise TypeError("randint() received an invalid combination of arguments: the size is one tuple, (2, 3).")
    if not isinstance(size, tuple | list) or high is None:
        raise TypeError(
            f"randint(): argument 'size' (position {len(bounds) or 1}) must be tuple of ints, not "
            f"{type(size).__name__}. Write randint(high, (2, 3)) or randint(low, high, (2, 3))."
        )
    for name, bound in (("low", low), ("high", high)):
        if not is_whole(bound):
            raise TypeError(f"randint(): argument '{name}' must be int, not {type_name(bound)}")
    kind = int64 if dtype is None else as_dtype("randint", dtype)
    limits, shape = (low, high), shape_of("randint", (size,))
    return laid_out(lambda shape, _: integers(*limits, shape, kind, generator), shape, kind, device, requires_grad)


@explained
def randperm(
    n: int,
    *,
    generator: Generator | None = None,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return the numbers from 0 to ``n - 1`` in random order."""
    if not hasattr(n, "__index__") or isinstance(n, bool):
        raise TypeError(f"randperm(): argument 'n' (position 1) must be int, not {type(n).__name__}")
    (length,) = shape_of("randperm", (n,))
    kind = int64 if dtype is None else as_dtype("randperm", dtype)
    array = (generator or default_generator).numpy.permutation(length).astype(kind.numpy, copy=False)
    return made(array, device, requires_grad)


@of_tensor
def rand_like(input: Tensor, *, dtype: DType | None = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Return numbers from ``[0, 1)`` in the shape, type and on the device of ``input``."""
    return rand(input.shape, dtype=dtype or input.dtype, device=device or input.device, requires_grad=requires_grad)


@of_tensor
def randn_like(input: Tensor, *, dtype: DType | None = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Return normally distributed numbers in the shape, type and on the device of ``input``."""
    return randn(input.shape, dtype=dtype or input.dtype, device=device or input.device, requires_grad=requires_grad)


@of_tensor
def randint_like(
    input: Tensor,
    *bounds: int,
    low: int = 0,
    high: int | None = None,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return whole numbers up to ``high`` (from ``low`` on) in the shape, type and on the device of ``input``."""
    return randint(
        *bounds,
        low=low,
        high=high,
        size=input.shape,
        dtype=dtype or input.dtype,
        device=device or input.device,
        requires_grad=requires_grad,
    )
