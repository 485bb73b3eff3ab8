"""Saving and loading: the safetensors format, which PyTorch reads too, and which runs no code."""

from __future__ import annotations

import json
import os
from collections import OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np

from .creation import from_numpy
from .dtypes import as_device
from .files import write_atomically
from .tensor import Tensor

# What a state_dict knows beside its tensors, under these keys of the file's own metadata.
_ORDER = "paramlab.order"
_VERSIONS = "paramlab.versions"


def save(obj: Mapping[str, Tensor], f: str | os.PathLike[str] | IO[bytes]) -> None:
    """Save a state_dict to a path or a file object, in the safetensors format.

    A file is replaced as a whole: if the save fails, the old one is still there. ``TypeError`` for anything
    but a mapping of names to tensors.
    """
    from safetensors.numpy import save as to_bytes

    arrays = {name: np.array(value._array, order="C") for name, value in _checked(obj).items()}
    metadata = {_ORDER: json.dumps(list(arrays))}
    versions = getattr(obj, "_metadata", None)
    if versions:
        metadata[_VERSIONS] = json.dumps(versions)
    content = to_bytes(arrays, metadata=metadata)
    if hasattr(f, "write"):
        f.write(content)
    else:
        write_atomically(f, content)


def load(f: str | os.PathLike[str] | IO[bytes], map_location: Any = None) -> OrderedDict[str, Tensor]:
    """Load a state_dict that ``save``, PyTorch or another tool wrote in the safetensors format.

    Tensors arrive on the CPU, or on ``map_location``. No code of the file is run. ``RuntimeError`` for a file
    that is damaged or of another format.
    """
    name, content = _read(f)
    header = _header(name, content)
    tensors = _tensors(name, content)
    place = as_device("cpu" if map_location is None else map_location)
    metadata = header.get("__metadata__", {})
    order = [key for key in _own(metadata, _ORDER, list) if key in tensors]
    state: Any = OrderedDict((key, tensors[key].to(place)) for key in [*order, *header] if key in tensors)
    versions = _own(metadata, _VERSIONS, dict)
    if versions:
        state._metadata = OrderedDict(versions)
    loaded: OrderedDict[str, Tensor] = state
    return loaded


def _own(metadata: dict[str, str], key: str, kind: Callable[..., Any]) -> Any:
    """Return what ``save`` noted under ``key``; empty if the file came from elsewhere."""
    try:
        return kind(json.loads(metadata[key]))
    except (KeyError, TypeError, ValueError):
        return kind()


def _checked(obj: Any) -> Mapping[str, Tensor]:
    if not isinstance(obj, Mapping):
        raise TypeError(
            f"save() takes a state_dict, a mapping of names to tensors, but got {type(obj).__name__}. "
            "For a model: save(model.state_dict(), path)."
        )
    for name, value in obj.items():
        if not (isinstance(name, str) and isinstance(value, Tensor)):
            raise TypeError(f"save() takes names with tensors, but {name!r} is a {type(value).__name__}.")
    return obj


def _read(f: str | os.PathLike[str] | IO[bytes]) -> tuple[str, bytes]:
    if hasattr(f, "read"):
        return "the file object", f.read()
    return str(f), Path(f).read_bytes()


def _header(name: str, content: bytes) -> dict[str, Any]:
    """Return the file's header in the order it was written; ``RuntimeError`` if it is none."""
    if content[:2] == b"PK" or content[:1] == b"\x80":
        raise RuntimeError(
            f"{name} is a pickle of torch.save, which could run any code when it is opened. paramlab reads "
            "safetensors only. In PyTorch, for a file that you trust: "
            "safetensors.torch.save_file(torch.load(old), new)."
        )
    length = int.from_bytes(content[:8], "little")
    if len(content) < 8 or length > len(content) - 8:
        raise RuntimeError(
            f"{name} is damaged or no safetensors file: it has {len(content)} bytes, and its header should have "
            f"{length}. Is the download or the copy complete?"
        )
    try:
        header = json.loads(content[8 : 8 + length])
    except ValueError as error:
        raise RuntimeError(f"{name} is damaged or no safetensors file: its header can't be read ({error}).") from None
    if not isinstance(header, dict):
        raise RuntimeError(f"{name} is damaged or no safetensors file: its header is no list of tensors.")
    return header


def _tensors(name: str, content: bytes) -> dict[str, Tensor]:
    from safetensors import SafetensorError
    from safetensors.numpy import load as from_bytes

    try:
        arrays = from_bytes(content)
    except SafetensorError as error:
        raise RuntimeError(f"{name} is damaged: {error}. Is the download or the copy complete?") from None
    except KeyError as error:
        raise RuntimeError(f"{name} holds a tensor of the type {error}, which NumPy does not have.") from None
    return {key: from_numpy(np.array(array)) for key, array in arrays.items()}
