"""SGD with every option, and what an optimizer keeps, saves and refuses."""

import copy
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


REFUSED = [
    "optim.SGD([], lr=0.1)",
    "optim.SGD(torch.ones(2), lr=0.1)",
    "optim.SGD([3], lr=0.1)",
    "optim.SGD([w * 2], lr=0.1)",
    "optim.SGD([w], lr=-1)",
    "optim.SGD([w], momentum=-1)",
    "optim.SGD([w], weight_decay=-1)",
    "optim.SGD([w], nesterov=True)",
    "optim.SGD([w, w], lr=0.1).param_groups[0]['lr']",
    "optim.SGD([{'params': [w]}, {'params': [w]}], lr=0.1)",
    "optim.SGD([{'params': {w}}], lr=0.1)",
    "optim.SGD([w], lr=0.1).add_param_group([w])",
    "optim.SGD([w], lr=0.1).add_param_group({'params': [w]})",
    "optim.SGD([('w', w), w], lr=0.1)",
    "optim.SGD([('w', w)]).param_groups[0]['param_names']",
    "optim.SGD([{'params': []}]).param_groups[0]['params']",
    "optim.SGD([{'params': w, 'lr': 5}], momentum=0.5).param_groups[0]['lr']",
    "optim.SGD([w]).param_groups[0]['lr']",
    "list(optim.SGD([w]).state_dict()['param_groups'][0])[:6]",
    "list(optim.SGD([w]).state_dict()['param_groups'][0])[-1]",
    "optim.SGD([w]).state_dict()['state']",
]


@pytest.mark.parametrize("expression", REFUSED)
def test_an_optimizer_takes_and_refuses_what_pytorchs_does(expression, agree):
    agree(
        lambda torch: eval(expression, {"torch": torch, "optim": torch.optim, "w": torch.nn.Parameter(torch.ones(2))})
    )


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


def test_a_state_continues_where_it_was_saved(agree):
    def program(torch):
        def fresh():
            w = torch.nn.Parameter(torch.arange(6.0).reshape(2, 3))
            return w, torch.optim.SGD([w], lr=0.1, momentum=0.9)

        w, optimizer = fresh()
        for gradient in GRADIENTS[:3]:
            w.grad = torch.tensor(gradient)
            optimizer.step()
        saved = copy.deepcopy(optimizer.state_dict())
        twin, other = fresh()
        with torch.no_grad():
            twin.copy_(w)
        other.param_groups[0]["lr"] = 5
        other.load_state_dict(saved)
        for weight, by in ((w, optimizer), (twin, other)):
            weight.grad = torch.tensor(GRADIENTS[3])
            by.step()
        return w, twin, other.param_groups[0]["lr"], saved["state"]

    agree(program)


LOADED = [
    "o.load_state_dict({'state': {}, 'param_groups': []})",
    "o.load_state_dict({'state': {}, 'param_groups': [{'params': [0, 1]}]})",
]


@pytest.mark.parametrize("expression", LOADED)
def test_a_state_that_does_not_fit_is_refused(expression, agree):
    agree(lambda torch: eval(expression, {"o": torch.optim.SGD([torch.nn.Parameter(torch.ones(2))])}))


def test_zero_grad_forgets_or_fills(agree):
    def program(torch):
        w = torch.nn.Parameter(torch.ones(2))
        v = torch.nn.Parameter(torch.ones(2))
        optimizer = torch.optim.SGD([w, v])
        w.grad = kept = torch.ones(2)
        optimizer.zero_grad(set_to_none=False)
        found = [w.grad is kept, kept.clone(), v.grad]
        optimizer.zero_grad()
        return found, w.grad

    agree(program)


def test_the_state_follows_the_dtype_of_a_loaded_weight():
    w = paramlab.nn.Parameter(paramlab.ones(2, dtype=paramlab.float64))
    source = paramlab.nn.Parameter(paramlab.ones(2))
    optimizer, other = (paramlab.optim.SGD([p], momentum=0.9) for p in (w, source))
    source.grad = paramlab.ones(2)
    other.step()
    optimizer.load_state_dict(other.state_dict())
    assert optimizer.state[w]["momentum_buffer"].dtype is paramlab.float64


def test_an_optimizer_prints_its_groups():
    text = repr(paramlab.optim.SGD([paramlab.nn.Parameter(paramlab.ones(1))], lr=0.5))
    assert text.startswith("SGD (\nParameter Group 0\n    dampening: 0\n    lr: 0.5\n")
