"""Padding: more elements around a tensor, constant or taken from the tensor itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ...autograd import Array, Operation
from ...ops.complaints import explained
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


@explained
def pad(input: Tensor, pad: Sequence[int], mode: str = "constant", value: float | None = None) -> Tensor:
    """Return the input with more elements around it.

    ``pad`` has two numbers for each dimension, the last dimension first: how many elements before it and after
    it; negative ones cut off. ``mode``: ``"constant"`` is ``value``, 0 if not given; ``"reflect"`` mirrors the
    input at its border elements, ``"replicate"`` repeats them, ``"circular"`` goes on at the other end. These
    three pad the last one, two or three dimensions of a tensor with one or two more. ``RuntimeError`` for a
    ``pad`` that does not fit, ``NotImplementedError`` for another mode or number of dimensions.
    """
    if not isinstance(mode, str):
        raise TypeError(
            f"pad(): argument 'mode' (position 3) must be str, not {type(mode).__name__}. The value comes after it: "
            "F.pad(x, (1, 1), value=0)."
        )
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
    sources = [_SOURCES[mode](np.arange(-a, size + b), size, a, b) for (a, b), size in zip(widths, sizes, strict=True)]
    return apply(PadFromInput, input, sources=sources, label=_LABELS[mode])


def _wrapped(place: Array, size: int, before: int, after: int) -> Array:
    """Return what goes on at the other end: of what is left of the input, if it is cut."""
    start, end = max(-before, 0), size - max(-after, 0)
    return start + (place - start) % max(end - start, 1)


_SOURCES: dict[str, Callable[[Array, int, int, int], Array]] = {
    "reflect": lambda place, size, *_: size - 1 - abs(size - 1 - abs(place)),
    "replicate": lambda place, size, *_: place.clip(0, size - 1),
    "circular": _wrapped,
}
_LABELS = {"reflect": "Reflection", "replicate": "Replication", "circular": "Circular"}


def _check_widths(input: Tensor, mode: str, widths: Widths) -> None:
    first = input.ndim - len(widths)
    if mode != "circular" and 0 in input.shape[first - 1 :]:
        raise RuntimeError(
            f"Expected {len(widths) + 1}D or {len(widths) + 2}D (batch mode) tensor with possibly 0 batch size and "
            f"other non-zero dimensions for input, but got: {list(input.shape)}"
        )
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
    _check_what_is_left(input.shape[first:], mode, widths)


def _check_what_is_left(sizes: Sequence[int], mode: str, widths: Widths) -> None:
    """Raise what PyTorch raises if negative widths cut off too much."""
    lengths = [size + before + after for size, (before, after) in zip(sizes, widths, strict=True)]
    if mode == "circular":
        kept = [size + min(before, 0) + min(after, 0) for size, (before, after) in zip(sizes, widths, strict=True)]
        if any(source < 0 or length < 0 or source == 0 < length for source, length in zip(kept, lengths, strict=True)):
            raise RuntimeError("Negative padding value is resulting in an empty dimension")
    elif max(lengths) < 1 or min(lengths) < 0:
        names = "DHW"[-len(sizes) :]
        given = ", ".join(f"{name}: {size}" for name, size in zip(names, sizes, strict=True))
        left = " ".join(f"{name}: {length}" for name, length in zip(names, lengths, strict=True))
        raise RuntimeError(f"input ({given}) is too small. Calculated output {left}. Less has to be cut off.")
