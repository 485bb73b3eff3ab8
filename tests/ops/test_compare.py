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
]


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_a_comparison_answers_as_pytorch_does(expression, agree):
    agree(expression)


def test_a_comparison_needs_no_gradient(agree):
    agree("(torch.ones(2, requires_grad=True) > 0).requires_grad")
