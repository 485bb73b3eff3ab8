"""Writing a file so that a crash at any point leaves the old one or the new one."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import IO, Any

_BUFFER = 1 << 20  # bytes: small parts are written together, large ones as they are


def write_atomically(path: str | os.PathLike[str], *parts: bytes | memoryview) -> None:
    """Write ``parts``, one after the other, to ``path`` as one new file.

    They go to a file beside it, which takes the name only when all of it is on the disk: on ``OSError``
    (a full disk, a read-only folder) or a crash, what was there stays, with its permissions. Behind a link,
    the file that it leads to is replaced, not the link. A device or a pipe is written to directly.
    """
    target = Path(path).resolve()
    if target.exists() and not target.is_file():
        with target.open("wb") as file:
            write_all(file, *parts)
        return
    # a number of its own: after a crash, another process may have the same process id
    part = target.with_name(f".paramlab-{os.urandom(6).hex()}.part")
    try:
        with part.open("xb", buffering=_BUFFER) as file:
            _reserve(file, sum(len(content) for content in parts))
            for content in parts:
                write_all(file, content)
                _start_writing(file, len(content))
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            part.chmod(target.stat().st_mode & 0o777)
        part.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink()
        raise


def write_all(file: IO[Any], *parts: bytes | memoryview) -> None:
    """Write every part to a binary file object, also to an unbuffered one that takes less at a time."""
    for part in parts:
        rest = memoryview(part)
        while len(rest):
            written = file.write(rest)
            rest = rest[len(rest) if written is None else written :]


def _reserve(file: IO[bytes], size: int) -> None:
    """Ask for the whole file's place on the disk at once, where the system can: halves the time of 64 MB.

    Where it can't, or the disk is full, writing says so.
    """
    if size > _BUFFER and hasattr(os, "posix_fallocate"):
        with contextlib.suppress(OSError):
            os.posix_fallocate(file.fileno(), 0, size)


def _start_writing(file: IO[bytes], size: int) -> None:
    """Have the disk begin with a large part while the next one is copied, so that the wait at the end is short.

    Linux begins to write what a program says it will not read again; what is still being written stays cached.
    """
    if size >= _BUFFER and hasattr(os, "posix_fadvise"):
        with contextlib.suppress(OSError):
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
