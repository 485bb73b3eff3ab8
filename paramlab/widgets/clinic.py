"""Clinic: from a symptom find the tensor, and apply the smallest cure."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import traitlets

from ..census.read import Examination
from ..census.render import shape_of
from ..census.rows import LABELS, LANES, Row
from ..clinic import PATIENTS, Case, Patient, Verdict
from .live import Live, script, style
from .names import name_of, user_namespace

NOT_THIS_ONE = "Nothing is wrong with who picks it up. Which tensor does the symptom speak of?"


@dataclass(slots=True)
class Chart:
    """What has been done with a patient since it came in."""

    patient: Patient
    case: Case
    exam: Examination
    verdict: Verdict | None = None
    suspected: str = ""
    is_right: bool = False
    found: bool = False  # whether the tensor has been named
    tried: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, patient: Patient) -> Chart:
        """Admit a patient."""
        import paramlab

        case = patient.admit(paramlab)
        return cls(patient, case, patient.look(case))


class Clinic(Live):
    """Small programs that are ill, one at a time: run the test, name the tensor, choose a cure or type one.

    ``patients`` are Patients or names of ``paramlab.clinic.PATIENTS``; without them all twelve come. ``healed`` lists
    the names of those whose test has been green after a cure. ``model`` and ``optimizer`` are the present patient's,
    for cells that want to look at them or to heal them.
    """

    _esm = script("clinic")
    _css = style("clinic")

    at = traitlets.Int(0).tag(sync=True)
    beds: Any = traitlets.List().tag(sync=True)  # a patient each: whether it is healed
    told: Any = traitlets.Dict().tag(sync=True)  # {symptom, program, url, report, test} of this patient
    heads: Any = traitlets.List([[lane, LABELS[lane]] for lane in LANES]).tag(sync=True)
    rows: Any = traitlets.List().tag(sync=True)  # {name, kind, shape, states, why} a tensor
    verdict: Any = traitlets.Dict().tag(sync=True)  # {healed, saw} of the last test; empty before
    suspicion: Any = traitlets.Dict().tag(sync=True)  # {name, right, text, found, census}; empty before
    cures: Any = traitlets.List().tag(sync=True)  # {line, tried, heals, why}; the last two once it was tried

    def __init__(self, patients: Sequence[Patient | str] | None = None) -> None:
        self.patients = [_patient(one) for one in (PATIENTS.values() if patients is None else patients)]
        if not self.patients:
            raise ValueError("there is no patient. Clinic() takes in all twelve")
        self.healed: list[str] = []
        self._charts: dict[str, Chart] = {}
        super().__init__()

    # ------------------------------------------------------------------ what one can do

    @property
    def chart(self) -> Chart:
        """The present patient, and what was done with it."""
        patient = self.patients[self.at]
        if patient.name not in self._charts:
            self._charts[patient.name] = Chart.of(patient)
        return self._charts[patient.name]

    @property
    def model(self) -> Any:
        """The present patient's model."""
        return self.chart.case["model"]

    @property
    def optimizer(self) -> Any:
        """The present patient's optimizer; None if its program makes none."""
        return self.chart.case.get("optimizer")

    def run_test(self) -> Verdict:
        """Run the patient's test as things are now."""
        chart = self.chart
        chart.verdict = chart.patient.run_test(chart.case)
        if chart.verdict.healed and chart.patient.name not in self.healed:
            self.healed.append(chart.patient.name)
        self.refresh()
        return chart.verdict

    def suspect(self, tensor: str) -> bool:
        """Name the tensor that you take for the cause; ``KeyError`` if there is none of that name."""
        chart = self.chart
        _ = chart.exam.census[tensor]
        chart.suspected, chart.is_right = tensor, chart.patient.is_sick(tensor, chart.exam)
        chart.found = chart.found or chart.is_right
        self.refresh()
        return chart.is_right

    def cure(self, line: str) -> Verdict:
        """Run a line of Python with the patient's own ``model``, ``optimizer``, ``nn`` and ``torch``; then test it."""
        chart = self.chart
        exec(compile(line, "<cure>", "exec"), chart.case)
        if line not in chart.tried:
            chart.tried.append(line)
        return self.run_test()

    def start_again(self) -> None:
        """Take the patient in anew, as it was before anything was done."""
        self._charts.pop(self.chart.patient.name)
        self.refresh()

    def go_to(self, patient: int | str) -> None:
        """Turn to another patient, by its number from 0 or its name; ``LookupError`` if there is none."""
        names = [one.name for one in self.patients]
        if patient not in (*names, *range(len(names))):
            raise LookupError(f"there is no patient {patient!r}, but {len(names)} from 0 on, or {', '.join(names)}")
        self.at = names.index(patient) if isinstance(patient, str) else patient
        self.refresh()

    # ------------------------------------------------------------------ what is shown

    def _read(self) -> None:
        chart, patient = self.chart, self.chart.patient
        chart.exam = patient.look(chart.case, chart.exam)
        self.title = f"Patient {self.at + 1} of {len(self.patients)}"
        self.beds = [one.name in self.healed for one in self.patients]
        self.told = {
            "symptom": patient.symptom,
            "program": patient.program.rstrip(),
            "url": patient.source,
            "report": _report(patient.source),
            "test": f"{self._mine()}.run_test()",
        }
        self.rows = [_told(row, "") for row in chart.exam.rows] + [_told(row, "G") for row in chart.exam.orphans]
        self.verdict = {} if chart.verdict is None else chart.verdict._asdict()
        self.suspicion = self._suspicion(chart)
        self.cures = self._cures(chart) if chart.found else []
        self.tools = self._tools()

    def _suspicion(self, chart: Chart) -> dict[str, Any]:
        if not chart.suspected:
            return {}
        right = chart.is_right
        text = chart.patient.diagnosis if right else NOT_THIS_ONE
        return {"name": chart.suspected, "right": right, "text": text, "census": self._census(chart) if right else ""}

    @staticmethod
    def _census(chart: Chart) -> str:
        """Return what the census says of the cause as things are now."""
        findings = [one for one in chart.exam.census.findings if one.rule == chart.patient.rule]
        if findings:
            return f"paramlab.census finds it: {findings[0].message}"
        if chart.patient.rule:
            return (
                "" if chart.verdict is None or not chart.verdict.healed else "paramlab.census has nothing to say now."
            )
        return "The census cannot see it: each tensor is held as it should be, and only running the program shows it."

    @staticmethod
    def _cures(chart: Chart) -> list[dict[str, Any]]:
        return [
            {
                "line": cure.line,
                "tried": cure.line in chart.tried,
                "heals": cure.heals if cure.line in chart.tried else None,
                "why": cure.why if cure.line in chart.tried else "",
            }
            for cure in chart.patient.cures
        ]

    def _tools(self) -> list[dict[str, Any]]:
        mine, last = self._mine(), len(self.patients) - 1
        rows = [
            ("again", "Start again", "again", f"{mine}.start_again()", True),
            ("previous", "Previous", "", f"{mine}.go_to({self.at - 1})", self.at > 0),
            ("next", "Next", "", f"{mine}.go_to({self.at + 1})", self.at < last),
        ]
        return [{"do": do, "text": text, "icon": sign, "line": line, "on": on} for do, text, sign, line, on in rows]

    def _mine(self) -> str:
        """Return the variable that holds this widget."""
        return name_of(self, user_namespace(), "clinic")

    def _bindings(self) -> dict[str, Any]:
        return {self._mine(): self}

    # ------------------------------------------------------------------ commands

    def _do_test(self) -> Callable[[], str]:
        self._run(f"{self._mine()}.run_test()")
        return self._tell

    def _do_suspect(self, name: str) -> Callable[[], str]:
        right = self._run(f"{self._mine()}.suspect({name!r})")
        return lambda: "Yes, this one." if right else "Not this one."

    def _do_cure(self, line: str) -> Callable[[], str]:
        self._run(f"{self._mine()}.cure({line!r})")
        return self._tell

    def _tell(self) -> str:
        healed = bool(self.chart.verdict and self.chart.verdict.healed)
        return f"Healed. {len(self.healed)} of {len(self.patients)}." if healed else "Still ill."

    def _do_again(self) -> Callable[[], str]:
        self._run(f"{self._mine()}.start_again()")
        return lambda: "As it came in."

    def _do_go(self, to: int) -> Callable[[], str]:
        self._run(f"{self._mine()}.go_to({to})")
        return lambda: ""

    def _do_previous(self) -> Callable[[], str]:
        return self._do_go(self.at - 1)

    def _do_next(self) -> Callable[[], str]:
        return self._do_go(self.at + 1)

    # ------------------------------------------------------------------ the still picture

    def _plain(self) -> str:
        return f"Clinic: {len(self.healed)} of {len(self.patients)} patients healed"

    def _html(self) -> str:
        rows = "".join(
            f'<tr><td align="left">{number}</td><td align="left">{html.escape(one.symptom)}</td>'
            f'<td align="left"><a href="{one.source}">{html.escape(_report(one.source))}</a></td>'
            f'<td align="left">{"✓ healed" if one.name in self.healed else "▲ ill"}</td></tr>'
            for number, one in enumerate(self.patients, 1)
        )
        head = "".join(f'<th scope="col" align="left">{name}</th>' for name in ("", "symptom", "report", "state"))
        return (
            f"<table><caption>{self._plain()}</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
            "<p>A still picture: run the notebook to heal them.</p>"
        )

    def _forget(self) -> None:
        self._charts.clear()


def _patient(one: Patient | str) -> Patient:
    if isinstance(one, Patient):
        return one
    if one not in PATIENTS:
        raise KeyError(f"there is no patient {one!r}, but {', '.join(PATIENTS)}")
    return PATIENTS[one]


def _report(url: str) -> str:
    """Return what to call a report: its project and number, ``pytorch#632``."""
    *_, project, _, number = url.split("/")
    return f"discuss.pytorch.org {number}" if "discuss" in url else f"{project}#{number}"


def _told(row: Row, kind: str) -> dict[str, Any]:
    return {
        "name": row.name,
        "kind": kind or row.kind[0],
        "shape": shape_of(row),
        "states": [row.states[lane] for lane in LANES],
        "why": [row.why[lane] for lane in LANES],
    }
