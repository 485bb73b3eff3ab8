"""Parameter and Buffer: a tensor that says how a module is to treat it."""

from __future__ import annotations

from typing import Any, Self

from ..creation import empty
from ..tensor import Tensor


class Parameter(Tensor):
    """A tensor that a module registers when it is assigned as an attribute, and that is to be learned.

    Shares the memory of ``data``. ``requires_grad`` is True unless told otherwise; ``RuntimeError`` for a
    tensor of integers then, ``AttributeError`` if ``data`` is no tensor. What is computed of a Parameter
    is a plain tensor again.
    """

    def __new__(cls, data: Tensor | None = None, requires_grad: bool = True) -> Self:
        """Make a Parameter of a tensor: the same memory, a leaf, and a gradient unless told otherwise."""
        if data is None:
            data = empty(0)
        return data.detach().as_subclass(cls).requires_grad_(requires_grad)

    def __repr__(self) -> str:
        """Print as the tensor does, below a line that says what it is."""
        return "Parameter containing:\n" + Tensor.__repr__(self)

    def _swap(self, data: Tensor, grad: Any) -> None:
        """Take over other data, and other data for the gradient if there is one: both stay the objects they are."""
        self.data = data
        if self.grad is not None:
            self.grad.data = grad

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Copy the values; the gradient and attributes of one's own are left behind, as in PyTorch."""
        if id(self) not in memo:
            memo[id(self)] = type(self)(self.data.clone(), self.requires_grad)
        twin: Self = memo[id(self)]
        return twin


class _BufferKind(type):
    """Makes ``isinstance(t, Buffer)`` a question about a mark: a Buffer is a plain Tensor by type."""

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, Tensor) and getattr(instance, "_is_buffer", False)


class Buffer(Tensor, metaclass=_BufferKind):
    """A tensor that a module registers as state: saved and moved with it, never learned.

    ``type(Buffer(t))`` is ``Tensor`` and ``isinstance(b, Buffer)`` is true all the same, as in PyTorch.
    With ``persistent=False`` it is moved and not saved.
    """

    persistent: bool

    def __new__(cls, data: Tensor | None = None, *, persistent: bool = True) -> Any:
        """Make a Buffer of a tensor; it shares the tensor's memory."""
        if data is None:
            data = empty(0)
        marked: Any = data.detach().requires_grad_(data.requires_grad)
        marked.persistent = persistent
        marked._is_buffer = True
        return marked
