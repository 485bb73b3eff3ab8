"""PackageMap: which pieces of paramlab are the learner's own by now."""

from __future__ import annotations

import html
import inspect
from collections.abc import Callable
from itertools import groupby
from typing import Any

import traitlets

from ..workshop import folder, use
from ..workshop.bench import REFERENCE, bench
from ..workshop.catalogue import PIECES, Piece
from .live import Live, script, style
from .names import name_of, user_namespace

STATES = {
    "mine": "yours: the package runs your code",
    "kept": "yours, and not in use",
    "refused": "not taken",
    "theirs": "the package's own",
}


class PackageMap(Live):
    """paramlab as a map of its pieces: whose code each of them is now, and what it earned.

    It follows what checks and ``use()`` do. ``pieces`` is plain data: the state of each piece by its name, one of
    ``"mine"``, ``"kept"``, ``"refused"`` and ``"theirs"``.
    """

    _esm = script("package_map")
    _css = style("package_map")

    groups: Any = traitlets.List().tag(sync=True)  # {owner, file, pieces: [{name, attribute, state, says, …}]}
    total: Any = traitlets.List([0, 0]).tag(sync=True)  # pieces that are the learner's, and all of them

    def __init__(self) -> None:
        super().__init__(title="paramlab")

    @property
    def pieces(self) -> dict[str, str]:
        """The state of each piece by its name."""
        kept = set(folder.kept())
        return {name: _state(name, kept) for name in PIECES}

    # ------------------------------------------------------------------ what is shown

    def _read(self) -> None:
        states, earned = self.pieces, _earned()
        by_owner = sorted(PIECES.values(), key=lambda piece: (piece.lesson, piece.owner.__name__))
        self.groups = [
            {
                "owner": owner.__name__.removeprefix("paramlab."),
                "lesson": lesson,
                "pieces": [_tile(piece, states[piece.name], earned.get(piece.name, 0.0)) for piece in pieces],
            }
            for (lesson, owner), pieces in groupby(by_owner, key=lambda piece: (piece.lesson, piece.owner))
        ]
        mine = sum(state == "mine" for state in states.values())
        self.total = [mine, len(states)]
        kept = sum(state in ("mine", "kept") for state in states.values())
        rows = [("mine", "Use mine", "load", kept > mine), ("reference", "Use the reference", "again", mine > 0)]
        self.tools = [
            {"do": do, "text": text, "icon": sign, "line": self._using(do), "on": on} for do, text, sign, on in rows
        ]

    def _using(self, whose: str) -> str:
        return f"{name_of(use, user_namespace(), 'use')}({whose!r})"

    def _bindings(self) -> dict[str, Any]:
        return {name_of(use, user_namespace(), "use"): use}

    # ------------------------------------------------------------------ commands

    def _do_mine(self) -> Callable[[], str]:
        answer = self._run(self._using("mine"))
        return lambda: repr(answer)

    def _do_reference(self) -> Callable[[], str]:
        answer = self._run(self._using("reference"))
        return lambda: repr(answer)

    # ------------------------------------------------------------------ the still picture

    def _plain(self) -> str:
        mine, total = self.total
        return f"PackageMap: {mine} of {total} pieces of paramlab are yours"

    def _html(self) -> str:
        rows = "".join(
            f'<tr><th scope="row" align="left"><code>{html.escape(piece["name"])}</code></th>'
            f'<td align="left">lesson {group["lesson"]:02d}</td><td align="left">{STATES[piece["state"]]}</td></tr>'
            for group in self.groups
            for piece in group["pieces"]
        )
        return f"<table><caption>{html.escape(self._plain())}</caption><tbody>{rows}</tbody></table>"


def _state(name: str, kept: set[str]) -> str:
    if name in bench.plugged:
        return "mine"
    if name in bench.passed or name in kept:
        return "kept"
    return "refused" if name in bench.refused else "theirs"


def _earned() -> dict[str, float]:
    try:
        return folder.points()
    except OSError:  # the folder can't be read: nothing is known of what was earned
        return {}


def _tile(piece: Piece, state: str, earned: float) -> dict[str, Any]:
    """Return what is told of a piece; of code only the learner's own."""
    definition = inspect.unwrap(getattr(REFERENCE[piece.name], "__func__", REFERENCE[piece.name]))
    built = bench.mine.get(piece.name) or bench.passed.get(piece.name)
    return {
        "name": piece.name,
        "attribute": piece.attribute,
        "state": state,
        "says": STATES[state],
        "does": (inspect.getdoc(definition) or "").split("\n")[0],
        "points": [earned, piece.points],
        "code": _source(piece.name, built.source if built is not None else None, state),
        "why": bench.refused.get(piece.name, ""),
    }


def _source(name: str, built: str | None, state: str) -> str:
    if built is not None or state != "kept":
        return built or ""
    try:
        return folder.kept_file(name).read_text(encoding="utf-8")
    except OSError:
        return ""
