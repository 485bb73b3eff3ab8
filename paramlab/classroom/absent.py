"""Taking the package's own definition of a piece away, so that no answer can be got from it, and what else it tells."""

from __future__ import annotations

import builtins
import gc
import json
import linecache
import sys
from collections.abc import Iterator, Mapping
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from ..workshop.bench import REFERENCE
from ..workshop.source import plain_function
from ..workshop.tasks import Piece

HIDDEN = ("paramlab.cases", "paramlab.workshop", "paramlab.classroom")


Held = tuple[str, Mapping[str, Any], str, Any, Any, str]
"""A callable as it was: whose it is, what holds it, under which name, itself, its code, and what it is called."""


class Package:
    """paramlab as it comes, remembered while nothing has touched it, so that what is changed later shows."""

    def __init__(self) -> None:
        self._held = list(_callables())
        codes = {plain_function(definition).__code__: name for name, definition in REFERENCE.items()}
        self._references: dict[str, list[FunctionType]] = {name: [] for name in REFERENCE}
        for one in gc.get_objects():  # a copy of a function has the same code
            if type(one) is FunctionType and one.__code__ in codes:
                self._references[codes[one.__code__]].append(one)

    def remove_reference(self, piece: Piece) -> None:
        """Empty the package's own definition of a piece, wherever it is held: it has no code any more.

        To be called in a process that is given up afterwards.
        """
        for function in self._references.pop(piece.name):
            function.__code__ = _absent.__code__
            function.__defaults__ = function.__kwdefaults__ = None
        self._references.clear()

    def changed(self, piece: Piece) -> list[str]:
        """Return the names of what was exchanged or tampered with, beside the piece itself."""
        return [
            f"{owner}.{name}"
            for owner, holder, name, value, code, title in self._held
            if (holder.get(name) is not value or code_and_title(value) != (code, title))
            and not (name == piece.attribute and _is_home(owner, piece))
        ]


def _absent(*args: Any, **kwargs: Any) -> Any:
    """Stand where a piece's own definition was."""
    raise NotImplementedError("paramlab's own definition is not here while yours is graded.")


def _callables() -> Iterator[Held]:
    """Yield what a program could exchange to be taken for right: functions and classes of the package and around it."""
    for module in [*_package(), builtins, json, np]:
        for name, value in list(vars(module).items()):
            if callable(value):
                yield (module.__name__, vars(module), name, value, *code_and_title(value))
                if isinstance(value, type) and value.__module__ == module.__name__ and module is not builtins:
                    yield from _behaviour(value)


def _behaviour(cls: type) -> Iterator[Held]:
    for name, value in list(vars(cls).items()):
        if callable(value) or isinstance(value, staticmethod | classmethod | property):
            yield (cls.__name__, vars(cls), name, value, *code_and_title(value))


def code_and_title(value: Any) -> tuple[Any, str]:
    """Return what a callable runs and, if it is a class, what it is called: what changes when it is tampered with."""
    inner = value.__func__ if isinstance(value, staticmethod | classmethod) else value
    code = inner.__code__ if isinstance(inner, FunctionType) else None
    return code, type.__getattribute__(value, "__name__") if isinstance(value, type) else ""


def _package() -> list[ModuleType]:
    return [module for name, module in list(sys.modules.items()) if name.partition(".")[0] == "paramlab"]


def _is_home(owner: str, piece: Piece) -> bool:
    """Whether what is called ``owner`` may hold a piece: its class and those above, or a module that imports it."""
    if isinstance(piece.owner, ModuleType):
        return owner.partition(".")[0] == "paramlab"
    return owner in {cls.__name__ for cls in piece.owner.__mro__}


def hide_the_grader() -> None:
    """Take the cases, the workshop and the grader out of what can be imported, and sources out of memory."""
    linecache.clearcache()
    for name in [name for name in sys.modules if name.startswith(HIDDEN)]:
        del sys.modules[name]
    package = sys.modules["paramlab"]
    for name in HIDDEN:
        vars(package).pop(name.partition(".")[2], None)
