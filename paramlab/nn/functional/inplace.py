"""The activations that overwrite their input, under the names that end with an underscore.

``RuntimeError`` for a leaf that requires a gradient, ``TypeError`` for what is no tensor.
"""

from __future__ import annotations

from ...tensor import Tensor
from . import activation
from .activation import need_tensor


def relu_(input: Tensor) -> Tensor:
    """Overwrite the negative elements with zero, and return the input."""
    need_tensor("relu_", input)
    return activation.relu(input, inplace=True)


def leaky_relu_(input: Tensor, negative_slope: float = 0.01) -> Tensor:
    """Multiply the negative elements by ``negative_slope``, and return the input."""
    need_tensor("leaky_relu_", input)
    return activation.leaky_relu(input, negative_slope, inplace=True)


def elu_(input: Tensor, alpha: float = 1.0) -> Tensor:
    """Do what ``elu`` does to the input itself, and return it."""
    need_tensor("elu_", input)
    return activation.elu(input, alpha, inplace=True)


def selu_(input: Tensor) -> Tensor:
    """Do what ``selu`` does to the input itself, and return it."""
    need_tensor("selu_", input)
    return activation.selu(input, inplace=True)


def celu_(input: Tensor, alpha: float = 1.0) -> Tensor:
    """Do what ``celu`` does to the input itself, and return it."""
    need_tensor("celu_", input)
    return activation.celu(input, alpha, inplace=True)


def hardtanh_(input: Tensor, min_val: float = -1.0, max_val: float = 1.0) -> Tensor:
    """Limit the elements to ``[min_val, max_val]``, and return the input."""
    need_tensor("hardtanh_", input)
    return activation.hardtanh(input, min_val, max_val, inplace=True)


def threshold_(input: Tensor, threshold: float, value: float) -> Tensor:
    """Overwrite the elements that are not above ``threshold`` with ``value``, and return the input."""
    need_tensor("threshold_", input)
    return activation.threshold(input, threshold, value, inplace=True)
