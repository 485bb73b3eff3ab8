"""Every patient of the clinic: sick before, healed by its cure, and by none of the others."""

import dataclasses
import difflib
import subprocess
import sys

import pytest

from paramlab.clinic import PATIENTS

EVERY = [pytest.param(patient, id=name) for name, patient in PATIENTS.items()]


# a patient of the simulated device is none of PyTorch's
BOTH = [
    pytest.param(patient, fw, id=f"{name}-{fw}")
    for name, patient in PATIENTS.items()
    for fw in ("paramlab", "torch")
    if not (patient.simulated and fw == "torch")
]
of_both = pytest.mark.parametrize(("patient", "fw"), BOTH, indirect=["fw"])


def tensors(patient, case):
    exam = patient.look(case)
    return {row.name for row in (*exam.rows, *exam.orphans)}


def is_sentence(text):
    starts = text[0].isupper() or text.split()[0].endswith("()")
    return starts and text.endswith((".", "!", '"."', "?")) and "  " not in text


@of_both
def test_the_symptom_is_there_until_the_cure_and_gone_after_it(patient, fw):
    case = patient.admit(fw)
    for _ in range(2):  # a test may be run again and again
        before = patient.run_test(case)
        assert not before.healed, before
    cure = next(cure for cure in patient.cures if cure.heals)
    exec(cure.line, case)
    for _ in range(2):
        after = patient.run_test(case)
        assert after.healed, after
    assert before.saw != after.saw
    assert is_sentence(after.saw), after.saw


@of_both
def test_a_new_patient_is_healed_by_the_cure_without_a_test_before(patient, fw):
    case = patient.admit(fw)
    exec(next(cure for cure in patient.cures if cure.heals).line, case)
    assert patient.run_test(case).healed


@of_both
def test_no_other_cure_turns_the_test_green(patient, fw):
    wrong = [cure for cure in patient.cures if not cure.heals]
    assert len(wrong) == len(patient.cures) - 1 >= 2
    for cure in wrong:
        for tested in (False, True):
            case = patient.admit(fw)
            if tested:
                patient.run_test(case)
            exec(cure.line, case)
            verdict = patient.run_test(case)
            assert not verdict.healed, (cure.line, verdict)


@of_both
def test_the_sick_tensor_is_in_the_census_and_the_finding_names_it(patient, fw):
    case = patient.admit(fw)
    assert set(patient.sick) <= tensors(patient, case)
    found = [one for one in patient.look(case).census.findings if set(one.rows) & set(patient.sick)]
    assert [one.rule for one in found if one.severity != "fact" or patient.rule == one.rule] or not patient.rule
    if patient.rule:
        assert patient.rule in [one.rule for one in found]
    else:
        assert found == []


@of_both
def test_the_census_is_content_after_the_cure(patient, fw):
    case = patient.admit(fw)
    exec(next(cure for cure in patient.cures if cure.heals).line, case)
    patient.run_test(case)
    left = [one.rule for one in patient.look(case).census.findings if one.severity == "bug"]
    assert left in ([], ["stale-in-optimizer"] * 2)  # the old head is still held, which does no harm
    if patient.rule not in ("nonleaf-attribute", "missing-from-optimizer"):
        assert patient.rule not in [one.rule for one in patient.look(case).census.findings if one.severity != "fact"]


@of_both
def test_a_program_whose_code_was_mended_is_well_from_the_start(patient, fw):
    well = dataclasses.replace(patient, code=patient.cured)
    assert well.cured != patient.code
    assert well.run_test(well.admit(fw)).healed


@pytest.mark.parametrize("patient", EVERY)
def test_the_cure_is_as_small_as_it_can_be(patient):
    before, after = patient.code.splitlines(), patient.cured.splitlines()
    changed = [line for line in difflib.ndiff(before, after) if line.startswith(("+ ", "- "))]
    assert 1 <= len(changed) <= 2  # a line, as it was and as it is, or one that moves
    assert all(patient.code.count(wrong) == 1 for wrong, _ in patient.mend)


@pytest.mark.parametrize("patient", EVERY)
def test_what_is_said_is_said_in_sentences_and_the_report_can_be_opened(patient):
    for text in (patient.symptom, patient.diagnosis, *(cure.why for cure in patient.cures)):
        assert is_sentence(text), text
    assert patient.source.startswith(("https://github.com/", "https://discuss.pytorch.org/t/"))
    assert max(map(len, patient.program.splitlines())) <= 80
    for cure in patient.cures:
        compile(cure.line, patient.name, "exec")


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("frozen-norm", "model.eval()"),
        ("cached-activation", "Probed.keep = lambda self, h: None; model.last = None"),
        ("not-in-the-checkpoint", "t = model.mean; del model.mean; model.mean = t"),
        ("still-decaying", "optimizer.param_groups[0]['lr'] = 0.01"),
    ],
)
def test_a_line_that_gives_up_what_was_wanted_or_only_hides_it_heals_nothing(fw, name, line):
    patient = PATIENTS[name]
    case = patient.admit(fw)
    exec(line, case)
    assert not patient.run_test(case).healed


def test_the_patients_need_neither_jupyter_nor_pytorch():
    code = (
        "import sys, paramlab.clinic; print(sorted({'anywidget', 'IPython', 'torch', 'traitlets'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_there_are_twelve_and_each_is_another():
    assert len(PATIENTS) == 12
    assert len({patient.source for patient in PATIENTS.values()}) == 12
    assert len({patient.symptom for patient in PATIENTS.values()}) == 12


def test_an_error_of_the_program_is_what_the_test_saw(fw):
    patient = PATIENTS["layers-in-a-list"]
    case = patient.admit(fw)
    case["model"].layers = []
    verdict = patient.run_test(case)
    assert verdict == (False, "IndexError: list index out of range.")


def test_a_patient_is_the_same_every_time(fw):
    patient = PATIENTS["head-replaced"]
    first, second = patient.admit(fw), patient.admit(fw)
    assert first["model"] is not second["model"]
    assert (first["model"].head.weight == second["model"].head.weight).all()
    assert patient.run_test(first) == patient.run_test(second)


def test_a_patient_of_the_simulated_device_says_so_to_pytorch(torch):
    for patient in PATIENTS.values():
        if patient.simulated:
            with pytest.raises(ValueError, match="needs the device 'sim'"):
                patient.admit(torch)
