"""Which framework an object belongs to, found without importing any of them.

A framework that the caller has not imported cannot have made the caller's model, so it is enough to
look into ``sys.modules``.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from types import ModuleType
from typing import Any


@dataclass(frozen=True, slots=True)
class Framework:
    """The classes by which a framework's objects are recognised."""

    name: str
    tensor: type
    parameter: type
    module: type

    @property
    def torch(self) -> ModuleType:
        """The module that its users call ``torch``."""
        return sys.modules[self.name]

    @property
    def nn(self) -> ModuleType:
        """The module that its users call ``nn``."""
        return sys.modules[f"{self.name}.nn"]


# Where each framework defines Tensor, Parameter and Module.
_HOMES = {
    "paramlab": ("paramlab.tensor", "paramlab.nn.parameter", "paramlab.nn.module"),
    "torch": ("torch", "torch.nn.parameter", "torch.nn.modules.module"),
}


def loaded() -> list[Framework]:
    """Return the frameworks that the running program has imported."""
    found = []
    for name, homes in _HOMES.items():
        classes = [
            getattr(sys.modules.get(home), label, None)
            for home, label in zip(homes, ("Tensor", "Parameter", "Module"), strict=True)
        ]
        if all(isinstance(cls, type) for cls in classes):
            found.append(Framework(name, *(cls for cls in classes if cls is not None)))
    return found


def framework_of(model: object) -> Framework:
    """Return the framework of a model; ``TypeError`` for anything that is not one of its modules."""
    frameworks = loaded()
    for framework in frameworks:
        if isinstance(model, framework.module):
            return framework
    raise TypeError(_not_a_model(model, frameworks))


def _not_a_model(model: object, frameworks: list[Framework]) -> str:
    """Say what was given instead of a model, and how to go on."""
    if isinstance(model, type):
        if any(issubclass(model, framework.module) for framework in frameworks):
            return f"expected a model, but got the class {model.__name__}. Make one first: {model.__name__}()"
        return f"expected a model, an instance of nn.Module, but got the class {model.__name__}"
    given = f"expected a model, an instance of nn.Module, but got {type(model).__name__!r}"
    if isinstance(model, (list, tuple)):
        return f"{given}. Make the layers one model first: nn.ModuleList(layers)"
    if isinstance(model, dict):
        return f"{given}. A state_dict holds values only: hand over the model that it came from"
    return f"{given}. Hand over the model itself, for example census(model)"


def check_optimizer(optimizer: Any) -> None:
    """Raise ``TypeError`` unless ``optimizer`` is None or has ``param_groups`` as an optimizer has."""
    groups = getattr(optimizer, "param_groups", ())
    if optimizer is None or isinstance(groups, list):
        return
    raise TypeError(
        f"expected an optimizer, an object with param_groups, but got {type(optimizer).__name__!r}. "
        "Hand over the optimizer itself: census(model, optimizer)"
    )


def is_buffer(tensor: object) -> bool:
    """Return whether ``nn.Buffer`` made this tensor; its class is plain ``Tensor`` all the same."""
    return getattr(tensor, "_is_buffer", False) is True
