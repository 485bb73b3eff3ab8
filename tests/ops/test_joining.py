"""Joins and repetitions: values, layout, history, gradients and errors are PyTorch's."""

import pytest

from .looks import looked_at

PROGRAMS = [
    "x.tile(2)",
    "x.tile((2,2))",
    "x.tile(2,1,1)",
    "x.repeat(2,2)",
    "x.repeat(2)",
    "x.repeat(2,-1)",
    "x.repeat(1,1)",
    "x.repeat_interleave(2)",
    "x.repeat_interleave(2,1)",
    "x.repeat_interleave(L([1,2]),0)",
    "x.repeat_interleave(L([1,2,3]),0)",
    "torch.repeat_interleave(L([1,2,3]))",
    "x.repeat_interleave(-1)",
    "torch.meshgrid(torch.arange(2),torch.arange(3),indexing='xy')",
    "torch.meshgrid(torch.arange(2),torch.arange(3))",
    "torch.meshgrid([torch.arange(2),torch.arange(3)],indexing='aa')",
    "torch.meshgrid(x[0],x[1],indexing='ij')[0]",
    "torch.hstack([x,x])",
    "torch.vstack([x[0],x])",
    "torch.dstack([x,x])",
    "torch.column_stack([x[0],x[1]])",
    "torch.column_stack([x[0],x.t()])",
    "torch.hstack([])",
    "torch.concat([x,x])",
    "torch.stack([x,x],dim=1)",
    "torch.cat(tensors=[x,x],dim=-1)",
    "torch.cat((x,x),axis=1)",
    "torch.cat(x)",
    "torch.cat([x,1])",
    "x.repeat(repeats=(2,2))",
    "x.tile(dims=(2,))",
    "torch.cat([x, x[:, :1]], 1)",
    "torch.cat([x, x.double()])",
    "torch.cat([x.detach().int(), torch.ones(1, 3)])",
    "torch.stack([x.t(), x.t()], -1)",
    "x.repeat(2, 1, 3)",
    "x.repeat(0, 1)",
    "x.tile(2, 2, 1)",
    "torch.cat([x[0, :0], x[1]])",
    "x.sum().repeat(3)",
    "x.repeat_interleave(L(2), 1)",
    "torch.meshgrid(x[0], x[:, 0], x[1], indexing='xy')",
    "torch.vstack([x.sum(), x.sum()])",
    "torch.hstack([x.sum(), x[0]])",
    "torch.dstack([x[0], x[1]])",
]


@pytest.mark.parametrize("expression", PROGRAMS)
def test_a_join_or_a_repetition_is_that_of_pytorch(expression, agree):
    agree(looked_at(expression, x=[[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]))
