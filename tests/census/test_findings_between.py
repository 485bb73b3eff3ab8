"""Findings about several things at once: an optimizer and its model, a layer and its mode, two names of a Buffer."""

import copy

import pytest

from paramlab.census import census

from .test_findings import mend, model_of, rules, the


def trained(fw, nn, optim, **options):
    model = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1))
    optimizer = optim.SGD(model.parameters(), lr=0.1, **options)
    step(fw, model, optimizer)
    return model, optimizer


def step(fw, model, optimizer):
    optimizer.zero_grad()
    x = fw.ones(4, 2, dtype=next(model.parameters()).dtype, device=next(model.parameters()).device)
    model(x).sum().backward()
    optimizer.step()


def test_the_state_of_an_optimizer_does_not_follow_the_model(fw, nn, optim):
    model, optimizer = trained(fw, nn, optim, momentum=0.9)
    assert rules(model, optimizer) == []
    model.to(fw.float64)
    finding = the("optimizer-state-left", model, optimizer)
    assert (finding.severity, len(finding.rows)) == ("check", 4)
    assert finding.message.startswith("momentum_buffer of 0.weight in the optimizer's state is float32, and 0.weight")
    step(fw, model, optimizer)
    mend(finding, fw, nn, model, optimizer)
    assert rules(model, optimizer) == []
    assert optimizer.state[model[0].weight]["momentum_buffer"].dtype == fw.float64


def test_a_model_that_is_not_in_training_needs_no_state(fw, nn, optim):
    model, optimizer = trained(fw, nn, optim, momentum=0.9)
    assert rules(model.to(fw.float64).eval(), optimizer) == []


def test_state_on_another_device():
    import paramlab as torch

    model, optimizer = trained(torch, torch.nn, torch.optim, momentum=0.9)
    model.to("sim")
    finding = the("optimizer-state-left", model, optimizer)
    assert "is cpu, and 0.weight is sim" in finding.message
    with pytest.raises(RuntimeError, match="same device"):
        step(torch, model, optimizer)
    mend(finding, torch, torch.nn, model, optimizer)
    step(torch, model, optimizer)


@pytest.mark.parametrize("name", ["Adam", "Adagrad", "NAdam", "RMSprop"])
def test_a_counter_may_be_anywhere_and_what_stands_beside_a_parameter_may_not(torch, name):
    model = torch.nn.Linear(2, 3).double()
    optimizer = getattr(torch.optim, name)(model.parameters(), lr=0.1)
    step(torch, model, optimizer)
    assert rules(model, optimizer) == []
    model.float()
    assert rules(model, optimizer) == ["optimizer-state-left"]
    mend(the("optimizer-state-left", model, optimizer), torch, torch.nn, model, optimizer)
    assert rules(model, optimizer) == []
    step(torch, model, optimizer)


def test_a_counter_is_no_state_of_a_scalar_either(torch):
    model = model_of(torch.nn, w=torch.nn.Parameter(torch.tensor(1.0, dtype=torch.float64)))
    optimizer = torch.optim.Adam(model.parameters())
    (model.w * 2).backward()
    optimizer.step()
    assert optimizer.state[model.w]["step"].dtype != model.w.dtype
    assert rules(model, optimizer) == []


def test_looking_at_an_optimizers_state_makes_none(fw, nn, optim):
    model = nn.Linear(2, 2)
    optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    census(model, optimizer)
    assert len(optimizer.state) == 0


def test_an_optimizer_of_a_copy_is_one_finding(fw, nn, optim):
    model, optimizer = trained(fw, nn, optim)
    model = copy.deepcopy(model)
    found = [finding for finding in census(model, optimizer).findings if finding.severity != "fact"]
    assert [finding.rule for finding in found] == ["optimizer-of-another-model"]
    assert found[0].severity == "bug"
    assert "holds 4 tensors, and none of them is this Sequential's" in found[0].message
    mend(found[0], fw, nn, model, optimizer)
    assert rules(model, optimizer) == []


def test_an_optimizer_that_holds_nothing_is_one_finding(fw, nn, optim):
    model = nn.Linear(2, 2)
    optimizer = optim.SGD([{"params": []}], lr=0.1)
    finding = the("optimizer-of-another-model", model, optimizer)
    assert "never handed over" in finding.message
    mend(finding, fw, nn, model, optimizer)
    assert rules(model, optimizer) == []


def test_an_optimizer_that_holds_a_part_is_told_tensor_by_tensor(fw, nn, optim):
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    optimizer = optim.SGD(model[0].parameters(), lr=0.1)
    assert rules(model, optimizer) == ["missing-from-optimizer"] * 2


def frozen_norm(nn, model):
    for p in model.parameters():
        p.requires_grad_(False)
    return model


def test_a_frozen_norm_that_still_moves(fw, nn):
    model = frozen_norm(nn, nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3)))
    finding = the("frozen-norm-moves", model)
    assert (finding.severity, finding.name) == ("check", "1.running_mean")
    assert finding.rows == ("1.running_mean", "1.running_var")
    before = model[1].running_mean.clone()
    with fw.no_grad():
        model(fw.ones(4, 2))
    assert (model[1].running_mean != before).any()  # what it says is so
    mend(finding, fw, nn, model)
    before = model[1].running_mean.clone()
    model(fw.ones(4, 2))
    assert (model[1].running_mean == before).all()
    assert rules(model) == []
    model.train()
    assert rules(model) == ["frozen-norm-moves"]


def test_several_frozen_norms_are_one_finding(fw, nn):
    model = frozen_norm(nn, nn.Sequential(nn.BatchNorm1d(3), nn.BatchNorm1d(3), nn.BatchNorm1d(3)))
    finding = the("frozen-norm-moves", model)
    assert "(and 2 more like it)" in finding.message
    mend(finding, fw, nn, model)
    assert rules(model) == []


@pytest.mark.parametrize("options", [{"affine": False}, {"track_running_stats": False}])
def test_a_norm_that_has_nothing_to_freeze_or_to_move_is_right(nn, options):
    assert rules(frozen_norm(nn, nn.BatchNorm1d(3, **options))) == []


def test_a_norm_that_was_told_not_to_track_stands_still(nn):
    model = frozen_norm(nn, nn.BatchNorm1d(3))
    model.track_running_stats = False
    assert rules(model) == []


def test_a_module_without_its_init(fw, nn):
    class Forgetful(nn.Module):
        def __init__(self):
            self.scale = fw.ones(2)

    model = Forgetful()
    finding = the("init-never-ran", model)
    assert finding.severity == "bug"
    assert "Make super().__init__() the first line of Forgetful.__init__." in finding.message
    mend(finding, fw, nn, model)
    assert rules(model) == ["unregistered-tensor"]


def views(fw, nn):
    model = model_of(nn, a=nn.Buffer(fw.arange(3.0)), b=nn.Buffer(fw.ones(2)))
    model.views = [model.a, model.b]
    return model


def test_a_second_name_of_a_buffer_is_told_of_before_the_move_and_after(fw, nn):
    model = views(fw, nn)
    assert rules(model, severity="check") == ["alias-of-buffer"] * 2
    model.to(fw.float64)
    found = [finding for finding in census(model).findings if finding.severity != "fact"]
    assert [(finding.rule, finding.name) for finding in found] == [
        ("stale-alias", "views[0]"),
        ("stale-alias", "views[1]"),
    ]
    assert "views[0] (float32) has the values of the Buffer a (float64)" in found[0].message
    for finding in found:
        mend(finding, fw, nn, model)
    assert model.views[0] is model.a
    assert rules(model, severity="check") == ["alias-of-buffer"] * 2


def test_other_values_are_no_second_name(fw, nn):
    model = model_of(nn, a=nn.Buffer(fw.ones(3))).to(fw.float64)
    model.prior = fw.zeros(3)
    assert rules(model) == ["unregistered-tensor"]


def test_nor_are_the_same_values_in_another_module(fw, nn):
    model = model_of(nn, a=nn.Buffer(fw.ones(3))).to(fw.float64)
    model.part = model_of(nn, prior=fw.ones(3))
    assert rules(model) == ["unregistered-tensor"]


def test_a_tuple_cannot_be_mended_in_place_and_no_line_pretends_to(fw, nn):
    model = model_of(nn, a=nn.Buffer(fw.ones(2)))
    model.views = (model.a,)
    assert the("alias-of-buffer", model).fix == ""


def test_a_second_name_of_a_parameter_stays_right(fw, nn):
    model = model_of(nn, a=nn.Parameter(fw.ones(2)))
    model.views = [model.a]
    model.to(fw.float64)
    assert rules(model, severity="check") == []
    assert model.views[0] is model.a
