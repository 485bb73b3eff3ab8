"""What an exercise earns: its outcomes, which are claims, beside what the unmodified package answers here."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from types import FunctionType
from typing import Any

from ..workshop.catalogue import TASKS
from ..workshop.checking import SEED, reference_answer, seed_of_variant
from ..workshop.judging import judge_piece, judge_prediction
from ..workshop.source import wrong_signature
from ..workshop.tasks import Definition, Piece, Prediction
from ..workshop.verdict import Line, Verdict
from .runner import Came, Exercise
from .taking import Taken

# What a piece has no need of. It is no proof of anything: an instructor may want to look at the code.
INSIDES = frozenset(
    (
        *("_getframe", "_current_frames", "f_back", "f_locals", "f_globals", "tb_frame", "gi_frame", "__traceback__"),
        *("__code__", "__globals__", "__closure__", "__subclasses__", "__builtins__", "__loader__", "__spec__"),
        *("settrace", "setprofile", "gc", "ctypes", "inspect", "sys", "os", "subprocess", "socket", "threading"),
        *("signal", "builtins", "importlib", "linecache", "atexit", "eval", "exec", "compile", "open", "__import__"),
        *("globals", "paramlab.cases", "paramlab.workshop"),
    )
)


@dataclass(frozen=True)
class Result:
    """A task's verdict as plain data: what the journal keeps and the reports show."""

    task: str
    points: float
    out_of: float
    lines: tuple[Line, ...] = ()
    hint: str = ""
    notes: tuple[str, ...] = ()
    look: tuple[str, ...] = ()

    @classmethod
    def of(cls, verdict: Verdict, look: tuple[str, ...] = ()) -> Result:
        """Return a verdict's; ``look`` is what in the code an instructor may want to see."""
        return cls(verdict.name, float(verdict), verdict.out_of, verdict.lines, verdict.hint, verdict.notes, look)

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> Result:
        """Return what ``as_data`` was made of."""
        lines = tuple(Line(*line) for line in data["lines"])
        texts = (data["hint"], tuple(data["notes"]), tuple(data["look"]))
        return cls(data["task"], data["points"], data["out_of"], lines, *texts)

    def as_data(self) -> dict[str, Any]:
        """Return it as plain data."""
        lines = [[line.right, line.tried, line.expected, line.got] for line in self.lines]
        return {**vars(self), "lines": lines, "notes": list(self.notes), "look": list(self.look)}

    @property
    def verdict(self) -> Verdict:
        """The verdict, which knows how to show itself."""
        return Verdict(self.points, self.out_of, self.task, self.lines, self.hint, self.notes)


class Judge:
    """Knows the right answers for this run's seeds; they are found before anything of a learner's runs."""

    def __init__(self, tasks: Iterable[str], seed: int, variant: str = "", *, one_for_all: bool = False) -> None:
        """With ``one_for_all`` each case is tried with ``seed`` itself, as a notebook's check does.

        A prediction is about the numbers that its notebook has: those of the variant that was handed out.
        """
        seed_of = (lambda seed, _: seed) if one_for_all else _seed_of
        self._seeds = {name: [seed_of(seed, case.name) for case in _cases(name)] for name in tasks}
        shown = seed_of_variant(variant) if variant else SEED
        self._seeds |= {name: [shown] for name in self._seeds if isinstance(TASKS[name], Prediction)}
        self._answers = {
            name: [reference_answer(*one) for one in zip(_cases(name), seeds, strict=True)]
            for name, seeds in self._seeds.items()
        }

    def rows(self) -> dict[str, list[str]]:
        """Return the entries of each prediction's answer."""
        return {name: list(answer[0]) for name, answer in self._answers.items() if isinstance(TASKS[name], Prediction)}

    def answer(self, prediction: str) -> Any:
        """Return the right answer to a prediction."""
        return self._answers[prediction][0]

    def at_once(self, taken: Taken) -> Result | None:
        """Return the result of what need not run: nothing there, no such function, a prediction written out."""
        task = TASKS[taken.task]
        if taken.problem:
            return self._nothing(taken.task, taken.problem)
        if isinstance(task, Piece):
            wrong = wrong_signature(task, _head_of(taken.piece))
            return self._nothing(taken.task, wrong) if wrong else None
        if taken.source or isinstance(task, Definition):
            return None
        return Result.of(judge_prediction(task, self.answer(task.name), taken.answer))

    def exercise(self, taken: Taken) -> Exercise:
        """Return what a worker is to run."""
        return Exercise(taken.task, taken.name, taken.source, taken.piece, self._seeds[taken.task])

    def result(self, taken: Taken, came: Came, trouble: str) -> Result:
        """Return the result of what ran. What did not come to its end earns nothing, for no part of it is sure."""
        task, look = TASKS[taken.task], reaches_for(taken.source)
        lost = _lost(came, trouble)
        if lost:
            return self._nothing(taken.task, lost, look)
        try:
            if isinstance(task, Piece | Definition):
                verdict = judge_piece(task, self._answers[task.name], came.outcomes, taken.piece)
            else:
                verdict = judge_prediction(task, self.answer(task.name), came.answer)
        except Exception:  # what came is a stranger's data: it may be of a kind that no case ever answers
            return self._nothing(taken.task, "The code answered with data of a kind that can't be judged.", look)
        printed = f"The code printed {came.printed:,} lines; they are not shown here."
        return Result.of(verdict.noting(printed) if came.printed else verdict, look)

    def _nothing(self, name: str, why: str, look: tuple[str, ...] = ()) -> Result:
        return Result(name, 0.0, float(TASKS[name].points), hint=why, look=look)


def _cases(name: str) -> tuple[Any, ...]:
    return TASKS[name].cases


def _seed_of(seed: int, case: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{seed} {case}".encode()).digest()[:7])


def _lost(came: Came, trouble: str) -> str:
    """Return why nothing of an exercise counts; empty if it does."""
    if came.forged:
        return f"{came.forged} Nothing of it counts."
    if came.broken is not None:
        failure = came.broken
        place = f" ({failure.where})" if failure.where else ""
        return f"The code could not be run: {failure.kind}: {failure.message.split(chr(10))[0][:200]}{place}"
    if trouble:
        return f"The code was run, and {trouble}. Is there a loop without an end, or a call of itself?"
    if not came.ended:
        return "The code ended the program that was to try it (os._exit, or the like). Leave a function by `return`."
    if came.changed:
        names = ", ".join(came.changed[:3])
        return f"The code changed what is not its own while it ran ({names}). Nothing of it counts."
    return ""


def _head_of(source: str) -> FunctionType:
    """Return a function with the parameters of a definition and nothing else: no code of a learner's runs here."""
    node = next(part for part in ast.walk(ast.parse(source)) if isinstance(part, ast.FunctionDef))
    given = node.args
    nothing = ast.Constant(None)
    given.defaults = [nothing for _ in given.defaults]
    given.kw_defaults = [None if default is None else nothing for default in given.kw_defaults]
    for argument in [*given.posonlyargs, *given.args, given.vararg, *given.kwonlyargs, given.kwarg]:
        if argument is not None:
            argument.annotation = None
    head = ast.FunctionDef(node.name, given, [ast.Pass()], [], None)
    names: dict[str, Any] = {}
    exec(compile(ast.fix_missing_locations(ast.Module([head], [])), "<head>", "exec"), names)
    function: FunctionType = names[node.name]
    return function


def reaches_for(source: str) -> tuple[str, ...]:
    """Return what a piece has no need of and this code names, such as ``sys`` or ``__code__``."""
    try:
        nodes = list(ast.walk(ast.parse(source)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    names |= {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    names |= {alias.name.split(".")[0] for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {(node.module or "").split(".")[0] for node in nodes if isinstance(node, ast.ImportFrom)}
    names |= {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return tuple(sorted((names & INSIDES) | _exchanged(nodes)))


def _exchanged(nodes: list[ast.AST]) -> set[str]:
    """Return what code puts into a module, such as ``json.dumps``: it may have been taken out again since."""
    imported = [alias for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    modules = {alias.asname or alias.name.split(".")[0] for alias in imported}
    stored = [node for node in nodes if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del)]
    return {ast.unparse(node) for node in stored if _root(node) in modules}


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""
