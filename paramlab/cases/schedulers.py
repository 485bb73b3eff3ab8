"""``optim.lr_scheduler``: the learning rates that each schedule writes, and what it saves, warns of and refuses."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

from .case import attempt, case
from .sgd import Rng

Maker = Callable[[Any, Any], Any]


def _optimizer(torch: Any, kind: str = "SGD", **options: Any) -> Any:
    """Return an optimizer of two groups, one with a rate of its own."""
    groups = [{"params": [torch.nn.Parameter(torch.ones(1))]} for _ in range(2)]
    return getattr(torch.optim, kind)([groups[0], {**groups[1], "lr": 0.5}], lr=0.1, **options)


def _rates(torch: Any, make: Maker, count: int = 24, **options: Any) -> Any:
    """Return the rates after each step of a schedule that ``make(lr_scheduler, optimizer)`` makes, and its state."""
    optimizer = _optimizer(torch, **options)
    schedule = make(torch.optim.lr_scheduler, optimizer)
    found = [schedule.get_last_lr()]
    for _ in range(count):
        optimizer.step()
        schedule.step()
        found.append([group["lr"] for group in optimizer.param_groups])
    return found, schedule.get_last_lr(), _plain(schedule.state_dict())


def _plain(state: Any) -> Any:
    """Return a schedule's state with text in the place of what is no plain data."""
    if isinstance(state, dict):
        return {str(name): _plain(value) for name, value in state.items()}
    if isinstance(state, list | tuple):
        return [_plain(value) for value in state]
    return state if isinstance(state, int | float | str | None) else type(state).__name__


# ------------------------------------------------------------------ one schedule


@case
def functions_of_the_epoch(torch: Any, rng: Rng) -> Any:
    """``LambdaLR`` with one function and with one for each group, ``MultiplicativeLR``; too few functions, a number."""
    base = float(rng.uniform(0.5, 0.95))
    makers: list[Maker] = [
        lambda s, o: s.LambdaLR(o, lambda epoch: base**epoch),
        lambda s, o: s.LambdaLR(o, [lambda epoch: base**epoch, lambda epoch: 1 / (1 + epoch)]),
        lambda s, o: s.MultiplicativeLR(o, lambda epoch: base),
    ]
    wrong: list[Maker] = [lambda s, o: s.LambdaLR(o, [abs]), lambda s, o: s.MultiplicativeLR(o, 3)]
    return [_rates(torch, m) for m in makers], [attempt(partial(_rates, torch, m)) for m in wrong]


@case
def steps_and_milestones(torch: Any, rng: Rng) -> Any:
    """``StepLR``, ``MultiStepLR`` with a milestone that counts twice, ``ExponentialLR``."""
    gamma, size = float(rng.uniform(0.3, 0.9)), int(rng.integers(2, 6))
    makers: list[Maker] = [
        lambda s, o: s.StepLR(o, size),
        lambda s, o: s.StepLR(o, step_size=size, gamma=gamma),
        lambda s, o: s.MultiStepLR(o, [3, 3 + size, 3 + size, 20], gamma),
        lambda s, o: s.ExponentialLR(o, gamma),
    ]
    return [_rates(torch, m) for m in makers]


@case
def lines_and_powers(torch: Any, rng: Rng) -> Any:
    """``ConstantLR``, ``LinearLR`` and ``PolynomialLR``, with their defaults and without; factors out of range."""
    factor, size = float(rng.uniform(0.2, 0.9)), int(rng.integers(3, 9))
    makers: list[Maker] = [
        lambda s, o: s.ConstantLR(o),
        lambda s, o: s.ConstantLR(o, factor, size),
        lambda s, o: s.LinearLR(o),
        lambda s, o: s.LinearLR(o, factor, factor / 2, size),
        lambda s, o: s.PolynomialLR(o),
        lambda s, o: s.PolynomialLR(o, size, 2.0),
    ]
    wrong: list[Maker] = [
        lambda s, o: s.ConstantLR(o, factor=1.5),
        lambda s, o: s.LinearLR(o, start_factor=0.0),
        lambda s, o: s.LinearLR(o, end_factor=2.0),
    ]
    return [_rates(torch, m) for m in makers], [attempt(partial(_rates, torch, m)) for m in wrong]


@case
def cosines(torch: Any, rng: Rng) -> Any:
    """``CosineAnnealingLR`` past its lowest point, ``CosineAnnealingWarmRestarts``; sizes that are none."""
    size = int(rng.integers(3, 9))
    makers: list[Maker] = [
        lambda s, o: s.CosineAnnealingLR(o, size),
        lambda s, o: s.CosineAnnealingLR(o, T_max=30, eta_min=0.01),
        lambda s, o: s.CosineAnnealingWarmRestarts(o, size),
        lambda s, o: s.CosineAnnealingWarmRestarts(o, 3, 2, 0.01),
    ]
    wrong: list[Maker] = [
        lambda s, o: s.CosineAnnealingWarmRestarts(o, 0),
        lambda s, o: s.CosineAnnealingWarmRestarts(o, 3, T_mult=0),
        lambda s, o: s.CosineAnnealingWarmRestarts(o, 3, eta_min="low"),
    ]
    return [_rates(torch, m) for m in makers], [attempt(partial(_rates, torch, m)) for m in wrong]


@case
def fractions_of_an_epoch(torch: Any, rng: Rng) -> Any:
    """``CosineAnnealingWarmRestarts.step(epoch + batch / batches)``, to and fro; a negative epoch."""
    found = []
    for factor in (1, 2):
        optimizer = _optimizer(torch)
        schedule = torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(optimizer, 3, factor)
        for epoch in (0, 0.25, 2.75, 3, 10.5, 20, 1.5):
            schedule.step(epoch)
            found.append((schedule.get_last_lr(), schedule.T_cur, schedule.T_i, schedule.last_epoch))
    return found, attempt(lambda: schedule.step(-1))


@case
def one_cycle(torch: Any, rng: Rng) -> Any:
    """``OneCycleLR`` by steps and by epochs, with both strategies, three phases, a rate for each group."""
    highest = float(rng.uniform(0.5, 2.0))
    makers: list[Maker] = [
        lambda s, o: s.OneCycleLR(o, highest, total_steps=25),
        lambda s, o: s.OneCycleLR(o, [highest, 1.0], epochs=5, steps_per_epoch=6, anneal_strategy="linear"),
        lambda s, o: s.OneCycleLR(o, highest, 25, three_phase=True, pct_start=0.4, div_factor=10.0),
        lambda s, o: s.OneCycleLR(o, highest, 25, cycle_momentum=False, final_div_factor=10.0),
    ]
    return [_rates(torch, m, momentum=0.9) for m in makers]


@case
def one_cycle_turns_the_momentum_too(torch: Any, rng: Rng) -> Any:
    """``OneCycleLR``: ``momentum`` of SGD's groups, ``betas`` of Adam's; Adagrad has neither."""
    found: list[Any] = []
    for kind, options in (("SGD", {"momentum": 0.5}), ("Adam", {})):
        optimizer = _optimizer(torch, kind, **options)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 1.0, 8, max_momentum=[0.9, 0.8])
        for _ in range(8):
            optimizer.step()
            schedule.step()
            found.append([group.get("momentum", group.get("betas")) for group in optimizer.param_groups])
        found.append({name: value for name, value in optimizer.param_groups[0].items() if name != "params"})
    return found, attempt(lambda: torch.optim.lr_scheduler.OneCycleLR(_optimizer(torch, "Adagrad"), 1.0, 8))


@case
def one_cycle_refuses(torch: Any, rng: Rng) -> Any:
    """``OneCycleLR`` without a length, with lengths, shares and strategies that are none, and a step too many."""
    wrong: list[Maker] = [
        lambda s, o: s.OneCycleLR(o, 1.0),
        lambda s, o: s.OneCycleLR(o, 1.0, total_steps=0),
        lambda s, o: s.OneCycleLR(o, 1.0, epochs=0, steps_per_epoch=3),
        lambda s, o: s.OneCycleLR(o, 1.0, epochs=3, steps_per_epoch=1.5),
        lambda s, o: s.OneCycleLR(o, 1.0, 9, pct_start=2),
        lambda s, o: s.OneCycleLR(o, 1.0, 9, anneal_strategy="square"),
        lambda s, o: s.OneCycleLR(o, [1.0], 9),
        lambda s, o: s.OneCycleLR(o, 1.0, 9),
    ]
    return [attempt(partial(_rates, torch, m)) for m in wrong]


@case
def a_plateau(torch: Any, rng: Rng) -> Any:
    """``ReduceLROnPlateau`` over metrics that do not get better: the rates, with each mode, cooldown and ``min_lr``."""
    metrics = rng.normal(size=20).round(3).tolist()
    options: list[dict[str, Any]] = [
        {},
        {"mode": "max", "factor": 0.5, "patience": 2},
        {"patience": 1, "cooldown": 2, "threshold": 0.5, "threshold_mode": "abs"},
        {"mode": "max", "patience": 0, "threshold_mode": "abs", "min_lr": [0.02, 0.2]},
        {"factor": 0.5, "patience": 0, "eps": 0.01},
    ]
    found = []
    for chosen in options:
        schedule = torch.optim.lr_scheduler.ReduceLROnPlateau(_optimizer(torch), **chosen)
        rates = []
        for metric in metrics:
            schedule.step(torch.tensor(metric))
            rates.append(schedule.get_last_lr())
        found.append((rates, _plain(schedule.state_dict())))
    wrong: list[dict[str, Any]] = [{"factor": 1.0}, {"min_lr": [0.1]}]
    make = torch.optim.lr_scheduler.ReduceLROnPlateau
    unknown = [attempt(partial(make, _optimizer(torch), mode="up"))["raises"]]
    return found, unknown, [attempt(partial(make, _optimizer(torch), **chosen)) for chosen in wrong]


# ------------------------------------------------------------------ several schedules


@case
def one_after_the_other(torch: Any, rng: Rng) -> Any:
    """``SequentialLR``: a warm-up and a cosine; three schedules; milestones and schedules that do not fit."""
    size = int(rng.integers(3, 8))

    def warm_up(s: Any, o: Any) -> Any:
        return s.SequentialLR(o, [s.LinearLR(o, 0.1, total_iters=size), s.CosineAnnealingLR(o, 10)], [size])

    def three(s: Any, o: Any) -> Any:
        return s.SequentialLR(o, [s.ConstantLR(o, 0.1), s.ExponentialLR(o, 0.9), s.StepLR(o, 3)], [4, 4 + size])

    wrong: list[Maker] = [
        lambda s, o: s.SequentialLR(o, [], []),
        lambda s, o: s.SequentialLR(o, [s.StepLR(o, 3)], [4]),
        lambda s, o: s.SequentialLR(o, [s.StepLR(o, 3), s.ReduceLROnPlateau(o)], [4]),
        lambda s, o: s.SequentialLR(o, [s.StepLR(o, 3), 5], [4]),
    ]
    return [_rates(torch, m) for m in (warm_up, three)], [attempt(partial(_rates, torch, m)) for m in wrong]


@case
def all_at_once(torch: Any, rng: Rng) -> Any:
    """``ChainedScheduler``, two schedules stepped one after the other by hand, and no schedule."""
    gamma = float(rng.uniform(0.5, 0.95))

    def chained(s: Any, o: Any) -> Any:
        return s.ChainedScheduler([s.ConstantLR(o, 0.1, 4), s.ExponentialLR(o, gamma)])

    optimizer, found = _optimizer(torch), []
    schedules = torch.optim.lr_scheduler
    mine = (
        schedules.StepLR(optimizer, 3, gamma),
        schedules.LinearLR(optimizer),
        schedules.CosineAnnealingLR(optimizer, 9),
    )
    for _ in range(12):
        optimizer.step()
        for schedule in mine:
            schedule.step()
        found.append(schedule.get_last_lr())
    return _rates(torch, chained), found, attempt(lambda: schedules.ChainedScheduler([]))


# ------------------------------------------------------------------ saving, resuming, warnings


@case
def a_schedule_goes_on_where_it_was_saved(torch: Any, rng: Rng) -> Any:
    """``state_dict()`` of optimizer and schedule after five steps, loaded into fresh ones: the next rates of both."""
    gamma = float(rng.uniform(0.5, 0.95))
    makers: list[Maker] = [
        lambda s, o: s.LambdaLR(o, lambda epoch: gamma**epoch),
        lambda s, o: s.MultiStepLR(o, [3, 7], gamma),
        lambda s, o: s.CosineAnnealingLR(o, 8),
        lambda s, o: s.OneCycleLR(o, 1.0, 12),
        lambda s, o: s.SequentialLR(o, [s.LinearLR(o), s.ExponentialLR(o, gamma)], [4]),
    ]
    found = []
    for make in makers:
        pairs = []
        for _ in range(2):
            optimizer = _optimizer(torch)
            pairs.append((optimizer, make(torch.optim.lr_scheduler, optimizer)))
        (optimizer, schedule), (other, fresh) = pairs
        for _ in range(5):
            optimizer.step()
            schedule.step()
        fresh.load_state_dict(copy.deepcopy(schedule.state_dict()))
        other.load_state_dict(optimizer.state_dict())
        for o, s in pairs:
            o.step()
            s.step()
            found.append((s.get_last_lr(), s.last_epoch, [group["initial_lr"] for group in o.param_groups]))
    return found


@case
def resuming_needs_the_rate_at_the_start(torch: Any, rng: Rng) -> Any:
    """``StepLR(optimizer, 2, last_epoch=3)``: without ``"initial_lr"`` in the groups, and with it; no optimizer."""
    step_lr = torch.optim.lr_scheduler.StepLR
    optimizer = _optimizer(torch)
    refused = attempt(lambda: step_lr(optimizer, 2, last_epoch=3))
    for group in optimizer.param_groups:
        group["initial_lr"] = 1.0
    resumed = step_lr(optimizer, 2, last_epoch=3)
    return refused["raises"], resumed.get_last_lr(), resumed.last_epoch, attempt(lambda: step_lr("optimizer", 2))


@case
def it_warns(torch: Any, rng: Rng) -> Any:
    """A schedule stepped before its optimizer, ``step(epoch)``, ``get_lr()``: how many warnings, and the rates."""
    optimizer = _optimizer(torch)
    schedule = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.5)
    counts, rates = [], []
    actions: list[Callable[[], Any]] = [
        schedule.step,
        schedule.step,
        lambda: schedule.step(7),
        schedule.get_lr,
        optimizer.step,
        schedule.step,
    ]
    for action in actions:
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            action()
        counts.append([w.category.__name__ for w in said])
        rates.append(schedule.get_last_lr())
    return counts, rates


@case
def rates_may_be_tensors(torch: Any, rng: Rng) -> Any:
    """``SGD(params, lr=torch.tensor(0.1))`` under a schedule: which tensor is written to, and which is handed out."""
    rate = torch.tensor(0.1)
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], lr=rate)
    schedule = torch.optim.lr_scheduler.StepLR(optimizer, 2, 0.5)
    found = []
    for _ in range(4):
        optimizer.step()
        schedule.step()
        schedule.get_last_lr()[0].add_(1.0)
        found.append(rate.item())
    return found, optimizer.param_groups[0]["lr"] is rate, optimizer.param_groups[0]["initial_lr"]
