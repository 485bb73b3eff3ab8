"""Convolutions and padding: shapes, values and all gradients are PyTorch's, for any sizes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import paramlab
from paramlab.nn.functional import correlation

from ..conftest import assert_same, outcome


def sizes(dims, low, high):
    """One number for all dimensions, or one for each."""
    return st.integers(low, high) | st.tuples(*[st.integers(low, high)] * dims)


def pair(size, dims):
    return size if isinstance(size, tuple) else (size,) * dims


@st.composite
def convolutions(draw, dims):
    """The shapes and options of a convolution that is possible."""
    groups = draw(st.integers(1, 3))
    options = {
        "stride": draw(sizes(dims, 1, 3)),
        "dilation": draw(sizes(dims, 1, 3)),
        "padding": draw(sizes(dims, 0, 4)),
        "groups": groups,
    }
    kernel = [draw(st.integers(1, 4)) for _ in range(dims)]
    least = [
        max(1, d * (k - 1) + 1 - 2 * p)
        for d, k, p in zip(pair(options["dilation"], dims), kernel, pair(options["padding"], dims), strict=True)
    ]
    lengths = [low + draw(st.integers(0, 5)) for low in least]
    batch = [draw(st.integers(1, 3))] if draw(st.booleans()) else []
    inputs, outputs = draw(st.integers(1, 2)), draw(st.integers(1, 3))
    return {
        "x": (*batch, inputs * groups, *lengths),
        "weight": (outputs * groups, inputs, *kernel),
        "bias": (outputs * groups,) if draw(st.booleans()) else None,
        "options": options,
    }


def run(function, x, weight, bias, options, dtype="float64"):
    """A program that returns a convolution's result and the gradients of all that went in."""
    rng = np.random.default_rng(0)
    arrays = [rng.normal(size=shape).astype(dtype) for shape in (x, weight, bias) if shape is not None]
    back = rng.normal(size=1000).astype(dtype)

    def program(torch):
        leaves = [torch.tensor(a, requires_grad=True) for a in arrays]
        out = getattr(torch.nn.functional, function)(*leaves, **options)
        out.backward(torch.tensor(np.resize(back, tuple(out.shape))))
        return out.detach(), out.is_contiguous(), out.grad_fn.name(), [leaf.grad for leaf in leaves]

    return program


@given(case=convolutions(dims=2))
def test_a_convolution_of_images_and_its_gradients(case, torch):
    program = run("conv2d", **case)
    assert_same(outcome(program, torch), outcome(program, paramlab))


@given(case=convolutions(dims=1))
def test_a_convolution_of_signals_and_its_gradients(case, torch):
    program = run("conv1d", **case)
    assert_same(outcome(program, torch), outcome(program, paramlab))


@given(case=convolutions(dims=2))
def test_columns_made_a_few_positions_at_a_time_give_the_same(case, torch):
    program = run("conv2d", **case)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(correlation, "COLUMNS", 60)
        paramlab.nn.functional.conv._geometry.cache_clear()
        got = outcome(program, paramlab)
    paramlab.nn.functional.conv._geometry.cache_clear()
    assert_same(outcome(program, torch), got)


@pytest.mark.parametrize("options", [{"padding": "same"}, {"padding": "same", "dilation": 2}, {"padding": "valid"}])
@pytest.mark.parametrize("kernel", [(3, 3), (2, 4), (1, 5)])
def test_padding_by_name(options, kernel, torch):
    program = run("conv2d", (2, 2, 9, 9), (3, 2, *kernel), (3,), options)
    (expected, _), (got, _) = outcome(program, torch), outcome(program, paramlab)  # PyTorch warns of a copy it makes
    assert_same(expected, got)


@pytest.mark.parametrize(("dtype", "rtol"), [("float32", 1e-4), ("float16", 2e-2)])
def test_a_dtype_is_kept(dtype, rtol, agree):
    agree(run("conv2d", (2, 3, 6, 6), (4, 3, 3, 3), (4,), {"padding": 1}, dtype), rtol=rtol, atol=rtol)


def test_whole_numbers_are_convolved_too(agree):
    agree("F.conv2d(torch.arange(16).reshape(1, 1, 4, 4), torch.ones(1, 1, 2, 2).long())")


def test_what_needs_no_gradient_gets_none(agree):
    def program(torch):
        x = torch.ones(1, 1, 4, 4)
        layer = torch.nn.Conv2d(1, 2, 3).requires_grad_(False)
        layer.bias.requires_grad_(True)
        layer(x).sum().backward()
        return x.grad, layer.weight.grad, layer.bias.grad

    agree(program)


def test_a_weight_written_to_in_between_is_refused(agree):
    def program(torch):
        layer, x = torch.nn.Conv1d(1, 1, 2), torch.ones(1, 1, 4, requires_grad=True)
        out = layer(x).sum()
        with torch.no_grad():
            layer.weight.mul_(2)
        out.backward()

    agree(program)


ODD = [
    "F.conv2d(torch.ones(1, 3, 5, 5), torch.ones(2, 4, 3, 3))",
    "F.conv2d(torch.ones(1, 3, 5, 5), torch.ones(2, 3, 6, 3))",
    "F.conv2d(torch.ones(1, 3, 5, 5), torch.ones(2, 3, 3, 3), dilation=3)",
    "F.conv2d(torch.ones(1, 3, 0, 5), torch.ones(2, 3, 3, 3))",
    "F.conv2d(torch.ones(1, 3, 5, 5), torch.ones(2, 3, 3, 3), torch.ones(3))",
    "F.conv2d(torch.ones(1, 3, 5, 5), torch.ones(2, 3, 3, 3), torch.ones(1, 2))",
    "F.conv2d(torch.ones(5, 5), torch.ones(2, 3, 3, 3))",
    "F.conv2d(torch.ones(1, 1, 3, 5, 5), torch.ones(2, 3, 3, 3))",
    "F.conv2d(torch.ones(1, 4, 5, 5), torch.ones(3, 2, 3, 3), groups=2)",
    "F.conv2d(torch.ones(1, 3, 5, 5), torch.ones(2, 3, 3, 3), groups=2)",
    "F.conv2d(torch.ones(1, 3, 5, 5), torch.ones(2, 3, 3, 3), groups=0)",
    "F.conv2d(torch.ones(1, 3, 5, 5), torch.ones(0, 3, 3, 3))",
    "F.conv2d(torch.ones(1, 3, 5, 5), torch.ones(2, 3, 3, 3), stride=0)",
    "F.conv2d(torch.ones(1, 3, 5, 5), torch.ones(2, 3, 3, 3), stride=(2,)).shape",
    "F.conv2d(torch.ones(1, 3, 5, 5), torch.ones(2, 3, 3, 3), stride=[1, 2]).shape",
    "F.conv2d(torch.ones(1, 3, 5, 5), torch.ones(2, 3, 3, 3), stride=(1, 1, 1))",
    "F.conv2d(torch.ones(1, 3, 5, 5), torch.ones(2, 3, 3, 3), stride=1.5)",
    "F.conv2d(torch.ones(1, 3, 5, 5), torch.ones(2, 3, 3, 3), padding=-1)",
    "F.conv2d(torch.ones(1, 3, 5, 5), torch.ones(2, 3, 3, 3), dilation=0)",
    "F.conv2d(torch.ones(1, 3, 5, 5), torch.ones(2, 3, 3, 3), padding='sam')",
    "F.conv2d(torch.ones(1, 3, 5, 5), torch.ones(2, 3, 3, 3), padding='same', stride=2)",
    "F.conv2d(torch.ones(1, 3, 5, 5).double(), torch.ones(2, 3, 3, 3))",
    "F.conv2d(torch.ones(1, 3, 5, 5), torch.ones(2, 3, 3, 3).double())",
    "F.conv2d(torch.ones(1, 3, 5, 5), torch.ones(2, 3, 3, 3), torch.ones(2).double())",
    "F.conv2d(torch.ones(1, 3, 5, 5).long(), torch.ones(2, 3, 3, 3))",
    "F.conv2d(torch.ones(0, 3, 5, 5), torch.ones(2, 3, 3, 3)).shape",
    "F.conv2d(np.ones(3), torch.ones(2, 3, 3, 3))",
    "F.conv1d(torch.ones(1, 3, 5), torch.ones(2, 4, 3))",
    "F.conv1d(torch.ones(1, 3, 5), torch.ones(2, 3, 6))",
    "F.conv1d(torch.ones(5), torch.ones(2, 3, 3))",
    "nn.Conv2d(3, 4, 3, groups=2)",
    "nn.Conv2d(4, 3, 3, groups=2)",
    "nn.Conv2d(4, 3, 3, groups=0)",
    "nn.Conv2d(4, 3, 3, padding='same', stride=2)",
    "repr(nn.Conv2d(4, 3, 3))",
    "repr(nn.Conv2d(4, 3, 3, padding='same', padding_mode='reflect'))",
    "repr(nn.Conv2d(4, 4, (3, 5), 2, padding=(1, 2), dilation=2, groups=2, bias=False, padding_mode='circular'))",
    "repr(nn.Conv1d(4, 4, 3, padding='same'))",
    "repr(nn.Conv1d(4, 4, 3, padding=1))",
    "repr(nn.ZeroPad2d((1, 2, 3, 4)))",
    "nn.ZeroPad2d(1).value",
    "[tuple(p.shape) for p in nn.Conv2d(4, 6, (2, 3), groups=2).parameters()]",
    "nn.Conv1d(4, 6, 3, bias=False).bias",
    "nn.Conv2d(1, 1, 1, dtype=torch.float64).weight.dtype",
    "(lambda m: [m.kernel_size, m.stride, m.padding, m.dilation, m.groups, m.transposed])(nn.Conv2d(2, 2, 3, 2, 1))",
    "nn.Conv2d(3, 2, 3)(torch.ones(1, 5, 5))",
    "nn.Conv1d(3, 2, 3)(torch.ones(1, 3, 5, 5))",
    "nn.Conv2d(1, 2, 3, padding=3, padding_mode='reflect')(torch.ones(1, 1, 3, 3))",
]


@pytest.mark.parametrize("expression", ODD)
def test_a_corner_of_a_convolution(expression, agree):
    agree(expression)


@pytest.mark.parametrize("options", [{"padding": "x"}, {"padding_mode": "x"}])
def test_a_name_that_there_is_not_is_refused(options, nn):
    with pytest.raises(ValueError, match="one of"):
        nn.Conv2d(1, 1, 3, **options)


@pytest.mark.parametrize("groups", [1, 4])
def test_first_values_are_evenly_distributed_within_their_bound(groups):
    paramlab.manual_seed(0)
    layer = paramlab.nn.Conv2d(16, 64, 3, groups=groups)
    bound = (16 / groups * 9) ** -0.5
    for p in (layer.weight, layer.bias):
        assert 0.9 * bound < p.abs().max().item() <= bound
    assert layer.weight.std().item() == pytest.approx(bound / 3**0.5, rel=0.05)


# ------------------------------------------------------------------ padding


MODES = ["zeros", "reflect", "replicate", "circular"]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("padding", [1, (2, 1), "same", "valid"])
def test_a_layer_pads_in_its_mode(mode, padding, agree):
    x = np.random.default_rng(0).normal(size=(2, 2, 5, 6)).astype(np.float32)

    def program(torch):
        layer = torch.nn.Conv2d(2, 3, 3, padding=padding, padding_mode=mode)
        with torch.no_grad():
            for p in layer.parameters():
                p.copy_(torch.linspace(-1, 1, p.numel()).reshape(p.shape))
        images = torch.tensor(x, requires_grad=True)
        out = layer(images)
        (out * out).sum().backward()
        return out.detach(), images.grad, layer.weight.grad, layer.bias.grad

    agree(program, rtol=1e-4, atol=1e-4)


@given(
    mode=st.sampled_from(["constant", "reflect", "replicate", "circular"]),
    dims=st.integers(1, 3),
    more=st.integers(1, 2),
    widths=st.lists(st.integers(0, 2), min_size=6, max_size=6),
)
def test_padding_and_its_gradient(mode, dims, more, widths, torch):
    shape = (2, 3, 3, 4, 5)[-dims - more :]

    def program(torch):
        x = torch.arange(float(np.prod(shape))).reshape(shape).requires_grad_()
        out = torch.nn.functional.pad(x, widths[: 2 * dims], mode=mode)
        (out * torch.arange(1.0, out.numel() + 1).reshape(out.shape)).sum().backward()
        return out.detach(), x.grad

    assert_same(outcome(program, torch), outcome(program, paramlab))


PAD_ODD = [
    "F.pad(torch.ones(1, 1, 3, 3), (3, 3), mode='reflect')",
    "F.pad(torch.ones(1, 1, 3, 3), (1, 1, 1))",
    "F.pad(torch.ones(3), (1, 1), mode='reflect')",
    "F.pad(torch.ones(3), (1, 1), mode='x')",
    "F.pad(torch.ones(1, 3), (1, 1), mode='reflect', value=2.0)",
    "F.pad(torch.ones(2, 3), (1, 1, 1, 1, 1, 1))",
    "F.pad(torch.ones(2, 3), (-1, 2, 0, -1), value=5.0)",
    "F.pad(torch.ones(2, 3), (-2, -2))",
    "F.pad(torch.ones(1, 1, 3), (4, 4), mode='circular')",
    "[F.pad(torch.arange(4).reshape(1, 4), p, 'circular').tolist() for p in ((-1, 2), (2, -1), (-2, 1), (-1, -1))]",
    "F.pad(torch.ones(1, 4), (-2, -2), mode='circular').shape",
    "F.pad(torch.ones(1, 4), (-3, -2), mode='circular')",
    "F.pad(torch.ones(1, 4), (-2, -2), mode='reflect')",
    "F.pad(torch.ones(1, 4), (-3, -2), mode='replicate')",
    "F.pad(torch.ones(1, 3, 4), (-2, -2, -3, 0), mode='reflect')",
    "F.pad(torch.ones(1, 3, 4), (-2, -2, 0, 0), mode='replicate').shape",
    "F.pad(torch.ones(1, 0), (1, 1), mode='replicate')",
    "F.pad(torch.ones(1, 0, 4), (1, 1), mode='reflect')",
    "F.pad(torch.ones(1, 1, 3), (4, 4), mode='reflect')",
    "F.pad(torch.ones(1, 4, 3), (1, 1, 4, 1), mode='reflect')",
    "F.pad(torch.tensor([1, 2]), (1, 1), value=7)",
    "F.pad(torch.tensor([True]), (1, 1))",
    "F.pad(torch.ones(1, 3, requires_grad=True), (1, 1)).grad_fn.name()",
    "F.pad(torch.ones(1, 3, requires_grad=True), (1, 1), mode='reflect').grad_fn.name()",
    "F.pad(torch.ones(1, 3, 3, requires_grad=True), (1, 1, 1, 1), mode='replicate').grad_fn.name()",
    "nn.ZeroPad2d((1, 2, 0, 1))(torch.ones(1, 2, 2))",
]


@pytest.mark.parametrize("expression", PAD_ODD)
def test_a_corner_of_padding(expression, agree):
    agree(expression)


@given(
    shape=st.tuples(st.integers(1, 2), st.integers(1, 3), st.integers(6, 12)),
    starts=st.lists(st.integers(0, 4), min_size=1, max_size=4),
)
def test_adding_windows_is_the_transpose_of_bringing_them_together(shape, starts):
    rng = np.random.default_rng(0)
    rows, length = rng.normal(size=shape), shape[-1] - 4
    seen = correlation.windows(rows, starts, length).copy()
    assert seen.shape == (shape[0], shape[1] * len(starts), length)
    other, back = rng.normal(size=seen.shape), np.zeros(shape)
    correlation.add_windows(back, starts, other)
    np.testing.assert_allclose((seen * other).sum(), (rows * back).sum())
