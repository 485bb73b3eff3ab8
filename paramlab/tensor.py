"""Tensor: an array, its gradient, and the operation that made it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NoReturn, Self, TypeVar

import numpy as np

from .autograd import INFERENCE, Array, Operation
from .autograd.grad_mode import ERROR_STATE, IGNORE, mode
from .autograd.graph import of_half, order
from .dtypes import CPU, META, PYTHON_TYPES, Size, as_device, memory_format
from .dtypes import device as Device
from .dtypes import dtype as DType
from .meta import without_elements
from .methods.gradients import Differentiable
from .methods.inplace import VIEW_OF_INFERENCE, VIEW_OF_NO_GRAD, InPlace
from .methods.protocols import Protocols

if TYPE_CHECKING:
    from .methods.table import Methods
else:

    class Methods:
        """Stands in until ``methods/table.py`` is loaded, which is written in terms of Tensor."""


T = TypeVar("T", bound="Tensor")


class Tensor(Methods, Differentiable, InPlace, Protocols):
    """A multi-dimensional array that autograd can follow.

    ``requires_grad`` asks for a gradient; it arrives in ``grad`` when ``backward()`` is called on what
    was computed of this tensor. A *leaf* was made by the user; anything else was made by an operation,
    its ``grad_fn``.
    """

    __array_priority__ = 1000  # NumPy's operators leave the work to ours

    # What is read in every operation: from a slot, that takes a fifth of what the default of a class takes.
    __slots__ = ("_array", "_base", "_device", "_node", "_requires_grad", "_version_")

    _array: Array
    _device: Device

    def __new__(cls, *data: Any) -> Self:
        """Make a tensor of the default type: of ``data``, or, given sizes, one with arbitrary values."""
        from .creation import legacy_array

        return cls._from_array(legacy_array(data))

    @classmethod
    def _from_array(cls, array: Array) -> Self:
        tensor = object.__new__(cls)
        tensor._array, tensor._device, tensor._requires_grad = array, CPU, False
        tensor._node = tensor._base = tensor._version_ = None
        return tensor

    def _beside(self, array: Array) -> Tensor:
        """Return a plain tensor around an array, on this tensor's device."""
        return wrap(array, self._device)

    # ------------------------------------------------------------------ what it is

    @property
    def shape(self) -> Size:
        """The lengths of its dimensions."""
        return Size(self._array.shape)

    def size(self, dim: int | None = None, *, axis: int | None = None) -> Any:
        """Return the shape, or the length of one dimension, which ``axis`` may name too."""
        dim = dim if axis is None else axis
        return self.shape if dim is None else self._array.shape[ops.own_axis(dim, self.ndim)]

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return self._array.ndim

    def dim(self) -> int:
        """Return the number of dimensions."""
        return self._array.ndim

    ndimension = dim

    def numel(self) -> int:
        """Return the number of elements."""
        return self._array.size

    nelement = numel

    def element_size(self) -> int:
        """Return the size of one element, in bytes."""
        return self._array.itemsize

    def stride(self, dim: int | None = None) -> Any:
        """Return how many elements lie between neighbours, for each dimension or along one."""
        if self._device is META:  # counts as contiguous
            steps = tuple([math.prod(self._array.shape[d + 1 :]) for d in range(self.ndim)])
        else:
            steps = tuple([step // self._array.itemsize for step in self._array.strides])
        return steps if dim is None else steps[ops.own_axis(dim, self.ndim)]

    def is_contiguous(self, memory_format: Any = None) -> bool:
        """Return whether the elements lie in memory in the order of the indices."""
        return self._device is META or bool(self._array.flags.c_contiguous)

    def data_ptr(self) -> int:
        """Return the address of the first element: equal for tensors that share memory from the same start."""
        return 0 if self._device is META else self._array.ctypes.data

    @property
    def dtype(self) -> DType:
        """The type of the elements."""
        return DType._by_numpy[self._array.dtype]

    @property
    def device(self) -> Device:
        """Where the tensor lives."""
        return self._device

    @property
    def is_meta(self) -> bool:
        """Whether the tensor has a shape and no values."""
        return self._device is META

    def is_floating_point(self) -> bool:
        """Return whether the elements are floating-point numbers."""
        return self._array.dtype.kind == "f"

    def is_complex(self) -> bool:
        """Return whether the elements are complex numbers; paramlab has none."""
        return False

    def type(self, dtype: Any = None, non_blocking: bool = False) -> Any:
        """Return the name of the tensor's type, or the tensor as ``dtype``, which may also be ``torch.LongTensor``."""
        if dtype is not None:
            return self.to(dtype if isinstance(dtype, DType) else DType.named(dtype))
        place = "torch." if self._device is CPU else f"torch.{self._device.type}."
        return f"{place}{self.dtype.tensor_name}"

    # ------------------------------------------------------------------ other tensors around the same memory

    @property
    def data(self) -> Tensor:
        """The values without their history: shares memory, and writes through it are not counted."""
        alias = wrap(self._array, self._device)
        alias._version_ = INFERENCE if self._version_ is INFERENCE else None  # not counted together
        return alias

    @data.setter
    def data(self, value: Tensor) -> None:
        if not isinstance(value, Tensor):
            raise TypeError(f"Variable data has to be a tensor, but got {_short_type(value)}")
        if self._requires_grad and not value.is_floating_point():
            raise RuntimeError("data set to a tensor that requires gradients must be floating point or complex dtype")
        if value.is_meta is not self.is_meta:
            raise RuntimeError(
                "Attempted to call `variable.set_data(tensor)`, but `variable` and `tensor` have incompatible tensor "
                "type. A tensor on meta has no memory: make another tensor instead."
            )
        self._array = value._array
        self._device = value._device

    def as_subclass(self, cls: Callable[..., T]) -> T:
        """Return a ``cls`` that shares this tensor's memory, and its place in the graph."""
        twin: T = cls._from_array(self._array)  # type: ignore[attr-defined]
        twin._device = self._device
        twin._version_ = self._version_counter()
        twin._requires_grad = self._requires_grad
        twin._node = self._node
        return twin

    # ------------------------------------------------------------------ to Python, NumPy, other types and devices

    def to(self, *args: Any, **options: Any) -> Tensor:
        """Return the tensor with another dtype or device; the tensor itself if it has both already.

        ``to(device=None, dtype=None)``, ``to(dtype)`` or ``to(tensor)``, each with ``non_blocking=False, copy=False``
        after it; ``copy=True`` copies in any case. ``TypeError`` for anything else.
        """
        if not args and options.keys() == _PLACE_AND_KIND and options["device"] is None:
            kind = options["dtype"]  # what Module.to() asks of each tensor
            if type(kind) is DType:
                return ops.to(self, kind, self._device, False)
        place, kind, copy = parse_to(args, options)
        return ops.to(self, kind or self.dtype, self._device if place is None else place, bool(copy))

    __hash__ = object.__hash__

    def __repr__(self) -> str:
        from .printing import tensor_text

        return tensor_text(self)

    # ------------------------------------------------------------------ indexing and writing in place

    def __getitem__(self, index: Any) -> Tensor:
        return ops.getitem(self, index)

    def __setitem__(self, index: Any, value: Any) -> None:
        ops.setitem(self, index, value)


# ------------------------------------------------------------------ running operations


new, ndarray, asarray = object.__new__, np.ndarray, np.asarray  # looked up once
BOTH = (True, True)


def wrap(array: Array, device: Device = CPU) -> Tensor:
    """Return a plain tensor around an array, without a copy."""
    tensor = new(Tensor)
    tensor._array = array if type(array) is ndarray else asarray(array)  # NumPy hands scalars back
    tensor._device, tensor._requires_grad = device, False
    tensor._node = tensor._base = None
    tensor._version_ = INFERENCE if mode.inference else None
    if device is META:
        tensor._array = without_elements(array)
    return tensor


def apply(operation: type[Operation], *inputs: Tensor, **options: Any) -> Tensor:
    """Run an operation on tensors of one device, and record it if one of them requires a gradient.

    Every operation passes here, so that this is written for speed: one loop over the inputs, ``wrap`` spelled
    out, and NumPy's silence (an overflow is a value, inf, not a message) without a ``with``.
    """
    node = operation()
    place = inputs[0]._device
    arrays, followed = [], False
    for t in inputs:
        if t._base is not None:
            t._follow_base()
        if t._device is not place:
            place = _settle_device(inputs)
        if t._requires_grad:
            followed = True
        arrays.append(t._array)
    if node.in_float32 and arrays[0].dtype.char == "e":
        node = of_half(operation)()
    if node.takes_scalars and not (arrays[0].ndim or arrays[-1].ndim):
        arrays = [array[()] for array in arrays]
    recording = mode.enabled
    if followed and recording:
        node.connect(inputs)
    if ERROR_STATE.get() is IGNORE:  # within another operation
        array = node.forward(*arrays, **options)
    elif options:
        array = mode.run_silently(node.forward, *arrays, **options)
    else:
        array = mode.run_silently(node.forward, *arrays)
    output = new(Tensor)
    output._array = array if type(array) is ndarray else asarray(array)
    output._device, output._requires_grad = place, False
    output._node = output._base = output._version_ = None
    if place is META:
        output._array = without_elements(array)
    if node.is_view and (array.base is arrays[0] or np.may_share_memory(array, arrays[0])):
        output._view_of(inputs[0])
    if not recording:
        _unrecorded(output, inputs[0])
    elif followed and array.dtype.kind == "f":
        node.record(output)
    return output


def combine(operation: type[Operation], a: Tensor, b: Tensor) -> Tensor:
    """Do what ``apply`` does for an operation on two operands, element by element.

    Arithmetic of scalars, such as a loss put together by hand, spends its time in Python, not in NumPy. So what
    is common is spelled out here: two tensors of the host, not views, and what is recorded was never written to.
    """
    if not (a._device is CPU is b._device and a._base is None is b._base and mode.enabled):
        return apply(operation, a, b)
    node = operation()
    followed = a._requires_grad or b._requires_grad
    if followed:
        if a._requires_grad and b._requires_grad and a._version_ is None is b._version_:
            node.needs, node.edges, node.order = BOTH, (a._node or a, b._node or b), next(order)
        else:
            node.connect((a, b))
    x, y = a._array, b._array
    if node.takes_scalars and not (x.ndim or y.ndim):
        x, y = x[()], y[()]
    array = node.forward(x, y) if ERROR_STATE.get() is IGNORE else mode.run_silently(node.forward, x, y)
    output = new(Tensor)
    output._array = array if type(array) is ndarray else asarray(array)
    output._device = CPU
    output._base = output._version_ = None
    recorded = followed and array.dtype.kind == "f"
    output._requires_grad, output._node = recorded, node if recorded else None  # as node.record() does
    return output


def _unrecorded(output: Tensor, source: Tensor) -> None:
    """Mark what was made while nothing is recorded: a view may be read with a gradient later, not written to."""
    if output._base is not None:
        output._requires_grad = source._requires_grad
        output._refusal = VIEW_OF_INFERENCE if mode.inference else VIEW_OF_NO_GRAD
    elif mode.inference:
        output._version_ = INFERENCE


def common_device(inputs: Sequence[Tensor]) -> Device:
    """Return the device that all inputs live on; a scalar of the host may join any."""
    place = inputs[0]._device
    for t in inputs:
        if t._device is not place:
            return _settle_device(inputs)
    return place


def _settle_device(inputs: Sequence[Tensor]) -> Device:
    places = {t._device for t in inputs if t._array.ndim > 0 or t._device != CPU}
    if len(places) > 1 and META in places:
        here, other = [place for place in dict.fromkeys(t._device for t in inputs) if place in places][:2]
        raise RuntimeError(
            f"Tensor on device {other} is not on the expected device {here}! Give both the same device; a meta "
            "tensor has no values that could be moved."
        )
    if len(places) > 1:
        first, second = sorted(map(str, places), reverse=True)[:2]
        raise RuntimeError(
            "Expected all tensors to be on the same device, but found at least two devices, "
            f"{first} and {second}! One of them was left behind. A plain tensor attribute does not follow "
            "Module.to(): make it a Buffer or a Parameter. Nor does an optimizer's state: move the model first."
        )
    return places.pop() if places else CPU


def parse_to(args: Sequence[Any], options: dict[str, Any]) -> tuple[Device | None, DType | None, bool | None]:
    """Read the arguments of ``to``: the device, the dtype and ``copy``, None for what was not given."""
    first: Any = args[0] if args else options.get("tensor")
    if type(first) is DType and len(args) == 1 and not options:
        return None, first, None  # the commonest
    names = _BY_FIRST.get(type(first)) or (_AS_TENSOR if isinstance(first, Tensor) else _AS_DEVICE)
    given = dict(zip(names, args, strict=False), **options) if args else options
    if len(given) != len(args) + len(options) or len(args) == len(names):
        _refuse_to(args, options)
    for name in given:
        if name not in names or (type(given[name]) not in names[name] and name != "tensor"):
            _refuse_to(args, options)
    place, kind = given.get("device"), given.get("dtype")
    if names is _AS_TENSOR:
        place, kind = first._device, first.dtype
    elif type(kind) is type:
        kind = PYTHON_TYPES.get(kind) or _refuse_to(args, options)
    return (place if place is None else as_device(place)), kind, given.get("copy")


_PLACE_AND_KIND = {"device", "dtype"}

# The arguments of ``to`` in their order, and the types that each may have; the last one by its name alone.
_NONE = type(None)
_SWITCHES: dict[str, Any] = {"non_blocking": (bool,), "copy": (bool,), "memory_format": (memory_format, _NONE)}
_AS_DEVICE = {"device": (_NONE, Device, str, int), "dtype": (DType, _NONE, type), **_SWITCHES}
_AS_DTYPE = {"dtype": (DType, type), **_SWITCHES}
_AS_TENSOR = {"tensor": (), **_SWITCHES}
_BY_FIRST = {_NONE: _AS_DEVICE, DType: _AS_DTYPE, type: _AS_DTYPE}


def _refuse_to(args: Sequence[Any], options: dict[str, Any]) -> NoReturn:
    got = [_shown_type(arg) for arg in args]
    named = [f"{name}={_shown_type(arg)}" for name, arg in options.items()]
    raise TypeError(
        f"to() received an invalid combination of arguments - got ({', '.join(got + named)}{'' if got else ', '}), but "
        "expected one of: (device, dtype), (dtype) or (tensor), each followed by non_blocking and copy if need be."
    )


def _shown_type(value: Any) -> str:
    return ("torch." if isinstance(value, DType | Device) else "") + _short_type(value)


# ------------------------------------------------------------------ words for messages


def typename(value: Any) -> str:
    """Return the name that PyTorch gives an object's type: ``torch.FloatTensor``, ``int``, ``torch.nn.…``."""
    if isinstance(value, Tensor):
        return str(value.type())
    cls = value if isinstance(value, type) else type(value)
    module = cls.__module__
    if module == "builtins":
        return cls.__qualname__
    return f"{module.replace('paramlab.dtypes', 'torch').replace('paramlab', 'torch', 1)}.{cls.__qualname__}"


def _short_type(value: Any) -> str:
    return type(value).__name__


from . import ops  # noqa: E402 - operations are written in terms of Tensor, and its methods in terms of them
