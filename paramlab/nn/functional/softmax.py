"""The softmax family: numbers to probabilities, along a dimension."""

from __future__ import annotations

import warnings
from typing import Any

from ... import ops
from ...dtypes import dtype as DType
from ...random import rand_like
from ...tensor import Tensor


def softmax(input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: DType | None = None) -> Tensor:
    """Return ``exp(input) / sum(exp(input))`` over ``dim``; with ``dtype`` the input is converted first.

    Without ``dim`` one is guessed, with a warning. ``NotImplementedError`` for integers.
    """
    over = _implicit_dim("softmax", input.ndim, _stacklevel) if dim is None else dim
    result: Tensor = _converted(input, dtype).softmax(over)
    return result


def softmin(input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: DType | None = None) -> Tensor:
    """Return the softmax of ``-input`` over ``dim``; the arguments as for ``softmax``."""
    over = _implicit_dim("softmin", input.ndim, _stacklevel) if dim is None else dim
    result: Tensor = _converted(-input, dtype).softmax(over)
    return result


def log_softmax(input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: DType | None = None) -> Tensor:
    """Return the logarithm of the softmax over ``dim``, without overflow; the arguments as for ``softmax``."""
    over = _implicit_dim("log_softmax", input.ndim, _stacklevel) if dim is None else dim
    result: Tensor = _converted(input, dtype).log_softmax(over)
    return result


def gumbel_softmax(logits: Tensor, tau: float = 1, hard: bool = False, eps: float = 1e-10, dim: int = -1) -> Tensor:
    """Draw from the categorical distribution of ``logits``, so that a gradient passes.

    Jang et al., "Categorical reparameterization with Gumbel-softmax" (2016): the softmax of ``(logits + g) / tau``
    with ``g`` drawn from the Gumbel distribution. ``hard`` gives one-hot vectors that have the gradient of the
    soft ones. ``eps`` has no effect.
    """
    if eps != 1e-10:
        warnings.warn("`eps` parameter is deprecated and has no effect.", stacklevel=2)
    exponential = -ops.log(1 - rand_like(logits))  # 1 - u is never 0
    soft = ops.softmax((logits - ops.log(exponential)) / tau, dim)
    if not hard:
        return soft
    one_hot = ops.eq(soft, ops.max(soft, dim, keepdim=True)[0]).to(soft.dtype)
    straight_through: Tensor = one_hot - soft.detach() + soft
    return straight_through


def _converted(input: Tensor, dtype: DType | None) -> Any:
    return input if dtype is None else input.to(dtype)


def _implicit_dim(name: str, ndim: int, stacklevel: int) -> int:
    warnings.warn(
        f"Implicit dimension choice for {name} has been deprecated. Change the call to include dim=X as an argument.",
        stacklevel=stacklevel,
    )
    return 0 if ndim in (0, 1, 3) else 1
