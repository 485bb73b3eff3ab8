"""The device ``meta``: shapes without values."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from .case import attempt, case

Rng = np.random.Generator


@case
def made_on_meta(torch: Any, rng: Rng) -> Any:
    """``torch.empty(2, 3, device="meta")`` and the like: how they print, and what they say of themselves."""
    made = [torch.empty(2, 3, device="meta"), torch.zeros(0, device="meta"), torch.arange(3, device="meta")]
    made.append(torch.ones(2, device="meta", requires_grad=True) * 2)
    return [[repr(t), t.is_meta, str(t.device), list(t.stride())] for t in made]


@case
def computed_on_meta(torch: Any, rng: Rng) -> Any:
    """Sums, products, reductions and parts: shape, dtype and ``grad_fn`` of each."""
    x = torch.empty(2, 3, device="meta", requires_grad=True)
    results = [
        x + 1,
        x @ x.t(),
        x.sum(),
        x.mean(0),
        x > 0,
        x[0],
        x.double(),
        x.softmax(1),
        torch.cat([x, x]),
        x.max(1)[1],
    ]
    return [[list(y.shape), y.dtype, y.requires_grad, y.grad_fn is not None, y.is_meta] for y in results]


@case
def a_gradient_on_meta(torch: Any, rng: Rng) -> Any:
    """A model on meta, run and differentiated: the output, and the shape and device of each gradient."""
    model = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.ReLU(), torch.nn.Linear(8, 1)).to("meta")
    out = model(torch.empty(5, 4, device="meta"))
    out.sum().backward()
    return repr(out), [[list(p.grad.shape), str(p.grad.device)] for p in model.parameters()]


@case
def a_layer_of_any_size(torch: Any, rng: Rng) -> Any:
    """``nn.Linear(100_000, 100_000, device="meta")``, and what it gives for a batch of 8."""
    layer = torch.nn.Linear(100_000, 100_000, device="meta")
    return repr(layer), list(layer(torch.empty(8, 100_000, device="meta")).shape), layer.weight.numel()


@case
def there_are_no_values(torch: Any, rng: Rng) -> Any:
    """``item()``, ``tolist()``, ``numpy()``, ``bool()`` and ``cpu()`` of a tensor on meta."""
    x = torch.empty((), device="meta")
    asked = [
        x.item,
        x.tolist,
        x.numpy,
        lambda: bool(x),
        x.cpu,
        lambda: torch.ones(1).copy_(x),
        lambda: x.reshape(1).nonzero(),
    ]
    return [attempt(ask)["raises"] for ask in asked]


@case
def meta_does_not_mix(torch: Any, rng: Rng) -> Any:
    """``x + torch.ones(2)`` for an ``x`` on meta, and ``x + torch.tensor(1.0)``."""
    x = torch.empty(2, device="meta")
    return attempt(lambda: x + torch.ones(2))["raises"], repr(x + torch.tensor(1.0))


@case
def written_on_meta(torch: Any, rng: Rng) -> Any:
    """In-place operations, ``copy_`` and ``nn.init`` on meta: what is there after."""
    x = torch.empty(2, 3, device="meta")
    x.add_(1).mul_(2).zero_()
    x.copy_(torch.ones(2, 3))
    x[0] = 5.0
    torch.nn.init.xavier_uniform_(x)
    return repr(x), torch.nn.init.kaiming_normal_(torch.empty(3, 2, device="meta")).is_meta


@case
def made_where_the_block_says(torch: Any, rng: Rng) -> Any:
    """``with torch.device("meta"):`` around a model, and the default device inside and outside."""
    with torch.device("meta"):
        model = torch.nn.Linear(2, 2)
        inside = torch.get_default_device()
    return str(model.weight.device), str(inside), str(torch.ones(1).device), str(torch.get_default_device())


@case
def filled_from_a_checkpoint(torch: Any, rng: Rng) -> Any:
    """A model on meta: ``to("cpu")``, ``to_empty(device="cpu")``, ``load_state_dict(..., assign=True)``."""
    source, model = torch.nn.Linear(2, 3), torch.nn.Linear(2, 3, device="meta")
    refused = attempt(lambda: model.to("cpu"))["raises"]
    emptied = str(torch.nn.Linear(2, 3, device="meta").to_empty(device="cpu").weight.device)
    model.load_state_dict(source.state_dict(), assign=True)
    return refused, emptied, torch.equal(model.weight, source.weight), model.weight.requires_grad


@case
def what_a_device_is(torch: Any, rng: Rng) -> Any:
    """``torch.device("cpu")``: equality, hash, ``type``, ``index``, printing, and names that are none."""
    cpu, meta = torch.device("cpu"), torch.device("meta")
    facts = [
        cpu == torch.device("cpu"),
        cpu == meta,
        cpu == "cpu",
        hash(meta) == hash(torch.device("meta")),
        repr(meta),
    ]
    wrong = [attempt(partial(torch.device, text))["raises"] for text in ("foo", "cpu:x", "", "cpu:")]
    return facts, str(torch.device("cpu", 0)), meta.type, meta.index, torch.device("cpu:1").index, wrong
