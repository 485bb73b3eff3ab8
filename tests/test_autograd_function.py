"""``autograd.Function``: an operation of one's own does what it does in PyTorch, and is refused where it is there."""

import gc
import weakref

import pytest

import paramlab


def scaled(torch, answer=None, setup=None):
    """Return ``x * k`` as a Function; ``answer(ctx, grad)`` is its backward, ``setup(ctx, x)`` runs in forward."""

    class Scale(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, k=2):
            ctx.save_for_backward(x)
            ctx.k = k
            if setup is not None:
                setup(ctx, x)
            return x * k

        @staticmethod
        def backward(ctx, grad):
            return (grad * ctx.k, None) if answer is None else answer(ctx, grad)

    return Scale


ANSWERS = {
    "one for each argument": lambda torch: lambda ctx, g: (g * ctx.k, None),
    "too few": lambda torch: lambda ctx, g: g,
    "nothing": lambda torch: lambda ctx, g: None,
    "too many, which are None": lambda torch: lambda ctx, g: (g, None, None),
    "too many": lambda torch: lambda ctx, g: (g, None, g),
    "a number": lambda torch: lambda ctx, g: (3, None),
    "a list": lambda torch: lambda ctx, g: [g, None],
    "one for what is no tensor": lambda torch: lambda ctx, g: (g, g),
    "another shape": lambda torch: lambda ctx, g: (torch.ones(3), None),
    "no dimensions": lambda torch: lambda ctx, g: (torch.tensor(1.0), None),
    "a shape that was broadcast": lambda torch: lambda ctx, g: (torch.ones(3, 2), None),
    "another dtype": lambda torch: lambda ctx, g: (g.double(), None),
    "a saved tensor": lambda torch: lambda ctx, g: (ctx.saved_tensors[0], None),
    "no gradient": lambda torch: lambda ctx, g: (None, None),
    "what needs_input_grad says": lambda torch: lambda ctx, g: (g * ctx.needs_input_grad[0], None),
    "whether it is recorded": lambda torch: lambda ctx, g: (g * (3 if torch.is_grad_enabled() else 5), None),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_backward_may_return(name, agree):
    def program(torch):
        x = torch.tensor([1.0, 2.0], requires_grad=True)
        y = scaled(torch, ANSWERS[name](torch)).apply(x, 3)
        y.sum().backward()
        return y.detach(), x.grad

    agree(program)


def test_the_node_bears_the_name_of_the_function_and_its_attributes(agree):
    def program(torch):
        x = torch.tensor([1.0, 2.0], requires_grad=True)
        node = scaled(torch).apply(x * 1, 3).grad_fn
        (edge, number), *others = node.next_functions
        return node.name(), type(node).__name__, node.k, node.saved_tensors, edge.name(), number, others

    agree(program)


def test_the_node_is_printed_as_what_it_is(agree):
    def program(torch):
        return repr(scaled(torch).apply(torch.ones(2, requires_grad=True)).grad_fn).partition(" at 0x")[0]

    agree(program)


def test_what_is_computed_without_a_gradient_is_not_recorded(agree):
    def program(torch):
        x, scale = torch.tensor([1.0, 2.0], requires_grad=True), scaled(torch)
        with torch.no_grad():
            inside = scale.apply(x)
        return inside, inside.requires_grad, scale.apply(x.detach()), scale.apply(x).is_leaf

    agree(program)


def test_saved_tensors_are_freed_by_the_walk_unless_the_graph_is_retained(agree):
    def program(torch):
        x = torch.tensor([1.0, 2.0], requires_grad=True)
        y = scaled(torch, lambda ctx, g: (g * ctx.saved_tensors[0], None)).apply(x)
        y.sum().backward(retain_graph=True)
        y.sum().backward()
        first = x.grad.clone()
        y.sum().backward()
        return first

    agree(program)


def test_a_second_walk_is_fine_where_nothing_saved_is_read(agree):
    def program(torch):
        x = torch.tensor([1.0, 2.0], requires_grad=True)
        y = scaled(torch).apply(x)
        y.sum().backward()
        y.sum().backward()
        return x.grad

    agree(program)


def test_a_saved_tensor_must_not_change(agree):
    def program(torch):
        x = torch.tensor([1.0, 2.0], requires_grad=True)
        z = x * 1
        y = scaled(torch, lambda ctx, g: (g * ctx.saved_tensors[0], None)).apply(z)
        z.add_(1)
        y.sum().backward()

    agree(program)


def test_only_tensors_are_saved(agree):
    def program(torch):
        x = torch.tensor([1.0, 2.0], requires_grad=True)
        return scaled(torch, setup=lambda ctx, x: ctx.save_for_backward(x, 3)).apply(x)

    agree(program)


def joined(torch, forward, backward=None):
    """Return a Function with the given methods; its backward returns what it got, all joined in the first."""

    def collect(ctx, *grads):
        given = [g * (10**i) for i, g in enumerate(grads) if g is not None]
        return sum(given[1:], given[0]), *(None,) * (len(ctx.needs_input_grad) - 1)

    methods = {"forward": staticmethod(forward), "backward": staticmethod(backward or collect)}
    return type("Joined", (torch.autograd.Function,), methods)


def both(ctx, x):
    return x * 2, x * 3


def unmaterialized(ctx, x):
    ctx.set_materialize_grads(False)
    return x * 2, x * 3


def one_marked(ctx, x):
    outputs = x * 2, x * 3
    ctx.mark_non_differentiable(outputs[1])
    return outputs


def with_integers(ctx, x):
    outputs = x * 2, x > 1
    ctx.mark_non_differentiable(outputs[1])
    return outputs


SEVERAL = {
    "both": (both, lambda a, b: (a * b).sum()),
    "the first": (both, lambda a, b: a.sum()),
    "the second": (both, lambda a, b: b.sum()),
    "each twice": (both, lambda a, b: (a + b * a).sum()),
    "no zeros are made": (unmaterialized, lambda a, b: b.sum()),
    "one without gradient": (one_marked, lambda a, b: (a * b).sum()),
    "one of truth values": (with_integers, lambda a, b: (a * b).sum()),
}


@pytest.mark.parametrize("name", SEVERAL)
def test_of_several_outputs(name, agree):
    forward, loss = SEVERAL[name]

    def program(torch):
        x = torch.tensor([1.0, 2.0], requires_grad=True)
        a, b = joined(torch, forward).apply(x * 1)
        loss(a, b).backward()
        return x.grad, [(t.requires_grad, t.is_leaf) for t in (a, b)]

    agree(program)


@pytest.mark.parametrize("others", [(5,), (None, "text"), ()])
def test_backward_gets_none_for_an_output_that_is_no_tensor(others, agree):
    def program(torch):
        got = []

        def collect(ctx, *grads):
            got.append(grads)
            return grads[0]

        x = torch.tensor([1.0, 2.0], requires_grad=True)
        first, *_ = joined(torch, lambda ctx, x: (x * 2, *others, x * 3), collect).apply(x)
        alone, *_ = joined(torch, lambda ctx, x: (x * 2, *others), collect).apply(x)
        (first.sum() + alone.sum()).backward()
        return got, x.grad

    agree(program)


def test_what_is_better_left_is_warned_of(agree):
    def fresh(ctx, x):
        y = x * 2
        ctx.mark_dirty(y)
        return y

    agree(lambda torch: joined(torch, fresh).apply(torch.ones(2, requires_grad=True)))
    agree(lambda torch: joined(torch, fresh)()(torch.ones(2)))


def test_several_outputs_share_a_node(agree):
    def program(torch):
        x = torch.tensor([1.0, 2.0], requires_grad=True)
        a, b = joined(torch, both).apply(x)
        names = [(node.name(), number) for node, number in (a * b).grad_fn.next_functions]
        return a.grad_fn is b.grad_fn, a.output_nr, b.output_nr, names

    agree(program)


def test_a_hook_and_retain_grad_look_at_one_of_several_outputs(agree):
    def program(torch):
        x, seen = torch.tensor([1.0, 2.0], requires_grad=True), []
        a, b = joined(torch, both).apply(x)
        a.register_hook(lambda g: seen.append(g))
        b.retain_grad()
        (a * b).sum().backward()
        return seen, b.grad, x.grad

    agree(program)


def dirty(ctx, x):
    ctx.mark_dirty(x)
    return x.mul_(2)


def dirty_and_not_returned(ctx, x):
    ctx.mark_dirty(x)
    return x * 2


OUTPUTS = {
    "an input as it is": lambda ctx, x: x,
    "an input that was written to": dirty,
    "another tensor than the one that was written to": dirty_and_not_returned,
    "a number": lambda ctx, x: 3,
    "None": lambda ctx, x: None,
    "a tensor and a number": lambda ctx, x: (x * 2, 3),
    "a list": lambda ctx, x: [x * 2],
    "a tuple of one": lambda ctx, x: (x * 2,),
}


@pytest.mark.parametrize("name", OUTPUTS)
def test_forward_may_return(name, agree):
    def program(torch):
        x = torch.tensor([1.0, 2.0], requires_grad=True)
        z = x * 1
        y = joined(torch, OUTPUTS[name]).apply(z)
        if not isinstance(y, torch.Tensor):
            return (
                y if y is None or isinstance(y, int) else (type(y).__name__, y[0].detach(), y[0].requires_grad, y[1:])
            )
        y.sum().backward()
        return y is z, y.detach(), x.grad, z._version, y._is_view()

    agree(program)


def test_a_leaf_is_not_written_to(agree):
    agree(lambda torch: joined(torch, dirty).apply(torch.tensor([1.0], requires_grad=True)))


def test_an_input_that_comes_back_is_not_written_to(agree):
    def program(torch):
        x = torch.tensor([1.0, 2.0], requires_grad=True)
        joined(torch, OUTPUTS["an input as it is"]).apply(x * 1).add_(1)

    agree(program)


def test_setup_context_is_apart_from_forward(agree):
    def program(torch):
        class Scale(torch.autograd.Function):
            @staticmethod
            def forward(x, k=2):
                return x * k

            @staticmethod
            def setup_context(ctx, inputs, output):
                ctx.save_for_backward(output)
                ctx.k = inputs[1]

            @staticmethod
            def backward(ctx, grad):
                (output,) = ctx.saved_tensors
                return grad * ctx.k * output, None

        x = torch.tensor([1.0, 2.0], requires_grad=True)
        (Scale.apply(x) + Scale.apply(x, 3)).sum().backward()
        return x.grad

    agree(program)


def test_once_differentiable_leaves_the_gradient_as_it_is(agree):
    def program(torch):
        from importlib import import_module

        function = import_module(f"{torch.__name__}.autograd.function")

        class Double(torch.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                return x * 2

            @staticmethod
            @function.once_differentiable
            def backward(ctx, grad):
                return grad * 2

        x = torch.tensor([1.0, 2.0], requires_grad=True)
        Double.apply(x).sum().backward()
        return x.grad

    agree(program)


def test_what_is_missing_is_said(agree):
    def without(name):
        def program(torch):
            methods = {"forward": staticmethod(lambda ctx, x: x * 2)} if name == "backward" else {}
            function = type("Bare", (torch.autograd.Function,), methods)
            function.apply(torch.ones(2, requires_grad=True)).sum().backward()

        return program

    agree(without("backward"))
    agree(without("forward"))


def test_a_function_that_saved_its_output_is_freed_without_waiting_for_the_collector():
    class Exp(paramlab.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            result = x.exp()
            ctx.save_for_backward(x, result)
            return result

        @staticmethod
        def backward(ctx, grad):
            return grad * ctx.saved_tensors[1]

    gc.disable()
    try:
        x = paramlab.ones(2, requires_grad=True)
        y = Exp.apply(x * 1)
        node, array = weakref.ref(y.grad_fn), weakref.ref(y._array)
        y.sum().backward()
        assert x.grad.tolist() == pytest.approx([2.7182818] * 2)
        del y
        assert node() is None
        assert array() is None
    finally:
        gc.enable()


def test_a_gradient_that_is_handed_on_is_nobody_elses():
    class Pass(paramlab.autograd.Function):
        @staticmethod
        def forward(ctx, a, b):
            return a + b

        @staticmethod
        def backward(ctx, grad):
            doubled = grad * 2
            return doubled, doubled

    a, b = paramlab.ones(2, requires_grad=True), paramlab.ones(2, requires_grad=True)
    Pass.apply(a, b).sum().backward()
    a.grad.add_(1)
    assert b.grad.tolist() == [2, 2]


@pytest.mark.parametrize("wanted", [True, False])
def test_what_is_saved_is_looked_at_where_a_gradient_is_wanted(wanted, agree):
    def program(torch):
        class Scale(torch.autograd.Function):
            @staticmethod
            def forward(ctx, x, factor):
                ctx.save_for_backward(x, factor)  # a number: an attribute is the place for it
                return x * factor

        return Scale.apply(torch.ones(2, requires_grad=wanted), 2.0)

    agree(program)
