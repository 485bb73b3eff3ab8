"""Movers in JupyterLab: a move reaches the model, and a cell that moves something is drawn."""

import pytest

NET = """
import paramlab as torch
from paramlab import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.lin = nn.Linear(4, 3)
        self.prior = torch.ones(3)

    def forward(self, x):
        return self.lin(x) * self.prior

net = Net()
x = torch.ones(2, 4)
"""
SHOW = "from paramlab.widgets import Movers\nmovers = Movers(net, x)\nmovers"


@pytest.fixture
def page(lab):
    lab.open(lab.notebook("movers", NET, SHOW))
    assert lab.run_all(), lab.complaints()
    lab.page.locator(".mv[data-ready]").wait_for()
    return lab.page


def test_what_stays_behind_is_the_line_that_fails(page, lab):
    page.locator("[data-key=to-sim]").click()
    page.locator("[data-place='sim:0 · float32'] [data-name='lin.weight']").wait_for()
    page.locator("li.look[data-name=prior]").wait_for()
    page.locator("[data-key=input-sim]").click()
    page.locator("[data-place='sim:0 · float32'] [data-name=x]").wait_for()
    assert lab.py("str(x.device)") == "'sim:0'"
    page.locator("[data-do=run]").click()
    page.locator(".mv-result.fails", has_text="in forward: return self.lin(x) * self.prior").wait_for()
    lab.run("net.prior = net.prior.to('sim')")
    page.locator("li.look").wait_for(state="detached")
    page.locator("[data-do=run]").click()
    page.locator(".mv-result.ok").wait_for()


def test_the_keyboard_alone_is_enough(page, lab):
    page.locator("[data-key=to-float64]").focus()
    page.keyboard.press("Enter")
    page.locator("[data-place='cpu · float64'] [data-name='lin.weight']").wait_for()
    assert page.evaluate("document.activeElement.dataset.key") == "to-float64"
    assert lab.py("str(net.lin.weight.dtype)") == "'torch.float64'"
