"""The layers' computations as functions: no state, everything handed in."""

from __future__ import annotations

import numpy as np

from .. import ops
from ..autograd import Array, Operation
from ..ops import log_softmax, relu, sigmoid, softmax, tanh
from ..tensor import Tensor, apply, wrap


def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Return ``input @ weight.T + bias``.

    ``input`` is ``(*, in_features)``, ``weight`` ``(out_features, in_features)``, ``bias``
    ``(out_features,)``; the result is ``(*, out_features)``. ``RuntimeError`` if they do not fit.
    """
    if input.shape[-1:] != weight.shape[-1:]:
        rows = input.numel() // max(input.shape[-1], 1)
        raise RuntimeError(
            f"mat1 and mat2 shapes cannot be multiplied ({rows}x{input.shape[-1]} and "
            f"{weight.shape[-1]}x{weight.shape[0]}). The layer takes {weight.shape[-1]} features; the input has "
            f"{input.shape[-1]}."
        )
    if input.dtype is not weight.dtype:
        words = [t.dtype.tensor_name.removesuffix("Tensor") for t in (input, weight)]
        raise RuntimeError(
            f"mat1 and mat2 must have the same dtype, but got {words[0]} and {words[1]}. Convert the input, for "
            "example with .to(model.weight.dtype)."
        )
    if bias is None:
        return ops.matmul(input, weight.t())
    if input.ndim == 2:
        return ops.addmm(bias, input, weight.t())
    flat = ops.addmm(bias, input.reshape(-1, input.shape[-1]), weight.t())
    return flat.reshape(*input.shape[:-1], weight.shape[0])


class BatchNorm(Operation):
    """``(x - mean) / sqrt(var + eps) * weight + bias`` with the statistics of the batch.

    ``axes`` are those that are averaged over, every one but the channels. The gradient is that of
    Ioffe and Szegedy, "Batch Normalization" (2015), section 3, written with the normalised input.
    """

    uses = ((0, 1), (0,), ())

    def forward(  # type: ignore[override]
        self, x: Array, weight: Array, bias: Array, mean: Array, scale: Array, axes: tuple[int, ...], batch: bool
    ) -> Array:
        normed = (x - mean) * scale
        self.saved, self.axes, self.batch = (normed, weight, scale), axes, batch
        return normed * weight + bias

    def backward(self, grad: Array) -> tuple[Array | None, ...]:
        normed, weight, scale = self.saved  # type: ignore[misc]
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
    _check_statistics(channels, running_mean=running_mean, running_var=running_var, weight=weight, bias=bias)
    use_batch = training or running_mean is None or running_var is None
    if use_batch:
        mean = input._array.mean(axis=axes)
        var = input._array.var(axis=axes)
    else:
        mean, var = running_mean._array, running_var._array  # type: ignore[union-attr]
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
        batch=use_batch,
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

    def forward(  # type: ignore[override]
        self, log_probabilities: Array, target: Array, weight: Array, total: Array
    ) -> Array:
        self.shape, self.rows = log_probabilities.shape, np.arange(len(target))
        self.target, self.factor = target, weight / total
        picked = log_probabilities[self.rows, target]
        return np.asarray(-(picked * self.factor).sum(), log_probabilities.dtype)

    def backward(self, grad: Array) -> tuple[Array | None, ...]:
        spread = np.zeros(self.shape, grad.dtype)
        spread[self.rows, self.target] = -grad * self.factor
        return (spread,)


def nll_loss(input: Tensor, target: Tensor, reduction: str = "mean", ignore_index: int = -100) -> Tensor:
    """Return the negative log likelihood of the classes ``target``.

    ``input`` is ``(N, C)``, log probabilities; ``target`` ``(N,)``, class indices. ``reduction`` is
    ``"mean"`` over the targets that are not ``ignore_index``, ``"sum"``, or ``"none"`` for one loss a row.
    """
    _check_targets(input, target, ignore_index)
    kept = target._array != ignore_index
    index = np.where(kept, target._array, 0)
    if reduction == "none":
        picked = ops.gather(input, 1, _as_index(index)).squeeze(1)
        return -picked * _as_mask(kept, input)
    if reduction not in ("mean", "sum"):
        raise ValueError(f"{reduction} is not a valid value for reduction: 'mean', 'sum' or 'none'")
    weight = kept.astype(input._array.dtype)
    with np.errstate(invalid="ignore", divide="ignore"):
        total = weight.sum() if reduction == "mean" else weight.dtype.type(1)
        return apply(NllLoss, input, target=index, weight=weight, total=total)


def cross_entropy(input: Tensor, target: Tensor, ignore_index: int = -100, reduction: str = "mean") -> Tensor:
    """Return the cross entropy between the classes ``target`` and the softmax of ``input``.

    ``input`` is ``(N, C)``, unnormalised; ``target`` ``(N,)``, class indices as ``int64``. ``reduction``
    as in ``nll_loss``. ``ValueError`` if the batch sizes differ, ``IndexError`` for a class that is none.
    """
    _check_targets(input, target, ignore_index)
    return nll_loss(ops.log_softmax(input, 1), target, reduction=reduction, ignore_index=ignore_index)


def mse_loss(input: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    """Return the squared difference: its mean, its ``"sum"``, or with ``"none"`` each element's."""
    squared = ops.square(input - target)
    reducers = {"mean": ops.mean, "sum": ops.sum, "none": lambda t: t}
    if reduction not in reducers:
        raise ValueError(f"{reduction} is not a valid value for reduction: 'mean', 'sum' or 'none'")
    reduced: Tensor = reducers[reduction](squared)  # type: ignore[no-untyped-call]
    return reduced


def _check_targets(input: Tensor, target: Tensor, ignore_index: int) -> None:
    if input.ndim != 2 or target.ndim != 1:
        raise RuntimeError(
            f"expected an input of the shape (N, C) and a target of the shape (N,), but got {list(input.shape)} and "
            f"{list(target.shape)}"
        )
    if input.shape[0] != target.shape[0]:
        raise ValueError(
            f"Expected input batch_size ({input.shape[0]}) to match target batch_size ({target.shape[0]})."
        )
    if target.dtype.name not in ("int64", "uint8"):
        word = target.dtype.tensor_name.removesuffix("Tensor")
        raise RuntimeError(
            f"expected target dtype to be Long or Byte, but got {word}. Class indices are whole numbers: target.long()."
        )
    wrong = (target._array != ignore_index) & ((target._array < 0) | (target._array >= input.shape[1]))
    if wrong.any():
        raise IndexError(f"Target {target._array[wrong][0]} is out of bounds.")


def _as_index(index: Array) -> Tensor:
    return wrap(index.astype(np.int64).reshape(-1, 1))


def _as_mask(kept: Array, like: Tensor) -> Tensor:
    return wrap(kept.astype(like._array.dtype), like.device)


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
