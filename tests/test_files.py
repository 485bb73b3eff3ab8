"""An atomic write leaves the old file or the new one."""

import errno
import os
import stat
from pathlib import Path

import pytest

from paramlab.files import write_atomically


def test_a_new_file_has_the_content_and_the_usual_rights(tmp_path):
    (tmp_path / "usual").write_bytes(b"")
    write_atomically(tmp_path / "new", b"content")
    assert (tmp_path / "new").read_bytes() == b"content"
    assert (tmp_path / "new").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_a_replaced_file_keeps_its_rights(tmp_path):
    (tmp_path / "f").write_bytes(b"old")
    (tmp_path / "f").chmod(0o640)
    write_atomically(str(tmp_path / "f"), b"new")
    assert (tmp_path / "f").read_bytes() == b"new"
    assert stat.S_IMODE((tmp_path / "f").stat().st_mode) == 0o640


@pytest.mark.parametrize("fails", ["fsync", "write", "replace"])
def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch, fails):
    (tmp_path / "f").write_bytes(b"old")

    def full(*args):
        raise OSError(errno.ENOSPC, "No space left on device")

    if fails == "fsync":
        monkeypatch.setattr(os, "fsync", full)
    elif fails == "replace":
        monkeypatch.setattr(Path, "replace", full)
    else:
        real_open = Path.open

        def open_full(self, *args, **options):
            return _Full(real_open(self, *args, **options))

        monkeypatch.setattr(Path, "open", open_full)
    with pytest.raises(OSError, match="No space left"):
        write_atomically(tmp_path / "f", b"new")
    monkeypatch.undo()
    assert (tmp_path / "f").read_bytes() == b"old"
    assert [file.name for file in tmp_path.iterdir()] == ["f"]


class _Full:
    def __init__(self, file):
        self.file = file

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.file.close()

    def fileno(self):
        return self.file.fileno()

    def write(self, content):
        self.file.write(content[:1])
        raise OSError(errno.ENOSPC, "No space left on device")


def test_an_interruption_leaves_the_old_file_too(tmp_path, monkeypatch):
    (tmp_path / "f").write_bytes(b"old")

    def interrupt(handle):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(tmp_path / "f", b"new")
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [("f", b"old")]


def test_a_missing_folder_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        write_atomically(tmp_path / "none" / "f", b"new")


def test_behind_a_link_the_file_itself_is_replaced(tmp_path):
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write_atomically(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"new"


def test_parts_large_and_small_are_written_one_after_the_other(tmp_path):
    parts = [b"head", b"", memoryview(b"x" * 3_000_000), b"tail", bytes(2_000_000)]
    write_atomically(tmp_path / "f", *parts)
    assert (tmp_path / "f").read_bytes() == b"".join(parts)


def test_what_a_killed_program_left_behind_is_not_in_the_way(tmp_path, monkeypatch):
    """The next program may have its process id, and the same names to try."""
    monkeypatch.setattr(os, "getpid", lambda: 1)
    monkeypatch.setattr(Path, "unlink", lambda *args: None)
    monkeypatch.setattr(Path, "replace", lambda *args: (_ for _ in ()).throw(OSError("killed")))
    with pytest.raises(OSError, match="killed"):
        write_atomically(tmp_path / "f", b"old")
    monkeypatch.undo()
    write_atomically(tmp_path / "f", b"new")
    assert (tmp_path / "f").read_bytes() == b"new"
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_written_to_and_not_replaced(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    write_atomically(tmp_path / "pipe", b"content")
    assert os.read(reader, 100) == b"content"
    os.close(reader)
    assert (tmp_path / "pipe").is_fifo()


def test_a_folder_is_not_replaced(tmp_path):
    with pytest.raises(OSError, match=r"directory|denied"):
        write_atomically(tmp_path, b"content")


def test_a_name_as_long_as_a_name_can_be(tmp_path):
    write_atomically(tmp_path / ("n" * 255), b"content")
    assert [len(file.name) for file in tmp_path.iterdir()] == [255]
