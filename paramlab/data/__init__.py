"""Data sets and batches, and the real data that the lessons use."""

from .dataset import Dataset, Subset, TensorDataset
from .digits import digits
from .loader import DataLoader, default_collate

__all__ = ["DataLoader", "Dataset", "Subset", "TensorDataset", "default_collate", "digits"]
