"""Activations: what bends the line. Each is a function of one element, beside its derivative."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from ... import ops
from ...autograd import Array, Operation, unbroadcast
from ...ops.arguments import not_a_tensor
from ...ops.complaints import explained
from ...ops.erf import erf_array
from ...tensor import Tensor, apply

Grads = tuple[Array | None, ...]


class Activation(Operation):
    """``value(a)`` of each element; its derivative is ``slope(a)``. At a kink it is PyTorch's choice."""

    in_float32 = True
    uses = ((0,),)
    called: ClassVar[str]
    kernel: ClassVar[str] = "{}_cpu"  # what the refusal of other types names
    kinds: ClassVar[str] = "f"  # NumPy's letters for the kinds of numbers that it is written for

    value: Callable[..., Any]
    """Return the function of each element; the options come after the elements."""

    slope: Callable[..., Any]
    """Return the derivative at each element."""

    def forward(self, a: Array, **options: Any) -> Array:
        self.saved, self.options = (a,), options
        return np.asarray(self.value(a, **options), a.dtype)

    def backward(self, grad: Array) -> Grads:
        (a,) = self.saved
        return (np.multiply(grad, self.slope(a, **self.options), dtype=grad.dtype),)


class Threshold(Activation):
    """``a`` where it is above the threshold, else a fixed value."""

    called = "threshold"
    kinds = "fiu"

    @staticmethod
    def value(a: Array, threshold: float, value: float) -> Any:
        return np.where(a <= threshold, value, a)

    @staticmethod
    def slope(a: Array, threshold: float, value: float) -> Any:
        return ~(a <= threshold)  # not `a > threshold`: the gradient passes a nan


class Hardtanh(Activation):
    """``a`` limited to ``[low, high]``; no gradient outside, nor at the limits."""

    called = "hardtanh"

    @staticmethod
    def value(a: Array, low: float, high: float) -> Any:
        return np.clip(a, low, high)

    @staticmethod
    def slope(a: Array, low: float, high: float) -> Any:
        return ~((a <= low) | (a >= high))


class LeakyRelu(Activation):
    """``a`` where positive, else ``leak * a``."""

    called = "leaky_relu"

    @staticmethod
    def value(a: Array, leak: float) -> Any:
        return np.where(a > 0, a, a * leak)

    @staticmethod
    def slope(a: Array, leak: float) -> Any:
        return np.where(a > 0, 1, leak)


class Elu(Activation):
    """``scale * a`` where positive, else ``scale * alpha * (exp(a * rate) - 1)``."""

    called = "elu"
    kernel = "elu_cpu"

    @staticmethod
    def value(a: Array, alpha: float, scale: float = 1.0, rate: float = 1.0) -> Any:
        return np.where(a <= 0, scale * alpha * np.expm1(a * rate), scale * a)

    @staticmethod
    def slope(a: Array, alpha: float, scale: float = 1.0, rate: float = 1.0) -> Any:
        return np.where(a <= 0, scale * alpha * rate * np.exp(a * rate), scale)


class Selu(Elu):
    """An ELU that keeps mean 0 and variance 1."""

    called = "selu"

    def name(self) -> str:
        """PyTorch computes it as an ELU."""
        return "EluBackward0"


class Celu(Elu):
    """An ELU whose slope has no jump for any ``alpha``."""

    called = "celu"


class Gelu(Activation):
    """``a * P(X <= a)`` for a standard normal ``X``."""

    called = "gelu"
    kernel = "GeluKernelImpl"

    def forward(self, a: Array, **options: Any) -> Array:
        cdf = np.asarray(0.5 * (1 + erf_array(a * math.sqrt(0.5))), a.dtype)
        self.saved = (a, cdf)
        return np.asarray(a * cdf)

    def backward(self, grad: Array) -> Grads:
        a, cdf = self.saved
        density = np.exp(-0.5 * a * a) / math.sqrt(2 * math.pi)
        return (np.multiply(grad, cdf + a * density, dtype=grad.dtype),)


class GeluTanh(Activation):
    """The approximation ``a / 2 * (1 + tanh(sqrt(2 / pi) * (a + 0.044715 * a³)))``."""

    called = "gelu"
    kernel = "GeluKernelImpl"

    @staticmethod
    def value(a: Array) -> Any:
        return 0.5 * a * (1 + np.tanh(_GELU_RATE * (a + _GELU_CUBIC * a**3)))

    @staticmethod
    def slope(a: Array) -> Any:
        bent = np.tanh(_GELU_RATE * (a + _GELU_CUBIC * a**3))
        inner = _GELU_RATE * (1 + 3 * _GELU_CUBIC * a * a)
        return 0.5 * (1 + bent) + 0.5 * a * (1 - bent * bent) * inner

    def name(self) -> str:
        """PyTorch has one node for both."""
        return "GeluBackward0"


_GELU_RATE, _GELU_CUBIC = math.sqrt(2 / math.pi), 0.044715


class Silu(Activation):
    """``a * sigmoid(a)``."""

    called = "silu"

    @staticmethod
    def value(a: Array) -> Any:
        return a * sigmoid_of(a)

    @staticmethod
    def slope(a: Array) -> Any:
        gate = sigmoid_of(a)
        return gate * (1 + a * (1 - gate))


class Mish(Activation):
    """``a * tanh(softplus(a))``."""

    called = "mish"

    @staticmethod
    def value(a: Array) -> Any:
        return a * np.tanh(np.logaddexp(a, 0))

    @staticmethod
    def slope(a: Array) -> Any:
        gate = np.tanh(np.logaddexp(a, 0))
        return gate + a * sigmoid_of(a) * (1 - gate * gate)


class LogSigmoid(Activation):
    """``log(sigmoid(a))``, which is ``-log(1 + exp(-a))``, without overflow."""

    called = "log_sigmoid"

    @staticmethod
    def value(a: Array) -> Any:
        return -np.logaddexp(-a, 0)

    @staticmethod
    def slope(a: Array) -> Any:
        return sigmoid_of(-a)


class Hardsigmoid(Activation):
    """``a / 6 + 1 / 2`` limited to ``[0, 1]``."""

    called = "hardsigmoid"

    @staticmethod
    def value(a: Array) -> Any:
        return np.clip(a + 3, 0, 6) / 6

    @staticmethod
    def slope(a: Array) -> Any:
        return np.where((a > -3) & (a < 3), 1 / 6, 0)


class Hardswish(Activation):
    """``a * hardsigmoid(a)``."""

    called = "hardswish"

    @staticmethod
    def value(a: Array) -> Any:
        return a * np.clip(a + 3, 0, 6) / 6

    @staticmethod
    def slope(a: Array) -> Any:
        return np.where(a <= -3, 0, np.where(a < 3, a / 3 + 0.5, 1))


class Softplus(Activation):
    """``log(1 + exp(beta * a)) / beta``, and ``a`` itself where ``beta * a`` is above the threshold."""

    called = "softplus"

    @staticmethod
    def value(a: Array, beta: float, threshold: float) -> Any:
        return np.where(a * beta > threshold, a, np.log1p(np.exp(a * beta)) / np.asarray(beta, a.dtype))

    @staticmethod
    def slope(a: Array, beta: float, threshold: float) -> Any:
        return np.where(a * beta > threshold, 1, sigmoid_of(a * beta))


class PreluKernel(Operation):
    """``a`` where positive, else ``weight * a``, the weight being broadcast against ``a``."""

    uses = ((0, 1), (0,))

    def forward(self, a: Array, weight: Array) -> Array:
        self.saved = (a, weight)
        return np.where(a > 0, a, weight * a)

    def backward(self, grad: Array) -> Grads:
        a, weight = self.saved
        to_a = grad * np.where(a > 0, grad.dtype.type(1), weight) if self.needs[0] else None
        to_weight = unbroadcast(np.where(a > 0, 0, grad * a), weight.shape) if self.needs[1] else None
        return to_a, to_weight


def sigmoid_of(a: Array) -> Array:
    """Return ``1 / (1 + exp(-a))``, in the type of ``a``."""
    return np.asarray(1 / (1 + np.exp(-a)), a.dtype)


def need_tensor(function: str, value: Any, argument: str = "input", place: int = 1) -> None:
    """Raise PyTorch's ``TypeError`` unless ``value`` is a tensor."""
    if not isinstance(value, Tensor):
        raise not_a_tensor(function, value, argument, place)


def _run(operation: type[Activation], input: Tensor, inplace: bool = False, **options: Any) -> Tensor:
    """Run an activation, in place if asked to; refuse what holds other numbers than it is written for."""
    need_tensor(operation.called, input)
    if input._array.dtype.kind not in operation.kinds:
        refuse_kind(operation.kernel.format(operation.called), input)
    if not inplace:
        return apply(operation, input, **options)
    written: Tensor = input._become(apply(operation, input._before_write(), **options))
    return written


def refuse_kind(kernel: str, input: Tensor) -> None:
    """Raise PyTorch's ``NotImplementedError`` for a type that a function is not written for."""
    raise NotImplementedError(
        f"\"{kernel}\" not implemented for '{input.dtype.word}'. Convert the tensor first, for example with .float()."
    )


# ------------------------------------------------------------------ functions


@explained
def threshold(input: Tensor, threshold: float, value: float, inplace: bool = False) -> Tensor:
    """Return each element that is above ``threshold``, and ``value`` for the others; both are cut to the dtype."""
    need_tensor("threshold", input)
    limits = {"threshold": ops.scalar_like(input, threshold)._array, "value": ops.scalar_like(input, value)._array}
    return _run(Threshold, input, inplace, **limits)


def relu(input: Tensor, inplace: bool = False) -> Tensor:
    """Return each element, the negative ones as zero; with ``inplace`` the input itself, overwritten."""
    need_tensor("relu", input)
    changed: Tensor = input.relu_() if inplace else ops.relu(input)
    return changed


def hardtanh(input: Tensor, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> Tensor:
    """Return the elements limited to ``[min_val, max_val]``; ``ValueError`` if those are out of order."""
    if min_val > max_val:
        raise ValueError("min_val cannot be greater than max_val")
    need_tensor("hardtanh", input)
    if input._array.dtype.kind == "b":
        raise RuntimeError("Bool inputs not supported for hardtanh. Convert them first, for example with .float().")
    if input._array.dtype.kind == "u" and min_val < 0:
        raise RuntimeError("cannot do hardtanh on an unsigned type with negative limits")
    if not input.is_floating_point():
        limited: Tensor = (input.clamp_ if inplace else input.clamp)(int(min_val), int(max_val))
        return limited
    return _run(Hardtanh, input, inplace, low=min_val, high=max_val)


def relu6(input: Tensor, inplace: bool = False) -> Tensor:
    """Return ``min(max(x, 0), 6)`` of each element."""
    need_tensor("relu6", input)
    return hardtanh(input, 0.0, 6.0, inplace)


@explained
def leaky_relu(input: Tensor, negative_slope: float = 0.01, inplace: bool = False) -> Tensor:
    """Return each element, the negative ones times ``negative_slope``."""
    return _run(LeakyRelu, input, inplace, leak=negative_slope)


@explained
def prelu(input: Tensor, weight: Tensor) -> Tensor:
    """Return each element, the negative ones times a slope that can be learned.

    ``weight`` holds one slope, or one a channel, the channels being dimension 1 of ``input``.
    ``RuntimeError`` if their number is another, or the dtypes differ. He et al., "Delving deep into
    rectifiers" (2015).
    """
    need_tensor("prelu", input)
    if input.dtype is not weight.dtype:
        raise RuntimeError(f"prelu: Type promoting not supported. Got {input.dtype.word} and {weight.dtype.word}")
    if weight.ndim > 1:
        raise RuntimeError(f"prelu: Expected `weight` to be a scalar or 1D tensor, but got: ndim = {weight.ndim}")
    channels = input.shape[1] if input.ndim > 1 else 1
    if weight.numel() not in (1, channels) or (weight.numel() != 1 and input.ndim == 0):
        raise RuntimeError(
            "Mismatch of parameter numbers and input channel size. Found parameter numbers = "
            f"{weight.numel()} and channel size = {channels}."
        )
    column = (1, -1, *(1,) * (input.ndim - 2)) if input.ndim > 1 else (1,) * input.ndim
    return apply(PreluKernel, input, ops.reshape(weight, column))


@explained
def elu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """Return each positive element, and ``alpha * (exp(x) - 1)`` for the others.

    Clevert et al., "Fast and accurate deep network learning by exponential linear units" (2015).
    """
    return _run(Elu, input, inplace, alpha=alpha)


def selu(input: Tensor, inplace: bool = False) -> Tensor:
    """Return ``scale * elu(x, alpha)`` with the constants of Klambauer et al., "Self-normalizing networks" (2017)."""
    return _run(Selu, input, inplace, alpha=1.6732632423543772, scale=1.0507009873554805)


@explained
def celu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """Return each positive element, and ``alpha * (exp(x / alpha) - 1)`` for the others. Barron (2017)."""
    if alpha == 0:
        raise RuntimeError("ZeroDivisionError: alpha cannot be 0 for CELU")
    return _run(Celu, input, inplace, alpha=alpha, rate=1 / alpha)


@explained
def gelu(input: Tensor, *, approximate: str = "none") -> Tensor:
    """Return ``x * P(X <= x)``, ``X`` being standard normal; ``approximate="tanh"`` for the usual approximation.

    Hendrycks and Gimpel, "Gaussian error linear units" (2016).
    """
    if not isinstance(approximate, str):
        raise TypeError(f"gelu(): argument 'approximate' must be str, not {type(approximate).__name__}")
    if approximate not in ("none", "tanh"):
        raise RuntimeError("approximate argument must be either none or tanh.")
    return _run(GeluTanh if approximate == "tanh" else Gelu, input)


def silu(input: Tensor, inplace: bool = False) -> Tensor:
    """Return ``x * sigmoid(x)`` of each element."""
    return _run(Silu, input, inplace)


def mish(input: Tensor, inplace: bool = False) -> Tensor:
    """Return ``x * tanh(softplus(x))`` of each element. Misra, "Mish" (2019)."""
    return _run(Mish, input, inplace)


def logsigmoid(input: Tensor) -> Tensor:
    """Return ``log(sigmoid(x))`` of each element, without overflow."""
    return _run(LogSigmoid, input)


def hardsigmoid(input: Tensor, inplace: bool = False) -> Tensor:
    """Return ``x / 6 + 1 / 2`` of each element, limited to ``[0, 1]``."""
    return _run(Hardsigmoid, input, inplace)


def hardswish(input: Tensor, inplace: bool = False) -> Tensor:
    """Return ``x * hardsigmoid(x)`` of each element. Howard et al., "Searching for MobileNetV3" (2019)."""
    return _run(Hardswish, input, inplace)


@explained
def softplus(input: Tensor, beta: float = 1, threshold: float = 20) -> Tensor:
    """Return ``log(1 + exp(beta * x)) / beta``, a smooth ReLU; ``x`` itself where ``beta * x > threshold``."""
    return _run(Softplus, input, beta=beta, threshold=threshold)


def softsign(input: Tensor) -> Tensor:
    """Return ``x / (1 + |x|)`` of each element."""
    bent: Tensor = input / (input.abs() + 1)
    return bent


def tanhshrink(input: Tensor) -> Tensor:
    """Return ``x - tanh(x)`` of each element."""
    bent: Tensor = input - input.tanh()
    return bent
