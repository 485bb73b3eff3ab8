"""The workers of one machine: started, handed exercises, replaced when they die, ended."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import selectors
import shutil
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from ..workshop.homework import handed_out
from .isolation import WALL_SECONDS, Protection
from .runner import Came, Exercise, parse
from .worker import ASSIGNMENT

PATIENCE = WALL_SECONDS + 30  # a worker answers within this, or it is not one any more
START_SECONDS = 120
TRIES = 2
PACKAGE = Path(__file__).resolve().parents[2]


class PoolError(Exception):
    """No worker can be had; the message says why."""


@dataclass(frozen=True)
class _Job:
    """An exercise, its key, and how often it has been handed on, this time included."""

    key: Any
    exercise: Exercise
    tries: int = 1


class Workers(Protocol):
    """Whoever runs exercises: of this machine, or of a cluster."""

    def run(self, exercises: Iterable[tuple[Any, Exercise]]) -> Iterator[tuple[Any, Came, str]]:
        """Yield for each ``(key, exercise)`` its key, what came, and what ended it before its time, if anything did."""


class _Worker:
    """One process, and the exercise that it has at the moment."""

    def __init__(self, assignment: str) -> None:
        self._root = tempfile.mkdtemp(prefix="paramlab-grade-")
        if assignment:
            (Path(self._root) / ASSIGNMENT).write_text(assignment, encoding="utf-8")
        path = [str(PACKAGE), *(place for place in sys.path if place)]  # what this process imports from, it does too
        code = f"import sys; sys.path[:] = {path!r}; from paramlab.classroom.worker import main; main({self._root!r})"
        self._process = subprocess.Popen(
            [sys.executable, "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if not os.environ.get("PARAMLAB_DEBUG") else None,
            env=_environment(),
            start_new_session=True,  # Ctrl-C is for the grader alone, which ends its workers
        )
        self._pending = b""
        self.job: _Job | None = None
        self.since = time.monotonic()

    @property
    def output(self) -> Any:
        """What it writes its answers to."""
        return self._process.stdout

    def ask(self, job: _Job) -> None:
        """Hand it an exercise; ``OSError`` if it is dead."""
        self.job, self.since = job, time.monotonic()
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(job.exercise.as_data()).encode() + b"\n")
        self._process.stdin.flush()

    def answer(self) -> dict[str, Any] | None:
        """Return the answer if it is complete; ``EOFError`` if the worker is dead."""
        data = os.read(self.output.fileno(), 1 << 16)
        if not data:
            raise EOFError
        self._pending += data
        if not self._pending.endswith(b"\n"):
            return None
        line, self._pending = self._pending, b""
        content: dict[str, Any] = json.loads(line)
        return content

    def ready(self) -> Protection:
        """Wait until everything is imported; return what protects this machine from what it runs."""
        with selectors.DefaultSelector() as selector:
            selector.register(self.output, selectors.EVENT_READ)
            while selector.select(START_SECONDS):
                try:
                    content = self.answer()
                except EOFError:
                    break
                if content is not None:
                    return Protection(**content["ready"])
        raise PoolError(f"A worker could not be started. {self.last_words()}")

    def last_words(self) -> str:
        """End it, and return the last line that it wrote as an error."""
        self._process.kill()
        error = self._process.stderr.read().decode(errors="replace").strip() if self._process.stderr else ""
        self.end()
        return error.split("\n")[-1][:500]

    def end(self) -> None:
        """End it, let go of its pipes and clear up."""
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe is not None:
                with contextlib.suppress(OSError):  # what it was to be told can't reach it any more
                    pipe.close()
        self._process.wait()
        shutil.rmtree(self._root, ignore_errors=True)


def _environment() -> dict[str, str]:
    """Return what a worker knows of its surroundings: nothing of its user's."""
    kept = {name: os.environ[name] for name in ("PARAMLAB_DEBUG", "SYSTEMROOT", "TMPDIR") if name in os.environ}
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0", **threads, **kept}


class Pool:
    """Workers that run exercises: ``with Pool(2) as pool: pool.run(…)``."""

    def __init__(self, jobs: int, assignment: str | None = None) -> None:
        """``assignment`` is the file that learners have of one, by default of the one that this process is about."""
        self.protection = Protection()
        self._workers: list[_Worker] = []
        self._jobs = jobs
        self._assignment = handed_out() if assignment is None else assignment

    def __enter__(self) -> Pool:
        try:
            self._workers = [_Worker(self._assignment) for _ in range(self._jobs)]
            for worker in self._workers:
                self.protection = worker.ready()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.end()
        self._workers = []

    def __len__(self) -> int:
        return self._jobs

    def run(self, exercises: Iterable[tuple[Any, Exercise]]) -> Iterator[tuple[Any, Came, str]]:
        """Yield for each ``(key, exercise)`` its key, what came, and what ended it before its time, if anything did.

        In the order in which they are done. What is to be run is asked for a little ahead of when a worker is free.
        """
        waiting = _Waiting(exercises)
        with selectors.DefaultSelector() as selector:
            for worker in self._workers:
                self._hand_on(worker, waiting, selector)
            while selector.get_map():
                patience = 0.0 if waiting.look_ahead(len(self._workers)) else 1.0
                ready = {event.data for event, _ in selector.select(patience)}
                for worker in [event.data for event in list(selector.get_map().values())]:
                    answer = self._heard(worker, worker in ready)
                    if answer is None:
                        continue
                    selector.unregister(worker.output)
                    job, worker.job = worker.job, None
                    assert job is not None
                    lost = answer == "dead" and not waiting.once_more(job)
                    # first the next exercise, so that the worker need not wait for what is made of this one
                    self._hand_on(self._replaced(worker) if answer == "dead" else worker, waiting, selector)
                    if lost:
                        yield job.key, Came(), "its worker died of it, twice"
                    elif answer != "dead":
                        yield job.key, parse(base64.b64decode(answer["wrote"])), answer["trouble"]

    def _heard(self, worker: _Worker, readable: bool) -> Any:
        """Return a worker's answer, "dead", or None while there is none."""
        if not readable:
            return "dead" if time.monotonic() > worker.since + PATIENCE else None
        try:
            return worker.answer()
        except (EOFError, OSError, ValueError):
            return "dead"

    def _replaced(self, worker: _Worker) -> _Worker:
        worker.end()
        fresh = _Worker(self._assignment)
        self._workers[self._workers.index(worker)] = fresh
        fresh.ready()
        return fresh

    def _hand_on(self, worker: _Worker, waiting: _Waiting, selector: selectors.BaseSelector) -> None:
        """Give a free worker the next exercise, if there is one."""
        job = waiting.take()
        if job is None:
            return
        with contextlib.suppress(OSError):  # it is dead, which is found out by reading
            worker.ask(job)
        selector.register(worker.output, selectors.EVENT_READ, worker)


class _Waiting:
    """The exercises that are to be run, some of them made ready while the workers are busy."""

    def __init__(self, exercises: Iterable[tuple[Any, Exercise]]) -> None:
        self._source = iter(exercises)
        self._ready: deque[_Job] = deque()

    def look_ahead(self, count: int) -> bool:
        """Make one more ready, up to ``count`` of them; False if there is nothing to do."""
        following = next(self._source, None) if len(self._ready) < count else None
        if following is not None:
            self._ready.append(_Job(*following))
        return following is not None

    def take(self) -> _Job | None:
        """Return the next one; None if there is no other."""
        if not self._ready:
            self.look_ahead(1)
        return self._ready.popleft() if self._ready else None

    def once_more(self, job: _Job) -> bool:
        """Put an exercise whose worker died first in the line; False if it had its tries."""
        if job.tries < TRIES:
            self._ready.appendleft(_Job(job.key, job.exercise, job.tries + 1))
        return job.tries < TRIES
