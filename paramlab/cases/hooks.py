"""Hooks of a module: who is called when, with what, and what an answer changes."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from .case import attempt, case, floats
from .models import a_layer, a_parameter, a_tree

Rng = np.random.Generator


@case
def a_forward_hook_sees_and_replaces_the_output(torch: Any, rng: Rng) -> Any:
    """``register_forward_hook(hook)``: what it is handed, and the output that it exchanges."""
    layer, seen = torch.nn.ReLU(), []

    def hook(module: Any, args: Any, output: Any) -> Any:
        seen.append([type(module).__name__, *args, output])
        return output * 10

    handle = layer.register_forward_hook(hook)
    x = floats(torch, rng, 3, 2)
    with_hook = layer(x)
    handle.remove()
    return seen, with_hook, layer(x)


@case
def a_forward_pre_hook_replaces_the_arguments(torch: Any, rng: Rng) -> Any:
    """``register_forward_pre_hook``: one value, a tuple, and with ``with_kwargs=True`` both kinds of arguments."""

    class Scale(torch.nn.Module):  # type: ignore[misc]
        def forward(self, x: Any, by: float = 1.0) -> Any:
            return x * by

    x, answers = floats(torch, rng, 2), []
    for hook, with_kwargs in (
        (lambda m, args: args[0] + 1, False),
        (lambda m, args: (args[0], 5.0), False),
        (lambda m, args, kwargs: (args, {"by": 3.0}), True),
    ):
        layer = Scale()
        layer.register_forward_pre_hook(hook, with_kwargs=with_kwargs)
        answers.append(layer(x))
    return answers


@case
def hooks_run_in_their_order(torch: Any, rng: Rng) -> Any:
    """Hooks before and after ``forward``, some with ``prepend=True``: the order of the calls."""
    layer, order = torch.nn.Identity(), []
    for name, prepend in (("a", False), ("b", True), ("c", False)):
        layer.register_forward_pre_hook(lambda *_, name=name: order.append("before " + name), prepend=prepend)
        layer.register_forward_hook(lambda *_, name=name: order.append("after " + name), prepend=prepend)
    layer(1)
    return order


@case
def a_hook_that_is_always_called(torch: Any, rng: Rng) -> Any:
    """``always_call=True`` on a module whose ``forward`` raises."""
    layer, calls = torch.nn.Module(), []
    layer.register_forward_hook(lambda *_: calls.append("not called"))
    layer.register_forward_hook(lambda m, args, out: calls.append(out), always_call=True)
    return attempt(lambda: layer(1))["raises"], calls


@case
def a_full_backward_hook_sees_gradients(torch: Any, rng: Rng) -> Any:
    """``register_full_backward_hook``: the gradients of input and output, and the weight's."""
    layer, seen = torch.nn.Linear(2, 1, bias=False), []
    layer.weight = torch.nn.Parameter(floats(torch, rng, 1, 2))
    layer.register_full_backward_hook(lambda m, into, out: seen.append([*into, *out]))
    x = floats(torch, rng, 3, 2).requires_grad_()
    layer(x).square().sum().backward()
    return seen, x.grad, layer.weight.grad


@case
def backward_hooks_replace_gradients(torch: Any, rng: Rng) -> Any:
    """A pre-hook doubles the output's gradient, a hook negates the input's: what arrives where."""
    layer = a_layer(torch, scale=a_parameter(torch, rng))
    layer.forward = lambda x: x * layer.scale
    layer.register_full_backward_pre_hook(lambda m, out: (out[0] * 2,))
    layer.register_full_backward_hook(lambda m, into, out: (-into[0],))
    x = floats(torch, rng, 2).requires_grad_()
    layer(x).sum().backward()
    return x.grad, layer.scale.grad


@case
def hooks_around_a_state_dict(torch: Any, rng: Rng) -> Any:
    """Hooks before and after saving and loading, on a tree: who is called, in which order."""
    model, calls = a_tree(torch, rng), []
    for path, module in model.named_modules():
        module.register_state_dict_pre_hook(lambda m, prefix, keep, path=path: calls.append(["save", path, prefix]))
        module.register_state_dict_post_hook(lambda m, state, prefix, meta, path=path: calls.append(["saved", path]))
        module.register_load_state_dict_pre_hook(lambda m, state, prefix, *_: calls.append(["load", sorted(state)]))
        module.register_load_state_dict_post_hook(lambda m, keys, path=path: calls.append(["loaded", path]))
    model.load_state_dict(model.state_dict())
    return calls


@case
def hooks_of_a_copy(torch: Any, rng: Rng) -> Any:
    """``copy.deepcopy`` of a module with a hook, which is then removed from the first: both answers."""
    layer = torch.nn.Identity()
    handle = layer.register_forward_hook(lambda m, args, out: out * 2)
    twin = copy.deepcopy(layer)
    handle.remove()
    return layer(1), twin(1)
