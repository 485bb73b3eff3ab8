"""no_grad, enable_grad, set_grad_enabled, inference_mode: as contexts, as decorators, and what they leave behind."""

import copy
import warnings

import numpy as np
import pytest

import paramlab
from paramlab.autograd.grad_mode import silently

MODES = ["no_grad()", "enable_grad()", "inference_mode()", "inference_mode(False)", "set_grad_enabled(False)"]


@pytest.mark.parametrize("mode", MODES)
def test_a_mode_as_context_and_decorator_of_functions_and_generators(mode, agree):
    def program(torch):
        def state():
            return torch.is_grad_enabled(), torch.is_inference_mode_enabled()

        def make():
            return eval(f"torch.{mode}", {"torch": torch})

        @make()
        def function():
            return state()

        @make()
        def generator():
            received = yield state()
            try:
                yield received, state()
            except ValueError:
                yield "thrown", state()

        running = generator()
        steps = [next(running), state(), running.send(5), state(), running.throw(ValueError()), state()]
        with make():
            inside = state()
        return inside, state(), function(), steps, list(generator())

    agree(program)


@pytest.mark.parametrize("make", ["inference_mode(mode=True)", "inference_mode()", "set_grad_enabled(mode=False)"])
def test_a_mode_is_named_and_read(make, agree):
    def program(torch):
        with eval(f"torch.{make}", {"torch": torch}) as entered:
            inside = torch.is_grad_enabled(), torch.is_inference_mode_enabled()
        return inside, entered, eval(f"torch.{make}.mode", {"torch": torch}), torch.set_grad_enabled(True).mode

    agree(program)


def test_a_class_is_no_longer_decorated_without_a_word(agree):
    def program(torch):
        @torch.no_grad()
        class Model:
            def __init__(self):
                self.made_with = torch.is_grad_enabled()

        return Model().made_with

    agree(program)


@pytest.mark.parametrize("mode", ["no_grad", "enable_grad", "inference_mode"])
def test_a_mode_decorates_without_parentheses(mode, agree):
    def program(torch):
        @getattr(torch, mode)
        def function():
            return torch.is_grad_enabled(), torch.is_inference_mode_enabled()

        return function(), function.__name__, torch.is_grad_enabled()

    agree(program)


def test_modes_nest(agree):
    def program(torch):
        seen = []
        with torch.inference_mode():
            with torch.inference_mode(False):
                seen.append((torch.is_grad_enabled(), torch.ones(1).is_inference()))
            with torch.enable_grad():
                seen.append((torch.is_grad_enabled(), torch.ones(1).is_inference()))
            seen.append((torch.is_grad_enabled(), torch.ones(1).is_inference()))
        return seen, torch.is_grad_enabled(), torch.ones(1).is_inference()

    agree(program)


MADE = ["torch.ones(2)", "x * 2", "x.view(2)", "x[0]", "x.detach()", "i * 2", "i.view(2)", "i.clone()", "x.data"]


@pytest.mark.parametrize("expression", MADE)
def test_what_is_made_in_inference_mode(expression, agree):
    def program(torch):
        x = torch.tensor([1.0, 2.0], requires_grad=True)
        with torch.inference_mode():
            i = torch.ones(2)
            made = eval(expression, {"torch": torch, "x": x, "i": i})
        return made.is_inference(), made.is_leaf, made.requires_grad

    agree(program)


USED = {
    "written to": lambda torch, x, i: i.add_(1),
    "zeroed": lambda torch, x, i: i.zero_(),
    "assigned to": lambda torch, x, i: i.__setitem__(0, 1.0),
    "saved for backward": lambda torch, x, i: i * x,
    "not saved": lambda torch, x, i: i + x,
    "asked for a gradient": lambda torch, x, i: i.requires_grad_(),
    "asked for a gradient by name": lambda torch, x, i: setattr(i, "requires_grad", True),
    "asked for its version": lambda torch, x, i: i._version,
    "viewed": lambda torch, x, i: i.view(2).is_inference(),
    "cloned": lambda torch, x, i: (i.clone() * x, i.clone().is_inference()),
    "detached": lambda torch, x, i: i.detach().is_inference(),
    "computed with": lambda torch, x, i: (i * 2).is_inference(),
    "copied": lambda torch, x, i: copy.deepcopy(i).is_inference(),
    "read into another": lambda torch, x, i: torch.zeros(2).copy_(i),
}


@pytest.mark.parametrize("name", USED)
def test_a_tensor_of_inference_mode_is(name, agree):
    def program(torch):
        x = torch.tensor([1.0, 2.0], requires_grad=True)
        with torch.inference_mode():
            i = torch.ones(2)
        return USED[name](torch, x, i)

    agree(program)


def test_inside_it_is_written_to_freely(agree):
    def program(torch):
        x = torch.tensor([1.0, 2.0], requires_grad=True)
        with torch.inference_mode():
            i = torch.ones(2)
            i.add_(1)
            i[0] = 5
            x.mul_(2)
        return i, x, x._version

    agree(program)


@pytest.mark.parametrize("mode", ["no_grad", "inference_mode"])
@pytest.mark.parametrize("make", ["x.view(4)", "(x * 2).view(4)", "torch.ones(4).view(4)"])
def test_a_view_of_an_unrecorded_moment_is_read_not_written_to(mode, make, agree):
    def program(torch):
        x = torch.ones(2, 2, requires_grad=True)
        base = eval(make.replace(".view(4)", ""), {"torch": torch, "x": x})
        with getattr(torch, mode)():
            view = base.view(4)
        read = (view.requires_grad, (view * 2).requires_grad)
        view.add_(torch.ones(4, requires_grad=True))
        return read

    agree(program)


# ------------------------------------------------------------------ NumPy's errors

LOUD = [
    "x / 0",
    "x * 3e38 * 10",
    "(x - 1) / (x - 1)",
    "(x[0] - x[0]) / (x[0] - x[0])",
    "x[0] * 3e38 * 10",
    "(-x).log()",
]


@pytest.mark.parametrize("formula", LOUD)
def test_nan_and_inf_are_values_whatever_numpy_was_told(formula):
    x = paramlab.tensor([1.0, 2.0], requires_grad=True)
    with np.errstate(all="raise"), warnings.catch_warnings():
        warnings.simplefilter("error")
        y = eval(formula, {"x": x})
        y.backward(paramlab.full(y.shape, 3e38))
        assert np.geterr()["over"] == "raise"
    assert not np.isfinite(y.detach().numpy()).all()


def test_an_operation_within_an_operation_and_an_error_leave_numpy_as_it_was():
    before = np.geterr()
    with pytest.raises(RuntimeError):
        paramlab.ones(2) + paramlab.ones(3)
    assert np.geterr() == before


def test_an_operation_may_run_while_another_one_does():
    """Python may run a signal's handler, or a ``__del__``, in the middle of it."""

    def interrupted():
        x = paramlab.ones(2, requires_grad=True)
        return ((x * 2 + x).exp().detach().mul_(0) + 3).tolist()

    assert silently(interrupted) == [3.0, 3.0]
