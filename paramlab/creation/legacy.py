"""``torch.FloatTensor`` and its like: what a tensor's type was called before there were dtypes."""

from __future__ import annotations

from typing import Any

from .. import dtypes
from ..dtypes import CPU, dtype
from ..tensor import Tensor, wrap
from . import legacy_array


class TensorType(type):
    """A class without instances of its own: calling it makes a plain tensor of a dtype, ``isinstance`` asks for it."""

    kind: dtype

    def __new__(mcs, kind: dtype) -> TensorType:
        """Make the class of a dtype."""
        made = super().__new__(mcs, kind.tensor_name, (), {"__module__": "torch"})
        made.kind = kind
        return made

    def __init__(cls, kind: dtype) -> None:
        super().__init__(kind.tensor_name)

    def __call__(cls, *data: Any) -> Tensor:
        """Make a tensor: of data or, given sizes, one with arbitrary values."""
        if len(data) == 1 and isinstance(data[0], Tensor) and data[0].dtype is not cls.kind:
            raise TypeError(
                f"expected a tensor of dtype {cls.kind.name} (got one of {data[0].dtype.name}). Convert it: "
                f"x.to(torch.{cls.kind.name})."
            )
        return wrap(legacy_array(data, cls.kind))

    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, Tensor) and value.dtype is cls.kind and value._device is CPU


BoolTensor = TensorType(dtypes.bool_)
ByteTensor = TensorType(dtypes.uint8)
CharTensor = TensorType(dtypes.int8)
DoubleTensor = TensorType(dtypes.float64)
FloatTensor = TensorType(dtypes.float32)
HalfTensor = TensorType(dtypes.float16)
IntTensor = TensorType(dtypes.int32)
LongTensor = TensorType(dtypes.int64)
ShortTensor = TensorType(dtypes.int16)
