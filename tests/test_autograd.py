"""The walk backwards: what gets a gradient, how gradients add up, and what is refused."""

import gc
import threading
import weakref

import numpy as np
import pytest

import paramlab
from paramlab import nn

REFUSED = [
    "torch.ones(2).backward()",
    "torch.ones(2, requires_grad=True).backward()",
    "torch.ones(1, requires_grad=True).backward(torch.ones(2))",
    "torch.ones(2, requires_grad=True).add_(1)",
    "torch.ones(2).register_hook(print)",
    "torch.ones(2).retain_grad()",
    "setattr(torch.tensor([1]), 'requires_grad', True)",
    "torch.tensor([1], requires_grad=True)",
    "torch.zeros(2, dtype=torch.int64, requires_grad=True)",
    "torch.ones(2).requires_grad_(1)",
    "setattr(torch.ones(2), 'requires_grad', 1)",
    "setattr(torch.ones(2, requires_grad=True) * 2, 'requires_grad', True)",
    "setattr(torch.ones(2, requires_grad=True) * 2, 'requires_grad', False)",
    "(torch.ones(2, requires_grad=True) * 2).requires_grad_(True).requires_grad",
    "(torch.ones(2, requires_grad=True) * 2).requires_grad_(False)",
    "setattr(torch.ones(2), 'grad', 3)",
    "setattr(torch.ones(2), 'grad', torch.ones(3))",
    "setattr(torch.ones(2), 'grad', torch.ones(2).double())",
    "setattr(torch.ones(2, requires_grad=True), 'data', torch.tensor([1, 2]))",
    "setattr(torch.ones(2), 'data', 3)",
    "(torch.ones(2, requires_grad=True) * 2).grad",
    "(torch.ones(2, requires_grad=True) * 2).view(1, 2).detach_()",
]

SECOND_TIME = {
    "add": lambda x: x + 1,
    "sub": lambda x: x - x,
    "neg": lambda x: -x,
    "mul": lambda x: x * 2,
    "div": lambda x: x / 2,
    "pow": lambda x: x**2,
    "select": lambda x: x[0],
    "index": lambda x: x[[0, 1]],
    "mask": lambda x: x[x > 1],
    "mean": lambda x: x.mean(),
    "max": lambda x: x.max(),
    "clone": lambda x: x.clone(),
    "relu": lambda x: x.relu(),
    "clamp": lambda x: x.clamp(0, 1),
    "double": lambda x: x.double(),
    "view": lambda x: x.view(2, 1),
    "expand": lambda x: x.expand(3, 2),
    "softmax": lambda x: x.softmax(0),
    "dot": lambda x: x @ x,
    "masked_fill": lambda x: x.masked_fill(x > 1, 0.0),
}


@pytest.mark.parametrize("expression", REFUSED)
def test_what_pytorch_refuses_is_refused(expression, agree):
    agree(expression)


@pytest.mark.parametrize("name", SECOND_TIME)
def test_a_second_walk_raises_where_something_was_freed_and_adds_up_elsewhere(name, agree):
    def program(torch):
        x = torch.tensor([1.0, 2.0], requires_grad=True)
        y = SECOND_TIME[name](x)
        y.sum().backward()
        y.sum().backward()
        return x.grad

    agree(program)


def test_with_retain_graph_the_walk_can_be_repeated(agree):
    def program(torch):
        x = torch.tensor([1.0, 2.0], requires_grad=True)
        y = (x * x).tanh().sum()
        y.backward(retain_graph=True)
        y.backward(retain_graph=True)
        y.backward()
        return x.grad

    agree(program)


def test_a_gradient_is_added_to_the_same_object(agree):
    def program(torch):
        x = torch.ones(2, requires_grad=True)
        (x * 2).sum().backward()
        first = x.grad
        (x * 3).sum().backward()
        return x.grad is first, first

    agree(program)


class Nothing(paramlab.autograd.Function):
    """Hands no gradient back, so that the last of the edges to a leaf brings nothing."""

    @staticmethod
    def forward(ctx, a):
        return a.clone()

    @staticmethod
    def backward(ctx, grad):
        return None


SHARED = [
    lambda a, b: a + b,
    lambda a, b: Nothing.apply(a) + Nothing.apply(b) + (a + b) * 1 * paramlab.ones(2),
    lambda a, b: Nothing.apply(a) + Nothing.apply(b) + (a + b).exp(),
    lambda a, b: a + b + a,
    lambda a, b: (a + b).clone(),
    lambda a, b: a.view(2) + b.reshape(2),
    lambda a, b: paramlab.cat([a, b]),
    lambda a, b: paramlab.stack([a, b]).sum(0),
    lambda a, b: a.expand(3, 2).sum(0) + b,
    lambda a, b: (a + b) * 1,
    lambda a, b: a.double().float() + b,
    lambda a, b: paramlab.where(a > 0, a, b),
]


@pytest.mark.parametrize("formula", SHARED)
def test_no_two_gradients_share_memory(formula):
    a, b = paramlab.ones(2, requires_grad=True), paramlab.ones(2, requires_grad=True)
    y = formula(a, b)
    y.retain_grad()
    seed = paramlab.ones(*y.shape)
    y.backward(seed)
    arrays = [t._array for t in (a.grad, b.grad, y.grad, seed, a, b, y)]
    for i, one in enumerate(arrays):
        assert one.flags.writeable
        assert not any(np.shares_memory(one, other) for other in arrays[i + 1 :])


def test_a_leaf_is_its_own_graph(agree):
    def program(torch):
        x = torch.ones(2, requires_grad=True)
        seed = torch.tensor([2.0, 3.0])
        x.backward(seed)
        x.backward(seed)
        return x.grad, seed

    agree(program)


def test_the_seed_is_converted_to_the_dtype_of_the_output(agree):
    def program(torch):
        x = torch.ones(2, requires_grad=True)
        (x * 2).backward(torch.ones(2).double())
        return x.grad

    agree(program)


def test_a_diamond_is_walked_once(agree):
    def program(torch):
        x = torch.tensor(3.0, requires_grad=True)
        y = x * x
        z = y * y + y
        for _ in range(20):
            z = z + z
        z.backward()
        return x.grad

    agree(program)


def test_a_chain_of_a_hundred_thousand_operations_is_walked_and_freed():
    x = paramlab.tensor(1.0, requires_grad=True)
    y = x
    for _ in range(100_000):
        y = y + 1
    y.backward()
    assert x.grad.item() == 1
    kept = weakref.ref(y)
    del y
    gc.collect()
    assert kept() is None


def test_a_long_chain_that_was_never_walked_can_be_dropped():
    x = paramlab.tensor(1.0, requires_grad=True)
    y = x
    for _ in range(100_000):
        y = (y * 1.0).view(1).view(())
    del y
    gc.collect()


@pytest.mark.parametrize(
    "formula", [lambda x: x.exp(), lambda x: x.relu() * 2, lambda x: x.softmax(0), lambda x: x * x]
)
def test_a_graph_is_freed_without_waiting_for_the_collector(formula):
    gc.disable()
    try:
        y = formula(paramlab.ones(3, requires_grad=True))
        y.retain_grad()
        kept = weakref.ref(y)
        del y
        assert kept() is None
    finally:
        gc.enable()


def test_what_was_saved_is_freed_by_the_walk():
    x = paramlab.ones(3, requires_grad=True)
    hidden = x.exp()
    kept = weakref.ref(hidden._array)
    y = (hidden * hidden).sum()
    del hidden
    assert kept() is not None
    y.backward()
    assert kept() is None


WRITES = {
    "an operand": (lambda x, y: y * y, lambda x, y: y.add_(1)),
    "a result": (lambda x, y: y.exp(), None),
    "an operand that is not read": (lambda x, y: y + y, lambda x, y: y.add_(1)),
    "a detached alias": (lambda x, y: y * y, lambda x, y: y.detach().add_(1)),
    "the data": (lambda x, y: y * y, lambda x, y: y.data.add_(1)),
    "a view": (lambda x, y: y * y, lambda x, y: y[0].add_(1)),
    "the base of a view": (lambda x, y: y[0] * y[0], lambda x, y: y.add_(1)),
    "the operand that is needed": (lambda x, y: y * x.detach(), lambda x, y: y.add_(1)),
    "an assignment": (lambda x, y: y.tanh() * y, lambda x, y: y.__setitem__(0, 1.0)),
}


@pytest.mark.parametrize("name", WRITES)
def test_a_value_that_is_needed_must_not_change(name, agree):
    formula, write = WRITES[name]

    def program(torch):
        x = torch.tensor([1.0, 2.0], requires_grad=True)
        y = x * 2
        z = formula(x, y)
        (write or (lambda x, y: z.add_(1)))(x, y)
        try:
            z.sum().backward()
        except RuntimeError as error:
            return str(error).partition("which is output 0 of")[0]  # PyTorch names who wrote, paramlab who made
        return x.grad

    agree(program)


def test_writes_are_counted_through_every_alias(agree):
    def program(torch):
        x = torch.ones(2, 2)
        view, alias, data = x[0], x.detach(), x.data
        counts = []
        for write in (x, view, alias, data, torch.nn.Parameter(x)):
            with torch.no_grad():
                write.add_(1)
            counts.append([t._version for t in (x, view, alias, data)])
        return counts

    agree(program)


def test_hooks_see_and_replace_gradients(agree):
    def program(torch):
        seen = []
        x = torch.ones(2, requires_grad=True)
        y = x * 3
        handle = y.register_hook(lambda g: seen.append(g.clone()))
        y.register_hook(lambda g: g * 10)
        x.register_hook(lambda g: g + 1)
        y.retain_grad()
        y.sum().backward(retain_graph=True)
        first = x.grad.clone()
        handle.remove()
        handle.remove()
        y.sum().backward()
        return seen, first, x.grad, y.grad

    agree(program)


def test_the_graph_can_be_looked_at(agree):
    def program(torch):
        x, w = torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True)
        y = ((x * w).exp() + 1).sum()
        names, node = [], y.grad_fn
        while node is not None and hasattr(node, "next_functions"):
            names.append([node.name(), [None if edge is None else edge.name() for edge, _ in node.next_functions]])
            node = node.next_functions[0][0]
            if node.name().endswith("AccumulateGrad"):
                names.append(node.variable is x)
                break
        return [n if n is True else [n[0], [e and e.rpartition("::")[2] for e in n[1]]] for n in names]

    agree(program)


@pytest.mark.parametrize("formula", ["x + 1", "1 + x", "x - 1", "1 - x", "x * 2", "2 * x", "x**2", "2**x", "x**x"])
def test_a_path_through_the_graph_leads_past_numbers(formula, agree):
    def program(torch):
        x = torch.ones(2, requires_grad=True)
        edges = eval(formula, {"x": x}).grad_fn.next_functions
        return [(node and node.variable is x, number) for node, number in edges]

    agree(program)


# ------------------------------------------------------------------ recording on and off


def test_no_grad_records_nothing_in_a_with_and_as_a_decorator(agree):
    def program(torch):
        x = torch.ones(2, requires_grad=True)

        @torch.no_grad()
        def double(t):
            return t * 2, torch.is_grad_enabled()

        @torch.no_grad
        def bare(t):
            return t * 2

        with torch.no_grad():
            inside = x * 2
            with torch.enable_grad():
                again = x * 2
        return double(x), bare(x), inside, again.detach(), again.requires_grad, (x * 2).requires_grad, double.__name__

    agree(program)


def test_the_mode_comes_back_after_an_error(agree):
    def program(torch):
        def fail():
            raise ValueError("meant")

        for context in (torch.no_grad(), torch.set_grad_enabled(False)):
            try:
                with context:
                    fail()
            except ValueError:
                pass
        return torch.is_grad_enabled()

    agree(program)


def test_set_grad_enabled_works_as_statement_context_and_decorator(agree):
    def program(torch):
        found = []
        torch.set_grad_enabled(False)
        found.append(torch.is_grad_enabled())
        torch.set_grad_enabled(True)
        with torch.set_grad_enabled(False):
            found.append(torch.is_grad_enabled())
        found.append(torch.is_grad_enabled())

        @torch.set_grad_enabled(False)
        def inside():
            return torch.is_grad_enabled()

        return [*found, torch.is_grad_enabled(), inside(), torch.is_grad_enabled()]

    agree(program)


def test_one_context_can_be_entered_again_while_it_is_entered():
    context = paramlab.no_grad()
    with context:
        with context:
            pass
        assert not paramlab.is_grad_enabled()
    assert paramlab.is_grad_enabled()


def test_another_thread_records_of_its_own(agree):
    def program(torch):
        found = []
        with torch.no_grad():
            thread = threading.Thread(target=lambda: found.append(torch.is_grad_enabled()))
            thread.start()
            thread.join()
        return found

    agree(program)


# ------------------------------------------------------------------ devices


def test_a_gradient_arrives_on_the_device_of_its_leaf():
    x = paramlab.ones(2, requires_grad=True)
    moved = x.to("sim")
    seen = []
    moved.register_hook(lambda g: seen.append(str(g.device)))
    moved.retain_grad()
    (moved * 2).sum().backward()
    assert str(x.grad.device) == "cpu"
    assert seen == ["sim:0"]
    assert str(moved.grad.device) == "sim:0"
    y = paramlab.ones(2, device="sim", requires_grad=True)
    (y * 2).cpu().sum().backward()
    assert str(y.grad.device) == "sim:0"


MIXED = [
    lambda here, there: here + there,
    lambda here, there: there @ here,
    lambda here, there: paramlab.cat([here, there]),
    lambda here, there: paramlab.where(here > 0, there, 1.0),
    lambda here, there: there.masked_fill(here > 0, 1.0),
    lambda here, there: there.gather(0, here.long()),
    lambda here, there: there.__setitem__(slice(None), here),
    lambda here, there: there == here,
    lambda here, there: nn.functional.mse_loss(there, here),
    lambda here, there: nn.functional.cross_entropy(there.view(1, 2), here.long()[:1]),
    lambda here, there: nn.functional.linear(there, here.view(1, 2)),
    lambda here, there: there.add_(here),
]


@pytest.mark.parametrize("mix", MIXED)
def test_devices_do_not_mix(mix):
    here, there = paramlab.ones(2), paramlab.ones(2, device="sim")
    with pytest.raises(RuntimeError, match="Expected all tensors to be on the same device, but found at least two"):
        mix(here, there)


def test_a_scalar_of_the_host_joins_any_device_and_copy_goes_between_them():
    there = paramlab.ones(2, device="sim")
    assert str((there * paramlab.tensor(2.0)).device) == "sim:0"
    assert str((paramlab.tensor(2.0) * there).device) == "sim:0"
    assert there.copy_(paramlab.zeros(2)).tolist() == [0, 0]
    assert str(there.cpu().device) == "cpu"
    assert there.to("sim") is there
    assert there.to("sim:0") is there
    with pytest.raises(TypeError, match="can't convert sim:0 device type tensor to numpy"):
        there.numpy()
