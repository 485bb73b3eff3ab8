"""axe-core finds nothing to complain of: in the widgets, in a verdict, in what stands in without a kernel."""

import pytest
from test_every_widget import WIDGETS
from test_pickup_map import MODEL, SHOW

PIECE = """
from paramlab import nn
from paramlab.workshop import check, implement, progress

@implement(nn.Module)
def __getattr__(self, name):
    return None
"""
STILL = 'import os\nos.environ["PARAMLAB_STATIC"] = "1"'


def complaints_about(lab, selector):
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(lab.page, context=selector)
    assert found.response["passes"], f"axe-core found nothing to look at in {selector}"
    return found.generate_report() if found.violations_count else ""


@pytest.mark.parametrize("name", WIDGETS)
def test_every_widget_in_light_dark_and_narrow(lab, name):
    page, view = lab.page, f".{name}"
    lab.open(lab.notebook("widget", *WIDGETS[name].cells()))
    assert lab.run_all(), lab.complaints()
    page.locator(f"{view}[data-ready]").wait_for()
    found = {"light": complaints_about(lab, view)}
    page.locator(f"{view} {WIDGETS[name].clicked}").first.click()
    page.locator(f"{view} {WIDGETS[name].seen}").first.wait_for(state="attached")
    for theme in ("dark", "light"):
        lab.theme(theme)
        lab.resize(1440 if theme == "dark" else 640)
        found[f"{theme}, after a click"] = complaints_about(lab, view)
    assert found == dict.fromkeys(found, "")


TROUBLED = {  # the class of a picture -> a cell that shows it with much to look at
    "cl": (
        "from paramlab.widgets import Clinic\nclinic = Clinic()\nclinic.suspect('layers[0].bias')\n"
        "for cure in clinic.cures[:2]: clinic.cure(cure['line'])\nclinic"
    ),
    "st": "from paramlab.widgets import Strings\nnet.head.weight = nn.Parameter(torch.ones(3, 8))\nStrings(net, opt)",
}


@pytest.mark.parametrize("name", TROUBLED)
def test_widgets_with_much_to_look_at(lab, name):
    lab.open(lab.notebook("widget", MODEL, TROUBLED[name]))
    assert lab.run_all(), lab.complaints()
    lab.page.locator(f".{name}[data-ready]").wait_for()
    found = {}
    for theme in ("dark", "light"):
        lab.theme(theme)
        found[theme] = complaints_about(lab, f".{name}")
    assert found == {"dark": "", "light": ""}


def test_a_verdict_the_progress_and_the_still_picture(lab):
    cells = (PIECE, 'check("Module.__getattr__")', "progress()", STILL + MODEL, SHOW)
    lab.open(lab.notebook("pages", *cells))
    assert lab.run_all(), lab.complaints()
    outputs = lab.page.locator(".jp-OutputArea-output")
    outputs.locator("table caption").wait_for()  # each output is put into the page when it has been made ready
    outputs.locator("th", has_text="lesson").wait_for()
    outputs.locator("[role=status]").wait_for()  # the one and only
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
