"""The assignments: handed out without an answer, checked like a lesson, graded as a class; and an author's mistakes."""

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from paramlab.classroom import authored, making
from paramlab.workshop import assignment, check, checking, folder, homework, progress
from paramlab.workshop.catalogue import TASKS
from paramlab.workshop.homework import SUFFIX, AssignmentError

from ..workshop.notebook import Notebook, a_fresh_start
from .answers.homework import PREDICTIONS, RIGHT, WRONG

HOMEWORK = Path(__file__).resolve().parents[2] / "course" / "homework"
NAMES = ("own_layer", "audit")
FOLDERS = {"own_layer": HOMEWORK / "own_layer", "audit": HOMEWORK / "audit", "my_assignment": HOMEWORK / "template"}


@pytest.fixture(autouse=True)
def the_course_comes_back(tmp_path, monkeypatch):
    """Opening an assignment is for good, in a process: here it is taken back."""
    tasks = dict(TASKS)
    for module, name in ((homework, "_content"), (authored, "_now"), (folder, "PROGRESS"), (checking, "_seed")):
        monkeypatch.setattr(module, name, getattr(module, name))
    monkeypatch.chdir(tmp_path)
    with a_fresh_start(tmp_path):
        yield
    TASKS.clear()
    TASKS.update(tasks)


def paramlab(*arguments, status=0, **options):
    """Run the command line in a process of its own; return what it says."""
    command = [sys.executable, "-m", "paramlab", *map(str, arguments)]
    environment = {**os.environ, "PARAMLAB_HOME": ""}
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, env=environment, **options)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="session")
def handed_out(tmp_path_factory):
    """The three assignments as learners get them, each by one command."""
    place = tmp_path_factory.mktemp("handed-out")
    for name, source in FOLDERS.items():
        said = paramlab("release", "--assignment", source, "--out", place)
        assert f"{name}.ipynb" in said
        assert "the solution earns all" in said
    return place


@pytest.fixture
def learner(handed_out, tmp_path):
    """A learner who opens an assignment: its two files beside each other, and the notebook's first cell run."""

    def opened(name):
        for file in (f"{name}.ipynb", f"{name}{SUFFIX}"):
            shutil.copy(handed_out / file, tmp_path)
        return assignment(name)

    return opened


def answered(code, name):
    """Run a cell and its check, as a learner's notebook does."""
    notebook = Notebook()
    notebook.run("from paramlab.nn import functional as F")
    return check(name, notebook.run(code.strip("\n") + "\n")[name])


def cells_of(notebook, kind):
    return [cell for cell in notebook.cells if cell.cell_type == kind]


# ------------------------------------------------------------------ what is handed out


@pytest.mark.parametrize("name", FOLDERS)
def test_no_line_of_a_solution_is_handed_out(handed_out, name):
    text = (FOLDERS[name] / f"{name}.py").read_text(encoding="utf-8")
    notebook = nbformat.read(handed_out / f"{name}.ipynb", as_version=4)
    checks = json.loads((handed_out / f"{name}{SUFFIX}").read_text(encoding="utf-8"))
    handed = [cell.source for cell in notebook.cells] + [checks["tasks"], *checks["given"].values()]
    lines = {line.strip() for one in handed for line in one.splitlines()}
    secret = {line.removesuffix("  # yours").strip() for line in text.splitlines() if line.endswith("# yours")}
    assert len(secret) >= 3
    assert {line for line in secret & lines if len(line) > 20} == set()
    assert not any("# yours" in line or "# given" in line for line in lines)


@pytest.mark.parametrize("name", FOLDERS)
def test_a_learner_gets_two_files_and_no_output(handed_out, name):
    notebook = nbformat.read(handed_out / f"{name}.ipynb", as_version=4)
    nbformat.validate(notebook)
    assert all(not cell.outputs for cell in cells_of(notebook, "code"))
    assert sum(cell.metadata.get("nbgrader", {}).get("points", 0) for cell in notebook.cells) in (5, 10)
    assert sorted(path.name for path in handed_out.glob(f"{name}*")) == [f"{name}.ipynb", f"{name}{SUFFIX}"]


@pytest.mark.parametrize("name", NAMES)
def test_an_assignment_is_one_a_learner_can_take_in(handed_out, name):
    notebook = nbformat.read(handed_out / f"{name}.ipynb", as_version=4)
    assert len(notebook.cells) <= 50
    for cell in cells_of(notebook, "code"):
        assert len([line for line in cell.source.splitlines() if line.strip()]) <= 17, cell.source
    for cell in cells_of(notebook, "markdown"):
        for paragraph in cell.source.split("\n\n"):
            assert len(paragraph.split()) <= 60 or paragraph.startswith("- "), paragraph
    code = "\n".join(cell.source for cell in cells_of(notebook, "code"))
    assert "torch.explore(" in code
    assert "plt.show()" in code
    assert "from paramlab.data import" in code


def test_a_variant_tries_other_numbers(tmp_path):
    one, other = (json.loads(authored.open_folder(HOMEWORK / "template", name).checks) for name in ("", "autumn"))
    assert one["seed"] != other["seed"]
    assert one["answers"] != other["answers"]


# ------------------------------------------------------------------ checks


def of_all(table):
    return [
        pytest.param(name, task, code, id=f"{task}: {title}")
        for name in NAMES
        for task, answers in table[name].items()
        for title, *code in (answers.items() if isinstance(answers, dict) else answers)
    ]


@pytest.mark.parametrize(("name", "task"), [(name, task) for name in NAMES for task in RIGHT[name]])
def test_there_are_enough_answers_of_each_task(name, task):
    assert len(RIGHT[name][task]) >= 2
    assert len(WRONG[name][task]) >= 5


@pytest.mark.parametrize(("name", "task", "code"), of_all(RIGHT))
def test_a_right_answer_of_another_style_earns_everything(learner, name, task, code):
    learner(name)
    verdict = answered(code[0], task)
    assert verdict.passed, str(verdict)
    assert verdict == TASKS[task].points


@pytest.mark.parametrize(("name", "task", "code"), of_all(WRONG))
def test_a_wrong_answer_is_refused_with_the_hint_that_fits(learner, name, task, code):
    learner(name)
    words, answer = code
    verdict = answered(answer, task)
    assert words in verdict.hint, str(verdict)
    assert 0 <= verdict < TASKS[task].points


@pytest.mark.parametrize(("name", "task"), [(name, task) for name in NAMES for task in WRONG[name]])
def test_each_hint_is_given_to_some_wrong_answer(learner, name, task):
    learner(name)
    given = {answered(answer, task).hint for _, _, answer in WRONG[name][task]}
    assert [hint.says for hint in TASKS[task].hints if hint.says not in given] == []


@pytest.mark.parametrize("name", NAMES)
def test_what_learners_begin_with_earns_nothing(learner, name):
    learner(name)
    for task in WRONG[name]:
        verdict = answered(TASKS[task].given, task)
        assert verdict == 0
        assert "as it was given" in verdict.hint


@pytest.mark.parametrize("name", NAMES)
def test_a_prediction_is_judged_row_by_row(learner, name):
    learner(name)
    task, right = PREDICTIONS[name]
    assert check(task, right) == TASKS[task].points
    for row, guess in right.items():
        verdict = check(task, {**right, row: tuple(not one for one in guess)})
        assert 0 < verdict < TASKS[task].points
        assert verdict.hint == TASKS[task].hints[row]


def test_its_points_are_apart_from_the_courses(learner, tmp_path):
    check("three kinds", {})
    before = (tmp_path / "my_paramlab" / "progress.json").read_bytes()
    said = str(learner("own_layer"))
    assert said == "own_layer: 10 points. four ways (2), Standardize (5), train (3)."
    check(*PREDICTIONS["own_layer"])
    assert (tmp_path / "my_paramlab" / "progress.json").read_bytes() == before
    assert (tmp_path / "my_paramlab" / "own_layer.progress.json").is_file()
    assert repr(progress()).splitlines()[0] == "own_layer  2 of 10  Standardize · train"
    assert "There are: four ways, Standardize, train" in check("zzz").hint


def test_without_its_file_it_says_what_is_missing():
    with pytest.raises(FileNotFoundError, match=r"own_layer\.tasks\.json is not here"):
        assignment("own_layer")


def test_a_damaged_file_is_named(tmp_path):
    (tmp_path / "own_layer.tasks.json").write_text('{"assignment": "own_layer", "seed": 7}')
    with pytest.raises(AssignmentError, match="damaged"):
        assignment("own_layer")


# ------------------------------------------------------------------ a class


def with_answers(handed_out, name, cells):
    """Return a learner's notebook with these sources in its cells, by grade_id."""
    notebook = nbformat.read(handed_out / f"{name}.ipynb", as_version=4)
    for cell in notebook.cells:
        cell.source = cells.get(cell.metadata.get("nbgrader", {}).get("grade_id"), cell.source)
    return notebook


@pytest.fixture
def submissions(handed_out, tmp_path):
    """A class: all right, untouched, one wrong, one without end."""
    _, right = PREDICTIONS["own_layer"]
    solved = {
        "four-ways": f"prediction = {right!r}",
        "standardize": RIGHT["own_layer"]["Standardize"]["a function above"],
        "train": RIGHT["own_layer"]["train"]["without an optimizer"],
    }
    plain = {title: code for title, _, code in WRONG["own_layer"]["Standardize"]}["mean and std are plain tensors"]
    class_ = {
        "ada": solved,
        "bob": {},
        "cleo": solved | {"standardize": plain},
        "dan": solved | {"train": "def train(model, x, y, steps):\n    while True:\n        pass\n"},
    }
    top = tmp_path / "submitted"
    for name, cells in class_.items():
        (top / name).mkdir(parents=True)
        nbformat.write(with_answers(handed_out, "own_layer", cells), top / name / "own_layer.ipynb")
    return top


def test_a_class_is_graded_by_one_command(submissions, tmp_path):
    out = tmp_path / "grades"
    said = paramlab("grade", submissions, "--assignment", HOMEWORK / "own_layer", "--out", out, "--jobs", 1)
    assert "Self-test: the solution earns all points, the untouched notebook none." in said
    rows = csv.DictReader(io.StringIO((out / "grades.csv").read_text(encoding="utf-8")))
    assert {row["learner"]: row["own_layer"] for row in rows} == {"ada": "10", "bob": "0", "cleo": "5", "dan": "7"}
    page = (out / "reports" / "cleo.html").read_text(encoding="utf-8")
    assert "own_layer: 5 of 10 points" in page
    assert "A plain tensor attribute is not saved" in page
    again = paramlab("grade", submissions, "--assignment", HOMEWORK / "own_layer", "--out", out, "--jobs", 1)
    assert "4 notebooks graded" in again


def test_a_learner_checks_a_notebook_in_a_terminal(submissions, handed_out):
    notebook = submissions / "cleo" / "own_layer.ipynb"
    shutil.copy(handed_out / f"own_layer{SUFFIX}", notebook.parent)
    said = paramlab("check", notebook)
    assert "A plain tensor attribute is not saved" in said
    assert said.strip().splitlines()[-1] == "points: 5 of 10"
    assert paramlab("check", notebook.parent).strip().splitlines()[-1] == "points: 5 of 10"


# ------------------------------------------------------------------ an author's mistakes


GIFT = '''
@case
def gift(torch, rng, own):
    """Something that is right from the start."""
    return 1


def task(*args, cases, task=task, **kwargs):
    return task(*args, cases=(gift, *cases), **kwargs)


TASKS = (
'''


@pytest.fixture
def author(tmp_path):
    """A copy of the template with one text in the place of another; what opening it says."""

    def says(file, old, new):
        place = tmp_path / "mine"
        shutil.copytree(HOMEWORK / "template", place, ignore=shutil.ignore_patterns("__pycache__"))
        text = (place / file).read_text(encoding="utf-8")
        assert old in text
        (place / file).write_text(text.replace(old, new), encoding="utf-8")
        with pytest.raises(AssignmentError) as caught:
            authored.open_folder(place)
        return str(caught.value)

    return says


def test_a_folder_without_tasks_is_named(tmp_path):
    with pytest.raises(AssignmentError, match=r"is no assignment: it has to hold tasks\.py and one other"):
        authored.open_folder(tmp_path)


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        ("tasks.py", "return dict(", "return dikt(", "NameError"),
        ("tasks.py", "points=3,", "points=0,", "needs cases, and points above 0"),
        ("tasks.py", "TASKS = (", "TASKS = (wrong,", "tasks.py, line 39: NameError"),
        ("tasks.py", '    """`Scale(3)` lists one Parameter, `scale`, of three ones."""\n', "", "no docstring"),
        ("tasks.py", "return layer.seen,", "return str(__import__('time').time()),", "another answer each time"),
        ("tasks.py", "TASKS = (\n", GIFT, "at the first keystroke"),
        ("my_assignment.py", '# %% yours="Scale"', "# %%", 'no code cell is marked  # %% yours="Scale"'),
        ("my_assignment.py", '# %% check="Scale"', "# %%", 'no code cell is marked  # %% check="Scale"'),
        ("my_assignment.py", "class Scale(", "class Skale(", "does not define it, but Skale"),
        ("my_assignment.py", "  # yours", "", "nothing of Scale is left to do"),
        ("my_assignment.py", "return x * self.scale", "return x @ self.scale.T.T.reshape(9)", "fails the case"),
        ("my_assignment.py", '# %% check="Scale"', '# %% check="Scales"', "'Scales'"),
    ],
)
def test_a_mistake_of_an_author_is_said_before_anything_is_handed_out(author, file, old, new, words):
    assert words in author(file, old, new)


def test_what_does_not_run_through_is_not_handed_out(tmp_path):
    place = tmp_path / "mine"
    shutil.copytree(HOMEWORK / "template", place, ignore=shutil.ignore_patterns("__pycache__"))
    text = (place / "my_assignment.py").read_text(encoding="utf-8")
    (place / "my_assignment.py").write_text(text.replace("torch.explore(layer)", "layer(torch.ones(2, 3)).sum()"))
    said = paramlab("release", "--assignment", place, "--out", tmp_path / "out", status=2)
    assert "the untouched notebook raises AttributeError" in said
    assert not (tmp_path / "out").exists()


def test_an_author_begins_with_an_assignment_that_works(tmp_path):
    said = paramlab("new", tmp_path / "shadows")
    assert "--assignment" in said
    assert sorted(path.name for path in (tmp_path / "shadows").iterdir()) == ["shadows.py", "tasks.py"]
    assert authored.open_folder(tmp_path / "shadows").name == "shadows"


def test_what_is_there_is_not_written_over(tmp_path):
    (tmp_path / "shadows").mkdir()
    assert "File exists" in paramlab("new", tmp_path / "shadows", status=2)
    assert list((tmp_path / "shadows").iterdir()) == []
    assert "is to be the name" in paramlab("new", tmp_path / "2 shadows", status=2)


# ------------------------------------------------------------------ marks


def test_what_is_given_stands_in_the_gap():
    yours = "    for a in x:  # yours\n        print(a)  # yours\n"
    source = f"def f(x):\n{yours}    # given: return x\n    # given:   # so far"
    assert making.begun(source) == "def f(x):\n    return x\n      # so far"
    assert making.finished(source) == "def f(x):\n    for a in x:\n        print(a)"


def test_a_gap_is_one_line_however_deep_it_goes():
    source = "def f(x):\n    for a in x:  # yours\n        print(a)  # yours\n    return x"
    assert making.begun(source) == "def f(x):\n    ...\n    return x"
