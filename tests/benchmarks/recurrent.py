"""Recurrent cells in a loop, and whole recurrent layers: forward, sum and backward, beside PyTorch."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Any

import numpy as np

import paramlab

from .measure import medians, print_table

STEPS, BATCH, FEATURES, HIDDEN = 32, 16, 32, 64
GOAL = 0.9  # of PyTorch's time, for the loop over an RNNCell


def report() -> None:
    """Print the medians of one pass, for each cell and layer."""
    if importlib.util.find_spec("torch") is None:
        print("recurrent layers are compared with PyTorch: pip install torch==2.13.0")
        return
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    print(f"a sequence of {STEPS} steps, batch {BATCH}, {FEATURES} features, {HIDDEN} hidden: forward, sum, backward")
    for name in ("RNNCell", "LSTMCell", "GRUCell", "RNN", "LSTM", "GRU"):
        pass_of = _loop if name.endswith("Cell") else _layer
        contenders = {"paramlab": pass_of(paramlab, name), "PyTorch": pass_of(torch, name)}
        for call in contenders.values():
            call()
        results = medians(contenders, rounds=60, repeat=3)
        print_table(name, results, "PyTorch")
    print(f"  (goal for RNNCell: {GOAL} × PyTorch)")
    torch.set_num_threads(threads)


def _data(torch: Any) -> Any:
    numbers = np.random.default_rng(0).normal(size=(STEPS, BATCH, FEATURES))
    return torch.tensor(numbers.astype(np.float32))


def _loop(torch: Any, name: str) -> Callable[[], object]:
    """Return a pass through a cell, one step at a time."""
    cell, steps = getattr(torch.nn, name)(FEATURES, HIDDEN), _data(torch)

    def call() -> object:
        state: Any = None
        total: Any = 0
        for x in steps:
            state = cell(x, state)
        total = (state[0] if isinstance(state, tuple) else state).sum()
        total.backward()
        return total

    return call


def _layer(torch: Any, name: str) -> Callable[[], object]:
    """Return a pass through a layer, all steps at once."""
    layer, steps = getattr(torch.nn, name)(FEATURES, HIDDEN), _data(torch)

    def call() -> object:
        total = layer(steps)[0].sum()
        total.backward()
        return total

    return call
