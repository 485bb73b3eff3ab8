"""The pick-up map in JupyterLab: what one clicks and types reaches the model, and what the model does is drawn."""

import json

import pytest

MODEL = """
import paramlab as torch
from paramlab import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Linear(4, 8)
        self.head = nn.Linear(8, 3)
        self.scale = torch.ones(3, requires_grad=True)
        self.state = nn.Buffer(torch.ones(8))
        self.layers = [nn.Linear(8, 8)]

    def forward(self, x):
        return self.head(self.stem(x)) * self.scale

net = Net()
opt = torch.optim.SGD(net.parameters(), lr=0.1)
x = torch.ones(5, 4)
loss = lambda: net(x).sum()
"""
SHOW = """
from paramlab.widgets import explore
shown = explore(net, opt, loss=loss)
shown
"""


class Map:
    """The map on the page."""

    def __init__(self, lab):
        self.lab, self.page = lab, lab.page
        self.done = 0

    def row(self, name):
        return self.page.locator(f'.pm-row[data-name="{name}"]')

    def states(self, name):
        return [self.row(name).locator(f'[data-lane="{lane}"]').get_attribute("data-st") for lane in range(5)]

    def wait(self):
        """Wait until the answer to one more click is drawn."""
        self.done += 1
        self.page.wait_for_function(f"+document.querySelector('.pm').dataset.rev >= {self.done}")

    def wait_for(self, name, lane, state):
        self.row(name).locator(f'[data-lane="{lane}"][data-st="{state}"]').wait_for()

    def wait_for_chosen(self, name):
        self.page.locator(f".pm-chosen b:text-is('{name}')").wait_for()

    def point_elsewhere(self):
        self.page.locator(".pl-title").hover()

    def code(self):
        return self.page.locator(".pl-log code").inner_text()


@pytest.fixture
def shown(lab):
    lab.open(lab.notebook("map", MODEL, SHOW))
    assert lab.run_all(), lab.complaints()
    lab.page.locator(".pm[data-ready]").wait_for()
    return Map(lab)


def test_a_click_reaches_python_and_comes_back(shown, lab):
    assert shown.states("scale") == ["yes", "warn", "warn", "no", "no"]
    shown.row("scale").locator("[data-kind=P]").click()
    shown.wait()
    assert shown.states("scale") == ["yes", "yes", "warn", "yes", "yes"]
    assert shown.code() == "net.scale = nn.Parameter(net.scale.detach())"
    assert lab.py("type(net.scale).__name__") == "'Parameter'"
    shown.page.locator("[data-do=optimizer]").click()
    shown.wait()
    assert shown.states("scale") == ["yes"] * 5
    assert lab.py("any(p is net.scale for p in opt.param_groups[0]['params'])") == "True"


def test_what_a_cell_does_is_drawn(shown, lab):
    lab.run("net.stem.weight.requires_grad_(False)")
    shown.wait_for("stem.weight", 2, "skip")
    lab.run("net.stem.weight = nn.Parameter(torch.zeros(8, 4))")
    shown.wait_for("stem.weight", 2, "warn")
    shown.row("stem.weight (replaced)").wait_for()
    lab.run("opt = torch.optim.SGD(net.parameters(), lr=0.1)")
    shown.wait_for("stem.weight", 2, "yes")
    shown.row("stem.weight (replaced)").wait_for(state="detached")


BUSY = """() => {
  const kernel = window.jupyterapp.shell.currentWidget.context.sessionContext.session.kernel;
  kernel.requestExecute({code: "import time; time.sleep(1); kind = type(net.scale).__name__"});
  document.querySelector('.pm-row[data-name="scale"] [data-kind=P]').click();
}"""


def test_a_click_waits_for_the_cell_that_runs(shown, lab):
    shown.page.evaluate(BUSY)
    shown.wait()
    assert lab.py("kind, type(net.scale).__name__") == "('Tensor', 'Parameter')"


def test_the_keyboard_alone_is_enough(shown, lab):
    cells = lab.cells()
    page = shown.page
    shown.row("scale").locator(".pm-name").click()
    for key in ("ArrowUp", "t"):
        page.keyboard.press(key)
    shown.wait()
    assert lab.py("'state' in net.__dict__") == "True"
    page.keyboard.press("b")  # JupyterLab's own B would insert a cell
    shown.wait()
    assert lab.py("'state' in net._buffers") == "True"
    page.keyboard.press("s")
    shown.wait()
    assert lab.py("'state' in net.state_dict()") == "False"
    for key in ("End", "g"):
        page.keyboard.press(key)
    shown.wait()
    assert lab.py("net.head.bias.requires_grad") == "False"
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')").startswith(
        "optimizer: held, but skipped."
    )
    for key in ("d", "d", "x", "a"):
        page.keyboard.press(key)
    assert lab.cells() == cells


def test_a_map_that_was_taken_off_the_page_is_not_read_any_more(shown, lab):
    lab.wait_until("shown._view_count == 1")
    shown.page.evaluate("window.jupyterapp.commands.execute('notebook:clear-all-cell-outputs').then(() => null)")
    lab.wait_until("shown._view_count == 0")  # the page tells the kernel a moment after the picture is gone
    lab.run("looks = []; shown.refresh = lambda: looks.append(1)")
    lab.run("pass")
    assert lab.py("looks") == "[]"


def test_folders_open_and_close(shown):
    page = shown.page
    shown.row("stem.weight").locator(".pm-name").click()
    page.keyboard.press("ArrowLeft")
    shown.wait_for_chosen("stem")
    page.keyboard.press("ArrowLeft")
    shown.row("stem.weight").wait_for(state="detached")
    assert "2 tensors" in page.get_by_role("row", expanded=False).inner_text()
    page.keyboard.press("Enter")
    shown.row("stem.weight").wait_for()


def test_pointing_shows_reasons_and_chooses_nothing(shown):
    shown.row("scale").locator(".pm-name").click()
    shown.row("head.weight").locator(".pm-name").hover()
    shown.wait_for_chosen("head.weight")
    assert shown.page.locator(".pm-row.sel").get_attribute("data-name") == "scale"
    shown.point_elsewhere()
    shown.wait_for_chosen("scale")


def test_what_is_chosen_stays_chosen_when_the_tree_changes(shown, lab):
    shown.row("head.weight").locator(".pm-name").click()
    shown.point_elsewhere()  # else another line may come to lie under the mouse
    lab.run("net.early = torch.ones(2)")
    shown.row("early").wait_for()
    shown.wait_for_chosen("head.weight")


def test_a_screen_reader_is_told_everything(shown):
    page = shown.page
    grid = page.get_by_role("treegrid")
    tree = grid.aria_snapshot()
    assert grid.count() == 1
    for part in ('radio "Parameter" [checked]', "requires_grad is True", "layers", "state_dict()"):
        assert part in tree
    assert page.locator(".pm-grid [tabindex='0']").count() == 1
    assert page.locator(".pm button:not([aria-label])").evaluate_all("all => all.every(b => b.innerText.trim())")
    shown.row("scale").locator("[data-kind=P]").click()
    shown.wait()
    status = page.locator(".pm [role=status]").inner_text()
    assert "scale, Parameter." in status
    assert "optimizer: look at this" in status


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_can_be_read_in_both_themes(shown, lab, theme):
    lab.theme(theme)
    weakest = shown.page.evaluate(CONTRAST)
    assert weakest["ratio"] >= 4.5, weakest
    lab.theme("light")


CONTRAST = """() => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = (c) => c.slice(0, 3).map(v => v / 255)
    .map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, k) => sum + v * [.2126, .7152, .0722][k], 0);
  const root = document.querySelector('.pm');
  const page = rgba(getComputedStyle(root).backgroundColor);
  let weakest = {ratio: 99};
  for (const e of root.querySelectorAll('.pm-name, .pm-shape, .pm-dev, .pm-tally, .pl-card p, .pm-chosen span, '
      + '.pl-note, .pm-class, .pl-btn:not(:disabled), .pl-count, [role=radio][aria-checked=true] span, .pm-lh code')) {
    if (!e.offsetParent || !e.innerText.trim()) continue;
    const [a, b] = [light(rgba(getComputedStyle(e).color)), light(page)].sort((x, y) => y - x);
    const ratio = (a + .05) / (b + .05);
    if (ratio < weakest.ratio) weakest = {ratio, who: e.className, text: e.innerText.slice(0, 40)};
  }
  return weakest;
}"""


@pytest.mark.parametrize("width", [1440, 1000, 800])
def test_nothing_runs_over_the_edge(shown, lab, width):
    lab.resize(width, 900)
    root, inner = shown.page.evaluate("(e => [e.clientWidth, e.scrollWidth])(document.querySelector('.pm'))")
    assert inner <= root


def test_a_large_model_is_drawn_a_screenful_at_a_time(lab):
    big = "import paramlab as torch\nfrom paramlab import nn\n"
    big += "model = nn.Sequential(*[nn.Sequential(*[nn.Linear(2, 2) for _ in range(25)]) for _ in range(20)])"
    lab.open(lab.notebook("big", big, "from paramlab.widgets import explore\nexplore(model)"))
    assert lab.run_all(), lab.complaints()
    page = lab.page
    page.locator(".pm[data-ready]").wait_for()
    assert "1,000 tensors" in page.locator(".pl-count").inner_text()
    assert page.locator(".pm-canvas > .pm-row").count() <= 40
    assert page.get_by_role("row", expanded=False).count() == 20
    page.locator(".pm-row.folder").first.click()
    page.keyboard.press("End")
    assert page.locator(".pm-canvas > .pm-row").count() <= 60


LARGE = """
import paramlab as torch
from paramlab import nn
model = nn.Sequential(*[nn.Sequential(*[nn.Linear(2, 2) for _ in range(50)]) for _ in range(100)])
opt = torch.optim.SGD(model.parameters(), lr=0.1)
from paramlab.widgets import explore
"""


@pytest.fixture
def large(lab):
    lab.open(lab.notebook("large", LARGE, "shown = explore(model, opt)\nshown"))
    assert lab.run_all(), lab.complaints()
    lab.page.locator(".pm[data-ready]").wait_for()
    return Map(lab)


def test_ten_thousand_tensors_stay_usable(large, lab):
    page = large.page
    assert "10,000 tensors" in page.locator(".pl-count").inner_text()
    assert page.locator(".pm-canvas > .pm-row").count() <= 40
    for at in (0, 1):
        page.locator(".pm-row.folder").nth(at).click()
    page.locator(".pm-row[data-kind]").first.wait_for()
    page.locator(".pm-row[data-kind] [data-act=grad]").first.click()
    large.wait_for("0.0.weight", 2, "skip")
    page.locator(".pm-body").evaluate("body => { body.scrollTop = body.scrollHeight / 2; }")
    page.locator('.pm-row[aria-rowindex="80"]').wait_for()
    assert page.locator(".pm-canvas > .pm-row").count() <= 40
    sent = "sum(len(repr(getattr(shown, trait))) for trait in ('flags', 'values', 'facts', 'last', 'tools'))"
    assert int(lab.py(sent)) < 150_000


def test_values_arrive_for_what_is_scrolled_into_sight(large, lab):
    page = large.page
    page.locator(".pm-row.folder").first.click()
    for key in ("End", "Enter", "End", "Enter", "End"):
        page.keyboard.press(key)
    page.locator(".pl-strip > i.neg, .pl-strip > i.pos").first.wait_for()
    assert int(lab.py("len(shown.values)")) <= 60


def test_a_name_is_found_in_a_large_model(large):
    page = large.page
    large.page.locator(".pm-row").nth(1).click()
    page.keyboard.press("/")
    page.keyboard.type("42.7.w")
    page.locator('.pm-row[data-name="42.7.weight"]').wait_for()
    assert page.locator(".pm-row[data-kind]").count() == 1
    page.keyboard.press("Enter")
    page.keyboard.press("g")
    large.wait_for("42.7.weight", 2, "skip")
    page.locator(".pm-find").press("Escape")
    assert page.get_by_role("row", expanded=False).count() > 10


def test_only_what_is_to_be_looked_at(large, lab):
    page = large.page
    lab.run("model[3][4].weight = nn.Parameter(torch.zeros(2, 2))")
    page.locator(".pm-lh em").first.wait_for()
    page.locator(".pm-look").click()
    large.row("3.4.weight").wait_for()
    assert page.locator(".pm-row[data-kind]").count() == 2  # the old object, too
    lab.run("opt.param_groups.clear(); opt.add_param_group({'params': model.parameters()})")
    page.locator(".pm-nothing:visible").wait_for()
    page.locator(".pm-look").click()
    page.locator(".pm-nothing").wait_for(state="hidden")


def test_a_model_that_cannot_be_read_is_a_message(shown, lab):
    lab.run("net.__dict__['_parameters'] = {'w': 3}")
    shown.page.locator(".pl-trouble:visible").wait_for()
    assert "could not be read" in shown.page.locator(".pl-trouble").inner_text()
    lab.run("net.__dict__['_parameters'] = {}")
    shown.page.locator(".pl-trouble").wait_for(state="hidden")


def test_published_output_is_a_table_and_no_widget(lab):
    lab.open(lab.notebook("still", "import os; os.environ['PARAMLAB_STATIC'] = '1'", MODEL, SHOW))
    assert lab.run_all(), lab.complaints()
    page = lab.page
    page.locator(".jp-OutputArea table caption").wait_for()
    assert page.locator(".pm").count() == 0
    outputs = page.evaluate(
        "window.jupyterapp.shell.currentWidget.content.model.cells.get(2).toJSON().outputs.map(o => o.data)"
    )
    assert set(outputs[0]) == {"text/html", "text/plain"}
    assert "0x" not in json.dumps(outputs)


def test_a_kernel_that_ended_is_told(shown, lab):
    lab.restart_kernel()
    lab.page.locator(".pl-trouble:visible").wait_for()
    assert "Run the cell again" in lab.page.locator(".pl-trouble").inner_text()
