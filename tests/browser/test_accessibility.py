"""axe-core finds nothing to complain of: in the map, in a verdict, in what stands in for the map without a kernel."""

import pytest
from test_heartbeat import NET as HEART
from test_heartbeat import SHOW as SHOW_HEART
from test_pickup_map import MODEL, SHOW

PIECE = """
from paramlab import nn
from paramlab.workshop import check, implement, progress

@implement(nn.Module)
def __getattr__(self, name):
    return None
"""
WIDGETS = {  # class of the picture -> what shows it, with what there is to complain of
    "cl": (
        "from paramlab.widgets import Clinic\nclinic = Clinic()\nclinic.suspect('layers[0].bias')\n"
        "for cure in clinic.cures[:2]: clinic.cure(cure['line'])\nclinic"
    ),
    "st": "from paramlab.widgets import Strings\nnet.head.weight = nn.Parameter(torch.ones(3, 8))\nStrings(net, opt)",
}
STILL = 'import os\nos.environ["PARAMLAB_STATIC"] = "1"'


def complaints_about(lab, selector):
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(lab.page, context=selector)
    assert found.response["passes"], f"axe-core found nothing to look at in {selector}"
    return found.generate_report() if found.violations_count else ""


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 700])
def test_the_map(lab, theme, width):
    lab.open(lab.notebook("map", MODEL, SHOW))
    assert lab.run_all(), lab.complaints()
    lab.page.locator(".pm[data-ready]").wait_for()
    lab.theme(theme)
    lab.page.set_viewport_size({"width": width, "height": 1000})
    assert complaints_about(lab, ".pm") == ""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_heartbeat(lab, theme):
    lab.open(lab.notebook("heartbeat", HEART, SHOW_HEART))
    assert lab.run_all(), lab.complaints()
    lab.page.locator(".hb[data-ready]").wait_for()
    lab.theme(theme)
    lab.page.locator("[data-do=whole]").click()
    lab.page.locator(".hb-node.walked").first.wait_for()
    assert complaints_about(lab, ".hb") == ""
    lab.page.locator("tr[data-name='0.weight']").click()
    lab.page.set_viewport_size({"width": 640, "height": 1000})
    assert complaints_about(lab, ".hb") == ""


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("picture", WIDGETS)
def test_the_other_widgets(lab, picture, theme):
    lab.open(lab.notebook("widget", MODEL, WIDGETS[picture]))
    assert lab.run_all(), lab.complaints()
    lab.page.locator(f".{picture}[data-ready]").wait_for()
    lab.theme(theme)
    assert complaints_about(lab, f".{picture}") == ""


def test_a_verdict_the_progress_and_the_still_picture(lab):
    cells = (PIECE, 'check("Module.__getattr__")', "progress()", STILL + MODEL, SHOW)
    lab.open(lab.notebook("pages", *cells))
    assert lab.run_all(), lab.complaints()
    assert lab.page.locator("[role=status]").count() == 1
    assert complaints_about(lab, ".jp-OutputArea-output") == ""


def test_a_control_without_a_name_would_be_noticed(lab):
    lab.open(lab.notebook("map", MODEL, SHOW))
    assert lab.run_all(), lab.complaints()
    lab.page.locator(".pm[data-ready]").wait_for()
    lab.page.evaluate(
        """() => document.querySelectorAll('.pm [role=radio]').forEach(radio => {
             radio.removeAttribute('aria-label'); radio.removeAttribute('title'); radio.textContent = '';
           })"""
    )
    assert "button-name" in complaints_about(lab, ".pm")
