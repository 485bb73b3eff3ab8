"""Adaptive pooling: as many windows as are asked for, whatever the size of the input."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ... import ops
from ...autograd import Array, Operation
from ...tensor import Tensor, apply, wrap
from .pooling import check_signal

Box = tuple[int, int, slice, slice]


def _boxes(shape: Sequence[int], out: Sequence[int]) -> list[Box]:
    """Return the place of each window among the results, and its rows and columns; windows may overlap."""
    spans = [
        [slice(i * size // count, -(-(i + 1) * size // count)) for i in range(count)]
        for size, count in zip(shape[-2:], out, strict=True)
    ]
    return [(i, j, rows, columns) for i, rows in enumerate(spans[0]) for j, columns in enumerate(spans[1])]


class AdaptiveAvgPool2D(Operation):
    """The mean of each window; every element of a window gets its share of the gradient."""

    def forward(self, x: Array, out: tuple[int, int]) -> Array:
        boxes = _boxes(x.shape, out)
        self.saved, self.shape = (boxes,), x.shape
        means = np.empty((*x.shape[:-2], *out), x.dtype)
        for i, j, rows, columns in boxes:
            means[..., i, j] = x[..., rows, columns].mean(axis=(-2, -1))
        return means

    def backward(self, grad: Array) -> tuple[Array | None, ...]:
        (boxes,) = self.saved
        to_x = np.zeros(self.shape, grad.dtype)
        for i, j, rows, columns in boxes:
            window = to_x[..., rows, columns]
            window += grad[..., i, j, None, None] / (window.shape[-2] * window.shape[-1])
        return (to_x,)


class AdaptiveMaxPool2D(Operation):
    """The maximum of each window, given where it is: ``indices`` counts the elements of an image line by line."""

    def forward(self, x: Array, indices: Array) -> Array:
        self.saved, self.shape = (indices,), x.shape
        return np.take_along_axis(_lines(x), _lines(indices), -1).reshape(indices.shape)

    def backward(self, grad: Array) -> tuple[Array | None, ...]:
        (indices,) = self.saved
        to_x = np.zeros(self.shape, grad.dtype)
        images = np.indices(_lines(grad).shape, sparse=True)[:-1]
        np.add.at(_lines(to_x), (*images, _lines(indices)), _lines(grad))
        return (to_x,)


def _lines(images: Array) -> Array:
    """Return images with their lines one after the other."""
    *batch, h, w = images.shape
    return images.reshape(*batch, h * w)


def _largest_in(x: Array, out: tuple[int, int]) -> Array:
    """Return where in its image the maximum of each window is."""
    indices = np.empty((*x.shape[:-2], *out), np.int64)
    for i, j, rows, columns in _boxes(x.shape, out):
        window = x[..., rows, columns]
        width = window.shape[-1]
        place = _lines(window).argmax(axis=-1)
        indices[..., i, j] = (rows.start + place // width) * x.shape[-1] + columns.start + place % width
    return indices


# ------------------------------------------------------------------ functions


def adaptive_avg_pool1d(input: Tensor, output_size: Any) -> Tensor:
    """Return the means of ``output_size`` windows of signals ``(N, C, L)`` or ``(C, L)``."""
    check_signal("adaptive_avg_pool1d", input)
    size = output_size[0] if isinstance(output_size, tuple | list) else output_size
    return ops.squeeze(adaptive_avg_pool2d(ops.unsqueeze(input, -2), (1, size)), -2)


def adaptive_avg_pool2d(input: Tensor, output_size: Any) -> Tensor:
    """Return the means of as many windows of images ``(N, C, H, W)`` or ``(C, H, W)`` as are asked for.

    ``output_size`` is a number, or one for each dimension; None keeps the input's. Window ``i`` of ``n`` goes
    from ``floor(i * size / n)`` to ``ceil((i + 1) * size / n)``.
    """
    out = _output_size("adaptive_avg_pool2d", input, output_size)
    if out == (1, 1):
        return ops.mean(input, (-1, -2), keepdim=True)
    return apply(AdaptiveAvgPool2D, input, out=out)


def adaptive_max_pool2d(input: Tensor, output_size: Any, return_indices: bool = False) -> Any:
    """Return the maxima of as many windows as are asked for, and on demand their indices.

    The windows are those of ``adaptive_avg_pool2d``, the indices those of ``max_pool2d``.
    """
    out = _output_size("adaptive_max_pool2d", input, output_size)
    indices = _largest_in(input._array, out)
    maxima = apply(AdaptiveMaxPool2D, input, indices=indices)
    return (maxima, wrap(indices, input._device)) if return_indices else maxima


def _output_size(name: str, input: Tensor, output_size: Any) -> tuple[int, int]:
    if isinstance(output_size, tuple | list) and input.ndim <= len(output_size):
        raise ValueError(f"Input dimension should be at least {len(output_size) + 1}")
    if input.ndim not in (3, 4):
        colon = ":" if name.startswith("adaptive_max") else ""
        raise RuntimeError(f"{name}(): Expected 3D or 4D tensor, but got{colon} {list(input.shape)}")
    sizes = tuple(output_size) if isinstance(output_size, tuple | list) else (output_size, output_size)
    if len(sizes) != 2:
        raise RuntimeError(f"{name}: output_size must be 2 numbers, or one for both dimensions")
    h, w = (given if asked is None else asked for asked, given in zip(sizes, input.shape[-2:], strict=True))
    if min(h, w) < 0:
        raise RuntimeError(
            f"{name}: elements of output_size must be greater than or equal to 0 but received {{{h}, {w}}}"
        )
    if not input.is_floating_point():
        raise NotImplementedError(f"\"{name}\" not implemented for '{input.dtype.word}'. Convert the input: x.float().")
    return h, w
