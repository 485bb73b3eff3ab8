"""What a training step takes at its peak, beside a step written by hand: saved activations and gradients."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from itertools import pairwise

import numpy as np

import paramlab
from paramlab import nn

WIDTHS = (784, 512, 256, 10)
BATCH = 512
GOAL = 1.15  # of what the step by hand takes


def report() -> None:
    """Print both peaks."""
    ours, by_hand = peaks()
    print(f"memory of a training step: MLP {'-'.join(map(str, WIDTHS))}, batch {BATCH}")
    print(f"  {'NumPy, by hand':<32} {by_hand / 1e6:9.2f} MB")
    print(f"  {'paramlab':<32} {ours / 1e6:9.2f} MB   {ours / by_hand:6.2f} × NumPy, by hand (goal: at most {GOAL})")


def peaks() -> tuple[int, int]:
    """Return the peak of a step, forward and backward, in bytes: paramlab's, and that of the step by hand."""
    return _peak(_step()), _peak(_by_hand())


def _peak(step: Callable[[], object]) -> int:
    step()  # what is made once is no cost of a step
    tracemalloc.start()
    kept = step()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    del kept
    return peak


def _step() -> Callable[[], object]:
    layers: list[nn.Module] = []
    for before, after in pairwise(WIDTHS):
        layers += [nn.Linear(before, after), nn.ReLU()]
    model = nn.Sequential(*layers[:-1])
    x, y = paramlab.rand(BATCH, WIDTHS[0]), paramlab.zeros(BATCH, dtype=paramlab.int64)

    def step() -> object:
        model.zero_grad()
        nn.functional.cross_entropy(model(x), y).backward()
        return [p.grad for p in model.parameters()]

    return step


def _by_hand() -> Callable[[], object]:
    rng = np.random.default_rng(0)
    weights = [rng.normal(size=shape).astype(np.float32) for shape in zip(WIDTHS[1:], WIDTHS, strict=False)]
    biases = [np.zeros(width, np.float32) for width in WIDTHS[1:]]
    x, rows = rng.random((BATCH, WIDTHS[0]), np.float32), np.arange(BATCH)

    def step() -> object:
        inputs, grads = [x], []
        for weight, bias in zip(weights, biases, strict=True):
            scores = inputs[-1] @ weight.T + bias
            inputs.append(np.maximum(scores, 0) if len(bias) != WIDTHS[-1] else scores)
        scores = inputs.pop()
        log_p = scores - scores.max(axis=1, keepdims=True)
        log_p -= np.log(np.exp(log_p).sum(axis=1, keepdims=True))
        grad = np.exp(log_p)
        grad[rows, 0] -= 1
        grad /= BATCH
        while inputs:
            into, weight = inputs.pop(), weights[len(inputs)]
            grads += [grad.T @ into, grad.sum(axis=0)]
            if inputs:
                grad = (grad @ weight) * (into > 0)
        return grads

    return step
