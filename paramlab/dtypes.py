"""What a tensor says of itself: its element type, its shape and the device that it lives on."""

from __future__ import annotations

import math
import threading
from typing import Any, ClassVar

import numpy as np


class dtype:  # noqa: N801 - PyTorch's name
    """The type of a tensor's elements, such as ``torch.float32``. There is one object a type."""

    _all: ClassVar[dict[str, dtype]] = {}
    _by_numpy: ClassVar[dict[np.dtype[Any], dtype]] = {}

    def __init__(self, name: str, tensor_name: str) -> None:
        self.name = name
        self.tensor_name = tensor_name
        self.numpy: np.dtype[Any] = np.dtype(name)
        self.is_floating_point = self.numpy.kind == "f"
        self.is_complex = False
        self.is_signed = self.numpy.kind in "fi"
        self.itemsize = self.numpy.itemsize
        self.word = tensor_name.removesuffix("Tensor")  # what messages call it: "Float", "Long"
        self.rank = "biuf".index(self.numpy.kind.replace("u", "i"))  # bool, then integers, then floats
        dtype._all[name] = dtype._by_numpy[self.numpy] = self

    @staticmethod
    def of(kind: np.dtype[Any]) -> dtype:
        """Return the element type of a NumPy array; ``TypeError`` for one that no tensor can have."""
        found = dtype._by_numpy.get(kind)
        if found is None:
            supported = ", ".join(dtype._all)
            raise TypeError(
                f"can't convert np.ndarray of type numpy.{kind.type.__name__}. The only supported types are: "
                f"{supported}. Convert the array first, for example array.astype('float32')."
            )
        return found

    @staticmethod
    def named(tensor_type: Any) -> dtype:
        """Return the element type of ``torch.FloatTensor`` or its name; ``ValueError`` for another class or name."""
        if not isinstance(tensor_type, str | type):
            raise TypeError("dtype must be a type, str, or dtype object. Write torch.float32, for example.")
        name = tensor_type if isinstance(tensor_type, str) else tensor_type.__name__
        prefix = "torch." if isinstance(tensor_type, str) else ""
        for kind in dtype._all.values():
            if name == prefix + kind.tensor_name:
                return kind
        raise ValueError(f"invalid type: '{name}'. Write torch.float32, for example.")

    def __repr__(self) -> str:
        return f"torch.{self.name}"

    def __reduce__(self) -> tuple[Any, ...]:
        return _dtype_named, (self.name,)


def _dtype_named(name: str) -> dtype:
    return dtype._all[name]


float16 = half = dtype("float16", "HalfTensor")
float32 = dtype("float32", "FloatTensor")
float64 = double = dtype("float64", "DoubleTensor")
int8 = dtype("int8", "CharTensor")
int16 = short = dtype("int16", "ShortTensor")
int32 = dtype("int32", "IntTensor")
int64 = long = dtype("int64", "LongTensor")
uint8 = dtype("uint8", "ByteTensor")
bool_ = dtype("bool", "BoolTensor")

PYTHON_TYPES: dict[type, dtype] = {float: float64, int: int64, bool: bool_}
"""Python's own types, which may be named in the place of a dtype."""

_default_dtype = float32


def get_default_dtype() -> dtype:
    """Return the type that Python floats become, ``torch.float32`` unless it was changed."""
    return _default_dtype


def set_default_dtype(d: dtype) -> None:
    """Choose the type that Python floats become; ``TypeError`` unless it is a floating-point type."""
    global _default_dtype
    if not (isinstance(d, dtype) and d.is_floating_point):
        raise TypeError(f"only floating-point types are supported as the default type, but got {d!r}")
    _default_dtype = d


class Size(tuple[int, ...]):
    """A shape: a tuple of ints that prints as PyTorch prints it."""

    __slots__ = ()

    def numel(self) -> int:
        """Return the number of elements of a tensor of this shape."""
        count = 1
        for length in self:
            count *= length
        return count

    def __repr__(self) -> str:
        return f"torch.Size({list(self)})"

    def __add__(self, other: Any) -> Any:
        joined = super().__add__(other)
        return Size(joined) if joined is not NotImplemented else joined

    def __radd__(self, other: Any) -> Any:
        return Size(other) + self if isinstance(other, tuple) else NotImplemented

    def __mul__(self, times: Any) -> Any:
        return Size(super().__mul__(times))

    __rmul__ = __mul__

    def __getitem__(self, index: Any) -> Any:
        item = super().__getitem__(index)
        return Size(item) if isinstance(index, slice) else item


class memory_format:  # noqa: N801 - PyTorch's name
    """How elements are to lie in memory. paramlab keeps to the order of the indices, or to the one that there is."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"torch.{self.name}"


contiguous_format = memory_format("contiguous_format")
preserve_format = memory_format("preserve_format")
channels_last = memory_format("channels_last")


class device:  # noqa: N801 - PyTorch's name
    """Where a tensor lives: ``cpu``, ``meta``, or ``sim``, an accelerator that is simulated in host memory.

    ``sim`` computes what ``cpu`` computes. It only refuses to mix with ``cpu``, as a GPU does, so that
    a tensor that stayed behind is a real error on any laptop. ``meta`` computes shapes and has no values.
    ``device("sim", 0)``, ``device("sim:0")`` and ``device(0)`` are the same. As a context manager it is where
    new tensors are made. ``RuntimeError`` for a name that is no device.
    """

    types: ClassVar[tuple[str, ...]] = ("cpu", "meta", "sim")

    type: str
    index: int | None

    __slots__ = ("index", "type")

    def __init__(self, type: str | int | device, index: int | None = None) -> None:
        if isinstance(type, device):
            self.type, self.index = type.type, type.index
            return
        if isinstance(type, int):
            type = f"sim:{type}"
        if not isinstance(type, str):
            raise TypeError(
                f"device() received an invalid combination of arguments - got ({type.__class__.__name__}), but "
                "expected one of: a device, or a name such as 'cpu' and an index."
            )
        self.type, written = _read_device(type)
        if index is not None and written is not None:
            raise RuntimeError(f"type (string) must not include an index because index was passed explicitly: {type}")
        if index is not None and index < 0:
            raise RuntimeError("Device index must not be negative")
        self.index = index if written is None else written

    def __eq__(self, other: object) -> bool:
        return isinstance(other, device) and (self.type, self.index) == (other.type, other.index)

    def __hash__(self) -> int:
        return hash((self.type, self.index))

    def __str__(self) -> str:
        return self.type if self.index is None else f"{self.type}:{self.index}"

    def __repr__(self) -> str:
        index = "" if self.index is None else f", index={self.index}"
        return f"device(type='{self.type}'{index})"

    def __reduce__(self) -> tuple[Any, ...]:
        return device, ((self.type,) if self.index is None else (self.type, self.index))

    def __enter__(self) -> device:
        _new_tensors.places.append(as_device(self))
        return self

    def __exit__(self, *error: object) -> None:
        _new_tensors.places.pop()


def _read_device(text: str) -> tuple[str, int | None]:
    """Read ``"sim"`` or ``"sim:0"``; ``RuntimeError`` for anything else."""
    if not text:
        raise RuntimeError("Device string must not be empty")
    name, colon, number = text.partition(":")
    if not name.replace("_", "a").isalpha():
        raise RuntimeError(f"Invalid device string: '{text}'. A dtype is no string: torch.float32.")
    if name not in device.types:
        raise RuntimeError(
            f"Expected one of {', '.join(device.types)} device type at start of device string: {name}. "
            "paramlab knows 'cpu', 'meta' (shapes without values) and 'sim' (a simulated accelerator)."
        )
    if colon and (not number.isdecimal() or (len(number) > 1 and number[0] == "0")):
        raise RuntimeError(f"Invalid device string: '{text}'")
    return name, int(number) if colon else None


NO_CUDA = (
    "Found no NVIDIA driver on your system. paramlab computes on the CPU; to see what a move does, use .to('sim'), a "
    "simulated accelerator."
)

CPU = device("cpu")
META = device("meta")
SIM = device("sim", 0)


def as_device(where: Any) -> device:
    """Return the device that is meant: for None where new tensors are made, for a bare ``"sim"`` ``sim:0``.

    There is one object each for ``cpu``, ``meta`` and ``sim:0``. ``TypeError`` for what is no name of a device.
    """
    if where is None:
        return get_default_device()
    if not isinstance(where, str | int | device):
        raise TypeError(f"argument 'device' must be torch.device, not {type(where).__name__}")
    found = where if isinstance(where, device) else device(where)
    if found.type == "sim":
        return SIM if found.index in (None, 0) else found
    return CPU if found.type == "cpu" else META


class _NewTensors(threading.local):
    """Where new tensors are made, for each thread: the default, then the ``with`` blocks around it."""

    def __init__(self) -> None:
        self.places: list[device] = [CPU]


_new_tensors = _NewTensors()


def get_default_device() -> device:
    """Return the device on which new tensors are made, ``cpu`` unless it was changed."""
    return _new_tensors.places[-1]


def set_default_device(device: Any) -> None:
    """Choose the device on which new tensors are made; None for ``cpu``."""
    _new_tensors.places[0] = CPU if device is None else as_device(device)


def fitting(value: Any, kind: dtype) -> Any:
    """Return a number that can be written as ``kind``; ``RuntimeError`` for one that is too large, or no whole one.

    A negative whole number counts from the end of the unsigned ones; a negative fraction is refused there.
    """
    if kind.numpy.kind == "b" or (kind.is_floating_point and isinstance(value, float) and not math.isfinite(value)):
        return value
    largest = float(np.finfo(kind.numpy).max) if kind.is_floating_point else np.iinfo(kind.numpy).max
    lowest = -largest - 1 if kind.numpy.kind != "u" else 0 if isinstance(value, float) else -largest
    if not lowest <= value <= largest:
        name = {"int32": "int", "float16": "c10::Half", "float32": "float"}.get(kind.name, f"{kind.name}_t")
        raise RuntimeError(f"value cannot be converted to type {name} without overflow: {value}")
    return value
