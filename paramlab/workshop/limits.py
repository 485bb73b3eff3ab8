"""Running a learner's code so that it ends: a limit on its time, its memory and what it prints."""

from __future__ import annotations

import contextlib
import io
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any, TypeVar

try:
    import resource
except ImportError:  # Windows and the browser have no such module
    resource = None  # type: ignore[assignment]

T = TypeVar("T")

CASE_SECONDS = 3.0
CHECK_SECONDS = 12.0
GIB = 2**30
REFIRE = 0.05  # seconds between two attempts to stop code that swallows the first
AT_ONCE = 1e-5
STATM = Path("/proc/self/statm")  # the size of this process, in pages


class TimeUp(BaseException):
    """The time is over. No ``Exception``, so that ``except Exception`` in a learner's loop lets it through."""


def can_limit_time() -> bool:
    """Return whether ``call_within`` keeps time here: where the system has an alarm clock, on the main thread."""
    return hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()


def can_limit_memory() -> bool:
    """Return whether ``memory_limit`` works here: where the system counts and caps address space."""
    return resource is not None and sys.platform == "linux" and STATM.exists()


def call_within(seconds: float, function: Callable[[], T]) -> T:
    """Return ``function()``; raise ``TimeUp`` if it takes longer, also if it catches every exception.

    An alarm raises ``TimeUp`` in the running code. Code may catch even that; then it is raised again in the
    handler, and so on outwards until no handler is left. A call that never returns to Python can't be
    ended. Without an alarm clock there is no limit.
    """
    if not can_limit_time():
        return function()
    watch = _Watch(sys._getframe())
    started = time.monotonic()
    old_handler = signal.signal(signal.SIGALRM, watch.alarm)
    left, interval = signal.setitimer(signal.ITIMER_REAL, seconds, REFIRE)
    try:
        try:
            return function()
        finally:
            watch.done = True  # from here on the alarm is silent: the rest is our own code
    finally:
        watch.disarm()
        signal.signal(signal.SIGALRM, old_handler or signal.SIG_DFL)
        if left:  # somebody's alarm was set already, such as a check's around this one
            left -= time.monotonic() - started
            signal.setitimer(signal.ITIMER_REAL, max(left, AT_ONCE), interval)
        if watch.fired:
            raise TimeUp  # also if the function caught ours and returned


class _Watch:
    """Raises ``TimeUp`` in the frames above ``floor`` until they are gone."""

    def __init__(self, floor: FrameType) -> None:
        self.floor = floor
        self.fired = False
        self.done = False
        self.old_trace: Any = None

    def alarm(self, number: int, frame: FrameType | None) -> None:
        if self.done:
            return
        if not self.fired:
            self.fired = True
            self.old_trace = sys.gettrace()
        sys.settrace(self.trace)
        while frame is not None and frame is not self.floor:
            frame.f_trace = self.trace
            frame = frame.f_back
        raise TimeUp

    def trace(self, frame: FrameType, event: str, argument: Any) -> Any:
        if event == "line" and isinstance(sys.exc_info()[1], TimeUp) and not self.done:
            # This line is in a handler that has caught ours. Raised in there, it leaves the `try` for good.
            # An error ends tracing, so the alarm has to come again for the next handler out.
            signal.setitimer(signal.ITIMER_REAL, AT_ONCE, REFIRE)
            raise TimeUp
        return self.trace

    def disarm(self) -> None:
        """Stop raising."""
        while True:
            try:
                signal.setitimer(signal.ITIMER_REAL, 0)
                if self.fired:
                    sys.settrace(self.old_trace)
                return
            except TimeUp:
                continue


@contextlib.contextmanager
def memory_limit(extra: int = GIB) -> Iterator[None]:
    """Turn a request for much more than ``extra`` bytes into a ``MemoryError``; the kernel survives it.

    The cap on address space is the present size and ``extra``, for the length of the block. Where the
    system has no such cap, there is no limit.
    """
    if not can_limit_memory():
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    cap = _address_space() + extra
    if hard != resource.RLIM_INFINITY:
        cap = min(cap, hard)
    if soft != resource.RLIM_INFINITY and soft <= cap:  # a tighter one is set already
        yield
        return
    resource.setrlimit(resource.RLIMIT_AS, (cap, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _address_space() -> int:
    pages = int(STATM.read_text().split()[0])
    return pages * resource.getpagesize()


@contextlib.contextmanager
def kernel_kept() -> Iterator[None]:
    """Let a notebook's ``exit()`` raise ``SystemExit``, as Python's does; IPython's stops the kernel soon after."""
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    if shell is None:
        yield
        return
    shell.ask_exit = _system_exit
    try:
        yield
    finally:
        del shell.ask_exit  # and the method of the class is seen again


def _system_exit() -> None:
    raise SystemExit


class Printed(io.TextIOBase):
    """Takes what is printed: keeps the beginning, counts the rest."""

    def __init__(self, keep: int = 2000) -> None:
        self.keep = keep
        self.text = ""
        self._breaks = 0
        self._open = False

    @property
    def lines(self) -> int:
        """How many lines were printed, a last one without a line break included."""
        return self._breaks + self._open

    def writable(self) -> bool:
        """Return True: this is written to."""
        return True

    def write(self, text: str) -> int:
        """Keep the text while there is room, and count its lines."""
        self._breaks += text.count("\n")
        self._open = not text.endswith("\n") if text else self._open
        room = self.keep - len(self.text)
        if room > 0:
            self.text += text[:room]
        return len(text)


@contextlib.contextmanager
def printed() -> Iterator[Printed]:
    """Collect what the block prints, warnings included, instead of letting it fill the notebook."""
    kept = Printed()
    with warnings.catch_warnings(), contextlib.redirect_stdout(kept), contextlib.redirect_stderr(kept):
        yield kept
