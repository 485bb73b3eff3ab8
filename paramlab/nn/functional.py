"""The layers' computations as functions: no state, everything handed in."""

from __future__ import annotations

import warnings

import numpy as np

from .. import ops
from ..autograd import Array, Operation, unbroadcast
from ..dtypes import dtype
from ..ops import log_softmax, sigmoid, softmax, tanh
from ..ops.operands import check_broadcast
from ..tensor import Tensor, apply, common_device, wrap


def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Return ``input @ weight.T + bias``.

    ``input`` is ``(*, in_features)``, ``weight`` ``(out_features, in_features)``, ``bias``
    ``(out_features,)``; the result is ``(*, out_features)``. ``RuntimeError`` if they do not fit.
    """
    _check_linear(input._array, weight._array)
    if bias is None:
        return ops.matmul(input, weight.t())
    if input.ndim == 2:
        return ops.addmm(bias, input, weight.t())
    flat = ops.addmm(bias, input.reshape(-1, input.shape[-1]), weight.t())
    return flat.reshape(*input.shape[:-1], weight.shape[0])


def _check_linear(input: Array, weight: Array) -> None:
    if input.ndim == 0:
        raise RuntimeError("both arguments to linear need to be at least 1D, but they are 0D and 2D")
    features = weight.shape[-1]
    if input.shape[-1] != features:
        rows = input.size // max(input.shape[-1], 1)
        raise RuntimeError(
            f"mat1 and mat2 shapes cannot be multiplied ({rows}x{input.shape[-1]} and {features}x{weight.shape[0]}). "
            f"The layer takes {features} features; the input has {input.shape[-1]}."
        )
    if input.dtype != weight.dtype:
        raise RuntimeError(
            f"mat1 and mat2 must have the same dtype, but got {dtype.of(input.dtype).word} and "
            f"{dtype.of(weight.dtype).word}. Convert the input, for example with .to(model.weight.dtype)."
        )


def relu(input: Tensor, inplace: bool = False) -> Tensor:
    """Return each element, the negative ones as zero; with ``inplace`` the input itself, overwritten."""
    changed: Tensor = input.relu_() if inplace else ops.relu(input)
    return changed


class BatchNorm(Operation):
    """``(x - mean) / sqrt(var + eps) * weight + bias`` with the statistics of the batch.

    ``axes`` are those that are averaged over, every one but the channels. The gradient is that of
    Ioffe and Szegedy, "Batch Normalization" (2015), section 3, written with the normalised input.
    """

    uses = ((0, 1), (0,), ())

    def forward(
        self, x: Array, weight: Array, bias: Array, mean: Array, scale: Array, axes: tuple[int, ...], batch: bool
    ) -> Array:
        normed = (x - mean) * scale
        self.saved, self.axes, self.batch = (normed, weight, scale), axes, batch
        return normed * weight + bias

    def backward(self, grad: Array) -> tuple[Array | None, ...]:
        normed, weight, scale = self.saved
        to_bias = grad.sum(axis=self.axes, keepdims=True)
        to_weight = (grad * normed).sum(axis=self.axes, keepdims=True)
        to_x = grad
        if self.batch:  # mean and variance were computed of x, and pull at every element of it
            count = grad.dtype.type(grad.size // to_bias.size)
            to_x = grad - (to_bias + normed * to_weight) / count
        return to_x * (weight * scale), to_weight, to_bias

    def name(self) -> str:
        """PyTorch's name for it."""
        return "NativeBatchNormBackward0"


def batch_norm(
    input: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-05,
) -> Tensor:
    """Normalise each channel, ``input`` being ``(N, C, *)``, and move the running statistics in training.

    In training the batch's mean and variance are used and, with ``momentum``, blended into the running
    ones (the variance as the unbiased one); otherwise the running ones are used. ``ValueError`` if there
    is just one value per channel in training.
    """
    axes = (0, *range(2, input.ndim))
    channels = input.shape[1]
    column = (1, channels, *(1,) * (input.ndim - 2))
    if training and input.numel() // max(channels, 1) <= 1:
        raise ValueError(
            f"Expected more than 1 value per channel when training, got input size {input.size()}. Give a larger "
            "batch, or call model.eval() first."
        )
    if not training and (running_mean is None or running_var is None):
        missing = "running_mean" if running_mean is None else "running_var"
        raise RuntimeError(f"{missing} must be defined in evaluation mode")
    common_device([t for t in (input, running_mean, running_var, weight, bias) if t is not None])
    _check_statistics(channels, running_mean=running_mean, running_var=running_var, weight=weight, bias=bias)
    if training or running_mean is None or running_var is None:
        mean = input._array.mean(axis=axes)
        var = input._array.var(axis=axes)
    else:
        mean, var = running_mean._array, running_var._array
    if training and running_mean is not None and running_var is not None:
        count = input.numel() // channels
        _blend(running_mean, mean, momentum)
        _blend(running_var, var * (count / (count - 1)), momentum)
    kind = input.dtype
    scale = (1 / np.sqrt(var + eps)).astype(kind.numpy)
    gain = ops.reshape(weight, column) if weight is not None else _constant(1, column, input)
    shift = ops.reshape(bias, column) if bias is not None else _constant(0, column, input)
    return apply(
        BatchNorm,
        input,
        gain,
        shift,
        mean=mean.astype(kind.numpy, copy=False).reshape(column),
        scale=scale.reshape(column),
        axes=axes,
        batch=training,
    )


def _check_statistics(channels: int, **tensors: Tensor | None) -> None:
    for name, tensor in tensors.items():
        if tensor is not None and tensor.numel() != channels:
            raise RuntimeError(f"{name} should contain {channels} elements not {tensor.numel()}")


def _blend(running: Tensor, value: Array, momentum: float) -> None:
    """Move a running statistic towards the batch's; in place, so that every holder sees it."""
    running._array[...] = (1 - momentum) * running._array + momentum * value
    running._bump()


def _constant(value: float, shape: tuple[int, ...], like: Tensor) -> Tensor:
    return ops.expand(ops.scalar_like(like, value), shape)


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


__all__ = [
    "batch_norm",
    "cross_entropy",
    "linear",
    "log_softmax",
    "mse_loss",
    "nll_loss",
    "relu",
    "sigmoid",
    "softmax",
    "tanh",
]
