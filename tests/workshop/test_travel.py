"""Taking the work home and back: nothing of it is lost, on neither side, and an archive may be anybody's."""

import json
import shutil
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from paramlab.start import course_folder
from paramlab.workshop import bring_back, folder, take_home, travel
from paramlab.workshop.travel import TravelError

NEW, REPR = "Parameter.__new__", "Parameter.__repr__"
LESSON, OTHER = "02_parameter.ipynb", "03_module.ipynb"


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch):
    """Each folder of these tests is a machine of its own, with its own ``my_paramlab``."""
    monkeypatch.delenv("PARAMLAB_HOME")


@pytest.fixture
def binder(tmp_path):
    return a_course(tmp_path / "binder")


@pytest.fixture
def mine(tmp_path):
    return a_course(tmp_path / "home")


def a_course(place):
    """A folder with two lessons that nobody has begun."""
    place.mkdir()
    for name in (LESSON, OTHER):
        shutil.copy(course_folder() / name, place / name)
    return place


def work_on(notebook, line):
    """Type a line into the first cell of code."""
    made = json.loads(notebook.read_text(encoding="utf-8"))
    next(cell for cell in made["cells"] if cell["cell_type"] == "code")["source"] = line
    notebook.write_text(json.dumps(made), encoding="utf-8")


def carry(start, end):
    """Take home from one folder and hand the archive over to the other."""
    take_home(start)
    return Path(shutil.move(start / "my_paramlab.zip", end / "arrived.zip"))


def learn(place, **points):
    """Earn points, and keep a piece for each."""
    kept = folder.folder(place)
    kept.mkdir(exist_ok=True)
    folder.add_points(points, kept / "progress.json")
    for piece in points:
        folder.kept_file(piece, kept).write_text(f"# {piece} of {place.name}\n")


def contents(place):
    return {path.relative_to(place).as_posix(): path.read_bytes() for path in place.rglob("*") if path.is_file()}


# ------------------------------------------------------------------ there and back


def test_what_was_done_elsewhere_arrives(binder, mine):
    work_on(binder / LESSON, "x = 1")
    learn(binder, **{NEW: 4.0, "three kinds": 2.0})
    done = bring_back(carry(binder, mine), mine)
    assert (mine / LESSON).read_bytes() == (binder / LESSON).read_bytes()
    assert folder.kept(folder.folder(mine)) == [NEW]
    assert folder.points(folder.folder(mine)) == {NEW: 4.0, "three kinds": 2.0}
    assert f"In the place of notebooks you had not begun here: {LESSON}" in repr(done)
    assert f"The same as here: {OTHER}" in repr(done)
    assert "Points: 6 of" in repr(done)


def test_all_arrives_in_an_empty_folder(binder, tmp_path):
    learn(binder, **{NEW: 4.0})
    take_home(binder)
    done = bring_back(binder / "my_paramlab.zip", tmp_path / "new")
    assert set(done.files) == {"new"}
    assert contents(tmp_path / "new").keys() == contents(binder).keys() - {"my_paramlab.zip"}


def test_without_a_folder_it_is_the_one_one_is_in(binder, mine, monkeypatch):
    work_on(binder / LESSON, "x = 1")
    monkeypatch.chdir(binder)
    made = take_home()
    shutil.copy(binder / "my_paramlab.zip", mine)
    monkeypatch.chdir(mine)
    bring_back()
    assert (mine / LESSON).read_bytes() == (binder / LESSON).read_bytes()
    assert "<a href='my_paramlab.zip' download='my_paramlab.zip'>" in made._repr_html_()
    assert "my_paramlab.zip" in repr(made)
    assert "<" not in repr(made)


def test_brought_back_twice_it_changes_nothing_more(binder, mine):
    work_on(binder / LESSON, "x = 1")
    work_on(mine / LESSON, "x = 2")
    learn(binder, **{NEW: 4.0})
    learn(mine, **{NEW: 1.0})
    archive = carry(binder, mine)
    bring_back(archive, mine)
    before = contents(mine)
    assert "as before" in repr(bring_back(archive, mine))
    assert contents(mine) == before


# ------------------------------------------------------------------ nothing is lost


def test_what_differs_stays_and_the_other_arrives_beside_it_and_is_named(binder, mine):
    for place in (binder, mine):
        work_on(place / LESSON, f"x = '{place.name}'")
        learn(place, **{NEW: 4.0})
    done = bring_back(carry(binder, mine), mine)
    assert "home" in (mine / LESSON).read_text(encoding="utf-8")
    assert "binder" in (mine / "02_parameter (brought back).ipynb").read_text(encoding="utf-8")
    assert "of home" in (mine / "my_paramlab" / f"{NEW}.py").read_text()
    assert "of binder" in (mine / "my_paramlab" / f"{NEW} (brought back).py").read_text()
    assert "02_parameter (brought back).ipynb" in repr(done)
    assert folder.kept(folder.folder(mine)) == [NEW], "what arrived beside is no piece"


def test_a_second_archive_does_not_overwrite_what_the_first_brought(binder, mine):
    work_on(mine / LESSON, "x = 'home'")
    for version in ("one", "two"):
        work_on(binder / LESSON, f"x = '{version}'")
        bring_back(carry(binder, mine), mine)
    found = [(mine / f"02_parameter (brought back{n}).ipynb").read_text(encoding="utf-8") for n in ("", " 2")]
    assert "one" in found[0]
    assert "two" in found[1]


def test_a_notebook_that_was_not_begun_there_never_disturbs_the_one_here(binder, mine):
    work_on(mine / LESSON, "x = 1")
    before = (mine / LESSON).read_bytes()
    done = bring_back(carry(binder, mine), mine)
    assert (mine / LESSON).read_bytes() == before
    assert done.files["kept"] == [LESSON]
    assert not list(mine.glob("*(brought*"))


def test_a_notebook_that_was_only_run_here_gives_way(binder, mine):
    work_on(binder / LESSON, "x = 1")
    made = json.loads((mine / LESSON).read_text(encoding="utf-8"))
    for cell in made["cells"]:
        if cell["cell_type"] == "code":
            cell["execution_count"] = 3
    (mine / LESSON).write_text(json.dumps(made), encoding="utf-8")
    assert bring_back(carry(binder, mine), mine).files["updated"] == [LESSON]


def test_the_notebook_of_this_kernel_is_not_exchanged_under_its_learner(binder, mine, monkeypatch):
    work_on(binder / LESSON, "x = 1")
    monkeypatch.setenv("JPY_SESSION_NAME", str(mine / LESSON))
    done = bring_back(carry(binder, mine), mine)
    assert done.files["beside"] == ["02_parameter (brought back).ipynb"]


def test_of_the_points_the_better_count_also_those_of_tasks_unknown_here(binder, mine):
    learn(binder, **{NEW: 4.0, REPR: 0.5})
    learn(mine, **{NEW: 1.0, REPR: 1.0})
    folder.add_points({"from a newer course": 2.0}, folder.folder(binder) / "progress.json")
    done = bring_back(carry(binder, mine), mine)
    assert folder.points(folder.folder(mine)) == {NEW: 4.0, REPR: 1.0}
    assert done.points[:2] == (5.0, 2.0)
    noted = json.loads((mine / "my_paramlab" / "progress.json").read_text())["points"]
    assert noted["from a newer course"] == 2.0


@pytest.mark.parametrize("damage", ["{", None])
def test_where_the_points_can_not_be_told_the_pieces_count(binder, mine, damage):
    learn(binder, **{NEW: 4.0})
    file = binder / "my_paramlab" / "progress.json"
    file.unlink() if damage is None else file.write_text(damage)
    learn(mine, **{REPR: 1.0})
    bring_back(carry(binder, mine), mine)
    assert folder.points(folder.folder(mine)) == {NEW: 4.0, REPR: 1.0}


def test_a_damaged_progress_file_here_is_set_aside_and_named(binder, mine):
    learn(binder, **{NEW: 4.0})
    learn(mine, **{REPR: 1.0})
    (mine / "my_paramlab" / "progress.json").write_text("{")
    assert "progress.damaged.json" in repr(bring_back(carry(binder, mine), mine))
    assert folder.points(folder.folder(mine)) == {NEW: 4.0, REPR: 1.0}


def test_an_archive_of_here_is_replaced_and_one_from_elsewhere_moved_out_of_the_way(binder, mine):
    learn(binder, **{NEW: 4.0})
    take_home(binder)
    take_home(binder)
    assert [path.name for path in binder.glob("*.zip")] == ["my_paramlab.zip"]
    brought = shutil.copy(binder / "my_paramlab.zip", mine)
    content = Path(brought).read_bytes()
    assert '`bring_back("my_paramlab 2.zip")`' in repr(take_home(mine))
    assert (mine / "my_paramlab 2.zip").read_bytes() == content


def test_what_does_not_fit_is_left_out_and_named(binder, monkeypatch):
    monkeypatch.setattr(travel, "FILE_BYTES", 100_000)
    (binder / "huge.ipynb").write_text("x" * 100_001)
    (binder / "a\\b.ipynb").write_text("{}")
    made = take_home(binder)
    assert "huge.ipynb is left out: it is larger" in repr(made)
    assert "not every system takes its name" in repr(made)
    assert made.notebooks == 2


def test_with_nothing_to_pack_it_says_so(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(TravelError, match="neither a notebook nor my_paramlab/"):
        take_home(tmp_path / "empty")


def test_a_crash_while_unpacking_leaves_whole_files_and_going_on_is_possible(binder, mine, monkeypatch):
    learn(binder, **{NEW: 4.0, REPR: 1.0})
    archive = carry(binder, mine)
    write, count = travel.write_atomically, [0]

    def fails_at_the_second(path, *content):
        count[0] += 1
        if count[0] == 2:
            raise OSError(28, "No space left on device")
        write(path, *content)

    monkeypatch.setattr(travel, "write_atomically", fails_at_the_second)
    with pytest.raises(OSError, match="No space left"):
        bring_back(archive, mine)
    bring_back(archive, mine)
    assert folder.kept(folder.folder(mine)) == [NEW, REPR]


# ------------------------------------------------------------------ an archive may be anybody's

CODE = "raise SystemExit('it was run')\n"


def an_archive(place, entries, label='{"paramlab": "1", "untouched": []}'):
    """Write an archive by hand; an entry is a name or a ZipInfo, and its content."""
    path = place / "strange.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in [*([("paramlab.json", label)] if label else []), *entries]:
            archive.writestr(name, content)
    return path


def a_link(name):
    entry = zipfile.ZipInfo(name)
    entry.external_attr = 0o120777 << 16
    return entry


REFUSED = {
    "a way out": [("../evil.ipynb", "{}")],
    "a way out below": [("my_paramlab/../../evil.py", CODE)],
    "an absolute path": [("/tmp/evil.ipynb", "{}")],
    "a path of Windows": [("..\\evil.ipynb", "{}")],
    "a drive": [("C:evil.ipynb", "{}")],
    "a hidden file": [("my_paramlab/.evil.py", CODE)],
    "a program": [("evil.py", CODE)],
    "a folder below": [("my_paramlab/sub/evil.py", CODE)],
    "a settings file": [("jupyter_lab_config.py", CODE)],
    "a link": [(a_link("02_parameter.ipynb"), "/etc/passwd")],
    "one name twice in another case": [("a.ipynb", "{}"), ("A.ipynb", "{}")],
    "a line break": [("a\nb.ipynb", "{}")],
    "more files than there can be": [(f"{n}.ipynb", "{}") for n in range(travel.FILES)],
    "a file that unpacks to too much": [("bomb.ipynb", b"0" * (travel.FILE_BYTES + 1))],
    "all of it too much": [(f"{n}.ipynb", b"0" * travel.FILE_BYTES) for n in range(11)],
}


@pytest.mark.parametrize("entries", REFUSED.values(), ids=REFUSED.keys())
def test_what_take_home_does_not_pack_is_refused_and_nothing_is_unpacked(entries, tmp_path, mine):
    archive = an_archive(tmp_path, [("01_fine.ipynb", "{}"), *entries])
    before = contents(mine)
    with pytest.raises(TravelError, match=r"none of take_home\(\)'s, and nothing of it was unpacked"):
        bring_back(archive, mine)
    assert contents(mine) == before
    assert not list(tmp_path.glob("*evil*"))


@pytest.mark.parametrize("label", ["", "{", "[]", "{}", '{"paramlab": 1, "untouched": []}', '{"paramlab": "1"}'])
def test_an_archive_with_another_label_or_none_is_refused(label, tmp_path, mine):
    archive = an_archive(tmp_path, [("a.ipynb", "{}")], label)
    with pytest.raises(TravelError, match="nothing of it was unpacked"):
        bring_back(archive, mine)
    assert not (mine / "a.ipynb").exists()


def test_no_code_in_it_is_run(tmp_path, mine):
    archive = an_archive(tmp_path, [(f"my_paramlab/{NEW}.py", CODE), ("a.ipynb", CODE)])
    bring_back(archive, mine)
    assert (mine / "my_paramlab" / f"{NEW}.py").read_text() == CODE


def test_a_file_that_is_not_there_or_no_archive_is_an_error_in_a_sentence(tmp_path, mine):
    with pytest.raises(TravelError, match="There is no file"):
        bring_back(tmp_path / "no.zip", mine)
    (tmp_path / "no.zip").write_text("no archive")
    with pytest.raises(TravelError, match="can't be read"):
        bring_back(tmp_path / "no.zip", mine)


@given(
    changes=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=4),
    left=st.just(1.0) | st.floats(0, 1),
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_archive_is_refused_or_right(changes, left, tmp_path_factory):
    place = a_course(tmp_path_factory.mktemp("damaged") / "binder")
    learn(place, **{NEW: 4.0})
    take_home(place)
    archive = place / "my_paramlab.zip"
    content = bytearray(archive.read_bytes())
    for part, byte in changes:  # where, as a part of the whole: its length has the hour in it
        content[int(part * len(content))] = byte
    archive.write_bytes(content[: int(left * len(content))])
    there = place.parent / "there"
    try:
        bring_back(archive, there)
    except TravelError:
        assert not there.exists()
    else:
        for name in (LESSON, OTHER):
            if (there / name).exists():
                assert (there / name).read_bytes() == (place / name).read_bytes()
