"""The pick-up map: a model's tensors and who picks each of them up, live in a notebook."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import traitlets

from ..census.diff import changed, mark
from ..census.frameworks import check_optimizer
from ..census.read import examine
from ..census.reasons import REASONS
from ..census.rows import LABELS, LANES, Census, Row
from . import actions, still
from .columns import CODES, Columns, Line, Memory, columns
from .live import Live, script, style
from .names import Names, user_namespace

_ICONS = {"step": "step", "optimizer": "again", "save": "save", "load": "load", "move": "move"}
_SENTENCES = {CODES[code]: [reason.state, reason.text] for code, reason in REASONS.items()}


class PickupMap(Live):
    """A live map of who picks each tensor of a model up. Use ``paramlab.explore`` to make one."""

    _esm = script("pickup_map")
    _css = style("pickup_map")

    lanes = traitlets.List([LABELS[lane] for lane in LANES]).tag(sync=True)
    reasons = traitlets.Dict(_SENTENCES).tag(sync=True)  # one character -> state and sentence; sent once
    tree = traitlets.Dict().tag(sync=True)  # depth, label and shape a line; sent when the structure changes
    devices: Any = traitlets.List().tag(sync=True)
    facts = traitlets.Dict().tag(sync=True)  # line -> what its sentences leave open
    flags = traitlets.Unicode("").tag(sync=True)  # nine characters a line
    values = traitlets.Unicode("").tag(sync=True)  # eight characters a line

    def __init__(
        self,
        model: Any,
        optimizer: Any = None,
        *,
        loss: Callable[[], Any] | None = None,
        name: str | None = None,
    ) -> None:
        check_optimizer(optimizer)
        exam = examine(model, optimizer)  # a wrong argument is an error of the call, not of the picture
        self.model, self.optimizer, self.loss = model, optimizer, loss
        self._names = Names.find(model, optimizer, loss, exam.framework, name)
        self._memory = Memory()
        self._saved: Any = None
        self._exam = exam
        self._lines: list[Line] = []
        super().__init__(title=self._names.model)

    @property
    def census(self) -> Census:
        """The census that is on show."""
        return self._exam.census

    def _read(self) -> None:
        self._find_optimizer()
        self._exam = examine(self.model, self.optimizer, self._names.model, self._names.optimizer)
        self._show(columns(self._exam, self._memory))

    def _find_optimizer(self) -> None:
        """Follow the learner's variable when it names a new optimizer of this model."""
        named = user_namespace().get(self._names.optimizer)
        if named is None or named is self.optimizer or not isinstance(getattr(named, "param_groups", None), list):
            return
        mine = {id(found.tensor) for found in self._exam.found}
        if any(id(tensor) in mine for group in named.param_groups for tensor in group["params"]):
            self.optimizer = named

    def _show(self, seen: Columns) -> None:
        self._lines = seen.lines
        self.devices, self.facts, self.tools = seen.devices, seen.facts, self._tools()
        if seen.tree != self.tree:
            self.tree = seen.tree
        self.flags, self.values = seen.flags, seen.values

    def _tools(self) -> list[dict[str, Any]]:
        """Return the buttons for the whole model, each with the line that it stands for."""
        names, has_optimizer = self._names, self.optimizer is not None
        rows = [
            ("step", "Step", actions.step(names, self.loss is not None), has_optimizer),
            (
                "optimizer",
                "Rebuild optimizer" if has_optimizer else "New optimizer",
                actions.new_optimizer(names, has_optimizer),
                True,
            ),
            ("save", "Save", actions.save(names), True),
            ("load", "Load", actions.load(names), self._saved is not None),
            ("move", actions.move_label(self._exam), actions.move(self._exam, names), True),
        ]
        return [{"do": do, "text": text, "icon": _ICONS[do], "line": line, "on": on} for do, text, line, on in rows]

    # ------------------------------------------------------------------ commands

    def _bindings(self) -> dict[str, Any]:
        names, framework = self._names, self._exam.framework
        bound = {names.torch: framework.torch, names.loss: self.loss, "saved": self._saved}
        if "." not in names.nn:
            bound[names.nn] = framework.nn
        return bound | {names.model: self.model, names.optimizer: self.optimizer}

    def _rebound(self, namespace: dict[str, Any]) -> None:
        self._saved = namespace["saved"]
        made = namespace[self._names.optimizer]
        if self.optimizer is None and made is not None:
            self.optimizer = made
            user_namespace().setdefault(self._names.optimizer, made)

    def _row(self, path: str) -> Row:
        """Return the row of a tensor that a click is about."""
        for line in self._lines:
            if line.branch.path == path and line.row is not None:
                return line.row
        raise LookupError(f"{path!r} is not in the model any more")

    # Each command runs its line, and returns what tells of it when the model has been read again.

    def _do_kind(self, path: str, kind: str) -> Callable[[], str]:
        slot = next((line.branch.what for line in self._lines if line.branch.path == path), "")
        self._run(actions.change_kind(self._row(path), slot, kind, self._names))
        return lambda: actions.note_kind(kind, self._row(path), self.optimizer is not None)

    def _do_grad(self, path: str) -> Callable[[], str]:
        row = self._row(path)
        self._run(actions.toggle_grad(row))
        return lambda: actions.note_grad(row)

    def _do_persistent(self, path: str) -> Callable[[], str]:
        row = self._row(path)
        self._run(actions.toggle_persistent(row, self._names))
        return lambda: "Not saved any more, still moved." if row.persistent else "Saved with the model."

    def _do_replace(self, path: str) -> Callable[[], str]:
        row = self._row(path)
        self._run(actions.replace_object(row, self._names))
        return lambda: actions.note_replace(row)

    def _do_step(self) -> Callable[[], str]:
        before, ghosts = self.census, self._exam.ghosts
        marks = [mark(tensor) for tensor in ghosts]
        self._run(actions.step(self._names, self.loss is not None))
        moved = sum(changed(then, mark(tensor)) for then, tensor in zip(marks, ghosts, strict=True))
        return lambda: actions.note_step(before, self.census, moved, self.loss is not None)

    def _do_optimizer(self) -> Callable[[], str]:
        self._run(actions.new_optimizer(self._names, self.optimizer is not None))
        held = sum(len(group["params"]) for group in self.optimizer.param_groups)
        return lambda: f"The optimizer holds {held} tensors now, those that parameters() lists."

    def _do_save(self) -> Callable[[], str]:
        self._run(actions.save(self._names))
        return lambda: f"{len(self._saved)} tensors copied."

    def _do_load(self) -> Callable[[], str]:
        result = self._run(actions.load(self._names))
        return lambda: actions.note_load(result)

    def _do_move(self) -> Callable[[], str]:
        before = self.census
        self._run(actions.move(self._exam, self._names))
        return lambda: actions.note_move(before, self.census)

    # ------------------------------------------------------------------ outputs, and the end

    def _plain(self) -> str:
        return still.to_plain(self.census, self._names.model)

    def _html(self) -> str:
        return still.to_html(self.census, self._names.model)

    def _forget(self) -> None:
        self.model = self.optimizer = self.loss = self._saved = None
        self._exam = replace(self._exam, found=[], ghosts=[])
