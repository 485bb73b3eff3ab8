"""A model that is trained, frozen and fine-tuned with a temperature: who learns then, is held, saved and moved."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import numpy as np

from .case import Written, case, case_of, floats

Rng = np.random.Generator
Function = Callable[..., Any]

AUDIT = Written(
    "audit",
    '''def audit(model, optimizer):
    """Return the names of the Parameters that ask for a gradient and that the optimizer does not hold."""
    held = {id(p) for group in optimizer.param_groups for p in group["params"]}
    return [name for name, p in model.named_parameters() if p.requires_grad and id(p) not in held]
''',
)

FINE_TUNE = Written(
    "fine_tune",
    '''def fine_tune(model):
    """Freeze all but the head and the temperature; return the SGD that trains these two."""
    model.requires_grad_(False)
    model.body.eval()
    model.head.requires_grad_(True)
    model.scale.requires_grad_(True)
    return optim.SGD([*model.head.parameters(), model.scale], lr=0.1, momentum=0.9)
''',
)


def _reader(torch: Any, rng: Rng) -> Any:
    """Return a model with a body that ends in a BatchNorm, a head, and a temperature that is frozen."""
    nn, model = torch.nn, torch.nn.Module()
    model.body = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4))
    model.head = nn.Linear(4, 2)
    model.scale = nn.Parameter(torch.tensor(1 / 0.5).log(), requires_grad=False)
    for p in (*model.body.parameters(), *model.head.parameters()):
        p.data = floats(torch, rng, *p.shape)
    return model


def _sgd(torch: Any, *parameters: Any) -> Any:
    return torch.optim.SGD(*parameters, lr=0.1)


def _backward(torch: Any, rng: Rng, model: Any) -> None:
    """Run the model on numbers, and backward."""
    x, y = floats(torch, rng, 8, 3), torch.tensor(rng.integers(0, 2, size=8))
    torch.nn.functional.cross_entropy(model.head(model.body(x)) * model.scale.exp(), y).backward()


def _changed(model: Any, before: dict[str, Any]) -> list[str]:
    return [name for name, value in model.state_dict().items() if value.tolist() != before[name]]


def _numbers(model: Any) -> dict[str, Any]:
    return {name: value.tolist() for name, value in model.state_dict().items()}


def _names(found: Any) -> list[str]:
    """Return names in their alphabetical order, and the class of what is no name."""
    return sorted(name if isinstance(name, str) else f"a {type(name).__name__}" for name in found)


# ------------------------------------------------------------------ the final table


@case
def the_final_table(torch: Any, rng: Rng) -> Any:
    """A model that is fine-tuned: for each tensor, does it get a gradient, is it listed, held, saved, moved?"""
    model = _reader(torch, rng)
    model.register_buffer("digits", torch.arange(2), persistent=False)
    model.features = floats(torch, rng, 2)
    optimizer = FINE_TUNE.on(torch)(model)
    _backward(torch, rng, model)
    kinds: dict[str, Callable[[], Any]] = {
        "body.0.weight": lambda: model.body[0].weight,
        "body.1.running_mean": lambda: model.body[1].running_mean,
        "head.weight": lambda: model.head.weight,
        "scale": lambda: model.scale,
        "digits": lambda: model.digits,
        "features": lambda: model.features,
    }
    held = {id(p) for group in optimizer.param_groups for p in group["params"]}
    listed, saved = dict(model.named_parameters()), model.state_dict()
    table = {
        name: [of().grad is not None, name in listed, id(of()) in held, name in saved] for name, of in kinds.items()
    }
    model.to("meta")
    return {name: (*table[name], of().is_meta) for name, of in kinds.items()}


@case
def a_checkpoint_does_not_know_what_is_frozen(torch: Any, rng: Rng) -> Any:
    """A fine-tuned model's ``state_dict()``, loaded into a new model: who asks for a gradient there?"""
    model, again = _reader(torch, rng), _reader(torch, rng)
    FINE_TUNE.on(torch)(model)
    again.load_state_dict(model.state_dict())
    return {name: p.requires_grad for name, p in again.named_parameters()}


# ------------------------------------------------------------------ audit


@case_of(AUDIT)
def a_new_head_is_missed(torch: Any, rng: Rng, audit: Function) -> Any:
    """An optimizer is made, then the head is replaced by a new layer: ``audit(model, optimizer)``."""
    model = _reader(torch, rng)
    optimizer = _sgd(torch, model.parameters())
    model.head = torch.nn.Linear(4, 2)
    return _names(audit(model, optimizer))


@case_of(AUDIT)
def nothing_is_missing(torch: Any, rng: Rng, audit: Function) -> Any:
    """A model and its optimizer, before and after a backward: ``audit(model, optimizer)``."""
    model = _reader(torch, rng)
    optimizer = _sgd(torch, model.parameters())
    fresh = _names(audit(model, optimizer))
    _backward(torch, rng, model)
    return fresh, _names(audit(model, optimizer))


@case_of(AUDIT)
def a_frozen_one_is_not_missed(torch: Any, rng: Rng, audit: Function) -> Any:
    """The body is frozen, and the optimizer has the head alone: ``audit(model, optimizer)``."""
    model = _reader(torch, rng)
    model.body.requires_grad_(False)
    return _names(audit(model, _sgd(torch, model.head.parameters())))


@case_of(AUDIT)
def thawed_too_late(torch: Any, rng: Rng, audit: Function) -> Any:
    """The optimizer has what asked for a gradient when it was made, and the temperature asks later: ``audit(…)``."""
    model = _reader(torch, rng)
    optimizer = _sgd(torch, [p for p in model.parameters() if p.requires_grad])
    model.scale.requires_grad_(True)
    return _names(audit(model, optimizer))


@case_of(AUDIT)
def equal_numbers_are_another_object(torch: Any, rng: Rng, audit: Function) -> Any:
    """The head is replaced by a copy with the same numbers: ``audit(model, optimizer)``."""
    model = _reader(torch, rng)
    optimizer = _sgd(torch, model.parameters())
    model.head = deepcopy(model.head)
    return _names(audit(model, optimizer))


@case_of(AUDIT)
def two_groups(torch: Any, rng: Rng, audit: Function) -> Any:
    """The body in one group of the optimizer, the head in another: ``audit(model, optimizer)``."""
    model = _reader(torch, rng)
    groups = [{"params": model.body.parameters()}, {"params": model.head.parameters()}]
    return _names(audit(model, _sgd(torch, groups)))


# ------------------------------------------------------------------ fine_tune


@case_of(FINE_TUNE)
def who_asks_for_a_gradient(torch: Any, rng: Rng, fine_tune: Function) -> Any:
    """``fine_tune(model)``: the names of the Parameters that ask for a gradient afterwards."""
    model = _reader(torch, rng)
    fine_tune(model)
    return [name for name, p in model.named_parameters() if p.requires_grad]


@case_of(FINE_TUNE)
def who_is_held(torch: Any, rng: Rng, fine_tune: Function) -> Any:
    """``optimizer = fine_tune(model)``: the names of the Parameters that the optimizer holds."""
    model = _reader(torch, rng)
    held = [p for group in fine_tune(model).param_groups for p in group["params"]]
    return [name for name, p in model.named_parameters() if any(p is one for one in held)]


@case_of(FINE_TUNE)
def what_training_changes(torch: Any, rng: Rng, fine_tune: Function) -> Any:
    """``optimizer = fine_tune(model)`` and three steps of training: what has changed in the ``state_dict()``?"""
    model = _reader(torch, rng)
    optimizer = fine_tune(model)
    before = _numbers(model)
    for _ in range(3):
        optimizer.zero_grad()
        _backward(torch, rng, model)
        optimizer.step()
    return _changed(model, before)


@case_of(FINE_TUNE)
def an_old_gradient_moves_nothing_frozen(torch: Any, rng: Rng, fine_tune: Function) -> Any:
    """A gradient is left from before; ``fine_tune(model).step()``: what has changed in the ``state_dict()``?"""
    model = _reader(torch, rng)
    _backward(torch, rng, model)
    optimizer = fine_tune(model)
    before = _numbers(model)
    optimizer.step()
    return _changed(model, before)


@case_of(FINE_TUNE)
def it_changes_no_number(torch: Any, rng: Rng, fine_tune: Function) -> Any:
    """``fine_tune(model)``: what has changed in the ``state_dict()``, and whether the head is the same object."""
    model = _reader(torch, rng)
    head, before = model.head, _numbers(model)
    fine_tune(model)
    return _changed(model, before), model.head is head


@case_of(FINE_TUNE)
def how_it_steps(torch: Any, rng: Rng, fine_tune: Function) -> Any:
    """``optimizer = fine_tune(model)``: its class, its lr and its momentum."""
    optimizer = fine_tune(_reader(torch, rng))
    group = optimizer.param_groups[0]
    return type(optimizer).__name__, group["lr"], group.get("momentum")
