"""The bug clinic: twelve small programs, each with a mistake that somebody really reported.

>>> patient = PATIENTS["layers-in-a-list"]
>>> case = patient.admit(paramlab)
>>> patient.run_test(case)
Verdict(healed=False, saw='After five steps of SGD(model.parameters()) layers[0].weight is what it was.')
"""

from __future__ import annotations

from .keeping import BUFFER_KEEPS_THE_GRAPH, CACHED_ACTIVATION, STAYS_BEHIND
from .patient import Case, Cure, Patient, Verdict
from .registration import GRADIENT_IS_NOT_REGISTRATION, LAYERS_IN_A_LIST, SCALED_PARAMETER
from .saving import BEST_IS_THE_LAST, NOT_IN_THE_CHECKPOINT, UNTIED
from .updating import FROZEN_NORM, HEAD_REPLACED, STILL_DECAYING

__all__ = ["PATIENTS", "Case", "Cure", "Patient", "Verdict"]

_IN_ORDER = (
    LAYERS_IN_A_LIST,
    GRADIENT_IS_NOT_REGISTRATION,
    STAYS_BEHIND,
    SCALED_PARAMETER,
    HEAD_REPLACED,
    STILL_DECAYING,
    FROZEN_NORM,
    BEST_IS_THE_LAST,
    UNTIED,
    NOT_IN_THE_CHECKPOINT,
    CACHED_ACTIVATION,
    BUFFER_KEEPS_THE_GRAPH,
)

PATIENTS: dict[str, Patient] = {patient.name: patient for patient in _IN_ORDER}
"""The patients by name, in the order of the lesson."""
