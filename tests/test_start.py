"""`paramlab start`: the learner's work is never overwritten, and JupyterLab lives exactly as long as the command."""

import contextlib
import errno
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from pathlib import Path

import pytest

from paramlab import start as module
from paramlab.start import MANIFEST, StartError, command, course_folder, deliver, start, summary

ROOT = Path(__file__).parents[1]
NAMES = ["00_start_here.ipynb", "01_tensor.ipynb"]


def notebook(text, **metadata):
    cell = {"cell_type": "markdown", "id": "a", "metadata": {}, "source": [text]}
    return json.dumps({"cells": [cell], "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "source"
    folder.mkdir()
    for name in NAMES:
        (folder / name).write_text(notebook("one"))
    return folder


@pytest.fixture
def mine(tmp_path):
    return tmp_path / "mine"


def happened(deliveries):
    return [delivery.what for delivery in deliveries]


def release(source, text):
    (source / NAMES[1]).write_text(notebook(text))


# --- delivering ---------------------------------------------------------------------------------------------------


def test_the_first_time_everything_arrives(source, mine):
    assert happened(deliver(source, mine)) == ["new", "new"]
    assert (mine / NAMES[0]).read_bytes() == (source / NAMES[0]).read_bytes()
    assert sorted(path.name for path in mine.iterdir()) == [MANIFEST, *NAMES]


def test_the_second_time_nothing_happens(source, mine):
    deliver(source, mine)
    before = {path: path.stat().st_mtime_ns for path in mine.iterdir()}
    assert happened(deliver(source, mine)) == ["same", "same"]
    assert {path: path.stat().st_mtime_ns for path in mine.iterdir()} == before


def test_a_deleted_notebook_comes_back(source, mine):
    deliver(source, mine)
    (mine / NAMES[1]).unlink()
    assert happened(deliver(source, mine)) == ["same", "new"]


@pytest.mark.parametrize("text", [notebook("one"), notebook("one", kernelspec={"name": "python3"})])
def test_an_untouched_notebook_is_updated_and_opening_it_does_not_touch_it(source, mine, text):
    deliver(source, mine)
    (mine / NAMES[1]).write_text(text)
    release(source, "two")
    assert happened(deliver(source, mine)) == ["same", "updated"]
    assert "two" in (mine / NAMES[1]).read_text()


def test_the_learner_s_work_stays_as_it_is(source, mine):
    deliver(source, mine)
    (mine / NAMES[1]).write_text(notebook("my work"))
    assert happened(deliver(source, mine)) == ["same", "kept"]
    assert (mine / NAMES[1]).read_text() == notebook("my work")
    assert len(list(mine.glob("*.ipynb"))) == 2


def test_a_newer_lesson_arrives_beside_the_learner_s_work_once(source, mine):
    deliver(source, mine)
    (mine / NAMES[1]).write_text(notebook("my work"))
    release(source, "two")
    deliveries = deliver(source, mine)
    assert deliveries[1].arrived == "01_tensor (newer).ipynb"
    assert (mine / NAMES[1]).read_text() == notebook("my work")
    assert (mine / "01_tensor (newer).ipynb").read_text() == notebook("two")
    assert "'01_tensor (newer).ipynb'" in "\n".join(summary(deliveries))
    (mine / "01_tensor (newer).ipynb").unlink()
    assert happened(deliver(source, mine)) == ["same", "kept"], "what was put away does not come back"


@pytest.mark.parametrize(
    ("beside", "arrived"),
    [
        (notebook("two"), "01_tensor (newer).ipynb"),  # untouched: brought up to date in place
        (notebook("three"), "01_tensor (newer).ipynb"),  # already there
        (notebook("my work on two"), "01_tensor (newer 2).ipynb"),
    ],
)
def test_the_newer_lesson_is_not_overwritten_either(source, mine, beside, arrived):
    deliver(source, mine)
    (mine / NAMES[1]).write_text(notebook("my work"))
    release(source, "two")
    deliver(source, mine)
    (mine / "01_tensor (newer).ipynb").write_text(beside)
    release(source, "three")
    assert deliver(source, mine)[1].arrived == arrived
    assert (mine / arrived).read_text() == notebook("three")
    assert (mine / NAMES[1]).read_text() == notebook("my work")
    assert (mine / "01_tensor (newer).ipynb").read_text() in (beside, notebook("three"))


DAMAGED = [b"", b"{", b"[]", b'{"files": 3}', b'{"files": {"01_tensor.ipynb": 3}}', b"\xff\xfe", b"[" * 100_000]


@pytest.mark.parametrize("damage", DAMAGED, ids=range(len(DAMAGED)))
def test_with_a_damaged_manifest_every_file_counts_as_the_learner_s(source, mine, damage):
    deliver(source, mine)
    (mine / MANIFEST).write_bytes(damage)
    release(source, "two")
    assert happened(deliver(source, mine)) == ["same", "beside"]
    assert (mine / NAMES[1]).read_text() == notebook("one")
    assert happened(deliver(source, mine)) == ["same", "kept"], "the manifest is whole again"


@pytest.mark.parametrize("other", ["no notebook at all", "folder"])
def test_whatever_else_bears_the_name_stays(source, mine, other):
    mine.mkdir()
    (mine / NAMES[1]).mkdir() if other == "folder" else (mine / NAMES[1]).write_text(other)
    assert happened(deliver(source, mine)) == ["new", "beside"]
    assert (mine / NAMES[1]).is_dir() or (mine / NAMES[1]).read_text() == other


def test_a_crash_while_writing_leaves_the_old_file_and_no_other(source, mine, monkeypatch):
    deliver(source, mine)
    release(source, "two")
    monkeypatch.setattr(os, "fsync", fail(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        deliver(source, mine)
    assert (mine / NAMES[1]).read_text() == notebook("one")
    assert sorted(path.name for path in mine.iterdir()) == [MANIFEST, *NAMES]


def test_many_new_notebooks_are_one_line():
    lines = list(summary([module.Delivery(f"{i:02}_x.ipynb", "new") for i in range(11)]))
    assert lines == ["New here: 11 notebooks, 00_x.ipynb to 10_x.ipynb"]


# --- what stands in the way ---------------------------------------------------------------------------------------


def fail(error):
    def raises(*_, **__):
        raise error

    return raises


@pytest.mark.parametrize("below", [".", "further/down"])
def test_a_folder_that_is_a_file_is_refused_in_a_sentence(source, tmp_path, capsys, below):
    (tmp_path / "file").write_text("mine")
    assert start(tmp_path / "file" / below, source=source) == 2
    said = capsys.readouterr().err
    assert "is a file" in said
    assert said.count("\n") == 1
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.parametrize(
    ("number", "says"),
    [
        (errno.EACCES, "may not be written to"),
        (errno.EROFS, "may not be written to"),
        (errno.ENOSPC, "the disk is full"),
        (errno.EIO, os.strerror(errno.EIO)),
    ],
)
def test_a_disk_that_refuses_is_said_in_a_sentence(source, mine, monkeypatch, capsys, number, says):
    monkeypatch.setattr(os, "replace", fail(OSError(number, os.strerror(number))))
    assert start(mine, source=source) == 2
    said = capsys.readouterr().err
    assert says in said
    assert said.count("\n") == 1
    assert list(mine.iterdir()) == [], "nothing half written stays"


def test_without_jupyterlab_the_sentence_names_what_installs_it(source, mine, monkeypatch, capsys):
    monkeypatch.setattr(module.importlib.util, "find_spec", lambda _: None)
    assert start(mine, source=source) == 2
    assert 'pip install "paramlab[course]"' in capsys.readouterr().err
    assert not mine.exists()


def test_notebooks_are_found_in_a_wheel_and_in_a_clone(tmp_path):
    package = tmp_path / "paramlab"
    with pytest.raises(StartError, match="no notebooks"):
        course_folder(package)
    for folder in (tmp_path / "course" / "notebooks", package / "course"):
        folder.mkdir(parents=True)
        (folder / NAMES[0]).write_text(notebook("one"))
        assert course_folder(package) == folder


@pytest.mark.parametrize(("manifest", "folder"), [(False, "paramlab-course"), (True, ".")])
def test_the_default_folder_is_the_course_folder_one_stands_in(source, tmp_path, monkeypatch, manifest, folder):
    monkeypatch.chdir(tmp_path)
    if manifest:
        deliver(source, tmp_path)
    seen = []
    monkeypatch.setattr(module, "_serve", lambda where, **_: seen.append(where))
    assert start(source=source) == 0
    assert seen == [(tmp_path / folder).resolve()]


# --- serving ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("port", "words"),
    [
        (None, []),
        (0, ["--ServerApp.port=0"]),
        (9000, ["--ServerApp.port=9000", "--ServerApp.port_retries=0"]),
    ],
)
def test_only_a_port_that_was_named_is_insisted_on(port, words):
    line = command(Path("x"), "lab", browser=False, port=port)
    assert [word for word in line if "port" in word] == words
    assert "--ServerApp.ip=127.0.0.1" in line


@pytest.mark.parametrize("user", [0, 1000])
def test_root_is_allowed_only_where_one_is_root(monkeypatch, user):
    monkeypatch.setattr(os, "geteuid", lambda: user, raising=False)
    assert ("--allow-root" in command(Path("x"), "lab", browser=True, port=None)) is (user == 0)


@pytest.mark.parametrize(("display", "has"), [("", False), (":0", True)])
def test_without_a_display_there_is_no_browser(monkeypatch, display, has):
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("WAYLAND_DISPLAY", "BROWSER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DISPLAY", display)
    monkeypatch.setattr(module.webbrowser, "get", lambda: None)
    assert module._has_browser() is has
    monkeypatch.setattr(module.webbrowser, "get", fail(module.webbrowser.Error()))
    assert module._has_browser() is False


def test_the_course_s_settings_come_first_and_leave_the_learner_s_in_place(monkeypatch, tmp_path):
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", str(tmp_path))
    assert module.environment()["JUPYTER_CONFIG_PATH"].split(os.pathsep) == [str(module.SETTINGS), str(tmp_path)]
    monkeypatch.delenv("JUPYTER_CONFIG_PATH")
    assert module.environment()["JUPYTER_CONFIG_PATH"] == str(module.SETTINGS)


@contextlib.contextmanager
def running(folder, source, home, *, path=ROOT, port=0, until=r"http://127\.0\.0\.1:\d+/\S*"):
    """`paramlab start` as a process of its own, with nobody's settings; what it said `until` that, and that."""
    pytest.importorskip("jupyterlab", reason='pip install "paramlab[course]"')
    code = (
        "import sys; from pathlib import Path; from paramlab.start import start\n"
        "folder, port, *source = sys.argv[1:]\n"
        "sys.exit(start(folder, browser=False, port=int(port), source=Path(*source) if source else None))"
    )
    arguments = [str(folder), str(port), *([str(source)] if source else [])]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "IPYTHON"))}
    environment |= {"HOME": str(home), "USERPROFILE": str(home), "PYTHONPATH": str(path)}
    environment |= {"http_proxy": "http://127.0.0.1:9"}  # nobody answers there: it must not be asked
    process = subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        cwd=home.parent,  # not a clone, which would be imported instead of `path`
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with process:
        try:
            said, found = "", None
            while not found and (line := process.stdout.readline()):
                said += line
                found = re.search(until, line)
            yield process, found and found[0], said
        finally:
            if process.poll() is None:
                process.terminate()


def built_wheel(tmp_path):
    """A wheel of this package with two notebooks of its own, built from a copy so that the clone stays clean."""
    pytest.importorskip("hatchling", reason="pip install hatchling")
    clone = tmp_path / "clone"
    for folder in ("paramlab", "course/homework/template"):
        shutil.copytree(ROOT / folder, clone / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "LICENSE"):
        shutil.copy(ROOT / name, clone)
    (clone / "README.md").write_text("A page of its own.")
    for name in NAMES:
        path = clone / "course" / "notebooks" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(notebook("one"))
    build = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"
    subprocess.run([sys.executable, "-c", build, str(tmp_path)], cwd=clone, check=True, capture_output=True)
    return next(tmp_path.glob("*.whl"))


def ask(address, path, token=None):
    url = urllib.parse.urlsplit(address)
    headers = {"Authorization": f"token {token}"} if token else {}
    question = urllib.request.Request(f"{url.scheme}://{url.netloc}/{path}", headers=headers)
    return urllib.request.build_opener(urllib.request.ProxyHandler({})).open(question, timeout=60)


def status(address, token=None):
    """The HTTP status of the server's `/api/status`; None when nothing answers any more."""
    try:
        with ask(address, "api/status", token) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    except urllib.error.URLError:
        return None


@pytest.mark.skipif(sys.platform == "win32", reason="there a process cannot be asked to end from outside")
@pytest.mark.parametrize("asked", ["SIGTERM", "SIGINT", "SIGHUP"])
def test_the_server_answers_to_its_token_alone_and_ends_with_the_command(source, mine, tmp_path, asked):
    with running(mine, source, tmp_path / "home") as (process, address, said):
        assert address, said
        token = urllib.parse.parse_qs(urllib.parse.urlsplit(address).query)["token"][0]
        assert f"/lab/tree/{NAMES[0]}?" in address
        assert status(address, token) == 200
        assert status(address) == 403
        with ask(address, "lab/api/settings/@jupyterlab/apputils-extension:notification", token) as answer:
            assert json.load(answer)["schema"]["properties"]["fetchNews"]["default"] == "false", "no news, no question"
        with ask(address, "lab", token) as page:
            assert '"news": {"disabled": true}' in page.read().decode()
        assert sorted(path.name for path in mine.glob("*.ipynb")) == NAMES
        process.send_signal(getattr(signal, asked))
        assert "JupyterLab has stopped" in process.stdout.read()
        assert process.wait(120) == 0
        assert status(address, token) is None
    assert not list((tmp_path / "home").rglob("jpserver-*.json")), "it ended in order, not by force"


NEVER_ANSWERS = """import os, pathlib, time
pathlib.Path({!r}).write_text(str(os.getpid()))
time.sleep(600)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there a process cannot be asked to end from outside")
def test_a_server_that_does_not_answer_yet_ends_too(source, mine, tmp_path):
    started = tmp_path / "started"
    config = tmp_path / "home" / ".jupyter" / "jupyter_server_config.py"
    config.parent.mkdir(parents=True)
    config.write_text(NEVER_ANSWERS.format(str(started)))
    with running(mine, source, tmp_path / "home", until="New here") as (process, _, said):
        while not (started.exists() and started.read_text()):
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        said += process.stdout.read()
        assert process.wait(120) == 0, said
    assert "http://" not in said
    with pytest.raises(ProcessLookupError):
        os.kill(int(started.read_text()), 0)


def test_a_named_port_that_is_taken_is_refused_in_jupyterlab_s_words(source, mine, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with running(mine, source, tmp_path / "home", port=port) as (process, address, said):
            assert address is None
            assert f"port {port} is not available" in said
            assert process.wait(120) == 2


def test_an_installed_wheel_brings_its_notebooks_and_settings(tmp_path):
    wheel = built_wheel(tmp_path)
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        archive.extractall(site)
    assert {f"paramlab/course/{name}" for name in NAMES} <= names
    assert {"paramlab/py.typed", "paramlab/jupyter/labconfig/default_setting_overrides.json"} <= names
    assert not [name for name in names if "solution" in name or name.startswith(("tests", "course"))]
    with running(tmp_path / "mine", None, tmp_path / "home", path=site) as (_, address, said):
        assert address, said
    assert sorted(path.name for path in (tmp_path / "mine").glob("*.ipynb")) == NAMES


def test_a_notebook_is_as_delivered_until_a_source_in_it_changes(source, mine, monkeypatch):
    monkeypatch.setattr(module, "course_folder", lambda: source)
    deliver(source, mine)
    for path in mine.glob("*.ipynb"):
        assert module.is_as_delivered(path)
        made = json.loads(path.read_text(encoding="utf-8"))
        made["metadata"] |= {"opened": True}
        path.write_text(json.dumps(made), encoding="utf-8")
        assert module.is_as_delivered(path)
        made["cells"][0]["source"] = "mine"
        path.write_text(json.dumps(made), encoding="utf-8")
        assert not module.is_as_delivered(path)


def test_a_notebook_of_an_earlier_course_is_as_delivered_too(source, mine, monkeypatch):
    monkeypatch.setattr(module, "course_folder", lambda: source)
    deliver(source, mine)
    release(source, "newer")
    assert module.is_as_delivered(mine / NAMES[1])


@pytest.mark.parametrize("content", [None, b"", b"{}", b'{"cells": [3]}', b"[" * 100_000])
def test_what_is_no_notebook_was_never_delivered(source, mine, monkeypatch, content):
    monkeypatch.setattr(module, "course_folder", lambda: source)
    mine.mkdir(exist_ok=True)
    if content is not None:
        (mine / "mine.ipynb").write_bytes(content)
    assert not module.is_as_delivered(mine / "mine.ipynb")
