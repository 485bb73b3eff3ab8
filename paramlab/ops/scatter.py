"""Reading and writing at places that a tensor of integers names, along one dimension."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from ..autograd import Array, Operation, unbroadcast
from ..tensor import Tensor, apply, common_device
from .arguments import not_a_tensor, of_tensor
from .complaints import explained
from .operands import Number, axis, own_axis, scalar_like
from .places import add_at, along, numbered

Grads = tuple[Array | None, ...]


class Gather(Operation):
    """``a`` read at ``index`` along a dimension; what was read twice gets both gradients."""

    def forward(self, a: Array, dim: int, index: Array) -> Array:
        self.saved, self.shape, self.dim = (index,), a.shape, dim
        return a[tuple(along(a.shape, dim, index))]

    def backward(self, grad: Array) -> Grads:
        (index,) = self.saved
        spread = np.zeros(self.shape, grad.dtype)
        coordinates = along(self.shape, self.dim, index)
        if index.size == 1 or index.shape[self.dim] == 1:  # nothing can be read twice
            spread[tuple(coordinates)] = grad
        else:
            add_at(spread, numbered(self.shape, coordinates), grad)
        return (spread,)


class IndexSelect(Operation):
    """The slices of ``a`` at the given places of a dimension."""

    def forward(self, a: Array, dim: int, index: Array) -> Array:
        self.saved, self.shape, self.dim = (index,), a.shape, dim
        return a.take(index, dim)

    def backward(self, grad: Array) -> Grads:
        (index,) = self.saved
        spread = np.zeros(self.shape, grad.dtype)
        add_at(spread, numbered(self.shape, along(self.shape, self.dim, index)), grad)
        return (spread,)


class Scatter(Operation):
    """A copy of ``a`` in which the places of ``index`` along a dimension hold the values of ``source``.

    The places that are overwritten have no part in the result; a value has the gradient of its place.
    """

    def forward(self, a: Array, source: Array, dim: int, index: Array, variant: int = 0) -> Array:
        self.saved, self.shape, self.variant = (tuple(along(a.shape, dim, index)),), source.shape, variant
        self.window = tuple([slice(n) for n in index.shape]) if source.ndim == index.ndim else ()
        written = a.copy()
        self.write(written, self.saved[0], source[self.window])
        return written

    def write(self, target: Array, places: tuple[Array, ...], values: Array) -> None:
        """Put the values at their places."""
        target[places] = values

    def backward(self, grad: Array) -> Grads:
        (places,) = self.saved
        kept = grad.copy()
        kept[places] = 0
        return kept, self.to_source(grad[places])

    def to_source(self, grad: Array) -> Array:
        """Return the gradient of the source; the part of it that lies outside of the index has none."""
        if not self.window or grad.shape == self.shape:
            return unbroadcast(grad, self.shape)
        spread = np.zeros(self.shape, grad.dtype)
        spread[self.window] = grad
        return spread


class ScatterAdd(Scatter):
    """A copy of ``a`` to which the values of ``source`` are added at their places."""

    def write(self, target: Array, places: tuple[Array, ...], values: Array) -> None:
        """Add the values at their places."""
        add_at(target, numbered(target.shape, places), values)

    def backward(self, grad: Array) -> Grads:
        (places,) = self.saved
        return grad, self.to_source(grad[places])


class IndexCopy(Scatter):
    """A copy of ``a`` in which slices are replaced."""


class IndexFill(Scatter):
    """A copy of ``a`` in which slices are filled with one value."""


class IndexAdd(ScatterAdd):
    """A copy of ``a`` to which slices are added, ``alpha`` times."""

    def forward(self, a: Array, source: Array, dim: int, index: Array, alpha: Number = 1) -> Array:
        self.alpha = source.dtype.type(alpha)
        return super().forward(a, source if alpha == 1 else source * self.alpha, dim, index)

    def backward(self, grad: Array) -> Grads:
        to_a, to_source = super().backward(grad)
        return to_a, None if to_source is None else to_source * self.alpha


# ------------------------------------------------------------------ reading


@of_tensor
def gather(input: Tensor, dim: int, index: Tensor) -> Tensor:
    """Return ``out[i][j] = input[index[i][j]][j]`` for ``dim`` 0, and likewise for the others.

    ``index`` is of integers, has as many dimensions as ``input``, and is nowhere longer but along ``dim``.
    """
    over, array = _index("gather", input, dim, index, "input")
    lengths = zip(index.shape, input.shape, strict=False)
    for d, (length, reach) in enumerate(lengths):
        if d != over and length > reach:
            raise RuntimeError(
                f"Size does not match at dimension {d} expected index {list(index.shape)} to be no larger than self "
                f"{list(input.shape)} apart from dimension {over}"
            )
    if array.ndim < input.ndim:
        return gather(input, dim, index.reshape(1)).reshape(())
    return apply(Gather, input if input.ndim == array.ndim else input.reshape(1), dim=over, index=array)


@of_tensor
def take_along_dim(input: Tensor, indices: Tensor, dim: int | None = None) -> Tensor:
    """Return what lies at ``indices`` along ``dim``, counted round and round; the other dimensions broadcast.

    Without ``dim`` both are taken as one-dimensional. ``RuntimeError`` for a place that is none.
    """
    if dim is None:
        return gather(input.reshape(-1), 0, indices.reshape(-1))
    over = own_axis(dim, input.ndim)
    if input.ndim != indices.ndim:
        raise RuntimeError(
            "torch.take_along_dim(): input and indices should have the same number of dimensions, but got "
            f"{input.ndim} dimensions for input, and {indices.ndim} dimensions for indices"
        )
    shape = list(np.broadcast_shapes(_without(input.shape, over), _without(indices.shape, over)))
    wide, long = list(shape), list(shape)
    wide[over], long[over] = input.shape[over], indices.shape[over]
    in_reach = indices if wide[over] == 0 else indices._beside(indices._array % wide[over])
    return gather(input.expand(wide), over, in_reach.expand(long))


def _without(shape: tuple[int, ...], dim: int) -> tuple[int, ...]:
    return (*shape[:dim], 1, *shape[dim + 1 :])


@of_tensor
def index_select(input: Tensor, dim: int, index: Tensor) -> Tensor:
    """Return the slices of ``input`` at the places of the vector ``index`` along ``dim``."""
    if not isinstance(index, Tensor):
        raise not_a_tensor("index_select", index, "index", 3)
    common_device((input, index))
    if index.ndim > 1:
        raise IndexError("index_select(): Index is supposed to be a vector")
    if index.dtype.name not in ("int32", "int64"):
        raise RuntimeError("index_select(): Expected dtype int32 or int64 for index")
    over = axis(dim, input.ndim)
    reach, array = _reach(input, over), index._array.reshape(-1)
    outside = _outside(array, 0, reach)
    if outside.size and over == 0:
        raise IndexError(f"index out of range in self: {outside[0]} is none of 0 to {reach - 1}")
    if outside.size:
        raise RuntimeError(f"INDICES element is out of DATA bounds, id={outside[0]} axis_dim={reach}")
    if input.ndim == 0 and len(array) != 1:
        raise RuntimeError(f"index_select(): Index to scalar can have only 1 value, got {len(array)} value(s)")
    if input.ndim == 0:
        return input.clone()
    return apply(IndexSelect, input, dim=over, index=array)


# ------------------------------------------------------------------ writing


@explained
def scatter(
    input: Tensor, dim: int, index: Tensor, src: Any = None, *, value: Any = None, reduce: str | None = None
) -> Tensor:
    """Return a copy in which ``out[index[i][j]][j] = src[i][j]`` for ``dim`` 0, and likewise for the others.

    ``src`` is a tensor of the same dtype, or a number (``value``). ``reduce="add"`` or ``"multiply"`` combines
    the values with what is there. If a place is named twice, one of its values wins.
    """
    if reduce not in (None, "add", "multiply"):
        raise RuntimeError("reduce argument must be either add or multiply.")
    source = value if src is None else src
    if reduce is not None and isinstance(src, Tensor):
        warnings.warn(
            "The reduce argument of torch.scatter with Tensor src is deprecated and will be removed in a future "
            "PyTorch release. Use torch.scatter_reduce instead for more reduction options.",
            UserWarning,
            stacklevel=2,
        )
    if not isinstance(source, Tensor):
        source = source.item() if isinstance(source, np.generic) else source
        if not isinstance(source, int | float):
            raise TypeError(
                f"scatter() received an invalid combination of arguments - got (int, Tensor, {type(source).__name__}). "
                "It takes a tensor or a number as its source."
            )
        source = scalar_like(input, source)
        if reduce is not None:
            source = source.expand(index.shape)
    number = source.ndim == 0 and (src is None or not isinstance(src, Tensor))
    over, array = _index("scatter", input, dim, index, "self", None if number else source)
    if reduce == "add":
        return apply(ScatterAdd, input, source, dim=over, index=array)
    if reduce == "multiply":
        from .scatter_reduce import scatter_reduce

        return scatter_reduce(input, dim, index, source, "prod")
    return apply(Scatter, input, source, dim=over, index=array, variant=int(number))


@explained
def scatter_add(input: Tensor, dim: int, index: Tensor, src: Tensor) -> Tensor:
    """Return a copy with ``src[i][j]`` added to ``out[index[i][j]][j]`` for ``dim`` 0, and likewise for the others."""
    over, array = _index("scatter", input, dim, index, "self", src)
    return apply(ScatterAdd, input, src, dim=over, index=array)


@explained
def index_add(input: Tensor, dim: int, index: Tensor, source: Tensor, *, alpha: Number = 1) -> Tensor:
    """Return a copy to which the slices of ``source`` are added, ``alpha`` times, at the places of ``index``."""
    over, array = _vector("index_add_", input, dim, index)
    if source.dtype is not input.dtype:
        raise RuntimeError(
            f"index_add_(): self ({input.dtype.word}) and source ({source.dtype.word}) must have the same scalar type"
        )
    length = _reach(source, over)
    if len(array) != length:
        raise RuntimeError(
            f"index_add_(): Number of indices ({len(array)}) should be equal to source.size(dim): ({length}), for "
            f"dim: {over}"
        )
    _same_apart_from(input, source, over)
    if input.ndim < 2 and _outside(array, 0, input.numel()).size:
        raise IndexError("index out of range in self")
    _check_inside(array, 0, _reach(input, over), over, RuntimeError)
    return apply(IndexAdd, input, source, dim=over, index=array, alpha=alpha)


@explained
def index_copy(input: Tensor, dim: int, index: Tensor, source: Tensor) -> Tensor:
    """Return a copy in which the slices at the places of ``index`` are those of ``source``."""
    over, array = _vector("index_copy_", input, dim, index)
    if source.dtype is not input.dtype:
        raise RuntimeError(
            "index_copy_(): self and source expected to have the same dtype, but got (self) "
            f"{input.dtype.word} and (source) {source.dtype.word}"
        )
    length = _reach(source, over)
    if len(array) != length:
        raise IndexError(
            f"index_copy_(): Number of indices ({len(array)}) should be equal to source.size(dim) ({length})"
        )
    _same_apart_from(input, source, over)
    _check_inside(array, 0, _reach(input, over), over, IndexError, "index_copy_(): ")
    return apply(IndexCopy, input, source, dim=over, index=array)


@explained
def index_fill(input: Tensor, dim: int, index: Tensor, value: Any) -> Tensor:
    """Return a copy in which the slices at the places of ``index`` hold one value."""
    over, array = _vector("index_fill_", input, dim, index)
    if isinstance(value, Tensor) and value.ndim:
        raise RuntimeError(
            f"index_fill_ only supports a 0-dimensional value tensor, but got tensor with {value.ndim} dimension(s)."
        )
    _check_inside(array, -_reach(input, over), _reach(input, over), over, IndexError)
    filler = value.to(input.dtype) if isinstance(value, Tensor) else scalar_like(input, value)
    return apply(IndexFill, input, filler, dim=over, index=array, variant=int(isinstance(value, Tensor)))


# ------------------------------------------------------------------ checks


def _index(
    name: str, input: Tensor, dim: int, index: Tensor, whose: str, source: Tensor | None = None
) -> tuple[int, Array]:
    """Check an index with a place for each element; return the dimension, and the places as an array."""
    if not isinstance(index, Tensor):
        raise not_a_tensor(name, index, "index", 3)
    common_device((input, index) if source is None else (input, index, source))
    over = axis(dim, input.ndim)
    if index.dtype.name not in ("int32", "int64"):
        raise RuntimeError(f"{name}(): Expected dtype int32/int64 for index, but got {index.dtype}")
    if source is not None and source.dtype is not input.dtype:
        raise RuntimeError(f"{name}(): Expected self.dtype to be equal to src.dtype")
    if index.numel() == 0:
        return over, index._array
    for other, role in ((input, whose), (source, "src")):
        if other is not None and max(other.ndim, 1) != max(index.ndim, 1):
            raise RuntimeError(f"Index tensor must have the same number of dimensions as {role} tensor")
    if source is not None:
        _check_scattered(index.shape, input.shape, source.shape, over)
    _check_inside(index._array, 0, _reach(input, over), over, RuntimeError)
    return over, index._array


def _check_scattered(index: tuple[int, ...], shape: tuple[int, ...], source: tuple[int, ...], over: int) -> None:
    too_long = any(n > shape[d] for d, n in enumerate(index) if d != over)
    if too_long or any(n > source[d] for d, n in enumerate(index)):
        raise RuntimeError(
            f"Expected index {list(index)} to be no larger than self {list(shape)} apart from dimension {over} and to "
            f"be no larger size than src {list(source)}"
        )


def _vector(name: str, input: Tensor, dim: int, index: Tensor) -> tuple[int, Array]:
    """Check an index that names whole slices; return the dimension, and the places as an array."""
    if not isinstance(index, Tensor):
        raise not_a_tensor(name, index, "index", 3)
    common_device((input, index))
    if index.dtype.name not in ("int32", "int64"):
        raise RuntimeError(f"{name}(): Expected dtype int32/int64 for index but got: {index.dtype.word}")
    if index.ndim > 1:
        raise IndexError(
            f"{name}(): Index is supposed to be a vector, but got dim: {index.ndim} with type: {index.dtype.word} and "
            f"size: {list(index.shape)}"
        )
    return axis(dim, input.ndim), index._array.reshape(-1)


def _same_apart_from(input: Tensor, source: Tensor, dim: int) -> None:
    if input.ndim != source.ndim or _without(input.shape, dim) != _without(source.shape, dim):
        raise RuntimeError(
            "source tensor shape must match self tensor shape, excluding the specified dimension. Got self.shape = "
            f"{list(input.shape)} source.shape = {list(source.shape)}"
        )


def _reach(tensor: Tensor, dim: int) -> int:
    """Return the length of a dimension; a tensor without dimensions counts as one of a single element."""
    return tensor.shape[dim] if tensor.ndim else 1


def _outside(index: Array, low: int, end: int) -> Array:
    """Return the numbers that are not in ``low`` to ``end - 1``."""
    if index.size and (index.min() < low or index.max() >= end):
        return index[(index < low) | (index >= end)]
    return index.reshape(-1)[:0]


def _check_inside(index: Array, low: int, end: int, dim: int, error: type[Exception], start: str = "") -> None:
    outside = _outside(index, low, end)
    if outside.size:
        raise error(f"{start}index {outside[0]} is out of bounds for dimension {dim} with size {end}")
