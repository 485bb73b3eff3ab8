"""Function: an operation of one's own, its gradient written by hand in terms of tensors."""

from __future__ import annotations

import functools
import inspect
import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from .grad_mode import mode, no_grad
from .graph import Array, Bundle, Operation, Part, Stamp, refuse_stale, unbroadcast
from .walk import SECOND_TIME

if TYPE_CHECKING:
    from ..tensor import Tensor


class FunctionCtx:
    """What ``forward`` hands on to ``backward``: saved tensors, and any attributes that are set on it."""

    to_save: Sequence[Tensor | None] = ()
    dirty_tensors: Sequence[Tensor] = ()
    non_differentiable: Sequence[Tensor] = ()
    materialize_grads: bool = True
    needs_input_grad: tuple[bool, ...] = ()
    _saved: Sequence[tuple[Tensor, Stamp, str | None] | None] | None = ()

    def save_for_backward(self, *tensors: Tensor | None) -> None:
        """Keep tensors, inputs and outputs above all, for ``backward``, which reads ``saved_tensors``.

        ``TypeError`` for anything else; what is no tensor may be an attribute: ``ctx.k = 3``.
        """
        self.to_save = tensors

    def mark_non_differentiable(self, *tensors: Tensor) -> None:
        """Say which outputs have no gradient."""
        self.non_differentiable = tensors

    def mark_dirty(self, *tensors: Tensor) -> None:
        """Say which inputs ``forward`` has written to; it has to return them."""
        self.dirty_tensors = tensors

    def set_materialize_grads(self, value: bool) -> None:
        """Choose whether ``backward`` gets zeros, or None, for an output that received no gradient."""
        self.materialize_grads = value

    @property
    def saved_tensors(self) -> tuple[Tensor | None, ...]:
        """What was saved. ``RuntimeError`` after it was freed, or if it was written to since."""
        if self._saved is None:
            raise RuntimeError(SECOND_TIME)
        for entry in self._saved:
            if entry is not None and entry[0]._version != entry[1][1]:
                refuse_stale(*entry[1:])
        return tuple(None if entry is None else entry[0] for entry in self._saved)

    def _save(self, outputs: Sequence[Tensor], name: str) -> None:
        """Save what was asked for. An output is saved as an alias: it holds the node, which holds this."""
        saved: list[tuple[Tensor, Stamp, str | None] | None] = []
        for number, tensor in enumerate(self.to_save):
            if tensor is not None and not hasattr(tensor, "requires_grad"):
                raise TypeError(
                    f"save_for_backward can only save variables, but argument {number} is of type "
                    f"{type(tensor).__name__}. Keep it as an attribute: ctx.name = value."
                )
            if tensor is None:
                saved.append(None)
            elif any(tensor is output for output in outputs):
                saved.append((tensor.detach(), tensor._stamp(), name))
            else:
                saved.append((tensor, tensor._stamp(), None))
        self._saved, self.to_save = saved, ()


class FunctionNode(Operation):
    """The node of a ``Function``; what it does not know itself, its ``ctx`` is asked for."""

    function: ClassVar[type[Function]]
    ctx: FunctionCtx
    arguments: Sequence[tuple[tuple[int, ...], np.dtype[Any]] | None]  # shape and type; None for what is no tensor
    outputs: Sequence[tuple[tuple[int, ...], np.dtype[Any], Any] | None]  # shape, type and device; None as above

    def name(self) -> str:
        """Return the node's name: that of the function, and ``Backward``."""
        return type(self).__name__

    def __repr__(self) -> str:
        return f"<torch.autograd.function.{self.name()} object at {id(self):#x}>"

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__dict__["ctx"], name)

    def backward(self, grad: Any) -> tuple[Array | None, ...]:
        """Run the function's own ``backward`` on tensors, and check what it returns."""
        grads = iter(grad if isinstance(grad, Bundle) else (grad,))
        received = [None if output is None else self._incoming(next(grads), output) for output in self.outputs]
        with no_grad():
            answer = self.function.backward(self.ctx, *received)
        answers = answer if isinstance(answer, tuple) else (answer,)
        return tuple(self._outgoing(answers))

    def _incoming(self, grad: Array | None, output: tuple[tuple[int, ...], np.dtype[Any], Any]) -> Tensor | None:
        from ..tensor import wrap

        shape, kind, place = output
        if grad is None and not self.ctx.materialize_grads:
            return None
        return wrap(np.zeros(shape, kind) if grad is None else grad, place)

    def _outgoing(self, answers: tuple[Any, ...]) -> list[Array | None]:
        expected = len(self.arguments)
        if len(answers) < expected or any(answer is not None for answer in answers[expected:]):
            raise RuntimeError(
                f"function {self.name()} returned an incorrect number of gradients (expected {expected}, got "
                f"{len(answers)}). backward() returns one for each argument of forward() after ctx, None for what is "
                "no tensor."
            )
        grads: list[Array | None] = []
        for number, (answer, argument) in enumerate(zip(answers, self.arguments, strict=False)):
            if answer is not None and not hasattr(answer, "requires_grad"):
                raise RuntimeError(f"expected Variable or None (got {type(answer).__name__})")
            if argument is not None:
                grads.append(None if answer is None else self._fit(number, answer._array, *argument))
            elif answer is not None:
                raise RuntimeError(
                    f"function {self.name()} returned a gradient different than None at position {number + 1}, but "
                    "the corresponding forward input was not a Variable"
                )
        return grads

    def _fit(self, number: int, grad: Array, shape: tuple[int, ...], kind: np.dtype[Any]) -> Array:
        if grad.shape != shape and not _expands(shape, grad.shape):
            raise RuntimeError(
                f"Function {self.name()} returned an invalid gradient at index {number} - got {list(grad.shape)} but "
                f"expected shape compatible with {list(shape)}"
            )
        # a view, for the tensor may be somebody else's too: a saved one, or the gradient of another input
        return unbroadcast(grad, shape).astype(kind, copy=False)[...]

    def free(self) -> None:
        """Forget what was saved."""
        self.ctx._saved = None


class Function:
    """An operation with a gradient of its own.

    A subclass defines static methods: ``forward(ctx, *args)``, or ``forward(*args)`` and
    ``setup_context(ctx, inputs, output)``; and ``backward(ctx, *grads)``, which gets the gradient of each
    output and returns one for each argument, None for what is no tensor. It is called as
    ``MyFunction.apply(*args)``; ``forward`` runs unrecorded.
    """

    _node_type: ClassVar[type[FunctionNode]]

    def __init_subclass__(cls, **options: Any) -> None:
        """Give the function a node that bears its name."""
        super().__init_subclass__(**options)
        cls._node_type = type(f"{cls.__name__}Backward", (FunctionNode,), {"function": cls})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        warnings.warn(
            f"{type(self)} should not be instantiated. Methods on autograd functions are all static, so you should "
            "invoke them on the class itself. Instantiating an autograd function will raise an error in a future "
            "version of PyTorch.",
            DeprecationWarning,
            stacklevel=2,
        )

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Refuse: the methods are static, and ``apply`` is a method of the class."""
        raise RuntimeError(
            "Legacy autograd function with non-static forward method is deprecated. Please use new-style autograd "
            f"function with static forward method: {type(self).__name__}.apply(...)."
        )

    @staticmethod
    def forward(*args: Any, **kwargs: Any) -> Any:
        """Compute the outputs; to be defined."""
        raise NotImplementedError("You must implement the forward function for custom autograd.Function.")

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> Any:
        """Keep what ``backward`` needs; if this is defined, ``forward`` takes no ``ctx``."""
        raise NotImplementedError("setup_context is not implemented.")

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        """Return the gradients of the arguments; to be defined."""
        raise NotImplementedError(
            "You must implement either the backward or vjp method for your custom autograd.Function to use it with "
            "backward mode AD."
        )

    @classmethod
    def apply(cls, *args: Any, **kwargs: Any) -> Any:
        """Run ``forward`` and return what it returns, recorded if an argument requires a gradient."""
        separate = cls.setup_context is not Function.setup_context
        if separate or kwargs:
            args = _bound(cls.forward, args, kwargs, 0 if separate else 1)
        ctx = FunctionCtx()
        ctx.needs_input_grad = tuple(_is_tensor(arg) and arg.requires_grad for arg in args)
        with no_grad():
            if separate:
                output = cls.forward(*args)
                cls.setup_context(ctx, args, output)
            else:
                output = cls.forward(ctx, *args)
        several = isinstance(output, tuple)
        outputs = _record(cls._node_type(), ctx, args, output if several else (output,))
        return tuple(outputs) if several else outputs[0]


def once_differentiable(backward: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a ``backward`` whose own operations have no gradient; here that holds for all of them."""

    @functools.wraps(backward)
    def inside(ctx: Any, *grads: Any) -> Any:
        with no_grad():
            return backward(ctx, *grads)

    return inside


def _record(node: FunctionNode, ctx: FunctionCtx, args: tuple[Any, ...], outputs: tuple[Any, ...]) -> list[Any]:
    """Make ``node`` the history of the outputs, and return them."""
    inputs = [arg for arg in args if _is_tensor(arg)]
    results = [_settle(output, inputs, ctx, node.name()) for output in outputs]
    for tensor in ctx.dirty_tensors:
        if not any(tensor is arg for arg in inputs):
            warnings.warn(
                "ctx.mark_dirty() received a tensor that was not an input. Only input Tensors that have been mutated "
                "should be passed to ctx.mark_dirty().",
                stacklevel=3,
            )
        if not any(tensor is output for output in outputs):
            raise RuntimeError(
                "Some elements marked as dirty during the forward method were not returned as output. The inputs that "
                "are modified inplace must all be outputs of the Function."
            )
        tensor._bump()
    tensors = [result for result in results if _is_tensor(result)]
    if not (mode.enabled and True in ctx.needs_input_grad):
        return results
    ctx._save([output for output in outputs if _is_tensor(output)], node.name())
    node.ctx = ctx
    node.arguments = [(arg._array.shape, arg._array.dtype) if _is_tensor(arg) else None for arg in args]
    node.outputs = [(r._array.shape, r._array.dtype, r._device) if _is_tensor(r) else None for r in results]
    followed = [t if _has_gradient(t, ctx) else None for t in tensors]
    if len(tensors) > 1:
        Part.record_all(node, inputs, followed)
    elif followed and followed[0] is not None:
        node.connect(inputs)
        node.record(followed[0])
    return results


def _settle(output: Any, inputs: Sequence[Tensor], ctx: FunctionCtx, name: str) -> Any:
    """Return what the caller gets for an output: an input that was handed through comes back as a view of itself."""
    if any(output is tensor for tensor in ctx.dirty_tensors):
        if output.is_leaf and output.requires_grad:
            raise RuntimeError("a leaf Variable that requires grad has been used in an in-place operation.")
        return output
    if any(output is tensor for tensor in inputs):
        output = output.detach()._view_of(output)
    if _is_tensor(output) and output._base is not None:
        output._refusal = no_writing(0, name.removesuffix("Backward"))
    return output


def no_writing(number: int, name: str) -> str:
    """Return why an output of a custom function that is a view may not be written to."""
    return (
        f"Output {number} of {name} is a view and is being modified inplace. This view was created inside a custom "
        "Function (or because an input was returned as-is) and the autograd logic to handle view+inplace would "
        "override the custom backward associated with the custom Function, leading to incorrect gradients. This "
        "behavior is forbidden. You can fix this by cloning the output of the custom Function."
    )


def _has_gradient(output: Tensor, ctx: FunctionCtx) -> bool:
    return output.is_floating_point() and not any(output is tensor for tensor in ctx.non_differentiable)


def _bound(forward: Callable[..., Any], args: Any, kwargs: Any, skip: int) -> tuple[Any, ...]:
    """Return the arguments in the order of ``forward``, defaults filled in; ``skip`` is 1 if it takes a ``ctx``."""
    bound = inspect.signature(forward).bind(*(None,) * skip, *args, **kwargs)
    bound.apply_defaults()
    return bound.args[skip:]


def _expands(shape: tuple[int, ...], target: tuple[int, ...]) -> bool:
    """Return whether a tensor of ``shape`` broadcasts to ``target``."""
    if len(shape) > len(target):
        return False
    return all(length in (1, wanted) for length, wanted in zip(reversed(shape), reversed(target), strict=False))


def _is_tensor(value: Any) -> bool:
    return hasattr(value, "_version_")
