"""Heartbeat in JupyterLab: beats by click, by key and by themselves; the graph answers to mouse and keyboard."""

import re

import pytest

NET = """
import paramlab as torch
from paramlab import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))
opt = torch.optim.SGD(net.parameters(), lr=0.1)
x, y = torch.randn(8, 2), torch.randn(8, 1)
def loss():
    return ((net(x) - y) ** 2).mean()
"""
SHOW = "from paramlab.widgets import Heartbeat\nheart = Heartbeat(net, opt, loss=loss)\nheart"


@pytest.fixture
def page(lab):
    lab.open(lab.notebook("heartbeat", NET, SHOW))
    assert lab.run_all(), lab.complaints()
    lab.page.locator(".hb[data-ready]").wait_for()
    return lab.page


def stamp(page, name, part, text):
    page.locator(f"tr[data-name='{name}'] .hb-{part} .hb-by", has_text=text).wait_for()


def test_clicks_beat_and_cells_are_followed(page, lab):
    page.locator("[data-beat=forward]").click()
    page.locator(".hb-node[data-title=MeanBackward0]").wait_for()
    assert lab.py("l.item() == heart.losses[-1]") == "True"  # the line's own name is the notebook's
    page.locator("[data-beat=backward]").click()
    stamp(page, "0.weight", "grad", "backward() beat 2")
    page.locator(".hb-node.freed[data-title=PowBackward0]").wait_for()
    assert lab.py("net[0].weight.grad is not None") == "True"
    lab.run("opt.step(); net.eval()")
    stamp(page, "0.weight", "values", "a cell")
    page.locator(".pl-count", has_text="eval mode").wait_for()
    page.locator("[data-beat=backward]").click()
    page.locator(".pl-log.bad", has_text="a second time").wait_for()


def test_the_keyboard_alone_is_enough(page, lab):
    cells = lab.cells()
    page.locator("[data-beat=zero_grad]").focus()
    for key, name in zip("zfbs", ("zero_grad", "forward", "backward", "step"), strict=True):
        page.locator(f"[data-beat={name}][aria-current=step]").wait_for()
        page.keyboard.press(key)
    page.locator("[data-beat=zero_grad][aria-current=step]").wait_for()
    assert lab.py("heart.beat") == "4"
    page.locator(".hb-node[tabindex='0']").focus()
    for title in ("MeanBackward0", "PowBackward0", "SubBackward0"):
        page.keyboard.press("ArrowDown")
        assert page.evaluate("document.activeElement.dataset.title") == title
    assert page.locator(".hb-says").inner_text().startswith("SubBackward0 is the way back through Sub.")
    page.keyboard.press("w")
    page.locator(".pl-count", has_text="beat 8").wait_for()
    assert page.evaluate("document.activeElement.dataset.title") == "SubBackward0"
    assert lab.cells() == cells


def test_a_tensor_shows_the_way_from_the_loss_to_it(page):
    page.locator("[data-beat=forward]").click()
    page.locator(".hb-node[data-title='0.weight']").wait_for()
    page.locator("tr[data-name='0.weight']").click()
    on = page.locator(".hb-node.on").evaluate_all("all => all.map(g => g.dataset.title)")
    assert on[0] == "l"
    assert on[-1] == "0.weight"
    assert "ReluBackward0" in on
    assert "2.weight" not in on
    page.keyboard.press("ArrowDown")
    page.locator(".hb-node.on[data-title='0.bias']").wait_for()


def test_the_loop_plays_and_can_be_paused(page, lab):
    page.locator(".hb-pace").fill("100")
    page.locator(".hb-steps").fill("3")
    page.locator(".hb-play").click()
    page.locator(".pl-count", has_text="beat 12").wait_for()
    page.locator(".hb-play[aria-pressed=false]").wait_for()
    assert lab.py("len(heart.losses)") == "3"
    page.locator(".hb-steps").fill("1000")
    page.locator(".hb-pace").fill("40")  # about half a second from beat to beat
    page.locator(".hb-play").click()
    page.locator(".pl-count", has_text=re.compile("beat (1[4-9]|[2-9][0-9])")).wait_for()
    page.locator(".hb-play").click()
    page.locator(".hb-play[aria-pressed=false]").wait_for()
    beats = int(lab.py("heart.beat"))
    page.wait_for_timeout(1000)  # the next one would have come
    assert int(lab.py("heart.beat")) == beats < 4000
