"""New tensors: dtypes, shapes and errors are PyTorch's."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import paramlab

EXPRESSIONS = [
    "torch.tensor([[1,2],3])",
    "torch.tensor([1,[3]])",
    "torch.tensor([[[1],[2]],[[3],[4,5]]])",
    "torch.tensor(['a'])",
    "torch.tensor([None])",
    "torch.tensor({})",
    "torch.tensor([[]]).shape",
    "torch.tensor([[],[]]).shape",
    "torch.tensor(())",
    "torch.tensor([1,2.,True])",
    "torch.tensor([1,True])",
    "torch.tensor([True,2.])",
    "torch.tensor(np.float32(3))",
    "torch.tensor(np.float64(3))",
    "torch.tensor([np.float64(3)])",
    "torch.tensor([np.float32(3)])",
    "torch.tensor([np.int32(3)])",
    "torch.tensor([np.int32(3),2])",
    "torch.tensor([torch.tensor(1),torch.tensor(2.)])",
    "torch.tensor([torch.ones(1),torch.ones(1)])",
    "torch.tensor(1,2)",
    "torch.tensor(float('nan'),dtype=torch.int64)",
    "torch.tensor([-1],dtype=torch.uint8)",
    "torch.tensor([2],dtype=torch.bool)",
    "torch.tensor(2**64)",
    "torch.tensor(-2**63)",
    "torch.tensor([1,2],dtype=float)",
    "torch.tensor([1,2],dtype=int)",
    "torch.tensor([1,2],dtype=bool)",
    "torch.tensor([1,2],dtype='float32')",
    "torch.tensor([1,2],dtype=np.float32)",
    "torch.tensor([1,2],requires_grad=True)",
    "torch.tensor([1.,2],requires_grad=True)",
    "torch.tensor(data=[1])",
    "torch.as_tensor([1,2.])",
    "torch.as_tensor(np.arange(3),dtype=torch.float32)",
    "torch.asarray([1,2])",
    "torch.asarray(np.arange(2),copy=True)",
    "torch.asarray([1.],requires_grad=True)",
    "torch.asarray(3)",
    "torch.asarray(torch.ones(2,requires_grad=True)*2)",
    "torch.asarray(torch.ones(2,requires_grad=True)*2,requires_grad=False)",
    "torch.asarray(torch.ones(2,requires_grad=True)*2,requires_grad=True)",
    "torch.from_numpy(np.broadcast_to(np.arange(2),(2,2)))",
    "torch.from_numpy(np.arange(3)[::-1])",
    "torch.zeros([2,2])",
    "torch.zeros(2,dtype=torch.bool)",
    "torch.zeros(size=(2,))",
    "torch.ones(torch.Size([2]))",
    "torch.full((2,),3)",
    "torch.full((2,),3.)",
    "torch.full(2,3.)",
    "torch.full((2,),'a')",
    "torch.full((2,),torch.tensor(3))",
    "torch.full((2,),3,dtype=torch.float16)",
    "torch.full((2,),300,dtype=torch.uint8)",
    "torch.full((2,),1e300)",
    "torch.eye(2,3)",
    "torch.eye(-1)",
    "torch.eye(2,dtype=torch.bool)",
    "torch.arange(1.,2,0.3)",
    "torch.arange(end=5)",
    "torch.arange(1,end=5)",
    "torch.arange(None,5,2)",
    "torch.arange(5,None)",
    "torch.arange(0,5,None)",
    "torch.arange()",
    "torch.arange(1,10,3)",
    "torch.arange(5,0,-2)",
    "torch.arange(0,5,-1)",
    "torch.arange(5,dtype=torch.float32)",
    "torch.arange(0.5,3,dtype=torch.int64)",
    "torch.arange(start=1,end=4)",
    "torch.arange(end=4)",
    "torch.arange(torch.tensor(3))",
    "torch.arange(True)",
    "torch.arange(0,1,0.1)",
    "torch.arange(0,10,0.1).shape",
    "torch.arange(0, float('nan'))",
    "torch.arange(0, float('inf'))",
    "torch.linspace(0,1,1)",
    "torch.linspace(0,10,5,dtype=torch.int64)",
    "torch.linspace(1,0,3)",
    "torch.linspace(torch.tensor(0.),1,3)",
    "torch.logspace(0,2,3)",
    "torch.logspace(0,2,3,base=2)",
    "torch.zeros_like([1])",
    "torch.full_like(torch.ones(2,dtype=torch.int64),1.5)",
    "torch.full_like(torch.ones(2),3)",
    "torch.ones_like(torch.ones(2,requires_grad=True)).requires_grad",
    "torch.zeros_like(torch.ones(2,3).t()).stride()",
    "torch.empty((2,3),dtype=torch.int64).dtype",
    "torch.FloatTensor([1,2])",
    "torch.FloatTensor(2,3).shape",
    "torch.LongTensor([1,2])",
    "torch.LongTensor([1.5])",
    "torch.Tensor([True])",
    "torch.Tensor(3.)",
    "torch.FloatTensor()",
    "torch.FloatTensor(torch.ones(2))",
    "isinstance(torch.ones(2),torch.FloatTensor)",
    "isinstance(torch.ones(2),torch.LongTensor)",
    "repr(torch.FloatTensor)",
    "type(torch.FloatTensor([1])) is torch.Tensor",
    "torch.HalfTensor([1]).dtype",
    "torch.FloatTensor(3.)",
    "torch.FloatTensor('a')",
    "torch.tensor([200],dtype=torch.uint8)+100",
    "torch.ones(2).new_tensor([1,2])",
    "torch.ones(2).new_tensor([1.5,2],dtype=torch.int64)",
    "torch.ones(2,dtype=torch.int64).new_tensor([1.5])",
    "torch.ones(2).new_zeros(2,3)",
    "torch.ones(2).new_zeros((2,3))",
    "torch.ones(2,dtype=torch.int8).new_ones(2)",
    "torch.ones(2).new_full((2,),3)",
    "torch.ones(2).new_full((2,),3,dtype=torch.int64)",
    "torch.ones(2).new_empty(2,2).shape",
    "torch.ones(2).new_zeros(2,requires_grad=True).requires_grad",
    "torch.tensor([[1, 2], [3]])",
    "torch.tensor([1, 'a'])",
    "torch.tensor('a')",
    "torch.tensor(None)",
    "torch.tensor({1})",
    "torch.tensor([1, None])",
    "torch.tensor([])",
    "torch.tensor([[]])",
    "torch.tensor([1, 2.5])",
    "torch.tensor([True, 2])",
    "torch.tensor([True, False])",
    "torch.tensor((1, 2))",
    "torch.tensor(range(3))",
    "torch.tensor([torch.tensor(1.0), torch.tensor(2.0)])",
    "torch.tensor([torch.ones(2), torch.ones(2)])",
    "torch.tensor(np.array(['a']))",
    "torch.tensor(np.float64(1))",
    "torch.tensor([np.float64(1)])",
    "torch.tensor([np.float32(1)])",
    "torch.tensor(np.ones(2))",
    "torch.tensor(2**63)",
    "torch.tensor([1.5, 2], dtype=torch.int64)",
    "torch.tensor([300], dtype=torch.uint8)",
    "torch.tensor(1e40)",
    "torch.tensor(torch.ones(2))",
    "torch.Tensor([1, 2])",
    "torch.Tensor(2, 3).shape",
    "torch.Tensor(torch.Size([2])).shape",
    "torch.Tensor()",
    "torch.Tensor(3.5)",
    "torch.zeros(2, 3)",
    "torch.zeros([2, 3])",
    "torch.zeros(torch.Size([2]))",
    "torch.zeros(())",
    "torch.zeros()",
    "torch.zeros(-1)",
    "torch.ones(2, dtype=torch.float)",
    "torch.ones(2, dtype='float')",
    "torch.empty(2, 0)",
    "torch.full((2,), 1)",
    "torch.full((2,), 1.5)",
    "torch.full((2,), True)",
    "torch.full((2,), 1, dtype=torch.float64)",
    "torch.full(2, 1)",
    "torch.arange(5)",
    "torch.arange(5.0)",
    "torch.arange(1, 5, 2)",
    "torch.arange(0, 1, 0.3)",
    "torch.arange(5, 0, -1)",
    "torch.arange(5, 0)",
    "torch.arange(0, 5, 0)",
    "torch.linspace(0, 1, 5)",
    "torch.linspace(0, 1, 0)",
    "torch.linspace(0, 1, -1)",
    "torch.eye(2)",
    "torch.eye(2, 3, dtype=torch.int64)",
    "torch.from_numpy([1])",
    "torch.from_numpy(np.array(['a']))",
    "torch.from_numpy(np.ones(3)[::-1])",
    "torch.as_tensor([1, 2])",
    "torch.as_tensor(np.ones(2))",
    "torch.as_tensor(np.ones(2), dtype=torch.float32)",
    "torch.zeros_like(torch.ones(2, 3).long())",
    "torch.ones_like(torch.ones(2), dtype=torch.float64)",
    "torch.full_like(torch.ones(2).long(), 3)",
    "torch.ones(2, requires_grad=True)",
    "torch.rand(2, 3).shape",
    "torch.rand([2]).dtype",
    "torch.randn(2, dtype=torch.float64).dtype",
    "torch.randint(3, (2,)).dtype",
    "torch.randint(3, 1, (2,))",
    "torch.randperm(4).sum()",
    "torch.rand_like(torch.ones(2).double()).dtype",
    "torch.randn(2, requires_grad=True).requires_grad",
    "torch.tensor(torch.ones(2).double())",
    "torch.tensor(torch.tensor(0.5, dtype=torch.float16))",
    "torch.tensor(np.arange(3)[::-1])",
    "torch.tensor([1.0, None], dtype=torch.float32)",
    "torch.tensor([1, None], dtype=torch.int64)",
    "torch.Tensor(None)",
    "torch.Tensor(np.int32(3)).shape",
    "torch.ones(torch.tensor([2, 3]))",
    "torch.full((2,), float('nan'), dtype=torch.int64)",
    "torch.full_like(torch.arange(2), float('inf'))",
    "torch.arange(2).fill_(float('nan'))",
    "torch.randperm((3,))",
]


@pytest.mark.parametrize("given", ["5, 2, 3, 4", "0, 2.5, (2,)", "0, 10, 5", "2.5, (2,)"])
def test_random_integers_lie_between_integers_and_their_size_is_a_tuple(given, fw):
    with pytest.raises(TypeError, match=r"randint\(\)"):
        eval(f"fw.randint({given})", {"fw": fw})


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_a_new_tensor_is_that_of_pytorch(expression, agree):
    if "'a'" in expression and "np." in expression:
        expression = f"str(type(attempt(lambda: {expression})))"
        names = {"np": np, "attempt": _error}
        agree(lambda torch: eval(expression, {**names, "torch": torch}))
    else:
        agree(expression)


def _error(program):
    try:
        return program()
    except Exception as error:
        return error


nested = st.recursive(
    st.one_of(st.booleans(), st.integers(-100, 100), st.floats(-10, 10)), lambda s: st.lists(s, min_size=1, max_size=3)
)


@given(nested)
def test_nested_lists_become_what_they_become_in_pytorch(torch, data):
    def program(package):
        try:
            made = package.tensor(data)
        except (ValueError, TypeError):
            return "refused"
        return made.tolist(), str(made.dtype), list(made.shape)

    assert program(torch) == program(paramlab)


def test_a_tensor_copies_its_data_and_as_tensor_does_not(agree):
    def program(torch):
        array = np.zeros(2, np.float32)
        copied, shared = torch.tensor(array), torch.as_tensor(array)
        array[0] = 1
        return copied, shared, torch.as_tensor(shared) is shared

    agree(program)


def test_the_default_dtype_can_be_changed(agree):
    def program(torch):
        torch.set_default_dtype(torch.float64)
        try:
            return [torch.tensor(1.5), torch.ones(1), torch.tensor([1]) / 2, repr(torch.ones(1)), torch.Tensor([1])]
        finally:
            torch.set_default_dtype(torch.float32)

    agree(program)


@pytest.mark.parametrize("draw", ["rand(5)", "randn(2, 2)", "randint(10, (4,))", "randperm(8)"])
def test_a_seed_repeats_the_numbers(draw):
    def numbers():
        return eval(f"paramlab.{draw}").tolist()

    paramlab.manual_seed(3)
    first = numbers()
    second = numbers()
    paramlab.manual_seed(3)
    assert numbers() == first
    assert second != first


def test_a_generator_of_ones_own_leaves_the_common_one_alone():
    paramlab.manual_seed(0)
    expected = paramlab.rand(3).tolist()
    paramlab.manual_seed(0)
    own = paramlab.Generator().manual_seed(5)
    drawn = paramlab.rand(3, generator=own).tolist()
    assert paramlab.rand(3).tolist() == expected
    assert paramlab.rand(3, generator=paramlab.Generator().manual_seed(5)).tolist() == drawn
    assert own.initial_seed() == 5


def test_random_numbers_have_the_moments_that_they_should():
    paramlab.manual_seed(0)
    assert paramlab.randn(20000).mean().item() == pytest.approx(0, abs=0.05)
    assert paramlab.randn(20000).std().item() == pytest.approx(1, abs=0.05)
    uniform = paramlab.rand(20000)
    assert (uniform.min().item() >= 0, uniform.max().item() < 1) == (True, True)
    assert uniform.mean().item() == pytest.approx(0.5, abs=0.02)
    assert sorted(paramlab.randperm(20).tolist()) == list(range(20))
    assert set(paramlab.randint(2, 5, (500,)).tolist()) == {2, 3, 4}


def test_nothing_warns_that_is_no_mistake():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        paramlab.tensor([1e300, -1e300], dtype=paramlab.float16)


@pytest.mark.parametrize(
    "expression",
    [
        "torch.tensor(np.float32(1.5), dtype=torch.int64)",
        "torch.tensor([np.float16(1.5)], dtype=torch.bool)",
        "torch.tensor(np.float64(1.5), dtype=torch.int64)",
        "torch.tensor(np.float32(1.5), dtype=torch.float64)",
        "torch.tensor(np.array([1.5], np.float32), dtype=torch.int64)",
        "torch.tensor(-0.25, dtype=torch.uint8)",
        "torch.tensor(-1, dtype=torch.uint8)",
    ],
)
def test_a_number_that_has_no_place_in_the_dtype_is_refused(expression, agree):
    agree(expression)


def test_a_step_needs_both_ends(fw):
    with pytest.raises(TypeError, match="arange"):
        fw.arange(5, step=2)
