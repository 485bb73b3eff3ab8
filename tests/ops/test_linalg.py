"""Matrix products: shapes, gradients and errors are PyTorch's."""

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
