"""Figures of a model and of its training, drawn with matplotlib; for models of paramlab and of PyTorch.

Each function draws on the Axes it is given, or on a new figure, and returns the Axes. matplotlib's own settings stay
as they are.
"""

try:
    import matplotlib as _matplotlib  # noqa: F401
except ModuleNotFoundError as missing:
    raise ImportError(
        "paramlab.plot needs matplotlib, which is not installed. "
        'Install what the course needs: pip install "paramlab[course]".'
    ) from missing

from .curves import loss_curve, update_ratio
from .graph import loss_graph
from .history import History
from .spread import gradient_histogram, weight_histogram
from .table import census_figure

__all__ = [
    "History",
    "census_figure",
    "gradient_histogram",
    "loss_curve",
    "loss_graph",
    "update_ratio",
    "weight_histogram",
]
