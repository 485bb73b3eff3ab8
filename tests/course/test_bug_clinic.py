"""The bug clinic as a lesson: a patient a task, the real report linked, and every rule of the census met."""

import dataclasses
import re
from pathlib import Path

import pytest

import paramlab
from paramlab.clinic import PATIENTS
from paramlab.workshop.catalogue import TASKS
from paramlab.workshop.tasks import Definition

from .test_build import LESSONS, built, code_of

LESSON = next(lesson for lesson in LESSONS if lesson.stem == "09_bug_clinic")
SOURCE = LESSON.read_text(encoding="utf-8")


def rules_of_the_census():
    folder = Path(paramlab.__file__).parent / "census"
    code = "".join(file.read_text(encoding="utf-8") for file in folder.glob("*.py"))
    return set(re.findall(r"""[Ff]inding\(\s*"([a-z]+(?:-[a-z]+)+)\"""", code))


def test_each_patient_is_a_task_and_each_task_a_patient():
    tasks = [task for task in TASKS.values() if task.lesson == 9]
    assert [task.name for task in tasks] == list(PATIENTS)
    assert all(isinstance(task, Definition) and task.points == 1 for task in tasks)


@pytest.mark.parametrize("name", PATIENTS)
def test_the_report_is_linked(name):
    before = SOURCE[: SOURCE.index(f'# %% definition="{name}"')]
    assert PATIENTS[name].source in before[before.rindex("# %% [markdown]") - 1000 :]


def test_there_are_twenty_rules_and_the_lesson_meets_them_all():
    met = set()
    for patient in PATIENTS.values():
        for code in (patient.code, patient.cured):
            one = dataclasses.replace(patient, code=code)
            met |= {finding.rule for finding in one.look(one.admit(paramlab)).census.findings}
    ward = next(cell for cell in code_of(built(LESSON, "solutions")) if "class Empty" in cell.source)
    said = set(re.findall(r"[a-z]+(?:-[a-z]+)+", ward.outputs[0].text))
    rules = rules_of_the_census()
    assert len(rules) == 20
    assert len(met & rules) == 12
    assert met | said >= rules
    assert all(f"`{rule}`" in SOURCE for rule in rules - met)
