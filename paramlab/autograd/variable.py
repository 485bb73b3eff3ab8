"""Variable: what a tensor that may require a gradient was called before 2018, for programs of that time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..tensor import Tensor


class _AnyTensor(type):
    def __instancecheck__(cls, value: Any) -> bool:
        return hasattr(value, "grad_fn_or_self")


class Variable(metaclass=_AnyTensor):
    """Deprecated: ``Variable(data)`` returns a tensor of the same values, and every tensor is one."""

    def __new__(cls, data: Tensor, requires_grad: bool = False) -> Tensor:  # type: ignore[misc]
        """Return a leaf that shares memory with ``data`` and has no history."""
        return data.detach().requires_grad_(requires_grad)
