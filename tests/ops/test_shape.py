"""Views, copies and joins: shapes, gradients, shared memory and errors are PyTorch's."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import paramlab

from .test_pointwise import gradient_of

REARRANGED = [
    "x.reshape(3, 2)",
    "x.reshape(-1)",
    "x.view(1, 6)",
    "x.flatten()",
    "x[None].flatten(1)",
    "x.t()",
    "x.T",
    "x.mT",
    "x.transpose(0, 1)",
    "x.permute(1, 0)",
    "x[None].permute(2, 0, 1)",
    "x.unsqueeze(0)",
    "x.unsqueeze(-1)",
    "x.unsqueeze(1).squeeze()",
    "x.unsqueeze(1).squeeze(1)",
    "x.unsqueeze(1).squeeze(0)",
    "x.expand(4, 2, 3)",
    "x[:, :1].expand(-1, 5)",
    "x.clone()",
    "x.t().contiguous()",
    "x.t().reshape(6)",
    "torch.cat([x, x * 2])",
    "torch.cat([x, x], 1)",
    "torch.stack([x, -x])",
    "torch.stack([x, -x], -1)",
    "x.float().double().float()",
]

ODD = [
    "torch.ones(2).view(3)",
    "torch.ones(2, 3).view(-1, -1)",
    "torch.ones(2, 3).t().view(6)",
    "torch.ones(2, 3).view(4, -1)",
    "torch.ones(0, 3).view(-1, 0)",
    "torch.ones(2, 3, 4).t()",
    "torch.ones(2).permute(0, 1)",
    "torch.ones(2, 3).permute(0, 0)",
    "torch.ones(2, 3).squeeze(5)",
    "torch.ones(2, 3).expand(2)",
    "torch.ones(2, 3).expand(4, 3)",
    "torch.ones(2, 3).expand(-1, 2, 3)",
    "torch.ones(2, 3).flatten(1, 0)",
    "torch.ones(2, 3).transpose(0, 2)",
    "torch.ones(2, 3).t().clone().is_contiguous()",
    "torch.ones(2, 3).t().contiguous().is_contiguous()",
    "torch.cat([])",
    "torch.cat([torch.ones(2, 2), torch.ones(2)])",
    "torch.cat([torch.ones(2), torch.ones(2).double()])",
    "torch.cat([torch.ones(2, 2), torch.ones(0)])",
    "torch.cat([torch.tensor(1.0)])",
    "torch.cat([torch.ones(2, 2), torch.ones(2, 3)])",
    "torch.cat([torch.ones(2, 2)], 5)",
    "torch.stack([])",
    "torch.stack([torch.ones(2), torch.ones(3)])",
    "torch.stack([torch.ones(2), torch.ones(2).long()])",
    "torch.ones(2, requires_grad=True).long().requires_grad",
    "torch.ones(2).to(torch.float64)",
    "torch.tensor([1.7, -1.7]).int()",
    "torch.tensor([2.0, 0.0]).bool()",
]

VIEWS = [
    lambda x: x.view(6),
    lambda x: x.reshape(3, 2),
    lambda x: x.t(),
    lambda x: x.unsqueeze(0),
    lambda x: x[None].squeeze(),
    lambda x: x.flatten(),
    lambda x: x.permute(1, 0),
    lambda x: x[1],
    lambda x: x[:, ::2],
    lambda x: x[0, 1],
    lambda x: x.detach(),
    lambda x: x.data,
]


@pytest.mark.parametrize("expression", REARRANGED)
def test_a_rearrangement_and_its_gradient_are_those_of_pytorch(expression, agree):
    agree(gradient_of(expression, [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]))


@pytest.mark.parametrize("expression", ODD)
def test_a_corner_of_a_shape_answers_as_pytorch_does(expression, agree):
    agree(expression)


@pytest.mark.parametrize("look", VIEWS)
def test_a_view_shares_memory_and_a_write_to_either_shows_in_both(look, agree):
    def program(torch):
        x = torch.arange(6.0).reshape(2, 3)
        y = look(x)
        y.fill_(9)
        before = x.clone()
        x.zero_()
        return before, y

    agree(program)


@given(st.permutations([0, 1, 2]), st.integers(0, 1), st.integers(0, 2))
def test_any_chain_of_views_shares_memory(order, row, column):
    x = paramlab.arange(24.0).reshape(2, 3, 4)
    y = x.permute(*order).unsqueeze(0).transpose(0, 1)[row, 0]
    assert np.shares_memory(x._array, y._array)
    y[column % y.shape[0]] = -1.0
    assert (x == -1).sum().item() == y.shape[1]


@pytest.mark.parametrize("copy", [lambda x: x.clone(), lambda x: x[[0, 1]], lambda x: x[x > -1], lambda x: x.double()])
def test_a_copy_does_not_share_memory(copy):
    x = paramlab.ones(2, 3)
    copy(x).zero_()
    assert x.sum().item() == 6


def test_an_expanded_tensor_refuses_to_be_written_to(agree):
    agree("torch.ones(3).expand(2, 3).add_(1)")
