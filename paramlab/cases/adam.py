"""Adam, AdamW, RMSprop and Adagrad: where each option takes a tensor, and what is remembered of it."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from .case import attempt, case, floats
from .sgd import Rng, parameter


def _trace(torch: Any, rng: Rng, kind: str, count: int = 4, **options: Any) -> Any:
    """Return the values of two Parameters after each step, one of them without a gradient in the second; the state."""
    p, q = parameter(torch, rng), parameter(torch, rng, 2, 2)
    optimizer = getattr(torch.optim, kind)([p, q], **options)
    found = []
    for i in range(count):
        p.grad = floats(torch, rng, 3)
        q.grad = None if i == 1 else floats(torch, rng, 2, 2)
        optimizer.step()
        found.append((p.tolist(), q.tolist()))
    return found, optimizer.state_dict()["state"]


def _traces(torch: Any, rng: Rng, kind: str, *options: dict[str, Any]) -> Any:
    return [_trace(torch, rng, kind, **chosen) for chosen in options]


# ------------------------------------------------------------------ Adam


@case
def plain_adam(torch: Any, rng: Rng) -> Any:
    """Four steps of ``Adam(params)`` and of ``Adam(params, lr=0.1)``: the values, and the state."""
    return _traces(torch, rng, "Adam", {}, {"lr": 0.1})


@case
def a_step_of_adam(torch: Any, rng: Rng) -> Any:
    """``Adam(params, lr=0.1)``: the weights after each of three steps, every one with a gradient of its own."""
    p = parameter(torch, rng)
    optimizer = torch.optim.Adam([p], lr=0.1)
    found = []
    for _ in range(3):
        p.grad = floats(torch, rng, 3)
        optimizer.step()
        found.append(p.tolist())
    return found


@case
def the_first_step_of_adam_is_its_rate(torch: Any, rng: Rng) -> Any:
    """``Adam(params, lr=0.1)`` from zero, gradients of very different sizes: where the weights are after a step."""
    p = torch.nn.Parameter(torch.zeros(4))
    p.grad = torch.tensor([1000.0, 1.0, -1.0, -0.001]) * float(rng.uniform(1, 2))
    torch.optim.Adam([p], lr=0.1).step()
    return p.tolist()


def _average(torch: Any, rng: Rng, name: str) -> Any:
    """Return an average after each of three steps of Adam, and whether the gradients were left alone."""
    p = parameter(torch, rng)
    optimizer = torch.optim.Adam([p], lr=0.1)
    found, alone = [], True
    for _ in range(3):
        p.grad = floats(torch, rng, 3)
        grad = p.grad.tolist()
        optimizer.step()
        found.append(optimizer.state[p][name].tolist())
        alone = alone and p.grad.tolist() == grad
    return found, alone


@case
def the_average_of_the_gradients(torch: Any, rng: Rng) -> Any:
    """``Adam(params, lr=0.1)``: ``exp_avg`` after each of three steps, and whether the gradients were left alone."""
    return _average(torch, rng, "exp_avg")


@case
def the_average_of_their_squares(torch: Any, rng: Rng) -> Any:
    """``Adam(params, lr=0.1)``: ``exp_avg_sq`` after each of three steps, and whether the gradients were left alone."""
    return _average(torch, rng, "exp_avg_sq")


@case
def betas_and_eps(torch: Any, rng: Rng) -> Any:
    """``Adam`` with ``betas=(0.5, 0.7)``, with ``betas=(0.0, 0.9)``, and with ``eps=0.1``."""
    return _traces(
        torch, rng, "Adam", {"lr": 0.1, "betas": (0.5, 0.7)}, {"lr": 0.1, "betas": (0.0, 0.9)}, {"lr": 0.1, "eps": 0.1}
    )


@case
def weight_decay(torch: Any, rng: Rng) -> Any:
    """``Adam(weight_decay=0.1)``, the same decoupled, ``AdamW(weight_decay=0.1)``, and ``AdamW(params)``."""
    decay = {"lr": 0.1, "weight_decay": 0.1}
    return (
        _traces(torch, rng, "Adam", decay, {**decay, "decoupled_weight_decay": True}),
        _traces(torch, rng, "AdamW", decay, {}),
    )


@case
def amsgrad_and_maximize(torch: Any, rng: Rng) -> Any:
    """``Adam`` with ``amsgrad=True``, with ``maximize=True``, and with all at once."""
    every = {"lr": 0.1, "amsgrad": True, "maximize": True, "weight_decay": 0.1}
    return _traces(torch, rng, "Adam", {"lr": 0.1, "amsgrad": True}, {"lr": 0.1, "maximize": True}, every)


@case
def a_gradient_of_zero(torch: Any, rng: Rng) -> Any:
    """A gradient of zeros from the start, then one that is not, then zeros again: the weight after each step."""
    p = parameter(torch, rng)
    optimizer = torch.optim.Adam([p], lr=0.1)
    found = []
    for grad in (torch.zeros(3), floats(torch, rng, 3), torch.zeros(3)):
        p.grad = grad
        optimizer.step()
        found.append(p.tolist())
    return found


@case
def a_tensor_counts_its_own_steps(torch: Any, rng: Rng) -> Any:
    """Two Parameters, one of which gets its first gradient in the third step: ``step`` of each, and the values."""
    early, late = parameter(torch, rng), parameter(torch, rng)
    optimizer = torch.optim.Adam([early, late], lr=0.1)
    for i in range(3):
        early.grad = floats(torch, rng, 3)
        late.grad = floats(torch, rng, 3) if i == 2 else None
        optimizer.step()
    return [optimizer.state[p]["step"] for p in (early, late)], early.tolist(), late.tolist()


@case
def the_state_begins_with_the_first_gradient(torch: Any, rng: Rng) -> Any:
    """``optimizer.state`` of each class before a step, and its keys and types after one."""
    found = []
    for kind in ("Adam", "AdamW", "RMSprop", "Adagrad"):
        p = parameter(torch, rng)
        optimizer = getattr(torch.optim, kind)([p])
        before = list(optimizer.state_dict()["state"].get(0, ()))
        p.grad = floats(torch, rng, 3)
        optimizer.step()
        state = optimizer.state[p]
        found.append((before, {name: (list(t.shape), t.dtype, t.requires_grad) for name, t in state.items()}))
    return found


@case
def the_count_has_the_default_type(torch: Any, rng: Rng) -> Any:
    """``step`` under ``torch.set_default_dtype(torch.float64)``, of a float32 tensor."""
    p = parameter(torch, rng)
    p.grad = floats(torch, rng, 3)
    optimizer = torch.optim.Adam([p])
    torch.set_default_dtype(torch.float64)
    try:
        optimizer.step()
    finally:
        torch.set_default_dtype(torch.float32)
    return {name: t.dtype for name, t in optimizer.state[p].items()}


# ------------------------------------------------------------------ RMSprop, Adagrad


@case
def rmsprop(torch: Any, rng: Rng) -> Any:
    """``RMSprop`` plain, with ``alpha`` and ``eps``, with ``momentum``, ``centered``, and with all at once."""
    every = {"alpha": 0.9, "momentum": 0.9, "centered": True, "weight_decay": 0.1, "maximize": True}
    return _traces(torch, rng, "RMSprop", {}, {"alpha": 0.5, "eps": 0.1}, {"momentum": 0.9}, {"centered": True}, every)


@case
def adagrad(torch: Any, rng: Rng) -> Any:
    """``Adagrad`` plain, with ``lr_decay``, ``initial_accumulator_value`` and ``eps``, and with all at once."""
    every = {"lr": 0.1, "lr_decay": 0.5, "initial_accumulator_value": 2, "weight_decay": 0.1, "maximize": True}
    options = {"lr": 0.1, "lr_decay": 0.5}, {"initial_accumulator_value": 0.5}, {"eps": 0.1}, every
    return _traces(torch, rng, "Adagrad", {}, *options)


# ------------------------------------------------------------------ options


@case
def defaults_of_each_optimizer(torch: Any, rng: Rng) -> Any:
    """``param_groups[0]`` of each class without its tensors, in order; ``defaults``; the second group's rate."""
    found = []
    for kind in ("SGD", "Adam", "AdamW", "RMSprop", "Adagrad"):
        groups = [{"params": [parameter(torch, rng)]}, {"params": [parameter(torch, rng)], "lr": 1.0}]
        optimizer = getattr(torch.optim, kind)(groups)
        options = {name: value for name, value in optimizer.param_groups[0].items() if name != "params"}
        found.append((kind, options, optimizer.defaults, optimizer.param_groups[1]["lr"]))
    return found


@case
def options_out_of_range_are_refused(torch: Any, rng: Rng) -> Any:
    """Rates, betas, decays and the like that are negative or too large, of each class."""
    wrong: dict[str, list[dict[str, Any]]] = {
        "Adam": [
            {"lr": -1.0},
            {"eps": -1.0},
            {"betas": (1.0, 0.9)},
            {"betas": (0.9, -0.1)},
            {"betas": (0, 0.9)},
            {"weight_decay": -1.0},
        ],
        "AdamW": [{"lr": -1.0}, {"betas": (0.9, 1.0)}],
        "RMSprop": [{"lr": -1.0}, {"alpha": -1.0}, {"eps": -1.0}, {"momentum": -1.0}, {"weight_decay": -1.0}],
        "Adagrad": [{name: -1.0} for name in ("lr", "lr_decay", "weight_decay", "initial_accumulator_value", "eps")],
    }
    p = parameter(torch, rng)
    return [
        attempt(partial(getattr(torch.optim, kind), [p], **options))
        for kind, given in wrong.items()
        for options in given
    ]


@case
def switches_of_each_optimizer(torch: Any, rng: Rng) -> Any:
    """``foreach``, ``fused`` where there is one: the same numbers; ``fused`` with others, ``capturable`` on a CPU."""
    seed = int(rng.integers(1000))
    moves = []
    for kind in ("Adam", "AdamW", "RMSprop", "Adagrad"):
        for switch in ("foreach", "fused"):
            if (kind, switch) != ("RMSprop", "fused"):
                moves.append(_trace(torch, np.random.default_rng(seed), kind, **{switch: True})[0])
    together: list[dict[str, Any]] = [{"fused": True, "foreach": True}, {"fused": True, "differentiable": True}]
    return (
        moves,
        [attempt(partial(_trace, torch, rng, "Adam", **switches)) for switches in together],
        [attempt(partial(_trace, torch, rng, kind, capturable=True)) for kind in ("Adam", "AdamW", "RMSprop")],
    )


@case
def rates_and_betas_may_be_tensors(torch: Any, rng: Rng) -> Any:
    """``lr=torch.tensor(0.1)`` of each class, ``Adam``'s betas as tensors; one of two, two elements, ``foreach``."""
    rate = torch.tensor(0.1)
    moves = [_trace(torch, rng, kind, lr=rate)[0] for kind in ("Adam", "AdamW", "RMSprop", "Adagrad")]
    betas = torch.tensor(0.5), torch.tensor([0.7])
    moves.append(_trace(torch, rng, "Adam", lr=0.1, betas=betas)[0])
    refused: list[dict[str, Any]] = [
        {"lr": torch.ones(2)},
        {"lr": rate, "foreach": True},
        {"betas": (0.5, torch.tensor(0.7))},
        {"betas": betas, "foreach": True},
    ]
    return moves, [attempt(partial(torch.optim.Adam, [parameter(torch, rng)], **options)) for options in refused]
