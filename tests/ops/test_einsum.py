"""Einstein's sum convention: values, gradients and errors are PyTorch's."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import paramlab

from ..conftest import assert_same, outcome

VALUES = {
    "a": np.arange(6.0).reshape(2, 3),
    "b": np.ones((2, 3)),
    "c": np.arange(12.0).reshape(2, 2, 3),
    "s": np.array([[2.0, 1.0], [0.0, 3.0]]),
}

PROGRAMS = [
    "torch.einsum('ij,kj->ik',a,b)",
    "torch.einsum('ij,kj',a,b)",
    "torch.einsum('ij->ji',a)",
    "torch.einsum('ij',a)",
    "torch.einsum('ij->',a)",
    "torch.einsum('ij,ij->',a,b)",
    "torch.einsum('ii->i',s)",
    "torch.einsum('ii',s)",
    "torch.einsum('bij,bjk->bik',c,c.mT)",
    "torch.einsum('...ij,...jk->...ik',c,c.mT)",
    "torch.einsum('...ij->...ji',c)",
    "torch.einsum('i,j->ij',a[0],b[0])",
    "torch.einsum('i,i->i',a[0],b[0])",
    "torch.einsum('i,j,k->ijk',a[0],b[0],a[1])",
    "torch.einsum('bn,anm,bm->ba',a,torch.ones(4,3,3),b)",
    "torch.einsum('ij,jk->ik',a,b)",
    "torch.einsum('ijk->ij',a)",
    "torch.einsum('ij->ik',a)",
    "torch.einsum('ij->iij',a)",
    "torch.einsum('i1->i',a)",
    "torch.einsum('ij,jk',a)",
    "torch.einsum('ij',a,a)",
    "torch.einsum('ij->i->j',a)",
    "torch.einsum('i.j->i',a)",
    "torch.einsum('ij,kj->ik',[a,b])",
    "torch.einsum('ii->i',a)",
    "torch.einsum(a,[0,1],b,[2,1],[0,2])",
    "torch.einsum(' i j , k j -> i k ',a,b)",
    "torch.einsum('ij,kj->ik',a,b.double())",
    "torch.einsum('ij,kj->ik',a,3)",
    "torch.einsum('',torch.tensor(2.))",
    "torch.einsum('ij->j',a)",
    "torch.einsum('...',a)",
    "torch.einsum('...i->i',a)",
    "torch.einsum('...i->...',a)",
    "torch.tensordot(a,b,dims=2)",
    "torch.tensordot(a,b.t(),1)",
    "torch.tensordot(a,b,dims=([1],[1]))",
    "torch.tensordot(a,b,dims=([0,1],[0,1]))",
    "torch.tensordot(a,b,dims=([0],[1]))",
    "torch.tensordot(a,b,dims=([0,1],[1]))",
    "torch.tensordot(a,b,dims=0).shape",
    "torch.tensordot(a,b,dims=3)",
    "torch.tensordot(a,b,dims=-1)",
    "torch.einsum('bij->b', c)",
    "torch.einsum('b...,b...->...', c, c)",
    "torch.einsum('ii,ij->j', s, a)",
    "torch.einsum('iij->ij', c)",
    "torch.einsum('ij,jk,kl->il', s, s, s)",
    "torch.einsum('i...->...', a)",
    "torch.einsum('ij,ij,ij->i', a, a, a)",
    "torch.einsum('i,ij->j', a[:, 0], a)",
    "torch.einsum('bij,kj->bik', c, a)",
]


def differentiated(expression):
    def program(torch):
        leaves = {name: torch.tensor(values, requires_grad=True) for name, values in VALUES.items()}
        y = eval(expression, {"torch": torch, "F": torch.nn.functional, **leaves})
        if not hasattr(y, "backward"):
            return y
        if y.requires_grad:
            (y * torch.arange(1.0, y.numel() + 1).reshape(y.shape)).sum().backward()
        return y.detach(), [leaf.grad for leaf in leaves.values()]

    return program


@pytest.mark.parametrize("expression", PROGRAMS)
def test_a_sum_of_products_and_its_gradients_are_those_of_pytorch(expression, agree):
    agree(differentiated(expression))


letters = st.lists(st.sampled_from("ijkl"), min_size=1, max_size=3).map("".join)


@given(st.lists(letters, min_size=1, max_size=3), st.data())
def test_any_equation_gives_what_pytorch_gives(torch, inputs, data):
    seen = sorted(set("".join(inputs)))
    output = "".join(data.draw(st.permutations(data.draw(st.lists(st.sampled_from(seen), unique=True)))))
    lengths = {"i": 2, "j": 3, "k": 1, "l": 2}
    rng = np.random.default_rng(0)
    arrays = [rng.normal(size=[lengths[x] for x in labels]) for labels in inputs]

    def program(package):
        operands = [package.tensor(array, requires_grad=True) for array in arrays]
        y = package.einsum(f"{','.join(inputs)}->{output}", *operands)
        (y * package.arange(1.0, y.numel() + 1).reshape(y.shape)).sum().backward()
        return y.detach(), [operand.grad for operand in operands]

    assert_same(outcome(program, torch), outcome(program, paramlab))
