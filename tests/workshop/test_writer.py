"""The lock on the notes: one at a time, given back when its process ends, and never in the way."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from paramlab.workshop import writer
from paramlab.workshop.writer import only_writer

ROOT = Path(__file__).resolve().parents[2]
HOLD = """
import sys, time
from pathlib import Path
from paramlab.workshop.writer import only_writer
with only_writer(Path(sys.argv[1])):
    print("mine", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that has the lock."""
    words = [sys.executable, "-c", HOLD, str(tmp_path / ".lock")]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"mine\n"
        yield process
        process.kill()


def test_who_waits_longer_than_its_patience_goes_on_without(holder, tmp_path):
    start = time.monotonic()
    with only_writer(tmp_path / ".lock", patience=0.2):
        assert time.monotonic() - start >= 0.2
    assert holder.poll() is None


def test_a_lock_ends_with_its_process_however_that_ends(holder, tmp_path, monkeypatch):
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    monkeypatch.setattr(time, "sleep", lambda seconds: pytest.fail("it had to wait"))
    with only_writer(tmp_path / ".lock"):
        pass


def test_it_is_given_back_also_after_an_error(tmp_path, monkeypatch):
    with pytest.raises(KeyError), only_writer(tmp_path / ".lock"):
        raise KeyError
    monkeypatch.setattr(time, "sleep", lambda seconds: pytest.fail("it had to wait"))
    with only_writer(tmp_path / ".lock"):
        pass


@pytest.mark.parametrize("number", [38, 95, 37])  # no such call, not supported here, no locks available
def test_where_there_are_no_locks_the_block_runs(tmp_path, monkeypatch, number):
    def refuse(descriptor):
        raise OSError(number, "no locks here")

    monkeypatch.setattr(writer, "_lock", refuse)
    monkeypatch.setattr(time, "sleep", lambda seconds: pytest.fail("it waited for what will not come"))
    ran = []
    with only_writer(tmp_path / ".lock"):
        ran.append(True)
    assert ran


def test_where_the_file_can_not_be_made_the_block_runs(tmp_path):
    with only_writer(tmp_path / "no such folder" / ".lock"):
        pass
