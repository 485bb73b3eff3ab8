"""A class: the course handed out, what comes back graded, and reports. Nothing of a learner's runs in this process."""

from .check import check
from .cluster import Certificates
from .grading import grade
from .release import release

__all__ = ["Certificates", "check", "grade", "release"]
