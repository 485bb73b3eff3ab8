"""How arguments are read: what is no tensor, NumPy's names, and the dimensions of a tensor that has none."""

import numpy as np
import pytest

import paramlab

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

WRONG_TYPES = """
torch.sum(x, "a")
torch.sum(x, x)
torch.sum(x, True)
torch.sum(x, 0, keepdim=x)
torch.mean(x, 1.5)
torch.max(x, "a")
torch.argmax(x, x)
torch.softmax(x, None)
torch.logsumexp(x, x)
torch.topk(x, x)
torch.cumsum(x, x)
torch.transpose(x, 0, x)
torch.transpose(x, "a", 1)
torch.flatten(x, x)
torch.unsqueeze(x, [0])
torch.squeeze(x, x)
torch.chunk(x, x)
torch.split(x, x)
torch.split(x, 1.5)
torch.split(x, np.int64(1))
torch.narrow(x, 0, 0, 1.0)
torch.select(x, "a", 0)
torch.roll(x, x)
torch.movedim(x, x, 0)
x.unfold(x, 2, 1)
x.view(x)
x.expand(x)
x.reshape(3, x)
x.repeat(x, 1)
torch.diagonal(x, x)
torch.scatter(x, 0, [0], 1.0)
torch.scatter_add(x, 0, torch.tensor([[0]]), 1.0)
x.index_add_(0, [0], x)
torch.index_fill(x, 0, torch.tensor([0]), "a")
torch.addcmul(x, x, 2)
torch.addmm(x, x, x, beta="a")
torch.add(x, x, alpha="a")
torch.add(x, x, alpha=x)
torch.add(x, [1], alpha=2)
torch.div(x, x, rounding_mode=1)
torch.einsum(["ij"], x)
torch.meshgrid(x[0], indexing=1)
torch.cdist(x, [1.0])
torch.allclose(x, [1.0])
torch.clamp(x, [0], [1])
torch.clamp(x, "a")
torch.linalg.inv([1.0])
torch.linalg.norm(x, 2, "a")
torch.norm(x, 2, x)
torch.eye("a")
torch.arange()
torch.arange([1])
torch.arange(torch.tensor([5]))
torch.arange(1, x)
torch.arange("a")
torch.linspace([0], 1, 5)
torch.linspace(0, 1, 2.5)
torch.full((2,), x)
torch.zeros(2, torch.tensor(1.5))
torch.chunk(x, torch.tensor(1.5))
x.normal_(x)
x.normal_(0.0, [1.0])
nn.init.normal_(x, x)
torch.full((2,), torch.tensor(1.0, requires_grad=True))
torch.full_like(x, "a")
torch.zeros(2, requires_grad="yes")
torch.ones_like(x, requires_grad=1)
torch.tril_indices(2.5, 2)
torch.tril_indices(-1, 2)
torch.randint(x, 5, (2,))
torch.randperm("a")
torch.multinomial(x, "a")
torch.normal([0.0], 1.0, (2,))
torch.normal(0.0, "a", (2,))
torch.normal(x, 1.0, (2, 3))
F.linear(x, torch.ones(4, 3), "a")
F.softmax([1.0], 0)
F.log_softmax(np.ones(2), 0)
F.softmin([1.0], 0)
F.softsign([1.0])
F.tanhshrink([1.0])
F.normalize([1.0])
F.glu([1.0])
nn.Softmax(0)(np.ones(2))
F.mse_loss(x, [1.0])
F.dropout(np.ones(2))
F.leaky_relu(x, "a")
F.leaky_relu(x, torch.tensor(1.0, requires_grad=True))
F.elu(x, [1.0])
F.softplus(x, "a")
F.glu(x, "a")
F.gelu(x, approximate=1)
F.threshold(x, "a", 1)
F.pad(x, (1, 1), 0)
F.pad(x, 1)
F.one_hot(x.long(), "a")
F.layer_norm(x, 3)
F.batch_norm(x, x[0], x[0], momentum="a", training=True)
F.conv2d(torch.ones(1, 2, 5, 5), torch.ones(3, 2, 2, 2), "a")
F.conv2d(torch.ones(1, 2, 5, 5), torch.ones(3, 2, 2, 2), groups=1.5)
F.max_pool2d(torch.ones(1, 1, 4, 4), "a")
F.avg_pool2d(torch.ones(1, 1, 4, 4), 2, "a")
F.cross_entropy(x, torch.tensor([0, 1]), weight="a")
F.cross_entropy(x, torch.tensor([0, 1]), ignore_index="a")
F.cross_entropy(x, torch.tensor([0, 1]), label_smoothing="a")
F.cosine_similarity(x, [1.0])
F.triplet_margin_loss(x, x, 1.0)
nn.utils.rnn.pad_sequence([1, 2])
nn.utils.rnn.pad_sequence([x], batch_first=x)
nn.init.orthogonal_(x.long())
nn.init.trunc_normal_(x.long())
nn.init.sparse_(x.long(), 0.5)
nn.LayerNorm(torch.tensor(1.5))
"""

OF_NUMPY = """
torch.squeeze(torch.ones(1, 3), np.int64(0))
torch.chunk(x, np.int64(2), 1)
torch.split(x, torch.tensor(2), 1)
torch.tensor_split(x, np.int64(2))
torch.roll(x, np.int64(1), np.int64(0))
torch.movedim(x, np.int64(0), 1)
torch.transpose(x, np.int64(0), torch.tensor(1))
torch.scatter(x, 1, torch.tensor([[0]]), np.float32(2))
x.copy_(3)
x.copy_(True)
nn.LayerNorm(np.int64(3))(x)
torch.zeros(2, requires_grad=None)
torch.normal(torch.tensor(1), 0.0, (2,))
"""

REFUSED_FOR_ITS_VALUE = """
torch.meshgrid(indexing="ij")
torch.linspace(0, torch.ones(2), 5)
torch.zeros(2, 3)[0].__setitem__(0, np.float32(1))
torch.split(torch.ones(2, 3), np.ones(2))
torch.linalg.norm(torch.ones(2, 3), 2, [])
torch.linalg.norm(torch.ones(2, 3), 2, [1, 2])
torch.linalg.norm(torch.ones(2, 3), "fro", [1, 2])
torch.max(torch.ones(2, 3), torch.ones(2))
torch.isclose(torch.ones(2), torch.ones(2), atol=-1)
torch.allclose(torch.ones(2), torch.ones(2), -0.5)
torch.arange(torch.tensor(5), torch.tensor(7.5))
nn.init.orthogonal_(torch.ones(2, 3).long())
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


@pytest.mark.parametrize("expression", WRONG_TYPES.strip().splitlines())
def test_an_argument_of_the_wrong_type_is_refused_as_such(expression, torch):
    theirs, ours = (_class_of_error(expression, package) for package in (torch, paramlab))
    assert theirs is not None
    assert ours == theirs


def test_the_error_names_the_argument():
    with pytest.raises(TypeError, match=r"^topk\(\): argument 'k' \(position 2\) must be int, not str$"):
        paramlab.topk(paramlab.ones(3), "a")
    with pytest.raises(TypeError, match=r"^sum\(\): argument 'keepdim' must be bool, not Tensor$"):
        paramlab.sum(paramlab.ones(3), 0, keepdim=paramlab.ones(2))


def test_an_error_that_is_not_about_types_stays_as_it_is():
    with pytest.raises(RuntimeError, match="selected index k out of range") as raised:
        paramlab.topk(paramlab.ones(3), 7)
    assert raised.value.__cause__ is None


@pytest.mark.parametrize("expression", OF_NUMPY.strip().splitlines())
def test_whole_numbers_of_numpy_and_of_tensors_are_numbers(expression, agree):
    names = {"np": np}
    agree(lambda torch: eval(expression, {**names, "torch": torch, "nn": torch.nn, "x": torch.arange(6.0).view(2, 3)}))


@pytest.mark.parametrize("value", ["np.int64(7)", "np.uint8(7)", "np.float64(1.5)", "2", "True"])
def test_a_number_of_numpy_can_be_assigned(value, agree):
    def program(torch):
        x, y = torch.zeros(2, 3), torch.zeros(2, dtype=torch.int64)
        x[0], x[1, 2], y[1] = eval(value), eval(value), eval(value)
        return x, y

    agree(program)


@pytest.mark.parametrize("expression", REFUSED_FOR_ITS_VALUE.strip().splitlines())
def test_an_argument_that_makes_no_sense_is_refused(expression, agree):
    agree(expression)


def _class_of_error(expression, torch):
    names = {"torch": torch, "np": np, "nn": torch.nn, "F": torch.nn.functional, "x": torch.ones(2, 3)}
    try:
        eval(expression, names)
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
