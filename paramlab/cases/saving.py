"""What comes back from ``torch.save`` and ``torch.load``: state_dicts, whole checkpoints, shared tensors."""

from __future__ import annotations

import io
from collections import OrderedDict
from typing import Any

import numpy as np

from .case import attempt, case, floats

Rng = np.random.Generator


def _again(torch: Any, obj: Any, **options: Any) -> Any:
    """Save to memory and load."""
    file = io.BytesIO()
    torch.save(obj, file)
    file.seek(0)
    return torch.load(file, **options)


def _trained(torch: Any, rng: Rng) -> Any:
    """Return a model and its optimizer after two steps; float64, as a BatchNorm makes much of small differences."""
    model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3), torch.nn.Linear(3, 1)).double()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(floats(torch, rng, *parameter.shape))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    for _ in range(2):
        _step(torch, rng, model, optimizer)
    return model, optimizer


def _step(torch: Any, rng: Rng, model: Any, optimizer: Any) -> None:
    optimizer.zero_grad()
    model(floats(torch, rng, 4, 2).double()).square().mean().backward()
    optimizer.step()


@case
def a_state_dict_comes_back(torch: Any, rng: Rng) -> Any:
    """``torch.load`` of a saved ``state_dict()``: type, keys, values, ``requires_grad``, the versions."""
    state = _trained(torch, rng)[0].state_dict()
    loaded = _again(torch, state)
    frozen = [value.requires_grad for value in loaded.values()]
    return type(loaded).__name__, list(loaded), list(loaded.values()), frozen, dict(loaded._metadata)


@case
def a_checkpoint_comes_back(torch: Any, rng: Rng) -> Any:
    """``{"model": …, "optimizer": …, "epoch": 3}``, loaded into a new model and optimizer: the step after."""
    model, optimizer = _trained(torch, rng)
    loaded = _again(torch, {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "epoch": 3})
    other, its_optimizer = _trained(torch, rng)
    other.load_state_dict(loaded["model"])
    its_optimizer.load_state_dict(loaded["optimizer"])
    _step(torch, rng, other, its_optimizer)
    return list(loaded), loaded["epoch"], list(other.state_dict().values()), its_optimizer.state_dict()["state"]


@case
def containers_and_numbers_come_back(torch: Any, rng: Rng) -> Any:
    """Dicts with all kinds of keys, lists, tuples, numbers large and infinite, texts, None: types and values."""
    obj = {"a": [1, (2.5, None)], 3: {True: "ü"}, None: OrderedDict(z=-(2**70), y=float("-inf")), "": [[], {}, ()]}
    loaded = _again(torch, obj)
    kinds = [type(part).__name__ for part in (loaded, loaded["a"], loaded["a"][1], loaded[None], *loaded[""])]
    return loaded == obj, list(map(str, loaded)), kinds


@case
def words_of_the_package_come_back(torch: Any, rng: Rng) -> Any:
    """A dtype, a Size and a device: are they what they were?"""
    obj = [torch.float16, torch.ones(2, 3).shape, torch.device("cpu")]
    loaded = _again(torch, obj)
    return loaded == obj, loaded[0] is torch.float16, list(map(str, loaded))


@case
def tensors_of_every_kind_come_back(torch: Any, rng: Rng) -> Any:
    """No elements, no dimension, not contiguous, float16, bool, uint8: dtype, shape and values."""
    x = floats(torch, rng, 2, 3)
    tensors = [x, x.t(), x[:, ::2], x[0, 0], x[:0], x.half(), x > 0, torch.tensor([0, 255], dtype=torch.uint8)]
    return [(tensor, list(tensor.shape)) for tensor in _again(torch, tensors)]


@case
def a_parameter_comes_back_as_one(torch: Any, rng: Rng) -> Any:
    """A Parameter, a frozen one, a tensor that wants a gradient: type, ``requires_grad``, ``is_leaf``."""
    x = floats(torch, rng, 2)
    obj = [torch.nn.Parameter(x), torch.nn.Parameter(x, requires_grad=False), x.clone().requires_grad_(), x]
    return [(type(t).__name__, t.requires_grad, t.is_leaf, t.tolist()) for t in _again(torch, obj)]


@case
def tied_tensors_come_back_tied(torch: Any, rng: Rng) -> Any:
    """The same tensor twice, a detached one, a view: same object? do they still share memory?"""
    x = floats(torch, rng, 3, 2)
    loaded = _again(torch, {"x": x, "same": x, "detached": x.detach(), "row": x[1], "turned": x.t(), "copy": x.clone()})
    loaded["x"].zero_()
    return loaded["same"] is loaded["x"], {key: value.tolist() for key, value in loaded.items()}


@case
def what_is_loaded_belongs_to_nobody_else(torch: Any, rng: Rng) -> Any:
    """A write to a loaded tensor: what the saved one holds after."""
    x = floats(torch, rng, 2)
    _again(torch, {"x": x})["x"].zero_()
    return x


@case
def the_location_can_be_chosen(torch: Any, rng: Rng) -> Any:
    """``map_location`` as a text, a device, a dict, a function: the device of what is loaded."""
    places = ["cpu", torch.device("cpu"), {"cpu": "cpu"}, lambda storage, location: storage, None]
    return [_again(torch, floats(torch, rng, 2), map_location=place) for place in places]


@case
def what_is_no_place_is_refused(torch: Any, rng: Rng) -> Any:
    """``torch.save`` to what is no file, ``torch.load`` of what is not there: the errors."""
    nowhere = [
        lambda: torch.save({}, 3),
        lambda: torch.save({}, "/no/such/folder/f"),
        lambda: torch.load("/no/such/file"),
    ]
    return [attempt(action)["raises"] for action in nowhere]
