"""`paramlab start`: the notebooks arrive in the learner's folder, and JupyterLab opens there.

First half: delivering lessons without ever overwriting the learner's work. Second half: a JupyterLab that only this
machine can reach, that asks nothing of the network, and that ends when `paramlab start` does.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import importlib.util
import itertools
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
import webbrowser
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import IO, Literal

from paramlab.files import write_atomically
from paramlab.version import __version__

MANIFEST = ".paramlab.json"  # in the learner's folder: the digest of every notebook as we last handed it out
DEFAULT_FOLDER = "paramlab-course"
SETTINGS = Path(__file__).parent / "jupyter"  # JupyterLab's settings for the course; Binder uses them too
# Ctrl-C in the terminal must reach us alone: a new session elsewhere (Windows ignores that word), this on Windows.
NEW_GROUP: int = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
PATIENCE = 120.0  # seconds until a JupyterLab that does not answer is given up; a cold disk can take thirty


class StartError(Exception):
    """What stands in the way, as one sentence for the learner."""


def start(
    folder: str | Path | None = None,
    *,
    browser: bool = True,
    port: int | None = None,
    verbose: bool = False,
    source: Path | None = None,
) -> int:
    """Deliver the notebooks of `source` into `folder`, run JupyterLab there until it is stopped; return the status.

    Without a `folder` it is the current one if it already is a course folder, else `paramlab-course` in it. `port` is
    exactly that port, 0 any free one, None JupyterLab's choice.
    """
    if folder is None:
        folder = "." if Path(MANIFEST).is_file() else DEFAULT_FOLDER
    try:
        if importlib.util.find_spec("jupyterlab") is None:
            raise StartError('JupyterLab is not installed. This line installs it: pip install "paramlab[course]"')
        deliveries = _deliver(source or course_folder(), Path(folder))
        for line in summary(deliveries):
            _say(line)
        _serve(Path(folder).resolve(), first=deliveries[0].name, browser=browser, port=port, verbose=verbose)
    except (StartError, OSError) as error:  # an OSError here: no temporary file, no further process
        print(f"paramlab start: {error}", file=sys.stderr)
        return 2
    return 0


# --- delivering ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Delivery:
    """What happened to one lesson: its `name`, and the name it `arrived` under (`beside` the learner's own version)."""

    name: str
    what: Literal["new", "same", "updated", "kept", "beside"]
    arrived: str = ""


def course_folder(package: Path = Path(__file__).parent) -> Path:
    """Where the notebooks are: inside an installed package, beside it in a clone."""
    for folder in (package / "course", package.parent / "course" / "notebooks"):
        if any(folder.glob("*.ipynb")):
            return folder
    raise StartError(
        f"this copy of paramlab has no notebooks (looked beside {package}). Installing it again brings them."
    )


def deliver(source: Path, folder: Path) -> list[Delivery]:
    """Bring the notebooks in `folder` up to those in `source`; never touch one that the learner has changed."""
    folder.mkdir(parents=True, exist_ok=True)
    given = _read_manifest(folder)
    before = dict(given)
    deliveries = [_deliver_one(notebook, folder, given) for notebook in sorted(source.glob("*.ipynb"))]
    if given != before:
        text = json.dumps({"paramlab": __version__, "files": given}, indent=1, sort_keys=True)
        write_atomically(folder / MANIFEST, text.encode())
    return deliveries


def _deliver_one(notebook: Path, folder: Path, given: dict[str, str]) -> Delivery:
    """Deliver one notebook and note in `given` which version of it the learner now has been offered."""
    name, content = notebook.name, notebook.read_bytes()
    new, here, last = digest(content), _digest_of(folder / name), given.get(name)
    given[name] = new
    if here == new:
        return Delivery(name, "same")
    if here is None or here == last:
        write_atomically(folder / name, content)
        return Delivery(name, "new" if here is None else "updated")
    if last == new:  # the learner has worked on it, and we have nothing newer to offer
        return Delivery(name, "kept")
    for beside in _names_beside(name):
        there = _digest_of(folder / beside)
        if there is None or there in (new, given.get(beside)):
            if there != new:
                write_atomically(folder / beside, content)
            given[beside] = new
            return Delivery(name, "beside", beside)
    raise AssertionError("the names do not end")


def summary(deliveries: list[Delivery]) -> Iterator[str]:
    """Say in plain lines what was delivered."""
    for what, words in (("new", "New here"), ("updated", "Updated, as you had not changed them")):
        names = [delivery.name for delivery in deliveries if delivery.what == what]
        if names:
            listed = ", ".join(names) if len(names) < 4 else f"{len(names)} notebooks, {names[0]} to {names[-1]}"
            yield f"{words}: {listed}"
    for delivery in deliveries:
        if delivery.what == "beside":
            yield f"{delivery.name} holds your changes and stays as it is; its newer version is {delivery.arrived!r}"


def _names_beside(name: str) -> Iterator[str]:
    """03_module (newer).ipynb, 03_module (newer 2).ipynb, …"""
    path = Path(name)
    yield f"{path.stem} (newer){path.suffix}"
    for number in itertools.count(2):
        yield f"{path.stem} (newer {number}){path.suffix}"


def _read_manifest(folder: Path) -> dict[str, str]:
    """What we handed out; nothing when that cannot be told, so that every file counts as the learner's own."""
    try:
        files = json.loads((folder / MANIFEST).read_bytes())["files"]
        return {name: digest for name, digest in files.items() if isinstance(digest, str)}
    except FileNotFoundError:
        return {}
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):  # damaged: the next write replaces it
        return {}


def is_as_delivered(path: Path) -> bool:
    """Whether a notebook holds nothing of a learner's: as `start` handed it out, or with the course's own sources."""
    own = course_folder() / path.name
    return _digest_of(path) == _read_manifest(path.parent).get(path.name, "") or (
        own.is_file() and _sources(path) == _sources(own)
    )


def _sources(path: Path) -> list[str] | None:
    """The sources of a notebook's cells, without what running them leaves; None if it is no notebook."""
    try:
        return ["".join(cell["source"]) for cell in json.loads(path.read_bytes())["cells"]]
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return None


def digest(content: bytes) -> str:
    """The sha256 of a notebook's cells, as JupyterLab rewrites the rest when a notebook is merely opened and saved."""
    with contextlib.suppress(ValueError, LookupError, TypeError, RecursionError):  # not a notebook any more
        content = json.dumps(json.loads(content)["cells"], sort_keys=True).encode()
    return hashlib.sha256(content).hexdigest()


def _digest_of(path: Path) -> str | None:
    """The digest of a file, None where nothing is; a folder of that name is never ours."""
    if path.is_dir():
        return "a folder"
    try:
        return digest(path.read_bytes())
    except FileNotFoundError:
        return None


def _deliver(source: Path, folder: Path) -> list[Delivery]:
    try:
        return deliver(source, folder)
    except OSError as error:
        raise StartError(f"cannot put the notebooks into {folder}: {_reason(error)}") from error


def _reason(error: OSError) -> str:
    another = "Another folder works like this: paramlab start FOLDER"
    if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)):  # Windows has no EDQUOT
        return "the disk is full. Free some space and start again; nothing of yours was touched."
    if error.errno in (errno.EEXIST, errno.ENOTDIR):
        return f"that is a file, or lies below one. {another}"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"it may not be written to. {another}"
    return f"{error.strerror or error}. {another}"


# --- serving ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Server:
    """A running JupyterLab: its base address, which ends in a slash, and its token."""

    url: str
    token: str

    def address(self, page: str) -> str:
        """The address of a page as a browser wants it."""
        return f"{self.url}{page}" + (f"?token={self.token}" if self.token else "")

    def request(self, path: str, method: str = "GET") -> None:
        """Ask the server's interface; raise OSError when it does not answer or refuses."""
        headers = {"Authorization": f"token {self.token}"}
        question = urllib.request.Request(self.url + path, method=method, headers=headers)
        # A proxy set in the environment must not be asked about this machine.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        opener.open(question, timeout=20).close()


def command(folder: Path, page: str, *, browser: bool, port: int | None) -> list[str]:
    """The command line of a JupyterLab on `folder` that is bound to this machine."""
    words = [
        # -P: a learner's own `random.py` in the current folder must not be imported by the server.
        *(sys.executable, "-P", "-m", "jupyterlab"),
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.root_dir={folder}",
        f"--LabApp.default_url=/{page}",
        "--ServerApp.log_level=WARN",
    ]
    if port is not None:
        words.append(f"--ServerApp.port={port}")
    if port:  # who names a port means that one
        words.append("--ServerApp.port_retries=0")
    if not browser:
        words.append("--no-browser")
    if _is_root():
        words.append("--allow-root")
    return words


def environment() -> dict[str, str]:
    """The environment of that JupyterLab: no news, no look for updates, no catalogue of extensions, our own kernel."""
    settings = [str(SETTINGS), os.environ.get("JUPYTER_CONFIG_PATH", "")]
    return {
        **os.environ,
        "JUPYTER_CONFIG_PATH": os.pathsep.join(filter(None, settings)),
        # Else a kernel in the user's home could come first, and that one may live in another environment.
        "JUPYTER_PREFER_ENV_PATH": "1",
    }


def _serve(folder: Path, *, first: str, browser: bool, port: int | None, verbose: bool) -> None:
    """Run JupyterLab until it ends, Ctrl-C is pressed or this process is asked to end."""
    page = f"lab/tree/{urllib.parse.quote(first)}"
    opens = browser and _has_browser()
    others = _runtime_files()
    with _log(verbose) as log, _ends_like_ctrl_c():
        child = subprocess.Popen(
            command(folder, page, browser=opens, port=port),
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            creationflags=NEW_GROUP,
            start_new_session=True,
        )
        server = None
        try:
            server = _wait_for(child, folder, others, log)
            _announce(server.address(page), folder, opens=opens, wanted=browser)
            status = child.wait()
        except KeyboardInterrupt:
            status = 0
        finally:
            _stop(child, server)
        if status:
            raise StartError(f"JupyterLab ended with status {status}.{_last_words(log)}")
    _say(f"\nJupyterLab has stopped. Your work is in {folder}")


def _announce(address: str, folder: Path, *, opens: bool, wanted: bool) -> None:
    if _is_root():
        _say(
            "You are root: fine in a container, where there is nobody else, "
            "and this JupyterLab can be reached from this machine only."
        )
    if opens:
        _say("JupyterLab opens in your browser. If it does not, this is its address:")
    elif wanted:
        _say("There is no browser here that could be opened. This is the address of JupyterLab:")
    else:
        _say("JupyterLab is running. This is its address:")
    _say(f"\n    {address}\n\nYour notebooks are in {folder}\nCtrl-C here stops it.")


def _wait_for(
    child: subprocess.Popen[bytes], folder: Path, others: set[tuple[Path, int]], log: IO[bytes] | None
) -> Server:
    """Wait until the server of `folder` answers; `others` are the runtime files that were there before it."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if child.poll() is not None:
            raise StartError(f"JupyterLab did not start.{_last_words(log)}")
        for file, _ in _runtime_files() - others:
            with contextlib.suppress(OSError, ValueError, LookupError):  # half written, or not answering yet
                about = json.loads(file.read_bytes())
                # Known by its folder, not by its process id: on Windows a virtual environment's python starts another.
                if Path(about["root_dir"]) == folder:
                    server = Server(about["url"], about["token"])
                    server.request("api/status")
                    return server
        time.sleep(0.1)
    raise StartError(f"JupyterLab does not answer after {PATIENCE:.0f} seconds.{_last_words(log)}")


def _runtime_files() -> set[tuple[Path, int]]:
    """The files in which Jupyter servers say where they are, with the time each was written."""
    from jupyter_core.paths import jupyter_runtime_dir

    found = set()
    for file in Path(jupyter_runtime_dir()).glob("jpserver-*.json"):
        with contextlib.suppress(OSError):  # another server has just ended
            found.add((file, file.stat().st_mtime_ns))
    return found


def _stop(child: subprocess.Popen[bytes], server: Server | None) -> None:
    """End the server: by its own interface, which ends the kernels too and works on every system, else by force."""
    if child.poll() is not None:
        return
    try:
        server.request("api/shutdown", "POST") if server else child.terminate()
        child.wait(30)
    except (OSError, subprocess.TimeoutExpired, KeyboardInterrupt):  # a second Ctrl-C: now
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.terminate()
            child.wait(10)
        child.kill()
        child.wait()


@contextlib.contextmanager
def _ends_like_ctrl_c() -> Iterator[None]:
    """Being asked to end, or losing the terminal, is a KeyboardInterrupt within: the server goes down with us."""

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    names = [name for name in ("SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in (getattr(signal, name) for name in names)}
    taken = {number: handler for number, handler in before.items() if handler is not signal.SIG_IGN}  # nohup stays
    for number in taken:
        signal.signal(number, interrupt)
    try:
        yield
    finally:
        for number, handler in taken.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def _log(verbose: bool) -> Iterator[IO[bytes] | None]:
    """Where JupyterLab's log goes: to the terminal, or to a nameless file that is read only if something goes wrong."""
    if verbose:
        yield None
        return
    with tempfile.TemporaryFile() as file:
        yield file


def _last_words(log: IO[bytes] | None) -> str:
    if log is None:
        return " Its log above says why."
    log.seek(0)
    lines = [line for line in log.read().decode(errors="replace").splitlines() if line.strip() and line[:2] != "[I"]
    return " Its last words:\n" + "\n".join(f"    {line}" for line in lines[-8:]) if lines else ""


def _has_browser() -> bool:
    """Whether a browser can be opened; on a machine without a display what is left would take over the terminal."""
    named = any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))
    if sys.platform not in ("darwin", "win32") and not named:
        return False
    try:
        webbrowser.get()
    except webbrowser.Error:
        return False
    return True


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _say(line: str) -> None:
    print(line, flush=True)  # at once, also into a pipe or a file
