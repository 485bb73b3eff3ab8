"""What every test may ask for: PyTorch as the oracle, and a way to run one program on both packages."""

from __future__ import annotations

import importlib
import os
import signal
import warnings
from collections import Counter
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

import paramlab

CI = "CI" in os.environ

# A slow machine is no mistake in the code; in CI the same examples are tried in each run.
settings.register_profile("paramlab", deadline=None, derandomize=CI, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("paramlab")


@pytest.fixture(scope="session", autouse=True)
def heard() -> None:
    """A run in the background or under nohup ignores signals, and so would each program that a test starts."""
    for name in ("SIGINT", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, lambda *_: None)  # handled here, it is as usual in a child


@pytest.fixture(scope="session", autouse=True)
def converted() -> None:
    """What is warned of once in a process is out of the way: no test depends on which ran before it."""
    _convert(paramlab)


def _convert(package: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        float(package.ones(1, requires_grad=True))


@pytest.fixture(scope="session")
def torch() -> ModuleType:
    """PyTorch; a test that needs it is skipped where it is missing, and fails where it must not be."""
    try:
        import torch
    except ImportError:
        advice = "PyTorch is the oracle of this test: pip install torch==2.13.0"
        if CI:
            pytest.fail(advice)
        pytest.skip(advice)
    _convert(torch)
    return torch


@pytest.fixture(params=["paramlab", "torch"])
def fw(request: pytest.FixtureRequest) -> ModuleType:
    """A framework under the name that its users give it: what holds for models of both is tested on both."""
    return paramlab if request.param == "paramlab" else request.getfixturevalue("torch")


@pytest.fixture
def nn(fw: ModuleType) -> ModuleType:
    """The framework's ``nn``."""
    return importlib.import_module(f"{fw.__name__}.nn")


@pytest.fixture
def optim(fw: ModuleType) -> ModuleType:
    """The framework's ``optim``."""
    return importlib.import_module(f"{fw.__name__}.optim")


@pytest.fixture
def agree(torch: ModuleType) -> Callable[..., None]:
    """Run a program on PyTorch and on paramlab, and compare what it returns, raises and warns of."""

    def check(program: Callable[[Any], Any] | str, **settings: Any) -> None:
        expected, got = outcome(program, torch), outcome(program, paramlab)
        assert_same(expected, got, **settings)

    return check


def outcome(program: Callable[[Any], Any] | str, package: Any) -> tuple[Any, list[str]]:
    """Return what a program answers, an error included, and the categories of its warnings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            answer = _evaluate(program, package)
        except Exception as error:
            answer = error
        return plain(answer), [warning.category.__name__ for warning in caught]


def _evaluate(program: Callable[[Any], Any] | str, package: Any) -> Any:
    if isinstance(program, str):
        names = {"torch": package, "nn": package.nn, "F": package.nn.functional, "np": np}
        return eval(program, names)
    return program(package)


def plain(value: Any) -> Any:
    """Return a value of either package as plain data that can be compared."""
    if isinstance(value, Exception):
        return ("raised", value)
    if hasattr(value, "grad_fn"):
        array = value.detach().cpu().numpy()
        return ("tensor", array, str(value.dtype), value.requires_grad)
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return value if isinstance(value, int | float | str | bool | bytes | None) else str(value)


def assert_same(expected: Any, got: Any, rtol: float = 1e-5, atol: float = 1e-6) -> None:
    """Fail unless two plain outcomes are the same; numbers may differ by rounding, messages may go on."""
    if isinstance(expected, list | tuple) and expected and isinstance(expected[0], str) and expected[0] == "raised":
        assert isinstance(got, tuple), f"PyTorch raises {expected[1]!r}, paramlab returns {got}"
        assert got[0] == "raised", f"PyTorch raises {expected[1]!r}, paramlab returns {got}"
        assert isinstance(got[1], type(expected[1])), f"PyTorch raises {expected[1]!r}, paramlab {got[1]!r}"
        first = str(expected[1]).strip("'\"").split("\n")[0].split(". ")[0].rstrip(".").lower()
        assert first in str(got[1]).lower(), f"\nPyTorch:  {expected[1]}\nparamlab: {got[1]}"
    elif isinstance(expected, tuple) and len(expected) == 4 and expected[0] == "tensor":
        assert isinstance(got, tuple), f"PyTorch returns {expected}, paramlab {got}"
        assert got[0] == "tensor", f"PyTorch returns {expected}, paramlab {got}"
        assert expected[2:] == got[2:], f"dtype, requires_grad: PyTorch {expected[2:]}, paramlab {got[2:]}"
        assert expected[1].shape == got[1].shape
        np.testing.assert_allclose(got[1], expected[1], rtol=rtol, atol=atol)
    elif isinstance(expected, list | tuple):
        assert isinstance(got, list | tuple)
        assert len(expected) == len(got), f"\nPyTorch:  {expected}\nparamlab: {got}"
        for a, b in zip(expected, got, strict=True):
            assert_same(a, b, rtol, atol)
    elif isinstance(expected, dict):
        assert list(expected) == list(got)
        for key in expected:
            assert_same(expected[key], got[key], rtol, atol)
    elif isinstance(expected, float):
        assert got == pytest.approx(expected, rel=rtol, abs=atol, nan_ok=True)
    else:
        assert expected == got
        assert type(expected) is type(got)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Name what was skipped, each reason once, with the line that installs what it needs."""
    reasons = Counter(report.longrepr[2].removeprefix("Skipped: ") for report in terminalreporter.getreports("skipped"))
    for reason, count in reasons.most_common():
        terminalreporter.write_line(f"skipped {count} test{'s' if count > 1 else ''}: {reason}", yellow=True)
