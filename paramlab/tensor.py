"""Tensor: an array, its gradient, and the operation that made it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Self, TypeVar

import numpy as np

from . import autograd
from .autograd import Array, Operation, Version
from .methods import Conversions, Methods
from .types import CPU, Size, as_device, device, dtype

Number = int | float | bool
T = TypeVar("T", bound="Tensor")


class Tensor(Methods, Conversions):
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
    _device: device = CPU
    _version_: Version | None = None
    _base: Tensor | None = None
    _hooks: Sequence[Callable[[Tensor], Tensor | None]] = ()
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
    def dtype(self) -> dtype:
        """The type of the elements."""
        return dtype._by_numpy[self._array.dtype]

    @property
    def device(self) -> device:
        """Where the tensor lives."""
        return self._device

    @property
    def is_meta(self) -> bool:
        """Whether the tensor has a shape and no values."""
        return False

    def is_floating_point(self) -> bool:
        """Return whether the elements are floating-point numbers."""
        return self._array.dtype.kind == "f"

    def type(self, dtype: dtype | None = None) -> Any:
        """Return the name of the tensor's type, or a tensor of the type ``dtype``."""
        if dtype is not None:
            return self.to(dtype)
        place = "torch." if self._device is CPU else f"torch.{self._device.type}."
        return f"{place}{self.dtype.tensor_name}"

    # ------------------------------------------------------------------ autograd

    @property
    def requires_grad(self) -> bool:
        """Whether a gradient is computed for this tensor, or through it."""
        return self._requires_grad

    @requires_grad.setter
    def requires_grad(self, wanted: bool) -> None:
        if self._node is not None and not wanted:
            raise RuntimeError(
                "you can only change requires_grad flags of leaf variables. If you want to use a computed variable "
                "in a subgraph that doesn't require differentiation use var_no_grad = var.detach()."
            )
        if wanted and not self.is_floating_point():
            raise RuntimeError(
                "only Tensors of floating point and complex dtype can require gradients, "
                f"but this one is {self.dtype}. Convert it first, for example with .float()."
            )
        self._requires_grad = bool(wanted)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Set ``requires_grad`` in place and return the tensor itself."""
        self.requires_grad = requires_grad
        return self

    @property
    def grad(self) -> Tensor | None:
        """The gradient that ``backward()`` left here, of the tensor's own shape; None before."""
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
                f"attempting to assign a gradient with dtype '{_word(value.dtype)}' to a tensor with dtype "
                f"'{_word(self.dtype)}'. Please ensure that the gradient and the tensor have the same dtype"
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
        return self._node

    @property
    def is_leaf(self) -> bool:
        """Whether no recorded operation made this tensor."""
        return self._node is None

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
        if not self._requires_grad:
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
        if gradient.shape != self.shape:
            raise RuntimeError(
                f"Mismatch in shape: grad_output[0] has a shape of {gradient.shape} and output[0] has a shape of "
                f"{self.shape}."
            )
        return gradient._array

    def retain_grad(self) -> None:
        """Keep the gradient of a non-leaf in its ``grad`` too."""
        if not self._requires_grad:
            raise RuntimeError("can't retain_grad on Tensor that has requires_grad=False")
        if self._node is None:
            return

        def keep(grad: Tensor) -> None:
            self._grad = wrap(grad._array.copy(), self._device)

        self.register_hook(keep)

    def register_hook(self, hook: Callable[[Tensor], Tensor | None]) -> None:
        """Call ``hook(grad)`` when this tensor's gradient is computed; what it returns replaces it."""
        if not self._requires_grad:
            raise RuntimeError("cannot register a hook on a tensor that doesn't require gradient")
        holder: Any = self if self._node is None else self._node
        if holder is self:
            self._hooks = [*self._hooks, hook]
        else:
            holder.hooks = [*holder.hooks, hook]

    def detach(self) -> Tensor:
        """Return a tensor that shares this one's memory and that autograd does not follow."""
        alias = wrap(self._array, self._device)
        alias._version_ = self._version_counter()
        return alias

    @property
    def data(self) -> Tensor:
        """The values without their history: shares memory, and writes through it are not counted."""
        return wrap(self._array, self._device)

    @data.setter
    def data(self, value: Tensor) -> None:
        if not isinstance(value, Tensor):
            raise TypeError(f"Variable data has to be a tensor, but got {_short_type(value)}")
        self._array = value._array
        self._device = value._device

    def as_subclass(self, cls: type[T]) -> T:
        """Return a ``cls`` that shares this tensor's memory, and its place in the graph."""
        twin = cls._from_array(self._array)
        twin._device = self._device
        twin._version_ = self._version_counter()
        twin._requires_grad = self._requires_grad
        twin._node = self._node
        return twin

    # ------------------------------------------------------------------ to Python, NumPy, other types and devices

    def item(self) -> Any:
        """Return the only element as a Python number; ``RuntimeError`` if there are more."""
        if self._array.size != 1:
            raise RuntimeError(f"a Tensor with {self._array.size} elements cannot be converted to Scalar")
        return self._array.item()

    def tolist(self) -> Any:
        """Return the elements as nested lists, a scalar as a number."""
        return self._array.tolist()

    def numpy(self) -> Array:
        """Return the values as a NumPy array that shares memory with the tensor."""
        if self._requires_grad:
            raise RuntimeError("Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.")
        if self._device is not CPU:
            raise TypeError(
                f"can't convert {self._device} device type tensor to numpy. Use Tensor.cpu() to copy the tensor to "
                "host memory first."
            )
        return self._array

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        array = self.numpy()
        return array if dtype is None or array.dtype == dtype else array.astype(dtype)

    def to(self, *args: Any, dtype: dtype | None = None, device: Any = None, copy: bool = False) -> Tensor:
        """Return the tensor with another dtype or device; the tensor itself if it has both already."""
        wanted_device, wanted_dtype = parse_to(args, dtype, device)
        kind = self.dtype if wanted_dtype is None else wanted_dtype
        place = self._device if wanted_device is None else wanted_device
        if kind is self.dtype and place == self._device and not copy:
            return self
        return apply(ops.To, self, kind=kind, place=place)

    def clone(self) -> Tensor:
        """Return a copy that autograd follows back to this tensor."""
        return apply(ops.Clone, self)

    def contiguous(self) -> Tensor:
        """Return the tensor with its elements in order in memory."""
        return self if self.is_contiguous() else self.clone()

    def __len__(self) -> int:
        if self._array.ndim == 0:
            raise TypeError("len() of a 0-d tensor")
        return len(self._array)

    def __iter__(self) -> Iterator[Tensor]:
        if self._array.ndim == 0:
            raise TypeError("iteration over a 0-d tensor")
        return iter([self[i] for i in range(len(self))])

    def __bool__(self) -> bool:
        if self._array.size > 1:
            raise RuntimeError(
                "Boolean value of Tensor with more than one value is ambiguous. Use .any() or .all() to say which."
            )
        if self._array.size == 0:
            raise RuntimeError("Boolean value of Tensor with no values is ambiguous")
        return bool(self._array.item())

    def __float__(self) -> float:
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __index__(self) -> int:
        if self._array.size != 1 or self._array.dtype.kind not in "iub":
            raise TypeError("only integer tensors of a single element can be converted to an index")
        return int(self._array.item())

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if self._array.ndim == 0 else object.__format__(self, spec)

    def __contains__(self, element: Any) -> bool:
        value = element._array if isinstance(element, Tensor) else element
        return bool((self._array == value).any())

    __hash__ = object.__hash__

    def __repr__(self) -> str:
        from .printing import tensor_text

        return tensor_text(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> Tensor:
        if self._node is not None:
            raise RuntimeError(
                "Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol at the "
                "moment. If you were attempting to deepcopy a module, this may be because of a tensor kept as an "
                "attribute that a forward pass computed: keep x.detach() instead."
            )
        import copy

        twin = type(self)._from_array(self._array.copy())
        memo[id(self)] = twin
        twin._device = self._device
        twin._requires_grad = self._requires_grad
        twin._grad = copy.deepcopy(self._grad, memo)
        twin.__dict__.update(copy.deepcopy(self._user_attributes(), memo))
        return twin

    def _user_attributes(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name not in Tensor.__annotations__}

    def __reduce__(self) -> tuple[Any, ...]:
        if self._node is not None:
            raise RuntimeError(
                "Only Tensors created explicitly by the user (graph leaves) can be pickled. Keep x.detach() instead."
            )
        return _rebuild, (type(self), self._array, self._device, self._requires_grad, self._user_attributes())

    # ------------------------------------------------------------------ indexing and writing in place

    def __getitem__(self, index: Any) -> Tensor:
        return ops.getitem(self, index)

    def __setitem__(self, index: Any, value: Any) -> None:
        ops.setitem(self, index, value)

    def _become(self, result: Tensor) -> Self:
        """Take over the values of ``result``, which was computed of this tensor, and its place in the graph."""
        if result.shape != self.shape:
            raise RuntimeError(
                f"output with shape {list(self.shape)} doesn't match the broadcast shape {list(result.shape)}"
            )
        if not _castable(result.dtype, self.dtype):
            raise RuntimeError(
                f"result type {_word(result.dtype)} can't be cast to the desired output type {_word(self.dtype)}"
            )
        np.copyto(self._array, result._array, casting="unsafe")
        self._bump()
        if result._node is not None:
            self._node = result._node
            self._requires_grad = True
        return self

    def _before_write(self, *others: Tensor) -> Tensor:
        """Check that this tensor may be written to; return what an operation may read in its place."""
        if not (autograd.mode.enabled and (self._requires_grad or any(t._requires_grad for t in others))):
            return self
        if self._requires_grad and self._node is None:
            raise RuntimeError(
                "a leaf Variable that requires grad is being used in an in-place operation. "
                "Write inside `with torch.no_grad():`, or compute a new tensor instead."
            )
        if self._base is not None:
            leaf = self._base._requires_grad and self._base._node is None
            raise RuntimeError(
                "a view of a leaf Variable that requires grad is being used in an in-place operation."
                if leaf
                else "writing to a view that autograd follows is not supported. Write to the whole tensor "
                "(x[index] = value), or compute a new one."
            )
        # the operation may keep what it read for the way back, and this memory is about to change
        before = wrap(self._array.copy(), self._device)
        before._requires_grad, before._node = self._requires_grad, self._node
        return before

    def copy_(self, src: Tensor, non_blocking: bool = False) -> Self:
        """Overwrite the values with those of ``src``, which broadcasts, from any dtype and device."""
        before = self._before_write(src)
        return self._become(apply(ops.CopyInto, before, src.to(self._device)))

    def zero_(self) -> Self:
        """Fill with zeros."""
        return self.fill_(0)

    def fill_(self, value: Any) -> Self:
        """Fill with one value."""
        filled = ops.scalar_like(self, value.item() if isinstance(value, Tensor) else value)
        return self._become(apply(ops.CopyInto, self._before_write(), filled))

    def add_(self, other: Any, *, alpha: Number = 1) -> Self:
        """Add ``alpha * other`` in place."""
        return self._become(ops.add(self._before_write(*_tensors(other)), other, alpha=alpha))

    def sub_(self, other: Any, *, alpha: Number = 1) -> Self:
        """Subtract ``alpha * other`` in place."""
        return self._become(ops.sub(self._before_write(*_tensors(other)), other, alpha=alpha))

    def mul_(self, other: Any) -> Self:
        """Multiply by ``other`` in place."""
        return self._become(ops.mul(self._before_write(*_tensors(other)), other))

    def div_(self, other: Any) -> Self:
        """Divide by ``other`` in place."""
        return self._become(ops.div(self._before_write(*_tensors(other)), other))

    def clamp_(self, min: Any = None, max: Any = None) -> Self:
        """Limit the values to ``[min, max]`` in place."""
        return self._become(ops.clamp(self._before_write(), min, max))

    def uniform_(self, from_: float = 0.0, to: float = 1.0) -> Self:
        """Fill with numbers drawn evenly from ``[from_, to)``."""
        from .random import generator

        self._before_write()
        self._array[...] = generator().uniform(from_, to, self._array.shape)
        self._bump()
        return self

    def normal_(self, mean: float = 0.0, std: float = 1.0) -> Self:
        """Fill with numbers drawn from a normal distribution."""
        from .random import generator

        self._before_write()
        self._array[...] = generator().normal(mean, std, self._array.shape)
        self._bump()
        return self

    __iadd__ = add_
    __isub__ = sub_
    __imul__ = mul_
    __itruediv__ = div_


# ------------------------------------------------------------------ running operations


def wrap(array: Array, device: device = CPU) -> Tensor:
    """Return a plain tensor around an array, without a copy."""
    tensor = object.__new__(Tensor)
    tensor._array = array if type(array) is np.ndarray else np.asarray(array)  # NumPy hands scalars back
    if device is not CPU:
        tensor._device = device
    return tensor


def apply(operation: type[Operation], *inputs: Tensor, **options: Any) -> Tensor:
    """Run an operation on tensors of one device, and record it if one of them requires a gradient."""
    node = operation()
    place = inputs[0]._device if len(inputs) == 1 else common_device(inputs)
    array = node.forward(*[t._array for t in inputs], **options)
    output = wrap(array, place)
    if node.is_view and np.may_share_memory(array, inputs[0]._array):
        source = inputs[0]
        output._version_ = source._version_counter()
        output._base = source if source._base is None else source._base
    if autograd.mode.enabled:
        for t in inputs:
            if t._requires_grad:
                node.record(inputs, output)
                output._node = node
                output._requires_grad = True
                break
    return output


def common_device(inputs: Sequence[Tensor]) -> device:
    """Return the device that all inputs live on; a scalar of the host may join any."""
    place = inputs[0]._device
    for t in inputs:
        if t._device is not place:
            return _settle_device(inputs)
    return place


def _settle_device(inputs: Sequence[Tensor]) -> device:
    places = {t._device for t in inputs if t._array.ndim > 0 or t._device != CPU}
    if len(places) > 1:
        first, second = (str(place) for place in sorted(places, key=str, reverse=True))
        raise RuntimeError(
            "Expected all tensors to be on the same device, but found at least two devices, "
            f"{first} and {second}! One of them was left behind: a plain tensor attribute does not follow "
            "Module.to(); make it a Buffer or a Parameter."
        )
    return places.pop() if places else CPU


def parse_to(args: Sequence[Any], kind: Any, place: Any) -> tuple[device | None, dtype | None]:
    """Read the arguments of ``to``: a dtype, a device, or a tensor that has both, in any order."""
    for arg in args:
        if isinstance(arg, dtype):
            kind = arg
        elif isinstance(arg, Tensor):
            place, kind = arg._device, arg.dtype
        elif isinstance(arg, str | device):
            place = arg
        elif not (isinstance(arg, bool) or arg is None):
            raise TypeError(
                f"to() received an invalid argument of type {_short_type(arg)}. It takes a dtype, a device or a Tensor."
            )
    return (None if place is None else as_device(place)), kind


def _rebuild(cls: type[T], array: Array, place: device, requires_grad: bool, attributes: dict[str, Any]) -> T:
    tensor = cls._from_array(array)
    tensor._device = as_device(place)
    tensor._requires_grad = requires_grad
    tensor.__dict__.update(attributes)
    return tensor


# ------------------------------------------------------------------ words for messages


def typename(value: Any) -> str:
    """Return the name that PyTorch gives an object's type: ``torch.FloatTensor``, ``int``, ``torch.nn.…``."""
    if isinstance(value, Tensor) and type(value) is Tensor:
        return str(value.type())
    cls = value if isinstance(value, type) else type(value)
    module = cls.__module__
    if module == "builtins":
        return cls.__qualname__
    return f"{module.replace('paramlab', 'torch', 1)}.{cls.__qualname__}"


def _short_type(value: Any) -> str:
    return type(value).__name__


def _word(kind: dtype) -> str:
    return kind.tensor_name.removesuffix("Tensor")


def _castable(source: dtype, target: dtype) -> bool:
    rank = {"b": 0, "i": 1, "u": 1, "f": 2}
    return rank[source.numpy.kind] <= rank[target.numpy.kind]


def _tensors(*values: Any) -> list[Tensor]:
    return [value for value in values if isinstance(value, Tensor)]


from . import ops  # noqa: E402 - operations are written in terms of Tensor, and its methods in terms of them
