"""All Parameters of a model as one vector, and back."""

from __future__ import annotations

from collections.abc import Iterable

from ...ops import cat
from ...tensor import Tensor, typename


def parameters_to_vector(parameters: Iterable[Tensor]) -> Tensor:
    """Return the elements of all tensors in one vector, which autograd follows back to them."""
    listed = list(parameters)
    _check_devices(listed)
    return cat([parameter.view(-1) for parameter in listed])


def vector_to_parameters(vec: Tensor, parameters: Iterable[Tensor]) -> None:
    """Give each tensor its stretch of ``vec`` as its data, in order; they share the vector's memory.

    ``TypeError`` if ``vec`` is no tensor, ``RuntimeError`` if it is too short.
    """
    if not isinstance(vec, Tensor):
        raise TypeError(f"expected torch.Tensor, but got: {typename(vec)}")
    listed = list(parameters)
    _check_devices(listed)
    start = 0
    for parameter in listed:
        end = start + parameter.numel()
        parameter.data = vec[start:end].view(parameter.shape).data
        start = end


def _check_devices(tensors: list[Tensor]) -> None:
    if len({tensor.device for tensor in tensors}) > 1:
        raise TypeError("Found two parameters on different devices, this is currently not supported.")
