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
    "x.softmax(0, dtype=torch.float64)",
    "x.sum(axis=1)",
    "x.mean(axis=0, keepdims=True)",
    "x.nansum(0)",
    "x.nanmean()",
    "x.prod()",
    "x.prod(0)",
    "x.prod(1, keepdim=True)",
    "x.cumsum(0)",
    "x.cumprod(1)",
    "x.diff()",
    "x.diff(n=2)",
    "x.diff(dim=0)",
    "x.var(1, correction=0)",
    "x.std(0, False)",
    "x.std(correction=2)",
    "torch.var_mean(x, 0)[0]",
    "torch.std_mean(x)[0]",
    "x.amax()",
    "x.amin(0)",
    "x.amax((0, 1), True)",
    "torch.max(x, x)",
    "torch.min(x, x * 2)",
    "x.median()",
    "x.median(1).values",
    "x.norm()",
    "x.norm(1)",
    "x.norm(float('inf'))",
    "x.norm(-float('inf'), 0)",
    "x.norm(3, 0)",
    "x.norm(0.5)",
    "x.norm(2, 1, True)",
    "x.norm(dim=(0, 1), dtype=torch.float64)",
    "torch.linalg.vector_norm(x, 1, dim=0)",
]

# zeros, ties and what is no number
EDGES = ["x.prod()", "x.cumprod(0)", "x.norm()", "x.norm(1)", "x.norm(3)", "x.norm(float('inf'))", "x.std()"]
EDGES += ["x.amax()", "x.amin()", "x.max()", "x.min()", "x.median()", "x.max(0).values", "x.nansum()", "x.logsumexp(0)"]
POINTS = [[0.0, 0.0, 0.0], [0.0, 2.0, 3.0], [2.0, 0.0, 3.0, 0.0, 4.0], [-2.0, 2.0, 2.0], [float("nan"), 1.0, 2.0]]

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
    "torch.sum(3)",
    "torch.mean([1.0])",
    "torch.mean(torch.tensor([1, 2]), dtype=torch.int64)",
    "torch.ones(70000).half().sum()",
    "torch.ones(70000).half().mean()",
    "torch.ones(2).int().prod()",
    "torch.ones(0).prod()",
    "torch.ones(2).bool().cumsum(0)",
    "torch.tensor(3.0).cumsum(0)",
    "torch.ones(2).cumsum(0, dtype=torch.float64)",
    "torch.nanmean(torch.tensor([1, 2]))",
    "torch.nansum(torch.tensor([1, 2]))",
    "torch.ones(2, dtype=torch.uint8).all()",
    "torch.ones(2, 3).all(dim=(0, 1))",
    "torch.count_nonzero(torch.tensor([[1, 0], [2, 0]]), 0)",
    "torch.count_nonzero(torch.ones(2, 3))",
    "torch.ones(0).amax()",
    "torch.ones(0, 2).amax(0)",
    "torch.ones(0, 2).amax(1)",
    "torch.ones(2, 2).amax((0, 0))",
    "torch.ones(0).aminmax()",
    "torch.tensor([[1, 5], [7, 2]]).aminmax(dim=0, keepdim=True)",
    "torch.tensor([3, 1, 2, 4]).median()",
    "torch.tensor([[3.0, 1.0, float('nan')], [1.0, 3.0, 2.0]]).median(1)",
    "torch.ones(0).median()",
    "torch.ones(0, 2).median(0)",
    "torch.ones(2).bool().median()",
    "torch.argmax(torch.tensor([True, False]))",
    "torch.argmax(torch.ones(2, 3), keepdim=True)",
    "torch.tensor(3.0).argmax(0)",
    "torch.tensor([1, 2]).max(torch.tensor(2.0))",
    "torch.var_mean(torch.ones(3).long())",
    "torch.std(torch.arange(3.0), False)",
    "torch.ones(0).norm()",
    "torch.ones(0).norm(float('inf'))",
    "torch.ones(2).long().norm()",
    "torch.ones(2, 3).norm('xx')",
    "torch.diff(torch.tensor([True, False, True]))",
    "torch.diff(torch.tensor([1, 3, 2]), prepend=torch.tensor([0]))",
    "torch.diff(torch.tensor(1))",
    "repr(torch.tensor([[3, 1, 2]]).max(1))",
]


@pytest.mark.parametrize("expression", REDUCTIONS)
def test_a_reduction_and_its_gradient_are_those_of_pytorch(expression, agree):
    agree(gradient_of(expression, [[1.0, 2.0, 2.0], [-1.0, 0.5, 2.0]]))


@pytest.mark.parametrize("expression", EDGES)
@pytest.mark.parametrize("values", POINTS)
def test_a_reduction_has_pytorchs_gradient_at_its_edges_too(expression, values, agree):
    agree(gradient_of(expression, values))


@pytest.mark.parametrize("expression", ODD)
def test_a_corner_of_a_reduction_answers_as_pytorch_does(expression, agree):
    agree(expression)


@pytest.mark.parametrize("expression", ["x.var()", "x.std()"])
def test_the_spread_of_one_number_is_nan_with_a_warning(expression, torch, agree):
    agree(expression.replace("x", "torch.ones(1)"))


def test_the_extremes_have_names(agree):
    agree(lambda torch: (torch.ones(2, 2).max(0).values, torch.ones(2, 2).min(0).indices))
