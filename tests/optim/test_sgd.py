"""SGD with every option, and what an optimizer keeps, saves and refuses."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import paramlab

from ..conftest import assert_same, outcome

GRADIENTS = np.random.default_rng(0).normal(size=(6, 2, 3)).astype(np.float32)


def trajectory(torch, options, gradients=GRADIENTS):
    """Return where a weight goes: no gradient in the second step, none but zeros in the fourth."""
    w = torch.nn.Parameter(torch.arange(6.0).reshape(2, 3))
    optimizer = torch.optim.SGD([w], **options)
    found = []
    for i, gradient in enumerate(gradients):
        w.grad = None if i == 1 else torch.tensor(gradient * (i != 3))
        optimizer.step()
        found.append(w.detach().clone())
    return found, [t for s in optimizer.state.values() for t in s.values()]


ALL = list(itertools.product([0, 0.9], [0, 0.5], [0, 0.1], [False, True], [False, True]))


@pytest.mark.parametrize(("momentum", "dampening", "weight_decay", "nesterov", "maximize"), ALL)
def test_every_option_moves_the_weight_as_in_pytorch(momentum, dampening, weight_decay, nesterov, maximize, agree):
    options = {"lr": 0.1, "momentum": momentum, "dampening": dampening, "weight_decay": weight_decay}
    options |= {"nesterov": nesterov, "maximize": maximize}
    agree(lambda torch: trajectory(torch, options))


@given(st.floats(0, 1), st.floats(0, 0.99), st.floats(0, 1), st.booleans())
def test_any_options_move_the_weight_as_in_pytorch(torch, lr, momentum, weight_decay, maximize):
    options = {"lr": lr, "momentum": momentum, "weight_decay": weight_decay, "maximize": maximize}
    expected = outcome(lambda t: trajectory(t, options), torch)
    assert_same(expected, outcome(lambda t: trajectory(t, options), paramlab), rtol=1e-3, atol=1e-4)


def test_a_step_is_not_recorded_and_keeps_the_objects(agree):
    def program(torch):
        w = torch.nn.Parameter(torch.ones(2))
        data = w.data
        optimizer = torch.optim.SGD([w], lr=0.5)
        loss = (w * w).sum()
        loss.backward()
        answer = optimizer.step(lambda: torch.is_grad_enabled())
        return w, data, w.is_leaf, answer, optimizer.param_groups[0]["params"][0] is w

    agree(program)


def test_a_gradient_is_not_changed_by_a_step(fw):
    w = fw.nn.Parameter(fw.ones(3))
    w.grad = grad = fw.ones(3)
    optimizer = fw.optim.SGD([w], momentum=0.9, nesterov=True, weight_decay=0.5, maximize=True)
    optimizer.step()
    optimizer.step()
    assert grad.tolist() == [1, 1, 1]


def test_the_first_momentum_is_a_copy_of_the_gradient(fw):
    w = fw.nn.Parameter(fw.zeros(1))
    w.grad = fw.ones(1)
    optimizer = fw.optim.SGD([w], lr=1.0, momentum=0.9)
    optimizer.step()
    w.grad.zero_()
    optimizer.step()
    assert optimizer.state[w]["momentum_buffer"].item() == pytest.approx(0.9)


def test_a_walk_backwards_refuses_weights_that_a_step_has_changed(agree):
    def program(torch):
        w = torch.nn.Parameter(torch.ones(2))
        loss = (w * w).sum()
        w.grad = torch.ones(2)
        torch.optim.SGD([w]).step()
        loss.backward()

    agree(program)


def test_a_step_that_overflows_says_nothing(agree):
    def program(torch):
        w = torch.nn.Parameter(torch.full((2,), 3e38))
        w.grad = torch.tensor([-3e38, float("nan")])
        torch.optim.SGD([w], lr=10.0).step()
        return w

    agree(program)
