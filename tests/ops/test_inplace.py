"""In place: the values, the dtype that stays, the version that goes up, and what is refused."""

import pytest

import paramlab

CALLS = [
    "x.add_(2, alpha=3)",
    "x.sub_(y)",
    "x.mul_(y)",
    "x.div_(y, rounding_mode='floor')",
    "x.floor_divide_(y)",
    "x.remainder_(y)",
    "x.fmod_(2)",
    "x.pow_(2)",
    "x.neg_()",
    "x.abs_()",
    "x.exp_()",
    "x.log1p_()",
    "x.sqrt_()",
    "x.rsqrt_()",
    "x.reciprocal_()",
    "x.sin_()",
    "x.tanh_()",
    "x.sigmoid_()",
    "x.erf_()",
    "x.relu_()",
    "x.floor_()",
    "x.round_(decimals=1)",
    "x.sign_()",
    "x.clamp_(0.5, 1)",
    "x.clamp_min_(y)",
    "x.nan_to_num_()",
    "x.masked_fill_(x > 1, 7)",
    "x.addcmul_(y, y, value=2)",
    "x.addcdiv_(y, y)",
    "x.lerp_(y, 0.25)",
    "x.atan2_(y)",
    "x.square_()",
    "x.lt_(y)",
    "x.eq_(1)",
    "x.logical_not_()",
    "x.cumsum_(0)",
    "x.cumprod_(0)",
    "x.zero_()",
    "x.fill_(3)",
    "x.fill_(torch.tensor(3))",
    "x.copy_(y[0])",
]

OPERATORS = ["+=", "-=", "*=", "/=", "//=", "%=", "**=", "&=", "|=", "^=", "<<=", ">>="]

REFUSED = [
    "torch.ones(2).add_(torch.ones(2, 2))",
    "torch.ones(2).exp_().where_(1)",
    "torch.ones(2, dtype=torch.int64).add_(1.5)",
    "torch.ones(2, dtype=torch.int64).div_(2)",
    "torch.ones(2, dtype=torch.int64).sqrt_()",
    "torch.ones(2, dtype=torch.int64).mul_(torch.ones(2))",
    "torch.ones(2, dtype=torch.bool).add_(1)",
    "torch.ones(2, requires_grad=True).exp_()",
    "torch.ones(2, requires_grad=True)[0].clamp_(0)",
    "torch.ones(1).expand(2).mul_(2)",
    "torch.ones(2).fill_(torch.ones(1))",
    "torch.ones(2, dtype=torch.uint8).fill_(300)",
    "torch.ones(2, dtype=torch.int64).floor_divide_(0)",
    "torch.ones(2).bitwise_and_(1)",
]


@pytest.mark.parametrize("call", CALLS)
def test_a_write_in_place_and_the_gradient_through_it(call, agree):
    def program(torch):
        start = torch.tensor([[0.5, 1.0, 2.0], [0.3, 0.7, 0.9]], requires_grad=True)
        y = torch.tensor([[1.0, 0.4, 2.0], [0.7, 0.9, 1.1]], requires_grad=True)
        x = start * 1
        before, version = x, x._version
        eval(call, {"torch": torch, "x": x, "y": y})
        gradient = None
        if x.requires_grad and "floor_divide" not in call:
            (x * x).sum().backward()
            gradient = None if start.grad is None else start.grad.clone()
        return x.detach(), x is before, x._version - version, gradient

    agree(program)


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize("kind", ["int64", "float32", "bool", "uint8"])
def test_an_operator_with_an_equals_sign_writes_in_place(operator, kind, agree):
    def program(torch):
        x = torch.tensor([1, 2, 3]).to(getattr(torch, kind))
        names = {"x": x, "before": x}
        exec(f"x {operator} 2", names)
        return x, names["x"] is names["before"], x._version

    agree(program)


@pytest.mark.parametrize("expression", REFUSED)
def test_what_pytorch_refuses_is_refused(expression, agree):
    agree(expression)


def test_the_other_operand_broadcasts(agree):
    agree("torch.ones(2, 3).add_(torch.arange(3)).mul_(torch.tensor([[1.0], [2.0]]))")


def test_every_in_place_method_is_named_after_its_operation():
    for name in ("exp_", "clamp_", "lerp_", "true_divide_"):
        method = getattr(paramlab.Tensor, name)
        assert method.__name__.endswith("_")
        assert "in place" in method.__doc__


@pytest.mark.parametrize("kind", ["float16", "float32", "int64", "bool"])
def test_each_way_to_fill_is_counted_as_one_write(kind, agree):
    def program(torch):
        x = torch.ones(3).to(getattr(torch, kind))
        counts = [x.zero_()._version, x.fill_(1)._version, x.fill_(torch.tensor(0))._version, x.copy_(x + 1)._version]
        return x, counts

    agree(program)
