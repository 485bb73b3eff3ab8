"""Saving and loading a state_dict of 64 MB, as a few large tensors and as many small ones."""

from __future__ import annotations

import importlib.util
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import paramlab

from .measure import medians, print_table

SIZE = 64 << 20  # bytes
GOAL = 0.5  # of PyTorch's time, for save and load together


def report() -> None:
    """Print the medians, of each half and of both; a file replaces the one of the round before."""
    packages: dict[str, Any] = {"paramlab": paramlab}
    if importlib.util.find_spec("torch") is not None:
        import torch

        packages["PyTorch"] = torch
    with tempfile.TemporaryDirectory() as folder:
        for count in (16, 1000):
            contenders: dict[str, Callable[[], object]] = {}
            for name, package in packages.items():
                contenders |= _both(name, package, Path(folder) / f"{name}-{count}", count)
            results = medians(contenders, rounds=9)
            print_table(f"64 MB in {count} tensors", results, "paramlab save")
            if "PyTorch" in packages:
                times = {name: sum(results[f"{name} {half}"] for half in ("save", "load")) for name in packages}
                print(f"  both: {times['paramlab'] / times['PyTorch']:.2f} of PyTorch's time (goal {GOAL})")


def _both(name: str, package: Any, path: Path, count: int) -> dict[str, Callable[[], object]]:
    """Return saving and loading ``count`` tensors with one package."""
    rng = np.random.default_rng(0)
    length = SIZE // 4 // count
    state = {f"layers.{i}.weight": package.tensor(rng.random(length, np.float32)) for i in range(count)}
    return {f"{name} save": lambda: package.save(state, path), f"{name} load": lambda: package.load(path)}
