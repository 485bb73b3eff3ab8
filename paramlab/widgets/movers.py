"""Movers: call ``.to()``, see what goes along, what stays behind, and which line then fails."""

from __future__ import annotations

import html
import sys
import traceback
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import traitlets

from ..census.frameworks import framework_of
from ..census.read import Examination, examine
from ..census.render import count
from .live import Live, script, style
from .names import Names, name_of, user_namespace

MOST = 30  # tensors that are drawn in a place
_PACKAGES = ("paramlab", "torch", "numpy")


class Movers(Live):
    """A model's tensors in the places where they are.

    ``inputs`` are what the model is called with; they can be moved too, and Run calls the model. ``name`` is what
    the lines call the model, by default the name of your variable.
    """

    _esm = script("movers")
    _css = style("movers")

    places: Any = traitlets.List().tag(sync=True)  # {name, total, items: [{name, kind, note, look}]} a place
    targets: Any = traitlets.List().tag(sync=True)  # {text, line, to} a place to go to
    result: Any = traitlets.Dict().tag(sync=True)  # {line, ok, text, at} of the last run

    def __init__(self, model: Any, *inputs: Any, name: str | None = None) -> None:
        self._framework = framework_of(model)
        for value in inputs:
            if not isinstance(value, self._framework.tensor):
                raise TypeError(f"inputs are tensors, but got {type(value).__name__!r}: Movers(model, x)")
        self.model, self.inputs = model, list(inputs)
        self._names = Names.find(model, None, None, self._framework, name)
        self._input_names = [_input_name(value, at, len(inputs)) for at, value in enumerate(inputs)]
        self._exam = examine(model, None, self._names.model)
        self._before: dict[str, tuple[Any, str]] = {}
        self._held: dict[str, list[dict[str, Any]]] = {}  # a place -> all that is there
        super().__init__(title=self._names.model)

    # ------------------------------------------------------------------ what is shown

    def _look_again(self) -> None:
        self._follow_inputs()
        self._exam = examine(self.model, None, self._names.model, earlier=self._exam)

    def _read(self) -> None:
        held: dict[str, list[dict[str, Any]]] = {}
        for place, item in self._items(self._exam):
            held.setdefault(place, []).append(item)
        self._held = held or {"nowhere": []}
        self.places = [
            {"name": name, "total": len(items), "items": _most_telling(items)}
            for name, items in sorted(self._held.items())
        ]
        self.targets = [
            {"to": target, "text": text, "line": self._moving(target)} for target, text in self._destinations()
        ]
        run = self._call()
        self.tools = [{"do": "run", "text": "Run", "icon": "step", "line": run, "on": bool(self.inputs)}]

    def _follow_inputs(self) -> None:
        """Take over inputs that a cell has bound anew."""
        namespace = user_namespace()
        for at, name in enumerate(self._input_names):
            named = namespace.get(name)
            if isinstance(named, self._framework.tensor):
                self.inputs[at] = named

    def _items(self, exam: Examination) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield each tensor with the place that it is in."""
        for found, row in zip(exam.found, exam.rows, strict=True):
            look = row.states["moves"] == "warn" and row.reasons[4] == "left"
            yield (
                _place(found.tensor),
                {"name": row.name, "kind": row.kind[0], "note": self._note(row.name, found.tensor), "look": look},
            )
        for name, value in zip(self._input_names, self.inputs, strict=True):
            yield _place(value), {"name": name, "kind": "I", "note": "the input", "look": False}

    def _note(self, name: str, tensor: Any) -> str:
        """Say what the last move did to a tensor."""
        if name not in self._before:
            return ""
        was, place = self._before[name]
        if place == _place(tensor):
            return "stayed" if was() is tensor else "another object"
        return "moved, the same object" if was() is tensor else "moved, a new object"

    def _destinations(self) -> list[tuple[str, str]]:
        """Return where one can go: devices, and dtypes."""
        devices = ["cpu", "sim"] if self._framework.name == "paramlab" else ["cpu"]
        torch: Any = self._framework.torch
        if self._framework.name == "torch" and torch.cuda.is_available():
            devices.append("cuda")
        dtypes = ["float32", "float64"]
        return [*((device, device) for device in devices if len(devices) > 1), *((dtype, dtype) for dtype in dtypes)]

    def _moving(self, target: str) -> str:
        return f"{self._names.model}.to({self._spelled(target)})"

    def _spelled(self, target: str) -> str:
        return f"{self._names.torch}.{target}" if target.startswith("float") else repr(target)

    def _call(self) -> str:
        return f"{self._names.model}({', '.join(self._input_names)})"

    def _bindings(self) -> dict[str, Any]:
        inputs = dict(zip(self._input_names, self.inputs, strict=True))
        return {self._names.torch: self._framework.torch, self._names.model: self.model, **inputs}

    def _rebound(self, namespace: dict[str, Any]) -> None:
        self.inputs = [namespace[name] for name in self._input_names]
        mine = user_namespace()
        mine.update({name: namespace[name] for name in self._input_names if name in mine})

    # ------------------------------------------------------------------ commands

    def _do_to(self, target: str) -> Callable[[], str]:
        before = {found.place.name: (weakref.ref(found.tensor), _place(found.tensor)) for found in self._exam.found}
        self._run(self._moving(target))
        self._before, self.result = before, {}
        return self._tell

    def _tell(self) -> str:
        items = [item for held in self._held.values() for item in held]
        notes = [item["note"] for item in items]
        same, new = notes.count("moved, the same object"), notes.count("moved, a new object")
        parts = [f"{same:,} moved as the same object"] * bool(same) + [f"{new:,} as a new one"] * bool(new)
        left = sum(item["look"] for item in items)
        told = (", ".join(parts) or "Nothing had to move") + "."
        return f"{told} {count(left, 'tensor')} left behind." if left else told

    def _do_input(self, target: str) -> Callable[[], str]:
        moved = ", ".join(f"{name}.to({self._spelled(target)})" for name in self._input_names)
        self._run(f"{', '.join(self._input_names)} = {moved}")
        self.result = {}
        return lambda: "Tensor.to() returns another tensor: it has to be assigned."

    def _do_run(self) -> Callable[[], str]:
        line = self._call()
        try:
            output = self._run(line)
        except Exception as error:  # what this picture is for
            self.result = {"line": line, "ok": False, "text": f"{type(error).__name__}: {error}", "at": _where(error)}
            return lambda: "It fails."
        shape = " × ".join(map(str, getattr(output, "shape", ())))
        self.result = {
            "line": line,
            "ok": True,
            "text": f"It runs{f', and returns {shape}' if shape else ''}.",
            "at": "",
        }
        return lambda: "It runs."

    # ------------------------------------------------------------------ the still picture

    def _plain(self) -> str:
        places = ", ".join(f"{place['name']} {place['total']}" for place in self.places)
        return f"Movers of {self._names.model}: {places}"

    def _html(self) -> str:
        rows = "".join(
            f'<tr><th scope="row" align="left">{html.escape(place["name"])}</th><td align="left">'
            + ", ".join(
                f"<code>{html.escape(item['name'])}</code>{' ▲ left behind' if item['look'] else ''}"
                for item in place["items"]
            )
            + f"{_and_more(place)}</td></tr>"
            for place in self.places
        )
        return f"<table><caption>{html.escape(self._plain())}</caption><tbody>{rows}</tbody></table>"

    def _forget(self) -> None:
        self.model, self.inputs = None, []
        self._exam.found.clear()


def _most_telling(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what is drawn of a place: if not all of it fits, what was left behind and the inputs go first."""
    if len(items) <= MOST:
        return items
    return sorted(items, key=lambda item: not (item["look"] or item["kind"] == "I"))[:MOST]


def _and_more(place: dict[str, Any]) -> str:
    more = place["total"] - len(place["items"])
    return f", and {more:,} more" if more else ""


def _place(tensor: Any) -> str:
    """Return where a tensor is: its device, and its precision if it has one."""
    dtype = str(tensor.dtype).removeprefix("torch.")
    return f"{tensor.device} · {dtype}"


def _input_name(value: Any, at: int, several: int) -> str:
    return name_of(value, user_namespace(), "x" if several == 1 else f"x{at + 1}")


def _where(error: BaseException) -> str:
    """Return the innermost line of the learner's own code that an error passed through."""
    frames = traceback.extract_tb(error.__traceback__)
    homes = [str(Path(sys.modules[name].__file__ or "").parent) for name in _PACKAGES if name in sys.modules]
    own = [frame for frame in frames if not any(Path(frame.filename).is_relative_to(home) for home in homes)]
    own = [frame for frame in own if frame.line and frame.filename != "<pick-up map>"]
    return f"{own[-1].name}: {own[-1].line}" if own else ""
