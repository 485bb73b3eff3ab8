"""A step of training on the digits (64-64-10, batch 32): forward, loss, backward, update."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Any

import numpy as np

import paramlab
from paramlab.data import digits

from .measure import medians, print_table

LR = 0.1
BATCH = 32


def report() -> None:
    """Print the medians of one step."""
    contenders: dict[str, Callable[[], object]] = {"NumPy, by hand": _by_hand(), "paramlab": _step_of(paramlab)}
    if importlib.util.find_spec("torch") is not None:
        import torch

        default = torch.get_num_threads()
        step = _step_of(torch)
        contenders["PyTorch, 1 thread"] = _with_threads(torch, 1, step)
        contenders[f"PyTorch, {default} threads (default)"] = _with_threads(torch, default, step)
    for call in contenders.values():
        for _ in range(50):
            call()
    results = medians(contenders, rounds=60, repeat=20)
    print_table("a step of SGD: digits MLP 64-64-10, batch 32", results, "NumPy, by hand")
    for name in results:
        if name.startswith("PyTorch"):
            print(f"  paramlab takes {results['paramlab'] / results[name]:.2f} × {name}")


def _batch() -> tuple[Any, Any]:
    x, y = digits(train=True)[0:BATCH]
    return x.numpy(), y.numpy()


def _step_of(torch: Any) -> Callable[[], object]:
    """Return a step of the same program for paramlab and for PyTorch."""
    nn = torch.nn
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
    optimizer = torch.optim.SGD(model.parameters(), lr=LR)
    pixels, labels = _batch()
    x, y = torch.tensor(pixels), torch.tensor(labels)

    def step() -> object:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        return loss

    return step


def _with_threads(torch: Any, count: int, step: Callable[[], object]) -> Callable[[], object]:
    def call() -> object:
        torch.set_num_threads(count)
        return step()

    return call


def _by_hand() -> Callable[[], object]:
    """Return the same step, its gradients written out."""
    rng = np.random.default_rng(0)
    w1, b1 = rng.uniform(-1 / 8, 1 / 8, (64, 64)).astype(np.float32), np.zeros(64, np.float32)
    w2, b2 = rng.uniform(-1 / 8, 1 / 8, (10, 64)).astype(np.float32), np.zeros(10, np.float32)
    x, y = _batch()
    rows = np.arange(len(y))

    def step() -> object:
        hidden = np.maximum(x @ w1.T + b1, 0)
        scores = hidden @ w2.T + b2
        scores -= scores.max(axis=1, keepdims=True)
        log_p = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        loss = -log_p[rows, y].mean()
        grad = np.exp(log_p)
        grad[rows, y] -= 1
        grad /= len(y)
        to_hidden = (grad @ w2) * (hidden > 0)
        for weight, bias, into, out in ((w1, b1, x, to_hidden), (w2, b2, hidden, grad)):
            weight -= LR * (out.T @ into)
            bias -= LR * out.sum(axis=0)
        return loss

    return step
