"""The pick-up map: a model's tensors and who picks each of them up, live in a notebook."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import traitlets

from ..census.diff import changed, mark
from ..census.frameworks import check_optimizer, framework_of
from ..census.read import examine, undisturbed
from ..census.reasons import REASONS
from ..census.rows import LABELS, LANES, Census, Row
from . import actions, still
from .columns import CODES, Line, Memory, columns, strip
from .live import Live, script, style
from .names import Names, current_optimizer, user_namespace

MOST_WATCHED = 200  # lines whose values a page may ask for
_ICONS = {"step": "step", "optimizer": "again", "save": "save", "load": "load", "move": "move"}
_SENTENCES = {CODES[code]: [reason.state, reason.text] for code, reason in REASONS.items()}


class PickupMap(Live):
    """A live map of who picks each tensor of a model up. Use ``paramlab.explore`` to make one."""

    _esm = script("pickup_map")
    _css = style("pickup_map")

    lanes = traitlets.List([LABELS[lane] for lane in LANES]).tag(sync=True)
    reasons = traitlets.Dict(_SENTENCES).tag(sync=True)  # one character -> state and sentence; sent once
    # depth, label and shape a line; sent when the structure changes, and as text: ipywidgets goes through each list
    tree = traitlets.Dict().tag(sync=True, to_json=lambda tree, _: json.dumps(tree))
    devices: Any = traitlets.List().tag(sync=True)
    facts = traitlets.Dict().tag(sync=True)  # line -> what its sentences leave open
    flags = traitlets.Unicode("").tag(sync=True)  # nine characters a tensor
    values = traitlets.Dict().tag(sync=True)  # line -> eight characters, for the lines that are on the page

    @undisturbed()
    def __init__(
        self,
        model: Any,
        optimizer: Any = None,
        *,
        loss: Callable[[], Any] | None = None,
        name: str | None = None,
    ) -> None:
        check_optimizer(optimizer)
        self.model, self.optimizer, self.loss = model, optimizer, loss
        self._names = Names.find(model, optimizer, loss, framework_of(model), name)
        self._memory = Memory()
        self._saved: Any = None
        self._exam = examine(model, optimizer, self._names.model, self._names.optimizer)
        self._lines: list[Line] = []
        self._watched: dict[float, list[int]] = {}  # a picture on a page -> the lines that are in sight there
        super().__init__(title=self._names.model)

    @property
    def census(self) -> Census:
        """The census that is on show."""
        return self._exam.census

    def _look_again(self) -> None:
        names = self._names
        self.optimizer = current_optimizer(self.optimizer, names.optimizer, self._exam)
        self._exam = examine(self.model, self.optimizer, names.model, names.optimizer, earlier=self._exam)

    def _read(self) -> None:
        seen = columns(self._exam, self._memory)
        self._lines = seen.lines
        self.devices, self.facts, self.tools = seen.devices, seen.facts, self._tools()
        if seen.tree != self.tree:
            self.tree = seen.tree
        self.flags, self.values = seen.flags, self._strips()

    def _strips(self) -> dict[str, str]:
        """Return the colours of the values that are in sight: to read all of them would be dear."""
        lines = sorted({at for several in self._watched.values() for at in several if at < len(self._lines)})
        return {str(at): strip(self._lines[at], self._exam) for at in lines if self._lines[at].row is not None}

    def _watch(self, view: float, lines: list[int]) -> None:
        """Note which lines are in sight, and show their values."""
        self._watched.pop(view, None)
        if lines:
            self._watched[view] = lines[:MOST_WATCHED]
        self.values = self._strips()

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

    def _obey(self, _: Any, message: dict[str, Any], buffers: Any) -> None:
        if message.get("do") == "watch":  # who scrolls changes nothing
            self._watch(message["view"], message["lines"])
        else:
            super()._obey(_, message, buffers)

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
        held = [one for one, row in zip(self._exam.found, self._exam.rows, strict=True) if row.optimizer is not None]
        names = [one.place.name for one in held]
        before = [mark(one.tensor) for one in held], [mark(ghost) for ghost in self._exam.ghosts]
        self._run(actions.step(self._names, self.loss is not None))
        updated = [name for name, then in zip(names, before[0], strict=True) if changed(then)]
        ghosts = sum(map(changed, before[1]))
        return lambda: actions.note_step(updated, ghosts, self.loss is not None)

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
        before = self._exam.rows
        self._run(actions.move(self._exam, self._names))
        return lambda: actions.note_move(before, self._exam.rows)

    # ------------------------------------------------------------------ outputs, and the end

    def _plain(self) -> str:
        return still.to_plain(self._exam.rows, self._names.model)

    def _html(self) -> str:
        return still.to_html(self._exam.rows, self._exam.orphans, self._names.model)

    def _forget(self) -> None:
        self.model = self.optimizer = self.loss = self._saved = None
        _ = self._exam.census  # can be asked for when the tensors are gone
        self._exam.found.clear()
        self._exam.ghosts.clear()
