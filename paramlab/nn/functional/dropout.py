"""Dropout: values, or whole channels, set to zero at random while training."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from ... import ops
from ...autograd import Array
from ...meta import shape_only
from ...ops.arguments import need_tensors
from ...tensor import Tensor, wrap


def dropout(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """Return the input with each element zero with probability ``p`` and the others divided by ``1 - p``.

    So the expected value stays. Without ``training`` the input itself. ``ValueError`` unless ``0 <= p <= 1``.
    Srivastava et al., "Dropout" (2014).
    """
    need_tensors("dropout", input=input)
    return _drop(input, p, training, inplace, input.shape)


def dropout1d(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """Drop whole channels of signals ``(N, C, L)`` or ``(C, L)``; otherwise as ``dropout``."""
    check_probability(p)
    if input.ndim not in (2, 3):
        raise RuntimeError(
            f"dropout1d: Expected 2D or 3D input, but received a {input.ndim}D input. Note that dropout1d exists to "
            "provide channel-wise dropout on inputs with 1 spatial dimension, a channel dimension, and an optional "
            "batch dimension (i.e. 2D or 3D inputs)."
        )
    if input.ndim == 3:
        return _drop_channels(input, p, training, inplace)
    batch = input.unsqueeze_(0) if inplace else ops.unsqueeze(input, 0)
    dropped = _drop_channels(batch, p, training, inplace)
    return dropped.squeeze_(0) if inplace else ops.squeeze(dropped, 0)


def dropout2d(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """Drop whole channels of images ``(N, C, H, W)``; otherwise as ``dropout``.

    An input of another number of dimensions is warned of: its second dimension is taken for the channels.
    """
    check_probability(p)
    if input.ndim == 3:
        warnings.warn(
            "dropout2d: Received a 3D input to dropout2d and assuming that channel-wise 1D dropout behavior is desired "
            "- input is interpreted as shape (N, C, L), where C is the channel dim. For signals, use dropout1d.",
            UserWarning,
            stacklevel=2,
        )
    elif input.ndim != 4:
        warnings.warn(
            f"dropout2d: Received a {input.ndim}-D input to dropout2d, which is deprecated and will result in an error "
            "in a future release. To retain the behavior and silence this warning, please use dropout instead.",
            UserWarning,
            stacklevel=2,
        )
    return _drop_channels(input, p, training, inplace)


def _drop_channels(input: Tensor, p: float, training: bool, inplace: bool) -> Tensor:
    if input.ndim < 2 and training and p > 0:
        raise RuntimeError("Feature dropout requires at least 2 dimensions in the input")
    return _drop(input, p, training, inplace, (*input.shape[:2], *(1,) * (input.ndim - 2)))


def _drop(input: Tensor, p: float, training: bool, inplace: bool, shape: tuple[int, ...]) -> Tensor:
    """Multiply by a mask of the given shape, which broadcasts: 0 with probability ``p``, else ``1 / (1 - p)``."""
    check_probability(p)
    if not training or p == 0 or input.numel() == 0:
        return input
    if not input.is_floating_point() and p < 1:
        raise RuntimeError(f"result type Float can't be cast to the desired output type {input.dtype.word}")
    kind = input._array.dtype
    mask = wrap(shape_only(shape, kind) if input.is_meta else _mask(shape, p, kind), input._device)
    return input.mul_(mask) if inplace else ops.mul(input, mask)


def _mask(shape: tuple[int, ...], p: float, kind: np.dtype[Any]) -> Array:
    from ...random import generator  # numpy.random is slow to load

    kept = generator().random(shape, dtype=np.float32) >= p
    return np.asarray(kept * kind.type(1 / (1 - p) if p < 1 else 0))


def check_probability(p: float) -> None:
    """Raise ``ValueError`` unless ``p`` is a probability."""
    if p < 0.0 or p > 1.0:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
