"""What an optimizer holds and refuses, how it is saved, loaded, copied, and what it calls on its way."""

import copy
import pickle
import weakref

import numpy as np
import pytest

import paramlab

GRADIENTS = np.random.default_rng(0).normal(size=(6, 2, 3)).astype(np.float32)
KINDS = ["SGD", "Adam", "AdamW", "RMSprop", "Adagrad"]


def trained(torch, kind="Adam", **options):
    """Return a weight and its optimizer after three steps."""
    w = torch.nn.Parameter(torch.arange(6.0).reshape(2, 3))
    optimizer = getattr(torch.optim, kind)([w], **options)
    for gradient in GRADIENTS[:3]:
        w.grad = torch.tensor(gradient)
        optimizer.step()
    return w, optimizer


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


def test_an_option_may_be_required(agree):
    def program(torch):
        from importlib import import_module

        required = import_module(f"{torch.__name__}.optim.optimizer").required

        class Descent(torch.optim.Optimizer):
            def __init__(self, params, lr=required):
                super().__init__(params, {"lr": lr, "momentum": 0})

        w = torch.ones(2, requires_grad=True)
        groups = Descent([{"params": [w], "lr": 0.1}]).param_groups
        return groups[0]["lr"], groups[0]["momentum"], repr(required), Descent([w])

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


def test_zero_grad_fills_a_view_and_cuts_a_computed_gradient_off(agree):
    def program(torch):
        w, v = torch.nn.Parameter(torch.ones(2)), torch.nn.Parameter(torch.ones(2))
        whole, source = torch.ones(4), torch.ones(2, requires_grad=True)
        w.grad, v.grad = whole[:2], source * 2
        torch.optim.SGD([w, v]).zero_grad(set_to_none=False)
        return whole, v.grad, v.grad.is_leaf

    agree(program)


def test_the_state_follows_the_dtype_of_a_loaded_weight():
    w = paramlab.nn.Parameter(paramlab.ones(2, dtype=paramlab.float64))
    source = paramlab.nn.Parameter(paramlab.ones(2))
    optimizer, other = (paramlab.optim.SGD([p], momentum=0.9) for p in (w, source))
    source.grad = paramlab.ones(2)
    other.step()
    optimizer.load_state_dict(other.state_dict())
    assert optimizer.state[w]["momentum_buffer"].dtype is paramlab.float64


# ------------------------------------------------------------------ saving, loading, copying


@pytest.mark.parametrize("kind", KINDS)
def test_options_and_state_are_pytorchs_name_by_name(kind, agree):
    agree(lambda torch: trained(torch, kind)[1].state_dict())
    agree(lambda torch: repr(trained(torch, kind)[1]))


@pytest.mark.parametrize("kind", KINDS)
def test_a_state_of_pytorchs_is_continued(kind, torch):
    w, optimizer = trained(torch, kind)
    mine = paramlab.nn.Parameter(paramlab.tensor(w.tolist()))
    other = getattr(paramlab.optim, kind)([mine], lr=5.0)
    saved = optimizer.state_dict()
    kept = {name: paramlab.from_numpy(value.numpy().copy()) for name, value in saved["state"].get(0, {}).items()}
    other.load_state_dict({**saved, "state": {0: kept} if kept else {}})
    for gradient in GRADIENTS[3:]:
        w.grad, mine.grad = torch.tensor(gradient), paramlab.tensor(gradient)
        optimizer.step()
        other.step()
    np.testing.assert_allclose(mine.tolist(), w.tolist(), rtol=1e-5)


def test_a_state_may_hold_more_than_tensors(agree):
    def program(torch):
        w = torch.nn.Parameter(torch.ones(2, dtype=torch.float64))
        optimizer = torch.optim.SGD([w])
        kept = {"list": [torch.ones(2), 3], "nested": {"step": torch.ones(1), "t": torch.ones(1)}, "n": 4}
        optimizer.load_state_dict({**optimizer.state_dict(), "state": {0: kept, "other": 5}})
        return dict(optimizer.state[w]), optimizer.state_dict()["state"]["other"]

    agree(program)


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda o: pickle.loads(pickle.dumps(o))])
@pytest.mark.parametrize("kind", KINDS)
def test_a_copy_holds_copies(duplicate, kind, agree):
    def program(torch):
        w, optimizer = trained(torch, kind)
        torch.optim.lr_scheduler.StepLR(optimizer, 2)
        twin = duplicate(optimizer)
        v = twin.param_groups[0]["params"][0]
        v.grad = torch.tensor(GRADIENTS[4])
        twin.step()
        return v is w, v, w, twin.state_dict(), optimizer.state_dict(), twin.defaults

    agree(program)


def test_a_loaded_state_is_a_deep_copy_of_the_options_only(fw):
    w, optimizer = trained(fw)
    twin = fw.optim.Adam([w])
    saved = optimizer.state_dict()
    twin.load_state_dict(saved)
    saved["param_groups"][0]["lr"] = 7
    assert twin.param_groups[0]["lr"] == 0.001
    assert twin.state[w]["exp_avg"] is optimizer.state[w]["exp_avg"]


# ------------------------------------------------------------------ hooks and what is kept alive


def test_a_hook_may_replace_the_arguments(fw):
    optimizer = fw.optim.SGD([fw.nn.Parameter(fw.ones(1))])
    handle = optimizer.register_step_pre_hook(lambda o, args, kwargs: (args, {"closure": lambda: 5}))
    assert optimizer.step() == 5
    handle.remove()
    assert optimizer.step() is None


def test_every_optimizer_calls_its_hooks_once_a_step(fw):
    seen = []

    class Own(fw.optim.Adam):
        def step(self, closure=None):
            return super().step(closure)

    for kind in (fw.optim.Adam, Own):
        optimizer = kind([fw.nn.Parameter(fw.ones(1))])
        optimizer.register_step_post_hook(lambda o, args, kwargs: seen.append(type(o)))
        optimizer.step()
    assert set(seen) == {fw.optim.Adam, Own}
    assert seen.count(fw.optim.Adam) == 1


def test_a_schedule_does_not_keep_its_optimizer_alive():
    optimizer = paramlab.optim.SGD([paramlab.nn.Parameter(paramlab.ones(1))])
    paramlab.optim.lr_scheduler.StepLR(optimizer, 2)
    gone = weakref.ref(optimizer)
    del optimizer
    assert gone() is None


@pytest.mark.parametrize("name", ["SGD", "Adam", "AdamW", "RMSprop", "Adagrad"])
def test_a_state_that_stayed_on_another_device_is_refused(name):
    import paramlab as torch

    model = torch.nn.Linear(2, 1)
    options = {"momentum": 0.9} if name == "SGD" else {}
    optimizer = getattr(torch.optim, name)(model.parameters(), lr=0.1, **options)
    for place in ("cpu", "sim"):
        model.to(place)
        optimizer.zero_grad()
        model(torch.ones(1, 2, device=place)).sum().backward()
        if place == "cpu":
            optimizer.step()
    with pytest.raises(RuntimeError, match="Expected all tensors to be on the same device"):
        optimizer.step()


@pytest.mark.parametrize("kind", ["SGD", "Adam", "RMSprop", "Adagrad"])
def test_a_state_of_another_models_shapes_is_refused_in_the_step(kind, agree):
    def program(torch):
        options = {"momentum": 0.9} if kind in ("SGD", "RMSprop") else {}
        p, q = torch.nn.Parameter(torch.ones(2)), torch.nn.Parameter(torch.ones(3))
        old, new = (getattr(torch.optim, kind)([w], lr=0.1, **options) for w in (p, q))
        p.grad, q.grad = torch.ones(2), torch.ones(3)
        old.step()
        new.load_state_dict(old.state_dict())
        new.step()

    agree(program)


def test_a_closures_own_error_comes_through(agree):
    def program(torch):
        def closure():
            raise ValueError("no data")

        torch.optim.SGD([torch.nn.Parameter(torch.ones(2))], lr=0.1).step(closure)

    agree(program)


REFUSED = """
SGD([p], lr=-1)
SGD([p], lr=torch.tensor([0.1, 0.2]))
SGD([p], lr=torch.tensor(0.1), foreach=True)
SGD([p], lr="a")
SGD([p], momentum=-0.5)
SGD([p], weight_decay=-1)
SGD([p], nesterov=True)
SGD([p], momentum=0.9, dampening=0.1, nesterov=True)
SGD([p], fused=True, foreach=True)
SGD([p], fused=True, differentiable=True)
SGD([p], momentum=0.9, nesterov=True, maximize=True)
Adam([p], lr=-1)
Adam([p], lr=torch.tensor(0.1), foreach=True)
Adam([p], lr=torch.tensor([0.1]), foreach=True)
Adam([p], lr=torch.tensor([0.1, 0.2]))
Adam([p], lr=float("nan"))
Adam([p], betas=(1.0, 0.9))
Adam([p], betas=(0.9, -0.1))
Adam([p], betas=(0.9, torch.tensor(0.99)))
Adam([p], betas=(torch.tensor(0.9), torch.tensor(0.99)), foreach=True)
Adam([p], betas=(torch.tensor([0.9, 0.9]), torch.tensor(0.99)))
Adam([p], eps=-1e-8)
Adam([p], weight_decay=-1)
Adam([p], fused=True, foreach=True)
Adam([p], fused=True, differentiable=True)
AdamW([p], lr=torch.tensor(0.1), foreach=True)
AdamW([p], betas=(0, 1))
AdamW([p], decoupled_weight_decay=True)
RMSprop([p], lr=-1)
RMSprop([p], lr=torch.tensor(0.1), foreach=True)
RMSprop([p], lr=torch.tensor([0.1, 0.2]))
RMSprop([p], alpha=-0.1)
RMSprop([p], eps=-1)
RMSprop([p], momentum=-1)
RMSprop([p], weight_decay=-1)
Adagrad([p], lr=-1)
Adagrad([p], lr=torch.tensor([0.1, 0.2]))
Adagrad([p], lr_decay=-1)
Adagrad([p], initial_accumulator_value=-1)
Adagrad([p], eps=-1)
Adagrad([p], fused=True, foreach=True)
Adagrad([p], fused=True, differentiable=True)
"""


@pytest.mark.parametrize("made", REFUSED.strip().splitlines())
def test_an_optimizer_refuses_the_options_that_pytorchs_refuses(made, agree):
    def program(torch):
        names = {**vars(torch.optim), "torch": torch, "p": torch.nn.Parameter(torch.ones(2))}
        try:
            return repr(eval(made, names))
        except TypeError as error:  # Python's own words, in which an operator stands
            return type(error).__name__

    agree(program)
