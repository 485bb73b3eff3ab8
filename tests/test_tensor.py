"""The tensor itself: making, asking, converting, copying."""

import copy
import pickle
import subprocess
import sys
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import paramlab
from paramlab import nn

from .conftest import assert_same, outcome

EXPRESSIONS = [
    "torch.ones(2).item()",
    "torch.ones(1, 1).item()",
    "torch.tensor([[1, 2], [3, 4]]).tolist()",
    "torch.ones(2, 3).size(5)",
    "torch.ones(2, 3).size(-1)",
    "torch.ones(2, 3).stride()",
    "torch.ones(2, 3).t().stride()",
    "torch.ones(2, 3).t().is_contiguous()",
    "(torch.ones(2, 3).numel(), torch.ones(2, 3).nelement(), torch.ones(2).dim(), torch.ones(2).ndim)",
    "torch.ones(2).element_size()",
    "bool(torch.ones(2))",
    "bool(torch.ones(0))",
    "bool(torch.tensor([[0.0]]))",
    "int(torch.tensor(3.7))",
    "float(torch.tensor([3]))",
    "[1, 2, 3][torch.tensor(1)]",
    "[1, 2, 3][torch.tensor(1.0)]",
    "len(torch.ones(3, 2))",
    "len(torch.tensor(1.0))",
    "iter(torch.tensor(1.0))",
    "torch.ones(2).numpy().dtype.name",
    "torch.ones(2, requires_grad=True).numpy()",
    "np.asarray(torch.ones(2, requires_grad=True))",
    "np.asarray(torch.ones(2), dtype=np.float64).dtype.name",
    "torch.ones(2).type()",
    "torch.ones(2).type(torch.float64)",
    "torch.ones(2).type('torch.LongTensor')",
    "torch.ones(2).type(torch.LongTensor)",
    "torch.ones(2).type(torch.FloatTensor)",
    "torch.ones(2).type(dtype=torch.ByteTensor)",
    "torch.ones(2).type(torch.int16, True)",
    "torch.ones(2).type(int)",
    "torch.ones(2).type('float')",
    "torch.ones(2).type(3)",
    "torch.ones(2).double().type()",
    "torch.ones(2).is_floating_point()",
    "torch.ones(2).long().is_floating_point()",
    "torch.ones(2).is_leaf",
    "torch.nn.Parameter(torch.ones(2)).to(torch.float64)",
    "torch.ones(2).fill_(torch.ones(2))",
    "torch.ones(2).fill_(torch.tensor(3))",
    "torch.ones(2).copy_([1, 2])",
    "torch.ones(3).copy_(torch.ones(2))",
    "torch.ones(2).long().copy_(torch.tensor([1.7, -1.7]))",
    "torch.ones(2, 3).copy_(torch.arange(3))",
    "torch.ones(2).long().add_(1.5)",
    "torch.ones(2).long().div_(2)",
    "torch.ones(1).add_(torch.ones(2))",
    "torch.ones(2).add_(torch.ones(2).double())",
    "torch.ones(2).add_(torch.ones(2), alpha=-0.5)",
    "torch.ones(2).add_(2, alpha=3)",
    "torch.ones(2).long().add_(torch.ones(2).long(), alpha=2)",
    "torch.ones(2).long().add_(torch.ones(2).long(), alpha=0.5)",
    "torch.ones(2).mul_(torch.tensor(3))",
    "torch.ones(2).sub_(1).zero_()",
    "torch.ones(2).clamp_(0, 0.5)",
    "torch.ones(2).long().uniform_()",
    "torch.ones(2).uniform_(2, 1)",
    "torch.ones(2).normal_(0, -1)",
    "torch.ones(2).to(torch.float32) is None",
    "torch.ones(2).device == torch.device('cpu')",
    "torch.ones(2).is_complex()",
    "torch.ones(2, requires_grad=True).numpy(force=True).tolist()",
    "[part.tolist() for part in reversed(torch.arange(3))]",
    "reversed(torch.tensor([[1, 2], [3, 4]]))",
    "torch.tensor(1.0).mT",
    "torch.ones(3, 1).expand(3, 2).ravel().is_contiguous()",
]


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_a_question_is_answered_as_pytorch_answers_it(expression, agree):
    agree(expression)


@pytest.mark.parametrize("operator", ["+=", "-=", "*=", "/="])
def test_an_augmented_assignment_writes_in_place(operator, agree):
    def program(torch):
        x = torch.ones(3)
        alias = x
        names = {"x": x, "torch": torch}
        exec(f"x {operator} torch.tensor([1.0, 2.0, 4.0])", names)
        return names["x"] is alias, alias, alias._version

    agree(program)


@given(st.sampled_from(["x += y", "x *= y", "x -= y", "x /= y"]), st.data())
def test_a_write_in_place_casts_and_broadcasts_as_pytorch_does(torch, statement, data):
    kinds = st.sampled_from(["float32", "float64", "int64", "uint8"])
    shapes = st.sampled_from([(), (1,), (3,), (2, 3), (2, 1)])
    x_kind, y_kind = data.draw(kinds), data.draw(kinds)
    x_shape, y_shape = data.draw(shapes), data.draw(shapes)

    def program(package):
        names = {
            "x": package.ones(x_shape, dtype=getattr(package, x_kind)) * 3,
            "y": package.ones(y_shape, dtype=getattr(package, y_kind)) * 2,
        }
        names["x"] = names["x"].to(getattr(package, x_kind))
        try:
            exec(statement, names)
        except RuntimeError as error:
            return str(error).partition(" at non-singleton")[0]
        return names["x"].tolist(), str(names["x"].dtype)

    assert program(torch) == program(paramlab)


def test_an_array_of_a_tensor_is_a_copy_unless_asked_otherwise(agree):
    def program(torch):
        t = torch.zeros(3)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # PyTorch does not know of NumPy's way to ask
            copied = np.array(t)
        copied[0] = 7
        np.asarray(t)[1] = 5
        return t

    agree(program)


def test_a_gradient_is_taken_away_and_never_the_tensor_itself(agree):
    def program(torch):
        x = torch.ones(2, requires_grad=True)
        x.grad = torch.ones(2)
        del x.grad
        assert x.grad is None
        x.grad = x

    agree(program)


@given(hnp.arrays(np.float32, hnp.array_shapes(min_dims=0, max_side=3), elements=st.floats(-9, 9, width=32)))
def test_numpy_shares_memory_both_ways(array):
    tensor = paramlab.from_numpy(array)
    tensor.add_(1)
    assert np.shares_memory(array, tensor.numpy()) or array.size == 0
    np.testing.assert_array_equal(array, tensor.numpy())


def test_to_returns_the_tensor_itself_if_nothing_changes(agree):
    def program(torch):
        x = torch.ones(2)
        return [
            x.to(torch.float32) is x,
            x.float() is x,
            x.to("cpu") is x,
            x.cpu() is x,
            x.to(x) is x,
            x.to(torch.device("cpu"), torch.float32) is x,
            x.to("cpu", torch.float64),
            x.to(dtype=torch.int64),
            x.to(x, copy=True) is x,
            x.contiguous() is x,
        ]

    agree(program)


def test_the_two_ways_off_the_graph(agree):
    def program(torch):
        x = torch.ones(2, requires_grad=True)
        y = x * 2
        detached, data = y.detach(), y.data
        detached[0] = 5
        found = [y, detached.requires_grad, data, y._version, data._version, detached.is_leaf]
        y.detach_()
        return [*[f.detach() if hasattr(f, "detach") else f for f in found], y.requires_grad, y.is_leaf]

    agree(program)


def test_replaced_data_keeps_the_tensor_and_its_version(agree):
    def program(torch):
        x = torch.ones(2, requires_grad=True)
        other = torch.zeros(3, dtype=torch.float64)
        x.data = other
        with torch.no_grad():
            x[0] = 7
        return x, other, x._version, other._version

    agree(program)


# ------------------------------------------------------------------ copies


def made(torch):
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    x.note = ["kept"]
    x.grad = torch.ones(2, 2)
    return x


def test_a_deep_copy_of_a_tensor_takes_gradient_and_attributes_along(agree):
    def program(torch):
        x = made(torch)
        twin = copy.deepcopy(x)
        return twin, twin.grad, twin.note, twin.note is x.note, twin.grad is x.grad, type(twin) is type(x)

    agree(program)


def test_a_deep_copy_of_a_parameter_leaves_them_behind(agree):
    def program(torch):
        p = torch.nn.Parameter(torch.ones(2), requires_grad=False)
        p.note, p.grad = "lost", torch.ones(2)
        twin, again = copy.deepcopy([p, p])
        return twin, twin.grad, hasattr(twin, "note"), type(twin) is torch.nn.Parameter, twin is again

    agree(program)


def test_a_pickle_keeps_attributes_and_leaves_the_gradient_behind(agree):
    def program(torch):
        x, p = made(torch), torch.nn.Parameter(torch.ones(2))
        p.note, p.grad = "kept", torch.ones(2)
        found = []
        for tensor in (x, p):
            back = pickle.loads(pickle.dumps(tensor))
            found.append([back, back.grad, back.note, type(back) is type(tensor), back.is_leaf])
        return found

    agree(program)


@pytest.mark.parametrize("way", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_a_computed_tensor_is_not_copied_with_its_graph(way, agree):
    def program(torch):
        twin = way(torch.ones(2, requires_grad=True) * 2)
        return twin, twin.is_leaf

    agree(program)


def test_a_buffer_stays_a_buffer_through_copies(agree):
    def program(torch):
        b = torch.nn.Buffer(torch.ones(2), persistent=False)
        found = []
        for twin in (copy.deepcopy(b), pickle.loads(pickle.dumps(b))):
            found.append([isinstance(twin, torch.nn.Buffer), twin.persistent, type(twin) is torch.Tensor, twin])
        return found, isinstance(b * 2, torch.nn.Buffer)

    agree(program)


def test_a_device_survives_a_copy():
    x = paramlab.ones(2, device="sim")
    for twin in (copy.deepcopy(x), pickle.loads(pickle.dumps(x))):
        assert str(twin.device) == "sim:0"
        assert (twin + x).tolist() == [2, 2]


def test_a_deep_copy_shares_no_memory():
    model = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
    twin = copy.deepcopy(model)
    for one, other in zip(model.state_dict().values(), twin.state_dict().values(), strict=True):
        assert not np.shares_memory(one._array, other._array)
        assert paramlab.equal(one, other)


def test_what_shares_memory_shares_it_in_a_deep_copy_too(agree):
    def program(torch):
        a = torch.arange(6.0)
        views = [a, a.view(2, 3), a[1:3], a.view(2, 3).t(), a.detach(), torch.ones(3, 2).t(), a[:0], a.expand(2, 6)]
        twins = copy.deepcopy(views)
        twins[0][1] = 9
        return twins, [t.stride() for t in twins], a

    agree(program)


@pytest.mark.parametrize(
    "expression",
    [
        "np.sqrt(torch.tensor([4.0, 9.0]))",
        "np.abs(torch.tensor([-1, 2]))",
        "np.isnan(torch.tensor([1.0, torch.nan]))",
        "np.argmax(torch.tensor([1.0, 3.0, 2.0]))",
        "np.transpose(torch.ones(2, 3))",
        "np.sqrt(torch.ones(2, requires_grad=True))",
    ],
)
def test_what_a_function_of_numpy_makes_of_a_tensor_is_a_tensor(expression, torch):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch's is deprecated by NumPy
        expected, _ = outcome(expression, torch)
    got, caught = outcome(expression, paramlab)
    assert_same(expected, got)
    assert not caught


def test_the_names_of_old_programs(agree):
    def program(torch):
        variable = torch.autograd.Variable
        x = torch.ones(2, requires_grad=True)
        old, wanted = variable(x * 2), variable(torch.ones(2), requires_grad=True)
        seen = old, old.is_leaf, type(old) is torch.Tensor, wanted, isinstance(x, variable), isinstance(3, variable)
        return seen, x.ndimension(), [torch.pi, torch.e, torch.inf], torch.ones(2)[:, torch.newaxis]

    agree(program)


TO = """
torch.ones(2).to("cpu", True)
torch.ones(2).to("cpu", None, True)
torch.ones(2).to("cpu", float, True, True)
torch.ones(2).to("cpu", 1)
torch.ones(2).to("cpu", "cpu")
torch.ones(2).to("cpu", device="cpu")
torch.ones(2).to(None, torch.float64)
torch.ones(2).to(torch.float64, None)
torch.ones(2).to(torch.float64, True, True)
torch.ones(2).to(torch.float64, True, True, True)
torch.ones(2).to(torch.float64, device="cpu")
torch.ones(2).to(torch.float64, dtype=torch.float64)
torch.ones(2).to(torch.ones(1), True)
torch.ones(2).to(torch.ones(1), None)
torch.ones(2).to(torch.ones(1), dtype=torch.float64)
torch.ones(2).to(tensor=torch.ones(1).double())
torch.ones(2).to(dtype="float64")
torch.ones(2).to("cpu", copy=1)
torch.ones(2).to("cpu", non_blocking=None)
torch.ones(2).to("cpu", memory_format=torch.contiguous_format)
torch.ones(2).to("cpu", None, False, True, memory_format=None)
nn.Linear(1, 1).to("cpu", True)
nn.Linear(1, 1).to(torch.ones(1).double(), torch.float32)
nn.Linear(1, 1).to("cpu", copy=True)
nn.Linear(1, 1).to("cpu", None, False, False)
nn.Linear(1, 1).to(tensor=torch.ones(1).double()).weight.dtype
"""


@pytest.mark.parametrize("expression", TO.strip().splitlines())
def test_to_takes_the_arguments_that_pytorch_takes(expression, agree):
    agree(expression)


SILENT = "int(x), x.item(), bool(x), f'{x[0]:.2f}', float(x.detach())\nwith torch.no_grad(): float(x)"


@pytest.mark.parametrize("asked", ["float(x), float(x)", "complex(x * 2)", "torch.tensor([[x]])"])
def test_a_number_of_a_tensor_that_is_followed_is_warned_of_once(asked, torch):
    def warnings_of(package):
        program = f"import {package} as torch\nx = torch.ones(1, requires_grad=True)\n{SILENT}\n{asked}"
        command = [sys.executable, "-W", "always", "-c", program]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stderr
        return said.partition("first.")[0], said.count("Warning")

    assert warnings_of("paramlab") == warnings_of("torch")
