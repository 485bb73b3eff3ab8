"""The workshop: pieces of the package that a learner builds, and the checks that they are right."""

from .checking import check, variant
from .homework import assignment
from .implementing import implement, use
from .points import Progress, progress
from .travel import bring_back, take_home
from .verdict import Verdict

__all__ = [
    "Progress",
    "Verdict",
    "assignment",
    "bring_back",
    "check",
    "implement",
    "progress",
    "take_home",
    "use",
    "variant",
]
