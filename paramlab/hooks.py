"""The handle that takes a hook away again, whatever it was registered on."""

from __future__ import annotations

import weakref
from typing import Any


class RemovableHandle:
    """What the registration of a hook returns: ``remove()`` takes the hook away, as does leaving a ``with``.

    It does not keep the hooks alive, nor what has them.
    """

    next_id: int = 0

    def __init__(self, hooks_dict: Any, *, extra_dict: Any = None) -> None:
        self.id = RemovableHandle.next_id
        RemovableHandle.next_id += 1
        extra = [extra_dict] if isinstance(extra_dict, dict) else extra_dict or []
        self._dicts = [weakref.ref(held) for held in (hooks_dict, *extra)]

    def remove(self) -> None:
        """Take the hook away; a second time does nothing."""
        for held in self._dicts:
            hooks = held()
            if hooks is not None:
                hooks.pop(self.id, None)

    def __getstate__(self) -> tuple[int, list[Any]]:
        return self.id, [held() for held in self._dicts]

    def __setstate__(self, state: tuple[int, list[Any]]) -> None:
        self.id, dicts = state
        self._dicts = [weakref.ref(held) for held in dicts if held is not None]
        RemovableHandle.next_id = max(RemovableHandle.next_id, self.id + 1)

    def __enter__(self) -> RemovableHandle:
        return self

    def __exit__(self, *raised: object) -> None:
        self.remove()
