"""The price of an operation: chains of scalars, a tiny network, a larger one; beside PyTorch with one thread."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

import paramlab

from .measure import medians, print_table

GOALS = {"5,000 scalar multiply-adds": 0.6, "MLP 2-16-16-1": 0.8, "MLP 784-256-128-10": 1.0}  # of PyTorch's time
Step = Callable[[], object]


def report() -> None:
    """Print the medians of forward and backward, and what ten times the chain takes."""
    rounds = {"5,000 scalar multiply-adds": (15, 1), "MLP 2-16-16-1": (25, 100), "MLP 784-256-128-10": (25, 20)}
    makers = {
        "5,000 scalar multiply-adds": _chain,
        "MLP 2-16-16-1": _tiny,
        "MLP 784-256-128-10": _large,
    }
    for title, make in makers.items():
        contenders: dict[str, Step] = {"paramlab": make(paramlab)}
        if importlib.util.find_spec("torch") is not None:
            import torch

            torch.set_num_threads(1)
            contenders["PyTorch, 1 thread"] = make(torch)
        for step in contenders.values():
            step()
        times, repeat = rounds[title]
        results = medians(contenders, times, repeat)
        print_table(title, results, list(contenders)[-1])
        print(f"  goal: at most {GOALS[title]} × PyTorch")
    short, long = (_seconds(n) for n in (100_000, 1_000_000))
    print(f"a chain of 1,000,000 operations: {long:.2f} s, {long / short:.1f} × that of 100,000 (goal: about 10)")


def _chain(torch: Any, length: int = 5000) -> Step:
    """Return ``y = y * w + b``, so many times, and the way back."""
    w, b, x = (torch.tensor(value, requires_grad=True) for value in (1.0001, 1e-6, 1.0))

    def step() -> object:
        y = x
        for _ in range(length):
            y = y * w + b
        y.backward()
        return y

    return step


def _seconds(operations: int) -> float:
    """Return the best of three walks there and back, the freeing included."""
    step, best = _chain(paramlab, operations // 2), float("inf")
    for _ in range(3):
        start = time.perf_counter()
        step()
        best = min(best, time.perf_counter() - start)
    return best


def _tiny(torch: Any) -> Step:
    loss = torch.nn.functional.mse_loss
    return _training(torch, (2, 16, 16, 1), 16, loss, lambda rng: rng.normal(size=(16, 1)).astype(np.float32))


def _large(torch: Any) -> Step:
    loss = torch.nn.functional.cross_entropy
    return _training(torch, (784, 256, 128, 10), 64, loss, lambda rng: rng.integers(0, 10, 64), momentum=0.9)


def _training(
    torch: Any, widths: tuple[int, ...], batch: int, loss: Any, targets: Callable[[Any], Any], momentum: float = 0.0
) -> Step:
    """Return a step of SGD: zero_grad, forward, loss, backward, step."""
    rng, layers = np.random.default_rng(0), []
    for before, after in pairwise(widths):
        layers += [torch.nn.Linear(before, after), torch.nn.ReLU()]
    model = torch.nn.Sequential(*layers[:-1])
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=momentum)
    x, y = torch.tensor(rng.normal(size=(batch, widths[0])).astype(np.float32)), torch.tensor(targets(rng))

    def step() -> object:
        optimizer.zero_grad()
        loss(model(x), y).backward()
        return optimizer.step()

    return step
