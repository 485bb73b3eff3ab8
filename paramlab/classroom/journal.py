"""What was graded already, so that a run can be stopped at any point and go on later, and a seed that stays."""

from __future__ import annotations

import hashlib
import json
import secrets
from functools import cache
from pathlib import Path
from typing import IO, Any

from ..version import __version__
from ..workshop.homework import handed_out
from .judge import Result
from .taking import Taken

NAME = "journal.jsonl"


def course_version() -> str:
    """Return the version of what is handed out and of its grader; of an assignment, with a digest of it."""
    content = handed_out()
    return f"{paramlabs_own()}+{hashlib.sha256(content.encode()).hexdigest()[:12]}" if content else paramlabs_own()


@cache
def paramlabs_own() -> str:
    """Return the version of paramlab, with a digest of its code."""
    package = Path(__file__).resolve().parents[1]
    digest = hashlib.sha256()
    for file in sorted(package.rglob("*.py")):
        digest.update(file.relative_to(package).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return f"{__version__}+{digest.hexdigest()[:12]}"


class Journal:
    """A file with a line a result, written as soon as there is one. The first line has the run's seed.

    One that is of another version of the course, of another variant, or of another seed than ``seed``, is begun
    anew: its grades are not those of this run.
    """

    def __init__(self, folder: Path, seed: int | None = None, variant: str = "") -> None:
        self.variant = variant
        self.path = folder / NAME
        self.results: dict[str, Result] = {}
        self._asked = seed
        self.seed = secrets.randbits(60) if seed is None else seed
        self._file: IO[bytes]
        self._lock = _locked(folder / ".lock")
        whole = self._read()
        if whole is None:
            self._file = self.path.open("wb")
            self._write({"course": course_version(), "seed": self.seed, "variant": variant})
        else:
            self._file = self.path.open("r+b")
            self._file.truncate(whole)  # a line that was being written when the run was stopped
            self._file.seek(whole)

    def _read(self) -> int | None:
        """Take in what is there; return how many bytes of it are whole, or None if it is not of this course."""
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return None
        *lines, _ = content.split(b"\n")
        try:
            head, *entries = [json.loads(line) for line in lines]
            known = (course_version(), self.variant)
            if (head["course"], head["variant"]) != known or self._asked not in (None, head["seed"]):
                return None
            self.results = {entry["key"]: Result.from_data(entry["result"]) for entry in entries}
            self.seed = int(head["seed"])
        except (ValueError, KeyError, TypeError):
            self.results = {}
            return None
        return content.rfind(b"\n") + 1

    def add(self, key: str, result: Result) -> None:
        """Keep a result, at once."""
        self.results[key] = result
        self._write({"key": key, "result": result.as_data()})

    def _write(self, entry: dict[str, Any]) -> None:
        self._file.write(json.dumps(entry).encode() + b"\n")
        self._file.flush()

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()
        self._lock.close()


def _locked(path: Path) -> IO[bytes]:
    """Return an open file that no other run can have open as well; ``OSError`` if one has."""
    import fcntl  # not on Windows, where nothing is graded

    file = path.open("wb")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise BlockingIOError(f"another run is grading into {path.parent}") from None
    return file


def key_of(taken: Taken) -> str:
    """Return what stands for all that decides a grade beside the course: what was taken from the notebook."""
    return hashlib.sha256(taken.fingerprint.encode(errors="surrogatepass")).hexdigest()
