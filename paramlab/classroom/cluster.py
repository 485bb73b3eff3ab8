"""The workers of a Dask cluster in the place of this machine's own: the same exercises, handed on by its scheduler.

A Dask worker runs nothing of a learner's. It starts graders of this package's own, as a single machine does, and
each of those forks a process for an exercise. The judge stays here.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import secrets
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from ..workshop.catalogue import TASKS
from ..workshop.homework import handed_out
from .isolation import Protection
from .journal import paramlabs_own
from .judge import Judge
from .pool import Pool, PoolError
from .runner import Came, Exercise
from .selftest import problems

START_SECONDS = 30  # until a scheduler answers
OPEN = (
    "The way to this cluster is neither encrypted nor authenticated: whoever reaches its scheduler can read what was "
    "handed in, and run programs on its workers. Use tls:// unless the network is yours alone."
)
IDLE_SECONDS = 900  # a station that is asked for nothing: the one who opened it may have died
AHEAD = 1000  # exercises that are handed on before they are needed: enough for some hundred cores


@dataclass(frozen=True)
class Certificates:
    """Files for TLS: the authority's certificate, and this machine's own with its key."""

    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None

    def given(self) -> dict[str, str]:
        """Return those that are there, under Dask's names."""
        named = {"tls_ca_file": self.ca, "tls_client_cert": self.cert, "tls_client_key": self.key}
        return {name: str(path) for name, path in named.items() if path is not None}


@dataclass(frozen=True)
class Order:
    """What a run asks of its workers: which it is, what they have to have, and the assignment if it is one."""

    run: str
    course: str
    lessons: tuple[str, ...]
    assignment: str = ""


class Cluster:
    """Workers elsewhere that run exercises, as a ``Pool`` does here: ``with Cluster("tls://…") as workers:``."""

    def __init__(self, address: str, certificates: Certificates, lessons: list[str]) -> None:
        self.protection = Protection()
        self._address, self._certificates = address, certificates
        self._order = Order(secrets.token_hex(8), paramlabs_own(), tuple(lessons), handed_out())
        self._threads = 0

    def __enter__(self) -> Cluster:
        self._client = _connected(self._address, self._certificates)
        try:
            self._threads = sum(self._client.nthreads().values())
            if not self._threads:
                raise PoolError(f"the scheduler {self._address} has no worker yet. Start some: dask worker …")
            said = self._client.run(_prepare, self._order, on_error="return")
            self.protection = _weakest(said)
            if not self._address.startswith("tls://"):
                print(OPEN)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(Exception):  # what can't be reached any more has nothing to let go of
            self._client.run(_dismiss, self._order, on_error="ignore")
        self._client.close()

    def __len__(self) -> int:
        return self._threads

    def run(self, exercises: Iterable[tuple[Any, Exercise]]) -> Iterator[tuple[Any, Came, str]]:
        """Yield for each ``(key, exercise)`` its key, what came, and what ended it before its time, if anything did.

        In the order in which they are done. What a worker had that is gone is done by another one.
        """
        from distributed import as_completed

        source = iter(exercises)
        running: dict[str, Any] = {}
        done = as_completed(loop=self._client.loop)

        def hand_on() -> None:
            for key, exercise in source:
                future = self._client.submit(_run, self._order, exercise, pure=False)
                running[future.key] = key
                done.add(future)
                if len(running) >= AHEAD:
                    break

        hand_on()
        for future in done:
            came, trouble = _answer_of(future)
            yield running.pop(future.key), came, trouble
            hand_on()


def _connected(address: str, certificates: Certificates) -> Any:
    try:
        from distributed import Client, Security
        from distributed.comm.addressing import parse_address, parse_host_port
    except ImportError:
        raise PoolError('--scheduler needs dask.distributed: pip install "paramlab[cluster]"') from None
    given = certificates.given()
    for path in given.values():
        if not Path(path).is_file():
            raise PoolError(f"there is no certificate file {path}")
    try:
        parse_host_port(parse_address(address)[1])
        security = Security(**given, require_encryption=True) if given else Security()  # or as Dask is configured
        if address.startswith("tls://") and security.get_connection_args("client").get("ssl_context") is None:
            raise PoolError("a tls:// scheduler asks for certificates: --tls-ca, --tls-cert and --tls-key")
        return Client(address, security=security, timeout=START_SECONDS, set_as_default=False)
    except (OSError, ValueError, TypeError, RuntimeError) as error:
        raise PoolError(f"the scheduler {address} can't be reached: {error}") from None


def _weakest(said: Mapping[str, Any]) -> Protection:
    """Return what protects all of the workers; ``PoolError`` if one of them can't grade."""
    refused = [f"{address}: {one}" for address, one in said.items() if not isinstance(one, Protection)]
    if refused:
        raise PoolError("not every worker can grade.\n  " + "\n  ".join(refused))
    everywhere = {each.name: all(getattr(one, each.name) for one in said.values()) for each in fields(Protection)}
    return Protection(**everywhere)


def _answer_of(future: Any) -> tuple[Came, str]:
    """Return what came of an exercise; ``PoolError`` if a worker could not even try it."""
    from distributed import KilledWorker

    try:
        came, trouble = future.result()
    except KilledWorker:
        return Came(), "its worker died of it, several times"
    except Exception as error:
        kind = "" if isinstance(error, WorkerError) else f"{type(error).__name__}: "
        raise PoolError(f"the cluster could not go on. {kind}{error}") from None
    return came, trouble


# ------------------------------------------------------------------ on a worker of the cluster


class WorkerError(Exception):
    """A worker can't grade; the message says why."""


class _Station:
    """A worker's graders for one run, one for each of its threads."""

    def __init__(self, order: Order, threads: int) -> None:
        if paramlabs_own() != order.course:
            raise WorkerError(
                f"it has the course {paramlabs_own()}, and {order.course} is graded. Install that one there, too."
            )
        self._free: queue.SimpleQueue[Pool] = queue.SimpleQueue()
        self._every: list[Pool] = []
        self.asked = time.monotonic()
        try:
            for _ in range(threads):
                self._every.append(Pool(1, order.assignment).__enter__())
                self._free.put(self._every[-1])
            self.protection = self._every[0].protection
            if not order.assignment:  # its solution is where the run was begun, which proves it by way of this
                self._prove(list(order.lessons))
        except BaseException as error:
            self.end()
            raise WorkerError(str(error)) from None

    def _prove(self, lessons: list[str]) -> None:
        """Raise ``WorkerError`` unless the solution earns everything here, and the untouched notebook nothing."""
        numbers = {int(name.partition("_")[0]) for name in lessons}
        judge = Judge([name for name, task in TASKS.items() if task.lesson in numbers], seed=0)
        wrong = list(problems(lessons, judge, self._every[0]))
        if wrong:
            raise WorkerError("the self-test failed: " + " ".join(wrong))

    def run(self, exercise: Exercise) -> tuple[Came, str]:
        """Run an exercise on a grader that is free."""
        pool = self._free.get()
        try:
            [(_, came, trouble)] = pool.run([(None, exercise)])
        finally:
            self.asked = time.monotonic()
            self._free.put(pool)
        return came, trouble

    def idle(self) -> float:
        """Return for how many seconds it was asked for nothing."""
        return time.monotonic() - self.asked if self._free.qsize() == len(self._every) else 0.0

    def end(self) -> None:
        """End the graders."""
        for pool in self._every:
            pool.__exit__()


_stations: dict[str, _Station] = {}
_lock = threading.RLock()


def _at_work(order: Order, threads: int) -> _Station:
    """Return this worker's station for a run; it is opened by the first who asks."""
    with _lock:
        if order.run not in _stations:
            _stations[order.run] = _Station(order, threads)
            _look_after(order)
        station = _stations[order.run]
        station.asked = time.monotonic()
        return station


def _look_after(order: Order) -> None:
    """Close the station when it is idle for long, and until then look again; whoever asks later opens it anew."""
    with _lock:
        station = _stations.get(order.run)
        if station is None:
            return
        if station.idle() >= IDLE_SECONDS:
            _stations.pop(order.run).end()
            return
    timer = threading.Timer(IDLE_SECONDS / 3, _look_after, [order])
    timer.daemon = True
    timer.start()


async def _prepare(order: Order, dask_worker: Any) -> Protection:
    """Open the station while the worker's loop goes on."""
    return (await asyncio.to_thread(_at_work, order, dask_worker.state.nthreads)).protection


async def _dismiss(order: Order) -> None:
    """Close the station: its graders take memory."""
    station = _stations.pop(order.run, None)
    if station is not None:
        await asyncio.to_thread(station.end)


def _run(order: Order, exercise: Exercise) -> tuple[Came, str]:
    """Run an exercise; a worker that came late opens its station first."""
    from distributed import get_worker

    return _at_work(order, get_worker().state.nthreads).run(exercise)
