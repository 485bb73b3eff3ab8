"""A step of training, forward, loss, backward, update: on the digits (64-64-10), and of a larger network."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

import paramlab
from paramlab.data import digits

from .measure import medians, print_table

LR = 0.1
BATCH = 32
WIDTHS, LARGE_BATCH = (784, 256, 128, 10), 64
OPTIMIZERS: dict[str, dict[str, Any]] = {"SGD": {"lr": 0.01, "momentum": 0.9}, "Adam": {"lr": 1e-3}}


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
    for kind, options in OPTIMIZERS.items():
        _report_large(kind, options)


def _report_large(kind: str, options: dict[str, Any]) -> None:
    contenders = {"NumPy, by hand": _large_by_hand(UPDATES[kind]), "paramlab": _large_step_of(paramlab, kind, options)}
    if importlib.util.find_spec("torch") is not None:
        import torch

        contenders["PyTorch, 1 thread"] = _with_threads(torch, 1, _large_step_of(torch, kind, options))
    for call in contenders.values():
        for _ in range(20):
            call()
    results = medians(contenders, rounds=40, repeat=10)
    print_table(f"a step of {kind} {options}: MLP 784-256-128-10, batch 64", results, "NumPy, by hand")
    for name, goal in (("NumPy, by hand", 1.25), ("PyTorch, 1 thread", 1.0)):
        if name in results:
            print(f"  paramlab takes {results['paramlab'] / results[name]:.2f} × {name} (goal: at most {goal})")


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


# ------------------------------------------------------------------ the larger network


def _large_batch() -> tuple[Any, Any]:
    rng = np.random.default_rng(0)
    return rng.normal(size=(LARGE_BATCH, WIDTHS[0])).astype(np.float32), rng.integers(0, WIDTHS[-1], LARGE_BATCH)


def _large_step_of(torch: Any, kind: str, options: dict[str, Any]) -> Callable[[], object]:
    layers: list[Any] = []
    for before, after in pairwise(WIDTHS):
        layers += [torch.nn.Linear(before, after), torch.nn.ReLU()]
    model = torch.nn.Sequential(*layers[:-1])
    optimizer = getattr(torch.optim, kind)(model.parameters(), **options)
    x, y = map(torch.tensor, _large_batch())

    def step() -> object:
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(x), y).backward()
        return optimizer.step()

    return step


def _large_by_hand(make_update: Callable[[list[Any]], Callable[[list[Any]], None]]) -> Callable[[], object]:
    """Return the same step, its gradients written out; what is updated is written in place."""
    rng = np.random.default_rng(0)
    weights = [
        rng.uniform(-1 / before**0.5, 1 / before**0.5, (after, before)).astype(np.float32)
        for before, after in pairwise(WIDTHS)
    ]
    biases = [np.zeros(width, np.float32) for width in WIDTHS[1:]]
    update = make_update(weights + biases)
    x, y = _large_batch()
    rows = np.arange(LARGE_BATCH)

    def step() -> None:
        inputs = [x]
        for weight, bias in zip(weights[:-1], biases[:-1], strict=True):
            hidden = inputs[-1] @ weight.T
            hidden += bias
            inputs.append(np.maximum(hidden, 0, out=hidden))
        grad = inputs[-1] @ weights[-1].T + biases[-1]
        grad -= grad.max(axis=1, keepdims=True)
        np.exp(grad, out=grad)
        grad /= grad.sum(axis=1, keepdims=True)
        -np.log(grad[rows, y]).mean()  # the loss
        grad[rows, y] -= 1
        grad /= LARGE_BATCH
        to_weights, to_biases = [], []
        for layer in (2, 1, 0):
            to_weights.append(grad.T @ inputs[layer])
            to_biases.append(grad.sum(axis=0))
            if layer:
                grad = grad @ weights[layer]
                grad *= inputs[layer] > 0
        update(to_weights[::-1] + to_biases[::-1])

    return step


def _momentum(parameters: list[Any]) -> Callable[[list[Any]], None]:
    kept = [np.zeros_like(p) for p in parameters]

    def update(grads: list[Any]) -> None:
        for p, grad, buffer in zip(parameters, grads, kept, strict=True):
            buffer *= 0.9
            buffer += grad
            p -= 0.01 * buffer

    return update


def _adam(parameters: list[Any]) -> Callable[[list[Any]], None]:
    means, squares = ([np.zeros_like(p) for p in parameters] for _ in range(2))
    t = 0

    def update(grads: list[Any]) -> None:
        nonlocal t
        t += 1
        for p, grad, m, v in zip(parameters, grads, means, squares, strict=True):
            m *= 0.9
            m += 0.1 * grad
            v *= 0.999
            grad *= grad
            grad *= 0.001
            v += grad
            size = np.sqrt(v)
            size *= 1 / (1 - 0.999**t) ** 0.5
            size += 1e-8
            np.divide(m, size, out=size)
            size *= 1e-3 / (1 - 0.9**t)
            p -= size

    return update


UPDATES = {"SGD": _momentum, "Adam": _adam}
