"""The map of the package in JupyterLab: a check changes it, and so does a click."""

from paramlab.workshop.catalogue import PIECES
from paramlab.workshop.source import solution

SETUP = "from paramlab import nn\nfrom paramlab.workshop import check, implement, use"
SHOW = "from paramlab.widgets import PackageMap\nPackageMap()"
NAME = "Module.__getattr__"

IN_SIGHT = """option => {
  const its = option.getBoundingClientRect(), list = option.closest('[role=listbox]').getBoundingClientRect();
  return its.top >= list.top && its.bottom <= list.bottom;
}"""


def test_a_check_makes_a_piece_the_learners_own(lab):
    lab.open(lab.notebook("package", SETUP, SHOW, solution(PIECES[NAME]), f"check({NAME!r})"))
    assert lab.run_all(), lab.complaints()
    page, cells = lab.page, lab.cells()
    page.locator(f".pk [data-name='{NAME}'][data-state=mine]").wait_for()
    page.locator(".pk [tabindex='0'][role=option]").focus()
    page.keyboard.press("End")
    page.keyboard.press("Home")
    names = page.locator(".pk [role=option]").evaluate_all("options => options.map(one => one.dataset.name)")
    for _ in range(names.index(NAME)):
        page.keyboard.press("ArrowDown")
    page.locator(".pk-detail b", has_text=NAME).wait_for()
    assert page.locator(f".pk [data-name='{NAME}']").evaluate(IN_SIGHT)
    page.locator("[data-do=reference]").focus()
    page.keyboard.press("Enter")
    page.locator(f".pk [data-name='{NAME}'][data-state=kept]").wait_for()
    assert lab.py("nn.Module.__getattr__.__module__").startswith("'paramlab.nn")
    page.locator("[data-do=mine]").click()
    page.locator(f".pk [data-name='{NAME}'][data-state=mine]").wait_for()
    lab.run("use('reference')")
    page.locator(f".pk [data-name='{NAME}'][data-state=kept]").wait_for()
    assert lab.cells() == cells
