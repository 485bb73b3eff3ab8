"""Shapes, parts and products as methods; the other operations are in ``table.py``."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from .. import autograd, ops
from ..dtypes import CPU
from ..tensor import Tensor
from .inplace import in_place
from .storage import UntypedStorage


def _of_itself(operation: Callable[..., Tensor], variant: int) -> Callable[..., Any]:
    """Return the method that gives a tensor another shape for good: ``squeeze`` becomes ``squeeze_``.

    ``variant`` is by how much the number in the node's name is larger than that of the view's.
    """

    def method(self: Any, *args: Any, **options: Any) -> Any:
        if autograd.mode.enabled and self.requires_grad and self.is_leaf:
            raise RuntimeError(
                "a leaf Variable that requires grad is being used in an in-place operation. Use the view instead: "
                f"x = x.{operation.__name__}(...)."
            )
        before = self._beside(self._array)  # a tensor that stands where this one stood in the graph
        before._requires_grad, before._node = self._requires_grad, self._node
        result = operation(before, *args, **options)
        self._array = result._array
        self._bump()
        if result._node is not None:
            result._node.variant += variant
            self._node = result._node
        return self

    method.__name__ = f"{operation.__name__}_"
    method.__qualname__ = f"Tensor.{method.__name__}"
    method.__doc__ = f"Do what ``{operation.__name__}`` does to the tensor itself: {operation.__doc__}"
    return method


class ShapeMethods:
    """The operations that rearrange, take parts, or multiply matrices, by name."""

    # another shape
    reshape = ops.reshape_method
    reshape_as = ops.reshape_as
    view = ops.view
    view_as = ops.view_as
    flatten = ops.flatten
    ravel = ops.ravel
    unflatten = ops.unflatten
    squeeze = ops.squeeze
    unsqueeze = ops.unsqueeze
    expand = ops.expand
    expand_as = ops.expand_as
    broadcast_to = ops.expand

    squeeze_ = _of_itself(ops.squeeze, 3)
    unsqueeze_ = _of_itself(ops.unsqueeze, 1)

    # another order
    permute = ops.permute_method
    transpose = ops.transpose
    swapaxes = ops.swapaxes
    swapdims = ops.swapdims
    t = ops.t
    movedim = ops.movedim
    moveaxis = ops.moveaxis
    flip = ops.flip_method
    fliplr = ops.fliplr
    flipud = ops.flipud
    roll = ops.roll
    rot90 = ops.rot90

    transpose_ = _of_itself(ops.transpose, 1)
    swapaxes_ = _of_itself(ops.swapaxes, 1)
    swapdims_ = _of_itself(ops.swapdims, 1)
    t_ = _of_itself(ops.t, 1)

    # copies and repetitions
    clone = ops.clone
    contiguous = ops.contiguous
    repeat = ops.repeat
    tile = ops.tile_method
    repeat_interleave = ops.repeat_interleave

    # parts
    narrow = ops.narrow
    select = ops.select
    unbind = ops.unbind

    def split(self: Any, split_size: Any, dim: int = 0) -> tuple[Tensor, ...]:
        """Return views of the parts along ``dim``: of one length (the last may be shorter), or of the given lengths."""
        return ops.split(self, split_size, dim)

    split_with_sizes = ops.split_with_sizes
    chunk = ops.chunk
    tensor_split = ops.tensor_split
    unfold = ops.unfold
    diagonal = ops.diagonal
    diag = ops.diag
    tril = ops.tril
    triu = ops.triu

    tril_ = in_place(ops.tril)
    triu_ = in_place(ops.triu)
    fill_diagonal_ = in_place(ops.fill_diagonal)

    # by index
    gather = ops.gather
    take = ops.take
    take_along_dim = ops.take_along_dim
    index_select = ops.index_select
    masked_select = ops.masked_select
    nonzero = ops.nonzero
    argwhere = ops.argwhere
    scatter = ops.scatter
    scatter_add = ops.scatter_add
    scatter_reduce = ops.scatter_reduce
    index_add = ops.index_add
    index_copy = ops.index_copy
    index_fill = ops.index_fill
    index_put = ops.index_put

    scatter_ = in_place(ops.scatter)
    scatter_add_ = in_place(ops.scatter_add)
    scatter_reduce_ = in_place(ops.scatter_reduce)
    index_add_ = in_place(ops.index_add)
    index_copy_ = in_place(ops.index_copy)
    index_fill_ = in_place(ops.index_fill)
    index_put_ = in_place(ops.index_put)

    # linear algebra
    matmul = ops.matmul
    mm = ops.mm
    bmm = ops.bmm
    mv = ops.mv
    dot = ops.dot
    inner = ops.inner
    outer = ops.outer
    ger = ops.ger
    addmm = ops.addmm
    addmv = ops.addmv
    addbmm = ops.addbmm
    baddbmm = ops.baddbmm
    trace = ops.trace
    det = ops.det
    inverse = ops.inv

    addmm_ = in_place(ops.addmm, reads_first=True)
    addmv_ = in_place(ops.addmv, reads_first=True)
    addbmm_ = in_place(ops.addbmm, reads_first=True)
    baddbmm_ = in_place(ops.baddbmm, reads_first=True)

    @property
    def T(self: Any) -> Tensor:  # noqa: N802 - PyTorch's name
        """The tensor with its dimensions reversed, as a view."""
        if self.ndim != 2:
            warnings.warn(_REVERSED if self.ndim else _IDENTITY.format("T"), UserWarning, stacklevel=2)
        return ops.permute(self, tuple(range(self.ndim)[::-1]))

    @property
    def mT(self: Any) -> Tensor:  # noqa: N802 - PyTorch's name
        """The tensor with its last two dimensions swapped, as a view."""
        if self.ndim == 0:
            warnings.warn(_IDENTITY.format("mT"), UserWarning, stacklevel=2)
            return self  # type: ignore[no-any-return]
        if self.ndim < 2:
            raise RuntimeError(
                f"tensor.mT is only supported on matrices or batches of matrices. Got {self.ndim}-D tensor."
            )
        return ops.transpose(self, -2, -1)

    @property
    def H(self: Any) -> Tensor:  # noqa: N802 - PyTorch's name
        """The transpose of a matrix, as a view; paramlab has no complex numbers to conjugate."""
        if self.ndim not in (0, 2):
            raise RuntimeError(f"tensor.H is only supported on matrices (2-D tensors). Got {self.ndim}-D tensor.")
        if self.ndim == 0:
            warnings.warn(_IDENTITY.format("H"), UserWarning, stacklevel=2)
            return self  # type: ignore[no-any-return]
        return ops.transpose(self, 0, 1)

    # ------------------------------------------------------------------ memory

    @property
    def is_cpu(self: Any) -> bool:
        """Whether the tensor lives in host memory."""
        return self._device is CPU

    @property
    def is_cuda(self: Any) -> bool:
        """False: paramlab knows no GPU."""
        return False

    def get_device(self: Any) -> int:
        """Return the index of the tensor's device; -1 for host memory and for ``meta``."""
        index = self._device.index
        return -1 if index is None else int(index)

    def storage_offset(self: Any) -> int:
        """Return how many elements lie in memory before the first one."""
        return UntypedStorage(self).offset_of(self)

    def untyped_storage(self: Any) -> UntypedStorage:
        """Return the memory that the tensor and its views share."""
        return UntypedStorage(self)

    @property
    def itemsize(self: Any) -> int:
        """The size of one element, in bytes."""
        size: int = self._array.itemsize
        return size

    @property
    def nbytes(self: Any) -> int:
        """The size of all elements, in bytes."""
        size: int = self._array.nbytes
        return size


_IDENTITY = "Tensor.{} is deprecated on 0-D tensors. This function is the identity in these cases."
_REVERSED = (
    "The use of `x.T` on tensors of dimension other than 2 to reverse their shape is deprecated and it will throw an "
    "error in a future release. Consider `x.mT` to transpose batches of matrices or "
    "`x.permute(*torch.arange(x.ndim - 1, -1, -1))` to reverse the dimensions of a tensor."
)
