"""Where the taps of a kernel lie on an image: the geometry that a convolution and its gradients share.

The padded images of a batch are laid out as one long row a channel: the first lines of all images, their
second lines, and so on. Each tap of the kernel then sees, for all positions of the kernel at once, one
contiguous stretch of that row, and the stretches of two taps differ by a shift alone. To copy a stretch for
each tap into the columns of one matrix (im2col: Chellapilla, Puri and Simard, "High performance convolutional
neural networks for document processing", 2006) is cheap then, and one matrix product does the rest. The price:
positions at which the kernel reaches from one line into the next are computed too, and left out of the result.

Seen from a pixel it is the same with the shifts turned around: the outputs that it had a part in lie at
contiguous stretches too, so that the gradients of the outputs are copied into columns just like pixels.

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
LINE = 64  # the bytes of a line of the cache


class _Scratch(threading.local):
    """Memory that each thread uses over and over: to ask the system for new one takes longer than to fill it."""

    def __init__(self) -> None:
        self.memory = np.empty(0, np.uint8)

    def array(self, shape: tuple[int, ...], kind: np.dtype[Any]) -> Array:
        """Return an array of whatever is in the memory; it is good until the next call.

        Between its rows is an odd number of cache lines: rows that are a power of two apart would share a few
        places of the cache, and the matrix product would take up to twice the time.
        """
        length = (-(-shape[-1] * kind.itemsize // LINE) | 1) * LINE // kind.itemsize
        size = math.prod(shape[:-1]) * length * kind.itemsize
        if self.memory.size < size:
            self.memory = np.empty(size, np.uint8)
        return self.memory[:size].view(kind).reshape(*shape[:-1], length)[..., : shape[-1]]


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
    def read(self) -> int:
        """How many pixels there are from the first that the kernel ever sees to the last."""
        return self.stride * (self.out - 1) + self.extent

    @property
    def lines(self) -> int:
        """The number of pixels of a phase, zeros before and after included."""
        return -(-max(self.size + self.before, self.read) // self.stride)

    @property
    def length(self) -> int:
        """The same where lines follow on each other: the zeros before one also serve as those after the previous."""
        return max(-(-max(self.size + self.before, self.read - self.before) // self.stride), self.out)

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
        self.batch = batch
        self.positions, self.pixels = h.out * batch * w.length, h.lines * batch * w.length
        self.taps = [(a, b, i * batch * w.length + j) for a, i in h.taps() for b, j in w.taps()]
        self.reach = max(shift for _, _, shift in self.taps)
        self.phases = [(a, b) for a in h.phases() for b in w.phases()]
        self.taps_of_phases: dict[tuple[int, int], list[int]] = {phase: [] for phase in np.ndindex(h.stride, w.stride)}
        for tap, (a, b, _) in enumerate(self.taps):
            self.taps_of_phases[a, b].append(tap)

    def parts(self, places: range, channels: int) -> list[slice]:
        """Return stretches of neighbouring places, short enough for their columns to stay in the cache."""
        parts = max(-(-len(places) * self.groups * channels * len(self.taps) // COLUMNS), 1)
        length = max(-(-len(places) // parts), 1)
        return [slice(start, min(start + length, places.stop)) for start in places[::length]]

    def image_lines(self, a: int) -> range:
        """Return the places of a phase of H that have pixels of the images, without the lines of zeros."""
        if self.h.lines == self.h.out:
            return range(self.pixels)
        _, _, lines = self.h.phases()[a]
        return range(lines.start * self.batch * self.w.length, lines.stop * self.batch * self.w.length)

    def matrices(self, weight: Array) -> Array:
        """Return the weights as a matrix for each group: ``(groups, output channels, input channels * taps)``."""
        kind = np.float32 if weight.dtype == np.float16 else weight.dtype  # BLAS has no half precision
        shape = self.groups, len(weight) // self.groups, self.channels * len(self.taps)
        return weight.reshape(shape).astype(kind, copy=False)

    def by_tap(self, weight: Array) -> Array:
        """Return the weights as ``(groups, input channels, taps, output channels)``."""
        kernel = self.matrices(weight)
        return kernel.reshape(*kernel.shape[:2], self.channels, len(self.taps)).transpose(0, 2, 3, 1)

    # ------------------------------------------------------------------ images and long rows

    def rows(self, kind: np.dtype[Any]) -> Array:
        """Return room for long rows."""
        beyond = max(self.pixels, self.positions + self.reach)  # what the last positions see beyond the last line
        return np.empty((self.h.stride, self.w.stride, self.groups, self.channels, beyond), kind)

    def lay_out(self, images: Array, kind: np.dtype[Any]) -> Array:
        """Return the long rows of images ``(N, C, H, W)``, zeros where they are padded."""
        rows = self.rows(kind)
        rows.fill(0)
        for place, pixels in self._pairs(rows, images):
            place[...] = pixels
        return rows

    def pick_up(self, rows: Array, images: Array) -> None:
        """Fill images with what ``lay_out`` would have brought to these rows."""
        for place, pixels in self._pairs(rows, images):
            pixels[...] = place

    def _pairs(self, rows: Array, images: Array) -> Iterator[tuple[Array, Array]]:
        """Yield for each phase its place in the long rows and its pixels, as views ``(C, h, N, w)``."""
        lines = self._lines(
            rows[..., : self.pixels], self.h.lines, self.h.stride, self.w.stride, self.groups * self.channels
        )
        by_channel = images.transpose(1, 2, 0, 3)
        for (a, pixels_a, places_a), (b, pixels_b, places_b) in self.phases:
            yield lines[a, b, :, places_a, :, places_b], by_channel[:, pixels_a, :, pixels_b]

    def columns(self, rows: Array, part: slice) -> Array:
        """Return what the kernel sees at each position of a part: ``(groups, channels * taps, positions)``."""
        columns = self.scratch_columns(rows.dtype, part)
        for tap, (a, b, shift) in enumerate(self.taps):
            columns[:, :, tap] = rows[a, b, :, :, part.start + shift : part.stop + shift]
        return columns.reshape(self.groups, self.channels * len(self.taps), part.stop - part.start)

    def scratch_columns(self, kind: np.dtype[Any], part: slice) -> Array:
        """Return room for columns ``(groups, channels, taps, positions)``; it is good until the next call."""
        return _scratch.array((self.groups, self.channels, len(self.taps), part.stop - part.start), kind)

    def add_columns(self, rows: Array, part: slice, columns: Array) -> None:
        """Add columns to the places that ``columns`` would have copied them from."""
        for tap, (a, b, shift) in enumerate(self.taps):
            rows[a, b, :, :, part.start + shift : part.stop + shift] += columns[:, :, tap]

    # ------------------------------------------------------------------ positions and outputs

    def images(self, positions: Array) -> Array:
        """Return values at the positions as a view ``(N, C, oh, ow)``, without the positions that wrap around."""
        lines = self._lines(positions, self.h.out, positions.shape[0] * positions.shape[1])
        return lines[..., : self.w.out].transpose(2, 0, 1, 3)

    def _lines(self, values: Array, count: int, *shape: int) -> Array:
        """Return the lines of long rows as a view ``(*shape, count, N, w)``.

        A kernel that stays within its line lets the images lie behind each other, which is quicker to copy.
        """
        if self.h.lines == self.h.out:
            return values.reshape(*shape, self.batch, count, self.w.length).swapaxes(-3, -2)
        return values.reshape(*shape, count, self.batch, self.w.length)

    def spread(self, images: Array, kind: np.dtype[Any]) -> Array:
        """Return the values at the positions of images ``(N, C, oh, ow)``: zeros where they wrap around.

        Zeros are also before and after them, as far as ``seen_by`` reaches.
        """
        channels = images.shape[1]
        around = np.zeros((self.groups, channels // self.groups, self.reach + self.pixels), kind)
        self.images(self.at_positions(around))[...] = images
        return around

    def at_positions(self, around: Array) -> Array:
        """Return the values at the positions alone."""
        return around[..., self.reach : self.reach + self.positions]

    def seen_by(self, around: Array, part: slice, taps: list[int]) -> Array:
        """Return the values at the positions where each tap saw a part of the pixels.

        ``around`` is from ``spread``, the result ``(groups, taps * channels, pixels)``.
        """
        columns = _scratch.array((self.groups, len(taps), around.shape[1], part.stop - part.start), around.dtype)
        for place, tap in enumerate(taps):
            back = self.reach - self.taps[tap][2]
            columns[:, place] = around[..., part.start + back : part.stop + back]
        return columns.reshape(self.groups, len(taps) * around.shape[1], part.stop - part.start)
