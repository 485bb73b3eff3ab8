"""How arguments are read: what is no tensor, NumPy's names, and the dimensions of a tensor that has none."""

import numpy as np
import pytest

OF_ONE = """
isnan isinf isfinite isposinf isneginf isreal logical_not bitwise_not floor ceil trunc fix frac round sign sgn neg
negative positive nan_to_num nonzero argwhere ravel squeeze unbind fliplr flipud rot90 t diag diagonal trace tril triu
tile repeat_interleave bernoulli rand_like randn_like
"""

OF_SEVERAL = """
torch.transpose([1], 0, 1)
torch.swapaxes([1], 0, 1)
torch.permute([1], (0,))
torch.movedim([1], 0, 0)
torch.flip([1], [0])
torch.roll([1], 1)
torch.reshape([1], (1,))
torch.unflatten([1], 0, (1, 1))
torch.unsqueeze([1], 0)
torch.broadcast_to([1], (1,))
torch.broadcast_tensors(torch.ones(1), 1)
torch.atleast_2d([1.0])
torch.meshgrid(torch.ones(1), 1, indexing="ij")
torch.narrow([1], 0, 0, 1)
torch.select([1], 0, 0)
torch.chunk([1], 1)
torch.split([1], 1)
torch.gather([1], 0, torch.tensor([0]))
torch.index_select([1], 0, torch.tensor([0]))
torch.take(torch.ones(1), 0)
torch.masked_select(torch.ones(1), [True])
torch.dot(torch.ones(1), 2)
torch.ones(1).outer(2)
torch.inner(torch.ones(1), 2)
torch.mv(torch.ones(1, 1), [1.0])
torch.addmm(torch.ones(1), [[1.0]], torch.ones(1, 1))
torch.cdist([[1.0]], torch.ones(1, 1))
torch.multinomial([1.0], 1)
torch.ones(2, 3).amax(2.5)
torch.ones(2, 3).sum(1.0)
torch.ones(2, 3).softmax("x")
"""

KEYWORDS = """
torch.squeeze(torch.ones(1, 3), axis=0)
torch.ones(3, 1).squeeze_(axis=-1)
torch.unsqueeze(torch.ones(3), axis=0)
torch.concat([torch.ones(2), torch.zeros(1)], axis=0)
torch.unbind(torch.ones(2, 3), axis=1)
torch.chunk(torch.ones(4), 2, axis=0)
torch.ones(2, 3).size(axis=1)
torch.arange(4).split(split_size=3)
torch.permute(torch.ones(2, 3), dims=(1, 0))
torch.flip(torch.arange(3), dims=[0])
torch.ones(2).broadcast_to(3, 2)
torch.ones(2, 3).repeat_interleave(2, 0, output_size=4)
"""

ONE_TUPLE = """
torch.permute(torch.ones(2, 3), 1, 0)
torch.ones(2, 3).permute(1, 0)
torch.ones(2, 3).permute(dims=(1, 0))
torch.reshape(torch.ones(2, 3), 3, 2)
torch.reshape(torch.ones(2, 3), -1)
torch.reshape(torch.ones(2, 3), torch.Size([6]))
torch.ones(2, 3).reshape(3, 2)
torch.flip(torch.ones(2), 0)
torch.arange(3).flip(0)
torch.tile(torch.ones(2), 2)
torch.ones(2).tile(2, 2)
torch.broadcast_to(torch.ones(2), 3, 2)
torch.ones(2).broadcast_to(size=(3, 2))
"""

WITHOUT_DIMENSIONS = """
torch.tensor(1.0).size(0)
torch.tensor(1.0).stride(-1)
torch.tensor(1.0).roll(1, 0)
torch.tensor(1.0).movedim(0, -1)
torch.tensor(1.0).take_along_dim(torch.tensor(0), 0)
torch.arange(3.0).take_along_dim(torch.tensor([-1, -4, 3]), 0)
torch.arange(6.0).reshape(2, 3).take_along_dim(torch.tensor([-1, 0]))
torch.arange(3.0).clamp(0.5, torch.tensor(1.5))
torch.trace(torch.ones(2, 2, dtype=torch.uint8))
torch.trace(torch.ones(2, 2).bool())
torch.arange(3.0).diff(n=0)
torch.tensor(1.0).gather(0, torch.tensor(0))
torch.tensor(1.0).scatter(0, torch.tensor(0), torch.tensor(3.0))
torch.tensor(1.0).scatter_add(0, torch.tensor(0), torch.tensor(3.0))
torch.tensor(1.0).scatter_reduce(0, torch.tensor(0), torch.tensor(3.0), "mean")
torch.tensor(1.0).index_fill(0, torch.tensor([0]), 2.0)
torch.tensor(1.0).index_copy(0, torch.tensor([0]), torch.tensor(2.0))
torch.tensor(1.0).index_select(0, torch.tensor([0, 0]))
torch.tensor(1.0)[:]
torch.tensor(1.0)[0]
torch.tensor(1.0)[0, 0]
torch.tensor(1.0)[[0]]
"""


@pytest.mark.parametrize("name", OF_ONE.split())
@pytest.mark.parametrize("given", ["[1.0]", "np.ones(1)", "1.5"])
def test_what_is_no_tensor_is_a_type_error(name, given, agree):
    if name in ("repeat_interleave", "tile"):
        given += ", 2" if name == "repeat_interleave" else ", (2,)"
    agree(lambda torch: _class_of_error(f"torch.{name}({given})", torch))


@pytest.mark.parametrize("expression", OF_SEVERAL.strip().splitlines())
def test_an_error_names_the_kind_of_mistake(expression, agree):
    agree(lambda torch: _class_of_error(expression, torch))


def _class_of_error(expression, torch):
    try:
        eval(expression, {"torch": torch, "np": np})
    except Exception as error:
        return type(error).__name__
    return None


@pytest.mark.parametrize(
    "expression", (KEYWORDS + ONE_TUPLE.lstrip() + WITHOUT_DIMENSIONS.lstrip()).strip().split("\n")
)
def test_a_corner_of_the_arguments_is_pytorchs(expression, agree):
    agree(expression)


def test_an_element_without_dimensions_has_the_gradient_of_its_place(agree):
    def program(torch):
        x = torch.tensor(2.0, requires_grad=True)
        place = torch.tensor(0)
        (x.gather(0, place) * x.scatter_add(0, place, x * x)).backward()
        return x.grad

    agree(program)


def test_nothing_repeated_has_a_gradient_of_zero(agree):
    def program(torch):
        x = torch.ones(2, 3, requires_grad=True)
        x.repeat_interleave(0, dim=1).sum().backward()
        return x.grad

    agree(program)


def test_a_function_that_writes_in_place_is_the_method(agree):
    def program(torch):
        x = torch.tensor([-1.5, 0.25, 2.0])
        same = torch.relu_(x) is x and torch.exp_(x) is x and torch.clamp_(x, 0, 3) is x
        return same, x, torch.detach(x), hasattr(torch, "add_"), torch.arctan2(x, x)

    agree(program)
