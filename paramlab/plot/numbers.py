"""Numbers as NumPy has them, of whatever holds them: floats, arrays, tensors of any framework, dtype and device."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def values_of(tensor: Any, at: NDArray[np.int64] | None = None) -> Floats:
    """Return the elements of a tensor in a row, float64; ``at`` picks some of them."""
    flat = tensor.detach().reshape(-1)
    if at is not None:
        flat = flat[at]
    values: Floats = flat.cpu().double().numpy()
    return values


def number(value: Any, where: str) -> float:
    """Return one number; ``where`` is what an error calls it."""
    plain = value.tolist() if hasattr(value, "tolist") else value
    if isinstance(plain, list) and np.size(plain) == 1:
        plain = np.ravel(plain)[0]
    try:
        return float(plain)
    except (TypeError, ValueError):
        raise TypeError(f"{where} is no number, but {_told(value)}. Keep one number a step: loss.item()") from None


def _told(value: Any) -> str:
    shape = getattr(value, "shape", None)
    name = type(value).__name__
    return f"a {name}" if shape is None else f"a {name} of shape {list(shape)}"
