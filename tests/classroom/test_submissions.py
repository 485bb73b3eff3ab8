"""Who handed in what, as folders and archives come; what is dangerous or unreadable is left out with a sentence."""

import errno
import io
import os
import stat
import unicodedata
import zipfile
from pathlib import Path

import pytest

from paramlab.classroom import files
from paramlab.classroom.files import UnreadableError
from paramlab.classroom.submissions import find, safe_file_name

LESSONS = ["02_parameter", "03_module"]


def put(top, *paths, content=b"{}"):
    for path in paths:
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        (top / path).write_bytes(content)


def who(top):
    hand_ins, _ = find(top, LESSONS)
    return sorted((one.learner, one.lesson) for one in hand_ins)


def archive(path, entries):
    with zipfile.ZipFile(path, "w") as file:
        for entry, content in entries:
            file.writestr(entry, content)
    return path


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (
            ["submitted/ada/02_parameter/02_parameter.ipynb", "submitted/bob/03_module/x.ipynb"],
            [("ada", "02_parameter"), ("bob", "03_module")],
        ),
        (["ada/02_parameter/02_parameter.ipynb"], [("ada", "02_parameter")]),
        (["ada/02_parameter.ipynb", "ada/03_module.ipynb", "bob/02_parameter.ipynb"], None),
        (["ada_02_parameter.ipynb", "02_parameter-bob.ipynb"], [("ada", "02_parameter"), ("bob", "02_parameter")]),
        (["lovelaceada_LATE_12_34_03_module-1.ipynb"], [("lovelaceada_LATE_12_34", "03_module")]),
        (["02_parameter/ada.ipynb", "02_parameter/bob.ipynb"], [("ada", "02_parameter"), ("bob", "02_parameter")]),
        (
            ["Ada L_17_assignsubmission_file_/02_parameter.ipynb", "Bob_18_assignsubmission_file_/02_parameter.ipynb"],
            [("Ada L_17", "02_parameter"), ("Bob_18", "02_parameter")],
        ),
        (
            ["export 7/ada/02_parameter.ipynb", "export 7/bob/02_parameter.ipynb"],
            [("ada", "02_parameter"), ("bob", "02_parameter")],
        ),
        (["アダ/03_module.ipynb", "Žofie/03_module.ipynb"], [("Žofie", "03_module"), ("アダ", "03_module")]),
    ],
)
def test_learner_and_lesson_are_read_off_the_path(tmp_path, paths, expected):
    put(tmp_path, *paths)
    expected = expected or [("ada", "02_parameter"), ("ada", "03_module"), ("bob", "02_parameter")]
    assert who(tmp_path) == expected


def test_the_same_in_an_archive(tmp_path):
    entries = [("export/ada/02_parameter.ipynb", "{}"), ("export/bob/02_parameter.ipynb", "{}")]
    assert who(archive(tmp_path / "all.zip", entries)) == [("ada", "02_parameter"), ("bob", "02_parameter")]


def test_an_archive_for_each_learner_also_inside_of_the_platforms(tmp_path):
    for name in ("ada", "bob"):
        archive(tmp_path / f"{name}.zip", [("02_parameter.ipynb", name)])
    assert who(tmp_path) == [("ada", "02_parameter"), ("bob", "02_parameter")]
    both = [(f"{name}.zip", (tmp_path / f"{name}.zip").read_bytes()) for name in ("ada", "bob")]
    hand_ins, _ = find(archive(tmp_path / "all.zip", both), LESSONS)
    assert {one.learner: one.found.read() for one in hand_ins} == {"ada": b"ada", "bob": b"bob"}


def test_two_learners_of_one_name_are_kept_apart(tmp_path):
    put(tmp_path, *(f"{section}/{name}/02_parameter.ipynb" for section in "ab" for name in ("ada", "eve")))
    put(tmp_path, "a/bob/02_parameter.ipynb")
    assert [learner for learner, _ in who(tmp_path)] == ["ada [a]", "ada [b]", "bob", "eve [a]", "eve [b]"]


def test_names_that_look_the_same_are_kept_apart(tmp_path):
    for form in ("NFC", "NFD"):
        put(tmp_path, f"{unicodedata.normalize(form, 'Zoé')}/02_parameter.ipynb")
    if len(list(tmp_path.iterdir())) == 1:
        pytest.skip("this file system takes both for one")
    assert len({unicodedata.normalize("NFC", learner) for learner, _ in who(tmp_path)}) == 2


def test_a_second_hand_in_of_a_learner_is_graded_beside_the_first(tmp_path):
    put(tmp_path, *(f"{name}/02_parameter.ipynb" for name in ("ada", "bob", "eve")), "ada/02_parameter-1.ipynb")
    hand_ins, notes = find(tmp_path, LESSONS)
    assert len({one.learner for one in hand_ins}) == 4
    assert any("ada handed in more than once" in note for note in notes)


def test_a_link_is_not_followed(tmp_path):
    put(tmp_path / "mine", "secret.ipynb")
    put(tmp_path / "in", "ada/02_parameter.ipynb")
    (tmp_path / "in" / "bob").symlink_to(tmp_path / "mine")
    (tmp_path / "in" / "ada" / "03_module.ipynb").symlink_to(tmp_path / "mine" / "secret.ipynb")
    hand_ins, notes = find(tmp_path / "in", LESSONS)
    assert [one.found.place for one in hand_ins] == ["ada/02_parameter.ipynb"]
    assert [note for note in notes if "is a link" in note] == notes != []


def test_an_archive_with_links_and_ways_out_gives_only_what_is_inside(tmp_path):
    link = zipfile.ZipInfo("bob/02_parameter.ipynb")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    ways_out = [f"{way}02_parameter.ipynb" for way in ("../", "/etc/", "a/../../", "C:\\")]
    entries = [(link, "/etc/passwd"), *((way, "{}") for way in ways_out), ("ada/02_parameter.ipynb", "{}")]
    inside = tmp_path / "in"
    inside.mkdir()
    hand_ins, notes = find(archive(inside / "all.zip", entries), LESSONS)
    assert [one.learner for one in hand_ins] == ["ada"]
    assert sum("points out of the archive" in note for note in notes) == 4
    assert sum("is a link" in note for note in notes) == 1
    assert [path.name for path in tmp_path.rglob("*")] == ["in", "all.zip"]  # nothing was written


def test_what_unpacks_to_too_much_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "NOTEBOOK_BYTES", 1000)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("ada_02_parameter.ipynb", b" " * 100_000)
    (tmp_path / "bomb.zip").write_bytes(buffer.getvalue())
    put(tmp_path, "bob_02_parameter.ipynb", content=b" " * 1001)
    for one in find(tmp_path, LESSONS)[0]:
        with pytest.raises(UnreadableError, match="larger than"):
            one.found.read()


def test_what_is_no_archive_is_named(tmp_path):
    put(tmp_path, "ada.zip", content=b"no archive at all")
    assert find(tmp_path, LESSONS) == ([], ["ada.zip: it is no zip archive that can be read."])


def test_nothing_to_look_into_is_an_error(tmp_path):
    with pytest.raises(UnreadableError, match="neither a folder"):
        find(tmp_path / "missing", LESSONS)


def test_jupyters_and_the_systems_own_files_are_passed_over(tmp_path):
    put(tmp_path, "ada/02_parameter.ipynb", "ada/.ipynb_checkpoints/02_parameter-checkpoint.ipynb", "__MACOSX/x.ipynb")
    assert find(tmp_path, LESSONS)[1] == []
    assert who(tmp_path) == [("ada", "02_parameter")]


def test_a_name_of_any_bytes_can_be_shown(tmp_path):
    try:
        put(tmp_path, os.fsdecode(b"\xff\n/02_parameter.ipynb"))
    except OSError:
        pytest.skip("this file system takes no such name")
    [one], _ = find(tmp_path, LESSONS)
    assert (one.learner + one.found.place).isprintable()
    assert one.found.read() == b"{}"


def test_a_report_has_a_name_that_every_system_takes_and_no_other_report_has():
    taken = set()
    names = [safe_file_name(name, taken) for name in ("Ada", "ada", "../../etc/passwd", "アダ", "///", "a" * 500)]
    assert names == ["Ada", "ada-2", "etc_passwd", "アダ", "learner", "a" * 60]


def test_what_can_be_read_without_end_is_not_opened(tmp_path):
    put(tmp_path, "ada/02_parameter.ipynb")
    os.mkfifo(tmp_path / "eve.zip")
    hand_ins, notes = find(tmp_path, LESSONS)
    assert ([one.learner for one in hand_ins], notes) == (["ada"], ["eve.zip is no ordinary file; it is left out."])


def test_what_lies_deeper_than_any_notebook_is_left_out(tmp_path):
    deep = "d/" * 40 + "02_parameter.ipynb"
    put(tmp_path, "ada/02_parameter.ipynb", f"in/{deep}")
    archive(tmp_path / "eve.zip", [(deep, "{}"), ("02_parameter.ipynb", "{}")])
    hand_ins, notes = find(tmp_path, LESSONS)
    assert sorted(one.learner for one in hand_ins) == ["ada", "eve"]
    assert ["too deep" in note for note in notes] == [True, True]


def test_what_may_not_be_read_costs_nobody_else(tmp_path, monkeypatch):
    put(tmp_path, "ada/02_parameter.ipynb")
    monkeypatch.setattr(Path, "is_file", refuse)
    [one], _ = find(tmp_path, LESSONS)
    with pytest.raises(UnreadableError, match="Permission denied"):
        one.found.read()


def refuse(self):
    raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def test_an_archive_is_opened_once_for_all_that_is_in_it(tmp_path, monkeypatch):
    opened = []
    real = files._open
    monkeypatch.setattr(files, "_open", lambda source: opened.append(source) or real(source))
    archive(tmp_path / "all.zip", [(f"l{n}/02_parameter.ipynb", "{}") for n in range(50)])
    assert [one.found.read() for one in find(tmp_path, LESSONS)[0]] == [b"{}"] * 50
    assert len(opened) == 1
