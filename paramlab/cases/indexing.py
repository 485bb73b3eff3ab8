"""Reading and writing parts: slices, masks and integers, and the operations that name places."""

from __future__ import annotations

from typing import Any

import numpy as np

from .case import attempt, case, floats
from .leaves import differentiated

Rng = np.random.Generator


@case
def parts(torch: Any, rng: Rng) -> Any:
    """Integers, slices, ``None`` and ``...``: values and gradients."""
    programs = [
        lambda a: a[0],
        lambda a: a[-1, 1:],
        lambda a: a[:, ::2],
        lambda a: a[..., -1],
        lambda a: a[None, 1],
        lambda a: a[1:, None, 0],
    ]
    return [differentiated(torch, rng, program, floats(torch, rng, 3, 4)) for program in programs]


@case
def by_integers_and_masks(torch: Any, rng: Rng) -> Any:
    """Lists, tensors of integers and masks, mixed with slices: values and gradients."""
    programs = [
        lambda a: a[[0, 2]],
        lambda a: a[torch.tensor([0, 0, -1])],
        lambda a: a[:, torch.tensor([[0, 1], [3, 3]])],
        lambda a: a[[0, 1], [1, -1]],
        lambda a: a[a > 0],
        lambda a: a[torch.tensor([True, False, True])],
        lambda a: a[1, torch.tensor([2, 2])],
    ]
    return [differentiated(torch, rng, program, floats(torch, rng, 3, 4)) for program in programs]


@case
def places_named_by_a_tensor(torch: Any, rng: Rng) -> Any:
    """``gather``, ``index_select``, ``take``, ``take_along_dim`` and ``masked_select``: values and gradients."""
    programs = [
        lambda a: a.gather(1, torch.tensor([[0, 0], [1, 2]])),
        lambda a: a.gather(0, torch.tensor([[1, 0, 1]])),
        lambda a: a.index_select(1, torch.tensor([2, 0, 2])),
        lambda a: torch.take(a, torch.tensor([5, 0, 5])),
        lambda a: a.take_along_dim(torch.tensor([[2], [0]]), dim=1),
        lambda a: a.masked_select(a > 0),
    ]
    return [differentiated(torch, rng, program, floats(torch, rng, 2, 3)) for program in programs]


@case
def written_to_places(torch: Any, rng: Rng) -> Any:
    """``scatter``, ``scatter_add``, ``index_add``, ``index_copy``, ``index_fill`` and ``index_put``."""
    programs = [
        lambda a, b: a.scatter(1, torch.tensor([[0, 2], [1, 0]]), b[:, :2]),
        lambda a, b: a.scatter(1, torch.tensor([[0], [2]]), 5.0),
        lambda a, b: a.scatter_add(1, torch.tensor([[0, 0], [2, 0]]), b[:, :2]),
        lambda a, b: a.index_add(0, torch.tensor([1, 1]), b, alpha=2),
        lambda a, b: a.index_copy(1, torch.tensor([2, 0]), b[:, :2]),
        lambda a, b: a.index_fill(1, torch.tensor([1]), -1.0),
        lambda a, b: a.index_put((torch.tensor([0, 0]),), b, accumulate=True),
        lambda a, b: a.scatter_reduce(1, torch.tensor([[0, 0], [1, 2]]), b[:, :2], "amax"),
    ]
    return [
        differentiated(torch, rng, program, floats(torch, rng, 2, 3), floats(torch, rng, 2, 3)) for program in programs
    ]


@case
def chosen_by_a_mask(torch: Any, rng: Rng) -> Any:
    """``where``, ``masked_fill``, ``nonzero`` and ``argwhere``."""
    x, y = floats(torch, rng, 2, 3), floats(torch, rng, 2, 3)
    chosen = differentiated(torch, rng, lambda a, b: [torch.where(a > 0, a, b), a.masked_fill(a > 0, 0.0)], x, y)
    positive = x.detach() > 0
    return chosen, positive.nonzero(), list(positive.nonzero(as_tuple=True)), torch.argwhere(positive)


@case
def written_in_place(torch: Any, rng: Rng) -> Any:
    """``x[...] = value`` by slice, integer, mask and list, broadcast and of another dtype."""
    x = floats(torch, rng, 4, 3)
    x[0] = 1
    x[1:3, 1] = torch.tensor([5, 6])
    x[x > 0.5] = 0.0
    x[[3, 3]] = torch.tensor([1.0, 2.0, 3.0])
    x[..., -1] += 1
    whole = torch.arange(4)
    whole[1] = 2.9
    return x, whole, x._version


@case
def followed_through_an_assignment(torch: Any, rng: Rng) -> Any:
    """``y[index] = w * 3`` by slice, list and mask: the gradients of both."""
    answers = []
    for index in (0, [1, 1], torch.tensor([True, False])):
        v, w = floats(torch, rng, 2, 3).requires_grad_(), floats(torch, rng, 3).requires_grad_()
        y = v * 2
        y[index] = w * 3
        (y * floats(torch, rng, 2, 3)).sum().backward()
        answers.append([y.detach(), v.grad, w.grad])
    return answers


@case
def out_of_bounds(torch: Any, rng: Rng) -> Any:
    """Indices that there are not, too many, masks and values of a wrong shape: the errors."""
    x = floats(torch, rng, 2, 3)
    return [
        attempt(lambda: x[2]),
        attempt(lambda: x[0, 0, 0]),
        attempt(lambda: x[torch.tensor([5])]),
        attempt(lambda: x[torch.tensor([True, False, True])]),
        attempt(lambda: x.gather(1, torch.tensor([[3]]))),
        attempt(lambda: x.index_select(0, torch.tensor([2])))["raises"],
        attempt(lambda: x.__setitem__(0, torch.ones(2)))["raises"],
        attempt(lambda: x.__setitem__(0, [1.0, 2.0, 3.0]))["raises"],
    ]
