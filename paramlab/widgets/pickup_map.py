"""The pick-up map: a model's tensors and who picks each of them up, live in a notebook.

Python is the only source of truth. The browser draws what these traits say and sends commands; a command
becomes a line of Python, which is run, and the model is read again.
"""

from __future__ import annotations

import sys
import weakref
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from ..census.diff import changed, mark
from ..census.frameworks import check_optimizer
from ..census.read import examine
from ..census.reasons import REASONS
from ..census.rows import LABELS, LANES, Census, Row
from . import actions, still
from .columns import CODES, Columns, Line, Memory, columns
from .names import Names, run_line, user_namespace

_STATIC = Path(__file__).parent / "static"
_SENTENCES = {CODES[code]: [reason.state, reason.text] for code, reason in REASONS.items()}


class PickupMap(anywidget.AnyWidget):
    """A live map of who picks each tensor of a model up. Use ``paramlab.explore`` to make one."""

    _esm = _STATIC / "pickup_map.js"
    _css = _STATIC / "pickup_map.css"

    title = traitlets.Unicode("model").tag(sync=True)
    lanes = traitlets.List([LABELS[lane] for lane in LANES]).tag(sync=True)
    reasons = traitlets.Dict(_SENTENCES).tag(sync=True)  # one character -> state and sentence; sent once
    tree = traitlets.Dict().tag(sync=True)  # depth, label and shape a line; sent when the structure changes
    devices: Any = traitlets.List().tag(sync=True)
    facts = traitlets.Dict().tag(sync=True)  # line -> what its sentences leave open
    flags = traitlets.Unicode("").tag(sync=True)  # nine characters a line
    values = traitlets.Unicode("").tag(sync=True)  # eight characters a line
    tools: Any = traitlets.List().tag(sync=True)
    last: Any = traitlets.Dict({"code": "", "note": "", "bad": False}).tag(
        sync=True
    )  # the line of Python that was run, and what came of it
    trouble = traitlets.Unicode("").tag(sync=True)  # why the model could not be read

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
        super().__init__(title=self._names.model, _view_count=0)
        _allow_in_colab()
        self.refresh()
        self.on_msg(self._obey)
        self._unfollow = _follow(self)

    @property
    def census(self) -> Census:
        """The census that is on show."""
        return self._exam.census

    def refresh(self) -> None:
        """Read the model again and show what it is now. A cell that ends does this by itself."""
        try:
            self._find_optimizer()
            self._exam = examine(self.model, self.optimizer, self._names.model, self._names.optimizer)
            seen = columns(self._exam, self._memory)
        except Exception as error:  # a model that is being built may be broken in any way
            self.trouble = f"The model could not be read. {type(error).__name__}: {error}"
            return
        self._show(seen)

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
        with self.hold_sync():
            self.trouble = ""
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
        return [{"do": do, "text": text, "line": line, "on": on} for do, text, line, on in rows]

    # ------------------------------------------------------------------ commands

    def _obey(self, _: Any, message: dict[str, Any], buffers: Any) -> None:
        """Do what a click asked for; whatever goes wrong is shown where the learner looks."""
        arguments = {key: value for key, value in message.items() if key in ("path", "kind")}
        note, failed = "", False
        try:
            tell = getattr(self, f"_do_{message['do']}")(**arguments)
        except Exception as error:
            note, failed = f"{type(error).__name__}: {error}", True
        self.refresh()
        if not failed and not self.trouble:
            note = tell()  # what came of it is read from the model as it is now
        self.last = {"code": self.last["code"], "note": note, "bad": failed}
        self.send({"done": message["do"]})

    def _run(self, line: str) -> Any:
        """Show a line and run it, under the names that the learner uses."""
        names = self._names
        framework = self._exam.framework
        self.last = {"code": line, "note": "", "bad": False}
        namespace = {**user_namespace(), names.torch: framework.torch, names.loss: self.loss, "saved": self._saved}
        if "." not in names.nn:
            namespace[names.nn] = framework.nn
        namespace |= {names.model: self.model, names.optimizer: self.optimizer}
        result = run_line(line, namespace)
        self._saved = namespace["saved"]
        if self.optimizer is None and namespace[names.optimizer] is not None:
            self.optimizer = namespace[names.optimizer]
            user_namespace().setdefault(names.optimizer, self.optimizer)
        return result

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

    def __repr__(self) -> str:
        return still.to_plain(self.census, self._names.model)

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        return still.bundle(super()._repr_mimebundle_(**kwargs), self.census, self._names.model)

    def close(self) -> None:
        """Stop following the model, and take the map off the page."""
        if hasattr(self, "_unfollow"):  # else it was never finished
            self._unfollow()
            self.model = self.optimizer = self.loss = self._saved = None
            self._exam = replace(self._exam, found=[], ghosts=[])
        super().close()


def _follow(widget: PickupMap) -> Callable[[], None]:
    """Refresh the map whenever a cell ends, without keeping it alive; return the function that stops this."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if shell is None:
        return lambda: None
    here = weakref.ref(widget, lambda _: stop())
    was_on_a_page = False

    def after_cell(*_: Any) -> None:
        nonlocal was_on_a_page
        live = here()
        if live is None:
            stop()
            return
        if live._view_count:
            was_on_a_page = True
        if live._view_count or not was_on_a_page:  # a map that was taken off its page need not be drawn
            live.refresh()

    def stop() -> None:
        with suppress(ValueError):
            shell.events.unregister("post_run_cell", after_cell)

    def on_views(change: Any) -> None:
        live = here()
        if live is not None and change["new"] and not change["old"]:
            live.refresh()

    shell.events.register("post_run_cell", after_cell)
    widget.observe(on_views, "_view_count")
    return stop


def _allow_in_colab() -> None:
    """Google Colab shows widgets of others only after it was asked to."""
    if "google.colab" in sys.modules:
        import_module("google.colab.output").enable_custom_widget_manager()
