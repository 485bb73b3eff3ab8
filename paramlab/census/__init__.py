"""The census: which tensors a model holds, who picks each of them up, and what is wrong with that."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .diff import Diff
    from .rows import LABELS, LANES, Census, Finding, Row

__all__ = ["LABELS", "LANES", "Census", "Diff", "Finding", "Row", "census"]


def census(model: Any, optimizer: Any = None) -> Census:
    """Count every tensor of a model, of paramlab or PyTorch, and say who picks each of them up.

    Parameters
    ----------
    model
        An ``nn.Module``. It is only looked at: nothing of it runs and nothing of it changes.
    optimizer
        The optimizer that trains it, to learn which tensors it holds.

    Raises
    ------
    TypeError
        If ``model`` is no module, or ``optimizer`` no optimizer.
    """
    from .read import examine

    return examine(model, optimizer).census


def __getattr__(name: str) -> Any:
    # `import paramlab` brings `census` along; the rest of it is loaded when the first one is taken
    if name in __all__:
        return getattr(import_module(".diff" if name == "Diff" else ".rows", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
