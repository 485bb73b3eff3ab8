"""``paramlab.data`` under PyTorch's name: ``from torch.utils.data import DataLoader, TensorDataset``."""

from ..data import *  # noqa: F403 - the same names, whatever they are
from ..data import __all__ as __all__
