"""What to say of an argument of the wrong type. It is asked only after a function has failed: what is right is free."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from ..dtypes import PYTHON_TYPES
from ..dtypes import dtype as DType
from ..tensor import Tensor

F = TypeVar("F", bound=Callable[..., Any])


def explained(function: F) -> F:
    """Decorate a function whose arguments have annotations: if one is not what they say, that is the error.

    Without it the error would be whatever the first line that stumbles over the argument makes of it.
    """

    @functools.wraps(function)
    def call(*args: Any, **options: Any) -> Any:
        try:
            return function(*args, **options)
        except Exception as error:
            raise complaint(function, args, options, error) from error.__cause__

    return call  # type: ignore[return-value]


def complaint(
    function: Callable[..., Any], args: tuple[Any, ...], options: dict[str, Any], error: Exception
) -> Exception:
    """Return PyTorch's ``TypeError`` for the first argument of the wrong type; ``error`` if there is none."""
    import inspect  # takes its time, and most programs never fail

    said = str(error)
    if isinstance(error, TypeError) and ("(): argument" in said or said.startswith(f"{function.__name__}() ")):
        return error  # Python, this function or one within it has found it
    for place, parameter in enumerate(inspect.signature(function).parameters.values()):
        if parameter.kind is parameter.VAR_POSITIONAL:
            break
        if place < len(args) and parameter.kind is not parameter.KEYWORD_ONLY:
            value, where = args[place], f" (position {place + 1})"
        elif parameter.name in options:
            value, where = options[parameter.name], ""
        else:
            continue
        kinds = str(parameter.annotation).split(" | ")
        if not any(kind not in _TAKES or _TAKES[kind](value) for kind in kinds):
            wanted = [_NAMES[kind] for kind in kinds if kind in _NAMES][-1]
            return TypeError(
                f"{function.__name__}(): argument '{parameter.name}'{where} must be {wanted}, not {type_name(value)}"
            )
    return error


def type_name(value: Any) -> str:
    """Return the name of a value's type as PyTorch's messages give it."""
    return "numpy.ndarray" if isinstance(value, np.ndarray) else type(value).__name__


def is_number(value: Any) -> bool:
    """Return whether a value is a number; a tensor without dimensions that autograd does not follow is one."""
    if isinstance(value, Tensor):
        return not (value.ndim or value.requires_grad)
    return isinstance(value, int | float | np.number | np.bool_)


def is_whole(value: Any) -> bool:
    """Return whether a value is a whole number, which a bool is not; a tensor of one without dimensions is."""
    if isinstance(value, Tensor):
        return is_number(value) and not value.is_floating_point()
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def _are_whole(value: Any) -> bool:
    return isinstance(value, tuple | list) and all(is_whole(item) for item in value)


# Which values an annotation stands for, and what PyTorch calls them; of any other annotation nothing is said.
_TAKES: dict[str, Callable[[Any], bool]] = {
    "None": lambda value: value is None,
    "Tensor": lambda value: isinstance(value, Tensor),
    "Sequence[Tensor]": lambda value: isinstance(value, tuple | list | Tensor),
    "int": is_whole,
    "Sequence[int]": _are_whole,
    "Sizes": lambda value: is_whole(value) or _are_whole(value),
    "Dims": lambda value: value is None or is_whole(value) or _are_whole(value),
    "float": is_number,
    "Number": is_number,
    "bool": lambda value: isinstance(value, bool | np.bool_),
    "DType": lambda value: isinstance(value, DType) or any(value is kind for kind in PYTHON_TYPES),
}
_NAMES = {
    "Tensor": "Tensor",
    "Sequence[Tensor]": "tuple of Tensors",
    "int": "int",
    "Sequence[int]": "tuple of ints",
    "Sizes": "tuple of ints",
    "Dims": "tuple of ints",
    "float": "float",
    "Number": "Number",
    "bool": "bool",
    "DType": "torch.dtype",
}
