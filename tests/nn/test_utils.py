"""nn.utils: clipping gradients, and a model's Parameters as one vector."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import paramlab
from paramlab.nn.utils import clip_grad_norm_, get_total_norm


def with_gradients(torch, *values, dtype="float32"):
    """Return Parameters whose gradients are the given lists; None stands for no gradient."""
    parameters = []
    for listed in values:
        parameter = torch.nn.Parameter(torch.zeros(len(listed or [0]), dtype=getattr(torch, dtype)))
        parameter.grad = None if listed is None else torch.tensor(listed, dtype=getattr(torch, dtype))
        parameters.append(parameter)
    return parameters


@pytest.mark.parametrize("norm_type", [2, 2.0, 1, 3.5, 0, -1.0, math.inf, -math.inf, "inf"])
@pytest.mark.parametrize("max_norm", [1, 0.0, 100.0])
def test_clipping_by_the_norm(norm_type, max_norm, agree):
    def run(torch):
        held = with_gradients(torch, [3.0, -4.0], None, [1.0, 0.5, -2.0])
        norm = torch.nn.utils.clip_grad_norm_(held, max_norm, norm_type)
        return norm, [p.grad for p in held]

    agree(run)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_norm_has_the_type_of_the_gradients(dtype, agree):
    def run(torch):
        held = with_gradients(torch, [300.0, 400.0], [1.0], dtype=dtype)
        mixed = [*held, *with_gradients(torch, [2.0])]
        norms = [torch.nn.utils.clip_grad_norm_(held, 1.0), torch.nn.utils.clip_grad_norm_(mixed, 1.0)]
        return norms, [p.grad for p in mixed]

    agree(run, rtol=2e-3)


@pytest.mark.parametrize("value", [math.inf, math.nan])
@pytest.mark.parametrize("refuse", [True, False])
def test_a_norm_that_is_not_finite(value, refuse, agree):
    def run(torch):
        held = with_gradients(torch, [1.0, value], [2.0])
        norm = torch.nn.utils.clip_grad_norm_(held, 1.0, error_if_nonfinite=refuse)
        return norm, [p.grad for p in held]

    agree(run)


SINGLE = [
    "nn.utils.clip_grad_norm_([], 1.0)",
    "nn.utils.clip_grad_norm_((p for p in []), 1.0)",
    "nn.utils.clip_grad_norm_([nn.Parameter(torch.ones(2))], 1.0)",
    "nn.utils.clip_grad_norm_(None, 1.0)",
    "nn.utils.clip_grad_norm_(nn.Parameter(torch.ones(2)), '1')",
    "nn.utils.clip_grad_norm([nn.Parameter(torch.ones(2))], 1.0)",
    "nn.utils.get_total_norm([])",
    "nn.utils.get_total_norm(torch.tensor([3.0, 4.0]))",
    "nn.utils.get_total_norm([torch.ones(2, 3), torch.ones(4)], norm_type=1)",
    "nn.utils.get_total_norm(torch.tensor([1, 2]))",
    "nn.utils.parameters_to_vector([])",
    "nn.utils.parameters_to_vector(nn.Parameter(torch.ones(3)))",
    "nn.utils.parameters_to_vector([torch.ones(2, 3).t()])",
    "nn.utils.parameters_to_vector([nn.Parameter(torch.ones(1)), torch.ones(1, dtype=torch.float64)])",
    "nn.utils.parameters_to_vector(nn.Linear(2, 1).parameters()).grad_fn.name()",
    "nn.utils.vector_to_parameters([1.0], [])",
    "nn.utils.vector_to_parameters(torch.ones(2), [nn.Parameter(torch.ones(3))])",
    "nn.utils.vector_to_parameters(torch.ones(7), [nn.Parameter(torch.ones(3))])",
]


@pytest.mark.parametrize("line", SINGLE)
def test_one_line(line, agree):
    agree(line)


def test_clipping_each_value(agree):
    def run(torch):
        held = with_gradients(torch, [3.0, -4.0, 0.1], None, [math.nan, math.inf])
        answer = torch.nn.utils.clip_grad_value_(held, 1)
        return answer, [p.grad for p in held]

    agree(run)


def test_one_parameter_may_stand_for_a_list_of_one(agree):
    def run(torch):
        [p] = with_gradients(torch, [3.0, 4.0])
        norm = torch.nn.utils.clip_grad_norm_(p, 1.0)
        torch.nn.utils.clip_grad_value_(p, 0.7)
        return norm, p.grad

    agree(run)


def test_clipping_writes_in_place_and_is_counted():
    [p] = with_gradients(paramlab, [3.0, 4.0])
    gradient, version = p.grad, p.grad._version
    clip_grad_norm_([p], 1.0)
    assert p.grad is gradient
    assert gradient._version > version


def test_a_vector_and_back(agree):
    def run(torch):
        model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Linear(3, 1, bias=False))
        size = torch.nn.utils.parameters_to_vector(model.parameters()).numel()
        vector = torch.arange(float(size))
        torch.nn.utils.vector_to_parameters(vector, model.parameters())
        vector[0] = 100.0  # the memory is shared
        return [p.detach() for p in model.parameters()], torch.nn.utils.parameters_to_vector(model.parameters())

    agree(run)


def test_devices_do_not_mix():
    mixed = [paramlab.ones(1), paramlab.ones(1, device="sim")]
    with pytest.raises(TypeError, match="Found two parameters on different devices"):
        paramlab.nn.utils.parameters_to_vector(mixed)
    with pytest.raises(TypeError, match="Found two parameters on different devices"):
        paramlab.nn.utils.vector_to_parameters(paramlab.ones(2), mixed)


lists = st.lists(st.lists(st.floats(-100, 100, width=32), min_size=1, max_size=5), min_size=1, max_size=4)


@given(values=lists, limit=st.floats(0.01, 1000))
def test_after_clipping_the_norm_is_at_most_the_limit(values, limit):
    held = with_gradients(paramlab, *values)
    before = clip_grad_norm_(held, limit).item()
    flat = np.concatenate([np.array(v, np.float64) for v in values])
    np.testing.assert_allclose(before, np.linalg.norm(flat), rtol=1e-5, atol=1e-6)
    after = get_total_norm([p.grad for p in held]).item()
    assert after <= limit * (1 + 1e-5)
    if before <= limit * 0.999:
        assert after == pytest.approx(before)


def test_the_norm_of_nothing_has_the_default_type(agree):
    def program(torch):
        torch.set_default_dtype(torch.float64)
        try:
            return torch.nn.utils.clip_grad_norm_([], 1.0), torch.nn.utils.get_total_norm([])
        finally:
            torch.set_default_dtype(torch.float32)

    agree(program)
