"""Drawers in JupyterLab: a guess runs the line, and what a cell assigns is in its drawer."""

import pytest

SETUP = "import paramlab as torch\nfrom paramlab import nn\nlayer = nn.Module()"
SHOW = "from paramlab.widgets import Drawers\nbox = Drawers(layer)\nbox"


@pytest.fixture
def page(lab):
    lab.open(lab.notebook("drawers", SETUP, SHOW))
    assert lab.run_all(), lab.complaints()
    lab.page.locator(".dr[data-ready]").wait_for()
    return lab.page


def test_a_guess_runs_the_line(page, lab):
    page.locator("[data-guess=_buffers]").click()
    page.locator(".dr-outcome.wrong", has_text="No: _parameters").wait_for()
    page.locator("[data-drawer=_parameters] [data-name=a].new").wait_for()
    assert page.locator(".pl-log code").inner_text() == "layer.a = nn.Parameter(torch.ones(3))"
    assert lab.py("list(layer._parameters)") == "['a']"
    assert page.locator("[data-guess]:enabled").count() == 0
    page.locator(".dr-next").click()
    page.locator("[data-guess]:enabled").first.wait_for()
    assert page.locator(".dr-line").input_value() == "layer.b = nn.Buffer(torch.ones(3))"


def test_a_line_of_ones_own_and_a_cell(page, lab):
    page.locator(".dr-line").fill("layer.mine = torch.zeros(2)")
    page.locator("[data-guess=__dict__]").click()
    page.locator("[data-drawer=__dict__] [data-name=mine]").wait_for()
    lab.run("layer.mine = nn.Parameter(layer.mine)")
    page.locator("[data-drawer=_parameters] [data-name=mine]").wait_for()
    page.locator("[data-drawer=__dict__] [data-name=mine]").wait_for(state="detached")


def test_the_keyboard_alone_is_enough(page, lab):
    cells = lab.cells()
    page.locator(".dr-card").first.focus()
    page.keyboard.press("1")
    page.locator(".dr-outcome.right").wait_for()
    page.keyboard.press("n")
    page.locator(".dr-card[data-line*=Buffer][aria-checked=true]").wait_for()
    page.keyboard.press("ArrowDown")
    page.locator(".dr-card[data-line*=Buffer][aria-checked=false]").wait_for()
    page.keyboard.press("ArrowUp")
    page.locator(".dr-card[data-line*=Buffer][aria-checked=true]").wait_for()
    page.keyboard.press("2")
    page.locator("[data-drawer=_buffers] [data-name=b]").wait_for()
    assert lab.py("len(box.guesses)") == "2"
    for key in ("b", "d", "d"):
        page.keyboard.press(key)
    assert lab.cells() == cells
