"""Quantiles, the commonest value, membership: as in PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Agree = Callable[..., None]

QUANTILES = [
    "0.3",
    "0",
    "1",
    "0.5, dim=1",
    "0.5, 0, True",
    "0.5, keepdim=True",
    "torch.tensor([0.25, 0.5, 0.9])",
    "torch.tensor([0.25, 0.5]), dim=-1",
    "torch.tensor([0.25, 0.5]), dim=1, keepdim=True",
    "torch.tensor([0.25]), keepdim=True",
    "torch.tensor(0.4)",
    "0.4, interpolation='lower'",
    "0.4, interpolation='higher'",
    "0.7, interpolation='nearest'",
    "0.5, interpolation='midpoint'",
    "0.5, interpolation='middle'",
    "1.5",
    "torch.tensor([1.5])",
    "torch.ones(1, 1)",
    "torch.tensor([0.5], dtype=torch.float64)",
    "0.5, dim=2",
]


@pytest.mark.parametrize("arguments", QUANTILES)
def test_a_quantile(arguments: str, agree: Agree) -> None:
    def program(torch: Any) -> Any:
        x = torch.tensor([[3.0, 1, 2, -1], [9, 7, 8, 8]], requires_grad=True)
        found = eval(f"torch.quantile(x, {arguments})", {"torch": torch, "x": x})
        (found * torch.arange(1.0, found.numel() + 1).view(found.shape)).sum().backward()
        return found.detach(), x.grad

    agree(program)


def test_a_quantile_of_special_values(agree: Agree) -> None:
    agree("torch.quantile(torch.tensor([[1.0, float('nan')], [1, 2]]), 0.5, dim=1)")
    agree("torch.quantile(torch.tensor([1.0, float('inf'), 3.0]), 0.5)")
    agree("torch.tensor(3.0).quantile(0.5)")
    agree("torch.tensor(3.0).quantile(0.5, dim=0)")
    agree("torch.empty(0).quantile(0.5)")
    agree("torch.arange(3).quantile(0.5)")
    agree("torch.ones(2).half().quantile(0.5)")
    agree("torch.ones(2).double().quantile(0.5)")


@pytest.mark.parametrize(
    "call",
    [
        "torch.tensor([1, 2, 2, 3, 3]).mode()",
        "torch.mode(torch.tensor([[0, 0, 0, 2, 0, 0, 2], [5, 5, 1, 1, 1, 5, 3]]))",
        "torch.mode(torch.tensor([[1.0, 2], [1, 3]]), 0, True)",
        "torch.mode(torch.tensor([[1, 2], [1, 3]]), dim=0)",
        "torch.mode(torch.tensor([True, True, False]))",
        "torch.mode(torch.tensor(3))",
        "torch.mode(torch.empty(0))",
        "torch.mode(torch.ones(2), 1)",
        "torch.mode(torch.ones(1, 2, 2), 1).indices.shape",
        "str(torch.mode(torch.tensor([1, 2, 2])))",
    ],
)
def test_the_commonest_value(call: str, agree: Agree) -> None:
    agree(call)


def test_the_gradient_of_the_commonest_value(agree: Agree) -> None:
    def program(torch: Any) -> Any:
        x = torch.tensor([[1.0, 2, 2], [3, 3, 4]], requires_grad=True)
        values = x.mode(1).values
        (values * torch.tensor([2.0, 3])).sum().backward()
        return values.grad_fn.name(), x.grad

    agree(program)


@pytest.mark.parametrize(
    "call",
    [
        "torch.isin(torch.tensor([[1, 2], [3, 4]]), torch.tensor([2, 3]))",
        "torch.isin(torch.tensor([1, 2]), 2)",
        "torch.isin(1, torch.tensor([1, 2]))",
        "torch.isin(torch.tensor([1.5, 1]), torch.tensor([1]))",
        "torch.isin(torch.tensor([1, 2]), torch.tensor([2]), invert=True)",
        "torch.isin(torch.tensor([1, 2]), torch.tensor([2]), assume_unique=True)",
        "torch.isin(torch.tensor([1]), [1])",
        "torch.isin(1, 2)",
    ],
)
def test_which_values_are_among_others(call: str, agree: Agree) -> None:
    agree(call)


@pytest.mark.parametrize(
    "call",
    [
        "cosine_similarity(x, y, dim=1)",
        "pairwise_distance(x, y)",
        "conv1d(x[None], y[None, :, :2])",
        "conv2d(x[None, None], y[None, None, :2, :2], padding=1)",
        "selu(x)",
        "celu(x, 0.5)",
        "prelu(x, torch.tensor([0.1]))",
    ],
)
def test_some_of_nn_functional_is_found_in_torch_too(call: str, agree: Agree) -> None:
    def program(torch: Any) -> Any:
        x, y = torch.tensor([[1.0, -2, 3], [0, 1, 2]]), torch.tensor([[2.0, 1, 1], [3, -1, 0]])
        return eval(f"torch.{call}", {"torch": torch, "x": x, "y": y})

    agree(program)
