"""Hooks on tensors: who sees which gradient, in what order, and what a hook may not do."""

import copy
import pickle

import pytest

RETURNS = {
    "None": lambda torch, g: None,
    "another gradient": lambda torch, g: g * 10,
    "a number": lambda torch, g: 3,
    "a float": lambda torch, g: 1.0,
    "another shape": lambda torch, g: torch.ones(3),
    "another dtype": lambda torch, g: g.double(),
}


@pytest.mark.parametrize("leaf", [True, False])
@pytest.mark.parametrize("name", RETURNS)
def test_a_hook_may_return(name, leaf, agree):
    def program(torch):
        def hook(g):
            return RETURNS[name](torch, g)

        w = torch.tensor([1.0, 2.0], requires_grad=True)
        h = w if leaf else w * 1
        h.register_hook(hook)
        (h * 2).sum().backward()
        return w.grad

    agree(program)


def test_a_leaf_sees_its_gradient_once_and_complete(agree):
    def program(torch):
        w, seen = torch.tensor([1.0, 2.0], requires_grad=True), []
        w.register_hook(lambda g: seen.append(g.tolist()))
        w.register_post_accumulate_grad_hook(lambda p: seen.append(p.grad.tolist()))
        (w * w + w).sum().backward()
        (w * 3).sum().backward()
        return seen

    agree(program)


def test_hooks_run_in_the_order_of_the_walk(agree):
    def program(torch):
        seen = []
        w, u = (torch.ones(1, requires_grad=True) for _ in range(2))
        a, b = w * 2, u * 3
        c = a * w
        for name, tensor in {"w": w, "u": u, "a": a, "b": b, "c": c}.items():
            tensor.register_hook(lambda g, name=name: seen.append(name))
            tensor.register_hook(lambda g, name=name: seen.append(name + " again"))
        (b + c).sum().backward()
        return seen

    agree(program)


def test_a_hook_may_remove_itself_and_a_handle_is_a_context(agree):
    def program(torch):
        w, seen = torch.ones(2, requires_grad=True), []
        first = w.register_hook(lambda g: (seen.append("first"), first.remove())[0])
        with w.register_hook(lambda g: seen.append("inside")):
            w.sum().backward()
        w.sum().backward()
        return seen

    agree(program)


def test_hooks_stay_with_the_value_that_they_were_put_on(agree):
    def program(torch):
        w, seen = torch.tensor([1.0, 2.0], requires_grad=True), []
        y = w * 1
        y.register_hook(lambda g: seen.append(("before", g.tolist())))
        y.mul_(3)
        y.register_hook(lambda g: seen.append(("after", g.tolist())))
        (y * 2).sum().backward()
        return seen

    agree(program)


REFUSED = [
    "(torch.ones(2, requires_grad=True) * 1).register_post_accumulate_grad_hook(print)",
    "torch.ones(2).register_post_accumulate_grad_hook(print)",
    "torch.ones(2).register_hook(print)",
]


@pytest.mark.parametrize("expression", REFUSED)
def test_where_a_hook_is_refused(expression, agree):
    agree(expression)


@pytest.mark.parametrize("answer", [lambda torch: 3, lambda torch: torch.ones(2)])
def test_a_hook_after_the_accumulation_returns_nothing(answer, agree):
    def program(torch):
        w = torch.ones(2, requires_grad=True)
        w.register_post_accumulate_grad_hook(lambda p: answer(torch))
        w.sum().backward()

    agree(program)


def test_a_gradient_may_be_dropped_as_soon_as_it_was_used(agree):
    def program(torch):
        w, seen = torch.ones(2, requires_grad=True), []

        def step(p):
            seen.append(p.grad.tolist())
            p.grad = None

        w.register_post_accumulate_grad_hook(step)
        (w * 2).sum().backward()
        return seen, w.grad

    agree(program)


def test_retain_grad_and_retains_grad(agree):
    def program(torch):
        w = torch.ones(2, requires_grad=True)
        h = w * 2
        before = h.retains_grad
        h.retain_grad()
        w.retain_grad()
        h.sum().backward()
        return before, h.retains_grad, w.retains_grad, h.grad

    agree(program)


def test_a_copy_has_no_hooks_and_a_pickle_warns_of_them(agree):
    def program(torch):
        w, seen = torch.ones(2, requires_grad=True), []
        w.register_hook(print)
        for twin in (copy.deepcopy(w), pickle.loads(pickle.dumps(w))):
            twin.sum().backward()
            seen.append(twin.grad)
        return seen

    agree(program)


def test_what_a_hook_computes_is_not_recorded(agree):
    def program(torch):
        w = torch.tensor([1.0, 2.0], requires_grad=True)
        seen = []
        w.register_hook(lambda g: seen.append((torch.is_grad_enabled(), w * g)))
        w.register_post_accumulate_grad_hook(lambda p: p.sub_(p.grad, alpha=0.1))
        (w**2).sum().backward()
        return seen, w, torch.is_grad_enabled()

    agree(program)
