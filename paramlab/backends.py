"""Switches of PyTorch's backends that programs set or ask for; none of them is here."""

from __future__ import annotations

import os
from types import SimpleNamespace

cudnn = SimpleNamespace(
    is_available=lambda: False, enabled=False, benchmark=False, deterministic=False, allow_tf32=False
)
mps = SimpleNamespace(is_available=lambda: False, is_built=lambda: False)

_chosen = {"deterministic": False, "threads": os.cpu_count() or 1}


def use_deterministic_algorithms(mode: bool, *, warn_only: bool = False) -> None:
    """Ask for results that are the same in each run: they always are here. ``TypeError`` for what is no bool."""
    if not isinstance(mode, bool):
        raise TypeError(
            "_set_deterministic_algorithms(): argument 'mode' (position 1) must be bool, not " + type(mode).__name__
        )
    _chosen["deterministic"] = mode


def are_deterministic_algorithms_enabled() -> bool:
    """Return what ``use_deterministic_algorithms`` was told last."""
    return bool(_chosen["deterministic"])


def set_num_threads(number: int) -> None:
    """Note a number of threads. NumPy's BLAS chose its own when it started: set ``OMP_NUM_THREADS`` before.

    ``RuntimeError`` for a number that is not positive.
    """
    if not isinstance(number, int):
        raise RuntimeError(f"set_num_threads expects an int, but got {type(number).__name__}")
    if number < 1:
        raise RuntimeError("set_num_threads expects a positive integer")
    _chosen["threads"] = number


def get_num_threads() -> int:
    """Return what ``set_num_threads`` was told last; before that, the number of processors."""
    return _chosen["threads"]
