"""Tensor: an array, its gradient, and the operation that made it."""

from __future__ import annotations

import warnings
import weakref
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Self, TypeVar

import numpy as np

from . import autograd
from .autograd import Array, ArrayHook, Operation, Version
from .dtypes import CPU, Size, as_device
from .dtypes import device as Device
from .dtypes import dtype as DType
from .inplace import InPlace
from .protocols import Protocols

if TYPE_CHECKING:
    from .methods import Methods
else:

    class Methods:
        """Stands in until ``methods.py`` is loaded, which is written in terms of Tensor."""


T = TypeVar("T", bound="Tensor")
Hook = Callable[["Tensor"], "Tensor | None"]


class RemovableHandle:
    """What the registration of a hook returns."""

    def __init__(self, hooks: list[Any], hook: Any) -> None:
        self._hooks, self._hook = hooks, hook

    def remove(self) -> None:
        """Take the hook away; a second time does nothing."""
        if self._hook in self._hooks:
            self._hooks.remove(self._hook)


class Tensor(Methods, InPlace, Protocols):
    """A multi-dimensional array that autograd can follow.

    ``requires_grad`` asks for a gradient; it arrives in ``grad`` when ``backward()`` is called on what
    was computed of this tensor. A *leaf* was made by the user; anything else was made by an operation,
    its ``grad_fn``.
    """

    __array_priority__ = 1000  # NumPy's operators leave the work to ours

    # Defaults of the class: most tensors never change them, and a tensor is made for each operation.
    _requires_grad: bool = False
    _grad: Tensor | None = None
    _node: Operation | None = None
    _device: Device = CPU
    _version_: Version | None = None
    _base: Tensor | None = None  # whose memory a view looks at
    _base_node: Operation | None = None  # what had made the base when the view's own node was made
    _hooks: list[ArrayHook] | None = None
    _retains_grad: bool = False
    _array: Array

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

    def size(self, dim: int | None = None) -> Any:
        """Return the shape, or the length of one dimension."""
        return self.shape if dim is None else self._array.shape[ops.axis(dim, self.ndim)]

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return self._array.ndim

    def dim(self) -> int:
        """Return the number of dimensions."""
        return self._array.ndim

    def numel(self) -> int:
        """Return the number of elements."""
        return self._array.size

    nelement = numel

    def element_size(self) -> int:
        """Return the size of one element, in bytes."""
        return self._array.itemsize

    def stride(self) -> tuple[int, ...]:
        """Return how many elements lie between neighbours, for each dimension."""
        return tuple(step // self._array.itemsize for step in self._array.strides)

    def is_contiguous(self) -> bool:
        """Return whether the elements lie in memory in the order of the indices."""
        return bool(self._array.flags.c_contiguous)

    def data_ptr(self) -> int:
        """Return the address of the first element: equal for tensors that share memory from the same start."""
        return self._array.ctypes.data

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
        return False

    def is_floating_point(self) -> bool:
        """Return whether the elements are floating-point numbers."""
        return self._array.dtype.kind == "f"

    def type(self, dtype: DType | str | None = None) -> Any:
        """Return the name of the tensor's type, or a tensor of the type ``dtype``."""
        if isinstance(dtype, str):
            dtype = DType.named(dtype)
        if dtype is not None:
            return self.to(dtype)
        place = "torch." if self._device is CPU else f"torch.{self._device.type}."
        return f"{place}{self.dtype.tensor_name}"

    # ------------------------------------------------------------------ autograd

    @property
    def requires_grad(self) -> bool:
        """Whether a gradient is computed for this tensor, or through it."""
        self._follow_base()
        return self._requires_grad

    @requires_grad.setter
    def requires_grad(self, wanted: bool) -> None:
        if not isinstance(wanted, bool):
            raise RuntimeError(f"requires_grad must be a bool, True or False, not {wanted!r}")
        if not self.is_leaf:
            raise RuntimeError(_COMPUTED + ("" if wanted else _DETACH))
        self.requires_grad_(wanted)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Set ``requires_grad`` in place and return the tensor itself.

        ``RuntimeError`` to ask it of integers, or to take it from a computed tensor.
        """
        if not isinstance(requires_grad, bool):
            raise TypeError(
                "requires_grad_(): argument 'requires_grad' (position 1) must be bool, not "
                f"{_short_type(requires_grad)}"
            )
        if not (requires_grad or self.is_leaf):
            raise RuntimeError(_COMPUTED + _DETACH)
        if requires_grad and not self.is_floating_point():
            raise RuntimeError(
                "only Tensors of floating point and complex dtype can require gradients, "
                f"but this one is {self.dtype}. Convert it first, for example with .float()."
            )
        self._requires_grad = requires_grad
        return self

    @property
    def grad(self) -> Tensor | None:
        """The gradient that ``backward()`` left here, of the tensor's own shape; None before."""
        if self._node is not None and self._grad is None and not self._retains_grad:
            warnings.warn(_NON_LEAF_GRAD, UserWarning, stacklevel=2)
        return self._grad

    @grad.setter
    def grad(self, value: Tensor | None) -> None:
        if value is None:
            self._grad = None
            return
        if not isinstance(value, Tensor):
            raise TypeError(f"assigned grad expected to be a Tensor or None but got grad of type {_short_type(value)}")
        if value.shape != self.shape:
            raise RuntimeError(
                f"attempting to assign a gradient of size '{list(value.shape)}' to a tensor of size "
                f"'{list(self.shape)}'. Please ensure that the gradient and the tensor are the same size"
            )
        if value.dtype is not self.dtype:
            raise RuntimeError(
                f"attempting to assign a gradient with dtype '{ops.c_name(value.dtype)}' to a tensor with grad_dtype "
                f"'{self.dtype.word}'. The gradient must have the tensor's own dtype."
            )
        if value._device != self._device:
            raise RuntimeError(
                f"attempting to assign a gradient with device type '{value._device.type}' to a tensor with device "
                f"type '{self._device.type}'. Please ensure that the gradient and the tensor are on the same device"
            )
        self._grad = value

    @property
    def grad_fn(self) -> Operation | None:
        """The operation that made this tensor, or None for a leaf."""
        self._follow_base()
        return self._node

    @property
    def is_leaf(self) -> bool:
        """Whether no recorded operation made this tensor."""
        return self.grad_fn is None

    def _follow_base(self) -> None:
        """Bring a view's history up to date, if the memory that it looks at was written to since."""
        base = self._base
        if base is not None and base._node is not self._base_node:
            self._base_node = base._node
            ops.AsStrided.look_at(base, self)

    @property
    def _version(self) -> int:
        return 0 if self._version_ is None else self._version_.count

    def _version_counter(self) -> Version:
        if self._version_ is None:
            self._version_ = Version()
        return self._version_

    def _bump(self) -> None:
        self._version_counter().count += 1

    def backward(
        self, gradient: Tensor | None = None, retain_graph: bool | None = None, create_graph: bool = False
    ) -> None:
        """Compute the gradient of this tensor with respect to every leaf it was computed of.

        ``gradient`` has the tensor's shape and may be left out for a scalar. The gradients are *added* to
        the leaves' ``grad``. ``RuntimeError`` if nothing requires a gradient, if the tensor is no scalar
        and ``gradient`` is missing, or if the graph was walked before without ``retain_graph=True``.
        """
        if create_graph:
            raise RuntimeError(
                "create_graph=True is not supported: paramlab computes first derivatives only. Call backward() without."
            )
        if not self.requires_grad:
            raise RuntimeError(
                "element 0 of tensors does not require grad and does not have a grad_fn. Nothing that it was computed "
                "of asks for a gradient: are the weights Parameters, and was no no_grad() around the computation?"
            )
        autograd.backward(self, self._seed(gradient), bool(retain_graph))

    def _seed(self, gradient: Tensor | None) -> Array:
        if gradient is None:
            if self._array.size != 1:
                raise RuntimeError(
                    "grad can be implicitly created only for scalar outputs. This one has the shape "
                    f"{list(self.shape)}: reduce it first, for example with .sum() or .mean()."
                )
            return np.ones_like(self._array)
        if not isinstance(gradient, Tensor):
            raise TypeError(f"gradients can be either Tensors or None, but got {_short_type(gradient)}")
        if gradient.shape != self.shape:
            raise RuntimeError(
                f"Mismatch in shape: grad_output[0] has a shape of {gradient.shape} and output[0] has a shape of "
                f"{self.shape}."
            )
        return gradient._array.astype(self._array.dtype, copy=False)

    def retain_grad(self) -> None:
        """Keep the gradient of a non-leaf in its ``grad`` too."""
        if not self.requires_grad:
            raise RuntimeError("can't retain_grad on Tensor that has requires_grad=False")
        if self._node is None or self._retains_grad:
            return
        self._retains_grad = True
        kept_in = weakref.ref(self)  # the graph is not to keep its own output alive

        def keep(grad: Array) -> Array:
            tensor = kept_in()
            if tensor is not None:
                kept = grad if tensor._grad is None else tensor._grad._array + grad
                tensor._grad = tensor._beside(np.array(kept))
            return grad

        self._node.keep = keep

    def register_hook(self, hook: Hook) -> RemovableHandle:
        """Call ``hook(grad)`` when this tensor's gradient is computed; what it returns replaces it.

        The handle's ``remove()`` takes the hook away again.
        """
        if not self.requires_grad:
            raise RuntimeError("cannot register a hook on a tensor that doesn't require gradient")
        place = self._device

        def on_array(grad: Array) -> Array:
            replaced = hook(wrap(grad, place))
            return grad if replaced is None else replaced._array

        if self._node is not None:
            self._node.hooks = hooks = self._node.hooks or []
        else:
            self._hooks = hooks = self._hooks or []
        hooks.append(on_array)
        return RemovableHandle(hooks, on_array)

    def _is_view(self) -> bool:
        return self._base is not None

    def detach(self) -> Tensor:
        """Return a tensor that shares this one's memory and that autograd does not follow."""
        alias = wrap(self._array, self._device)
        alias._version_ = self._version_counter()
        return alias

    def detach_(self) -> Self:
        """Cut the tensor itself off from what it was computed of; it becomes a leaf."""
        if self._base is not None:
            raise RuntimeError("Can't detach views in-place. Use detach() instead.")
        self._node = None
        self._requires_grad = False
        return self

    @property
    def data(self) -> Tensor:
        """The values without their history: shares memory, and writes through it are not counted."""
        return wrap(self._array, self._device)

    @data.setter
    def data(self, value: Tensor) -> None:
        if not isinstance(value, Tensor):
            raise TypeError(f"Variable data has to be a tensor, but got {_short_type(value)}")
        if self._requires_grad and not value.is_floating_point():
            raise RuntimeError("data set to a tensor that requires gradients must be floating point or complex dtype")
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

    def clone(self) -> Tensor:
        """Return a copy that autograd follows back to this tensor."""
        return apply(ops.Clone, self)

    def contiguous(self) -> Tensor:
        """Return the tensor with its elements in order in memory."""
        return self if self.is_contiguous() else apply(ops.Clone, self, layout="C")

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


def wrap(array: Array, device: Device = CPU) -> Tensor:
    """Return a plain tensor around an array, without a copy."""
    tensor = object.__new__(Tensor)
    tensor._array = array if type(array) is np.ndarray else np.asarray(array)  # NumPy hands scalars back
    if device is not CPU:
        tensor._device = device
    return tensor


def apply(operation: type[Operation], *inputs: Tensor, **options: Any) -> Tensor:
    """Run an operation on tensors of one device, and record it if one of them requires a gradient."""
    node = operation()
    place = common_device(inputs)
    with np.errstate(all="ignore"):  # an overflow is a value (inf), not a message
        array = node.forward(*[t._array for t in inputs], **options)
    output = wrap(array, place)
    source = inputs[0]
    if node.is_view and np.may_share_memory(array, source._array):
        output._version_ = source._version_counter()
        output._base = base = source if source._base is None else source._base
        output._base_node = base._node
    if autograd.mode.enabled and array.dtype.kind == "f" and any(t._requires_grad for t in inputs):
        node.record(inputs, output)
    return output


def common_device(inputs: Sequence[Tensor]) -> Device:
    """Return the device that all inputs live on; a scalar of the host may join any."""
    place = inputs[0]._device
    for t in inputs:
        if t._base is not None:
            t._follow_base()
        if t._device is not place:
            return _settle_device(inputs)
    return place


def _settle_device(inputs: Sequence[Tensor]) -> Device:
    places = {t._device for t in inputs if t._array.ndim > 0 or t._device != CPU}
    if len(places) > 1:
        first, second = sorted(map(str, places), reverse=True)[:2]
        raise RuntimeError(
            "Expected all tensors to be on the same device, but found at least two devices, "
            f"{first} and {second}! One of them was left behind: a plain tensor attribute does not follow "
            "Module.to(); make it a Buffer or a Parameter."
        )
    return places.pop() if places else CPU


def parse_to(args: Sequence[Any], kind: Any, place: Any) -> tuple[Device | None, DType | None]:
    """Read the arguments of ``to``: a dtype, a device, or a tensor that has both, in any order."""
    for arg in args:
        if isinstance(arg, DType):
            kind = arg
        elif isinstance(arg, Tensor):
            place, kind = arg._device, arg.dtype
        elif isinstance(arg, str | Device):
            place = arg
        elif not (isinstance(arg, bool) or arg is None):
            raise TypeError(
                f"to() received an invalid argument of type {_short_type(arg)}. It takes a dtype, a device or a Tensor."
            )
    return (None if place is None else as_device(place)), kind


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


_COMPUTED = "you can only change requires_grad flags of leaf variables."
_DETACH = (
    " If you want to use a computed variable in a subgraph that doesn't require differentiation use "
    "var_no_grad = var.detach()."
)
_NON_LEAF_GRAD = (
    "The .grad attribute of a Tensor that is not a leaf Tensor is being accessed. Its .grad attribute won't be "
    "populated during autograd.backward(). If you indeed want the .grad field to be populated for a non-leaf Tensor, "
    "use .retain_grad() on the non-leaf Tensor. If you access the non-leaf Tensor by mistake, make sure you access "
    "the leaf Tensor instead."
)


from . import ops  # noqa: E402 - operations are written in terms of Tensor, and its methods in terms of them
