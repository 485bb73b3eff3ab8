"""Well-known introductory programs, kept short: each takes the package it runs on and returns what one looks at."""

from __future__ import annotations

from typing import Any

import numpy as np


def numbers(torch: Any, *shape: int, seed: int = 0) -> Any:
    """Return normally distributed numbers that are the same for both packages."""
    return torch.from_numpy(np.random.RandomState(seed).standard_normal(shape).astype("float32"))


def classes(torch: Any, count: int, *shape: int, seed: int = 0) -> Any:
    """Return class numbers below ``count`` that are the same for both packages."""
    return torch.from_numpy(np.random.RandomState(seed).randint(0, count, shape))


def same_start(torch: Any, model: Any) -> Any:
    """Give the model's parameters values that are the same for both packages, and return the model."""
    rng = np.random.RandomState(1)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.as_tensor(rng.standard_normal(tuple(parameter.shape)) * 0.3))
    return model
