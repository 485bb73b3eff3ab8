"""How a module comes to know its weights."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from .case import attempt, case, floats

Rng = np.random.Generator


def _names(model: Any) -> list[str]:
    return [name for name, _ in model.named_parameters()]


def _places(layer: Any) -> dict[str, list[str]]:
    """Return which of a module's four places hold which names; a place that holds none is left out."""
    ordinary = [name for name in vars(layer) if not name.startswith("_") and name != "training"]
    held = {drawer: list(getattr(layer, drawer)) for drawer in ("_parameters", "_buffers", "_modules")}
    return {place: names for place, names in {**held, "__dict__": ordinary}.items() if names}


def _layer(torch: Any, **attributes: Any) -> Any:
    """Return a module with the given attributes, assigned in their order."""
    layer = torch.nn.Module()
    for name, value in attributes.items():
        setattr(layer, name, value)
    return layer


def _parameter(torch: Any, rng: Rng, *shape: int) -> Any:
    return torch.nn.Parameter(floats(torch, rng, *(shape or (2,))))


# ------------------------------------------------------------------ __setattr__


@case
def a_parameter_is_listed(torch: Any, rng: Rng) -> Any:
    """``self.weight = nn.Parameter(t)``, then ``self.bias = …``: what ``_parameters`` holds."""
    layer = _layer(torch, weight=_parameter(torch, rng), bias=_parameter(torch, rng))
    return {"_parameters": list(layer._parameters), "as it was": layer._parameters.get("weight") is layer.weight}


@case
def a_plain_tensor_is_not_listed(torch: Any, rng: Rng) -> Any:
    """``self.weight = t`` with a plain tensor: who holds ``weight``."""
    return _places(_layer(torch, weight=floats(torch, rng, 2)))


@case
def requires_grad_does_not_register(torch: Any, rng: Rng) -> Any:
    """``self.weight = t.requires_grad_()``: who holds ``weight``."""
    return _places(_layer(torch, weight=floats(torch, rng, 2).requires_grad_()))


@case
def a_module_becomes_a_child(torch: Any, rng: Rng) -> Any:
    """``self.linear = nn.Linear(2, 3)``: who holds ``linear``."""
    return _places(_layer(torch, linear=torch.nn.Linear(2, 3)))


@case
def anything_else_is_an_ordinary_attribute(torch: Any, rng: Rng) -> Any:
    """``self.width = 3`` and ``self.layers = [nn.Linear(2, 2)]``: who holds what, and ``self.width``."""
    layer = _layer(torch, width=3, layers=[torch.nn.Linear(2, 2)])
    return _places(layer), layer.width, len(layer.layers)


@case
def a_parameter_is_not_kept_twice(torch: Any, rng: Rng) -> Any:
    """``self.weight = nn.Parameter(t)``: whether ``__dict__`` has it as well."""
    return "weight" in vars(_layer(torch, weight=_parameter(torch, rng)))


@case
def a_parameter_of_a_subclass_is_listed(torch: Any, rng: Rng) -> Any:
    """``class Scale(nn.Parameter): pass``, then ``self.scale = Scale(t)``: what ``_parameters`` holds."""
    scale = type("Scale", (torch.nn.Parameter,), {})
    return list(_layer(torch, scale=scale(floats(torch, rng, 2)))._parameters)


@case
def a_parameter_replaces_a_plain_attribute(torch: Any, rng: Rng) -> Any:
    """``self.scale = 1.0``, then ``self.scale = nn.Parameter(t)``: who holds ``scale``."""
    layer = _layer(torch, scale=1.0)
    layer.scale = _parameter(torch, rng)
    return _places(layer), type(layer.scale).__name__


@case
def a_parameter_replaces_a_module(torch: Any, rng: Rng) -> Any:
    """``self.head = nn.Linear(2, 2)``, then ``self.head = nn.Parameter(t)``: who holds ``head``."""
    layer = _layer(torch, head=torch.nn.Linear(2, 2))
    layer.head = _parameter(torch, rng)
    return _places(layer)


@case
def a_parameter_replaces_a_buffer(torch: Any, rng: Rng) -> Any:
    """A buffer ``mean``, then ``self.mean = nn.Parameter(t)``: who holds ``mean``."""
    layer = torch.nn.Module()
    layer.register_buffer("mean", floats(torch, rng, 2))
    layer.mean = _parameter(torch, rng)
    return _places(layer)


@case
def a_module_replaces_a_plain_attribute(torch: Any, rng: Rng) -> Any:
    """``self.head = None``, then ``self.head = nn.Linear(2, 2)``: who holds ``head``."""
    layer = _layer(torch, head=None)
    layer.head = torch.nn.Linear(2, 2)
    return _places(layer)


@case
def a_new_parameter_takes_the_place(torch: Any, rng: Rng) -> Any:
    """``self.a = …; self.b = …; self.a = nn.Parameter(other)``: the order, and the new shape."""
    layer = _layer(torch, a=_parameter(torch, rng, 2), b=_parameter(torch, rng))
    layer.a = _parameter(torch, rng, 3)
    return _places(layer), list(layer.a.shape)


@case
def a_tensor_over_a_parameter_is_refused(torch: Any, rng: Rng) -> Any:
    """``self.weight = nn.Parameter(t)``, then ``self.weight = t``, a plain tensor."""
    layer = _layer(torch, weight=_parameter(torch, rng))
    return attempt(lambda: setattr(layer, "weight", floats(torch, rng, 2))), _places(layer)


@case
def none_keeps_the_place(torch: Any, rng: Rng) -> Any:
    """``self.a = …; self.b = …; self.a = None``: who holds what, and whether ``self.a`` is None."""
    layer = _layer(torch, a=_parameter(torch, rng), b=_parameter(torch, rng))
    layer.a = None
    return _places(layer), layer.a is None


@case
def a_tensor_over_a_place_kept_by_none_is_refused(torch: Any, rng: Rng) -> Any:
    """``self.weight = nn.Parameter(t)``, ``self.weight = None``, then ``self.weight = t``."""
    layer = _layer(torch, weight=_parameter(torch, rng))
    layer.weight = None
    return attempt(lambda: setattr(layer, "weight", floats(torch, rng, 2)))


@case
def a_module_over_a_parameter_is_refused(torch: Any, rng: Rng) -> Any:
    """``self.head = nn.Parameter(t)``, then ``self.head = nn.Linear(2, 2)``."""
    layer = _layer(torch, head=_parameter(torch, rng))
    answer = attempt(lambda: setattr(layer, "head", torch.nn.Identity()))
    return answer["raises"] if answer else None


@case
def a_number_over_a_module_is_refused(torch: Any, rng: Rng) -> Any:
    """``self.head = nn.Linear(2, 2)``, then ``self.head = 3``."""
    layer = _layer(torch, head=torch.nn.Linear(2, 2))
    return attempt(lambda: setattr(layer, "head", 3)), _places(layer)


@case
def a_buffer_is_kept_with_the_buffers(torch: Any, rng: Rng) -> Any:
    """``self.mean = nn.Buffer(t)``: who holds ``mean``."""
    return _places(_layer(torch, mean=torch.nn.Buffer(floats(torch, rng, 2))))


@case
def a_tensor_over_a_buffer_becomes_the_buffer(torch: Any, rng: Rng) -> Any:
    """A buffer ``mean``, then ``self.mean = t``, a plain tensor: who holds ``mean``, and its shape."""
    layer = torch.nn.Module()
    layer.register_buffer("mean", floats(torch, rng, 2))
    layer.mean = floats(torch, rng, 3)
    return _places(layer), list(layer.mean.shape)


def _without_init(torch: Any, value: Any) -> Any:
    def init(self: Any) -> None:
        self.value = value

    forgetful = type("Forgetful", (torch.nn.Module,), {"__init__": init})
    return attempt(lambda: bool(forgetful()))


@case
def a_parameter_before_init_is_refused(torch: Any, rng: Rng) -> Any:
    """``self.weight = nn.Parameter(t)`` without ``super().__init__()``."""
    return _without_init(torch, _parameter(torch, rng))


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
    p = _parameter(torch, rng)
    return _layer(torch, weight=p).weight is p


@case
def a_child_is_found_by_its_name(torch: Any, rng: Rng) -> Any:
    """``self.head`` after ``self.head = nn.Linear(2, 2)``."""
    head = torch.nn.Linear(2, 2)
    return _layer(torch, head=head).head is head


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
    layer = _layer(torch, weight=_parameter(torch, rng))
    return attempt(lambda: layer.wieght), hasattr(layer, "wieght")


@case
def an_unknown_name_without_init_is_an_error_too(torch: Any, rng: Rng) -> Any:
    """``layer.weight`` on a module whose ``__init__`` never ran."""
    layer = torch.nn.Module.__new__(torch.nn.Module)
    return attempt(lambda: layer.weight)["raises"]


@case
def an_ordinary_attribute_is_found_as_ever(torch: Any, rng: Rng) -> Any:
    """``self.width = 3`` and ``self.width``."""
    return _layer(torch, width=3).width


# ------------------------------------------------------------------ register_parameter


@case
def register_parameter_registers(torch: Any, rng: Rng) -> Any:
    """``layer.register_parameter("weight", p)``: what ``_parameters`` holds."""
    layer, p = torch.nn.Module(), _parameter(torch, rng)
    layer.register_parameter("weight", p)
    return list(layer._parameters), layer._parameters["weight"] is p


@case
def register_parameter_none_takes_the_place(torch: Any, rng: Rng) -> Any:
    """``layer.register_parameter("bias", None)``: what ``_parameters`` holds, and what is listed."""
    layer = torch.nn.Module()
    layer.register_parameter("bias", None)
    return list(layer._parameters), layer.bias is None, _names(layer)


@case
def register_parameter_refuses_a_plain_tensor(torch: Any, rng: Rng) -> Any:
    """``layer.register_parameter("weight", t)`` with a plain tensor."""
    return attempt(lambda: torch.nn.Module().register_parameter("weight", floats(torch, rng, 2)))


@case
def register_parameter_refuses_bad_names(torch: Any, rng: Rng) -> Any:
    """``register_parameter`` with the names ``""``, ``"a.b"`` and ``3``."""
    return [
        attempt(partial(torch.nn.Module().register_parameter, name, _parameter(torch, rng))) for name in ("", "a.b", 3)
    ]


@case
def register_parameter_refuses_a_taken_name(torch: Any, rng: Rng) -> Any:
    """``layer.register_parameter("forward", p)``, the name of a method."""
    return attempt(lambda: torch.nn.Module().register_parameter("forward", _parameter(torch, rng)))


@case
def register_parameter_may_replace(torch: Any, rng: Rng) -> Any:
    """``register_parameter("weight", p)``, then again with ``q``."""
    layer, q = torch.nn.Module(), _parameter(torch, rng, 3)
    layer.register_parameter("weight", _parameter(torch, rng))
    layer.register_parameter("weight", q)
    return layer._parameters["weight"] is q


@case
def register_parameter_refuses_a_computed_one(torch: Any, rng: Rng) -> Any:
    """``register_parameter`` with a Parameter that an operation made."""
    computed = (_parameter(torch, rng) * 2).as_subclass(torch.nn.Parameter)
    return attempt(lambda: torch.nn.Module().register_parameter("weight", computed))


@case
def register_parameter_before_init_is_refused(torch: Any, rng: Rng) -> Any:
    """``register_parameter`` on a module whose ``__init__`` never ran."""
    layer = torch.nn.Module.__new__(torch.nn.Module)
    return attempt(lambda: layer.register_parameter("weight", _parameter(torch, rng)))


# ------------------------------------------------------------------ named_modules, named_parameters


def _tree(torch: Any, rng: Rng) -> Any:
    """Return a model of three levels: ``stem``, ``body`` with ``body.0`` and ``body.2``, and ``scale``."""
    nn = torch.nn
    return _layer(
        torch,
        stem=nn.Linear(2, 3),
        scale=_parameter(torch, rng),
        body=nn.Sequential(nn.Linear(3, 3), nn.ReLU(), nn.Linear(3, 1, bias=False)),
    )


@case
def the_whole_tree_is_walked(torch: Any, rng: Rng) -> Any:
    """``named_modules()`` of a model of three levels: the paths and the classes."""
    return [(path, type(m).__name__) for path, m in _tree(torch, rng).named_modules()]


@case
def a_lone_module_lists_itself(torch: Any, rng: Rng) -> Any:
    """``nn.ReLU().named_modules()``."""
    return [(path, type(m).__name__) for path, m in torch.nn.ReLU().named_modules()]


@case
def a_prefix_goes_before_every_path(torch: Any, rng: Rng) -> Any:
    """``named_modules(prefix="net")``: the paths."""
    return [path for path, _ in _tree(torch, rng).named_modules(prefix="net")]


@case
def a_shared_module_is_walked_once(torch: Any, rng: Rng) -> Any:
    """``self.a = self.b = layer``: the paths of ``named_modules()``."""
    shared = torch.nn.Linear(2, 2)
    return [path for path, _ in _layer(torch, a=shared, b=shared).named_modules()]


@case
def a_shared_module_is_walked_twice_on_request(torch: Any, rng: Rng) -> Any:
    """``self.a = self.b = layer``: the paths of ``named_modules(remove_duplicate=False)``."""
    shared = torch.nn.Linear(2, 2)
    return [path for path, _ in _layer(torch, a=shared, b=shared).named_modules(remove_duplicate=False)]


@case
def a_second_walk_finds_the_same(torch: Any, rng: Rng) -> Any:
    """``named_modules()`` of one model, twice: the paths of the second time."""
    tree = _tree(torch, rng)
    list(tree.named_modules())
    return [path for path, _ in tree.named_modules()]


@case
def an_empty_place_for_a_child_is_passed_over(torch: Any, rng: Rng) -> Any:
    """``self.head = nn.Linear(2, 2)``, then ``self.head = None``: the paths."""
    layer = _layer(torch, head=torch.nn.Linear(2, 2), tail=torch.nn.ReLU())
    layer.head = None
    return [path for path, _ in layer.named_modules()]


@case
def modules_in_a_list_are_not_walked(torch: Any, rng: Rng) -> Any:
    """``self.layers = [nn.Linear(2, 2), nn.Linear(2, 2)]``: the paths."""
    return [path for path, _ in _layer(torch, layers=[torch.nn.Linear(2, 2)] * 2).named_modules()]


@case
def every_parameter_of_the_tree_is_named(torch: Any, rng: Rng) -> Any:
    """``named_parameters()`` of a model of three levels: the names and the shapes."""
    return [(name, list(p.shape)) for name, p in _tree(torch, rng).named_parameters()]


@case
def the_own_ones_only_without_recurse(torch: Any, rng: Rng) -> Any:
    """``named_parameters(recurse=False)``."""
    return [name for name, _ in _tree(torch, rng).named_parameters(recurse=False)]


@case
def a_prefix_goes_before_every_name(torch: Any, rng: Rng) -> Any:
    """``named_parameters(prefix="net")``, with ``recurse`` and without."""
    tree = _tree(torch, rng)
    return [[name for name, _ in tree.named_parameters("net", recurse)] for recurse in (True, False)]


@case
def a_tied_weight_is_listed_once(torch: Any, rng: Rng) -> Any:
    """``decoder.weight = encoder.weight``: the names."""
    model = _layer(torch, encoder=torch.nn.Linear(2, 2), decoder=torch.nn.Linear(2, 2))
    model.decoder.weight = model.encoder.weight
    return _names(model)


@case
def a_tied_weight_is_listed_twice_on_request(torch: Any, rng: Rng) -> Any:
    """``decoder.weight = encoder.weight``: the names with ``remove_duplicate=False``."""
    model = _layer(torch, encoder=torch.nn.Linear(2, 2), decoder=torch.nn.Linear(2, 2))
    model.decoder.weight = model.encoder.weight
    return [name for name, _ in model.named_parameters(remove_duplicate=False)]


@case
def an_empty_place_is_not_listed(torch: Any, rng: Rng) -> Any:
    """``nn.Linear(2, 2, bias=False)``: the names."""
    return _names(torch.nn.Linear(2, 2, bias=False))


@case
def frozen_parameters_are_listed(torch: Any, rng: Rng) -> Any:
    """``layer.requires_grad_(False)``: the names."""
    layer = torch.nn.Linear(2, 2)
    layer.requires_grad_(False)
    return _names(layer)


@case
def named_parameters_is_lazy(torch: Any, rng: Rng) -> Any:
    """``named_parameters()`` twice over: it is an iterator that runs once."""
    listed = torch.nn.Linear(2, 2).named_parameters()
    return len(list(listed)), len(list(listed))


@case
def parameters_in_lists_dicts_and_classes_are_not_listed(torch: Any, rng: Rng) -> Any:
    """Parameters in a list, in a dict, and at class level: the names."""
    held = type("Holder", (torch.nn.Module,), {"shared": _parameter(torch, rng)})()
    held.listed = [_parameter(torch, rng)]
    held.keyed = {"w": _parameter(torch, rng)}
    return _names(held)


@case
def a_cached_hidden_state_is_not_listed(torch: Any, rng: Rng) -> Any:
    """A recurrent cell that keeps its last hidden state as ``self.hidden``: listed, saved?"""
    cell = _layer(torch, weight=_parameter(torch, rng, 2, 2))
    cell.hidden = floats(torch, rng, 1, 2) @ cell.weight
    return _names(cell), list(cell.state_dict()), cell.hidden.requires_grad


@case
def layers_in_a_list_are_not_trained(torch: Any, rng: Rng) -> Any:
    """Two layers in ``self.layers = […]`` and one as ``self.head``: what ``parameters()`` lists."""
    nn = torch.nn
    model = _layer(torch, layers=[nn.Linear(2, 2), nn.Linear(2, 2)], head=nn.Linear(2, 1))
    return _names(model), sum(p.numel() for p in model.parameters())


@case
def who_picks_up_what(torch: Any, rng: Rng) -> Any:
    """A layer with a Parameter, a Buffer, a plain tensor and a list: listed, saved?"""
    layer = _layer(
        torch,
        weight=_parameter(torch, rng),
        mean=torch.nn.Buffer(floats(torch, rng, 2)),
        scale=floats(torch, rng, 2).requires_grad_(),
        layers=[torch.nn.Linear(2, 2)],
    )
    listed, saved = _names(layer), list(layer.state_dict())
    wanted = {"weight": "weight", "mean": "mean", "scale": "scale", "layers[0].weight": "layers.0.weight"}
    return {name: (key in listed, key in saved) for name, key in wanted.items()}


# ------------------------------------------------------------------ containers


@case
def a_module_list_registers_its_layers(torch: Any, rng: Rng) -> Any:
    """``self.layers = nn.ModuleList([nn.Linear(2, 3), nn.Linear(3, 1)])``: the names, and ``layers[-1]``."""
    model = _layer(torch, layers=torch.nn.ModuleList([torch.nn.Linear(2, 3), torch.nn.Linear(3, 1)]))
    return _names(model), len(model.layers), list(model.layers[-1].weight.shape), repr(model.layers[:1])


@case
def a_module_list_grows(torch: Any, rng: Rng) -> Any:
    """``append``, ``extend`` and assignment by index on an ``nn.ModuleList``: the classes in it."""
    nn = torch.nn
    layers = nn.ModuleList().append(nn.ReLU()).extend([nn.Linear(2, 2), nn.ReLU()])
    layers[0] = nn.Identity()
    return [type(layer).__name__ for layer in layers]


@case
def a_parameter_list_wraps_tensors(torch: Any, rng: Rng) -> Any:
    """``self.weights = nn.ParameterList([t, nn.Parameter(t)])``: the names and the types."""
    t = floats(torch, rng, 2)
    model = _layer(torch, weights=torch.nn.ParameterList([t, torch.nn.Parameter(t)]))
    model.weights.append(t)
    model.weights[0] = t * 2
    return _names(model), [type(w).__name__ for w in model.weights], len(model.weights)


@case
def a_module_dict_registers_its_layers(torch: Any, rng: Rng) -> Any:
    """``self.heads = nn.ModuleDict({"a": nn.Linear(2, 1), "b": nn.ReLU()})``: names and keys."""
    nn = torch.nn
    model = _layer(torch, heads=nn.ModuleDict({"a": nn.Linear(2, 1), "b": nn.ReLU()}))
    model.heads["c"] = nn.Identity()
    gone = type(model.heads.pop("b")).__name__
    return _names(model), list(model.heads), len(model.heads), "b" in model.heads, gone, list(model.heads.keys())
