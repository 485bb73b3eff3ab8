"""Padding as a module."""

from __future__ import annotations

from collections.abc import Sequence

from ..tensor import Tensor
from . import functional as F
from .module import Module


class ZeroPad2d(Module):
    """Zeros around images ``(N, C, H, W)`` or ``(C, H, W)``: a number for all sides, or (left, right, top, bottom)."""

    def __init__(self, padding: int | Sequence[int]) -> None:
        super().__init__()
        self.padding = (padding,) * 4 if isinstance(padding, int) else tuple(padding)
        self.value = 0.0

    def forward(self, input: Tensor) -> Tensor:
        """Return the larger image."""
        return F.pad(input, self.padding, value=self.value)

    def extra_repr(self) -> str:
        """Return the widths."""
        return f"{self.padding}"
