"""Predict: say who picks each tensor up before it is shown."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from typing import Any

import traitlets

from ..census.frameworks import check_optimizer, framework_of
from ..census.read import Examination, examine
from ..census.render import SIGNS, shape_of
from ..census.rows import LABELS, LANES, Row
from .live import Live, script, style
from .names import Names, name_of, user_namespace

MOST = 12  # tensors that are asked about unless the caller names them


class Predict(Live):
    """The pick-up map with its answers hidden until you have given yours.

    Parameters
    ----------
    model, optimizer
        A model of paramlab or PyTorch, and the optimizer that trains it.
    names
        The tensors that are asked about; by default the first twelve.
    lanes
        The questions: of ``"learns"``, ``"parameters"``, ``"optimizer"``, ``"state_dict"``, ``"moves"``; by default
        all of them, without an optimizer all but that one.
    name
        What the lines of Python call the model; by default the name of your variable.

    ``guesses`` is plain data: for each tensor the questions that you have answered, with True or False.
    """

    _esm = script("predict")
    _css = style("predict")

    heads: Any = traitlets.List().tag(sync=True)  # one [lane, label] a question
    rows: Any = traitlets.List().tag(sync=True)  # {name, kind, shape} a tensor
    given: Any = traitlets.List().tag(sync=True)  # a string a tensor: y, n or a dot for each question
    answers: Any = traitlets.List().tag(sync=True)  # as given, and empty until they are revealed
    reasons: Any = traitlets.List().tag(sync=True)  # a list of [state, sentence] a tensor, empty until then

    def __init__(
        self,
        model: Any,
        optimizer: Any = None,
        *,
        names: Sequence[str] | None = None,
        lanes: Sequence[str] | None = None,
        name: str | None = None,
    ) -> None:
        check_optimizer(optimizer)
        self.model, self.optimizer = model, optimizer
        self._lanes = _asked(lanes, optimizer is not None)
        self._names = Names.find(model, optimizer, None, framework_of(model), name)
        self._exam = self._look()
        self._asked = list(names) if names is not None else [row.name for row in self._exam.rows[:MOST]]
        for asked in self._asked:
            _ = self._exam.census[asked]  # a KeyError that says which names there are
        self.guesses: dict[str, dict[str, bool]] = {asked: {} for asked in self._asked}
        self.revealed = False
        super().__init__(title=self._names.model)

    def guess(self, tensor: str, **lanes: bool | None) -> None:
        """Answer questions about a tensor: ``guess("scale", parameters=False)``; None takes an answer back.

        ``KeyError`` for a tensor or a question that was not asked, ``RuntimeError`` once the answers are shown.
        """
        if self.revealed:
            raise RuntimeError("the answers are shown already. start_again() hides them and asks anew.")
        if tensor not in self.guesses:
            raise KeyError(f"{tensor!r} was not asked about, but {', '.join(self._asked)}")
        for lane, answer in lanes.items():
            if lane not in self._lanes:
                raise KeyError(f"{lane!r} was not asked, but {', '.join(self._lanes)}")
            if answer is None:
                self.guesses[tensor].pop(lane, None)
            else:
                self.guesses[tensor][lane] = bool(answer)
        self.refresh()

    def reveal(self) -> None:
        """Show the answers beside your guesses, each with its reason."""
        self.revealed = True
        self.refresh()

    def start_again(self) -> None:
        """Hide the answers and forget the guesses."""
        self.revealed = False
        self.guesses = {asked: {} for asked in self._asked}
        self.refresh()

    @property
    def score(self) -> tuple[int, int]:
        """How many of the questions were answered right, and how many there are."""
        right = [
            self.guesses[row.name].get(lane) is self._answer(row, lane) for row in self._rows() for lane in self._lanes
        ]
        return sum(right), len(right)

    # ------------------------------------------------------------------ what is shown

    def _look(self, earlier: Examination | None = None) -> Examination:
        return examine(self.model, self.optimizer, self._names.model, self._names.optimizer, earlier)

    def _rows(self) -> list[Row]:
        known = {row.name: row for row in self._exam.rows}
        return [known[name] for name in self._asked if name in known]

    def _answer(self, row: Row, lane: str) -> bool:
        return row.optimizer is not None if lane == "optimizer" else bool(getattr(row, lane))

    def _look_again(self) -> None:
        self._exam = self._look(self._exam)

    def _read(self) -> None:
        rows = self._rows()
        self.heads = [[lane, LABELS[lane]] for lane in self._lanes]
        self.rows = [{"name": row.name, "kind": row.kind[0], "shape": shape_of(row)} for row in rows]
        self.given = ["".join(_sign(self.guesses[row.name].get(lane)) for lane in self._lanes) for row in rows]
        shown = rows if self.revealed else []
        self.answers = ["".join(_sign(self._answer(row, lane)) for lane in self._lanes) for row in shown]
        self.reasons = [[[row.states[lane], row.why[lane]] for lane in self._lanes] for row in shown]
        open_cells = sum(given.count(".") for given in self.given)
        mine = self._mine()
        self.tools = [
            {"do": "reveal", "text": "Reveal", "line": f"{mine}.reveal()", "on": not (self.revealed or open_cells)},
            {"do": "again", "text": "Start again", "icon": "again", "line": f"{mine}.start_again()", "on": True},
        ]

    def _mine(self) -> str:
        """Return the variable that holds this widget."""
        return name_of(self, user_namespace(), "predict")

    def _bindings(self) -> dict[str, Any]:
        return {self._mine(): self}

    # ------------------------------------------------------------------ commands

    def _do_guess(self, name: str, lane: str, answer: bool | None) -> Callable[[], str]:
        self._run(f"{self._mine()}.guess({name!r}, {lane}={answer})")
        left = sum(given.count(".") for given in self.given)
        return lambda: f"{left} to go." if left else "Every question has an answer: reveal."

    def _do_reveal(self) -> Callable[[], str]:
        self._run(f"{self._mine()}.reveal()")
        return lambda: "{} of {} right.".format(*self.score)

    def _do_again(self) -> Callable[[], str]:
        self._run(f"{self._mine()}.start_again()")
        return lambda: ""

    # ------------------------------------------------------------------ the still picture

    def _plain(self) -> str:
        right, total = self.score
        told = f"{right} of {total} right" if self.revealed else f"{total} questions"
        return f"Predict who picks up the tensors of {self._names.model}: {told}"

    def _html(self) -> str:
        head = "".join(f'<th scope="col" align="left">{html.escape(LABELS[lane])}</th>' for lane in self._lanes)
        body = "".join(
            f'<tr><th scope="row" align="left"><code>{html.escape(row.name)}</code></th>'
            f'<td align="left">{row.kind}</td>'
            + "".join(f'<td align="left">{self._cell(row, lane)}</td>' for lane in self._lanes)
            + "</tr>"
            for row in self._rows()
        )
        return (
            f"<table><caption>{html.escape(self._plain())}</caption><thead><tr>"
            f'<th scope="col" align="left">tensor</th><th scope="col" align="left">kind</th>{head}</tr></thead>'
            f"<tbody>{body}</tbody></table><p>A still picture: run the notebook to answer.</p>"
        )

    def _cell(self, row: Row, lane: str) -> str:
        if not self.revealed:
            return "?"
        return f"{SIGNS[row.states[lane]]} {'yes' if self._answer(row, lane) else 'no'}"

    def _forget(self) -> None:
        self.model = self.optimizer = None
        self._exam.found.clear()
        self._exam.ghosts.clear()


def _asked(lanes: Sequence[str] | None, has_optimizer: bool) -> tuple[str, ...]:
    if lanes is None:
        return tuple(lane for lane in LANES if has_optimizer or lane != "optimizer")
    for lane in lanes:
        if lane not in LANES:
            raise ValueError(f"there is no question {lane!r}. Ask of {', '.join(LANES)}")
    return tuple(lanes)


def _sign(answer: bool | None) -> str:
    return "." if answer is None else "y" if answer else "n"
