"""Every rule: the mistake is found, the line that is offered mends it, and a right model has none."""

import pytest

from paramlab.census import census


def model_of(nn, **attributes):
    model = nn.Module()
    for name, value in attributes.items():
        setattr(model, name, value)
    return model


def rules(model, optimizer=None, severity=None):
    return [f.rule for f in census(model, optimizer).findings if severity in (None, f.severity)]


def the(rule, model, optimizer=None):
    found = [finding for finding in census(model, optimizer).findings if finding.rule == rule]
    assert len(found) == 1, found
    return found[0]


def mend(finding, fw, nn, model, optimizer=None):
    exec(finding.fix, {"model": model, "optimizer": optimizer, "nn": nn, "torch": fw})


def test_a_right_model_has_no_findings(fw, nn, optim):
    model = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.ReLU(), nn.Linear(3, 1))
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    assert rules(model, optimizer) == []
    model(fw.ones(4, 2)).sum().backward()
    optimizer.step()
    assert rules(model, optimizer) == []


def test_unregistered_grad_tensor(fw, nn):
    model = model_of(nn, scale=fw.ones(2, requires_grad=True))
    finding = the("unregistered-grad-tensor", model)
    assert (finding.severity, finding.name) == ("bug", "scale")
    mend(finding, fw, nn, model)
    assert dict(model.named_parameters()).keys() == {"scale"}
    assert rules(model) == []


def test_a_plain_tensor_that_was_handed_over_is_only_to_be_checked(fw, nn, optim):
    model = model_of(nn, scale=fw.ones(2, requires_grad=True))
    finding = the("unregistered-grad-tensor", model, optim.SGD([model.scale], lr=0.1))
    assert finding.severity == "check"


def test_unregistered_tensor(fw, nn):
    model = model_of(nn, prior=fw.ones(2))
    finding = the("unregistered-tensor", model)
    assert finding.severity == "check"
    mend(finding, fw, nn, model)
    assert list(model.state_dict()) == ["prior"]
    assert rules(model) == []


@pytest.mark.parametrize("holder", [list, tuple])
def test_layers_in_a_list(fw, nn, holder):
    model = model_of(nn, layers=holder([nn.Linear(2, 2), nn.Linear(2, 2)]))
    finding = the("hidden-in-container", model)
    assert (finding.severity, finding.name) == ("bug", "layers")
    assert len(finding.rows) == 4
    mend(finding, fw, nn, model)
    assert rules(model, severity="bug") == []
    assert len(list(model.parameters())) == 4


def test_layers_in_a_dict(fw, nn):
    model = model_of(nn, layers={"a": nn.Linear(2, 2)})
    mend(the("hidden-in-container", model), fw, nn, model)
    assert list(model.state_dict()) == ["layers.a.weight", "layers.a.bias"]


def test_layers_in_lists_in_a_dict(fw, nn):
    model = model_of(nn, layers={"a": [nn.Linear(2, 2)], "b": [nn.Linear(2, 2)]})
    mend(the("hidden-in-container", model), fw, nn, model)
    assert rules(model, severity="bug") == []
    assert len(list(model.parameters())) == 4


def test_parameters_in_a_list(fw, nn):
    model = model_of(nn, weights=[nn.Parameter(fw.ones(2))])
    mend(the("hidden-in-container", model), fw, nn, model)
    assert len(list(model.parameters())) == 1


def test_a_module_that_was_set_around_the_module(fw, nn):
    model = nn.Module()
    object.__setattr__(model, "sub", nn.Linear(2, 2))
    finding = the("hidden-in-container", model)
    mend(finding, fw, nn, model)
    assert list(model.state_dict()) == ["sub.weight", "sub.bias"]


def test_a_plain_tensor_in_a_container_is_to_be_checked(fw, nn):
    model = model_of(nn, cache={"k": fw.ones(2)})
    finding = the("unregistered-tensor", model)
    assert (finding.severity, finding.name) == ("check", "cache['k']")
    mend(finding, fw, nn, model)
    assert list(model.state_dict()) == ["cache_item_k"]


def test_nonleaf_attribute(fw, nn):
    model = model_of(nn, w=nn.Parameter(fw.ones(2)))
    model.hidden = model.w * 2
    finding = the("nonleaf-attribute", model)
    assert finding.severity == "check"
    mend(finding, fw, nn, model)
    assert "nonleaf-attribute" not in rules(model)


def test_missing_from_optimizer(fw, nn, optim):
    model = model_of(nn, a=nn.Parameter(fw.ones(2)))
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    model.b = nn.Parameter(fw.ones(3))
    finding = the("missing-from-optimizer", model, optimizer)
    assert (finding.severity, finding.name) == ("bug", "b")
    mend(finding, fw, nn, model, optimizer)
    assert rules(model, optimizer) == []


def test_stale_in_optimizer(fw, nn, optim):
    model = model_of(nn, a=nn.Parameter(fw.ones(2)))
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    model.a = nn.Parameter(fw.ones(2))
    finding = the("stale-in-optimizer", model, optimizer)
    assert finding.severity == "bug"
    assert "probably a before" in finding.message
    mend(finding, fw, nn, model, optimizer)
    assert rules(model, optimizer) == []


def test_frozen_in_optimizer(fw, nn, optim):
    model = model_of(nn, a=nn.Parameter(fw.ones(2)), b=nn.Parameter(fw.ones(2)))
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    model.a.requires_grad_(False)
    assert the("frozen-in-optimizer", model, optimizer).severity == "fact"
    model.a.grad = fw.ones(2)
    finding = the("frozen-in-optimizer", model, optimizer)
    assert finding.severity == "check"
    mend(finding, fw, nn, model, optimizer)
    assert model.a.grad is None


def test_buffer_requires_grad(fw, nn):
    model = nn.Module()
    model.register_buffer("state", fw.ones(2, requires_grad=True))
    mend(the("buffer-requires-grad", model), fw, nn, model)
    assert rules(model) == []


def test_a_buffer_that_keeps_the_graph(fw, nn):
    model = model_of(nn, w=nn.Parameter(fw.ones(2)), state=nn.Buffer(fw.ones(2)))
    model.state = model.state + model.w
    mend(the("buffer-requires-grad", model), fw, nn, model)
    assert model.state.is_leaf
    assert "state" in dict(model.named_buffers())


def test_a_parameter_as_a_buffer_is_a_buffer_with_a_gradient(fw, nn):
    model = nn.Module()
    model.register_buffer("w", nn.Parameter(fw.ones(2)))
    assert census(model)["w"].kind == "Buffer"
    finding = the("parameter-as-buffer", model)
    assert finding.severity == "bug"
    assert rules(model) == ["parameter-as-buffer"]
    mend(finding, fw, nn, model)
    assert list(dict(model.named_parameters())) == ["w"]
    assert rules(model) == []


def test_a_frozen_parameter_as_a_buffer_does_no_harm(fw, nn):
    model = nn.Module()
    model.register_buffer("w", nn.Parameter(fw.ones(2), requires_grad=False))
    assert rules(model) == []


def test_shared_tensor_and_non_persistent_buffer_are_facts(fw, nn):
    model = model_of(nn, a=nn.Linear(2, 2), b=nn.Linear(2, 2))
    model.b.weight = model.a.weight
    model.register_buffer("mask", fw.ones(2), persistent=False)
    assert sorted(rules(model, severity="fact")) == ["non-persistent-buffer", "shared-tensor"]
    assert len(rules(model)) == 2
    mend(the("shared-tensor", model), fw, nn, model)
    mend(the("non-persistent-buffer", model), fw, nn, model)
    assert rules(model) == []


def test_no_gradient(fw, nn, optim):
    model = model_of(nn, used=nn.Parameter(fw.ones(2)), unused=nn.Parameter(fw.ones(2)))
    model.used.sum().backward()
    assert the("no-gradient", model, optim.SGD(model.parameters(), lr=0.1)).name == "unused"


def test_an_old_gradient_of_what_is_frozen_now_says_nothing_of_the_last_backward(fw, nn, optim):
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 1))
    model(fw.ones(1, 2)).sum().backward()
    model[0].requires_grad_(False)
    model[1] = nn.Linear(2, 1)
    assert rules(model, optim.SGD(model[1].parameters(), lr=0.1)) == []


def test_dtype_mismatch_in_one_module(fw, nn):
    model = nn.Linear(2, 2)
    model.bias = nn.Parameter(fw.ones(2, dtype=fw.float64))
    finding = the("dtype-mismatch", model)
    assert finding.name == "bias"
    mend(finding, fw, nn, model)
    assert rules(model) == []


def test_device_mismatch_of_what_was_left_behind():
    import paramlab as torch

    model = torch.nn.Linear(2, 2)
    model.prior = torch.ones(2)
    model.to("sim")
    finding = the("device-mismatch", model)
    assert finding.name == "prior"
    assert census(model)["prior"].states["moves"] == "warn"
    mend(finding, torch, torch.nn, model)
    assert rules(model) == ["unregistered-tensor"]


def test_pytorchs_own_layers_are_right(torch):
    nn = torch.nn
    model = nn.ModuleList(
        [nn.LSTM(2, 2, num_layers=2), nn.TransformerEncoderLayer(4, 2), nn.Embedding(3, 2), nn.LazyLinear(2)]
    )
    model.append(torch.nn.utils.parametrizations.weight_norm(nn.Linear(2, 2)))
    model.append(torch.nn.utils.spectral_norm(nn.Linear(2, 2)))
    assert rules(model, torch.optim.SGD(model.parameters(), lr=0.1)) == []


def test_every_message_is_a_sentence_and_every_fix_is_python(fw, nn, optim):
    model = model_of(nn, w=nn.Parameter(fw.ones(2)), scale=fw.ones(2, requires_grad=True), layers=[nn.Linear(2, 2)])
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    model.w, model.prior = nn.Parameter(fw.ones(2)), fw.ones(1)
    for finding in census(model, optimizer).findings:
        assert finding.message.endswith((".", "?"))
        compile(finding.fix, finding.rule, "exec")
