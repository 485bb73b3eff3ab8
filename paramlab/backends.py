"""Switches of PyTorch's backends that programs set or ask for; none of them is here."""

from __future__ import annotations

from types import SimpleNamespace

cudnn = SimpleNamespace(
    is_available=lambda: False, enabled=False, benchmark=False, deterministic=False, allow_tf32=False
)
mps = SimpleNamespace(is_available=lambda: False, is_built=lambda: False)
