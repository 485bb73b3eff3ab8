"""The bench puts a learner's definition in, takes it out, and always gets back to the package's own."""

import types

import pytest

import paramlab
from paramlab import nn
from paramlab.workshop import bench as module
from paramlab.workshop.bench import REFERENCE, Bench, Built, bench
from paramlab.workshop.tasks import Piece

from .notebook import is_the_reference

REPR = "Parameter.__repr__"


def mine(self):
    return "mine"


@pytest.fixture
def built():
    bench.mine[REPR] = Built(mine, "def mine…")
    bench.put_in(REPR)
    return nn.Parameter(paramlab.ones(1))


def test_what_is_put_in_is_what_the_package_uses(built):
    assert repr(built) == "mine"
    assert bench.plugged == {REPR}


def test_what_is_taken_out_is_the_packages_own_again(built):
    bench.take_out(REPR)
    assert vars(nn.Parameter)["__repr__"] is REFERENCE[REPR]
    assert bench.plugged == set()


def test_forgetting_takes_it_out_and_drops_it(built):
    bench.refused[REPR] = "why"
    bench.forget(REPR)
    assert is_the_reference()
    assert REPR not in bench.mine
    assert REPR not in bench.refused


def test_only_none_is_the_reference_and_afterwards_all_is_as_before(built):
    with bench.only():
        assert repr(built).startswith("Parameter containing")
    assert repr(built) == "mine"


def test_only_one_uses_that_one(built):
    bench.take_out(REPR)
    with bench.only(REPR):
        assert repr(built) == "mine"
    assert is_the_reference()


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_only_ends_as_it_should_when_the_block_is_left_by_an_error(built, error):
    with pytest.raises(error), bench.only():
        raise error
    assert repr(built) == "mine"


def test_only_may_be_used_inside_of_only(built):
    with bench.only():
        with bench.only(REPR):
            assert repr(built) == "mine"
        assert repr(built).startswith("Parameter")


def test_what_was_not_built_can_not_be_plugged_in():
    bench.set_to({"Module.__setattr__"})
    assert is_the_reference()


def test_what_somebody_put_there_by_hand_goes_too():
    nn.Parameter.__repr__ = mine
    bench.set_to(set())
    assert is_the_reference()


def test_what_was_put_in_by_half_comes_out(monkeypatch):
    def interrupted(piece, definition):
        setattr(piece.owner, piece.attribute, definition)
        raise KeyboardInterrupt

    bench.mine[REPR] = Built(mine, "")
    with monkeypatch.context() as patch:
        patch.setattr(module, "_replace", interrupted)
        with pytest.raises(KeyboardInterrupt):
            bench.put_in(REPR)
    bench.set_to(set())
    assert is_the_reference()


def test_a_new_stays_a_static_method():
    bench.mine["Parameter.__new__"] = Built(lambda cls, data=None, requires_grad=True: 3, "")
    with bench.only("Parameter.__new__"):
        assert isinstance(vars(nn.Parameter)["__new__"], staticmethod)
        assert nn.Parameter() == 3


def test_what_a_piece_writes_into_its_class_leaves_with_it(built):
    nn.Parameter.left_behind = 3
    bench.take_out(REPR)
    assert not hasattr(nn.Parameter, "left_behind")


def test_what_was_in_the_class_before_the_piece_stays():
    nn.Parameter.of_the_learner = 3
    try:
        bench.mine[REPR] = Built(mine, "")
        with bench.only(REPR):
            pass
        assert nn.Parameter.of_the_learner == 3
    finally:
        del nn.Parameter.of_the_learner


def test_a_function_is_replaced_wherever_the_package_imported_it(monkeypatch):
    def reference():
        return "reference"

    defines, imports = types.ModuleType("paramlab.defines"), types.ModuleType("paramlab.imports")
    outside = types.ModuleType("not_paramlab")
    for one in (defines, imports, outside):
        one.tool = reference
        monkeypatch.setitem(module.sys.modules, one.__name__, one)
    monkeypatch.setitem(module.PIECES, "tool", Piece(defines, "tool", 1, 1, ()))
    monkeypatch.setitem(REFERENCE, "tool", reference)
    fresh = Bench()
    fresh.mine["tool"] = Built(lambda: "mine", "")
    fresh.put_in("tool")
    assert (defines.tool(), imports.tool(), outside.tool()) == ("mine", "mine", "reference")
    fresh.take_out("tool")
    assert defines.tool is imports.tool is reference
