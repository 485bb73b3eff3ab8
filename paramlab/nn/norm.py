"""Batch normalisation: two Parameters that learn, three buffers that do not."""

from __future__ import annotations

from typing import Any

from ..creation import ones, tensor, zeros
from ..dtypes import dtype as DType
from ..dtypes import int64
from ..tensor import Tensor
from . import functional as F
from . import init
from .module import Module
from .parameter import Parameter


class BatchNorm1d(Module):
    """Normalise each of ``num_features`` channels of an input ``(N, C)`` or ``(N, C, L)``.

    ``weight`` and ``bias`` (``affine``) are learned. ``running_mean``, ``running_var`` and
    ``num_batches_tracked`` (``track_running_stats``) are buffers: training moves them, also under
    ``no_grad`` and with frozen Parameters, and ``eval()`` uses them. With ``momentum=None`` they are the
    plain average of all batches.
    """

    _version = 2  # since num_batches_tracked is saved

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-05,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: Any = None,
        dtype: DType | None = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.num_features = num_features
        self.eps = eps
        self.momentum = momentum
        self.affine = affine
        self.track_running_stats = track_running_stats
        made: dict[str, Any] = {"device": device, "dtype": dtype}
        self.register_parameter("weight", Parameter(ones(num_features, **made)) if affine else None)
        self.register_parameter("bias", Parameter(zeros(num_features, **made)) if affine and bias else None)
        tracked = track_running_stats
        self.register_buffer("running_mean", zeros(num_features, **made) if tracked else None)
        self.register_buffer("running_var", ones(num_features, **made) if tracked else None)
        self.register_buffer("num_batches_tracked", tensor(0, dtype=int64, device=device) if tracked else None)

    def reset_running_stats(self) -> None:
        """Set the running statistics back to mean 0 and variance 1."""
        if self.track_running_stats:
            self.running_mean.zero_()
            self.running_var.fill_(1)
            self.num_batches_tracked.zero_()

    def reset_parameters(self) -> None:
        """Set everything back to where it started."""
        self.reset_running_stats()
        if self.affine:
            init.ones_(self.weight)
        if self.bias is not None:
            init.zeros_(self.bias)

    def forward(self, input: Tensor) -> Tensor:
        """Return the normalised input; in training, move the running statistics."""
        if input.ndim not in (2, 3):
            raise ValueError(f"expected 2D or 3D input (got {input.ndim}D input)")
        return F.batch_norm(
            input,
            # in training without tracking, the batch alone counts
            self.running_mean if not self.training or self.track_running_stats else None,
            self.running_var if not self.training or self.track_running_stats else None,
            self.weight,
            self.bias,
            self.training or self.running_mean is None,
            self._count_batch(),
            self.eps,
        )

    def _count_batch(self) -> float:
        """Count the batch in training, and return how far it moves the running statistics."""
        if not (self.training and self.track_running_stats and self.num_batches_tracked is not None):
            return 0.0 if self.momentum is None else self.momentum
        self.num_batches_tracked.add_(1)
        return 1.0 / float(self.num_batches_tracked) if self.momentum is None else self.momentum

    def _load_own(
        self, state: dict[str, Any], prefix: str, metadata: dict[str, Any], assign: bool, errors: list[str]
    ) -> None:
        version = metadata.get("version")
        if (version is None or version < 2) and self.track_running_stats:
            # checkpoints of version 1 have no counter
            state.setdefault(prefix + "num_batches_tracked", self.num_batches_tracked.clone())
        super()._load_own(state, prefix, metadata, assign, errors)

    def extra_repr(self) -> str:
        """Return the sizes and options."""
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}, "
            f"bias={self.bias is not None}, track_running_stats={self.track_running_stats}"
        )
