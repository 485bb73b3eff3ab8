"""What element types can hold, what they become together, and questions about a tensor's type."""

from __future__ import annotations

from typing import Any

import numpy as np

from .dtypes import dtype, float64, get_default_dtype, int64
from .ops.arguments import need_tensors
from .ops.operands import promoted
from .tensor import Tensor


class finfo:  # noqa: N801 - PyTorch's name
    """The limits of a floating-point type: ``eps``, ``max``, ``min``, ``tiny``, ``resolution``, ``bits``.

    ``TypeError`` for any other type.
    """

    def __init__(self, type: Any = None) -> None:
        kind = float64 if type is float else get_default_dtype() if type is None else type
        if not isinstance(kind, dtype):
            raise TypeError(f"finfo(): argument 'type' (position 1) must be torch.dtype, not {kind.__class__.__name__}")
        if not kind.is_floating_point:
            raise TypeError(
                "torch.finfo() requires a floating point input type. Use torch.iinfo to handle 'torch.finfo'"
            )
        limits = np.finfo(kind.numpy)
        self.bits = limits.bits
        self.eps, self.max, self.min = float(limits.eps), float(limits.max), float(limits.min)
        self.tiny = self.smallest_normal = float(limits.smallest_normal)
        self.resolution = float(f"1e-{limits.precision}")
        self.dtype = kind.name

    def __eq__(self, other: object) -> bool:
        return isinstance(other, finfo) and self.dtype == other.dtype

    def __hash__(self) -> int:
        return hash(self.dtype)

    def __repr__(self) -> str:
        names = ("resolution", "min", "max", "eps", "smallest_normal", "tiny")
        limits = ", ".join(f"{name}={getattr(self, name):g}" for name in names)
        return f"finfo({limits}, dtype={self.dtype})"


class iinfo:  # noqa: N801 - PyTorch's name
    """The limits of an integer type: ``max``, ``min``, ``bits``. ``TypeError`` for any other type."""

    def __init__(self, type: Any) -> None:
        kind = int64 if type is int else type
        if not isinstance(kind, dtype):
            raise TypeError(f"iinfo(): argument 'type' (position 1) must be torch.dtype, not {kind.__class__.__name__}")
        if kind.is_floating_point:
            raise TypeError("torch.iinfo() requires an integer input type. Use torch.finfo to handle 'torch.iinfo'")
        if kind.name == "bool":
            raise TypeError("torch.bool is not supported by torch.iinfo")
        limits = np.iinfo(kind.numpy)
        self.bits, self.max, self.min = limits.bits, int(limits.max), int(limits.min)
        self.dtype = kind.name

    def __eq__(self, other: object) -> bool:
        return isinstance(other, iinfo) and self.dtype == other.dtype

    def __hash__(self) -> int:
        return hash(self.dtype)

    def __repr__(self) -> str:
        return f"iinfo(min={self.min:g}, max={self.max:g}, dtype={self.dtype})"


def promote_types(type1: dtype, type2: dtype) -> dtype:
    """Return the smallest type that can hold the numbers of both, a floating-point one if one of them is."""
    for position, kind in enumerate((type1, type2), start=1):
        if not isinstance(kind, dtype):
            raise TypeError(
                f"promote_types(): argument 'type{position}' (position {position}) must be torch.dtype, "
                f"not {type(kind).__name__}"
            )
    return promoted(type1, type2)


def can_cast(from_: dtype, to: dtype) -> bool:
    """Return whether a result of the type ``from_`` may be written to a tensor of the type ``to``."""
    return from_.rank <= to.rank


def is_tensor(obj: Any) -> bool:
    """Return whether an object is a tensor."""
    return isinstance(obj, Tensor)


def is_floating_point(input: Tensor) -> bool:
    """Return whether the elements are floating-point numbers."""
    need_tensors("is_floating_point", input=input)
    return input.is_floating_point()


def is_complex(input: Tensor) -> bool:
    """Return whether the elements are complex numbers; paramlab has none."""
    need_tensors("is_complex", input=input)
    return False


def is_nonzero(input: Tensor) -> bool:
    """Return whether the only element is not 0; ``RuntimeError`` if there are several."""
    need_tensors("is_nonzero", input=input)
    return bool(input)


def numel(input: Tensor) -> int:
    """Return the number of elements."""
    need_tensors("numel", input=input)
    return input.numel()
