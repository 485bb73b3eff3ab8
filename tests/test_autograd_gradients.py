"""``autograd.backward``, ``autograd.grad`` and ``gradcheck``: what they are asked, answer and refuse."""

import pytest

import paramlab

SETUP = "x=torch.tensor([1.0, 2.0], requires_grad=True), z=torch.ones(2, requires_grad=True)"

GRADS = [
    "torch.autograd.grad((x * x).sum(), x)",
    "torch.autograd.grad((x * z).sum(), [z, x])",
    "torch.autograd.grad((x * x).sum(), [x, x])",
    "torch.autograd.grad([(x * z).sum(), (x + z).sum()], (x, z))",
    "torch.autograd.grad(x * z, x, torch.tensor([3.0, 4.0]))",
    "torch.autograd.grad([x * z, (x * x).sum()], x, [torch.tensor([3.0, 4.0]), None])",
    "torch.autograd.grad(x * 2, x, torch.ones(2).double())",
    "torch.autograd.grad(x, x, torch.tensor([3.0, 4.0]))",
    "torch.autograd.grad((x * x).sum(), z)",
    "torch.autograd.grad((x * x).sum(), [x, z], allow_unused=True)",
    "torch.autograd.grad((x * x).sum(), [x, z], materialize_grads=True)",
    "torch.autograd.grad((x * x).sum(), [x, z], materialize_grads=True, allow_unused=False)",
    "torch.autograd.grad((x * x).sum(), torch.ones(2))",
    "torch.autograd.grad(torch.ones(()), x)",
    "torch.autograd.grad(x * 2, x)",
    "torch.autograd.grad(x.sum(), [])",
    "torch.autograd.grad([], x)",
    "torch.autograd.grad(x.sum(), 'x')",
    "torch.autograd.grad(x * 2, x, torch.ones(3))",
    "torch.autograd.grad(x.sum(), x, only_inputs=False)",
    "torch.autograd.backward([x.sum(), torch.ones(1)])",
    "torch.autograd.backward([])",
    "torch.autograd.backward([x.sum()], [None], grad_variables=[None])",
    "x.sum().backward(inputs=[])",
    "x.sum().backward(inputs=[torch.ones(2)])",
]


@pytest.mark.parametrize("expression", GRADS)
def test_a_question_is_answered_as_pytorch_answers_it(expression, agree):
    agree(
        f"(lambda x, z: {expression})(torch.tensor([1.0, 2.0], requires_grad=True), torch.ones(2, requires_grad=True))"
    )


def test_grad_writes_no_grad_and_frees_the_graph(agree):
    def program(torch):
        x = torch.tensor([1.0, 2.0], requires_grad=True)
        y = (x * x).sum()
        first = torch.autograd.grad(y, x, retain_graph=True)
        second = torch.autograd.grad(y, x)
        assert x.grad is None
        try:
            torch.autograd.grad(y, x)
        except RuntimeError as error:
            return first, second, str(error)

    agree(program)


def test_grad_of_a_non_leaf_and_of_what_comes_before_it(agree):
    def program(torch):
        x = torch.tensor([1.0, 2.0], requires_grad=True)
        y = x * 2
        z = (y * y).sum()
        to_y, to_x = torch.autograd.grad(z, (y, x), retain_graph=True)
        (again,) = torch.autograd.grad(z, y, retain_graph=True)
        return to_y, to_x, again, torch.autograd.grad(z, z)

    agree(program)


def test_only_the_ways_to_the_inputs_are_walked_and_freed(agree):
    def program(torch):
        x, w, seen = torch.tensor([1.0, 2.0], requires_grad=True), torch.ones(2, requires_grad=True), []
        aside = w * w
        aside.register_hook(lambda g: seen.append("aside"))
        on_the_way = x * x
        on_the_way.register_hook(lambda g: seen.append("way"))
        x.register_hook(lambda g: g * 10)
        found = torch.autograd.grad((aside + on_the_way).sum(), x)
        aside.sum().backward()
        return found, seen, w.grad, x.grad

    agree(program)


def test_backward_with_inputs_adds_to_these_alone(agree):
    def program(torch):
        x, w = torch.tensor([1.0, 2.0], requires_grad=True), torch.ones(2, requires_grad=True)
        h = x * 2
        y = (h * w).sum()
        y.backward(inputs=[w], retain_graph=True)
        first = (x.grad, w.grad.clone())
        y.backward(inputs=h, retain_graph=True)
        torch.autograd.backward(y, inputs=[x, w])
        return first, h.grad, h.retains_grad, x.grad, w.grad

    agree(program)


def test_several_tensors_are_walked_at_once(agree):
    def program(torch):
        x = torch.tensor([1.0, 2.0], requires_grad=True)
        h = x * x
        torch.autograd.backward([h, h.sum(), x], [torch.tensor([1.0, 10.0]), None, torch.tensor([0.5, 0.5])])
        return x.grad

    agree(program)


@pytest.mark.parametrize("ask", [lambda y, x: y.backward(create_graph=True), lambda y, x: second(y, x)])
def test_second_derivatives_are_refused_in_words(ask):
    x = paramlab.ones(2, requires_grad=True)
    with pytest.raises(RuntimeError, match="create_graph=True is not supported"):
        ask((x * x).sum(), x)


def second(y, x):
    return paramlab.autograd.grad(y, x, create_graph=True)


# ------------------------------------------------------------------ gradcheck


def wrong(torch):
    class Wrong(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, grad):
            return grad * 3

    return Wrong.apply


CHECKS = {
    "right": lambda torch, x: torch.autograd.gradcheck(lambda x: x * x, x),
    "several": lambda torch, x: torch.autograd.gradcheck(lambda a, b: (a @ b.t(), b.exp()), (x, x.detach() + 1)),
    "wrong": lambda torch, x: torch.autograd.gradcheck(wrong(torch), x),
    "wrong, as a bool": lambda torch, x: torch.autograd.gradcheck(wrong(torch), x, raise_exception=False),
    "generous": lambda torch, x: torch.autograd.gradcheck(wrong(torch), x, atol=2.0),
    "nothing to check": lambda torch, x: torch.autograd.gradcheck(lambda x: x, x.detach()),
    "single precision": lambda torch, x: torch.autograd.gradcheck(
        lambda x: x * x * 100, x.detach().float().requires_grad_()
    ),
}


@pytest.mark.parametrize("name", CHECKS)
def test_gradcheck(name, agree):
    def program(torch):
        x = torch.tensor([[1.0, 2.0]], dtype=torch.float64, requires_grad=True)
        try:
            return CHECKS[name](torch, x)
        except (RuntimeError, ValueError) as error:
            return type(error).__name__, str(error)

    agree(program)


def test_the_message_shows_both_jacobians():
    x = paramlab.tensor([1.0], dtype=paramlab.float64, requires_grad=True)
    with pytest.raises(paramlab.autograd.GradcheckError, match=r"numerical:tensor\(\[\[2\.0000\]\](.|\n)*analytical:"):
        paramlab.autograd.gradcheck(wrong(paramlab), x)


def test_a_leaf_that_was_frozen_since_gets_no_gradient(agree):
    def program(torch):
        x, w = torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True)
        loss = (x * w).sum()
        x.requires_grad = False
        loss.backward()
        return x.grad, w.grad

    agree(program)


def test_a_view_keeps_its_history_when_its_base_gives_up_its_own(agree):
    def program(torch):
        x = torch.ones(2, 3, requires_grad=True)
        y = x * 2
        part = y[0]
        y.detach_()
        part.sum().backward()
        return y.requires_grad, part.requires_grad, x.grad

    agree(program)


def test_one_gradient_is_given_for_each_tensor(agree):
    agree(lambda torch: _two_tensors_and_one_gradient(torch))


def _two_tensors_and_one_gradient(torch):
    x = torch.ones(2, requires_grad=True)
    torch.autograd.backward([x * 2, x * 3], [torch.ones(2)])


@pytest.mark.parametrize("write", ["fill_(2)", "fill_(torch.tensor(2.0))", "zero_()", "eq_(1)", "lt_(y)", "copy_(x)"])
def test_what_writes_in_place_gives_its_name_to_the_history(write, agree):
    def program(torch):
        x = torch.ones(2, requires_grad=True)
        y = x * 2
        eval(f"y.{write}", {"torch": torch, "x": x, "y": y})
        y[0] = 1.0
        return y.grad_fn.next_functions[0][0].name(), repr(y.grad_fn).split()[0]

    agree(program)


def test_the_mode_is_a_bool(agree):
    agree("torch.set_grad_enabled(1)")


def test_a_gradient_has_the_dtype_of_its_leaf_whatever_it_was_added_to(agree):
    def program(torch):
        x = torch.tensor([0.25], dtype=torch.float64, requires_grad=True)
        total = torch.ones(2)
        total += x
        x.register_hook(lambda grad: grad * (3 if grad.dtype == torch.float64 else 1))
        total.sum().backward()
        return x.grad

    agree(program)
