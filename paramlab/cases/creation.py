"""New tensors: of data, filled, in a row, at random; what dtype they have and what is refused."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from .case import attempt, case, floats

Rng = np.random.Generator


@case
def data_tells_the_dtype(torch: Any, rng: Rng) -> Any:
    """``torch.tensor`` of ints, floats, bools, mixtures, nothing, arrays, and with a dtype."""
    n = int(rng.integers(1, 9))
    data = [n, [n, 1], [n, 0.5], [True], [True, n], [[1.0], [n]], [], np.arange(2), np.float32(n), range(3)]
    return [torch.tensor(d) for d in data], torch.tensor([n, 2], dtype=torch.float16), torch.tensor([1.7], dtype=int)


@case
def data_that_is_refused(torch: Any, rng: Rng) -> Any:
    """``torch.tensor`` of ragged rows, strings, None, numbers too large, and integers that want a gradient."""
    data = ([[1, 2], [3]], "a", ["a"], None, [[1], 2], 2**63)
    found = [attempt(partial(torch.tensor, d)) for d in data]
    found.append(attempt(lambda: torch.tensor([300], dtype=torch.uint8)))
    return found


@case
def filled(torch: Any, rng: Rng) -> Any:
    """``zeros``, ``ones``, ``full``, ``eye`` with sizes as numbers or as a tuple, and the dtype of ``full``."""
    n = int(rng.integers(2, 4))
    made = [torch.zeros(n, 2), torch.ones((2, n), dtype=torch.int8), torch.zeros(size=(n,)), torch.eye(n, 2)]
    return made, [torch.full((2,), value) for value in (n, 0.5, True)], torch.empty(n, 0).shape[1]


@case
def after_the_model_of_another(torch: Any, rng: Rng) -> Any:
    """``zeros_like``, ``ones_like``, ``full_like`` and ``new_zeros``, ``new_ones``, ``new_full``, ``new_tensor``."""
    x = floats(torch, rng, 2, 2).double().requires_grad_()
    like = [torch.zeros_like(x), torch.ones_like(x, dtype=torch.int64), torch.full_like(x, 3)]
    new = [x.new_zeros(2), x.new_ones((1, 2)), x.new_full((2,), 7), x.new_tensor([1, 2])]
    return like, new, [t.requires_grad for t in (*like, *new)]


@case
def in_a_row(torch: Any, rng: Rng) -> Any:
    """``arange`` of ints and floats, up and down, ``linspace`` and ``logspace``; a step of 0 is refused."""
    n = int(rng.integers(3, 9))
    rows = [torch.arange(n), torch.arange(1, 2, 0.3), torch.arange(n, 0, -2), torch.arange(3, dtype=torch.float64)]
    rows += [
        torch.linspace(0, n, 5),
        torch.linspace(0, 1, 1),
        torch.logspace(0, 2, 3),
        torch.linspace(0, 10, 4, dtype=int),
    ]
    return rows, attempt(lambda: torch.arange(0, 3, 0)), attempt(lambda: torch.arange(0, 3, -1))


@case
def memory_that_is_shared(torch: Any, rng: Rng) -> Any:
    """What a write to an array does to ``from_numpy``, ``as_tensor``, ``asarray`` and ``tensor`` of it."""
    array = np.zeros(2)
    tensors = [torch.from_numpy(array), torch.as_tensor(array), torch.asarray(array), torch.tensor(array)]
    array[0] = rng.integers(1, 9)
    return tensors


@case
def the_old_names(torch: Any, rng: Rng) -> Any:
    """``torch.FloatTensor``, ``LongTensor`` and ``Tensor`` of lists and of sizes, and ``isinstance``."""
    made = [torch.FloatTensor([1, 2]), torch.LongTensor([1.5]), torch.Tensor([True]), torch.BoolTensor([0, 2])]
    return (
        made,
        list(torch.FloatTensor(2, 3).shape),
        isinstance(made[0], torch.FloatTensor),
        isinstance(made[0], torch.LongTensor),
    )


@case
def what_types_can_hold(torch: Any, rng: Rng) -> Any:
    """``finfo`` and ``iinfo``: the limits, and the text."""
    floating = [torch.finfo(k) for k in (torch.float16, torch.float32, torch.float64)]
    whole = [torch.iinfo(k) for k in (torch.int8, torch.uint8, torch.int64)]
    return [[f.bits, f.eps, f.max, f.tiny, repr(f)] for f in floating], [[i.bits, i.min, i.max, repr(i)] for i in whole]


@case
def draws_that_leave_no_choice(torch: Any, rng: Rng) -> Any:
    """``randint``, ``normal``, ``bernoulli``, ``multinomial`` and ``uniform_`` where only one answer can come."""
    n = int(rng.integers(0, 5))
    drawn = [
        torch.randint(n, n + 1, (2,)),
        torch.normal(float(n), 0.0, (2,)),
        torch.bernoulli(torch.tensor([0.0, 1.0])),
    ]
    drawn += [torch.multinomial(torch.tensor([0.0, 1.0]), 3, replacement=True), torch.empty(2).uniform_(n, n)]
    return drawn, torch.randperm(5).sort().values, torch.rand(2, 3).dtype, torch.randint(9, (2,)).dtype


@case
def a_seed_starts_again(torch: Any, rng: Rng) -> Any:
    """Whether numbers come again: after ``manual_seed``, from two generators, after ``set_rng_state``."""
    seed = int(rng.integers(1000))
    torch.manual_seed(seed)
    first, state = torch.rand(3), torch.get_rng_state()
    second = torch.randn(3)
    torch.set_rng_state(state)
    again = torch.equal(second, torch.randn(3))
    torch.manual_seed(seed)
    one, other = (torch.Generator().manual_seed(seed) for _ in range(2))
    same = torch.equal(torch.rand(3, generator=one), torch.rand(3, generator=other))
    return torch.equal(first, torch.rand(3)), again, same, torch.initial_seed() == seed


@case
def draws_that_are_refused(torch: Any, rng: Rng) -> Any:
    """``randint`` without room, ``normal`` with a negative spread, and weights that are no distribution."""
    calls = (
        lambda: torch.randint(3, 1, (2,)),
        lambda: torch.normal(torch.zeros(2), -1.0),
        lambda: torch.multinomial(torch.tensor([1.0, 2.0]), 3),
        lambda: torch.multinomial(torch.zeros(2), 1),
        lambda: torch.rand(2, dtype=torch.int64),
        lambda: torch.empty(2).uniform_(2, 1),
    )
    return [attempt(call) for call in calls]
