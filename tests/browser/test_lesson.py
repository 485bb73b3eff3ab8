"""A learner opens lesson 03 in JupyterLab, is wrong first, then right, and plays with the map."""

import shutil
from pathlib import Path

import pytest

from paramlab.workshop.catalogue import PIECES
from paramlab.workshop.source import solution

NOTEBOOKS = Path(__file__).resolve().parents[2] / "course" / "notebooks"
LESSON = "03_module.ipynb"
PLAY = ["Module.__setattr__", "Module.__getattr__", "Module.register_parameter"]
WALK = ["Module.named_modules", "Module.named_parameters"]

WRONG = """@implement(nn.Module)
def __setattr__(self, name, value):
    if isinstance(value, Tensor):
        self._parameters[name] = value
    else:
        self.name = value
"""


@pytest.fixture
def lesson(lab):
    shutil.copy(NOTEBOOKS / LESSON, lab.folder / LESSON)
    shutil.rmtree(lab.folder / "my_paramlab", ignore_errors=True)
    lab.open(LESSON)
    yield lab
    shutil.rmtree(lab.folder / "my_paramlab", ignore_errors=True)


def index_of(lab, start):
    return lab.page.evaluate(
        """start => window.jupyterapp.shell.currentWidget.content.widgets
             .findIndex(cell => cell.model.sharedModel.source.startsWith(start))""",
        start,
    )


def cell_at(lab, index):
    cell = lab.page.locator(".jp-Notebook .jp-Cell").nth(index)
    cell.scroll_into_view_if_needed()
    return cell


def type_into(lab, index, text):
    """Replace a cell's text by the keyboard."""
    cell_at(lab, index).locator(".cm-content").click()
    lab.page.keyboard.press("Control+a")
    lab.page.keyboard.insert_text(text)


def run_cell(lab, index):
    """Run one cell with Shift+Enter, as a learner does, and wait for its answer."""
    count = "window.jupyterapp.shell.currentWidget.content.widgets[index].model.executionCount"
    before = lab.page.evaluate(f"index => {count}", index)
    cell_at(lab, index).locator(".cm-content").click()
    lab.page.keyboard.press("Shift+Enter")
    # the count is taken back while the cell runs, and is another one afterwards
    lab.page.wait_for_function(f"([index, before]) => {count} && {count} !== before", arg=[index, before])


def verdict_of(lab, name):
    return cell_at(lab, index_of(lab, f'check("{name}"')).locator("[role=status]")


def test_from_a_wrong_answer_to_a_trained_network(lesson):
    page = lesson.page
    run_cell(lesson, 1)

    piece = index_of(lesson, "@implement(nn.Module)\ndef __setattr__")
    check = index_of(lesson, 'check("Module.__setattr__"')

    # untouched, the check says so and gives nothing
    run_cell(lesson, piece)
    run_cell(lesson, check)
    assert "0 of 6 points" in verdict_of(lesson, "Module.__setattr__").inner_text()
    assert "untouched" in verdict_of(lesson, "Module.__setattr__").inner_text()

    # a wrong answer gets its hint
    type_into(lesson, piece, WRONG)
    run_cell(lesson, piece)
    run_cell(lesson, check)
    said = verdict_of(lesson, "Module.__setattr__").inner_text()
    assert "Hint." in said
    assert "object.__setattr__(self, name, value)" in said

    # the right ones, all of them, then everything from the top
    for name in PLAY + WALK:
        at = index_of(lesson, f"@implement(nn.Module)\ndef {name.partition('.')[2]}(")
        type_into(lesson, at, solution(PIECES[name]))
    assert lesson.run_all(), lesson.complaints()[-2000:]
    for name in PLAY + WALK:
        assert "all right" in verdict_of(lesson, name).inner_text()
    assert lesson.py("nn.Module.__setattr__ is __setattr__") == "True"
    assert lesson.py("accuracy(model) >= 0.95") == "True"
    assert (lesson.folder / "my_paramlab" / "Module.__setattr__.py").is_file()

    # the map: a kind that is clicked is what Python has
    assert lesson.py("type(model.get_submodule('0').weight).__name__") == "'Parameter'"
    maps = page.evaluate(
        """() => window.jupyterapp.shell.currentWidget.content.widgets
             .filter(({model}) => model.type === 'code' && model.sharedModel.source.includes('explore(')).length"""
    )
    page.locator(".pm[data-ready]").nth(maps - 1).wait_for()
    grid = page.get_by_role("treegrid").last
    grid.scroll_into_view_if_needed()
    grid.get_by_role("radio", name="Tensor", exact=True).first.click()
    page.locator(".pm[data-rev='1']").last.wait_for()
    assert lesson.py("type(model.get_submodule('0').weight).__name__") == "'Tensor'"
    assert lesson.py("'0.weight' in dict(model.named_parameters())") == "False"
