"""What is done to all gradients, and to all Parameters, of a model at once: clipping, zeroing, one vector."""

from __future__ import annotations

from typing import Any

import numpy as np

from .case import attempt, case, floats
from .models import a_tree

Rng = np.random.Generator


def a_tree_with_gradients(torch: Any, rng: Rng) -> Any:
    """Return a model of three levels whose Parameters have gradients, but for the last."""
    model = a_tree(torch, rng)
    for parameter in list(model.parameters())[:-1]:
        parameter.grad = floats(torch, rng, *parameter.shape)
    return model


def gradients_of(model: Any) -> list[Any]:
    """Return the gradients of a model's Parameters."""
    return [p.grad for p in model.parameters()]


@case
def gradients_are_clipped_by_their_norm(torch: Any, rng: Rng) -> Any:
    """``clip_grad_norm_`` with the norms 2, 1 and inf: the norm before, and the gradients after."""
    answers = []
    for norm_type in (2.0, 1.0, float("inf")):
        model = a_tree_with_gradients(torch, rng)
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 0.5, norm_type=norm_type)
        answers.append([norm, gradients_of(model)])
    return answers


@case
def small_gradients_are_not_clipped(torch: Any, rng: Rng) -> Any:
    """``clip_grad_norm_`` with a limit that is not reached."""
    model = a_tree_with_gradients(torch, rng)
    norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 1e6)
    return norm, gradients_of(model)


@case
def a_norm_that_is_not_finite_can_be_refused(torch: Any, rng: Rng) -> Any:
    """``error_if_nonfinite=True`` and a gradient that is inf."""
    model = torch.nn.Linear(2, 1)
    model.weight.grad = torch.tensor([[1.0, float("inf")]])
    clip = torch.nn.utils.clip_grad_norm_
    return attempt(lambda: clip(model.parameters(), 1.0, error_if_nonfinite=True))["raises"], list(
        model.weight.grad.shape
    )


@case
def gradients_are_clipped_by_value(torch: Any, rng: Rng) -> Any:
    """``clip_grad_value_(parameters, 0.5)``."""
    model = a_tree_with_gradients(torch, rng)
    torch.nn.utils.clip_grad_value_(model.parameters(), 0.5)
    return gradients_of(model)


@case
def a_model_as_one_vector_and_back(torch: Any, rng: Rng) -> Any:
    """``parameters_to_vector`` and ``vector_to_parameters``: the values, and whether the memory is shared."""
    model, utils = torch.nn.Linear(2, 3), torch.nn.utils
    vector = floats(torch, rng, 9)
    utils.vector_to_parameters(vector, model.parameters())
    vector[0] = 7.0
    return model.weight.detach(), model.bias.detach(), utils.parameters_to_vector(model.parameters()).detach()


@case
def a_model_forgets_its_gradients(torch: Any, rng: Rng) -> Any:
    """``model.zero_grad(set_to_none=False)``, then ``model.zero_grad()``."""
    model = a_tree_with_gradients(torch, rng)
    model.zero_grad(set_to_none=False)
    zeros = gradients_of(model)
    model.zero_grad()
    return zeros, gradients_of(model)
