"""A look that takes rows over from an earlier one sees what a fresh look sees, whatever has changed between them."""

import pytest

from paramlab.census.read import examine


def freeze(fw, model, opt):
    model.lin.weight.requires_grad_(False)


def reach_the_other(fw, model, opt):
    model.lin.bias.sum().backward()


def move(fw, model, opt):
    model.to("meta")


def move_one_tensor(fw, model, opt):
    model.mean = model.mean.to("meta")


def convert_one_tensor(fw, model, opt):
    model.plain.data = model.plain.data.double()


def convert(fw, model, opt):
    model.double()


def another_shape(fw, model, opt):
    model.plain.data = fw.ones(5)


def another_kind(fw, model, opt):
    model.plain = fw.nn.Parameter(fw.ones(2))


def no_longer_saved(fw, model, opt):
    model.register_buffer("mean", fw.zeros(2), persistent=False)


def no_longer_a_leaf(fw, model, opt):
    model.plain = model.lin.weight * 2


def another_group(fw, model, opt):
    opt.param_groups[0]["params"] = [model.lin.weight]
    opt.add_param_group({"params": [model.lin.bias]})


def no_longer_held(fw, model, opt):
    opt.param_groups[0]["params"].clear()


def replace(fw, model, opt):
    model.lin.weight = fw.nn.Parameter(fw.ones(2, 2))


def tie(fw, model, opt):
    model.plain = model.lin.weight


def hide(fw, model, opt):
    model.hidden = [fw.nn.Linear(2, 2)]


def rename(fw, model, opt):
    model.another = model.lin
    del model.lin


CHANGES = [
    freeze,
    reach_the_other,
    move,
    move_one_tensor,
    convert_one_tensor,
    convert,
    another_shape,
    another_kind,
    no_longer_saved,
    no_longer_a_leaf,
    another_group,
    no_longer_held,
    replace,
    tie,
    hide,
    rename,
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_change_is_seen_as_by_a_fresh_look(change, fw, nn, optim):
    model = nn.Module()
    model.lin = nn.Linear(2, 2)
    model.plain = fw.ones(2)
    model.register_buffer("mean", fw.zeros(2))
    opt = optim.SGD(model.parameters(), lr=0.1)
    model.lin.weight.sum().backward()
    before = examine(model, opt)
    change(fw, model, opt)
    after = examine(model, opt, earlier=before)
    assert after.rows == examine(model, opt).rows
    assert after.rows != before.rows


def test_what_did_not_change_is_taken_over(nn):
    model = nn.Linear(2, 2)
    before = examine(model, None)
    after = examine(model, None, earlier=before)
    assert [id(row) for row in after.rows] == [id(row) for row in before.rows]
