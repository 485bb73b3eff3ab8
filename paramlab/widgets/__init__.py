"""The census made live in JupyterLab. Outside of a notebook, importing this package loads no Jupyter library."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .clinic import Clinic
    from .drawers import Drawers
    from .heartbeat import Heartbeat
    from .movers import Movers
    from .package_map import PackageMap
    from .pickup_map import PickupMap
    from .predict import Predict
    from .strings import Strings
    from .suitcase import Suitcase

__all__ = [
    "Clinic",
    "Drawers",
    "Heartbeat",
    "Movers",
    "PackageMap",
    "PickupMap",
    "Predict",
    "Strings",
    "Suitcase",
    "explore",
]


def explore(
    model: Any,
    optimizer: Any = None,
    *,
    loss: Callable[[], Any] | None = None,
    name: str | None = None,
) -> PickupMap:
    """Open the pick-up map: each tensor of a model, who picks it up and why, and what a change does to that.

    Parameters
    ----------
    model
        A model of paramlab or PyTorch.
    optimizer
        The optimizer that trains it, for the lane that tells what it holds.
    loss
        A function without arguments that returns a loss, a scalar tensor. With it, Step takes a whole step:
        ``optimizer.zero_grad(); loss().backward(); optimizer.step()``.
    name
        What the lines of Python call the model; by default the name of your variable.
    """
    widget: PickupMap = _load("PickupMap")(model, optimizer, loss=loss, name=name)
    return widget


# Where each widget lives; its module is loaded when it is first used.
_WIDGETS = {
    "Clinic": "clinic",
    "Drawers": "drawers",
    "Heartbeat": "heartbeat",
    "Movers": "movers",
    "PackageMap": "package_map",
    "PickupMap": "pickup_map",
    "Predict": "predict",
    "Strings": "strings",
    "Suitcase": "suitcase",
}


def _load(name: str) -> Any:
    try:
        module = import_module(f".{_WIDGETS[name]}", __name__)
    except ModuleNotFoundError as missing:
        if missing.name not in ("anywidget", "ipywidgets", "traitlets", "IPython"):
            raise
        raise ImportError(
            f"{name} needs {missing.name}, which is not installed. "
            'Install what the course needs: pip install "paramlab[course]". '
            "Without it, print(paramlab.census(model)) shows who picks each tensor up as text."
        ) from missing
    return getattr(module, name)


def __getattr__(name: str) -> Any:
    if name in _WIDGETS:
        return _load(name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


if "ipykernel" in sys.modules:  # who imports this in a notebook will show something soon, and would wait for it then
    with suppress(ImportError):
        _load("PickupMap")
