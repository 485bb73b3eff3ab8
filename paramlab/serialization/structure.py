"""What a checkpoint is made of, as JSON: containers, numbers and words as they are, tensors by their names.

JSON's own values stand for themselves: a list, a text, a number, true, false, null. Everything else is an
object whose first key says what it is: ``{"dict": [[key, value], …]}``, ``{"tensor": "model.weight"}``.
"""

from __future__ import annotations

import math
from binascii import Error as NoBase64
from binascii import a2b_base64, b2a_base64
from collections import Counter, OrderedDict
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from ..autograd import Array
from ..dtypes import Size
from ..dtypes import device as Device
from ..dtypes import dtype as DType
from ..nn.parameter import Parameter
from ..tensor import Tensor, typename, wrap
from .container import KINDS, METADATA, Damaged

Path = tuple[Any, ...]
Placing = Callable[[Tensor, str], Device]

_DEEPEST = 100  # containers in containers; JSON's reader gives up a little later
_MAPPINGS: dict[str, Any] = {"dict": dict, "OrderedDict": OrderedDict, "Counter": Counter}
_SEQUENCES: dict[str, Any] = {"tuple": tuple, "Size": Size, "set": set}
_CONTAINERS = (list, *_SEQUENCES.values(), *_MAPPINGS.values())


def place_of(path: Path) -> str:
    """Return how one would write the way to a part of the checkpoint: ``checkpoint['model'][0]``."""
    return "checkpoint" + "".join(f"[{key!r}]" for key in path)


# ------------------------------------------------------------------ writing


class Encoder:
    """Turns an object into JSON values, and collects its arrays under readable names on the way."""

    def __init__(self) -> None:
        self.arrays: dict[str, Array] = {}
        self._names: dict[int, str] = {}  # by the id of a tensor or an array: the same one has one name
        self._around: list[int] = []  # the ids of the containers that are being written

    def encode(self, value: Any, path: Path = ()) -> Any:
        """Return the JSON value; ``TypeError`` for what has none, with the place where it was found."""
        kind = type(value)
        if value is None or kind in (bool, str):
            return value
        if kind is int:
            return value if abs(value) < 2**63 else {"int": hex(value)}
        if kind is float:
            return value if math.isfinite(value) else {"float": str(value)}
        if kind in (Tensor, Parameter):
            return self._tensor(value, path)
        if kind in _CONTAINERS:
            return self._container(value, path)
        if kind is bytes:
            return {"bytes": b2a_base64(value, newline=False).decode("ascii")}
        if kind is DType:
            return {"dtype": value.name}
        if kind is Device:
            return {"device": str(value)}
        if isinstance(value, np.generic) and value.dtype in KINDS.values():
            return {"scalar": value.dtype.name, "value": self.encode(value.item(), path)}
        if kind is np.ndarray and value.dtype in KINDS.values():
            return {"array": self._name(value, value, path)}
        raise TypeError(_refusal(value, path))

    def _container(self, value: Any, path: Path) -> Any:
        if id(value) in self._around:
            raise TypeError(f"save() takes a tree, but {place_of(path)} is a container that it lies in itself.")
        if len(path) >= _DEEPEST:
            where = place_of(path[:3])
            raise TypeError(f"save() takes containers nested up to {_DEEPEST} deep, and {where}… is deeper.")
        self._around.append(id(value))
        kind = type(value).__name__
        if kind in _MAPPINGS:
            pairs = [[self.encode(key, path), self.encode(item, (*path, key))] for key, item in value.items()]
            encoded: Any = {kind: pairs}
            if hasattr(value, "_metadata"):  # the versions that a state_dict knows
                encoded["_metadata"] = self.encode(value._metadata, path)
        else:
            encoded = [self.encode(item, (*path, number)) for number, item in enumerate(value)]
            encoded = encoded if kind == "list" else {kind: encoded}
        self._around.pop()
        return encoded

    def _tensor(self, value: Tensor, path: Path) -> Any:
        if value.is_meta:
            raise TypeError(f"save() takes tensors with values, but {place_of(path)} is on the device meta, without.")
        encoded: dict[str, Any] = {"tensor": self._name(value, value._array, path)}
        if type(value) is Parameter:
            encoded["parameter"] = True
        if value.requires_grad:
            encoded["requires_grad"] = True
        if value.device.type != "cpu":
            encoded["device"] = str(value.device)
        return encoded

    def _name(self, value: Any, array: Array, path: Path) -> str:
        if id(value) not in self._names:
            words = ".".join(map(str, path)) if path else "tensor"
            wanted = words.encode("utf-8", "backslashreplace").decode()
            name, number = wanted, 1
            while name in self.arrays or name == METADATA:
                number += 1
                name = f"{wanted}#{number}"
            self._names[id(value)] = name
            self.arrays[name] = array
        return self._names[id(value)]


def _refusal(value: Any, path: Path) -> str:
    kind = type(value).__name__ if isinstance(value, Tensor) else typename(value)
    found = f"{place_of(path)} is a {kind}" if path else f"got a {kind}"
    name = str(path[-1]) if path else "model"
    if isinstance(value, Tensor | np.ndarray | np.generic):
        advice = "Save it as a plain tensor."
    elif hasattr(value, "state_dict"):
        advice = f"Save its state instead, {name}.state_dict(), and load it into a new one with load_state_dict()."
    elif isinstance(value, dict | list | tuple):
        plain = next(plain.__name__ for plain in (dict, list, tuple) if isinstance(value, plain))
        advice = f"Make it a plain one: {plain}({name})."
    else:
        advice = "Leave it out, or save what it is made of."
    return (
        "save() takes tensors, numbers, texts, None, and dicts, lists and tuples of these, so that a file can be "
        f"opened without running code; but {found}. {advice}"
    )


# ------------------------------------------------------------------ reading


class Decoder:
    """Turns JSON values back into the object; ``Damaged`` for what no ``Encoder`` writes."""

    def __init__(self, arrays: dict[str, Array], placing: Placing) -> None:
        self._arrays = arrays
        self._placing = placing
        self._made: dict[Any, Any] = {}  # what has one name comes back as one object

    def decode(self, value: Any, path: Path = ()) -> Any:
        """Return what a JSON value stands for."""
        if isinstance(value, list):
            return [self.decode(item, (*path, number)) for number, item in enumerate(value)]
        if not isinstance(value, dict):
            return value
        kind = next(iter(value), None)
        if kind in _MAPPINGS:
            return self._mapping(kind, value, path)
        if kind in _SEQUENCES and isinstance(value[kind], list):
            return self._checked(lambda: _SEQUENCES[kind](self.decode(value[kind], path)), path)
        if kind in ("tensor", "array"):
            return self._named(kind, value, path)
        if kind == "scalar":
            return self._checked(lambda: _scalar(value["scalar"], self.decode(value["value"], path)), path)
        if kind in _WORDS and isinstance(value[kind], str):
            return self._checked(lambda: _WORDS[kind](value[kind]), path)
        raise Damaged(f"{place_of(path)} is of a kind that this version does not know, {kind!r}")

    def _checked(self, make: Callable[[], Any], path: Path) -> Any:
        try:
            return make()
        except (TypeError, ValueError, KeyError, OverflowError, RuntimeError, NoBase64) as error:
            if isinstance(error, RecursionError):
                raise
            raise Damaged(f"{place_of(path)} can't be made ({type(error).__name__}: {error})") from None

    def _mapping(self, kind: str, value: dict[str, Any], path: Path) -> Any:
        pairs = value[kind]
        if not (isinstance(pairs, list) and all(isinstance(pair, list) and len(pair) == 2 for pair in pairs)):
            raise Damaged(f"{place_of(path)} is no list of keys with values")
        found = _MAPPINGS[kind]()
        for key, item in pairs:
            name = self.decode(key, path)
            if self._checked(partial(found.__contains__, name), path):
                raise Damaged(f"{place_of(path)} has the key {name!r} twice")
            found[name] = self.decode(item, (*path, name))
        if kind == "OrderedDict" and "_metadata" in value:
            found._metadata = self.decode(value["_metadata"], path)
        return found

    def _named(self, kind: str, value: dict[str, Any], path: Path) -> Any:
        name = value[kind]
        if not isinstance(name, str) or name not in self._arrays:
            raise Damaged(f"{place_of(path)} is the tensor {name!r}, which is not in the file")
        if kind == "array":
            return self._arrays[name]
        if name not in self._made:
            self._made[name] = self._tensor(wrap(self._arrays[name]), value, path)
        return self._made[name]

    def _tensor(self, tensor: Tensor, value: dict[str, Any], path: Path) -> Tensor:
        saved = str(value.get("device", "cpu"))
        self._checked(lambda: Device(saved), path)
        placed = wrap(tensor._array, self._placing(tensor, saved))
        leaf = Parameter(placed, requires_grad=False) if value.get("parameter") is True else placed
        self._checked(lambda: leaf.requires_grad_(value.get("requires_grad") is True), path)
        return leaf


def _scalar(kind: str, value: Any) -> Any:
    if not isinstance(value, int | float):
        raise TypeError(f"{value!r} is no number")
    with np.errstate(all="ignore"):  # a number that is too large for its type is inf, without a warning
        return KINDS[kind].type(value)


_WORDS: dict[str, Callable[[str], Any]] = {
    "int": lambda digits: int(digits, 16),
    "float": float,
    "bytes": a2b_base64,
    "dtype": DType._all.__getitem__,
    "device": Device,
}
