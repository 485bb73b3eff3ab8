"""Activations, as functions and as modules: values, gradients at the kinks too, in-place forms, errors."""

import inspect

import pytest
from hypothesis import given
from hypothesis import strategies as st

import paramlab
from paramlab import nn as our_nn
from tests.conftest import assert_same, outcome

INF = float("inf")
CORNERS = [-INF, -30.0, -6.0, -3.0, -1.0, -0.5, -0.0, 0.0, 0.5, 1.0, 3.0, 6.0, 20.0, 21.0, 100.0, INF, float("nan")]

FUNCTIONS = [
    "F.relu(x)",
    "F.relu6(x)",
    "F.leaky_relu(x)",
    "F.leaky_relu(x, 0.3)",
    "F.leaky_relu(x, negative_slope=-0.5)",
    "F.prelu(x, torch.tensor([0.1]))",
    "F.prelu(x, torch.tensor(0.1))",
    "F.elu(x)",
    "F.elu(x, alpha=0.5)",
    "F.selu(x)",
    "F.celu(x)",
    "F.celu(x, 2.0)",
    "F.gelu(x)",
    "F.gelu(x, approximate='tanh')",
    "F.silu(x)",
    "F.mish(x)",
    "F.sigmoid(x)",
    "F.logsigmoid(x)",
    "F.tanh(x)",
    "F.hardtanh(x)",
    "F.hardtanh(x, -3.0, 0.5)",
    "F.hardsigmoid(x)",
    "F.hardswish(x)",
    "F.softplus(x)",
    "F.softplus(x, beta=3, threshold=2)",
    "F.softsign(x)",
    "F.tanhshrink(x)",
    "F.threshold(x, 0.5, 3.0)",
]


def of(expression, torch, x):
    return eval(expression, {"torch": torch, "nn": torch.nn, "F": torch.nn.functional, "x": x})


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("expression", FUNCTIONS)
def test_value_and_gradient_are_pytorchs_at_corners_too(expression, dtype, agree):
    if dtype == "float64" and "prelu" in expression:
        expression = expression.replace("0.1", "0.1, dtype=torch.float64", 1).replace("[0.1, dtype", "[0.1], dtype")
        expression = expression.replace("float64])", "float64)")

    # how PyTorch's vectorised GELU treats infinity depends on the length of the tensor
    numbers = [n for n in CORNERS if abs(n) < INF] if "gelu" in expression else CORNERS

    def program(torch):
        x = torch.tensor(numbers, dtype=getattr(torch, dtype), requires_grad=True)
        y = of(expression, torch, x)
        y.sum().backward()
        return y.detach(), x.grad, y.grad_fn.name()

    agree(program)


@pytest.mark.parametrize("expression", FUNCTIONS)
def test_half_precision_stays_half(expression, agree):
    if "prelu" in expression:
        expression = expression.replace("))", ").half())")
    agree(lambda torch: of(expression, torch, torch.linspace(-8, 8, 33).half()), rtol=5e-3, atol=5e-3)


IN_PLACE = [
    "relu",
    "relu6",
    "leaky_relu",
    "elu",
    "selu",
    "celu",
    "silu",
    "mish",
    "hardtanh",
    "hardsigmoid",
    "hardswish",
]


UNDERSCORED = [
    "relu_(x)",
    "leaky_relu_(x, 0.2)",
    "leaky_relu_(x)",
    "elu_(x, alpha=0.5)",
    "selu_(x)",
    "celu_(x, 2.0)",
    "hardtanh_(x)",
    "hardtanh_(x, -0.5, max_val=2.0)",
    "threshold_(x, threshold=0.1, value=2.0)",
]


@pytest.mark.parametrize("expression", UNDERSCORED)
def test_a_name_with_an_underscore_overwrites_too(expression, agree):
    def program(torch):
        x = torch.tensor([-4.0, -1.0, 0.5, 7.0], requires_grad=True)
        hidden = x * 1
        out = eval(f"F.{expression}", {"F": torch.nn.functional, "x": hidden})
        out.sum().backward()
        return out is hidden, hidden.detach(), x.grad

    agree(program)
    agree(f"F.{expression.replace('(x', '(torch.ones(2, requires_grad=True)', 1)}")
    agree(f"F.{expression.replace('(x', '(3.0', 1)}")


@pytest.mark.parametrize("name", IN_PLACE)
def test_in_place_overwrites_the_input_and_keeps_its_gradient(name, agree):
    def program(torch):
        function = getattr(torch.nn.functional, name)
        x = torch.tensor([-4.0, -1.0, 0.5, 7.0], requires_grad=True)
        hidden = x * 1
        out = function(hidden, inplace=True)
        out.sum().backward()
        return out is hidden, hidden.detach(), x.grad, hidden._version

    agree(program)
    agree(f"F.{name}(torch.ones(2, requires_grad=True), inplace=True)")


CHANNELS = [((), (1,)), ((3,), (1,)), ((2, 3), (3,)), ((2, 3, 4), (3,)), ((2, 3, 4, 2), (1,)), ((2, 3), ())]


@pytest.mark.parametrize(("shape", "slopes"), CHANNELS)
def test_prelu_learns_a_slope_for_each_channel(shape, slopes, agree):
    def program(torch):
        x = (torch.arange(float(our_size(shape))).reshape(shape) - 2.5).requires_grad_()
        weight = torch.full(slopes, 0.5).requires_grad_()
        y = torch.nn.functional.prelu(x, weight)
        (y * y).sum().backward()
        return y.detach(), x.grad, weight.grad

    agree(program)


def our_size(shape):
    return paramlab.Size(shape).numel()


@pytest.mark.parametrize("dim", [0, 1, -1])
def test_glu_gates_one_half_by_the_other(dim, agree):
    def program(torch):
        x = torch.linspace(-2, 2, 16).reshape(4, 4).requires_grad_()
        y = torch.nn.functional.glu(x, dim)
        (y * y).sum().backward()
        return y.detach(), x.grad, y.grad_fn.name()

    agree(program)


ALONG = ["softmax", "log_softmax", "softmin"]


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (2, 3, 2), (2, 1, 3, 2)])
@pytest.mark.parametrize("name", ALONG)
def test_without_dim_one_is_guessed_with_a_warning(name, shape, agree):
    agree(lambda torch: getattr(torch.nn.functional, name)(torch.arange(float(our_size(shape))).reshape(shape)))
    module = {"softmax": "Softmax", "log_softmax": "LogSoftmax", "softmin": "Softmin"}[name]
    agree(lambda torch: getattr(torch.nn, module)()(torch.arange(float(our_size(shape))).reshape(shape)))


def test_the_warning_points_at_the_callers_line():
    with pytest.warns(UserWarning, match="Implicit dimension") as caught:
        our_nn.functional.softmax(paramlab.ones(2))
    assert caught[0].filename == __file__


def test_gumbel_softmax_draws_from_the_distribution(torch):
    for package in (torch, paramlab):
        package.manual_seed(0)
        logits = package.tensor([[0.1, 0.2, 0.7]]).log().expand(4000, 3).clone().requires_grad_()
        hard = package.nn.functional.gumbel_softmax(logits, tau=0.5, hard=True)
        assert set(hard.detach().flatten().tolist()) <= {0.0, 1.0} or hard.detach().round().sum() == 4000
        assert hard.mean(0).tolist() == pytest.approx([0.1, 0.2, 0.7], abs=0.03)
        (hard * package.tensor([1.0, 2.0, 3.0])).sum().backward()
        assert logits.grad.abs().sum() > 0
        soft = package.nn.functional.gumbel_softmax(logits)
        assert soft.sum(1).tolist() == pytest.approx([1.0] * 4000, abs=1e-5)


ODD = [
    "F.gelu(torch.ones(2), approximate='x')",
    "F.gelu(torch.ones(2), 'tanh')",
    "F.prelu(torch.ones(1, 4), torch.ones(2))",
    "F.prelu(torch.ones(1, 4), torch.ones(2, 2))",
    "F.prelu(torch.ones(1), torch.ones(2))",
    "F.prelu(torch.ones(2), torch.ones(1).double())",
    "F.glu(torch.ones(3))",
    "F.glu(torch.tensor(1.0))",
    "F.glu(torch.ones(2), 5)",
    "F.celu(torch.ones(2), 0.0)",
    "F.hardtanh(torch.ones(2), 2, 1)",
    "F.hardtanh(torch.tensor([-3, 1, 9]))",
    "F.hardtanh(torch.tensor([True]))",
    "F.relu6(torch.tensor([1, 9]))",
    "F.relu(torch.tensor([True]))",
    "F.softmax(torch.tensor([1, 2]), 0)",
    "F.softmax(torch.tensor([1, 2]), 0, dtype=torch.float64)",
    "F.log_softmax(torch.ones(2), 5)",
    "F.softmin(torch.tensor([1, 2]), 0, dtype=torch.float32)",
    "F.softsign(torch.tensor([1, -3]))",
    "F.tanhshrink(torch.tensor([1, -3]))",
    "F.gelu(3)",
    "F.relu(3)",
    "F.elu([1.0])",
    "F.celu(3)",
    "F.gumbel_softmax(torch.ones(2), eps=1e-3).shape",
    "nn.Hardtanh(2, 1)",
    "nn.Hardtanh(min_value=-2, max_value=3)",
    *(
        f"F.{name}(torch.tensor([1, 2]))"
        for name in ("leaky_relu", "elu", "selu", "celu", "gelu", "silu", "mish", "logsigmoid", "hardsigmoid")
    ),
    *(f"F.{name}(torch.tensor([1, 2]))" for name in ("hardswish", "softplus", "glu")),
]


@pytest.mark.parametrize("expression", ODD)
def test_a_corner_of_an_activation(expression, agree):
    agree(expression)


MODULES = [
    "ReLU()",
    "ReLU(True)",
    "ReLU6()",
    "ReLU6(inplace=True)",
    "LeakyReLU()",
    "LeakyReLU(0.2, True)",
    "PReLU()",
    "PReLU(3, 0.1)",
    "ELU()",
    "ELU(0.5, inplace=True)",
    "SELU()",
    "CELU(2.0)",
    "GELU()",
    "GELU('tanh')",
    "SiLU()",
    "Mish(inplace=True)",
    "Sigmoid()",
    "LogSigmoid()",
    "Tanh()",
    "Hardtanh()",
    "Hardtanh(-2, 2, True)",
    "Hardsigmoid(True)",
    "Hardswish()",
    "Softplus()",
    "Softplus(2, 10)",
    "Softsign()",
    "Tanhshrink()",
    "Softmax(1)",
    "Softmax(dim=0)",
    "LogSoftmax(-1)",
    "Softmin(0)",
    "GLU()",
    "GLU(0)",
    "Threshold(0.5, 2.0)",
    "Threshold(0.5, 2.0, True)",
]


@pytest.mark.parametrize("made", MODULES)
def test_a_module_computes_prints_and_saves_as_pytorchs(made, agree):
    rows = 3 if made.startswith("PReLU(3") else 4
    if made == "GLU(0)":
        rows = 2

    def program(torch):
        module = eval(made, vars(torch.nn))
        x = torch.linspace(-4, 4, 4 * rows).reshape(4, rows) if rows == 3 else torch.linspace(-4, 4, 16).reshape(4, 4)
        x = x.requires_grad_()
        y = module(x * 1)
        y.square().sum().backward()
        return y.detach(), x.grad, repr(module), module.state_dict(), [p.grad for p in module.parameters()]

    agree(program)


@pytest.mark.parametrize("name", sorted({made.partition("(")[0] for made in MODULES}))
def test_a_module_takes_what_pytorchs_takes(name, torch):
    theirs, ours = (inspect.signature(getattr(package.nn, name)) for package in (torch, paramlab))
    assert [(p.name, p.default) for p in ours.parameters.values()] == [
        (p.name, p.default) for p in theirs.parameters.values()
    ]


def test_prelu_goes_back_to_its_first_slope(agree):
    def program(torch):
        module = torch.nn.PReLU(2, 0.75)
        with torch.no_grad():
            module.weight.zero_()
        module.reset_parameters()
        return module.weight.detach(), module.init, module.num_parameters

    agree(program)


@given(st.lists(st.floats(-50, 50, width=32), min_size=1, max_size=6))
def test_any_numbers_give_pytorchs_values_and_slopes(torch, numbers):
    for expression in FUNCTIONS:

        def program(package, expression=expression):
            x = package.tensor(numbers, requires_grad=True)
            y = of(expression, package, x)
            y.sum().backward()
            return y.detach(), x.grad

        assert_same(outcome(program, torch), outcome(program, paramlab), rtol=1e-4, atol=5e-6)


WHOLE = [
    "F.hardtanh(x, -1, 2)",
    "F.hardtanh(x, -1, 2, inplace=True)",
    "F.relu6(x, inplace=True)",
    "F.hardtanh(x.byte(), -1, 2)",
    "F.hardtanh(x.byte(), 0, 2)",
    "F.relu6(3.0)",
    "F.softmax(x, 0)",
    "F.softmax(x, 1)",
    "F.log_softmax(x, 0)",
    "F.log_softmax(x, 1)",
    "F.softmax(x, 2)",
    "F.threshold(x, 5, 7)",
    "F.threshold(x, 5.5, 7.9)",
    "F.threshold(x, 5, 7, inplace=True)",
    "F.threshold(x.byte(), 5, -7)",
    "F.threshold(x.byte(), 5, 300)",
    "F.threshold(x > 0, 5, 300)",
]


@pytest.mark.parametrize("expression", WHOLE)
def test_an_activation_of_whole_numbers(expression, agree):
    def program(torch):
        x = torch.tensor([[-3, 5, 9]])
        return eval(expression, {"F": torch.nn.functional, "x": x}), x

    agree(program)


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "softmin"])
@pytest.mark.parametrize("shape", [(0,), (2, 0), (0, 2)])
def test_the_softmax_of_nothing_is_nothing(name, shape, agree):
    def program(torch):
        x = torch.ones(*shape, requires_grad=True)
        y = getattr(torch.nn.functional, name)(x, -1)
        y.sum().backward()
        return y.detach(), x.grad

    agree(program)
