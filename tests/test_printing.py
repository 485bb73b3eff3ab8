"""A tensor prints as PyTorch prints it, letter by letter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import paramlab

EXPRESSIONS = [
    "torch.tensor(3.0)",
    "torch.tensor(1.5)",
    "torch.tensor(True)",
    "torch.tensor(-7)",
    "torch.tensor([])",
    "torch.tensor([1.0, 2.0])",
    "torch.tensor([1.5, 2.0])",
    "torch.tensor([1.0, float('inf')])",
    "torch.tensor([1.5, float('nan'), -float('inf')])",
    "torch.tensor([float('nan')] * 2)",
    "torch.tensor([0.0, -0.0])",
    "torch.tensor([1e-5, 1.0])",
    "torch.tensor([1e5, 1.0])",
    "torch.tensor([123456.0, 0.001])",
    "torch.tensor([1e10, 1.0])",
    "torch.tensor([0.0, 1e-30])",
    "torch.tensor([-1.5, 10.25])",
    "torch.tensor([True, False])",
    "torch.tensor([[1, -20], [300, 4]])",
    "torch.arange(24).reshape(2, 3, 4)",
    "torch.arange(16.0).reshape(2, 2, 2, 2)",
    "torch.arange(30)",
    "torch.arange(30.0) * 1.25",
    "torch.arange(1001)",
    "torch.arange(1001.0)",
    "torch.arange(4000.0).reshape(40, 100)",
    "torch.arange(1200).reshape(2, 600)",
    "torch.zeros(20, 60)",
    "torch.zeros(3, 20, 30)",
    "torch.zeros(0, 3)",
    "torch.zeros(0, dtype=torch.int64)",
    "torch.zeros(2, 0, dtype=torch.float64)",
    "torch.zeros(2, dtype=torch.float64)",
    "torch.zeros(2, dtype=torch.int32)",
    "torch.ones(2).half() * 1.5",
    "torch.ones(2, requires_grad=True)",
    "torch.ones(2, dtype=torch.float64, requires_grad=True)",
    "torch.ones(2, requires_grad=True) * 2",
    "torch.ones(12, requires_grad=True) * 1.2345",
    "torch.ones(13, dtype=torch.float64, requires_grad=True) * 1.5",
    "torch.ones(9, requires_grad=True) * 100000.5",
    "torch.ones(2, requires_grad=True).sum()",
    "torch.ones(2, requires_grad=True)[0]",
    "1 - torch.ones(2, requires_grad=True)",
    "torch.ones(2, requires_grad=True) ** 2",
    "torch.ones(2, 2, requires_grad=True).sum(0)",
    "torch.ones(2, 2, requires_grad=True).mean(0)",
    "torch.ones(2, 2, requires_grad=True) @ torch.ones(2)",
    "torch.ones(2, 2, requires_grad=True) @ torch.ones(2, 2)",
    "torch.ones(3, 2, 2, requires_grad=True) @ torch.ones(2, 2)",
    "torch.ones(2, 2, requires_grad=True).view(4)",
    "torch.ones(2, 2, requires_grad=True).max()",
    "torch.ones(2, 2, requires_grad=True).std()",
    "torch.ones(2, 2, requires_grad=True).T",
    "F.cross_entropy(torch.ones(2, 2, requires_grad=True), torch.tensor([0, 1]))",
    "F.mse_loss(torch.ones(2, requires_grad=True), torch.zeros(2))",
    "F.linear(torch.ones(1, 2), torch.ones(2, 2, requires_grad=True), torch.ones(2))",
    "torch.zeros(2).copy_(torch.ones(2, requires_grad=True))",
    "nn.Parameter(torch.ones(2))",
    "nn.Parameter(torch.ones(2, 2), requires_grad=False)",
    "nn.Parameter(torch.tensor(0.07))",
    "nn.Buffer(torch.ones(2))",
    "torch.Size([2, 3])",
    "torch.float32",
    "torch.device('cpu')",
    "{'w': torch.ones(2)}",
]


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_it_prints_as_pytorch_prints_it(expression, agree):
    agree(lambda torch: repr(eval(expression, {"torch": torch, "nn": torch.nn, "F": torch.nn.functional})))


def test_an_assigned_part_prints_as_copy_slices(agree):
    def program(torch):
        x = torch.ones(2, requires_grad=True) * 1
        x[0] = 5
        return repr(x)

    agree(program)


values = hnp.arrays(
    st.sampled_from(["float32", "float64", "int64", "bool"]),
    hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=12),
    fill=st.nothing(),
)


@given(values)
def test_any_tensor_prints_as_pytorch_prints_it(torch, array):
    assert repr(paramlab.tensor(array)) == repr(torch.tensor(array))


@given(st.lists(st.floats(-1e4, 1e4, width=32).map(lambda x: round(x, 2)), max_size=40))
def test_ordinary_numbers_print_as_pytorch_prints_them(torch, numbers):
    assert repr(paramlab.tensor(numbers)) == repr(torch.tensor(numbers))


@pytest.mark.parametrize(
    "expression", ["f'{x:.3f}'", "f'{x}'", "f'{x + 1:.1f}'", "f'{torch.ones(2):.3f}'", "f'{p:.3f}'"]
)
def test_a_number_is_formatted_as_a_number(expression, agree):
    agree(
        lambda torch: eval(
            expression,
            {"torch": torch, "x": torch.tensor(1.23456), "p": torch.nn.Parameter(torch.tensor(1.0))},
        )
    )


def test_a_tensor_of_another_device_says_so():
    assert repr(paramlab.ones(2, device="sim")) == "tensor([1., 1.], device='sim:0')"


@pytest.mark.parametrize("kind", ["float16", "float64", "int32", "int8"])
def test_a_fact_goes_to_a_line_of_its_own_where_pytorch_breaks_it(kind, agree):
    agree(lambda torch: [repr(torch.ones(n, dtype=getattr(torch, kind))) for n in range(40)])
    agree(lambda torch: [repr(torch.ones(n, requires_grad=True).double() * 10**k) for n in range(13) for k in range(5)])


OPTIONS = [
    "precision=2",
    "threshold=10",
    "threshold=10, edgeitems=1",
    "linewidth=40",
    "sci_mode=True",
    "sci_mode=False",
    "profile='short'",
    "profile='full'",
    "profile='short', precision=6",
    "threshold=5, edgeitems=0",
]


@pytest.mark.parametrize("options", OPTIONS)
def test_the_options_for_printing_are_those_of_pytorch(options, agree):
    def program(torch):
        eval(f"torch.set_printoptions({options})", {"torch": torch})
        try:
            data = [torch.arange(30.0) * 1.25, torch.arange(24).reshape(4, 6), torch.tensor([1e-7, 1e7]), torch.ones(2)]
            return [repr(x) for x in (*data, torch.tensor(3.14159), torch.zeros(0, 2))]
        finally:
            torch.set_printoptions(profile="default")

    agree(program)


magnitudes = hnp.arrays(
    st.sampled_from(["float16", "float32", "float64"]),
    hnp.array_shapes(max_dims=3, max_side=9),
    elements=st.sampled_from([0.0, -0.0, 1.0, -2.0, 0.5, 1e-5, 3e-3, 123.4, 65000.0, float("nan"), float("inf")]),
)


@given(magnitudes)
def test_numbers_of_all_magnitudes_print_as_pytorch_prints_them(torch, array):
    assert repr(paramlab.tensor(array)) == repr(torch.tensor(array))
