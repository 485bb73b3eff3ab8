"""What a tensor can do, spelled as methods: each hands the work to the operation of the same name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import dtypes

if TYPE_CHECKING:
    from .tensor import Tensor

Number = int | float | bool


class Conversions:
    """The short spellings of ``to``. Kept apart: inside of this class ``float`` and ``int`` are methods."""

    def cpu(self: Any) -> Tensor:
        """Return the tensor in host memory."""
        return ops.to(self, self.dtype, dtypes.CPU)

    def float(self: Any) -> Tensor:
        """Return the tensor as ``float32``."""
        return ops.to(self, dtypes.float32, self._device)

    def double(self: Any) -> Tensor:
        """Return the tensor as ``float64``."""
        return ops.to(self, dtypes.float64, self._device)

    def half(self: Any) -> Tensor:
        """Return the tensor as ``float16``."""
        return ops.to(self, dtypes.float16, self._device)

    def long(self: Any) -> Tensor:
        """Return the tensor as ``int64``."""
        return ops.to(self, dtypes.int64, self._device)

    def int(self: Any) -> Tensor:
        """Return the tensor as ``int32``."""
        return ops.to(self, dtypes.int32, self._device)

    def bool(self: Any) -> Tensor:
        """Return the tensor as ``bool``."""
        return ops.to(self, dtypes.bool_, self._device)


class Methods:
    """The methods of a tensor that are operations; the tensor itself is in ``tensor.py``."""

    ndim: int
    _array: Any

    def __add__(self: Any, other: Any) -> Any:
        return ops.add(self, other) if ops.is_operand(other) else NotImplemented

    def __radd__(self: Any, other: Any) -> Any:
        return ops.add(self, other) if ops.is_operand(other) else NotImplemented

    def __sub__(self: Any, other: Any) -> Any:
        return ops.sub(self, other) if ops.is_operand(other) else NotImplemented

    def __rsub__(self: Any, other: Any) -> Any:
        return ops.rsub(self, other) if ops.is_operand(other) else NotImplemented

    def __mul__(self: Any, other: Any) -> Any:
        return ops.mul(self, other) if ops.is_operand(other) else NotImplemented

    def __rmul__(self: Any, other: Any) -> Any:
        return ops.mul(self, other) if ops.is_operand(other) else NotImplemented

    def __truediv__(self: Any, other: Any) -> Any:
        return ops.div(self, other) if ops.is_operand(other) else NotImplemented

    def __rtruediv__(self: Any, other: Any) -> Any:
        return ops.rdiv(self, other) if ops.is_operand(other) else NotImplemented

    def __pow__(self: Any, exponent: Any) -> Any:
        return ops.pow(self, exponent) if ops.is_operand(exponent) else NotImplemented

    def __rpow__(self: Any, base: Any) -> Any:
        return ops.rpow(self, base) if ops.is_operand(base) else NotImplemented

    def __matmul__(self: Any, other: Any) -> Any:
        is_tensor = isinstance(other, Methods)
        return ops.matmul(self, other) if is_tensor else NotImplemented

    def __neg__(self: Any) -> Tensor:
        return ops.neg(self)

    def __abs__(self: Any) -> Tensor:
        return ops.abs(self)

    def __eq__(self: Any, other: object) -> Any:
        return ops.eq(self, other) if ops.is_operand(other) else NotImplemented

    def __ne__(self: Any, other: object) -> Any:
        return ops.ne(self, other) if ops.is_operand(other) else NotImplemented

    def __lt__(self: Any, other: Any) -> Any:
        return ops.lt(self, other) if ops.is_operand(other) else NotImplemented

    def __le__(self: Any, other: Any) -> Any:
        return ops.le(self, other) if ops.is_operand(other) else NotImplemented

    def __gt__(self: Any, other: Any) -> Any:
        return ops.gt(self, other) if ops.is_operand(other) else NotImplemented

    def __ge__(self: Any, other: Any) -> Any:
        return ops.ge(self, other) if ops.is_operand(other) else NotImplemented

    def __invert__(self: Any) -> Tensor:
        return ops.bitwise_not(self)

    def __and__(self: Any, other: Any) -> Any:
        return ops.bitwise_and(self, other) if ops.is_operand(other) else NotImplemented

    def __or__(self: Any, other: Any) -> Any:
        return ops.bitwise_or(self, other) if ops.is_operand(other) else NotImplemented

    def add(self: Any, other: Any, *, alpha: Number = 1) -> Tensor:
        """Return ``self + alpha * other``."""
        return ops.add(self, other, alpha=alpha)

    def sub(self: Any, other: Any, *, alpha: Number = 1) -> Tensor:
        """Return ``self - alpha * other``."""
        return ops.sub(self, other, alpha=alpha)

    def mul(self: Any, other: Any) -> Tensor:
        """Return ``self * other``, element by element."""
        return ops.mul(self, other)

    def div(self: Any, other: Any) -> Tensor:
        """Return ``self / other``, element by element."""
        return ops.div(self, other)

    def pow(self: Any, exponent: Any) -> Tensor:
        """Return the elements to the power ``exponent``."""
        return ops.pow(self, exponent)

    def matmul(self: Any, other: Tensor) -> Tensor:
        """Return the matrix product ``self @ other``."""
        return ops.matmul(self, other)

    def mm(self: Any, mat2: Tensor) -> Tensor:
        """Return the product of two matrices."""
        return ops.mm(self, mat2)

    def addmm(self: Any, mat1: Tensor, mat2: Tensor, *, beta: Number = 1, alpha: Number = 1) -> Tensor:
        """Return ``beta * self + alpha * (mat1 @ mat2)``."""
        return ops.addmm(self, mat1, mat2, beta=beta, alpha=alpha)

    def neg(self: Any) -> Tensor:
        """Return ``-self``."""
        return ops.neg(self)

    def abs(self: Any) -> Tensor:
        """Return the absolute values."""
        return ops.abs(self)

    def exp(self: Any) -> Tensor:
        """Return e to the power of the elements."""
        return ops.exp(self)

    def log(self: Any) -> Tensor:
        """Return the natural logarithm."""
        return ops.log(self)

    def sqrt(self: Any) -> Tensor:
        """Return the square root."""
        return ops.sqrt(self)

    def square(self: Any) -> Tensor:
        """Return the squares."""
        return ops.square(self)

    def relu(self: Any) -> Tensor:
        """Return the elements, the negative ones as zero."""
        return ops.relu(self)

    def tanh(self: Any) -> Tensor:
        """Return the hyperbolic tangent."""
        return ops.tanh(self)

    def sigmoid(self: Any) -> Tensor:
        """Return ``1 / (1 + exp(-self))``."""
        return ops.sigmoid(self)

    def clamp(self: Any, min: Any = None, max: Any = None) -> Tensor:
        """Return the elements limited to ``[min, max]``."""
        return ops.clamp(self, min, max)

    def sum(self: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
        """Return the sum of all elements, or over ``dim``."""
        return ops.sum(self, dim, keepdim, dtype=dtype)

    def mean(self: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
        """Return the mean of all elements, or over ``dim``."""
        return ops.mean(self, dim, keepdim, dtype=dtype)

    def var(self: Any, dim: Any = None, unbiased: bool = True, keepdim: bool = False) -> Tensor:
        """Return the variance of all elements, or over ``dim``."""
        return ops.var(self, dim, unbiased, keepdim)

    def std(self: Any, dim: Any = None, unbiased: bool = True, keepdim: bool = False) -> Tensor:
        """Return the standard deviation of all elements, or over ``dim``."""
        return ops.std(self, dim, unbiased, keepdim)

    def max(self: Any, dim: int | None = None, keepdim: bool = False) -> Any:
        """Return the largest element, or over ``dim`` the largest ones and where they are."""
        return ops.max(self, dim, keepdim)

    def min(self: Any, dim: int | None = None, keepdim: bool = False) -> Any:
        """Return the smallest element, or over ``dim`` the smallest ones and where they are."""
        return ops.min(self, dim, keepdim)

    def argmax(self: Any, dim: int | None = None, keepdim: bool = False) -> Tensor:
        """Return the index of the largest element, over all or over ``dim``."""
        return ops.argmax(self, dim, keepdim)

    def argmin(self: Any, dim: int | None = None, keepdim: bool = False) -> Tensor:
        """Return the index of the smallest element, over all or over ``dim``."""
        return ops.argmin(self, dim, keepdim)

    def all(self: Any, dim: Any = None, keepdim: bool = False) -> Tensor:
        """Return whether all elements are true, in the whole tensor or over ``dim``."""
        return ops.all(self, dim, keepdim)

    def any(self: Any, dim: Any = None, keepdim: bool = False) -> Tensor:
        """Return whether any element is true, in the whole tensor or over ``dim``."""
        return ops.any(self, dim, keepdim)

    def softmax(self: Any, dim: int) -> Tensor:
        """Return the softmax over ``dim``."""
        return ops.softmax(self, dim)

    def log_softmax(self: Any, dim: int) -> Tensor:
        """Return the logarithm of the softmax over ``dim``."""
        return ops.log_softmax(self, dim)

    def logsumexp(self: Any, dim: Any, keepdim: bool = False) -> Tensor:
        """Return the logarithm of the sum of exponentials over ``dim``."""
        return ops.logsumexp(self, dim, keepdim)

    def reshape(self: Any, *shape: Any) -> Tensor:
        """Return the elements in another shape, as a view where that can be."""
        return ops.reshape(self, *shape)

    def view(self: Any, *shape: Any) -> Tensor:
        """Return a view in another shape; ``RuntimeError`` where that needs a copy."""
        return ops.view(self, *shape)

    def flatten(self: Any, start_dim: int = 0, end_dim: int = -1) -> Tensor:
        """Return the dimensions from ``start_dim`` to ``end_dim`` joined into one."""
        return ops.flatten(self, start_dim, end_dim)

    def transpose(self: Any, dim0: int, dim1: int) -> Tensor:
        """Return a view with two dimensions swapped."""
        return ops.transpose(self, dim0, dim1)

    def t(self: Any) -> Tensor:
        """Return the transpose of a matrix, as a view."""
        return ops.t(self)

    def permute(self: Any, *dims: Any) -> Tensor:
        """Return a view with the dimensions in another order."""
        return ops.permute(self, *dims)

    def squeeze(self: Any, dim: Any = None) -> Tensor:
        """Return a view without the dimensions of length 1, or without ``dim``."""
        return ops.squeeze(self, dim)

    def unsqueeze(self: Any, dim: int) -> Tensor:
        """Return a view with a dimension of length 1 inserted."""
        return ops.unsqueeze(self, dim)

    def expand(self: Any, *sizes: Any) -> Tensor:
        """Return a view in which dimensions of length 1 are repeated."""
        return ops.expand(self, *sizes)

    def masked_fill(self: Any, mask: Tensor, value: Any) -> Tensor:
        """Return the elements, those under ``mask`` replaced by ``value``."""
        return ops.masked_fill(self, mask, value)

    def gather(self: Any, dim: int, index: Tensor) -> Tensor:
        """Return the elements that ``index`` names along ``dim``."""
        return ops.gather(self, dim, index)

    def eq(self: Any, other: Any) -> Tensor:
        """Return where the elements equal ``other``."""
        return ops.eq(self, other)

    def ne(self: Any, other: Any) -> Tensor:
        """Return where the elements differ from ``other``."""
        return ops.ne(self, other)

    def lt(self: Any, other: Any) -> Tensor:
        """Return where the elements are less than ``other``."""
        return ops.lt(self, other)

    def le(self: Any, other: Any) -> Tensor:
        """Return where the elements are at most ``other``."""
        return ops.le(self, other)

    def gt(self: Any, other: Any) -> Tensor:
        """Return where the elements are greater than ``other``."""
        return ops.gt(self, other)

    def ge(self: Any, other: Any) -> Tensor:
        """Return where the elements are at least ``other``."""
        return ops.ge(self, other)

    def equal(self: Any, other: Tensor) -> Any:
        """Return whether ``other`` has the same shape and the same elements."""
        return ops.equal(self, other)

    @property
    def T(self: Any) -> Tensor:  # noqa: N802 - PyTorch's name
        """The tensor with its dimensions reversed, as a view."""
        return ops.permute(self, tuple(range(self.ndim)[::-1]))

    @property
    def mT(self: Any) -> Tensor:  # noqa: N802 - PyTorch's name
        """The tensor with its last two dimensions swapped, as a view."""
        return ops.transpose(self, -2, -1)


from . import ops  # noqa: E402 - operations are written in terms of Tensor, and its methods in terms of them
