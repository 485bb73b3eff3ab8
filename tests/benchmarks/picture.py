"""How long the kernel works for a pick-up map of a large model: for the first picture, and for a click."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Any

import paramlab

from .measure import medians, print_table

SIZE = 10_000  # tensors
GOALS = {"a first picture": 250, "a click": 150}  # milliseconds, of the 500 and 200 until Chromium has painted


def report() -> None:
    """Print the medians, an optimizer included; nothing where widgets are not installed."""
    if importlib.util.find_spec("anywidget") is None:
        return
    packages: dict[str, Any] = {"paramlab": paramlab}
    if importlib.util.find_spec("torch") is not None:
        packages["PyTorch"] = importlib.import_module("torch")
    for what, make in (("a first picture", _picture), ("a click", _click)):
        results = medians({name: make(package) for name, package in packages.items()}, rounds=5)
        print_table(f"{what} of {SIZE:,} tensors", results, "paramlab")
        print(f"  the slowest takes {max(results.values()):.0f} ms (goal: under {GOALS[what]})")


def _model(torch: Any) -> tuple[Any, Any]:
    model = torch.nn.Sequential(*[torch.nn.Linear(2, 2) for _ in range(SIZE // 2)])
    return model, torch.optim.SGD(model.parameters(), lr=0.1)


def _picture(torch: Any) -> Callable[[], object]:
    from paramlab.widgets import explore

    model, optimizer = _model(torch)
    return lambda: explore(model, optimizer)._repr_mimebundle_()


def _click(torch: Any) -> Callable[[], object]:
    from paramlab.widgets import explore

    shown = explore(*_model(torch))
    return lambda: shown._obey(shown, {"do": "grad", "path": "0.bias"}, [])
