"""The workbench: which definitions of the package are the learner's own now, and how to get the package back."""

from __future__ import annotations

import contextlib
import inspect
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from types import FunctionType, ModuleType
from typing import Any

from .catalogue import PIECES
from .tasks import Piece

REFERENCE: dict[str, Any] = {
    name: inspect.getattr_static(piece.owner, piece.attribute) for name, piece in PIECES.items()
}
"""The package's own definition of each piece, as its owner had it when this was imported."""


@dataclass(frozen=True)
class Built:
    """A learner's definition, and its source as it was typed."""

    function: FunctionType
    source: str


class AsItIsNow:
    """A function of the package under its name in a notebook: it calls whatever the package has now.

    So a piece that calls another, as a gradient calls ``unbroadcast``, gets a right one also where the learner's
    own is not.
    """

    def __init__(self, module: ModuleType, name: str) -> None:
        self.module, self.name = module, name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the package's function of this name."""
        return vars(self.module)[self.name](*args, **kwargs)

    def __repr__(self) -> str:
        return f"<paramlab's {self.name}, as it is now>"


class Bench:
    """Holds what the learner built, and puts it into the package or takes it out.

    ``mine`` is what was built in this process, ``passed`` the last of it that was right, ``plugged`` the names
    that the package uses now, ``refused`` why a piece was not taken. ``_before`` is what the owner of a plugged
    piece had before it.
    """

    def __init__(self) -> None:
        self.mine: dict[str, Built] = {}
        self.passed: dict[str, Built] = {}
        self.plugged: set[str] = set()
        self.refused: dict[str, str] = {}
        self._before: dict[str, set[str]] = {}

    def forget(self, name: str) -> None:
        """Drop what was built of a piece; the package uses its own again."""
        if name in self.plugged:
            self.take_out(name)
        self.mine.pop(name, None)
        self.refused.pop(name, None)

    def put_in(self, name: str) -> None:
        """Make the package use the learner's definition."""
        piece, reference = PIECES[name], REFERENCE[name]
        self._before.setdefault(name, set(vars(piece.owner)))
        function: Any = self.mine[name].function
        if isinstance(reference, staticmethod | classmethod):  # `__new__` is a static method, written or not
            function = type(reference)(function)
        self.plugged.add(name)
        _replace(piece, function)

    def take_out(self, name: str) -> None:
        """Make the package use its own definition again."""
        owner = PIECES[name].owner
        _replace(PIECES[name], REFERENCE[name])
        if isinstance(owner, type):  # a piece that wrote `cls.data = data` has put it into the class
            for left_behind in set(vars(owner)) - self._before.pop(name, set(vars(owner))):
                delattr(owner, left_behind)
        self.plugged.discard(name)

    @contextlib.contextmanager
    def only(self, *names: str) -> Iterator[None]:
        """Use these definitions of the learner's, the package's own for all else, and afterwards what was before."""
        before = set(self.plugged)
        self.set_to(set(names))
        try:
            yield
        finally:
            self.set_to(before)

    def set_to(self, names: set[str]) -> None:
        """Use exactly these definitions of the learner's."""
        for name, piece in PIECES.items():
            # also what was put there by hand, or when an alarm went off in the middle of it
            if name in self.plugged or inspect.getattr_static(piece.owner, piece.attribute) is not REFERENCE[name]:
                self.take_out(name)
        for name in names & set(self.mine):
            self.put_in(name)


def _replace(piece: Piece, definition: Any) -> None:
    if isinstance(piece.owner, type):
        home = next(cls for cls in piece.owner.__mro__ if piece.attribute in vars(cls))  # it may be inherited
        setattr(home, piece.attribute, definition)
        return
    # modules that imported a function by name hold it themselves
    present = vars(piece.owner)[piece.attribute]
    for module in list(sys.modules.values()):
        if isinstance(module, ModuleType) and module.__name__.partition(".")[0] == "paramlab":
            for name, value in list(vars(module).items()):
                if value is present:
                    setattr(module, name, definition)


bench = Bench()
"""The one workbench of this process."""
