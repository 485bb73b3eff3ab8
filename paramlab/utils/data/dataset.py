"""Where PyTorch keeps its data sets: ``from torch.utils.data.dataset import Dataset, random_split``."""

from ...data import ChainDataset, ConcatDataset, Dataset, IterableDataset, Subset, TensorDataset, random_split

__all__ = ["ChainDataset", "ConcatDataset", "Dataset", "IterableDataset", "Subset", "TensorDataset", "random_split"]
