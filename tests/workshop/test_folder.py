"""The learner's folder: what passed is in it, and nothing that happens to it costs more than itself."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from paramlab.workshop import folder
from paramlab.workshop.catalogue import PIECES, TASKS

NEW = "Parameter.__new__"
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def progress(home):
    file = home / "my_paramlab" / "progress.json"
    file.parent.mkdir()
    return file


def test_the_folder_is_beside_the_notebook_unless_told_otherwise(monkeypatch, home):
    assert folder.folder() == home / "my_paramlab"
    monkeypatch.delenv("PARAMLAB_HOME")
    monkeypatch.chdir(home)
    assert folder.folder().resolve() == home / "my_paramlab"


def test_what_is_kept_is_listed_in_the_order_of_the_lessons():
    for name in ("Module.__setattr__", NEW):
        folder.keep(name, f"# {name}\n")
    assert folder.kept() == [NEW, "Module.__setattr__"]
    assert folder.kept_file(NEW).read_text() == f"# {NEW}\n"


def test_other_files_in_the_folder_are_no_pieces(progress):
    (progress.parent / "notes.py").write_text("x = 1")
    assert folder.kept() == []


def test_points_are_noted_and_only_ever_rise():
    folder.add_points({NEW: 2.5})
    folder.add_points({"three kinds": 1.0})
    folder.add_points({NEW: 1.0})
    assert folder.points() == {NEW: 2.5, "three kinds": 1.0}
    folder.add_points({NEW: 4.0})
    assert folder.points()[NEW] == 4.0


def test_without_a_file_there_are_no_points(home):
    assert folder.points() == {}
    assert list(home.iterdir()) == []


DAMAGED = [
    "",
    "{",
    "null",
    "[]",
    "3",
    '"x"',
    "{}",
    '{"points": 3}',
    '{"points": null}',
    *(json.dumps({"points": {NEW: value}}) for value in ("x", None, float("nan"), 10**400)),
    "[" * 100_000,
]


@pytest.mark.parametrize("content", DAMAGED, ids=[text[:30] for text in DAMAGED])
def test_a_damaged_file_is_set_aside_and_named_and_what_is_kept_counts(content, progress):
    folder.keep(NEW, "# kept\n")
    progress.write_text(content)
    assert folder.points() == {NEW: 4.0}
    assert progress.read_text() == content, "who only looks changes nothing"
    said = folder.mend()
    assert "`my_paramlab/progress.json` was damaged" in said
    assert "`progress.damaged.json`" in said
    assert (progress.parent / "progress.damaged.json").read_text() == content
    assert folder.points() == {NEW: 4.0}
    assert folder.mend() == "", "said once"


def test_who_notes_points_mends_too_and_says_so(progress):
    folder.keep(NEW, "# kept\n")
    progress.write_text("{")
    assert "progress.damaged.json" in folder.add_points({"three kinds": 1.0})
    assert folder.points() == {NEW: 4.0, "three kinds": 1.0}
    assert folder.add_points({"three kinds": 2.0}) == ""


def test_where_nothing_is_damaged_there_is_nothing_to_mend(home):
    assert folder.mend() == ""
    assert list(home.iterdir()) == [], "and nothing is made"


def test_a_damaged_file_that_can_not_be_set_aside_is_named_too(progress, monkeypatch):
    folder.keep(NEW, "# kept\n")
    progress.write_text("{")

    def refuse(self, target):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "replace", refuse)
    assert "is damaged, and can't be set aside: Permission denied." in folder.mend()
    assert folder.points() == {NEW: 4.0}


def test_bytes_that_are_no_text_are_damage_too(progress):
    progress.write_bytes(b"\xff\xfe\x00")
    assert folder.points() == {}
    assert folder.mend()


def test_a_second_damaged_file_does_not_overwrite_the_first(progress):
    for content in ("first", "second", "third"):
        progress.write_text(content)
        folder.mend()
    names = ["progress.damaged.json", "progress.damaged 2.json", "progress.damaged 3.json"]
    assert [(progress.parent / name).read_text() for name in names] == ["first", "second", "third"]


def test_tasks_that_there_are_no_longer_are_passed_over(progress):
    progress.write_text(json.dumps({"version": 1, "points": {"gone": 3.0, NEW: 1.0}}))
    assert folder.points() == {NEW: 1.0}


def test_tasks_of_another_version_stay_noted(progress):
    progress.write_text(json.dumps({"version": 1, "points": {"gone": 3.0}}))
    folder.add_points({NEW: 1.0})
    assert json.loads(progress.read_text())["points"] == {"gone": 3.0, NEW: 1.0}


@given(st.floats(allow_nan=False))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
def test_points_stay_between_nothing_and_what_there_is(home, number):
    file = home / "my_paramlab" / "progress.json"
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps({"points": {NEW: number}}))
    assert 0 <= folder.points()[NEW] <= TASKS[NEW].points


def test_a_write_that_fails_leaves_the_old_file(monkeypatch, progress):
    folder.add_points({NEW: 1.0})

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        folder.add_points({NEW: 4.0})
    assert folder.points() == {NEW: 1.0}
    assert {file.name for file in progress.parent.iterdir()} == {"progress.json", ".lock"}


def test_a_file_in_the_place_of_the_folder_is_an_error_that_says_so(home):
    (home / "my_paramlab").write_text("in the way")
    with pytest.raises(OSError, match="my_paramlab"):
        folder.keep(NEW, "# kept\n")
    with pytest.raises(OSError, match="my_paramlab"):
        folder.add_points({NEW: 1.0})


# ------------------------------------------------------------------ several kernels at once

NOTES = """
import sys
from paramlab.workshop import folder
for name in sys.argv[1:]:
    folder.add_points({name: 0.5})
"""


def test_kernels_that_note_points_at_the_same_moment_lose_none(home):
    names = list(TASKS)
    kernels = [subprocess.Popen([sys.executable, "-c", NOTES, *names[first::4]], cwd=ROOT) for first in range(4)]
    assert [kernel.wait(60) for kernel in kernels] == [0] * 4
    assert set(folder.points()) == set(names)


def test_of_kernels_that_find_the_damage_together_one_sets_it_aside(home, progress):
    progress.write_text("{")
    kernels = [subprocess.Popen([sys.executable, "-c", NOTES, name], cwd=ROOT) for name in list(TASKS)[:4]]
    assert [kernel.wait(60) for kernel in kernels] == [0] * 4
    assert set(folder.points()) == set(list(TASKS)[:4])
    assert len(list(progress.parent.glob("progress.damaged*"))) == 1


def test_the_better_of_each_task_counts():
    assert folder.better({"a": 1.0, "b": 2.0}, {"a": 2.0, "c": 3.0}, {}) == {"a": 2.0, "b": 2.0, "c": 3.0}
    assert folder.better() == {}


@pytest.mark.parametrize("name", PIECES)
def test_each_piece_has_a_file_name_that_every_system_takes(name):
    assert not set(folder.kept_file(name).name) & set('<>:"/\\|?*')
