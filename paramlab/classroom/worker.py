"""A worker: a process that has everything imported, and forks a child for each exercise that it is handed.

It is started with an environment without secrets and knows neither answers nor other submissions: it reads an
exercise, a line of JSON, from its input and writes what came of it to its output.
"""

from __future__ import annotations

import base64
import contextlib
import gc
import json
import os
import select
import signal
import time
from pathlib import Path
from typing import Any

from ..workshop.homework import opened
from . import insides
from .absent import Package, forget_answers, hide_the_grader
from .isolation import WALL_SECONDS, Enclosure
from .runner import Exercise, run

ASSIGNMENT = "assignment.json"  # in a worker's root: what learners have of the assignment, if it is not the course
RESULT_BYTES = 2 * 2**20
OUT_OF_TIME = "it did not come to an end in time and was stopped"
TOO_MUCH = "it reported without end and was stopped"
# what pieces are written with, beside paramlab and NumPy: behind an empty root nothing can be imported any more
FAMILIAR = (
    *("abc", "array", "bisect", "cmath", "collections.abc", "contextlib", "copy", "csv", "dataclasses", "datetime"),
    *("decimal", "enum", "fractions", "functools", "hashlib", "heapq", "inspect", "io", "itertools", "json"),
    *("logging", "math", "numbers", "operator", "os", "pathlib", "pickle", "pprint", "random", "re", "secrets"),
    *("statistics", "string", "struct", "sys", "tempfile", "textwrap", "time", "timeit", "traceback", "types"),
    *("typing", "typing_extensions", "uuid", "warnings", "weakref"),
    *("numpy.fft", "numpy.ma", "numpy.polynomial", "numpy.testing"),
)


def main(root: str) -> None:
    """Serve exercises until the input ends; ``root`` is an empty folder for what they write."""
    _warm_up()
    _take_assignment(Path(root) / ASSIGNMENT)
    package = Package()
    forget_answers()
    hide_the_grader()
    insides.empty()
    gc.collect()
    gc.freeze()  # so that children share its memory: nothing of it is looked through any more
    enclosure = Enclosure(Path(root))
    enclosure.enclose()
    output = os.dup(1)
    os.dup2(enclosure.nowhere, 1)  # what is printed by mistake does not get between the answers
    _say(output, {"ready": enclosure.protection.as_data()})
    for line in _lines(0):
        _say(output, _supervised(Exercise(**json.loads(line)), enclosure, package))


def _take_assignment(file: Path) -> None:
    """Open the assignment that is graded, if it is not the course; its file is not left for learners' code."""
    if file.exists():
        opened(file.read_text(encoding="utf-8"))
        file.unlink()


def _warm_up() -> None:
    """Import what the cases, the checks and learners use; what is imported later would not be found."""
    import importlib
    import pkgutil

    import paramlab

    from ..data import digits, penguins, pride_and_prejudice
    from ..workshop.catalogue import TASKS

    inside = [module.name for module in pkgutil.walk_packages(paramlab.__path__, "paramlab.") if _is_plain(module.name)]
    for name in (*FAMILIAR, *inside):
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    for data_set in (digits, penguins, pride_and_prejudice):
        data_set()  # kept from here on: their files are out of reach later
    for task in TASKS.values():
        for case in task.cases:
            case.run(paramlab)


def _is_plain(module: str) -> bool:
    """Whether a module of paramlab is one that a piece may use: not what it takes to run the course."""
    return not module.startswith(("paramlab.widgets", "paramlab.classroom", "paramlab.__main__", "paramlab.start"))


def _lines(source: int) -> Any:
    """Yield the lines of a pipe. No further byte is read than there is: the child shall not find any."""
    pending = b""
    while True:
        data = os.read(source, 1 << 16)
        if not data:
            return
        *whole, pending = (pending + data).split(b"\n")
        yield from whole


def _say(pipe: int, content: dict[str, Any]) -> None:
    data = memoryview(json.dumps(content).encode() + b"\n")
    while data:
        data = data[os.write(pipe, data) :]


def _supervised(exercise: Exercise, enclosure: Enclosure, package: Package) -> dict[str, Any]:
    """Run an exercise in a child; return what it wrote and how it ended, whatever it does."""
    reading, writing = os.pipe()
    with enclosure.home() as home:
        child = os.fork()
        if child == 0:
            _be_the_child(exercise, enclosure, package, home, writing)
        os.close(writing)
        content, stopped = _collect(reading)
        os.close(reading)
        end = _end(child, at_once=bool(stopped))
    return {"wrote": base64.b64encode(content).decode(), "trouble": stopped or end}


def _be_the_child(exercise: Exercise, enclosure: Enclosure, package: Package, home: Path, pipe: int) -> None:
    """Run an exercise and end the process."""
    try:
        for number in (0, 1, 2):
            os.dup2(enclosure.nowhere, number)
        os.dup2(pipe, 3)
        os.closerange(4, 256)
        enclosure.confine(home)
        run(exercise, 3, package)
    finally:
        os._exit(0)


def _collect(pipe: int) -> tuple[bytes, str]:
    """Read until the child closes the pipe, or has had its time, or has written too much."""
    content, end = bytearray(), time.monotonic() + WALL_SECONDS
    while True:
        left = end - time.monotonic()
        if left <= 0 or not select.select([pipe], [], [], left)[0]:
            return bytes(content), OUT_OF_TIME
        data = os.read(pipe, 1 << 16)
        if not data:
            return bytes(content), ""
        content += data
        if len(content) > RESULT_BYTES:
            return bytes(content), TOO_MUCH


def _end(child: int, *, at_once: bool) -> str:
    """End the child with all that it started; return what ended it before its time, if anything did."""
    status = None if at_once else _status(child)  # it has closed its pipe, and is about to be gone
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child, signal.SIGKILL)
    if status is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(child, signal.SIGKILL)  # also before it has become the first of its group
        status = os.waitpid(child, 0)[1]
    return _in_words(os.WTERMSIG(status)) if os.WIFSIGNALED(status) else ""


def _status(child: int) -> int | None:
    """Return how a child has ended, or None if it has not within a second."""
    end = time.monotonic() + 1
    while time.monotonic() < end:
        gone, status = os.waitpid(child, os.WNOHANG)
        if gone:
            return status
        time.sleep(0.0005)
    return None


def _in_words(number: int) -> str:
    words = {
        signal.SIGXCPU: OUT_OF_TIME,
        signal.SIGKILL: "it was killed, as what takes too much time or memory is",
        signal.SIGSEGV: "it crashed Python itself (a segmentation fault)",
    }
    return words.get(signal.Signals(number), f"it crashed Python itself (signal {number})")
