"""What a model of 1,000 layers costs apart from its arithmetic: building, copying, listing, saving, moving it."""

from __future__ import annotations

import copy
import importlib.util
from collections.abc import Callable
from typing import Any

import paramlab

from .measure import medians

LAYERS = 1_000
ASSIGNMENTS = 10_000
ROUNDS = 15
GOALS = {  # times PyTorch with one thread
    "build": 0.5,
    "deepcopy": 0.5,
    "parameters()": 0.5,
    "named_parameters()": 0.5,
    "named_modules()": 0.5,
    "named_buffers()": 0.5,
    "state_dict()": 0.5,
    "train(), eval()": 0.5,
    f"{ASSIGNMENTS:,} numbers assigned": 0.5,
    f"{ASSIGNMENTS:,} Parameters assigned": 0.5,
    "model.zero_grad()": 1.0,
    "optimizer.zero_grad()": 1.0,
    "load_state_dict()": 0.1,
    "to(float64) and back": 0.6,
}


def report() -> None:
    """Print for each kind of work PyTorch's median, ours, their ratio and the goal."""
    if importlib.util.find_spec("torch") is None:
        return
    import torch

    torch.set_num_threads(1)
    ours, theirs = _work(paramlab), _work(torch)
    print(f"a model of {LAYERS:,} Linear(4, 4)")
    for name, goal in GOALS.items():
        results = medians({"PyTorch": theirs[name], "paramlab": ours[name]}, ROUNDS)
        ratio = results["paramlab"] / results["PyTorch"]
        print(
            f"  {name:<32} PyTorch {results['PyTorch']:9.3f} ms   paramlab {results['paramlab']:9.3f} ms   "
            f"{ratio:5.2f} × (goal: at most {goal})"
        )


def _build(torch: Any) -> Any:
    return torch.nn.Sequential(*[torch.nn.Linear(4, 4) for _ in range(LAYERS)])


def _work(torch: Any) -> dict[str, Callable[[], object]]:
    """Return what is timed, by its name, for paramlab or for PyTorch."""
    model = _build(torch)
    state = model.state_dict()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    calls: tuple[Callable[[], object], ...] = (
        lambda: _build(torch),
        lambda: copy.deepcopy(model),
        lambda: list(model.parameters()),
        lambda: list(model.named_parameters()),
        lambda: list(model.named_modules()),
        lambda: list(model.named_buffers()),
        lambda: model.state_dict(),
        lambda: (model.train(), model.eval()),
        lambda: _assign(model, range(ASSIGNMENTS)),
        lambda: _assign(model[0], [model[0].weight] * ASSIGNMENTS),
        lambda: model.zero_grad(),
        lambda: optimizer.zero_grad(),
        lambda: model.load_state_dict(state),
        lambda: (model.to(torch.float64), model.to(torch.float32)),
    )
    return dict(zip(GOALS, calls, strict=True))


def _assign(module: Any, values: Any) -> None:
    for value in values:
        module.held = value
    del module.held
