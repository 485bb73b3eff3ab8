"""Writing in place: what changes, what is counted, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .case import attempt, case, floats

Rng = np.random.Generator

WRITES: dict[str, Callable[[Any, Any], Any]] = {
    "add_": lambda x, y: x.add_(y, alpha=2),
    "sub_": lambda x, y: x.sub_(y),
    "mul_": lambda x, y: x.mul_(y),
    "div_": lambda x, y: x.div_(y),
    "pow_": lambda x, y: x.pow_(2),
    "exp_": lambda x, y: x.exp_(),
    "tanh_": lambda x, y: x.tanh_(),
    "clamp_": lambda x, y: x.clamp_(0.2, 0.6),
    "lerp_": lambda x, y: x.lerp_(y, 0.25),
    "addcmul_": lambda x, y: x.addcmul_(y, y),
    "masked_fill_": lambda x, y: x.masked_fill_(y > 0.5, 3.0),
    "zero_": lambda x, y: x.zero_(),
    "fill_": lambda x, y: x.fill_(2),
    "copy_": lambda x, y: x.copy_(y),
}


@case
def a_write_is_followed(torch: Any, rng: Rng) -> Any:
    """Each in-place method: the values, whether it is the same tensor, its version, and both gradients."""
    start, other = (torch.tensor(rng.uniform(0.1, 0.9, (2, 2)).round(2).astype(np.float32)) for _ in range(2))
    found = {}
    for name, write in WRITES.items():
        leaf, y = start.clone().requires_grad_(), other.clone().requires_grad_()
        x = leaf * 1
        same = write(x, y) is x
        (x * x).sum().backward()
        found[name] = [x.detach(), same, x._version, leaf.grad, y.grad]
    return found


@case
def operators_that_write(torch: Any, rng: Rng) -> Any:
    """``+=``, ``-=``, ``*=``, ``//=``, ``%=``, ``**=``, ``&=``, ``|=``, ``^=``, ``<<=``, ``>>=`` of integers."""
    x = torch.tensor(rng.integers(1, 9, 3))
    before, seen = x, []
    for operator in ("+", "-", "*", "//", "%", "**", "&", "|", "^", "<<", ">>"):
        names = {"x": x}
        exec(f"x {operator}= 3", names)
        seen.append(x.clone())
        x.add_(5)
    return seen, x is before, x._version


@case
def only_the_other_broadcasts(torch: Any, rng: Rng) -> Any:
    """``x.add_(y)`` where ``y`` is smaller, and where ``x`` is."""
    x, y = floats(torch, rng, 2, 3), floats(torch, rng, 3)
    return x.add_(y), attempt(lambda: y.add_(x))


@case
def leaves_and_repeated_memory_are_refused(torch: Any, rng: Rng) -> Any:
    """A write to a leaf, to a view of one, to an expanded tensor; and under ``no_grad``."""
    w = floats(torch, rng, 2).requires_grad_()
    calls = (lambda: w.exp_(), lambda: w[0].mul_(2), lambda: torch.ones(1).expand(2).add_(1))
    refused = [attempt(call)["raises"] for call in calls]
    with torch.no_grad():
        w.mul_(2)
    return refused, w._version, w.detach()
