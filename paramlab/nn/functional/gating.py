"""The gated linear unit: one half of the input says how much of the other half passes."""

from __future__ import annotations

import numpy as np

from ... import ops
from ...autograd import Array, Operation
from ...tensor import Tensor, apply
from .activation import Grads, refuse_kind, sigmoid_of


class Glu(Operation):
    """``first * sigmoid(second)``, the halves of the input along ``dim``."""

    in_float32 = True
    uses = ((0,),)

    def forward(self, a: Array, dim: int) -> Array:
        first, second = np.split(a, 2, axis=dim)
        self.saved, self.dim = (first, sigmoid_of(second)), dim
        return np.asarray(first * self.saved[1])

    def backward(self, grad: Array) -> Grads:
        first, gate = self.saved
        through = grad * gate
        return (np.concatenate((through, through * first * (1 - gate)), axis=self.dim),)


def glu(input: Tensor, dim: int = -1) -> Tensor:
    """Return ``first * sigmoid(second)``, the two halves of ``input`` along ``dim``.

    Dauphin et al., "Language modeling with gated convolutional networks" (2016). ``RuntimeError`` if the
    length of ``dim`` is odd.
    """
    if input.dim() == 0:
        raise RuntimeError("glu does not support scalars because halving size must be even")
    over = ops.axis(dim, input.ndim)
    if input.shape[over] % 2:
        raise RuntimeError(f"Halving dimension must be even, but dimension {over} is size {input.shape[over]}")
    if not input.is_floating_point():
        refuse_kind("glu_cpu", input)
    return apply(Glu, input, dim=over)
