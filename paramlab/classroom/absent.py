"""Taking the package's own definition of a piece away, so that no answer can be got from it, and what else it tells."""

from __future__ import annotations

import builtins
import gc
import json
import linecache
import operator
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from ..cases import Written
from ..clinic.patient import Patient
from ..workshop.bench import REFERENCE
from ..workshop.catalogue import TASKS
from ..workshop.homework import Recorded
from ..workshop.source import plain_function
from ..workshop.tasks import Piece, Prediction

HIDDEN = ("paramlab.cases", "paramlab.workshop", "paramlab.classroom", "paramlab.clinic")


@dataclass(frozen=True)
class Held:
    """What a module or a class held at first: the functions and classes, under their names.

    Few objects for many names: whatever a forked process looks at is copied for it, page by page.
    """

    owner: str
    holder: type | ModuleType
    now: Mapping[str, Any]
    names: tuple[str, ...]
    values: tuple[Any, ...]
    every: frozenset[str]

    def exchanged(self) -> Iterator[str]:
        """Yield the names that stand for something else by now."""
        if not all(map(operator.is_, map(self.now.get, self.names), self.values)):
            found = zip(self.names, map(self.now.get, self.names), self.values, strict=True)
            yield from (name for name, now, before in found if now is not before)


class Package:
    """paramlab as it comes, remembered while nothing has touched it, so that what is changed later shows."""

    def __init__(self) -> None:
        self._held = list(_holders())
        self._titles = {value: value.__name__ for one in self._held for value in one.values if isinstance(value, type)}
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

    def changed(self, piece: Piece | None) -> list[str]:
        """Return the names of what was exchanged or renamed, beside the piece itself, if there is one.

        That functions have other code need not be looked for: `insides` refuses it.
        """
        found = [
            f"{one.owner}.{name}"
            for one in self._held
            for name in one.exchanged()
            if not (piece is not None and name == piece.attribute and _is_home(one.owner, piece))
        ]
        found += [title for cls, title in self._titles.items() if type.__getattribute__(cls, "__name__") != title]
        return found + [f"{one.owner}.{name}" for one in self._held for name in _hiding(one)]


def _hiding(one: Held) -> list[str]:
    """Return the methods that a class has got since, and that hide those of the classes above it."""
    if not isinstance(one.holder, type) or one.now.keys() == one.every:
        return []
    new = [name for name in one.now if name not in one.every and callable(one.now[name])]
    return [name for name in new if any(name in vars(above) for above in one.holder.__mro__[1:])]


def _absent(*args: Any, **kwargs: Any) -> Any:
    """Stand where a piece's own definition was."""
    raise NotImplementedError("paramlab's own definition is not here while yours is graded.")


def forget_answers() -> None:
    """Empty, for good, what a worker has no need of: solutions, what heals a patient, what a prediction asks.

    The judge has them. A worker runs a learner's class or function in the place of a solution, and hands back the
    answer to a prediction as it is.
    """
    for one in gc.get_objects():
        if isinstance(one, Written):
            object.__setattr__(one, "source", "")
        elif isinstance(one, Recorded):
            object.__setattr__(one, "answer", None)
        elif isinstance(one, Patient):
            object.__setattr__(one, "mend", ())
            object.__setattr__(one, "cures", ())
    tried = {case.program for task in TASKS.values() if not isinstance(task, Prediction) for case in task.cases}
    for program in {case.program for task in TASKS.values() for case in task.cases} - tried:
        program.__code__ = _absent.__code__


def _holders() -> Iterator[Held]:
    """Yield what a program could exchange to be taken for right: functions and classes of the package and around it."""
    classes: dict[type, None] = {}
    for module in [*_package(), builtins, json, np]:
        yield _held(module.__name__, module)
        if module is not builtins:
            own = (value for value in vars(module).values() if isinstance(value, type))
            classes |= dict.fromkeys(value for value in own if value.__module__ == module.__name__)
    yield from (_held(cls.__name__, cls) for cls in classes)


def _held(owner: str, holder: type | ModuleType) -> Held:
    behaviour = (staticmethod, classmethod, property) if isinstance(holder, type) else ()
    every = dict(vars(holder))
    kept = {name: value for name, value in every.items() if callable(value) or isinstance(value, behaviour)}
    return Held(owner, holder, vars(holder), tuple(kept), tuple(kept.values()), frozenset(every))


def _package() -> list[ModuleType]:
    return [module for name, module in list(sys.modules.items()) if name.partition(".")[0] == "paramlab"]


def _is_home(owner: str, piece: Piece) -> bool:
    """Whether what is called ``owner`` may hold a piece: its class and those above, or a module that imports it."""
    if isinstance(piece.owner, ModuleType):
        return owner.partition(".")[0] == "paramlab"
    return owner in {cls.__name__ for cls in piece.owner.__mro__}


def hide_the_grader() -> None:
    """Take the cases, the workshop and the grader out of what can be imported, and sources out of memory.

    A worker does it once: what runs of them goes on running.
    """
    linecache.clearcache()
    for name in [name for name in sys.modules if name.startswith(HIDDEN)]:
        del sys.modules[name]
    package = sys.modules["paramlab"]
    for name in HIDDEN:
        vars(package).pop(name.partition(".")[2], None)
