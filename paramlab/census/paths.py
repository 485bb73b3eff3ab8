"""How one gets at what a module or a container holds, written down as one would type it."""

from __future__ import annotations

import dataclasses
from collections import OrderedDict, deque
from collections.abc import Iterator, Mapping
from typing import Any

CONTAINERS = (Mapping, list, tuple, set, frozenset, deque)
EMPTY_MOSTLY = frozenset({dict, OrderedDict, list, tuple, set})
SIMPLE = frozenset({int, float, complex, str, bytes, bool, type(None), type})  # what hides no tensor


def join(path: str, key: str) -> str:
    """Return a dotted name, as ``named_parameters()`` forms it."""
    return f"{path}.{key}" if path else key


def reach(module: Any, key: str) -> str:
    """Return what one types after a module to get at what it registered: ``.weight``, ``[0]`` or ``['key']``."""
    if key.isidentifier():
        return f".{key}"
    if key.isdigit() and hasattr(type(module), "__getitem__"):
        return f"[{key}]"
    return f"[{key!r}]"


def items_of(container: Any) -> Iterator[tuple[str, Any]]:
    """Yield each item with the expression that reaches it, ``{}`` standing for the container."""
    if isinstance(container, Mapping):
        for at, (key, item) in enumerate(list(container.items())):
            yield f"{{}}[{key!r}]" if _typeable(key) else f"list({{}}.values())[{at}]", item
    elif isinstance(container, (set, frozenset)):
        yield from ((f"list({{}})[{at}]", item) for at, item in enumerate(list(container)))
    elif isinstance(container, tuple) and hasattr(type(container), "_fields"):
        yield from ((f"{{}}.{key}", item) for key, item in zip(_fields(container), container, strict=False))
    elif isinstance(container, CONTAINERS):
        yield from ((f"{{}}[{at}]", item) for at, item in enumerate(list(container)))
    else:  # a dataclass, read without calling a property
        yield from ((f"{{}}.{key}", item) for key, item in list(vars(container).items()))


def is_container(value: Any) -> bool:
    """Return whether ``value`` may hide a tensor: a container that is not empty, or a dataclass."""
    if type(value) in EMPTY_MOSTLY:  # what modules are full of: answered without the dearer question below
        return len(value) > 0
    if isinstance(value, CONTAINERS):
        return len(value) > 0
    return dataclasses.is_dataclass(value) and not isinstance(value, type) and hasattr(value, "__dict__")


def kind_of(value: Any) -> str:
    """Return what to call a container or a module: the name of its class."""
    return type(value).__name__


def _fields(record: Any) -> tuple[str, ...]:
    """Return the field names of a named tuple."""
    return tuple(type(record)._fields)


def _typeable(key: Any) -> bool:
    """Return whether a key can be written down: a number, a string, or a tuple of them."""
    if isinstance(key, tuple):
        return all(_typeable(part) for part in key)
    return isinstance(key, (int, float, str, bytes, bool, type(None)))
