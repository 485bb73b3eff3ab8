"""Convolutions as modules: the kernel and the bias are Parameters."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, ClassVar

from ..creation import empty
from ..dtypes import dtype as DType
from ..tensor import Tensor
from . import functional as F
from . import init
from .functional.conv import same_padding
from .module import Module
from .parameter import Parameter

Sizes = int | Sequence[int]
MODES = ("zeros", "reflect", "replicate", "circular")


class _ConvNd(Module):
    """What convolutions share."""

    _dims: ClassVar[int]  # the dimensions that the kernel moves along

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Sizes,
        stride: Sizes = 1,
        padding: Sizes | str = 0,
        dilation: Sizes = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: DType | None = None,
    ) -> None:
        super().__init__()
        if groups <= 0:
            raise ValueError("groups must be a positive integer")
        if in_channels % groups:
            raise ValueError("in_channels must be divisible by groups")
        if out_channels % groups:
            raise ValueError("out_channels must be divisible by groups")
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.kernel_size = self._each(kernel_size)
        self.stride = self._each(stride)
        self.padding = padding if isinstance(padding, str) else self._each(padding)
        self.dilation = self._each(dilation)
        self.transposed = False
        self.output_padding = self._each(0)
        self.groups = groups
        self.padding_mode = padding_mode
        self._check_padding()
        shape = out_channels, in_channels // groups, *self.kernel_size
        self.weight = Parameter(empty(*shape, device=device, dtype=dtype))
        self.register_parameter("bias", Parameter(empty(out_channels, device=device, dtype=dtype)) if bias else None)
        self.reset_parameters()

    def _each(self, sizes: Any) -> tuple[int, ...]:
        """Return a size for each dimension, of one number for all or of the sizes themselves."""
        return tuple(sizes) if isinstance(sizes, tuple | list) else (sizes,) * self._dims

    def _check_padding(self) -> None:
        if isinstance(self.padding, str) and self.padding not in ("same", "valid"):
            raise ValueError(f"Invalid padding string {self.padding!r}, should be one of {{'same', 'valid'}}")
        if self.padding == "same" and any(s != 1 for s in self.stride):
            raise ValueError("padding='same' is not supported for strided convolutions")
        if self.padding_mode not in MODES:
            raise ValueError(f"padding_mode must be one of {MODES}, but got padding_mode='{self.padding_mode}'")

    def reset_parameters(self) -> None:
        """Draw new first values, evenly distributed in ``±1 / sqrt(inputs of an output)``."""
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))  # with this slope that is the bound
        if self.bias is not None:
            inputs = math.prod(self.weight.shape[1:])
            bound = 1 / math.sqrt(inputs) if inputs > 0 else 0
            init.uniform_(self.bias, -bound, bound)

    def _padded(self, input: Tensor) -> tuple[Tensor, Any]:
        """Return the input and how many zeros it still wants; other modes than zeros are padded here."""
        if self.padding_mode == "zeros":
            return input, self.padding
        if self.padding == "valid":
            return input, 0
        if self.padding == "same":
            ends = [same_padding(k, d) for k, d in zip(self.kernel_size, self.dilation, strict=True)]
        else:
            ends = [(int(size), int(size)) for size in self.padding]
        from_the_last = [size for pair in reversed(ends) for size in pair]  # as F.pad wants them
        return F.pad(input, from_the_last, mode=self.padding_mode), 0

    def extra_repr(self) -> str:
        """Return the sizes and the options that differ from their defaults."""
        text = f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"
        if self.padding != self._each(0):
            text += f", padding={self.padding}"
        if self.dilation != self._each(1):
            text += f", dilation={self.dilation}"
        if self.groups != 1:
            text += f", groups={self.groups}"
        if self.bias is None:
            text += ", bias=False"
        if self.padding_mode != "zeros":
            text += f", padding_mode={self.padding_mode}"
        return text


class Conv1d(_ConvNd):
    """Move ``out_channels`` kernels of the length ``kernel_size`` over signals ``(N, C, L)`` or ``(C, L)``.

    ``weight`` is ``(out_channels, in_channels / groups, kernel_size)``, ``bias`` ``(out_channels,)`` or None; both
    start evenly distributed in ``±1 / sqrt(in_channels / groups * kernel_size)``. The options are those of
    ``functional.conv2d``; with another ``padding_mode`` than zeros, ``functional.pad`` pads. ``ValueError`` if
    the channels can't be divided into the groups, or for a name of a padding that there is not.
    """

    _dims = 1

    def forward(self, input: Tensor) -> Tensor:
        """Return the kernels' answers at each place: ``(N, out_channels, L_out)``."""
        padded, zeros = self._padded(input)
        return F.conv1d(padded, self.weight, self.bias, self.stride, zeros, self.dilation, self.groups)


class Conv2d(_ConvNd):
    """Move ``out_channels`` kernels of the size ``kernel_size`` over images ``(N, C, H, W)`` or ``(C, H, W)``.

    ``weight`` is ``(out_channels, in_channels / groups, kh, kw)``, ``bias`` ``(out_channels,)`` or None; both start
    evenly distributed in ``±1 / sqrt(in_channels / groups * kh * kw)``. The options are those of
    ``functional.conv2d``; with another ``padding_mode`` than zeros, ``functional.pad`` pads. ``ValueError`` if
    the channels can't be divided into the groups, or for a name of a padding that there is not.
    """

    _dims = 2

    def forward(self, input: Tensor) -> Tensor:
        """Return the kernels' answers at each place: ``(N, out_channels, H_out, W_out)``."""
        padded, zeros = self._padded(input)
        return F.conv2d(padded, self.weight, self.bias, self.stride, zeros, self.dilation, self.groups)
