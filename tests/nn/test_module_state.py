"""Saving and loading: hooks, extra state, what a class of one's own may override, what is refused."""

from collections import OrderedDict

import numpy as np
import pytest

import paramlab
from paramlab import nn as our_nn

from .programs import linears, program

LINES = [
    "m=S(1); m.get_extra_state()",
    "m=S(1); m.set_extra_state(3)",
    'list(S(1).state_dict(None,"x.").keys())',
    'list(S(1).state_dict(OD(),"x.",True).keys())',
    'S(1).state_dict(prefix="a.",keep_vars=True)["a.0.weight"].requires_grad',
    "type(S(1).state_dict({})).__name__",
    "type(S(1).state_dict(destination={})).__name__",
    "m=nn.Module(); m.b=nn.Buffer(torch.ones(1),persistent=False); m.b=torch.zeros(1); list(m.state_dict())",
    "m=nn.Module(); m.b=nn.Buffer(torch.ones(1),persistent=False); m.b=nn.Buffer(torch.zeros(1)); list(m.state_dict())",
    'm=S(1); sd=m.state_dict(); sd["0.weight"]=3; m.load_state_dict(sd)',
    "m=S(1); m.load_state_dict({}, strict=False)",
    "m=S(1); m.load_state_dict({})",
    "m=S(1); "
    'm.load_state_dict({"0.weight":torch.ones(2,2),"0.x":torch.ones(1),"zz.y":torch.ones(1),"zz":torch.ones(1)})',
    "m=S(1); m.load_state_dict([1])",
    "m=S(1); repr(m.load_state_dict(m.state_dict()))",
    'm=S(1); k=m.load_state_dict({"a":torch.ones(1)},strict=False); [k.missing_keys,k.unexpected_keys,repr(k),k[0]]',
    'm=S(1); k=m.load_state_dict({"_extra_state":3},strict=False); [k.missing_keys,k.unexpected_keys]',
    'm=S(1); k=m.load_state_dict({"0._extra_state":3,"0.q.r":1},strict=False); [k.missing_keys,k.unexpected_keys]',
    'm=nn.BatchNorm1d(2); sd=m.state_dict(); sd["num_batches_tracked"]=torch.tensor([5]); '
    "m.load_state_dict(sd); m.num_batches_tracked",
    'm=nn.BatchNorm1d(2); sd=m.state_dict(); sd["num_batches_tracked"]=torch.tensor([5,6]); m.load_state_dict(sd)',
    'm=nn.Linear(1,1); m.load_state_dict({"weight":torch.ones(1,1,dtype=torch.int64),"bias":torch.ones(1)}); m.weight',
    "m=nn.Linear(1,1); "
    'm.load_state_dict({"weight":torch.ones(1,1,dtype=torch.int64),"bias":torch.ones(1)},assign=True)',
    "m=nn.Linear(1,1); "
    'm.load_state_dict({"weight":torch.ones(1,1,dtype=torch.float64),"bias":torch.ones(1)},assign=True); m.weight',
    "m=nn.Linear(1,1); m.weight.requires_grad_(False); "
    'm.load_state_dict({"weight":nn.Parameter(torch.ones(1,1)),"bias":torch.ones(1)},'
    "assign=True); [m.weight.requires_grad,m.bias.requires_grad,type(m.bias).__name__]",
    "m=S(1); m.register_state_dict_post_hook(lambda m,sd,p,md: sd); m.state_dict()",
    'm=S(1); m._register_state_dict_hook(lambda m,sd,p,md: {"x":1}); m.state_dict()',
    "m=S(1); f=lambda m,sd,p,md: sd.update(n=1); m.register_state_dict_post_hook(f); list(m.state_dict())",
    "m=S(1); f=lambda m,sd,p,md: None; m.register_state_dict_post_hook(f); m._register_state_dict_hook(f)",
    'm=S(1); r=[]; m.register_state_dict_pre_hook(lambda m,p,k: r.append((p,k))); m.state_dict(prefix="a."); r',
    "m=S(1); r=[]; "
    "m.register_load_state_dict_pre_hook(lambda m,sd,p,md,st,mi,un,er: r.append([type(m).__name__,"
    "sorted(sd),p,dict(md),st,mi,un,er])); m.load_state_dict(m.state_dict()); r",
    "m=S(1); r=[]; m[0]._register_load_state_dict_pre_hook(lambda sd,p,*_: r.append([sorted(sd),p])); "
    "m.load_state_dict(m.state_dict()); r",
    "m=S(1); m.register_load_state_dict_post_hook(lambda m,k: k); m.load_state_dict(m.state_dict())",
    "m=S(1); m.register_load_state_dict_post_hook(lambda m,k: k.missing_keys.clear()); repr(m.load_state_dict({}))",
    "m=S(1); "
    'm.register_load_state_dict_pre_hook(lambda m,sd,p,*_: sd.update({p+"0.weight":torch.zeros(1,'
    '1)})); repr(m.load_state_dict({"0.bias":torch.ones(1)}))',
    'm=S(1); m._register_load_state_dict_pre_hook(lambda sd,*_: sd.pop("old"),with_module=False); '
    'repr(m.load_state_dict({"0.bias":torch.ones(1),"old":1,"0.weight":torch.ones(1,1)}))',
]


@pytest.mark.parametrize("line", LINES)
def test_a_state_dict_is_saved_and_loaded_as_pytorchs_is(line, agree):
    agree(program(line))


def counter(torch):
    class Counter(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = torch.nn.Parameter(torch.ones(1))
            self.count = 0

        def get_extra_state(self):
            return {"count": self.count}

        def set_extra_state(self, state):
            self.count = state["count"]

    return Counter


def test_an_extra_state_is_saved_and_loaded(agree):
    def run(torch):
        model, twin = (torch.nn.Sequential(counter(torch)()) for _ in range(2))
        model[0].count = 3
        state = model.state_dict()
        keys = list(state)
        twin.load_state_dict(state)
        without = {k: v for k, v in state.items() if "extra" not in k}
        return keys, twin[0].count, repr(twin.load_state_dict(without, strict=False))

    agree(run)


def test_an_extra_state_that_nobody_takes_is_unexpected(agree):
    def run(torch):
        model = torch.nn.Linear(1, 1)
        return model.load_state_dict({**model.state_dict(), "_extra_state": 3})

    agree(run)


def test_a_class_may_read_an_older_state_of_its_own(agree):
    def run(torch):
        class Renamed(torch.nn.Module):
            _version = 2

            def __init__(self):
                super().__init__()
                self.scale = torch.nn.Parameter(torch.zeros(2))

            def _load_from_state_dict(
                self, state_dict, prefix, local_metadata, strict, missing_keys, unexpected_keys, error_msgs
            ):
                if local_metadata.get("version", 1) < 2 and prefix + "gain" in state_dict:
                    state_dict[prefix + "scale"] = state_dict.pop(prefix + "gain")
                super()._load_from_state_dict(
                    state_dict, prefix, local_metadata, strict, missing_keys, unexpected_keys, error_msgs
                )

        model = torch.nn.Sequential(Renamed(), torch.nn.Linear(1, 1))
        state = model.state_dict()
        old = {k.replace("scale", "gain"): v + 1 for k, v in state.items()}
        return repr(model.load_state_dict(old)), model[0].scale, dict(state._metadata)

    agree(run)


def test_a_class_may_save_something_else(agree):
    def run(torch):
        class Halved(torch.nn.Linear):
            def _save_to_state_dict(self, destination, prefix, keep_vars):
                super()._save_to_state_dict(destination, prefix, keep_vars)
                destination[prefix + "weight"] = destination[prefix + "weight"].half()

        class Silent(torch.nn.Linear):
            def state_dict(self, *args, **kwargs):
                return kwargs["destination"]

        state = torch.nn.Sequential(Halved(1, 1), Silent(1, 1)).state_dict()
        return [(name, str(t.dtype)) for name, t in state.items()]

    agree(run)


def test_what_a_parent_does_to_a_state_its_children_see(agree):
    def run(torch):
        model = torch.nn.Sequential(linears(torch, 1), torch.nn.ReLU())

        def strip(module, state, prefix, *rest):
            for key in list(state):
                state[key.removeprefix("module.")] = state.pop(key)

        model.register_load_state_dict_pre_hook(strip)
        wrapped = {f"module.{key}": value for key, value in model.state_dict().items()}
        return repr(model.load_state_dict(wrapped)), next(iter(wrapped))

    agree(run)


def test_each_module_is_handed_its_own_keys(agree):
    def run(torch):
        model, seen = torch.nn.Sequential(linears(torch, 1, 2), linears(torch, 3)), []
        for module in model.modules():
            module._register_load_state_dict_pre_hook(
                lambda state, prefix, metadata, *rest: seen.append((prefix, list(state), dict(metadata)))
            )
        model.load_state_dict(model.state_dict(), assign=True)
        return seen

    agree(run)


def test_hooks_after_loading_run_from_the_leaves_to_the_root(agree):
    def run(torch):
        model, order = torch.nn.Sequential(linears(torch, 1)), []
        for path, module in model.named_modules():
            module.register_load_state_dict_post_hook(lambda m, keys, path=path: order.append(path))
        model.load_state_dict(model.state_dict())
        return order

    agree(run)


def test_a_dict_of_ones_own_is_filled(agree):
    def run(torch):
        mine = {}
        answer = linears(torch, 1).state_dict(destination=mine, prefix="net.")
        return answer is mine, list(mine)

    agree(run)


def test_a_shared_module_is_saved_under_each_name(agree):
    def run(torch):
        shared = torch.nn.Linear(1, 1)
        return list(torch.nn.Sequential(shared, shared).state_dict())

    agree(run)


def test_loading_takes_time_in_proportion_to_the_size_of_the_model():
    model = our_nn.Sequential(*[our_nn.Sequential(our_nn.Linear(1, 1)) for _ in range(300)])
    handed = 0

    class Counting(OrderedDict):
        def items(self):
            nonlocal handed
            for item in super().items():
                handed += 1
                yield item

    state = Counting(model.state_dict())
    state._metadata = OrderedDict()
    model.load_state_dict(state)
    assert handed <= 2 * len(state)


def test_a_checkpoint_of_another_device_is_copied():
    model = our_nn.Linear(1, 1)
    model.load_state_dict(our_nn.Linear(1, 1).to("sim").state_dict())
    assert str(model.weight.device) == "cpu"


def test_a_checkpoint_for_a_tensor_without_values_is_warned_of():
    model = our_nn.Module()
    model.register_buffer("scale", paramlab.ones(2, device="meta"))
    with pytest.warns(UserWarning, match="for scale: copying from a non-meta parameter"):
        model.load_state_dict({"scale": paramlab.ones(2)})


def test_a_scalar_saved_as_one_element_is_read_in_every_way(agree):
    def run(torch):
        found = []
        for assign in (False, True):
            model = torch.nn.Module()
            model.scale = torch.nn.Parameter(torch.zeros(()))
            handed = {"scale": torch.tensor([3.0])}
            model.load_state_dict(handed, assign=assign)
            found.append((model.scale, tuple(handed["scale"].shape)))
        return found

    agree(run)


def test_values_that_are_no_tensors_are_refused_whatever_their_shape(agree):
    def run(torch):
        refused = []
        for value in ([[1.0]], np.ones((1, 1), np.float32), np.ones((3, 3)), "text", None):
            layer = torch.nn.Linear(1, 1)
            try:
                layer.load_state_dict({"weight": value, "bias": torch.ones(1)})
            except RuntimeError as error:
                refused.append((str(error), layer.bias.item()))
        return refused

    agree(run)
