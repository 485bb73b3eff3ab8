"""Python's own insides, closed to the code that is graded: frames, the heap, the code of functions, C by hand.

It is the second line of defence. The first is that whatever such code reports is judged elsewhere; but some answers
are the same for every seed, and who could exchange what reports them could write them by hand.
"""

from __future__ import annotations

import ctypes
import gc
import sys
from types import CodeType, FrameType, FunctionType, ModuleType
from typing import Any

from .absent import HIDDEN

REFUSED = frozenset(
    (
        *("sys.setprofile", "sys.settrace", "gc.get_objects", "gc.get_referrers", "gc.get_referents"),
        *("code.__new__", "function.__new__"),
    )
)


# ------------------------------------------------------------------ for a worker, and all that it forks


def empty() -> None:
    """Have functions and frames tell nothing of what they hold, and no class of its subclasses among the grader's.

    From a function one would get at its module, from a frame at its caller's variables. Python itself does not ask
    by these names. Not to be undone: for a process that runs nothing but learners' code from here on.
    """
    nothing: Any = property(lambda _: {})
    for name in ("__globals__", "__builtins__"):
        _exchange(FunctionType, name, nothing)
    _exchange(FunctionType, "__closure__", property(lambda _: None))
    for name in ("f_locals", "f_globals", "f_builtins"):
        _exchange(FrameType, name, nothing)
    line = vars(FrameType)["f_lineno"].__get__
    _exchange(FrameType, "f_lineno", property(lambda frame: line(frame)))  # to be read only: who sets it, jumps
    below = vars(type)["__subclasses__"]
    hidden = {id(one) for one in gc.get_objects() if isinstance(one, type) and str(one.__module__).startswith(HIDDEN)}
    _exchange(type, "__subclasses__", lambda cls: [one for one in below(cls) if id(one) not in hidden])


def _exchange(cls: type, name: str, value: Any) -> None:
    """Put an attribute into a class of Python's own, which refuses that; CPython keeps a plain dict behind it."""
    [attributes] = gc.get_referents(vars(cls))
    attributes[name] = value
    ctypes.pythonapi.PyType_Modified(ctypes.py_object(cls))  # what was looked up before does not count any more


# ------------------------------------------------------------------ for a process with a learner's code


def close(trusted: ModuleType) -> None:
    """Refuse this process, for good, what searches or changes Python itself; functions of ``trusted`` may, nobody else.

    An audit hook can't be taken out again. What it refuses is a ``RuntimeError`` in the code that asked.
    """
    allowed = _codes_of(trusted)
    busy: list[bool] = []

    def audit(event: str, arguments: tuple[Any, ...]) -> None:
        exchanged = event == "object.__setattr__" and arguments[1] == "__code__"
        if busy or not (exchanged or event in REFUSED or event.startswith("ctypes.")):
            return
        busy.append(True)  # to refuse may be such an event itself
        try:
            welcome = sys._getframe(1).f_code in allowed
        finally:
            busy.clear()
        if not welcome:
            raise RuntimeError(f"Python's insides are closed while a piece is graded ({event}).")

    sys.addaudithook(audit)


def _codes_of(holder: Any) -> set[CodeType]:
    """Return the code of the functions and the methods that a module or a class holds."""
    found: set[CodeType] = set()
    for value in list(vars(holder).values()):
        inner = getattr(value, "__func__", value)
        if isinstance(inner, FunctionType):
            found.add(inner.__code__)
        elif isinstance(value, type) and value.__module__ == holder.__name__:
            found |= _codes_of(value)
    return found
