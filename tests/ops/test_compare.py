"""Comparisons and logic."""

import pytest

EXPRESSIONS = [
    "torch.tensor([1.0]) == torch.tensor([1.0, 2.0])",
    "torch.ones(2) == torch.ones(3)",
    "torch.ones(2) == 'a'",
    "torch.ones(2) != None",
    "torch.ones(2) < 'a'",
    "torch.tensor([1, 2]) >= 1.5",
    "torch.tensor([1.0, float('nan')]) != torch.tensor([1.0, float('nan')])",
    "~torch.tensor([1, 0])",
    "~torch.tensor([True, False])",
    "~torch.tensor([1.0])",
    "torch.logical_not(torch.tensor([1, 0]))",
    "torch.logical_not(torch.tensor([0.5, 0.0]))",
    "torch.tensor([1.0]) & torch.tensor([1.0])",
    "torch.tensor([3]) & 1",
    "torch.tensor([True]) | torch.tensor([2])",
    "torch.isnan(torch.tensor([1.0, float('nan')]))",
    "torch.isfinite(torch.tensor([1.0, float('inf')]))",
    "torch.equal(torch.ones(2), torch.ones(2).double())",
    "torch.equal(torch.ones(2), torch.ones(3))",
    "torch.allclose(torch.ones(2), torch.ones(2) + 1e-9)",
    "torch.allclose(torch.ones(2), torch.ones(2).double())",
    "torch.tensor([float('nan')]).equal(torch.tensor([float('nan')]))",
    "torch.equal(torch.ones(2), 1)",
    "torch.tensor([1.0, 2.0]).less_equal(1)",
    "torch.tensor([6]) ^ 3",
    "6 ^ torch.tensor([3])",
    "1 << torch.tensor([3, 70])",
    "torch.tensor([-8]) >> 1",
    "torch.tensor([True]) ^ True",
    "torch.tensor([1.0]).bitwise_not()",
    "torch.bitwise_xor(torch.tensor([1.0]), 1)",
    "torch.logical_and(torch.tensor([1, 0]), torch.tensor([0.5, 1.0]))",
    "torch.logical_xor(torch.tensor([1, 0]), torch.tensor([[True]]))",
    "torch.logical_or(torch.tensor([1, 0]), 1)",
    "torch.isinf(torch.tensor([1.0, -float('inf')]))",
    "torch.isposinf(torch.tensor([1.0, -float('inf')]))",
    "torch.isneginf(torch.tensor([1, 2]))",
    "torch.tensor([1]).isnan()",
    "torch.isclose(torch.tensor([1.0, float('inf'), float('nan')]), torch.tensor([1.0, float('inf'), float('nan')]))",
    "torch.isclose(torch.tensor([1.0, float('nan')]), torch.tensor([1.1, float('nan')]), rtol=0.1, equal_nan=True)",
    "torch.isclose(torch.tensor([1]), torch.tensor([1.0]))",
]


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_a_comparison_answers_as_pytorch_does(expression, agree):
    agree(expression)


def test_a_comparison_needs_no_gradient(agree):
    agree("(torch.ones(2, requires_grad=True) > 0).requires_grad")
