"""What every optimizer holds, takes, refuses, saves and calls; shown with ``optim.SGD``."""

from __future__ import annotations

import copy
import pickle
import warnings
from functools import partial
from typing import Any

from .case import attempt, case, floats
from .sgd import Rng, linear, moved, parameter

# ------------------------------------------------------------------ groups


@case
def groups_have_options_of_their_own(torch: Any, rng: Rng) -> Any:
    """``SGD([{"params": [a], "lr": 1.0}, {"params": [b]}], lr=0.1)``: a step, and the rates."""
    a, b = parameter(torch, rng), parameter(torch, rng)
    optimizer = torch.optim.SGD([{"params": [a], "lr": 1.0}, {"params": [b]}], lr=0.1, momentum=0.5)
    for p in (a, b):
        p.grad = floats(torch, rng, 3)
    optimizer.step()
    return a.tolist(), b.tolist(), [(group["lr"], group["momentum"]) for group in optimizer.param_groups]


@case
def a_rate_can_be_changed(torch: Any, rng: Rng) -> Any:
    """``optimizer.param_groups[0]["lr"] = 1.0``: the step after."""
    p = parameter(torch, rng)
    optimizer = torch.optim.SGD([p], lr=0.1)
    optimizer.param_groups[0]["lr"] = 1.0
    p.grad = floats(torch, rng, 3)
    optimizer.step()
    return p.tolist()


@case
def add_param_group_adds(torch: Any, rng: Rng) -> Any:
    """``optimizer.add_param_group({"params": head.parameters(), "lr": 1.0})``: the groups, and a step of the head."""
    body, head = linear(torch, rng), linear(torch, rng, 1, 1)
    optimizer = torch.optim.SGD(body.parameters(), lr=0.1)
    optimizer.add_param_group({"params": head.parameters(), "lr": 1.0})
    head(body(floats(torch, rng, 4, 2))).sum().backward()
    optimizer.step()
    groups = [(len(group["params"]), group["lr"], group["weight_decay"]) for group in optimizer.param_groups]
    return groups, head.weight.tolist(), body.weight.tolist()


@case
def a_group_may_hold_one_tensor_or_none(torch: Any, rng: Rng) -> Any:
    """``{"params": p}`` with a bare tensor, and ``{"params": []}``: how many each group holds."""
    p = parameter(torch, rng)
    return [len(group["params"]) for group in torch.optim.SGD([{"params": p}, {"params": []}]).param_groups]


@case
def what_is_no_group_is_refused(torch: Any, rng: Rng) -> Any:
    """``optimizer.add_param_group([p])``, and one that holds ``p`` already."""
    p = parameter(torch, rng)
    optimizer = torch.optim.SGD([p])
    return (
        attempt(lambda: optimizer.add_param_group([parameter(torch, rng)])),
        attempt(lambda: optimizer.add_param_group({"params": [p]})),
        len(optimizer.param_groups),
    )


@case
def one_parameter_in_two_groups_is_refused(torch: Any, rng: Rng) -> Any:
    """``SGD([{"params": [a]}, {"params": [a, b]}])``; ``SGD([a, a])`` is a warning."""
    a, b = parameter(torch, rng), parameter(torch, rng)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        twice = torch.optim.SGD([a, a], lr=0.1)
    refused = attempt(lambda: torch.optim.SGD([{"params": [a]}, {"params": [a, b]}]))
    return refused, [w.category.__name__ for w in said], len(twice.param_groups[0]["params"])


# ------------------------------------------------------------------ objects, not names


@case
def a_replaced_layer_is_not_updated(torch: Any, rng: Rng) -> Any:
    """``model[0] = new`` after ``SGD(model.parameters())``: which of the two layers moves, each having a gradient?"""
    old, new = linear(torch, rng), linear(torch, rng)
    model = torch.nn.Sequential(old)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    model[0] = new
    before = old.weight.tolist(), new.weight.tolist()
    for layer in (old, new):
        layer(floats(torch, rng, 4, 2)).sum().backward()
    optimizer.step()
    return moved(old.weight, before[0]), moved(new.weight, before[1])


@case
def a_replaced_parameter_is_not_updated(torch: Any, rng: Rng) -> Any:
    """``model.weight = nn.Parameter(…)`` after ``SGD(model.parameters())``: weight and bias after a step."""
    model = linear(torch, rng)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    model.weight = parameter(torch, rng, 1, 2)
    before = model.weight.tolist(), model.bias.tolist()
    model(floats(torch, rng, 4, 2)).sum().backward()
    optimizer.step()
    return moved(model.weight, before[0]), moved(model.bias, before[1])


@case
def a_layer_added_later_is_not_updated(torch: Any, rng: Rng) -> Any:
    """``model.append(layer)`` after ``SGD(model.parameters())``: how many tensors the optimizer holds."""
    model = torch.nn.Sequential(linear(torch, rng))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    model.append(linear(torch, rng, 1, 1))
    return len(optimizer.param_groups[0]["params"]), len(list(model.parameters()))


@case
def a_deep_copy_is_not_followed(torch: Any, rng: Rng) -> Any:
    """``twin = copy.deepcopy(model)`` after ``SGD(model.parameters())``: which of the two moves?"""
    model = linear(torch, rng)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    twin = copy.deepcopy(model)
    before = model.weight.tolist()
    for m in (model, twin):
        m(floats(torch, rng, 4, 2)).sum().backward()
    optimizer.step()
    return moved(model.weight, before), moved(twin.weight, before)


@case
def a_moved_model_is_followed(torch: Any, rng: Rng) -> Any:
    """``model.to(torch.float64)`` after ``SGD(model.parameters())``: does it hold the weight, dtype, and the step."""
    model = linear(torch, rng)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    model.to(torch.float64)
    model(floats(torch, rng, 4, 2).double()).sum().backward()
    optimizer.step()
    return optimizer.param_groups[0]["params"][0] is model.weight, model.weight.dtype, model.weight.tolist()


@case
def state_stays_in_the_old_dtype(torch: Any, rng: Rng) -> Any:
    """``model.double()`` after a step with ``momentum``: the dtype of weight and momentum, and the next step."""
    p = parameter(torch, rng)
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
    model.weight = parameter(torch, rng)
    model.register_buffer("mean", floats(torch, rng, 3))
    model.plain = floats(torch, rng, 3).requires_grad_()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    before = {name: getattr(model, name).tolist() for name in ("weight", "mean", "plain")}
    (model.weight * model.mean + model.plain).sum().backward()
    optimizer.step()
    return {name: moved(getattr(model, name), values) for name, values in before.items()}


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
    listed = linear(torch, rng).parameters()
    return sum(p.numel() for p in listed), attempt(lambda: torch.optim.SGD(listed))


@case
def a_model_without_parameters_is_refused(torch: Any, rng: Rng) -> Any:
    """``SGD(nn.ReLU().parameters())``, and ``SGD([])``."""
    nothing: list[Any] = [torch.nn.ReLU().parameters(), []]
    return [attempt(partial(torch.optim.SGD, given)) for given in nothing]


@case
def what_may_not_be_handed_over(torch: Any, rng: Rng) -> Any:
    """``SGD(p)`` with a bare Parameter, ``SGD([3])``, ``SGD(model)``, a group whose ``"params"`` are a set."""
    p = parameter(torch, rng)
    given = [p, [3], linear(torch, rng), [{"params": {p, parameter(torch, rng)}}]]
    answers = [attempt(partial(torch.optim.SGD, g)) for g in given]
    return [answer["raises"] for answer in answers], answers[0], answers[1], answers[3]


@case
def a_computed_tensor_is_refused(torch: Any, rng: Rng) -> Any:
    """``SGD([w * 2])``, and ``SGD([p.to(torch.float64)])`` of a Parameter ``p``."""
    p = parameter(torch, rng)
    return [attempt(partial(torch.optim.SGD, [t])) for t in (p * 2, p.to(torch.float64))]


@case
def named_parameters_are_accepted(torch: Any, rng: Rng) -> Any:
    """``SGD(model.named_parameters())``: ``param_names``, and whether it holds the weight; some names missing."""
    model = linear(torch, rng)
    group = torch.optim.SGD(model.named_parameters()).param_groups[0]
    mixed = [("weight", model.weight), model.bias]
    return group["param_names"], group["params"][0] is model.weight, attempt(lambda: torch.optim.SGD(mixed))["raises"]


# ------------------------------------------------------------------ printing and saving


@case
def it_prints_its_groups(torch: Any, rng: Rng) -> Any:
    """``repr(SGD(…))`` of two groups."""
    return repr(torch.optim.SGD([{"params": [parameter(torch, rng)], "lr": 0.5}, {"params": []}], lr=0.1))


@case
def its_state_dict_has_numbers_for_tensors(torch: Any, rng: Rng) -> Any:
    """``optimizer.state_dict()`` of two groups, after a step: the keys, the numbers of the tensors, the momentum."""
    a, b = parameter(torch, rng), parameter(torch, rng)
    optimizer = torch.optim.SGD([{"params": [a]}, {"params": [b], "lr": 0.5}], lr=0.1, momentum=0.9)
    b.grad = floats(torch, rng, 3)
    optimizer.step()
    state = optimizer.state_dict()
    return list(state), [(g["params"], g["lr"]) for g in state["param_groups"]], state["state"]


@case
def its_state_can_be_taken_up_again(torch: Any, rng: Rng) -> Any:
    """``other.load_state_dict(…)`` of a copy of ``optimizer.state_dict()``: the next step of both, and the rate."""
    p = parameter(torch, rng)
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
    p, q = parameter(torch, rng), parameter(torch, rng)
    first, second = (torch.optim.SGD([t], lr=0.1, momentum=0.9) for t in (p, q))
    p.grad = floats(torch, rng, 3)
    first.step()
    second.load_state_dict(first.state_dict())
    first.step()
    return first.state[p]["momentum_buffer"], second.state[q]["momentum_buffer"]


@case
def a_state_of_other_groups_is_refused(torch: Any, rng: Rng) -> Any:
    """``load_state_dict`` of an optimizer with another number of groups, and of one with more tensors."""
    p, q = parameter(torch, rng), parameter(torch, rng)
    optimizer = torch.optim.SGD([p], lr=0.1)
    others = torch.optim.SGD([{"params": [p]}, {"params": [q]}], lr=0.1), torch.optim.SGD([p, q], lr=0.1)
    return [attempt(partial(optimizer.load_state_dict, other.state_dict())) for other in others]


@case
def a_saved_state_takes_the_type_of_its_tensor(torch: Any, rng: Rng) -> Any:
    """``load_state_dict`` of a float32 optimizer into one of a float64 tensor: the dtypes; ``step`` keeps its own."""
    p = parameter(torch, rng)
    q = torch.nn.Parameter(p.detach().double())
    first, second = torch.optim.Adam([p]), torch.optim.Adam([q])
    p.grad = floats(torch, rng, 3)
    first.step()
    second.load_state_dict(first.state_dict())
    return second.state[q], first.state[p]


@case
def an_old_state_is_completed(torch: Any, rng: Rng) -> Any:
    """``load_state_dict`` of a group that lacks ``amsgrad`` and others, with a number as ``step``."""
    p = parameter(torch, rng)
    optimizer = torch.optim.Adam([p], lr=0.1)
    p.grad = floats(torch, rng, 3)
    optimizer.step()
    saved = copy.deepcopy(optimizer.state_dict())
    saved["state"][0]["step"] = 1
    for option in ("amsgrad", "maximize", "foreach", "capturable", "differentiable", "fused", "decoupled_weight_decay"):
        del saved["param_groups"][0][option]
    optimizer.load_state_dict(saved)
    optimizer.step()
    return optimizer.state_dict(), p.tolist()


@case
def copies_go_their_own_way(torch: Any, rng: Rng) -> Any:
    """``copy.deepcopy(optimizer)`` and ``pickle``: the copy's state and groups, and whom its next step moves."""
    p = parameter(torch, rng)
    optimizer = torch.optim.SGD([p], lr=0.1, momentum=0.9)
    p.grad = floats(torch, rng, 3)
    optimizer.step()
    before, found = p.tolist(), []
    for twin in (copy.deepcopy(optimizer), pickle.loads(pickle.dumps(optimizer))):
        held = twin.param_groups[0]["params"][0]
        held.grad = torch.ones(3)
        twin.step()
        found.append((twin.state_dict(), held.tolist(), held is p, moved(p, before)))
    return found


@case
def names_are_saved_and_kept(torch: Any, rng: Rng) -> Any:
    """``SGD(model.named_parameters())``: names in ``state_dict()``; loading a state without names; a group without."""
    model = linear(torch, rng)
    named = torch.optim.SGD(model.named_parameters(), lr=0.1)
    plain = torch.optim.SGD(model.parameters(), lr=0.5)
    groups = named.state_dict()["param_groups"]
    named.load_state_dict(plain.state_dict())
    other = {"params": [parameter(torch, rng)]}
    return (
        (groups[0]["param_names"], groups[0]["params"]),
        (named.param_groups[0]["param_names"], named.param_groups[0]["lr"]),
        attempt(lambda: named.add_param_group(other)),
        attempt(lambda: plain.add_param_group({"params": [("w", parameter(torch, rng))]})),
    )


# ------------------------------------------------------------------ hooks and optimizers of one's own


@case
def hooks_around_a_step(torch: Any, rng: Rng) -> Any:
    """``register_step_pre_hook`` and ``…_post_hook``: the order, the arguments, a closure handed in, ``remove()``."""
    p = parameter(torch, rng)
    optimizer = torch.optim.SGD([p], lr=0.1)
    p.grad = floats(torch, rng, 3)
    seen: list[Any] = []
    optimizer.register_step_post_hook(lambda o, args, kwargs: seen.append(("after", len(args), list(kwargs))))
    first = optimizer.register_step_pre_hook(lambda o, args, kwargs: seen.append(("before", o is optimizer)))
    second = optimizer.register_step_pre_hook(lambda o, args, kwargs: (args, {"closure": lambda: 5}))
    found = [optimizer.step()]
    first.remove()
    found.append(optimizer.step())
    second.remove()
    optimizer.register_step_pre_hook(lambda o, args, kwargs: "nothing of use")
    return found, seen, attempt(optimizer.step)["raises"], p.tolist()


@case
def hooks_around_saving_and_loading(torch: Any, rng: Rng) -> Any:
    """The four hooks of ``state_dict`` and ``load_state_dict``: their order, ``prepend``, and what they replace."""
    optimizer = torch.optim.SGD([parameter(torch, rng)], lr=0.1)
    seen: list[str] = []

    def say(word: str) -> Any:
        return lambda *args: seen.append(word)

    def doubled(_: Any, state: Any) -> Any:
        groups = [{**group, "lr": group["lr"] * 2} for group in state["param_groups"]]
        return {**state, "param_groups": groups}

    optimizer.register_state_dict_pre_hook(say("before saving"))
    optimizer.register_state_dict_pre_hook(say("first"), prepend=True)
    optimizer.register_state_dict_post_hook(doubled)
    optimizer.register_load_state_dict_pre_hook(doubled)
    optimizer.register_load_state_dict_pre_hook(say("before loading"), prepend=True)
    optimizer.register_load_state_dict_post_hook(say("after loading"))
    saved = optimizer.state_dict()
    optimizer.load_state_dict(saved)
    return seen, saved["param_groups"][0]["lr"], optimizer.param_groups[0]["lr"]


@case
def an_optimizer_of_ones_own(torch: Any, rng: Rng) -> Any:
    """A subclass of ``optim.Optimizer`` that follows the sign of the gradient: steps, state, hooks, printing."""

    class Signs(torch.optim.Optimizer):  # type: ignore[misc]
        def __init__(self, params: Any, lr: float = 0.1) -> None:
            super().__init__(params, {"lr": lr})

        @torch.no_grad()  # type: ignore[untyped-decorator]
        def step(self, closure: Any = None) -> None:
            for group in self.param_groups:
                for p in group["params"]:
                    self.state[p]["steps"] = self.state[p].get("steps", 0) + 1
                    p.sub_(torch.where(p.grad > 0, 1.0, -1.0) * group["lr"])

    p = parameter(torch, rng)
    optimizer, seen = Signs([p], lr=0.5), []
    optimizer.register_step_post_hook(lambda *args: seen.append("stepped"))
    p.grad = floats(torch, rng, 3)
    optimizer.step()
    base = attempt(torch.optim.Optimizer([p], {}).step)["raises"]
    return p.tolist(), optimizer.state_dict(), seen, repr(optimizer), base
