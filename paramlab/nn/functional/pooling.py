"""Pooling: of each window of a signal or an image, its maximum or its mean.

All work on the last two dimensions; a signal is an image of one line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from ... import ops
from ...autograd import Array, Operation
from ...ops.arguments import need_tensors
from ...ops.complaints import explained
from ...ops.operands import axis
from ...tensor import Tensor, apply, wrap

Sizes = int | Sequence[int]


class Window(NamedTuple):
    """One dimension of a pooling: ``out`` windows over ``size`` elements and ``padding`` more at each end."""

    size: int
    kernel: int
    stride: int
    padding: int
    dilation: int
    out: int

    @property
    def end(self) -> int:
        """How many elements after the last one the windows reach."""
        last = (self.out - 1) * self.stride + self.dilation * (self.kernel - 1) + 1
        return max(last - self.size - self.padding, 0)

    def taps(self) -> list[slice]:
        """Return for each element of a window its places in all the windows."""
        span = (self.out - 1) * self.stride + 1
        return [slice(i * self.dilation, i * self.dilation + span, self.stride) for i in range(self.kernel)]

    def counts(self, with_padding: bool) -> Array:
        """Return how many elements each window has, those of the padding included or not."""
        border = self.padding if with_padding else 0
        starts = np.arange(self.out) * self.stride - self.padding
        return np.minimum(starts + self.kernel, self.size + border) - np.maximum(starts, -border)


Windows = tuple[Window, Window]


def _padded(x: Array, windows: Windows, value: Any) -> Array:
    """Return ``x`` with ``value`` around it, as far as the windows reach."""
    h, w = windows
    if not (h.padding or h.end or w.padding or w.end):
        return x
    return np.pad(x, [(0, 0)] * (x.ndim - 2) + [(h.padding, h.end), (w.padding, w.end)], constant_values=value)


def _without_padding(padded: Array, windows: Windows) -> Array:
    h, w = windows
    return padded[..., h.padding : h.padding + h.size, w.padding : w.padding + w.size]


def _taps(padded: Array, windows: Windows) -> Iterator[Array]:
    """Yield for each place in a window, line by line, a view ``(…, oh, ow)`` of it in all the windows."""
    for rows in windows[0].taps():
        for columns in windows[1].taps():
            yield padded[..., rows, columns]


def _first_hits(x: Array, maxima: Array, windows: Windows) -> Iterator[Array]:
    """Yield for each place in a window which windows have their maximum there, and nowhere before."""
    free = np.ones(maxima.shape, bool)
    for tap in _taps(_padded(x, windows, _lowest(x.dtype)), windows):
        hit = tap == maxima
        hit &= free
        free ^= hit
        yield hit


def _lowest(kind: np.dtype[Any]) -> Any:
    return -np.inf if kind.kind == "f" else np.iinfo(kind).min


class MaxPool(Operation):
    """The maximum of each window; its gradient goes to the place where it was found first."""

    uses = ((0,),)
    uses_result = True

    def forward(self, x: Array, windows: Windows) -> Array:
        taps = _taps(_padded(x, windows, _lowest(x.dtype)), windows)
        maxima = next(taps).copy()
        for tap in taps:
            np.maximum(maxima, tap, out=maxima)
        self.saved, self.windows = (x, maxima), windows
        return maxima

    def backward(self, grad: Array) -> tuple[Array | None, ...]:
        x, maxima = self.saved
        to_padded = _padded(np.zeros(x.shape, grad.dtype), self.windows, 0)
        places = _taps(to_padded, self.windows)
        for place, hit in zip(places, _first_hits(x, maxima, self.windows), strict=True):
            place += grad * hit
        return (_without_padding(to_padded, self.windows),)

    def name(self) -> str:
        """PyTorch's name for it."""
        return "MaxPool2DWithIndicesBackward0"


def _indices(x: Array, maxima: Array, windows: Windows) -> Array:
    """Return where the maximum of each window is in its image, counted line by line."""
    shape = windows[0].size, windows[1].size
    numbers = _padded(np.arange(shape[0] * shape[1]).reshape(shape), windows, 0)
    found = np.zeros(maxima.shape, np.int64)
    for number, hit in zip(_taps(numbers, windows), _first_hits(x, maxima, windows), strict=True):
        found += number * hit
    return found


class AvgPool(Operation):
    """The sum of each window divided by ``divisor``; every element of a window gets its share of the gradient."""

    def forward(self, x: Array, windows: Windows, divisor: Array) -> Array:
        taps = _taps(_padded(x, windows, 0), windows)
        total = next(taps).copy()
        for tap in taps:
            total += tap
        divisor = divisor.astype(x.dtype)
        self.saved, self.shape, self.windows = (divisor,), x.shape, windows
        means: Array = (total / divisor).astype(x.dtype, copy=False)
        return means

    def backward(self, grad: Array) -> tuple[Array | None, ...]:
        (divisor,) = self.saved
        to_padded = _padded(np.zeros(self.shape, grad.dtype), self.windows, 0)
        share = grad / divisor
        for place in _taps(to_padded, self.windows):
            place += share
        return (_without_padding(to_padded, self.windows),)

    def name(self) -> str:
        """PyTorch's name for it."""
        return "AvgPool2DBackward0"


# ------------------------------------------------------------------ functions


@explained
def max_pool1d(
    input: Tensor,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """Return the maximum of each window of signals ``(N, C, L)`` or ``(C, L)``: ``max_pool2d`` of one dimension."""
    if input.ndim not in (2, 3) or 0 in input.shape[-2:]:
        raise RuntimeError(
            "max_pool1d: Expected 2D or 3D (batch mode) tensor with optional 0 dim batch size for input, but "
            f"got:{list(input.shape)}"
        )
    if not (return_indices or input.is_floating_point()):
        raise NotImplementedError(
            f"\"max_pool1d_impl\" not implemented for '{input.dtype.word}'. Convert the input: x.float()."
        )
    lines = ops.unsqueeze(input, -2)
    kernel, strides, pads, apart = _of_lines(kernel_size, stride, padding, dilation)
    found = max_pool2d(lines, kernel, strides, pads, apart, ceil_mode, return_indices)
    return tuple(ops.squeeze(part, -2) for part in found) if return_indices else ops.squeeze(found, -2)


@explained
def max_pool2d(
    input: Tensor,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """Return the maximum of each window of images ``(N, C, H, W)`` or ``(C, H, W)``.

    Windows are ``kernel_size`` large and ``stride`` apart (the kernel's size, if it is not given); their
    elements are ``dilation`` apart. ``padding``, at most half a window, is put to each side and never the
    maximum. ``ceil_mode`` keeps a last window that reaches over the end. With ``return_indices`` the answer is
    ``(maxima, indices)``, each index counting the elements of its image line by line. ``RuntimeError`` if the
    sizes do not fit.
    """
    if input.ndim not in (3, 4):
        raise RuntimeError(
            f"non-empty 3D or 4D (batch mode) tensor expected for input, but got size {list(input.shape)}"
        )
    _check_not_empty(input)
    windows = _windows("max_pool2d", input, kernel_size, stride, padding, dilation, ceil_mode)
    if input._array.dtype.kind == "b":
        raise NotImplementedError("\"max_pool2d\" not implemented for 'Bool'. Convert the input: x.float().")
    maxima = apply(MaxPool, input, windows=windows)
    if not return_indices:
        return maxima
    return maxima, wrap(_indices(input._array, maxima._array, windows), input._device)


@explained
def avg_pool1d(
    input: Tensor,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Tensor:
    """Return the mean of each window of signals ``(N, C, L)`` or ``(C, L)``: ``avg_pool2d`` of one dimension."""
    check_signal("avg_pool1d", input)
    kernel, strides, pads, _ = _of_lines(kernel_size, stride, padding, 1)
    means = avg_pool2d(ops.unsqueeze(input, -2), kernel, strides, pads, ceil_mode, count_include_pad)
    return ops.squeeze(means, -2)


@explained
def avg_pool2d(
    input: Tensor,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Tensor:
    """Return the mean of each window of images ``(N, C, H, W)`` or ``(C, H, W)``.

    The windows are those of ``max_pool2d``. The zeros of ``padding`` count as elements, unless
    ``count_include_pad`` is False; ``divisor_override`` divides the sums instead of the number of elements.
    """
    _check_not_empty(input)
    windows = h, w = _windows("avg_pool2d", input, kernel_size, stride, padding, 1, ceil_mode)
    if divisor_override == 0:
        raise RuntimeError("divisor must be not zero")
    counts = h.counts(count_include_pad)[:, None] * w.counts(count_include_pad)
    divisor = counts if divisor_override is None else np.asarray(divisor_override)
    return apply(AvgPool, input, windows=windows, divisor=divisor)


# ------------------------------------------------------------------ reading and checking sizes


def _check_not_empty(input: Tensor) -> None:
    """Raise ``RuntimeError`` unless the input is one image, or any number of them, that has elements."""
    if input.ndim > 4 or 0 in input.shape[-3:]:
        raise RuntimeError(
            "Expected 3D or 4D (batch mode) tensor with optional 0 dim batch size for input, but got:"
            f"{list(input.shape)}"
        )


def check_signal(name: str, input: Tensor) -> None:
    """Raise ``RuntimeError`` unless the input is ``(N, C, L)`` or ``(C, L)``."""
    if input.ndim not in (2, 3):
        raise RuntimeError(
            f"Expected 2 to 3 dimensions, but got {input.ndim}-dimensional tensor for argument #1 'self' (while "
            f"checking arguments for {name})"
        )


def _of_lines(kernel: Any, stride: Any, padding: Any, dilation: Any) -> list[Any]:
    """Return the sizes of a pooling of signals as those of images of one line."""
    return [
        None if size is None else (along_h, size[0] if isinstance(size, tuple | list) else size)
        for along_h, size in ((1, kernel), (1, stride), (0, padding), (1, dilation))
    ]


def _windows(
    name: str, input: Tensor, kernel: Any, stride: Any, padding: Any, dilation: Any, ceil_mode: bool
) -> Windows:
    """Return where the windows are in the last two dimensions; ``RuntimeError`` for sizes that do not fit."""
    need_tensors(name, input=input)
    kernels = _two(name, "kernel_size", kernel)
    strides = kernels if stride is None else _two(name, "stride", stride, "be omitted, ")
    pads, dilations = _two(name, "padding", padding), _two(name, "dilation", dilation)
    _check_sizes(kernels, strides, pads, dilations)
    axis(-3, input.ndim)
    h, w = (
        Window(*sizes, _count(*sizes, ceil_mode))
        for sizes in zip(input.shape[-2:], kernels, strides, pads, dilations, strict=True)
    )
    if h.out < 1 or w.out < 1:
        planes, rows, columns = input.shape[-3:]
        raise RuntimeError(
            f"Given input size: ({planes}x{rows}x{columns}). Calculated output size: ({planes}x{max(h.out, 0)}x"
            f"{max(w.out, 0)}). Output size is too small: the window does not fit into the image."
        )
    return h, w


def _two(name: str, argument: str, value: Any, omitted: str = "be ") -> tuple[int, int]:
    sizes = tuple(value) if isinstance(value, tuple | list) else (value,)
    if len(sizes) not in (1, 2):
        raise RuntimeError(f"{name}: {argument} must either {omitted}a single int, or a tuple of two ints")
    return sizes[0], sizes[-1]


def _check_sizes(
    kernels: tuple[int, int], strides: tuple[int, int], pads: tuple[int, int], dilations: tuple[int, int]
) -> None:
    if 0 in strides:
        raise RuntimeError("stride should not be zero")
    if min(kernels) <= 0:
        raise RuntimeError(f"kernel size should be greater than zero, but got kH: {kernels[0]} kW: {kernels[1]}")
    if min(dilations) <= 0:
        raise RuntimeError(
            f"dilation should be greater than zero, but got dilationH: {dilations[0]} dilationW: {dilations[1]}"
        )
    for kernel, pad, dilation in zip(kernels, pads, dilations, strict=True):
        if pad < 0:
            raise RuntimeError(f"pad must be non-negative, but got pad: {pad}")
        if pad > (dilation * (kernel - 1) + 1) // 2:
            raise RuntimeError(
                f"pad should be at most half of effective kernel size, but got pad={pad}, kernel_size={kernel} and "
                f"dilation={dilation}"
            )


def _count(size: int, kernel: int, stride: int, padding: int, dilation: int, ceil_mode: bool) -> int:
    """Return the number of windows; with ``ceil_mode`` one more, if it starts before the padding at the end."""
    room = size + 2 * padding - dilation * (kernel - 1) - 1
    if not ceil_mode:
        return room // stride + 1
    count = -(-room // stride) + 1
    return count - 1 if (count - 1) * stride >= size + padding else count
