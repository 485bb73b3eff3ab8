"""Normalisation: outputs, gradients, running statistics and corners are PyTorch's. BatchNorm1d: also test_layers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import paramlab

from ..conftest import assert_same, outcome


def program_of(make, shape, seed=0):
    """A program that runs a layer in training, again, and in evaluation, and returns all that there is to see."""
    data = np.random.default_rng(seed).normal(2, 3, (3, *shape))

    def program(torch):
        layer, found = make(torch.nn).double(), []
        with torch.no_grad():
            for i, p in enumerate(layer.parameters()):
                p.copy_(torch.linspace(0.5, 2, p.numel()).reshape(p.shape) - i)
        for i, batch in enumerate(data):
            layer.train(i < 2)
            x = torch.tensor(batch, requires_grad=True)
            y = layer(x)
            (y * torch.linspace(-1, 1, y.numel(), dtype=torch.float64).reshape(y.shape)).sum().backward()
            state = {name: value.clone() for name, value in layer.state_dict().items()}
            found.append([y.detach(), y.is_contiguous(), x.grad, [p.grad.clone() for p in layer.parameters()], state])
        return found

    return program


BATCH_OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "momentum": st.sampled_from([None, 0.5]),
        "affine": st.booleans(),
        "bias": st.booleans(),
        "track_running_stats": st.booleans(),
        "eps": st.just(0.1),
    },
)


@given(options=BATCH_OPTIONS, shape=st.tuples(*[st.integers(1, 4)] * 4), seed=st.integers(0, 100))
def test_batch_norm_of_images(options, shape, seed, torch):
    program = program_of(lambda nn: nn.BatchNorm2d(shape[1], **options), (shape[0] + 1, *shape[1:]), seed)
    assert_same(outcome(program, torch), outcome(program, paramlab))


@given(
    shape=st.lists(st.integers(1, 4), min_size=1, max_size=4),
    last=st.integers(1, 3),
    affine=st.booleans(),
    bias=st.booleans(),
)
def test_layer_norm(shape, last, affine, bias, torch):
    normalized = shape[-last:]
    program = program_of(lambda nn: nn.LayerNorm(normalized, 1e-3, affine, bias), shape)
    assert_same(outcome(program, torch), outcome(program, paramlab))


@given(
    groups=st.integers(1, 3),
    channels=st.integers(1, 3),
    rest=st.lists(st.integers(2, 3), min_size=1, max_size=2),
    options=st.fixed_dictionaries({}, optional={"affine": st.booleans(), "bias": st.booleans()}),
)
def test_group_norm(groups, channels, rest, options, torch):
    program = program_of(lambda nn: nn.GroupNorm(groups, groups * channels, **options), (2, groups * channels, *rest))
    assert_same(outcome(program, torch), outcome(program, paramlab))


@given(shape=st.lists(st.integers(1, 4), min_size=1, max_size=4), last=st.integers(1, 2), affine=st.booleans())
def test_rms_norm(shape, last, affine, torch):
    normalized = shape[-last:]
    program = program_of(lambda nn: nn.RMSNorm(normalized, elementwise_affine=affine), shape)
    assert_same(outcome(program, torch), outcome(program, paramlab))


def test_a_large_mean_does_not_drown_the_variance(agree):
    x = np.random.default_rng(0).normal(1000, 1, (64, 2, 8, 8)).astype(np.float32)
    agree(lambda torch: torch.nn.BatchNorm2d(2)(torch.tensor(x)).detach(), rtol=1e-3, atol=1e-3)
    agree(lambda torch: torch.nn.GroupNorm(1, 2)(torch.tensor(x)).detach(), rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("name", ["BatchNorm1d", "BatchNorm2d"])
def test_a_checkpoint_without_a_counter_loads(name, agree):
    def program(torch):
        layer = getattr(torch.nn, name)(2)
        state = {k: v for k, v in layer.state_dict().items() if k != "num_batches_tracked"}
        old = layer.load_state_dict(state)  # without metadata: version 1
        return list(old.missing_keys), layer.num_batches_tracked

    agree(program)


ODD = [
    "nn.BatchNorm2d(3)(torch.ones(2, 3))",
    "nn.BatchNorm2d(3)(torch.ones(1, 3, 1, 1))",
    "nn.BatchNorm2d(3)(torch.ones(2, 4, 2, 2))",
    "repr(nn.BatchNorm2d(3))",
    "repr(nn.BatchNorm1d(3, affine=False, momentum=None))",
    "F.batch_norm(torch.ones(2, 3, 4, 4, requires_grad=True), None, None, training=True).grad_fn.name()",
    "F.batch_norm(torch.ones(3), None, None, training=True)",
    "F.batch_norm(torch.ones(2, 3).long(), None, None, training=True)",
    "F.batch_norm(torch.ones(2, 3), torch.zeros(3), torch.ones(3), torch.ones(3).double())",
    "F.batch_norm(torch.ones(2, 3).double(), torch.zeros(3), torch.ones(3))",
    "F.batch_norm(torch.ones(0, 3), torch.zeros(3), torch.ones(3)).shape",
    "F.batch_norm(torch.ones(0, 3), torch.zeros(3), torch.ones(3), training=True).shape",
    "F.layer_norm(torch.ones(2, 3, requires_grad=True), (3,)).grad_fn.name()",
    "F.layer_norm(torch.ones(2, 3), (2,))",
    "F.layer_norm(torch.ones(2, 3), 3)",
    "F.layer_norm(torch.ones(2, 3), ())",
    "F.layer_norm(torch.ones(2, 3), (3,), torch.ones(2))",
    "F.layer_norm(torch.ones(2, 3), (3,), None, torch.ones(2))",
    "F.layer_norm(torch.ones(2, 3).long(), (3,))",
    "F.layer_norm(torch.ones(2, 3).double(), (3,), torch.ones(3))",
    "F.layer_norm(torch.ones(2, 3).half(), (3,), torch.ones(3)).dtype",
    "F.layer_norm(torch.tensor([[1.0, 2.0, 4.0]]).half(), [3])",
    "F.layer_norm(torch.ones(0, 3), (3,)).shape",
    "nn.LayerNorm(3)(torch.ones(2, 3).long())",
    "nn.LayerNorm(3).double()(torch.ones(2, 3).long())",
    "repr(nn.LayerNorm(3))",
    "repr(nn.LayerNorm([2, 3], elementwise_affine=False))",
    "repr(nn.LayerNorm((2, 3), bias=False))",
    "nn.LayerNorm(3)(torch.ones(2, 4))",
    "F.group_norm(torch.ones(2, 4, requires_grad=True), 2).grad_fn.name()",
    "F.group_norm(torch.ones(2, 4, 3, 3), 3)",
    "F.group_norm(torch.ones(2, 4, 3, 3), 2, torch.ones(3))",
    "F.group_norm(torch.ones(4), 2)",
    "F.group_norm(torch.ones(1, 2), 2)",
    "F.group_norm(torch.ones(2, 4).long(), 2)",
    "nn.GroupNorm(2, 4)(torch.ones(2, 4).long())",
    "nn.BatchNorm1d(3)(torch.ones(2, 4).long())",
    "nn.BatchNorm1d(3)(torch.ones(2, 3).long())",
    "nn.RMSNorm(3, elementwise_affine=False)(torch.ones(2, 3).long())",
    "nn.RMSNorm(3).half()(torch.tensor([[3.0, -4.0, 300.0]]).half())",
    "nn.RMSNorm(3, elementwise_affine=False)(x=torch.ones(2, 3).half())",
    "repr(nn.GroupNorm(2, 4))",
    "repr(nn.GroupNorm(2, 4, bias=False))",
    "nn.GroupNorm(3, 4)",
    "nn.GroupNorm(2, 4)(torch.ones(2, 6, 2))",
    "F.rms_norm(torch.ones(2, 3, requires_grad=True), (3,)).grad_fn.name()",
    "F.rms_norm(torch.ones(2, 3), (2,))",
    "repr(nn.RMSNorm(3))",
    "repr(nn.RMSNorm([2, 3], eps=1e-6, elementwise_affine=False))",
    "F.normalize(torch.tensor([[3.0, 4.0], [0.0, 0.0]]))",
    "(lambda x: [F.normalize(x, out=x) is x, x])(torch.tensor([[3.0, 4.0], [0.0, 0.0]]))",
    "F.normalize(torch.tensor([[3.0, 4.0], [1.0, 0.0]]), p=1, dim=0, eps=1.0)",
    "F.batch_norm(torch.ones(3, 2), None, torch.ones(2), training=True)",
    "F.batch_norm(torch.ones(3, 2), torch.ones(2), None)",
    "nn.BatchNorm1d(2, eps=0)(torch.tensor([[1.0, 2.0], [3.0, 5.0]]))",
    "nn.BatchNorm1d(2, eps=0).eval()(torch.tensor([[1.0, 2.0], [3.0, 5.0]]))",
    "nn.BatchNorm1d(2, eps=-1.0).eval()(torch.tensor([[1.0, 2.0], [3.0, 5.0]]))",
]


@pytest.mark.parametrize("expression", ODD)
def test_a_corner_of_normalisation(expression, agree):
    agree(expression)
