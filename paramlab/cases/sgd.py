"""Who is updated by ``optim.SGD``, by how much, and who is not."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from .case import attempt, case, floats

Rng = np.random.Generator


def parameter(torch: Any, rng: Rng, *shape: int) -> Any:
    """Return a Parameter of three numbers, or of another shape."""
    return torch.nn.Parameter(floats(torch, rng, *(shape or (3,))))


def linear(torch: Any, rng: Rng, inputs: int = 2, outputs: int = 1) -> Any:
    """Return a Linear layer whose numbers come from ``rng``."""
    layer = torch.nn.Linear(inputs, outputs)
    layer.weight, layer.bias = parameter(torch, rng, outputs, inputs), parameter(torch, rng, outputs)
    return layer


def _steps(torch: Any, rng: Rng, count: int = 3, **options: Any) -> Any:
    """Return the values of a Parameter after each of some steps, with a gradient of its own for each."""
    p = parameter(torch, rng)
    optimizer = torch.optim.SGD([p], **options)
    found = []
    for _ in range(count):
        p.grad = floats(torch, rng, 3)
        optimizer.step()
        found.append(p.tolist())
    return found


def moved(tensor: Any, before: Any) -> bool:
    """Return whether a tensor's values differ from those that it had."""
    return bool(tensor.tolist() != before)


# ------------------------------------------------------------------ the step


@case
def a_step_goes_against_the_gradient(torch: Any, rng: Rng) -> Any:
    """``loss.backward(); optimizer.step()`` with ``lr=0.1``: the weights, and the gradients after."""
    model = linear(torch, rng)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    model(floats(torch, rng, 4, 2)).sum().backward()
    optimizer.step()
    return [(p.tolist(), p.grad) for p in model.parameters()]


@case
def a_step_writes_into_the_parameter(torch: Any, rng: Rng) -> Any:
    """``optimizer.step()``: whether the weight is the same object, its memory, ``is_leaf``, ``requires_grad``."""
    model = linear(torch, rng)
    weight, address = model.weight, model.weight.data_ptr()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    model(floats(torch, rng, 4, 2)).sum().backward()
    optimizer.step()
    return model.weight is weight, weight.data_ptr() == address, weight.is_leaf, weight.requires_grad


@case
def the_learning_rate_is_a_thousandth(torch: Any, rng: Rng) -> Any:
    """``SGD(params)`` without ``lr``: a step, and the defaults of the group."""
    group = torch.optim.SGD([parameter(torch, rng)]).param_groups[0]
    names = ("lr", "momentum", "dampening", "weight_decay", "nesterov", "maximize")
    return _steps(torch, rng, 1), {name: group[name] for name in names}


@case
def three_plain_steps(torch: Any, rng: Rng) -> Any:
    """Three steps with ``lr=0.1``."""
    return _steps(torch, rng, lr=0.1)


@case
def momentum(torch: Any, rng: Rng) -> Any:
    """Three steps with ``lr=0.1, momentum=0.9``."""
    return _steps(torch, rng, lr=0.1, momentum=0.9)


@case
def dampening(torch: Any, rng: Rng) -> Any:
    """Three steps with ``lr=0.1, momentum=0.9, dampening=0.5``: the first is not dampened."""
    return _steps(torch, rng, lr=0.1, momentum=0.9, dampening=0.5)


@case
def nesterov(torch: Any, rng: Rng) -> Any:
    """Three steps with ``lr=0.1, momentum=0.9, nesterov=True``."""
    return _steps(torch, rng, lr=0.1, momentum=0.9, nesterov=True)


@case
def weight_decay(torch: Any, rng: Rng) -> Any:
    """Three steps with ``lr=0.1, weight_decay=0.2``."""
    return _steps(torch, rng, lr=0.1, weight_decay=0.2)


@case
def maximize(torch: Any, rng: Rng) -> Any:
    """Three steps with ``lr=0.1, maximize=True``, with weight decay and momentum as well."""
    return (
        _steps(torch, rng, lr=0.1, maximize=True),
        _steps(torch, rng, lr=0.1, maximize=True, weight_decay=0.2, momentum=0.9),
    )


@case
def everything_at_once(torch: Any, rng: Rng) -> Any:
    """Three steps with ``lr=0.1, momentum=0.9, weight_decay=0.2, nesterov=True``; the gradient is left alone."""
    p = parameter(torch, rng)
    optimizer = torch.optim.SGD([p], lr=0.1, momentum=0.9, weight_decay=0.2, nesterov=True)
    p.grad = floats(torch, rng, 3)
    found = []
    for _ in range(3):
        optimizer.step()
        found.append((p.tolist(), p.grad.tolist(), optimizer.state[p]["momentum_buffer"].tolist()))
    return found


@case
def a_step_leaves_the_gradient_alone(torch: Any, rng: Rng) -> Any:
    """``p.grad`` after two steps with one gradient: plain, with ``momentum=0.9``, with ``nesterov=True`` too."""
    found = []
    for options in ({}, {"momentum": 0.9}, {"momentum": 0.9, "nesterov": True}):
        p = parameter(torch, rng)
        optimizer = torch.optim.SGD([p], lr=0.1, **options)
        p.grad = floats(torch, rng, 3)
        for _ in range(2):
            optimizer.step()
        found.append(p.grad.tolist())
    return found


@case
def plain_steps_keep_no_state(torch: Any, rng: Rng) -> Any:
    """``optimizer.state_dict()["state"]`` after a step: what is kept without ``momentum``, and with it."""
    found = []
    for momentum in (0, 0.9):
        p = parameter(torch, rng)
        optimizer = torch.optim.SGD([p], lr=0.1, momentum=momentum)
        p.grad = floats(torch, rng, 3)
        optimizer.step()
        found.append(optimizer.state_dict()["state"].get(0, {}).get("momentum_buffer"))
    return found


@case
def a_closure_computes_the_loss_again(torch: Any, rng: Rng) -> Any:
    """``optimizer.step(closure)``: what it returns, and the weight; ``optimizer.step()`` without: what it returns."""
    p = parameter(torch, rng)
    optimizer = torch.optim.SGD([p], lr=0.1)

    def closure() -> Any:
        optimizer.zero_grad()
        loss = (p * p).sum()
        loss.backward()
        return loss

    return optimizer.step(closure).item(), p.tolist(), optimizer.step()


# ------------------------------------------------------------------ no gradient, an old one, a zero one


@case
def without_a_gradient_nothing_happens(torch: Any, rng: Rng) -> Any:
    """A Parameter whose ``grad`` is None, with ``weight_decay`` and a momentum from before: does it move?"""
    p = parameter(torch, rng)
    optimizer = torch.optim.SGD([p], lr=0.1, momentum=0.9, weight_decay=0.2)
    p.grad = floats(torch, rng, 3)
    optimizer.step()
    before, kept = p.tolist(), optimizer.state[p]["momentum_buffer"].tolist()
    p.grad = None
    optimizer.step()
    return moved(p, before), optimizer.state[p]["momentum_buffer"].tolist() == kept


@case
def a_gradient_of_zero_acts(torch: Any, rng: Rng) -> Any:
    """A gradient of zeros: three steps plain, with ``weight_decay``, and with a momentum from before."""
    found = []
    for options in ({}, {"weight_decay": 0.2}, {"momentum": 0.9}):
        p = parameter(torch, rng)
        optimizer = torch.optim.SGD([p], lr=0.1, **options)
        p.grad = floats(torch, rng, 3)
        optimizer.step()
        p.grad.zero_()
        before = p.tolist()
        optimizer.step()
        found.append((moved(p, before), p.tolist()))
    return found


@case
def a_frozen_parameter_and_zero_grad(torch: Any, rng: Rng) -> Any:
    """Frozen after a step, with ``momentum`` and ``weight_decay``: does it move under ``zero_grad(set_to_none=…)``?"""
    found = []
    for none in (True, False):
        model = linear(torch, rng)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=0.2)
        x = floats(torch, rng, 4, 2)
        model(x).sum().backward()
        optimizer.step()
        model.weight.requires_grad_(False)
        before = model.weight.tolist()
        optimizer.zero_grad(set_to_none=none)
        model(x).sum().backward()
        optimizer.step()
        found.append((moved(model.weight, before), model.weight.tolist(), model.bias.tolist()))
    return found


@case
def an_old_gradient_still_steps(torch: Any, rng: Rng) -> Any:
    """``backward()``, then frozen, then ``step()`` without ``zero_grad()``: the weight."""
    p = parameter(torch, rng)
    optimizer = torch.optim.SGD([p], lr=0.1)
    (p * 2).sum().backward()
    p.requires_grad_(False)
    before = p.tolist()
    optimizer.step()
    return moved(p, before), p.tolist()


@case
def a_layer_frozen_from_the_start(torch: Any, rng: Rng) -> Any:
    """``weight.requires_grad_(False)`` before ``SGD(model.parameters())``: is it held, does it move?"""
    model = linear(torch, rng)
    model.weight.requires_grad_(False)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, weight_decay=0.2)
    before = model.weight.tolist()
    model(floats(torch, rng, 4, 2)).sum().backward()
    optimizer.step()
    return len(optimizer.param_groups[0]["params"]), moved(model.weight, before)


@case
def zero_grad_both_ways(torch: Any, rng: Rng) -> Any:
    """``optimizer.zero_grad()`` and ``zero_grad(set_to_none=False)``: ``grad`` where there was one, and where not."""
    found = []
    for options in ({}, {"set_to_none": False}):
        p, q = parameter(torch, rng), parameter(torch, rng)
        optimizer = torch.optim.SGD([p, q], lr=0.1)
        (p * 2).sum().backward()
        grad = p.grad
        optimizer.zero_grad(**options)
        found.append((p.grad, q.grad, p.grad is grad))
    return found


@case
def zero_grad_forgets(torch: Any, rng: Rng) -> Any:
    """``backward()``, then ``optimizer.zero_grad()``: the gradients of two Parameters, and whether these moved."""
    p, q = parameter(torch, rng), parameter(torch, rng)
    before = p.tolist(), q.tolist()
    optimizer = torch.optim.SGD([p, q], lr=0.1)
    (p * q).sum().backward()
    optimizer.zero_grad()
    return p.grad, q.grad, moved(p, before[0]), moved(q, before[1])


@case
def zero_grad_reaches_every_group(torch: Any, rng: Rng) -> Any:
    """``optimizer.zero_grad()`` and ``zero_grad(set_to_none=False)`` with two groups: the gradients of both."""
    found = []
    for options in ({}, {"set_to_none": False}):
        p, q = parameter(torch, rng), parameter(torch, rng)
        optimizer = torch.optim.SGD([{"params": [p]}, {"params": [q]}], lr=0.1)
        (p * 2 + q).sum().backward()
        optimizer.zero_grad(**options)
        found.append((p.grad, q.grad))
    return found


@case
def a_gradient_kept_elsewhere_stays(torch: Any, rng: Rng) -> Any:
    """``kept = p.grad``, then ``optimizer.zero_grad()``: what is in ``kept``; the same with ``set_to_none=False``."""
    found = []
    for options in ({}, {"set_to_none": False}):
        p = torch.nn.Parameter(torch.ones(2))
        (p * 2).sum().backward()
        kept = p.grad
        torch.optim.SGD([p], lr=0.1).zero_grad(**options)
        found.append(kept.tolist())
    return found


@case
def a_model_forgets_its_gradients_too(torch: Any, rng: Rng) -> Any:
    """``model.zero_grad()`` and ``model.zero_grad(set_to_none=False)``: ``weight.grad``, is it the same tensor?"""
    found = []
    for options in ({}, {"set_to_none": False}):
        model = linear(torch, rng)
        model(floats(torch, rng, 4, 2)).sum().backward()
        grad = model.weight.grad
        model.zero_grad(**options)
        found.append((model.weight.grad, model.weight.grad is grad))
    return found


@case
def forgotten_zero_grad(torch: Any, rng: Rng) -> Any:
    """Three times ``backward()`` and ``step()`` without ``zero_grad()``, and with it: the weight."""
    found = []
    for clean in (False, True):
        p = torch.nn.Parameter(torch.ones(2))
        optimizer = torch.optim.SGD([p], lr=0.1)
        for _ in range(3):
            if clean:
                optimizer.zero_grad()
            (p * p).sum().backward()
            optimizer.step()
        found.append(p.tolist())
    return found


@case
def negative_options_are_refused(torch: Any, rng: Rng) -> Any:
    """``SGD(params, lr=-1)``, ``momentum=-1``, ``weight_decay=-1``, and ``nesterov=True`` without momentum."""
    options: list[dict[str, Any]] = [
        {"lr": -1},
        {"momentum": -1},
        {"weight_decay": -1},
        {"nesterov": True},
        {"nesterov": True, "momentum": 0.9, "dampening": 0.5},
    ]
    return [attempt(partial(torch.optim.SGD, [parameter(torch, rng)], **o)) for o in options]


@case
def the_other_switches_change_nothing(torch: Any, rng: Rng) -> Any:
    """Steps with ``foreach`` True and False, and ``fused=True``; ``fused`` with ``foreach`` or ``differentiable``."""
    seed = int(rng.integers(1000))
    switches: list[dict[str, Any]] = [{"foreach": True}, {"foreach": False}, {"fused": True}]
    moves = [_steps(torch, np.random.default_rng(seed), lr=0.1, momentum=0.9, **switch) for switch in switches]
    both: list[dict[str, Any]] = [{"fused": True, "foreach": True}, {"fused": True, "differentiable": True}]
    p = parameter(torch, rng)
    return moves, [attempt(partial(torch.optim.SGD, [p], **switch)) for switch in both]


@case
def a_rate_may_be_a_tensor(torch: Any, rng: Rng) -> Any:
    """``SGD(params, lr=torch.tensor(0.1))``: three steps, and one after ``lr.fill_(1.0)``; a tensor of two rates."""
    p, rate = parameter(torch, rng), torch.tensor(0.1)
    optimizer = torch.optim.SGD([p], lr=rate)
    found = []
    for _ in range(3):
        p.grad = floats(torch, rng, 3)
        optimizer.step()
        found.append(p.tolist())
    rate.fill_(1.0)
    optimizer.step()
    return found, p.tolist(), attempt(lambda: torch.optim.SGD([p], lr=torch.ones(2)))


@case
def any_layout_and_type_is_updated(torch: Any, rng: Rng) -> Any:
    """A transposed matrix, a single number, an empty tensor, float64 and float16: two steps, the gradients after."""
    dtypes = [torch.float32, torch.float64, torch.float16]
    held = [floats(torch, rng, *shape).to(dtype).requires_grad_() for dtype in dtypes for shape in ((2, 3), (), (0,))]
    held.insert(0, floats(torch, rng, 3, 2).t().requires_grad_())
    grads = [floats(torch, rng, *p.shape).to(p.dtype) for p in held]
    groups = [{"params": held[:-3], "weight_decay": 0.25}, {"params": held[-3:]}]
    optimizer = torch.optim.SGD(groups, lr=0.5, momentum=0.5)
    for _ in range(2):
        for p, grad in zip(held, grads, strict=True):
            p.grad = grad
        optimizer.step()
    return [(p.detach().float(), p.dtype) for p in held], [grad.float() for grad in grads]
