"""Convolution: a small kernel moved over a signal or an image."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from ... import ops
from ...autograd import Array, Operation
from ...ops.complaints import explained
from ...tensor import Tensor, apply, typename, wrap
from .correlation import Axis, Correlation, add_windows, scratch, windows

Sizes = int | Sequence[int]
KEPT = 1 << 16  # long rows of so many elements are kept until the way back: 256 KB at most for a layer


def correlate(rows: Array, weight: Array, geometry: Correlation) -> Array:
    """Return for each position of the kernel the sum of what it sees there, each times its weight.

    ``rows`` are the long rows of images, ``weight`` is ``(O, C / groups, kh, kw)``, the result ``(groups,
    O / groups, positions)``: a convolution is a linear map, the same at each position.
    """
    kernel = geometry.matrices(weight)
    out = np.empty((*kernel.shape[:2], geometry.positions), kernel.dtype)
    for part in geometry.parts(range(geometry.positions), geometry.channels):
        seen = windows(rows[..., part.start :], geometry.starts, part.stop - part.start)
        np.matmul(kernel, seen, out=out[..., part])
    return out


class Convolution(Operation):
    """``correlate(x, weight) + bias``.

    Every window of ``x`` meets ``weight``. So the gradient of ``weight`` is the sum of the windows, each times the
    gradient of its output; and a window gets ``weight`` times the gradient of its output, a pixel the sum over the
    windows that it lies in.

    Where the outputs are not more than the inputs it is quicker to look from a pixel. It meets each tap at another
    position: the gradients there are a window too. Times the taps they are the pixel's gradient, times the pixel that
    of the taps. The two share their windows, and nothing is added up window by window.
    """

    uses = ((1,), (0,), ())

    def forward(self, x: Array, weight: Array, bias: Array, geometry: Correlation) -> Array:
        rows = geometry.lay_out(_as_images(x), geometry.matrices(weight).dtype)
        self.saved, self.geometry = (x, weight, rows if rows.size <= KEPT and self.needs[1] else None), geometry
        out = correlate(rows, weight, geometry)
        out += bias.reshape(geometry.groups, -1, 1)  # before the images are cut out of it: long rows are quicker
        images = geometry.images(out)
        result = np.empty((*images.shape[:2], *images.shape[6 - x.ndim :]), x.dtype)  # a signal has no lines
        np.copyto(_as_images(result), images, casting="same_kind")
        return result

    def backward(self, grad: Array) -> tuple[Array | None, ...]:
        (x, weight, rows), (need_x, need_weight, need_bias) = self.saved, self.needs
        around = self.geometry.spread(_as_images(grad), self.geometry.matrices(weight).dtype)
        if rows is None and need_weight:
            rows = self.geometry.lay_out(_as_images(x), around.dtype)
        to_x = to_weight = None
        if need_x and around.shape[1] <= self.geometry.channels:
            to_x, to_weight = self._to_both(around, rows, x, weight)
        else:
            positions = self.geometry.at_positions(around)
            to_x = self._to_x(positions, x, weight) if need_x else None
            to_weight = self._to_weight(positions, rows, weight) if rows is not None else None
        to_bias = np.einsum("gop->go", around).reshape(-1) if need_bias else None  # quicker than sum
        return to_x, *(None if part is None else part.astype(grad.dtype, copy=False) for part in (to_weight, to_bias))

    def _to_both(self, around: Array, rows: Array | None, x: Array, weight: Array) -> tuple[Array, Array | None]:
        """Return the gradients of ``x`` and, given its ``rows``, of ``weight``."""
        geometry, (groups, outputs, _) = self.geometry, around.shape
        to_weight = np.zeros(weight.shape, around.dtype)
        kernel, to_rows = geometry.by_tap(weight).swapaxes(1, 2), geometry.rows(around.dtype)
        for phase in geometry.phases:
            of_phase = kernel[..., phase.taps].reshape(groups, geometry.channels, outputs * len(phase.back))
            for part in geometry.parts(phase.places, outputs):
                seen = windows(around[..., part.start :], phase.back, part.stop - part.start)
                pixels = slice(phase.begin + part.start, phase.begin + part.stop)
                np.matmul(of_phase, seen, out=to_rows[..., pixels])
                if rows is not None:
                    met = seen @ rows[..., pixels].swapaxes(1, 2)  # this order suits BLAS better
                    met = met.reshape(groups, outputs, len(phase.back), geometry.channels).swapaxes(2, 3)
                    geometry.by_tap(to_weight)[..., phase.taps] += met
        to_x = np.empty(x.shape, x.dtype)
        geometry.pick_up(to_rows, _as_images(to_x))
        return to_x, None if rows is None else to_weight

    def _to_x(self, positions: Array, x: Array, weight: Array) -> Array:
        geometry, kernel = self.geometry, self.geometry.matrices(weight).swapaxes(1, 2)
        to_rows = geometry.rows(kernel.dtype)
        to_rows.fill(0)
        for part in geometry.parts(range(geometry.positions), geometry.channels):
            seen = scratch((*kernel.shape[:2], part.stop - part.start), kernel.dtype)
            np.matmul(kernel, positions[..., part], out=seen)
            add_windows(to_rows[..., part.start :], geometry.starts, seen)
        to_x = np.empty(x.shape, x.dtype)
        geometry.pick_up(to_rows, _as_images(to_x))
        return to_x

    def _to_weight(self, positions: Array, rows: Array, weight: Array) -> Array:
        geometry = self.geometry
        to_weight = np.zeros(weight.shape, positions.dtype)
        total = geometry.matrices(to_weight)
        for part in geometry.parts(range(geometry.positions), geometry.channels):
            seen = windows(rows[..., part.start :], geometry.starts, part.stop - part.start)
            total += (seen @ positions[..., part].swapaxes(1, 2)).swapaxes(1, 2)
        return to_weight


def _as_images(signal: Array) -> Array:
    """Return signals ``(N, C, L)`` as images of one line; images as they are."""
    return signal if signal.ndim == 4 else signal[:, :, None]


# ------------------------------------------------------------------ functions


@explained
def conv1d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Sizes = 1,
    padding: Sizes | str = 0,
    dilation: Sizes = 1,
    groups: int = 1,
) -> Tensor:
    """Move a kernel over signals: ``conv2d`` with one dimension.

    ``input`` is ``(N, C, L)`` or ``(C, L)``, ``weight`` ``(O, C / groups, k)``, ``bias`` ``(O,)``.
    """
    return _convolve("conv1d", input, weight, bias, stride, padding, dilation, groups)


@explained
def conv2d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Sizes = 1,
    padding: Sizes | str = 0,
    dilation: Sizes = 1,
    groups: int = 1,
) -> Tensor:
    """Move a kernel over images, and at each place return its product with what it covers, summed, plus ``bias``.

    ``input`` is ``(N, C, H, W)`` or ``(C, H, W)``, ``weight`` ``(O, C / groups, kh, kw)``, ``bias`` ``(O,)``.
    The result has ``(H + 2 * padding - dilation * (kh - 1) - 1) // stride + 1`` lines, and columns likewise.
    ``padding`` zeros are put to each side: a number, one for each dimension, ``"valid"`` for none, ``"same"``
    for as many as keep the size. ``dilation`` is the distance between two taps of the kernel. With
    ``groups``, each group of output channels sees its own group of input channels alone. ``RuntimeError``
    if the shapes or dtypes do not fit.
    """
    return _convolve("conv2d", input, weight, bias, stride, padding, dilation, groups)


def _convolve(
    name: str,
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    stride: Sizes,
    padding: Sizes | str,
    dilation: Sizes,
    groups: int,
) -> Tensor:
    if not (isinstance(input, Tensor) and isinstance(weight, Tensor)):
        got = ", ".join(_type_name(argument) for argument in (input, weight))
        raise TypeError(_combination(name, got))
    geometry = _geometry(
        name, input.shape, weight.shape, _hashable(stride), _hashable(padding), _hashable(dilation), groups
    )
    _check_others(input, weight, bias)
    if bias is None:
        bias = wrap(np.zeros(weight.shape[0], weight._array.dtype), weight._device)
    if input.ndim < weight.ndim:
        return ops.squeeze(apply(Convolution, ops.unsqueeze(input, 0), weight, bias, geometry=geometry), 0)
    return apply(Convolution, input, weight, bias, geometry=geometry)


def _hashable(sizes: Any) -> Any:
    return tuple(sizes) if isinstance(sizes, list) else sizes


@lru_cache(maxsize=256, typed=True)  # 1.0 is refused where 1 was taken
def _geometry(
    name: str,
    shape: tuple[int, ...],
    kernel: tuple[int, ...],
    stride: Sizes,
    padding: Sizes | str,
    dilation: Sizes,
    groups: int,
) -> Correlation:
    """Return where a convolution's taps lie; ``RuntimeError`` if the shapes do not fit. Few differ in a program."""
    dims = 1 if name == "conv1d" else 2
    if len(shape) not in (dims + 1, dims + 2):
        raise RuntimeError(
            f"Expected {dims + 1}D (unbatched) or {dims + 2}D (batched) input to {name}, but got input of size: "
            f"{list(shape)}. A batch of one: input.unsqueeze(0)."
        )
    if len(kernel) != dims + 2:
        raise RuntimeError(f"expected weight to have {dims + 2} dimensions for {name}, but got size {list(kernel)}")
    batched = tuple(shape) if len(shape) == dims + 2 else (1, *shape)
    _check_channels(batched, kernel, groups)
    strides, dilations = per_dimension(name, "stride", stride, dims), per_dimension(name, "dilation", dilation, dims)
    if min(strides) <= 0:
        raise RuntimeError("non-positive stride is not supported")
    if min(dilations) <= 0:
        raise RuntimeError(f"dilation should be greater than zero, but got {list(dilations)}")
    ends = _ends(name, padding, kernel[2:], strides, dilations)
    padded = [size + before + after for size, (before, after) in zip(batched[2:], ends, strict=True)]
    extents = [d * (k - 1) + 1 for d, k in zip(dilations, kernel[2:], strict=True)]
    if any(extent > size for extent, size in zip(extents, padded, strict=True)):
        raise RuntimeError(
            f"Calculated padded input size per channel: ({' x '.join(map(str, padded))}). Kernel size: "
            f"({' x '.join(map(str, extents))}). Kernel size can't be greater than actual input size"
        )
    axes = [
        Axis(size, k, s, before, after, d)
        for size, k, s, (before, after), d in zip(batched[2:], kernel[2:], strides, ends, dilations, strict=True)
    ]
    return Correlation(batched[0], batched[1], groups, axes[0] if dims == 2 else Axis(1, 1, 1, 0, 0, 1), axes[-1])


def per_dimension(name: str, argument: str, value: Any, dims: int) -> tuple[int, ...]:
    """Return a size for each dimension, of one number for all or of one for each."""
    sizes = tuple(value) if isinstance(value, tuple | list) else (value,)
    if not all(isinstance(size, int | np.integer) for size in sizes):
        raise TypeError(_combination(name, f"Tensor, Tensor, {argument}={type(sizes[0]).__name__}"))
    if len(sizes) not in (1, dims):
        raise RuntimeError(
            f"expected {argument} to be a single integer value or a list of {dims} values to match the convolution "
            f"dimensions, but got {argument}={list(sizes)}"
        )
    return sizes if len(sizes) == dims else sizes * dims


def _type_name(argument: object) -> str:
    kind = type(argument)
    return kind.__name__ if isinstance(argument, Tensor) or kind.__module__ == "builtins" else typename(argument)


def _combination(name: str, got: str) -> str:
    return (
        f"{name}() received an invalid combination of arguments - got ({got}), but expected one of:\n * (Tensor input, "
        "Tensor weight, Tensor bias = None, tuple of ints stride = 1, tuple of ints padding = 0, tuple of ints "
        "dilation = 1, int groups = 1), where one int stands for all, and padding may be 'same' or 'valid'"
    )


def _ends(
    name: str, padding: Any, kernel: tuple[int, ...], stride: tuple[int, ...], dilation: tuple[int, ...]
) -> list[tuple[int, int]]:
    """Return for each dimension how many zeros are put before and after it."""
    if padding == "same":
        if any(s != 1 for s in stride):
            raise RuntimeError("padding='same' is not supported for strided convolutions")
        return [same_padding(k, d) for k, d in zip(kernel, dilation, strict=True)]
    if isinstance(padding, str) and padding != "valid":
        raise RuntimeError(f"Invalid padding string: '{padding}'. It is 'same' or 'valid'.")
    sizes = per_dimension(name, "padding", 0 if padding == "valid" else padding, len(kernel))
    if min(sizes) < 0:
        raise RuntimeError("negative padding is not supported")
    return [(size, size) for size in sizes]


def same_padding(kernel: int, dilation: int) -> tuple[int, int]:
    """Return how many zeros before and after a dimension keep its size; the odd one goes after."""
    total = dilation * (kernel - 1)
    return total // 2, total - total // 2


def _check_channels(shape: tuple[int, ...], kernel: tuple[int, ...], groups: int) -> None:
    if groups <= 0:
        raise RuntimeError("non-positive groups is not supported")
    if kernel[0] < groups:
        raise RuntimeError(
            f"Given groups={groups}, expected weight to be at least {groups} at dimension 0, but got weight of size "
            f"{list(kernel)} instead"
        )
    if kernel[0] % groups:
        raise RuntimeError(
            f"Given groups={groups}, expected weight to be divisible by {groups} at dimension 0, but got weight of "
            f"size [{list(kernel)}] instead"
        )
    if shape[1] != kernel[1] * groups:
        raise RuntimeError(
            f"Given groups={groups}, weight of size {list(kernel)}, expected input{list(shape)} to have "
            f"{kernel[1] * groups} channels, but got {shape[1]} channels instead. The input's dimensions are (batch, "
            "channels, …)."
        )


def _check_others(input: Tensor, weight: Tensor, bias: Tensor | None) -> None:
    if bias is not None and bias.shape != weight.shape[:1]:
        raise RuntimeError(
            f"Given weight of size {list(weight.shape)}, expected bias to be 1-dimensional with {weight.shape[0]} "
            f"elements, but got bias of size {list(bias.shape)} instead"
        )
    kind = input._array.dtype
    if bias is not None and bias._array.dtype != kind:
        raise RuntimeError(
            f"Input type ({ops.c_name(input.dtype)}) and bias type ({ops.c_name(bias.dtype)}) should be the same. "
            "Convert the input, for example with .to(model.weight.dtype)."
        )
    if weight._array.dtype != kind:
        raise RuntimeError(
            f"expected scalar type {input.dtype.word} but found {weight.dtype.word}. Convert the input, for example "
            "with .to(model.weight.dtype)."
        )
