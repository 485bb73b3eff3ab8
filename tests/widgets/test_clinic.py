"""Clinic without a page: what is shown of a patient, what a click does, and what counts as healed."""

import pytest

pytest.importorskip("anywidget")

from paramlab.clinic import PATIENTS
from paramlab.widgets import Clinic

ORDER = list(PATIENTS)


@pytest.fixture
def clinic():
    return Clinic()


def click(clinic, do, **arguments):
    clinic._obey(clinic, {"do": do, **arguments}, [])
    return clinic.last


def the_cure(clinic):
    return next(cure.line for cure in clinic.chart.patient.cures if cure.heals)


def test_a_patient_comes_with_its_symptom_its_program_and_the_real_report(clinic):
    assert clinic.title == "Patient 1 of 12"
    assert clinic.told["symptom"] == PATIENTS[ORDER[0]].symptom
    assert clinic.told["program"].startswith("class Net(nn.Module):")
    assert (clinic.told["report"], clinic.told["url"]) == (
        "pytorch#632",
        "https://github.com/pytorch/pytorch/issues/632",
    )
    assert (clinic.verdict, clinic.suspicion, clinic.cures) == ({}, {}, [])
    by_name = {row["name"]: row for row in clinic.rows}
    assert by_name["layers[0].weight"]["states"] == ["yes", "warn", "warn", "warn", "warn"]
    assert "It hides in layers" in by_name["layers[0].weight"]["why"][1]


def test_the_way_through_a_case(clinic):
    assert click(clinic, "test") == {"code": "clinic.run_test()", "note": "Still ill.", "bad": False}
    assert clinic.verdict["saw"] == "After five steps of SGD(model.parameters()) layers[0].weight is what it was."
    assert click(clinic, "suspect", name="head.weight")["note"] == "Not this one."
    assert (clinic.suspicion["right"], clinic.cures) == (False, [])
    assert click(clinic, "suspect", name="layers[1].bias")["note"] == "Yes, this one."
    assert clinic.suspicion["census"].startswith("paramlab.census finds it: layers is an ordinary Python list")
    assert [cure["tried"] for cure in clinic.cures] == [False] * 4
    assert all((cure["heals"], cure["why"]) == (None, "") for cure in clinic.cures)  # nothing is given away
    wrong = clinic.cures[0]["line"]
    assert click(clinic, "cure", line=wrong)["note"] == "Still ill."
    assert (clinic.cures[0]["heals"], clinic.healed) == (False, [])
    done = click(clinic, "cure", line="model.layers = nn.ModuleList(model.layers)")
    assert done["code"] == "clinic.cure('model.layers = nn.ModuleList(model.layers)')"
    assert done["note"] == "Healed. 1 of 12."
    assert (clinic.verdict["healed"], clinic.healed, clinic.beds[0]) == (True, ["layers-in-a-list"], True)
    assert clinic.suspicion["census"] == "paramlab.census has nothing to say now."
    assert "layers.0.weight" in [row["name"] for row in clinic.rows]
    assert click(clinic, "test")["note"] == "Healed. 1 of 12."
    assert clinic.healed == ["layers-in-a-list"]


@pytest.mark.parametrize("name", ORDER)
def test_every_patient_can_be_shown_found_and_healed(name):
    clinic = Clinic([name])
    for sick in clinic.chart.patient.sick:
        assert clinic.suspect(sick)
    others = {row["name"] for row in clinic.rows if row["kind"] != "G"} - set(clinic.chart.patient.sick)
    assert not any(clinic.suspect(other) for other in others)
    assert clinic.cure(the_cure(clinic)).healed
    assert (clinic.healed, clinic.trouble) == ([name], "")


def test_a_line_of_ones_own_heals_as_well(clinic):
    assert click(clinic, "cure", line="model.layers = nn.Sequential(*model.layers)")["note"] == "Healed. 1 of 12."


def test_an_error_in_a_line_is_shown_and_does_no_harm(clinic):
    shown = click(clinic, "cure", line="model.layers = nn.ModulList(model.layers)")
    assert shown["bad"]
    assert "ModulList" in shown["note"]
    assert (clinic.healed, clinic.chart.tried) == ([], [])


def test_a_cell_can_heal_too(clinic):
    from paramlab import nn

    clinic.model.layers = nn.ModuleList(clinic.model.layers)
    clinic.refresh()
    assert "layers.0.weight" in [row["name"] for row in clinic.rows]
    assert clinic.run_test().healed


def test_what_the_optimizer_still_holds_is_a_right_answer_too():
    clinic = Clinic(["head-replaced"])
    ghosts = [row["name"] for row in clinic.rows if row["kind"] == "G"]
    assert len(ghosts) == 2
    assert all(clinic.suspect(ghost) for ghost in ghosts)
    assert clinic.optimizer is not None


def test_start_again_takes_the_patient_in_anew(clinic):
    clinic.suspect("layers[0].weight")
    clinic.cure(the_cure(clinic))
    click(clinic, "again")
    assert (clinic.verdict, clinic.suspicion, clinic.cures) == ({}, {}, [])
    assert clinic.healed == ["layers-in-a-list"]  # it has been healed once
    assert not clinic.run_test().healed


def test_each_patient_keeps_its_chart(clinic):
    clinic.suspect("layers[0].weight")
    click(clinic, "next")
    assert (clinic.title, clinic.suspicion) == ("Patient 2 of 12", {})
    click(clinic, "go", to=11)
    assert clinic.tools[-1]["on"] is False
    clinic.go_to("layers-in-a-list")
    assert clinic.suspicion["right"]
    assert clinic.tools[1]["on"] is False
    with pytest.raises(LookupError, match="no patient 12, but 12 from 0 on"):
        clinic.go_to(12)


def test_who_is_no_patient_and_what_is_no_tensor_is_named():
    with pytest.raises(KeyError, match="no patient 'measles', but layers-in-a-list"):
        Clinic(["measles"])
    with pytest.raises(ValueError, match="there is no patient"):
        Clinic([])
    with pytest.raises(KeyError, match="no tensor named 'layers'"):
        Clinic().suspect("layers")


def test_the_still_picture_lists_symptoms_and_reports(clinic):
    clinic.cure(the_cure(clinic))
    assert repr(clinic) == "Clinic: 1 of 12 patients healed"
    page = clinic._html()
    assert page == clinic._html()
    assert page.count("<tr>") == 13
    assert '<a href="https://github.com/pytorch/pytorch/issues/632">pytorch#632</a>' in page
    assert (page.count("✓ healed"), page.count("▲ ill")) == (1, 11)
