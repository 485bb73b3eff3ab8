"""What the cases of the bug clinic share: what a cure is tried on, and how one sees that it heals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..clinic import PATIENTS
from .case import Written, floats

Rng = np.random.Generator


def cured(patient: str) -> Written:
    """Return a patient's class or function without its mistake."""
    return Written(PATIENTS[patient].defines, PATIENTS[patient].cured)


def batch(torch: Any, rng: Rng) -> tuple[Any, Any]:
    """Return inputs ``(8, 2)`` that a ReLU lets through, and targets ``(8, 1)``."""
    return floats(torch, rng, 8, 2).abs() + 0.5, floats(torch, rng, 8, 1)


def filled(torch: Any, rng: Rng, model: Any) -> Any:
    """Give every weight that ``parameters()`` lists new values, in its order; return the model."""
    for weight in model.parameters():
        weight.data = floats(torch, rng, *weight.shape).abs() + 0.1
    return model


def backwards(model: Any, x: Any, y: Any) -> None:
    """Give the model gradients."""
    ((model(x) - y) ** 2).mean().backward()


def train(torch: Any, model: Any, x: Any, y: Any, steps: int = 3) -> None:
    """Train the weights that ``parameters()`` lists."""
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    for _ in range(steps):
        optimizer.zero_grad()
        backwards(model, x, y)
        optimizer.step()


def changed_by(action: Callable[[], Any], tensors: dict[str, Any]) -> list[str]:
    """Return, sorted, the names of the tensors that an action changes."""
    before = {name: tensor.detach().clone() for name, tensor in tensors.items()}
    action()
    return sorted(name for name, tensor in tensors.items() if not bool((tensor == before[name]).all()))


def trained(torch: Any, rng: Rng, model: Any) -> list[str]:
    """Return the names of the weights that training changes."""
    x, y = batch(torch, rng)
    filled(torch, rng, model)
    return changed_by(lambda: train(torch, model, x, y), dict(model.named_parameters()))


def elsewhere(torch: Any, model: Any, x: Any) -> tuple[Any, Any]:
    """Return a model and its input on another device: on ``sim``, a GPU, or else in other memory of the CPU."""
    if torch.__name__ == "paramlab":
        return model.to("sim"), x.to("sim")
    if torch.cuda.is_available():
        return model.to("cuda"), x.to("cuda")
    return model._apply(lambda t: t.clone()), x


def network(torch: Any, rng: Rng, outputs: int = 1) -> Any:
    """Return a network with a ``norm``, a ``backbone`` and a ``head``, each of its weights filled."""
    model = torch.nn.Sequential()
    model.add_module("norm", torch.nn.BatchNorm1d(2))
    model.add_module("backbone", torch.nn.Linear(2, 4))
    model.add_module("relu", torch.nn.ReLU())
    model.add_module("head", torch.nn.Linear(4, outputs))
    return filled(torch, rng, model)
