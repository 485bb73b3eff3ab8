"""Registering, finding, replacing and converting: one line each, answered as PyTorch answers it."""

import numpy as np
import pytest

from paramlab import nn as our_nn

from .programs import program

REGISTRATION = [
    "m=nn.Module(3); None",
    "m=nn.Module(a=3); None",
    'nn.Linear(2,2).set_submodule("a",nn.ReLU())',
    'm=S(1,2); m.set_submodule("0",nn.ReLU()); repr(m)',
    'm=S(1,2); m.set_submodule("new",nn.ReLU()); repr(m)',
    'm=S(1,2); m.set_submodule("new",nn.ReLU(),strict=True)',
    'm=S(1,2); m.set_submodule("0.weight",nn.ReLU())',
    'm=S(1,2); m.set_submodule("0.weight",nn.ReLU(),strict=True)',
    'm=S(1,2); m.set_submodule("7.x",nn.ReLU())',
    'm=S(1,2); m.set_submodule("",nn.ReLU())',
    'm=S(1,2); m.set_submodule("0",3)',
    'm=nn.Sequential(S(1,2),nn.ReLU()); m.set_submodule("0.1",nn.Tanh()); repr(m)',
    'm=S(1,2); m.get_submodule("0.weight")',
    "m=nn.Linear(1,1); del m.weight; m.weight",
    "m=nn.Linear(1,1); del m.nothing; None",
    'm=nn.Linear(1,1); m.register_parameter("a.b",None)',
    'm=nn.Linear(1,1); m.register_parameter("",None)',
    "m=nn.Linear(1,1); m.register_parameter(3,None)",
    'm=nn.Linear(1,1); m.register_parameter("weight",torch.ones(1))',
    'm=nn.Linear(1,1); m.register_parameter("in_features",None)',
    'm=nn.Linear(1,1); m.register_parameter("forward",None)',
    'm=nn.Linear(1,1); m.register_buffer("weight",None)',
    'm=nn.Linear(1,1); m.register_buffer("a.b",None)',
    'm=nn.Linear(1,1); m.register_buffer(["a"],None)',
    'm=nn.Linear(1,1); m.register_buffer("a",3)',
    'm=nn.Linear(1,1); m.add_module("a.b",nn.ReLU())',
    'm=nn.Linear(1,1); m.add_module("",nn.ReLU())',
    "m=nn.Linear(1,1); m.add_module(3,nn.ReLU())",
    'm=nn.Linear(1,1); m.add_module("weight",nn.ReLU())',
    'm=nn.Linear(1,1); m.add_module("x",None); repr(m)',
    'm=nn.Linear(1,1); m.register_module("x",nn.ReLU()); repr(m)',
    "m=nn.Linear(1,1); m.weight=torch.ones(1); None",
    "m=nn.Linear(1,1); m.weight=3; None",
    "m=nn.Module(); m.b=nn.Buffer(torch.ones(1)); m.b=3; None",
    "m=nn.Module(); m.b=nn.Buffer(torch.ones(1)); m.b=None; list(m._buffers.items())",
    "m=nn.Module(); m.x=3; m.x=nn.Buffer(torch.ones(1)); None",
    "m=nn.Linear(1,1); m.weight=nn.Buffer(torch.ones(1)); None",
    "m=S(1); m[0].b=nn.ReLU(); m[0].b=nn.Buffer(torch.ones(1)); None",
    "m=nn.Linear(1,1); m.apply(3)",
    "m=S(1,2); r=[]; m.apply(lambda x: r.append(type(x).__name__)); r",
    'list(S(1).named_parameters(prefix="a",recurse=False))',
    '[n for n,_ in S(1,2).named_parameters(prefix="a")]',
    '[n for n,_ in S(1,2).named_modules(prefix="a")]',
    "m=S(1); m.append(m[0]); "
    "[[n for n,_ in m.named_modules()],[n for n,_ in m.named_modules(remove_duplicate=False)],[n for n,"
    "_ in m.named_parameters(remove_duplicate=False)],len(list(m.children())),"
    "[n for n,_ in m.named_children()],len(list(m.modules(remove_duplicate=False)))]",
    "m=S(1); m.train(3)",
    "m=S(1); m.requires_grad_(False); [p.requires_grad for p in m.parameters()]",
    "m=S(1); m.zero_grad(); m[0].weight.grad",
    "m=nn.Linear(1,1); m.weight.grad=torch.ones(1,1); g=m.weight.grad; m.zero_grad(False); [g, m.weight.grad is g]",
    "nn.Module()(1)",
    "nn.Linear(1,1)._get_name()",
]

CONVERSION = [
    "m=S(1); m.to(); m[0].weight.dtype",
    "m=S(1); m.to(torch.float64, True); m[0].weight.dtype",
    "m=S(1); m.to(tensor=torch.ones(1,dtype=torch.float64)); m[0].weight.dtype",
    'm=S(1); m.to("cpu", torch.float64, non_blocking=True); m[0].weight.dtype',
    'm=S(1); m.to(device="cpu", dtype=torch.float16); m[0].weight.dtype',
    "m=S(1); m.to(torch.bool)",
    'm=S(1); m.type("torch.DoubleTensor"); m[0].weight.dtype',
    "m=S(1); m.type(torch.float16); m[0].weight.dtype",
    'm=S(1); m.to_empty(device="cpu") is m',
    'm=S(1); w=m[0].weight; m.to_empty(device="cpu"); m[0].weight is w',
    "m=S(1); m.to_empty(device=None) is m",
    'm=S(1); m.to_empty(device="cpu",recurse=False) is m',
    "m=S(1); m._apply(lambda t: t.double(), recurse=False)[0].weight.dtype",
    "m=nn.Linear(1,1); m.half()(torch.ones(1,1).half()).dtype",
]


@pytest.mark.parametrize("line", REGISTRATION + CONVERSION)
def test_a_module_answers_as_pytorchs_does(line, agree):
    agree(program(line))


def test_arguments_for_a_module_without_parameters_are_refused(agree):
    agree("nn.Module(3)")
    agree("nn.Module(a=3)")


def test_several_bases_are_all_initialised_on_request(agree):
    def run(torch):
        class Other:
            def __init__(self, size):
                self.size = size

        class Both(torch.nn.Module, Other):
            call_super_init = True

        class First(torch.nn.Module, Other):
            pass

        return Both(3).size, hasattr(First(), "size")

    agree(run)


def test_a_property_in_the_way_of_a_name(agree):
    def run(torch):
        class Scaled(torch.nn.Module):
            @property
            def scale(self):
                return 3

        layer = Scaled()
        layer.register_parameter("scale", None)

    agree(run)


def test_a_wrapper_that_hands_names_on_has_them_all(agree):
    def run(torch):
        class Wrapper(torch.nn.Module):
            def __getattr__(self, name):
                return 3 if name == "inner" else super().__getattr__(name)

        Wrapper().register_parameter("inner", None)

    agree(run)


def test_a_child_replaced_on_the_way_is_not_walked(agree):
    def run(torch):
        nn = torch.nn
        tree = nn.Sequential(nn.ReLU(), nn.Sequential(nn.Tanh()), nn.Linear(1, 1))
        seen = []
        for path, module in tree.named_modules():
            seen.append((path, type(module).__name__))
            if path == "0":
                tree[1] = nn.Sequential(nn.Sigmoid(), nn.Identity())
        return seen

    agree(run)


def test_a_frozen_norm_stays_in_eval_mode(agree):
    def run(torch):
        class Frozen(torch.nn.BatchNorm1d):
            def train(self, mode=True):
                return super().train(False)

        model = torch.nn.Sequential(Frozen(2), torch.nn.ReLU())
        return [m.training for m in model.train().modules()]

    agree(run)


def test_to_empty_keeps_parameters_and_shapes_and_forgets_values():
    model = our_nn.BatchNorm1d(3)
    weight, mean = model.weight, model.running_mean
    model.to_empty(device="sim")
    assert model.weight is weight
    assert model.running_mean is not mean
    assert {str(t.device) for t in model.state_dict().values()} == {"sim:0"}
    assert weight.shape == (3,)


META = [
    'nn.Linear(1, 2, device="meta").to("cpu")',
    'str(nn.Linear(1, 2, device="meta").to(torch.float64).weight.dtype)',
    'm=nn.Linear(1, 2, device="meta"); w=m.weight; m.half(); m.weight is w',
    'm=nn.Linear(1, 2, device="meta"); w=m.weight; m.to_empty(device="cpu"); [m.weight is w, m.weight.shape]',
    'm=nn.Linear(1, 2); w=m.weight; w.requires_grad_(False); m.to("meta"); [m.weight is w, m.weight.requires_grad]',
    'm=nn.Linear(1, 2); m.weight.grad=torch.ones(2, 1); m.to("meta"); str(m.weight.grad.device)',
    'm=nn.Linear(1, 2, device="meta"); repr(m.load_state_dict(nn.Linear(1, 2).state_dict()))',
    'm=nn.Linear(1, 1, device="meta"); m.load_state_dict({"weight": torch.ones(1, 1), "bias": torch.ones(1)}, '
    "assign=True); m.weight",
]


@pytest.mark.parametrize("line", META)
def test_parameters_without_values(line, agree):
    agree(program(line))


def test_attributes_of_a_module_that_was_pickled_before_buffers_were_non_persistent(agree):
    def run(torch):
        model = torch.nn.Linear(1, 1)
        state = {k: v for k, v in vars(model).items() if k != "_non_persistent_buffers_set"}
        old = torch.nn.Linear.__new__(torch.nn.Linear)
        old.__setstate__(state)
        old.register_buffer("extra", torch.ones(1), persistent=False)
        return list(old.state_dict())

    agree(run)


def test_zero_grad_cuts_a_gradient_off_from_what_it_was_computed_of(agree):
    def run(torch):
        model = torch.nn.Linear(1, 1)
        model.weight.grad = torch.ones(1, 1, requires_grad=True) * 2
        model.zero_grad(set_to_none=False)
        return model.weight.grad, model.weight.grad.requires_grad

    agree(run)


def test_values_survive_the_way_to_float64_and_back():
    model = our_nn.Sequential(our_nn.Linear(3, 4), our_nn.BatchNorm1d(4))
    before = [p.detach().clone().numpy() for p in model.parameters()]
    model.double().float()
    for old, new in zip(before, model.parameters(), strict=True):
        np.testing.assert_array_equal(old, new.detach().numpy())


def test_parameters_are_converted_unrecorded_and_an_error_leaves_the_mode_as_it_was(agree):
    def program(torch):
        model, seen = torch.nn.Linear(2, 2), []
        model._apply(lambda t: seen.append(torch.is_grad_enabled()) or t)
        try:
            model._apply(lambda t: t.no_such_method())
        except AttributeError:
            seen.append(torch.is_grad_enabled())
        return seen

    agree(program)
