"""``backward`` and ``grad``: what a walk starts from, what it is asked for, and what is refused."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .graph import Array
from .walk import Start, Walk

if TYPE_CHECKING:
    from ..tensor import Tensor

Tensors = Any  # a tensor, or a sequence of tensors


def backward(
    tensors: Tensors,
    grad_tensors: Tensors = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    grad_variables: Tensors = None,
    inputs: Tensors = None,
) -> None:
    """Add the gradients of ``tensors`` to the ``grad`` of every leaf that they were computed of, or of ``inputs``.

    ``grad_tensors`` are the gradients of ``tensors`` themselves, of the same shapes; one that is None is 1,
    and its tensor has a single element. ``RuntimeError`` if a tensor requires no gradient, if a gradient is
    missing or has another shape, or if the graph was walked before without ``retain_graph=True``.
    """
    _first_derivatives_only(create_graph)
    if grad_variables is not None:
        warnings.warn("`grad_variables` is deprecated. Use `grad_tensors` instead.", FutureWarning, stacklevel=2)
        if grad_tensors is not None:
            raise RuntimeError(
                "`grad_tensors` and `grad_variables` (deprecated) arguments both passed to `backward()`. "
                "Please only use `grad_tensors`."
            )
        grad_tensors = grad_variables
    roots = _sequence(tensors)
    start = Start(roots, _seeds(roots, grad_tensors))
    if inputs is None:
        Walk(start).run(bool(retain_graph))
        return
    chosen = _sequence(inputs)
    if not chosen:
        raise RuntimeError("`inputs` argument to `backward()` cannot be empty.")
    for tensor in chosen:
        if tensor.grad_fn is not None or not tensor.requires_grad:
            tensor.retain_grad()  # which also refuses what asks for no gradient
    Walk(start, [tensor.grad_fn_or_self for tensor in chosen]).run(bool(retain_graph))


def grad(
    outputs: Tensors,
    inputs: Tensors,
    grad_outputs: Tensors = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    only_inputs: bool = True,
    allow_unused: bool | None = None,
    is_grads_batched: bool = False,
    materialize_grads: bool = False,
) -> tuple[Tensor | None, ...]:
    """Return the gradients of ``outputs`` with respect to ``inputs``, leaves or not; no ``grad`` is written.

    ``grad_outputs`` as in ``backward``. An input that the outputs were not computed of is refused, is None
    with ``allow_unused=True``, or zeros with ``materialize_grads=True``.
    """
    _first_derivatives_only(create_graph)
    if is_grads_batched:
        raise RuntimeError("is_grads_batched=True is not supported: call grad() once for each gradient.")
    if not only_inputs:
        warnings.warn(
            "only_inputs argument is deprecated and is ignored now (defaults to True).", FutureWarning, stacklevel=2
        )
    if materialize_grads and allow_unused is False:
        raise ValueError(
            "Expected allow_unused to be True or not passed when materialize_grads=True, but got: allow_unused=False."
        )
    roots, chosen = _sequence(outputs), _sequence(inputs)
    start = Start(roots, _seeds(roots, grad_outputs))
    if not chosen:
        raise RuntimeError("`inputs` argument to `grad()` cannot be empty.")
    edges = [_target(tensor) for tensor in chosen]
    walk = Walk(start, edges, collect=True)
    walk.run(bool(retain_graph))
    found = [walk.found.get(edge) for edge in edges]
    if not (allow_unused or materialize_grads):
        _refuse_unused(found)
    return tuple(_result(tensor, gradient, materialize_grads) for tensor, gradient in zip(chosen, found, strict=True))


def _target(tensor: Any) -> Any:
    if not hasattr(tensor, "requires_grad"):
        raise RuntimeError(f"all inputs have to be Tensors or GradientEdges, but got {type(tensor).__name__}")
    if not tensor.requires_grad:
        raise RuntimeError(
            "One of the differentiated Tensors does not require grad. Ask for it before it is used: x.requires_grad_()."
        )
    return tensor.grad_fn_or_self


def _refuse_unused(found: Sequence[Array | None]) -> None:
    for number, gradient in enumerate(found):
        if gradient is None:
            raise RuntimeError(
                f"The differentiated Tensor at index {number} appears to not have been used in the graph. Set "
                "allow_unused=True if this is the desired behavior."
            )


def _result(tensor: Tensor, gradient: Array | None, materialize: bool) -> Tensor | None:
    if gradient is None:
        return tensor._beside(np.zeros_like(tensor._array)) if materialize else None
    return tensor._beside(gradient if gradient.base is None else gradient.copy("K"))


def _first_derivatives_only(create_graph: bool) -> None:
    if create_graph:
        raise RuntimeError(
            "create_graph=True is not supported: paramlab computes first derivatives only. Call it without "
            "create_graph, or write the first derivative as a formula of tensors and differentiate that."
        )


def _sequence(tensors: Tensors) -> list[Any]:
    return [tensors] if hasattr(tensors, "requires_grad") else list(tensors)


def _seeds(roots: Sequence[Tensor], gradients: Tensors) -> list[Array]:
    """Return the gradient that each root starts with, as an array of its shape and dtype."""
    given = [None] * len(roots) if gradients is None else _sequence(gradients)
    if len(given) != len(roots):
        raise RuntimeError(f"got {len(roots)} tensors and {len(given)} gradients. Give one for each, or None.")
    return [_seed(number, root, gradient) for number, (root, gradient) in enumerate(zip(roots, given, strict=True))]


def _seed(number: int, root: Tensor, gradient: Tensor | None) -> Array:
    array = root._array
    if gradient is None and root.requires_grad and array.size != 1:
        raise RuntimeError(
            "grad can be implicitly created only for scalar outputs. This one has the shape "
            f"{list(array.shape)}: reduce it first, for example with .sum() or .mean()."
        )
    if gradient is not None and not hasattr(gradient, "requires_grad"):
        raise TypeError(f"gradients can be either Tensors or None, but got {type(gradient).__name__}")
    if gradient is not None and gradient.shape != root.shape:
        raise RuntimeError(
            f"Mismatch in shape: grad_output[{number}] has a shape of {gradient.shape} and output[{number}] has a "
            f"shape of {root.shape}."
        )
    if not root.requires_grad:
        raise RuntimeError(
            f"element {number} of tensors does not require grad and does not have a grad_fn. Nothing that it was "
            "computed of asks for a gradient: are the weights Parameters, and was no no_grad() around the computation?"
        )
    return np.ones_like(array) if gradient is None else gradient._array.astype(array.dtype, copy=False)
