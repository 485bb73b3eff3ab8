"""Who is updated by ``optim.SGD``, by how much, and who is not."""

from __future__ import annotations

import copy
import warnings
from functools import partial
from typing import Any

import numpy as np

from .case import attempt, case, floats

Rng = np.random.Generator


def _parameter(torch: Any, rng: Rng, *shape: int) -> Any:
    return torch.nn.Parameter(floats(torch, rng, *(shape or (3,))))


def _linear(torch: Any, rng: Rng, inputs: int = 2, outputs: int = 1) -> Any:
    """Return a Linear layer whose numbers come from ``rng``."""
    layer = torch.nn.Linear(inputs, outputs)
    layer.weight, layer.bias = _parameter(torch, rng, outputs, inputs), _parameter(torch, rng, outputs)
    return layer


def _steps(torch: Any, rng: Rng, count: int = 3, **options: Any) -> Any:
    """Return the values of a Parameter after each of some steps, with a gradient of its own for each."""
    p = _parameter(torch, rng)
    optimizer = torch.optim.SGD([p], **options)
    found = []
    for _ in range(count):
        p.grad = floats(torch, rng, 3)
        optimizer.step()
        found.append(p.tolist())
    return found


def _moved(tensor: Any, before: Any) -> bool:
    return bool(tensor.tolist() != before)


# ------------------------------------------------------------------ the step


@case
def a_step_goes_against_the_gradient(torch: Any, rng: Rng) -> Any:
    """``loss.backward(); optimizer.step()`` with ``lr=0.1``: the weights, and the gradients after."""
    model = _linear(torch, rng)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    model(floats(torch, rng, 4, 2)).sum().backward()
    optimizer.step()
    return [(p.tolist(), p.grad) for p in model.parameters()]


@case
def a_step_writes_into_the_parameter(torch: Any, rng: Rng) -> Any:
    """``optimizer.step()``: whether the weight is the same object, its memory, ``is_leaf``, ``requires_grad``."""
    model = _linear(torch, rng)
    weight, address = model.weight, model.weight.data_ptr()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    model(floats(torch, rng, 4, 2)).sum().backward()
    optimizer.step()
    return model.weight is weight, weight.data_ptr() == address, weight.is_leaf, weight.requires_grad


@case
def the_learning_rate_is_a_thousandth(torch: Any, rng: Rng) -> Any:
    """``SGD(params)`` without ``lr``: a step, and the defaults of the group."""
    group = torch.optim.SGD([_parameter(torch, rng)]).param_groups[0]
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
    p = _parameter(torch, rng)
    optimizer = torch.optim.SGD([p], lr=0.1, momentum=0.9, weight_decay=0.2, nesterov=True)
    p.grad = floats(torch, rng, 3)
    found = []
    for _ in range(3):
        optimizer.step()
        found.append((p.tolist(), p.grad.tolist(), optimizer.state[p]["momentum_buffer"].tolist()))
    return found


@case
def plain_steps_keep_no_state(torch: Any, rng: Rng) -> Any:
    """``optimizer.state_dict()["state"]`` after a step: what is kept without ``momentum``, and with it."""
    found = []
    for momentum in (0, 0.9):
        p = _parameter(torch, rng)
        optimizer = torch.optim.SGD([p], lr=0.1, momentum=momentum)
        p.grad = floats(torch, rng, 3)
        optimizer.step()
        found.append(optimizer.state_dict()["state"].get(0, {}).get("momentum_buffer"))
    return found


@case
def a_closure_computes_the_loss_again(torch: Any, rng: Rng) -> Any:
    """``optimizer.step(closure)``: what it returns, and the weight; ``optimizer.step()`` without: what it returns."""
    p = _parameter(torch, rng)
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
    p = _parameter(torch, rng)
    optimizer = torch.optim.SGD([p], lr=0.1, momentum=0.9, weight_decay=0.2)
    p.grad = floats(torch, rng, 3)
    optimizer.step()
    before, kept = p.tolist(), optimizer.state[p]["momentum_buffer"].tolist()
    p.grad = None
    optimizer.step()
    return _moved(p, before), optimizer.state[p]["momentum_buffer"].tolist() == kept


@case
def a_gradient_of_zero_acts(torch: Any, rng: Rng) -> Any:
    """A gradient of zeros: three steps plain, with ``weight_decay``, and with a momentum from before."""
    found = []
    for options in ({}, {"weight_decay": 0.2}, {"momentum": 0.9}):
        p = _parameter(torch, rng)
        optimizer = torch.optim.SGD([p], lr=0.1, **options)
        p.grad = floats(torch, rng, 3)
        optimizer.step()
        p.grad.zero_()
        before = p.tolist()
        optimizer.step()
        found.append((_moved(p, before), p.tolist()))
    return found


@case
def a_frozen_parameter_and_zero_grad(torch: Any, rng: Rng) -> Any:
    """Frozen after a step, with ``momentum`` and ``weight_decay``: does it move under ``zero_grad(set_to_none=…)``?"""
    found = []
    for none in (True, False):
        model = _linear(torch, rng)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=0.2)
        x = floats(torch, rng, 4, 2)
        model(x).sum().backward()
        optimizer.step()
        model.weight.requires_grad_(False)
        before = model.weight.tolist()
        optimizer.zero_grad(set_to_none=none)
        model(x).sum().backward()
        optimizer.step()
        found.append((_moved(model.weight, before), model.weight.tolist(), model.bias.tolist()))
    return found


@case
def an_old_gradient_still_steps(torch: Any, rng: Rng) -> Any:
    """``backward()``, then frozen, then ``step()`` without ``zero_grad()``: the weight."""
    p = _parameter(torch, rng)
    optimizer = torch.optim.SGD([p], lr=0.1)
    (p * 2).sum().backward()
    p.requires_grad_(False)
    before = p.tolist()
    optimizer.step()
    return _moved(p, before), p.tolist()


@case
def a_layer_frozen_from_the_start(torch: Any, rng: Rng) -> Any:
    """``weight.requires_grad_(False)`` before ``SGD(model.parameters())``: is it held, does it move?"""
    model = _linear(torch, rng)
    model.weight.requires_grad_(False)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, weight_decay=0.2)
    before = model.weight.tolist()
    model(floats(torch, rng, 4, 2)).sum().backward()
    optimizer.step()
    return len(optimizer.param_groups[0]["params"]), _moved(model.weight, before)


@case
def zero_grad_both_ways(torch: Any, rng: Rng) -> Any:
    """``optimizer.zero_grad()`` and ``zero_grad(set_to_none=False)``: ``grad`` where there was one, and where not."""
    found = []
    for options in ({}, {"set_to_none": False}):
        p, q = _parameter(torch, rng), _parameter(torch, rng)
        optimizer = torch.optim.SGD([p, q], lr=0.1)
        (p * 2).sum().backward()
        grad = p.grad
        optimizer.zero_grad(**options)
        found.append((p.grad, q.grad, p.grad is grad))
    return found


@case
def a_model_forgets_its_gradients_too(torch: Any, rng: Rng) -> Any:
    """``model.zero_grad()`` and ``model.zero_grad(set_to_none=False)``: ``weight.grad``, is it the same tensor?"""
    found = []
    for options in ({}, {"set_to_none": False}):
        model = _linear(torch, rng)
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


# ------------------------------------------------------------------ groups


@case
def groups_have_options_of_their_own(torch: Any, rng: Rng) -> Any:
    """``SGD([{"params": [a], "lr": 1.0}, {"params": [b]}], lr=0.1)``: a step, and the rates."""
    a, b = _parameter(torch, rng), _parameter(torch, rng)
    optimizer = torch.optim.SGD([{"params": [a], "lr": 1.0}, {"params": [b]}], lr=0.1, momentum=0.5)
    for p in (a, b):
        p.grad = floats(torch, rng, 3)
    optimizer.step()
    return a.tolist(), b.tolist(), [(group["lr"], group["momentum"]) for group in optimizer.param_groups]


@case
def a_rate_can_be_changed(torch: Any, rng: Rng) -> Any:
    """``optimizer.param_groups[0]["lr"] = 1.0``: the step after."""
    p = _parameter(torch, rng)
    optimizer = torch.optim.SGD([p], lr=0.1)
    optimizer.param_groups[0]["lr"] = 1.0
    p.grad = floats(torch, rng, 3)
    optimizer.step()
    return p.tolist()


@case
def add_param_group_adds(torch: Any, rng: Rng) -> Any:
    """``optimizer.add_param_group({"params": head.parameters(), "lr": 1.0})``: the groups, and a step of the head."""
    body, head = _linear(torch, rng), _linear(torch, rng, 1, 1)
    optimizer = torch.optim.SGD(body.parameters(), lr=0.1)
    optimizer.add_param_group({"params": head.parameters(), "lr": 1.0})
    head(body(floats(torch, rng, 4, 2))).sum().backward()
    optimizer.step()
    groups = [(len(group["params"]), group["lr"], group["weight_decay"]) for group in optimizer.param_groups]
    return groups, head.weight.tolist(), body.weight.tolist()


@case
def a_group_may_hold_one_tensor_or_none(torch: Any, rng: Rng) -> Any:
    """``{"params": p}`` with a bare tensor, and ``{"params": []}``: how many each group holds."""
    p = _parameter(torch, rng)
    return [len(group["params"]) for group in torch.optim.SGD([{"params": p}, {"params": []}]).param_groups]


@case
def what_is_no_group_is_refused(torch: Any, rng: Rng) -> Any:
    """``optimizer.add_param_group([p])``, and one that holds ``p`` already."""
    p = _parameter(torch, rng)
    optimizer = torch.optim.SGD([p])
    return (
        attempt(lambda: optimizer.add_param_group([_parameter(torch, rng)])),
        attempt(lambda: optimizer.add_param_group({"params": [p]})),
        len(optimizer.param_groups),
    )


@case
def one_parameter_in_two_groups_is_refused(torch: Any, rng: Rng) -> Any:
    """``SGD([{"params": [a]}, {"params": [a, b]}])``; ``SGD([a, a])`` is a warning."""
    a, b = _parameter(torch, rng), _parameter(torch, rng)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        twice = torch.optim.SGD([a, a], lr=0.1)
    refused = attempt(lambda: torch.optim.SGD([{"params": [a]}, {"params": [a, b]}]))
    return refused, [w.category.__name__ for w in said], len(twice.param_groups[0]["params"])


# ------------------------------------------------------------------ objects, not names


@case
def a_replaced_layer_is_not_updated(torch: Any, rng: Rng) -> Any:
    """``model[0] = new`` after ``SGD(model.parameters())``: which of the two layers moves, each having a gradient?"""
    old, new = _linear(torch, rng), _linear(torch, rng)
    model = torch.nn.Sequential(old)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    model[0] = new
    before = old.weight.tolist(), new.weight.tolist()
    for layer in (old, new):
        layer(floats(torch, rng, 4, 2)).sum().backward()
    optimizer.step()
    return _moved(old.weight, before[0]), _moved(new.weight, before[1])


@case
def a_replaced_parameter_is_not_updated(torch: Any, rng: Rng) -> Any:
    """``model.weight = nn.Parameter(…)`` after ``SGD(model.parameters())``: weight and bias after a step."""
    model = _linear(torch, rng)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    model.weight = _parameter(torch, rng, 1, 2)
    before = model.weight.tolist(), model.bias.tolist()
    model(floats(torch, rng, 4, 2)).sum().backward()
    optimizer.step()
    return _moved(model.weight, before[0]), _moved(model.bias, before[1])


@case
def a_layer_added_later_is_not_updated(torch: Any, rng: Rng) -> Any:
    """``model.append(layer)`` after ``SGD(model.parameters())``: how many tensors the optimizer holds."""
    model = torch.nn.Sequential(_linear(torch, rng))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    model.append(_linear(torch, rng, 1, 1))
    return len(optimizer.param_groups[0]["params"]), len(list(model.parameters()))


@case
def a_deep_copy_is_not_followed(torch: Any, rng: Rng) -> Any:
    """``twin = copy.deepcopy(model)`` after ``SGD(model.parameters())``: which of the two moves?"""
    model = _linear(torch, rng)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    twin = copy.deepcopy(model)
    before = model.weight.tolist()
    for m in (model, twin):
        m(floats(torch, rng, 4, 2)).sum().backward()
    optimizer.step()
    return _moved(model.weight, before), _moved(twin.weight, before)


@case
def a_moved_model_is_followed(torch: Any, rng: Rng) -> Any:
    """``model.to(torch.float64)`` after ``SGD(model.parameters())``: does it hold the weight, dtype, and the step."""
    model = _linear(torch, rng)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    model.to(torch.float64)
    model(floats(torch, rng, 4, 2).double()).sum().backward()
    optimizer.step()
    return optimizer.param_groups[0]["params"][0] is model.weight, model.weight.dtype, model.weight.tolist()


@case
def state_stays_in_the_old_dtype(torch: Any, rng: Rng) -> Any:
    """``model.double()`` after a step with ``momentum``: the dtype of weight and momentum, and the next step."""
    p = _parameter(torch, rng)
    holder = torch.nn.Module()
    holder.p = p
    optimizer = torch.optim.SGD([p], lr=0.1, momentum=0.9)
    p.grad = floats(torch, rng, 3)
    optimizer.step()
    holder.double()
    optimizer.step()
    return p.dtype, optimizer.state[p]["momentum_buffer"].dtype, p.tolist()


@case
def a_buffer_is_not_updated(torch: Any, rng: Rng) -> Any:
    """``SGD(model.parameters())`` of a model with a buffer and a plain tensor that asks for a gradient: who moves?"""
    model = torch.nn.Module()
    model.weight = _parameter(torch, rng)
    model.register_buffer("mean", floats(torch, rng, 3))
    model.plain = floats(torch, rng, 3).requires_grad_()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    before = {name: getattr(model, name).tolist() for name in ("weight", "mean", "plain")}
    (model.weight * model.mean + model.plain).sum().backward()
    optimizer.step()
    return {name: _moved(getattr(model, name), values) for name, values in before.items()}


@case
def a_plain_leaf_may_be_handed_over(torch: Any, rng: Rng) -> Any:
    """``SGD([t])`` for a plain tensor that asks for a gradient, and for one that does not: a step."""
    t, fixed = floats(torch, rng, 3).requires_grad_(), floats(torch, rng, 3)
    optimizer = torch.optim.SGD([t, fixed], lr=0.1)
    (t * fixed).sum().backward()
    optimizer.step()
    return t.tolist(), fixed.tolist()


# ------------------------------------------------------------------ what is accepted and what is refused


@case
def a_generator_runs_once(torch: Any, rng: Rng) -> Any:
    """``g = model.parameters()``, counted with ``sum(…)`` first: ``SGD(g)``."""
    listed = _linear(torch, rng).parameters()
    return sum(p.numel() for p in listed), attempt(lambda: torch.optim.SGD(listed))


@case
def a_model_without_parameters_is_refused(torch: Any, rng: Rng) -> Any:
    """``SGD(nn.ReLU().parameters())``, and ``SGD([])``."""
    nothing: list[Any] = [torch.nn.ReLU().parameters(), []]
    return [attempt(partial(torch.optim.SGD, given)) for given in nothing]


@case
def what_may_not_be_handed_over(torch: Any, rng: Rng) -> Any:
    """``SGD(p)`` with a bare Parameter, ``SGD([3])``, ``SGD(model)``, a group whose ``"params"`` are a set."""
    p = _parameter(torch, rng)
    given = [p, [3], _linear(torch, rng), [{"params": {p, _parameter(torch, rng)}}]]
    answers = [attempt(partial(torch.optim.SGD, g)) for g in given]
    return [answer["raises"] for answer in answers], answers[0], answers[1], answers[3]


@case
def a_computed_tensor_is_refused(torch: Any, rng: Rng) -> Any:
    """``SGD([w * 2])``, and ``SGD([p.to(torch.float64)])`` of a Parameter ``p``."""
    p = _parameter(torch, rng)
    return [attempt(partial(torch.optim.SGD, [t])) for t in (p * 2, p.to(torch.float64))]


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
    return [attempt(partial(torch.optim.SGD, [_parameter(torch, rng)], **o)) for o in options]


@case
def named_parameters_are_accepted(torch: Any, rng: Rng) -> Any:
    """``SGD(model.named_parameters())``: ``param_names``, and whether it holds the weight; some names missing."""
    model = _linear(torch, rng)
    group = torch.optim.SGD(model.named_parameters()).param_groups[0]
    mixed = [("weight", model.weight), model.bias]
    return group["param_names"], group["params"][0] is model.weight, attempt(lambda: torch.optim.SGD(mixed))["raises"]


# ------------------------------------------------------------------ printing and saving


@case
def it_prints_its_groups(torch: Any, rng: Rng) -> Any:
    """``repr(SGD(…))`` of two groups: the class, the groups, and those of the options that this course uses."""
    optimizer = torch.optim.SGD([{"params": [_parameter(torch, rng)], "lr": 0.5}, {"params": []}], lr=0.1)
    used = (
        "SGD (",
        "Parameter Group",
        "lr:",
        "momentum:",
        "dampening:",
        "weight_decay:",
        "nesterov:",
        "maximize:",
        ")",
    )
    return [line for line in repr(optimizer).split("\n") if line.strip().startswith(used)]


@case
def its_state_dict_has_numbers_for_tensors(torch: Any, rng: Rng) -> Any:
    """``optimizer.state_dict()`` of two groups, after a step: the keys, the numbers of the tensors, the momentum."""
    a, b = _parameter(torch, rng), _parameter(torch, rng)
    optimizer = torch.optim.SGD([{"params": [a]}, {"params": [b], "lr": 0.5}], lr=0.1, momentum=0.9)
    b.grad = floats(torch, rng, 3)
    optimizer.step()
    state = optimizer.state_dict()
    return list(state), [(g["params"], g["lr"]) for g in state["param_groups"]], state["state"]


@case
def its_state_can_be_taken_up_again(torch: Any, rng: Rng) -> Any:
    """``other.load_state_dict(…)`` of a copy of ``optimizer.state_dict()``: the next step of both, and the rate."""
    p = _parameter(torch, rng)
    first = torch.optim.SGD([p], lr=0.1, momentum=0.9)
    for _ in range(2):
        p.grad = floats(torch, rng, 3)
        first.step()
    q = torch.nn.Parameter(p.detach().clone())
    second = torch.optim.SGD([q], lr=7.0)
    second.load_state_dict(copy.deepcopy(first.state_dict()))
    grad = floats(torch, rng, 3)
    for tensor, optimizer in ((p, first), (q, second)):
        tensor.grad = grad.clone()
        optimizer.step()
    return p.tolist(), q.tolist(), second.param_groups[0]["lr"], second.param_groups[0]["momentum"]


@case
def its_state_dict_holds_the_live_momentum(torch: Any, rng: Rng) -> Any:
    """``other.load_state_dict(optimizer.state_dict())`` without a copy: whether the two share their momentum."""
    p, q = _parameter(torch, rng), _parameter(torch, rng)
    first, second = (torch.optim.SGD([t], lr=0.1, momentum=0.9) for t in (p, q))
    p.grad = floats(torch, rng, 3)
    first.step()
    second.load_state_dict(first.state_dict())
    first.step()
    return first.state[p]["momentum_buffer"], second.state[q]["momentum_buffer"]


@case
def a_state_of_other_groups_is_refused(torch: Any, rng: Rng) -> Any:
    """``load_state_dict`` of an optimizer with another number of groups, and of one with more tensors."""
    p, q = _parameter(torch, rng), _parameter(torch, rng)
    optimizer = torch.optim.SGD([p], lr=0.1)
    others = torch.optim.SGD([{"params": [p]}, {"params": [q]}], lr=0.1), torch.optim.SGD([p, q], lr=0.1)
    return [attempt(partial(optimizer.load_state_dict, other.state_dict())) for other in others]
