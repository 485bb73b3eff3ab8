"""Dropout as modules: active in training, the identity after ``eval()``."""

from __future__ import annotations

from ..tensor import Tensor
from . import functional as F
from .functional.dropout import check_probability
from .module import Module


class _DropoutNd(Module):
    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        super().__init__()
        check_probability(p)
        self.p = p
        self.inplace = inplace

    def extra_repr(self) -> str:
        """Return the probability, and whether the input is overwritten."""
        return f"p={self.p}, inplace={self.inplace}"


class Dropout(_DropoutNd):
    """In training, set each element to zero with probability ``p`` and divide the others by ``1 - p``."""

    def forward(self, input: Tensor) -> Tensor:
        """Return what is left; after ``eval()`` the input itself."""
        return F.dropout(input, self.p, self.training, self.inplace)


class Dropout1d(_DropoutNd):
    """In training, drop whole channels of signals ``(N, C, L)`` or ``(C, L)`` with probability ``p``."""

    def forward(self, input: Tensor) -> Tensor:
        """Return what is left; after ``eval()`` the input itself."""
        return F.dropout1d(input, self.p, self.training, self.inplace)


class Dropout2d(_DropoutNd):
    """In training, drop whole channels of images ``(N, C, H, W)`` with probability ``p``."""

    def forward(self, input: Tensor) -> Tensor:
        """Return what is left; after ``eval()`` the input itself."""
        return F.dropout2d(input, self.p, self.training, self.inplace)
