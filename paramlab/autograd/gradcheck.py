"""gradcheck: a gradient compared with what finite differences say of the function."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .gradients import grad
from .graph import Array

if TYPE_CHECKING:
    from ..tensor import Tensor


class GradcheckError(RuntimeError):
    """Raised by ``gradcheck`` where a gradient is wrong."""


def gradcheck(
    func: Callable[..., Any],
    inputs: Any,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
) -> bool:
    """Return whether the gradients of ``func`` are those of central differences, ``(f(x + eps) - f(x - eps)) / 2 eps``.

    ``inputs`` is a tensor or a sequence of arguments; those that require a gradient are checked, and should
    be ``float64``: with less the differences are mostly rounding. ``GradcheckError`` where a Jacobian
    differs by more than ``atol + rtol * |numerical|``, or False with ``raise_exception=False``.
    """
    arguments = (inputs,) if _wants_grad(inputs) or hasattr(inputs, "requires_grad") else tuple(inputs)
    checked = [number for number, argument in enumerate(arguments) if _wants_grad(argument)]
    if not checked:
        raise ValueError(
            "gradcheck expects at least one input tensor to require gradient, but none of them have requires_grad=True."
        )
    for number in checked:
        if arguments[number]._array.dtype != np.float64:
            warnings.warn(
                f"Input #{number} requires gradient and is not a double precision floating point or complex. This "
                "check will likely fail if all the inputs are not of double precision floating point or complex. ",
                UserWarning,
                stacklevel=2,
            )
    try:
        for mismatch in _mismatches(func, arguments, checked, eps, atol, rtol):
            raise GradcheckError(mismatch)
    except GradcheckError:
        if raise_exception:
            raise
        return False
    return True


def _mismatches(
    func: Callable[..., Any], arguments: Sequence[Any], checked: Sequence[int], eps: float, atol: float, rtol: float
) -> Iterator[str]:
    outputs = _differentiable(func, arguments)
    if not outputs:
        yield "Numerical gradient for function expected to be zero: no output of the function requires a gradient."
        return
    for i, output in enumerate(outputs):
        for j in checked:
            argument = arguments[j]
            analytical = _analytical(output, argument)
            numerical = _numerical(lambda: _differentiable(func, arguments), i, argument, eps)
            if not np.allclose(analytical, numerical, rtol, atol, equal_nan=True):
                shown = f"numerical:{argument._beside(numerical)}\nanalytical:{argument._beside(analytical)}\n"
                yield f"Jacobian mismatch for output {i} with respect to input {j},\n{shown}"


def _analytical(output: Tensor, input: Tensor) -> Array:
    """Return the Jacobian ``(input elements, output elements)``, one walk backwards a column."""
    columns = []
    for k in range(output.numel()):
        seed = np.zeros(output.shape, output._array.dtype)
        seed.reshape(-1)[k] = 1
        (gradient,) = grad(output, input, output._beside(seed), retain_graph=True, materialize_grads=True)
        assert gradient is not None
        columns.append(gradient._array.reshape(-1))
    return np.stack(columns, axis=1) if columns else np.zeros((input.numel(), 0))


def _numerical(function: Callable[[], list[Any]], number: int, input: Tensor, eps: float) -> Array:
    """Return the Jacobian ``(input elements, output elements)`` by central differences, one row an element."""
    array, rows = input._array, []
    for place in np.ndindex(array.shape):
        before, values = array[place].copy(), []
        for step in (eps, -eps):
            array[place] = before + step
            values.append(function()[number]._array.astype(np.float64).reshape(-1))
        array[place] = before
        rows.append(((values[0] - values[1]) / (2 * eps)).astype(array.dtype))
    return np.stack(rows) if rows else np.zeros((0, 0))


def _outputs(func: Callable[..., Any], arguments: Sequence[Any]) -> list[Any]:
    answer = func(*arguments)
    return list(answer) if isinstance(answer, tuple | list) else [answer]


def _differentiable(func: Callable[..., Any], arguments: Sequence[Any]) -> list[Any]:
    return [output for output in _outputs(func, arguments) if _wants_grad(output)]


def _wants_grad(value: Any) -> bool:
    return bool(getattr(value, "requires_grad", False))
