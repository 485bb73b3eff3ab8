"""Clipping gradients: by the norm of all of them together, or each value by itself."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable
from types import GeneratorType
from typing import Any

import numpy as np

from ...autograd import Array
from ...creation import tensor
from ...ops import c_name
from ...tensor import Tensor, wrap

Tensors = Tensor | Iterable[Tensor]


def clip_grad_norm_(
    parameters: Tensors,
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:
    """Scale the gradients in place so that their norm, as if they were one vector, is at most ``max_norm``.

    Returns the norm before clipping. ``RuntimeError`` with ``error_if_nonfinite`` if it is nan or infinite.
    ``foreach`` makes no difference here. Source: Pascanu et al., "On the difficulty of training recurrent
    neural networks" (2013).
    """
    held = _listed(parameters)
    if not held and isinstance(parameters, GeneratorType):
        warnings.warn(
            "`parameters` is an empty generator, no gradient clipping will occur. A generator is used up by its first "
            "use: ask for model.parameters() again.",
            stacklevel=2,
        )
    total = get_total_norm([p.grad for p in held if p.grad is not None], norm_type, error_if_nonfinite)
    clip_grads_with_norm_(held, max_norm, total)
    return total


def clip_grad_norm(*args: Any, **options: Any) -> Tensor:
    """Do what ``clip_grad_norm_`` does, with a warning: this is its old name."""
    warnings.warn(
        "`torch.nn.utils.clip_grad_norm` is now deprecated in favor of `torch.nn.utils.clip_grad_norm_`.",
        FutureWarning,
        stacklevel=2,
    )
    return clip_grad_norm_(*args, **options)


def get_total_norm(
    tensors: Tensors, norm_type: float = 2.0, error_if_nonfinite: bool = False, foreach: bool | None = None
) -> Tensor:
    """Return the norm of all tensors as if they were one vector; ``norm_type`` may be ``inf``.

    ``RuntimeError`` for integers, or with ``error_if_nonfinite`` if it is nan or infinite.
    """
    held, order = _listed(tensors), float(norm_type)
    if not held:
        return tensor(0.0)
    norms = [_norm(tensor, order) for tensor in held]
    total = _norm(wrap(np.array(norms, np.result_type(*norms)), held[0].device), order)
    if error_if_nonfinite and not np.isfinite(total):
        raise RuntimeError(
            f"The total norm of order {order} for gradients from `parameters` is non-finite, so it cannot be clipped. "
            "To disable this error and scale the gradients by the non-finite norm anyway, set "
            "`error_if_nonfinite=False`"
        )
    return wrap(np.array(total), held[0].device)


def clip_grads_with_norm_(
    parameters: Tensors, max_norm: float, total_norm: Tensor, foreach: bool | None = None
) -> None:
    """Scale the gradients in place by ``max_norm / total_norm``, if that makes them smaller."""
    with np.errstate(all="ignore"):
        factor = np.minimum(float(max_norm) / (total_norm._array + np.float32(1e-6)), 1.0)
        for grad in _gradients(parameters):
            np.multiply(grad._array, factor, out=grad._array, casting="same_kind")
            grad._bump()


def clip_grad_value_(parameters: Tensors, clip_value: float, foreach: bool | None = None) -> None:
    """Limit each value of the gradients in place to ``[-clip_value, clip_value]``."""
    limit = float(clip_value)
    for grad in _gradients(parameters):
        np.clip(grad._array, -limit, limit, out=grad._array)
        grad._bump()


def _listed(tensors: Tensors) -> list[Tensor]:
    return [tensors] if isinstance(tensors, Tensor) else list(tensors)


def _gradients(parameters: Tensors) -> list[Tensor]:
    return [p.grad for p in _listed(parameters) if p.grad is not None]


def _norm(tensor: Tensor, order: float) -> Any:
    """Return ``(sum |x|^order)^(1/order)`` in the tensor's dtype; the largest, smallest or count at inf, -inf, 0."""
    if not tensor.is_floating_point():
        raise RuntimeError(
            f"linalg.vector_norm: Expected a floating point or complex tensor as input. Got {c_name(tensor.dtype)}"
        )
    kind = tensor._array.dtype
    flat: Array = tensor._array.reshape(-1)
    flat = flat.astype(np.float32) if kind == np.float16 else flat  # the squares would overflow
    norm = math.sqrt(np.dot(flat, flat)) if order == 2 else np.linalg.norm(flat, order)
    return kind.type(norm)
