"""dtype, Size and device."""

import copy
import pickle

import pytest

import paramlab

EXPRESSIONS = [
    "repr(torch.finfo(torch.float32))",
    "repr(torch.finfo(torch.float16))",
    "repr(torch.finfo(torch.float64))",
    "torch.finfo(torch.int8)",
    "repr(torch.iinfo(torch.int8))",
    "torch.iinfo(torch.float32)",
    "torch.iinfo(torch.bool)",
    "(torch.finfo(torch.float16).eps,torch.finfo(torch.float16).tiny,torch.finfo(torch.float16).smallest_normal,torch.finfo(torch.float16).resolution,torch.finfo(torch.float16).bits,torch.finfo(torch.float16).min,torch.finfo(torch.float16).dtype)",
    "torch.is_tensor([1])",
    "torch.is_floating_point(torch.ones(1))",
    "torch.is_floating_point(3)",
    "torch.is_nonzero(torch.tensor([0.]))",
    "torch.is_nonzero(torch.ones(2))",
    "torch.numel(torch.ones(2,3))",
    "torch.ones(2).type_as(torch.ones(1).double())",
    "torch.ones(2).byte()",
    "torch.ones(2).short().char()",
    "torch.float32 is torch.float",
    "torch.int64 is torch.long",
    "[repr(t) for t in (torch.float16, torch.int8, torch.uint8, torch.bool, torch.double)]",
    "(torch.float32.is_floating_point, torch.int8.is_floating_point, torch.float32.is_complex)",
    "(torch.float32.itemsize, torch.int8.is_signed, torch.uint8.is_signed, torch.bool.is_signed)",
    "torch.Size([1, 2]) + (3,)",
    "repr(torch.Size([1, 2])[1:])",
    "repr(torch.Size([1, 2]) * 2)",
    "repr(torch.Size([]))",
    "repr(2 * torch.Size([1, 2]))",
    "repr((3,) + torch.Size([1, 2]))",
    "torch.Size([2, 3]).numel()",
    "torch.Size([]).numel()",
    "torch.Size([1, 2]) == (1, 2)",
    "hash(torch.Size([1, 2])) == hash((1, 2))",
    "isinstance(torch.ones(2).shape, tuple)",
    "[repr(torch.device(d)) for d in ('cpu', 'cpu:0')]",
    "str(torch.device('cpu'))",
    "(torch.device('cpu').type, torch.device('cpu').index, torch.device('cpu', 0).index)",
    "torch.device('cpu:0') == torch.device('cpu')",
    "torch.device('cpu') == torch.device(torch.device('cpu'))",
    "torch.device('cpu:x')",
    "torch.set_default_dtype(torch.int64)",
    "repr(torch.finfo(float))",
    "repr(torch.iinfo(int))",
    "torch.finfo('float32')",
    "torch.iinfo('int32')",
    "torch.finfo(torch.float32) == torch.finfo()",
    "torch.iinfo(torch.int8) == torch.iinfo(torch.uint8)",
    "torch.get_default_dtype()",
]


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_it_is_as_in_pytorch(expression, agree):
    agree(expression)


def test_the_default_dtype_must_be_one():
    with pytest.raises(TypeError, match="only floating-point types are supported as the default type"):
        paramlab.set_default_dtype("x")


@pytest.mark.parametrize("way", [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_a_dtype_is_one_object_and_a_device_equals_its_copy(way):
    assert way(paramlab.float32) is paramlab.float32
    assert way(paramlab.device("sim:1")) == paramlab.device("sim:1")
    assert way(paramlab.Size([1, 2])) == (1, 2)


def test_an_unknown_device_is_refused_with_the_known_ones():
    with pytest.raises(RuntimeError, match=r"Expected one of cpu, meta, sim device type at start of .* cuda"):
        paramlab.ones(2, device="cuda")
    with pytest.raises(TypeError):
        paramlab.device(3.5)


def test_a_bare_sim_is_its_first_device():
    assert str(paramlab.ones(1, device="sim").device) == "sim:0"
    assert repr(paramlab.ones(1, device="sim:0").device) == "device(type='sim', index=0)"
    assert paramlab.ones(1, device="sim").device != paramlab.device("sim")
    assert len({paramlab.device("cpu"), paramlab.device("cpu"), paramlab.device("sim:1")}) == 2


@pytest.mark.parametrize("requires_grad", [False, True])
def test_a_number_too_large_for_the_new_type_is_inf_without_a_word(requires_grad, agree):
    # pytest makes an error of NumPy's warning
    agree(lambda torch: torch.tensor([1e300, 1.0], dtype=torch.float64, requires_grad=requires_grad).to(torch.float32))
