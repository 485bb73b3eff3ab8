"""Tensor: an array, its gradient, and the operation that made it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NoReturn, Self, TypeVar

import numpy as np

from .autograd import INFERENCE, Array, Operation
from .autograd.grad_mode import ERROR_STATE, IGNORE, mode
from .autograd.graph import order
from .dtypes import CPU, META, PYTHON_TYPES, Size, as_device
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

    _array: Array
    _device: Device = CPU

    def __new__(cls, *data: Any) -> Self:
        """Make a tensor of the default type: of ``data``, or, given sizes, one with arbitrary values."""
        from .creation import legacy_array

        return cls._from_array(legacy_array(data))

    @classmethod
    def _from_array(cls, array: Array) -> Self:
        tensor = object.__new__(cls)
        tensor._array = array
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

    def type(self, dtype: DType | str | None = None) -> Any:
        """Return the name of the tensor's type, or a tensor of the type ``dtype``."""
        if isinstance(dtype, str):
            dtype = DType.named(dtype)
        if dtype is not None:
            return self.to(dtype)
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

    def to(
        self,
        *args: Any,
        dtype: DType | None = None,
        device: Any = None,
        non_blocking: bool = False,
        copy: bool = False,
    ) -> Tensor:
        """Return the tensor with another dtype or device; the tensor itself if it has both already.

        ``to(dtype)``, ``to(device)``, ``to(device, dtype)`` or ``to(other_tensor)``; ``copy=True`` copies in
        any case.
        """
        place, kind = parse_to(args, dtype, device)
        return ops.to(self, kind or self.dtype, self._device if place is None else place, copy)

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
    if device is not CPU:
        tensor._device = device
        if device is META:
            tensor._array = without_elements(array)
    if mode.inference:
        tensor._version_ = INFERENCE
    return tensor


def apply(operation: type[Operation], *inputs: Tensor, **options: Any) -> Tensor:
    """Run an operation on tensors of one device, and record it if one of them requires a gradient.

    Every operation passes here, so that this is written for speed: one loop over the inputs, ``wrap`` spelled
    out, and NumPy's silence (an overflow is a value, inf, not a message) without a ``with``.
    """
    node = operation()
    scalars = node.takes_scalars
    place = inputs[0]._device
    arrays, followed = [], False
    for t in inputs:
        if t._base is not None:
            t._follow_base()
        if t._device is not place:
            place = _settle_device(inputs)
        if t._requires_grad:
            followed = True
        array = t._array
        arrays.append(array[()] if scalars and array.ndim == 0 else array)
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
    if place is not CPU:
        output._device = place
        if place is META:
            output._array = without_elements(array)
    if node.is_view and np.may_share_memory(array, inputs[0]._array):
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
    if node.takes_scalars:
        x, y = x if x.ndim else x[()], y if y.ndim else y[()]
    array = node.forward(x, y) if ERROR_STATE.get() is IGNORE else mode.run_silently(node.forward, x, y)
    output = new(Tensor)
    output._array = array if type(array) is ndarray else asarray(array)
    if followed and array.dtype.kind == "f":
        output._node, output._requires_grad = node, True  # as node.record() does
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


def parse_to(args: Sequence[Any], kind: Any, place: Any) -> tuple[Device | None, DType | None]:
    """Read the arguments of ``to``: a device, a dtype, both in this order, or a tensor that has both."""
    for number, arg in enumerate(args):
        if isinstance(arg, DType | type) and number < 2:
            kind = arg
        elif isinstance(arg, Tensor) and number == 0:
            place, kind = arg._device, arg.dtype
        elif (isinstance(arg, str | Device) or type(arg) is int) and number == 0:
            place = arg
        elif not (isinstance(arg, bool) or arg is None):
            _refuse_to(args)
    if kind is not None and not isinstance(kind, DType):
        kind = PYTHON_TYPES.get(kind) or _refuse_to(args or (kind,))
    return (None if place is None else as_device(place)), kind


def _refuse_to(args: Sequence[Any]) -> NoReturn:
    got = [("torch." if isinstance(arg, DType | Device) else "") + _short_type(arg) for arg in args]
    raise TypeError(
        f"to() received an invalid combination of arguments - got ({', '.join(got)}), but expected one of: (device, "
        "dtype), (dtype) or (tensor)."
    )


# ------------------------------------------------------------------ words for messages


def typename(value: Any) -> str:
    """Return the name that PyTorch gives an object's type: ``torch.FloatTensor``, ``int``, ``torch.nn.…``."""
    if isinstance(value, Tensor):
        return str(value.type())
    cls = value if isinstance(value, type) else type(value)
    module = cls.__module__
    if module == "builtins":
        return cls.__qualname__
    return f"{module.replace('paramlab', 'torch', 1)}.{cls.__qualname__}"


def _short_type(value: Any) -> str:
    return type(value).__name__


from . import ops  # noqa: E402 - operations are written in terms of Tensor, and its methods in terms of them
