"""``implement`` and ``use``: a learner's definition becomes the package's, and the package can be had back."""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType, ModuleType
from typing import Any, TypeVar, cast

from . import folder
from .bench import AsItIsNow, Built, bench
from .catalogue import PIECES
from .limits import CASE_SECONDS, TimeUp, call_within, printed
from .source import is_untouched, written, wrong_signature
from .tasks import Piece, nearest

F = TypeVar("F", bound=Callable[..., Any])


def implement(owner: Any) -> Callable[[F], F]:
    """Make the function that follows paramlab's own: ``@implement(nn.Module)`` above ``def __setattr__``.

    A body that is still a placeholder is left out: the package keeps its own. ``TypeError`` if the parameters
    are not those of the piece or ``owner`` is neither a class nor a module, ``ValueError`` if there is no piece
    of that name.
    """
    if not isinstance(owner, type | ModuleType):
        raise TypeError(
            f"implement() takes the class or the module that the function belongs to, but got {owner!r}. "
            "Write @implement(nn.Module) above the def, for example."
        )

    def become(function: F) -> F:
        # `@staticmethod` above `def __new__` is allowed, and makes no difference
        plain = function.__func__ if isinstance(function, staticmethod | classmethod) else function
        if not isinstance(plain, FunctionType):
            raise TypeError("implement() goes above a `def`.")
        _take(_find(owner, plain.__name__), plain)
        return function if isinstance(owner, type) else cast(F, AsItIsNow(owner, plain.__name__))

    return become


def _find(owner: Any, attribute: str) -> Piece:
    for piece in PIECES.values():
        if piece.owner is owner and piece.attribute == attribute:
            return piece
    there = [piece.attribute for piece in PIECES.values() if piece.owner is owner]
    if not there:
        owners = sorted({piece.owner.__name__ for piece in PIECES.values()})
        raise ValueError(f"no piece belongs to {owner.__name__}. Pieces belong to: {', '.join(owners)}.")
    raise ValueError(f"{owner.__name__} has no piece of the name {attribute!r}. {nearest(attribute, there)}")


def _take(piece: Piece, function: FunctionType) -> None:
    bench.forget(piece.name)
    wrong = wrong_signature(piece, function)
    if wrong is not None:
        bench.refused[piece.name] = wrong
        raise TypeError(wrong)
    source = written(function)
    if is_untouched(source):
        bench.refused[piece.name] = (
            f"`{piece.name}` is untouched: replace the `...` by your code, and run the cell again."
        )
        return
    bench.mine[piece.name] = Built(function, source)
    bench.put_in(piece.name)


class Use:
    """What ``use`` answers: which pieces of paramlab are whose. It prints as a sentence."""

    def __init__(self, mine: list[str], problems: list[str]) -> None:
        self.mine = mine
        self.problems = problems

    def __repr__(self) -> str:
        count = len(self.mine)
        said = (
            "paramlab is the reference: none of its pieces is yours at the moment."
            if not count
            else f"{count} piece{'s' if count > 1 else ''} of paramlab {'are' if count > 1 else 'is'} yours: "
            + ", ".join(self.mine)
            + "."
        )
        return "\n".join([said, *self.problems])


def use(whose: str) -> Use:
    """Choose whose pieces paramlab is made of: ``"mine"`` or ``"reference"``.

    ``"reference"`` always gets back to a working paramlab. ``"mine"`` takes what passed its check, in this
    kernel or earlier (it is kept in ``my_paramlab/``); what is missing comes from the reference.
    ``ValueError`` for another word.
    """
    if whose not in ("mine", "reference"):
        raise ValueError(f'use() takes "mine" or "reference", but got {whose!r}')
    problems: list[str] = []
    bench.set_to(set())
    if whose == "mine":
        problems = [problem for name in folder.kept() if name not in bench.passed for problem in _load(name)]
        bench.mine.update(bench.passed)
        bench.set_to(set(bench.passed))
    return Use([name for name in PIECES if name in bench.plugged], problems)


def _load(name: str) -> list[str]:
    """Run the learner's own file of a piece; return what went wrong."""
    file = folder.kept_file(name)
    bench.forget(name)
    try:
        code = compile(file.read_text(encoding="utf-8"), str(file), "exec")
        with printed():
            call_within(CASE_SECONDS, lambda: exec(code, {"__name__": f"{folder.NAME}.{name}"}))
        if name not in bench.mine:
            raise ValueError(f"it does not build {name}")
    except BaseException as error:  # whatever a file of the learner's does, the reference stands in for it
        bench.forget(name)
        if isinstance(error, KeyboardInterrupt):
            raise
        reason = "it takes too long" if isinstance(error, TimeUp) else f"{type(error).__name__}: {error}"
        return [f"{file.name} could not be read ({reason}); the reference stands in for it."]
    bench.passed[name] = bench.mine[name]
    return []
