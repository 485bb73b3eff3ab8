"""What ``.to()`` and its relatives do to a model's tensors: which follow, and which are the same objects after."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from .case import attempt, case

Rng = np.random.Generator


def quarters(torch: Any, rng: Rng, *shape: int) -> Any:
    """Return a float32 tensor of numbers such as 1.25, which are the same in every dtype."""
    return torch.tensor(rng.integers(1, 9, size=shape).astype(np.float32) / 4)


def _model(torch: Any, rng: Rng) -> Any:
    """Return a model with one tensor of each kind, and with a layer that is hidden in a list."""
    model = torch.nn.Module()
    model.weight = torch.nn.Parameter(quarters(torch, rng, 2))
    model.mean = torch.nn.Buffer(quarters(torch, rng, 2))
    model.count = torch.nn.Buffer(torch.tensor([3, 4]))
    model.prior = quarters(torch, rng, 2)
    model.layers = [torch.nn.Linear(2, 2)]
    return model


def _kinds(model: Any) -> dict[str, Any]:
    names = ("weight", "mean", "count", "prior")
    return {name: getattr(model, name) for name in names} | {"layers[0].weight": model.layers[0].weight}


def _tree(torch: Any, rng: Rng) -> Any:
    """Return a model with a Parameter and a buffer of its own, and one of each two levels below."""
    deep = torch.nn.Module()
    deep.weight, deep.mean = torch.nn.Parameter(quarters(torch, rng, 2)), torch.nn.Buffer(quarters(torch, rng, 2))
    model = torch.nn.Sequential(torch.nn.Sequential(deep))
    model.scale, model.shift = torch.nn.Parameter(quarters(torch, rng, 2)), torch.nn.Buffer(quarters(torch, rng, 2))
    return model


def _layer(torch: Any, rng: Rng) -> Any:
    """Return a Linear of 2 to 1 with weights that are the same in every dtype."""
    layer = torch.nn.Linear(2, 1)
    layer.weight = torch.nn.Parameter(quarters(torch, rng, 1, 2))
    return layer


def _name(dtype: Any) -> str:
    return str(dtype).removeprefix("torch.")


def _to_an_accelerator(torch: Any, model: Any) -> None:
    """Move a model off the CPU, to paramlab's ``sim`` or to a GPU.

    PyTorch without a GPU gives each tensor other memory in the same way: ``to`` is ``_apply`` with a function
    that copies all that is not there yet.
    """
    if torch.__name__ == "paramlab":
        model.to("sim")
    elif torch.cuda.is_available():
        model.to("cuda")
    else:
        model._apply(lambda t: t.clone())


def _to_float64(torch: Any, model: Any) -> None:
    model.to(torch.float64)


MOVES: tuple[Callable[[Any, Any], None], ...] = (_to_an_accelerator, _to_float64)


def _gradients(model: Any) -> Any:
    """Give every Parameter a gradient, of twice its own values."""
    sum((p**2).sum() for p in model.parameters()).backward()
    return model


# ------------------------------------------------------------------ what follows, and what is new then


@case
def what_follows_a_move(torch: Any, rng: Rng) -> Any:
    """A model to another device, and to float64: which of its tensors have other memory afterwards."""
    follows: dict[str, tuple[bool, ...]] = {}
    for move in MOVES:
        model = _model(torch, rng)
        before = {name: tensor.data_ptr() for name, tensor in _kinds(model).items()}
        move(torch, model)
        for name, tensor in _kinds(model).items():
            follows[name] = (*follows.get(name, ()), tensor.data_ptr() != before[name])
    return follows


@case
def the_same_objects_after_a_move(torch: Any, rng: Rng) -> Any:
    """A model to another device, and to float64: which of the registered tensors are the same objects afterwards."""
    same: dict[str, tuple[bool, ...]] = {}
    for move in MOVES:
        model = _model(torch, rng)
        before = _kinds(model)
        move(torch, model)
        for name in ("weight", "mean", "count"):
            same[name] = (*same.get(name, ()), getattr(model, name) is before[name])
    return same


@case
def a_tensor_is_not_moved_in_place(torch: Any, rng: Rng) -> Any:
    """``y = x.to(torch.float64)``: the dtypes of both; and whether ``x.to(torch.float32)`` is ``x``."""
    x = quarters(torch, rng, 2)
    y = x.to(torch.float64)
    return x.dtype, y.dtype, y is x, x.to(torch.float32) is x


@case
def a_list_of_buffers_goes_stale(torch: Any, rng: Rng) -> Any:
    """``model.all = [model.mean, model.weight]`` before ``model.to(torch.float64)``: dtypes in it, and same objects?"""
    model = _model(torch, rng)
    model.all = [model.mean, model.weight]
    model.to(torch.float64)
    return [t.dtype for t in model.all], model.all[0] is model.mean, model.all[1] is model.weight


@case
def a_plain_tensor_of_another_dtype(torch: Any, rng: Rng) -> Any:
    """A float32 tensor that stayed behind, with one of float64: ``+`` gives which dtype, and what does ``@`` do?"""
    model, x = _model(torch, rng), quarters(torch, rng, 2).double()
    model.to(torch.float64)
    return (x + model.prior).dtype, attempt(lambda: x @ model.prior)


# ------------------------------------------------------------------ a Parameter takes other data


@case
def it_stays_the_same_object(torch: Any, rng: Rng) -> Any:
    """``layer.to(torch.float64)``: whether the weight is the same object, its class, its dtype and its values."""
    layer = _layer(torch, rng)
    weight = layer.weight
    layer.to(torch.float64)
    return layer.weight is weight, type(layer.weight).__name__, _name(layer.weight.dtype), layer.weight.tolist()


@case
def its_gradient_stays_the_same_object(torch: Any, rng: Rng) -> Any:
    """``layer.to(torch.float64)`` after a backward: whether ``weight.grad`` is the same object, its dtype, values."""
    layer = _gradients(_layer(torch, rng))
    before = layer.weight.grad
    grad = layer.to(torch.float64).weight.grad
    return grad is before, grad if grad is None else (_name(grad.dtype), grad.tolist())


@case
def it_has_no_gradient_yet(torch: Any, rng: Rng) -> Any:
    """``layer.to(torch.float64)`` before any backward: the dtype of the weight, and whether its grad is None."""
    layer = torch.nn.Linear(2, 1).to(torch.float64)
    return layer.weight.dtype, layer.weight.grad is None


@case
def it_is_learned_as_before(torch: Any, rng: Rng) -> Any:
    """A weight, and a frozen one, after ``to(torch.float64)``: ``is_leaf`` and ``requires_grad`` of each."""
    layer = torch.nn.Linear(2, 1)
    layer.bias.requires_grad_(False)
    layer.to(torch.float64)
    return [(p.is_leaf, p.requires_grad) for p in (layer.weight, layer.bias)]


@case
def the_old_memory_is_left_alone(torch: Any, rng: Rng) -> Any:
    """A tensor ``t`` that shares the memory of a Parameter, after ``layer._apply(lambda p: p * 2)``: both."""
    layer, t = torch.nn.Module(), quarters(torch, rng, 2)
    layer.weight = torch.nn.Parameter(t)
    layer._apply(lambda p: p * 2)
    return t.tolist(), layer.weight.tolist()


@case
def an_optimizer_made_before_goes_on(torch: Any, rng: Rng) -> Any:
    """``SGD(layer.parameters())``, then ``layer.to(torch.float64)``, a backward and a step: the weight."""
    layer = _layer(torch, rng)
    optimizer = torch.optim.SGD(layer.parameters(), lr=0.1)
    layer.to(torch.float64)
    layer(quarters(torch, rng, 4, 2).double()).sum().backward()
    optimizer.step()
    return layer.weight.tolist()


# ------------------------------------------------------------------ the walk


@case
def the_whole_tree_is_converted(torch: Any, rng: Rng) -> Any:
    """``model._apply(lambda t: t.double())`` of a tree of three levels: the dtype of every Parameter and buffer."""
    model = _tree(torch, rng)
    model._apply(lambda t: t.double())
    return {name: _name(tensor.dtype) for name, tensor in model.state_dict().items()}


@case
def parameters_stay_and_buffers_are_new(torch: Any, rng: Rng) -> Any:
    """``model._apply(lambda t: t.double())``: which Parameters and which buffers of a tree are the same objects."""
    model = _tree(torch, rng)
    before = dict(model.named_parameters()) | dict(model.named_buffers())
    model._apply(lambda t: t.double())
    after = dict(model.named_parameters()) | dict(model.named_buffers())
    return {name: tensor is before[name] for name, tensor in after.items()}


@case
def an_old_buffer_keeps_its_values(torch: Any, rng: Rng) -> Any:
    """``before = model.shift``, then ``model._apply(lambda t: t * 2)``: the old one and the new one."""
    model = _tree(torch, rng)
    before = model.shift
    model._apply(lambda t: t * 2)
    return before.tolist(), model.shift.tolist()


@case
def it_returns_the_module(torch: Any, rng: Rng) -> Any:
    """``model._apply(fn) is model`` and ``model.to(torch.float64) is model``."""
    model = _tree(torch, rng)
    return model._apply(lambda t: t.double()) is model, model.to(torch.float32) is model


@case
def empty_places_are_passed_over(torch: Any, rng: Rng) -> Any:
    """A bias that is None, a buffer that is None and a child that is None: ``model._apply`` converts the rest."""
    model = torch.nn.Linear(2, 1, bias=False)
    model.register_buffer("mean", None)
    model.register_module("child", None)
    model._apply(lambda t: t.double())
    return model.weight.dtype, model.bias is None, model.mean is None, model.child is None


@case
def gradients_are_converted_too(torch: Any, rng: Rng) -> Any:
    """``model._apply(lambda t: t.double())`` after a backward: the dtype of every gradient."""
    model = _gradients(_tree(torch, rng))
    model._apply(lambda t: t.double())
    return [p.grad if p.grad is None else _name(p.grad.dtype) for p in model.parameters()]


@case
def its_own_tensors_only_without_recurse(torch: Any, rng: Rng) -> Any:
    """``model._apply(lambda t: t.double(), recurse=False)``: the dtypes of what is its own and of a child."""
    model = _tree(torch, rng)
    model._apply(lambda t: t.double(), recurse=False)
    return model.scale.dtype, model.shift.dtype, model[0][0].weight.dtype


@case
def each_tensor_is_converted_once(torch: Any, rng: Rng) -> Any:
    """``model._apply(lambda t: t + 1)`` of a tree of three levels: the Parameters."""
    model = _tree(torch, rng)
    model._apply(lambda t: t + 1)
    return {name: p.tolist() for name, p in model.named_parameters()}


@case
def plain_attributes_stay(torch: Any, rng: Rng) -> Any:
    """A plain tensor and a list of layers after ``model._apply(lambda t: t.double())``: same objects, dtypes."""
    model = _model(torch, rng)
    prior, weight = model.prior, model.layers[0].weight
    model._apply(lambda t: t.double())
    return model.prior is prior, model.layers[0].weight is weight, prior.dtype, weight.dtype


@case
def a_buffer_that_is_not_saved_stays_so(torch: Any, rng: Rng) -> Any:
    """A buffer with ``persistent=False`` after ``model._apply``: its dtype, and what ``state_dict()`` saves."""
    model = torch.nn.Module()
    model.register_buffer("kept", quarters(torch, rng, 2))
    model.register_buffer("mask", quarters(torch, rng, 2), persistent=False)
    model._apply(lambda t: t.double())
    return model.mask.dtype, list(model.state_dict())


# ------------------------------------------------------------------ Module.to


@case
def to_a_dtype_leaves_integers_alone(torch: Any, rng: Rng) -> Any:
    """``model.to(torch.float64)`` of a model with buffers of integers and of bools: all dtypes."""
    model = _model(torch, rng)
    model.mask = torch.nn.Buffer(torch.tensor([True, False]))
    model.to(torch.float64)
    return {name: _name(tensor.dtype) for name, tensor in model.state_dict().items()}


@case
def to_a_device_takes_everything(torch: Any, rng: Rng) -> Any:
    """``model.to("meta")`` of a model with a buffer of integers: the device of every tensor, the dtypes."""
    model = _model(torch, rng).to("meta")
    return {name: (str(tensor.device), _name(tensor.dtype)) for name, tensor in model.state_dict().items()}


@case
def to_a_device_and_a_dtype(torch: Any, rng: Rng) -> Any:
    """``model.to("meta", torch.float16)``: the device and the dtype of every tensor."""
    model = _model(torch, rng).to("meta", torch.float16)
    return {name: (str(tensor.device), _name(tensor.dtype)) for name, tensor in model.state_dict().items()}


@case
def to_where_another_tensor_is(torch: Any, rng: Rng) -> Any:
    """``model.to(x)`` for an ``x`` of float64, ``model.to(dtype=torch.float64)`` and ``model.to()``: the dtypes."""
    x = quarters(torch, rng, 2).double()
    moved = [_model(torch, rng).to(x), _model(torch, rng).to(dtype=torch.float64), _model(torch, rng).to()]
    return [[_name(t.dtype) for t in model.state_dict().values()] for model in moved]


@case
def nothing_to_convert(torch: Any, rng: Rng) -> Any:
    """``model.to("cpu", torch.float32)`` of a model that is all that already: which buffers are the same objects."""
    model = _model(torch, rng)
    before = dict(model.named_buffers())
    model.to("cpu", torch.float32)
    return {name: buffer is before[name] for name, buffer in model.named_buffers()}


@case
def to_integers_is_refused(torch: Any, rng: Rng) -> Any:
    """``model.to(torch.int64)`` and ``model.to(torch.bool)``."""
    model = _model(torch, rng)
    return [attempt(partial(model.to, dtype)) for dtype in (torch.int64, torch.bool)]


@case
def from_meta_there_is_nothing_to_copy(torch: Any, rng: Rng) -> Any:
    """A model on meta, ``to("cpu")``; after ``to_empty(device="cpu")``, its devices, shapes and same objects."""
    model = _model(torch, rng).to("meta")
    weight, mean = model.weight, model.mean
    refused = attempt(lambda: model.to("cpu") is model)
    model.to_empty(device="cpu")
    facts = [(str(t.device), list(t.shape)) for t in model.state_dict().values()]
    return refused, facts, model.weight is weight, model.mean is mean, type(model.weight).__name__


@case
def meta_can_not_be_swapped_in(torch: Any, rng: Rng) -> Any:
    """``p.data = torch.ones(2, device="meta")`` for a Parameter ``p`` on the CPU."""
    p = torch.nn.Parameter(quarters(torch, rng, 2))
    return attempt(lambda: setattr(p, "data", torch.ones(2, device="meta")))
