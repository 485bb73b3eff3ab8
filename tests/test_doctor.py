"""The doctor's diagnosis, on systems that are made up."""

import importlib.metadata
import os
import signal
import sys
import tempfile
from types import SimpleNamespace

import pytest

from paramlab import doctor
from paramlab.doctor import Requirement, parse, satisfies

WHEEL = [
    "numpy>=1.26",
    "safetensors>=0.4.3",
    'jupyterlab<5,>=4.2; extra == "course"',
    "nbgrader>=0.9.5; extra == 'grade'",
    "paramlab[course]; extra == 'grade'",
]
GOOD = {"numpy": "2.4.6", "safetensors": "0.8.0", "jupyterlab": "4.6.6"}


@pytest.fixture
def environment(monkeypatch):
    """An environment with paramlab and the packages in the dict; without paramlab when that is None."""

    def make(packages):
        def look_up(name):
            if packages is None or name not in packages:
                raise importlib.metadata.PackageNotFoundError(name)
            return packages[name]

        def about(name):
            look_up("paramlab")
            return {"Requires-Python": ">=3.11", "Version": "0.1.0"}

        def requires(name):
            look_up("paramlab")
            return WHEEL

        if packages is not None:
            packages = {"paramlab": "0.1.0", **packages}
        monkeypatch.setattr(importlib.metadata, "version", look_up)
        monkeypatch.setattr(importlib.metadata, "metadata", about)
        monkeypatch.setattr(importlib.metadata, "requires", requires)
        monkeypatch.setattr(doctor, "kernel", lambda: iter(()))

    return make


def test_a_complete_environment_can_run_the_course(environment, capsys):
    environment(GOOD)
    assert doctor.doctor() == 0
    text = capsys.readouterr().out
    assert "jupyterlab 4.6.6" in text
    assert "without  torch is missing" in text, "what is optional never stops the course"
    assert "MEND" not in text
    assert "\x1b" not in text, "it reads well without colour"


@pytest.mark.parametrize(
    ("name", "version", "says", "mend"),
    [
        ("numpy", None, "numpy is missing", '"numpy>=1.26"'),
        ("numpy", "1.25.2", "numpy 1.25.2 is here, >=1.26 is wanted", '"numpy>=1.26"'),
        ("jupyterlab", "3.6.1", "jupyterlab 3.6.1 is here, <5,>=4.2 is wanted", '"jupyterlab<5,>=4.2"'),
        ("jupyterlab", "5.0", "jupyterlab 5.0 is here", '"jupyterlab<5,>=4.2"'),
    ],
)
def test_what_is_missing_or_of_a_wrong_version_comes_with_the_line_that_mends_it(
    environment, capsys, name, version, says, mend
):
    environment({k: v for k, v in {**GOOD, name: version}.items() if v})
    assert doctor.doctor() == 1
    text = capsys.readouterr().out
    assert f"MEND     {says}" in text
    assert f"python -m pip install {mend}" in text
    assert "1 thing above" in text


def test_a_paramlab_that_is_not_installed_is_said(environment, capsys):
    environment(None)
    assert doctor.doctor() == 1
    assert 'python -m pip install -e ".[course]"' in capsys.readouterr().out


def test_an_old_python_is_said(environment, monkeypatch):
    environment(GOOD)
    monkeypatch.setattr(sys, "version", "3.9.1 (a build)")
    first = next(doctor.python())
    assert not first.ok
    assert ">=3.11 is needed" in first.what


def test_a_folder_that_cannot_be_written_to_is_said(monkeypatch):
    def refuse(**_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    (found,) = doctor.folder()
    assert not found.ok
    assert found.needed
    assert "Permission denied" in found.what


@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="this system has no SIGALRM to take away")
def test_a_system_without_limits_can_still_run_the_course(monkeypatch):
    monkeypatch.delattr(signal, "SIGALRM")
    monkeypatch.setattr(sys, "platform", "darwin")
    time, memory = doctor.limits()
    assert (time.ok, time.needed) == (False, False)
    assert (memory.ok, memory.needed) == (False, False)


def test_a_kernel_of_another_environment_is_said(monkeypatch, tmp_path):
    kernelspec = pytest.importorskip("jupyter_client.kernelspec", reason='pip install "paramlab[course]"')
    other = tmp_path / "bin" / "python"
    other.parent.mkdir()
    other.touch()
    spec = SimpleNamespace(argv=[str(other)])
    monkeypatch.setattr(kernelspec.KernelSpecManager, "get_kernel_spec", lambda *_: spec)
    (found,) = doctor.kernel()
    assert not found.ok
    assert str(other) in found.what
    for same in (sys.executable, "python", "python3"):
        spec.argv = [same]
        (found,) = doctor.kernel()
        assert found.ok


def test_a_kernel_that_is_not_there_is_said(monkeypatch):
    kernelspec = pytest.importorskip("jupyter_client.kernelspec", reason='pip install "paramlab[course]"')

    def missing(*_):
        raise kernelspec.NoSuchKernel("python3")

    monkeypatch.setattr(kernelspec.KernelSpecManager, "get_kernel_spec", missing)
    (found,) = doctor.kernel()
    assert not found.ok
    assert "ipykernel install" in found.mend


def test_a_browser_that_playwright_brought_is_found(monkeypatch, tmp_path):
    monkeypatch.setattr(doctor.shutil, "which", lambda _: None)
    monkeypatch.setitem(os.environ, "PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))
    assert doctor._browser() is None
    (tmp_path / "chromium-1200").mkdir()
    assert doctor._browser() == str(tmp_path / "chromium-1200")


@pytest.mark.parametrize(
    ("line", "requirement"),
    [
        ("numpy>=1.26", Requirement("numpy", ">=1.26")),
        ("numpy (>=1.26, <3)", Requirement("numpy", ">=1.26,<3")),
        ('jupyterlab<5,>=4.2; extra == "course"', Requirement("jupyterlab", "<5,>=4.2", "course")),
        ("paramlab[course]; extra == 'grade'", Requirement("paramlab", "", "grade")),
        ("pytest-xdist>=3.6 ; extra == 'test'", Requirement("pytest-xdist", ">=3.6", "test")),
    ],
)
def test_a_line_of_metadata_is_read(line, requirement):
    assert parse(line) == requirement


@pytest.mark.parametrize(
    ("version", "versions", "answer"),
    [
        ("4.6.6", ">=4.2,<5", True),
        ("4.10", ">=4.9", True),
        ("5.0.0", "<5", False),
        ("5.0.0", "==5", True),
        ("2.13.0+cpu", ">=2.13", True),
        ("1.0rc1", ">=1.0", True),
        ("3.11", "!=3.11", False),
        ("3", ">3", False),
        ("3", "<=3", True),
        ("1", "", True),
    ],
)
def test_versions_are_compared_as_numbers(version, versions, answer):
    assert satisfies(version, versions) is answer


def test_a_comparison_it_does_not_know_is_not_guessed():
    with pytest.raises(ValueError, match="~=4"):
        satisfies("4.6", "~=4.6")
