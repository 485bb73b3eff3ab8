"""What holds for every widget: two pictures of it agree, no key is JupyterLab's, no trouble is a traceback."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from paramlab.workshop.catalogue import PIECES
from paramlab.workshop.source import solution

MODEL = """
import {torch} as torch
from {torch} import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Linear(4, 8)
        self.norm = nn.BatchNorm1d(8)
        self.head = nn.Linear(8, 3)
        self.scale = torch.ones(3, requires_grad=True)

    def forward(self, x):
        return self.head(self.norm(self.stem(x))) * self.scale

torch.manual_seed(0)
net = Net()
opt = torch.optim.SGD(net.parameters(), lr=0.1)
x = torch.ones(5, 4)
loss = lambda: net(x).sum()
"""
PIECE = "Module.__getattr__"
SINGLE_KEYS = [*"abxcvzymrjkoi123456", "d", "d"]  # JupyterLab's, in a cell's command mode


@dataclass(frozen=True)
class Picture:
    """How a widget is shown, what is clicked in it, and what is then to be seen."""

    shown: str
    clicked: str
    seen: str
    model: str = "net"
    setup: tuple[str, ...] = (MODEL.format(torch="paramlab"),)

    def cells(self) -> tuple[str, ...]:
        return (*self.setup, f"from paramlab.widgets import *\nwidget = {self.shown}\nwidget")


WIDGETS = {  # the class of its picture -> what is done to it
    "pm": Picture(
        "explore(net, opt, loss=loss)",
        '[data-name="scale"] [role=radio][data-kind=P]',
        '[data-name="scale"] [data-lane="1"][data-st=yes]',
    ),
    "pr": Picture(
        "Predict(net, opt)",
        'tr[data-name="scale"] [data-lane=parameters] [data-choice=y]',
        'tr[data-name="scale"] [data-lane=parameters] [data-choice=y][aria-pressed=true]',
    ),
    "dr": Picture(
        "Drawers(net.norm)", "[data-guess=_parameters]", "[data-drawer=_parameters] [data-name=a]", "net.norm"
    ),
    "hb": Picture("Heartbeat(net, opt, loss=loss)", "[data-do=whole]", ".hb-node.walked"),
    "st": Picture("Strings(net, opt)", "[data-do=state]", "[data-holder=state]"),
    "sc": Picture("Suitcase(net)", "[data-do=pack]", "[data-key='norm.running_var'][data-tag=fits]"),
    "mv": Picture("Movers(net, x)", "[data-key=to-float64]", "[data-place='cpu · float64'] [data-name='head.weight']"),
    "cl": Picture("Clinic()", ".cl-test", ".cl-verdict.red", "widget.model", ()),
    "pk": Picture(
        "PackageMap()",
        "[data-do=reference]",
        f"[data-name='{PIECE}'][data-state=kept]",
        "",
        (
            "from paramlab import nn\nfrom paramlab.workshop import check, implement",
            solution(PIECES[PIECE]),
            f"check({PIECE!r})",
        ),
    ),
}
BREAK = "was = {0}.__dict__['_parameters']; {0}.__dict__['_parameters'] = {1}"
MEND = "{0}.__dict__['_parameters'] = was"
OVER_THE_EDGE = """all => all.flatMap(root => {
  const edge = root.getBoundingClientRect().right;
  const over = [...root.querySelectorAll('*')].filter(e => e.checkVisibility() && !e.closest('.pl-sr')
    && e.getBoundingClientRect().right > edge + 1 && !scrolls(e));
  function scrolls(e) {
    for (let at = e.parentElement; at !== root; at = at.parentElement)
      if (['auto', 'scroll', 'hidden', 'clip'].includes(getComputedStyle(at).overflowX)) return true;
    return false;
  }
  const told = over.slice(0, 3).map(e => e.outerHTML.slice(0, 90));
  return root.scrollWidth > root.clientWidth ? ['the whole', ...told] : told;
})"""


def both(page, name):
    """Return the two pictures of a widget, when they are there."""
    views = page.locator(f".{name}[data-ready]")
    views.nth(1).wait_for()
    return views.all()


def show(lab, name, *cells):
    lab.open(lab.notebook("widget", *cells))
    assert lab.run_all(), lab.complaints()
    return both(lab.page, name) if cells[-1] == "widget" else [lab.page.locator(f".{name}[data-ready]")]


@pytest.mark.parametrize("name", WIDGETS)
def test_it_is_at_home_in_the_notebook(lab, name):
    picture, page = WIDGETS[name], lab.page
    first, second = show(lab, name, *picture.cells(), "widget")
    first.locator(picture.clicked).first.click()
    for view in (first, second):
        view.locator(picture.seen).first.wait_for(state="attached")
        view.and_(page.locator("[data-rev]:not([data-rev='0'])")).wait_for()  # all that came of it is drawn
    for part in (".pl-log code", ".pl-count"):
        assert first.locator(part).inner_text() == second.locator(part).inner_text()

    cells = lab.cells()
    first.locator("button:enabled, [tabindex='0']").last.focus()
    for key in SINGLE_KEYS:
        page.keyboard.press(key)
    assert lab.cells() == cells

    lab.resize(640)
    assert page.locator(f".{name}").evaluate_all(OVER_THE_EDGE) == []
    lab.resize(1440)

    if picture.model:
        lab.run(BREAK.format(picture.model, "{'w': 3}" if name != "dr" else "3"))
        for view in (first, second):
            view.locator(".pl-trouble:visible", has_text="could not be read").wait_for()
        lab.run(MEND.format(picture.model))
        for view in (first, second):
            view.locator(".pl-trouble").wait_for(state="hidden")

    lab.restart_kernel()
    for view in (first, second):
        view.locator(".pl-trouble:visible", has_text="Run the cell again").wait_for()


ON_BOTH = ("pm", "pr", "st", "sc", "mv")


def test_a_pytorch_model_is_drawn_and_changed(lab):
    pytest.importorskip("torch")
    cells = [f"from paramlab.widgets import *\n{name} = {WIDGETS[name].shown}\n{name}" for name in ON_BOTH]
    lab.open(lab.notebook("pytorch", MODEL.format(torch="torch"), *cells))
    assert lab.run_all(), lab.complaints()
    for name in ON_BOTH:
        view = lab.page.locator(f".{name}[data-ready]")
        view.wait_for()
        view.locator(WIDGETS[name].clicked).first.click()
        view.locator(WIDGETS[name].seen).first.wait_for(state="attached")
    held = "(type(net.scale).__name__, pr.guesses['scale'], 'norm.running_var' in state, str(net.head.weight.dtype))"
    assert lab.py(held) == "('Parameter', {'parameters': True}, True, 'torch.float64')"


LARGE = """
import paramlab as torch
from paramlab import nn
net = nn.Sequential(*(nn.Linear(2, 2) for _ in range(1000)))
x = torch.ones(1, 2)
"""
MOST_ELEMENTS = 6000  # of a page, whatever the size of the model
AT_LARGE = {
    "st": ("Strings(net)", "2,000 names: 1 to 14 shown, 1,986 not."),
    "sc": ("Suitcase(net)", "1,900 of 2,000 names are not shown."),
    "mv": ("Movers(net, x)", "and 1,971 more"),
    "pr": ("Predict(net)", "48 to go"),
}


def test_two_thousand_tensors_stay_usable(lab):
    cells = [f"from paramlab.widgets import *\n{name} = {shown}\n{name}" for name, (shown, _) in AT_LARGE.items()]
    lab.open(lab.notebook("large", LARGE, *cells))
    assert lab.run_all(), lab.complaints()
    for name, (_, told) in AT_LARGE.items():
        view = lab.page.locator(f".{name}[data-ready]")
        view.get_by_text(told).first.wait_for()
        assert view.locator("*").count() < MOST_ELEMENTS
    lab.page.locator("[data-do=pack]").click()
    lab.page.locator(".sc .pl-count", has_text="2,000 of 2,000 fit").wait_for()
    lab.run("del state['700.weight']")
    lab.page.locator("[data-key='700.weight'][data-tag=missing]").wait_for()
    lab.page.locator("[data-key=to-float64]").click()
    lab.page.locator(".mv [data-place='cpu · float64']", has_text="2,000 tensors").wait_for()
