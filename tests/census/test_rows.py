"""The five questions, for every kind of tensor and for every place where one may be."""

import json
import subprocess
import sys
from collections import deque, namedtuple
from dataclasses import dataclass
from pathlib import Path

import pytest

import paramlab
from paramlab.census import LANES, census


def model_of(nn, **attributes):
    model = nn.Module()
    for name, value in attributes.items():
        setattr(model, name, value)
    return model


def answers(row):
    return [row.states[lane] for lane in LANES]


def names(model, optimizer=None):
    return [row.name for row in census(model, optimizer)]


def test_a_plain_tensor_is_picked_up_by_nobody(fw, nn, optim):
    model = model_of(nn, plain=fw.ones(2), w=nn.Parameter(fw.ones(2)))
    row = census(model, optim.SGD(model.parameters(), lr=0.1))["plain"]
    assert row.kind == "Tensor"
    assert answers(row) == ["no"] * 5
    assert (row.learns, row.parameters, row.optimizer, row.state_dict, row.moves) == (False, False, None, False, False)


def test_a_parameter_is_picked_up_by_everybody(fw, nn, optim):
    model = model_of(nn, w=nn.Parameter(fw.ones(2, 3)))
    row = census(model, optim.SGD(model.parameters(), lr=0.1))["w"]
    assert answers(row) == ["yes"] * 5
    assert (row.kind, row.shape, row.dtype, row.device) == ("Parameter", (2, 3), "float32", "cpu")
    assert row.optimizer == 0


def test_a_frozen_parameter_is_held_and_skipped(fw, nn, optim):
    model = model_of(nn, w=nn.Parameter(fw.ones(2), requires_grad=False))
    row = census(model, optim.SGD(model.parameters(), lr=0.1))["w"]
    assert answers(row) == ["no", "yes", "skip", "yes", "yes"]


def test_a_frozen_parameter_with_an_old_gradient_still_moves(fw, nn, optim):
    model = model_of(nn, w=nn.Parameter(fw.ones(2)))
    (model.w * 2).sum().backward()
    model.w.requires_grad_(False)
    row = census(model, optim.SGD(model.parameters(), lr=0.1))["w"]
    assert answers(row)[2] == "warn"
    assert "old .grad" in row.why["optimizer"]


def test_a_buffer_is_saved_and_moved(fw, nn, optim):
    model = model_of(nn, w=nn.Parameter(fw.ones(2)), state=nn.Buffer(fw.ones(2)))
    row = census(model, optim.SGD(model.parameters(), lr=0.1))["state"]
    assert row.kind == "Buffer"
    assert answers(row) == ["no", "no", "no", "yes", "yes"]


def test_a_non_persistent_buffer_is_moved_and_not_saved(fw, nn):
    model = model_of(nn)
    model.register_buffer("mask", fw.ones(2), persistent=False)
    row = census(model)["mask"]
    assert answers(row) == ["no", "no", "no", "no", "yes"]
    assert not row.persistent


def test_a_tensor_that_requires_grad_has_a_gradient_and_no_one_to_use_it(fw, nn, optim):
    model = model_of(nn, w=nn.Parameter(fw.ones(2)), scale=fw.ones(2, requires_grad=True))
    row = census(model, optim.SGD(model.parameters(), lr=0.1))["scale"]
    assert answers(row) == ["yes", "warn", "warn", "no", "no"]


def test_without_an_optimizer_nobody_updates(fw, nn):
    row = census(model_of(nn, w=nn.Parameter(fw.ones(2))))["w"]
    assert row.optimizer is None
    assert row.states["optimizer"] == "no"


def test_the_group_of_the_optimizer_is_told(fw, nn, optim):
    model = model_of(nn, a=nn.Parameter(fw.ones(2)), b=nn.Parameter(fw.ones(2)))
    optimizer = optim.SGD([{"params": [model.a]}, {"params": [model.b]}], lr=0.1)
    counted = census(model, optimizer)
    assert [row.optimizer for row in counted] == [0, 1]


def test_a_parameter_made_after_the_optimizer_is_too_late(fw, nn, optim):
    model = model_of(nn, w=nn.Parameter(fw.ones(2)))
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    model.late = nn.Parameter(fw.ones(3))
    row = census(model, optimizer)["late"]
    assert answers(row) == ["yes", "yes", "warn", "yes", "yes"]
    assert row.reasons[2] == "late"


def test_a_replaced_parameter_leaves_a_ghost_in_the_optimizer(fw, nn, optim):
    model = model_of(nn, w=nn.Parameter(fw.ones(2)))
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    model.w = nn.Parameter(fw.ones(2))
    counted = census(model, optimizer)
    assert counted["w"].reasons[2] == "replaced"
    (ghost,) = counted.orphans
    assert ghost.name == "optimizer.param_groups[0]['params'][0]"
    assert ghost.states["optimizer"] == "warn"


def test_tensors_are_found_in_containers_of_any_depth(fw, nn):
    Pair = namedtuple("Pair", "left right")
    model = model_of(
        nn,
        cache={"k": fw.ones(1), (1, 2): [fw.ones(1)]},
        pair=Pair(fw.ones(1), None),
        queue=deque([fw.ones(1)]),
        seen={fw.ones(1)},
        layers=[nn.Linear(2, 2), [nn.Linear(2, 2)]],
    )
    assert names(model) == [
        "cache['k']",
        "cache[(1, 2)][0]",
        "pair.left",
        "queue[0]",
        "list(seen)[0]",
        "layers[0].weight",
        "layers[0].bias",
        "layers[1][0].weight",
        "layers[1][0].bias",
    ]


def test_what_one_types_reaches_the_tensor(fw, nn):
    model = model_of(nn, net=nn.Sequential(nn.Linear(2, 2)), cache={"k": [fw.ones(1)]}, seen={fw.ones(1)})
    for row in census(model):
        found = eval(row.access, {"model": model})
        assert tuple(found.shape) == row.shape


def test_tensors_are_found_in_dataclasses_and_slots(fw, nn):
    @dataclass
    class State:
        hidden: object

    class Slotted(nn.Module):
        __slots__ = ("cached", "never")

        def __init__(self):
            super().__init__()
            self.state = State(fw.ones(1))
            object.__setattr__(self, "cached", fw.ones(1))

    assert names(Slotted()) == ["cached", "state.hidden"]


def test_a_parameter_of_the_class_is_found_and_is_not_registered(fw, nn):
    class Shared(nn.Module):
        w = nn.Parameter(fw.ones(2))

    row = census(Shared())["w"]
    assert answers(row)[1] == "warn"
    assert "class" in row.why["parameters"]


def test_hidden_parameters_are_out_of_reach(fw, nn, optim):
    model = model_of(nn, w=nn.Parameter(fw.ones(2)), layers=[nn.Linear(2, 2)])
    row = census(model, optim.SGD(model.parameters(), lr=0.1))["layers[0].weight"]
    assert answers(row) == ["yes", "warn", "warn", "warn", "warn"]
    assert not row.parameters


def test_a_shared_tensor_has_both_names(fw, nn):
    model = model_of(nn, a=nn.Linear(2, 2), b=nn.Linear(2, 2))
    model.b.weight = model.a.weight
    counted = census(model)
    assert counted["b.weight"].reasons[1] == "listed-once"
    assert "a.weight" in counted["b.weight"].why["parameters"]
    assert counted["a.weight"].reasons[1] == "listed"


def test_a_list_of_registered_tensors_hides_nothing(fw, nn):
    model = model_of(nn, a=nn.Linear(2, 2))
    model.all_weights = [model.a.weight]
    model._cache = [model.a.weight]
    counted = census(model)
    assert [row.name for row in counted] == ["all_weights[0]", "a.weight", "a.bias"]
    assert counted["all_weights[0]"].parameters
    assert all(finding.severity == "fact" for finding in counted.findings)


def test_cycles_and_long_chains_come_to_an_end(fw, nn):
    model = model_of(nn, w=nn.Parameter(fw.ones(1)))
    model.me = [model]
    loop = []
    loop.append(loop)
    model.loop = loop
    chain = (fw.ones(1),)
    for _ in range(5000):
        chain = (chain,)
    model.chain = chain
    assert len(census(model)) == 2


def test_nothing_of_the_model_runs_or_changes(fw, nn, optim):
    class Touchy(nn.Module):
        def __init__(self):
            super().__init__()
            self.w = nn.Parameter(fw.ones(2))
            self.w.grad = fw.ones(2)

        @property
        def trap(self):
            raise AssertionError("a property was evaluated")

        def forward(self, x):
            raise AssertionError("the model was run")

        def state_dict(self, *args, **kwargs):
            raise AssertionError("state_dict was called")

        def __getattr__(self, name):
            if name.startswith("trap"):
                raise AssertionError("a missing attribute was asked for")
            return super().__getattr__(name)

    model = Touchy()
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    before = (model.w._version, model.w.grad, dict(model.__dict__))
    census(model, optimizer)
    assert (model.w._version, model.w.grad, dict(model.__dict__)) == before


def test_a_module_before_its_init_is_read_as_far_as_it_goes(fw, nn):
    class Early(nn.Module):
        def __init__(self):
            self.__dict__["plain"] = fw.ones(1)

    assert names(Early()) == ["plain"]


def test_the_census_is_plain_data_on_request(fw, nn, optim):
    model = model_of(nn, a=nn.Linear(2, 2), layers=[nn.Linear(2, 2)])
    data = json.loads(json.dumps(census(model, optim.SGD(model.parameters(), lr=0.1)).to_dict()))
    assert data["rows"][0]["name"] == "layers[0].weight"
    assert data["findings"][0]["rule"] == "hidden-in-container"


def test_a_name_that_does_not_exist_is_answered_with_one_that_does(fw, nn):
    with pytest.raises(KeyError, match=r"did you mean 'weight'\?"):
        census(nn.Linear(2, 2))["wieght"]


@pytest.mark.parametrize("wrong", [[1], {"a": 1}, None, 3])
def test_only_a_model_can_be_counted(fw, wrong):
    with pytest.raises(TypeError, match=r"expected a model, an instance of nn\.Module"):
        census(wrong)


def test_a_class_is_not_yet_a_model(fw, nn):
    with pytest.raises(TypeError, match=r"Make one first: Linear\(\)"):
        census(nn.Linear)


def test_only_an_optimizer_can_hold_tensors(fw, nn):
    model = nn.Linear(2, 2)
    with pytest.raises(TypeError, match="expected an optimizer"):
        census(model, model.parameters())


def test_looking_at_the_census_loads_no_framework():
    package = str(Path(paramlab.__file__).parent)
    code = (
        "import sys, types\n"
        "sys.modules['numpy'] = None\n"
        "bare = sys.modules['paramlab'] = types.ModuleType('paramlab')\n"
        f"bare.__path__ = [{package!r}]\n"
        "import paramlab.census.read, paramlab.census.render\n"
        "assert not {'torch', 'paramlab.tensor'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_ten_thousand_tensors_are_counted(torch):
    model = torch.nn.Sequential(*[torch.nn.Linear(2, 2) for _ in range(5000)])
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    rows = census(model, optimizer).rows
    assert len(rows) == 10_000
    assert all(row.learns for row in rows)
