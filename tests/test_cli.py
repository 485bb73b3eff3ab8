"""The command line itself: what it offers, and what it hands on."""

import subprocess
import sys
from pathlib import Path

import pytest

import paramlab
from paramlab import cli
from paramlab.version import __version__


def test_help_names_every_command(capsys):
    with pytest.raises(SystemExit, match="0"):
        cli.main(["--help"])
    text = capsys.readouterr().out
    assert "start" in text
    assert "doctor" in text


def test_without_a_command_it_shows_the_help(capsys):
    assert cli.main([]) == 2
    assert "COMMAND" in capsys.readouterr().out


def test_version_is_the_package_s_own(capsys):
    with pytest.raises(SystemExit, match="0"):
        cli.main(["--version"])
    assert capsys.readouterr().out == f"paramlab {__version__}\n"


def test_the_command_line_leaves_the_work_modules_alone_until_they_are_needed():
    code = "import sys, paramlab.cli; print('paramlab.start' in sys.modules, 'paramlab.doctor' in sys.modules)"
    root = Path(cli.__file__).parents[1]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


@pytest.mark.parametrize(
    ("words", "folder", "options"),
    [
        ([], None, {"browser": True, "port": None, "verbose": False}),
        (["here", "--no-browser", "--port", "0"], "here", {"browser": False, "port": 0, "verbose": False}),
        (["--port", "9000", "--verbose"], None, {"browser": True, "port": 9000, "verbose": True}),
    ],
)
def test_start_hands_its_options_on(monkeypatch, words, folder, options):
    seen = []
    monkeypatch.setattr("paramlab.start.start", lambda *args, **named: seen.append((args, named)) or 7)
    assert cli.main(["start", *words]) == 7
    assert seen == [((folder,), options)]


@pytest.mark.parametrize("port", ["-1", "65536", "eight"])
def test_what_is_no_port_is_refused(capsys, port):
    with pytest.raises(SystemExit, match="2"):
        cli.main(["start", f"--port={port}"])
    assert "a number from 0 to 65535" in capsys.readouterr().err


def test_doctor_s_verdict_is_the_exit_status(monkeypatch):
    monkeypatch.setattr("paramlab.doctor.doctor", lambda: 1)
    assert cli.main(["doctor"]) == 1


def test_the_folder_itself_can_be_run_as_uv_run_does_in_a_clone(tmp_path):
    package = Path(paramlab.__file__).parent
    (tmp_path / "file").write_text("in the way")
    command = [sys.executable, package.name, "start", str(tmp_path / "file")]
    done = subprocess.run(command, cwd=package.parent, capture_output=True, text=True)
    # it got as far as looking at the folder, past every library of Python that it needs
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr


def test_check_hands_its_targets_on(monkeypatch):
    seen = []
    monkeypatch.setattr("paramlab.classroom.check", lambda targets: seen.append(targets) or 2)
    assert cli.main(["check"]) == 2
    assert cli.main(["check", "here", "02_parameter.ipynb"]) == 2
    assert seen == [[], [Path("here"), Path("02_parameter.ipynb")]]


def test_work_is_packed_and_brought_back_from_a_terminal(tmp_path, capsys):
    there, here = tmp_path / "there", tmp_path / "here"
    there.mkdir()
    (there / "mine.ipynb").write_text("{}")
    assert cli.main(["take-home", str(there)]) == 0
    assert "my_paramlab.zip" in capsys.readouterr().out
    assert cli.main(["bring-back", str(there / "my_paramlab.zip"), str(here)]) == 0
    assert "New here: mine.ipynb" in capsys.readouterr().out
    assert (here / "mine.ipynb").read_text() == "{}"


@pytest.mark.parametrize("words", [["take-home", "nowhere"], ["bring-back", "nowhere.zip"], ["bring-back", "."]])
def test_what_can_not_be_packed_or_unpacked_is_said_in_a_sentence(words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert cli.main(words) == 2
    assert capsys.readouterr().err.startswith(f"paramlab {words[0]}: There is n")


def test_ctrl_c_is_one_line_and_no_traceback(monkeypatch, capsys):
    def interrupted():
        raise KeyboardInterrupt

    monkeypatch.setattr("paramlab.doctor.doctor", interrupted)
    assert cli.main(["doctor"]) == 130
    assert capsys.readouterr().err == "\nStopped.\n"
