"""Every case answers on paramlab what it answers on PyTorch."""

import json

import pytest

import paramlab
from paramlab.cases import CASES, same

from .record import RECORDED, SEED, TORCH, answers

recorded = json.loads(RECORDED.read_text(encoding="utf-8"))


def outcome_of(name, package, seed):
    outcome = CASES[name].run(package, seed)
    assert outcome.failure is None, f"{outcome.failure}"
    return outcome.answer


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("seed", [SEED, 1, 2])
def test_a_case_answers_as_pytorch_does(name, seed, torch):
    expected, got = outcome_of(name, torch, seed), outcome_of(name, paramlab, seed)
    assert same(expected, got, messages=True), f"\nPyTorch:  {expected}\nparamlab: {got}"


@pytest.mark.parametrize("name", CASES)
def test_a_case_answers_as_recorded(name):
    expected, got = recorded["answers"][name], outcome_of(name, paramlab, SEED)
    assert same(expected, got, messages=True), f"\nrecorded: {expected}\nparamlab: {got}"


def test_the_recorded_answers_are_those_of_pytorch(torch):
    assert torch.__version__.split("+")[0] == recorded["torch"] == TORCH
    # JSON has lists only: go through it, as the recorded ones did. The last digits depend on the number of cores.
    now = json.loads(json.dumps(answers(torch)))
    changed = [name for name, answer in now.items() if not same(recorded["answers"][name], answer, messages=True)]
    assert changed == [], "run `python -m tests.cases.record`"


def test_every_recorded_answer_belongs_to_a_case():
    assert set(recorded["answers"]) == set(CASES), "run `python -m tests.cases.record`"
