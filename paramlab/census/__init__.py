"""The census: which tensors a model holds, who picks each of them up, and what is wrong with that."""

from .diff import Diff
from .read import census
from .rows import LABELS, LANES, Census, Finding, Row

__all__ = ["LABELS", "LANES", "Census", "Diff", "Finding", "Row", "census"]
