"""Hooks: before and after forward, on the way back, and the handles that take them away."""

import copy
import gc
import pickle
import weakref

import pytest

import paramlab
from paramlab import nn as our_nn

from .programs import program

FORWARD = [
    "m=S(1); h=m.register_forward_hook(lambda m,a,o: o*2); x=torch.ones(1,1); "
    "r=[(m(x)-2*m[0](x)).abs().sum(),"
    " len(m._forward_hooks)]; h.remove(); h.remove(); r+=[len(m._forward_hooks)]; r",
    "m=S(1); m.register_forward_pre_hook(lambda m,a: a[0]*0); m[0].bias.requires_grad_(False).zero_(); "
    "m(torch.ones(1,1))",
    "m=S(1); m.register_forward_pre_hook(lambda m,a,k: 3, with_kwargs=True); m(torch.ones(1,1))",
    "m=S(1); m.register_forward_pre_hook(lambda m,a,k: (a,k,3), with_kwargs=True); m(torch.ones(1,1))",
    "m=S(1); m.register_forward_hook(lambda m,a,k,o: len(k), with_kwargs=True); m(torch.ones(1,1))",
    "m=nn.Identity(); r=[]; a=m.register_forward_hook(lambda *_: r.append(1)); "
    "b=m.register_forward_hook(lambda *_: r.append(2),prepend=True); m(1); r",
    "m=nn.Identity(); r=[]; a=m.register_forward_pre_hook(lambda *_: r.append(1)); "
    "b=m.register_forward_pre_hook(lambda *_: r.append(2),prepend=True); m(1); r",
    "m=nn.Identity(); r=[]; h=m.register_forward_hook(lambda *_: r.append(1)); c=copy.deepcopy(m); "
    "h.remove(); c(1); m(1); r",
    "m=nn.Identity(); h=m.register_forward_hook(print); h2=pickle.loads(pickle.dumps(h)); h2.remove(); "
    "len(m._forward_hooks)",
    "m=nn.Identity(); h=m.register_forward_hook(print); m2,h2=copy.deepcopy((m,h)); h2.remove(); "
    "[len(m._forward_hooks),len(m2._forward_hooks)]",
]


def test_a_hook_wants_a_module_that_is_ready(agree):
    def program(torch):
        class Model(torch.nn.Module):
            def __init__(self):
                self.register_forward_hook(print)

        return Model()

    agree(program)


@pytest.mark.parametrize("line", FORWARD)
def test_forward_hooks(line, agree):
    agree(program(line))


class Fails:
    """Makes modules whose forward raises, with hooks that write down when they are called."""

    def __init__(self, torch):
        class Raises(torch.nn.Module):
            def forward(self, x, key=None):
                raise ValueError("no")

        self.module = Raises()
        self.calls = []

    def hook(self, name, answer=None):
        return lambda *given: (self.calls.append((name, [str(g) for g in given[1:]])), answer)[1]


def test_a_hook_that_is_always_called_sees_a_failure(agree):
    def run(torch):
        case = Fails(torch)
        case.module.register_forward_hook(case.hook("a"), always_call=True)
        case.module.register_forward_hook(case.hook("b"))
        case.module.register_forward_hook(case.hook("c", 3), always_call=True, with_kwargs=True)
        case.module.register_forward_hook(case.hook("d"), always_call=True)
        try:
            case.module(1, key=2)
        except ValueError as error:
            case.calls.append(str(error))
        return case.calls

    agree(run)


def test_a_hook_that_fails_too_is_warned_of(agree):
    def run(torch):
        module = Fails(torch).module
        module.register_forward_hook(lambda *_: 1 / 0, always_call=True)
        module(1)

    agree(run)


def test_a_hook_that_raises_is_not_called_again(agree):
    def run(torch):
        calls = []

        def fails(*_):
            calls.append("fails")
            raise ValueError("hook")

        layer = torch.nn.Identity()
        layer.register_forward_hook(fails, always_call=True)
        layer.register_forward_hook(lambda m, a, out: calls.append(out), always_call=True)
        try:
            layer(1)
        except ValueError:
            return calls

    agree(run)


def test_a_handle_is_a_context(agree):
    def run(torch):
        layer, calls = torch.nn.Identity(), []
        with layer.register_forward_hook(lambda *_: calls.append(1)):
            layer(1)
        layer(1)
        return calls, len(layer._forward_hooks)

    agree(run)


def test_a_hook_may_take_itself_away(agree):
    def run(torch):
        layer, calls = torch.nn.Identity(), []
        handle = layer.register_forward_pre_hook(lambda *_: (calls.append(1), handle.remove())[1])
        layer(1)
        layer(1)
        return calls

    agree(run)


def test_hooks_of_all_kinds_can_be_cleared_by_hand(agree):
    def run(torch):
        layer = torch.nn.Identity()
        layer._forward_hooks.clear()  # there are none yet
        layer.register_forward_hook(lambda *_: 3)
        layer._forward_hooks.clear()
        return layer(1)

    agree(run)


def test_a_module_without_hooks_shares_an_empty_dict_that_takes_none():
    layer, other = our_nn.Identity(), our_nn.Identity()
    with pytest.raises(TypeError, match="register_forward_hook"):
        layer._forward_hooks[0] = print
    layer.register_forward_hook(lambda *_: 3)
    assert (layer(1), other(1)) == (3, 1)
    assert "_forward_hooks" not in vars(other)


def test_hooks_of_a_copy_are_its_own(agree):
    def run(torch):
        layer = torch.nn.Identity()
        layer.register_forward_hook(triple, with_kwargs=True)
        twin, pickled = copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))
        layer._forward_hooks.clear()
        return [layer(1), twin(1), pickled(1)]

    agree(run)


def triple(module, args, kwargs, output):
    return 3 * output


def test_a_hook_with_its_module_follows_a_copy(agree):
    def run(torch):
        layer, seen = torch.nn.Linear(1, 1), []
        layer.register_load_state_dict_pre_hook(lambda module, *_: seen.append(module is layer))
        twin = copy.deepcopy(layer)
        layer.load_state_dict(layer.state_dict())
        twin.load_state_dict(layer.state_dict())
        return seen

    agree(run)


def test_a_handle_keeps_nothing_alive():
    layer = our_nn.Identity()
    handle = layer.register_forward_hook(lambda *_: None)
    gone = weakref.ref(layer)
    del layer
    gc.collect()
    assert gone() is None
    handle.remove()


# ------------------------------------------------------------------ on the way back


def plain(grads):
    return [None if g is None else g.tolist() for g in grads]


def two(torch):
    class Two(torch.nn.Module):
        def forward(self, a, b, note=""):
            return a * b, a + 1, note

    return Two()


BACKWARD = {
    "both outputs, both inputs": lambda torch, m, a, b: sum(m(a, b)[:2]).sum(),
    "one output": lambda torch, m, a, b: m(a, b, "note")[0].sum(),
    "the other output": lambda torch, m, a, b: m(a, b)[1].sum(),
    "an input without a gradient": lambda torch, m, a, b: (m(a, b.detach())[0] * 3).sum(),
    "no input with a gradient": lambda torch, m, a, b: (m(a.detach(), b.detach())[0] * b).sum(),
    "a tensor used twice": lambda torch, m, a, b: m(a, a)[0].sum(),
    "a computed input": lambda torch, m, a, b: m(a * 2, b.exp())[0].sum(),
    "two calls": lambda torch, m, a, b: (m(a, b)[0] + m(b, a)[1]).sum(),
}


@pytest.mark.parametrize("name", BACKWARD)
def test_full_backward_hooks_see_the_gradients_of_inputs_and_outputs(name, agree):
    def run(torch):
        a, b = torch.tensor([2.0, 3.0], requires_grad=True), torch.tensor([0.5, -1.0], requires_grad=True)
        module, seen = two(torch), []
        module.register_full_backward_pre_hook(lambda m, out: seen.append(("before", plain(out))))
        module.register_full_backward_hook(lambda m, into, out: seen.append(("after", plain(into), plain(out))))
        BACKWARD[name](torch, module, a, b).backward()
        return seen, a.grad, b.grad

    agree(run)


def test_backward_hooks_exchange_gradients_in_their_order(agree):
    def run(torch):
        x, order = torch.ones(3, 1, requires_grad=True), []
        layer = torch.nn.Linear(1, 1)
        with torch.no_grad():
            layer.weight.fill_(2)
        layer.register_full_backward_hook(lambda m, into, out: (order.append(1), (into[0] * 10,))[1])
        layer.register_full_backward_hook(lambda m, into, out: (order.append(2), (into[0] + 1,))[1], prepend=True)
        layer.register_full_backward_pre_hook(lambda m, out: (out[0] * 2,))
        layer.register_full_backward_pre_hook(lambda m, out: (out[0] + 1,), prepend=True)
        layer(x).sum().backward()
        return x.grad, layer.weight.grad, layer.bias.grad, order

    agree(run)


REFUSED = {
    "too many gradients of inputs": lambda m, x: m.register_full_backward_hook(lambda m, into, out: (into[0],) * 2),
    "a tensor in the place of a tuple": lambda m, x: m.register_full_backward_hook(lambda m, into, out: into[0]),
    "too many gradients of outputs": lambda m, x: m.register_full_backward_pre_hook(lambda m, out: (1, 2)),
    "a gradient where none is asked for": lambda m, x: (
        x.requires_grad_(False),
        m.register_full_backward_hook(lambda m, into, out: (out[0],)),
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_a_backward_hook_must_not_return(name, agree):
    def run(torch):
        x, layer = torch.ones(3, 1, requires_grad=True), torch.nn.Linear(1, 1)
        REFUSED[name](layer, x)
        layer(x).sum().backward()

    agree(run)


def test_an_output_that_is_no_tuple_of_tensors_has_no_backward_hook(agree):
    def run(torch):
        class Named(torch.nn.Module):
            def forward(self, x):
                return {"x": x * 2}

        x, module, calls = torch.ones(1, requires_grad=True), Named(), []
        module.register_full_backward_hook(lambda *_: calls.append(1))
        module(x)["x"].sum().backward()
        return calls, x.grad

    agree(run)


def test_backward_hooks_stay_away_where_nothing_is_recorded(agree):
    def run(torch):
        layer = torch.nn.Linear(1, 1)
        layer.register_full_backward_hook(lambda *_: None)
        x = torch.ones(1, 1)
        with torch.no_grad():
            silent = layer(x)
        return silent.grad_fn is None, layer(x).grad_fn.name()

    agree(run)


def test_a_graph_with_backward_hooks_is_walked_twice_on_request(agree):
    def run(torch):
        x, layer, calls = torch.ones(1, 1, requires_grad=True), torch.nn.Linear(1, 1), []
        layer.register_full_backward_hook(lambda *_: calls.append(1))
        y = layer(x).sum()
        y.backward(retain_graph=True)
        y.backward()
        return calls

    agree(run)


def test_nothing_is_kept_after_the_way_back():
    layer = our_nn.Linear(2, 2)
    layer.register_full_backward_hook(lambda m, into, out: None)
    x = paramlab.ones(1, 2, requires_grad=True)
    output = layer(x)
    nodes = [weakref.ref(output.grad_fn), weakref.ref(output.grad_fn.next_functions[0][0])]
    gc.disable()
    try:
        output.sum().backward()
        del output
        assert [node() for node in nodes] == [None, None]
        assert x.grad is not None
    finally:
        gc.enable()


def test_what_a_hooked_module_returns_may_not_be_written_to(agree):
    def program(torch):
        layer = torch.nn.Linear(2, 2)
        layer.register_full_backward_hook(lambda m, into, out: None)
        output = layer(torch.ones(1, 2))
        output += 1

    agree(program)


def test_a_hooked_module_may_not_write_to_its_input(agree):
    def program(torch):
        layer = torch.nn.ReLU(inplace=True)
        layer.register_full_backward_hook(lambda m, into, out: None)
        layer(torch.ones(2, requires_grad=True) * 1)

    agree(program)


@pytest.mark.parametrize("kind", ["register_full_backward_hook", "register_full_backward_pre_hook"])
def test_a_gradient_of_another_shape_is_no_answer(kind, agree):
    def program(torch):
        layer = torch.nn.Linear(2, 2)
        getattr(layer, kind)(lambda m, grads, *rest: grads[0])  # not a tuple: its only row is taken for the gradient
        layer(torch.ones(1, 2, requires_grad=True)).sum().backward()

    agree(program)


def test_copies_of_a_module_without_hooks_can_be_given_some(agree):
    def program(torch):
        layer = torch.nn.Linear(2, 2)
        copies = [copy.deepcopy(layer), copy.copy(layer), pickle.loads(pickle.dumps(layer))]
        for twin in copies:
            twin.register_full_backward_hook(lambda m, into, out: None)
        return [len(m._backward_hooks) for m in copies]

    agree(program)


def test_the_handle_is_found_where_pytorch_keeps_it(fw):
    from importlib import import_module

    handle = fw.nn.Linear(1, 1).register_forward_hook(print)
    assert type(handle) is import_module(f"{fw.__name__}.utils.hooks").RemovableHandle
