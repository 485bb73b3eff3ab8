"""Convolutional networks, forward and backward, beside PyTorch with one thread."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Any

import numpy as np

import paramlab

from .measure import medians, print_table


def report() -> None:
    """Print the medians of a small network, of a residual block, and of looking up an embedding."""
    if importlib.util.find_spec("torch") is None:
        print("convolution: PyTorch is not installed, nothing to compare with")
        return
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    for title, program in PROGRAMS.items():
        contenders = {"PyTorch, 1 thread": program(torch), "paramlab": program(paramlab)}
        for call in contenders.values():
            for _ in range(10):
                call()
        print_table(title, medians(contenders, rounds=40, repeat=5), "PyTorch, 1 thread")
    torch.set_num_threads(threads)


def _network(torch: Any) -> Callable[[], object]:
    nn = torch.nn
    model = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3, padding=1),
        nn.BatchNorm2d(16),
        nn.ReLU(),
        nn.MaxPool2d(2),
    )
    last = nn.Linear(16 * 7 * 7, 10)
    rng = np.random.default_rng(0)
    x = torch.tensor(rng.normal(size=(32, 1, 28, 28)).astype(np.float32))
    y = torch.tensor(rng.integers(0, 10, 32))

    def step() -> object:
        model.zero_grad()
        last.zero_grad()
        loss = nn.functional.cross_entropy(last(model(x).reshape(32, -1)), y)
        loss.backward()
        return loss

    return step


def _residual_block(torch: Any) -> Callable[[], object]:
    nn, relu = torch.nn, torch.relu
    block = nn.ModuleList(
        [nn.Conv2d(16, 16, 3, padding=1), nn.BatchNorm2d(16), nn.Conv2d(16, 16, 3, padding=1), nn.BatchNorm2d(16)]
    )
    first, norm, second, second_norm = block
    x = torch.tensor(np.random.default_rng(0).normal(size=(8, 16, 16, 16)).astype(np.float32))

    def step() -> object:
        block.zero_grad()
        loss = relu(second_norm(second(relu(norm(first(x))))) + x).mean()
        loss.backward()
        return loss

    return step


def _embedding(torch: Any) -> Callable[[], object]:
    table = torch.nn.Embedding(10_000, 64)
    words = torch.tensor(np.random.default_rng(0).integers(0, 10_000, (32, 20)))

    def step() -> object:
        table.zero_grad()
        loss = table(words).mean()
        loss.backward()
        return loss

    return step


PROGRAMS: dict[str, Callable[[Any], Callable[[], object]]] = {
    "two blocks conv-BN-ReLU-pool on 32×1×28×28, and a Linear": _network,
    "a residual block, 16 channels, on 8×16×16×16": _residual_block,
    "an embedding of 10,000 × 64, batch 32×20": _embedding,
}
