"""What hints may ask of the missed cases, and how the nearest name is found."""

import pytest

import paramlab
from paramlab import nn
from paramlab.cases import Case, Failure, Outcome
from paramlab.workshop.tasks import Miss, Misses, Piece, nearest


def miss(name, answer=None, failure=None):
    return Miss(Case(f"family.{name}", "says", lambda torch, rng: 1), 1, Outcome(answer, failure))


@pytest.fixture
def misses():
    boom = Failure("TypeError", "no such thing")
    return Misses([miss("a", answer=[2]), miss("b", failure=boom)], "def f(x):\n    return x.data\n")


def test_missed_asks_for_all_of_the_names(misses):
    assert misses.missed("a")
    assert misses.missed("a", "b")
    assert not misses.missed("a", "c")


def test_only_asks_for_these_and_no_others(misses):
    assert misses.only("b", "a")
    assert not misses.only("a")
    assert not misses.only("a", "b", "c")


def test_got_is_the_answer_of_a_missed_case(misses):
    assert misses.got("a") == [2]
    assert misses.got("b") is None
    assert misses.got("c") is None


def test_raised_asks_for_the_class_and_a_part_of_the_message(misses):
    assert misses.raised("TypeError")
    assert misses.raised("TypeError", "such")
    assert not misses.raised("TypeError", "other")
    assert not misses.raised("KeyError")


def test_written_looks_into_the_source(misses):
    assert misses.written(r"x\.data\b")
    assert not misses.written("clone")


def test_a_method_is_called_by_its_class_and_a_function_by_its_own_name():
    assert Piece(nn.Module, "state_dict", 6, 1, ()).name == "Module.state_dict"
    assert Piece(paramlab.autograd, "no_grad", 1, 1, ()).name == "no_grad"


@pytest.mark.parametrize("typed", ["module.__setattr__", "Module.__setatr__", "Module__setattr__", "setattr"])
def test_the_nearest_name_is_suggested(typed):
    assert nearest(typed, ["Module.__setattr__", "three kinds"]) == "Did you mean 'Module.__setattr__'?"


@pytest.mark.parametrize("typed", ["", "zzz", "✓"])
def test_without_a_near_name_all_are_listed(typed):
    assert nearest(typed, ["Module.__setattr__", "three kinds"]) == "There are: Module.__setattr__, three kinds."
