"""Arithmetic and the functions of each element: values and gradients."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from .case import attempt, case, floats

Rng = np.random.Generator


def _positive(torch: Any, rng: Rng, *shape: int) -> Any:
    """Return numbers between one tenth and nine."""
    return torch.tensor(rng.uniform(0.1, 0.9, size=shape).round(2).astype(np.float32))


def through(torch: Any, functions: dict[str, Callable[..., Any]], *leaves: Any) -> dict[str, Any]:
    """Return of each function its output and what reaches the leaves from uneven gradients of it."""
    found = {}
    for name, function in functions.items():
        fresh = [leaf.detach().clone().requires_grad_() for leaf in leaves]
        output = function(*fresh)
        weights = torch.arange(1.0, output.numel() + 1).reshape(output.shape).to(output.dtype)
        (output * weights).sum().backward()
        grads = [None if leaf.grad is None else leaf.grad.tolist() for leaf in fresh]
        found[name] = [output.detach(), output.grad_fn.name(), grads]
    return found


@case
def exponentials_logarithms_and_roots(torch: Any, rng: Rng) -> Any:
    """``exp``, ``exp2``, ``expm1``, ``log``, ``log2``, ``log10``, ``log1p``, ``sqrt``, ``rsqrt`` and the gradients."""
    names = ("exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sqrt", "rsqrt", "reciprocal", "square")
    return through(torch, {name: getattr(torch, name) for name in names}, _positive(torch, rng, 2, 2))


@case
def angles(torch: Any, rng: Rng) -> Any:
    """The trigonometric and hyperbolic functions, their inverses, ``atan2``, and the gradients."""
    names = ("sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "atanh")
    functions = {name: getattr(torch, name) for name in names}
    functions["acosh"] = lambda x: (x + 1).acosh()
    functions["atan2"] = lambda x: torch.atan2(x, x.flip(0))
    return through(torch, functions, _positive(torch, rng, 3))


@case
def squashed_and_rectified(torch: Any, rng: Rng) -> Any:
    """``sigmoid``, ``erf``, ``erfc``, ``relu``, ``abs`` and ``sign``, and the gradients, at 0 too."""
    x = torch.cat([floats(torch, rng, 3), torch.zeros(1)])
    return through(torch, {name: getattr(torch, name) for name in ("sigmoid", "erf", "erfc", "relu", "abs", "sign")}, x)


@case
def rounded(torch: Any, rng: Rng) -> Any:
    """``floor``, ``ceil``, ``trunc``, ``round`` (to one decimal too) and ``frac`` of floats; ``floor`` of integers."""
    x = floats(torch, rng, 4) * 3
    values = [getattr(x, name)() for name in ("floor", "ceil", "trunc", "round", "frac")]
    return [*values, x.round(decimals=1), torch.tensor([0.5, 1.5, 2.5]).round(), torch.tensor([3]).floor()]


@case
def divisions_of_every_kind(torch: Any, rng: Rng) -> Any:
    """``/``, ``//``, ``%``, ``fmod`` and ``div`` with a rounding mode, of floats and of integers of both signs."""
    a, b = floats(torch, rng, 4) * 5, torch.tensor([1.5, -1.5, 2.0, -2.0])
    m, n = torch.tensor(rng.integers(-9, 9, 4)), torch.tensor([2, -2, 3, -3])
    found = []
    for x, y in ((a, b), (m, n)):
        found += [x / y, x // y, x % y, torch.fmod(x, y), 7 // y, 7 % y]
        found += [x.div(y, rounding_mode="floor"), x.div(y, rounding_mode="trunc")]
    return found


@case
def an_integer_divided_by_zero(torch: Any, rng: Rng) -> Any:
    """``n // 0`` and ``n % 0`` of integers, and of floats."""
    n = torch.tensor([3])
    whole = [attempt(lambda: n // 0)["raises"], attempt(lambda: n % 0)["raises"]]
    return whole, [str(x) for x in (n.float() // 0, n.float() % 0)]


def _power(n: float, x: Any, y: Any) -> Any:
    return x**n * y


@case
def powers(torch: Any, rng: Rng) -> Any:
    """``x ** n`` for several numbers and tensors, ``2 ** x``, and the gradients of both."""
    functions: dict[str, Callable[..., Any]] = {}
    for n in (0, 1, 2, 3, 0.5, -1):
        functions[f"x ** {n}"] = partial(_power, n)
    functions |= {"x ** y": lambda x, y: x**y, "2 ** y": lambda x, y: 2**y * x}
    return through(torch, functions, _positive(torch, rng, 3), floats(torch, rng, 3))


@case
def the_larger_and_the_smaller(torch: Any, rng: Rng) -> Any:
    """``maximum``, ``minimum``, ``fmax`` and ``fmin``, and the gradients where the two are equal."""
    a = floats(torch, rng, 3)
    b = torch.stack([a[0], a[1] + 1, a[2] - 1])
    names = ("maximum", "minimum", "fmax", "fmin")
    return through(torch, {name: getattr(torch, name) for name in names}, a, b)


@case
def limited(torch: Any, rng: Rng) -> Any:
    """``clamp`` by numbers and by tensors, ``clamp_min``, ``clamp_max``, and the gradients at the limits."""
    functions = {
        "both": lambda x, y: x.clamp(-0.5, 0.5) + 0 * y,
        "min": lambda x, y: x.clamp(min=0.0) + 0 * y,
        "tensors": lambda x, y: x.clamp(y, y + 1),
        "clamp_min": lambda x, y: x.clamp_min(y),
        "clamp_max": lambda x, y: x.clamp_max(y),
    }
    return through(torch, functions, torch.tensor([-0.5, 0.0, 0.5, 2.0]), floats(torch, rng, 4))


@case
def chosen_by_a_mask(torch: Any, rng: Rng) -> Any:
    """``where`` with tensors and numbers, ``masked_fill``, and the gradients; ``where`` of a mask alone."""
    functions = {
        "where": lambda x, y: torch.where(x > 0, x, y),
        "number": lambda x, y: torch.where(x > 0, 1.0, x * y),
        "method": lambda x, y: x.where(y > 0, y),
        "masked_fill": lambda x, y: (x * y).masked_fill(x > 0, 7.0),
    }
    x, y = floats(torch, rng, 2, 2), floats(torch, rng, 2)
    return through(torch, functions, x, y), list(torch.where(x > 0))


@case
def several_in_one(torch: Any, rng: Rng) -> Any:
    """``addcmul``, ``addcdiv``, ``lerp``, ``add`` and ``sub`` with ``alpha``, ``rsub``, and the gradients."""
    functions = {
        "addcmul": lambda x, y: x.addcmul(x, y, value=2),
        "addcdiv": lambda x, y: x.addcdiv(x, y, value=0.5),
        "lerp": lambda x, y: x.lerp(y, 0.25),
        "lerp by a tensor": lambda x, y: x.lerp(y, y),
        "add": lambda x, y: x.add(y, alpha=2),
        "sub": lambda x, y: x.sub(y, alpha=0.5),
        "rsub": lambda x, y: torch.rsub(x, 2) * y,
    }
    return through(torch, functions, floats(torch, rng, 2, 2), _positive(torch, rng, 2))


@case
def what_is_no_number(torch: Any, rng: Rng) -> Any:
    """``nan_to_num``, ``isnan``, ``isinf``, ``isposinf``, ``isneginf`` and ``isfinite``."""
    x = torch.tensor([float("nan"), float("inf"), -float("inf"), float(rng.integers(5))])
    kinds = [getattr(torch, name)(x) for name in ("isnan", "isinf", "isposinf", "isneginf", "isfinite")]
    return kinds, x.nan_to_num(1.0, 2.0, 3.0)


@case
def a_function_wants_a_tensor(torch: Any, rng: Rng) -> Any:
    """``torch.exp(3)``, ``torch.relu([1])`` and ``torch.maximum(x, 2)``."""
    x = torch.ones(2)
    calls = (lambda: torch.exp(3), lambda: torch.relu([1]), lambda: torch.maximum(x, 2))
    return [attempt(call) for call in calls]
