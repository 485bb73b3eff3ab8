"""What autograd adds to an array: whether a gradient is wanted, where it came from, who looks at it on the way."""

from __future__ import annotations

import warnings
import weakref
from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from .. import autograd
from ..autograd import INFERENCE, Array, ArrayHook, Operation, Part, Version
from ..autograd.grad_mode import mode
from ..autograd.graph import Stamp
from ..dtypes import device, dtype
from ..hooks import RemovableHandle

if TYPE_CHECKING:
    from ..tensor import Tensor

Hook = Callable[["Tensor"], "Tensor | None"]


class Differentiable:
    """The part of a tensor that autograd knows; the tensor itself is in ``tensor.py``."""

    _requires_grad: bool
    _node: Operation | None
    _version_: Any  # a Version, shared by all that share memory; None before the first write
    _base: Tensor | None  # whose memory a view looks at

    # Defaults of the class: most tensors never change them, and a tensor is made for each operation.
    _grad: Tensor | None = None
    _base_node: Operation | None = None  # what had made the base when the view's own node was made
    _refusal: str | None = None  # why this view must not be written to while autograd follows
    _hooks: OrderedDict[int, ArrayHook] | None = None
    _hooks_after: OrderedDict[int, Callable[[Any], None]] | None = None
    _retains_grad: bool = False

    _array: Array
    _device: device
    _beside: Callable[[Array], Tensor]

    # ------------------------------------------------------------------ whether a gradient is wanted

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
                f"{type(requires_grad).__name__}"
            )
        if not (requires_grad or self.is_leaf):
            raise RuntimeError(_COMPUTED + _DETACH)
        if requires_grad and self._array.dtype.kind != "f":
            raise RuntimeError(
                "only Tensors of floating point and complex dtype can require gradients, "
                f"but this one is {dtype.of(self._array.dtype)}. Convert it first, for example with .float()."
            )
        if requires_grad and self._version_ is INFERENCE and not mode.inference:
            raise RuntimeError(
                "Setting requires_grad=True on inference tensor outside InferenceMode is not allowed. Make a normal "
                "tensor of it: x.clone()."
            )
        self._requires_grad = requires_grad
        return self

    # ------------------------------------------------------------------ where it came from

    @property
    def grad_fn(self) -> Any:
        """The operation that made this tensor, or None for a leaf."""
        self._follow_base()
        return None if self._node is None else self._node.shown

    @property
    def grad_fn_or_self(self: Any) -> Any:
        """Where the gradient of this tensor goes: to what made it or, if it is a leaf, to itself."""
        self._follow_base()
        return self._node or self

    @property
    def output_nr(self) -> int:
        """Which output of its ``grad_fn`` this is."""
        return 0 if self._node is None else self._node.number

    @property
    def is_leaf(self) -> bool:
        """Whether no recorded operation made this tensor."""
        return self.grad_fn is None

    def _follow_base(self: Any) -> None:
        """Bring a view's history up to date, if the memory that it looks at was written to since."""
        base = self._base
        if base is not None and base._node is not self._base_node and base._node is not None:  # None by detach_()
            if isinstance(self._node, Part):  # one of several views that were made at once
                raise RuntimeError(
                    self._refusal.replace("and is being", "and its base or another view of its base has been")
                )
            ops.AsStrided.look_at(base, self)
            self._base_node = base._node

    def _is_view(self) -> bool:
        return self._base is not None

    def _view_of(self: Any, source: Any) -> Any:
        """Become a view of ``source``, whose memory this is."""
        self._version_ = source._version_counter()
        self._base = base = source if source._base is None else source._base
        self._base_node = base._node
        return self

    # ------------------------------------------------------------------ how often it was written to

    @property
    def _version(self) -> int:
        if self._version_ is INFERENCE:
            raise RuntimeError("Inference tensors do not track version counter.")
        return 0 if self._version_ is None else self._version_.count

    def _version_counter(self: Any) -> Any:
        if self._version_ is None:
            self._version_ = version = Version(self)
            if self._node is not None:
                self._node._version_ = version  # for what has read this tensor, see Operation.connect
        return self._version_

    def _stamp(self) -> Stamp:
        version = self._version_ or self._version_counter()
        return version, version.count, self._array.shape

    def _bump(self) -> None:
        version = self._version_ or self._version_counter()
        version.bump()

    def is_inference(self) -> bool:
        """Return whether this tensor was made in ``inference_mode``."""
        return self._version_ is INFERENCE

    # ------------------------------------------------------------------ the gradient

    @property
    def grad(self: Any) -> Tensor | None:
        """The gradient that ``backward()`` left here, of the tensor's own shape; None before."""
        grad: Tensor | None = self._grad
        if grad is None and self._node is not None and not self._retains_grad:
            warnings.warn(_NON_LEAF_GRAD, UserWarning, stacklevel=2)
        return grad

    @grad.setter
    def grad(self: Any, value: Any) -> None:
        if value is None:
            self._grad = None
            return
        if not isinstance(value, Differentiable):
            raise TypeError(
                f"assigned grad expected to be a Tensor or None but got grad of type {type(value).__name__}"
            )
        if value is self:
            raise RuntimeError("can't assign Variable as its own grad. Give it a copy: x.grad = x.detach().clone().")
        ours, theirs = self._array, value._array
        if theirs.shape != ours.shape:
            raise RuntimeError(
                f"attempting to assign a gradient of size '{list(theirs.shape)}' to a tensor of size "
                f"'{list(ours.shape)}'. Please ensure that the gradient and the tensor are the same size"
            )
        if theirs.dtype != ours.dtype:
            raise RuntimeError(
                f"attempting to assign a gradient with dtype '{ops.c_name(dtype.of(theirs.dtype))}' to a tensor with "
                f"grad_dtype '{dtype.of(ours.dtype).word}'. The gradient must have the tensor's own dtype."
            )
        if value._device != self._device:
            raise RuntimeError(
                f"attempting to assign a gradient with device type '{value._device.type}' to a tensor with device "
                f"type '{self._device.type}'. Please ensure that the gradient and the tensor are on the same device"
            )
        self._grad = value

    @grad.deleter
    def grad(self) -> None:
        self._grad = None

    def backward(
        self,
        gradient: Tensor | None = None,
        retain_graph: bool | None = None,
        create_graph: bool = False,
        inputs: Any = None,
    ) -> None:
        """Compute the gradient of this tensor with respect to every leaf it was computed of, or to ``inputs``.

        ``gradient`` has the tensor's shape and may be left out for a scalar. The gradients are *added* to
        the leaves' ``grad``. ``RuntimeError`` if nothing requires a gradient, if the tensor is no scalar
        and ``gradient`` is missing, or if the graph was walked before without ``retain_graph=True``.
        """
        autograd.backward(self, gradient, retain_graph, create_graph, inputs=inputs)

    @property
    def retains_grad(self) -> bool:
        """Whether this tensor is no leaf and keeps its gradient in ``grad`` all the same."""
        return self._retains_grad

    def retain_grad(self: Any) -> None:
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

    # ------------------------------------------------------------------ who looks at it on the way

    def register_hook(self: Any, hook: Hook) -> RemovableHandle:
        """Call ``hook(grad)`` when this tensor's gradient is computed; what it returns replaces it.

        The handle's ``remove()`` takes the hook away again. ``RuntimeError`` if no gradient is asked for.
        """
        if not self.requires_grad:
            raise RuntimeError("cannot register a hook on a tensor that doesn't require gradient")
        holder, place = self._node, self._device
        if holder is not None:
            holder.hooks = hooks = holder.hooks or OrderedDict()
        else:
            self._hooks = hooks = self._hooks or OrderedDict()
        from ..tensor import wrap

        def on_array(grad: Array) -> Array:
            replaced = hook(wrap(grad, place))
            return grad if replaced is None else _checked(replaced, grad, hook)

        handle = RemovableHandle(hooks)
        hooks[handle.id] = on_array
        return handle

    def register_post_accumulate_grad_hook(self: Any, hook: Callable[[Any], Any]) -> RemovableHandle:
        """Call ``hook(tensor)`` after ``backward()`` has added to ``tensor.grad``; for leaves only."""
        if not self.requires_grad:
            raise RuntimeError("cannot register a hook on a tensor that doesn't require gradient")
        if self._node is not None:
            raise RuntimeError("post accumulate grad hooks cannot be registered on non-leaf tensors")
        self._hooks_after = self._hooks_after or OrderedDict()

        def after(leaf: Any) -> None:
            returned = hook(leaf)
            if returned is None or returned is leaf:  # what a write in place returns
                return
            if hasattr(returned, "grad_fn"):
                raise RuntimeError("Tensor post accumulate grad hooks should return None.")
            raise TypeError(f"expected Variable, but hook returned '{type(returned).__name__}'")

        handle = RemovableHandle(self._hooks_after)
        self._hooks_after[handle.id] = after
        return handle

    # ------------------------------------------------------------------ off the graph

    def detach(self) -> Tensor:
        """Return a tensor that shares this one's memory and that autograd does not follow."""
        alias = self._beside(self._array)
        alias._version_ = self._version_counter()  # what is written through one of them, the other knows
        return alias

    def detach_(self) -> Self:
        """Cut the tensor itself off from what it was computed of; it becomes a leaf."""
        if self._base is not None:
            raise RuntimeError("Can't detach views in-place. Use detach() instead.")
        self._version_counter()  # what has read this tensor finds it by its node
        self._node = None
        self._requires_grad = False
        return self


def _checked(replaced: Any, grad: Array, hook: Hook) -> Array:
    """Return the array that a hook's answer holds; an error if it does not fit the gradient."""
    if not isinstance(replaced, Differentiable):
        raise TypeError(f"expected Variable, but hook returned '{type(replaced).__name__}'")
    name, array = getattr(hook, "__name__", type(hook).__name__), replaced._array
    if array.dtype != grad.dtype:
        was, got = (dtype.of(a.dtype).tensor_name for a in (grad, array))
        raise RuntimeError(f"hook '{name}' has changed the type of value (was torch.{was} got torch.{got})")
    if array.shape != grad.shape:
        raise RuntimeError(f"hook '{name}' has changed the size of value")
    return array


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


from .. import ops  # noqa: E402 - see tensor.py
