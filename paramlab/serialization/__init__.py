"""Saving and loading state_dicts and whole checkpoints: as safetensors, which PyTorch reads too.

The parts: ``container`` (the file format), ``structure`` (everything but the numbers, as JSON in the file's
metadata), ``sharing`` (tensors in the same memory). They are loaded when something is saved or loaded.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from ..dtypes import as_device
from ..dtypes import device as Device
from ..files import write_all, write_atomically
from ..tensor import Tensor, wrap

if TYPE_CHECKING:
    from .structure import Placing

# What save() notes in the file's metadata; a file of another tool has neither.
_STRUCTURE = "paramlab.structure"
_SHARED = "paramlab.shared"


def save(obj: Any, f: str | os.PathLike[str] | IO[bytes]) -> None:
    """Save a state_dict or a whole checkpoint to a path or a file object, in the safetensors format.

    A checkpoint is any tree of dicts, OrderedDicts, Counters, lists, tuples and sets with tensors, Parameters,
    NumPy arrays and numbers, ints, floats, bools, texts, bytes, None, dtypes, devices and Sizes in it, such as
    ``{"model": model.state_dict(), "optimizer": optimizer.state_dict(), "epoch": 3}``. Its tensors have
    readable names in the file (``model.lin.weight``); those of a state_dict have their own, so that
    ``safetensors.torch.load_file`` opens it. A tensor that lies in the memory of another saved one does so
    again after ``load``; two that only overlap come back apart. Containers that are held twice come back as
    two. A file is replaced as a whole: if the save fails, the old one is still there.

    ``TypeError`` for anything else, with the place where it was found; ``RuntimeError`` if the folder is
    missing, ``OSError`` if it can't be written to, ``AttributeError`` if ``f`` is neither path nor file object.
    """
    import json

    from . import container, sharing
    from .structure import Encoder

    encoder = Encoder()
    structure = encoder.encode(obj)
    shared = sharing.find(encoder.arrays)
    metadata = {_STRUCTURE: json.dumps(structure)}
    if shared:
        metadata[_SHARED] = json.dumps(shared)
    if _is_state_dict(obj, container.METADATA):  # for other tools every key is there, shared or not
        arrays = {name: value._array for name, value in obj.items()}
    else:
        arrays = {name: array for name, array in encoder.arrays.items() if name not in shared}
    _write(f, container.parts(arrays, metadata))


def _is_state_dict(obj: Any, reserved: str) -> bool:
    """Return whether ``obj`` is a mapping of tensors whose keys can all be names in the file."""
    return isinstance(obj, dict) and all(
        isinstance(name, str) and name.isprintable() and name != reserved and isinstance(value, Tensor)
        for name, value in obj.items()
    )


def _write(f: str | os.PathLike[str] | IO[bytes], parts: list[bytes | memoryview]) -> None:
    if isinstance(f, str | os.PathLike):
        parent = Path(f).parent
        if not parent.exists():
            advice = f"Make it first: os.makedirs({str(parent)!r})."
            raise RuntimeError(f"Parent directory {parent} does not exist. {advice}")
        write_atomically(f, *parts)
    elif hasattr(f, "write"):
        write_all(f, *parts)
    else:
        raise AttributeError(
            "expected 'f' to be string, path, or a file-like object with a 'write' attribute. The object comes "
            "first: save(obj, path)."
        )


def load(
    f: str | os.PathLike[str] | IO[bytes],
    map_location: Any = None,
    *,
    weights_only: bool | None = None,
    mmap: bool | None = None,
) -> Any:
    """Load what ``save`` wrote, or a safetensors file of PyTorch or another tool, as an OrderedDict.

    Tensors return to the device that they were saved from, or to ``map_location``: a device, a dict from old
    to new, or a function of a tensor (on the CPU) and the old device's name that returns the tensor on the new
    device, or None. A file object is read from where it stands to the end of the checkpoint. The tensors of a
    file share one block of memory, each with a part of its own.

    No code of the file is ever run, whatever ``weights_only`` says; with ``mmap`` it is read all the same.
    ``RuntimeError``, with a sentence that says where, for a file that is damaged or of another format.
    """
    from . import container, sharing
    from .structure import Decoder

    name = str(f) if isinstance(f, str | os.PathLike) else "the file object"
    placing = _placing(map_location)
    try:
        arrays, metadata = container.read(f)
        if _STRUCTURE not in metadata:
            return OrderedDict((key, wrap(array, placing(wrap(array), "cpu"))) for key, array in arrays.items())
        shared = container.parse_json(metadata.get(_SHARED, "{}"), "its note on shared tensors")
        if not isinstance(shared, dict):
            raise container.Damaged("its note on shared tensors is no list of them")
        views = {key: sharing.restore(key, note, arrays) for key, note in shared.items()}
        structure = container.parse_json(metadata[_STRUCTURE], "its structure")
        return Decoder({**arrays, **views}, placing).decode(structure)
    except container.Refused as error:
        raise RuntimeError(f"{name} {error}") from None
    except RecursionError:
        raise RuntimeError(f"{name} {container.Damaged('its structure is nested too deep')}") from None


def _placing(map_location: Any) -> Placing:
    """Return the rule that gives each tensor its device."""
    if map_location is None:
        return lambda tensor, saved: as_device(saved)
    if isinstance(map_location, dict):
        return lambda tensor, saved: as_device(map_location.get(saved, saved))
    if callable(map_location):
        return lambda tensor, saved: _asked(map_location(tensor, saved), saved)
    place = as_device(map_location)
    return lambda tensor, saved: place


def _asked(answer: Any, saved: str) -> Device:
    if not isinstance(answer, Tensor | None):
        raise TypeError(f"map_location returns the tensor that it got, moved, or None; not a {type(answer).__name__}.")
    return as_device(saved) if answer is None else answer.device


__all__ = ["load", "save"]
