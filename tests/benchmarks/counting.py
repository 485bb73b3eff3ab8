"""How long a census takes, of paramlab and of PyTorch models, an optimizer included."""

from __future__ import annotations

import importlib.util
from typing import Any

import paramlab
from paramlab import census

from .measure import medians, print_table

GOALS = {1_000: 50, 10_000: 500}  # tensors, milliseconds


def report() -> None:
    """Print the medians for each size."""
    packages: dict[str, Any] = {"paramlab": paramlab}
    if importlib.util.find_spec("torch") is not None:
        packages["PyTorch"] = importlib.import_module("torch")
    for size, goal in GOALS.items():
        results = medians({name: _count(package, size) for name, package in packages.items()}, rounds=5)
        print_table(f"a census of {size:,} tensors", results, "paramlab")
        print(f"  the slowest takes {max(results.values()):.0f} ms (goal: under {goal})")


def _count(torch: Any, size: int) -> Any:
    model = torch.nn.Sequential(*[torch.nn.Linear(2, 2) for _ in range(size // 2)])
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    return lambda: census(model, optimizer)
