"""``my_paramlab/``: the learner's folder. What passed, as plain Python files, and the points.

The folder is the one of this notebook, where no other is named.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from ..files import write_atomically
from .catalogue import PIECES, TASKS
from .writer import only_writer

NAME = "my_paramlab"
PROGRESS = "progress.json"


class DamagedError(Exception):
    """The points can't be told from the file that they were noted in."""


def folder(home: Path | None = None) -> Path:
    """Return the learner's folder: in ``home``; by default beside the notebook, or in ``PARAMLAB_HOME`` if set."""
    return (home or Path(os.environ.get("PARAMLAB_HOME") or ".")) / NAME


# ------------------------------------------------------------------ pieces


def kept_file(piece: str, where: Path | None = None) -> Path:
    """Return where a piece is kept."""
    return (where or folder()) / f"{piece}.py"


def kept(where: Path | None = None) -> list[str]:
    """Return the names of the pieces that are kept, in the order of the lessons."""
    return [name for name in PIECES if kept_file(name, where).is_file()]


def keep(piece: str, content: str) -> None:
    """Write a piece down; ``OSError`` if the folder can't be written to."""
    folder().mkdir(parents=True, exist_ok=True)
    write_atomically(kept_file(piece), content.encode())


# ------------------------------------------------------------------ points


def points(where: Path | None = None) -> dict[str, float]:
    """Return the points earned so far by task; ``OSError`` if the folder can't be read.

    Where there is no file, or a damaged one, each piece that is kept counts in full.
    """
    return {name: earned for name, earned in _noted(_file(where)).items() if name in TASKS}


def _noted(file: Path) -> dict[str, float]:
    try:
        return parsed(file.read_bytes())
    except (FileNotFoundError, DamagedError):
        return in_full(kept(file.parent))


def in_full(pieces: Iterable[str]) -> dict[str, float]:
    """Return the points of pieces that passed their check."""
    return {name: float(TASKS[name].points) for name in pieces if name in TASKS}


def parsed(content: bytes) -> dict[str, float]:
    """Return what a file notes, also of tasks that are not known here; ``DamagedError`` if it can't be told."""
    try:
        found: Any = json.loads(content.decode())
        return {name: _sensible(name, value) for name, value in found["points"].items()}
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise DamagedError from error


def _sensible(task: str, value: Any) -> float:
    earned = float(value)
    if math.isnan(earned):
        raise ValueError("points are a number")
    return min(max(earned, 0.0), float(TASKS[task].points) if task in TASKS else math.inf)


def add_points(earned: Mapping[str, float], file: Path | None = None) -> str:
    """Note in a file, by default this notebook's, what each task earned, if it is more than before.

    Return what ``mend`` has to say. Kernels that do this at the same moment lose nothing. ``OSError`` if the folder
    can't be written to.
    """
    file = file or _file()
    file.parent.mkdir(parents=True, exist_ok=True)
    with _only_writer(file):
        said = _set_aside_if_damaged(file)
        _write(file, better(_noted(file), earned))
    return said


def better(*every: Mapping[str, float]) -> dict[str, float]:
    """Return for each task the best of what it earned here and there."""
    best: dict[str, float] = {}
    for earned in every:
        best |= {name: max(new, best.get(name, 0.0)) for name, new in earned.items()}
    return best


def mend(where: Path | None = None) -> str:
    """Set a damaged file aside and write it anew, from the pieces that are kept.

    Return a sentence for the learner that names it; an empty one if nothing is damaged. ``OSError`` if the folder
    can't be read.
    """
    file = _file(where)
    if not _is_damaged(file):
        return ""
    try:
        with _only_writer(file):
            said = _set_aside_if_damaged(file)  # somebody else may have mended it by now
            if said:
                _write(file, _noted(file))
    except OSError as error:
        why = error.strerror or str(error)
        return f"`{NAME}/{file.name}` is damaged, and can't be set aside: {why}. The pieces in `{NAME}/` count."
    return said


def note_points_in(name: str) -> None:
    """Have the points of this process noted in a file of another name."""
    global PROGRESS
    PROGRESS = name


def _file(where: Path | None = None) -> Path:
    return (where or folder()) / PROGRESS


def _only_writer(file: Path) -> AbstractContextManager[None]:
    return only_writer(file.with_name(".lock"))


def _is_damaged(file: Path) -> bool:
    try:
        parsed(file.read_bytes())
    except FileNotFoundError:
        return False
    except DamagedError:
        return True
    return False


def _set_aside_if_damaged(file: Path) -> str:
    if not _is_damaged(file):
        return ""
    aside = free_name(file.with_suffix(".damaged.json"))
    file.replace(aside)
    return (
        f"`{NAME}/{file.name}` was damaged. It is set aside as `{aside.name}`, and your points are counted anew from "
        f"the pieces in `{NAME}/`. What else you had right, such as predictions, counts once its check is run again."
    )


def _write(file: Path, earned: Mapping[str, float]) -> None:
    write_atomically(file, json.dumps({"version": 1, "points": earned}, indent=1).encode())


def free_name(path: Path) -> Path:
    """Return ``path`` if nothing is there, else the first with a number that is free."""
    number = 1
    free = path
    while free.exists():
        number += 1
        free = path.with_name(f"{path.stem} {number}{path.suffix}")
    return free
