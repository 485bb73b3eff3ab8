"""Embedding: rows looked up, and what flows back to them."""

from __future__ import annotations

from typing import Any

import numpy as np

from .case import attempt, case, floats

Rng = np.random.Generator


def _looked_up(torch: Any, rng: Rng, indices: Any, **options: Any) -> list[Any]:
    """Return rows of a table, the table afterwards and its gradient."""
    layer = torch.nn.Embedding(5, 3, _weight=floats(torch, rng, 5, 3), **options)
    out = layer(torch.tensor(indices))
    out.backward(floats(torch, rng, *out.shape))
    return [out.detach(), layer.weight.detach(), layer.weight.grad]


@case
def rows_by_their_numbers(torch: Any, rng: Rng) -> Any:
    """``nn.Embedding(5, 3)`` of a matrix of numbers, and of one number."""
    return [_looked_up(torch, rng, indices) for indices in ([[0, 2], [4, 1]], 3)]


@case
def a_row_looked_up_twice_gets_both_gradients(torch: Any, rng: Rng) -> Any:
    """The gradient of a row that was looked up three times, and with ``scale_grad_by_freq``."""
    indices = [1, 4, 1, 1]
    return _looked_up(torch, rng, indices), _looked_up(torch, rng, indices, scale_grad_by_freq=True)


@case
def the_row_of_the_padding_is_not_learned(torch: Any, rng: Rng) -> Any:
    """``padding_idx=0`` and ``-1``: the gradients; what a new layer has in that row; how it prints."""
    layer = torch.nn.Embedding(5, 3, padding_idx=2)
    found = [_looked_up(torch, rng, [0, 4, 1], padding_idx=row) for row in (0, -1)]
    return found, layer.weight[2].detach(), repr(layer)


@case
def too_long_rows_are_scaled_down(torch: Any, rng: Rng) -> Any:
    """``max_norm=1`` by the 2-norm and the 1-norm: the rows, the table, the gradients."""
    return [_looked_up(torch, rng, [0, 3, 0], max_norm=1.0, norm_type=norm) for norm in (2.0, 1.0)]


@case
def a_pretrained_table_is_frozen_unless_told(torch: Any, rng: Rng) -> Any:
    """``Embedding.from_pretrained(table)``: does it ask for a gradient; with ``freeze=False``?"""
    table = floats(torch, rng, 4, 2)
    layers = [torch.nn.Embedding.from_pretrained(table, freeze=freeze) for freeze in (True, False)]
    return [(m.weight.requires_grad, m.num_embeddings, m.embedding_dim, m(torch.tensor([1]))) for m in layers]


@case
def classes_as_rows_with_a_one(torch: Any, rng: Rng) -> Any:
    """``F.one_hot`` of classes, with more classes than there are, and for a class too many."""
    one_hot, classes = torch.nn.functional.one_hot, torch.tensor([[0, 2], [1, 0]])
    return one_hot(classes), one_hot(classes, 4), attempt(lambda: one_hot(classes, 2))


@case
def numbers_that_are_no_row_are_refused(torch: Any, rng: Rng) -> Any:
    """The errors for a number too large, a negative one, floats, and a padding that is no row."""
    layer = torch.nn.Embedding(3, 2)
    return [
        attempt(lambda: layer(torch.tensor([3]))),
        attempt(lambda: layer(torch.tensor([-1]))),
        attempt(lambda: layer(torch.tensor([1.0]))),
        attempt(lambda: torch.nn.Embedding(3, 2, padding_idx=3)),
    ]
