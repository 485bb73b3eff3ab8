"""Tensors to start a case of autograd from: leaves that ask for a gradient, and what reached them."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from .case import floats


def weight(torch: Any, rng: np.random.Generator, *shape: int) -> Any:
    """Return a tensor that asks for a gradient, three numbers unless told otherwise."""
    return floats(torch, rng, *(shape or (3,))).requires_grad_()


def grad_of(tensor: Any) -> Any:
    """Return ``tensor.grad``; PyTorch warns when a tensor that is no leaf is asked."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return tensor.grad


def differentiated(torch: Any, rng: np.random.Generator, function: Callable[..., Any], *leaves: Any) -> Any:
    """Return the outputs of ``function`` and what reaches each leaf when they receive uneven gradients."""
    for leaf in leaves:
        leaf.requires_grad_()
    result = function(*leaves)
    outputs = list(result) if isinstance(result, tuple | list) else [result]
    sum((output * floats(torch, rng, *output.shape)).sum() for output in outputs).backward()
    return [output.detach() for output in outputs], [leaf.grad for leaf in leaves]
