"""The safetensors container: a header of JSON, then the memory of each array. Written and read without copies.

The format (https://github.com/huggingface/safetensors#format): 8 bytes, little-endian, with the length of the
header; the header, ``{name: {"dtype", "shape", "data_offsets": [begin, end]}, "__metadata__": {str: str}}``;
the data, without holes. The library of that name copies all data once more when it writes, and on reading a
file object; this reader checks what that library checks, and says where a file is wrong.
"""

from __future__ import annotations

import io
import json
import math
import os
from collections.abc import Callable
from typing import IO, Any, NoReturn

import numpy as np

from ..autograd import Array

METADATA = "__metadata__"  # the one name that no tensor can have

_HEADER_LIMIT = 100_000_000  # bytes, as in the safetensors library
_DIMENSIONS = 64  # of NumPy's arrays
_SLACK = 8  # the data begins at a multiple of so many bytes
_NUMPY = {
    name: np.dtype(kind)
    for name, kind in {
        "F64": "f8", "F32": "f4", "F16": "f2", "I64": "i8", "I32": "i4", "I16": "i2", "I8": "i1",
        "U64": "u8", "U32": "u4", "U16": "u2", "U8": "u1", "BOOL": "?",
    }.items()
}  # fmt: skip
_NAMES = {kind: name for name, kind in _NUMPY.items()}
_FOREIGN = ("BF16", "F8_E4M3", "F8_E5M2", "F8_E8M0", "F6_E2M3", "F6_E3M2", "F4")


KINDS = {kind.name: kind for kind in _NAMES}
"""The element types that arrays of a file can have, by NumPy's names."""


# ------------------------------------------------------------------ writing


def parts(arrays: dict[str, Array], metadata: dict[str, str]) -> list[bytes | memoryview]:
    """Return a file's content piece by piece: its head, and the memory of each array that is contiguous already."""
    # the largest elements first: so each array begins at a multiple of its element's size
    names = sorted(arrays, key=lambda name: -arrays[name].itemsize)
    header: dict[str, Any] = {METADATA: metadata}
    end = 0
    for name in names:
        array = arrays[name]
        begin, end = end, end + array.nbytes
        header[name] = {"dtype": _NAMES[array.dtype], "shape": array.shape, "data_offsets": (begin, end)}
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % _SLACK)
    head = len(text).to_bytes(8, "little") + text
    return [head, *(_memory(arrays[name]) for name in names)]


def _memory(array: Array) -> memoryview:
    return np.asarray(array, order="C").reshape(-1).view(np.uint8).data


# ------------------------------------------------------------------ reading


class Refused(Exception):  # noqa: N818 - raised and caught within this package
    """Why a file is not read: how a sentence goes on that ``load`` begins with the file's name."""


class Damaged(Refused):
    """What is wrong with a file, and where."""

    def __str__(self) -> str:
        return f"is damaged or no safetensors file: {self.args[0]}. Is the download or the copy complete?"


def read(f: str | os.PathLike[str] | IO[bytes]) -> tuple[dict[str, Array], dict[str, str]]:
    """Return the arrays by name, in the order of the header, and the metadata.

    A path is read to its end; a file object from where it stands to the end of the data. ``Damaged`` for
    anything that is not exactly a file of this format.
    """
    if not isinstance(f, str | os.PathLike):
        if not hasattr(f, "read"):
            raise AttributeError(
                f"'{type(f).__name__}' object has no attribute 'seek', nor 'read'. Give load() a path, or a file "
                "object that was opened with 'rb'."
            )
        return _read_from(f if _can_seek(f) else _in_memory(f), exactly=False)
    with open(f, "rb", buffering=0) as file:  # noqa: PTH123 - Path.open has no other advantage, and f may be a str
        return _read_from(file, exactly=True)


def _can_seek(f: Any) -> bool:
    try:
        return bool(f.seekable()) and hasattr(f, "readinto")
    except AttributeError:
        return False


def _in_memory(f: Any) -> IO[bytes]:
    content = f.read()
    if not isinstance(content, bytes | bytearray | memoryview):
        raise TypeError(f"load() reads bytes, but the file object gave a {type(content).__name__}. Open it with 'rb'.")
    return io.BytesIO(content)


def _read_from(file: IO[bytes], exactly: bool) -> tuple[dict[str, Array], dict[str, str]]:
    start = file.tell()
    size = file.seek(0, os.SEEK_END) - start
    file.seek(start)
    head = bytes(_take(file, min(9, size)))
    _refuse_pickle(head)
    file.seek(start + 8)
    length = int.from_bytes(head[:8], "little")
    if size < 8 or length > size - 8:
        raise Damaged(f"it has {size} bytes, and its header should have {length}")
    if length > _HEADER_LIMIT:
        raise Damaged(f"its header of {length} bytes is larger than {_HEADER_LIMIT} bytes")
    header = _parse(bytes(_take(file, length)))
    metadata = _metadata(header.pop(METADATA, {}))
    end = _check_layout(header)
    there = size - 8 - length
    if there < end or (exactly and there > end):
        raise Damaged(f"its tensors take {end} bytes, and it has {there} for them")
    # One block for all: reading it takes half the time of reading as many arrays, as the system hands large
    # blocks out in larger pages. What is kept of a file keeps the block.
    data = _take(file, end)
    return {name: _array(data, name, entry) for name, entry in header.items()}, metadata


def _take(file: Any, count: int) -> Array:
    """Return ``count`` bytes that are known to be there."""
    block = np.empty(count, np.uint8)
    rest = block.data
    while len(rest):
        got = file.readinto(rest)
        if not got:
            raise Damaged(f"it ends {len(rest)} bytes early")
        rest = rest[got:]
    return block


def _refuse_pickle(head: bytes) -> None:
    """Raise for what begins as ``torch.save`` begins, and not with a header after its length."""
    if head.startswith((b"\x80", b"PK")) and head[8:] != b"{":
        raise Refused(
            "is a pickle of torch.save, which could run any code when it is opened. paramlab reads safetensors "
            "only. In PyTorch, for a file that you trust: safetensors.torch.save_file(torch.load(old), new)."
        )


def _parse(text: bytes) -> dict[str, Any]:
    header = parse_json(text, "its header")
    if not isinstance(header, dict) or text[:1] != b"{":
        raise Damaged("its header is no list of tensors")
    return header


def parse_json(text: bytes | str, what: str) -> Any:
    """Read strict JSON: no key twice, no NaN, no nesting without end; ``Damaged`` says what can't be read."""
    try:
        source = text.decode("utf-8") if isinstance(text, bytes) else text
        return json.loads(source, object_pairs_hook=_without_duplicates, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise Damaged(f"{what} can't be read ({error})") from None


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"the key {name!r} occurs twice")
        found[name] = value
    return found


def _no_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is not JSON")


def _metadata(found: Any) -> dict[str, str]:
    if not (isinstance(found, dict) and all(isinstance(value, str) for value in found.values())):
        raise Damaged(f"its {METADATA} is no list of texts")
    return found


def _check_layout(header: dict[str, Any]) -> int:
    """Check every entry, and that together they cover the data without a hole; return its length."""
    for name, entry in header.items():
        _check_entry(name, entry)
    end = 0
    for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        begin, stop = entry["data_offsets"]
        if begin != end:
            raise Damaged(f"the tensor {name!r} begins at byte {begin}, and the one before it ends at {end}")
        end = stop
    return end


def _check_entry(name: str, entry: Any) -> None:
    if not (isinstance(entry, dict) and set(entry) == {"dtype", "shape", "data_offsets"}):
        raise Damaged(f"the tensor {name!r} has no dtype, shape and data_offsets, or more than these")
    kind, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if kind in _FOREIGN:
        raise Refused(
            f"holds the tensor {name!r} of the type {kind}, which paramlab does not have, nor does NumPy. Convert it "
            "where it was saved: in PyTorch, tensor.float()."
        )
    if not isinstance(kind, str) or kind not in _NUMPY:
        raise Damaged(f"the tensor {name!r} has an unknown dtype, {kind!r}")
    check_counts(shape, f"the shape of the tensor {name!r}")
    check_counts(offsets, f"the data_offsets of the tensor {name!r}")
    needed = math.prod(shape) * _NUMPY[kind].itemsize
    if len(offsets) != 2 or offsets[1] - offsets[0] != needed:
        raise Damaged(f"the tensor {name!r} of shape {shape} needs {needed} bytes, but its data_offsets are {offsets}")


def check_counts(found: Any, what: str) -> None:
    """Raise ``Damaged`` unless ``found`` is a short list of whole numbers from 0 that fit into 63 bits."""
    if not (isinstance(found, list) and len(found) <= _DIMENSIONS and all(_is_count(n) for n in found)):
        raise Damaged(f"{what} is no list of whole numbers: {str(found)[:100]}")


def _is_count(n: Any) -> bool:
    return type(n) is int and n >= 0 and n < 2**63


def _array(data: Array, name: str, entry: dict[str, Any]) -> Array:
    begin, end = entry["data_offsets"]
    kind = _NUMPY[entry["dtype"]]
    flat = data[begin:end]
    if kind == np.bool_ and flat.size and flat.max() > 1:
        raise Damaged(f"the tensor {name!r} of truth values holds other bytes than 0 and 1")
    return guarded(lambda: _aligned(flat, kind).reshape(entry["shape"]), f"the tensor {name!r}")


def _aligned(flat: Array, kind: np.dtype[Any]) -> Array:
    """Return the bytes as elements; copied where another tool let them begin at an odd place."""
    view = flat.view(kind)
    return view if view.flags.aligned else view.copy()


def guarded(make: Callable[[], Array], what: str) -> Array:
    """Return the array that ``make`` makes; ``Damaged`` where NumPy has no array of such a shape."""
    try:
        return make()
    except (ValueError, OverflowError, MemoryError) as error:
        raise Damaged(f"{what} can't be made ({error})") from None
