"""Strings in JupyterLab: a click cuts a string in Python, and a cell that ties two names is drawn."""

import pytest

NET = """
import paramlab as torch
from paramlab import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Linear(3, 4, bias=False)
        self.lin = nn.Linear(3, 3)
        self.head = nn.Linear(3, 4, bias=False)

net = Net()
sgd = torch.optim.SGD(net.parameters(), lr=0.1)
first = id(net.lin.weight)
"""
SHOW = "from paramlab.widgets import Strings\nstrings = Strings(net, sgd)\nstrings"


@pytest.fixture
def page(lab):
    lab.open(lab.notebook("strings", NET, SHOW))
    assert lab.run_all(), lab.complaints()
    lab.page.locator(".st[data-ready]").wait_for()
    return lab.page


def string(page, key):
    return page.locator(f".st-strings g[data-key='{key}']")


def test_a_click_replaces_an_object_and_the_optimizer_goes_stale(page, lab):
    string(page, "lin.weight|2").wait_for(state="attached")  # drawn when the picture has got its size
    page.locator(".st-name[data-key='lin.weight']").click()
    page.locator("[data-act=replace]").click()
    page.locator(".st-box.ghost", has_text="object 2").wait_for()
    assert string(page, "2|group 0").count() == 1
    assert string(page, "lin.weight|5").count() == 1
    assert string(page, "lin.weight|2").count() == 0
    assert lab.py("id(net.lin.weight) == first, id(sgd.param_groups[0]['params'][1]) == first") == "(False, True)"
    page.locator(".st-facts .look", has_text="which no name of the model reaches any more").wait_for()
    page.locator("[data-do=optimizer]").click()
    page.locator(".st-box.ghost").wait_for(state="detached")
    assert lab.py("sgd.param_groups[0]['params'][1] is net.lin.weight") == "True"


def test_a_cell_ties_names_binds_variables_and_makes_another_optimizer(page, lab):
    lab.run("net.head.weight = net.emb.weight; w = net.lin.weight; old = sgd.param_groups[0]['params'][3]")
    string(page, "head.weight|1").wait_for(state="attached")
    string(page, "variable w|2").wait_for(state="attached")
    string(page, "variable old|4").wait_for(state="attached")
    assert page.locator(".st-box.ghost").count() == 1
    label = page.locator(".st-name[data-key='head.weight']").get_attribute("aria-label")
    assert label.startswith("head.weight: object 1, Parameter, 4 × 3. Held by _parameters and sgd, group 0.")
    assert label.endswith("The same object as emb.weight")
    lab.run("sgd = torch.optim.SGD(net.parameters(), lr=0.5); state = net.state_dict()")
    page.locator(".st-box.ghost").wait_for(state="detached")
    page.locator("[data-holder=state]").wait_for()
    assert string(page, "1|state").get_attribute("data-how") == "memory"


def test_the_keyboard_alone_is_enough(page, lab):
    cells = lab.cells()
    page.locator(".st-name[tabindex='0']").focus()
    for key in ("End", "t"):
        page.keyboard.press(key)
    string(page, "head.weight|1").wait_for(state="attached")
    assert lab.py("net.head.weight is net.emb.weight") == "True"
    assert page.evaluate("document.activeElement.dataset.key") == "head.weight"
    for key in ("u", "Home", "ArrowDown", "w"):
        page.keyboard.press(key)
    page.locator(".pl-log code", has_text="with torch.no_grad(): net.lin.weight.copy_(").wait_for()
    assert lab.py("id(net.lin.weight) == first, net.head.weight is net.emb.weight") == "(True, False)"
    page.locator("[data-do=deepcopy]").focus()
    page.keyboard.press("Enter")
    page.locator("[data-holder=twin]", has_text="4 objects, all of them new").wait_for()
    assert lab.py("twin.lin.weight is net.lin.weight") == "False"
    assert lab.cells() == cells


def test_a_large_model_is_looked_through(page, lab):
    lab.run("net.more = nn.Sequential(*(nn.Linear(2, 2) for _ in range(500)))")
    page.locator(".st-bar", has_text="1,004 names: 1 to 14 shown, 990 not.").wait_for()
    page.locator(".st-name[tabindex='0']").focus()
    for key in ("End", "ArrowDown"):
        page.keyboard.press(key)
    page.locator(".st-name[data-key='more.5.weight']").wait_for()
    assert page.evaluate("document.activeElement.dataset.key") == "more.5.weight"
    page.keyboard.press("/")
    page.keyboard.type("499.b")
    page.locator(".st-bar", has_text="1 of 1,004 names match").wait_for()
    assert page.locator(".st-name").count() == 1
