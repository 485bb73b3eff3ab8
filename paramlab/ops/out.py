"""``out=``: a result that is written into a tensor which is there already.

The arithmetic, the products of matrices and what joins tensors take it.
"""

from __future__ import annotations

import warnings
from typing import Any

from ..autograd import mode, no_grad
from ..tensor import Tensor
from .complaints import type_name


def write(name: str, result: Tensor, out: Any, *, exact: bool = False) -> Tensor:
    """Write the result of the function ``name`` into ``out``, which takes its shape, and return ``out``.

    ``RuntimeError`` if autograd would have to follow it, and for a type that ``out`` cannot hold (``exact``:
    any other type). A warning if ``out`` has elements and another shape.
    """
    if not isinstance(out, Tensor):
        raise TypeError(f"{name}(): argument 'out' must be Tensor, not {type_name(out)}")
    if result.requires_grad or (out.requires_grad and mode.enabled):
        raise RuntimeError(
            f"{name}(): functions with out=... arguments don't support automatic differentiation, but one of the "
            "arguments requires grad. Leave out= away, or call it inside `with torch.no_grad():`."
        )
    if exact and out.dtype is not result.dtype:
        wanted, got = result.dtype.word.lower(), out.dtype.word.lower()
        raise RuntimeError(f"Expected out tensor to have dtype {wanted}, but got {got} instead")
    if result.dtype.rank > out.dtype.rank:
        raise RuntimeError(
            f"result type {result.dtype.word} can't be cast to the desired output type {out.dtype.word}. Make out "
            f"with dtype=torch.{result.dtype.name}."
        )
    if out.shape == result.shape:
        with no_grad():
            return out.copy_(result)  # type: ignore[no-any-return]
    if out.numel():
        warnings.warn(
            "An output with one or more elements was resized since it had shape "
            f"{list(out.shape)}, which does not match the required output shape {list(result.shape)}.",
            UserWarning,
            stacklevel=3,
        )
    out.data = result.to(out.dtype)
    return out
