"""Arithmetic and the functions of each element: values, dtypes, gradients and errors are PyTorch's."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import mutually_broadcastable_shapes

import paramlab
from paramlab.autograd import unbroadcast

UNARY = [
    "-x",
    "x.abs()",
    "x.exp()",
    "x.log()",
    "x.sqrt()",
    "x.square()",
    "x.relu()",
    "x.tanh()",
    "x.sigmoid()",
    "x.clamp(-0.5, 0.5)",
    "x.clamp(min=0)",
    "x.clamp(max=0.25)",
    "x ** 2",
    "x ** 3",
    "x ** 0",
    "x ** 0.5",
    "x ** -1",
    "2 ** x",
    "1 - x",
    "2 / x",
    "x / 2",
    "3 * x + 1",
    "x.add(x, alpha=0.5)",
    "x.sub(x, alpha=3)",
    "x.masked_fill(x > 0, 7.0)",
    "torch.where(x > 0, x, -x)",
    "torch.where(x > 0, x * 2, 1.0)",
    "x.double() * 2",
    "F.relu(x * 1, inplace=True)",
]

BINARY = ["a + b", "a - b", "a * b", "a / b", "a ** b", "torch.where(a > b, a, b)", "F.mse_loss(a + b, (b + a) * 2)"]

NUMBERS = [
    "True",
    "2",
    "1.5",
    "torch.tensor(3)",
    "torch.tensor(1.5)",
    "torch.tensor(2.0).double()",
    "torch.tensor(True)",
]
DTYPES = ["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64"]

ODD = [
    "torch.ones(2) + torch.ones(3)",
    "torch.ones(2, 2) + torch.ones(3, 1, 3)",
    "torch.tensor([True]) - 1",
    "1 - torch.tensor([True])",
    "torch.tensor([1]) - True",
    "-torch.tensor([True])",
    "-torch.tensor([1], dtype=torch.uint8)",
    "torch.tensor([1]).add(1, alpha=1.5)",
    "torch.tensor([1, 2]) ** -1",
    "torch.tensor([1, 2]) / 0",
    "torch.tensor([3]) / torch.tensor([2])",
    "torch.tensor([1e30]) * 1e30",
    "torch.tensor([-1.0]).sqrt()",
    "torch.tensor([0.0]).log()",
    "torch.tensor([1]).exp()",
    "torch.tensor([True]).sigmoid()",
    "torch.tensor([-1]).relu()",
    "torch.tensor([True]).relu()",
    "torch.tensor([-1]).abs()",
    "torch.tensor([1000.0, -1000.0]).sigmoid()",
    "torch.ones(2) + 'a'",
    "torch.ones(2) + None",
    "torch.add(torch.ones(2), None)",
    "torch.ones(2) * [1, 2]",
    "torch.ones(2) * np.float64(2)",
    "np.float32(2) * torch.ones(2)",
    "torch.ones(2).clamp()",
    "torch.ones(2).clamp(min=2, max=1)",
    "torch.ones(2).long().clamp(min=1.5)",
    "torch.ones(2).masked_fill(torch.tensor([1, 0]), 0.0)",
    "torch.where(torch.tensor([1, 0]), 1.0, 2.0)",
    "torch.where(torch.tensor([True, False]), torch.ones(3), 0.0)",
    "torch.where(torch.tensor([True, False]), 1, 2.5)",
    "torch.ones(2, dtype=torch.uint8) + 300",
]


def gradient_of(expression, values):
    def program(torch):
        x = torch.tensor(values, requires_grad=True)
        y = eval(expression, {"torch": torch, "F": torch.nn.functional, "x": x})
        weights = torch.arange(1.0, y.numel() + 1).reshape(y.shape)
        (y * weights).sum().backward()
        return y.detach(), x.grad

    return program


@pytest.mark.parametrize("expression", UNARY)
def test_a_function_and_its_gradient_are_those_of_pytorch(expression, agree):
    agree(gradient_of(expression, [[-1.5, -0.25, 0.0], [0.25, 0.5, 2.0]]))


@pytest.mark.parametrize("expression", BINARY)
@pytest.mark.parametrize("shapes", [((2, 3), (2, 3)), ((2, 3), (3,)), ((2, 1), (1, 3)), ((), (2, 3)), ((0, 3), (3,))])
def test_both_operands_get_a_gradient_of_their_own_shape(expression, shapes, agree):
    rng = np.random.default_rng(0)
    first, second = (rng.uniform(0.5, 2, shape).astype(np.float32) for shape in shapes)

    def program(torch):
        a, b = torch.tensor(first, requires_grad=True), torch.tensor(second, requires_grad=True)
        y = eval(expression, {"torch": torch, "F": torch.nn.functional, "a": a, "b": b})
        y.square().sum().backward()
        return y.detach(), a.grad, b.grad

    agree(program)


@pytest.mark.parametrize("expression", ODD)
def test_a_corner_answers_as_pytorch_does(expression, agree):
    agree(expression)


@pytest.mark.parametrize("kind", DTYPES)
@pytest.mark.parametrize("operator", ["+", "*", "/", ">"])
def test_the_dtype_of_a_result_follows_pytorchs_table(kind, operator, agree):
    others = NUMBERS + [f"torch.ones(2, dtype=torch.{other})" for other in DTYPES]
    for other in others:
        agree(f"torch.ones(2, dtype=torch.{kind}) {operator} {other}")
        agree(f"torch.tensor(1, dtype=torch.{kind}) {operator} {other}")


def test_an_overflow_is_a_value_and_no_warning():
    x = paramlab.tensor([1e30], requires_grad=True)
    y = (x * x).sum()
    y.backward()
    assert y.item() == float("inf")
    with paramlab.no_grad():
        assert x.mul_(1e30).item() == float("inf")


@given(mutually_broadcastable_shapes(num_shapes=1, base_shape=(2, 3, 2), max_dims=3), st.data())
def test_unbroadcast_sums_over_the_copies_that_broadcasting_made(shapes, data):
    (shape,) = shapes.input_shapes
    if np.broadcast_shapes(shape, (2, 3, 2)) != (2, 3, 2):
        return
    grad = np.arange(12.0).reshape(2, 3, 2)
    # the gradient of sum(grad * broadcast(x)) by its definition: x moved by one, element by element
    expected = np.zeros(shape)
    for place in np.ndindex(shape):
        nudge = np.zeros(shape)
        nudge[place] = 1
        expected[place] = (grad * nudge).sum()
    assert unbroadcast(grad, shape).shape == shape
    np.testing.assert_allclose(unbroadcast(grad, shape), expected)


FORMULAS = [
    lambda a, b: a * b + a,
    lambda a, b: (a - b) / (b * b + 1),
    lambda a, b: (a * a + 1) ** b,
    lambda a, b: (a * b).tanh() + a.sigmoid() * b.exp(),
]


@given(mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=3), st.sampled_from(FORMULAS), st.randoms())
def test_a_gradient_agrees_with_the_change_that_a_small_step_makes(shapes, formula, random):
    rng = np.random.default_rng(random.randrange(2**32))
    values = [rng.uniform(0.2, 1, shape) for shape in shapes.input_shapes]

    def loss(*arrays):
        return formula(*[paramlab.tensor(array) for array in arrays]).sum().item()

    tensors = [paramlab.tensor(value, requires_grad=True) for value in values]
    formula(*tensors).sum().backward()
    step = 1e-6
    for tensor, value in zip(tensors, values, strict=True):
        for place in np.ndindex(value.shape):
            up, down = value.copy(), value.copy()
            up[place] += step
            down[place] -= step
            pair = [[v if v is not value else moved for v in values] for moved in (up, down)]
            numeric = (loss(*pair[0]) - loss(*pair[1])) / (2 * step)
            assert tensor.grad[place].item() == pytest.approx(numeric, rel=1e-4, abs=1e-6)
