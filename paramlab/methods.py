"""What a tensor can do, spelled as methods: each hands the work to the operation of the same name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import types

if TYPE_CHECKING:
    from .tensor import Tensor

Number = int | float | bool


class Conversions:
    """The short spellings of ``to``. Kept apart: inside of this class ``float`` and ``int`` are methods."""

    to: Any

    def cpu(self) -> Tensor:
        """Return the tensor in host memory."""
        return self.to(types.CPU)

    def float(self) -> Tensor:
        """Return the tensor as ``float32``."""
        return self.to(types.float32)

    def double(self) -> Tensor:
        """Return the tensor as ``float64``."""
        return self.to(types.float64)

    def half(self) -> Tensor:
        """Return the tensor as ``float16``."""
        return self.to(types.float16)

    def long(self) -> Tensor:
        """Return the tensor as ``int64``."""
        return self.to(types.int64)

    def int(self) -> Tensor:
        """Return the tensor as ``int32``."""
        return self.to(types.int32)

    def bool(self) -> Tensor:
        """Return the tensor as ``bool``."""
        return self.to(types.bool_)


class Methods:
    """The methods of a tensor that are operations; the tensor itself is in ``tensor.py``."""

    ndim: int
    _array: Any

    def __add__(self, other: Any) -> Tensor:
        return ops.add(self, other)

    def __radd__(self, other: Any) -> Tensor:
        return ops.add(self, other)

    def __sub__(self, other: Any) -> Tensor:
        return ops.sub(self, other)

    def __rsub__(self, other: Any) -> Tensor:
        return ops.rsub(self, other)

    def __mul__(self, other: Any) -> Tensor:
        return ops.mul(self, other)

    def __rmul__(self, other: Any) -> Tensor:
        return ops.mul(self, other)

    def __truediv__(self, other: Any) -> Tensor:
        return ops.div(self, other)

    def __rtruediv__(self, other: Any) -> Tensor:
        return ops.rdiv(self, other)

    def __pow__(self, exponent: Any) -> Tensor:
        return ops.pow(self, exponent)

    def __rpow__(self, base: Any) -> Tensor:
        return ops.rpow(self, base)

    def __matmul__(self, other: Tensor) -> Tensor:
        return ops.matmul(self, other)

    def __neg__(self) -> Tensor:
        return ops.neg(self)

    def __abs__(self) -> Tensor:
        return ops.abs(self)

    def __eq__(self, other: object) -> Tensor:  # type: ignore[override]
        return ops.eq(self, other)

    def __ne__(self, other: object) -> Tensor:  # type: ignore[override]
        return ops.ne(self, other)

    def __lt__(self, other: Any) -> Tensor:
        return ops.lt(self, other)

    def __le__(self, other: Any) -> Tensor:
        return ops.le(self, other)

    def __gt__(self, other: Any) -> Tensor:
        return ops.gt(self, other)

    def __ge__(self, other: Any) -> Tensor:
        return ops.ge(self, other)

    def __invert__(self) -> Tensor:
        return ops.logical_not(self)

    def __and__(self, other: Any) -> Tensor:
        return ops.bitwise_and(self, other)

    def __or__(self, other: Any) -> Tensor:
        return ops.bitwise_or(self, other)

    def add(self, other: Any, *, alpha: Number = 1) -> Tensor:
        """Return ``self + alpha * other``."""
        return ops.add(self, other, alpha=alpha)

    def sub(self, other: Any, *, alpha: Number = 1) -> Tensor:
        """Return ``self - alpha * other``."""
        return ops.sub(self, other, alpha=alpha)

    def mul(self, other: Any) -> Tensor:
        """Return ``self * other``, element by element."""
        return ops.mul(self, other)

    def div(self, other: Any) -> Tensor:
        """Return ``self / other``, element by element."""
        return ops.div(self, other)

    def pow(self, exponent: Any) -> Tensor:
        """Return the elements to the power ``exponent``."""
        return ops.pow(self, exponent)

    def matmul(self, other: Tensor) -> Tensor:
        """Return the matrix product ``self @ other``."""
        return ops.matmul(self, other)

    def mm(self, mat2: Tensor) -> Tensor:
        """Return the product of two matrices."""
        return ops.mm(self, mat2)

    def addmm(self, mat1: Tensor, mat2: Tensor, *, beta: Number = 1, alpha: Number = 1) -> Tensor:
        """Return ``beta * self + alpha * (mat1 @ mat2)``."""
        return ops.addmm(self, mat1, mat2, beta=beta, alpha=alpha)

    def neg(self) -> Tensor:
        """Return ``-self``."""
        return ops.neg(self)

    def abs(self) -> Tensor:
        """Return the absolute values."""
        return ops.abs(self)

    def exp(self) -> Tensor:
        """Return e to the power of the elements."""
        return ops.exp(self)

    def log(self) -> Tensor:
        """Return the natural logarithm."""
        return ops.log(self)

    def sqrt(self) -> Tensor:
        """Return the square root."""
        return ops.sqrt(self)

    def square(self) -> Tensor:
        """Return the squares."""
        return ops.square(self)

    def relu(self) -> Tensor:
        """Return the elements, the negative ones as zero."""
        return ops.relu(self)

    def tanh(self) -> Tensor:
        """Return the hyperbolic tangent."""
        return ops.tanh(self)

    def sigmoid(self) -> Tensor:
        """Return ``1 / (1 + exp(-self))``."""
        return ops.sigmoid(self)

    def clamp(self, min: Any = None, max: Any = None) -> Tensor:
        """Return the elements limited to ``[min, max]``."""
        return ops.clamp(self, min, max)

    def sum(self, dim: Any = None, keepdim: bool = False) -> Tensor:
        """Return the sum of all elements, or over ``dim``."""
        return ops.sum(self, dim, keepdim)

    def mean(self, dim: Any = None, keepdim: bool = False) -> Tensor:
        """Return the mean of all elements, or over ``dim``."""
        return ops.mean(self, dim, keepdim)

    def var(self, dim: Any = None, unbiased: bool = True, keepdim: bool = False) -> Tensor:
        """Return the variance of all elements, or over ``dim``."""
        return ops.var(self, dim, unbiased, keepdim)

    def std(self, dim: Any = None, unbiased: bool = True, keepdim: bool = False) -> Tensor:
        """Return the standard deviation of all elements, or over ``dim``."""
        return ops.std(self, dim, unbiased, keepdim)

    def max(self, dim: int | None = None, keepdim: bool = False) -> Any:
        """Return the largest element, or over ``dim`` the largest ones and where they are."""
        return ops.max(self, dim, keepdim)

    def min(self, dim: int | None = None, keepdim: bool = False) -> Any:
        """Return the smallest element, or over ``dim`` the smallest ones and where they are."""
        return ops.min(self, dim, keepdim)

    def argmax(self, dim: int | None = None, keepdim: bool = False) -> Tensor:
        """Return the index of the largest element, over all or over ``dim``."""
        return ops.argmax(self, dim, keepdim)

    def argmin(self, dim: int | None = None, keepdim: bool = False) -> Tensor:
        """Return the index of the smallest element, over all or over ``dim``."""
        return ops.argmin(self, dim, keepdim)

    def all(self) -> Tensor:
        """Return whether all elements are true."""
        return ops.all(self)

    def any(self) -> Tensor:
        """Return whether any element is true."""
        return ops.any(self)

    def softmax(self, dim: int) -> Tensor:
        """Return the softmax over ``dim``."""
        return ops.softmax(self, dim)

    def log_softmax(self, dim: int) -> Tensor:
        """Return the logarithm of the softmax over ``dim``."""
        return ops.log_softmax(self, dim)

    def logsumexp(self, dim: Any, keepdim: bool = False) -> Tensor:
        """Return the logarithm of the sum of exponentials over ``dim``."""
        return ops.logsumexp(self, dim, keepdim)

    def reshape(self, *shape: Any) -> Tensor:
        """Return the elements in another shape, as a view where that can be."""
        return ops.reshape(self, *shape)

    def view(self, *shape: Any) -> Tensor:
        """Return a view in another shape; ``RuntimeError`` where that needs a copy."""
        return ops.view(self, *shape)

    def flatten(self, start_dim: int = 0, end_dim: int = -1) -> Tensor:
        """Return the dimensions from ``start_dim`` to ``end_dim`` joined into one."""
        return ops.flatten(self, start_dim, end_dim)

    def transpose(self, dim0: int, dim1: int) -> Tensor:
        """Return a view with two dimensions swapped."""
        return ops.transpose(self, dim0, dim1)

    def t(self) -> Tensor:
        """Return the transpose of a matrix, as a view."""
        return ops.t(self)

    def permute(self, *dims: Any) -> Tensor:
        """Return a view with the dimensions in another order."""
        return ops.permute(self, *dims)

    def squeeze(self, dim: Any = None) -> Tensor:
        """Return a view without the dimensions of length 1, or without ``dim``."""
        return ops.squeeze(self, dim)

    def unsqueeze(self, dim: int) -> Tensor:
        """Return a view with a dimension of length 1 inserted."""
        return ops.unsqueeze(self, dim)

    def expand(self, *sizes: Any) -> Tensor:
        """Return a view in which dimensions of length 1 are repeated."""
        return ops.expand(self, *sizes)

    def masked_fill(self, mask: Tensor, value: Any) -> Tensor:
        """Return the elements, those under ``mask`` replaced by ``value``."""
        return ops.masked_fill(self, mask, value)

    def gather(self, dim: int, index: Tensor) -> Tensor:
        """Return the elements that ``index`` names along ``dim``."""
        return ops.gather(self, dim, index)

    def eq(self, other: Any) -> Tensor:
        """Return where the elements equal ``other``."""
        return ops.eq(self, other)

    def ne(self, other: Any) -> Tensor:
        """Return where the elements differ from ``other``."""
        return ops.ne(self, other)

    def lt(self, other: Any) -> Tensor:
        """Return where the elements are less than ``other``."""
        return ops.lt(self, other)

    def le(self, other: Any) -> Tensor:
        """Return where the elements are at most ``other``."""
        return ops.le(self, other)

    def gt(self, other: Any) -> Tensor:
        """Return where the elements are greater than ``other``."""
        return ops.gt(self, other)

    def ge(self, other: Any) -> Tensor:
        """Return where the elements are at least ``other``."""
        return ops.ge(self, other)

    def equal(self, other: Tensor) -> bool:  # type: ignore[valid-type]
        """Return whether ``other`` has the same shape and the same elements."""
        return self._array.shape == other._array.shape and bool((self._array == other._array).all())

    @property
    def T(self) -> Tensor:  # noqa: N802 - PyTorch's name
        """The tensor with its dimensions reversed, as a view."""
        return ops.permute(self, tuple(reversed(range(self.ndim))))

    @property
    def mT(self) -> Tensor:  # noqa: N802 - PyTorch's name
        """The tensor with its last two dimensions swapped, as a view."""
        return ops.transpose(self, -2, -1)


from . import ops  # noqa: E402 - operations are written in terms of Tensor, and its methods in terms of them
