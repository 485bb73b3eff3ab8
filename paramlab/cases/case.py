"""What a case is: a tiny program over ``torch`` and a source of numbers, and the plain data it answers."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Program = Callable[..., Any]

CASES: dict[str, Case] = {}
"""Every case by its name, ``family.program``."""


@dataclass(frozen=True)
class Written:
    """A class or a function as source code, which can be defined on any package that speaks PyTorch.

    The code may use ``torch``, ``nn``, ``optim`` and ``F``, and defines ``name``.
    """

    name: str
    source: str

    def on(self, torch: Any) -> Any:
        """Run the source and return what it defines."""
        names = {"torch": torch, "nn": torch.nn, "optim": torch.optim, "F": torch.nn.functional}
        names["__name__"] = "__main__"
        exec(compile(self.source, f"<{self.name}>", "exec", dont_inherit=True), names)
        return names[self.name]


@dataclass(frozen=True)
class Case:
    """A program ``(torch, rng) -> plain data``; ``torch`` is PyTorch or paramlab, ``rng`` draws its numbers.

    ``says`` is what is tried, in one sentence. The right answer is what PyTorch answers. A case that tries somebody's
    class or function has one that is right, ``of``, and its program takes a third argument: that one, or another.
    """

    name: str
    says: str
    program: Program
    of: Written | None = None

    def run(self, torch: Any, seed: int = 0, own: Any = None) -> Outcome:
        """Run the program on a package that speaks PyTorch; whatever it raises becomes part of the outcome.

        ``own`` is tried in the place of what the case is ``of``.
        """
        try:
            tried = () if self.of is None else (self.of.on(torch) if own is None else own,)
            return Outcome(plain(self.program(torch, np.random.default_rng(seed), *tried)))
        except Exception as error:
            return Outcome(None, Failure.of(error))


@dataclass(frozen=True)
class Failure:
    """An exception that ended a program: its class, its message, and the last line of the caller's code.

    The class is the one that it is known by: ``MemoryError`` for NumPy's ``_ArrayMemoryError``.
    """

    kind: str
    message: str
    where: str = ""

    @classmethod
    def of(cls, error: BaseException) -> Failure:
        """Describe an exception; ``where`` is the innermost line that is neither paramlab's nor a library's."""
        frames = [f for f in traceback.extract_tb(error.__traceback__) if _is_users(f.filename)]
        where = f"line {frames[-1].lineno}: {frames[-1].line}" if frames and frames[-1].line else ""
        kind = next(k.__name__ for k in type(error).__mro__ if not k.__name__.startswith("_"))
        try:
            message = str(error)
        except Exception:  # an exception of a learner's own may not even print
            message = ""
        return cls(kind, message, where)


@dataclass(frozen=True)
class Outcome:
    """What a program answered, or how it failed."""

    answer: Any
    failure: Failure | None = None


def case(program: Program) -> Case:
    """Turn a program into a case; its docstring says what is tried."""
    return _made(program, None)


def case_of(right: Written) -> Callable[[Program], Case]:
    """Turn a program ``(torch, rng, definition)`` into a case of what ``right`` defines."""
    return lambda program: _made(program, right)


def _made(program: Program, of: Written | None) -> Case:
    family = program.__module__.rpartition(".")[2]
    name = f"{family}.{program.__name__}"
    if name in CASES:
        raise ValueError(f"there are two cases of the name {name!r}")
    says = (program.__doc__ or "").strip().split("\n")[0]
    if not says:
        raise ValueError(f"the case {name!r} has no docstring that says what is tried")
    made = Case(name, says, program, of)
    CASES[name] = made
    return made


def attempt(action: Callable[[], Any]) -> Any:
    """Return what ``action`` returns or, where an error is the answer, the error as plain data."""
    try:
        return action()
    except Exception as error:
        return {"raises": type(error).__name__, "message": str(error)}


def floats(torch: Any, rng: np.random.Generator, *shape: int) -> Any:
    """Return a float32 tensor of numbers that differ from seed to seed and print in a few digits."""
    return torch.tensor(rng.normal(size=shape).round(2).astype(np.float32))


def plain(value: Any) -> Any:
    """Return ``value`` as data that JSON can hold; a tensor as its dtype and its nested values.

    ``TypeError`` for what a case should not answer with, such as a module.
    """
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if hasattr(value, "tolist") and hasattr(value, "dtype"):
        return {"tensor": value.tolist(), "dtype": str(value.dtype).removeprefix("torch.")}
    if type(value).__name__ in ("dtype", "device"):
        return str(value)
    raise TypeError(f"a case answers with plain data, not with a {type(value).__name__}")


def _is_users(filename: str) -> bool:
    normal = filename.replace("\\", "/")
    return "/paramlab/" not in normal and "site-packages" not in normal and "/lib/python" not in normal
