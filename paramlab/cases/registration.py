"""How a module comes to know its weights: assigning, finding, registering."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from .case import attempt, case, floats
from .models import a_layer, a_parameter, names_of, places_of

Rng = np.random.Generator


# ------------------------------------------------------------------ __setattr__


@case
def a_parameter_is_listed(torch: Any, rng: Rng) -> Any:
    """``self.weight = nn.Parameter(t)``, then ``self.bias = …``: what ``_parameters`` holds."""
    layer = a_layer(torch, weight=a_parameter(torch, rng), bias=a_parameter(torch, rng))
    return {"_parameters": list(layer._parameters), "as it was": layer._parameters.get("weight") is layer.weight}


@case
def a_plain_tensor_is_not_listed(torch: Any, rng: Rng) -> Any:
    """``self.weight = t`` with a plain tensor: who holds ``weight``."""
    return places_of(a_layer(torch, weight=floats(torch, rng, 2)))


@case
def requires_grad_does_not_register(torch: Any, rng: Rng) -> Any:
    """``self.weight = t.requires_grad_()``: who holds ``weight``."""
    return places_of(a_layer(torch, weight=floats(torch, rng, 2).requires_grad_()))


@case
def a_module_becomes_a_child(torch: Any, rng: Rng) -> Any:
    """``self.linear = nn.Linear(2, 3)``: who holds ``linear``."""
    return places_of(a_layer(torch, linear=torch.nn.Linear(2, 3)))


@case
def anything_else_is_an_ordinary_attribute(torch: Any, rng: Rng) -> Any:
    """``self.width = 3`` and ``self.layers = [nn.Linear(2, 2)]``: who holds what, and ``self.width``."""
    layer = a_layer(torch, width=3, layers=[torch.nn.Linear(2, 2)])
    return places_of(layer), layer.width, len(layer.layers)


@case
def a_parameter_is_not_kept_twice(torch: Any, rng: Rng) -> Any:
    """``self.weight = nn.Parameter(t)``: whether ``__dict__`` has it as well."""
    return "weight" in vars(a_layer(torch, weight=a_parameter(torch, rng)))


@case
def a_parameter_of_a_subclass_is_listed(torch: Any, rng: Rng) -> Any:
    """``class Scale(nn.Parameter): pass``, then ``self.scale = Scale(t)``: what ``_parameters`` holds."""
    scale = type("Scale", (torch.nn.Parameter,), {})
    return list(a_layer(torch, scale=scale(floats(torch, rng, 2)))._parameters)


@case
def a_parameter_replaces_a_plain_attribute(torch: Any, rng: Rng) -> Any:
    """``self.scale = 1.0``, then ``self.scale = nn.Parameter(t)``: who holds ``scale``."""
    layer = a_layer(torch, scale=1.0)
    layer.scale = a_parameter(torch, rng)
    return places_of(layer), type(layer.scale).__name__


@case
def a_parameter_replaces_a_module(torch: Any, rng: Rng) -> Any:
    """``self.head = nn.Linear(2, 2)``, then ``self.head = nn.Parameter(t)``: who holds ``head``."""
    layer = a_layer(torch, head=torch.nn.Linear(2, 2))
    layer.head = a_parameter(torch, rng)
    return places_of(layer)


@case
def a_parameter_replaces_a_buffer(torch: Any, rng: Rng) -> Any:
    """A buffer ``mean``, then ``self.mean = nn.Parameter(t)``: who holds ``mean``."""
    layer = torch.nn.Module()
    layer.register_buffer("mean", floats(torch, rng, 2))
    layer.mean = a_parameter(torch, rng)
    return places_of(layer)


@case
def a_module_replaces_a_plain_attribute(torch: Any, rng: Rng) -> Any:
    """``self.head = None``, then ``self.head = nn.Linear(2, 2)``: who holds ``head``."""
    layer = a_layer(torch, head=None)
    layer.head = torch.nn.Linear(2, 2)
    return places_of(layer)


@case
def a_new_parameter_takes_the_place(torch: Any, rng: Rng) -> Any:
    """``self.a = …; self.b = …; self.a = nn.Parameter(other)``: the order, and the new shape."""
    layer = a_layer(torch, a=a_parameter(torch, rng, 2), b=a_parameter(torch, rng))
    layer.a = a_parameter(torch, rng, 3)
    return places_of(layer), list(layer.a.shape)


@case
def a_tensor_over_a_parameter_is_refused(torch: Any, rng: Rng) -> Any:
    """``self.weight = nn.Parameter(t)``, then ``self.weight = t``, a plain tensor."""
    layer = a_layer(torch, weight=a_parameter(torch, rng))
    return attempt(lambda: setattr(layer, "weight", floats(torch, rng, 2))), places_of(layer)


@case
def none_keeps_the_place(torch: Any, rng: Rng) -> Any:
    """``self.a = …; self.b = …; self.a = None``: who holds what, and whether ``self.a`` is None."""
    layer = a_layer(torch, a=a_parameter(torch, rng), b=a_parameter(torch, rng))
    layer.a = None
    return places_of(layer), layer.a is None


@case
def a_tensor_over_a_place_kept_by_none_is_refused(torch: Any, rng: Rng) -> Any:
    """``self.weight = nn.Parameter(t)``, ``self.weight = None``, then ``self.weight = t``."""
    layer = a_layer(torch, weight=a_parameter(torch, rng))
    layer.weight = None
    return attempt(lambda: setattr(layer, "weight", floats(torch, rng, 2)))


@case
def a_module_over_a_parameter_is_refused(torch: Any, rng: Rng) -> Any:
    """``self.head = nn.Parameter(t)``, then ``self.head = nn.Linear(2, 2)``."""
    layer = a_layer(torch, head=a_parameter(torch, rng))
    answer = attempt(lambda: setattr(layer, "head", torch.nn.Identity()))
    return answer["raises"] if answer else None


@case
def a_number_over_a_module_is_refused(torch: Any, rng: Rng) -> Any:
    """``self.head = nn.Linear(2, 2)``, then ``self.head = 3``."""
    layer = a_layer(torch, head=torch.nn.Linear(2, 2))
    return attempt(lambda: setattr(layer, "head", 3)), places_of(layer)


@case
def a_buffer_is_kept_with_the_buffers(torch: Any, rng: Rng) -> Any:
    """``self.mean = nn.Buffer(t)``: who holds ``mean``."""
    return places_of(a_layer(torch, mean=torch.nn.Buffer(floats(torch, rng, 2))))


@case
def a_tensor_over_a_buffer_becomes_the_buffer(torch: Any, rng: Rng) -> Any:
    """A buffer ``mean``, then ``self.mean = t``, a plain tensor: who holds ``mean``, and its shape."""
    layer = torch.nn.Module()
    layer.register_buffer("mean", floats(torch, rng, 2))
    layer.mean = floats(torch, rng, 3)
    return places_of(layer), list(layer.mean.shape)


def _without_init(torch: Any, value: Any) -> Any:
    def init(self: Any) -> None:
        self.value = value

    forgetful = type("Forgetful", (torch.nn.Module,), {"__init__": init})
    return attempt(lambda: bool(forgetful()))


@case
def a_parameter_before_init_is_refused(torch: Any, rng: Rng) -> Any:
    """``self.weight = nn.Parameter(t)`` without ``super().__init__()``."""
    return _without_init(torch, a_parameter(torch, rng))


@case
def a_module_before_init_is_refused(torch: Any, rng: Rng) -> Any:
    """``self.head = nn.Linear(2, 2)`` without ``super().__init__()``."""
    return _without_init(torch, torch.nn.Linear(2, 2))


@case
def a_plain_attribute_before_init_is_accepted(torch: Any, rng: Rng) -> Any:
    """``self.width = 3`` before ``super().__init__()``."""

    def init(self: Any) -> None:
        self.width = 3
        torch.nn.Module.__init__(self)

    return type("Early", (torch.nn.Module,), {"__init__": init})().width


# ------------------------------------------------------------------ __getattr__


@case
def a_parameter_is_found_by_its_name(torch: Any, rng: Rng) -> Any:
    """``self.weight`` after ``self.weight = nn.Parameter(t)``."""
    p = a_parameter(torch, rng)
    return a_layer(torch, weight=p).weight is p


@case
def a_child_is_found_by_its_name(torch: Any, rng: Rng) -> Any:
    """``self.head`` after ``self.head = nn.Linear(2, 2)``."""
    head = torch.nn.Linear(2, 2)
    return a_layer(torch, head=head).head is head


@case
def a_buffer_is_found_by_its_name(torch: Any, rng: Rng) -> Any:
    """``self.mean`` after ``self.register_buffer("mean", t)``."""
    layer, t = torch.nn.Module(), floats(torch, rng, 2)
    layer.register_buffer("mean", t)
    return layer.mean is t


@case
def a_name_kept_by_none_is_found(torch: Any, rng: Rng) -> Any:
    """``nn.Linear(2, 2, bias=False).bias``."""
    return torch.nn.Linear(2, 2, bias=False).bias is None


@case
def an_unknown_name_is_an_error(torch: Any, rng: Rng) -> Any:
    """``layer.wieght``, a typo, and ``hasattr(layer, "wieght")``."""
    layer = a_layer(torch, weight=a_parameter(torch, rng))
    return attempt(lambda: layer.wieght), hasattr(layer, "wieght")


@case
def an_unknown_name_without_init_is_an_error_too(torch: Any, rng: Rng) -> Any:
    """``layer.weight`` on a module whose ``__init__`` never ran."""
    layer = torch.nn.Module.__new__(torch.nn.Module)
    return attempt(lambda: layer.weight)["raises"]


@case
def an_ordinary_attribute_is_found_as_ever(torch: Any, rng: Rng) -> Any:
    """``self.width = 3`` and ``self.width``."""
    return a_layer(torch, width=3).width


# ------------------------------------------------------------------ register_parameter


@case
def register_parameter_registers(torch: Any, rng: Rng) -> Any:
    """``layer.register_parameter("weight", p)``: what ``_parameters`` holds."""
    layer, p = torch.nn.Module(), a_parameter(torch, rng)
    layer.register_parameter("weight", p)
    return list(layer._parameters), layer._parameters["weight"] is p


@case
def register_parameter_none_takes_the_place(torch: Any, rng: Rng) -> Any:
    """``layer.register_parameter("bias", None)``: what ``_parameters`` holds, and what is listed."""
    layer = torch.nn.Module()
    layer.register_parameter("bias", None)
    return list(layer._parameters), layer.bias is None, names_of(layer)


@case
def register_parameter_refuses_a_plain_tensor(torch: Any, rng: Rng) -> Any:
    """``layer.register_parameter("weight", t)`` with a plain tensor."""
    return attempt(lambda: torch.nn.Module().register_parameter("weight", floats(torch, rng, 2)))


@case
def register_parameter_refuses_bad_names(torch: Any, rng: Rng) -> Any:
    """``register_parameter`` with the names ``""``, ``"a.b"`` and ``3``."""
    return [
        attempt(partial(torch.nn.Module().register_parameter, name, a_parameter(torch, rng))) for name in ("", "a.b", 3)
    ]


@case
def register_parameter_refuses_a_taken_name(torch: Any, rng: Rng) -> Any:
    """``layer.register_parameter("forward", p)``, the name of a method."""
    return attempt(lambda: torch.nn.Module().register_parameter("forward", a_parameter(torch, rng)))


@case
def register_parameter_may_replace(torch: Any, rng: Rng) -> Any:
    """``register_parameter("weight", p)``, then again with ``q``."""
    layer, q = torch.nn.Module(), a_parameter(torch, rng, 3)
    layer.register_parameter("weight", a_parameter(torch, rng))
    layer.register_parameter("weight", q)
    return layer._parameters["weight"] is q


@case
def register_parameter_refuses_a_computed_one(torch: Any, rng: Rng) -> Any:
    """``register_parameter`` with a Parameter that an operation made."""
    computed = (a_parameter(torch, rng) * 2).as_subclass(torch.nn.Parameter)
    return attempt(lambda: torch.nn.Module().register_parameter("weight", computed))


@case
def register_parameter_before_init_is_refused(torch: Any, rng: Rng) -> Any:
    """``register_parameter`` on a module whose ``__init__`` never ran."""
    layer = torch.nn.Module.__new__(torch.nn.Module)
    return attempt(lambda: layer.register_parameter("weight", a_parameter(torch, rng)))
