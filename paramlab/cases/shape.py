"""Another shape, another order, joined, repeated and taken apart: values and gradients."""

from __future__ import annotations

from typing import Any

import numpy as np

from .case import attempt, case, floats
from .leaves import differentiated

Rng = np.random.Generator


@case
def other_shapes(torch: Any, rng: Rng) -> Any:
    """``reshape``, ``view``, ``flatten``, ``unflatten``, ``ravel``, ``squeeze`` and ``unsqueeze``."""
    programs = [
        lambda a: a.reshape(3, 4),
        lambda a: a.view(-1),
        lambda a: a.flatten(1),
        lambda a: a.unflatten(2, (2, -1)).squeeze(),
        lambda a: a.ravel(),
        lambda a: torch.unsqueeze(a.squeeze(1), -1),
        lambda a: a.transpose(0, 2).reshape(2, 6),
    ]
    return [differentiated(torch, rng, program, floats(torch, rng, 3, 1, 4)) for program in programs]


@case
def other_orders(torch: Any, rng: Rng) -> Any:
    """``permute``, ``transpose``, ``movedim``, ``t``, ``flip``, ``roll`` and ``rot90``: values and gradients."""
    programs = [
        lambda a: a.permute(1, 0),
        lambda a: a.transpose(0, -1),
        lambda a: a[None].movedim(0, 2),
        lambda a: a.t(),
        lambda a: a.flip(0, 1),
        lambda a: a.roll(1),
        lambda a: a.roll((1, 2), (0, 1)),
        lambda a: a.rot90(),
    ]
    return [differentiated(torch, rng, program, floats(torch, rng, 2, 3)) for program in programs]


@case
def joined(torch: Any, rng: Rng) -> Any:
    """``cat``, ``stack``, ``hstack``, ``vstack``, ``dstack`` and ``column_stack``: values and both gradients."""
    programs = [
        lambda a, b: torch.cat([a, b]),
        lambda a, b: torch.cat((a, b), dim=1),
        lambda a, b: torch.stack([a, b, a], -1),
        lambda a, b: torch.hstack([a, b]),
        lambda a, b: torch.vstack([a, b[0]]),
        lambda a, b: torch.dstack([a, b]),
        lambda a, b: torch.column_stack([a[:, 0], b]),
    ]
    return [
        differentiated(torch, rng, program, floats(torch, rng, 2, 3), floats(torch, rng, 2, 3)) for program in programs
    ]


@case
def repeated(torch: Any, rng: Rng) -> Any:
    """``repeat``, ``tile``, ``repeat_interleave``, ``expand`` and ``meshgrid``: values and gradients."""
    programs = [
        lambda a: a.repeat(2, 1, 2),
        lambda a: a.tile(2),
        lambda a: a.repeat_interleave(2, dim=1),
        lambda a: a.repeat_interleave(torch.tensor([1, 2]), dim=0),
        lambda a: a[:, :1].expand(-1, 4),
        lambda a: a.broadcast_to((2, 2, 3)),
        lambda a: torch.meshgrid(a[0], a[:, 0], indexing="ij"),
    ]
    return [differentiated(torch, rng, program, floats(torch, rng, 2, 3)) for program in programs]


@case
def taken_apart(torch: Any, rng: Rng) -> Any:
    """``split``, ``chunk``, ``unbind``, ``narrow``, ``select``, ``tensor_split`` and ``unfold``."""
    programs = [
        lambda a: a.split(2),
        lambda a: a.split([1, 3], dim=1),
        lambda a: a.chunk(2, 1),
        lambda a: a.unbind(1)[1:],
        lambda a: a.narrow(1, 1, 2),
        lambda a: a.select(0, -1),
        lambda a: a.tensor_split((1, 2)),
        lambda a: a.unfold(1, 3, 1),
    ]
    return [differentiated(torch, rng, program, floats(torch, rng, 3, 4)) for program in programs]


@case
def diagonals_and_triangles(torch: Any, rng: Rng) -> Any:
    """``diagonal``, ``diag``, ``tril``, ``triu`` and ``trace``: values and gradients."""
    programs = [
        lambda a: a.diagonal(1),
        lambda a: a.diag(),
        lambda a: a[0].diag(-1),
        lambda a: a.tril(),
        lambda a: a.triu(1),
        lambda a: a.trace(),
    ]
    return [differentiated(torch, rng, program, floats(torch, rng, 3, 4)) for program in programs]


@case
def what_does_not_fit(torch: Any, rng: Rng) -> Any:
    """Shapes that do not fit ``view``, ``expand``, ``cat``, ``stack``, ``split``, ``permute`` and ``squeeze``."""
    x = floats(torch, rng, 2, 3)
    return [
        attempt(lambda: x.view(5))["raises"],
        attempt(lambda: x.t().view(6))["raises"],
        attempt(lambda: x.expand(4, 3))["raises"],
        attempt(lambda: torch.cat([x, x.t()]))["raises"],
        attempt(lambda: torch.stack([x, x.t()]))["raises"],
        attempt(lambda: x.split([1, 1], dim=1))["raises"],
        attempt(lambda: x.permute(0, 0))["raises"],
        attempt(lambda: x.squeeze(2))["raises"],
    ]
