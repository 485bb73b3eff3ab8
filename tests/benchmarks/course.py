"""How long the solutions of the lessons take to replay: each of them, and all with two workers."""

from __future__ import annotations

import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ..course.test_solutions import SOLUTIONS, replay

GOAL, GOAL_OF_ALL = 60, 300  # seconds
WORKERS = 2


def report() -> None:
    """Print the seconds of each, and whether its cells answered what is stored."""
    with tempfile.TemporaryDirectory() as home, ThreadPoolExecutor(WORKERS) as pool:
        start = time.perf_counter()
        done = list(pool.map(lambda notebook: _replayed(notebook, Path(home) / notebook.stem), SOLUTIONS))
        whole = time.perf_counter() - start
    print(f"replaying the solutions, {WORKERS} at a time")
    for notebook, (seconds, right) in zip(SOLUTIONS, done, strict=True):
        print(f"  {notebook.stem:<32} {seconds:9.1f} s" + ("" if right else "   not as stored"))
    print(f"  the slowest takes {max(seconds for seconds, _ in done):.0f} s (goal: under {GOAL})")
    print(f"  all of them take {whole:.0f} s (goal: under {GOAL_OF_ALL})")


def _replayed(notebook: Path, home: Path) -> tuple[float, bool]:
    start = time.perf_counter()
    right = replay(notebook, home).returncode == 0
    return time.perf_counter() - start, right
