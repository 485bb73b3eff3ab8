"""Losses that are content with a margin: of two scores, of a distance, of a class over the others."""

from __future__ import annotations

import numpy as np

from ... import ops
from ...ops.complaints import explained
from ...tensor import Tensor, wrap
from .activation import need_tensor
from .distance import pairwise_distance
from .reduction import chosen, reduced


@explained
def hinge_embedding_loss(
    input: Tensor,
    target: Tensor,
    margin: float = 1.0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """Return ``x`` where the target is 1, and ``max(0, margin - x)`` where it is -1; ``input`` holds distances."""
    reduction = chosen(reduction, size_average, reduce)
    zero = ops.scalar_like(input, 0)
    apart = ops.where(ops.ne(target, 1), ops.clamp_min(margin - input, 0), zero)
    together = ops.where(ops.ne(target, -1), input, zero)
    return reduced(apart + together, reduction)


def margin_ranking_loss(
    input1: Tensor,
    input2: Tensor,
    target: Tensor,
    margin: float = 0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """Return ``max(0, -target * (input1 - input2) + margin)``; a target of 1 wants ``input1`` to be the larger."""
    reduction = chosen(reduction, size_average, reduce)
    if not input1.ndim == input2.ndim == target.ndim:
        raise RuntimeError(
            "margin_ranking_loss : All input tensors should have same dimension but got sizes: "
            f"input1: {input1.size()}, input2: {input2.size()}, target: {target.size()} "
        )
    return reduced(ops.clamp_min(-target * (input1 - input2) + margin, 0), reduction)


@explained
def cosine_embedding_loss(
    input1: Tensor,
    input2: Tensor,
    target: Tensor,
    margin: float = 0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """Return ``1 - cos`` where the target is 1, and ``max(0, cos - margin)`` where it is -1.

    The inputs are ``(N, D)`` with a target ``(N,)``, or ``(D,)`` with a target of no dimension;
    ``RuntimeError`` otherwise.
    """
    reduction = chosen(reduction, size_average, reduce)
    if target.ndim > 1:
        raise RuntimeError("0D or 1D target tensor expected, multi-target not supported")
    if input1.ndim != target.ndim + 1 or input2.ndim != target.ndim + 1:
        raise RuntimeError(
            f"{target.ndim}D target tensor expects {target.ndim + 1}D input tensors, but found inputs with sizes "
            f"{list(input1.shape)} and {list(input2.shape)}."
        )
    tiny = 1e-12
    lengths = (ops.sum(input1 * input1, -1) + tiny) * (ops.sum(input2 * input2, -1) + tiny)
    cosine = ops.sum(input1 * input2, -1) / ops.sqrt(lengths)
    zero = ops.scalar_like(cosine, 0)
    alike = ops.where(ops.eq(target, 1), 1 - cosine, zero)
    unlike = ops.where(ops.eq(target, -1), ops.clamp_min(cosine - margin, 0), zero)
    return reduced(alike + unlike, reduction)


@explained
def triplet_margin_loss(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    margin: float = 1.0,
    p: float = 2,
    eps: float = 1e-6,
    swap: bool = False,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """Return ``max(0, |anchor - positive| - |anchor - negative| + margin)``, the norms being of order ``p``.

    With ``swap`` the positive may take the anchor's place, if it is closer to the negative (Balntas et al.,
    "Learning local feature descriptors with triplets", 2016). ``ValueError`` unless ``margin`` is positive.
    """
    reduction = chosen(reduction, size_average, reduce)
    if margin <= 0:
        raise ValueError(f"margin must be greater than 0, got {margin}")
    if not anchor.ndim == positive.ndim == negative.ndim:
        raise RuntimeError(
            "The anchor, positive, and negative tensors are expected to have the same number of dimensions, but got: "
            f"anchor {anchor.ndim}D, positive {positive.ndim}D, and negative {negative.ndim}D inputs"
        )
    near, far = pairwise_distance(anchor, positive, p, eps), pairwise_distance(anchor, negative, p, eps)
    if swap:
        far = ops.minimum(far, pairwise_distance(positive, negative, p, eps))
    return reduced(ops.clamp_min(margin + near - far, 0), reduction)


@explained
def multi_margin_loss(
    input: Tensor,
    target: Tensor,
    p: int = 1,
    margin: float = 1.0,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """Return ``sum(max(0, margin - x[target] + x[j]) ** p) / C`` over the classes ``j`` that are not the target.

    ``input`` is ``(N, C)`` or ``(C,)``, ``target`` ``(N,)`` or ``()``, class indices; ``weight`` ``(C,)`` weighs
    the targets. ``ValueError`` for another ``p`` than 1 and 2, ``RuntimeError`` for targets that do not fit.
    """
    reduction = chosen(reduction, size_average, reduce)
    if p not in (1, 2):
        raise ValueError("only p == 1 and p == 2 supported")
    need_tensor("multi_margin_loss", input)
    rows = input if input.ndim == 2 else ops.reshape(input, (1, -1))
    classes = rows.shape[1]
    _check_margin_targets(input, target, weight, rows.shape[0], classes)
    index = target._array.reshape(-1, 1)
    right = ops.gather(rows, 1, wrap(index, input._device))
    losses = ops.relu(margin - right + rows) ** p
    share = (np.arange(classes) != index) / np.asarray(classes, rows._array.dtype)
    if weight is not None:
        share = share * weight._array[index]
    losses = ops.sum(losses * wrap(share.astype(rows._array.dtype), input._device), 1)
    return reduced(losses if input.ndim == 2 else ops.squeeze(losses, 0), reduction)


def _check_margin_targets(input: Tensor, target: Tensor, weight: Tensor | None, rows: int, classes: int) -> None:
    if weight is not None and weight.ndim != 1:
        raise ValueError("weight must be one-dimensional")
    if target.numel() != rows:
        raise RuntimeError(
            "multi_margin_loss: target tensor should be 1-D with size equal to the number of input samples (batch "
            f"size). Expected target size [{rows}], but got {list(target.shape)}. Input has shape {list(input.shape)}."
        )
    if weight is not None and weight.shape != (classes,):
        raise RuntimeError(f"inconsistent weight size, expected {classes} but got {list(weight.shape)}")
    if bool(((target._array < 0) | (target._array >= classes)).any()):
        raise RuntimeError("target out of range")
