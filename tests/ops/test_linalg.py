"""Matrix products: shapes, gradients and errors are PyTorch's."""

import itertools

import numpy as np
import pytest

import paramlab

PRODUCTS = [
    ("a @ b", (2, 3), (3, 4)),
    ("a @ b", (3,), (3,)),
    ("a @ b", (2, 3), (3,)),
    ("a @ b", (3,), (3, 2)),
    ("a @ b", (5, 2, 3), (3, 4)),
    ("a @ b", (5, 2, 3), (3,)),
    ("a @ b", (5, 2, 3), (5, 3, 4)),
    ("a @ b", (5, 1, 2, 3), (6, 3, 4)),
    ("a @ b", (2, 3), (5, 3, 4)),
    ("a @ b", (3,), (5, 3, 4)),
    ("a @ b", (0, 3), (3, 4)),
    ("a @ b", (2, 0), (0, 4)),
    ("a @ b", (0, 2, 3), (3, 4)),
    ("a.mm(b)", (2, 3), (3, 4)),
    ("torch.addmm(b[0], a, b)", (2, 3), (3, 4)),
    ("torch.addmm(b[:1], a, b, beta=2, alpha=0.5)", (2, 3), (3, 4)),
    ("F.linear(a, b)", (2, 3), (4, 3)),
    ("F.linear(a, b, b[:, 0])", (2, 3), (4, 3)),
    ("F.linear(a, b, b[:, 0])", (5, 2, 3), (4, 3)),
    ("F.linear(a, b, b[:, 0])", (3,), (4, 3)),
    ("F.linear(a, b)", (5, 2, 3), (4, 3)),
]

ODD = [
    "torch.ones(2, 3) @ torch.ones(2, 3)",
    "torch.ones(2, 2, 3) @ torch.ones(2, 2, 3)",
    "torch.ones(2, 2, 3) @ torch.ones(3, 3, 3)",
    "torch.ones(2, 3) @ torch.ones(2)",
    "torch.ones(3) @ torch.ones(2)",
    "torch.ones(3) @ torch.ones(2, 3)",
    "torch.ones(2, 3) @ torch.ones(3, 2).double()",
    "torch.ones(2, 3) @ torch.ones(3, 2).long()",
    "torch.ones(2, 3) @ torch.ones(3).double()",
    "torch.ones(2) @ torch.ones(2).double()",
    "torch.tensor(1.0) @ torch.ones(2)",
    "torch.ones(2, 2) @ 3",
    "torch.mm(torch.ones(2), torch.ones(2, 2))",
    "torch.mm(torch.ones(2, 2), torch.ones(2))",
    "torch.addmm(torch.ones(3), torch.ones(2, 2), torch.ones(2, 2))",
    "torch.addmm(torch.ones(2, 3, 2), torch.ones(2, 2), torch.ones(2, 2))",
    "torch.addmm(torch.ones(2).double(), torch.ones(2, 2), torch.ones(2, 2))",
    "torch.addmm(torch.ones(2), torch.ones(2, 2), torch.ones(2, 2).double())",
    "torch.addmm(torch.ones(2), torch.ones(2, 3), torch.ones(2, 3))",
    "torch.addmm(torch.ones(2).long(), torch.ones(2, 2).long(), torch.ones(2, 2).long(), beta=1.5)",
    "nn.Linear(2, 2)(torch.ones(2, 2).double())",
    "nn.Linear(2, 2)(torch.ones(4, 3))",
    "nn.Linear(2, 2)(torch.ones(1, 2, 3))",
    "nn.Linear(2, 2)(torch.ones(3))",
    "nn.Linear(2, 2)(torch.tensor(1.0))",
]


@pytest.mark.parametrize(("expression", "left", "right"), PRODUCTS)
def test_a_product_and_its_gradients_are_those_of_pytorch(expression, left, right, agree):
    rng = np.random.default_rng(0)
    first, second = rng.normal(size=left).astype(np.float32), rng.normal(size=right).astype(np.float32)

    def program(torch):
        a, b = torch.tensor(first, requires_grad=True), torch.tensor(second, requires_grad=True)
        y = eval(expression, {"torch": torch, "F": torch.nn.functional, "a": a, "b": b})
        (y * y).sum().backward()
        return y.detach(), a.grad, b.grad

    agree(program, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("expression", ODD)
def test_a_corner_of_a_product_answers_as_pytorch_does(expression, agree):
    agree(expression)


def test_only_the_gradient_that_is_asked_for_is_computed(agree):
    def program(torch):
        a, b = torch.ones(2, 2, requires_grad=True), torch.ones(2, 2)
        (a @ b).sum().backward()
        return a.grad, b.grad

    agree(program)


def test_a_stack_times_a_matrix_is_one_product_and_no_view():
    product = paramlab.ones(2, 3, 4) @ paramlab.ones(4, 5)
    assert product.shape == (2, 3, 5)
    assert not product._is_view()


# The other products: an expression each.
OTHERS = [
    "a.mm(b.t())",
    "a.mm(torch.ones(3))",
    "a.bmm(b)",
    "c.bmm(c.mT)",
    "c.bmm(torch.ones(3,3,1))",
    "c.bmm(torch.ones(2,4,1))",
    "c.bmm(c.mT.double())",
    "a.mv(torch.ones(3))",
    "a.mv(torch.ones(2))",
    "a.mv(a)",
    "torch.ones(3).mv(torch.ones(3))",
    "a[0].dot(torch.ones(3))",
    "a[0].dot(torch.ones(2))",
    "a.dot(torch.ones(2))",
    "a[0].dot(torch.ones(3).double())",
    "a.inner(b)",
    "a.inner(torch.ones(2,2))",
    "a[0].inner(torch.ones(3))",
    "a.inner(torch.tensor(2.))",
    "a[0].outer(torch.ones(2))",
    "a.outer(torch.ones(2))",
    "a[0].ger(torch.ones(2))",
    "torch.addmv(torch.ones(2),a,torch.ones(3))",
    "torch.addmv(torch.ones(2),a,torch.ones(3),beta=2,alpha=3)",
    "torch.addmv(torch.ones(3),a,torch.ones(3))",
    "torch.addmv(torch.ones(2),a,torch.ones(2))",
    "torch.baddbmm(torch.ones(2,2,2),c,c.mT)",
    "torch.baddbmm(torch.ones(2),c,c.mT,beta=2,alpha=.5)",
    "torch.baddbmm(torch.ones(3),c,c.mT)",
    "torch.linalg.norm(a)",
    "torch.linalg.norm(a,ord=1)",
    "torch.linalg.norm(a,2)",
    "torch.linalg.norm(a,'fro')",
    "torch.linalg.norm(a,'nuc')",
    "torch.linalg.norm(a[0],3)",
    "torch.linalg.norm(a,dim=1)",
    "torch.linalg.norm(a,ord=float('inf'),dim=1,keepdim=True)",
    "torch.linalg.vector_norm(a,2,dim=1)",
    "torch.linalg.vector_norm(a)",
    "torch.linalg.matrix_norm(a)",
    "torch.linalg.inv(a)",
    "torch.linalg.inv(a[0])",
    "torch.linalg.inv(s.long())",
    "torch.linalg.solve(s,torch.ones(3))",
    "torch.linalg.det(s)",
    "torch.det(s)",
    "s.det()",
    "torch.linalg.det(a)",
    "torch.trace(s)",
    "torch.trace(c)",
    "torch.cdist(a,b)",
    "torch.cdist(a,torch.ones(2,2))",
    "torch.cdist(a[0],b)",
    "torch.matmul(torch.ones(2,3,4),torch.ones(5,4,3))",
    "torch.ones(2,3,4)@torch.ones(3)",
    "torch.ones(2,3,4)@torch.ones(3,3)",
    "torch.ones(4)@torch.ones(2,3,4)",
    "torch.ones(3,requires_grad=True)@torch.ones(2,3,4)",
    "a.matmul(3)",
    "torch.mm(a,mat2=b.t())",
    "torch.bmm(input=c,mat2=c.mT)",
    "torch.ones(2,3,dtype=torch.bool)@torch.ones(3,2,dtype=torch.bool)",
    "torch.ones(2,3).half()@torch.ones(3,2).half()",
    "torch.dot(torch.tensor([1,2]),torch.tensor([3,4]))",
    "a.addmm(a,b.t())",
    "torch.addmm(torch.ones(2,2),a,b.t(),beta=0)",
    "torch.addmm(torch.full((2,2),float('nan')),a,b.t(),beta=0)",
    "torch.ones(2,2).addmm_(a.detach(),b.t())",
    "torch.linalg.matmul(a,b.t())",
]

VALUES = {
    "a": np.arange(6.0).reshape(2, 3),
    "b": np.ones((2, 3)) / 2,
    "c": np.arange(12.0).reshape(2, 2, 3),
    "s": np.array([[2.0, 1.0], [0.0, 3.0]]),
}


@pytest.mark.parametrize("expression", OTHERS)
def test_a_product_of_another_kind_is_that_of_pytorch(expression, agree):
    def program(torch):
        leaves = {name: torch.tensor(array.astype(np.float32), requires_grad=True) for name, array in VALUES.items()}
        y = eval(expression, {"torch": torch, "F": torch.nn.functional, "np": np, **leaves})
        if not hasattr(y, "backward"):
            return y
        if y.requires_grad:
            (y * torch.arange(1.0, y.numel() + 1).reshape(y.shape)).sum().backward()
        return y.detach(), [leaf.grad for leaf in leaves.values()]

    agree(program, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("size", [3, 40])
def test_distances_of_few_and_of_many_rows(size, agree):
    rng = np.random.default_rng(0)
    first, second = rng.normal(size=(size, 4)), rng.normal(size=(size + 1, 4))

    def program(torch):
        a, b = torch.tensor(first, requires_grad=True), torch.tensor(second, requires_grad=True)
        distances = torch.cdist(a, b)
        (distances * distances.detach().sin()).sum().backward()
        return distances.detach(), a.grad, b.grad

    agree(program)


def test_the_determinant_of_a_singular_matrix_has_a_gradient(agree):
    def program(torch):
        a = torch.tensor([[1.0, 2.0], [2.0, 4.0]], requires_grad=True)
        a.det().backward()
        return a.grad

    agree(program)


@pytest.mark.parametrize("shapes", [((3, 3), (3,)), ((3, 3), (3, 2)), ((4, 3, 3), (4, 3)), ((3, 3), (4, 3, 2))])
def test_a_system_of_equations_and_its_gradients(shapes, agree):
    rng = np.random.default_rng(0)
    first, second = rng.normal(size=shapes[0]), rng.normal(size=shapes[1])

    def program(torch):
        a, b = torch.tensor(first, requires_grad=True), torch.tensor(second, requires_grad=True)
        x = torch.linalg.solve(a, b)
        (x * torch.arange(1.0, x.numel() + 1).reshape(x.shape)).sum().backward()
        return x.detach(), a.grad, b.grad

    agree(program)


@pytest.mark.parametrize("order", ["'fro'", "'nuc'", "1", "-1", "2", "-2", "float('inf')", "-float('inf')"])
def test_a_norm_of_matrices(order, agree):
    values = np.random.default_rng(0).normal(size=(2, 3, 4))

    def program(torch):
        a = torch.tensor(values, requires_grad=True)
        ways = itertools.product(((-2, -1), (2, 0)), (False, True))
        norms = [torch.linalg.matrix_norm(a, eval(order), dim, keepdim=keep) for dim, keep in ways]
        sum(norm.sum() for norm in norms).backward()
        return [norm.detach() for norm in norms], a.grad

    agree(program)
