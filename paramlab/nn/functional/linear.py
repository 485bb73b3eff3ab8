"""The linear map."""

from __future__ import annotations

from ... import ops
from ...autograd import Array
from ...dtypes import dtype
from ...tensor import Tensor


def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Return ``input @ weight.T + bias``.

    ``input`` is ``(*, in_features)``, ``weight`` ``(out_features, in_features)``, ``bias``
    ``(out_features,)``; the result is ``(*, out_features)``. ``RuntimeError`` if they do not fit.
    """
    _check_linear(input._array, weight._array)
    if bias is None:
        return ops.matmul(input, weight.t())
    if input.ndim == 2:
        return ops.addmm(bias, input, weight.t())
    flat = ops.addmm(bias, input.reshape(-1, input.shape[-1]), weight.t())
    return flat.reshape(*input.shape[:-1], weight.shape[0])


def _check_linear(input: Array, weight: Array) -> None:
    if input.ndim == 0:
        raise RuntimeError("both arguments to linear need to be at least 1D, but they are 0D and 2D")
    features = weight.shape[-1]
    if input.shape[-1] != features:
        rows = input.size // max(input.shape[-1], 1)
        raise RuntimeError(
            f"mat1 and mat2 shapes cannot be multiplied ({rows}x{input.shape[-1]} and {features}x{weight.shape[0]}). "
            f"The layer takes {features} features; the input has {input.shape[-1]}."
        )
    if input.dtype != weight.dtype:
        raise RuntimeError(
            f"mat1 and mat2 must have the same dtype, but got {dtype.of(input.dtype).word} and "
            f"{dtype.of(weight.dtype).word}. Convert the input, for example with .to(model.weight.dtype)."
        )
