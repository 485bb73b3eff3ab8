"""Module, where the cases say little: iteration, conversion, representation, loading, copies."""

import copy
import pickle

import numpy as np
import pytest

import paramlab
from paramlab import nn as our_nn


class Net(our_nn.Module):
    def __init__(self):
        super().__init__()
        self.first = our_nn.Linear(2, 3)
        self.norm = our_nn.BatchNorm1d(3)
        self.note = ["kept"]

    def forward(self, x):
        return self.norm(self.first(x))


def nested(torch):
    nn = torch.nn
    inner = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.BatchNorm1d(3))
    outer = nn.Module()
    outer.scale = nn.Parameter(torch.ones(1))
    outer.body = inner
    outer.again = inner[0]
    outer.none = None
    outer.head = nn.Linear(3, 1, bias=False)
    outer.steps = nn.Buffer(torch.tensor(3), persistent=False)
    outer.tied = outer.head.weight
    return outer


ASKED = [
    "[name for name, _ in m.named_parameters()]",
    "[name for name, _ in m.named_parameters(prefix='net', recurse=False)]",
    "[name for name, _ in m.named_parameters(remove_duplicate=False)]",
    "[name for name, _ in m.named_buffers()]",
    "[name for name, _ in m.named_buffers('net')]",
    "[name for name, _ in m.named_modules()]",
    "[name for name, _ in m.named_modules(prefix='net', remove_duplicate=False)]",
    "[name for name, _ in m.named_children()]",
    "[type(c).__name__ for c in m.children()]",
    "len(list(m.modules()))",
    "list(m.state_dict())",
    "list(m.state_dict(prefix='net.'))",
    "dict(m.state_dict()._metadata)",
    "[t.requires_grad for t in m.state_dict(keep_vars=True).values()]",
    "repr(m)",
    "m.get_submodule('body.0') is m.again",
    "m.get_submodule('') is m",
    "m.get_submodule('body.7')",
    "m.get_submodule('scale')",
    "m.get_parameter('body.0.weight') is m.again.weight",
    "m.get_parameter('body.0.nothing')",
    "m.get_parameter('steps')",
    "m.get_buffer('body.2.running_mean')",
    "m.get_buffer('scale')",
    "m.nothing",
    "m.train('x')",
    "[c.training for c in m.eval().modules()]",
    "m.requires_grad_(False).scale.requires_grad",
    "m.forward(1)",
    "sorted(n for n in dir(m) if n in ('scale', 'body', 'steps', 'state_dict', '0'))",
    "m.type(torch.int64)",
    "m.to(torch.int64)",
    "m.half().scale",
    "m.double().steps",
    "m.to(torch.float64).body[2].num_batches_tracked",
    "m.body[5]",
    "m.body[-1] is m.body[2]",
    "repr(m.body[:2])",
    "len(m.body)",
    "repr(nn.Linear(2, 3, bias=False))",
    "repr(nn.BatchNorm1d(3, momentum=None, affine=False))",
    "repr(nn.ReLU(inplace=True))",
    "repr(nn.Sequential())",
    "repr(nn.Sequential(nn.Sequential(nn.Tanh()), nn.Identity(3)))",
    "nn.Sequential(nn.Linear(1, 1), 3)",
]


@pytest.mark.parametrize("expression", ASKED)
def test_a_question_to_a_tree_is_answered_as_pytorch_answers_it(expression, agree):
    def program(torch):
        torch.manual_seed(0)
        return eval(expression, {"torch": torch, "nn": torch.nn, "m": nested(torch)})

    agree(program)


def test_a_representation_of_several_lines(torch):
    def shown(nn):
        class Extra(nn.Module):
            def extra_repr(self):
                return "one\ntwo"

        outer = nn.Sequential(Extra())
        outer[0].child = nn.Linear(1, 1)
        return repr(outer)

    assert shown(our_nn) == shown(torch.nn)


def test_conversion_keeps_parameters_and_replaces_buffers(agree):
    def program(torch):
        m = torch.nn.BatchNorm1d(2)
        m(torch.tensor([[1.0, 2.0], [3.0, 5.0]])).sum().backward()
        p, b, g, data = m.weight, m.running_mean, m.weight.grad, m.weight.data
        m.double()
        return [
            m.weight is p,
            m.weight.grad is g,
            m.running_mean is b,
            m.weight,
            m.weight.grad,
            m.running_mean,
            m.num_batches_tracked,
            data,
            type(m.running_mean) is torch.Tensor,
        ]

    agree(program)


def test_a_model_moves_to_the_device_and_back():
    model = Net()
    plain = model.plain = paramlab.ones(3)
    weight, mean = model.first.weight, model.norm.running_mean
    model(paramlab.ones(4, 2)).sum().backward()
    gradient = weight.grad
    assert model.to("sim") is model
    assert model.first.weight is weight
    assert model.norm.running_mean is not mean
    assert weight.grad is gradient
    devices = {str(t.device) for t in (*model.parameters(), *model.buffers(), weight.grad)}
    assert devices == {"sim:0"}
    assert str(plain.device) == "cpu"
    with pytest.raises(RuntimeError, match="found at least two devices, sim:0 and cpu"):
        model(paramlab.ones(4, 2, device="sim")) + plain
    model.zero_grad()
    model(paramlab.ones(4, 2, device="sim")).sum().backward()
    assert str(weight.grad.device) == "sim:0"
    model.cpu()
    assert model(paramlab.ones(4, 2)).shape == (4, 3)


def test_a_copy_of_a_model_is_independent_and_whole():
    model = Net()
    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert list(twin.state_dict()) == list(model.state_dict())
        assert all(isinstance(p, our_nn.Parameter) for p in twin.parameters())
        assert twin.note == ["kept"]
        with paramlab.no_grad():
            twin.first.weight.zero_()
        assert model.first.weight.any()


def test_tied_weights_stay_tied_in_a_deep_copy(agree):
    def program(torch):
        twin = copy.deepcopy(nested(torch))
        return twin.tied is twin.head.weight, twin.again is twin.body[0], len(list(twin.parameters()))

    agree(program)


LOADS = {
    "as it is": lambda s: s,
    "a key is missing": lambda s: {k: v for k, v in s.items() if k != "head.weight"},
    "a key too many": lambda s: {**s, "more": s["scale"], "head.more": s["scale"]},
    "a wrong shape": lambda s: {**s, "head.weight": s["head.weight"].t()},
    "everything wrong": lambda s: {"head.weight": s["head.weight"].t(), "scale": s["scale"] * 2, "x": s["scale"]},
    "another dtype": lambda s: {k: v.double() for k, v in s.items()},
    "a scalar of one element": lambda s: {**s, "body.2.num_batches_tracked": s["body.2.num_batches_tracked"].view(1)},
    "not a dict": lambda s: 3,
    "a non-persistent buffer": lambda s: {**s, "steps": s["body.2.num_batches_tracked"]},
    "nothing": lambda s: {},
}


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize("assign", [True, False])
@pytest.mark.parametrize("name", LOADS)
def test_loading(name, strict, assign, agree):
    def program(torch):
        source, target = nested(torch), nested(torch)
        with torch.no_grad():
            for i, p in enumerate([*source.parameters(), *target.parameters()]):
                p.fill_(i)
        weight = target.head.weight
        try:
            answer = repr(target.load_state_dict(LOADS[name](dict(source.state_dict())), strict=strict, assign=assign))
        except (RuntimeError, TypeError) as error:
            lines = str(error).split("\n")
            answer = [type(error).__name__, *(line.strip() for line in lines)]
        same = [target.head.weight is weight, target.tied is target.head.weight]
        return answer, same, {k: v.detach() for k, v in target.state_dict().items()}

    agree(program)


def test_a_number_in_a_checkpoint_is_refused(agree):
    def program(torch):
        model = torch.nn.Linear(1, 1)
        model.load_state_dict({"weight": 3.0, "bias": torch.zeros(1)})

    agree(program)


def test_a_checkpoint_without_versions_gets_a_counter_for_its_batch_norm(agree):
    def program(torch):
        m = torch.nn.BatchNorm1d(2)
        state = {k: v for k, v in m.state_dict().items() if k != "num_batches_tracked"}
        old = repr(m.load_state_dict(state))
        state = m.state_dict()
        del state["num_batches_tracked"]
        return old, repr(m.load_state_dict(state, strict=False))

    agree(program)


def test_zero_grad(agree):
    def program(torch):
        m = torch.nn.Linear(2, 1)
        m(torch.ones(1, 2)).sum().backward()
        kept = m.weight.grad
        m.zero_grad(set_to_none=False)
        found = [m.weight.grad is kept, kept.clone()]
        m.zero_grad()
        return [*found, m.weight.grad]

    agree(program)


def test_hidden_memory_is_shared_by_a_state_dict():
    model = our_nn.Linear(2, 2)
    state = model.state_dict()
    assert np.shares_memory(state["weight"]._array, model.weight._array)
    assert not state["weight"].requires_grad


def test_a_module_that_was_not_initialised_fails_when_it_is_called(agree):
    def program(torch):
        class Forgetful(torch.nn.Module):
            def __init__(self):
                self.scale = torch.ones(1)

            def forward(self, x):
                return x * self.scale

        return Forgetful()(torch.ones(1))

    agree(program)


def test_a_buffer_before_the_module_is_initialised(agree):
    def program(torch):
        class Forgetful(torch.nn.Module):
            def __init__(self):
                self.scale = torch.nn.Buffer(torch.ones(1))

        return Forgetful()

    agree(program)


@pytest.mark.parametrize("name", ["parameters", "named_buffers", "named_modules", "children"])
def test_a_generator_shows_the_modules_own_name(name, agree):
    agree(lambda torch: repr(getattr(torch.nn.ReLU(), name)()).split(" at ")[0])


TO = [
    "torch.float64, 'cpu'",
    "'cpu', torch.float64",
    "'cpu', torch.float64, True",
    "torch.float64, True",
    "'cpu', 'cpu'",
    "'cpu', torch.ones(1).double()",
    "torch.ones(1).double(), 'cpu'",
    "torch.ones(1).double()",
    "None, torch.float64",
    "[1]",
    "float",
    "dtype=float",
]


@pytest.mark.parametrize("args", TO)
@pytest.mark.parametrize("holder", ["torch.ones(2)", "torch.nn.ReLU()"])
def test_the_arguments_of_to(args, holder, agree):
    def program(torch):
        moved = eval(f"{holder}.to({args})", {"torch": torch})
        return str(moved)

    agree(program)


@pytest.mark.parametrize(
    "taken_over_by", ["nn.Parameter(torch.ones(2))", "nn.Linear(1, 1)", "nn.Buffer(torch.ones(2))", "None"]
)
def test_a_name_that_changes_hands_leaves_nothing_behind(taken_over_by, agree):
    def program(torch):
        model = torch.nn.Module()
        model.register_buffer("x", torch.zeros(2), persistent=False)
        model.x = eval(taken_over_by, {"torch": torch, "nn": torch.nn})
        held = [list(getattr(model, drawer)) for drawer in ("_parameters", "_buffers", "_modules")]
        return held, sorted(model._non_persistent_buffers_set), sorted(model.state_dict())

    agree(program)
