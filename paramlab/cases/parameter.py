"""What ``nn.Parameter`` adds to a tensor."""

from __future__ import annotations

from typing import Any

import numpy as np

from .case import attempt, case, floats

Rng = np.random.Generator


@case
def it_is_a_tensor_and_a_parameter(torch: Any, rng: Rng) -> Any:
    """``p = nn.Parameter(t)``: its type, and whether it is a Tensor."""
    p = torch.nn.Parameter(floats(torch, rng, 3))
    return type(p).__name__, issubclass(type(p), torch.Tensor), isinstance(p, torch.nn.Parameter)


@case
def it_asks_for_a_gradient(torch: Any, rng: Rng) -> Any:
    """``nn.Parameter(t).requires_grad``, for a ``t`` that asks for none."""
    return torch.nn.Parameter(floats(torch, rng, 3)).requires_grad


@case
def it_can_be_frozen_from_the_start(torch: Any, rng: Rng) -> Any:
    """``nn.Parameter(t, requires_grad=False).requires_grad``."""
    return torch.nn.Parameter(floats(torch, rng, 3), requires_grad=False).requires_grad


@case
def it_keeps_the_values(torch: Any, rng: Rng) -> Any:
    """The values, the shape and the dtype of ``nn.Parameter(t)``."""
    p = torch.nn.Parameter(floats(torch, rng, 2, 3))
    return p.detach(), list(p.shape)


@case
def it_shares_the_memory(torch: Any, rng: Rng) -> Any:
    """``t[0] = 7`` after ``p = nn.Parameter(t)``: what ``p`` holds then."""
    t = floats(torch, rng, 3)
    p = torch.nn.Parameter(t)
    t[0] = 7
    return p.detach()


@case
def it_leaves_the_tensor_alone(torch: Any, rng: Rng) -> Any:
    """``t`` after ``nn.Parameter(t)``: its type and its ``requires_grad``; whether a computed ``t`` has its history."""
    t, computed = floats(torch, rng, 3), floats(torch, rng, 3).requires_grad_() * 2
    torch.nn.Parameter(t), torch.nn.Parameter(computed)
    return type(t).__name__, t.requires_grad, computed.grad_fn is not None


@case
def it_is_a_leaf_even_of_a_computed_tensor(torch: Any, rng: Rng) -> Any:
    """``nn.Parameter(w * 2)`` of a ``w`` that asks for a gradient: ``is_leaf`` and ``grad_fn``."""
    w = floats(torch, rng, 3).requires_grad_()
    p = torch.nn.Parameter(w * 2)
    return p.is_leaf, p.grad_fn is None


@case
def without_data_it_is_empty(torch: Any, rng: Rng) -> Any:
    """``nn.Parameter()``: its shape and its ``requires_grad``."""
    p = torch.nn.Parameter()
    return list(p.shape), p.requires_grad


@case
def integers_can_not_ask_for_a_gradient(torch: Any, rng: Rng) -> Any:
    """``nn.Parameter(torch.tensor([1, 2]))``, a tensor of integers."""
    return attempt(lambda: torch.nn.Parameter(torch.tensor([1, 2])).requires_grad)


@case
def frozen_integers_are_accepted(torch: Any, rng: Rng) -> Any:
    """``nn.Parameter(torch.tensor([1, 2]), requires_grad=False)``."""
    p = torch.nn.Parameter(torch.tensor([1, 2]), requires_grad=False)
    return type(p).__name__, p.detach()


@case
def a_number_is_no_tensor(torch: Any, rng: Rng) -> Any:
    """``nn.Parameter(3)``."""
    return attempt(lambda: torch.nn.Parameter(3).requires_grad)


@case
def a_subclass_stays_what_it_is(torch: Any, rng: Rng) -> Any:
    """``class Scale(nn.Parameter): pass`` and ``Scale(t)``: its type."""
    scale = type("Scale", (torch.nn.Parameter,), {})
    return type(scale(floats(torch, rng, 2))).__name__


@case
def it_prints_what_it_is(torch: Any, rng: Rng) -> Any:
    """``repr(nn.Parameter(t))``."""
    return repr(torch.nn.Parameter(floats(torch, rng, 2, 2)))


@case
def a_frozen_one_prints_without_requires_grad(torch: Any, rng: Rng) -> Any:
    """``repr(nn.Parameter(t, requires_grad=False))``."""
    return repr(torch.nn.Parameter(floats(torch, rng, 3), requires_grad=False))


@case
def an_empty_one_prints_too(torch: Any, rng: Rng) -> Any:
    """``repr(nn.Parameter())``."""
    return repr(torch.nn.Parameter())


@case
def what_is_computed_of_it_is_a_plain_tensor(torch: Any, rng: Rng) -> Any:
    """``p * 0.1``: its type, whether it is a leaf, whether it is a Parameter."""
    q = torch.nn.Parameter(floats(torch, rng, 3)) * 0.1
    return type(q).__name__, q.is_leaf, isinstance(q, torch.nn.Parameter)


@case
def another_dtype_is_a_plain_tensor(torch: Any, rng: Rng) -> Any:
    """``p.to(torch.float64)``: its type, and whether it is a leaf."""
    q = torch.nn.Parameter(floats(torch, rng, 3)).to(torch.float64)
    return type(q).__name__, q.is_leaf


@case
def the_same_dtype_is_the_same_object(torch: Any, rng: Rng) -> Any:
    """``p.to(torch.float32) is p``, for a ``p`` of float32."""
    p = torch.nn.Parameter(floats(torch, rng, 3))
    return p.to(torch.float32) is p


@case
def a_deep_copy_leaves_grad_and_attributes_behind(torch: Any, rng: Rng) -> Any:
    """``copy.deepcopy(p)`` of a Parameter with a gradient and an attribute ``note``."""
    import copy

    p = torch.nn.Parameter(floats(torch, rng, 3))
    p.sum().backward()
    p.note = "mine"
    q = copy.deepcopy(p)
    return type(q).__name__, q.grad is None, hasattr(q, "note"), q.detach()


@case
def it_receives_a_gradient(torch: Any, rng: Rng) -> Any:
    """``(p * x).sum().backward()``: ``p.grad``."""
    p, x = torch.nn.Parameter(floats(torch, rng, 3)), floats(torch, rng, 3)
    (p * x).sum().backward()
    return p.grad


@case
def a_temperature_that_is_learned_or_not(torch: Any, rng: Rng) -> Any:
    """``nn.Parameter(torch.tensor(1 / 0.07).log(), requires_grad=flag)`` for both flags."""
    made = [torch.nn.Parameter(torch.tensor(1 / 0.07).log(), requires_grad=flag) for flag in (True, False)]
    return [(t.requires_grad, t.is_leaf, round(t.item(), 3)) for t in made]


def _in_a_model(torch: Any, value: Any) -> tuple[bool, bool, bool]:
    """Return whether parameters() lists a value, state_dict() saves it, and .to() moves it."""
    model = torch.nn.Module()
    model.value = value
    listed = any(name == "value" for name, _ in model.named_parameters())
    saved = "value" in model.state_dict()
    model.to(torch.float64)
    return listed, saved, model.value.dtype == torch.float64


@case
def three_kinds_of_tensor_in_a_model(torch: Any, rng: Rng) -> Any:
    """A plain tensor, a Parameter and a Buffer as attributes of a model: listed, saved, moved?"""
    t = floats(torch, rng, 3)
    return {
        "Tensor": _in_a_model(torch, t.clone()),
        "Parameter": _in_a_model(torch, torch.nn.Parameter(t.clone())),
        "Buffer": _in_a_model(torch, torch.nn.Buffer(t.clone())),
    }


@case
def is_it_the_same_as_requires_grad(torch: Any, rng: Rng) -> Any:
    """``self.value = t.requires_grad_()``: does a gradient reach it, is it listed, saved, moved?"""
    model = torch.nn.Module()
    model.value = floats(torch, rng, 3).requires_grad_()
    (model.value * 2).sum().backward()
    reached = model.value.grad is not None
    listed, saved, moved = _in_a_model(torch, floats(torch, rng, 3).requires_grad_())
    return {"gets a gradient": reached, "parameters()": listed, "state_dict()": saved, ".to()": moved}
