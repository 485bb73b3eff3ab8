"""Arithmetic and the functions of each element: values, dtypes, gradients and errors are PyTorch's."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import mutually_broadcastable_shapes

import paramlab
from paramlab.autograd import unbroadcast

from ..conftest import assert_same, outcome

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
    "torch.rsub(x, 2)",
    "x.positive().exp2()",
    "x.expm1()",
    "x.sin()",
    "x.cos()",
    "x.tan()",
    "x.arctan()",
    "x.sinh()",
    "x.cosh()",
    "x.asinh()",
    "x.erf()",
    "x.erfc()",
    "x.floor()",
    "x.ceil()",
    "x.fix()",
    "x.round()",
    "x.round(decimals=1)",
    "x.round(decimals=-1)",
    "x.frac()",
    "x.sign()",
    "x.sgn()",
    "x % 0.7",
    "x % -0.7",
    "x.fmod(0.7)",
    "x.div(0.7, rounding_mode='floor')",
    "x.div(0.7, rounding_mode='trunc')",
    "x.clip(1, -1)",
    "x.clamp_min(0)",
    "x.clamp_max(0.5)",
    "x.clamp(x * 2, x * 3)",
    "x.clamp(min=x * 2)",
    "x.clamp_max(x * 0 + 0.25)",
    "x.nan_to_num()",
    "x ** 1",
    "0 ** x",
    "(-2.0) ** x",
    "x.pow(x * 0 + 2)",
    "x.addcmul(x, x, value=3)",
    "x.addcdiv(x, x * 0 + 2, value=3)",
    "x.lerp(x * 2, 0.3)",
    "x.lerp(x * 2, 0.8)",
    "x.lerp(x * 2, x)",
    "torch.atan2(x, x * 0)",
    "x.where(x > 0, x * 3)",
    "torch.maximum(x, x)",
    "torch.minimum(x, -x)",
    "torch.fmax(x, x)",
    "torch.fmin(x, x * 2)",
]

POSITIVE = [
    "x.log2()",
    "x.log10()",
    "x.log1p()",
    "x.rsqrt()",
    "x.reciprocal()",
    "x.asin()",
    "x.arccos()",
    "x.atanh()",
    "(x + 1).acosh()",
    "x**x",
]

# where a function has a kink, a pole or an end
EDGES = [
    "x.sqrt()",
    "x.rsqrt()",
    "x.log()",
    "x.asin()",
    "x.atanh()",
    "x.abs()",
    "x**0",
    "x**-1",
    "x.pow(x * 0)",
    "x.pow(x * 0 - 1)",
    "x.relu()",
    "x.sign()",
    "x.sigmoid()",
    "x.erf()",
    "x.erfc()",
    "x.floor()",
    "x.nan_to_num(1, 2, 3)",
    "x.clamp(0, 1)",
    "x.clamp(x * 0, x * 0 + 1)",
    "torch.maximum(x, x * 0)",
    "torch.fmax(x, x * 0)",
    "torch.fmin(x * 0, x)",
    "x % 1",
    "x.fmod(1)",
]

BINARY = ["a + b", "a - b", "a * b", "a / b", "a ** b", "torch.where(a > b, a, b)", "F.mse_loss(a + b, (b + a) * 2)"]
BINARY += [
    "a % b",
    "torch.fmod(-a, b)",
    "torch.div(a, b, rounding_mode='floor')",
    "torch.atan2(a, b)",
    "torch.maximum(a, b)",
    "torch.fmin(a, b)",
    "a.clamp(b, b + 1)",
    "a.clamp_max(b)",
    "a.addcmul(b, b)",
    "a.addcdiv(a, b)",
    "a.lerp(b, b)",
    "torch.rsub(a, b, alpha=2)",
    "a.masked_fill(a > 1, b.sum())",
]

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
    "torch.ones(2).half() * 1e300",
    "torch.tensor([2**62]) * 4",
    "torch.tensor([1]) // 0",
    "torch.tensor([1]) % 0",
    "torch.fmod(torch.tensor([1]), 0)",
    "torch.tensor([1.0]) // 0",
    "torch.tensor([-7]) // 2",
    "7 // torch.tensor([2.0])",
    "7 % torch.tensor([4])",
    "torch.tensor([-7]) % 3",
    "torch.fmod(torch.tensor([-7]), 3)",
    "torch.tensor([7]).div(-2, rounding_mode='trunc')",
    "torch.tensor([7]).div(-2, rounding_mode='x')",
    "torch.tensor([True]) % torch.tensor([True])",
    "torch.tensor([True]) - torch.tensor([True])",
    "torch.tensor([True]) * torch.tensor([True])",
    "+torch.tensor([True])",
    "torch.tensor([2, -1]) ** torch.tensor([-1, -3])",
    "torch.tensor([1], dtype=torch.uint8) ** 300",
    "torch.tensor([2.345]).round(decimals=2)",
    "torch.tensor([True]).floor()",
    "torch.tensor([1]).floor()",
    "torch.tensor([1]).round(decimals=1)",
    "torch.tensor([1]).frac()",
    "torch.tensor([True]).abs()",
    "torch.exp(3)",
    "torch.relu(3.0)",
    "torch.abs([1])",
    "torch.maximum(torch.ones(2), 2)",
    "torch.where(torch.tensor([[True, False], [True, True]]))",
    "torch.where(torch.tensor([1, 0], dtype=torch.uint8), 1, 2)",
    "torch.ones(2, dtype=torch.uint8).masked_fill(torch.tensor([True, False]), 300)",
    "torch.ones(2).masked_fill(torch.tensor([True, False]), torch.ones(2))",
    "torch.ones(2, dtype=torch.uint8).clamp(-1)",
    "torch.ones(2, dtype=torch.bool).clamp(False)",
    "torch.ones(2).lerp(torch.ones(2).double(), 0.5)",
    "torch.ones(2).long().lerp(torch.ones(2).long(), 0.5)",
    "torch.addcdiv(torch.ones(2), torch.ones(2).long(), torch.ones(2).long())",
    "torch.addcmul(torch.ones(2), torch.ones(3), torch.ones(2))",
    "torch.ones(2).sub(torch.ones(2).bool(), alpha=True)",
]


def gradient_of(expression, values):
    def program(torch):
        x = torch.tensor(values, requires_grad=True)
        y = eval(expression, {"torch": torch, "F": torch.nn.functional, "x": x})
        weights = torch.arange(1.0, y.numel() + 1).reshape(y.shape)
        name = y.grad_fn.name()
        (y * weights).sum().backward()
        return name, y.detach(), x.grad.clone()

    return program


@pytest.mark.parametrize("expression", UNARY)
def test_a_function_and_its_gradient_are_those_of_pytorch(expression, agree):
    agree(gradient_of(expression, [[-1.5, -0.25, 0.0], [0.25, 0.5, 2.0]]))


@pytest.mark.parametrize("expression", POSITIVE)
def test_a_function_of_positive_numbers_and_its_gradient_are_those_of_pytorch(expression, agree):
    agree(gradient_of(expression, [[0.1, 0.7, 0.3], [0.25, 0.5, 0.9]]))


@pytest.mark.parametrize("expression", EDGES)
def test_a_function_has_pytorchs_gradient_at_its_edges_too(expression, agree):
    agree(gradient_of(expression, [0.0, 1.0, -1.0, float("nan"), float("inf"), -float("inf")]))


def test_the_error_function_is_exact_to_rounding():
    x = np.concatenate([np.linspace(-8, 8, 4001), np.linspace(-0.5, 0.5, 501), np.linspace(4, 26, 501)])
    erf, erfc = ([f(v) for v in x] for f in (math.erf, math.erfc))
    np.testing.assert_allclose(paramlab.erf(paramlab.tensor(x)).numpy(), erf, rtol=1e-15, atol=0)
    np.testing.assert_allclose(paramlab.erfc(paramlab.tensor(x)).numpy(), erfc, rtol=2e-15, atol=0)
    single = paramlab.tensor(x, dtype=paramlab.float32)
    np.testing.assert_allclose(paramlab.erf(single).numpy(), erf, rtol=5e-7, atol=0)


def test_floor_division_has_no_gradient(agree):
    def program(torch):
        y = torch.ones(2, requires_grad=True) // 2
        name = y.grad_fn.name()
        try:
            y.sum().backward()
        except RuntimeError as error:
            return name, "derivative for aten::floor_divide is not implemented" in str(error)

    agree(program)


@pytest.mark.parametrize("expression", BINARY)
@pytest.mark.parametrize("shapes", [((2, 3), (2, 3)), ((2, 3), (3,)), ((2, 1), (1, 3)), ((), (2, 3)), ((0, 3), (3,))])
def test_both_operands_get_a_gradient_of_their_own_shape(expression, shapes, agree):
    rng = np.random.default_rng(0)
    first, second = (rng.uniform(0.5, 2, shape).astype(np.float32) for shape in shapes)

    def program(torch):
        a, b = torch.tensor(first, requires_grad=True), torch.tensor(second, requires_grad=True)
        y = eval(expression, {"torch": torch, "F": torch.nn.functional, "a": a, "b": b})
        y.square().sum().backward()
        return y.detach(), a.grad.clone(), b.grad.clone()

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


SMOOTH = ["x.exp()", "x.sin() * y", "x.pow(y)", "x.atan2(y)", "x.lerp(y, 0.3)", "x.addcmul(x, y)", "x.erf() / y"]
SMOOTH += [
    "x.clamp(y, y + 0.3)",
    "torch.maximum(x, y)",
    "x.var(-1) + y.sum()",
    "x.cumsum(0) * y",
    "x.norm(3, -1).sum() * y",
]
SMOOTH += ["x.sort(-1).values * y", "x.logsumexp(-1).sum() * y", "x.prod(-1).sum() - y", "x.amax(-1).mean() * y"]


@given(
    mutually_broadcastable_shapes(num_shapes=1, base_shape=(2, 3), min_dims=0, max_dims=2, max_side=3),
    st.sampled_from(SMOOTH),
    st.sampled_from(["float32", "float64"]),
    st.booleans(),
    st.integers(0, 2**32 - 1),
)
def test_gradients_of_broadcast_and_transposed_operands_are_those_of_pytorch(
    torch, shapes, formula, kind, turned, seed
):
    rng = np.random.default_rng(seed)
    values = [rng.uniform(0.2, 1, shape).astype(kind) for shape in ((2, 3), shapes.input_shapes[0])]

    def program(package):
        x = package.tensor(values[0].T.copy() if turned else values[0]).requires_grad_()
        y = package.tensor(values[1]).requires_grad_()
        output = eval(formula, {"torch": package, "x": x.t() if turned else x, "y": y})
        (output * output).sum().backward()
        return output.detach(), x.grad.clone(), y.grad.clone()

    assert_same(outcome(program, torch), outcome(program, paramlab), rtol=1e-4)
