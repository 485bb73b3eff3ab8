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
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from .isolation import WALL_SECONDS, Protection
from .runner import Came, Exercise, parse

PATIENCE = WALL_SECONDS + 30  # a worker answers within this, or it is not one any more
START_SECONDS = 120
TRIES = 2
PACKAGE = Path(__file__).resolve().parents[2]


class PoolError(Exception):
    """No worker can be had; the message says why."""


class _Worker:
    """One process, and the exercise that it has at the moment."""

    def __init__(self) -> None:
        self._root = tempfile.mkdtemp(prefix="paramlab-grade-")
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
        self.job: tuple[Any, Exercise] | None = None
        self.since = time.monotonic()

    @property
    def output(self) -> Any:
        """What it writes its answers to."""
        return self._process.stdout

    def ask(self, key: Any, exercise: Exercise) -> None:
        """Hand it an exercise; ``OSError`` if it is dead."""
        self.job, self.since = (key, exercise), time.monotonic()
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(exercise.as_data()).encode() + b"\n")
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

    def __init__(self, jobs: int) -> None:
        self.protection = Protection()
        self._workers: list[_Worker] = []
        self._jobs = jobs

    def __enter__(self) -> Pool:
        try:
            self._workers = [_Worker() for _ in range(self._jobs)]
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

        In the order in which they are done. What is to be run is asked for when a worker is free.
        """
        source = iter(exercises)
        again: list[tuple[Any, Exercise, int]] = []
        tries: dict[int, int] = {}
        with selectors.DefaultSelector() as selector:
            for worker in self._workers:
                self._hand_on(worker, source, again, tries, selector)
            while selector.get_map():
                ready = {event.data for event, _ in selector.select(1.0)}
                for worker in [event.data for event in list(selector.get_map().values())]:
                    done = self._heard(worker, worker in ready)
                    if done is None:
                        continue
                    selector.unregister(worker.output)
                    key, exercise = worker.job or (None, None)
                    worker.job = None
                    if done == "dead":
                        assert exercise is not None
                        worker = self._replaced(worker)
                        count = tries.pop(id(exercise), 1)
                        if count < TRIES:
                            again.append((key, exercise, count + 1))
                        else:
                            yield key, Came(), "its worker died of it, twice"
                    else:
                        yield key, parse(base64.b64decode(done["wrote"])), done["trouble"]
                    self._hand_on(worker, source, again, tries, selector)

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
        fresh = _Worker()
        self._workers[self._workers.index(worker)] = fresh
        fresh.ready()
        return fresh

    def _hand_on(
        self,
        worker: _Worker,
        source: Iterator[tuple[Any, Exercise]],
        again: list[tuple[Any, Exercise, int]],
        tries: dict[int, int],
        selector: selectors.BaseSelector,
    ) -> None:
        """Give a free worker the next exercise, if there is one."""
        if again:
            key, exercise, tries_so_far = again.pop()
            tries[id(exercise)] = tries_so_far
        else:
            try:
                key, exercise = next(source)
            except StopIteration:
                return
        with contextlib.suppress(OSError):  # it is dead, which is found out by reading
            worker.ask(key, exercise)
        selector.register(worker.output, selectors.EVENT_READ, worker)
