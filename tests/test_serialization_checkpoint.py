"""A whole checkpoint comes back as it was: containers, numbers, words, and tensors that share their memory."""

import io
import math
import subprocess
import sys
from collections import Counter, OrderedDict, namedtuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import paramlab
from paramlab import nn, optim


def round_trip(obj, **options):
    file = io.BytesIO()
    paramlab.save(obj, file)
    file.seek(0)
    return paramlab.load(file, **options)


def names_in_the_file(obj):
    from safetensors.numpy import load

    file = io.BytesIO()
    paramlab.save(obj, file)
    return set(load(file.getvalue()))


def alike(one, other):
    """Return whether two trees are of the same types and values; nan is like nan, and 0.0 is not like -0.0."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        keys = alike(list(one), list(other))
        metadata = alike(getattr(one, "_metadata", None), getattr(other, "_metadata", None))
        return keys and metadata and all(alike(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(alike, one, other))
    if isinstance(one, paramlab.Tensor):
        same = one.dtype is other.dtype and one.shape == other.shape and one.requires_grad == other.requires_grad
        return same and one.tolist() == other.tolist() and one.device == other.device
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and one.tolist() == other.tolist()
    if isinstance(one, float):
        return one.hex() == other.hex()
    return one == other


# ------------------------------------------------------------------ as every tutorial saves it


def trained():
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 1))
    optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    step(model, optimizer)
    return model, optimizer


def step(model, optimizer):
    optimizer.zero_grad()
    model(paramlab.arange(12.0).view(4, 3)).square().sum().backward()
    optimizer.step()


def test_training_goes_on_from_a_checkpoint_as_if_nothing_had_happened(tmp_path):
    model, optimizer = trained()
    checkpoint = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "epoch": 3, "loss": 0.25}
    paramlab.save(checkpoint, tmp_path / "checkpoint.pt")
    step(model, optimizer)

    other, its_optimizer = trained()
    loaded = paramlab.load(tmp_path / "checkpoint.pt")
    other.load_state_dict(loaded["model"])
    its_optimizer.load_state_dict(loaded["optimizer"])
    step(other, its_optimizer)
    assert (loaded["epoch"], loaded["loss"]) == (3, 0.25)
    assert alike(other.state_dict(), model.state_dict())
    assert alike(its_optimizer.state_dict(), optimizer.state_dict())


def test_its_tensors_have_readable_names():
    model, optimizer = trained()
    names = names_in_the_file({"model": model.state_dict(), "optimizer": optimizer.state_dict()})
    assert {"model.0.weight", "model.1.num_batches_tracked", "optimizer.state.0.momentum_buffer"} <= names


def test_the_state_of_a_scheduler_comes_back():
    scheduler = optim.lr_scheduler.MultiStepLR(trained()[1], milestones=[2, 5])
    assert alike(round_trip(scheduler.state_dict()), scheduler.state_dict())


def test_pytorch_reads_the_tensors_of_a_checkpoint(torch):
    from safetensors.torch import load

    file = io.BytesIO()
    paramlab.save({"model": nn.Linear(2, 3).state_dict(), "epoch": 1}, file)
    assert {name: tuple(tensor.shape) for name, tensor in load(file.getvalue()).items()} == {
        "model.weight": (3, 2),
        "model.bias": (3,),
    }


# ------------------------------------------------------------------ everything that can be in it

VALUES = [
    None, True, False, 0, -1, 2**63, -(2**63), 10**5000, 1.5, -0.0, math.inf, -math.inf, 5e-324, 0.1,
    "", "ü \ud800 \0 \"quoted\"", b"", b"\x00\xff", [], {}, (), [[]], ([],), {1: {2: {}}}, set(), {1, "a"},
    {None: 1, True: 2, 2.5: 3, (1, "a"): 4, "": 5, b"k": 6}, OrderedDict(b=1, a=2), Counter("aab"),
    {"dict": [[1, 2]]}, {"tensor": "w"}, {"__metadata__": {"a": 1}}, paramlab.float16, paramlab.bool,
    paramlab.device("sim:0"), paramlab.Size([2, 3]), np.float32(1.1), np.int64(-3), np.bool_(True),
    np.uint64(2**64 - 1), np.float64(math.inf), np.arange(6, dtype=np.uint16).reshape(2, 3), np.zeros((0, 2)),
    np.array(2.5),
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=range(len(VALUES)))
def test_a_value_comes_back_as_it_was(value):
    assert alike(round_trip(value), value)
    assert alike(round_trip({"in": [value]}), {"in": [value]})


def test_nan_comes_back_as_nan():
    assert math.isnan(round_trip({"loss": math.nan})["loss"])


TENSORS = [
    "torch.ones(2, 3)", "torch.tensor(1.5)", "torch.zeros(0, 3)", "torch.arange(6.0).reshape(2, 3).t()",
    "torch.arange(10.0)[::3]", "torch.tensor([True, False])", "torch.tensor([1, 255], dtype=torch.uint8)",
    "torch.ones(3).half()", "torch.ones(1).expand(3)", "torch.ones(2).requires_grad_()", "torch.ones(2, device='sim')",
]  # fmt: skip


@pytest.mark.parametrize("program", TENSORS)
def test_a_tensor_comes_back_as_it_was(program):
    tensor = eval(program, {"torch": paramlab})
    for obj in (tensor, {"w": tensor}, [tensor], {"a": {"b": (tensor, 1)}}):
        assert alike(round_trip(obj), obj)


def test_a_computed_tensor_comes_back_as_a_leaf():
    loaded = round_trip({"loss": nn.Parameter(paramlab.ones(2)) * 2})["loss"]
    assert loaded.requires_grad
    assert loaded.is_leaf


@pytest.mark.parametrize("requires_grad", [True, False])
def test_a_parameter_comes_back_as_a_parameter(requires_grad):
    parameter = nn.Parameter(paramlab.ones(2), requires_grad)
    for obj in ({"w": parameter}, {"list": [parameter]}):
        assert alike(round_trip(obj), obj)


def test_frozen_integers_are_a_parameter_too():
    assert alike(round_trip([nn.Parameter(paramlab.arange(2), False)]), [nn.Parameter(paramlab.arange(2), False)])


KEYS = ["a.b", "", "__metadata__", "ü", "\ud800", "\n", "a#2", "tensor"]


@pytest.mark.parametrize("wrap", [lambda state: state, lambda state: {"model": state, "epoch": 1}])
def test_odd_names_are_no_problem(wrap):
    state = {key: paramlab.full((2,), float(number)) for number, key in enumerate(KEYS)}
    obj = wrap({**state, "a": {"b": paramlab.zeros(1)}} if wrap({}) else state)
    assert alike(round_trip(obj), obj)
    assert alike(round_trip(wrap(state)), wrap(state))


leaves = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(), st.binary(),
    st.lists(st.floats(width=32, allow_nan=False), max_size=3).map(paramlab.tensor),
)  # fmt: skip
keys = st.one_of(st.text(), st.integers(), st.none())
trees = st.recursive(
    leaves,
    lambda part: st.one_of(
        st.lists(part, max_size=3),
        st.lists(part, max_size=3).map(tuple),
        st.dictionaries(keys, part, max_size=3),
        st.dictionaries(keys, part, max_size=3).map(OrderedDict),
    ),
    max_leaves=8,
)


@given(trees)
def test_any_tree_comes_back_as_it_was(tree):
    assert alike(round_trip(tree), tree)


# ------------------------------------------------------------------ shared memory


def share(one, other):
    before = one.tolist()
    with paramlab.no_grad():
        other.add_(1)
    return one.tolist() != before


@pytest.mark.parametrize("wrap", [lambda state: state, lambda state: {"model": state, "epoch": 1}])
def test_tied_weights_come_back_tied_and_pytorch_finds_both(torch, wrap):
    weight = paramlab.arange(4.0).view(2, 2)
    state = OrderedDict(encoder=weight.detach(), decoder=weight.detach(), other=weight.clone())
    loaded = round_trip(wrap(state))
    loaded = loaded.get("model", loaded)
    assert alike(loaded, state)
    assert share(loaded["encoder"], loaded["decoder"])
    assert not share(loaded["encoder"], loaded["other"])
    assert names_in_the_file(state) == {"encoder", "decoder", "other"}
    assert names_in_the_file({"model": state, "epoch": 1}) == {"model.encoder", "model.other"}  # stored once


def test_the_same_object_comes_back_as_one_object():
    weight, array = nn.Parameter(paramlab.ones(2)), np.ones(2)
    loaded = round_trip({"a": weight, "b": [weight, array], "c": array})
    assert loaded["a"] is loaded["b"][0]
    assert loaded["c"] is loaded["b"][1]
    state = round_trip({"a": weight, "b": weight})
    assert state["a"] is state["b"]


VIEWS = ["t()", "[1:]", "[:, 1]", "[:, 1:]", "view(-1)", "reshape(2, 2, 3)[1]", "[2, 1:2]", "diagonal()", "detach()"]


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("first", ["base", "view"])
def test_a_view_of_a_saved_tensor_is_one_again(view, first):
    base = paramlab.arange(12.0).view(4, 3)
    seen = eval(f"base{'' if view[0] == '[' else '.'}{view}", {"base": base})
    order = {"base": base, "view": seen} if first == "base" else {"view": seen, "base": base}
    for obj in (order, [order]):
        loaded = round_trip(obj)
        assert alike(loaded, obj)
        loaded = loaded if isinstance(loaded, dict) else loaded[0]
        assert share(loaded["base"], loaded["view"])
        assert share(loaded["view"], loaded["base"])


def test_the_same_view_twice_is_shared_though_its_base_is_not_saved():
    base = paramlab.arange(12.0).view(4, 3)
    loaded = round_trip([base.t(), base.t(), base[:, 1], base[:, 1]])
    assert share(loaded[0], loaded[1])
    assert share(loaded[2], loaded[3])
    assert not share(loaded[0], loaded[2])


def test_views_that_only_overlap_come_back_apart_with_their_values():
    base = paramlab.arange(6.0)
    obj = {"low": base[:4], "high": base[2:]}
    loaded = round_trip(obj)
    assert alike(loaded, obj)
    assert not share(loaded["low"], loaded["high"])


def test_a_view_that_repeats_its_memory_comes_back_with_its_values():
    one = paramlab.ones(1)
    obj = {"one": one, "many": one.expand(5), "none": one[:0]}
    assert alike(round_trip(obj), obj)


@given(st.lists(st.tuples(*[st.integers(0, 11)] * 2, st.integers(1, 3)), max_size=6))
def test_slices_of_one_memory_come_back_with_their_values(slices):
    base = paramlab.arange(12)
    obj = [base[begin:end:step] for begin, end, step in slices]
    assert alike(round_trip(obj), obj)


def test_what_shares_no_memory_does_not_share_the_block_that_was_read():
    loaded = round_trip({f"w{i}": paramlab.zeros(3, dtype=dtype) for i, dtype in enumerate([paramlab.uint8] * 3)})
    loaded["w1"].fill_(7)
    assert [tensor.tolist() for tensor in loaded.values()] == [[0] * 3, [7] * 3, [0] * 3]


# ------------------------------------------------------------------ what can't be saved

Point = namedtuple("Point", ["x", "y"])


class Odd(paramlab.Tensor):
    pass


LOOP = {"a": []}
LOOP["a"].append(LOOP)
DEEP = []
for _ in range(10_000):
    DEEP = [DEEP]

REFUSED = [
    (nn.Linear(1, 1), r"got a .*Linear\. Save its state instead, model\.state_dict\(\)"),
    ({"net": nn.Linear(1, 1)}, r"checkpoint\['net'\] is a .*Linear\. Save its state instead, net\.state_dict\(\)"),
    ({"model": {"fn": len}}, r"checkpoint\['model'\]\['fn'\] is a .*Leave it out"),
    ({"model": [1, {2: lambda: 1}]}, r"checkpoint\['model'\]\[1\]\[2\] is a function"),
    ([Point(1, 2)], r"checkpoint\[0\] is a .*Point\. Make it a plain one: tuple\(0\)"),
    ({"z": 1j}, r"checkpoint\['z'\] is a complex"),
    ({"s": np.array(["a"])}, r"checkpoint\['s'\] is a .*ndarray"),
    ({"t": Odd(2)}, r"checkpoint\['t'\] is a .*Odd\. Save it as a plain tensor"),
    ({"k": {object(): 1}}, r"checkpoint\['k'\] is a .*object"),
    (LOOP, r"checkpoint\['a'\]\[0\] is a container that it lies in itself"),
    (DEEP, r"nested up to 100 deep"),
]


@pytest.mark.parametrize(("wrong", "message"), REFUSED, ids=range(len(REFUSED)))
def test_what_cannot_be_saved_is_refused_with_its_place(wrong, message, tmp_path):
    with pytest.raises(TypeError, match=message):
        paramlab.save(wrong, tmp_path / "f")
    assert list(tmp_path.iterdir()) == []


def test_the_deepest_that_can_be_saved_can_be_loaded():
    tree = "leaf"
    for _ in range(100):
        tree = {"in": tree}
    assert alike(round_trip(tree), tree)


# ------------------------------------------------------------------ the crash of the whole program

KILLED = """
import os, paramlab
from paramlab import files
steps = iter(range({steps}))
def count(*args):
    if next(steps, None) is None:
        os.kill(os.getpid(), 9)
for name in ("write", "fsync", "replace", "unlink", "posix_fallocate", "posix_fadvise", "rename"):
    if hasattr(os, name):
        setattr(os, name, (lambda real: lambda *args: (count(), real(*args))[1])(getattr(os, name)))
real = files.write_all
files.write_all = lambda file, *parts: [(count(), real(file, part)) for part in parts]
paramlab.save({{"w": paramlab.zeros(500_000)}}, "f")
"""


def test_a_program_that_is_killed_while_it_saves_leaves_the_old_file_or_the_new_one(tmp_path):
    found = []
    for steps in range(10):
        paramlab.save({"w": paramlab.ones(500_000)}, tmp_path / "f")
        done = subprocess.run([sys.executable, "-c", KILLED.format(steps=steps)], cwd=tmp_path, check=False)
        found.append((done.returncode, set(paramlab.load(tmp_path / "f")["w"].unique().tolist())))
        if done.returncode == 0:
            break
    assert found[0] == (-9, {1.0})
    assert found[-1] == (0, {0.0})
    assert len(found) > 4
    assert all(values in ({0.0}, {1.0}) for _, values in found)
