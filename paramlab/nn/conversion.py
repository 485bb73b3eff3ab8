"""Converting and moving: what ``.to()`` and its relatives do to every registered tensor, and to no other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

from ..autograd import mode
from ..dtypes import NO_CUDA, float16, float32, float64
from ..dtypes import device as Device
from ..dtypes import dtype as DType
from ..tensor import Tensor, parse_to
from .parameter import Parameter
from .tree import Tree


class Conversion(Tree):
    """The methods that give every registered tensor another dtype or device; ``Module`` is in ``module.py``."""

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> Self:
        """Convert every registered tensor: Parameters stay the same objects, buffers become new ones."""
        if recurse:
            for module in self.children():
                module._apply(fn)
        for name, parameter in self._parameters.items():
            if parameter is not None:
                self._convert_parameter(name, fn)
        for name, buffer in self._buffers.items():
            if buffer is not None:
                self._buffers[name] = fn(buffer)
        return self

    def _convert_parameter(self, name: str, fn: Callable[[Tensor], Tensor]) -> None:
        """Convert a Parameter and its gradient in place; on the way to or from ``meta`` another takes its place."""
        parameter: Any = self._parameters[name]
        recording, mode.enabled = mode.enabled, False  # as no_grad() does, which costs a fifth of all this
        try:
            data, grad = fn(parameter), parameter.grad
            if grad is not None:
                grad = fn(grad)
        finally:
            mode.enabled = recording
        if data.is_meta is parameter.is_meta:
            parameter._swap(data, grad)
            return
        self._parameters[name] = another = Parameter(data, parameter.requires_grad)
        another.grad = grad

    def to(self, *args: Any, **kwargs: Any) -> Self:
        """Move every registered tensor to a device, and those of floating point to a dtype; return the module.

        ``to(device)``, ``to(dtype)``, ``to(device, dtype)`` or ``to(tensor)``. Plain tensor attributes stay
        where they are. ``TypeError`` for a dtype that is not floating-point, ``NotImplementedError`` for a
        tensor of the device ``meta``, which has no values to move.
        """
        device, dtype = self._parse_to(*args, **kwargs)

        def convert(tensor: Tensor) -> Tensor:
            if tensor.is_floating_point():
                return tensor.to(device=device, dtype=dtype)
            return tensor.to(device=device)

        return self._apply(convert)

    def _parse_to(self, *args: Any, **kwargs: Any) -> tuple[Device | None, DType | None]:
        """Read the arguments of ``to``: the device and the dtype, None for what is to stay as it is."""
        place, kind, copy = parse_to(args, kwargs)
        if copy is not None:
            raise RuntimeError(".to() does not accept copy argument. A module is converted in place: copy.deepcopy it.")
        if kind is not None and not kind.is_floating_point:
            raise TypeError(f"nn.Module.to only accepts floating point or complex dtypes, but got desired dtype={kind}")
        return place, kind

    def to_empty(self, *, device: Any, recurse: bool = True) -> Self:
        """Move every registered tensor to a device without its values: they are arbitrary afterwards."""
        from ..creation.alike import empty_like

        return self._apply(lambda t: empty_like(t, device=device), recurse=recurse)

    def cpu(self) -> Self:
        """Move every registered tensor to host memory."""
        return self._apply(lambda t: t.cpu())

    def cuda(self, device: Any = None) -> Self:
        """Raise ``RuntimeError``: there is no GPU."""
        raise RuntimeError(NO_CUDA)

    def type(self, dst_type: DType | str) -> Self:
        """Convert every registered tensor, integers too."""
        return self._apply(lambda t: t.type(dst_type))

    def float(self) -> Self:
        """Convert the floating-point tensors to ``float32``."""
        return self._apply(_floating_to(float32))

    def double(self) -> Self:
        """Convert the floating-point tensors to ``float64``."""
        return self._apply(_floating_to(float64))

    def half(self) -> Self:
        """Convert the floating-point tensors to ``float16``."""
        return self._apply(_floating_to(float16))


def _floating_to(kind: DType) -> Callable[[Tensor], Tensor]:
    return lambda t: t.to(kind) if t.is_floating_point() else t
