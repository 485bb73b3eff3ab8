"""First values for weights. Each function fills a tensor in place, unrecorded, and returns it.

With ``generator`` the numbers are drawn from that one, else from the common one.
"""

from __future__ import annotations

import functools
import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from ..autograd import Array, no_grad
from ..random import Generator
from ..random import generator as numpy_generator
from ..random.filling import fill_evenly, fill_unrecorded, normally
from ..tensor import Tensor

_GAINS = {"tanh": 5.0 / 3, "relu": math.sqrt(2.0), "selu": 3.0 / 4}
_LINEAR = ("linear", "sigmoid", *(f"conv{way}{d}d" for way in ("", "_transpose") for d in (1, 2, 3)))
_FANS = ("fan_in", "fan_out")
_NUMBER = (int, float)

# ------------------------------------------------------------------ plain fillings


def uniform_(tensor: Tensor, a: float = 0.0, b: float = 1.0, generator: Generator | None = None) -> Tensor:
    """Fill with numbers drawn evenly from ``[a, b)``; ``RuntimeError`` if ``a`` is larger than ``b``."""
    return fill_evenly(tensor, a, b, generator)


def normal_(tensor: Tensor, mean: float = 0.0, std: float = 1.0, generator: Generator | None = None) -> Tensor:
    """Fill with normally distributed numbers; ``RuntimeError`` for a negative ``std``."""
    return fill_unrecorded(tensor, normally(tensor, mean, std, generator))


def trunc_normal_(
    tensor: Tensor,
    mean: float = 0.0,
    std: float = 1.0,
    a: float = -2.0,
    b: float = 2.0,
    generator: Generator | None = None,
) -> Tensor:
    """Fill with numbers of the normal distribution of ``mean`` and ``std`` that lie in ``[a, b]``.

    A warning if ``mean`` lies more than two ``std`` outside of the interval; ``RuntimeError`` if it is empty.
    """
    if mean < a - 2 * std or mean > b + 2 * std:
        warnings.warn(
            "mean is more than 2 std from [a, b] in nn.init.trunc_normal_. The distribution of values may be "
            "incorrect.",
            stacklevel=2,
        )
    _need_floats(tensor)
    if a > b:
        raise RuntimeError(f"uniform_ expects to return a [from, to) range, but found from={a:g} > to={b:g}")
    numbers = _truncated_normal(numpy_generator(generator), tensor.numel(), mean, std, a, b)
    rounded = numbers.astype(tensor._array.dtype)
    return fill_unrecorded(tensor, np.clip(rounded, rounded.dtype.type(a), rounded.dtype.type(b)).reshape(tensor.shape))


def constant_(tensor: Tensor, val: float) -> Tensor:
    """Fill with one value."""
    with no_grad():
        return tensor.fill_(val)  # type: ignore[no-any-return]


def zeros_(tensor: Tensor) -> Tensor:
    """Fill with zeros."""
    return constant_(tensor, 0.0)


def ones_(tensor: Tensor) -> Tensor:
    """Fill with ones."""
    return constant_(tensor, 1.0)


def eye_(tensor: Tensor) -> Tensor:
    """Fill a matrix with the identity; ``ValueError`` unless it has two dimensions."""
    _need_matrix(tensor)
    return fill_unrecorded(tensor, np.eye(*tensor.shape))


def dirac_(tensor: Tensor, groups: int = 1) -> Tensor:
    """Fill the weight of a convolution so that it hands its input on, as many channels as there are.

    ``tensor`` is ``(out, in, …)`` with 1 to 3 dimensions of space, else ``ValueError``; with ``groups`` each group
    of outputs hands the inputs on.
    """
    if tensor.ndim not in (3, 4, 5):
        raise ValueError("Only tensors with 3, 4, or 5 dimensions are supported")
    outputs, inputs, *space = tensor.shape
    if outputs % groups:
        raise ValueError("dim 0 must be divisible by groups")
    weight = np.zeros(tensor.shape)
    centre = tuple(length // 2 for length in space)
    for group in range(groups):
        for channel in range(min(outputs // groups, inputs)):
            weight[(group * (outputs // groups) + channel, channel, *centre)] = 1
    return fill_unrecorded(tensor, weight)


# ------------------------------------------------------------------ fillings that keep the signal's size


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """Return the factor that keeps the variance through a nonlinearity; ``ValueError`` for an unknown one.

    ``param`` is the slope of a ``"leaky_relu"``, 0.01 if it is not given.
    """
    if nonlinearity == "leaky_relu":  # first, for each new Linear asks for it
        slope = 0.01 if param is None else param
        if not isinstance(slope, _NUMBER) or isinstance(slope, bool):
            raise ValueError(f"negative_slope {param} not a valid number")
        return math.sqrt(2.0 / (1 + slope**2))
    if nonlinearity in _LINEAR:
        return 1
    if nonlinearity not in _GAINS:
        raise ValueError(f"Unsupported nonlinearity {nonlinearity}")
    return _GAINS[nonlinearity]


def _calculate_fan_in_and_fan_out(tensor: Tensor) -> tuple[int, int]:
    """Return how many values a weight's output is summed of, and how many outputs its input reaches."""
    shape = tensor._array.shape
    if len(shape) < 2:
        raise ValueError("Fan in and fan out can not be computed for tensor with fewer than 2 dimensions")
    field = math.prod(shape[2:])
    return shape[1] * field, shape[0] * field


def _calculate_correct_fan(tensor: Tensor, mode: str) -> int:
    """Return the one that ``mode`` names, ``"fan_in"`` or ``"fan_out"``; ``ValueError`` for anything else."""
    wanted = mode.lower()
    if wanted not in _FANS:
        raise ValueError(f"Mode {wanted} not supported, please use one of {list(_FANS)}")
    fan_in, fan_out = _calculate_fan_in_and_fan_out(tensor)
    return fan_in if wanted == "fan_in" else fan_out


def xavier_uniform_(tensor: Tensor, gain: float = 1.0, generator: Generator | None = None) -> Tensor:
    """Fill evenly from ``(-bound, bound)``, ``bound = gain * sqrt(6 / (fan_in + fan_out))``.

    Source: Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural
    networks" (2010).
    """
    bound = gain * math.sqrt(6.0 / sum(_calculate_fan_in_and_fan_out(tensor)))
    return uniform_(tensor, -bound, bound, generator)


def xavier_normal_(tensor: Tensor, gain: float = 1.0, generator: Generator | None = None) -> Tensor:
    """Fill with the normal distribution of ``std = gain * sqrt(2 / (fan_in + fan_out))``; as ``xavier_uniform_``."""
    std = gain * math.sqrt(2.0 / sum(_calculate_fan_in_and_fan_out(tensor)))
    return normal_(tensor, 0.0, std, generator)


def kaiming_uniform_(
    tensor: Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
) -> Tensor:
    """Fill evenly from ``(-bound, bound)``, ``bound = gain * sqrt(3 / fan)``.

    Source: He et al., "Delving deep into rectifiers" (2015). ``a`` is the slope of a leaky ReLU;
    ``mode`` is ``"fan_in"`` or ``"fan_out"``, ``ValueError`` for anything else. A tensor without
    elements is left as it is, with a warning.
    """
    if tensor.numel() == 0:
        warnings.warn("Initializing zero-element tensors is a no-op", stacklevel=2)
        return tensor
    fan = _calculate_correct_fan(tensor, mode)
    bound = calculate_gain(nonlinearity, a) * math.sqrt(3.0 / fan)
    return uniform_(tensor, -bound, bound, generator)


def kaiming_normal_(
    tensor: Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
) -> Tensor:
    """Fill with the normal distribution of ``std = gain / sqrt(fan)``; otherwise as ``kaiming_uniform_``."""
    if tensor.numel() == 0:
        warnings.warn("Initializing zero-element tensors is a no-op", stacklevel=2)
        return tensor
    std = calculate_gain(nonlinearity, a) / math.sqrt(_calculate_correct_fan(tensor, mode))
    return normal_(tensor, 0.0, std, generator)


def orthogonal_(tensor: Tensor, gain: float = 1, generator: Generator | None = None) -> Tensor:
    """Fill with ``gain`` times a random matrix whose rows or columns, whichever are fewer, are orthonormal.

    Dimensions after the first count as one. ``ValueError`` for less than two dimensions. Source: Saxe et al.,
    "Exact solutions to the nonlinear dynamics of learning in deep linear neural networks" (2013).
    """
    if tensor.ndim < 2:
        raise ValueError("Only tensors with 2 or more dimensions are supported")
    if tensor.numel() == 0:
        return tensor
    _need_floats(tensor)
    rows = tensor.shape[0]
    columns = tensor.numel() // rows
    drawn = numpy_generator(generator).normal(size=(max(rows, columns), min(rows, columns)))
    q, r = np.linalg.qr(drawn)
    # with these signs every orthogonal matrix is as likely as any other: Mezzadri, "How to generate random matrices
    # from the classical compact groups" (2007)
    q *= np.sign(np.diag(r))
    return fill_unrecorded(tensor, gain * (q.T if rows < columns else q).reshape(tensor.shape))


def sparse_(tensor: Tensor, sparsity: float, std: float = 0.01, generator: Generator | None = None) -> Tensor:
    """Fill a matrix with normally distributed numbers, and the share ``sparsity`` of each column with zeros.

    ``ValueError`` unless it has two dimensions. Source: Martens, "Deep learning via Hessian-free optimization"
    (2010).
    """
    _need_matrix(tensor)
    _need_floats(tensor)
    rows, columns = tensor.shape
    draw = numpy_generator(generator)
    weight = draw.normal(0, std, (rows, columns))
    for column in weight.T:
        column[draw.permutation(rows)[: math.ceil(sparsity * rows)]] = 0
    return fill_unrecorded(tensor, weight)


# ------------------------------------------------------------------ helpers


def _need_matrix(tensor: Tensor) -> None:
    if tensor.ndim != 2:
        raise ValueError("Only tensors with 2 dimensions are supported")


def _need_floats(tensor: Tensor) -> None:
    if not tensor.is_floating_point():
        raise NotImplementedError(f"\"normal_kernel_cpu\" not implemented for '{tensor.dtype.word}'. Use .float().")


def _truncated_normal(draw: np.random.Generator, count: int, mean: float, std: float, a: float, b: float) -> Array:
    """Draw until all numbers lie in ``[a, b]``: from the normal distribution, or evenly where few of it would fit.

    Evenly drawn numbers are kept as often as their density is to the largest one (von Neumann's rejection).
    """
    fitting = _normal_cdf((b - mean) / std) - _normal_cdf((a - mean) / std)
    peak = (max(a, min(mean, b)) - mean) / std
    numbers, pending = np.empty(count), np.arange(count)
    while len(pending):
        if fitting > 0.3:
            drawn = draw.normal(mean, std, len(pending))
            kept = (drawn >= a) & (drawn <= b)
        else:
            drawn = draw.uniform(a, b, len(pending))
            kept = np.log(draw.random(len(pending))) <= 0.5 * (peak**2 - ((drawn - mean) / std) ** 2)
        numbers[pending[kept]] = drawn[kept]
        pending = pending[~kept]
    return numbers


def _normal_cdf(x: float) -> float:
    return (1.0 + math.erf(x / math.sqrt(2.0))) / 2.0


# ------------------------------------------------------------------ old names


def _renamed(fill: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Return ``fill`` under the name that it had before, without the underscore; using that is warned of."""
    new = fill.__name__

    @functools.wraps(fill)
    def old(*args: Any, **options: Any) -> Tensor:
        warnings.warn(
            f"`nn.init.{new[:-1]}` is now deprecated in favor of `nn.init.{new}`.", FutureWarning, stacklevel=2
        )
        return fill(*args, **options)

    old.__name__, old.__doc__ = new[:-1], f"Do what ``{new}`` does, with a warning: this is its old name."
    return old


uniform, normal, constant = _renamed(uniform_), _renamed(normal_), _renamed(constant_)
eye, dirac = _renamed(eye_), _renamed(dirac_)
xavier_uniform, xavier_normal = _renamed(xavier_uniform_), _renamed(xavier_normal_)
kaiming_uniform, kaiming_normal = _renamed(kaiming_uniform_), _renamed(kaiming_normal_)
orthogonal, sparse = _renamed(orthogonal_), _renamed(sparse_)
