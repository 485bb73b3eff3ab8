"""What PyTorch calls ``torch.linalg``, as far as paramlab has it."""

from __future__ import annotations

from typing import Any

from .dtypes import dtype as DType
from .ops import det, eigh, inv, matmul, solve, svd, svdvals, vector_norm
from .ops import diagonal as _diagonal
from .ops.complaints import explained
from .ops.operands import axis
from .ops.solving import LinAlgError
from .tensor import Tensor


@explained
def norm(
    A: Tensor,  # noqa: N803 - PyTorch's name
    ord: Any = None,
    dim: Any = None,
    keepdim: bool = False,
    *,
    dtype: DType | None = None,
) -> Tensor:
    """Return the norm of a vector or a matrix; without ``ord`` and ``dim``, of all elements as one vector."""
    if isinstance(dim, tuple | list) and len(dim) not in (1, 2):
        raise RuntimeError(f"linalg.norm: If dim is specified, it must be of length 1 or 2. Got {list(dim)}")
    two = (isinstance(dim, tuple | list) and len(dim) == 2) or (dim is None and A.ndim == 2)
    if ord is not None and two:
        return matrix_norm(A, ord, (-2, -1) if dim is None else tuple(dim), keepdim, dtype=dtype)
    return vector_norm(A, 2 if ord is None else ord, dim, keepdim, dtype=dtype)


@explained
def matrix_norm(
    A: Tensor,  # noqa: N803 - PyTorch's name
    ord: Any = "fro",
    dim: tuple[int, ...] = (-2, -1),
    keepdim: bool = False,
    *,
    dtype: DType | None = None,
) -> Tensor:
    """Return the norm of the matrices in the dimensions ``dim``.

    ``"fro"`` is the root of the sum of squares; 1 the largest column sum and infinity the largest row sum of
    absolute values; 2 the largest singular value and ``"nuc"`` the sum of them. A negative ``ord`` is about
    the smallest. ``RuntimeError`` for another.
    """
    rows, columns = (axis(d, A.ndim) for d in dim)
    if isinstance(ord, str) and ord == "fro":
        return vector_norm(A, 2, dim, keepdim, dtype=dtype)
    if ord in (1, -1):
        values = vector_norm(A, 1, rows, dtype=dtype).movedim(columns - (rows < columns), -1)
    elif ord in (float("inf"), -float("inf")):
        values = vector_norm(A, 1, columns, dtype=dtype).movedim(rows - (columns < rows), -1)
    elif ord in (2, -2, "nuc"):
        values = svdvals(A.movedim((rows, columns), (-2, -1)))
    else:
        raise RuntimeError(f"linalg.matrix_norm: Order {ord} not supported.")
    norm = values.sum(-1) if ord == "nuc" else values.amax(-1) if ord > 0 else values.amin(-1)
    return norm.unsqueeze(min(rows, columns)).unsqueeze(max(rows, columns)) if keepdim else norm


def diagonal(A: Tensor, *, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Tensor:  # noqa: N803 - PyTorch's name
    """Return a view of a diagonal of the last two dimensions."""
    return _diagonal(A, offset, dim1, dim2)


__all__ = [
    "LinAlgError",
    "det",
    "diagonal",
    "eigh",
    "inv",
    "matmul",
    "matrix_norm",
    "norm",
    "solve",
    "svd",
    "svdvals",
    "vector_norm",
]
