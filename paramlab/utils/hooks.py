"""Where PyTorch keeps the handle that takes a hook away: ``from torch.utils.hooks import RemovableHandle``."""

from ..hooks import RemovableHandle

__all__ = ["RemovableHandle"]
