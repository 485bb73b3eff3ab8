"""What the learner calls things: the names in their notebook, and running a line of Python under these names."""

from __future__ import annotations

import ast
import sys
from dataclasses import dataclass
from typing import Any

from ..census.frameworks import Framework
from ..census.read import Examination


def user_namespace() -> dict[str, Any]:
    """Return the variables of the notebook; empty outside of IPython."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return shell.user_ns if shell is not None else {}


def name_of(value: Any, namespace: dict[str, Any], default: str) -> str:
    """Return the variable that holds ``value``; ``default`` if it does, or if none does."""
    if value is None or namespace.get(default) is value:
        return default
    names = [key for key, held in namespace.items() if held is value and not key.startswith("_")]
    return names[0] if names else default


def current_optimizer(optimizer: Any, name: str, exam: Examination) -> Any:
    """Return the optimizer that the learner's variable names, if it is a new one of the same model."""
    named = user_namespace().get(name)
    if named is None or named is optimizer or not isinstance(getattr(named, "param_groups", None), list):
        return optimizer
    mine = {id(found.tensor) for found in exam.found}
    is_mine = any(id(tensor) in mine for group in named.param_groups for tensor in group["params"])
    return named if is_mine else optimizer


@dataclass(slots=True)
class Names:
    """The names that a shown line of Python uses, so that it runs when it is typed in a cell."""

    model: str
    optimizer: str
    loss: str
    torch: str
    nn: str

    @classmethod
    def find(cls, model: Any, optimizer: Any, loss: Any, framework: Framework, name: str | None = None) -> Names:
        """Look the names up in the notebook."""
        namespace = user_namespace()
        torch = name_of(framework.torch, namespace, "torch")
        nn = name_of(framework.nn, namespace, "nn")
        if namespace.get(nn) is not framework.nn and namespace.get(torch) is framework.torch:
            nn = f"{torch}.nn"
        return cls(
            name or name_of(model, namespace, "model"),
            name_of(optimizer, namespace, "optimizer"),
            name_of(loss, namespace, "loss"),
            torch,
            nn,
        )


def run_line(line: str, namespace: dict[str, Any]) -> Any:
    """Run a line of Python; return the value of its last expression, None if it ends in a statement."""
    program = ast.parse(line)
    last = program.body[-1] if program.body else None
    if not isinstance(last, ast.Expr):
        exec(compile(program, "<pick-up map>", "exec"), namespace)
        return None
    program.body.pop()
    exec(compile(program, "<pick-up map>", "exec"), namespace)
    return eval(compile(ast.Expression(last.value), "<pick-up map>", "eval"), namespace)
