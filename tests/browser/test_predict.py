"""Predict in JupyterLab: guesses reach Python, answers come when every question has one."""

import pytest
from test_pickup_map import MODEL

SHOW = "from paramlab.widgets import Predict\nask = Predict(net, opt, names=['scale', 'state'])\nask"


@pytest.fixture
def asked(lab):
    lab.open(lab.notebook("predict", MODEL, SHOW))
    assert lab.run_all(), lab.complaints()
    lab.page.locator(".pr[data-ready]").wait_for()
    return lab.page


def cell(page, name, lane):
    return page.locator(f'tr[data-name="{name}"] [data-lane="{lane}"]')


def test_a_click_is_a_guess_and_a_cell_changes_the_picture(asked, lab):
    cell(asked, "scale", "parameters").locator("[data-choice=y]").click()
    asked.locator(".pl-log code", has_text="ask.guess('scale', parameters=True)").wait_for()
    assert lab.py("ask.guesses['scale']") == "{'parameters': True}"
    lab.run("ask.guess('state', moves=True)")
    cell(asked, "state", "moves").locator("[data-choice=y][aria-pressed=true]").wait_for()


def test_the_keyboard_alone_is_enough(asked, lab):
    cells = lab.cells()
    cell(asked, "scale", "learns").click(position={"x": 3, "y": 3})
    for row in ("nnnnn", "nnnyy"):
        for choice in row:
            asked.keyboard.press(choice)
            asked.keyboard.press("ArrowRight")
        for key in ("ArrowDown", "Home"):
            asked.keyboard.press(key)
    asked.locator("[data-do=reveal]:enabled").wait_for()
    asked.locator("[data-do=reveal]").focus()
    asked.keyboard.press("Enter")
    asked.locator(".pr-cell.right").first.wait_for()
    # it asks for a gradient, so one reaches it
    assert asked.locator(".pr-cell.wrong").count() == 1
    assert asked.locator(".pl-count").inner_text() == "9 of 10 right"
    assert lab.cells() == cells
