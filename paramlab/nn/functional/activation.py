"""Activations: what bends the line."""

from __future__ import annotations

from ... import ops
from ...tensor import Tensor


def relu(input: Tensor, inplace: bool = False) -> Tensor:
    """Return each element, the negative ones as zero; with ``inplace`` the input itself, overwritten."""
    changed: Tensor = input.relu_() if inplace else ops.relu(input)
    return changed
