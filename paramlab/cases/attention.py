"""Attention: outputs, weights and gradients, under masks."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from .case import attempt, case, floats

Rng = np.random.Generator


def _attend(torch: Any, rng: Rng, inputs: list[Any], call: dict[str, Any], **options: Any) -> list[Any]:
    """Return output, weights and all gradients of a ``MultiheadAttention(4, 2)`` whose weights are drawn."""
    layer = torch.nn.MultiheadAttention(4, 2, **options).double()
    with torch.no_grad():
        for p in layer.parameters():
            p.copy_(floats(torch, rng, *p.shape))
    query, key, value = (t.requires_grad_() for t in inputs)
    output, weights = layer(query, key, value, **call)
    (output * floats(torch, rng, *output.shape)).sum().backward()
    seen = None if weights is None else weights.detach()
    return [output.detach(), seen, [t.grad for t in inputs], [p.grad for p in layer.parameters()]]


def _sequence(torch: Any, rng: Rng, *shape: int) -> Any:
    return floats(torch, rng, *shape).double()


@case
def of_a_sequence_to_itself(torch: Any, rng: Rng) -> Any:
    """``nn.MultiheadAttention(4, 2)`` of a sequence to itself: averaged weights, each head's, and none."""
    found = []
    for call in ({}, {"average_attn_weights": False}, {"need_weights": False}):
        x = _sequence(torch, rng, 3, 2, 4)
        found.append(_attend(torch, rng, [x, x, x], call))
    return found


@case
def of_one_sequence_to_another(torch: Any, rng: Rng) -> Any:
    """Keys and values of another sequence, of other widths, with ``batch_first``; and without a batch."""
    memory = _sequence(torch, rng, 2, 5, 4)
    first = _attend(torch, rng, [_sequence(torch, rng, 2, 3, 4), memory, memory], {}, batch_first=True)
    inputs = [_sequence(torch, rng, *shape) for shape in ((3, 4), (5, 2), (5, 3))]
    return first, _attend(torch, rng, inputs, {}, kdim=2, vdim=3, add_bias_kv=True, add_zero_attn=True)


@case
def under_masks(torch: Any, rng: Rng) -> Any:
    """A causal ``attn_mask``, one to be added, one for each head, and a ``key_padding_mask``."""
    causal = torch.ones(3, 3).triu(1).to(torch.bool)
    added = _sequence(torch, rng, 3, 3)
    padding = torch.tensor([[False, False, True], [False, True, False]])
    calls = [{"attn_mask": causal}, {"attn_mask": added, "need_weights": False}, {"key_padding_mask": padding}]
    calls += [{"attn_mask": _sequence(torch, rng, 4, 3, 3)}, {"attn_mask": causal, "key_padding_mask": padding}]
    found = []
    for call in calls:
        x = _sequence(torch, rng, 3, 2, 4)
        found.append(_attend(torch, rng, [x, x, x], call))
    return found


@case
def of_scaled_products(torch: Any, rng: Rng) -> Any:
    """``F.scaled_dot_product_attention``: plain, causal, with a scale, with masks; values and gradients."""
    allowed, added = torch.tensor([[True, False], [True, True], [False, False]]), _sequence(torch, rng, 3, 2)
    found = []
    for call in ({}, {"is_causal": True}, {"scale": 0.3}, {"attn_mask": allowed}, {"attn_mask": added}):
        shapes = ((2, 3, 4), (2, 2, 4), (2, 2, 5))
        inputs = [_sequence(torch, rng, *shape).requires_grad_() for shape in shapes]
        out = torch.nn.functional.scaled_dot_product_attention(*inputs, **call)
        (out * floats(torch, rng, 2, 3, 5)).sum().backward()
        found.append([out.detach(), [t.grad for t in inputs]])
    return found


@case
def its_weights_and_what_is_refused(torch: Any, rng: Rng) -> Any:
    """The names and shapes of the Parameters; heads that do not divide, masks and inputs that do not fit."""
    made = torch.nn.MultiheadAttention
    shapes = [
        [[n, list(p.shape)] for n, p in m.named_parameters()] for m in (made(4, 2), made(4, 2, kdim=3, bias=False))
    ]
    layer, x = made(4, 2), floats(torch, rng, 3, 2, 4)
    masks = [torch.zeros(3, 2), torch.zeros(2, 3, 3), torch.zeros(3, 3).long()]
    refused = [attempt(partial(layer, x, x, x, attn_mask=m)) for m in masks]
    refused += [attempt(lambda: layer(x, x[0], x)), attempt(lambda: layer(x, x, x, is_causal=True))]
    return shapes, refused, attempt(lambda: made(4, 3))
