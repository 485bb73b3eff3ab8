"""Half precision: computed in float32 and rounded once, as PyTorch does on a CPU."""

import pytest

NUMBERS = "torch.linspace(-4, 4.5, 81).half()"
ONE_STEP = 2**-10  # between a number of half precision and the next one, relative to it

EXPRESSIONS = [
    *[f"F.{name}(x)" for name in ("sigmoid", "silu", "mish", "hardswish", "softplus", "leaky_relu", "elu", "selu")],
    *[f"F.{name}(x.reshape(9, 9), 1)" for name in ("softmax", "log_softmax")],
    "F.gelu(x)",
    "F.gelu(x, approximate='tanh')",
    "F.glu(x[:80])",
    "F.mse_loss(x, 2 * x)",
    "F.smooth_l1_loss(x, 2 * x)",
    "F.cross_entropy(x.reshape(9, 9), torch.arange(9))",
    "F.normalize(x.reshape(9, 9))",
    "x.logsumexp(0)",
    "x.var()",
    "x.norm()",
    "x ** 3",
    "x.abs().add(1).rsqrt()",
    "torch.addcmul(x, x, x, value=0.3)",
    "torch.lerp(x, 2 * x, 0.3)",
    "x * 0.1",
    "x / 65536",
]


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_it_is_at_most_one_step_off(expression, agree):
    """NumPy rounds after each step of a formula: a softmax of it was six steps off."""
    agree(f"(lambda x: {expression})({NUMBERS})", rtol=ONE_STEP, atol=2e-5)


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_so_is_the_gradient(expression, agree):
    def program(torch):
        x = torch.linspace(-4, 4.5, 81).half().requires_grad_()
        result = eval(expression, {"x": x, "torch": torch, "F": torch.nn.functional})
        result.sum().backward()
        return result.dtype, x.grad.dtype, result.grad_fn.name(), x.grad.float()

    agree(program, rtol=4 * ONE_STEP, atol=4e-3)


@pytest.mark.parametrize("expression", ["x * 2", "x[:1] * 2", "x * 65536", "x.detach() / 3", "x + x"])
def test_half_precision_is_computed_without_recording_too(expression, agree):
    def program(torch):
        x = torch.ones(2).half().requires_grad_()
        with torch.no_grad():
            return eval(expression, {"x": x})

    agree(program)


def test_what_is_handed_on_within_a_graph_is_half_precision_too(agree):
    def program(torch):
        x = torch.linspace(-1, 1, 5).half().requires_grad_()
        between = x * 1.5
        between.retain_grad()
        torch.sigmoid(between).sum().backward()
        return between.grad.dtype, between.grad.float()

    agree(program, rtol=4 * ONE_STEP)
