"""The record of a training loop."""

import numpy as np
import pytest

from paramlab.plot import History

from .conftest import train


def test_step_0_is_the_model_before_training(model):
    history = History(model)
    assert list(history.steps) == [0]
    assert np.isnan(history.gradients("0.weight")).all()
    assert np.isnan(history.update_ratios("0.weight")).all()


def test_quantiles_are_elements_of_the_tensor(fw, nn):
    model = nn.Linear(5, 1, bias=False)
    with fw.no_grad():
        model.weight.copy_(fw.tensor([[3.0, 1, 5, 2, 4]]))
    assert History(model).weights("weight").tolist() == [[1, 2, 3, 4, 5]]


def test_quantiles_are_those_of_numpy(history, model):
    values = model[0].weight.detach().numpy().ravel()
    expected = np.quantile(values, History.levels, method="nearest")
    np.testing.assert_allclose(history.weights("0.weight")[-1], expected, rtol=1e-6)


def test_a_gradient_is_recorded_as_it_is_at_that_moment(history, model):
    expected = np.quantile(model[2].bias.grad.numpy(), History.levels, method="nearest")
    np.testing.assert_allclose(history.gradients("2.bias")[-1], expected, rtol=1e-6)
    assert np.isnan(history.gradients("2.bias")[0]).all()


def test_the_ratio_is_the_size_of_the_update_by_the_size_of_the_weight(fw, nn):
    model = nn.Linear(2, 1, bias=False)
    with fw.no_grad():
        model.weight.copy_(fw.tensor([[3.0, 4.0]]))
        history = History(model)
        model.weight.add_(fw.tensor([[0.3, 0.4]]))
    history.record()
    np.testing.assert_allclose(history.update_ratios("weight"), [np.nan, 0.1], rtol=1e-6)


def test_a_zero_weight_has_no_ratio(fw, nn):
    model = nn.ParameterList([nn.Parameter(fw.zeros(2))])
    history = History(model)
    with fw.no_grad():
        model[0].add_(1.0)
    history.record()
    assert np.isnan(history.update_ratios("0")).all()


def test_a_large_tensor_is_sampled_all_over(fw, nn):
    weight = fw.arange(64 * 1024).reshape(64, 1024).to(fw.float32)  # 64 × 1024: a fixed distance would see few columns
    history = History(nn.ParameterList([nn.Parameter(weight)]))
    expected = np.multiply(History.levels, 64 * 1024)
    np.testing.assert_allclose(history.weights("0")[0], expected, atol=0.03 * 64 * 1024)


def test_a_tensor_with_nan_has_no_quantiles(fw, nn):
    history = History(nn.ParameterList([nn.Parameter(fw.tensor([1.0, float("nan")]))]))
    assert np.isnan(history.weights("0")).all()


def test_a_parameter_that_comes_later_is_recorded_from_then_on(fw, nn, model):
    history = History(model)
    model.late = nn.Parameter(fw.ones(2))
    history.record()
    assert history.names[-1] == "late"
    assert np.isnan(history.weights("late")[:, 0]).tolist() == [True, False]


def test_a_lazy_layer_is_recorded_once_it_has_values(torch):
    model = torch.nn.LazyLinear(2)
    history = History(model)
    assert history.names == []
    model(torch.ones(1, 3))
    history.record()
    assert history.shapes == {"weight": (2, 3), "bias": (2,)}


@pytest.mark.parametrize("dtype", ["bfloat16", "float16", "float64"])
def test_dtypes_that_numpy_does_not_know_are_read(torch, dtype):
    history = History(torch.nn.Linear(2, 2).to(getattr(torch, dtype)))
    assert np.isfinite(history.weights("weight")).all()


def test_recording_changes_nothing(fw, model, optim):
    state = {name: value.clone() for name, value in model.state_dict().items()}
    versions = [parameter._version for parameter in model.parameters()]
    fw.manual_seed(3)
    expected = fw.rand(2).tolist()
    fw.manual_seed(3)
    History(model).record()
    assert fw.rand(2).tolist() == expected
    assert [parameter._version for parameter in model.parameters()] == versions
    for name, value in model.state_dict().items():
        assert fw.equal(value, state[name])
    assert all(parameter.grad is None for parameter in model.parameters())


def test_it_says_what_it_is(fw, model, optim):
    history = History(model)
    train(fw, model, optim, history, steps=2)
    assert repr(history) == "History(Sequential: 6 tensors, 2 steps)"
    assert len(history) == 3


def test_an_unknown_name_is_an_error(history):
    with pytest.raises(KeyError, match=r"no tensor named 'weight' in this history. It has: 0.weight, 0.bias, "):
        history.weights("weight")
