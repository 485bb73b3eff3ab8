"""Where PyTorch keeps its loader: ``from torch.utils.data.dataloader import DataLoader``."""

from ...data import DataLoader, default_collate, get_worker_info

__all__ = ["DataLoader", "default_collate", "get_worker_info"]
