"""Layers that only reshape."""

from __future__ import annotations

from typing import Any

from ..tensor import Tensor
from .module import Module


class Flatten(Module):
    """Makes the dimensions ``start_dim`` to ``end_dim`` one: by default all but the batch."""

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        super().__init__()
        self.start_dim = start_dim
        self.end_dim = end_dim

    def forward(self, input: Tensor) -> Tensor:
        """Return the input, flattened."""
        return input.flatten(self.start_dim, self.end_dim)

    def extra_repr(self) -> str:
        """Return the dimensions."""
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"


class Unflatten(Module):
    """Makes the dimension ``dim`` several, of the lengths ``unflattened_size``: a tuple of ints, else ``TypeError``."""

    def __init__(self, dim: int, unflattened_size: Any) -> None:
        super().__init__()
        _require_ints(unflattened_size)
        self.dim = dim
        self.unflattened_size = unflattened_size

    def forward(self, input: Tensor) -> Tensor:
        """Return the input, its one dimension as several."""
        return input.unflatten(self.dim, self.unflattened_size)

    def extra_repr(self) -> str:
        """Return the dimension and its lengths."""
        return f"dim={self.dim}, unflattened_size={self.unflattened_size}"


def _require_ints(size: Any) -> None:
    if not isinstance(size, tuple | list):
        raise TypeError(f"unflattened_size must be a tuple of ints, but found type {type(size).__name__}")
    for place, length in enumerate(size):
        if not isinstance(length, int):
            raise TypeError(
                "unflattened_size must be tuple of ints, but found element of type "
                f"{type(length).__name__} at pos {place}"
            )
