"""Normalisation: by the statistics of a batch, or of each example alone.

The sums are taken by ``einsum``: several times quicker than ``sum`` over axes that are not neighbours.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ... import ops
from ...autograd import Array, Operation
from ...ops.arguments import need_tensors
from ...ops.complaints import explained
from ...ops.operands import axis
from ...tensor import Tensor, apply, common_device, wrap

Grads = tuple[Array | None, ...]


class BatchNorm(Operation):
    """``(x - mean) * scale * weight + bias`` for each channel, ``scale`` being ``1 / sqrt(var + eps)``.

    ``centred`` is ``x - mean`` as ``(N, C, L)``, and is overwritten. With ``of_batch`` mean and variance were
    computed of ``x`` and pull at every element of it. The gradient is that of Ioffe and Szegedy, "Batch
    Normalization" (2015), section 3, written with ``x - mean``.
    """

    uses = ((0, 1), (0,), ())

    def forward(
        self, x: Array, weight: Array, bias: Array, mean: Array, scale: Array, centred: Array, of_batch: bool
    ) -> Array:
        self.saved, self.of_batch = (x, weight, mean, scale), of_batch
        out = centred
        out *= (scale * weight)[:, None]
        out += bias[:, None]
        return out.reshape(x.shape).astype(x.dtype, copy=False)

    def backward(self, grad: Array) -> Grads:
        x, weight, mean, scale = self.saved
        grads = _channels(_wide(grad))
        centred = _channels(x) - mean[:, None]
        to_bias = np.einsum("ncl->c", grads)
        to_weight = np.einsum("ncl,ncl->c", grads, centred) * scale
        to_x = None
        if self.needs[0]:
            to_x = grads * (scale * weight)[:, None]
            if self.of_batch:
                share = scale * weight / grads.dtype.type(max(x.size // len(mean), 1))
                centred *= (share * scale * to_weight)[:, None]
                centred += (share * to_bias)[:, None]
                to_x -= centred
            to_x = to_x.reshape(x.shape).astype(x.dtype, copy=False)
        return to_x, to_weight.astype(weight.dtype, copy=False), to_bias.astype(weight.dtype, copy=False)

    def name(self) -> str:
        """PyTorch's name for it."""
        return "NativeBatchNormBackward0"


def _channels(x: Array) -> Array:
    """Return ``(N, C, *)`` as ``(N, C, L)``."""
    return x.reshape(*x.shape[:2], math.prod(x.shape[2:]))


@explained
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
    """Normalise each channel of ``input``, ``(N, C, *)``, and in training move the running statistics.

    In training the batch's own mean and variance are used, otherwise the running ones. ``weight`` and ``bias``
    are ``(C,)``. ``ValueError`` if there is just one value for a channel in training, or for an ``eps`` below 0, in
    training also for 0; ``RuntimeError`` if shapes or dtypes do not fit.
    """
    channels = input.shape[axis(1, input.ndim)]
    if training and input.numel() == channels:
        raise ValueError(
            f"Expected more than 1 value per channel when training, got input size {input.size()}. Give a larger "
            "batch, or call model.eval() first."
        )
    if training and eps <= 0:
        raise ValueError(f"batch_norm eps must be positive during training, but got {eps}")
    if training and (running_mean is None) is not (running_var is None):
        raise ValueError("running_mean and running_var must either both be None or neither be None")
    if eps < 0:
        raise ValueError(f"batch_norm eps must be non-negative, but got {eps}")
    given = {"running_mean": running_mean, "running_var": running_var, "weight": weight, "bias": bias}
    for name, tensor in given.items():
        if tensor is None and not training and name.startswith("running"):
            raise RuntimeError(f"{name} must be defined in evaluation mode")
        if tensor is not None and tensor.numel() != channels:
            raise RuntimeError(f"{name} should contain {channels} elements not {tensor.numel()}")
    _check_floating("batch_norm", input)
    _check_together(input, *given.values())
    with np.errstate(all="ignore"):  # an overflow is a value (inf), not a message
        if training or running_mean is None or running_var is None:
            mean, var, centred = _statistics(input._array)
            if running_mean is not None and running_var is not None and input.numel():
                count = input.numel() // channels
                unbiased = var * (count / (count - 1))
                update_running_stats(running_mean, wrap(mean, input._device), momentum)
                update_running_stats(running_var, wrap(unbiased, input._device), momentum)
        else:
            mean, var = running_mean._array, running_var._array
            centred = _channels(input._array) - mean[:, None]
        scale = (1 / np.sqrt(var + eps)).astype(mean.dtype, copy=False)
    gain = weight if weight is not None else _filled(1, channels, input)
    shift = bias if bias is not None else _filled(0, channels, input)
    return apply(BatchNorm, input, gain, shift, mean=mean, scale=scale, centred=centred, of_batch=training)


def update_running_stats(running: Tensor, batch: Tensor, momentum: float) -> None:
    """Move a running statistic towards a batch's: ``(1 - momentum) * running + momentum * batch``.

    ``running`` is a buffer, ``batch`` a tensor of its shape without a history. The buffer is written in
    place, so that the module, its state_dict and whoever else holds it see it.
    """
    running.copy_((1 - momentum) * running + momentum * batch)


def _statistics(x: Array) -> tuple[Array, Array, Array]:
    """Return the mean and the variance of each channel of ``(N, C, *)``, and what is left of it without the mean."""
    values = _channels(_wide(x))
    count = values.dtype.type(max(values.size // max(values.shape[1], 1), 1))
    mean = np.einsum("ncl->c", values) / count
    centred = values - mean[:, None]
    return mean, np.einsum("ncl,ncl->c", centred, centred) / count, centred


# ------------------------------------------------------------------ of each example


class _RowNorm(Operation):
    """``normed * weight + bias``, ``normed`` being rows of ``x`` with mean 0 and variance 1.

    A row's mean and variance pull at every element of it: Ba, Kiros and Hinton, "Layer Normalization" (2016).
    """

    uses = ((0, 1), (0,), ())

    def normalise(self, rows: Array, eps: float) -> Array:
        """Return the rows with mean 0 and variance 1."""
        count = rows.dtype.type(max(rows.shape[1], 1))
        normed: Array = rows - (np.einsum("rf->r", rows) / count)[:, None]
        var = np.einsum("rf,rf->r", normed, normed) / count
        self.scale = (1 / np.sqrt(var + rows.dtype.type(eps)))[:, None]
        normed *= self.scale
        return normed

    def through(self, grad: Array, normed: Array) -> Array:
        """Return the gradient of the rows, of that of ``normed``."""
        count = grad.dtype.type(max(grad.shape[1], 1))
        to_rows: Array = grad - (np.einsum("rf->r", grad) / count)[:, None]
        to_rows -= normed * (np.einsum("rf,rf->r", grad, normed) / count)[:, None]
        to_rows *= self.scale
        return to_rows


class LayerNorm(_RowNorm):
    """A row is an example, or what of it ``weight`` covers."""

    def forward(self, x: Array, weight: Array, bias: Array, eps: float) -> Array:
        normed = self.normalise(_wide(x).reshape(-1, max(weight.size, 1)), eps)
        self.saved = normed, x, weight
        return (normed * weight.reshape(-1) + bias.reshape(-1)).reshape(x.shape).astype(x.dtype, copy=False)

    def backward(self, grad: Array) -> Grads:
        normed, x, weight = self.saved
        rows = _wide(grad).reshape(normed.shape)
        return (
            self.through(rows * weight.reshape(-1), normed).reshape(x.shape).astype(x.dtype, copy=False),
            np.einsum("rf,rf->f", rows, normed).reshape(weight.shape).astype(weight.dtype, copy=False),
            rows.sum(axis=0).reshape(weight.shape).astype(weight.dtype, copy=False),
        )

    def name(self) -> str:
        """PyTorch's name for it."""
        return "NativeLayerNormBackward0"


class GroupNorm(_RowNorm):
    """A row is a group of channels of an example: Wu and He, "Group Normalization" (2018)."""

    def forward(self, x: Array, weight: Array, bias: Array, groups: int, eps: float) -> Array:
        rows = _wide(x).reshape(len(x) * groups, math.prod(x.shape[1:]) // groups)
        normed = self.normalise(rows, eps)
        self.saved = normed, x, weight
        out = _channels(normed.reshape(x.shape)) * weight[:, None] + bias[:, None]
        return out.reshape(x.shape).astype(x.dtype, copy=False)

    def backward(self, grad: Array) -> Grads:
        normed, x, weight = self.saved
        grads = _channels(_wide(grad))
        to_normed = (grads * weight[:, None]).reshape(normed.shape)
        return (
            self.through(to_normed, normed).reshape(x.shape).astype(x.dtype, copy=False),
            np.einsum("ncl,ncl->c", grads, normed.reshape(grads.shape)).astype(weight.dtype, copy=False),
            np.einsum("ncl->c", grads).astype(weight.dtype, copy=False),
        )

    def name(self) -> str:
        """PyTorch's name for it."""
        return "NativeGroupNormBackward0"


@explained
def layer_norm(
    input: Tensor,
    normalized_shape: Sequence[int],
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-05,
) -> Tensor:
    """Normalise over the last dimensions, which are ``normalized_shape``; so are ``weight`` and ``bias``.

    ``RuntimeError`` if shapes or dtypes do not fit.
    """
    shape = _normalized_shape("layer_norm", input, normalized_shape, "*, ")
    for name, tensor in (("weight", weight), ("bias", bias)):
        if tensor is not None and tensor.shape != shape:
            raise RuntimeError(
                f"Expected {name} to be of same shape as normalized_shape, but got {name} of shape "
                f"{list(tensor.shape)} and normalized_shape = {list(shape)}"
            )
    _check_together(input, weight, bias)
    _check_floating("LayerNormKernelImpl", input)
    gain = weight if weight is not None else _filled(1, shape, input)
    return apply(LayerNorm, input, gain, bias if bias is not None else _filled(0, shape, input), eps=eps)


def group_norm(
    input: Tensor, num_groups: int, weight: Tensor | None = None, bias: Tensor | None = None, eps: float = 1e-05
) -> Tensor:
    """Normalise each of ``num_groups`` groups of channels of each example of ``input``, ``(N, C, *)``.

    ``weight`` and ``bias`` are ``(C,)``. ``ValueError`` if there is just one value to a group, ``RuntimeError``
    if shapes or dtypes do not fit.
    """
    if input.ndim < 2:
        raise RuntimeError(f"Expected at least 2 dimensions for input tensor but received {input.ndim}")
    channels = input.shape[1]
    rows = [input.shape[0] * channels // num_groups, num_groups, *input.shape[2:]]
    if math.prod(rows) // num_groups == 1:
        raise ValueError(f"Expected more than 1 value per channel when training, got input size {list(input.shape)}")
    if channels % num_groups:
        raise RuntimeError(
            "Expected number of channels in input to be divisible by num_groups, but got input of shape "
            f"{list(input.shape)} and num_groups={num_groups}"
        )
    for name, tensor in (("weight", weight), ("bias", bias)):
        if tensor is not None and tensor.shape != (channels,):
            raise RuntimeError(
                f"Expected {name} to be a vector of size equal to the number of channels in input, but got {name} of "
                f"shape {list(tensor.shape)} and input of shape {list(input.shape)}"
            )
    _check_together(input, weight, bias)
    _check_floating("GroupNormKernelImpl", input)
    gain = weight if weight is not None else _filled(1, channels, input)
    shift = bias if bias is not None else _filled(0, channels, input)
    return apply(GroupNorm, input, gain, shift, groups=num_groups, eps=eps)


def rms_norm(
    input: Tensor, normalized_shape: Sequence[int], weight: Tensor | None = None, eps: float | None = None
) -> Tensor:
    """Divide by the root of the mean square over the last dimensions, ``normalized_shape``; multiply by ``weight``.

    Zhang and Sennrich, "Root Mean Square Layer Normalization" (2019). ``eps`` is the dtype's, if not given; half
    precision is computed in ``float32``. The answer has the input's dtype. ``NotImplementedError`` for integers.
    """
    shape = _normalized_shape("rms_norm", input, normalized_shape, "*")
    _check_floating("rms_norm", input)
    wide = input.float() if input._array.dtype == np.float16 else input  # the squares would overflow
    small = float(np.finfo(wide._array.dtype).eps) if eps is None else eps
    mean_square = ops.mean(ops.square(wide), tuple(range(-len(shape), 0)), keepdim=True)
    normed = ops.mul(wide, ops.pow(ops.add(mean_square, small), -0.5))
    return (normed if weight is None else ops.mul(normed, weight)).to(input.dtype)


def normalize(input: Tensor, p: float = 2.0, dim: Any = 1, eps: float = 1e-12, out: Tensor | None = None) -> Tensor:
    """Divide by the ``p``-norm over ``dim``, or by ``eps`` where that is larger; into ``out``, if it is given."""
    return ops.div(input, ops.clamp(input.norm(p, dim, keepdim=True), min=eps), out=out)


# ------------------------------------------------------------------ reading and checking


def _normalized_shape(name: str, input: Tensor, normalized_shape: Any, star: str) -> tuple[int, ...]:
    if not isinstance(normalized_shape, tuple | list):
        raise TypeError(
            f"{name}(): argument 'normalized_shape' (position 2) must be tuple of ints, not "
            f"{type(normalized_shape).__name__}"
        )
    need_tensors(name, input=input)
    shape = tuple(normalized_shape)
    if not shape:
        raise RuntimeError(
            "Expected normalized_shape to be at least 1-dimensional, i.e., containing at least one element, but got "
            "normalized_shape = []"
        )
    if input.shape[-len(shape) :] != shape:
        wanted = ", ".join(map(str, shape))
        raise RuntimeError(
            f"Given normalized_shape={list(shape)}, expected input with shape [{star}{wanted}], but got input of "
            f"size{list(input.shape)}"
        )
    return shape


def _check_floating(name: str, input: Tensor) -> None:
    if not input.is_floating_point():
        raise NotImplementedError(f"\"{name}\" not implemented for '{input.dtype.word}'. Convert the input: x.float().")


def _check_together(input: Tensor, *others: Tensor | None) -> None:
    """Raise unless all are on one device and of one dtype; half precision may have ``float32`` beside it."""
    given = [t for t in others if t is not None]
    common_device([input, *given])
    kind = input._array.dtype
    if all(t._array.dtype == kind for t in given):
        return
    if any(t._array.dtype != np.float32 for t in given):
        raise RuntimeError(
            "mixed dtype (CPU): expect parameter to have scalar type of Float. Convert the input to the module's dtype."
        )
    if kind != np.float16:
        raise RuntimeError(
            "mixed dtype (CPU): all inputs must share same datatype. Convert the input to the module's dtype."
        )


def _wide(x: Array) -> Array:
    """Return half precision as ``float32``: sums of it would overflow."""
    return x.astype(np.float32) if x.dtype == np.float16 else x


def _filled(value: float, shape: Any, like: Tensor) -> Tensor:
    return wrap(np.full(shape, value, like._array.dtype), like._device)
