"""First values: bounds, moments and structure are PyTorch's; the numbers are drawn by NumPy."""

import inspect
import math

import numpy as np
import pytest

import paramlab
from paramlab.nn import init

BOUNDED = [
    ("uniform_(w, -2.0, 3.0)", -2, 3),
    ("kaiming_uniform_(w)", -((6 / 40) ** 0.5), (6 / 40) ** 0.5),
    ("kaiming_uniform_(w, math.sqrt(5))", -(40**-0.5), 40**-0.5),
    ("kaiming_uniform_(w, mode='fan_out', nonlinearity='relu')", -((6 / 100) ** 0.5), (6 / 100) ** 0.5),
    ("xavier_uniform_(w, gain=2.0)", -2 * (6 / 140) ** 0.5, 2 * (6 / 140) ** 0.5),
    ("trunc_normal_(w)", -2, 2),
    ("trunc_normal_(w, 1.0, 2.0, 0.5, 1.5)", 0.5, 1.5),
    ("trunc_normal_(w, 0.0, 1.0, 1.5, 2.0)", 1.5, 2),
    ("zeros_(w)", 0, 0),
    ("ones_(w)", 1, 1),
    ("constant_(w, 0.25)", 0.25, 0.25),
]


@pytest.mark.parametrize(("call", "low", "high"), BOUNDED)
def test_the_numbers_fill_pytorchs_interval(call, low, high, torch):
    for package in (torch, paramlab):
        package.manual_seed(0)
        w = package.nn.Parameter(package.empty(100, 40))
        assert eval(call, {**vars(package.nn.init), "math": math, "w": w}) is w
        assert w.is_leaf
        assert w.requires_grad
        margin = (high - low) * 0.02 + 1e-7
        assert low - 1e-6 <= w.min().item() <= low + margin
        assert high - margin <= w.max().item() <= high + 1e-6


SPREADS = [
    ("normal_(w, 3.0, 2.0)", 3, 2),
    ("kaiming_normal_(w)", 0, (2 / 40) ** 0.5),
    ("kaiming_normal_(w, a=1.0, mode='fan_out')", 0, (1 / 100) ** 0.5),
    ("kaiming_normal_(w, nonlinearity='selu')", 0, 0.75 / 40**0.5),
    ("xavier_normal_(w)", 0, (2 / 140) ** 0.5),
    ("xavier_normal_(w, gain=3.0)", 0, 3 * (2 / 140) ** 0.5),
    ("uniform_(w)", 0.5, 12**-0.5),
    ("trunc_normal_(w, std=0.5)", 0, 0.5),
    ("trunc_normal_(w, 0.0, 1.0, 0.0, 9.0)", (2 / math.pi) ** 0.5, (1 - 2 / math.pi) ** 0.5),
    ("trunc_normal_(w, 0.0, 1.0, 1.5, 9.0)", 1.938, 0.384),  # by the density over the tail
    ("orthogonal_(w)", 0, 100**-0.5),
    ("sparse_(w, 0.0, std=0.3)", 0, 0.3),
]


@pytest.mark.parametrize(("call", "mean", "std"), SPREADS)
def test_the_numbers_have_pytorchs_mean_and_spread(call, mean, std, torch):
    for package in (torch, paramlab):
        package.manual_seed(0)
        w = package.empty(100, 40)
        eval(call, {**vars(package.nn.init), "w": w})
        assert w.mean().item() == pytest.approx(mean, abs=0.05 * std + 1e-6)
        assert w.std().item() == pytest.approx(std, rel=0.06)


@pytest.mark.parametrize("call", ["uniform_(w)", "normal_(w)", "kaiming_uniform_(w)", "trunc_normal_(w)"])
def test_numbers_are_normally_or_evenly_distributed(call):
    w = paramlab.empty(200, 100)
    eval(call, {**vars(init), "w": w})
    drawn = np.sort(w.numpy().ravel())
    share = np.mean(drawn < drawn.mean() + drawn.std() / 2)
    assert share == pytest.approx({"u": 0.644, "n": 0.691, "k": 0.644, "t": 0.677}[call[0]], abs=0.02)


@pytest.mark.parametrize("shape", [(3, 5), (5, 3), (4, 4), (4, 2, 3), (2, 3, 2, 2)])
@pytest.mark.parametrize("gain", [1, 0.5])
def test_orthogonal_rows_or_columns(shape, gain):
    w = init.orthogonal_(paramlab.empty(*shape), gain)
    matrix = w.numpy().reshape(shape[0], -1)
    small = matrix @ matrix.T if matrix.shape[0] <= matrix.shape[1] else matrix.T @ matrix
    np.testing.assert_allclose(small, gain**2 * np.eye(len(small)), atol=1e-5)


def test_orthogonal_matrices_have_no_preferred_sign():
    signs = [np.sign(init.orthogonal_(paramlab.empty(3, 3)).numpy()[0, 0]) for _ in range(200)]
    assert abs(np.mean(signs)) < 0.3


@pytest.mark.parametrize(("sparsity", "zeros"), [(0.1, 1), (0.25, 3), (1.0, 10)])
def test_sparse_has_that_many_zeros_in_each_column(sparsity, zeros):
    w = init.sparse_(paramlab.empty(10, 6), sparsity)
    assert (w == 0).sum(0).tolist() == [zeros] * 6


DETERMINED = [
    "eye_(torch.empty(2, 3))",
    "eye_(nn.Parameter(torch.empty(3, 2)))",
    "eye_(torch.empty(3))",
    "dirac_(torch.empty(3, 2, 4))",
    "dirac_(torch.empty(4, 2, 3, 2), 2)",
    "dirac_(torch.empty(4, 2, 1, 2, 3), groups=2)",
    "dirac_(torch.empty(3, 2, 4), 2)",
    "dirac_(torch.empty(2, 2))",
    "sparse_(torch.empty(3), 0.5)",
    "orthogonal_(torch.empty(3))",
    "orthogonal_(torch.empty(0, 3))",
    "kaiming_uniform_(torch.ones(3))",
    "kaiming_uniform_(torch.ones(0, 3))",
    "kaiming_uniform_(torch.ones(2, 3), mode='x')",
    "kaiming_uniform_(torch.ones(2, 3), nonlinearity='x')",
    "kaiming_normal_(torch.ones(0, 3))",
    "kaiming_normal_(torch.ones(2, 3), mode='FAN_X')",
    "xavier_uniform_(torch.ones(3))",
    "xavier_normal_(torch.tensor(1.0))",
    "uniform_(torch.ones(2), 3.0, 1.0)",
    "normal_(torch.ones(2), std=-1.0)",
    "uniform_(torch.ones(2).long())",
    "trunc_normal_(torch.ones(2), 0.0, 1.0, 5.0, 6.0) * 0",
    "trunc_normal_(torch.ones(2), 0.0, 1.0, 3.0, 1.0)",
    "constant_(torch.empty(2, 2), 3)",
    "zeros_(nn.Parameter(torch.ones(2)))",
    "uniform_(nn.Parameter(torch.ones(2))).requires_grad",
    "ones_(torch.ones(2, requires_grad=True) * 2).tolist()",
    "_calculate_fan_in_and_fan_out(torch.empty(4, 3, 5, 2))",
    "_calculate_fan_in_and_fan_out(torch.empty(4, 3))",
    "_calculate_fan_in_and_fan_out(torch.empty(4))",
    *(f"calculate_gain('{name}')" for name in ("linear", "conv1d", "conv_transpose3d", "sigmoid", "tanh", "relu")),
    *(f"calculate_gain('{name}')" for name in ("leaky_relu", "selu", "x")),
    "calculate_gain('leaky_relu', 0.2)",
    "calculate_gain('leaky_relu', 1)",
    "calculate_gain('leaky_relu', True)",
    "calculate_gain('leaky_relu', 'a')",
    "calculate_gain('relu', 5)",
]


@pytest.mark.parametrize("expression", DETERMINED)
def test_what_does_not_depend_on_chance_is_pytorchs(expression, agree):
    agree(f"nn.init.{expression}")


NAMES = [name for name in vars(init) if name.endswith("_") and not name.startswith("_")] + ["calculate_gain"]


@pytest.mark.parametrize("name", NAMES)
def test_a_function_takes_what_pytorchs_takes(name, torch):
    theirs, ours = (inspect.signature(getattr(package.nn.init, name)) for package in (torch, paramlab))
    assert [(p.name, p.default) for p in ours.parameters.values()] == [
        (p.name, p.default) for p in theirs.parameters.values()
    ]


DRAWN = ["uniform_(w", "normal_(w", "trunc_normal_(w", "xavier_uniform_(w", "xavier_normal_(w", "kaiming_uniform_(w"]
DRAWN += ["kaiming_normal_(w", "orthogonal_(w", "sparse_(w, 0.5"]


@pytest.mark.parametrize("call", DRAWN)
def test_a_generator_of_ones_own_leaves_the_common_one_alone(call):
    def draw():
        g = paramlab.Generator().manual_seed(3)
        return eval(f"{call}, generator=g)", {**vars(init), "w": paramlab.empty(4, 5), "g": g}).tolist()

    paramlab.manual_seed(0)
    first = draw()
    common = paramlab.rand(2).tolist()
    paramlab.manual_seed(0)
    assert paramlab.rand(2).tolist() == common
    assert draw() == first


@pytest.mark.parametrize("dtype", ["float16", "float64"])
def test_other_types_stay_what_they_are(dtype):
    for call in DRAWN:
        w = paramlab.empty(4, 5, dtype=getattr(paramlab, dtype))
        assert eval(f"{call})", {**vars(init), "w": w}).dtype is w.dtype


@pytest.mark.parametrize("fill", ["uniform_", "normal_", "xavier_uniform_", "orthogonal_"])
def test_a_tensor_whose_elements_share_memory_is_refused(fill, agree):
    agree(lambda torch: getattr(torch.nn.init, fill)(torch.zeros(1, 2).expand(3, 2)))


OLD = ["uniform", "normal", "constant", "eye", "dirac", "xavier_uniform", "xavier_normal", "kaiming_uniform"]


@pytest.mark.parametrize("name", [*OLD, "kaiming_normal", "orthogonal", "sparse"])
def test_an_old_name_fills_with_a_warning(name, agree):
    options = {"constant": (2.0,), "sparse": (0.5,)}.get(name, ())

    def program(torch):
        w = torch.empty((4, 2, 3) if name == "dirac" else (4, 4))
        fill = getattr(torch.nn.init, name)
        return fill(w, *options) is w, fill.__name__

    agree(program)
    with pytest.warns(FutureWarning, match=f"`nn.init.{name}` is now deprecated in favor of `nn.init.{name}_`"):
        getattr(init, name)(paramlab.empty((4, 2, 3) if name == "dirac" else (4, 4)), *options)
