"""Programs that everybody has seen in a tutorial run on paramlab as they stand, and give PyTorch's numbers."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any

import pytest

import paramlab
import paramlab.utils.data  # as `import torch` brings its own

from .conftest import assert_same, plain
from .tutorials import basics, courses, sequences, training, vision

PROGRAMS = [
    program
    for module in (basics, sequences, vision, training, courses)
    for program in vars(module).values()
    if inspect.isfunction(program) and program.__module__ == module.__name__
]


def look(program: Callable[[Any], Any], package: Any, capsys: pytest.CaptureFixture[str]) -> tuple[Any, str]:
    """Return what a program answers, as plain data, and what it prints, addresses aside."""
    answer = plain(program(package))
    return answer, re.sub(" at 0x[0-9a-f]+", "", capsys.readouterr().out)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_a_tutorial_runs(program: Callable[[Any], Any], capsys: pytest.CaptureFixture[str]) -> None:
    answer, _ = look(program, paramlab, capsys)
    assert answer


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_a_tutorial_gives_pytorchs_numbers(
    program: Callable[[Any], Any], torch: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    expected, printed = look(program, torch, capsys)
    answer, ours = look(program, paramlab, capsys)
    assert_same(expected, answer, rtol=1e-4, atol=1e-5)
    assert ours == printed
