"""Python's own insides, closed to the code that is graded: frames, the heap, the code of functions, C by hand.

It is the second line of defence. The first is that whatever such code reports is judged elsewhere; but some answers
are the same for every seed, and who could read the word that results are marked with could write them by hand.
What is left open is a signal's handler, which Python hands a frame; `judge.reaches_for` names code that sets one.
"""

from __future__ import annotations

import sys
import traceback
from types import CodeType, FrameType, FunctionType, ModuleType
from typing import Any

from ..cases import Failure

REFUSED = frozenset(
    (
        *("sys._getframe", "sys._current_frames", "sys._current_exceptions", "sys._getframemodulename"),
        *("sys.setprofile", "sys.settrace", "gc.get_objects", "gc.get_referrers", "gc.get_referents", "code.__new__"),
    )
)
ATTRIBUTES = frozenset(("tb_frame", "gi_frame", "cr_frame", "ag_frame", "__code__"))


def _codes_of(*holders: Any) -> set[CodeType]:
    """Return the code of the functions and the methods that modules and classes hold."""
    found: set[CodeType] = set()
    for holder in holders:
        for value in list(vars(holder).values()):
            inner = getattr(value, "__func__", value)
            if isinstance(inner, FunctionType):
                found.add(inner.__code__)
            elif isinstance(value, type) and value.__module__ == holder.__name__:
                found |= _codes_of(value)
    return found


def close(*trusted: ModuleType) -> None:
    """Refuse this process, for good, what looks into Python itself; modules that are ``trusted`` may, nobody else.

    An audit hook can't be taken out again. What it refuses is a ``RuntimeError`` in the code that asked.
    """
    allowed = _codes_of(*trusted)
    describing = _codes_of(traceback)
    describer = Failure.of.__func__.__code__  # type: ignore[attr-defined]  # of the class method's function
    busy: list[bool] = []

    def may(frame: FrameType | None) -> bool:
        """Whether a caller may look: trusted itself, or Python's traceback at work for ours, nobody else between."""
        if frame is not None and frame.f_code in allowed:
            return True
        while frame is not None and frame.f_code in describing:
            frame = frame.f_back
        return frame is not None and frame.f_code is describer

    def audit(event: str, arguments: tuple[Any, ...]) -> None:
        looked_for = event in ("object.__getattr__", "object.__setattr__") and arguments[1] in ATTRIBUTES
        if busy or not (looked_for or event in REFUSED or event.startswith("ctypes.")):
            return
        busy.append(True)  # looking at who asks is such an event itself
        try:
            welcome = may(sys._getframe(1))
        finally:
            busy.clear()
        if not welcome:
            raise RuntimeError(f"Python's insides are closed while a piece is graded ({event}).")

    sys.addaudithook(audit)
