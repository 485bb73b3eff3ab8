"""Padding: more elements around a tensor, constant or taken from the tensor itself."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...autograd import Array, Operation
from ...tensor import Tensor, apply

Widths = list[tuple[int, int]]


class ConstantPadNd(Operation):
    """``value`` around the input, ``widths`` before and after each dimension; negative widths cut off."""

    def forward(self, x: Array, widths: Widths, value: float) -> Array:
        self.inner = tuple(
            slice(max(a, 0), size + max(a, 0)) for (a, _), size in zip(widths, _kept(x, widths), strict=True)
        )
        self.kept = tuple(slice(max(-a, 0), size - max(-b, 0)) for (a, b), size in zip(widths, x.shape, strict=True))
        self.shape = x.shape
        padded = np.full([size + a + b for (a, b), size in zip(widths, x.shape, strict=True)], value, x.dtype)
        padded[self.inner] = x[self.kept]
        return padded

    def backward(self, grad: Array) -> tuple[Array | None, ...]:
        to_x = np.zeros(self.shape, grad.dtype)
        to_x[self.kept] = grad[self.inner]
        return (to_x,)


def _kept(x: Array, widths: Widths) -> list[int]:
    """Return how many elements of each dimension are not cut off."""
    return [size + min(a, 0) + min(b, 0) for (a, b), size in zip(widths, x.shape, strict=True)]


class PadFromInput(Operation):
    """Elements of the input around it: ``sources`` names for each padded dimension what stands at each place."""

    def forward(self, x: Array, sources: list[Array], label: str) -> Array:
        self.saved, self.sizes, self.label = (sources,), x.shape[-len(sources) :], label
        for dim, source in zip(range(-len(sources), 0), sources, strict=True):
            x = x.take(source, axis=dim)
        return x

    def backward(self, grad: Array) -> tuple[Array | None, ...]:
        (sources,) = self.saved
        for dim, size, source in zip(range(-len(sources), 0), self.sizes, sources, strict=True):
            copies = (source[:, None] == np.arange(size)).astype(grad.dtype)  # which element was copied to which place
            grad = np.moveaxis(np.moveaxis(grad, dim, -1) @ copies, -1, dim)
        return (grad,)

    def name(self) -> str:
        """PyTorch's name for it."""
        return f"{self.label}Pad{len(self.sizes)}DBackward0"


def pad(input: Tensor, pad: Sequence[int], mode: str = "constant", value: float | None = None) -> Tensor:
    """Return the input with more elements around it.

    ``pad`` has two numbers for each dimension, the last dimension first: how many elements before it and after
    it; negative ones cut off. ``mode``: ``"constant"`` is ``value``, 0 if not given; ``"reflect"`` mirrors the
    input at its border elements, ``"replicate"`` repeats them, ``"circular"`` goes on at the other end. These
    three pad the last one, two or three dimensions of a tensor with one or two more. ``RuntimeError`` for a
    ``pad`` that does not fit, ``NotImplementedError`` for another mode or number of dimensions.
    """
    if len(pad) % 2:
        raise RuntimeError("Padding length must be divisible by 2")
    widths = [(pad[i], pad[i + 1]) for i in range(len(pad) - 2, -1, -2)]
    if mode == "constant":
        if len(widths) > input.ndim:
            raise RuntimeError(
                "Padding length should be less than or equal to two times the input dimension but got padding length "
                f"{len(pad)} and input of dimension {input.ndim}"
            )
        every = [(0, 0)] * (input.ndim - len(widths)) + widths
        if min(_kept(input._array, every), default=0) < 0:
            raise RuntimeError("narrow(): length must be non-negative. More is cut off than there is.")
        return apply(ConstantPadNd, input, widths=every, value=value or 0)
    if mode not in _SOURCES:
        raise NotImplementedError(f"Unrecognised padding mode {mode}")
    if value not in (None, 0):
        raise RuntimeError(f'Padding mode "{mode}" doesn\'t take in value argument')
    if not 1 <= len(widths) <= 3 or input.ndim - len(widths) not in (1, 2):
        raise NotImplementedError(
            f"Padding size {len(pad)} is not supported for {input.ndim}D input tensor.\nSupported combinations for "
            "non-constant padding: two numbers for each of the last 1, 2 or 3 dimensions, of a tensor with one or two "
            "dimensions more"
        )
    sizes = input.shape[-len(widths) :]
    _check_widths(input, mode, widths)
    sources = [_SOURCES[mode](np.arange(-a, size + b), size) for (a, b), size in zip(widths, sizes, strict=True)]
    return apply(PadFromInput, input, sources=sources, label=_LABELS[mode])


_SOURCES = {
    "reflect": lambda place, size: size - 1 - abs(size - 1 - abs(place)),
    "replicate": lambda place, size: place.clip(0, size - 1),
    "circular": lambda place, size: place % size,
}
_LABELS = {"reflect": "Reflection", "replicate": "Replication", "circular": "Circular"}


def _check_widths(input: Tensor, mode: str, widths: Widths) -> None:
    first = input.ndim - len(widths)
    for i, (before, after) in reversed(list(enumerate(widths))):
        size = input.shape[first + i]
        if mode == "reflect" and max(before, after) >= size:
            raise RuntimeError(
                f"Argument #{4 + 2 * (len(widths) - 1 - i)}: Padding size should be less than the corresponding input "
                f"dimension, but got: padding ({before}, {after}) at dimension {first + i} of input "
                f"{list(input.shape)}"
            )
        if mode == "circular" and max(before, after) > size:
            raise RuntimeError("Padding value causes wrapping around more than once.")
