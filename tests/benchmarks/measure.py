"""Timing things beside each other: rounds in turn, so that a slow moment of the machine hits all of them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping


def medians(contenders: Mapping[str, Callable[[], object]], rounds: int, repeat: int = 1) -> dict[str, float]:
    """Return each contender's median time in milliseconds for one call, of ``rounds`` rounds in turn."""
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, call in contenders.items():
            start = time.perf_counter()
            for _ in range(repeat):
                call()
            times[name].append((time.perf_counter() - start) * 1000 / repeat)
    return {name: statistics.median(values) for name, values in times.items()}


def print_table(title: str, results: Mapping[str, float], beside: str) -> None:
    """Print the medians and how many times the one named ``beside`` each of them takes."""
    print(title)
    for name, value in results.items():
        print(f"  {name:<32} {value:9.3f} ms   {value / results[beside]:6.2f} × {beside}")
