"""A patient: a small program with a mistake from real life, a test that shows it, and cures, one of which heals."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, NamedTuple

from ..census.read import Examination, examine

Case = dict[str, Any]
"""The names of a patient's program once it has run: ``torch``, ``nn``, ``model``, mostly ``optimizer``."""


class Verdict(NamedTuple):
    """What a test came to, and in one sentence what it saw."""

    healed: bool
    saw: str


@dataclass(frozen=True, slots=True)
class Cure:
    """A line to try on a patient, whether it heals, and why."""

    line: str
    heals: bool
    why: str


@dataclass(frozen=True, slots=True)
class Patient:
    """A model that is ill.

    ``program`` is what its author wrote; it runs with ``torch`` and ``nn`` and makes ``model``. The mistake is in its
    ``code``, one class or function; each pair of ``mend`` says which text of it wants to be which. ``symptom`` is
    what the author would say, ``sick`` names the tensors of which any is the cause, ``diagnosis`` says in a
    sentence what is wrong with them, and ``source`` is the real report. ``rule`` is the census' finding, empty
    where looking at the model is not enough. With ``simulated`` it needs paramlab's device ``sim``.
    """

    name: str
    symptom: str
    code: str
    mend: tuple[tuple[str, str], ...]
    after: str
    test: Callable[[Any], Verdict]
    sick: tuple[str, ...]
    diagnosis: str
    cures: tuple[Cure, ...]
    source: str
    rule: str = ""
    simulated: bool = False
    before: str = ""

    @property
    def program(self) -> str:
        """The whole program, as its author wrote it."""
        return "\n".join(part for part in (self.before, self.code, self.after) if part)

    @property
    def defines(self) -> str:
        """The name of the class or the function with the mistake in it."""
        return re.split(r"\W+", self.code, maxsplit=2)[1]

    @property
    def cured(self) -> str:
        """The code without the mistake."""
        code = self.code
        for wrong, right in self.mend:
            code = code.replace(wrong, right)
        return code

    def admit(self, torch: Any) -> Case:
        """Run the program anew and return its names; ``torch`` is the framework.

        ``ValueError`` for PyTorch if the patient needs the simulated device.
        """
        if self.simulated and torch.__name__ != "paramlab":
            raise ValueError(f"{self.name} needs the device 'sim', which paramlab alone has: admit(paramlab)")
        case: Case = {"torch": torch, "nn": torch.nn}
        torch.manual_seed(0)
        exec(compile(self.program, f"<{self.name}>", "exec"), case)
        return case

    def run_test(self, case: Case) -> Verdict:
        """Run the test on what the program made; whatever it raises is what the author saw, too."""
        try:
            return self.test(SimpleNamespace(**case))
        except Exception as error:  # a test stands for the author's own program, which may fail in any way
            return Verdict(False, f"{type(error).__name__}: {_first_sentence(str(error))}")

    def look(self, case: Case, earlier: Examination | None = None) -> Examination:
        """Take the census of the patient's model, with the optimizer that trains it in the test."""
        return examine(case["model"], _optimizer(case), earlier=earlier)

    def is_sick(self, name: str, exam: Examination) -> bool:
        """Return whether a tensor is the cause: named so, or what only the optimizer holds in place of one that is."""
        replaced = any(row.name == name for row in exam.orphans)
        return name in self.sick or (replaced and self.rule == "missing-from-optimizer")


def _first_sentence(message: str) -> str:
    first = re.split(r"(?<=[.!?])\s", message.strip().split("\n")[0])[0]
    return first if first.endswith((".", "!", "?")) else f"{first}."


# ---------------------------------------------------------------------- what tests are made of


def examples(torch: Any) -> tuple[Any, Any]:
    """Return eight inputs ``(8, 2)`` and targets ``(8, 1)``, the same every time."""
    torch.manual_seed(1)
    return torch.randn(8, 2) + 2, torch.ones(8, 1)


def train(it: Any, steps: int = 5) -> None:
    """Train as most programs do."""
    x, y = examples(it.torch)
    optimizer = _optimizer(vars(it))
    for _ in range(steps):
        optimizer.zero_grad()
        ((it.model(x) - y) ** 2).mean().backward()
        optimizer.step()


def _optimizer(case: Case) -> Any:
    """Return the program's optimizer, or one of ``parameters()`` as they are now; None if there are none."""
    if "optimizer" in case:
        return case["optimizer"]
    listed = list(case["model"].parameters())
    return case["torch"].optim.SGD(listed, lr=0.01) if listed else None


def change(read: Callable[[], Any], run: Callable[[], Any]) -> float:
    """Return by how much what ``read`` returns, a tensor, is changed by ``run``, at most."""
    before = read().detach().clone()
    run()
    return float((read().detach() - before).abs().max())


def must_change(name: str, it: Any, read: Callable[[], Any]) -> Verdict:
    """Judge by whether five steps of training change a tensor."""
    by = change(read, lambda: train(it))
    by_whom = "the optimizer" if hasattr(it, "optimizer") else "SGD(model.parameters())"
    return Verdict(by > 0, f"After five steps of {by_whom} {name} {_by(by)}.")


def must_stay(name: str, by: float, what: str) -> Verdict:
    """Judge by whether a tensor has stayed as it was."""
    return Verdict(by == 0, f"{what} {name} {_by(by)}.")


def _by(change: float) -> str:
    return f"has changed by {change:.1g}" if change else "is what it was"
