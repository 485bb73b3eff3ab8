"""What losses share: how the losses of the elements become one number, and what is said of shapes."""

from __future__ import annotations

import warnings

from ... import ops
from ...tensor import Tensor


def chosen(reduction: str, size_average: bool | None = None, reduce: bool | None = None) -> str:
    """Return which reduction is asked for: ``"mean"``, ``"sum"`` or ``"none"``; ``ValueError`` for anything else.

    ``size_average`` and ``reduce`` are the deprecated way to say it.
    """
    if size_average is not None or reduce is not None:
        return legacy(size_average, reduce, stacklevel=4)
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"{reduction} is not a valid value for reduction: 'mean', 'sum' or 'none'")
    return reduction


def legacy(size_average: bool | None, reduce: bool | None, stacklevel: int = 3) -> str:
    """Return the reduction that the deprecated arguments mean, with a warning.

    ``RuntimeError`` for tensors: ``nn.MSELoss(output, target)`` makes a loss, where ``nn.MSELoss()(output, target)``
    was meant.
    """
    averaged, one_number = size_average is None or bool(size_average), reduce is None or bool(reduce)
    reduction = "none" if not one_number else "mean" if averaged else "sum"
    warnings.warn(
        f"size_average and reduce args will be deprecated, please use reduction='{reduction}' instead.",
        stacklevel=stacklevel,
    )
    return reduction


def reduced(losses: Tensor, reduction: str) -> Tensor:
    """Return the mean or the sum of the elements' losses, or the losses themselves."""
    if reduction == "mean":
        return ops.mean(losses)
    return ops.sum(losses) if reduction == "sum" else losses


def warn_of_sizes(input: Tensor, target: Tensor) -> None:
    """Warn if the target will be broadcast: it is rarely meant."""
    if target._array.shape != input._array.shape:
        warnings.warn(
            f"Using a target size ({target.size()}) that is different to the input size ({input.size()}). This will "
            "likely lead to incorrect results due to broadcasting. Please ensure they have the same size.",
            stacklevel=3,
        )


def weighted(losses: Tensor, weight: Tensor, reduction: str, input: Tensor) -> tuple[Tensor, str]:
    """Return the losses times ``weight``, and their reduction if it is one; ``ValueError`` if the shapes differ."""
    if weight.size() != input.size():
        raise ValueError("Weights and input must have the same size.")
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"Invalid reduction mode: {reduction}. Expected one of 'none', 'mean', 'sum'.")
    return losses * weight, reduction
