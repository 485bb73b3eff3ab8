"""What programs ask to find a fast device, whichever it is. There is none: ``sim`` only simulates one."""

from __future__ import annotations

from .dtypes import device


def is_available() -> bool:
    """Return whether there is an accelerator: False."""
    return False


def current_accelerator(check_available: bool = False) -> device | None:
    """Return the accelerator's device: None."""
    return None


def device_count() -> int:
    """Return how many accelerators there are: 0."""
    return 0
