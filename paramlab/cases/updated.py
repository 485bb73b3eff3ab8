"""Who is updated: what an optimizer holds after the model has changed, who moves in a step, what a group takes."""

from __future__ import annotations

import copy
from typing import Any

from .case import case, floats
from .sgd import Rng, linear, moved, parameter


@case
def who_is_updated(torch: Any, rng: Rng) -> Any:
    """What was done after ``SGD(model.parameters())``: is the weight held, and does a whole step move it?"""
    answers = {}
    for name, change in _CHANGES.items():
        model = torch.nn.Sequential(linear(torch, rng, 2, 2), linear(torch, rng, 2, 1))
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=0.1)
        x = floats(torch, rng, 4, 2)
        model(x).sum().backward()
        optimizer.step()
        model, asked = change(torch, rng, model)
        before = asked.tolist()
        optimizer.zero_grad()
        model(x.to(model[0].weight.dtype)).sum().backward()
        optimizer.step()
        held = any(p is asked for p in optimizer.param_groups[0]["params"])
        answers[name] = held, moved(asked, before)
    return answers


def _replaced(torch: Any, rng: Rng, model: Any) -> Any:
    """Replace the head; return the model and the two weights of interest, the new one and the old one."""
    old = model[1].weight
    model[1] = linear(torch, rng, 2, 1)
    return model, model[1].weight, old


def _grown(torch: Any, rng: Rng, model: Any) -> Any:
    model.append(linear(torch, rng, 1, 1))
    return model, model[2].weight


def _frozen(torch: Any, rng: Rng, model: Any) -> Any:
    return model, model[0].weight.requires_grad_(False)


def _copied(torch: Any, rng: Rng, model: Any) -> Any:
    twin = copy.deepcopy(model)
    return twin, twin[0].weight


def _moved_away(torch: Any, rng: Rng, model: Any) -> Any:
    return model.to(torch.float64), model[0].weight


_CHANGES: dict[str, Any] = {
    "body": lambda torch, rng, model: (model, model[0].weight),
    "new head": lambda *given: _replaced(*given)[:2],
    "old head": lambda *given: _replaced(*given)[::2],
    "layer added": _grown,
    "frozen": _frozen,
    "deep copy": _copied,
    "model.to()": _moved_away,
}
"""What may happen to a model that an optimizer holds; each returns the model and the weight that is asked for."""


@case
def zero_grad_reaches_what_is_held(torch: Any, rng: Rng) -> Any:
    """A new head after ``SGD(model.parameters())``, two whole steps on one batch: do body's and head's grads add up?"""
    model = torch.nn.Sequential(linear(torch, rng, 2, 2), linear(torch, rng, 2, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.0)
    model[1] = linear(torch, rng, 2, 1)
    x, grads = floats(torch, rng, 4, 2), []
    for _ in range(2):
        optimizer.zero_grad()
        model(x).sum().backward()
        grads.append([layer.bias.grad.tolist() for layer in model])
        optimizer.step()
    return grads


@case
def who_has_a_gradient_is_updated(torch: Any, rng: Rng) -> Any:
    """Two Parameters, one of them with a gradient: who moves in a step of ``SGD`` and of ``Adam``?"""
    found = []
    for kind in ("SGD", "Adam"):
        p, q = parameter(torch, rng), parameter(torch, rng)
        optimizer = getattr(torch.optim, kind)([p, q], lr=0.1)
        q.grad = floats(torch, rng, 3)
        before = p.tolist(), q.tolist()
        optimizer.step()
        found.append((moved(p, before[0]), moved(q, before[1])))
    return found


@case
def frozen_and_still_moving(torch: Any, rng: Rng) -> Any:
    """A weight frozen after a step, then a whole step: does it move, plain, with momentum, with weight decay?"""
    cleanings: dict[str, Any] = {
        "zero_grad()": lambda optimizer: optimizer.zero_grad(),
        "zero_grad(set_to_none=False)": lambda optimizer: optimizer.zero_grad(set_to_none=False),
        "no zero_grad": lambda optimizer: None,
    }
    answers = {}
    for name, clean in cleanings.items():
        found = []
        for options in ({}, {"momentum": 0.9}, {"weight_decay": 0.1}):
            model = linear(torch, rng)
            optimizer = torch.optim.SGD(model.parameters(), lr=0.1, **options)
            x = floats(torch, rng, 4, 2)
            model(x).sum().backward()
            optimizer.step()
            before = model.weight.requires_grad_(False).tolist()
            clean(optimizer)
            model(x).sum().backward()
            optimizer.step()
            found.append(moved(model.weight, before))
        answers[name] = found
    return answers


# ------------------------------------------------------------------ groups


@case
def a_group_holds_the_objects(torch: Any, rng: Rng) -> Any:
    """``add_param_group({"params": [p]})``: whether it holds ``p`` itself, and whether a step moves ``p``."""
    p, q = parameter(torch, rng), parameter(torch, rng)
    optimizer = torch.optim.SGD([p], lr=0.1)
    optimizer.add_param_group({"params": [q]})
    before, q.grad = q.tolist(), floats(torch, rng, 3)
    optimizer.step()
    return optimizer.param_groups[1]["params"][0] is q, moved(q, before)


@case
def a_generator_becomes_a_list(torch: Any, rng: Rng) -> Any:
    """``add_param_group({"params": model.parameters()})``: two steps of the model, and how many the group holds."""
    model = linear(torch, rng)
    optimizer = torch.optim.SGD([parameter(torch, rng)], lr=0.1)
    optimizer.add_param_group({"params": model.parameters()})
    for p in model.parameters():
        p.grad = floats(torch, rng, *p.shape)
    found = []
    for _ in range(2):
        optimizer.step()
        found.append(model.weight.tolist())
    return found, len(list(optimizer.param_groups[1]["params"]))


@case
def an_option_may_be_zero(torch: Any, rng: Rng) -> Any:
    """``add_param_group({"params": [p], "lr": 0.0, "momentum": 0})`` beside ``lr=0.1, momentum=0.9``: the options."""
    optimizer = torch.optim.SGD([parameter(torch, rng)], lr=0.1, momentum=0.9)
    optimizer.add_param_group({"params": [parameter(torch, rng)], "lr": 0.0, "momentum": 0})
    return [(group["lr"], group["momentum"]) for group in optimizer.param_groups]


@case
def a_group_changes_no_other(torch: Any, rng: Rng) -> Any:
    """``add_param_group`` of three groups, the second with ``lr=1.0``: the rates, and ``optimizer.defaults["lr"]``."""
    optimizer = torch.optim.SGD([parameter(torch, rng)], lr=0.1)
    optimizer.add_param_group({"params": [parameter(torch, rng)], "lr": 1.0})
    optimizer.add_param_group({"params": [parameter(torch, rng)]})
    return [group["lr"] for group in optimizer.param_groups], optimizer.defaults["lr"]
