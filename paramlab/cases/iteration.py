"""Walking the tree: who is listed, under which name."""

from __future__ import annotations

from typing import Any

import numpy as np

from .case import attempt, case, floats
from .models import a_layer, a_parameter, a_tree, names_of

Rng = np.random.Generator


@case
def the_whole_tree_is_walked(torch: Any, rng: Rng) -> Any:
    """``named_modules()`` of a model of three levels: the paths and the classes."""
    return [(path, type(m).__name__) for path, m in a_tree(torch, rng).named_modules()]


@case
def a_lone_module_lists_itself(torch: Any, rng: Rng) -> Any:
    """``nn.ReLU().named_modules()``."""
    return [(path, type(m).__name__) for path, m in torch.nn.ReLU().named_modules()]


@case
def a_prefix_goes_before_every_path(torch: Any, rng: Rng) -> Any:
    """``named_modules(prefix="net")``: the paths."""
    return [path for path, _ in a_tree(torch, rng).named_modules(prefix="net")]


@case
def a_shared_module_is_walked_once(torch: Any, rng: Rng) -> Any:
    """``self.a = self.b = layer``: the paths of ``named_modules()``."""
    shared = torch.nn.Linear(2, 2)
    return [path for path, _ in a_layer(torch, a=shared, b=shared).named_modules()]


@case
def a_shared_module_is_walked_twice_on_request(torch: Any, rng: Rng) -> Any:
    """``self.a = self.b = layer``: the paths of ``named_modules(remove_duplicate=False)``."""
    shared = torch.nn.Linear(2, 2)
    return [path for path, _ in a_layer(torch, a=shared, b=shared).named_modules(remove_duplicate=False)]


@case
def a_second_walk_finds_the_same(torch: Any, rng: Rng) -> Any:
    """``named_modules()`` of one model, twice: the paths of the second time."""
    tree = a_tree(torch, rng)
    list(tree.named_modules())
    return [path for path, _ in tree.named_modules()]


@case
def an_empty_place_for_a_child_is_passed_over(torch: Any, rng: Rng) -> Any:
    """``self.head = nn.Linear(2, 2)``, then ``self.head = None``: the paths."""
    layer = a_layer(torch, head=torch.nn.Linear(2, 2), tail=torch.nn.ReLU())
    layer.head = None
    return [path for path, _ in layer.named_modules()]


@case
def modules_in_a_list_are_not_walked(torch: Any, rng: Rng) -> Any:
    """``self.layers = [nn.Linear(2, 2), nn.Linear(2, 2)]``: the paths."""
    return [path for path, _ in a_layer(torch, layers=[torch.nn.Linear(2, 2)] * 2).named_modules()]


@case
def every_parameter_of_the_tree_is_named(torch: Any, rng: Rng) -> Any:
    """``named_parameters()`` of a model of three levels: the names and the shapes."""
    return [(name, list(p.shape)) for name, p in a_tree(torch, rng).named_parameters()]


@case
def the_own_ones_only_without_recurse(torch: Any, rng: Rng) -> Any:
    """``named_parameters(recurse=False)``."""
    return [name for name, _ in a_tree(torch, rng).named_parameters(recurse=False)]


@case
def a_prefix_goes_before_every_name(torch: Any, rng: Rng) -> Any:
    """``named_parameters(prefix="net")``, with ``recurse`` and without."""
    tree = a_tree(torch, rng)
    return [[name for name, _ in tree.named_parameters("net", recurse)] for recurse in (True, False)]


@case
def a_tied_weight_is_listed_once(torch: Any, rng: Rng) -> Any:
    """``decoder.weight = encoder.weight``: the names."""
    model = a_layer(torch, encoder=torch.nn.Linear(2, 2), decoder=torch.nn.Linear(2, 2))
    model.decoder.weight = model.encoder.weight
    return names_of(model)


@case
def a_tied_weight_is_listed_twice_on_request(torch: Any, rng: Rng) -> Any:
    """``decoder.weight = encoder.weight``: the names with ``remove_duplicate=False``."""
    model = a_layer(torch, encoder=torch.nn.Linear(2, 2), decoder=torch.nn.Linear(2, 2))
    model.decoder.weight = model.encoder.weight
    return [name for name, _ in model.named_parameters(remove_duplicate=False)]


@case
def an_empty_place_is_not_listed(torch: Any, rng: Rng) -> Any:
    """``nn.Linear(2, 2, bias=False)``: the names."""
    return names_of(torch.nn.Linear(2, 2, bias=False))


@case
def frozen_parameters_are_listed(torch: Any, rng: Rng) -> Any:
    """``layer.requires_grad_(False)``: the names."""
    layer = torch.nn.Linear(2, 2)
    layer.requires_grad_(False)
    return names_of(layer)


@case
def named_parameters_is_lazy(torch: Any, rng: Rng) -> Any:
    """``named_parameters()`` twice over: it is an iterator that runs once."""
    listed = torch.nn.Linear(2, 2).named_parameters()
    return len(list(listed)), len(list(listed))


@case
def parameters_in_lists_dicts_and_classes_are_not_listed(torch: Any, rng: Rng) -> Any:
    """Parameters in a list, in a dict, and at class level: the names."""
    held = type("Holder", (torch.nn.Module,), {"shared": a_parameter(torch, rng)})()
    held.listed = [a_parameter(torch, rng)]
    held.keyed = {"w": a_parameter(torch, rng)}
    return names_of(held)


@case
def a_cached_hidden_state_is_not_listed(torch: Any, rng: Rng) -> Any:
    """A recurrent cell that keeps its last hidden state as ``self.hidden``: listed, saved?"""
    cell = a_layer(torch, weight=a_parameter(torch, rng, 2, 2))
    cell.hidden = floats(torch, rng, 1, 2) @ cell.weight
    return names_of(cell), list(cell.state_dict()), cell.hidden.requires_grad


@case
def layers_in_a_list_are_not_trained(torch: Any, rng: Rng) -> Any:
    """Two layers in ``self.layers = […]`` and one as ``self.head``: what ``parameters()`` lists."""
    nn = torch.nn
    model = a_layer(torch, layers=[nn.Linear(2, 2), nn.Linear(2, 2)], head=nn.Linear(2, 1))
    return names_of(model), sum(p.numel() for p in model.parameters())


@case
def who_picks_up_what(torch: Any, rng: Rng) -> Any:
    """A layer with a Parameter, a Buffer, a plain tensor and a list: listed, saved?"""
    layer = a_layer(
        torch,
        weight=a_parameter(torch, rng),
        mean=torch.nn.Buffer(floats(torch, rng, 2)),
        scale=floats(torch, rng, 2).requires_grad_(),
        layers=[torch.nn.Linear(2, 2)],
    )
    listed, saved = names_of(layer), list(layer.state_dict())
    wanted = {"weight": "weight", "mean": "mean", "scale": "scale", "layers[0].weight": "layers.0.weight"}
    return {name: (key in listed, key in saved) for name, key in wanted.items()}


@case
def a_submodule_is_exchanged(torch: Any, rng: Rng) -> Any:
    """``set_submodule``: at a path that is there, at a new one, and where it is refused."""
    model, nn = a_tree(torch, rng), torch.nn
    model.set_submodule("body.1", nn.Tanh())
    model.set_submodule("body.last", nn.Identity())
    refused = [
        attempt(lambda: model.set_submodule("body.new", nn.ReLU(), strict=True)),
        attempt(lambda: model.set_submodule("scale", nn.ReLU())),
        attempt(lambda: model.set_submodule("", nn.ReLU()))["raises"],
    ]
    return repr(model), refused
