"""``paramlab.data`` under PyTorch's name: ``from torch.utils.data import DataLoader, TensorDataset``."""

from ...data import *  # noqa: F403 - the same names, whatever they are
from ...data import __all__ as __all__
from . import dataloader as dataloader
from . import dataset as dataset
from . import sampler as sampler
