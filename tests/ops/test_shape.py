"""Views, copies and joins: shapes, gradients, shared memory and errors are PyTorch's."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import paramlab

from ..conftest import assert_same, outcome
from .looks import looked_at
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


# Everything else about shapes: an expression each, seen from all sides.
LOOKS = [
    "x.swapaxes(0,1)",
    "x.movedim(0,1)",
    "x.moveaxis(0,1)",
    "x.H",
    "x.mT",
    "x.T",
    "x.t()",
    "x.flatten()",
    "x.ravel()",
    "x.t().flatten()",
    "x.unflatten(1,(3,1))",
    "x.unflatten(1,(-1,1))",
    "x.unflatten(1,(2,2))",
    "x.unflatten(5,(2,2))",
    "x.unflatten(1,())",
    "x.narrow(1,0,2)",
    "x.narrow(1,0,5)",
    "x.narrow(1,-1,1)",
    "x.narrow(1,4,1)",
    "x.narrow(1,0,-1)",
    "x.select(0,1)",
    "x.select(0,5)",
    "x.select(3,0)",
    "x.unbind(1)[0]",
    "x.split(2,1)[0]",
    "x.split([1,2],1)[0]",
    "x.split([1,1],1)[0]",
    "x.split(-1)",
    "x.split(0)",
    "x.split([-1,4],1)",
    "x.split_with_sizes([1,2],1)[1]",
    "x.chunk(2,1)[0]",
    "x.chunk(0)",
    "x.chunk(5,1)",
    "x.tensor_split(2,1)[0]",
    "x.tensor_split((1,2),1)[0]",
    "torch.tensor_split(x,0)",
    "x.flip(0)",
    "x.flip(0,1)",
    "x.flip((0,1))",
    "x.flip(5)",
    "x.flip(0,0)",
    "x.fliplr()",
    "x.flipud()",
    "x[0].fliplr()",
    "x.roll(1)",
    "x.roll(1,0)",
    "x.roll((1,1),(0,1))",
    "x.roll((1,1))",
    "x.roll((1,1),(0,))",
    "x.rot90()",
    "x.rot90(2,(0,1))",
    "x.rot90(3,(0,1))",
    "x.rot90(1,(0,))",
    "x.rot90(1,(0,0))",
    "x.rot90(1,(0,4))",
    "x.unfold(1,2,1)",
    "x.unfold(1,5,1)",
    "x.unfold(1,2,0)",
    "x.unfold(3,2,1)",
    "x.diagonal()",
    "x.diagonal(1)",
    "x.diagonal(5)",
    "x.diagonal(0,0,0)",
    "x[0].diagonal()",
    "x.diag()",
    "x[0].diag()",
    "x[0].diag(1)",
    "x.diag(1)",
    "x[None].diag()",
    "x.tril()",
    "x.triu(1)",
    "x[0].tril()",
    "torch.tril_indices(3,3)",
    "torch.triu_indices(3,4,1)",
    "torch.atleast_1d(x.sum())",
    "torch.atleast_2d(x[0])",
    "torch.atleast_3d(x[0])",
    "torch.atleast_3d(x)",
    "torch.atleast_3d(x.sum())",
    "torch.atleast_2d(x[0],x.sum())",
    "x.expand_as(torch.ones(2,2,3))",
    "x.broadcast_to((2,2,3))",
    "torch.broadcast_tensors(x,torch.ones(2,2,3))",
    "torch.broadcast_tensors(x,torch.ones(2,2,2))",
    "torch.broadcast_shapes((2,3),(3,))",
    "torch.broadcast_shapes((2,3),(4,))",
    "torch.broadcast_shapes((2,3),2)",
    "x.view_as(x)",
    "x.reshape_as(torch.ones(3,2))",
    "x.view(torch.int32)",
    "x.view(torch.int64)",
    "x.detach().view(torch.int32)",
    "x.detach().view(torch.uint8)",
    "x.detach().view(torch.float64)",
    "x.squeeze((0,1))",
    "x[None,:,None].squeeze((0,2))",
    "x[None].squeeze()",
    "x[None].squeeze(0)",
    "x.squeeze(0,1)",
    "x.clone(memory_format=torch.contiguous_format)",
    "x.t().contiguous()",
    "x.expand(2,2,3)",
    "x.view(())",
    "x.reshape(-1,2)",
    "x.reshape()",
    "x.view(2,3)",
    "x.permute()",
    "x.permute((1,0))",
    "torch.permute(x,(1,0))",
    "x.transpose(dim0=0,dim1=1)",
    "x.size(0)",
    "x.size(dim=1)",
    "x.stride(0)",
    "x.stride(5)",
    "x.storage_offset()",
    "x.unsqueeze(5)",
    "x.squeeze(dim=0)",
    "torch.squeeze(x,0)",
    "torch.flatten(x,start_dim=1)",
    "x.reshape(shape=(3,2))",
    "x.view(size=(3,2))",
    "x.expand(size=(2,2,3))",
    "x.expand(2)",
    "x.unflatten(dim=1,sizes=(1,3))",
    "x.select(dim=0,index=1)",
    "x.t().reshape(2,3)",
    "x.view(3,2)",
    "x.swapdims(0,1)",
    "torch.movedim(x,(0,1),(1,0))",
    "torch.movedim(x,(0,1),(1,))",
    "torch.movedim(x,(0,0),(1,0))",
]


@pytest.mark.parametrize("expression", LOOKS)
def test_a_rearrangement_looks_as_in_pytorch(expression, agree):
    agree(looked_at(expression, x=[[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]))


steps = st.one_of(
    st.permutations([0, 1, 2]).map(lambda order: f".permute({order})"),
    st.tuples(st.integers(-3, 2), st.integers(-3, 2)).map(lambda dims: f".transpose{dims}"),
    st.integers(-4, 3).map(lambda d: f".unsqueeze({d}).squeeze({d})"),
    st.tuples(st.integers(0, 2), st.integers(0, 1)).map(lambda n: f".narrow({n[0]}, {n[1]}, 1).expand(2, 2, 2)"),
    st.integers(0, 2).map(lambda d: f".unbind({d})[0].unsqueeze({d})"),
    st.integers(0, 2).map(lambda d: f".chunk(2, {d})[-1]"),
    st.sampled_from([".flatten().view(-1, 1, 2)", ".reshape(1, -1, 2)", ".mT", ".contiguous()"]),
    st.sampled_from(["[..., ::2]", "[:, 0, None]"]),
)


@given(st.lists(steps, max_size=5).map("".join))
def test_any_program_of_views_is_pytorchs(torch, chain):
    """Values, layout, history and gradient of a chain of views, and whether the memory is that of the start."""

    def program(package):
        x = package.tensor(np.arange(24.0).reshape(2, 3, 4), requires_grad=True)
        y = x * 1
        z = eval(f"y{chain}", {"y": y})
        (z * package.arange(1.0, z.numel() + 1).reshape(z.shape)).sum().backward()
        strides = [step for step, n in zip(z.stride(), z.shape, strict=True) if n > 1]
        shared = z.untyped_storage().data_ptr() == y.untyped_storage().data_ptr()
        return z.detach(), x.grad, strides if z.numel() else None, shared if z.numel() else None

    assert_same(outcome(program, torch), outcome(program, paramlab))


def test_a_part_of_several_is_not_written_to_while_autograd_follows(agree):
    for look in ("unbind(0)", "split(1)", "split([1, 1])", "chunk(2)"):
        agree(lambda torch, look=look: eval(f"(x * 1).{look}[1].mul_(2)", {"x": torch.ones(2, 3, requires_grad=True)}))


def test_parts_are_outputs_of_one_operation(agree):
    def program(torch):
        first, second = (torch.ones(2, 3, requires_grad=True) * 2).unbind()
        return first.grad_fn is second.grad_fn, first.output_nr, second.output_nr, first.grad_fn.name()

    agree(program)


@pytest.mark.parametrize(
    "call", ["t_()", "transpose_(0, 1)", "squeeze_()", "squeeze_(0)", "unsqueeze_(1)", "swapaxes_(0, 1)"]
)
def test_a_tensor_can_change_its_own_shape(call, agree):
    def program(torch):
        x = torch.arange(3.0).reshape(1, 3).clone().requires_grad_()
        y = x * 2
        z = eval(f"y.{call}", {"y": y})
        (y * torch.arange(1.0, 4.0).reshape(y.shape)).sum().backward()
        return z is y, y.detach(), y.grad_fn.name(), x.grad, y._version

    agree(program)


def test_a_leaf_does_not_change_its_shape(agree):
    agree("torch.ones(2, 3, requires_grad=True).t_()")


@pytest.mark.parametrize(
    "fact",
    [
        "[2].storage_offset()",
        ".storage_offset()",
        ".nbytes",
        ".itemsize",
        ".stride(0)",
        ".is_cpu",
        ".is_cuda",
        ".get_device()",
    ],
)
def test_what_a_tensor_says_of_its_memory(fact, agree):
    agree(f"torch.ones(4, 3){fact}")


def test_windows_that_overlap_share_their_gradients(agree):
    for size, step in ((2, 1), (3, 2), (1, 3), (5, 1)):
        agree(looked_at(f"x.unfold(0, {size}, {step})", x=[0.0, 1.0, 2.0, 3.0, 4.0]))
