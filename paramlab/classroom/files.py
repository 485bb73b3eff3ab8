"""The notebooks in a folder or an archive, read within limits; no link is followed and nothing is unpacked to disk."""

from __future__ import annotations

import io
import os
import stat
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath

MB = 2**20
NOTEBOOK_BYTES = 20 * MB
INNER_BYTES = 64 * MB  # of an archive within an archive
ENTRIES = 100_000
NESTED = 2  # a platform's archive may hold one archive a learner, and no deeper
DEEP = 30  # folders within folders


class UnreadableError(Exception):
    """A file that can't be taken; the message is a sentence that says why."""


@dataclass(frozen=True)
class Found:
    """A notebook file by the parts of its path below what was handed in; ``read`` may raise ``UnreadableError``."""

    parts: tuple[str, ...]
    read: Callable[[], bytes]

    @property
    def place(self) -> str:
        """Where it lies, as one would type it."""
        return printable("/".join(self.parts))


def printable(text: str) -> str:
    """Return text that every terminal and file can take; a name may be of any bytes."""
    return "".join(c if c.isprintable() else "�" for c in text)


def walk(top: Path) -> Iterator[Found | str]:
    """Give the notebooks in a folder, an archive or a single file; for what is left out, a sentence.

    ``UnreadableError`` if there is no such folder or file.
    """
    if top.is_dir():
        yield from _folder(top, ())
    elif top.suffix.lower() == ".ipynb" and top.is_file():
        yield Found((top.name,), lambda: _read(top))
    elif top.suffix.lower() == ".zip" and top.is_file():
        yield from _archive((top.stem,), lambda: _open(top), keep_name=False)
    else:
        raise UnreadableError(f"{top} is neither a folder, nor a zip archive, nor a notebook.")


def _folder(folder: Path, above: tuple[str, ...]) -> Iterator[Found | str]:
    try:
        with os.scandir(folder) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        yield f"{printable('/'.join(above))} can't be read: {error.strerror}."
        return
    for entry in found:
        path, parts = Path(entry.path), (*above, entry.name)
        place, suffix = printable("/".join(parts)), path.suffix.lower()
        if _is_noise(entry.name):
            continue
        if entry.is_symlink():
            yield f"{place} is a link; it is not followed."
        elif entry.is_dir() and len(parts) > DEEP:
            yield f"{place} lies too deep; it is left out."
        elif entry.is_dir():
            yield from _folder(path, parts)
        elif suffix == ".ipynb":
            yield Found(parts, _reader(path))
        elif suffix == ".zip" and not entry.is_file():  # a pipe or a device would be read without end
            yield f"{place} is no ordinary file; it is left out."
        elif suffix == ".zip":
            yield from _archive((*above, path.stem), _opener(path))


def _reader(path: Path) -> Callable[[], bytes]:
    return lambda: _read(path)


def _opener(path: Path) -> Callable[[], zipfile.ZipFile]:
    return lambda: _open(path)


def _read(path: Path) -> bytes:
    name = printable(path.name)
    try:
        if not path.is_file():  # a pipe or a device would be read without end
            raise UnreadableError(f"{name} is no ordinary file.")
        if path.stat().st_size > NOTEBOOK_BYTES:
            raise UnreadableError(_too_large(name, NOTEBOOK_BYTES))
        return path.read_bytes()
    except OSError as error:
        raise UnreadableError(f"{name} can't be read: {error.strerror}.") from None


def _too_large(name: str, limit: int) -> str:
    return f"{printable(name)} is larger than {limit // MB} MB, and nothing of the course is."


# ------------------------------------------------------------------ archives


def _open(source: Path | io.BytesIO) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(source)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise UnreadableError("it is no zip archive that can be read.") from None


@lru_cache(maxsize=2)  # an archive, and one within it
def _kept_open(opened: Callable[[], zipfile.ZipFile]) -> zipfile.ZipFile:
    """Open an archive, and leave it open while its notebooks are read: to open it is to read all names in it."""
    return opened()


def _archive(
    above: tuple[str, ...], opened: Callable[[], zipfile.ZipFile], *, keep_name: bool = True, depth: int = 1
) -> Iterator[Found | str]:
    """Give the notebooks of an archive; each is read from it when it is asked for, and only in memory."""
    name = printable("/".join(above)) + ".zip"
    base = above if keep_name else above[:-1]
    try:
        entries = _kept_open(opened).infolist()
    except UnreadableError as error:
        yield f"{name}: {error}"
        return
    if len(entries) > ENTRIES:
        yield f"{name} holds more than {ENTRIES:,} files; it is left out."
        return
    for entry in entries:
        inside = PurePosixPath(entry.filename)
        if entry.is_dir() or any(_is_noise(part) for part in inside.parts):
            continue
        refused = _refusal(entry)
        suffix = inside.suffix.lower()
        if refused:
            yield f"{name}: {entry.filename[:200]!r} {refused}"
        elif suffix == ".ipynb":
            yield Found((*base, *inside.parts), _entry_reader(opened, entry, NOTEBOOK_BYTES))
        elif suffix == ".zip" and depth < NESTED:
            read = _entry_reader(opened, entry, INNER_BYTES)
            within = (*base, *inside.parts[:-1], inside.stem)
            yield from _archive(within, _nested_opener(read), depth=depth + 1)


def _entry_reader(opened: Callable[[], zipfile.ZipFile], entry: zipfile.ZipInfo, limit: int) -> Callable[[], bytes]:
    def read() -> bytes:
        try:
            with _kept_open(opened).open(entry) as file:
                content = file.read(limit + 1)  # what it unpacks to, whatever the archive says of its size
        except (zipfile.BadZipFile, OSError, RuntimeError, ValueError, NotImplementedError, EOFError) as error:
            raise UnreadableError(f"It can't be read from its archive: {error}.") from None
        if len(content) > limit:
            raise UnreadableError(_too_large(PurePosixPath(entry.filename).name, limit))
        return content

    return read


def _nested_opener(read: Callable[[], bytes]) -> Callable[[], zipfile.ZipFile]:
    return lambda: _open(io.BytesIO(read()))


def _refusal(entry: zipfile.ZipInfo) -> str:
    """Return why an entry of an archive is not taken; empty if it is."""
    path = entry.filename
    if stat.S_ISLNK(entry.external_attr >> 16):
        return "is a link; it is not followed."
    if path.startswith(("/", "\\")) or "\\" in path or path[1:2] == ":" or ".." in PurePosixPath(path).parts:
        return "points out of the archive; it is left out."
    if path.count("/") > DEEP:
        return "lies too deep; it is left out."
    return ""


def _is_noise(name: str) -> bool:
    """Whether a file or a folder is the system's or Jupyter's own, such as ``.ipynb_checkpoints``."""
    return (name.startswith(".") and name != "..") or name == "__MACOSX"
