"""Reading and writing parts of a tensor: slices, integers, masks, integer arrays."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import autograd
from ..autograd import Array, Operation, unbroadcast
from ..tensor import Tensor, apply, common_device
from .arguments import need_listed, need_tensors, of_tensor
from .copies import to
from .operands import check_broadcast, scalar_like
from .places import add_at, at_index, in_order
from .shape import broadcast_tensors, expand

Grads = tuple[Array | None, ...]


class Slice(Operation):
    """``a[index]`` for integers and slices: a view; the gradient goes back to the places it was read from."""

    is_view = True

    def forward(self, a: Array, index: tuple[Any, ...]) -> Array:
        self.shape, self.index = a.shape, (index if Ellipsis in index else (*index, ...))
        return np.asarray(a[self.index])  # with the ellipsis NumPy returns a view of one element too, not a number

    def backward(self, grad: Array) -> Grads:
        spread = np.zeros(self.shape, grad.dtype)
        spread[self.index] = grad
        return (spread,)

    def name(self) -> str:
        """PyTorch goes part by part, and names the node after the last one that did something."""
        parts = [part for part in self.index if part is not Ellipsis and part != slice(None)]
        if not parts:
            return "AliasBackward0"
        if parts[-1] is None:
            return "UnsqueezeBackward0"
        return "SelectBackward0" if isinstance(parts[-1], int) else "SliceBackward0"


class Index(Operation):
    """``a[index]`` for masks and arrays of integers: a copy; what was read twice gets both gradients."""

    def forward(self, a: Array, index: tuple[Any, ...]) -> Array:
        self.saved, self.shape = (index,), a.shape
        if _is_numbers(index[-1]) and a.ndim >= len(index) and all(map(_is_everything, index[:-1])):
            result: Array = a.take(index[-1], len(index) - 1)  # NumPy's quick way to read whole slices
            return result
        return in_order(np.asanyarray(a[index]))

    def backward(self, grad: Array) -> Grads:
        (index,) = self.saved
        spread = np.zeros(self.shape, grad.dtype)
        if any(map(_is_numbers, index)):
            add_at(spread, at_index(self.shape, index), grad)
        else:  # a mask reads nothing twice
            spread[index] = grad
        return (spread,)


class MaskedSelect(Index):
    """The elements under a mask, in one dimension."""


class Take(Index):
    """The elements at the given places of all of them."""


class IndexPut(Operation):
    """A copy of ``a`` in which ``a[index]`` is ``value``, or has it added to."""

    def forward(self, a: Array, value: Array, index: tuple[Any, ...], accumulate: bool = False) -> Array:
        self.saved, self.shape, self.accumulate = (index,), value.shape, accumulate
        written = a.copy()
        if accumulate:
            places = at_index(a.shape, index)
            add_at(written, places, np.broadcast_to(value, places.shape))
        else:
            written[index] = value
        return written

    def backward(self, grad: Array) -> Grads:
        (index,) = self.saved
        to_value = unbroadcast(np.asanyarray(grad[index]), self.shape)
        if self.accumulate:
            return grad, to_value
        kept = grad.copy()
        kept[index] = 0
        return kept, to_value


# ------------------------------------------------------------------ functions


def getitem(input: Tensor, index: Any) -> Tensor:
    """Return ``input[index]``: a view for integers and slices, a copy for masks and integer arrays."""
    plain = _plain(index, input)
    input, plain = _integers_first(input, plain)
    try:
        return apply(Slice if _is_basic(plain) else Index, input, index=plain)
    except (IndexError, ValueError) as error:
        raise _index_error(input, plain, error) from None


def setitem(input: Tensor, index: Any, value: Any) -> None:
    """Write ``value``, which broadcasts, to ``input[index]``.

    ``TypeError`` for what is no tensor and no number, ``RuntimeError`` for a shape that does not fit.
    """
    if isinstance(value, np.integer):
        value = int(value)
    if not isinstance(value, Tensor | int | float):
        kind = type(value)
        name = kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"
        raise TypeError(f"can't assign a {name} to a torch.{input.dtype.tensor_name}. Make it a tensor first.")
    plain = _plain(index, input)
    if _write_unseen(input, plain, value):
        return
    source = value if isinstance(value, Tensor) else scalar_like(input, value)
    if source.ndim:
        common_device((input, source))
    if _is_basic(plain):
        part = getitem(input, plain)
        value = _without_leading(source, part.ndim)
        part.copy_(value if value.shape == part.shape else expand(value, part.shape))
    else:
        _put(*_integers_first(input, plain), source)


def _write_unseen(input: Tensor, index: tuple[Any, ...], value: Any) -> bool:
    """Write straight to the memory, where the graph need not know of it and NumPy reads it as PyTorch does."""
    array = input._array
    if not (_is_basic(index) and array.flags.writeable) or (autograd.mode.enabled and input.requires_grad):
        return False
    if isinstance(value, Tensor):
        if value._array.dtype != array.dtype or value._device is not input._device:
            return False
        if autograd.mode.enabled and value.requires_grad:
            return False
        if np.may_share_memory(array, value._array):
            return False  # whether they overlap is for copy_ to say
        value = value._array
    elif array.dtype.kind != "f":
        return False  # whether the number fits is for `scalar_like` to say
    try:
        array[index] = value
    except (IndexError, ValueError):
        return False  # what is wrong is said on the other way
    input._bump()
    return True


def _integers_first(input: Tensor, index: tuple[Any, ...]) -> tuple[Tensor, tuple[Any, ...]]:
    """Take the integers and new dimensions out of an index that has arrays too.

    NumPy counts integers among the arrays, which moves dimensions where a None stands between; PyTorch
    applies them first.
    """
    if _is_basic(index) or all(isinstance(part, slice | np.ndarray) or part is Ellipsis for part in index):
        return input, index
    first: list[Any] = []
    then: list[Any] = []
    for part in index:
        if isinstance(part, np.ndarray):
            first += [slice(None)] * (part.ndim if _is_mask(part) else 1)
            then.append(part)
        else:
            first.append(part)
            if part is Ellipsis:
                then.append(part)
            elif not isinstance(part, int) or isinstance(part, bool):
                then.append(slice(None))
    return getitem(input, tuple(first)), tuple(then)


def _put(input: Tensor, index: tuple[Any, ...], source: Tensor) -> None:
    target = input._before_write(source)
    source = _without_leading(source, 0)
    if source.numel() != 1 or any(map(_is_numbers, index)):
        _check_put(input, source)
    value = to(source, input.dtype, input._device)
    try:
        if target is not input:
            input._become(apply(IndexPut, target, value, index=index))
        else:  # nothing to record: write to the memory itself
            input._array[index] = value._array
            input._bump()
    except IndexError as error:
        raise _index_error(input, index, error) from None
    except (TypeError, ValueError):  # the first for a mask
        raise _wrong_values(input, source, index) from None


def _check_put(input: Tensor, source: Tensor) -> None:
    if source.dtype is not input.dtype:
        raise RuntimeError(
            f"Index put requires the source and destination dtypes match, got {input.dtype.word} for the destination "
            f"and {source.dtype.word} for the source. Convert the source: .to(x.dtype)."
        )


def _wrong_values(input: Tensor, source: Tensor, index: tuple[Any, ...]) -> RuntimeError:
    shape = list(input._array[index].shape)
    return RuntimeError(
        f"shape mismatch: value tensor of shape {list(source.shape)} cannot be broadcast to indexing result of "
        f"shape {shape}"
    )


def _without_leading(source: Tensor, ndim: int) -> Tensor:
    """Return the value without the dimensions of length 1 that it has too many at the front."""
    while source.ndim > ndim and source.shape[0] == 1:
        source = source[0]
    return source


def index_put(input: Tensor, indices: Sequence[Tensor], values: Tensor, accumulate: bool = False) -> Tensor:
    """Return a copy in which ``input[indices]`` is ``values``; ``accumulate`` adds them to what is there.

    ``values`` broadcasts and has the dtype of ``input``. With ``accumulate`` a place that is named twice gets both.
    """
    need_listed(indices)
    index = _plain(tuple(indices), input)
    _check_put(input, values)
    common_device((input, values))
    try:
        return apply(IndexPut, input, values, index=index, accumulate=accumulate)
    except IndexError as error:
        raise _index_error(input, index, error) from None
    except ValueError:
        raise _wrong_values(input, values, index) from None


def masked_select(input: Tensor, mask: Tensor) -> Tensor:
    """Return the elements where ``mask`` is true, in one dimension; the shapes broadcast."""
    need_tensors("masked_select", input=input, mask=mask)
    if mask.dtype.name != "bool":
        raise RuntimeError(f"masked_select: expected BoolTensor for mask, but got {mask.dtype}")
    common_device((input, mask))
    if input.shape != mask.shape:
        check_broadcast(mask.shape, input.shape)
        input, mask = broadcast_tensors(input, mask)
    return apply(MaskedSelect, input, index=(mask._array,))


def take(input: Tensor, index: Tensor) -> Tensor:
    """Return the elements at the places ``index``, counted as if ``input`` had one dimension."""
    need_tensors("take", input=input, index=index)
    if index.dtype.name != "int64":
        raise RuntimeError(f"take(): Expected a long tensor for index, but got {index.dtype.word}")
    common_device((input, index))
    array, count = index._array, input.numel()
    if array.size and (array.min() < -count or array.max() >= count):
        wrong = array[(array < -count) | (array >= count)][0]
        raise IndexError(f"out of range: tried to access index {wrong} on a tensor of {count} elements.")
    return apply(Take, input.reshape(-1), index=(array,))


@of_tensor
def nonzero(input: Tensor, *, as_tuple: bool = False) -> Any:
    """Return the indices of the elements that are not zero: ``(N, ndim)``, or a vector a dimension as a tuple."""
    if as_tuple:
        return tuple([input._beside(places) for places in np.atleast_1d(input._array).nonzero()])
    return input._beside(np.argwhere(input._array))


@of_tensor
def argwhere(input: Tensor) -> Tensor:
    """Return the indices of the elements that are not zero, ``(N, ndim)``."""
    return input._beside(np.argwhere(input._array))


# ------------------------------------------------------------------ reading an index


def _plain(index: Any, input: Tensor) -> tuple[Any, ...]:
    """Return an index that NumPy reads as PyTorch reads the given one."""
    if type(index) is int or type(index) is slice:
        return (_plain_part(index),)
    if type(index) is list and any(isinstance(part, list | tuple | slice | Tensor) for part in index):
        warnings.warn(_NON_TUPLE, UserWarning, stacklevel=4)
        index = tuple(index)
    parts = list(index) if isinstance(index, tuple) else [index]
    # a second ellipsis stands for nothing, in PyTorch
    first = next((i for i, part in enumerate(parts) if part is Ellipsis), None)
    return tuple([_plain_part(part) for i, part in enumerate(parts) if part is not Ellipsis or i == first])


_NON_TUPLE = (
    "Using a non-tuple sequence for multidimensional indexing is deprecated and will be changed in pytorch 2.9; use "
    "x[tuple(seq)] instead of x[seq]."
)


def _plain_part(part: Any) -> Any:
    if isinstance(part, bool):
        return np.asarray(part)
    if part is None or part is Ellipsis or isinstance(part, int):
        return part
    if isinstance(part, str):
        raise TypeError("new(): invalid data type 'str'. Index with numbers, slices or tensors.")
    if isinstance(part, slice):
        if part.step is not None and int(part.step) <= 0:
            raise ValueError("step must be greater than zero. Index with a list of numbers to go backwards.")
        return part
    array = part._array if isinstance(part, Tensor) else np.asarray(part)
    if array.size == 0 and not isinstance(part, Tensor):
        return array.astype(np.int64)
    if array.ndim == 0 and array.dtype.kind in "iu":
        return array.item()
    if array.dtype.kind not in "biu" or (array.ndim == 0 and not isinstance(part, Tensor | np.generic | np.ndarray)):
        raise _wrong_part(part)
    if array.dtype == np.uint8:
        warnings.warn(
            "indexing with dtype torch.uint8 is now deprecated, please use a dtype torch.bool instead.",
            UserWarning,
            stacklevel=5,
        )
        return array.astype(bool)
    return array


def _wrong_part(part: Any) -> IndexError:
    if isinstance(part, Tensor):
        return IndexError(f"tensors used as indices must be long, int, byte or bool tensors, not {part.dtype}")
    return IndexError(
        "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices "
        f"(got {type(part).__name__})"
    )


def _is_basic(index: tuple[Any, ...]) -> bool:
    for part in index:  # noqa: SIM110 - each x[i] passes here, and any() takes three times as long
        if isinstance(part, np.ndarray):
            return False
    return True


def _index_error(input: Tensor, index: tuple[Any, ...], error: Exception) -> IndexError:
    """Say in PyTorch's words what is wrong with an index."""
    reach: list[Any] = [
        part.ndim if _is_mask(part) else int(part is not None and part is not Ellipsis) for part in index
    ]
    if input.ndim == 0 and len(index) == 1 and isinstance(index[0], slice):
        return IndexError("slice() cannot be applied to a 0-dim tensor.")
    if input.ndim == 0 and len(index) == 1 and isinstance(index[0], int):
        return IndexError(
            "invalid index of a 0-dim tensor. Use `tensor.item()` in Python or `tensor.item<T>()` in C++ to convert a "
            "0-dim tensor to a number"
        )
    if sum(reach) > input.ndim:
        return IndexError(f"too many indices for tensor of dimension {input.ndim}")
    d = 0
    for part, length in zip(index, reach, strict=True):
        _check_part(input.shape, d, part)
        d += input.ndim - sum(reach) if part is Ellipsis else length
    if "broadcast" in str(error):
        shapes = ", ".join(str(list(part.shape)) for part in index if isinstance(part, np.ndarray))
        return IndexError(f"shape mismatch: indexing tensors could not be broadcast together with shapes {shapes}")
    return IndexError(str(error))


def _check_part(shape: tuple[int, ...], d: int, part: Any) -> None:
    """Raise PyTorch's ``IndexError`` if an integer, an array or a mask reaches beyond dimension ``d``."""
    if _is_mask(part):
        wrong = [i for i, length in enumerate(part.shape) if length != shape[d + i]]
        if wrong:
            raise IndexError(
                f"The shape of the mask {list(part.shape)} at index {wrong[0]} does not match the shape of the indexed "
                f"tensor {list(shape)} at index {d + wrong[0]}"
            )
    elif isinstance(part, int | np.ndarray):
        numbers = np.atleast_1d(part)
        outside = numbers[(numbers < -shape[d]) | (numbers >= shape[d])]
        if outside.size:
            raise IndexError(f"index {outside[0]} is out of bounds for dimension {d} with size {shape[d]}")


def _is_mask(part: Any) -> bool:
    return isinstance(part, np.ndarray) and part.dtype == bool


def _is_everything(part: Any) -> bool:
    return isinstance(part, slice) and part == slice(None)


def _is_numbers(part: Any) -> bool:
    return isinstance(part, np.ndarray) and part.dtype != bool
