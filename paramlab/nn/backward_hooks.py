"""Hooks on the way back: an operation that does nothing stands before and after a module, and sees the gradients."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..autograd import Array
from ..autograd.function import no_writing
from ..autograd.grad_mode import mode
from ..autograd.graph import Operation, Part
from ..tensor import Tensor, wrap

Grads = tuple[Any, ...]


class BackwardHookFunction(Operation):
    """Hands tensors on as they are; on the way back it shows their gradients, which may be exchanged there."""

    def __init__(self, tensors: Sequence[Tensor], see: Callable[[Grads], Grads]) -> None:
        self.needs = tuple([t.requires_grad for t in tensors])
        self.devices = [t._device for t in tensors]
        self.see = see

    @classmethod
    def watch(cls, tensors: Sequence[Tensor], see: Callable[[Grads], Grads]) -> list[Tensor]:
        """Return the tensors behind one node; ``see`` gets the gradients of all, None for one without."""
        node = cls(tensors, see)
        aliases: list[Any] = [t.detach() for t in tensors]
        for number, alias in enumerate(aliases):
            alias._refusal = no_writing(number, cls.__name__)
        Part.record_all(node, tensors, [a if needed else None for a, needed in zip(aliases, node.needs, strict=True)])
        return aliases

    def backward(self, grad: Any) -> tuple[Array | None, ...]:
        """Show the gradients, and hand on what they were exchanged for."""
        shown = [None if g is None else wrap(g, place) for g, place in zip(grad, self.devices, strict=True)]
        answers = self.see(tuple(shown))
        for old, new in zip(shown, answers, strict=True):
            if old is not None and new is not None and new.shape != old.shape:
                raise RuntimeError(f"hook 'hook' has changed the size of value: {list(old.shape)} to {list(new.shape)}")
        return tuple(None if g is None else g._array for g in answers)

    def name(self) -> str:
        """Return PyTorch's name of the node, which has no number."""
        return "BackwardHookFunctionBackward"


class BackwardHook:
    """What the hooks of one call of a module share: gradients of the outputs come first, those of the inputs last."""

    def __init__(self, module: Any) -> None:
        self.module = module
        self.pre_hooks = list(module._backward_pre_hooks.values())
        self.hooks = list(module._backward_hooks.values())
        self.inputs: Grads = ()
        self.input_places: list[int] = []  # where the tensors are among the arguments; none if no gradient is asked for
        self.output_places: list[int] = []
        self.outputs = 0
        self.grad_output: Grads | None = None

    def watch_inputs(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return the arguments, their gradients watched."""
        self.inputs = tuple(t.detach() if isinstance(t, Tensor) else None for t in args)
        watched, self.input_places = _watch(args, self._see_inputs)
        return watched

    def watch_outputs(self, output: Any) -> Any:
        """Return a module's output, its gradients watched if it is a tensor or a tuple of them."""
        if not isinstance(output, tuple | Tensor):
            warnings.warn(
                "For backward hooks to be called, module output should be a Tensor or a tuple of Tensors but received "
                f"{type(output)}",
                stacklevel=5,
            )
        listed = output if isinstance(output, tuple) else (output,)
        self.outputs = len(listed)
        watched, self.output_places = _watch(listed, self._see_outputs)
        return watched if isinstance(output, tuple) else watched[0]

    def _see_outputs(self, grads: Grads) -> Grads:
        grad_output = _spread(grads, self.output_places, self.outputs)
        for hook in self.pre_hooks:
            returned = hook(self.module, grad_output)
            if returned is not None:
                _check_length("pre hook returned an invalid number of grad_output", returned, grad_output)
                grad_output = returned
        if self.input_places:
            self.grad_output = grad_output
        elif self.hooks:
            self._call_without_inputs(grad_output)
        return tuple(grad_output[i] for i in self.output_places)

    def _call_without_inputs(self, grad_output: Grads) -> None:
        warnings.warn(
            "Full backward hook is firing when gradients are computed with respect to module outputs since no inputs "
            "require gradients. Their gradients, grad_input, are None.",
            stacklevel=2,
        )
        for hook in self.hooks:
            returned = hook(self.module, (None,) * len(self.inputs), grad_output)
            if returned is not None and not (isinstance(returned, tuple) and all(g is None for g in returned)):
                raise RuntimeError(
                    "Backward hook for Modules where no input requires gradient should always return None or None for "
                    "all gradients."
                )

    def _see_inputs(self, grads: Grads) -> Grads:
        if self.grad_output is None:
            return grads
        tensors = [self.inputs[i] for i in self.input_places]
        filled = tuple(_zeros(t) if g is None else g for g, t in zip(grads, tensors, strict=True))
        grad_input = _spread(filled, self.input_places, len(self.inputs))
        for hook in self.hooks:
            returned = hook(self.module, grad_input, self.grad_output)
            if returned is not None:
                _check_length("hook returned an invalid number of grad_input", returned, grad_input)
                grad_input = returned
        self.grad_output = None
        return tuple(grad_input[i] for i in self.input_places)


def _watch(values: tuple[Any, ...], see: Callable[[Grads], Grads]) -> tuple[tuple[Any, ...], list[int]]:
    """Return the values with their tensors watched, and where these are; no places if none requires a gradient."""
    places = [i for i, value in enumerate(values) if isinstance(value, Tensor)]
    tensors = [values[i] for i in places]
    if not (mode.enabled and any(t.requires_grad for t in tensors)):
        return values, []
    listed = list(values)
    for i, watched in zip(places, BackwardHookFunction.watch(tensors, see), strict=True):
        listed[i] = watched
    return (tuple(listed) if type(values) is tuple else type(values)(*listed)), places  # a namedtuple stays one


def _spread(grads: Grads, places: list[int], length: int) -> Grads:
    """Return the gradients at their places among ``length`` values, None at the others."""
    at = dict(zip(places, grads, strict=True))
    return tuple(at.get(i) for i in range(length))


def _zeros(tensor: Tensor) -> Tensor:
    return wrap(np.zeros_like(tensor._array), tensor._device)


def _check_length(what: str, returned: Any, expected: Grads) -> None:
    if len(returned) != len(expected):
        raise RuntimeError(f"Backward {what}, got {len(returned)}, but expected {len(expected)}")
