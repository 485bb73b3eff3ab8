"""Activations as modules: they hold no tensors, PReLU excepted."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, ClassVar

from ..creation import empty
from ..dtypes import dtype as DType
from ..tensor import Tensor
from . import functional as F
from . import init as initial
from .module import Module
from .parameter import Parameter


class _Plain(Module):
    """An activation without options."""

    function: ClassVar[Callable[..., Tensor]]

    def forward(self, input: Tensor) -> Tensor:
        """Return the function of each element."""
        return type(self).function(input)


class Tanh(_Plain):
    """The hyperbolic tangent, element by element."""

    function = staticmethod(F.tanh)


class Sigmoid(_Plain):
    """``1 / (1 + exp(-x))``, element by element."""

    function = staticmethod(F.sigmoid)


class LogSigmoid(_Plain):
    """``log(sigmoid(x))``, element by element."""

    function = staticmethod(F.logsigmoid)


class Softsign(_Plain):
    """``x / (1 + |x|)``, element by element."""

    function = staticmethod(F.softsign)


class Tanhshrink(_Plain):
    """``x - tanh(x)``, element by element."""

    function = staticmethod(F.tanhshrink)


class _InPlace(Module):
    """An activation that overwrites its input if ``inplace`` is set."""

    function: ClassVar[Callable[..., Tensor]]
    inplace: bool

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """Return the function of each element."""
        return type(self).function(input, inplace=self.inplace)

    def extra_repr(self) -> str:
        """Return whether it works in place."""
        return "inplace=True" if self.inplace else ""


class ReLU(_InPlace):
    """``max(x, 0)``, element by element; with ``inplace`` it overwrites its input."""

    function = staticmethod(F.relu)


class SELU(_InPlace):
    """``scale * (max(0, x) + min(0, alpha * (exp(x) - 1)))`` with the constants that keep mean and variance."""

    function = staticmethod(F.selu)


class SiLU(_InPlace):
    """``x * sigmoid(x)``, element by element; also known as swish."""

    function = staticmethod(F.silu)


class Mish(_InPlace):
    """``x * tanh(softplus(x))``, element by element."""

    function = staticmethod(F.mish)


class Hardsigmoid(_InPlace):
    """``x / 6 + 1 / 2`` limited to ``[0, 1]``, element by element."""

    function = staticmethod(F.hardsigmoid)

    def extra_repr(self) -> str:
        """Return nothing, as PyTorch does."""
        return ""


class Hardswish(Hardsigmoid):
    """``x * hardsigmoid(x)``, element by element."""

    function = staticmethod(F.hardswish)


class _Optioned(_InPlace):
    """An activation with options of its own, which its ``__init__`` keeps under the names in ``options``."""

    options: ClassVar[tuple[str, ...]]

    def forward(self, input: Tensor) -> Tensor:
        """Return the function of each element."""
        return type(self).function(input, *(getattr(self, name) for name in self.options), inplace=self.inplace)

    def extra_repr(self) -> str:
        """Return the options, and whether it works in place."""
        shown = [f"{name}={getattr(self, name)}" for name in self.options]
        return ", ".join(shown + (["inplace=True"] if self.inplace else []))


class Threshold(_Optioned):
    """``x`` where it is above ``threshold``, else ``value``."""

    function = staticmethod(F.threshold)
    options = ("threshold", "value")

    def __init__(self, threshold: float, value: float, inplace: bool = False) -> None:
        super().__init__(inplace)
        self.threshold = threshold
        self.value = value


class LeakyReLU(_Optioned):
    """``x`` where positive, else ``negative_slope * x``."""

    function = staticmethod(F.leaky_relu)
    options = ("negative_slope",)

    def __init__(self, negative_slope: float = 1e-2, inplace: bool = False) -> None:
        super().__init__(inplace)
        self.negative_slope = negative_slope


class ELU(_Optioned):
    """``x`` where positive, else ``alpha * (exp(x) - 1)``."""

    function = staticmethod(F.elu)
    options = ("alpha",)

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__(inplace)
        self.alpha = alpha


class CELU(ELU):
    """``x`` where positive, else ``alpha * (exp(x / alpha) - 1)``."""

    function = staticmethod(F.celu)


class Hardtanh(_Optioned):
    """``x`` limited to ``[min_val, max_val]``; ``AssertionError`` if those are out of order."""

    function = staticmethod(F.hardtanh)
    options = ("min_val", "max_val")

    def __init__(
        self,
        min_val: float = -1.0,
        max_val: float = 1.0,
        inplace: bool = False,
        min_value: float | None = None,
        max_value: float | None = None,
    ) -> None:
        super().__init__(inplace)
        self.min_val = _renamed("min_val", min_val, "min_value", min_value)
        self.max_val = _renamed("max_val", max_val, "max_value", max_value)
        if self.max_val <= self.min_val:
            raise AssertionError(f"max_val ({self.max_val}) must be greater than min_val ({self.min_val})")


def _renamed(name: str, value: float, former: str, given: float | None) -> float:
    if given is None:
        return value
    message = f"keyword argument `{former}` is deprecated and renamed to `{name}`"
    warnings.warn(message, FutureWarning, stacklevel=3)
    return given


class ReLU6(Hardtanh):
    """``min(max(x, 0), 6)``, element by element."""

    def __init__(self, inplace: bool = False) -> None:
        super().__init__(0.0, 6.0, inplace)

    def extra_repr(self) -> str:
        """Return whether it works in place."""
        return "inplace=True" if self.inplace else ""


class PReLU(Module):
    """``x`` where positive, else ``weight * x``: one slope that is learned, or one for each channel.

    ``weight`` is ``(num_parameters,)``, a Parameter that starts at ``init``.
    """

    def __init__(
        self, num_parameters: int = 1, init: float = 0.25, device: Any = None, dtype: DType | None = None
    ) -> None:
        super().__init__()
        self.num_parameters = num_parameters
        self.init = init
        self.weight = Parameter(empty(num_parameters, device=device, dtype=dtype))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Set the slopes back to their first value."""
        initial.constant_(self.weight, self.init)

    def forward(self, input: Tensor) -> Tensor:
        """Return the input, its negative elements times their slope."""
        return F.prelu(input, self.weight)

    def extra_repr(self) -> str:
        """Return the number of slopes."""
        return f"num_parameters={self.num_parameters}"


class GELU(Module):
    """``x * P(X <= x)`` for a standard normal ``X``, or with ``approximate="tanh"`` the usual approximation."""

    def __init__(self, approximate: str = "none") -> None:
        super().__init__()
        self.approximate = approximate

    def forward(self, input: Tensor) -> Tensor:
        """Return the GELU of each element."""
        return F.gelu(input, approximate=self.approximate)

    def extra_repr(self) -> str:
        """Return the approximation."""
        return f"approximate={self.approximate!r}"


class Softplus(Module):
    """``log(1 + exp(beta * x)) / beta``, and ``x`` itself where ``beta * x > threshold``."""

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        super().__init__()
        self.beta = beta
        self.threshold = threshold

    def forward(self, input: Tensor) -> Tensor:
        """Return the softplus of each element."""
        return F.softplus(input, self.beta, self.threshold)

    def extra_repr(self) -> str:
        """Return the options."""
        return f"beta={self.beta}, threshold={self.threshold}"


class _AlongDim(Module):
    """A function along a dimension."""

    function: ClassVar[Callable[..., Tensor]]

    def __init__(self, dim: int | None = None) -> None:
        super().__init__()
        self.dim: Any = dim

    def forward(self, input: Tensor) -> Tensor:
        """Return the function along the dimension."""
        return type(self).function(input, self.dim, _stacklevel=5)

    def extra_repr(self) -> str:
        """Return the dimension."""
        return f"dim={self.dim}"


class Softmax(_AlongDim):
    """``exp(x) / sum(exp(x))`` along ``dim``."""

    function = staticmethod(F.softmax)


class Softmin(_AlongDim):
    """The softmax of ``-x`` along ``dim``."""

    function = staticmethod(F.softmin)


class LogSoftmax(_AlongDim):
    """The logarithm of the softmax along ``dim``."""

    function = staticmethod(F.log_softmax)


class GLU(_AlongDim):
    """``first * sigmoid(second)``, the halves of the input along ``dim``."""

    def __init__(self, dim: int = -1) -> None:
        super().__init__(dim)

    def forward(self, input: Tensor) -> Tensor:
        """Return the first half, gated by the second."""
        return F.glu(input, self.dim)
