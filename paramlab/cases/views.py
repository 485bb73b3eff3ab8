"""Views: which memory they look at, how it is laid out, and what a write to one of them changes."""

from __future__ import annotations

from typing import Any

import numpy as np

from .case import attempt, case, floats

Rng = np.random.Generator


@case
def who_shares_memory(torch: Any, rng: Rng) -> Any:
    """``data_ptr()`` of views and of copies, beside that of their origin."""
    x = floats(torch, rng, 2, 3)
    looks = [
        x.view(6),
        x.t(),
        x[0],
        x[:, ::2],
        x.expand(4, 2, 3),
        x.reshape(3, 2),
        x.detach(),
        x.contiguous(),
        x.diagonal(),
    ]
    copies = [
        x.clone(),
        x[[0, 1]],
        x[x > -9],
        x.t().reshape(6),
        x.repeat(1, 1),
        x.t().contiguous(),
        x.flip(0),
        x.double(),
    ]
    return [[look.data_ptr() == x.data_ptr() for look in group] for group in (looks, copies)]


@case
def how_memory_is_laid_out(torch: Any, rng: Rng) -> Any:
    """``stride()``, ``storage_offset()`` and ``is_contiguous()`` of views."""
    x = floats(torch, rng, 2, 3, 4)
    looks = [x, x.transpose(0, 1), x[1], x[..., ::2], x.permute(2, 0, 1), x[:, 1], x.expand(5, 2, 3, 4), x.mT]
    return [[list(y.stride()), y.storage_offset(), y.is_contiguous()] for y in looks]


@case
def a_write_shows_in_all(torch: Any, rng: Rng) -> Any:
    """A write to ``x[0]``, to ``x.t()`` and to ``x.view(-1)``: all views after it, and their version."""
    x = floats(torch, rng, 2, 3)
    row, turned, flat = x[0], x.t(), x.view(-1)
    row.zero_()
    turned[2] = 7
    flat[-1] += 1
    return x, row, turned, flat, x._version, flat._version


@case
def a_write_through_a_view_is_followed(torch: Any, rng: Rng) -> Any:
    """Writes to views of ``y = w * 2``: ``y``, its ``grad_fn`` and the gradient of ``w``."""
    w = floats(torch, rng, 3, 3).requires_grad_()
    y = w * 2
    y[0].mul_(3)
    y.diagonal().add_(w[:, 0])
    y.t()[1] = 0
    (y * floats(torch, rng, 3, 3)).sum().backward()
    return y.detach(), y.grad_fn is not None, w.grad


@case
def several_views_of_one_operation(torch: Any, rng: Rng) -> Any:
    """``unbind()`` and ``split()``: their ``grad_fn`` and ``output_nr``, and a write to one of them."""
    w = floats(torch, rng, 2, 3).requires_grad_()
    first, second = (w * 2).unbind()
    same = first.grad_fn is second.grad_fn
    refused = attempt(lambda: (w * 2).split(1)[1].add_(1))["raises"]
    return same, first.grad_fn.name(), second.output_nr, refused


@case
def a_tensor_changes_its_own_shape(torch: Any, rng: Rng) -> Any:
    """``t_()``, ``squeeze_()``, ``unsqueeze_(0)`` and ``transpose_(0, 1)``: values and the gradient."""
    answers = []
    for call in ("t_", "squeeze_"):
        w = floats(torch, rng, 1, 3).requires_grad_()
        y = w * 2
        getattr(y, call)()
        (y * floats(torch, rng, *y.shape)).sum().backward()
        answers.append([y.detach(), y.grad_fn.name(), w.grad])
    x = floats(torch, rng, 2, 3)
    return answers, x.unsqueeze_(0).transpose_(0, 2), attempt(lambda: w.t_())["raises"]
