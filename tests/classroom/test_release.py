"""What is handed out: the learners' notebooks, with the version of the course, in a folder or an archive."""

import json
import sys
import zipfile

import pytest

import paramlab
from paramlab import cli
from paramlab.cases import case
from paramlab.classroom import grading
from paramlab.classroom.journal import course_version
from paramlab.classroom.judge import Judge
from paramlab.classroom.release import release
from paramlab.classroom.taking import Taken
from paramlab.start import course_folder
from paramlab.workshop import check, variant
from paramlab.workshop.catalogue import TASKS, Prediction
from paramlab.workshop.checking import SEED, seed_of_variant
from paramlab.workshop.tasks import grade_id

from ..workshop.notebook import Notebook, a_fresh_start
from .conftest import cell_of, with_cells
from .test_grading import hand_in, table


def test_a_folder_gets_the_notebooks_with_the_version_in_them(tmp_path, capsys):
    assert release([], tmp_path / "out") == 0
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        path.name for path in course_folder().glob("*.ipynb")
    }
    made = json.loads((tmp_path / "out" / "03_module.ipynb").read_bytes())
    original = json.loads((course_folder() / "03_module.ipynb").read_bytes())
    assert made["metadata"]["paramlab"].pop("course") == course_version()
    assert made == original
    assert course_version() in capsys.readouterr().out


def test_an_archive_gets_the_chosen_lessons_and_is_the_same_each_time(tmp_path):
    for name in ("one.zip", "two.zip"):
        assert cli.main(["release", "02", "--out", str(tmp_path / name)]) == 0
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    assert zipfile.ZipFile(tmp_path / "one.zip").namelist() == ["02_parameter.ipynb"]


def test_a_lesson_that_there_is_not_is_an_error(tmp_path, capsys):
    assert release(["02_parametr"], tmp_path) == 2
    assert "Did you mean '02_parameter'?" in capsys.readouterr().err


def test_a_variant_has_its_checks_try_other_numbers(tmp_path, capsys):
    assert release(["02"], tmp_path, "autumn 2027") == 0
    assert "predictions are the same" in capsys.readouterr().out
    made = json.loads((tmp_path / "02_parameter.ipynb").read_bytes())
    assert made["metadata"]["paramlab"]["variant"] == "autumn 2027"
    [cell] = ["".join(cell["source"]) for cell in made["cells"] if "variant(" in "".join(cell["source"])]
    assert cell.endswith('from paramlab.workshop import variant\n\nvariant("autumn 2027")')


@pytest.fixture
def wrong_repr(tmp_path, monkeypatch):
    monkeypatch.setattr("paramlab.workshop.checking._seed", SEED)
    with a_fresh_start(tmp_path):
        Notebook().run(cell_of("Parameter.__repr__", 'return "wrong"'))
        yield


@pytest.fixture
def guess(monkeypatch):
    """A prediction about numbers: which of each two is the larger. The notebook of each variant shows others."""
    monkeypatch.setattr(sys.modules[case.__module__], "CASES", {})  # it is a case of this test alone

    @case
    def which_is_larger(torch, rng):
        """``a > b`` for twelve pairs."""
        return {str(number): bool(a > b) for number, (a, b) in enumerate(rng.normal(size=(12, 2)))}

    task = Prediction("which is larger", 2, 6, which_is_larger, {})
    monkeypatch.setitem(TASKS, task.name, task)
    monkeypatch.setattr("paramlab.workshop.checking._seed", SEED)
    return task


def shown(task, name):
    """The answer that a variant's notebook asks for."""
    return task.case.run(paramlab, seed_of_variant(name)).answer


def test_last_years_answers_do_not_fit_this_years_numbers(guess, tmp_path):
    last, this = shown(guess, "2026"), shown(guess, "2027")
    with a_fresh_start(tmp_path):
        variant("2027")
        in_the_notebook = [check(guess.name, answer) for answer in (this, last)]
    judge = Judge([guess.name], seed=12345, variant="2027")
    graded = [judge.at_once(Taken(guess.name, answer=answer)).points for answer in (this, last)]
    assert graded == in_the_notebook
    assert graded[0] == 6
    assert graded[1] < 6


def test_whoever_handed_in_another_variant_is_graded_as_this_one_with_a_note(tmp_path, solution):
    for year, learner in (("2026", "ada"), ("2027", "bob")):
        assert release(["02"], tmp_path / year, year) == 0
        made = json.loads((tmp_path / year / "02_parameter.ipynb").read_bytes())
        right = {task: cell_source(solution[2], task) for task in TASKS if TASKS[task].lesson == 2}
        hand_in(tmp_path / "in", learner, with_cells(made, right))
    assert grading.grade(tmp_path / "in", tmp_path / "out", jobs=1, variant="2027") == 0
    rows = table(tmp_path / "out")
    assert {name: row["points"] for name, row in rows.items()} == {"ada": "10", "bob": "10"}
    assert "It is of the variant '2026', and was graded as the variant '2027'." in rows["ada"]["notes"]
    assert rows["bob"]["notes"] == ""


def cell_source(made, task):
    marks = {cell["metadata"].get("nbgrader", {}).get("grade_id"): cell for cell in made["cells"]}
    return marks[grade_id(task)]["source"]


def test_another_variant_is_another_set_of_numbers(wrong_repr):
    def expected():
        return [line.expected for line in check("Parameter.__repr__").lines]

    usual = expected()
    variant("2027")
    other = expected()
    variant("2028")
    assert len({str(usual), str(other), str(expected())}) == 3
