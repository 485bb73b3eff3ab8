"""Dropout: what is dropped is random, everything else is PyTorch's."""

import pytest

import paramlab

LAYERS = [("Dropout", (50, 40)), ("Dropout1d", (50, 40, 3)), ("Dropout2d", (50, 40, 3, 2))]


@pytest.mark.parametrize(("name", "shape"), LAYERS)
@pytest.mark.parametrize("inplace", [False, True])
def test_what_stays_is_scaled_and_so_is_its_gradient(name, shape, inplace, fw):
    fw.manual_seed(0)
    x = fw.ones(*shape, requires_grad=True)
    out = getattr(fw.nn, name)(0.25, inplace)(x * 1)
    out.sum().backward()
    assert fw.equal(out, x.grad)
    assert sorted(set(out.flatten().tolist())) == pytest.approx([0, 4 / 3])
    assert (out == 0).float().mean().item() == pytest.approx(0.25, abs=0.05)


@pytest.mark.parametrize(("name", "shape"), LAYERS[1:])
def test_channels_are_dropped_whole(name, shape, fw):
    out = getattr(fw.nn, name)()(fw.ones(*shape)).flatten(2)
    assert fw.equal(out, out[:, :, :1].expand(out.shape))


def test_the_seed_decides_what_is_dropped():
    def drawn():
        paramlab.manual_seed(3)
        return paramlab.nn.functional.dropout(paramlab.ones(20)).tolist()

    assert drawn() == drawn()
    assert drawn() != paramlab.nn.functional.dropout(paramlab.ones(20)).tolist()


def test_after_eval_the_input_itself_comes_back(agree):
    def program(torch):
        nn, F, x = torch.nn, torch.nn.functional, torch.ones(2, 3, 4, 4)
        layers = [nn.Dropout(), nn.Dropout2d(), nn.Dropout(0.9, inplace=True)]
        return [layer.eval()(x) is x for layer in layers], F.dropout(x, 0.5, False) is x, F.dropout(x, 0.0) is x

    agree(program)


def test_in_place_overwrites_and_is_counted(agree):
    def program(torch):
        x = torch.ones(3)
        out = torch.nn.functional.dropout(x, 1.0, inplace=True)
        return out is x, x, x._version

    agree(program)


ODD = [
    "F.dropout(torch.ones(2), p=1.5)",
    "F.dropout(torch.ones(2), p=-0.5)",
    "F.dropout(torch.ones(2), p=1.0)",
    "F.dropout(torch.ones(2), p=0.0)",
    "F.dropout(torch.ones(2), p='a')",
    "F.dropout(torch.ones(2).long(), p=0.5)",
    "F.dropout(torch.ones(2).long(), p=1.0)",
    "F.dropout(torch.ones(2).half(), p=1.0)",
    "F.dropout(torch.ones(2, requires_grad=True), p=0.5).grad_fn.name()",
    "F.dropout(torch.ones(2, requires_grad=True), p=0.5, inplace=True)",
    "F.dropout1d(torch.ones(2, 3, requires_grad=True), p=0.5).grad_fn.name()",
    "F.dropout2d(torch.ones(2), p=0.5)",
    "F.dropout2d(torch.ones(2, 3), p=0.5).shape",
    "F.dropout2d(torch.ones(2, 3, 4), p=0.5).shape",
    "F.dropout2d(torch.ones(2, 3, 4, 4, 4), p=0.5).shape",
    "F.dropout2d(torch.ones(2, 3, 4, 4), p=2.0)",
    "F.dropout1d(torch.ones(2, 3, 4, 5), p=0.5)",
    "nn.Dropout(2)",
    "repr(nn.Dropout(0.3, True))",
    "repr(nn.Dropout(p=1))",
    "repr(nn.Dropout2d())",
    "repr(nn.Dropout1d(0.1))",
    "nn.Dropout2d()(torch.ones(3))",
    "nn.Dropout2d().eval()(torch.ones(3))",
    "nn.Dropout2d(0.0)(torch.ones(3))",
]


@pytest.mark.parametrize("expression", ODD)
def test_a_corner_of_dropout(expression, agree):
    agree(expression)
