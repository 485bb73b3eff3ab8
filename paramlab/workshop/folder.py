"""``my_paramlab/``: the learner's folder. What passed, as plain Python files, and the points."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import Any

from ..files import write_atomically
from .catalogue import PIECES, TASKS

NAME = "my_paramlab"


def folder() -> Path:
    """Return the learner's folder: beside the notebook, or below ``PARAMLAB_HOME`` where that is set."""
    return Path(os.environ.get("PARAMLAB_HOME") or ".") / NAME


def kept_file(piece: str) -> Path:
    """Return where a piece is kept."""
    return folder() / f"{piece}.py"


def kept() -> list[str]:
    """Return the names of the pieces that are kept, in the order of the lessons."""
    return [name for name in PIECES if kept_file(name).is_file()]


def keep(piece: str, content: str) -> None:
    """Write a piece down; ``OSError`` if the folder can't be written to."""
    folder().mkdir(parents=True, exist_ok=True)
    write_atomically(kept_file(piece), content.encode())


def points() -> dict[str, float]:
    """Return the points earned so far by task; ``OSError`` if the folder can't be read.

    A damaged file is set aside. Where there is no file, each piece that is kept counts in full.
    """
    file = folder() / "progress.json"
    try:
        found: Any = json.loads(file.read_text(encoding="utf-8"))
        return {name: _sensible(name, value) for name, value in found["points"].items() if name in TASKS}
    except FileNotFoundError:
        pass
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        file.replace(_free_name(folder() / "progress.damaged.json"))
    return {name: float(PIECES[name].points) for name in kept()}


def _sensible(task: str, value: Any) -> float:
    earned = float(value)
    if math.isnan(earned):
        raise ValueError("points are a number")
    return min(max(earned, 0.0), float(TASKS[task].points))


def add_points(task: str, earned: float) -> None:
    """Note what a task earned, if it is more than before; ``OSError`` if the folder can't be written to."""
    folder().mkdir(parents=True, exist_ok=True)
    so_far = points()
    so_far[task] = max(earned, so_far.get(task, 0.0))
    content = json.dumps({"version": 1, "points": so_far}, indent=1)
    write_atomically(folder() / "progress.json", content.encode())


def _free_name(path: Path) -> Path:
    number = 1
    free = path
    while free.exists():
        number += 1
        free = path.with_name(f"{path.stem} {number}{path.suffix}")
    return free
