"""The device ``meta``: shapes, dtypes and histories without values or memory; and devices as such."""

import copy
import pickle
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import paramlab

from .conftest import assert_same, outcome

FACTORIES = [
    "torch.empty(2, 3, device='meta')",
    "torch.zeros(2, 3, device='meta', dtype=torch.int64)",
    "torch.ones(2, device='meta', requires_grad=True)",
    "torch.full((2,), 3.0, device='meta')",
    "torch.eye(2, 3, device='meta')",
    "torch.arange(3, device='meta')",
    "torch.linspace(0, 1, 3, device='meta')",
    "torch.rand(2, device='meta')",
    "torch.randn(2, 3, device='meta')",
    "torch.randint(0, 3, (2,), device='meta')",
    "torch.randperm(3, device='meta')",
    "torch.tensor([1.0, 2.0], device='meta')",
    "torch.tensor(1.0, device='meta')",
    "torch.as_tensor([1.0], device='meta')",
    "torch.zeros_like(torch.ones(2), device='meta')",
    "torch.ones(2).new_zeros(3, device='meta')",
    "torch.ones(2, requires_grad=True).to('meta')",
    "torch.ones(2).to(device='meta', dtype=torch.float64)",
]

OPERATIONS = [
    "x + 1",
    "1 - x",
    "x * x",
    "x + torch.tensor(1.0)",
    "x > 0",
    "x / 2 + x.exp().sqrt()",
    "x @ x.T",
    "x.mm(x.t())",
    "torch.addmm(x[:, :2].t()[:2], x, x.t())",
    "torch.einsum('ij,kj->ik', x, x)",
    "x.sum()",
    "x.sum(1, keepdim=True)",
    "x.mean(0)",
    "x.var(1)",
    "x.max()",
    "x.max(1)",
    "x.argmax(1)",
    "x.cumsum(1)",
    "x.sort()",
    "x.topk(2)",
    "x.softmax(1)",
    "x.logsumexp(0)",
    "x[0]",
    "x[:, 1:]",
    "x[None, ..., 0]",
    "x[torch.tensor([0, 1, 0], device='meta')]",
    "x.reshape(-1)",
    "x.permute(1, 0)",
    "x.expand(4, 2, 3)",
    "x.clone()",
    "x.double()",
    "x.to(torch.float16)",
    "torch.cat([x, x], 1)",
    "torch.stack([x, x])",
    "x.split(1)",
    "x.unbind(1)",
    "x.repeat(2, 2)",
    "x.tril()",
    "x.flip(0)",
    "x.gather(1, torch.zeros(2, 1, dtype=torch.int64, device='meta'))",
    "torch.where(x > 0, x, 0.0)",
    "x.masked_fill(x > 0, 1.0)",
    "F.relu(x)",
    "F.linear(x, x)",
    "F.dropout(x)",
    "F.layer_norm(x, (3,))",
    "F.cross_entropy(x, torch.zeros(2, dtype=torch.int64, device='meta'))",
    "F.mse_loss(x, x)",
    "F.embedding(torch.zeros(4, dtype=torch.int64, device='meta'), x)",
    "F.conv2d(x[None, None], x[None, None, :1, :2])",
    "F.max_pool2d(x[None, None], 2)",
    "list(x)",
]

CORNERS = [
    "x.item()",
    "x.sum().item()",
    "x.tolist()",
    "x.numpy()",
    "x.detach().numpy()",
    "bool(x)",
    "bool(x.sum())",
    "float(x.sum())",
    "int(x.sum())",
    "len(x)",
    "1.0 in x",
    "x.cpu()",
    "x.to('cpu')",
    "x.to('meta') is x",
    "x.data_ptr()",
    "x.is_meta",
    "x.type()",
    "x.device",
    "x.numel(), x.element_size()",
    "x.is_contiguous(), x.stride()",
    "torch.equal(x, x)",
    "torch.allclose(x, x)",
    "x + torch.ones(2, 3)",
    "torch.ones(2, 3) + x",
    "x.sum() + torch.ones(2, 3)",
    "torch.ones(2, 3) * x.sum()",
    "torch.cat([x, torch.ones(2, 3)])",
    "torch.where(x > 0, x, torch.ones(2, 3))",
    "torch.ones(2, 3).copy_(x)",
    "x.view(5)",
    "x[3]",
    "repr(x)",
    "repr(x.sum())",
    "repr(x.detach().double())",
    "repr(x.long())",
    "f'{x.sum()}'",
    "repr(nn.Parameter(x.detach()))",
    "repr(torch.empty(0, device='meta'))",
]

WRITES = [
    "add_(1)",
    "mul_(x)",
    "zero_()",
    "fill_(3)",
    "copy_(torch.ones(2, 3))",
    "copy_(x)",
    "normal_()",
    "uniform_()",
    "bernoulli_()",
    "random_()",
    "clamp_(0, 1)",
    "__setitem__(0, 1.0)",
    "__setitem__(x > 0, 1.0)",
    "t_()",
]


def _seen(tensor):
    """Return all that a tensor without values shows."""
    if isinstance(tensor, tuple | list):
        return [_seen(part) for part in tensor]
    name = tensor.grad_fn.name() if tensor.grad_fn is not None else None
    return list(tensor.shape), str(tensor.dtype), str(tensor.device), tensor.requires_grad, name


@pytest.mark.parametrize("expression", FACTORIES)
def test_a_tensor_is_made_on_meta(expression, agree):
    agree(lambda torch: _seen(eval(expression, {"torch": torch})))


@pytest.mark.parametrize("requires_grad", [False, True])
@pytest.mark.parametrize("expression", OPERATIONS)
def test_an_operation_on_meta_gives_pytorchs_shape_and_history(expression, requires_grad, agree):
    def program(torch):
        x = torch.empty(2, 3, device="meta", requires_grad=requires_grad)
        return _seen(eval(expression, {"torch": torch, "F": torch.nn.functional, "x": x}))

    agree(program)


@pytest.mark.parametrize("expression", OPERATIONS)
def test_a_gradient_on_meta_has_the_shape_of_its_tensor(expression, agree):
    def program(torch):
        x = torch.empty(2, 3, device="meta", requires_grad=True)
        y = eval(expression, {"torch": torch, "F": torch.nn.functional, "x": x})
        first = y[0] if isinstance(y, tuple | list) else y
        first.sum().backward()
        return _seen(x.grad)

    agree(program)


@pytest.mark.parametrize("expression", CORNERS)
def test_a_corner_of_meta_answers_as_pytorch_does(expression, agree):
    def program(torch):
        x = torch.empty(2, 3, device="meta")
        return eval(expression, {"torch": torch, "nn": torch.nn, "x": x})

    agree(program)


@pytest.mark.parametrize(
    "question", ["x.nonzero()", "x[x > 0]", "x.masked_select(x > 0)", "x.unique()", "torch.where(x)"]
)
def test_what_depends_on_values_is_refused(question, fw):
    with pytest.raises(NotImplementedError):
        eval(question, {"torch": fw, "x": fw.empty(2, 3, device="meta")})


@pytest.mark.parametrize("call", WRITES)
def test_a_write_on_meta_is_counted(call, agree):
    def program(torch):
        x = torch.empty(2, 3, device="meta")
        y = torch.empty(2, 3, device="meta")
        eval(f"y.{call}", {"torch": torch, "x": x, "y": y})
        return _seen(y), y._version

    agree(program)


@given(
    st.lists(
        st.sampled_from(["+ x", "* 2", ".sum(0)", ".t()", ".relu()", "[None]", ".mean(-1)", "@ w", ".flatten()"]),
        max_size=6,
    )
)
def test_any_program_has_the_shapes_that_it_has_on_the_cpu(steps):
    """Meta is right if it says what the computation itself would say."""

    def program(place):
        x = paramlab.ones(3, 3, device=place, requires_grad=True)
        y, w = x, paramlab.ones(3, 2, device=place)
        for step in steps:
            y = eval(f"y {step}", {"x": x, "y": y, "w": w})
        y.sum().backward()
        return list(y.shape), str(y.dtype), y.requires_grad, list(x.grad.shape)

    expected, got = outcome(lambda _: program("cpu"), None), outcome(lambda _: program("meta"), None)
    assert_same(expected, got)


# ------------------------------------------------------------------ models


def test_a_huge_layer_costs_nothing_to_make_to_run_or_to_differentiate():
    paramlab.nn.Linear(2, 2, device="meta")  # what is imported late is not to be counted
    tracemalloc.start()
    layer = paramlab.nn.Linear(100_000, 100_000, device="meta")
    out = layer(paramlab.empty(64, 100_000, device="meta")).relu()
    out.sum().backward()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert layer.weight.grad.shape == (100_000, 100_000)
    assert layer.weight.grad.is_meta
    assert peak < 64 * 2**20


def test_a_scalar_of_the_host_is_not_what_fails_to_mix():
    here, there = paramlab.ones(2, device="meta"), paramlab.ones(2, device="sim")
    with pytest.raises(RuntimeError, match="Tensor on device sim:0 is not on the expected device meta"):
        paramlab.where(paramlab.tensor(True), here, there)


@pytest.mark.parametrize("call", [paramlab.nn.functional.gelu, paramlab.nn.functional.dropout, paramlab.median])
def test_no_operation_makes_the_elements_that_meta_lacks(call):
    x = paramlab.empty(10_000, 10_000, device="meta")
    tracemalloc.start()
    call(x)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1e6


def test_a_model_leaves_meta_by_to_empty_only(agree):
    agree(lambda torch: torch.nn.Linear(2, 2, device="meta").to("cpu"))
    agree(lambda torch: torch.nn.Linear(2, 2, device="meta").to_empty(device="cpu").weight.device)
    agree(lambda torch: _seen(torch.nn.Linear(2, 2).to("meta").weight))


def test_values_of_a_checkpoint_are_assigned_to_a_model_on_meta(agree):
    def program(torch):
        source, model = torch.nn.Linear(2, 2), torch.nn.Linear(2, 2, device="meta")
        model.load_state_dict(source.state_dict(), assign=True)
        return torch.equal(model.weight, source.weight), str(model.weight.device), type(model.weight).__name__

    agree(program)


@pytest.mark.parametrize("fill", ["kaiming_uniform_", "xavier_normal_", "orthogonal_", "zeros_", "normal_", "eye_"])
def test_initialization_runs_on_meta(fill, agree):
    agree(lambda torch: _seen(getattr(torch.nn.init, fill)(torch.empty(3, 2, device="meta"))))


def test_a_copy_and_a_pickle_stay_on_meta(agree):
    def program(torch):
        x = torch.empty(2, 3, device="meta", requires_grad=True)
        return _seen(copy.deepcopy(x)), _seen(pickle.loads(pickle.dumps(x)))

    agree(program)


def test_a_pickle_of_a_huge_tensor_is_small():
    assert len(pickle.dumps(paramlab.empty(100_000, 100_000, device="meta"))) < 1000


# ------------------------------------------------------------------ devices

DEVICES = [
    "torch.device('cpu')",
    "torch.device('cpu', 0)",
    "torch.device('cpu:0')",
    "torch.device(type='meta')",
    "torch.device('meta', index=1)",
    "torch.device(torch.device('cpu'))",
    "torch.device('cpu') == torch.device('cpu', 0)",
    "torch.device('cpu') == 'cpu'",
    "hash(torch.device('meta')) == hash(torch.device('meta'))",
    "torch.device('meta').type, torch.device('meta').index",
    "torch.empty(1, device='meta:0').device",
    "torch.device('cpu:')",
    "torch.device('cpu:x')",
    "torch.device('cpu:01')",
    "torch.device('cpu', -1)",
    "torch.device('cpu:0', 1)",
    "torch.device('')",
    "torch.device(3.5)",
    "torch.device(None)",
    "torch.device('cpu').__reduce__()[1]",
]


@pytest.mark.parametrize("expression", DEVICES)
def test_a_device_is_what_it_is_in_pytorch(expression, agree):
    agree(expression)


def test_an_unknown_device_is_refused():
    with pytest.raises(RuntimeError, match=r"Expected one of cpu, .* device type at start of device string: foo"):
        paramlab.device("foo")
    assert paramlab.device(0) == paramlab.device("sim", 0) == paramlab.device("sim:0")


def test_a_device_is_pickled_and_copied(fw):
    for place in (fw.device("meta"), fw.device("cpu", 1)):
        assert pickle.loads(pickle.dumps(place)) == copy.deepcopy(place) == place


def test_new_tensors_are_made_on_the_device_of_the_block(agree):
    def program(torch):
        with torch.device("meta"):
            inside = [torch.empty(2), torch.tensor([1.0]), torch.nn.Linear(2, 2).weight, torch.ones(2, device="cpu")]
            with torch.device("cpu"):
                inside.append(torch.zeros(1))
        return [str(t.device) for t in [*inside, torch.ones(2)]], str(torch.get_default_device())

    agree(program)


def test_the_default_device_is_set_and_taken_back(fw):
    fw.set_default_device("meta")
    try:
        assert fw.ones(2).is_meta
        assert str(fw.get_default_device()) == "meta"
    finally:
        fw.set_default_device(None)
    assert str(fw.ones(2).device) == str(fw.get_default_device()) == "cpu"


def test_numpys_functions_know_arrays_without_elements():
    """An operation may use any of them: what comes back has the shape that it has for an array with elements."""
    from paramlab.meta import MetaArray, shape_only

    real, meta = np.zeros((2, 3), np.float32), shape_only((2, 3), np.dtype(np.float32))
    for function in (
        lambda a: np.tensordot(a, a.T, 1),
        lambda a: np.einsum("ij,kj->ik", a, a),
        lambda a: np.einsum("...j->...", a),
        lambda a: np.dot(a, a.T),
        lambda a: np.pad(a, 1),
        lambda a: np.take_along_axis(a, a.argsort(1), 1),
        lambda a: np.lib.stride_tricks.sliding_window_view(a, 2, axis=1),
        lambda a: np.repeat(a, 2, 1),
        lambda a: np.tile(a, (2, 1, 2)),
        lambda a: np.outer(a[0], a[1]),
        lambda a: np.add.outer(a[0], a[1]),
        lambda a: np.add.reduceat(a, [0, 1], axis=1),
        lambda a: np.modf(a)[1],
        lambda a: np.full_like(a, 3.0, np.int64),
        lambda a: a.mean(0, keepdims=True) + np.ones(3, np.float64),
        lambda a: np.split(a, 3, 1)[2],
    ):
        expected, got = function(real), function(meta)
        assert isinstance(got, MetaArray)
        assert (got.shape, got.dtype) == (expected.shape, expected.dtype)
        assert not any(got.strides)
