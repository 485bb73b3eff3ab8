"""Sums, means, extremes and softmax: values, gradients and errors are PyTorch's."""

import pytest

from .test_pointwise import gradient_of

REDUCTIONS = [
    "x.sum()",
    "x.sum(0)",
    "x.sum(dim=(0, 1))",
    "x.sum(-1, keepdim=True)",
    "x.sum(())",
    "x.mean()",
    "x.mean(1)",
    "x.mean((0, 1), True)",
    "x.var()",
    "x.var(0)",
    "x.var(1, unbiased=False, keepdim=True)",
    "x.std()",
    "x.std(1)",
    "x.max()",
    "x.min()",
    "x.max(0).values",
    "x.min(1, keepdim=True).values",
    "x.max(-1)[0]",
    "x.logsumexp(0)",
    "x.logsumexp((0, 1))",
    "x.logsumexp(1, keepdim=True)",
    "x.softmax(0)",
    "x.softmax(-1)",
    "x.log_softmax(1)",
    "(x * 1000).log_softmax(1)",
    "x.sum(0).softmax(0)",
]

ODD = [
    "torch.ones(2, 3).bool().sum()",
    "torch.ones(2, 3).int().sum(0)",
    "torch.ones(2).sum(dtype=torch.float64)",
    "torch.ones(2, 3).sum(5)",
    "torch.ones(2, 3).sum((0, 0))",
    "torch.ones(0).sum()",
    "torch.ones(0).mean()",
    "torch.ones(2).long().mean()",
    "torch.ones(2).long().softmax(0)",
    "torch.ones(2).long().log_softmax(0)",
    "torch.ones(2).long().var()",
    "torch.ones(2).long().logsumexp(0)",
    "torch.ones(2).half().sum()",
    "torch.ones(0).max()",
    "torch.ones(0, 2).max(0)",
    "torch.ones(0, 2).max(1).values",
    "torch.ones(0).argmax()",
    "torch.ones(0, 2).argmin(0)",
    "torch.tensor([[1, 5, 5], [7, 2, 7]]).max(1)",
    "torch.tensor([[1, 5, 5], [7, 2, 7]]).min(0, keepdim=True)",
    "torch.tensor([[1, 5], [7, 2]]).argmax()",
    "torch.tensor([[1, 5], [7, 2]]).argmax(1, keepdim=True)",
    "torch.tensor([1.0, float('nan')]).max()",
    "torch.tensor([1.0, float('nan')]).argmax()",
    "torch.tensor(3.0).max(0)",
    "torch.tensor(3.0).softmax(0)",
    "torch.tensor([float('inf'), 1.0]).logsumexp(0)",
    "torch.tensor([-float('inf')] * 2).logsumexp(0)",
    "torch.ones(2, 2).all(0)",
    "torch.ones(2, 2).any(1, True)",
    "torch.ones(0).all()",
    "torch.ones(0).any()",
]


@pytest.mark.parametrize("expression", REDUCTIONS)
def test_a_reduction_and_its_gradient_are_those_of_pytorch(expression, agree):
    agree(gradient_of(expression, [[1.0, 2.0, 2.0], [-1.0, 0.5, 2.0]]))


@pytest.mark.parametrize("expression", ODD)
def test_a_corner_of_a_reduction_answers_as_pytorch_does(expression, agree):
    agree(expression)


@pytest.mark.parametrize("expression", ["x.var()", "x.std()"])
def test_the_spread_of_one_number_is_nan_with_a_warning(expression, torch, agree):
    agree(expression.replace("x", "torch.ones(1)"))


def test_the_extremes_have_names(agree):
    agree(lambda torch: (torch.ones(2, 2).max(0).values, torch.ones(2, 2).min(0).indices))
