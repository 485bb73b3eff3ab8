"""Writing several values to one place, combined by a sum, a product, a mean or an extreme."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autograd import Array, Operation
from ..tensor import Tensor, apply
from .places import add_at, along, numbered
from .scatter import _index

Grads = tuple[Array | None, ...]

_NEUTRAL = {"sum": 0, "mean": 0, "prod": 1, "amax": -np.inf, "amin": np.inf}
_COMBINED = {"sum": np.add, "mean": np.add, "prod": np.multiply, "amax": np.maximum, "amin": np.minimum}


class ScatterReduce(Operation):
    """A copy of ``a`` in which each named place combines what was there with the values written to it.

    Without ``include_self`` what was there does not count.
    """

    uses = ((0, 1), (0, 1))

    def forward(self, a: Array, source: Array, dim: int, index: Array, reduce: str, include_self: bool) -> Array:
        window = tuple([slice(n) for n in index.shape])
        places = tuple(along(a.shape, dim, index))
        self.reduce, self.include_self, self.shape, self.window = reduce, include_self, source.shape, window
        result = a.copy()
        if not include_self:
            result[places] = _neutral(reduce, a.dtype)
        _COMBINED[reduce].at(result, places, source[window])
        own = np.ones_like(a)
        if not include_self:
            own[places] = 0
        count = self.counted(np.ones(index.shape, a.dtype), places, own)
        if reduce == "mean":
            result = result / count if a.dtype.kind == "f" else result // count.astype(a.dtype)
        self.saved = a, source, result, places, count
        return result

    def counted(self, values: Array, places: tuple[Array, ...], own: Array) -> Array:
        """Return for each place of ``a`` the sum of ``own`` and of the values that belong to it; 1 where it is 0."""
        total = own.copy()
        add_at(total, numbered(total.shape, places), values)
        return np.where(total == 0, total.dtype.type(1), total)

    def backward(self, grad: Array) -> Grads:
        a, source, result, places, count = self.saved
        values = source[self.window]
        if self.reduce == "prod":
            to_a, to_values = self.shares_of_product(a, values, places, grad)
        elif self.reduce in ("sum", "mean"):
            to_a = grad / count if self.reduce == "mean" else grad.copy()
            to_values = to_a[places]
        else:
            chosen, ours = values == result[places], a == result
            share = grad / self.counted(chosen.astype(grad.dtype), places, ours.astype(grad.dtype))
            to_a, to_values = share * ours, share[places] * chosen
        if not self.include_self:
            to_a[places] = 0
        spread = np.zeros(self.shape, grad.dtype)
        spread[self.window] = to_values
        return to_a, spread

    def shares_of_product(self, a: Array, values: Array, places: tuple[Array, ...], grad: Array) -> tuple[Array, Array]:
        """Return what each factor gets: the gradient times the other factors, whose product may hold a zero."""
        product = np.where(a == 0, a.dtype.type(1), a)
        zeros = (a == 0).astype(np.int64)
        if not self.include_self:
            product[places], zeros[places] = 1, 0
        np.multiply.at(product, places, np.where(values == 0, values.dtype.type(1), values))
        np.add.at(zeros, places, (values == 0).astype(np.int64))

        def others(factor: Array, product: Array, zeros: Array) -> Array:
            alone = np.where(factor == 0, product, product / np.where(factor == 0, 1, factor))
            return np.where(zeros == (factor == 0), alone, 0).astype(grad.dtype, copy=False)

        return grad * others(a, product, zeros), grad[places] * others(values, product[places], zeros[places])


def _neutral(reduce: str, kind: np.dtype[Any]) -> Any:
    """Return the value that changes nothing."""
    value = _NEUTRAL[reduce]
    if kind.kind == "f" or abs(value) <= 1:
        return value
    return np.iinfo(kind).min if value < 0 else np.iinfo(kind).max


def scatter_reduce(
    input: Tensor, dim: int, index: Tensor, src: Tensor, reduce: str, *, include_self: bool = True
) -> Tensor:
    """Return a copy in which each place that ``index`` names combines its values of ``src``.

    ``reduce`` is ``"sum"``, ``"prod"``, ``"mean"``, ``"amax"`` or ``"amin"``. Of equal extremes each gets its
    share of the gradient.
    """
    if reduce not in _COMBINED:
        raise RuntimeError(f"reduce argument must be either sum, prod, mean, amax or amin, got {reduce}")
    over, array = _index("scatter", input, dim, index, "self", src)
    return apply(ScatterReduce, input, src, dim=over, index=array, reduce=reduce, include_self=include_self)
