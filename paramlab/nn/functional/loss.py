"""Losses of pairs of numbers: how far an output is from its target, element by element."""

from __future__ import annotations

import functools
import math
import warnings
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from ... import ops
from ...autograd import Array, Operation, unbroadcast
from ...ops.operands import check_broadcast
from ...tensor import Tensor, apply, common_device, wrap
from .activation import need_tensor
from .reduction import chosen, legacy, reduced, warn_of_sizes, weighted

Grads = tuple[Array | None, ...]


class PairLoss(Operation):
    """A loss ``value(a, b)`` of each output and target, times a weight; then their mean, their sum, or all of them.

    ``slope`` is the derivative by the output, ``target_slope`` that by the target.
    """

    in_float32 = True
    uses = ((0, 1), (0, 1))
    kernel: ClassVar[str]  # what the refusal of whole numbers names

    value: Callable[..., Any]
    """Return each pair's loss; the options come after the pair."""

    slope: Callable[..., Any]
    """Return the derivative of each loss by the output."""

    def forward(self, a: Array, b: Array, reduction: str, weight: Array | None = None, **options: Any) -> Array:
        losses = self.value(a, b, **options)
        if weight is not None:
            losses = losses * weight
        self.saved, self.options = (a, b, weight), options
        self.share = losses.dtype.type(1 / max(losses.size, 1) if reduction == "mean" else 1)
        if reduction == "none":
            return np.asarray(losses)
        total = losses.sum()
        return np.asarray(total / losses.dtype.type(losses.size) if reduction == "mean" else total)

    def backward(self, grad: Array) -> Grads:
        a, b, weight = self.saved
        outer = grad * self.share if weight is None else grad * self.share * weight
        return (
            unbroadcast(outer * self.slope(a, b, **self.options), a.shape) if self.needs[0] else None,
            unbroadcast(outer * self.target_slope(a, b, **self.options), b.shape) if self.needs[1] else None,
        )

    def target_slope(self, a: Array, b: Array, **options: Any) -> Any:
        """Return the derivative of each loss by the target: for a loss of ``a - b`` that by the output, negated."""
        return -self.slope(a, b, **options)


class MseLoss(PairLoss):
    """``(a - b)²``."""

    kernel = "mse_cpu"

    @staticmethod
    def value(a: Array, b: Array) -> Any:
        difference = a - b
        return np.multiply(difference, difference)

    @staticmethod
    def slope(a: Array, b: Array) -> Any:
        return 2 * np.subtract(a, b)


class SmoothL1Loss(PairLoss):
    """``(a - b)² / (2 * beta)`` where ``|a - b| < beta``, else ``|a - b| - beta / 2``."""

    kernel = "smooth_l1_cpu"

    @staticmethod
    def value(a: Array, b: Array, beta: float) -> Any:
        distance = np.abs(a - b)
        return np.where(distance < beta, 0.5 * distance * distance / beta, distance - 0.5 * beta).astype(a.dtype)

    @staticmethod
    def slope(a: Array, b: Array, beta: float) -> Any:
        return np.clip((a - b) / beta, -1, 1)


class HuberLoss(PairLoss):
    """``(a - b)² / 2`` where ``|a - b| <= delta``, else ``delta * (|a - b| - delta / 2)``."""

    kernel = "huber_cpu"

    @staticmethod
    def value(a: Array, b: Array, delta: float) -> Any:
        distance = np.abs(a - b)
        far = delta * (distance - 0.5 * delta)
        return np.where(distance <= delta, 0.5 * distance * distance, far).astype(a.dtype)

    @staticmethod
    def slope(a: Array, b: Array, delta: float) -> Any:
        return np.clip(a - b, -delta, delta)


class BinaryCrossEntropy(PairLoss):
    """``-(b * log(a) + (1 - b) * log(1 - a))``, no logarithm below -100, so that a wrong 0 or 1 stays finite."""

    @staticmethod
    def value(a: Array, b: Array) -> Any:
        return (b - 1) * np.maximum(np.log1p(-a), -100) - b * np.maximum(np.log(a), -100)

    @staticmethod
    def slope(a: Array, b: Array) -> Any:
        return (a - b) / np.maximum((1 - a) * a, 1e-12)

    def target_slope(self, a: Array, b: Array, **options: Any) -> Any:
        return np.log1p(-a) - np.log(a)


class BinaryCrossEntropyWithLogits(PairLoss):
    """The binary cross entropy of ``sigmoid(a)`` without overflow, the positive part times ``positive``.

    ``(1 - b) * a - (1 + (positive - 1) * b) * log(sigmoid(a))``.
    """

    @staticmethod
    def value(a: Array, b: Array, positive: Any) -> Any:
        return np.asarray((1 - b) * a + (1 + (positive - 1) * b) * np.logaddexp(-a, 0), a.dtype)

    @staticmethod
    def slope(a: Array, b: Array, positive: Any) -> Any:
        return np.asarray((1 - b) - (1 + (positive - 1) * b) / (1 + np.exp(a)), a.dtype)

    def target_slope(self, a: Array, b: Array, **options: Any) -> Any:
        return np.asarray((options["positive"] - 1) * np.logaddexp(-a, 0) - a, a.dtype)


# ------------------------------------------------------------------ functions


def mse_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    weight: Tensor | None = None,
) -> Tensor:
    """Return the squared difference: its mean, its ``"sum"``, or with ``"none"`` each element's.

    A target of another shape broadcasts, with a warning: it is rarely meant. With ``weight``, of the shape of
    ``input``, the mean is the weighted one.
    """
    warn_of_sizes(input, target)
    if size_average is not None or reduce is not None:
        reduction = legacy(size_average, reduce)
    if weight is not None:
        return _weighted_mean((input - target) ** 2, weight, reduction, input)
    return _pair_loss(MseLoss, input, target, chosen(reduction))


def l1_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    weight: Tensor | None = None,
) -> Tensor:
    """Return the absolute difference: its mean, its ``"sum"``, or each element's; otherwise as ``mse_loss``."""
    warn_of_sizes(input, target)
    if size_average is not None or reduce is not None:
        reduction = legacy(size_average, reduce)
    losses = ops.abs(input - target)
    if weight is not None:
        return _weighted_mean(losses, weight, reduction, input)
    return reduced(losses, chosen(reduction))


def smooth_l1_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    beta: float = 1.0,
) -> Tensor:
    """Return a loss that is square for differences below ``beta`` and straight for larger ones.

    Girshick, "Fast R-CNN" (2015). ``RuntimeError`` for a negative ``beta``; 0 is ``l1_loss``.
    """
    warn_of_sizes(input, target)
    reduction = chosen(reduction, size_average, reduce)
    if beta < 0:
        raise RuntimeError("smooth_l1_loss does not support negative values for beta.")
    if beta == 0:
        return reduced(ops.abs(input - target), reduction)
    return _pair_loss(SmoothL1Loss, input, target, reduction, beta=beta)


def huber_loss(
    input: Tensor,
    target: Tensor,
    reduction: str = "mean",
    delta: float = 1.0,
    weight: Tensor | None = None,
) -> Tensor:
    """Return a loss that is square for differences up to ``delta`` and straight for larger ones.

    Huber, "Robust estimation of a location parameter" (1964). ``RuntimeError`` unless ``delta`` is positive.
    """
    warn_of_sizes(input, target)
    if weight is None:
        reduction = chosen(reduction)
    if delta <= 0:
        raise RuntimeError("huber_loss does not support non-positive values for delta.")
    if target.is_floating_point() and not input.is_floating_point():
        raise RuntimeError(
            f"result type {target.dtype.word} can't be cast to the desired output type {input.dtype.word}"
        )
    each = "none" if weight is not None else reduction
    losses = _pair_loss(HuberLoss, input, target.to(input.dtype), each, delta=delta)
    if target.dtype is not input.dtype and losses.requires_grad:
        losses.register_hook(functools.partial(_refuse_gradient, target, input))
    return losses if weight is None else reduced(*weighted(losses, weight, reduction, input))


def binary_cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """Return the cross entropy of probabilities ``input`` and targets between 0 and 1, of one shape.

    ``weight`` broadcasts. ``ValueError`` if the shapes differ, ``RuntimeError`` for numbers outside ``[0, 1]``.
    """
    reduction = chosen(reduction, size_average, reduce)
    if target.size() != input.size():
        raise ValueError(
            f"Using a target size ({target.size()}) that is different to the input size ({input.size()}) is "
            "deprecated. Please ensure they have the same size."
        )
    if weight is not None and not _fits(weight.shape, target.shape):
        raise RuntimeError(
            f"Attempting to broadcast a dimension of length {weight.shape[-1]} at -1! Mismatching argument at index 1 "
            f"had {weight.shape}; but expected shape should be broadcastable to {list(target.shape)}"
        )
    _need_floats("binary_cross_entropy", input)
    if target.dtype is not input.dtype:
        raise RuntimeError(f"Found dtype {target.dtype.word} but expected {input.dtype.word}. Convert the target.")
    for name, values in (("input", input._array), ("target", target._array)):
        if values.size and not (values.min() >= 0 and values.max() <= 1):
            raise RuntimeError(
                f"all elements of {name} should be between 0 and 1. For scores use binary_cross_entropy_with_logits."
            )
    factor = None if weight is None else weight._array
    return apply(BinaryCrossEntropy, input, target, reduction=reduction, weight=factor)


def binary_cross_entropy_with_logits(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    pos_weight: Tensor | None = None,
) -> Tensor:
    """Return the binary cross entropy of ``sigmoid(input)``, without overflow.

    ``weight`` and ``pos_weight`` broadcast; the latter weighs the positive part of each target.
    ``ValueError`` if ``input`` and ``target`` differ in shape.
    """
    reduction = chosen(reduction, size_average, reduce)
    if target.size() != input.size():
        raise ValueError(f"Target size ({target.size()}) must be the same as input size ({input.size()})")
    _need_floats("log_sigmoid_cpu", input)
    if not target.is_floating_point():
        raise RuntimeError(
            f"result type {input.dtype.word} can't be cast to the desired output type {target.dtype.word}. Convert "
            "the target: target.float()."
        )
    positive: Any = 1
    if pos_weight is not None:
        check_broadcast(pos_weight.shape, target.shape)
        positive = pos_weight._array
    if weight is not None:
        check_broadcast(input.shape, weight.shape)
    kind = ops.result_type(input, target)
    a, b = input.to(kind), target.to(kind)
    factor = None if weight is None else weight._array
    return apply(BinaryCrossEntropyWithLogits, a, b, reduction=reduction, weight=factor, positive=positive)


def kl_div(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    log_target: bool = False,
) -> Tensor:
    """Return the Kullback-Leibler divergence ``target * (log(target) - input)``; ``input`` holds log probabilities.

    With ``log_target`` the target does too. ``"batchmean"`` divides the sum by the batch size, which is the
    divergence of the definition; ``"mean"`` divides by the number of elements, with a warning.
    """
    if size_average is not None or reduce is not None:
        mode = legacy(size_average, reduce)
    else:
        mode = chosen("sum" if reduction == "batchmean" else reduction)
        if mode == "mean":
            warnings.warn(_KL_MEAN, stacklevel=2)
    need_tensor("kl_div", input)
    need_tensor("kl_div", target, "target", 2)
    if not (input.is_floating_point() and target.is_floating_point()):
        raise RuntimeError("kl_div: Integral inputs not supported. Convert them: target.float().")
    if log_target:
        losses = ops.exp(target) * (target - input)
    else:
        none = ops.eq(target, 0)  # 0 * log(0) is 0
        losses = target * ops.log(ops.masked_fill(target, none, 1)) - target * input
    total = reduced(losses, mode)
    return total / input.shape[0] if reduction == "batchmean" and input.ndim else total


_KL_MEAN = (
    "reduction: 'mean' divides the total loss by both the batch size and the support size."
    "'batchmean' divides only by the batch size, and aligns with the KL div math definition."
    "'mean' will be changed to behave the same as 'batchmean' in the next major release."
)


def gaussian_nll_loss(
    input: Tensor,
    target: Tensor,
    var: Tensor | float,
    full: bool = False,
    eps: float = 1e-6,
    reduction: str = "mean",
) -> Tensor:
    """Return ``(log(var) + (input - target)² / var) / 2``, the likelihood of a normal distribution.

    ``var`` is a number, has the shape of ``input``, or one value for its last dimension; it counts as ``eps`` where
    it is less. ``full`` adds the constant ``log(2π) / 2``. ``ValueError`` for a negative or misshapen ``var``.
    """
    variance = var if isinstance(var, Tensor) else ops.scalar_like(input, var)
    if bool((variance._array < 0).any()):
        raise ValueError("var has negative entry/entries")
    if isinstance(var, Tensor):
        variance = _aligned(variance, input)
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"{reduction} is not valid: 'mean', 'sum' or 'none'")
    # the lift is a constant: the gradient goes to var as if it were not there
    variance = variance + wrap(np.maximum(variance._array.dtype.type(eps) - variance._array, 0), variance._device)
    losses = 0.5 * (ops.log(variance) + (input - target) ** 2 / variance)
    if full:
        losses = losses + 0.5 * math.log(2 * math.pi)
    return reduced(losses, reduction)


def _aligned(var: Tensor, input: Tensor) -> Tensor:
    """Return the variances in a shape that broadcasts against ``input``: equal, or of length 1 in one dimension."""
    if var.shape == input.shape:
        return var
    if var.shape == input.shape[:-1]:
        return ops.unsqueeze(var, -1)
    # PyTorch's own rule: the lengths of `input` that var does not share add up to 1
    if var.ndim == input.ndim and sum(v for i, v in zip(input.shape, var.shape, strict=True) if i != v) == 1:
        return var
    raise ValueError("var is of incorrect size")


# ------------------------------------------------------------------ what they share


def _pair_loss(operation: type[PairLoss], input: Tensor, target: Tensor, reduction: str, **options: Any) -> Tensor:
    """Bring output and target to one dtype and run the loss; refuse whole numbers and shapes that do not broadcast."""
    a, b = input._array, target._array
    if a.dtype == b.dtype and a.dtype.kind == "f" and a.shape == b.shape:  # as mostly: nothing to bring together
        return apply(operation, input, target, reduction=reduction, **options)
    kind = ops.result_type(input, target)
    if not kind.is_floating_point:
        raise NotImplementedError(
            f"\"{operation.kernel}\" not implemented for '{kind.word}'. Convert the tensors: x.float()."
        )
    common_device((input, target))
    check_broadcast(a.shape, b.shape)
    return apply(operation, input.to(kind), target.to(kind), reduction=reduction, **options)


def _weighted_mean(losses: Tensor, weight: Tensor, reduction: str, input: Tensor) -> Tensor:
    """Return the weighted losses, their sum, or their weighted mean."""
    products, mode = weighted(losses, weight, reduction, input)
    return ops.sum(products) / ops.sum(weight) if mode == "mean" else reduced(products, mode)


def _refuse_gradient(target: Tensor, input: Tensor, grad: Tensor) -> None:
    raise RuntimeError(f"Found dtype {target.dtype.word} but expected {input.dtype.word}. Convert the target.")


def _need_floats(kernel: str, input: Tensor) -> None:
    if not input.is_floating_point():
        raise NotImplementedError(f"\"{kernel}\" not implemented for '{input.dtype.word}'. Convert it: x.float().")


def _fits(shape: tuple[int, ...], target: tuple[int, ...]) -> bool:
    return len(shape) <= len(target) and all(
        length in (1, wanted) for length, wanted in zip(reversed(shape), reversed(target), strict=False)
    )
