"""Heartbeat: a training loop one beat at a time, who wrote each tensor last, and the graph of the loss."""

from __future__ import annotations

import html
import math
from collections.abc import Callable, Iterator
from typing import Any

import traitlets

from ..census.diff import Mark, changed, mark
from ..census.frameworks import check_optimizer, framework_of
from ..census.graph import Graph, Node, read_graph
from ..census.layout import layered
from ..census.read import examine
from ..census.render import shape_of
from ..census.rows import Row
from . import beats
from .columns import colours
from .live import Live, script, style
from .names import Names, current_optimizer, user_namespace

MOST_ROWS = 200  # tensors in the table
MOST_LOSSES = 100  # values in the curve
_LABEL = 26  # characters of a name in the graph
_CHARACTER, _MARGIN, _SIGN = 6.7, 20.0, 17.0  # px, what a box of the graph is as wide as

Marks = tuple[Mark, Mark | None]  # of a tensor, and of its gradient
Stamp = tuple[str, int]  # who wrote, and at which beat


class Heartbeat(Live):
    """A training loop that beats when you say so.

    Parameters
    ----------
    model, optimizer
        A model of paramlab or PyTorch, and the optimizer that trains it.
    loss
        A function without arguments that returns a loss, a scalar tensor.
    name
        What the lines of Python call the model; by default the name of your variable.

    ``beat`` counts the beats, ``losses`` has the values of the loss so far.
    """

    _esm = script("heartbeat")
    _css = style("heartbeat")

    pulse: Any = traitlets.List().tag(sync=True)  # {do, line, next} a beat
    rows: Any = traitlets.List().tag(sync=True)  # {name, kind, shape, leaf, values, by, grad, grad_by} a tensor
    more = traitlets.Unicode("").tag(sync=True)  # how many tensors the table leaves out
    writers = traitlets.Dict(beats.WRITERS).tag(sync=True)
    graph: Any = traitlets.Dict().tag(sync=True)  # {nodes, edges, width, says, walked}
    curve: Any = traitlets.List().tag(sync=True)  # values of the loss, null for one that is no number
    beat = traitlets.Int(0).tag(sync=True)
    training = traitlets.Bool(True).tag(sync=True)

    def __init__(self, model: Any, optimizer: Any, loss: Callable[[], Any], name: str | None = None) -> None:
        check_optimizer(optimizer)
        if optimizer is None:
            raise TypeError("without an optimizer nothing beats: Heartbeat(model, optimizer, loss=loss)")
        if not callable(loss):
            raise TypeError(
                f"loss is a function without arguments that returns a loss, but got {type(loss).__name__!r}: "
                "Heartbeat(model, optimizer, loss=lambda: model(x).sum())"
            )
        self.model, self.optimizer, self.loss = model, optimizer, loss
        self._framework = framework_of(model)
        self._names = Names.find(model, optimizer, loss, self._framework, name)
        self._variable = "l" if self._names.loss != "l" else "value"
        self._exam = examine(model, optimizer, self._names.model, self._names.optimizer)
        self._value: Any = None  # the loss of the last forward pass, which keeps its graph alive
        self._walked = False
        self._last, self._next = "", beats.ORDER[0]
        self._marks = self._marks_now()
        self._by: dict[str, Stamp] = {}  # who wrote a tensor last
        self._grad_by: dict[str, Stamp] = {}
        self.losses: list[float] = []
        super().__init__(title=self._names.model)

    # ------------------------------------------------------------------ what is shown

    def _look_again(self) -> None:
        self.optimizer = current_optimizer(self.optimizer, self._names.optimizer, self._exam)
        self._notice(beats.CELL)

    def _read(self) -> None:
        self._follow_loss()
        names = self._tensor_names()
        self.rows = [self._row(row, tensor, names) for row, tensor in self._tensors()][:MOST_ROWS]
        total = len(self._marks)
        self.more = f"{MOST_ROWS} of {total:,} tensors are shown." if total > MOST_ROWS else ""
        self.graph = {} if self._value is None else self._draw(read_graph(self._value, names))
        self.curve = [value if math.isfinite(value) else None for value in self.losses[-MOST_LOSSES:]]
        self.training = bool(self.model.training)
        lines = self._lines()
        self.pulse = [{"do": beat, "line": lines[beat], "next": beat == self._next} for beat in beats.ORDER]
        mode = "eval" if self.training else "train"
        self.tools = [
            {"do": "whole", "text": "Whole step", "icon": "step", "line": "; ".join(lines.values()), "on": True},
            {"do": "mode", "text": f"To {mode} mode", "icon": "", "line": self._mode_line(), "on": True},
        ]

    def _follow_loss(self) -> None:
        """Take over a loss that a cell has computed under the name that the lines use."""
        named = user_namespace().get(self._variable)
        if named is not self._value and self._is_loss(named):
            self._take(named)

    def _take(self, value: Any) -> None:
        """Keep the loss of a forward pass."""
        self._value = value if isinstance(value, self._framework.tensor) else None
        self._walked = False
        if self._is_loss(value):
            self.losses.append(float(value.item()))

    def _is_loss(self, value: Any) -> bool:
        """Return whether a value is a scalar tensor."""
        return isinstance(value, self._framework.tensor) and getattr(value, "ndim", None) == 0

    def _tensors(self) -> Iterator[tuple[Row, Any]]:
        """Yield each row with its tensor: those of the model, then those that only the optimizer still has."""
        yield from zip(self._exam.rows, (found.tensor for found in self._exam.found), strict=True)
        yield from zip(self._exam.orphans, self._exam.ghosts, strict=True)

    def _tensor_names(self) -> dict[int, str]:
        """Return what the nodes of the graph are called: names in the model, then those in the notebook."""
        names = {id(self._value): self._variable}
        for row, tensor in self._tensors():
            names.setdefault(id(tensor), row.name)
        for key, value in list(user_namespace().items()):
            if isinstance(value, self._framework.tensor) and not key.startswith("_"):
                names.setdefault(id(value), key)
        return names

    def _row(self, row: Row, tensor: Any, names: dict[int, str]) -> dict[str, Any]:
        grad = _grad(tensor)
        return {
            "name": row.name,
            "kind": _kind(row),
            "shape": shape_of(row),
            "leaf": names[id(tensor)],
            "values": colours(tensor),
            "by": self._by.get(row.name, ("", 0)),
            "grad": None if grad is None else colours(grad),
            "grad_by": self._grad_by.get(row.name, ("", 0)),
        }

    def _draw(self, graph: Graph) -> dict[str, Any]:
        """Return the graph with the places of its nodes, in px across and in layers down."""
        kinds = {row.name: _kind(row) for row, _ in reversed(list(self._tensors()))}
        labels = [_label(node) for node in graph.nodes]
        widths = [
            _CHARACTER * len(label) + _MARGIN + _SIGN * (node.what == "leaf")
            for node, label in zip(graph.nodes, labels, strict=True)
        ]
        layout = layered(widths, graph.edges)
        nodes = [
            {
                "title": node.title,
                "label": labels[at],
                "what": node.what,
                "kind": kinds.get(node.title, "T") if node.what == "leaf" else "",
                "leaves": node.leaves,
                "freed": node.freed,
                "says": beats.tell_node(graph, at),
                "x": round(layout.xs[at], 1),
                "layer": layout.layers[at],
                "width": round(widths[at], 1),
            }
            for at, node in enumerate(graph.nodes)
        ]
        return {
            "nodes": nodes,
            "edges": [
                [start, end, [[round(x, 1), y] for x, y in points]] for (start, end), points in layout.routes.items()
            ],
            "width": round(layout.width, 1),
            "says": beats.tell_graph(graph),
            "walked": self._walked or any(node.freed for node in graph.nodes),
        }

    # ------------------------------------------------------------------ who wrote what

    def _notice(self, who: str) -> beats.Written:
        """Find out what was written to since the last time, and note that it was ``who``."""
        names = self._names
        self._exam = examine(self.model, self.optimizer, names.model, names.optimizer, earlier=self._exam)
        before, self._marks = self._marks, self._marks_now()
        written, stamp = beats.Written(), (who, self.beat)
        for name, (values, grad) in self._marks.items() if before else ():
            old_values, old_grad = before.get(name, (None, None))
            if _differs(old_values, values):
                self._by[name] = stamp
                written.values.append(name)
            if _differs(old_grad, grad):
                self._grad_by[name] = stamp
                if grad is None:
                    written.gone.append(name)
                else:
                    written.grads[name] = old_grad is not None
        return written

    def _marks_now(self) -> dict[str, Marks]:
        return {row.name: _marks(tensor) for row, tensor in self._tensors()}

    # ------------------------------------------------------------------ commands

    def _lines(self) -> dict[str, str]:
        return beats.lines(self._names, self._variable)

    def _mode_line(self) -> str:
        return f"{self._names.model}.{'eval' if self.model.training else 'train'}()"

    def _bindings(self) -> dict[str, Any]:
        names = self._names
        bound = {names.model: self.model, names.optimizer: self.optimizer, names.loss: self.loss}
        return bound if self._value is None else bound | {self._variable: self._value}

    def _rebound(self, namespace: dict[str, Any]) -> None:
        value = namespace.get(self._variable)
        if value is not self._value:
            self._take(value)
            user_namespace()[self._variable] = value

    def _beat(self, which: str) -> str:
        """Play a beat, and return what it did."""
        self._notice(beats.CELL)  # what was written before is none of its doing
        waiting = sum(grad is not None for _, grad in self._marks.values())
        self.beat += 1
        failed = True
        try:
            self._run(self._lines()[which])
            failed = False
        finally:
            written = self._notice(which)
            again, self._last = self._last == which, which
            self._next = beats.following(which, failed)
        if which == "backward":
            self._walked = True
        return beats.note(which, written, self._told_loss(), waiting, again)

    def _told_loss(self) -> str:
        return f"{self.losses[-1]:.4g}" if self._is_loss(self._value) else ""

    def _do_beat(self, which: str) -> Callable[[], str]:
        told = self._beat(which)
        return lambda: told

    def _do_whole(self) -> Callable[[], str]:
        for which in beats.ORDER:
            told = self._beat(which)
        self.last = {"code": "; ".join(self._lines().values()), "note": "", "bad": False}
        return lambda: f"The loss was {self._told_loss()}. {told}"

    def _do_mode(self) -> Callable[[], str]:
        self._run(self._mode_line())
        training = "a forward pass writes running statistics, and dropout drops"
        evaluating = "a forward pass writes nothing, and dropout lets everything through"
        return lambda: (
            f"In {'training' if self.model.training else 'eval'} mode: "
            + (f"{training if self.model.training else evaluating}.")
        )

    # ------------------------------------------------------------------ the still picture

    def _plain(self) -> str:
        loss = f", the loss is {self.losses[-1]:.4g}" if self.losses else ""
        return f"Heartbeat of {self._names.model} at beat {self.beat}{loss}"

    def _html(self) -> str:
        head = "".join(
            f'<th scope="col" align="left">{title}</th>'
            for title in ("tensor", "kind", "written last by", ".grad", "written last by")
        )
        rows = "".join(
            f'<tr><th scope="row" align="left"><code>{html.escape(row["name"])}</code></th>'
            f'<td align="left">{_KINDS[row["kind"]]}</td><td align="left">{_told(row["by"])}</td>'
            f'<td align="left">{"None" if row["grad"] is None else "a tensor"}</td>'
            f'<td align="left">{_told(row["grad_by"])}</td></tr>'
            for row in self.rows
        )
        graph = f"<p>The graph of the loss: {self.graph['says']}.</p>" if self.graph else ""
        return (
            f"<table><caption>{html.escape(self._plain())}</caption><thead><tr>{head}</tr></thead>"
            f"<tbody>{rows}</tbody></table>{graph}<p>A still picture: run the notebook to hear it beat.</p>"
        )

    def _forget(self) -> None:
        self.model = self.optimizer = self._value = None
        self._exam.found.clear()
        self._exam.ghosts.clear()


_KINDS = {"P": "Parameter", "B": "Buffer", "T": "Tensor", "G": "only in the optimizer"}


def _kind(row: Row) -> str:
    return "G" if "ghost-held" in row.reasons else row.kind[0]


def _told(stamp: Stamp) -> str:
    who, beat = stamp
    return beats.WRITERS[who] + (f", beat {beat}" if who and who != beats.CELL else "")


def _label(node: Node) -> str:
    """Return what fits into a box: of a long name its end, which tells more."""
    return node.title if len(node.title) <= _LABEL else f"…{node.title[1 - _LABEL :]}"


def _grad(tensor: Any) -> Any:
    """Return the gradient of a leaf; to ask what is none for it brings a warning."""
    return tensor.grad if tensor.is_leaf else None


def _marks(tensor: Any) -> Marks:
    grad = _grad(tensor)
    return mark(tensor), None if grad is None else mark(grad)


def _differs(then: Mark | None, now: Mark | None) -> bool:
    """Return whether something was written in between, or another object put there."""
    if then is None or now is None:
        return then is not now
    return then.tensor() is not now.tensor() or changed(then, now)
