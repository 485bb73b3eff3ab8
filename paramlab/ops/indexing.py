"""Reading and writing parts of a tensor: slices, integers, masks, integer arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autograd import Array, Operation, unbroadcast
from ..tensor import Tensor, apply, common_device
from .operands import axis, scalar_like
from .shape import expand, to

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
        parts = [part for part in self.index[:-1] if part != slice(None) and part is not Ellipsis]
        if not parts:
            return "AliasBackward0"
        if parts[-1] is None or isinstance(parts[-1], bool):
            return "UnsqueezeBackward0"
        return "SelectBackward0" if isinstance(parts[-1], int) else "SliceBackward0"


class Index(Operation):
    """``a[index]`` for masks and arrays of integers: a copy; what was read twice gets both gradients."""

    def forward(self, a: Array, index: tuple[Any, ...]) -> Array:
        self.saved, self.shape = (index,), a.shape
        return np.asarray(a[index])

    def backward(self, grad: Array) -> Grads:
        (index,) = self.saved
        spread = np.zeros(self.shape, grad.dtype)
        np.add.at(spread, index, grad)
        return (spread,)


class IndexPut(Operation):
    """A copy of ``a`` in which ``a[index]`` is ``value``."""

    def forward(self, a: Array, value: Array, index: tuple[Any, ...]) -> Array:
        self.saved, self.shape = (index,), value.shape
        written = a.copy()
        written[index] = value
        return written

    def backward(self, grad: Array) -> Grads:
        (index,) = self.saved
        kept = grad.copy()
        kept[index] = 0
        return kept, unbroadcast(np.asarray(grad[index]), self.shape)


class Gather(Operation):
    """``a`` read at ``index`` along a dimension."""

    def forward(self, a: Array, dim: int = 0, index: Any = None) -> Array:
        self.saved, self.shape, self.dim = (index,), a.shape, dim
        window = tuple(slice(None) if d == dim else slice(n) for d, n in enumerate(index.shape))
        return np.take_along_axis(a[window], index, dim)

    def backward(self, grad: Array) -> Grads:
        (index,) = self.saved
        spread = np.zeros(self.shape, grad.dtype)
        places = list(np.indices(index.shape, sparse=True))
        places[self.dim] = index
        np.add.at(spread, tuple(places), grad)
        return (spread,)


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
    """Write ``value``, which broadcasts, to ``input[index]``."""
    plain = _plain(index, input)
    source = value if isinstance(value, Tensor) else scalar_like(input, value)
    if source.ndim:
        common_device((input, source))
    if _is_basic(plain):
        part = getitem(input, plain)
        value = _without_leading(source, part.ndim)
        part.copy_(value if value.shape == part.shape else expand(value, part.shape))
    else:
        _put(*_integers_first(input, plain), source)


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
    value = to(source, input.dtype, input._device)
    try:
        if target is not input:
            input._become(apply(IndexPut, target, value, index=index))
        else:  # nothing to record: write to the memory itself
            input._array[index] = value._array
            input._bump()
    except IndexError as error:
        raise _index_error(input, index, error) from None
    except ValueError:
        shape = list(input._array[index].shape)
        raise RuntimeError(
            f"shape mismatch: value tensor of shape {list(source.shape)} cannot be broadcast to indexing result of "
            f"shape {shape}"
        ) from None


def _without_leading(source: Tensor, ndim: int) -> Tensor:
    """Return the value without the dimensions of length 1 that it has too many at the front."""
    while source.ndim > ndim and source.shape[0] == 1:
        source = source[0]
    return source


def gather(input: Tensor, dim: int, index: Tensor) -> Tensor:
    """Return ``out[i][j] = input[index[i][j]][j]`` for ``dim`` 0, and likewise for the others."""
    if index.dtype.name not in ("int32", "int64"):
        raise RuntimeError(f"gather(): Expected dtype int32/int64 for index, but got {index.dtype}")
    common_device((input, index))
    if input.ndim != index.ndim:
        raise RuntimeError("Index tensor must have the same number of dimensions as input tensor")
    over = axis(dim, input.ndim)
    array = index._array.astype(np.int64, copy=False)
    if array.size and (array.min() < 0 or array.max() >= input.shape[over]):
        wrong = array[(array < 0) | (array >= input.shape[over])][0]
        raise RuntimeError(f"index {wrong} is out of bounds for dimension {over} with size {input.shape[over]}")
    return apply(Gather, input, dim=over, index=array)


def _plain(index: Any, input: Tensor) -> tuple[Any, ...]:
    """Return an index that NumPy reads as PyTorch reads the given one."""
    parts = list(index) if isinstance(index, tuple) else [index]
    # a second ellipsis stands for nothing, in PyTorch
    first = next((i for i, part in enumerate(parts) if part is Ellipsis), None)
    return tuple([_plain_part(part) for i, part in enumerate(parts) if part is not Ellipsis or i == first])


def _plain_part(part: Any) -> Any:
    if part is None or part is Ellipsis or isinstance(part, int):
        return part
    if isinstance(part, slice):
        if part.step is not None and int(part.step) <= 0:
            raise ValueError("step must be greater than zero. Index with a list of numbers to go backwards.")
        return part
    array = part._array if isinstance(part, Tensor) else np.asarray(part)
    if array.size == 0 and not isinstance(part, Tensor):
        return array.astype(np.int64)
    if array.ndim == 0 and array.dtype.kind in "biu":
        return array.item()
    if array.dtype.kind not in "biu" or (array.ndim == 0 and not isinstance(part, Tensor)):
        raise _wrong_part(part)
    return array.astype(bool) if array.dtype == np.uint8 else array


def _wrong_part(part: Any) -> IndexError:
    if isinstance(part, Tensor):
        return IndexError(f"tensors used as indices must be long, int, byte or bool tensors, not {part.dtype}")
    return IndexError(
        "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices "
        f"(got {type(part).__name__})"
    )


def _is_basic(index: tuple[Any, ...]) -> bool:
    return not any(isinstance(part, np.ndarray) for part in index)


def _index_error(input: Tensor, index: tuple[Any, ...], error: Exception) -> IndexError:
    """Say in PyTorch's words what is wrong with an index."""
    counted = [part for part in index if part is not None and part is not Ellipsis and not isinstance(part, bool)]
    if input.ndim == 0 and counted:
        return IndexError(
            "invalid index of a 0-dim tensor. Use `tensor.item()` in Python to convert a 0-dim tensor to a number"
        )
    if sum(part.ndim if _is_mask(part) else 1 for part in counted) > input.ndim:
        return IndexError(f"too many indices for tensor of dimension {input.ndim}")
    for d, part in enumerate(counted):
        length = input.shape[d]
        if _is_mask(part) and part.shape != input.shape[d : d + part.ndim]:
            return IndexError(
                f"The shape of the mask {list(part.shape)} at index 0 does not match the shape of the indexed tensor "
                f"{list(input.shape)} at index 0"
            )
        numbers = np.atleast_1d(part) if isinstance(part, int | np.ndarray) and not _is_mask(part) else np.zeros(0)
        outside = numbers[(numbers < -length) | (numbers >= length)]
        if outside.size:
            return IndexError(f"index {outside[0]} is out of bounds for dimension {d} with size {length}")
    shapes = ", ".join(str(list(part.shape)) for part in counted if isinstance(part, np.ndarray))
    if "broadcast" in str(error):
        return IndexError(f"shape mismatch: indexing tensors could not be broadcast together with shapes {shapes}")
    return IndexError(str(error))


def _is_mask(part: Any) -> bool:
    return isinstance(part, np.ndarray) and part.dtype == bool
