"""One writer at a time: a lock of the system's own, which ends with its process, however that ends."""

from __future__ import annotations

import contextlib
import errno
import sys
import time
from collections.abc import Iterator
from pathlib import Path

PATIENCE = 5.0  # seconds; who writes a note holds the lock for milliseconds
_BUSY = {errno.EACCES, errno.EAGAIN, errno.EDEADLK}  # what the systems answer when somebody else has it


@contextlib.contextmanager
def only_writer(path: Path, patience: float = PATIENCE) -> Iterator[None]:
    """Keep out of the block whoever asks for the same ``path``, an empty file that stays, in whatever process.

    Where the lock can't be had, the block runs all the same: in a browser and on some network folders there is
    none, a folder may be read-only, and a stopped process may hold it for longer than ``patience`` seconds. What
    is written atomically is then still whole; at worst the last of two that write at the same moment wins.
    """
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError):
            file = stack.enter_context(path.open("ab"))
            if _wait_for(file.fileno(), patience):
                stack.callback(_unlock, file.fileno())
        yield


def _wait_for(number: int, patience: float) -> bool:
    """Ask for the lock until it is there or the time is over, and never within the system, where it could hang."""
    end = time.monotonic() + patience
    while True:
        try:
            _lock(number)
            return True
        except OSError as error:
            if error.errno not in _BUSY or time.monotonic() >= end:
                return False
        time.sleep(0.01)


if sys.platform == "win32":
    import msvcrt

    def _lock(number: int) -> None:
        msvcrt.locking(number, msvcrt.LK_NBLCK, 1)

    def _unlock(number: int) -> None:
        msvcrt.locking(number, msvcrt.LK_UNLCK, 1)

elif sys.platform == "emscripten":

    def _lock(number: int) -> None:
        """Do nothing: in a browser a kernel has its files to itself."""

    def _unlock(number: int) -> None:
        """Do nothing."""

else:
    import fcntl

    def _lock(number: int) -> None:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _unlock(number: int) -> None:
        fcntl.flock(number, fcntl.LOCK_UN)
