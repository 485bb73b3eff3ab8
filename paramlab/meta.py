"""Arrays for the device ``meta``: a shape and a dtype, and no elements.

Operations are written for arrays, and shapes are all that ``meta`` wants of them. So a meta tensor holds a
NumPy array whose strides are all 0, one element for any shape, of a class that answers NumPy's functions with
the shape and the dtype of their result, computed for the one element. It is 0 in a new tensor, so that an
operation that looks whether its indices lie within bounds finds them there. What has no such answer below is
computed as for any array, and only the result's shape is kept: right, if not cheap. Strides are not told: a
meta tensor counts as contiguous.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .autograd import Array

NO_DATA = "Cannot copy out of meta tensor; no data!"


class MetaArray(np.ndarray[Any, Any]):
    """An array of which only shape and dtype mean anything."""

    # ------------------------------------------------------------------ NumPy's functions

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, out: Any = None, **options: Any) -> Any:
        """Answer ``ufunc(*inputs)``, ``ufunc.reduce(...)`` and so on with what the result would look like."""
        if method == "at":
            return None
        if ufunc is np.matmul:
            product = shape_only(_product_shape(*map(np.shape, inputs)), np.result_type(*inputs))
            return product if out is None else out[0]
        if out is not None:
            np.broadcast_shapes(out[0].shape, *map(np.shape, inputs if method == "__call__" else ()))
            return out[0]
        shapes = _RESULT_SHAPES.get(method)
        if shapes is None or ufunc.signature is not None:
            return _forget(getattr(ufunc, method)(*map(_plain, inputs), **options))
        shape = shapes(*map(np.shape, inputs), **options)
        kind = {"dtype": options["dtype"]} if options.get("dtype") is not None else {}
        tried = getattr(ufunc, method)(*map(_sample, inputs), **kind)
        results = [_filled(shape, result) for result in (tried if isinstance(tried, tuple) else (tried,))]
        return results[0] if len(results) == 1 else tuple(results)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        """Answer another function of NumPy's; most are written in terms of those above."""
        answer = _ANSWERS.get(func.__name__)
        if answer is not None:
            return answer(*args, **kwargs)
        return _forget(super().__array_function__(func, (), args, kwargs))

    # ------------------------------------------------------------------ an array's own methods

    def __getitem__(self, index: Any) -> Any:
        if any(_is_mask(part) for part in (index if isinstance(index, tuple) else (index,))):
            refuse_values("nonzero")
        return _forget(super().__getitem__(index))

    def __setitem__(self, index: Any, value: Any) -> None:
        if not any(_is_mask(part) for part in (index if isinstance(index, tuple) else (index,))):
            np.broadcast_to(shape_only(np.shape(value), np.dtype(bool)), np.shape(self[index]))

    def copy(self, order: Any = "C") -> Any:
        """Return another array of this shape."""
        return shape_only(self.shape, self.dtype)

    def astype(self, dtype: Any, *args: Any, **options: Any) -> Any:
        """Return an array of this shape and another dtype."""
        return shape_only(self.shape, np.dtype(dtype))

    def take(self, indices: Any, axis: Any = None, *args: Any, **options: Any) -> Any:
        """Return an array of the shape that the places along ``axis`` have."""
        if axis is None:
            return shape_only(np.shape(indices), self.dtype)
        return shape_only(self.shape[:axis] + np.shape(indices) + self.shape[axis:][1:], self.dtype)

    def dot(self, b: Any, out: Any = None) -> Any:
        """Return the product of two matrices, as far as its shape goes."""
        return self @ b

    def argmax(self, axis: Any = None, out: Any = None, *, keepdims: bool = False) -> Any:
        """Return the places of the extremes along ``axis``, as far as their shape goes."""
        return shape_only(_reduced_shape(self.shape, axis=axis, keepdims=keepdims), np.dtype(np.int64))

    argmin = argmax

    def argsort(self, *args: Any, **options: Any) -> Any:
        """Return an array of this shape for the places of the elements."""
        return shape_only(self.shape, np.dtype(np.int64))

    argpartition = argsort

    def ravel(self, order: Any = "C") -> Any:
        """Return the array in one dimension."""
        return self.reshape(-1)

    flatten = ravel

    def sort(self, *args: Any, **options: Any) -> None:
        """Do nothing: elements without values are in order."""

    def nonzero(self) -> Any:
        """Refuse: how many there are depends on the values."""
        refuse_values("nonzero")

    def __reduce__(self) -> Any:
        return shape_only, (self.shape, self.dtype)


def shape_only(shape: Any, dtype: np.dtype[Any]) -> Any:
    """Return an array without elements of the given shape and dtype."""
    return np.ndarray.__new__(MetaArray, shape, dtype, bytearray(dtype.itemsize), 0, (0,) * len(shape))


def without_elements(array: Array) -> Any:
    """Return an array as one that has only a shape and a dtype."""
    return array if type(array) is MetaArray else shape_only(array.shape, array.dtype)


def refuse_values(operation: str) -> None:
    """Raise the error for what can't be answered without values."""
    raise NotImplementedError(
        f"aten::{operation}: attempted to run this operator with Meta tensors, but there was no fake impl or Meta "
        "kernel registered: its result depends on values, and a meta tensor has none."
    )


def _plain(value: Any) -> Any:
    return value.view(np.ndarray) if isinstance(value, MetaArray) else value


def _forget(result: Any) -> Any:
    """Return what was computed without its values; what is a view of something without values stays one."""
    if isinstance(result, tuple | list):
        return type(result)(map(_forget, result))
    if not isinstance(result, np.ndarray) or (type(result) is MetaArray and not any(result.strides)):
        return result
    return shape_only(result.shape, result.dtype)


def _is_mask(part: Any) -> bool:
    return isinstance(part, MetaArray) and part.dtype == bool and part.ndim > 0


def _sample(value: Any) -> Any:
    """Return one element in the place of an array, as an array of one dimension if it has any."""
    if not isinstance(value, np.ndarray):
        return value
    element = np.zeros((1,) if value.ndim else (), value.dtype)
    if value.size:
        element[...] = _plain(value).flat[0]
    return element


def _filled(shape: Any, value: Array) -> Any:
    """Return an array without elements of its own that shows one value everywhere."""
    made = shape_only(shape, value.dtype)
    if made.size:
        _plain(made)[(0,) * made.ndim] = np.ravel(value)[0]
    return made


# ------------------------------------------------------------------ the shape of a result


def _reduced_shape(shape: Any, *more: Any, axis: Any = 0, keepdims: bool = False, **options: Any) -> Any:
    over = range(len(shape)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    gone = {d % len(shape) for d in over} if shape else set()
    if keepdims:
        return tuple([1 if d in gone else n for d, n in enumerate(shape)])
    return tuple([n for d, n in enumerate(shape) if d not in gone])


_RESULT_SHAPES: dict[str, Callable[..., Any]] = {
    "__call__": lambda *shapes, **options: np.broadcast_shapes(*shapes),
    "reduce": _reduced_shape,
    "accumulate": lambda shape, *axis, **options: shape,
    "outer": lambda a, b, **options: a + b,
}


def _product_shape(a: Any, b: Any) -> Any:
    """Return the shape of ``a @ b``; ``ValueError`` if there is no such product."""
    rows, columns = (1, *a) if len(a) == 1 else a, (*b, 1) if len(b) == 1 else b
    if rows[-1] != columns[-2]:
        raise ValueError(f"matmul: the inner lengths of {a} and {b} differ")
    stack = np.broadcast_shapes(rows[:-2], columns[:-2])
    return (*stack, *(rows[-2:-1] if len(a) > 1 else ()), *(columns[-1:] if len(b) > 1 else ()))


def _concatenate(arrays: Any, axis: Any = 0, *args: Any, **options: Any) -> Any:
    shape = list(arrays[0].shape)
    shape[axis] = sum(array.shape[axis] for array in arrays)
    return shape_only(shape, np.result_type(*arrays))


def _where(condition: Any, *choices: Any) -> Any:
    if not choices:
        refuse_values("nonzero")
    shape = np.broadcast_shapes(np.shape(condition), *map(np.shape, choices))
    return shape_only(shape, np.result_type(*map(_sample, choices)))


def _dot(a: Any, b: Any, out: Any = None) -> Any:
    left, right = np.shape(a), np.shape(b)
    summed = right[-2:-1] if len(right) > 1 else right
    if left and right and left[-1:] != summed:
        raise ValueError(f"dot: the inner lengths of {left} and {right} differ")
    shape = left[:-1] + right[:-2] + (right[-1:] if len(right) > 1 else ()) if left and right else left + right
    return shape_only(shape, np.result_type(_sample(a), _sample(b)))


def _einsum(equation: str, *operands: Any, **options: Any) -> Any:
    if "..." in equation or "->" not in equation:
        return _forget(np.einsum(equation, *map(_plain, operands)))
    inputs, output = equation.replace(" ", "").split("->")
    sizes = {letter: n for part, a in zip(inputs.split(","), operands, strict=True) for letter, n in zip(part, a.shape)}  # noqa: B905
    return shape_only([sizes[letter] for letter in output], np.result_type(*operands))


def _empty_like(prototype: Any, dtype: Any = None, *args: Any, shape: Any = None, **options: Any) -> Any:
    return shape_only(np.shape(prototype) if shape is None else shape, np.dtype(dtype or prototype.dtype))


def _copyto(target: Any, source: Any, *args: Any, **options: Any) -> None:
    if np.broadcast_shapes(target.shape, np.shape(source)) != target.shape:
        raise ValueError(f"an array of the shape {np.shape(source)} can't be written into one of {target.shape}")


def _tile(array: Any, repeats: Any) -> Any:
    times = (repeats,) if isinstance(repeats, int) else tuple(repeats)
    ndim = max(len(times), np.ndim(array))
    lengths = ((1,) * (ndim - len(n)) + tuple(n) for n in (np.shape(array), times))
    return shape_only([math.prod(pair) for pair in zip(*lengths, strict=True)], array.dtype)


_ANSWERS: dict[str, Callable[..., Any]] = {
    "concatenate": _concatenate,
    "where": _where,
    "dot": _dot,
    "einsum": _einsum,
    "empty_like": _empty_like,
    "copyto": _copyto,
    "tile": _tile,
    "take_along_axis": lambda array, indices, axis: shape_only(indices.shape, array.dtype),
    "partition": lambda array, *args, axis=-1, **options: array if axis is not None else array.reshape(-1),
    "roll": lambda array, *args, **options: without_elements(array),
    "tril": lambda array, k=0: without_elements(array),
    "triu": lambda array, k=0: without_elements(array),
    "argwhere": lambda array: refuse_values("nonzero"),
    "nonzero": lambda array: refuse_values("nonzero"),
    "unique": lambda *args, **options: refuse_values("_unique2"),
    "bincount": lambda *args, **options: refuse_values("bincount"),
    "array_equal": lambda *args, **options: refuse_values("equal"),
}
