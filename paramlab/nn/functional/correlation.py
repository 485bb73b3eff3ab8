"""Where the taps of a kernel lie on an image: the geometry that a convolution and its gradients share.

The padded images of a batch are laid out as one long row a channel: the first lines of all images, their
second lines, and so on. Each tap of the kernel then sees, for all positions of the kernel at once, one
contiguous stretch of that row, and the stretches of two taps differ by a shift alone. To copy a stretch for
each tap into the columns of one matrix (im2col: Chellapilla, Puri and Simard, "High performance convolutional
neural networks for document processing", 2006) is cheap then, and one matrix product does the rest. The price:
positions at which the kernel reaches from one line into the next are computed too, and left out of the result.

Seen from a pixel it is the same with the shifts turned around: the outputs that it had a part in lie at
contiguous stretches too, so that the gradients of the outputs are copied into columns just like pixels.

With a stride ``s`` a dimension has ``s`` phases, which follow each other in the row: phase ``a`` has the pixels
``a``, ``a + s``, ``a + 2 * s``, … so that neighbouring positions of the kernel are neighbours in memory again.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from ...autograd import Array

COLUMNS = 1 << 19  # the elements of one matrix of columns: it stays in the cache, and small beside the images
LINE = 64  # the bytes of a line of the cache


class _Memory(threading.local):
    """Memory that each thread uses over and over: to ask the system for new one takes longer than to fill it."""

    def __init__(self) -> None:
        self.bytes = np.empty(0, np.uint8)


_memory = _Memory()


def scratch(shape: tuple[int, ...], kind: np.dtype[Any]) -> Array:
    """Return an array of whatever is in the thread's memory, as ``np.empty`` does; it is good until the next call.

    Between its rows is an odd number of cache lines: rows that are a power of two apart would share a few places of
    the cache, and the matrix product would take up to twice the time.
    """
    length = (-(-shape[-1] * kind.itemsize // LINE) | 1) * LINE // kind.itemsize
    size = math.prod(shape[:-1]) * length * kind.itemsize
    if _memory.bytes.size < size:
        _memory.bytes = np.empty(size, np.uint8)
    return _memory.bytes[:size].view(kind).reshape(*shape[:-1], length)[..., : shape[-1]]


def windows(rows: Array, starts: Sequence[int], length: int) -> Array:
    """Return what a kernel sees at each of its positions: a column a position.

    ``rows`` are ``(..., C, pixels)``: the images of a channel, line after line, as one row. ``starts`` has a
    number for each tap of the kernel: where in a row lies what it sees at the first position. From one position
    to the next, every tap moves on by one pixel; there are ``length`` positions. The result is
    ``(..., C * taps, length)``: first the taps of the first channel, in their order.
    """
    seen = scratch((*rows.shape[:-1], len(starts), length), rows.dtype)
    for tap, start in enumerate(starts):
        seen[..., tap, :] = rows[..., start : start + length]
    return seen.reshape(*rows.shape[:-2], -1, length)


def add_windows(rows: Array, starts: Sequence[int], seen: Array) -> None:
    """Add what ``windows`` would have brought together, ``(..., C * taps, length)``, to the pixels it came from."""
    by_tap = seen.reshape(*rows.shape[:-1], len(starts), seen.shape[-1])
    for tap, start in enumerate(starts):
        rows[..., start : start + seen.shape[-1]] += by_tap[..., tap, :]


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


class Phase(NamedTuple):
    """What belongs to one phase of the pixels, as a gradient looks at it.

    ``taps`` are the taps that read it, ``back`` where the values at the positions begin that each of them made
    of its pixels, ``places`` the pixels that are not padding alone, ``begin`` where the phase begins in a long row.
    """

    taps: list[int] | slice
    back: list[int]
    places: range
    begin: int


class Correlation:
    """The geometry of a two-dimensional convolution of ``batch`` images in ``groups`` groups of channels.

    Long rows are ``(groups, channels of a group, pixels of all phases)``; values at the positions of the kernel
    are ``(groups, channels of a group, positions)``. ``starts`` is where in a row each tap begins.
    """

    def __init__(self, batch: int, channels: int, groups: int, h: Axis, w: Axis) -> None:
        self.batch, self.groups, self.channels = batch, groups, channels // groups
        self.phases_shape = h.stride, w.stride
        self.lines, self.length = h.lines, w.length
        self.out_lines, self.out_width = h.out, w.out
        self.positions, self.pixels = h.out * batch * w.length, h.lines * batch * w.length
        shifts = [(a, b, i * batch * w.length + j) for a, i in h.taps() for b, j in w.taps()]
        self.reach = max(shift for _, _, shift in shifts)
        self.span = max(self.pixels, self.positions + self.reach)  # the last positions see beyond the last line
        self.starts = [(a * w.stride + b) * self.span + shift for a, b, shift in shifts]
        self.pixels_of_phases = [(a, b) for a in h.phases() for b in w.phases()]
        self.phases = [self._phase(a, b, shifts, h) for a, b in np.ndindex(h.stride, w.stride)]

    def _phase(self, a: int, b: int, shifts: list[tuple[int, int, int]], h: Axis) -> Phase:
        taps = [tap for tap, (i, j, _) in enumerate(shifts) if (i, j) == (a, b)]
        _, _, lines = h.phases()[a]
        used = slice(0, h.lines) if h.lines == h.out else lines
        line = self.batch * self.length
        return Phase(
            taps=taps if len(taps) < len(shifts) else slice(None),  # all: NumPy need not look them up
            back=[self.reach - shifts[tap][2] for tap in taps],
            places=range(used.start * line, used.stop * line),
            begin=(a * self.phases_shape[1] + b) * self.span,
        )

    def parts(self, places: range, channels: int) -> list[slice]:
        """Return stretches of neighbouring places, short enough for their columns to stay in the cache."""
        parts = max(-(-len(places) * self.groups * channels * len(self.starts) // COLUMNS), 1)
        length = max(-(-len(places) // parts), 1)
        return [slice(start, min(start + length, places.stop)) for start in places[::length]]

    def matrices(self, weight: Array) -> Array:
        """Return the weights as a matrix for each group: ``(groups, output channels, input channels * taps)``."""
        kind = np.float32 if weight.dtype == np.float16 else weight.dtype  # BLAS has no half precision
        shape = self.groups, len(weight) // self.groups, self.channels * len(self.starts)
        return weight.reshape(shape).astype(kind, copy=False)

    def by_tap(self, weight: Array) -> Array:
        """Return the weights as ``(groups, output channels, input channels, taps)``."""
        kernel = self.matrices(weight)
        return kernel.reshape(*kernel.shape[:2], self.channels, len(self.starts))

    # ------------------------------------------------------------------ images and long rows

    def rows(self, kind: np.dtype[Any]) -> Array:
        """Return room for long rows."""
        return np.empty((self.groups, self.channels, math.prod(self.phases_shape) * self.span), kind)

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
        channels = self.groups * self.channels
        by_phase = rows.reshape(channels, *self.phases_shape, self.span)[..., : self.pixels]
        lines = self._lines(by_phase, self.lines, channels, *self.phases_shape)
        by_channel = images.transpose(1, 2, 0, 3)
        for (a, pixels_a, places_a), (b, pixels_b, places_b) in self.pixels_of_phases:
            yield lines[:, a, b, places_a, :, places_b], by_channel[:, pixels_a, :, pixels_b]

    # ------------------------------------------------------------------ positions and outputs

    def images(self, positions: Array) -> Array:
        """Return values at the positions as a view ``(N, C, oh, ow)``, without the positions that wrap around."""
        lines = self._lines(positions, self.out_lines, positions.shape[0] * positions.shape[1])
        return lines[..., : self.out_width].transpose(2, 0, 1, 3)

    def _lines(self, values: Array, count: int, *shape: int) -> Array:
        """Return the lines of long rows as a view ``(*shape, count, N, w)``.

        A kernel that stays within its line lets the images lie behind each other, which is quicker to copy.
        """
        if self.lines == self.out_lines:
            return values.reshape(*shape, self.batch, count, self.length).swapaxes(-3, -2)
        return values.reshape(*shape, count, self.batch, self.length)

    def spread(self, images: Array, kind: np.dtype[Any]) -> Array:
        """Return the values at the positions of images ``(N, C, oh, ow)``: zeros where they wrap around.

        Zeros are also before and after them, as far as the taps reach back from a pixel.
        """
        channels = images.shape[1]
        around = np.zeros((self.groups, channels // self.groups, self.reach + self.pixels), kind)
        self.images(self.at_positions(around))[...] = images
        return around

    def at_positions(self, around: Array) -> Array:
        """Return the values at the positions alone."""
        return around[..., self.reach : self.reach + self.positions]
