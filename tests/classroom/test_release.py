"""What is handed out: the learners' notebooks, with the version of the course, in a folder or an archive."""

import json
import zipfile

import pytest

from paramlab import cli
from paramlab.classroom.journal import course_version
from paramlab.classroom.release import release
from paramlab.start import course_folder
from paramlab.workshop import check, variant
from paramlab.workshop.checking import SEED

from ..workshop.notebook import Notebook, a_fresh_start
from .conftest import cell_of


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


def test_another_variant_is_another_set_of_numbers(wrong_repr):
    def expected():
        return [line.expected for line in check("Parameter.__repr__").lines]

    usual = expected()
    variant("2027")
    other = expected()
    variant("2028")
    assert len({str(usual), str(other), str(expected())}) == 3
