"""`paramlab check`: a learner's own notebooks in a terminal. The same points as in the notebook, and nothing lost."""

import os
import re
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from paramlab import cli
from paramlab.classroom import check
from paramlab.classroom.release import notebook
from paramlab.start import course_folder
from paramlab.workshop import folder
from paramlab.workshop.catalogue import TASKS
from paramlab.workshop.checking import SEED, seed_of_variant

from ..workshop.notebook import Notebook, a_fresh_start
from .conftest import a_code_cell, as_bytes, cell_of, with_cells

ROOT = Path(__file__).resolve().parents[2]
check_module = sys.modules["paramlab.classroom.check"]  # `paramlab.classroom.check` itself is the function
NEW, REPR = "Parameter.__new__", "Parameter.__repr__"
WRONG = 'return "Parameter: " + Tensor.__repr__(self)'
ALL = sum(task.points for task in TASKS.values())


@pytest.fixture
def place(tmp_path, monkeypatch):
    """An empty folder that one stands in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def said(capsys):
    """What a check of these files and folders says: the status, the lines, and what is wrong."""

    def of(*targets):
        status = check([Path(target) for target in targets])
        out, err = capsys.readouterr()
        return status, out, err

    return of


@pytest.fixture
def guessed(solution):
    """A notebook with its predictions in it and no piece: there is nothing to run."""
    return with_cells(solution[2], {NEW: "", REPR: ""})


def lay(place, made, name="02_parameter.ipynb"):
    (place / name).write_bytes(as_bytes(made))
    return name


def note(place, earned):
    folder.add_points(earned, place / "my_paramlab" / "progress.json")


def last_line(out):
    return out.splitlines()[-1]


# ------------------------------------------------------------------ notebooks


def test_the_solution_earns_all_and_the_last_line_counts_the_whole_course(place, said, solution):
    status, out, err = said(lay(place, solution[2]))
    assert (status, err) == (0, "")
    assert out.startswith("02_parameter.ipynb: 10 of 10 points\n  ✓ three kinds: all right (3 of 3 points)\n")
    assert last_line(out) == f"points: 10 of {ALL}"


def test_a_folder_of_notebooks_is_added_up_by_lesson(place, said, solution):
    for number, name in ((2, "02_parameter.ipynb"), (3, "03_module.ipynb")):
        lay(place, solution[number], name)
    status, out, _ = said(place)
    assert status == 0
    assert re.search(r"^lesson 03 +20 of 20 +all right$", out, re.MULTILINE)
    assert re.search(r"^lesson 04 +0 of 10 .*Module\.register_buffer", out, re.MULTILINE)
    assert last_line(out) == f"points: 30 of {ALL}"


def test_untouched_notebooks_earn_nothing_and_take_a_line_each(place, said):
    for file in course_folder().glob("*.ipynb"):
        shutil.copy(file, place)
    status, out, _ = said(place)
    assert status == 0
    assert "03_module.ipynb: 0 of 20 points, not begun yet\n" in out
    assert "untouched" not in out
    assert last_line(out) == f"points: 0 of {ALL}"


def test_a_wrong_piece_is_answered_as_its_check_in_the_notebook_answers(place, said, solution, tmp_path_factory):
    cell = cell_of(REPR, WRONG)
    _, out, _ = said(lay(place, with_cells(solution[2], {REPR: cell})))
    with a_fresh_start(tmp_path_factory.mktemp("home")):
        names = Notebook().run(cell)
        verdict = names["check"](REPR)
    answer = textwrap.indent(str(verdict).partition("  Until it is right")[0], "  ")
    assert "Hint:" in answer
    assert answer in out
    assert last_line(out) == f"points: {9 + verdict:g} of {ALL}"


def test_a_wrong_prediction_is_answered_with_its_hint(place, said, solution):
    wrong = 'p = {"Tensor": (True, True, True), "Parameter": (True, True, True), "Buffer": (False, True, True)}'
    _, out, _ = said(lay(place, with_cells(solution[2], {"three kinds": wrong})))
    assert "✗ three kinds: 2 of 3 right (2 of 3 points)" in out
    assert "got       (True, True, True)" in out
    assert "Hint: A plain tensor" in out


@pytest.mark.parametrize("body", ["while True:\n    pass", "import os\nos._exit(1)", "return [0] * 10**12"])
def test_code_that_does_not_end_well_costs_its_own_piece(place, said, solution, body):
    status, out, _ = said(lay(place, with_cells(solution[2], {REPR: cell_of(REPR, body)})))
    assert status == 0
    assert last_line(out) == f"points: 9 of {ALL}"


def test_a_notebook_in_any_state_is_graded(place, said, solution):
    made = with_cells(solution[2], {NEW: "def __new__(cls", REPR: ""})
    made["cells"] = [a_code_cell("1 / 0"), a_code_cell("%%bash\nexit 1"), *made["cells"], a_code_cell("exit()")]
    status, out, _ = said(lay(place, made))
    assert status == 0
    assert "The cell is no Python. SyntaxError" in out
    assert "There is nothing of it in the notebook." in out
    assert last_line(out) == f"points: 5 of {ALL}"


def test_of_two_notebooks_of_one_lesson_the_better_counts_for_each_task(place, said, solution):
    lay(place, with_cells(solution[2], {REPR: ""}))
    lay(place, with_cells(solution[2], {NEW: ""}), "02_parameter (brought back).ipynb")
    _, out, _ = said(place)
    assert last_line(out) == f"points: 10 of {ALL}"


def test_a_learner_s_own_notebooks_in_the_folder_are_left_alone(place, said, guessed):
    lay(place, guessed)
    lay(place, {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [a_code_cell("1 / 0")]}, "scratch.ipynb")
    status, out, err = said(place)
    assert (status, err) == (0, "")
    assert "scratch" not in out


def test_an_assignment_among_the_lessons_does_not_take_their_place(place, said, guessed):
    lay(place, guessed)
    lay(place, {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}, "own_layer.ipynb")
    (place / "own_layer.tasks.json").write_text("{")
    status, out, err = said(place)
    assert (status, err) == (0, "")
    assert last_line(out) == f"points: 5 of {ALL}"


# ------------------------------------------------------------------ what is noted


def test_without_notebooks_what_is_noted_counts(place, said):
    note(place, {NEW: 4.0, "three kinds": 1.0})
    status, out, err = said(place)
    assert (status, err) == (0, "")
    assert re.search(r"^lesson 02 +5 of 10 +three kinds · Parameter\.__repr__", out, re.MULTILINE)
    assert last_line(out) == f"points: 5 of {ALL}"


def test_of_each_task_the_better_of_notebook_and_notes_counts(place, said, guessed):
    lay(place, guessed)
    note(place, {NEW: 4.0, "three kinds": 0.5, "Module.__setattr__": 6.0})
    _, out, _ = said(place)
    assert last_line(out) == f"points: 15 of {ALL}"
    assert f"no longer in the notebooks, and counted: {NEW} (4), Module.__setattr__ (6)." in out


def test_of_a_notebook_by_itself_the_notes_beside_it_do_not_count(place, said):
    note(place, {NEW: 4.0})
    _, out, _ = said(lay(place, notebook("02_parameter")))
    assert last_line(out) == f"points: 0 of {ALL}"


def test_damaged_notes_are_named_and_the_pieces_count(place, said):
    note(place, {"three kinds": 3.0})
    (place / "my_paramlab" / f"{NEW}.py").write_text("# kept\n")
    (place / "my_paramlab" / "progress.json").write_text("{")
    status, out, _ = said(place)
    assert status == 0
    assert "was damaged. It is set aside as `progress.damaged.json`" in out
    assert last_line(out) == f"points: 4 of {ALL}"


def test_notes_that_can_not_be_read_are_named_and_the_notebooks_graded(place, said, guessed):
    (place / "my_paramlab" / "progress.json").mkdir(parents=True)
    lay(place, guessed)
    status, out, err = said(place)
    assert status == 2
    assert "progress.json can't be read: Is a directory." in err
    assert last_line(out) == f"points: 5 of {ALL}"


def test_without_a_target_it_is_this_folder_or_the_one_that_start_has_made(place, said):
    note(place, {NEW: 1.0})
    assert last_line(said()[1]) == f"points: 1 of {ALL}"
    note(place / "paramlab-course", {NEW: 2.0})
    assert last_line(said()[1]) == f"points: 2 of {ALL}"
    (place / ".paramlab.json").write_text("{}")
    assert last_line(said()[1]) == f"points: 1 of {ALL}"


# ------------------------------------------------------------------ bad input

BAD = {
    "nowhere.ipynb": (None, "there is no such file or folder"),
    "text.ipynb": (b"hello", "is not JSON"),
    "data.ipynb": (b'{"a": 1}', "no notebook"),
    "old.ipynb": (b'{"nbformat": 3, "worksheets": []}', "format is version 3"),
    "bytes.ipynb": (b"\xff\x00", "is not JSON"),
    "deep.ipynb": (b"[" * 100_000, "is not JSON"),
    "other.ipynb": (b'{"nbformat": 4, "metadata": {}, "cells": []}', "none of the course's lessons"),
    "02_parameter.py": (b"print()", "no notebook: the name of one ends in .ipynb"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_can_not_be_graded_is_named_and_the_rest_is_graded(place, said, guessed, name):
    content, why = BAD[name]
    if content is not None:
        (place / name).write_bytes(content)
    status, out, err = said(name)
    assert (status, out) == (2, "")
    assert err.startswith(f"paramlab check: {name}: ")
    assert why in err
    status, out, err = said(name, lay(place, guessed))
    assert status == 2
    assert why in err
    assert last_line(out) == f"points: 5 of {ALL}"


def test_a_folder_with_nothing_in_it_says_so_and_names_the_one_that_is_meant(place, said):
    (place / "course" / "notebooks").mkdir(parents=True)
    assert "no notebook of the course in this folder, and no my_paramlab/." in said()[2]
    lay(place / "course" / "notebooks", notebook("02_parameter"))
    status, out, err = said()
    assert (status, out) == (2, "")
    assert "Is this meant? paramlab check course/notebooks\n" in err


def test_where_processes_can_not_be_forked_it_says_so_and_counts_the_notes(place, said, monkeypatch):
    monkeypatch.delattr(os, "fork")
    note(place, {NEW: 4.0})
    lay(place, notebook("02_parameter"))
    status, out, err = said(place)
    assert status == 2
    assert "On Windows, run it in WSL" in err
    assert last_line(out) == f"points: 4 of {ALL}"


# ------------------------------------------------------------------ the command


def run(*words, **options):
    return subprocess.Popen(
        [sys.executable, "-m", "paramlab", "check", *map(str, words)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def process_ids_below(number):
    """The processes that a process has started, as Linux lists them."""
    return Path(f"/proc/{number}/task/{number}/children").read_text().split()


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux, which lists the processes of a process")
def test_ctrl_c_ends_it_in_one_line_and_its_workers_with_it(place, solution):
    lay(place, with_cells(solution[2], {REPR: cell_of(REPR, "while True:\n    pass")}))
    with run(place) as process:
        while not process_ids_below(process.pid):  # until it has a worker, and is within the work
            assert process.poll() is None
            time.sleep(0.05)
        workers = process_ids_below(process.pid)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=300)
    assert process.returncode == 130
    assert (out, err) == ("", "\nStopped.\n")
    for worker in workers:
        while Path(f"/proc/{worker}").exists():  # one that was just being started ends when nobody hands it anything
            time.sleep(0.05)


def test_it_can_be_piped_into_a_reader_that_stops(place, guessed):
    lay(place, guessed)
    with run(place) as process:
        process.stdout.close()
        assert process.stderr.read() == ""


def test_a_terminal_without_such_letters_shows_others(place, guessed, monkeypatch):
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    lay(place, guessed)
    with run(place) as process:
        out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    assert "? three kinds: all right" in out


def test_help_says_what_counts_and_what_the_status_means(capsys):
    with pytest.raises(SystemExit, match="0"):
        cli.main(["check", "--help"])
    text = " ".join(capsys.readouterr().out.split())
    assert "points: X of 100" in text
    assert "The exit status is 0, or 2 if something could not be graded." in text
    assert "my_paramlab/" in text


def test_a_notebook_of_a_variant_is_tried_with_the_variants_numbers(place, said, solution, monkeypatch):
    seen = []
    judge = check_module.Judge
    monkeypatch.setattr(check_module, "Judge", lambda *args, **named: seen.append(args[1:]) or judge(*args, **named))
    of_a_class = notebook("02_parameter", "autumn-2027")
    names = [lay(place, solution[2], "plain_02_parameter.ipynb"), lay(place, of_a_class, "mine_02_parameter.ipynb")]
    status, out, _ = said(*names)
    assert (status, seen) == (0, [(SEED, ""), (seed_of_variant("autumn-2027"), "autumn-2027")])
    assert "mine_02_parameter.ipynb (variant 'autumn-2027'): 0 of 10 points" in out
    assert "plain_02_parameter.ipynb: 10 of 10 points" in out
