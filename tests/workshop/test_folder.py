"""The learner's folder: what passed is in it, and nothing that happens to it costs more than itself."""

import json
import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from paramlab.workshop import folder
from paramlab.workshop.catalogue import PIECES, TASKS

NEW = "Parameter.__new__"


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
    folder.add_points(NEW, 2.5)
    folder.add_points("three kinds", 1.0)
    folder.add_points(NEW, 1.0)
    assert folder.points() == {NEW: 2.5, "three kinds": 1.0}
    folder.add_points(NEW, 4.0)
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
def test_a_damaged_file_is_set_aside_and_what_is_kept_counts(content, progress):
    folder.keep(NEW, "# kept\n")
    progress.write_text(content)
    assert folder.points() == {NEW: 4.0}
    assert folder.points() == {NEW: 4.0}, "asked again, before anything was written"
    assert (progress.parent / "progress.damaged.json").read_text() == content
    folder.add_points("three kinds", 1.0)
    assert folder.points() == {NEW: 4.0, "three kinds": 1.0}


def test_bytes_that_are_no_text_are_damage_too(progress):
    progress.write_bytes(b"\xff\xfe\x00")
    assert folder.points() == {}


def test_a_second_damaged_file_does_not_overwrite_the_first(progress):
    for content in ("first", "second", "third"):
        progress.write_text(content)
        folder.points()
    names = ["progress.damaged.json", "progress.damaged 2.json", "progress.damaged 3.json"]
    assert [(progress.parent / name).read_text() for name in names] == ["first", "second", "third"]


def test_tasks_that_there_are_no_longer_are_passed_over(progress):
    progress.write_text(json.dumps({"version": 1, "points": {"gone": 3.0, NEW: 1.0}}))
    assert folder.points() == {NEW: 1.0}


@given(st.floats(allow_nan=False))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
def test_points_stay_between_nothing_and_what_there_is(home, number):
    file = home / "my_paramlab" / "progress.json"
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps({"points": {NEW: number}}))
    assert 0 <= folder.points()[NEW] <= TASKS[NEW].points


def test_a_write_that_fails_leaves_the_old_file(monkeypatch, progress):
    folder.add_points(NEW, 1.0)

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        folder.add_points(NEW, 4.0)
    assert folder.points() == {NEW: 1.0}
    assert [file.name for file in progress.parent.iterdir()] == ["progress.json"]


def test_a_file_in_the_place_of_the_folder_is_an_error_that_says_so(home):
    (home / "my_paramlab").write_text("in the way")
    with pytest.raises(OSError, match="my_paramlab"):
        folder.keep(NEW, "# kept\n")
    with pytest.raises(OSError, match="my_paramlab"):
        folder.add_points(NEW, 1.0)


@pytest.mark.parametrize("name", PIECES)
def test_each_piece_has_a_file_name_that_every_system_takes(name):
    assert not set(folder.kept_file(name).name) & set('<>:"/\\|?*')
