"""What operations return that have several results: tuples whose parts have names."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from .tensor import Tensor


class _Printed:
    """The text of a named tuple, a part a line."""

    __slots__ = ()

    def __repr__(self) -> str:
        parts = self._asdict().items()  # type: ignore[attr-defined]
        return f"torch.return_types.{type(self).__name__}(\n" + ",\n".join(f"{k}={v!r}" for k, v in parts) + ")"


class _Chosen(NamedTuple):
    values: Tensor
    indices: Tensor


class _Extent(NamedTuple):
    min: Tensor
    max: Tensor


class _Singular(NamedTuple):
    U: Tensor
    S: Tensor
    Vh: Tensor


class _Eigen(NamedTuple):
    eigenvalues: Tensor
    eigenvectors: Tensor


class max(_Printed, _Chosen):  # noqa: N801 - PyTorch's names, here and below
    """The largest elements over a dimension, and where each of them is."""


class min(_Printed, _Chosen):  # noqa: N801
    """The smallest elements over a dimension, and where each of them is."""


class median(_Printed, _Chosen):  # noqa: N801
    """The medians over a dimension, and where each of them is."""


class mode(_Printed, _Chosen):  # noqa: N801
    """The commonest elements over a dimension, and where the last of each is."""


class kthvalue(_Printed, _Chosen):  # noqa: N801
    """The ``k``-th smallest elements over a dimension, and where each of them is."""


class sort(_Printed, _Chosen):  # noqa: N801
    """The elements in order, and where each of them was."""


class topk(_Printed, _Chosen):  # noqa: N801
    """The ``k`` largest or smallest elements over a dimension, and where each of them is."""


class aminmax(_Printed, _Extent):  # noqa: N801
    """The smallest and the largest elements."""


class linalg_svd(_Printed, _Singular):  # noqa: N801
    """The factors of a matrix: ``U``, the singular values ``S``, and ``V`` transposed."""


class linalg_eigh(_Printed, _Eigen):  # noqa: N801
    """The eigenvalues of a symmetric matrix, and its eigenvectors, which are columns."""
