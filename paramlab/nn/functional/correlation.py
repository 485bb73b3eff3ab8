"""Where the taps of a kernel lie on an image: the geometry that a convolution and its gradients share.

The padded images of a batch are laid out behind each other, one long row a channel. Each tap of the kernel
then sees, for all positions of the kernel at once, one contiguous stretch of that row, and the stretches of
two taps differ by a shift alone. To copy a stretch for each tap into the columns of one matrix (im2col:
Chellapilla, Puri and Simard, "High performance convolutional neural networks for document processing", 2006)
is cheap then, and one matrix product does the rest. The price: positions at which the kernel reaches from one
line into the next are computed too, and left out of the result.

With a stride ``s`` a dimension has ``s`` phases, each a row of its own: phase ``a`` has the pixels ``a``,
``a + s``, ``a + 2 * s``, … so that neighbouring positions of the kernel are neighbours in memory again.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from ...autograd import Array

COLUMNS = 1 << 19  # the elements of one matrix of columns: it stays in the cache, and small beside the images


class _Scratch(threading.local):
    """Memory that each thread uses over and over: to ask the system for new one takes longer than to fill it."""

    def __init__(self) -> None:
        self.memory = np.empty(0, np.uint8)

    def array(self, shape: tuple[int, ...], kind: np.dtype[Any]) -> Array:
        """Return an array of whatever is in the memory; it is good until the next call."""
        size = math.prod(shape) * kind.itemsize
        if self.memory.size < size:
            self.memory = np.empty(size, np.uint8)
        return self.memory[:size].view(kind).reshape(shape)


_scratch = _Scratch()


class Axis(NamedTuple):
    """One dimension of a convolution; ``before`` and ``after`` are the zeros put to its two ends."""

    size: int
    kernel: int
    stride: int
    before: int
    after: int
    dilation: int

    @property
    def extent(self) -> int:
        """How many pixels there are from the first tap of the kernel to the last."""
        return self.dilation * (self.kernel - 1) + 1

    @property
    def out(self) -> int:
        """The number of positions of the kernel."""
        return (self.size + self.before + self.after - self.extent) // self.stride + 1

    @property
    def length(self) -> int:
        """The number of pixels of a phase; the zeros before a line also serve as those after the previous one."""
        read = self.stride * (self.out - 1) + self.extent
        return max(-(-max(self.size + self.before, read - self.before) // self.stride), self.out)

    def taps(self) -> list[tuple[int, int]]:
        """Return for each tap of the kernel the phase that it reads, and by how much it is shifted there."""
        return [(i * self.dilation % self.stride, i * self.dilation // self.stride) for i in range(self.kernel)]

    def phases(self) -> list[tuple[int, slice, slice]]:
        """Return for each phase its number, the pixels that belong to it, and their places in it."""
        found = []
        for phase in range(self.stride):
            first = (phase - self.before) % self.stride
            start = (first + self.before) // self.stride
            stop = start + len(range(first, self.size, self.stride))
            found.append((phase, slice(first, None, self.stride), slice(start, stop)))
        return found


class Correlation:
    """The geometry of a two-dimensional convolution of ``batch`` images in ``groups`` groups of channels.

    Long rows are ``(phases of H, phases of W, groups, channels of a group, pixels)``; values at the positions
    of the kernel are ``(groups, channels of a group, positions)``.
    """

    def __init__(self, batch: int, channels: int, groups: int, h: Axis, w: Axis) -> None:
        self.groups, self.channels = groups, channels // groups
        self.h, self.w = h, w
        self.lines = batch, h.length, w.length
        self.positions = batch * h.length * w.length
        self.taps = [(a, b, i * w.length + j) for a, i in h.taps() for b, j in w.taps()]
        self.phases = [(a, b) for a in h.phases() for b in w.phases()]
        self.parts = self._parts()

    def _parts(self) -> list[slice]:
        """Return stretches of positions that are short enough for their columns to stay in the cache."""
        count = max(-(-self.positions * self.groups * self.channels * len(self.taps) // COLUMNS), 1)
        length = max(-(-self.positions // count), 1)
        return [slice(start, min(start + length, self.positions)) for start in range(0, self.positions, length)]

    def matrices(self, weight: Array) -> Array:
        """Return the weights as a matrix for each group: ``(groups, output channels, input channels * taps)``."""
        kind = np.float32 if weight.dtype == np.float16 else weight.dtype  # BLAS has no half precision
        shape = self.groups, len(weight) // self.groups, self.channels * len(self.taps)
        return weight.reshape(shape).astype(kind, copy=False)

    # ------------------------------------------------------------------ images and long rows

    def rows(self, kind: np.dtype[Any]) -> Array:
        """Return long rows of zeros."""
        beyond = max(shift for _, _, shift in self.taps)  # what the last positions see beyond the last line
        return np.zeros((self.h.stride, self.w.stride, self.groups, self.channels, self.positions + beyond), kind)

    def lay_out(self, images: Array, kind: np.dtype[Any]) -> Array:
        """Return the long rows of images ``(N, C, H, W)``, zeros where they are padded."""
        rows = self.rows(kind)
        for place, pixels in self._pairs(rows, images):
            place[...] = pixels
        return rows

    def pick_up(self, rows: Array, images: Array) -> None:
        """Fill images with what ``lay_out`` would have brought to these rows."""
        for place, pixels in self._pairs(rows, images):
            pixels[...] = place

    def _pairs(self, rows: Array, images: Array) -> Iterator[tuple[Array, Array]]:
        """Yield for each phase its place in the long rows and its pixels, as views ``(C, N, h, w)``."""
        lines = rows[..., : self.positions].reshape(
            self.h.stride, self.w.stride, self.groups * self.channels, *self.lines
        )
        by_channel = images.swapaxes(0, 1)
        for (a, pixels_a, places_a), (b, pixels_b, places_b) in self.phases:
            yield lines[a, b, :, :, places_a, places_b], by_channel[:, :, pixels_a, pixels_b]

    # ------------------------------------------------------------------ long rows and columns

    def columns(self, rows: Array, part: slice) -> Array:
        """Return what the kernel sees at each position of a part: ``(groups, channels * taps, positions)``."""
        columns = self.scratch_columns(rows.dtype, part)
        each = columns.reshape(self.groups, self.channels, len(self.taps), part.stop - part.start)
        for tap, (a, b, shift) in enumerate(self.taps):
            each[:, :, tap] = rows[a, b, :, :, part.start + shift : part.stop + shift]
        return columns

    def scratch_columns(self, kind: np.dtype[Any], part: slice) -> Array:
        """Return room for the columns of a part; it is good until the next call."""
        return _scratch.array((self.groups, self.channels * len(self.taps), part.stop - part.start), kind)

    def add_columns(self, rows: Array, part: slice, columns: Array) -> None:
        """Add columns to the places that ``columns`` would have copied them from."""
        each = columns.reshape(self.groups, self.channels, len(self.taps), part.stop - part.start)
        for tap, (a, b, shift) in enumerate(self.taps):
            rows[a, b, :, :, part.start + shift : part.stop + shift] += each[:, :, tap]

    # ------------------------------------------------------------------ positions and outputs

    def images(self, positions: Array) -> Array:
        """Return values at the positions as a view ``(N, C, oh, ow)``, without the positions that wrap around."""
        lines = positions.reshape(positions.shape[0] * positions.shape[1], *self.lines)
        return lines[:, :, : self.h.out, : self.w.out].swapaxes(0, 1)

    def spread(self, images: Array, kind: np.dtype[Any]) -> Array:
        """Return the values at the positions of images ``(N, C, oh, ow)``: zeros where they wrap around."""
        positions = np.zeros((self.groups, images.shape[1] // self.groups, self.positions), kind)
        self.images(positions)[...] = images
        return positions
