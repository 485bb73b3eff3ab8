"""Suitcase in JupyterLab: the learner's own variable is packed, changed and opened."""

import pytest

NET = """
import paramlab as torch
from paramlab import nn

def make(n):
    model = nn.Sequential(nn.Linear(2, n), nn.BatchNorm1d(n))
    model.prior = torch.ones(2)
    return model

net, other = make(3), make(3)
"""
SHOW = "from paramlab.widgets import Suitcase\ncase = Suitcase(net, other)\ncase"


@pytest.fixture
def page(lab):
    lab.open(lab.notebook("suitcase", NET, SHOW))
    assert lab.run_all(), lab.complaints()
    lab.page.locator(".sc[data-ready]").wait_for()
    return lab.page


def test_packed_renamed_and_opened(page, lab):
    page.locator("[data-do=pack]").click()
    page.locator("[data-key='0.weight'][data-tag=fits]").wait_for()
    assert lab.py("state['0.weight'] is not None and len(state)") == "7"
    row = page.locator("[data-key='0.bias']")
    row.locator(".sc-act").first.click()
    page.keyboard.type("0.b")
    page.keyboard.press("Enter")
    page.locator("[data-key='0.b'][data-tag=unexpected]").wait_for()
    page.locator("[data-do=open]").click()
    page.locator(".sc-opened.fails", has_text="Missing key(s)").wait_for()
    page.locator(".sc-strict").click()
    page.locator(".sc-strict[aria-checked=false]").wait_for()
    page.locator("[data-do=open]").click()
    page.locator(".sc-opened", has_text="Missing keys: 0.bias. Unexpected keys: 0.b.").wait_for()
    assert lab.py("bool((other[0].weight == net[0].weight).all())") == "True"


def test_a_cell_changes_what_is_in_the_suitcase(page, lab):
    lab.run("state = net.state_dict(); del state['1.running_var']")
    page.locator("[data-key='1.running_var'][data-tag=missing]").wait_for()


def test_the_keyboard_alone_is_enough(page, lab):
    cells = lab.cells()
    page.locator("[data-do=copy]").focus()
    page.keyboard.press("Enter")
    page.locator("[data-key='0.weight'][data-tag=fits]").wait_for()
    page.locator(".sc-body > [tabindex='0']").focus()
    for key in ("End", "Home", "ArrowDown", "ArrowDown", "Delete"):
        page.keyboard.press(key)
    page.locator("[data-tag=missing]").wait_for()
    assert lab.py("len(state)") == "6"
    assert page.evaluate("document.activeElement.dataset.tag") == "missing"
    assert lab.cells() == cells
