"""Writing a file so that a crash at any point leaves the old one or the new one."""

from __future__ import annotations

import contextlib
import itertools
import os
from pathlib import Path

_number = itertools.count()


def write_atomically(path: str | os.PathLike[str], content: bytes) -> None:
    """Write ``content`` to ``path``; on ``OSError`` (a full disk, a read-only folder) what was there stays."""
    target = Path(path).resolve()  # behind a link, the file that it leads to is replaced, not the link
    part = target.with_name(f".{target.name}.{os.getpid()}-{next(_number)}.part")
    try:
        with part.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            part.chmod(target.stat().st_mode & 0o777)
        part.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink()
        raise
