"""Taking the work home from Binder, and back: the notebooks and ``my_paramlab/`` in one file.

Nothing of what travels is run, and nothing that is already there is lost: what differs arrives beside it.
"""

from __future__ import annotations

import hashlib
import io
import itertools
import json
import os
import platform
import re
import stat
import urllib.parse
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from ..files import write_atomically
from ..version import __version__
from . import folder
from .catalogue import PIECES
from .points import progress_of
from .verdict import as_html

ARCHIVE = f"{folder.NAME}.zip"
PROGRESS = f"{folder.NAME}/progress.json"
LABEL = "paramlab.json"  # in the archive: what made it and where, and which notebooks hold nothing of the learner's
MB = 2**20
FILE_BYTES, ALL_BYTES, FILES = 20 * MB, 200 * MB, 1000
_NAME = r"[^./\\:\x00-\x1f][^/\\:\x00-\x1f]*"
_TRAVELS = re.compile(rf"{_NAME}\.(ipynb|tasks\.json)|{folder.NAME}/{_NAME}\.(py|json)")
_UNREADABLE = (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, ValueError, NotImplementedError)

What = Literal["new", "same", "updated", "kept", "beside"]


class TravelError(Exception):
    """Nothing was packed or unpacked; the message says why."""


# ------------------------------------------------------------------ there


@dataclass(frozen=True)
class TakenHome:
    """What ``take_home`` answers: the archive, what is in it and what is not. A notebook shows it with a link."""

    archive: Path
    notebooks: int
    pieces: int
    notes: tuple[str, ...]

    def __repr__(self) -> str:
        return "\n".join([self._said, *self.notes, *self._advice])

    def _repr_html_(self) -> str:
        # a relative link: JupyterLab looks for it beside the notebook, and `download` has it not try to open it
        href = urllib.parse.quote(self.archive.as_posix())
        link = f"<b><a href='{href}' download='{ARCHIVE}'>Download {ARCHIVE}</a></b>"
        rest = "".join(f"<p>{as_html(line)}</p>" for line in (self._said, *self.notes, *self._advice))
        return f"<p>{link}</p>{rest}"

    @property
    def _said(self) -> str:
        counted = f"{_count(self.notebooks, 'notebook')}, {_count(self.pieces, 'piece')}"
        return f"{self.archive} holds {counted} and your points."

    @property
    def _advice(self) -> tuple[str, str]:
        return (
            "Changes that are not saved are not in it: save your notebooks (Ctrl+S), and take it home again.",
            f'At home, put it beside your notebooks and run `bring_back("{ARCHIVE}")` there, '
            f"or in a terminal: `paramlab bring-back {ARCHIVE}`",
        )


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def take_home(place: str | Path | None = None) -> TakenHome:
    """Pack the notebooks and ``my_paramlab/`` of a folder, by default this one, into ``my_paramlab.zip`` in it.

    An archive of that name that was made elsewhere is moved out of the way. ``TravelError`` if there is nothing to
    pack, ``OSError`` if the folder can't be read or written to.
    """
    here = Path(place or ".")
    notes: list[str] = []
    contents = _packed(here, _kept(place), notes)
    if not contents:
        raise TravelError(f"There is neither a notebook nor {folder.NAME}/ in {here.resolve()}.")
    notebooks = [name for name in contents if "/" not in name]
    label = {
        "paramlab": __version__,
        "place": _fingerprint(here),
        "untouched": [name for name in notebooks if _is_untouched(here / name)],
    }
    archive = here / ARCHIVE
    notes += _make_way(archive)
    write_atomically(archive, _zipped({LABEL: json.dumps(label).encode(), **contents}))
    return TakenHome(archive, len(notebooks), sum(name.endswith(".py") for name in contents), tuple(notes))


def _packed(here: Path, kept: Path, notes: list[str]) -> dict[str, bytes]:
    """Return what travels, by its name in the archive; ``notes`` get a sentence on each file that does not."""
    found = {path.name: path for end in ("ipynb", "tasks.json") for path in sorted(here.glob(f"*.{end}"))}
    found |= {f"{folder.NAME}/{path.name}": path for end in ("py", "json") for path in sorted(kept.glob(f"*.{end}"))}
    contents: dict[str, bytes] = {}
    for name, path in found.items():
        if not path.is_file() or path.name.startswith("."):
            continue
        if not _TRAVELS.fullmatch(name):
            notes.append(f"{name!r} is left out: not every system takes its name.")
        elif path.stat().st_size > FILE_BYTES:
            notes.append(f"{name} is left out: it is larger than {FILE_BYTES // MB} MB. Clear its outputs.")
        else:
            contents[name] = path.read_bytes()
    return contents


def _zipped(contents: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def _make_way(archive: Path) -> list[str]:
    """Move an archive that was made elsewhere out of the way: it may be about to be brought back."""
    if not archive.exists():
        return []
    try:
        if _opened(archive)[0].get("place") == _fingerprint(archive.parent):
            return []
    except TravelError:
        pass
    moved = folder.free_name(archive)
    archive.replace(moved)
    return [f'There was one from elsewhere. It is {moved.name} now: `bring_back("{moved.name}")` unpacks it.']


def _fingerprint(here: Path) -> str:
    return hashlib.sha256(f"{platform.node()} {here.resolve()}".encode(errors="replace")).hexdigest()[:16]


# ------------------------------------------------------------------ and back


@dataclass(frozen=True)
class BroughtBack:
    """What ``bring_back`` answers: what became of each file, and the points now and before."""

    archive: Path
    files: dict[What, list[str]] = field(default_factory=dict)
    points: tuple[float, float, float] = (0.0, 0.0, 0.0)
    note: str = ""

    def __repr__(self) -> str:
        words: dict[What, str] = {
            "new": "New here",
            "updated": "In the place of notebooks you had not begun here",
            "beside": "Different from yours here, which stays; it arrived beside it, as",
            "kept": "Not begun in the archive, so yours here stays",
            "same": "The same as here",
        }
        lines = [f"{said}: {', '.join(self.files[what])}" for what, said in words.items() if what in self.files]
        now, before, out_of = self.points
        then = "as before" if now == before else f"and {before:g} before"
        lines.append(f"Points: {now:g} of {out_of:g}, {then}.")
        return "\n".join([*lines, *([self.note] if self.note else [])])


def bring_back(path: str | Path = ARCHIVE, place: str | Path | None = None) -> BroughtBack:
    """Unpack what ``take_home`` has packed into a folder, by default this one. No code of it is run.

    A notebook takes the place of one that you have not begun; whatever else is there and differs stays, and what
    was packed arrives beside it. Of the points of each task the better ones count. The pieces in an archive are
    its maker's code, which ``use("mine")`` runs: bring back your own.
    ``TravelError`` if the archive is none of ``take_home``'s: then nothing is changed. ``OSError`` if the folder
    can't be written to.
    """
    here, kept = Path(place or "."), _kept(place)
    label, contents = _opened(Path(path))
    files: dict[What, list[str]] = defaultdict(list)
    here.mkdir(parents=True, exist_ok=True)
    before, notes = progress_of(folder.points(kept)), []
    for name in {PROGRESS, *(name for name in contents if name.endswith("progress.json"))}:
        earned = _earned(contents.pop(name, b""), contents)
        notes.append(folder.add_points(earned, kept / name.partition("/")[2]) if earned else "")
    for name, content in contents.items():
        target = kept / name.partition("/")[2] if "/" in name else here / name
        what, arrived = _restore(target, content, untouched=name in label["untouched"])
        files[what].append(arrived.name)
    now = progress_of(folder.points(kept))
    return BroughtBack(Path(path), dict(files), (now.points, before.points, now.out_of), " ".join(filter(None, notes)))


def _restore(target: Path, content: bytes, *, untouched: bool) -> tuple[What, Path]:
    """Write one file, unless that would cost what is there; return what became of it, and where it is."""
    target.parent.mkdir(parents=True, exist_ok=True)
    for place in itertools.chain([target], _names_beside(target)):
        if not place.exists():
            write_atomically(place, content)
            return ("new" if place == target else "beside"), place
        if _same(place, content):
            return ("same" if place == target else "beside"), place
        if place == target and untouched:
            return "kept", place
        if place == target and _is_untouched(place) and not _is_running(place):
            write_atomically(place, content)
            return "updated", place
    raise AssertionError("the names do not end")


def _names_beside(target: Path) -> Iterator[Path]:
    """03_module (brought back).ipynb, 03_module (brought back 2).ipynb, …"""
    yield target.with_name(f"{target.stem} (brought back){target.suffix}")
    for number in itertools.count(2):
        yield target.with_name(f"{target.stem} (brought back {number}){target.suffix}")


def _same(place: Path, content: bytes) -> bool:
    """Whether a file holds this content; of a notebook, its cells count."""
    from ..start import digest

    return place.is_file() and digest(place.read_bytes()) == digest(content)


def _is_untouched(path: Path) -> bool:
    from ..start import StartError, is_as_delivered

    try:
        return path.suffix == ".ipynb" and is_as_delivered(path)
    except StartError:  # a course without notebooks: nothing can be told
        return False


def _is_running(path: Path) -> bool:
    """Whether it is the notebook of this kernel, which JupyterLab is about to save."""
    return Path(os.environ.get("JPY_SESSION_NAME", "")).name == path.name


def _earned(progress: bytes, contents: dict[str, bytes]) -> dict[str, float]:
    """Return the points in an archive; where they can't be told, each piece in it counts in full."""
    try:
        return folder.parsed(progress)
    except folder.DamagedError:
        return folder.in_full(name for name in PIECES if f"{folder.NAME}/{name}.py" in contents)


def _kept(place: str | Path | None) -> Path:
    return folder.folder(Path(place) if place is not None else None)


# ------------------------------------------------------------------ an archive, which may be anybody's


def _opened(path: Path) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Return the label and the files of an archive; ``TravelError`` unless all of it is what ``take_home`` packs."""
    if not path.is_file():
        raise TravelError(f"There is no file {path} in {Path().resolve()}. Put it beside your notebooks.")
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            refused = next(_refusals(entries), "")
            if refused:
                raise TravelError(f"{path} is none of take_home()'s, and nothing of it was unpacked: {refused}.")
            contents = {entry.filename: archive.read(entry) for entry in entries}
        label = json.loads(contents.pop(LABEL))
        if not isinstance(label["paramlab"], str) or not isinstance(label["untouched"], list):
            raise ValueError("its label is not take_home()'s")
    except (*_UNREADABLE, LookupError, TypeError, RecursionError) as error:
        raise TravelError(f"{path} can't be read, and nothing of it was unpacked: {error or 'damaged'}.") from None
    return label, contents


def _refusals(entries: list[zipfile.ZipInfo]) -> Iterator[str]:
    """Yield what is wrong with the entries of an archive, before anything of it is unpacked."""
    names = [entry.filename for entry in entries]
    if LABEL not in names:
        yield f"there is no {LABEL} in it"
    if len(names) > FILES or len({name.casefold() for name in names}) < len(names):
        yield f"it holds more than {FILES} files, or one of them twice"
    if sum(entry.file_size for entry in entries) > ALL_BYTES:
        yield f"it unpacks to more than {ALL_BYTES // MB} MB"
    for entry in entries:
        shown = ascii(entry.filename[:80])
        if stat.S_ISLNK(entry.external_attr >> 16):
            yield f"{shown} in it is a link"
        if entry.filename != LABEL and not _TRAVELS.fullmatch(entry.filename):
            yield f"{shown} in it is neither a notebook nor a file of {folder.NAME}/"
        if entry.file_size > FILE_BYTES:
            yield f"{shown} in it is larger than {FILE_BYTES // MB} MB"
