"""Quantiles, the commonest value, and which values are among given ones."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import return_types
from ..dtypes import float32, float64
from ..tensor import Tensor, apply, wrap
from .arguments import of_tensor
from .complaints import type_name
from .extremes import Choice, choose
from .formulas import lerp
from .operands import axis
from .shape import UnsafeView
from .sorting import sort

# between which places in the order a quantile lies
_BOUNDS: dict[str, tuple[Any, Any]] = {
    "linear": (np.floor, np.ceil),
    "lower": (np.floor, np.floor),
    "higher": (np.ceil, np.ceil),
    "midpoint": (np.floor, np.ceil),
    "nearest": (np.round, np.round),
}


class Mode(Choice):
    """The commonest elements along a dimension."""


class Settled(UnsafeView):
    """Quantiles in the shape that was asked for."""

    def name(self) -> str:
        """PyTorch's last node: it squeezes in place."""
        return "SqueezeBackward4"


@of_tensor
def quantile(
    input: Tensor, q: Any, dim: int | None = None, keepdim: bool = False, *, interpolation: str = "linear"
) -> Tensor:
    """Return the values below which the parts ``q``, from 0 to 1, of all elements lie, or of those along ``dim``.

    A tensor of several ``q`` adds a dimension, the first. Where a quantile lies between two elements they are
    mixed, or as ``interpolation`` says: "lower", "higher", "nearest" or "midpoint". A ``nan`` makes it ``nan``.
    ``RuntimeError`` for a ``q`` out of range, for no elements, and for all types but ``float32`` and ``float64``.
    """
    _check_quantile(input, q, interpolation)
    parts = np.atleast_1d(np.asarray(q.detach().numpy() if isinstance(q, Tensor) else q, input._array.dtype))
    rows = input.reshape(-1) if dim is None or not input.ndim else input.movedim(axis(dim, input.ndim), -1)
    ordered = sort(rows, -1).values
    rank = parts * parts.dtype.type(rows.shape[-1] - 1)
    low, high = (bound(rank) for bound in _BOUNDS[interpolation])
    below, above = (ordered[..., wrap(place.astype(np.int64), input._device)] for place in (low, high))
    between = np.full_like(rank, 0.5) if interpolation == "midpoint" else rank - low
    found = below if low is high else lerp(below, above, wrap(between, input._device))
    found = found.masked_fill(rows.isnan().any(-1, keepdim=True), float("nan")).movedim(-1, 0)
    several = found.shape[:1] if isinstance(q, Tensor) and q.ndim else ()
    rest = found.shape[1:]
    if keepdim:
        over = None if dim is None else axis(dim, input.ndim)
        rest = tuple([1 if over in (None, d) else length for d, length in enumerate(input.shape)])
    return apply(Settled, found, shape=(*several, *rest))


def _check_quantile(input: Tensor, q: Any, interpolation: str) -> None:
    if not input.numel():
        raise RuntimeError("quantile() input tensor must be non-empty")
    if input.dtype not in (float32, float64):
        raise RuntimeError("quantile() input tensor must be either float or double dtype. Convert it: x.float().")
    if interpolation not in _BOUNDS:
        raise RuntimeError(
            "quantile() interpolation must be one of linear, lower, higher, midpoint or nearest, but got "
            f"{interpolation}"
        )
    if not isinstance(q, Tensor):
        if not 0 <= q <= 1:
            raise RuntimeError(f"quantile() q must be in the range [0, 1] but got {q}")
        return
    if q.ndim > 1:
        raise RuntimeError("quantile() q must be a scalar or 1D tensor")
    if q.dtype is not input.dtype:
        raise RuntimeError("quantile() q tensor must be same dtype as the input tensor")
    if not bool(((q >= 0) & (q <= 1)).all()):
        raise RuntimeError("quantile() q values must be in the range [0, 1]")


@of_tensor
def mode(input: Tensor, dim: int = -1, keepdim: bool = False) -> return_types.mode:
    """Return the commonest elements over ``dim``, the smallest of several, and the index of the last of each.

    ``IndexError`` if there are no elements.
    """
    over = axis(dim, input.ndim)
    if input.ndim and not input._array.shape[over]:
        raise IndexError(f"mode(): Expected reduction dim {over} to have non-zero size.")
    rows = np.atleast_1d(np.moveaxis(input._array, over, -1) if input.ndim else input._array)
    last = np.apply_along_axis(_last_of_the_commonest, -1, rows)
    index = np.expand_dims(last, over) if input.ndim else last.reshape(())
    found: return_types.mode = choose(return_types.mode, Mode, input, index, over, keepdim)
    return found


def _last_of_the_commonest(row: Any) -> Any:
    values, counts = np.unique(row, return_counts=True)
    return np.flatnonzero(row == values[counts.argmax()])[-1]


def isin(elements: Any, test_elements: Any, *, assume_unique: bool = False, invert: bool = False) -> Tensor:
    """Return of each element whether it is among ``test_elements``, or with ``invert`` whether it is not.

    One of the two may be a number. ``assume_unique`` is accepted: it was a hint for speed.
    """
    tensors = [value for value in (elements, test_elements) if isinstance(value, Tensor)]
    if not tensors or not all(isinstance(value, Tensor | int | float) for value in (elements, test_elements)):
        got = ", ".join(map(type_name, (elements, test_elements)))
        raise TypeError(
            f"isin() received an invalid combination of arguments - got ({got}), but expected one of: "
            "(Tensor, Tensor), (Tensor, Number) or (Number, Tensor)."
        )
    given, among = (v._array if isinstance(v, Tensor) else np.asarray(v) for v in (elements, test_elements))
    return wrap(np.isin(given, among, invert=invert), tensors[0]._device)
