"""Products of vectors, matrices and stacks of them. All of them hand BLAS the largest matrices there are."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np

from ..autograd import Array, Operation, unbroadcast
from ..tensor import Tensor, apply
from .arguments import need_tensors, not_a_tensor
from .complaints import explained
from .operands import Number, axis, c_name, check_broadcast
from .order import transpose
from .out import write
from .pointwise import mul
from .reduce import vector_norm
from .shape import UnsafeView, expand, reshape

Grads = tuple[Array | None, ...]


class Matmul(Operation):
    """``a @ b`` for matrices and stacks of them; ``a`` gets ``grad @ bᵀ``, ``b`` gets ``aᵀ @ grad``."""

    uses = ((1,), (0,))

    def forward(self, a: Array, b: Array) -> Array:
        self.saved = a, b
        product: Array = np.matmul(a, b)
        return product

    def backward(self, grad: Array) -> Grads:
        """Return the gradients of ``a`` and of ``b``, each of its own shape; None where none is asked for."""
        a, b = self.saved
        to_a = unbroadcast(grad @ b.swapaxes(-1, -2), a.shape) if self.needs[0] else None
        to_b = unbroadcast(a.swapaxes(-1, -2) @ grad, b.shape) if self.needs[1] else None
        return to_a, to_b


class Mm(Matmul):
    """``a @ b`` for two matrices."""


class Bmm(Matmul):
    """``a @ b`` for two stacks of matrices."""


class BroadcastBmm(Matmul):
    """``a @ b`` for stacks of matrices, which broadcast."""

    def name(self) -> str:
        """PyTorch goes through a shape of its own, and names the node after the way back from there."""
        return "UnsafeViewBackward0"


class RowTimes(UnsafeView):
    """What a row times matrices is without the row's dimension."""

    def name(self) -> str:
        """PyTorch squeezes the product in place."""
        return "SqueezeBackward4"


class Mv(Operation):
    """A matrix times a vector."""

    uses = ((1,), (0,))

    def forward(self, a: Array, v: Array) -> Array:
        self.saved = a, v
        return np.asarray(np.matmul(a, v))

    def backward(self, grad: Array) -> Grads:
        a, v = self.saved
        to_a = grad[..., None] * v if self.needs[0] else None
        to_v = np.tensordot(grad, a, axes=grad.ndim) if self.needs[1] else None
        return to_a, to_v


class Dot(Operation):
    """The sum of the products of two vectors."""

    uses = ((1,), (0,))

    def forward(self, a: Array, b: Array) -> Array:
        self.saved = a, b
        return np.asarray(np.dot(a, b))

    def backward(self, grad: Array) -> Grads:
        a, b = self.saved
        return (grad * b if self.needs[0] else None), (grad * a if self.needs[1] else None)


class Addmm(Operation):
    """``beta * bias + alpha * (a @ b)`` in one step: what a linear layer computes."""

    uses = ((), (2,), (1,))

    def forward(self, bias: Array, a: Array, b: Array, beta: Number = 1, alpha: Number = 1) -> Array:
        self.saved, self.scale, self.shape = (a, b), (beta, alpha), bias.shape
        product: Array = np.matmul(a, b)
        if alpha != 1:
            product = (product * alpha).astype(product.dtype, copy=False)
        if beta != 0:  # what counts for nothing may be nan or infinite
            # a fraction times whole numbers is cut off, as in PyTorch
            product += bias if beta == 1 else (bias * beta).astype(bias.dtype, copy=False)
        return product

    def backward(self, grad: Array) -> Grads:
        a, b = self.saved
        beta, alpha = self.scale
        inner = grad if alpha == 1 else grad * alpha
        to_bias = unbroadcast(grad if beta == 1 else grad * beta, self.shape) if self.needs[0] else None
        return (
            to_bias,
            inner @ b.swapaxes(-1, -2) if self.needs[1] else None,
            a.swapaxes(-1, -2) @ inner if self.needs[2] else None,
        )


class Baddbmm(Addmm):
    """``beta * bias + alpha * (a @ b)`` for stacks of matrices."""


class Addmv(Addmm):
    """``beta * bias + alpha * (a @ v)`` for a matrix and a vector."""

    def backward(self, grad: Array) -> Grads:
        a, v = self.saved
        beta, alpha = self.scale
        inner = grad if alpha == 1 else grad * alpha
        to_bias = unbroadcast(grad if beta == 1 else grad * beta, self.shape)
        return to_bias, np.multiply.outer(inner, v), inner @ a


class Cdist(Operation):
    """Euclidean distances between the rows of two matrices; the gradient at a distance of 0 is 0.

    From ``|a - b|² = |a|² + |b|² - 2ab`` where there are many rows: one matrix product instead of all
    differences, at the price of rounding for rows that are close.
    """

    many: ClassVar[int] = 25  # from where on PyTorch does the same

    def forward(self, a: Array, b: Array) -> Array:
        distance: Array
        if max(a.shape[-2], b.shape[-2]) > self.many:
            squares = (a * a).sum(-1)[..., :, None] + (b * b).sum(-1)[..., None, :] - 2 * (a @ b.swapaxes(-1, -2))
            distance = np.sqrt(np.maximum(squares, 0))
        else:
            difference = a[..., :, None, :] - b[..., None, :, :]
            distance = np.asanyarray(np.sqrt((difference * difference).sum(-1)))
        self.saved = a, b, distance
        return distance

    def backward(self, grad: Array) -> Grads:
        a, b, distance = self.saved
        pull = np.where(distance == 0, 0, grad / np.where(distance == 0, 1, distance)).astype(grad.dtype, copy=False)
        back = pull.swapaxes(-1, -2)
        return (
            unbroadcast(pull.sum(-1)[..., None] * a - pull @ b, a.shape),
            unbroadcast(back.sum(-1)[..., None] * b - back @ a, b.shape),
        )


# ------------------------------------------------------------------ functions


def matmul(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Return ``input @ other``: dot product, matrix times vector, matrices, or stacks that broadcast."""
    if out is not None:
        return write("matmul", matmul(input, other), out, exact=True)
    if not isinstance(input, Tensor):
        raise not_a_tensor("matmul", input)
    if not isinstance(other, Tensor):
        raise TypeError(f"matmul(): argument 'other' (position 1) must be Tensor, not {type(other).__name__}")
    a, b = input._array.shape, other._array.shape
    if input._array.dtype == bool:
        raise NotImplementedError("\"addmm_impl_cpu_\" not implemented for 'Bool'. Convert it first: x.float().")
    if not a or not b:
        raise RuntimeError(f"both arguments to matmul need to be at least 1D, but they are {len(a)}D and {len(b)}D")
    _same_dtype(input, other, len(a), len(b))
    if len(a) == len(b) == 1:
        if a != b:
            raise RuntimeError(
                f"inconsistent tensor size, expected tensor [{a[0]}] and src [{b[0]}] to have the same number of "
                f"elements, but got {a[0]} and {b[0]} elements respectively"
            )
        return apply(Dot, input, other)
    if len(b) == 1:
        if a[-1] != b[0]:
            rows = math.prod(a[:-1])
            raise RuntimeError(f"size mismatch, got input ({rows}), mat ({rows}x{a[-1]}), vec ({b[0]})")
        return apply(Mv, input, other) if len(a) == 2 else _rows_times(Mv, input, other)
    if len(a) == 1:
        product = matmul(input.unsqueeze(0), other)
        return apply(RowTimes if len(b) == 2 else UnsafeView, product, shape=(*b[:-2], b[-1]))
    if a[-1] != b[-2]:
        _refuse_shapes(a, b)
    if len(b) == 2:
        return apply(Mm, input, other) if len(a) == 2 else _rows_times(Mm, input, other)
    try:
        return apply(BroadcastBmm, input, other)
    except ValueError:
        check_broadcast(a[:-2], b[:-2])
        raise


def _rows_times(operation: type[Operation], input: Tensor, other: Tensor) -> Tensor:
    """Multiply a stack of matrices by one matrix or vector: as one large product of all the rows."""
    rows = reshape(input, (math.prod(input.shape[:-1]), input.shape[-1]))
    return apply(UnsafeView, apply(operation, rows, other), shape=(*input.shape[:-1], *other.shape[1:]))


def mm(input: Tensor, mat2: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Return the product of two matrices; ``RuntimeError`` for anything else."""
    if out is not None:
        return write("mm", mm(input, mat2), out, exact=True)
    need_tensors("mm", input=input, mat2=mat2)
    for name, matrix in (("self", input), ("mat2", mat2)):
        if matrix.ndim != 2:
            raise RuntimeError(f"{name} must be a matrix")
    return matmul(input, mat2)


def bmm(input: Tensor, mat2: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Return the products of two stacks of matrices, ``(B, N, M)`` and ``(B, M, P)``; they do not broadcast."""
    if out is not None:
        return write("bmm", bmm(input, mat2), out, exact=True)
    need_tensors("bmm", input=input, mat2=mat2)
    _check_stacks(input, mat2)
    return apply(Bmm, input, mat2)


def mv(input: Tensor, vec: Tensor) -> Tensor:
    """Return the product of a matrix and a vector."""
    need_tensors("mv", input=input, vec=vec)
    if input.ndim != 2 or vec.ndim != 1:
        raise RuntimeError(f"vector + matrix @ vector expected, got 1, {input.ndim}, {vec.ndim}")
    return matmul(input, vec)


def dot(input: Tensor, tensor: Tensor) -> Tensor:
    """Return the sum of the products of two vectors; ``RuntimeError`` for anything else."""
    need_tensors("dot", input=input, tensor=tensor)
    if input.ndim != 1 or tensor.ndim != 1:
        raise RuntimeError(f"1D tensors expected, but got {input.ndim}D and {tensor.ndim}D tensors")
    return matmul(input, tensor)


def inner(input: Tensor, other: Tensor) -> Tensor:
    """Return the sums of products over the last dimension of both: ``(*A, N)`` and ``(*B, N)`` give ``(*A, *B)``."""
    need_tensors("inner", input=input, other=other)
    if input.ndim == 0 or other.ndim == 0:
        return mul(input, other)
    if input.shape[-1] != other.shape[-1]:
        raise RuntimeError(
            "inner() the last dimension must match on both input tensors but got shapes "
            f"{list(input.shape)} and {list(other.shape)}"
        )
    return tensordot(input, other, ([-1], [-1]))


def outer(input: Tensor, vec2: Tensor) -> Tensor:
    """Return all products of the elements of two vectors, ``(N,)`` and ``(M,)`` give ``(N, M)``."""
    need_tensors("outer", input=input, vec2=vec2)
    for name, vector in (("self", input), ("vec2", vec2)):
        if vector.ndim != 1:
            raise RuntimeError(f"outer: Expected 1-D argument {name}, but got {vector.ndim}-D")
    return mul(input.unsqueeze(1), vec2)


def ger(input: Tensor, vec2: Tensor) -> Tensor:
    """Return all products of the elements of two vectors; an older name of ``outer``."""
    return outer(input, vec2)


def tensordot(a: Tensor, b: Tensor, dims: Any = 2) -> Tensor:
    """Return the sums of products over ``dims``: the last of ``a`` with the first of ``b``, or two lists of them."""
    if isinstance(dims, int):
        if dims < 0:
            raise RuntimeError(f"tensordot expects dims >= 0, but got dims={dims}")
        if dims > min(a.ndim, b.ndim):
            raise RuntimeError(f"tensordot expects dims < ndim_a or ndim_b, but got dims={dims}")
        of_a, of_b = list(range(a.ndim - dims, a.ndim)), list(range(dims))
    else:
        of_a, of_b = ([n] if isinstance(n, int) else list(n) for n in dims)
        if len(of_a) != len(of_b):
            raise RuntimeError("both dimension lists should have same length")
        of_a, of_b = [axis(d, a.ndim) for d in of_a], [axis(d, b.ndim) for d in of_b]
    for d, e in zip(of_a, of_b, strict=True):
        if a.shape[d] != b.shape[e]:
            from_the_end = a.ndim if isinstance(dims, int) else 0
            raise RuntimeError(
                f"contracted dimensions need to match, but first has size {a.shape[d]} in dim {d - from_the_end} and "
                f"second has size {b.shape[e]} in dim {e}"
            )
    rest_a = [d for d in range(a.ndim) if d not in of_a]
    rest_b = [d for d in range(b.ndim) if d not in of_b]
    summed = math.prod([a.shape[d] for d in of_a])
    shape = [a.shape[d] for d in rest_a], [b.shape[d] for d in rest_b]
    left = a.permute([*rest_a, *of_a]).reshape(math.prod(shape[0]), summed)
    right = b.permute([*of_b, *rest_b]).reshape(summed, math.prod(shape[1]))
    return matmul(left, right).reshape([*shape[0], *shape[1]])


@explained
def cdist(x1: Tensor, x2: Tensor, p: float = 2.0) -> Tensor:
    """Return the distances between the rows, ``(*, P, M)`` and ``(*, R, M)`` give ``(*, P, R)``, in the ``p`` norm."""
    need_tensors("cdist", x1=x1, x2=x2)
    for name, rows in (("X1", x1), ("X2", x2)):
        if rows.ndim < 2:
            raise RuntimeError(f"cdist only supports at least 2D tensors, {name} got: {rows.ndim}D")
    if x1.shape[-1] != x2.shape[-1]:
        raise RuntimeError(f"X1 and X2 must have the same number of columns. X1: {x1.shape[-1]} X2: {x2.shape[-1]}")
    if p == 2:
        return apply(Cdist, x1, x2)
    return vector_norm(x1.unsqueeze(-2) - x2.unsqueeze(-3), p, -1)


# ------------------------------------------------------------------ a product added to something


@explained
def addmm(input: Any, mat1: Tensor, mat2: Tensor, *, beta: Number = 1, alpha: Number = 1) -> Tensor:
    """Return ``beta * input + alpha * (mat1 @ mat2)``; ``input`` broadcasts to the product's shape."""
    try:
        a, b, shape = mat1._array.shape, mat2._array.shape, input._array.shape
    except AttributeError:
        need_tensors("addmm", input=input, mat1=mat1, mat2=mat2)
        raise
    for name, matrix in (("mat1", a), ("mat2", b)):
        if len(matrix) != 2:
            raise RuntimeError(f"{name} must be a matrix, got {len(matrix)}-D tensor")
    if a[1] != b[0]:
        _refuse_shapes(a, b)
    for name, tensor in (("self", input), ("mat1", mat1)):
        if tensor._array.dtype != mat2._array.dtype:
            raise RuntimeError(
                f"{name} and mat2 must have the same dtype, but got {tensor.dtype.word} and {mat2.dtype.word}. "
                "Convert one of them, for example with .to(other.dtype)."
            )
    target = (a[0], b[1])
    if len(shape) > 2:
        expand(input, target)  # refuses in PyTorch's words
    if not _expands(shape, target):
        raise RuntimeError(
            f"The expanded size of the tensor ({target[-1]}) must match the existing size ({shape[-1]}) at "
            f"non-singleton dimension 1.  Target sizes: {list(target)}.  Tensor sizes: {list(shape)}"
        )
    return apply(Addmm, input, mat1, mat2, beta=beta, alpha=alpha)


@explained
def addmv(input: Tensor, mat: Tensor, vec: Tensor, *, beta: Number = 1, alpha: Number = 1) -> Tensor:
    """Return ``beta * input + alpha * (mat @ vec)``."""
    if mat.ndim != 2 or vec.ndim != 1 or input.ndim > 1:
        raise RuntimeError(f"vector + matrix @ vector expected, got {input.ndim}, {mat.ndim}, {vec.ndim}")
    if mat.shape[1] != vec.shape[0] or not _expands(input.shape, mat.shape[:1]):
        raise RuntimeError(
            f"size mismatch, got input ({input.numel()}), mat ({mat.shape[0]}x{mat.shape[1]}), vec ({vec.shape[0]})"
        )
    _same_dtype(mat, vec, 2, 1)
    return apply(Addmv, input, mat, vec, beta=beta, alpha=alpha)


@explained
def baddbmm(input: Tensor, batch1: Tensor, batch2: Tensor, *, beta: Number = 1, alpha: Number = 1) -> Tensor:
    """Return ``beta * input + alpha * (batch1 @ batch2)`` for stacks of matrices; ``input`` broadcasts."""
    _check_stacks(batch1, batch2)
    expand(input, (*batch1.shape[:2], batch2.shape[2]))  # refuses in PyTorch's words
    return apply(Baddbmm, input, batch1, batch2, beta=beta, alpha=alpha)


@explained
def addbmm(input: Tensor, batch1: Tensor, batch2: Tensor, *, beta: Number = 1, alpha: Number = 1) -> Tensor:
    """Return ``beta * input`` plus ``alpha`` times the sum of the products of two stacks of matrices."""
    _check_stacks(batch1, batch2)
    rows = reshape(transpose(batch1, 0, 1), (batch1.shape[1], -1))
    return addmm(input, rows, reshape(batch2, (-1, batch2.shape[2])), beta=beta, alpha=alpha)


# ------------------------------------------------------------------ checks


def _check_stacks(a: Tensor, b: Tensor) -> None:
    for name, stack in (("batch1", a), ("batch2", b)):
        if stack.ndim != 3:
            raise RuntimeError(f"{name} must be a 3D tensor")
    if a.dtype is not b.dtype:
        raise RuntimeError(f"expected scalar type {a.dtype.word} but found {b.dtype.word}")
    if (a.shape[0], a.shape[2]) != b.shape[:2]:
        raise RuntimeError(
            f"Expected size for first two dimensions of batch2 tensor to be: [{a.shape[0]}, {a.shape[2]}] but got: "
            f"[{b.shape[0]}, {b.shape[1]}]."
        )


def _expands(shape: tuple[int, ...], target: tuple[int, ...]) -> bool:
    return len(shape) <= len(target) and all(
        length in (1, wanted) for length, wanted in zip(reversed(shape), reversed(target), strict=False)
    )


def _refuse_shapes(a: tuple[int, ...], b: tuple[int, ...]) -> None:
    if len(b) == 2:
        rows = int(np.prod(a[:-1]))
        raise RuntimeError(
            f"mat1 and mat2 shapes cannot be multiplied ({rows}x{a[-1]} and {b[0]}x{b[1]}). The inner lengths must "
            f"agree: {a[-1]} is not {b[0]}."
        )
    raise RuntimeError(
        f"Expected size for first two dimensions of batch2 tensor to be: [{b[0]}, {a[-1]}] but got: [{b[0]}, {b[-2]}]."
    )


def _same_dtype(a: Tensor, b: Tensor, a_dims: int, b_dims: int) -> None:
    if a._array.dtype == b._array.dtype:
        return
    if a_dims == b_dims == 1:
        start = f"dot : expected both vectors to have same dtype, but found {a.dtype.word} and {b.dtype.word}"
    elif b_dims == 1:
        start = (
            f"addmv input tensors must have the same dtype, but got {b.dtype.word}, {a.dtype.word}, and {b.dtype.word}"
        )
    else:
        first, second = (c_name(t.dtype) for t in (a, b))
        start = f"expected m1 and m2 to have the same dtype, but got: {first} != {second}"
    raise RuntimeError(f"{start}. Convert one of them, for example with .to(other.dtype).")
