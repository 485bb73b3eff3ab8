"""Where PyTorch's programs look for helpers: ``paramlab.utils.data`` is ``paramlab.data``."""

from . import data

__all__ = ["data"]
