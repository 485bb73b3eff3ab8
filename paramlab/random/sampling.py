"""Samples of distributions that tensors describe: normal, Bernoulli, multinomial."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autograd import Array, Operation
from ..creation import as_dtype, made, shape_of
from ..dtypes import dtype as DType
from ..ops.arguments import of_tensor
from ..ops.complaints import explained, is_number, type_name
from ..tensor import Tensor, apply, wrap
from . import Generator, default_generator, standard_normal


class Sampled(Operation):
    """Numbers drawn at random: what they were drawn with gets a gradient of 0."""

    def forward(self, *arrays: Array, drawn: Array, named: str) -> Array:
        """Return what was drawn."""
        self.inputs, self.named = arrays, named
        return drawn

    def backward(self, grad: Array) -> tuple[Array | None, ...]:
        """Return zeros."""
        return tuple(np.zeros_like(a) for a in self.inputs)

    def name(self) -> str:
        """PyTorch's name for it: that of the function that drew."""
        return self.named


@explained
def normal(
    mean: Any,
    std: Any = 1.0,
    size: Any = None,
    *,
    generator: Generator | None = None,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return normally distributed numbers of the given mean and standard deviation, tensors or numbers.

    With two numbers ``size`` says how many. ``RuntimeError`` for a negative ``std``.
    """
    for value in (mean, std):
        if not (is_number(value) or (isinstance(value, Tensor) and size is None)):
            raise TypeError(
                f"normal() received an invalid combination of arguments - got {type_name(value)}, but mean and std are "
                "tensors or, with a size, numbers."
            )
    if size is not None:
        mean, std = (value.item() if isinstance(value, Tensor) else value for value in (mean, std))
    tensors = [value for value in (mean, std) if isinstance(value, Tensor)]
    if not tensors:
        if size is None:
            raise TypeError("normal() of two numbers needs a size: normal(0.0, 1.0, (2, 3))")
        kind = as_dtype("normal", dtype)
        check_std(std)
        array = mean + std * standard_normal(shape_of("normal", (size,)), kind, generator)
        return made(np.asarray(array, kind.numpy), device, requires_grad)
    check_std(std)
    arrays = [value._array if isinstance(value, Tensor) else np.asarray(value) for value in (mean, std)]
    shape, kind = np.broadcast_shapes(*[a.shape for a in arrays]), tensors[0].dtype
    drawn = np.asarray(arrays[0] + arrays[1] * standard_normal(shape, kind, generator), kind.numpy)
    variant = 3 if len(tensors) == 2 else 1 if isinstance(mean, Tensor) else 2
    return apply(Sampled, *tensors, drawn=drawn, named=f"NormalBackward{variant}")


def check_std(std: Any) -> None:
    """Raise ``RuntimeError`` for a standard deviation below 0."""
    if isinstance(std, Tensor):
        if (std._array < 0).any():
            raise RuntimeError("normal expects all elements of std >= 0.0")
    elif std < 0:
        raise RuntimeError(f"normal expects std >= 0.0, but found std {std:g}")


@of_tensor
def bernoulli(input: Tensor, p: float | None = None, *, generator: Generator | None = None) -> Tensor:
    """Return 1 with the probability that each element states (or with ``p``), else 0.

    ``RuntimeError`` for what is no probability.
    """
    if p is None and not input.is_floating_point():
        raise NotImplementedError(
            f"\"bernoulli_tensor_cpu_p_\" not implemented for '{input.dtype.word}'. Convert it first: x.float()."
        )
    return apply(Sampled, input, drawn=flips(input, input if p is None else p, generator), named="BernoulliBackward0")


def flips(input: Tensor, p: Any, own: Generator | None) -> Array:
    """Return 1 with the probability ``p``, a number or a tensor, else 0, in the shape and type of ``input``."""
    chance = p._array if isinstance(p, Tensor) else p
    if isinstance(p, Tensor):
        if not ((chance >= 0) & (chance <= 1)).all():
            raise RuntimeError("Expected p_in >= 0 && p_in <= 1 to be true, but got false. These are no probabilities.")
    elif not 0 <= p <= 1:
        raise RuntimeError(f"bernoulli_ expects p to be in [0, 1], but got p={p:g}")
    return np.asarray((own or default_generator).numpy.random(input._array.shape) < chance, input._array.dtype)


@of_tensor
def multinomial(
    input: Tensor, num_samples: int, replacement: bool = False, *, generator: Generator | None = None
) -> Tensor:
    """Return the indices of ``num_samples`` draws from each row of weights, which need not add up to 1.

    ``(n,)`` gives ``(num_samples,)``, ``(m, n)`` gives ``(m, num_samples)``. Without ``replacement`` none is drawn
    twice. ``RuntimeError`` for weights that are negative, not finite or all 0.
    """
    weights = _weights(input, num_samples, replacement)
    numbers = (generator or default_generator).numpy
    if replacement:
        reached = np.cumsum(weights, axis=-1)
        draws = numbers.random((len(weights), num_samples)) * reached[:, -1:]
        # how many intervals end before the draw: the number of the one it falls into
        index = np.stack([np.searchsorted(ends, row, "right") for ends, row in zip(reached, draws, strict=True)])
    else:
        # of exponential times with these rates, the order of arrival is that of draws without replacement
        with np.errstate(divide="ignore"):  # a weight of 0 never arrives
            times = numbers.exponential(size=weights.shape) / weights
        index = np.argsort(times, axis=-1)[:, :num_samples]
    return wrap(index.reshape(*input._array.shape[:-1], num_samples).astype(np.int64, copy=False), input._device)


def _weights(input: Tensor, num_samples: int, replacement: bool) -> Array:
    """Return the weights as a matrix in ``float64``, after a look for what is no distribution."""
    array = input._array
    if not input.is_floating_point():
        raise RuntimeError(
            f"multinomial only supports floating-point dtypes for input, got: {input.dtype.word}. Convert it first."
        )
    if array.ndim not in (1, 2):
        raise RuntimeError("prob_dist must be 1 or 2 dim")
    if num_samples <= 0:
        raise RuntimeError("cannot sample n_sample <= 0 samples")
    if not replacement and num_samples > array.shape[-1]:
        raise RuntimeError("cannot sample n_sample > prob_dist.size(-1) samples without replacement")
    if not (np.isfinite(array) & (array >= 0)).all():
        if replacement and num_samples > 1:
            found = "= infinity or NaN" if (array >= 0).all() else "< 0"
            raise RuntimeError(f"invalid multinomial distribution (encountering probability entry {found})")
        raise RuntimeError("probability tensor contains either `inf`, `nan` or element < 0")
    if not (array.sum(axis=-1) > 0).all():
        raise RuntimeError("invalid multinomial distribution (sum of probabilities <= 0)")
    return np.atleast_2d(array).astype(np.float64)
