"""Losses: how far an output is from its target."""

from __future__ import annotations

import warnings

import numpy as np

from ... import ops
from ...autograd import Array, Operation, unbroadcast
from ...ops.operands import check_broadcast
from ...tensor import Tensor, apply, common_device, wrap


class NllLoss(Operation):
    """``-sum(weight[target] * log_probabilities[target])``, divided by ``total``; see ``nll_loss``."""

    def forward(self, log_probabilities: Array, target: Array, weight: Array, total: Array) -> Array:
        rows, factor = np.arange(len(target)), weight / total
        self.saved, self.shape = (rows, target, factor), log_probabilities.shape
        return np.asarray(-(log_probabilities[rows, target] * factor).sum(), log_probabilities.dtype)

    def backward(self, grad: Array) -> tuple[Array | None, ...]:
        spread = np.zeros(self.shape, grad.dtype)
        rows, target, factor = self.saved
        spread[rows, target] = -grad * factor
        return (spread,)


def nll_loss(input: Tensor, target: Tensor, *, ignore_index: int = -100, reduction: str = "mean") -> Tensor:
    """Return the negative log likelihood of the classes ``target``.

    ``input`` is ``(N, C)``, log probabilities; ``target`` ``(N,)``, class indices. ``reduction`` is
    ``"mean"`` over the targets that are not ``ignore_index``, ``"sum"``, or ``"none"`` for one loss a row.
    """
    _check_targets(input, target, ignore_index)
    return _nll(input, target, ignore_index, reduction)


def _nll(input: Tensor, target: Tensor, ignore_index: int, reduction: str) -> Tensor:
    kept = target._array != ignore_index
    index = np.where(kept, target._array, 0)
    if reduction == "none":
        picked: Tensor = ops.gather(input, 1, _beside(input, index.astype(np.int64).reshape(-1, 1))).squeeze(1)
        unweighted: Tensor = -picked * _beside(input, kept.astype(input._array.dtype))
        return unweighted
    if reduction not in ("mean", "sum"):
        raise ValueError(f"{reduction} is not a valid value for reduction: 'mean', 'sum' or 'none'")
    weight = kept.astype(input._array.dtype)
    total = weight.sum() if reduction == "mean" else weight.dtype.type(1)
    return apply(NllLoss, input, target=index, weight=weight, total=total)


def cross_entropy(input: Tensor, target: Tensor, *, ignore_index: int = -100, reduction: str = "mean") -> Tensor:
    """Return the cross entropy between the classes ``target`` and the softmax of ``input``.

    ``input`` is ``(N, C)``, unnormalised; ``target`` ``(N,)``, class indices as ``int64``. ``reduction``
    as in ``nll_loss``. ``ValueError`` if the batch sizes differ, ``IndexError`` for a class that is none.
    """
    _check_targets(input, target, ignore_index)
    return _nll(ops.log_softmax(input, 1), target, ignore_index, reduction)


class MseLoss(Operation):
    """``(a - b)²``, its mean or sum; ``a`` gets ``2 * (a - b)``, ``b`` the negative."""

    uses = ((0, 1), (0, 1))

    def forward(self, a: Array, b: Array, reduction: str) -> Array:
        difference = a - b
        self.share = difference.dtype.type(1 / max(difference.size, 1) if reduction == "mean" else 1)
        self.saved, self.shapes = (difference,), (a.shape, b.shape)
        squared: Array = difference * difference
        if reduction == "none":
            return squared
        total = squared.sum()
        return np.asarray(total / squared.dtype.type(squared.size) if reduction == "mean" else total, a.dtype)

    def backward(self, grad: Array) -> tuple[Array | None, ...]:
        (difference,) = self.saved
        to_a = (2 * self.share * grad) * difference
        return (
            unbroadcast(to_a, self.shapes[0]) if self.needs[0] else None,
            unbroadcast(-to_a, self.shapes[1]) if self.needs[1] else None,
        )


def mse_loss(input: Tensor, target: Tensor, *, reduction: str = "mean") -> Tensor:
    """Return the squared difference: its mean, its ``"sum"``, or with ``"none"`` each element's.

    A target of another shape broadcasts, with a warning: it is rarely meant.
    """
    if target.shape != input.shape:
        warnings.warn(
            f"Using a target size ({target.size()}) that is different to the input size ({input.size()}). This will "
            "likely lead to incorrect results due to broadcasting. Please ensure they have the same size.",
            UserWarning,
            stacklevel=2,
        )
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"{reduction} is not a valid value for reduction: 'mean', 'sum' or 'none'")
    kind = ops.result_type(input, target)
    if not kind.is_floating_point:
        raise NotImplementedError(f"\"mse_cpu\" not implemented for '{kind.word}'. Convert the tensors: x.float().")
    a, b = input.to(kind), target.to(kind)
    check_broadcast(a.shape, b.shape)
    return apply(MseLoss, a, b, reduction=reduction)


def _check_targets(input: Tensor, target: Tensor, ignore_index: int) -> None:
    if input.ndim != 2 or target.ndim != 1:
        raise RuntimeError(
            f"expected an input of the shape (N, C) and a target of the shape (N,), but got {list(input.shape)} and "
            f"{list(target.shape)}"
        )
    common_device((input, target))
    if input.shape[0] != target.shape[0]:
        raise ValueError(
            f"Expected input batch_size ({input.shape[0]}) to match target batch_size ({target.shape[0]})."
        )
    if target.dtype.name not in ("int64", "uint8"):
        raise RuntimeError(
            f"expected target dtype to be Long or Byte, but got {target.dtype.word}. Class indices are whole numbers: "
            "target.long()."
        )
    wrong = (target._array != ignore_index) & ((target._array < 0) | (target._array >= input.shape[1]))
    if wrong.any():
        raise IndexError(f"Target {target._array[wrong][0]} is out of bounds.")


def _beside(tensor: Tensor, array: Array) -> Tensor:
    return wrap(array, tensor.device)
