"""Choosing element by element: by a mask, the larger or the smaller, what lies within limits."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from ..autograd import Array, Operation, unbroadcast
from ..dtypes import bool_, fitting, float16, float32
from ..tensor import Tensor, apply, common_device, wrap
from .arguments import need_tensors, of_tensor
from .complaints import explained
from .operands import Number, as_tensor, binary, c_name, check_broadcast, common_type, pair, result_type, scalar_like

Grads = tuple[Array | None, ...]


class Where(Operation):
    """``a`` where the mask is true, else ``b``; each gets the gradient at its own places."""

    def forward(self, a: Array, b: Array, mask: Array) -> Array:
        self.saved, self.shapes = (mask,), (a.shape, b.shape)
        return np.where(mask, a, b)

    def backward(self, grad: Array) -> Grads:
        (mask,) = self.saved
        zero = grad.dtype.type(0)
        to_a = unbroadcast(np.where(mask, grad, zero), self.shapes[0]) if self.needs[0] else None
        to_b = unbroadcast(np.where(mask, zero, grad), self.shapes[1]) if self.needs[1] else None
        return to_a, to_b


class MaskedFill(Where):
    """``a``, which has no dimensions, where the mask is true, else ``b``."""

    def forward(self, a: Array, b: Array, mask: Array, variant: int = 0) -> Array:
        self.variant = variant
        return super().forward(a, b, mask)


class Maximum(Operation):
    """The larger of two; it gets the gradient, and where they are equal each gets half."""

    uses = ((0, 1), (0, 1))

    def forward(self, a: Array, b: Array) -> Array:
        self.saved = a, b
        return np.maximum(a, b)

    def a_loses(self, a: Array, b: Array) -> Array:
        """Return where ``b`` was chosen."""
        return a < b

    def backward(self, grad: Array) -> Grads:
        a, b = self.saved
        shared = np.where(a == b, grad / 2, grad)
        to_a = unbroadcast(np.where(self.a_loses(a, b), 0, shared), a.shape) if self.needs[0] else None
        to_b = unbroadcast(np.where(self.a_loses(b, a), 0, shared), b.shape) if self.needs[1] else None
        return to_a, to_b


class Minimum(Maximum):
    """The smaller of two; the gradient as for the larger."""

    def forward(self, a: Array, b: Array) -> Array:
        self.saved = a, b
        return np.minimum(a, b)

    def a_loses(self, a: Array, b: Array) -> Array:
        return a > b


class Fmax(Operation):
    """The larger of two, or the one that is a number; it gets the gradient, ``a`` where they are equal."""

    uses = ((0, 1), (0, 1))

    def forward(self, a: Array, b: Array) -> Array:
        self.saved = a, b
        return np.fmax(a, b)

    def a_wins(self, a: Array, b: Array) -> Array:
        """Return where ``a`` was chosen."""
        return (a >= b) | np.isnan(b)

    def backward(self, grad: Array) -> Grads:
        a, b = self.saved
        wins = self.a_wins(a, b)
        to_a = unbroadcast(np.where(wins, grad, 0), a.shape) if self.needs[0] else None
        to_b = unbroadcast(np.where(wins, 0, grad), b.shape) if self.needs[1] else None
        return to_a, to_b


class Fmin(Fmax):
    """The smaller of two, or the one that is a number."""

    def forward(self, a: Array, b: Array) -> Array:
        self.saved = a, b
        return np.fmin(a, b)

    def a_wins(self, a: Array, b: Array) -> Array:
        return (a <= b) | np.isnan(b)


class Clamp(Operation):
    """``a`` limited to ``[low, high]``; the gradient where ``a`` lies within, limits included."""

    uses = ((0,),)
    variant = 1

    def forward(self, a: Array, low: Any = None, high: Any = None) -> Array:
        self.saved = (a, low, high)
        return np.asarray(np.clip(a, low, high), a.dtype)

    def backward(self, grad: Array) -> Grads:
        a, low, high = self.saved
        if low is None:
            return (grad * (a <= high),)
        within = a >= low
        if high is not None:
            within &= a <= high
        return (grad * within,)


class ClampMin(Clamp):
    """``a`` but at least ``low``."""

    variant = 0


class ClampMax(ClampMin):
    """``a`` but at most ``high``."""


class ClampBetween(Operation):
    """``a`` limited to ``[low, high]``, element by element; the gradient goes to the one that was chosen."""

    uses = ((0, 1, 2), (0, 1, 2), (0, 1, 2))

    def forward(self, a: Array, low: Array, high: Array) -> Array:
        self.saved = a, low, high
        return np.minimum(np.maximum(a, low), high)

    def backward(self, grad: Array) -> Grads:
        a, low, high = self.saved
        chosen = (a >= low) & (a <= high), (low < high) & (a < low), (a > high) | (high < low)
        return tuple(
            unbroadcast(grad * mask, source.shape) if needed else None
            for mask, source, needed in zip(chosen, self.saved, self.needs, strict=True)
        )

    def name(self) -> str:
        """PyTorch's name for it."""
        return "ClampBackward0"


class ClampBelow(Operation):
    """The larger of ``a`` and the limit ``b``; ``a`` gets the gradient where they are equal."""

    uses = ((0, 1), (0, 1))
    below = True

    def forward(self, a: Array, b: Array, named: str) -> Array:
        self.saved, self.named = (a, b), named
        return np.maximum(a, b) if self.below else np.minimum(a, b)

    def backward(self, grad: Array) -> Grads:
        a, b = self.saved
        within = a >= b if self.below else a <= b
        return unbroadcast(grad * within, a.shape), unbroadcast(grad * ~within, b.shape)

    def name(self) -> str:
        """PyTorch's name for it: that of the function that was called."""
        return self.named


class ClampAbove(ClampBelow):
    """The smaller of ``a`` and the limit ``b``; ``a`` gets the gradient where they are equal."""

    below = False


class NanToNum(Operation):
    """``a`` with numbers in place of nan and the infinities; those places get no gradient."""

    uses = ((0,),)

    def forward(self, a: Array, nan: float, posinf: float | None, neginf: float | None) -> Array:
        self.saved = (a,)
        return np.nan_to_num(a, nan=nan, posinf=posinf, neginf=neginf)

    def backward(self, grad: Array) -> Grads:
        (a,) = self.saved
        return (grad * np.isfinite(a),)


# ------------------------------------------------------------------ functions


def where(condition: Tensor, input: Any = None, other: Any = None) -> Any:
    """Return ``input`` where the condition holds, else ``other``; the shapes broadcast.

    Of the condition alone: the indices at which it holds, a tensor for each dimension.
    """
    need_tensors("where", condition=condition)
    if input is None and other is None:
        return tuple(wrap(index, condition._device) for index in np.atleast_1d(condition._array).nonzero())
    mask = _mask(condition)
    kind = result_type(input, other)
    for value in (input, other):
        if not isinstance(value, Tensor):
            fitting(value, float32 if kind is float16 else kind)  # half precision: inf, as in PyTorch
    return _select(Where, mask, *pair("where", input, other))


def where_method(self: Tensor, condition: Tensor, other: Any) -> Tensor:
    """Return the elements where the condition holds, else ``other``; the shapes broadcast."""
    result: Tensor = where(condition, self, other)
    return result


def _mask(condition: Tensor) -> Tensor:
    if condition.dtype is bool_:
        return condition
    if condition.dtype.name == "uint8":
        warnings.warn(
            "where received a uint8 condition tensor. This behavior is deprecated and will be removed in a future "
            "version of PyTorch. Use a boolean condition instead.",
            UserWarning,
            stacklevel=3,
        )
        return condition.bool()
    raise RuntimeError(
        f"where expected condition to be a boolean tensor, but got a tensor with dtype {condition.dtype.word}. "
        "Compare first, as in x > 0."
    )


def masked_fill(input: Tensor, mask: Tensor, value: Any) -> Tensor:
    """Return the elements, those under ``mask`` replaced by ``value``, a number or a tensor without dimensions."""
    need_tensors("masked_fill", input=input, mask=mask)
    if mask.dtype is not bool_:
        raise RuntimeError(
            f"masked_fill_ only supports boolean masks, but got mask with dtype {c_name(mask.dtype)}. "
            "Compare first, as in mask > 0."
        )
    if not isinstance(value, Tensor):
        return _select(MaskedFill, mask, scalar_like(input, value), input)
    if value.ndim:
        raise RuntimeError(
            f"masked_fill_ only supports a 0-dimensional value tensor, but got tensor with {value.ndim} dimension(s)."
        )
    if value.dtype is not input.dtype and not value.is_meta:
        fitting(value._array.item(), input.dtype)  # refuses what is too large
    return _select(MaskedFill, mask, value.to(input.dtype), input, variant=1)


def _select(operation: type[Where], mask: Tensor, a: Tensor, b: Tensor, **options: Any) -> Tensor:
    common_device((mask, a, b))
    try:
        return apply(operation, a, b, mask=mask._array, **options)
    except ValueError:
        check_broadcast(mask.shape, a.shape)
        check_broadcast(mask.shape, b.shape)
        check_broadcast(a.shape, b.shape)
        raise


def maximum(input: Tensor, other: Tensor) -> Tensor:
    """Return the larger of two elements, nan if one of them is; the shapes broadcast."""
    need_tensors("maximum", input=input, other=other)
    return binary(Maximum, input, other)


def minimum(input: Tensor, other: Tensor) -> Tensor:
    """Return the smaller of two elements, nan if one of them is; the shapes broadcast."""
    need_tensors("minimum", input=input, other=other)
    return binary(Minimum, input, other)


def fmax(input: Tensor, other: Tensor) -> Tensor:
    """Return the larger of two elements, or the one that is a number; the shapes broadcast."""
    need_tensors("fmax", input=input, other=other)
    return binary(Fmax, input, other)


def fmin(input: Tensor, other: Tensor) -> Tensor:
    """Return the smaller of two elements, or the one that is a number; the shapes broadcast."""
    need_tensors("fmin", input=input, other=other)
    return binary(Fmin, input, other)


@explained
def clamp(input: Tensor, min: Number | Tensor | None = None, max: Number | Tensor | None = None) -> Tensor:
    """Return the elements limited to ``[min, max]``, numbers or tensors; ``RuntimeError`` if neither is given."""
    need_tensors("clamp", input=input)
    if min is None and max is None:
        raise RuntimeError("torch.clamp: At least one of 'min' or 'max' must not be None")
    low: Any = min
    high: Any = max
    if not (isinstance(low, Tensor) or isinstance(high, Tensor)):
        return _within(Clamp, input, low, high)
    limits = [limit for limit in (low, high) if limit is not None]
    for limit in limits:
        if not isinstance(limit, Tensor):
            if all(isinstance(part, Number) or (part.ndim == 0 and not part.requires_grad) for part in limits):
                return clamp(input, *[part.item() if isinstance(part, Tensor) else part for part in (low, high)])
            raise TypeError("clamp(): 'min' and 'max' must be both tensors or both numbers")
    if high is None:
        return _limited(ClampBelow, input, low, "ClampBackward0")
    if low is None:
        return _limited(ClampAbove, input, high, "ClampBackward0")
    kind = common_type(input, low, high)
    if kind is bool_:
        raise NotImplementedError("\"clamp_cpu\" not implemented for 'Bool'. Convert first, for example with .long().")
    try:
        return apply(ClampBetween, input.to(kind), low.to(kind), high.to(kind))
    except ValueError:
        check_broadcast(input.shape, low.shape)
        check_broadcast(input.shape, high.shape)
        raise


def clamp_min(input: Tensor, min: Any) -> Tensor:
    """Return the elements, but at least ``min``, a number or a tensor."""
    if isinstance(min, Tensor):
        return _limited(ClampBelow, input, min, "ClampMinBackward1")
    return _within(ClampMin, input, min, None)


def clamp_max(input: Tensor, max: Any) -> Tensor:
    """Return the elements, but at most ``max``, a number or a tensor."""
    if isinstance(max, Tensor):
        return _limited(ClampAbove, input, max, "ClampMaxBackward1")
    return _within(ClampMax, input, None, max)


def _within(operation: type[Clamp], input: Tensor, low: Number | None, high: Number | None) -> Tensor:
    kind = common_type(input, *[limit for limit in (low, high) if limit is not None])
    if kind is bool_:
        name = (
            "clamp" if operation is Clamp and None not in (low, high) else "clamp_min" if high is None else "clamp_max"
        )
        raise NotImplementedError(f"\"{name}_scalar_cpu\" not implemented for 'Bool'. Convert it first: x.long().")
    limits = [None if limit is None else np.asarray(fitting(limit, kind)).astype(kind.numpy) for limit in (low, high)]
    return apply(operation, as_tensor(input, kind), low=limits[0], high=limits[1])


def _limited(operation: type[ClampBelow], input: Tensor, limit: Tensor, named: str) -> Tensor:
    return binary(operation, input, limit, named=named)


@of_tensor
def nan_to_num(
    input: Tensor, nan: float | None = None, posinf: float | None = None, neginf: float | None = None
) -> Tensor:
    """Return the elements with ``nan`` (0) for nan, and for the infinities the largest and the smallest number."""
    if not input.is_floating_point():
        return input.clone()
    return apply(NanToNum, input, nan=0.0 if nan is None else nan, posinf=posinf, neginf=neginf)


clip = clamp
