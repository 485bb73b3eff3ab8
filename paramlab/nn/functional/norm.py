"""Normalisation: by the statistics of a batch, or of an example."""

from __future__ import annotations

import numpy as np

from ... import ops
from ...autograd import Array, Operation
from ...tensor import Tensor, apply, common_device


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
