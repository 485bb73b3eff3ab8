"""Clinic in JupyterLab: from the symptom to the cure, by mouse, by keyboard alone, and from a cell."""

import pytest

SHOW = "from paramlab.widgets import Clinic\nclinic = Clinic()\nclinic"


@pytest.fixture
def page(lab):
    lab.open(lab.notebook("clinic", SHOW))
    assert lab.run_all(), lab.complaints()
    lab.page.locator(".cl[data-ready]").wait_for()
    return lab.page


def test_find_it_cure_it_and_the_test_turns_green(page, lab):
    page.locator(".cl-test").click()
    page.locator(".cl-verdict.red", has_text="layers[0].weight is what it was").wait_for()
    page.locator('tr[data-name="head.weight"]').click()
    page.locator(".cl-blame").click()
    page.locator(".cl-suspicion.wrong").wait_for()
    page.locator('tr[data-name="layers[1].weight"]').click()
    page.locator(".cl-blame").click()
    page.locator(".cl-suspicion.right", has_text="paramlab.census finds it").wait_for()
    page.locator(".cl-cure", has_text="tuple").click()
    page.locator(".cl-cure.fails", has_text="A tuple is as good a hiding place").wait_for()
    page.locator(".cl-cure", has_text="ModuleList").click()
    page.locator(".cl-verdict.green").wait_for()
    assert page.locator(".pl-log code").inner_text() == "clinic.cure('model.layers = nn.ModuleList(model.layers)')"
    assert page.locator(".pl-count").inner_text() == "1 of 12 healed"
    assert lab.py("clinic.healed") == "['layers-in-a-list']"
    link = page.locator(".cl-link")
    assert link.inner_text() == "reported as pytorch#632"
    assert (link.get_attribute("target"), link.get_attribute("rel")) == ("_blank", "noopener")


def test_a_cell_changes_the_picture_and_a_line_of_ones_own_is_run(page, lab):
    lab.run("clinic.go_to('gradient-is-not-registration'); clinic.suspect('scale')")
    page.locator(".cl-symptom", has_text="1.0 for ever").wait_for()
    page.locator(".cl-own").fill("model.scale = nn.Parameter(torch.ones(1))")
    page.locator(".cl-own").press("Enter")
    page.locator(".cl-verdict.green").wait_for()
    assert lab.py("[name for name, _ in clinic.model.named_parameters()]") == "['scale', 'lin.weight', 'lin.bias']"


def test_the_keyboard_alone_is_enough(page, lab):
    cells = lab.cells()
    page.locator(".cl-bed[aria-checked=true]").focus()
    page.keyboard.press("ArrowRight")
    page.locator(".cl-bed[data-bed='1'][aria-checked=true]").wait_for()
    page.keyboard.press("t")
    page.locator(".cl-verdict.red").wait_for()
    page.locator(".cl-table tr[tabindex='0']").focus()
    names = page.locator(".cl-table tbody tr").evaluate_all("all => all.map(tr => tr.dataset.name)")
    for _ in range(names.index("scale")):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.locator(".cl-suspicion.right").wait_for()
    page.keyboard.press("3")
    page.locator(".cl-verdict.green").wait_for()
    assert lab.py("clinic.healed") == "['gradient-is-not-registration']"
    page.keyboard.press("n")
    page.locator(".cl-bed[data-bed='2'][aria-checked=true]").wait_for()
    for key in ("b", "d", "d"):
        page.keyboard.press(key)
    assert lab.cells() == cells
