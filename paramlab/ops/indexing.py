"""Reading and writing parts of a tensor: slices, integers, masks, integer arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autograd import Array, Operation, unbroadcast
from ..tensor import Tensor, apply
from .operands import axis, scalar_like

Grads = tuple[Array | None, ...]


class Index(Operation):
    """``a[index]``; the gradient goes back to the places it was read from, zero elsewhere."""

    is_view = True

    def forward(self, a: Array, index: Any = None) -> Array:  # type: ignore[override]
        self.shape, self.index = a.shape, index
        return a[index]

    def backward(self, grad: Array) -> Grads:
        spread = np.zeros(self.shape, grad.dtype)
        if _is_basic(self.index):
            spread[self.index] = grad
        else:
            np.add.at(spread, self.index, grad)  # an element that was read twice gets both gradients
        return (spread,)

    def name(self) -> str:
        """PyTorch tells a picked element, a slice and an array of indices apart."""
        parts = self.index if isinstance(self.index, tuple) else (self.index,)
        if not _is_basic(self.index):
            return "IndexBackward0"
        return "SelectBackward0" if isinstance(parts[-1], int) else "SliceBackward0"


class IndexPut(Operation):
    """A copy of ``a`` in which ``a[index]`` is ``value``."""

    def forward(self, a: Array, value: Array, index: Any = None) -> Array:  # type: ignore[override]
        self.index, self.shape = index, value.shape
        written = a.copy()
        written[index] = value
        return written

    def backward(self, grad: Array) -> Grads:
        kept = grad.copy()
        kept[self.index] = 0
        return kept, unbroadcast(np.asarray(grad[self.index]), self.shape)

    def name(self) -> str:
        """PyTorch's name for the gradient of a write to a part."""
        return "CopySlices"


class Gather(Operation):
    """``a`` read at ``index`` along a dimension."""

    def forward(self, a: Array, dim: int = 0, index: Any = None) -> Array:  # type: ignore[override]
        self.shape, self.dim, self.index = a.shape, dim, index
        window = tuple(slice(None) if d == dim else slice(n) for d, n in enumerate(index.shape))
        return np.take_along_axis(a[window], index, dim)

    def backward(self, grad: Array) -> Grads:
        spread = np.zeros(self.shape, grad.dtype)
        places = list(np.indices(self.index.shape, sparse=True))
        places[self.dim] = self.index
        np.add.at(spread, tuple(places), grad)
        return (spread,)


# ------------------------------------------------------------------ functions


def getitem(input: Tensor, index: Any) -> Tensor:
    """Return ``input[index]``: a view for integers and slices, a copy for masks and integer arrays."""
    plain = _plain(index, input)
    try:
        return apply(Index, input, index=plain)
    except IndexError as error:
        raise _index_error(input, plain) or error from None


def setitem(input: Tensor, index: Any, value: Any) -> None:
    """Write ``value``, which broadcasts, to ``input[index]``."""
    plain = _plain(index, input)
    source = value if isinstance(value, Tensor) else scalar_like(input, value)
    if source._device != input._device and source.ndim:
        raise RuntimeError(
            f"Expected all tensors to be on the same device, but found at least two devices, {input._device} and "
            f"{source._device}!"
        )
    _refuse_leaf(input, source)
    target = input._before_write(source)
    try:
        if target is input:  # nothing to record: write to the memory itself
            input._array[plain] = source._array
            input._bump()
        else:
            put = apply(IndexPut, target, source.to(input.dtype).to(input._device), index=plain)
            input._become(put)
    except IndexError as error:
        raise _index_error(input, plain) or error from None
    except ValueError:
        shape = list(input._array[plain].shape)
        raise RuntimeError(
            f"shape mismatch: value tensor of shape {list(source.shape)} cannot be broadcast to indexing result of "
            f"shape {shape}"
        ) from None


def gather(input: Tensor, dim: int, index: Tensor) -> Tensor:
    """Return ``out[i][j] = input[index[i][j]][j]`` for ``dim`` 0, and likewise for the others."""
    if index.dtype.name != "int64":
        raise RuntimeError("gather(): Expected dtype int64 for index")
    if input.ndim != index.ndim:
        raise RuntimeError("Index tensor must have the same number of dimensions as input tensor")
    over = axis(dim, input.ndim)
    array = index._array
    if array.size and (array.min() < 0 or array.max() >= input.shape[over]):
        wrong = array[(array < 0) | (array >= input.shape[over])][0]
        raise RuntimeError(f"index {wrong} is out of bounds for dimension {over} with size {input.shape[over]}")
    return apply(Gather, input, dim=over, index=array)


def _refuse_leaf(input: Tensor, source: Tensor) -> None:
    from ..autograd import mode

    if mode.enabled and input._requires_grad and input._node is None:
        raise RuntimeError(
            "a view of a leaf Variable that requires grad is being used in an in-place operation. "
            "Write inside `with torch.no_grad():`."
        )


def _plain(index: Any, input: Tensor) -> Any:
    """Return an index that NumPy reads the same way."""
    if isinstance(index, tuple):
        return tuple(_plain_part(part) for part in index)
    return _plain_part(index)


def _plain_part(part: Any) -> Any:
    if isinstance(part, Tensor):
        return int(part) if part.ndim == 0 and part._array.dtype.kind in "iu" else part._array
    if isinstance(part, list):
        return np.array([_plain_part(item) for item in part])
    return part


def _is_basic(index: Any) -> bool:
    parts = index if isinstance(index, tuple) else (index,)
    return all(part is None or part is Ellipsis or isinstance(part, int | slice) for part in parts)


def _index_error(input: Tensor, index: Any) -> IndexError | None:
    """Say in PyTorch's words what is wrong with an index; None if it is something rarer."""
    parts = index if isinstance(index, tuple) else (index,)
    counted = [part for part in parts if part is not None and part is not Ellipsis]
    if len(counted) > input.ndim:
        if input.ndim == 0:
            return IndexError(
                "invalid index of a 0-dim tensor. Use `tensor.item()` in Python to convert it to a number"
            )
        return IndexError(f"too many indices for tensor of dimension {input.ndim}")
    for d, part in enumerate(counted):
        if isinstance(part, int) and not -input.shape[d] <= part < input.shape[d]:
            return IndexError(f"index {part} is out of bounds for dimension {d} with size {input.shape[d]}")
    return None
