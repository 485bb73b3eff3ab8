"""The workshop: pieces of the package that a learner builds, and the checks that they are right."""

from .checking import check, points_by_lesson
from .implementing import implement, use
from .verdict import Verdict

__all__ = ["Verdict", "check", "implement", "points_by_lesson", "use"]
