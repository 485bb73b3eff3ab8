"""Pooling: shapes, values, indices and gradients are PyTorch's, for any windows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import paramlab

from ..conftest import assert_same, outcome
from .test_conv import pair, sizes


@st.composite
def windows(draw, dims, dilated):
    """An input shape and the options of a pooling that is possible."""
    kernel, dilation = draw(sizes(dims, 1, 4)), draw(sizes(dims, 1, 2)) if dilated else 1
    extent = [d * (k - 1) + 1 for k, d in zip(pair(kernel, dims), pair(dilation, dims), strict=True)]
    options = {
        "kernel_size": kernel,
        "stride": draw(st.none() | sizes(dims, 1, 4)),
        "padding": tuple(draw(st.integers(0, min(k, e) // 2)) for k, e in zip(pair(kernel, dims), extent, strict=True)),
        "ceil_mode": draw(st.booleans()),
    }
    if dilated:
        options["dilation"] = dilation
    lengths = [e + draw(st.integers(0, 6)) for e in extent]
    return (*draw(st.sampled_from([(), (1,), (2,)])), draw(st.integers(1, 2)), *lengths), options


def run(function, shape, options, distinct=50):
    """A program that returns a pooling's results and the gradient; few ``distinct`` values make many ties."""
    rng = np.random.default_rng(0)
    x, back = rng.integers(0, distinct, shape).astype(np.float64), rng.normal(size=1000)

    def program(torch):
        leaf = torch.tensor(x, requires_grad=True)
        found = getattr(torch.nn.functional, function)(leaf, **options)
        out, *indices = found if isinstance(found, tuple) else [found]
        out.backward(torch.tensor(np.resize(back, tuple(out.shape))))
        return out.detach(), indices, out.is_contiguous(), out.grad_fn.name(), leaf.grad

    return program


@given(case=windows(dims=2, dilated=True), distinct=st.sampled_from([2, 50]))
def test_the_maximum_of_windows_of_images(case, distinct, torch):
    shape, options = case
    program = run("max_pool2d", shape, {**options, "return_indices": True}, distinct)
    assert_same(outcome(program, torch), outcome(program, paramlab))


@given(case=windows(dims=1, dilated=True), distinct=st.sampled_from([2, 50]))
def test_the_maximum_of_windows_of_signals(case, distinct, torch):
    shape, options = case
    program = run("max_pool1d", shape, {**options, "return_indices": True}, distinct)
    assert_same(outcome(program, torch), outcome(program, paramlab))


@given(case=windows(dims=2, dilated=False), pad=st.booleans(), divisor=st.none() | st.integers(1, 5))
def test_the_mean_of_windows_of_images(case, pad, divisor, torch):
    shape, options = case
    program = run("avg_pool2d", shape, {**options, "count_include_pad": pad, "divisor_override": divisor})
    assert_same(outcome(program, torch), outcome(program, paramlab))


@given(case=windows(dims=1, dilated=False), pad=st.booleans())
def test_the_mean_of_windows_of_signals(case, pad, torch):
    shape, options = case
    program = run("avg_pool1d", shape, {**options, "count_include_pad": pad})
    assert_same(outcome(program, torch), outcome(program, paramlab))


@given(
    function=st.sampled_from(["adaptive_avg_pool2d", "adaptive_max_pool2d"]),
    shape=st.lists(st.integers(1, 7), min_size=3, max_size=4),
    size=st.integers(1, 5) | st.tuples(st.integers(1, 5) | st.none(), st.integers(1, 5)),
)
def test_as_many_windows_as_are_asked_for(function, shape, size, torch):
    program = run(function, shape, {"output_size": size})
    assert_same(outcome(program, torch), outcome(program, paramlab))


@pytest.mark.parametrize("size", [1, 3, (2,)])
def test_as_many_windows_of_signals_as_are_asked_for(size, agree):
    agree(run("adaptive_avg_pool1d", (2, 3, 7), {"output_size": size}))


SECOND = ["F.max_pool2d(x, 2)", "F.avg_pool2d(x, 2)", "F.adaptive_avg_pool2d(x, 2)", "F.adaptive_max_pool2d(x, 2)"]


@pytest.mark.parametrize("call", SECOND)
def test_a_second_backward_is_refused(call, agree):
    def program(torch):
        x = torch.ones(1, 4, 4, requires_grad=True)
        out = eval(call, {"F": torch.nn.functional, "x": x}).sum()
        out.backward()
        out.backward()

    agree(program)


def test_nan_is_the_maximum(agree):
    agree("F.max_pool2d(torch.tensor([[[1.0, float('nan')], [2.0, 3.0]]]), 2)")


def test_modules_are_the_functions(agree):
    x = np.random.default_rng(0).normal(size=(2, 3, 7, 8)).astype(np.float32)

    def program(torch):
        nn, images = torch.nn, torch.tensor(x)
        return [
            nn.MaxPool2d(3, 2, padding=1)(images),
            nn.MaxPool2d((2, 3), ceil_mode=True, return_indices=True)(images),
            nn.MaxPool1d(3, stride=2, dilation=2)(images[0]),
            nn.AvgPool2d(3, 2, 1, ceil_mode=True, count_include_pad=False)(images),
            nn.AvgPool2d(2, divisor_override=3)(images),
            nn.AvgPool1d(3, padding=1)(images[0]),
            nn.AdaptiveAvgPool2d((3, None))(images),
            nn.AdaptiveAvgPool1d(4)(images[0]),
            nn.AdaptiveMaxPool2d(2, return_indices=True)(images),
        ]

    agree(program)


ODD = [
    "F.max_pool2d(torch.ones(4, 4), 2)",
    "F.max_pool2d(torch.ones(1, 1, 1, 4, 4), 2)",
    "F.max_pool1d(torch.ones(4), 2)",
    "F.max_pool2d(torch.ones(1, 1, 4, 4), 5)",
    "F.max_pool2d(torch.ones(1, 1, 4, 4), 2, padding=2)",
    "F.max_pool2d(torch.ones(1, 1, 4, 4), 2, stride=0)",
    "F.max_pool2d(torch.ones(1, 1, 4, 4), 2, dilation=0)",
    "F.max_pool2d(torch.ones(1, 1, 4, 4), 2, padding=-1)",
    "F.max_pool2d(torch.ones(1, 1, 4, 4), (2, 2, 2))",
    "F.max_pool2d(torch.ones(1, 1, 4, 4), (2,))",
    "F.max_pool2d(torch.ones(1, 1, 4, 4), (2, 2), stride=(1, 1, 1))",
    "F.max_pool2d(torch.arange(16).reshape(1, 4, 4), 2)",
    "F.max_pool2d(torch.ones(1, 1, 4, 4).half(), 2)",
    "F.max_pool2d(torch.ones(0, 1, 4, 4), 2).shape",
    "F.max_pool2d(torch.ones(1, 0, 4, 4), 2)",
    "F.max_pool2d(torch.ones(0, 4, 4), 2)",
    "F.max_pool1d(torch.ones(1, 0, 4), 2)",
    "F.max_pool1d(torch.ones(0, 2, 4), 2).shape",
    "F.max_pool1d(torch.arange(4).reshape(1, 4), 2)",
    "F.max_pool1d(torch.arange(4).reshape(1, 4), 2, return_indices=True)[0]",
    "F.avg_pool2d(torch.ones(2, 4, 0), 2)",
    "F.avg_pool2d(torch.ones(4, 4), 2)",
    "F.avg_pool2d(torch.ones(1, 1, 4, 4), 5)",
    "F.avg_pool2d(torch.ones(1, 1, 4, 4), 2, padding=2)",
    "F.avg_pool2d(torch.ones(1, 1, 4, 4), 2, divisor_override=0)",
    "F.avg_pool1d(torch.ones(4), 2)",
    "F.avg_pool1d(torch.ones(1, 1, 4), 5)",
    "F.adaptive_avg_pool2d(torch.ones(4, 4), 2)",
    "F.adaptive_avg_pool2d(torch.ones(1, 1, 4, 4), (2, 3, 4))",
    "F.adaptive_avg_pool2d(torch.ones(1, 1, 4, 4), 0).shape",
    "F.adaptive_avg_pool2d(torch.ones(1, 1, 4, 4), -1)",
    "F.adaptive_avg_pool1d(torch.ones(4), 2)",
    "F.adaptive_avg_pool2d(torch.ones(1, 1, 4, 4).long(), 2)",
    "F.adaptive_max_pool2d(torch.ones(4, 4), 2)",
    "F.adaptive_max_pool2d(torch.ones(1, 1, 4, 4).long(), 2)",
    "repr(nn.MaxPool2d(2))",
    "repr(nn.MaxPool2d((2, 3), stride=1, padding=1, ceil_mode=True))",
    "repr(nn.MaxPool1d(2, 3, 1, 2, True))",
    "repr(nn.AvgPool2d((2, 3), 1, ceil_mode=True))",
    "repr(nn.AvgPool1d(2))",
    "repr(nn.AvgPool1d((2,), 3, 1))",
    "repr(nn.AdaptiveAvgPool2d((None, 2)))",
    "repr(nn.AdaptiveMaxPool2d(3, return_indices=True))",
    "F.avg_pool2d(torch.ones(1, 1, 1, 4, 4), 2)",
    "F.max_pool2d(torch.ones(1, 1, 4, 4, dtype=torch.bool), 2)",
    "F.adaptive_max_pool2d(torch.ones(0, 2, 3, 3), 2, return_indices=True)",
    "torch.autograd.grad(F.adaptive_max_pool2d(x := torch.ones(0, 2, 3, 3, requires_grad=True), 2).sum(), x)",
    "nn.AdaptiveAvgPool2d((1, 1))(torch.ones(4, 4))",
    "nn.AdaptiveAvgPool2d((1, 1, 1))(torch.ones(4, 4, 4))",
]


@pytest.mark.parametrize("expression", ODD)
def test_a_corner_of_pooling(expression, agree):
    agree(expression)
