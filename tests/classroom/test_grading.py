"""A whole class: graded, stopped, resumed, reported. Nothing of it depends on the order or on the number of workers."""

import contextlib
import csv
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from paramlab import cli
from paramlab.classroom import Certificates, grading, selftest
from paramlab.classroom.journal import Journal
from paramlab.classroom.judge import Judge
from paramlab.classroom.release import notebook

from .conftest import a_code_cell, as_bytes, cell_of, with_cells

REPR = "Parameter.__repr__"
WRONG = 'return "Parameter: " + Tensor.__repr__(self)'


@pytest.fixture
def submissions(tmp_path, solution):
    """Three learners: all right, one piece wrong, untouched; and what is no notebook."""
    top = tmp_path / "submitted"
    wrong = with_cells(solution[2], {REPR: cell_of(REPR, WRONG)})
    for learner, made in (("ada", solution[2]), ("Žofie アダ", wrong), ("bob", notebook("02_parameter"))):
        hand_in(top, learner, made)
    hand_in(top, "ada", solution[3], "03_module")
    (top / "eve" / "02_parameter").mkdir(parents=True)
    (top / "eve" / "02_parameter" / "02_parameter.ipynb").write_bytes(b"GIF89a")
    return top


def hand_in(top, learner, made, lesson="02_parameter"):
    (top / learner / lesson).mkdir(parents=True, exist_ok=True)
    (top / learner / lesson / f"{lesson}.ipynb").write_bytes(as_bytes(made))


def grade(submissions, out, **options):
    assert grading.grade(submissions, out, **{"jobs": 1, **options}) == 0
    return table(out)


def table(out):
    rows = csv.DictReader(io.StringIO((out / "grades.csv").read_text(encoding="utf-8")))
    return {row["learner"]: row for row in rows}


def ran(out):
    """How many results are in the journal."""
    return len((out / "journal.jsonl").read_bytes().splitlines()) - 1


def test_everybody_gets_points_and_a_page(submissions, tmp_path, capsys):
    out = tmp_path / "grades"
    rows = grade(submissions, out, jobs=2)
    assert {name: row["02_parameter"] for name, row in rows.items()} == {
        "ada": "10",
        "bob": "0",
        "eve": "0",
        "Žofie アダ": "9",
    }
    assert (rows["ada"]["03_module"], rows["ada"]["points"], rows["bob"]["03_module"]) == ("20", "30", "")
    assert "not JSON" in rows["eve"]["notes"]
    page = (out / "reports" / "Žofie_アダ.html").read_text(encoding="utf-8")
    assert "Lesson 02: 9 of 10 points" in page
    assert "The words stand on a line of their own" in page
    assert "as_subclass(cls).requires_grad_(requires_grad)" not in page
    whole = (out / "class.html").read_text(encoding="utf-8")
    assert "data:image/png" in whole
    assert "`" not in whole  # what is code stands as code
    assert "<td>9 of 10</td>" in whole
    assert "The words stand on a line of their own" in whole
    assert "What protects this machine" in capsys.readouterr().out
    data = json.loads((out / "grades.json").read_text(encoding="utf-8"))
    assert {one["learner"] for one in data["notebooks"]} == set(rows)


def test_the_same_input_gives_the_same_grades(submissions, tmp_path):
    first = grade(submissions, tmp_path / "one", seed=1)
    assert grade(submissions, tmp_path / "two", jobs=2, seed=2) == first
    assert grade(submissions, tmp_path / "one") == first


def test_what_changed_and_only_that_is_graded_again(submissions, tmp_path, solution, monkeypatch):
    out = tmp_path / "grades"
    grade(submissions, out)
    before = ran(out)
    asked = []
    monkeypatch.setattr(grading._Run, "prove", lambda self: None)
    exercise = Judge.exercise
    monkeypatch.setattr(Judge, "exercise", lambda self, taken: asked.append(taken.task) or exercise(self, taken))
    grade(submissions, out)
    assert (asked, ran(out)) == ([], before)
    changed = with_cells(solution[2], {REPR: cell_of(REPR, WRONG + " + ''")})
    hand_in(submissions, "Žofie アダ", changed)
    changed["cells"].append(a_code_cell("print('this makes no difference')"))
    hand_in(submissions, "Žofie アダ", changed)
    grade(submissions, out)
    assert (asked, ran(out)) == ([REPR], before + 1)


def test_a_learner_who_left_leaves_no_report(submissions, tmp_path):
    out = tmp_path / "grades"
    grade(submissions, out)
    (submissions / "bob" / "02_parameter" / "02_parameter.ipynb").unlink()
    assert "bob" not in grade(submissions, out)
    assert not (out / "reports" / "bob.html").exists()


def test_a_line_that_was_being_written_when_the_run_was_killed_is_written_again(submissions, tmp_path):
    out = tmp_path / "grades"
    first = grade(submissions, out)
    journal = out / "journal.jsonl"
    content = journal.read_bytes()
    journal.write_bytes(content[:-20])
    assert grade(submissions, out) == first
    assert ran(out) == len(content.splitlines()) - 1


@pytest.mark.parametrize("damage", [b"", b"no journal\n", b'{"course": "0.0.1+old", "seed": 3}\n'])
def test_a_journal_of_another_course_or_of_none_is_begun_anew(submissions, tmp_path, damage):
    out = tmp_path / "grades"
    out.mkdir()
    (out / "journal.jsonl").write_bytes(damage)
    assert grade(submissions, out)["ada"]["points"] == "30"


def test_ctrl_c_stops_it_and_the_next_run_goes_on(submissions, tmp_path, solution):
    slow = "import time\ntime.sleep(0.3)\nreturn str(%d)"
    for number in range(20):
        hand_in(submissions, f"slow {number}", with_cells(solution[2], {REPR: cell_of(REPR, slow % number)}))
    out = tmp_path / "grades"
    command = [sys.executable, "-m", "paramlab", "grade", str(submissions), "--out", str(out), "--jobs", "1"]
    child = subprocess.Popen(
        command, cwd=Path(cli.__file__).parents[1], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL
    )
    end = time.monotonic() + 300
    while time.monotonic() < end and not ((out / "journal.jsonl").exists() and ran(out) > 3):
        time.sleep(0.05)
    child.send_signal(signal.SIGINT)
    _, said = child.communicate(timeout=300)
    assert child.returncode == 130
    assert b"Stopped" in said
    so_far = (out / "journal.jsonl").read_bytes()
    assert not (out / "grades.csv").exists()
    for number in range(3, 20):
        (submissions / f"slow {number}" / "02_parameter" / "02_parameter.ipynb").unlink()
    assert grade(submissions, out)["slow 1"]["points"] == "9"
    assert (out / "journal.jsonl").read_bytes().startswith(so_far)


def test_nothing_is_graded_if_the_self_test_fails(submissions, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(selftest, "solution", lambda piece: "pass")
    assert grading.grade(submissions, tmp_path / "grades", jobs=1) == 2
    error = capsys.readouterr().err
    assert "the self-test failed" in error
    assert "solved Parameter.__new__ earns 0 of 4 points here" in error
    assert not (tmp_path / "grades" / "grades.csv").exists()


def test_nothing_is_left_behind(submissions, tmp_path, monkeypatch):
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    grade(submissions, tmp_path / "grades", jobs=2)
    assert list((tmp_path / "tmp").iterdir()) == []


def test_two_runs_into_one_folder_do_not_mix(submissions, tmp_path, capsys):
    with contextlib.closing(Journal(tmp_path)):
        assert grading.grade(submissions, tmp_path, jobs=1) == 2
    assert "another run is grading" in capsys.readouterr().err
    assert grading.grade(submissions, tmp_path, jobs=1) == 0


def test_where_there_is_nothing_it_says_so(tmp_path, capsys):
    assert grading.grade(tmp_path / "missing", tmp_path / "grades") == 2
    assert "neither a folder" in capsys.readouterr().err
    assert grading.grade(tmp_path, tmp_path / "grades") == 2
    assert "no notebook in" in capsys.readouterr().err
    assert grading.grade(tmp_path, tmp_path / "grades", only=["99"]) == 2
    assert "no lesson '99'" in capsys.readouterr().err


def test_one_lesson_alone_can_be_graded(submissions, tmp_path):
    rows = grade(submissions, tmp_path / "grades", only=["03"])
    assert (rows["ada"]["03_module"], rows["ada"]["points"], rows["ada"]["out_of"]) == ("20", "20", "20")
    assert "Lesson 02 is not graded" in rows["bob"]["notes"]


def test_a_worker_that_is_killed_is_replaced_and_its_exercise_run_again(pool, judge, taken, solution):
    every = [one for one in taken(solution[2]).values() if one.source]

    def exercises():
        for number, one in enumerate(every * 4):
            if number == 3:
                os.kill(pool._workers[0]._process.pid, signal.SIGKILL)
            yield number, judge.exercise(one)

    done = {number: judge.result(every[number % len(every)], came, why) for number, came, why in pool.run(exercises())}
    assert len(done) == 4 * len(every)
    assert all(result.points == result.out_of for result in done.values())


def test_text_of_a_learners_is_text_in_the_reports(tmp_path, solution):
    name = "<script>alert(1)</script>"
    body = f'raise ValueError("{name}")'
    hand_in(tmp_path / "in", "=HYPERLINK(1)", with_cells(solution[2], {REPR: cell_of(REPR, body)}))
    out = tmp_path / "out"
    assert list(grade(tmp_path / "in", out)) == ["'=HYPERLINK(1)"]
    for page in out.rglob("*.html"):
        assert not re.search("<script", page.read_text(encoding="utf-8"))


def test_a_notebook_of_another_version_is_graded_with_a_note(tmp_path, solution):
    old = with_cells(solution[2], {})
    old["metadata"]["paramlab"]["version"] = "0.0.1"
    hand_in(tmp_path / "in", "ada", old)
    row = grade(tmp_path / "in", tmp_path / "out")["ada"]
    assert (row["points"], "It is of paramlab 0.0.1" in row["notes"]) == ("10", True)


def test_the_command_hands_its_options_on(monkeypatch):
    seen = []
    monkeypatch.setattr("paramlab.classroom.grade", lambda *args, **named: seen.append((args, named)) or 7)
    assert cli.main(["grade", "in", "--out", "grades", "--jobs", "3", "--lesson", "02", "--lesson", "03"]) == 7
    elsewhere = ["--scheduler", "tls://a:1", "--tls-ca", "ca", "--tls-cert", "cert", "--tls-key", "key"]
    elsewhere += ["--variant", "2027", "--gradebook", "sqlite:///g.db"]
    assert cli.main(["grade", "in", "--out", "grades", *elsewhere]) == 7
    (places, first), (_, second) = seen
    assert places == (Path("in"), Path("grades"))
    assert (first["jobs"], first["only"], first["scheduler"], first["variant"]) == (3, ["02", "03"], "", "")
    assert (second["variant"], second["gradebook"], second["scheduler"]) == ("2027", "sqlite:///g.db", "tls://a:1")
    assert second["certificates"] == Certificates(Path("ca"), Path("cert"), Path("key"))
    with pytest.raises(SystemExit):
        cli.main(["grade", "in", "--out", "grades", "--jobs", "0"])


def test_a_lesson_that_is_handed_in_under_two_names_counts_once(submissions, tmp_path, solution):
    hand_in(submissions, "eve", solution[2], "03_module")
    hand_in(submissions, "ada", with_cells(solution[2], {REPR: cell_of(REPR, WRONG)}), "03_module")
    rows = grade(submissions, tmp_path / "grades")
    assert [rows[who]["02_parameter"] for who in ("ada", "eve")] == ["10", "10"]
    assert [rows[who]["points"] for who in ("ada", "eve")] == ["10", "10"]
    assert "There is another of Lesson 02; the better one counts." in rows["ada"]["notes"]
