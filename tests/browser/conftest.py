"""A private JupyterLab and a Chromium for the tests that need a page: nothing of the user's is read or changed."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
INSTALL = 'apt-get install chromium && pip install "paramlab[test]"'
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SETTINGS: dict[str, dict[str, Any]] = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "apputils-extension/themes": {"theme": "JupyterLab Light"},
    "docmanager-extension/plugin": {"autosave": False},
    "notebook-extension/tracker": {"windowingMode": "none"},
}

RESTARTS = "Error: Canceled future"  # what JupyterLab itself raises when a kernel is restarted

PATIENCE = 90  # seconds that a slow or busy machine is given for what takes a good one less than one

# Meanwhile count the commands that Python has not answered yet. Who only looks around gets no answer.
READY = """async () => {
  await window.jupyterapp.restored;
  const {context} = window.jupyterapp.shell.currentWidget;
  await context.ready;
  await context.sessionContext.ready;
  const {kernel} = context.sessionContext.session;
  window.unanswered = 0;
  kernel.anyMessage.connect((_, {msg, direction}) => {
    const {method, content} = msg.content.data ?? {};
    if (msg.header.msg_type !== 'comm_msg' || method !== 'custom') return;
    if (direction === 'send' && !['watch', 'show'].includes(content.do)) window.unanswered += 1;
    if (direction === 'recv' && content.done) window.unanswered -= 1;
  });
  await kernel.info;
}"""

RUN_ALL = "async () => (await window.jupyterapp.commands.execute('notebook:run-all-cells')) === true"

# Everything is where it was in each of the last frames.
LAID_OUT = """width => {
  const main = document.querySelector('#main'), parts = [main, ...document.querySelectorAll('.jp-Notebook, .pl')];
  const places = JSON.stringify(parts.map(part => part.getBoundingClientRect()));
  const {were, frames} = window.laidOut ?? {};
  window.laidOut = {were: places, frames: were === places ? frames + 1 : 0};
  return innerWidth === width && main.clientWidth === width && window.laidOut.frames >= 12;
}"""

EVALUATE = """async ([code, expression]) => {
  const kernel = window.jupyterapp.shell.currentWidget.context.sessionContext.session.kernel;
  const request = kernel.requestExecute(
    {code, silent: false, store_history: false, user_expressions: expression ? {x: expression} : {}});
  const {content} = await request.done;
  if (content.status !== 'ok') throw new Error(content.ename + ': ' + content.evalue);
  if (!expression) return '';
  const x = content.user_expressions.x;
  if (x.status !== 'ok') throw new Error(x.ename + ': ' + x.evalue);
  return x.data['text/plain'];
}"""

SHUT_DOWN = """async () => {
  const app = window.jupyterapp;
  if (!app) return;
  await app.serviceManager.sessions.shutdownAll();
  await app.shell.currentWidget?.context?.revert();
}"""


def chromium() -> str | None:
    """Return a Chromium that is installed: named by PARAMLAB_CHROMIUM, or found on the path."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return os.environ.get("PARAMLAB_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


def give_up(reason: str) -> None:
    """Skip where a browser is a luxury, fail where it was promised."""
    message = f"{reason}. Install it: {INSTALL}"
    if os.environ.get("CI"):
        pytest.fail(message, pytrace=False)
    pytest.skip(message)


class Lab:
    """A JupyterLab in a browser: open a notebook, run it, ask the page and the kernel."""

    def __init__(self, url: str, folder: Path, page: Any) -> None:
        self.url, self.folder, self.page = url, folder, page
        self.errors: list[str] = []
        self._note = lambda error: self.errors.append(str(error))
        page.on("pageerror", self._note)

    def open(self, path: str) -> None:
        """Open a notebook of the folder in a fresh workspace."""
        self.page.goto(f"{self.url}lab/tree/{path}?reset")
        self.page.wait_for_function("window.jupyterapp?.shell.currentWidget?.context?.isReady")
        self.page.evaluate(READY)

    def run_all(self) -> bool:
        """Run all cells; return whether none of them raised."""
        return bool(self.page.evaluate(RUN_ALL))

    def py(self, expression: str) -> str:
        """Evaluate an expression in the notebook's kernel, leaving the notebook as it is; return its repr.

        Every click and key of the widgets has been answered by then.
        """
        self.answered()
        return str(self.page.evaluate(EVALUATE, ["", expression]))

    def answered(self) -> None:
        """Wait until Python has answered what was clicked and typed in the widgets."""
        self.page.wait_for_function("!window.unanswered")

    def wait_until(self, condition: str) -> None:
        """Wait until an expression is true in the kernel: what the page sends arrives when it arrives."""
        deadline = time.monotonic() + PATIENCE
        while self.py(f"bool({condition})") != "True":
            assert time.monotonic() < deadline, f"it never came true that {condition}"
            time.sleep(0.02)

    def run(self, code: str) -> None:
        """Run code in the notebook's kernel as a cell would, after what was clicked and typed."""
        self.answered()
        self.page.evaluate(EVALUATE, [code, ""])

    def restart_kernel(self) -> None:
        """Restart the notebook's kernel, as the menu does."""
        self.page.evaluate(
            "() => window.jupyterapp.shell.currentWidget.context.sessionContext.session.kernel.restart()"
            ".then(() => { window.unanswered = 0; })"
        )

    def complaints(self) -> str:
        """Return what the cells wrote when they raised, for the message of a failed assertion."""
        written = self.page.locator(".jp-OutputArea-output[data-mime-type*='stderr']").all_inner_texts()
        return "\n".join(text[-600:] for text in written[:3])

    def theme(self, name: str) -> None:
        """Change the theme: "light" or "dark"."""
        self.page.evaluate(
            "async name => { await window.jupyterapp.commands.execute('apputils:change-theme', {theme: name}); }",
            f"JupyterLab {name.capitalize()}",
        )
        light = "true" if name == "light" else "false"
        self.page.wait_for_function(f"document.body.dataset.jpThemeLight === '{light}'")
        self.page.locator("#jupyterlab-splash").wait_for(state="detached")

    def resize(self, width: int, height: int = 1000) -> None:
        """Make the window another size; wait until JupyterLab has laid itself out in it, and the widgets too."""
        self.page.set_viewport_size({"width": width, "height": height})
        self.page.wait_for_function(LAID_OUT, arg=width)

    def cells(self) -> int:
        """Return how many cells the notebook has."""
        return int(self.page.evaluate("window.jupyterapp.shell.currentWidget.content.widgets.length"))

    def notebook(self, name: str, *cells: str) -> str:
        """Write a notebook of code cells into the folder; return its path for ``open``."""
        import nbformat

        nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
        for at, cell in enumerate(nb.cells):
            cell["id"] = f"cell-{at}"
        nb.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        path = self.folder / f"{name}.ipynb"
        nbformat.write(nb, path)
        return path.name

    def close_notebook(self) -> None:
        """Shut the kernel down: a live one would be met again by the next test."""
        self.page.evaluate(SHUT_DOWN)
        self.page.goto("about:blank")  # what that page still says is nothing of the next one's
        self.page.remove_listener("pageerror", self._note)


@pytest.fixture(scope="session")
def lab_folder() -> Iterator[Path]:
    """Return the folder that the server shows; put notebooks there."""
    with tempfile.TemporaryDirectory(prefix="paramlab-lab-") as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def lab_url(lab_folder: Path) -> Iterator[str]:
    """Start a JupyterLab with directories of its own; return its address."""
    pytest.importorskip("jupyterlab", reason=INSTALL)
    home = Path(tempfile.mkdtemp(prefix="paramlab-jupyter-"))
    _write_settings(home)
    with (home / "log").open("w") as log:
        server = subprocess.Popen(
            _command(lab_folder), env=_environment(home), stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
    previous = signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # else `finally` is never reached
    try:
        yield _address(server, home)
    finally:
        _stop(server)
        signal.signal(signal.SIGTERM, previous)
        shutil.rmtree(home, ignore_errors=True)


def _write_settings(home: Path) -> None:
    for name, value in SETTINGS.items():
        file = home / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(value))


def _environment(home: Path) -> dict[str, str]:
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(("JUPYTER", "IPYTHON"))}
    return inherited | {
        "JUPYTER_CONFIG_DIR": f"{home}/config",
        "JUPYTER_DATA_DIR": f"{home}/data",
        "JUPYTER_RUNTIME_DIR": f"{home}/runtime",
        "IPYTHONDIR": f"{home}/ipython",
        "JUPYTERLAB_SETTINGS_DIR": f"{home}/settings",
        "JUPYTERLAB_WORKSPACES_DIR": f"{home}/workspaces",
        "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")])),
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "OMP_NUM_THREADS": "1",
    }


def _command(folder: Path) -> list[str]:
    return [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
        *("--ServerApp.ip=127.0.0.1", "--ServerApp.port=0", f"--ServerApp.root_dir={folder}"),
        *("--IdentityProvider.token=", "--ServerApp.password=", "--ServerApp.terminals_enabled=False"),
        "--LabApp.expose_app_in_browser=True",
    ]


def _address(server: subprocess.Popen[bytes], home: Path) -> str:
    """Wait until the server answers; it writes down the port that it found."""
    deadline = time.monotonic() + 2 * PATIENCE  # the first start of a new environment compiles it
    file = home / "runtime" / f"jpserver-{server.pid}.json"
    while time.monotonic() < deadline and server.poll() is None:
        with contextlib.suppress(OSError, ValueError):
            url = str(json.loads(file.read_text())["url"])
            urllib.request.urlopen(f"{url}api/status", timeout=10).close()
            return url
        time.sleep(0.05)
    raise RuntimeError(f"JupyterLab did not start:\n{(home / 'log').read_text()[-3000:]}")


def _stop(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        server.wait(10)
    if server.poll() is None:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait(PATIENCE)


@pytest.fixture(scope="session")
def lab_page() -> Iterator[Any]:
    """Start Chromium; return its page."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        give_up("Playwright is not installed")
    executable = chromium()
    if executable is None:
        give_up("no Chromium was found")
    with (
        sync_playwright() as playwright,
        tempfile.TemporaryDirectory(prefix="paramlab-chromium-", ignore_cleanup_errors=True) as profile,
    ):
        context = playwright.chromium.launch_persistent_context(
            profile,
            executable_path=executable,
            args=FLAGS,
            headless=True,
            viewport={"width": 1440, "height": 1000},
            reduced_motion="reduce",
            timeout=PATIENCE * 1000,
        )
        context.set_default_timeout(PATIENCE * 1000)
        yield context.pages[0]
        context.close()


@pytest.fixture
def lab(lab_page: Any, lab_url: str, lab_folder: Path) -> Iterator[Lab]:
    """Return JupyterLab in the browser. Afterwards no kernel is left and the window is as it was."""
    lab = Lab(lab_url, lab_folder, lab_page)
    yield lab
    lab.close_notebook()
    lab_page.set_viewport_size({"width": 1440, "height": 1000})
    errors = [error for error in lab.errors if not error.startswith(RESTARTS)]
    assert not errors, f"the page raised: {errors}"
