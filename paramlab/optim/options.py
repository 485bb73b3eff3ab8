"""What the optimizers refuse: the checks that their options have in common."""

from __future__ import annotations

from typing import Any

from ..tensor import Tensor


def check_lr(lr: float | Tensor) -> None:
    """Raise ``ValueError`` for a negative learning rate, or for a tensor that holds more than one."""
    if isinstance(lr, Tensor) and lr.numel() != 1:
        raise ValueError(f"Tensor lr must be 1-element, but this one has the shape {list(lr.shape)}")
    if not lr >= 0.0:
        raise ValueError(f"Invalid learning rate: {lr}. It may not be negative: maximize=True goes uphill.")


def check_not_negative(name: str, value: Any) -> None:
    """Raise ``ValueError`` for an option below zero."""
    if not value >= 0.0:
        raise ValueError(f"Invalid {name} value: {value}. It may not be negative.")


def check_switches(
    foreach: bool | None, differentiable: bool, fused: bool | None = None, capturable: bool = False
) -> None:
    """Raise for the switches that go against each other, and for those that ask for what paramlab does not have.

    ``foreach`` and ``fused`` choose between kernels of PyTorch that compute the same; here there is one way.
    ``RuntimeError`` for ``differentiable``, ``AssertionError`` for ``capturable``, PyTorch's own on a CPU.
    """
    if fused and differentiable:
        raise RuntimeError("`fused` does not support `differentiable`")
    if fused and foreach:
        raise RuntimeError("`fused` and `foreach` cannot be `True` together.")
    if differentiable:
        raise RuntimeError(
            "a leaf Variable that requires grad is being used in an in-place operation. A step is never recorded, so "
            "differentiable=True is not supported: leave it False."
        )
    if capturable:
        raise AssertionError(
            "If capturable=True, params and state_steps must be on supported devices: ['cuda', 'xpu', 'hpu', "
            "'privateuseone', 'xla']. Here everything is in the memory of the host: leave it False."
        )
