"""How long a learner waits for a check: every piece of the course, right as it is."""

from __future__ import annotations

import linecache
import os
import tempfile
from typing import Any

import paramlab
from paramlab import Tensor, empty, nn, optim
from paramlab.workshop import check, implement, use
from paramlab.workshop.catalogue import PIECES
from paramlab.workshop.source import solution

from .measure import medians, print_table

GOAL = 1000  # milliseconds


def report() -> None:
    """Print the median of each piece's check."""
    with tempfile.TemporaryDirectory() as home:
        os.environ["PARAMLAB_HOME"] = home
        for name in PIECES:
            _build(name)
        results = medians({name: lambda name=name: check(name) for name in PIECES}, rounds=15)  # type: ignore[misc]
        use("reference")
        del os.environ["PARAMLAB_HOME"]
    print_table("a check of a piece", results, min(results, key=lambda name: results[name]))
    print(f"  the slowest takes {max(results.values()):.0f} ms (goal: under {GOAL})")


def _build(name: str) -> None:
    """Type the piece's solution, as a learner does in a cell."""
    source, file = solution(PIECES[name]), f"<{name}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    names: dict[str, Any] = {
        "torch": paramlab,
        "implement": implement,
        "nn": nn,
        "optim": optim,
        "empty": empty,
        "Tensor": Tensor,
        "Module": nn.Module,
        "Parameter": nn.Parameter,
        "Buffer": nn.Buffer,
    }
    exec(compile(source, file, "exec"), names)
