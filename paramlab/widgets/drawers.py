"""Drawers: see into which of a module's dicts an assignment falls."""

from __future__ import annotations

import ast
import html
from collections.abc import Callable
from typing import Any

import traitlets

from ..census.frameworks import framework_of, is_buffer
from .live import Live, script, style
from .names import Names

DRAWERS = ("_parameters", "_buffers", "_modules", "__dict__")
ERROR = "an error"

# Lines to guess at, the plain ones first; {m} is the module. Later ones assign over what earlier ones made.
CARDS = (
    "{m}.a = {nn}.Parameter({torch}.ones(3))",
    "{m}.b = {nn}.Buffer({torch}.ones(3))",
    "{m}.c = {nn}.Linear(2, 2)",
    "{m}.d = {torch}.ones(3)",
    "{m}.e = {torch}.ones(3, requires_grad=True)",
    "{m}.f = [{nn}.Parameter({torch}.ones(3))]",
    "{m}.g = {nn}.ParameterList([{torch}.ones(3)])",
    "{m}.h = {nn}.Parameter({torch}.ones(3)) * 0.1",
    "{m}.a = {torch}.zeros(3)",
    "{m}.a = None",
    "{m}.b = {torch}.zeros(3)",
    "{m}.b = 3.0",
    "{m}.d = {nn}.Parameter({m}.d)",
)


class Drawers(Live):
    """What ``module.name = value`` does: guess into which drawer it falls, run the line, and see.

    ``module`` is a module of paramlab or PyTorch; ``nn.Module()`` will do. ``name`` is what the lines call it,
    by default the name of your variable. ``guesses`` keeps, in order, each line with your guess and the answer:
    one of ``_parameters``, ``_buffers``, ``_modules``, ``__dict__`` and ``an error``.
    """

    _esm = script("drawers")
    _css = style("drawers")

    drawers: Any = traitlets.List().tag(sync=True)  # {name, says, items: [{name, kind, text, new}]} a drawer
    cards: Any = traitlets.List().tag(sync=True)  # {line, done} a card
    line = traitlets.Unicode("").tag(sync=True)  # the line that is about to be run
    outcome: Any = traitlets.Dict().tag(sync=True)  # {line, guess, answer, why} of the line that was run

    def __init__(self, module: Any, *, name: str | None = None) -> None:
        self.module = module
        self._framework = framework_of(module)
        self._names = Names.find(module, None, None, self._framework, name)
        fill = {"m": self._names.model, "torch": self._names.torch, "nn": self._names.nn}
        self._cards = [card.format(**fill) for card in CARDS]
        self._done: set[str] = set()
        self._touched = ""
        self.guesses: list[tuple[str, str, str]] = []
        super().__init__(title=self._names.model, line=self._cards[0])

    @property
    def score(self) -> tuple[int, int]:
        """How many guesses were right, and how many there were."""
        return sum(guess == answer for _, guess, answer in self.guesses), len(self.guesses)

    # ------------------------------------------------------------------ what is shown

    def _read(self) -> None:
        self.drawers = [{"name": drawer, "says": _SAYS[drawer], "items": self._items(drawer)} for drawer in DRAWERS]
        self.cards = [{"line": card, "done": card in self._done} for card in self._cards]
        self.tools = [
            {"do": "empty", "text": "Empty", "icon": "again", "line": self._emptying(), "on": bool(self._mine())}
        ]

    def _items(self, drawer: str) -> list[dict[str, Any]]:
        held = self._held(drawer)
        return [
            {"name": name, "kind": self._kind(drawer, value), "text": _describe(value), "new": name == self._touched}
            for name, value in held.items()
        ]

    def _held(self, drawer: str) -> dict[str, Any]:
        """Return what is in a drawer; of ``__dict__`` only what is not the module's own."""
        inside = vars(self.module)
        if drawer != "__dict__":
            return dict(inside.get(drawer) or {})
        blank = set(vars(self._framework.module()))
        return {name: value for name, value in inside.items() if name not in blank}

    def _kind(self, drawer: str, value: Any) -> str:
        if drawer == "_buffers":
            return "B"
        if isinstance(value, self._framework.parameter):
            return "P"
        if isinstance(value, self._framework.tensor):
            return "B" if is_buffer(value) else "T"
        return "M" if isinstance(value, self._framework.module) else ""

    def _where(self, name: str) -> str:
        """Return the drawer that a name is in."""
        return next((drawer for drawer in DRAWERS if name in vars(self.module).get(drawer, {})), "__dict__")

    def _mine(self) -> list[str]:
        """Return the names that the cards have filled."""
        names = dict.fromkeys(_target(card) for card in self._cards)
        return [name for name in names if any(name in self._held(drawer) for drawer in DRAWERS)]

    def _emptying(self) -> str:
        return "; ".join(f"del {self._names.model}.{name}" for name in self._mine())

    def _bindings(self) -> dict[str, Any]:
        bound = {self._names.torch: self._framework.torch, self._names.model: self.module}
        return bound if "." in self._names.nn else bound | {self._names.nn: self._framework.nn}

    # ------------------------------------------------------------------ commands

    def _do_choose(self, line: str) -> Callable[[], str]:
        self.line, self.outcome = line, {}
        return lambda: ""

    def _do_guess(self, line: str, guess: str) -> Callable[[], str]:
        self.line = line
        name = _target(line)
        before = self._where(name) if self._holds(name) else ""
        error = ""
        try:
            self._run(line)
        except Exception as raised:  # an answer, not a mishap
            error = f"{type(raised).__name__}: {raised}"
        answer = ERROR if error else self._where(name)
        self._touched = "" if error else name
        self._done.add(line)
        self.guesses.append((line, guess, answer))
        why = error or self._why(name, before, answer)
        self.outcome = {"line": line, "guess": guess, "answer": answer, "why": why}
        told = "Right" if guess == answer else "Not quite"
        return lambda: f"{told}: {answer}."

    def _do_empty(self) -> Callable[[], str]:
        self._run(self._emptying())
        self._done.clear()
        self._touched, self.line, self.outcome = "", self._cards[0], {}
        return lambda: "Everything the cards made is gone."

    def _holds(self, name: str) -> bool:
        return any(name in vars(self.module).get(drawer, {}) for drawer in DRAWERS) or name in vars(self.module)

    def _why(self, name: str, before: str, answer: str) -> str:
        """Return why the value fell where it did."""
        held = vars(self.module)
        value = held[answer][name] if answer != "__dict__" else held[name]
        if value is None:
            return "None keeps the name and its place in the order. Nothing is listed, saved or moved."
        if before and before != answer:
            return f"A name lives in one drawer: it left {before}. {_WHY[answer]}"
        if answer == "_buffers" and not is_buffer(value):
            return "The name belongs to a Buffer, and a tensor assigned over a Buffer takes its place."
        if answer == "__dict__" and isinstance(value, self._framework.tensor):
            return _of_a_tensor(value)
        return _CONTAINER if answer == "__dict__" and isinstance(value, (list, tuple, dict, set)) else _WHY[answer]

    # ------------------------------------------------------------------ the still picture

    def _plain(self) -> str:
        counts = ", ".join(f"{drawer} {len(self._held(drawer))}" for drawer in DRAWERS)
        return f"Drawers of {self._names.model}: {counts}"

    def _html(self) -> str:
        rows = "".join(
            f'<tr><th scope="row" align="left"><code>{drawer}</code></th><td align="left">'
            f'{html.escape(", ".join(self._held(drawer)) or "empty")}</td><td align="left">{_SAYS[drawer]}</td></tr>'
            for drawer in DRAWERS
        )
        return f"<table><caption>{html.escape(self._plain())}</caption><tbody>{rows}</tbody></table>"


def _target(line: str) -> str:
    """Return the attribute that a line assigns; ``ValueError`` if it is no assignment to an attribute."""
    try:
        statement = ast.parse(line).body[0]
    except (SyntaxError, IndexError):
        statement = None
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    if len(targets) != 1 or not isinstance(targets[0], ast.Attribute):
        raise ValueError(f"{line!r} is no assignment to an attribute, such as layer.x = 3")
    return targets[0].attr


def _of_a_tensor(value: Any) -> str:
    """Return why a plain tensor is an ordinary attribute."""
    if not value.requires_grad:
        return _PLAIN
    return _PLAIN_GRAD if value.is_leaf else _COMPUTED


def _describe(value: Any) -> str:
    """Return what a value is, without what differs from run to run."""
    if hasattr(value, "shape"):
        return " × ".join(map(str, value.shape)) or "scalar"
    return repr(value) if isinstance(value, (int, float, str, bool, type(None))) else type(value).__name__


_SAYS = {
    "_parameters": "Listed, saved, moved.",
    "_buffers": "Saved and moved, never listed.",
    "_modules": "Whoever asks goes on inside.",
    "__dict__": "Nobody looks in here.",
}
_WHY = {
    "_parameters": "It is a Parameter, and Module.__setattr__ puts every Parameter into _parameters.",
    "_buffers": "It is a Buffer, and Module.__setattr__ puts every Buffer into _buffers.",
    "_modules": "It is a Module, and Module.__setattr__ puts every Module into _modules.",
    "__dict__": "It is neither Parameter, Buffer nor Module: an ordinary attribute.",
}
_PLAIN = "A plain Tensor is an ordinary attribute: no consumer looks for it."
_PLAIN_GRAD = "requires_grad=True does not make a Parameter: this is a plain Tensor, an ordinary attribute."
_COMPUTED = "What is computed of a Parameter is a plain Tensor, so this is an ordinary attribute."
_CONTAINER = "A Python container is an ordinary attribute, and nobody looks inside, whatever it holds."
