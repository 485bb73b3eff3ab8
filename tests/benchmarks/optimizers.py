"""A step of an optimizer over many small tensors, where calls cost, and over a big one, where memory does."""

from __future__ import annotations

import importlib.util
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import paramlab

from .measure import medians, print_table

COUNT, SMALL, BIG = 2_000, (8, 8), (256, 784)
OPTIMIZERS: dict[str, tuple[str, dict[str, Any]]] = {
    "SGD": ("SGD", {"lr": 0.1}),
    "SGD with momentum": ("SGD", {"lr": 0.1, "momentum": 0.9}),
    "Adam": ("Adam", {"lr": 1e-3}),
    "AdamW": ("AdamW", {"lr": 1e-3}),
    "RMSprop": ("RMSprop", {"lr": 1e-3}),
    "Adagrad": ("Adagrad", {"lr": 1e-3}),
}


def report() -> None:
    """Print the medians of a step, and of ``zero_grad``, for each optimizer."""
    packages: dict[str, Any] = {"paramlab": paramlab}
    beside = "NumPy, by hand"
    if importlib.util.find_spec("torch") is not None:
        packages["PyTorch"] = importlib.import_module("torch")
        packages["PyTorch"].set_num_threads(1)
    for name, (kind, options) in OPTIMIZERS.items():
        steps = {package: _step(torch, kind, options, COUNT, SMALL) for package, torch in packages.items()}
        title = f"a step of {name}: {COUNT:,} tensors of {SMALL}"
        print_table(title, medians(steps, rounds=15), list(packages)[-1])
    times = {package: _zero_grad(torch) for package, torch in packages.items()}
    print_table(f"zero_grad of {COUNT:,} tensors", times, list(packages)[-1])
    for name, by_hand in BY_HAND.items():
        kind, options = OPTIMIZERS[name]
        contenders: dict[str, Callable[[], object]] = {beside: by_hand()}
        contenders |= {package: _step(torch, kind, options, 1, BIG) for package, torch in packages.items()}
        print_table(f"a step of {name}: one tensor of {BIG}", medians(contenders, rounds=60, repeat=5), beside)


def _parameters(torch: Any, count: int, shape: tuple[int, ...]) -> list[Any]:
    """Return Parameters that have a gradient."""
    rng = np.random.default_rng(0)
    parameters = []
    for _ in range(count):
        p = torch.nn.Parameter(torch.from_numpy(rng.normal(size=shape).astype(np.float32)))
        p.grad = torch.from_numpy(rng.normal(size=shape).astype(np.float32))
        parameters.append(p)
    return parameters


def _step(torch: Any, kind: str, options: dict[str, Any], count: int, shape: tuple[int, ...]) -> Callable[[], object]:
    optimizer = getattr(torch.optim, kind)(_parameters(torch, count, shape), **options)
    optimizer.step()  # the first makes the state
    step: Callable[[], object] = optimizer.step
    return step


def _zero_grad(torch: Any, rounds: int = 30) -> float:
    """Return the median time of forgetting gradients, in milliseconds; handing them out is not counted."""
    parameters = _parameters(torch, COUNT, SMALL)
    grads = [p.grad for p in parameters]
    optimizer = torch.optim.SGD(parameters, lr=0.1)
    times = []
    for _ in range(rounds):
        for p, grad in zip(parameters, grads, strict=True):
            p.grad = grad
        start = time.perf_counter()
        optimizer.zero_grad()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def _big() -> tuple[Any, ...]:
    rng = np.random.default_rng(0)
    return tuple(rng.normal(size=BIG).astype(np.float32) for _ in range(2)) + tuple(
        np.zeros(BIG, np.float32) for _ in range(2)
    )


def _sgd_by_hand() -> Callable[[], object]:
    p, grad, _, _ = _big()

    def step() -> None:
        nonlocal p
        p -= 0.1 * grad

    return step


def _momentum_by_hand() -> Callable[[], object]:
    p, grad, buffer, _ = _big()

    def step() -> None:
        nonlocal p, buffer
        buffer *= 0.9
        buffer += grad
        p -= 0.1 * buffer

    return step


def _adam_by_hand() -> Callable[[], object]:
    p, grad, m, v = _big()
    t = 0

    def step() -> None:
        nonlocal p, m, v, t
        t += 1
        m *= 0.9
        m += 0.1 * grad
        v *= 0.999
        v += 0.001 * grad * grad
        p -= 1e-3 / (1 - 0.9**t) * m / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)

    return step


BY_HAND = {"SGD": _sgd_by_hand, "SGD with momentum": _momentum_by_hand, "Adam": _adam_by_hand}
