"""The linear map."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ... import ops
from ...autograd import Array, Operation, unbroadcast
from ...dtypes import dtype
from ...ops.arguments import need_tensors
from ...ops.order import T
from ...tensor import Tensor, apply


class Linear(Operation):
    """``x @ weight.T + bias`` as one node: ``x`` gets ``grad @ weight``, ``weight`` ``gradᵀ @ x``.

    ``x`` is ``(N, in)``, ``weight`` ``(out, in)``, ``bias`` ``(out,)``; the result is ``(N, out)``.
    """

    uses = ((), (2,), (1,))

    def forward(self, bias: Array, x: Array, weight: Array) -> Array:
        self.shape = bias.shape
        self.saved = x if self.needs[2] else None, weight if self.needs[1] else None
        product: Array = x.dot(weight.T)  # for small matrices quicker than @
        product += bias
        return product

    def backward(self, grad: Array) -> tuple[Array | None, ...]:
        x, weight = self.saved
        to_bias = self._to_bias(grad) if self.needs[0] else None
        to_x = grad.dot(weight) if self.needs[1] else None
        to_weight = grad.T.dot(x) if self.needs[2] else None
        return to_bias, to_x, to_weight

    def _to_bias(self, grad: Array) -> Array:
        return np.add.reduce(grad, 0) if self.shape == grad.shape[1:] else unbroadcast(grad, self.shape)

    def name(self) -> str:
        """PyTorch's name: it adds the bias to the product in the same step."""
        return "AddmmBackward0"

    @property
    def next_functions(self) -> tuple[tuple[Any, int], ...]:
        """As PyTorch shows them: the weight is transposed first, by a node of its own."""
        to_bias, to_x, to_weight = super().next_functions
        if self.edges[2] is not None:
            transposed = T()
            transposed.edges = (self.edges[2],)
            to_weight = (transposed, 0)
        return to_bias, to_x, to_weight


def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Return ``input @ weight.T + bias``.

    ``input`` is ``(*, in_features)``, ``weight`` ``(out_features, in_features)``, ``bias``
    ``(out_features,)``; the result is ``(*, out_features)``. A ``weight`` ``(in_features,)`` goes with one
    example and a ``bias`` without dimensions. ``RuntimeError`` if they do not fit, ``TypeError`` for what is no
    tensor.
    """
    try:
        if bias is not None:
            _check_dtypes(input._array, weight._array, bias._array)
        _check_features(input._array, weight._array)
    except AttributeError:
        need_tensors("linear", input=input, weight=weight, **({} if bias is None else {"bias": bias}))
        raise
    if bias is None:
        return ops.matmul(input, weight.t())
    if weight._array.ndim != 2:
        return _with_a_vector(input, weight, bias)
    if input._array.ndim == 2:
        return _affine(input, weight, bias)
    rows = input.reshape(math.prod(input.shape[:-1]), input.shape[-1])
    return _affine(rows, weight, bias).reshape(*input.shape[:-1], weight.shape[0])


def _affine(rows: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    try:
        return apply(Linear, bias, rows, weight)
    except ValueError:
        ops.expand(bias, (rows.shape[0], weight.shape[0]))  # refuses in PyTorch's words
        raise


def _with_a_vector(input: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    if bias.ndim or input.ndim > 1:
        raise RuntimeError(f"mat2 must be a matrix, got {weight.ndim}-D tensor: weight is (out_features, in_features)")
    return ops.add(ops.matmul(input, weight.t()), bias)


def _check_dtypes(input: Array, weight: Array, bias: Array) -> None:
    if input.dtype == weight.dtype == bias.dtype:
        return
    name, first = ("mat1", input) if input.dtype != weight.dtype == bias.dtype else ("self", bias)
    raise RuntimeError(
        f"{name} and mat2 must have the same dtype, but got {dtype.of(first.dtype).word} and "
        f"{dtype.of(weight.dtype).word}. Convert the input, for example with .to(model.weight.dtype)."
    )


def _check_features(input: Array, weight: Array) -> None:
    if input.ndim == 0:
        raise RuntimeError("both arguments to linear need to be at least 1D, but they are 0D and 2D")
    features = weight.shape[-1]
    if input.shape[-1] != features:
        rows = math.prod(input.shape[:-1])
        raise RuntimeError(
            f"mat1 and mat2 shapes cannot be multiplied ({rows}x{input.shape[-1]} and {features}x{weight.shape[0]}). "
            f"The layer takes {features} features; the input has {input.shape[-1]}."
        )
