"""Reading and writing at places named by integers: values, layout, gradients and errors are PyTorch's."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import paramlab

from ..conftest import assert_same, outcome
from .looks import looked_at

PROGRAMS = [
    "x.gather(1,L([[0,0],[2,1]]))",
    "x.gather(1,L([[0,0],[2,5]]))",
    "x.gather(1,L([0]))",
    "x.gather(1,L([[0.]]))",
    "x.gather(1,L([[0],[0],[0]]))",
    "x.gather(1,L([[0,0],[2,-1]]))",
    "torch.zeros(2,3).scatter(1,L([[0],[1]]),5.)",
    "torch.zeros(2,3).scatter_(1,L([[0],[1]]),torch.ones(2,1))",
    "torch.zeros(2,3).scatter(1,L([[0],[1]]),torch.ones(2,1,requires_grad=True))",
    "torch.zeros(2,3).scatter(1,L([[0],[1]]),torch.ones(2,1),reduce='add')",
    "torch.zeros(2,3).scatter(1,L([[0],[1]]),2.,reduce='multiply')",
    "torch.zeros(2,3).scatter(1,L([[0],[1]]),2.,reduce='mean')",
    "torch.zeros(2,3).scatter(1,L([[0],[3]]),5.)",
    "torch.zeros(2,3).scatter(1,L([[0],[1],[2]]),torch.ones(3,1))",
    "torch.zeros(2,3).scatter(1,L([[0],[1]]),torch.ones(1,1))",
    "torch.zeros(2,3).scatter(1,L([[0],[1]]),torch.ones(2,1).double())",
    "torch.zeros(2,3).scatter(1,L([0]),torch.ones(2,1))",
    "torch.zeros(2,3).scatter(1,L([[0.]]),torch.ones(2,1))",
    "x.scatter(1,L([[0],[1]]),5.)",
    "x.scatter_add(1,L([[0],[1]]),torch.ones(2,1))",
    "x.scatter_add(1,L([[0],[1]]),torch.ones(1,1))",
    "x.scatter_add(1,L([[0],[4]]),torch.ones(2,1))",
    "x.scatter_add(1,L([[0],[1]]),torch.ones(2,1).double())",
    "x.scatter_reduce(1,L([[0],[1]]),torch.ones(2,1),'sum')",
    "x.scatter_reduce(1,L([[0],[1]]),torch.ones(2,1),'amax',include_self=False)",
    "x.scatter_reduce(1,L([[0],[1]]),torch.ones(2,1),'mean')",
    "x.scatter_reduce(1,L([[0],[1]]),torch.ones(2,1),'prod')",
    "x.scatter_reduce(1,L([[0],[1]]),torch.ones(2,1),'foo')",
    "x.index_select(1,L([0,2]))",
    "x.index_select(1,L([0,5]))",
    "x.index_select(1,L([0,-1]))",
    "x.index_select(1,L([[0]]))",
    "x.index_select(1,L([0.]))",
    "x.index_select(1,L(0))",
    "x.index_add(1,L([0,0]),torch.ones(2,2))",
    "x.index_add(1,L([0,0]),torch.ones(2,2),alpha=2)",
    "x.index_add(1,L([0,0]),torch.ones(2,3))",
    "x.index_add(1,L([0,5]),torch.ones(2,2))",
    "x.index_add(1,L([0,0]),torch.ones(3,2))",
    "x.index_add(1,L([0,0]),torch.ones(2,2).double())",
    "x.index_copy(1,L([0,1]),torch.ones(2,2))",
    "x.index_copy(1,L([0,5]),torch.ones(2,2))",
    "x.index_copy(1,L([0,1]),torch.ones(2,3))",
    "x.index_copy(1,L([0,1]),torch.ones(2,2).double())",
    "x.index_fill(1,L([0,1]),3.)",
    "x.index_fill(1,L([0,-1]),3.)",
    "x.index_fill(1,L([0,7]),3.)",
    "x.index_fill(1,L([0,1]),torch.ones(2))",
    "x.index_fill(1,L([0,1]),L(2.))",
    "x.index_put((L([0,1]),L([0,1])),L(9.))",
    "x.index_put((L([0,0]),L([0,0])),L(9.),accumulate=True)",
    "x.detach().index_put_((L([0,0]),),L([1.,2,3]))",
    "x.index_put((L([0,1]),),L(9.).double())",
    "x.index_put((L([0,1]),L([0,1])),torch.ones(3))",
    "x.take(L([0,5]))",
    "x.take(L([0,-1]))",
    "x.take(L([0,6]))",
    "x.take(L([0.]))",
    "x.take_along_dim(L([[0],[1]]),1)",
    "x.take_along_dim(L([0,5]))",
    "torch.take_along_dim(x,L([[0]]),dim=1)",
    "x.index_select(dim=0,index=L([1]))",
    "x.gather(dim=0,index=L([[1]]))",
]

IN_PLACE = [
    "scatter_(1, index, source[:, :2])",
    "scatter_(1, index, 2.5)",
    "scatter_add_(1, index, source[:, :2])",
    "index_add_(0, rows, source[:, :3], alpha=2)",
    "index_copy_(0, rows[:2], source[:2, :3])",
    "index_fill_(1, rows, -1.0)",
    "index_put_((rows,), source[:, :3], accumulate=True)",
    "scatter_reduce_(1, index, source[:, :2], 'prod')",
    "masked_fill_(base > 2, 0.0)",
]


@pytest.mark.parametrize("expression", PROGRAMS)
def test_a_read_or_write_by_places_is_that_of_pytorch(expression, agree):
    agree(looked_at(expression, x=[[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]))


@pytest.mark.parametrize("call", IN_PLACE)
def test_in_place_the_gradients_are_pytorchs_too(call, agree):
    def program(torch):
        base = torch.arange(12.0).reshape(4, 3).requires_grad_()
        source = (torch.arange(12.0).reshape(4, 3) / 4 - 1).requires_grad_()
        index, rows = torch.tensor([[0, 2], [1, 1], [2, 0], [0, 0]]), torch.tensor([3, 0, 3, 1])
        target = base * 2
        names = {"target": target, "source": source, "index": index, "rows": rows, "base": base}
        result = eval(f"target.{call}", names)
        (target * target).sum().backward()
        return result is target, target.detach(), base.grad, source.grad, target._version

    agree(program)


@given(
    st.sampled_from(["sum", "prod", "mean", "amax", "amin"]),
    st.booleans(),
    st.lists(st.tuples(st.integers(0, 3), st.integers(-2, 2)), min_size=1, max_size=8),
)
def test_any_reduction_has_pytorchs_gradient(torch, reduce, include_self, writes):
    def program(package):
        a = package.tensor([0.0, 1.0, -1.0, 2.0], requires_grad=True)
        source = package.tensor([float(value) for _, value in writes], requires_grad=True)
        index = package.tensor([place for place, _ in writes])
        out = a.scatter_reduce(0, index, source, reduce, include_self=include_self)
        (out * package.arange(1.0, 5.0)).sum().backward()
        return out.detach(), a.grad, source.grad

    assert_same(outcome(program, torch), outcome(program, paramlab))


@given(st.lists(st.integers(-5, 4), min_size=1, max_size=20), st.integers(1, 3))
def test_the_gradient_of_rows_read_often_adds_up(torch, rows, width):
    """As in an embedding, whose rows are read again and again."""
    weight = np.arange(5.0 * width).reshape(5, width)

    def program(package):
        w = package.tensor(weight, requires_grad=True)
        read = w[package.tensor(rows)]
        (read * package.arange(1.0, read.numel() + 1).reshape(read.shape)).sum().backward()
        return read.detach(), w.grad

    assert_same(outcome(program, torch), outcome(program, paramlab))
