"""A class graded by a Dask cluster: real schedulers and workers, each a process of its own."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from paramlab import cli
from paramlab.classroom import cluster, grading
from paramlab.classroom.release import notebook

from .conftest import cell_of, with_cells
from .test_grading import REPR, WRONG, hand_in

ROOT = Path(cli.__file__).parents[1]
pytest.importorskip("distributed", reason='dask.distributed is not installed: pip install "paramlab[cluster]"')
GRADE = """
import sys
from pathlib import Path
from paramlab.classroom import Certificates
from paramlab.classroom.grading import grade
submissions, out, scheduler, *files = sys.argv[1:]
sys.exit(grade(Path(submissions), Path(out), scheduler=scheduler, certificates=Certificates(*map(Path, files)), seed=5))
"""


class Dask:
    """A scheduler and its workers, and `paramlab grade` on them, everything below one folder."""

    def __init__(self, folder, certificate=()):
        self.folder, self.certificate = folder, certificate
        self.processes = []

    def __enter__(self):
        file = self.folder / "scheduler.json"
        with contextlib.ExitStack() as stack:
            stack.callback(self.end)
            self.start("scheduler", "--port", "0", "--no-dashboard", "--scheduler-file", str(file))
            self.wait_for(file.exists)
            self.address = json.loads(file.read_text())["address"]
            stack.pop_all()
        return self

    def __exit__(self, *_):
        self.end()

    def start(self, what, *options, path=ROOT):
        names = ("--tls-ca-file", "--tls-cert", "--tls-key")
        tls = [f"{name}={file}" for name, file in zip(names, self.certificate, strict=False)]
        log = self.folder / f"{what}-{len(self.processes)}.log"
        command = [sys.executable, "-m", f"distributed.cli.dask_{what}", *tls, *options]
        surroundings = {**os.environ, "PYTHONPATH": str(path)}
        with log.open("wb") as file:
            process = subprocess.Popen(
                command, stdout=subprocess.DEVNULL, stderr=file, env=surroundings, cwd=self.folder
            )
        self.processes.append(process)
        return process, log

    def worker(self, *options, path=ROOT):
        """Start a worker of one thread; wait until it is at the scheduler's hand."""
        place = self.folder / f"place-{len(self.processes)}"
        options = ["--no-nanny", "--nthreads", "1", "--no-dashboard", "--local-directory", str(place), *options]
        process, log = self.start("worker", self.address, *options, path=path)
        self.wait_for(lambda: b"Registered to" in log.read_bytes())
        return process

    def wait_for(self, there, seconds=300):
        end = time.monotonic() + seconds
        while not there():
            assert time.monotonic() < end, [path.read_text()[-2000:] for path in self.folder.glob("*.log")]
            time.sleep(0.05)

    def grade(self, submissions, out):
        """Start `paramlab grade` on the cluster; its process is returned at once."""
        files = [str(file) for file in self.certificate]
        return subprocess.Popen(
            [sys.executable, "-c", GRADE, str(submissions), str(out), self.address, *files],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )

    def end(self):
        for process in self.processes:
            process.kill()
            process.wait()


@pytest.fixture
def dask(tmp_path):
    """Make a cluster without workers; with a certificate's files it is one that speaks TLS."""
    with contextlib.ExitStack() as stack:

        def make(certificate=()):
            (tmp_path / "dask").mkdir()
            return stack.enter_context(Dask(tmp_path / "dask", certificate))

        yield make


@pytest.fixture
def certificate(tmp_path):
    """A certificate that is its own authority, and its key."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl, which makes certificates, is not installed")
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    options = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    subprocess.run(["openssl", "req", *options, "-keyout", key, "-out", cert], check=True, capture_output=True)
    return cert, cert, key


@pytest.fixture
def submissions(tmp_path, solution):
    """Right, wrong and untouched; and enough of one more, each of its own, that a worker can die meanwhile."""
    top = tmp_path / "submitted"
    hand_in(top, "ada", solution[2])
    hand_in(top, "bob", notebook("02_parameter"))
    for number in range(12):
        slow = "import os\nos._exit(3)" if number == 7 else f"import time\ntime.sleep(0.02)\n{WRONG} + '{number}'"
        hand_in(top, f"learner {number}", with_cells(solution[2], {REPR: cell_of(REPR, slow)}))
    return top


def finished(process):
    said, error = process.communicate(timeout=900)
    return process.returncode, said, error


def files(out):
    return {name: (out / name).read_bytes() for name in ("grades.csv", "grades.json", "class.html")}


def test_over_tls_the_grades_are_those_of_this_machine_byte_by_byte(dask, certificate, submissions, tmp_path):
    assert grading.grade(submissions, tmp_path / "here", jobs=1, seed=5) == 0
    cluster = dask(certificate)
    assert cluster.address.startswith("tls://")
    for _ in range(2):
        cluster.worker()
    status, said, error = finished(cluster.grade(submissions, tmp_path / "there"))
    assert status == 0, error
    assert "2 workers" in said
    assert "encrypt" not in said
    assert files(tmp_path / "there") == files(tmp_path / "here")


def test_a_worker_that_is_killed_meanwhile_costs_nothing(dask, submissions, tmp_path):
    assert grading.grade(submissions, tmp_path / "here", jobs=1, seed=5) == 0
    cluster = dask()
    doomed, _ = cluster.worker(), cluster.worker()
    out = tmp_path / "there"
    process = cluster.grade(submissions, out)
    journal = out / "journal.jsonl"
    cluster.wait_for(lambda: journal.exists() and len(journal.read_bytes().splitlines()) > 3)
    doomed.send_signal(signal.SIGKILL)
    status, said, error = finished(process)
    assert status == 0, error
    assert "is neither encrypted nor" in said
    assert files(out) == files(tmp_path / "here")


def test_a_worker_refuses_a_course_of_another_version(dask, submissions, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(ROOT / "paramlab", other / "paramlab", ignore=shutil.ignore_patterns("__pycache__"))
    with (other / "paramlab" / "cases" / "__init__.py").open("a") as file:
        file.write("# another course\n")
    cluster = dask()
    cluster.worker(path=other)
    status, _, error = finished(cluster.grade(submissions, tmp_path / "out"))
    assert status == 2
    assert "it has the course 0." in error
    assert "Install that one there" in error
    assert not (tmp_path / "out" / "grades.csv").exists()


def test_a_cluster_that_can_not_grade_says_why(dask, submissions, tmp_path):
    cluster = dask()
    status, _, error = finished(cluster.grade(submissions, tmp_path / "out"))
    assert status == 2
    assert "has no worker yet" in error
    (tmp_path / "paramlab.py").write_text("raise ModuleNotFoundError('there is no paramlab here')")
    cluster.worker(path=tmp_path)
    status, _, error = finished(cluster.grade(submissions, tmp_path / "out"))
    assert (status, "there is no paramlab here" in error) == (2, True)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["tls://127.0.0.1:1", "--tls-ca", "none.pem"], "there is no certificate file none.pem"),
        (["tls://127.0.0.1:1"], "asks for certificates: --tls-ca, --tls-cert and --tls-key"),
        (["somewhere"], "somewhere can't be reached: missing port number"),
    ],
)
def test_an_address_or_certificates_that_will_not_do_are_an_error(options, says, submissions, tmp_path):
    command = [sys.executable, "-m", "paramlab", "grade", str(submissions), "--out", str(tmp_path / "out")]
    done = subprocess.run(
        [*command, "--scheduler", *options], capture_output=True, text=True, timeout=300, cwd=ROOT, check=False
    )
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_an_assignment_is_graded_there_too(dask, tmp_path):
    cluster = dask()
    cluster.worker()
    folder = ROOT / "course" / "homework" / "own_layer"
    made = [
        sys.executable,
        "-m",
        "paramlab",
        "release",
        "--assignment",
        str(folder),
        "--out",
        str(tmp_path / "handout"),
    ]
    subprocess.run(made, cwd=ROOT, check=True)  # a process is about one assignment, or about the course
    (tmp_path / "in" / "ada").mkdir(parents=True)
    shutil.copy(tmp_path / "handout" / "own_layer.ipynb", tmp_path / "in" / "ada")
    command = [sys.executable, "-m", "paramlab", "grade", str(tmp_path / "in"), "--assignment", str(folder)]
    to = ["--out", str(tmp_path / "grades"), "--scheduler", cluster.address]
    done = subprocess.run([*command, *to], capture_output=True, text=True, cwd=ROOT, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert "Self-test: the solution earns all points" in done.stdout
    assert (tmp_path / "grades" / "grades.csv").read_text().splitlines()[1].startswith("ada,0,0,")


def test_a_station_that_nobody_asks_any_more_is_closed(monkeypatch):
    class Station:
        def __init__(self, order, threads):
            self.seconds, self.ended = 0.0, False

        def idle(self):
            return self.seconds

        def end(self):
            self.ended = True

    timers = []
    monkeypatch.setattr(cluster, "_Station", Station)
    monkeypatch.setattr(
        cluster.threading, "Timer", lambda seconds, *what: timers.append(what) or SimpleNamespace(start=int)
    )
    order = cluster.Order("run", "course", ())
    station = cluster._at_work(order, 1)
    for seconds, left in ((0.0, 2), (cluster.IDLE_SECONDS, 2)):
        station.seconds = seconds
        look, arguments = timers[-1]
        look(*arguments)
        assert (len(timers), station.ended, order.run in cluster._stations) == (left, bool(seconds), not seconds)
