"""The workshop: pieces of the package that a learner builds, and the checks that they are right."""

from .checking import check, variant
from .implementing import implement, use
from .points import Progress, progress
from .verdict import Verdict

__all__ = ["Progress", "Verdict", "check", "implement", "progress", "use", "variant"]
