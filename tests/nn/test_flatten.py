"""Layers that only reshape."""

import pytest

EXPRESSIONS = [
    "nn.Flatten()(torch.ones(2, 3, 4)).shape",
    "nn.Flatten(0)(torch.ones(2, 3, 4)).shape",
    "nn.Flatten(0, 1)(torch.ones(2, 3, 4)).shape",
    "nn.Flatten(-2)(torch.ones(2, 3, 4)).shape",
    "nn.Flatten()(torch.ones(2)).shape",
    "nn.Flatten(2, 1)(torch.ones(2, 3, 4)).shape",
    "nn.Flatten(5)(torch.ones(2, 3, 4)).shape",
    "nn.Flatten()",
    "nn.Flatten(start_dim=2, end_dim=3)",
    "nn.Unflatten(1, (2, 3))(torch.ones(2, 6)).shape",
    "nn.Unflatten(-1, [2, -1])(torch.ones(2, 6)).shape",
    "nn.Unflatten(1, torch.Size([2, 3]))(torch.ones(2, 6)).shape",
    "nn.Unflatten(1, (2, 4))(torch.ones(2, 6)).shape",
    "nn.Unflatten(2, (2, 3))(torch.ones(2, 6)).shape",
    "nn.Unflatten(1, (2, 3))",
    "nn.Unflatten(1, (2, 3.0))",
    "nn.Unflatten(1, 6)",
    "nn.Identity(3, unused=True)(torch.ones(2))",
    "nn.Identity()",
    "[p for p in nn.Sequential(nn.Flatten(), nn.Unflatten(1, (2, 2)), nn.Identity()).parameters()]",
]


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_a_reshaping_layer_does_what_pytorchs_does(expression, agree):
    def program(torch):
        answer = eval(expression, {"torch": torch, "nn": torch.nn})
        return repr(answer) if isinstance(answer, torch.nn.Module) else answer

    agree(program)


def test_flatten_is_a_view_with_a_gradient(agree):
    def program(torch):
        x = torch.arange(8.0).reshape(2, 2, 2).requires_grad_()
        y = torch.nn.Flatten()(x)
        z = torch.nn.Unflatten(1, (2, 2))(y)
        (z * torch.arange(8.0).reshape(2, 2, 2)).sum().backward()
        return y.data_ptr() == x.data_ptr(), y.shape, z.shape, x.grad

    agree(program)
