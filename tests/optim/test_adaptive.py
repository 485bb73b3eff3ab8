"""Adam, AdamW, RMSprop and Adagrad go where PyTorch's go, whatever their options and tensors."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import paramlab

from ..conftest import assert_same, outcome

SHAPES = [(3, 4), (), (0,), (5,), (2, 1, 3)]
SHARE = st.floats(0, 0.5) | st.just(0)
SWITCH = st.booleans()
RATES = {"lr": st.floats(1e-4, 0.5), "weight_decay": SHARE, "maximize": SWITCH, "eps": st.floats(1e-8, 0.1)}
ADAM = {**RATES, "amsgrad": SWITCH, "betas": st.tuples(st.floats(0, 0.99), st.floats(0.1, 0.999))}
OPTIONS = {
    "Adam": {**ADAM, "decoupled_weight_decay": SWITCH},
    "AdamW": ADAM,
    "RMSprop": {**RATES, "alpha": st.floats(0.1, 0.999), "momentum": SHARE, "centered": SWITCH},
    "Adagrad": {**RATES, "lr_decay": SHARE, "initial_accumulator_value": SHARE},
}
CHOICES = st.one_of([st.tuples(st.just(kind), st.fixed_dictionaries({}, optional=o)) for kind, o in OPTIONS.items()])


def trajectory(torch, kind, options, dtype="float32", steps=12, seed=0):
    """Return tensors of many shapes, two groups of them, after some steps; now and then one has no gradient."""
    rng = np.random.default_rng(seed)

    def numbers(shape):
        return torch.from_numpy(rng.normal(size=shape)).to(getattr(torch, dtype))

    held = [torch.nn.Parameter(numbers(shape)) for shape in SHAPES]
    optimizer = getattr(torch.optim, kind)([{"params": held[:2]}, {"params": held[2:], "lr": 0.03}], **options)
    for i in range(steps):
        for j, p in enumerate(held):
            p.grad = None if (i + j) % 5 == 0 else numbers(SHAPES[j])
        optimizer.step()
    return held, optimizer.state_dict()


@given(CHOICES, st.integers(0, 9))
def test_any_options_move_the_weights_as_in_pytorch(torch, choice, seed):
    kind, options = choice
    expected = outcome(lambda t: trajectory(t, kind, options, "float64", seed=seed), torch)
    got = outcome(lambda t: trajectory(t, kind, options, "float64", seed=seed), paramlab)
    assert_same(expected, got, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("kind", OPTIONS)
def test_many_steps_stay_together_in_float32(kind, agree):
    agree(lambda torch: trajectory(torch, kind, {}, steps=100)[0], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("kind", OPTIONS)
def test_a_transposed_weight_and_a_broadcast_gradient_are_updated(kind, agree):
    def program(torch):
        w = torch.arange(6.0).reshape(2, 3).t().requires_grad_()
        whole = torch.zeros(8)
        part = whole[::2].requires_grad_()
        w.grad, part.grad = torch.tensor([1.0, 2.0]).expand(3, 2), torch.ones(8)[::2]
        optimizer = getattr(torch.optim, kind)([w, part], lr=0.1)
        optimizer.step()
        optimizer.step()
        return w, w.stride(), whole, w.grad.tolist()

    agree(program)


CENTERED = ("RMSprop", {"centered": True})
HALVES = [*((kind, {}) for kind in OPTIONS), CENTERED, ("RMSprop", {"centered": True, "weight_decay": 0.1})]


@pytest.mark.parametrize(("kind", "options"), HALVES)
def test_half_precision_stays_half_precision(kind, options, agree):
    def program(torch):
        w = torch.nn.Parameter(torch.tensor([1.0, -2.0]).half())
        w.grad = torch.tensor([0.5, 0.25]).half()
        optimizer = getattr(torch.optim, kind)([w], lr=0.1, eps=1e-3, **options)
        optimizer.step()
        optimizer.step()
        return w, [value.dtype for value in optimizer.state[w].values()]

    agree(program, rtol=5e-3)


@pytest.mark.parametrize(("kind", "options"), [*((kind, {}) for kind in OPTIONS), CENTERED])
def test_a_state_after_the_model_got_another_type(kind, options, agree):
    def program(torch):
        w = torch.nn.Parameter(torch.tensor([1.0, -2.0]))
        holder = torch.nn.ParameterList([w])
        optimizer = getattr(torch.optim, kind)([w], lr=0.1, **options)
        w.grad = torch.tensor([0.5, 0.25])
        optimizer.step()
        holder.double()
        optimizer.step()
        return w, optimizer.state_dict()["state"]

    agree(program)


def test_an_optimizer_that_refused_its_old_state_goes_on_after_loading_it_anew(agree):
    def program(torch):
        w = torch.nn.Parameter(torch.tensor([1.0, -2.0]))
        holder = torch.nn.ParameterList([w])
        optimizer = torch.optim.Adam([w], lr=0.1)
        w.grad = torch.tensor([0.5, 0.25])
        optimizer.step()
        holder.double()
        optimizer.load_state_dict(optimizer.state_dict())
        optimizer.step()
        return w, optimizer.state_dict()["state"]

    agree(program)


@pytest.mark.parametrize("kind", OPTIONS)
def test_a_walk_backwards_refuses_weights_that_a_step_has_changed(kind, agree):
    def program(torch):
        w = torch.nn.Parameter(torch.ones(2))
        loss = (w * w).sum()
        w.grad = torch.ones(2)
        getattr(torch.optim, kind)([w]).step()
        loss.backward()

    agree(program)


@pytest.mark.parametrize("kind", ["SGD", *OPTIONS])
def test_a_step_that_was_asked_to_be_differentiable_is_refused(kind, agree):
    def program(torch):
        w = torch.nn.Parameter(torch.ones(2))
        w.grad = torch.ones(2)
        getattr(torch.optim, kind)([w], differentiable=True).step()

    agree(program)


def test_adam_finds_the_lowest_point(fw):
    w = fw.nn.Parameter(fw.tensor([5.0, -3.0]))
    optimizer = fw.optim.Adam([w], lr=0.3)
    for _ in range(300):
        optimizer.zero_grad()
        loss = ((w - fw.tensor([1.0, 2.0])) ** 2).sum()
        loss.backward()
        optimizer.step()
    np.testing.assert_allclose(w.tolist(), [1, 2], atol=1e-2)
