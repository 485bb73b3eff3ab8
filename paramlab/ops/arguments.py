"""How the arguments of a function are read: the first is a tensor, and NumPy's names for dimensions are known."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from ..tensor import Tensor
from .complaints import complaint, type_name

F = TypeVar("F", bound=Callable[..., Any])

Dims = int | Sequence[int] | None


def of_tensor(function: F) -> F:
    """Decorate a function of a tensor and dimensions: ``axis`` and ``keepdims`` stand for ``dim`` and ``keepdim``.

    ``TypeError`` if the first argument is no tensor, or another is not of the type that its annotation says.
    """

    @functools.wraps(function)
    def read(*args: Any, **options: Any) -> Any:
        if args and not isinstance(args[0], Tensor):
            raise not_a_tensor(function.__name__, args[0])
        if options:
            if "axis" in options:
                options["dim"] = options.pop("axis")
            if "keepdims" in options:
                options["keepdim"] = options.pop("keepdims")
        try:
            return function(*args, **options)
        except Exception as error:
            raise complaint(function, args, options, error) from error.__cause__

    return read  # type: ignore[return-value]


def need_tensors(name: str, **operands: Any) -> None:
    """Raise ``TypeError`` unless all operands, the first of them the function's first, are tensors."""
    for position, (argument, value) in enumerate(operands.items(), start=1):
        if not isinstance(value, Tensor):
            raise not_a_tensor(name, value, argument, position)


def need_listed(tensors: Iterable[Any]) -> None:
    """Raise ``TypeError`` unless all items of a list of tensors are tensors."""
    for number, item in enumerate(tensors):
        if not isinstance(item, Tensor):
            raise TypeError(f"expected Tensor as element {number} in argument 0, but got {type(item).__name__}")


def not_a_tensor(name: str, value: Any, argument: str = "input", position: int = 1) -> TypeError:
    """Return the error that says which argument should have been a tensor."""
    return TypeError(f"{name}(): argument '{argument}' (position {position}) must be Tensor, not {type_name(value)}")
