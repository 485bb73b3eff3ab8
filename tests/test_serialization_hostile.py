"""A file of unknown origin is read right or refused with a ``RuntimeError`` that says where; nothing else happens."""

import io
import json
import struct
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors import SafetensorError
from safetensors.numpy import load as by_the_library

import paramlab
from paramlab import nn


def bytes_of(obj):
    file = io.BytesIO()
    paramlab.save(obj, file)
    return file.getvalue()


def file_of(header, data=b""):
    """Return a file with a header that may be wrong: a text, or what JSON makes of anything else."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def tensor(dtype="F32", shape=(2,), data_offsets=(0, 8), **more):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": list(data_offsets), **more}


def refused(content, path):
    """Return the sentence with which a file is refused; the same for its path and for a file object."""
    path.write_bytes(content)
    with pytest.raises(RuntimeError) as from_path:
        paramlab.load(path)
    with pytest.raises(RuntimeError) as from_object:
        paramlab.load(io.BytesIO(content))
    said = str(from_path.value)
    assert said.startswith(f"{path} ")
    assert str(from_object.value) == said.replace(str(path), "the file object")
    return said


DATA = bytes(8)
HEADERS = {
    "overlapping": ({"a": tensor(), "b": tensor(data_offsets=(4, 12))}, "'b' begins at byte 4, and the one before"),
    "the same bytes twice": ({"a": tensor(), "b": tensor()}, "'b' begins at byte 0, and the one before it ends at 8"),
    "a hole": ({"a": tensor(data_offsets=(4, 12))}, "'a' begins at byte 4"),
    "outside": ({"a": tensor(shape=(4,), data_offsets=(0, 16))}, "its tensors take 16 bytes, and it has 8"),
    "backwards": ({"a": tensor(data_offsets=(8, 0))}, "'a' of shape [2] needs 8 bytes, but its data_offsets"),
    "negative": ({"a": tensor(data_offsets=(-8, 0))}, "the data_offsets of the tensor 'a' is no list of whole numbers"),
    "a negative shape": ({"a": tensor(shape=(-1, -2))}, "the shape of the tensor 'a' is no list of whole numbers"),
    "a huge shape": ({"a": tensor(shape=(2**62, 4))}, "'a' of shape [4611686018427387904, 4] needs"),
    "a huge empty shape": ({"a": tensor(shape=(2**62, 2**62, 0), data_offsets=(0, 0))}, "'a'"),
    "a shape that overflows to 8": ({"a": tensor(shape=(2**62 + 1, 2))}, "'a' of shape"),
    "a shape beyond 63 bits": ({"a": tensor(shape=(2**63, 0), data_offsets=(0, 0))}, "the shape of the tensor 'a'"),
    "a hundred dimensions": ({"a": tensor(shape=(1,) * 100 + (2,))}, "the shape of the tensor 'a'"),
    "a shape of floats": ({"a": tensor(shape=(2.0,))}, "the shape of the tensor 'a'"),
    "a shape of truths": ({"a": tensor(shape=(True, 2))}, "the shape of the tensor 'a'"),
    "three offsets": ({"a": tensor(data_offsets=(0, 8, 8))}, "its data_offsets are [0, 8, 8]"),
    "an unknown dtype": ({"a": tensor(dtype="X32")}, "'a' has an unknown dtype, 'X32'"),
    "a dtype that is a list": ({"a": tensor(dtype=[])}, "'a' has an unknown dtype, []"),
    "no dtype": ({"a": {"shape": [2], "data_offsets": [0, 8]}}, "'a' has no dtype"),
    "an entry too many": ({"a": tensor(run="me")}, "or more than these"),
    "an entry that is a number": ({"a": 1}, "'a' has no dtype"),
    "metadata that is a list": ({"__metadata__": ["x"], "a": tensor()}, "its __metadata__ is no list of texts"),
    "metadata with numbers": ({"__metadata__": {"x": 1}, "a": tensor()}, "its __metadata__ is no list of texts"),
    "a key twice": (b'{"a": 1, "a": 2}', "the key 'a' occurs twice"),
    "invalid UTF-8": (b'{"\xff": 1}', "its header can't be read ('utf-8' codec"),
    "NaN": (b'{"a": NaN}', "NaN is not JSON"),
    "JSON that is cut": (b'{"a": ', "its header can't be read"),
    "a number of 5,000 digits": (b'{"a": ' + b"9" * 5000 + b"}", "its header can't be read"),
    "deep nesting": (b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "its header can't be read"),
    "a list": (b"[]", "its header is no list of tensors"),
    "space before it": (b" {}", "its header is no list of tensors"),
    "a truth value of 2": ({"a": tensor("BOOL", (8,), (0, 8))}, "'a' of truth values holds other bytes than 0 and 1"),
}  # fmt: skip


@pytest.mark.parametrize("name", HEADERS)
def test_a_wrong_header_is_refused_with_what_is_wrong_and_where(name, tmp_path):
    header, sentence = HEADERS[name]
    data = b"\x02" * 8 if "truth value" in name else b"" if "empty" in name else DATA
    assert sentence in refused(file_of(header, data), tmp_path / "f")


def test_the_length_of_the_header_is_not_believed(tmp_path):
    assert "its header should have 18446744073709551615" in refused(b"\xff" * 8 + b"{}", tmp_path / "f")
    assert "it has 2 bytes" in refused(b"ab", tmp_path / "f")


def test_a_header_that_is_too_large_is_refused_unread(tmp_path):
    with (tmp_path / "f").open("wb") as file:
        file.write(struct.pack("<Q", 200_000_000))
        file.truncate(300_000_000)  # takes no place on the disk
    with pytest.raises(RuntimeError, match="its header of 200000000 bytes is larger than 100000000 bytes"):
        paramlab.load(tmp_path / "f")


# ------------------------------------------------------------------ our own notes in the metadata


def with_structure(structure, shared=None):
    notes = {"paramlab.structure": structure if isinstance(structure, str) else json.dumps(structure)}
    if shared is not None:
        notes["paramlab.shared"] = shared if isinstance(shared, str) else json.dumps(shared)
    return file_of({"__metadata__": notes, "w": tensor()}, DATA)


LAUGHS = '{"tensor": "w"}'
READABLE = 900 if sys.version_info < (3, 12) else 2_000  # levels of JSON that Python's own reader takes
STRUCTURES = {
    "a tensor that is not there": ({"dict": [["m", {"tensor": "x"}]]}, "checkpoint['m'] is the tensor 'x', which is"),
    "a tensor without a name": ([{"tensor": ["w"]}], "checkpoint[0] is the tensor ['w']"),
    "an array that is not there": ({"array": "x"}, "checkpoint is the tensor 'x'"),
    "an unknown kind": ({"list": [{"pickle": "x"}]}, "checkpoint is of a kind that this version does not know, 'list'"),
    "nothing": ({}, "checkpoint is of a kind that this version does not know, None"),
    "a function": ([1, {"builtins.exec": "x"}], "checkpoint[1] is of a kind that this version does not know"),
    "pairs of three": ({"dict": [["a", 1, 2]]}, "checkpoint is no list of keys with values"),
    "pairs that are a text": ({"dict": "ab"}, "checkpoint is no list of keys with values"),
    "a key twice": ({"dict": [["a", 1], ["a", 2]]}, "checkpoint has the key 'a' twice"),
    "a key that is a list": ({"dict": [[[], 1]]}, "checkpoint can't be made (TypeError"),
    "a set of lists": ({"set": [[]]}, "checkpoint can't be made (TypeError"),
    "a tuple of a text": ({"tuple": "ab"}, "does not know, 'tuple'"),
    "a number of letters": ([{"int": "hello"}], "checkpoint[0] can't be made (ValueError"),
    "a float of letters": ([{"float": "hello"}], "checkpoint[0] can't be made (ValueError"),
    "a float that is a number": ([{"float": 1}], "does not know, 'float'"),
    "bytes that are none": ([{"bytes": "a"}], "checkpoint[0] can't be made"),
    "an unknown dtype": ([{"dtype": "object"}], "checkpoint[0] can't be made (KeyError"),
    "an unknown device": ([{"device": "cuda"}], "checkpoint[0] can't be made (RuntimeError"),
    "a device number that is none": ([{"device": "sim:²"}], "checkpoint[0] can't be made ("),
    "a scalar of objects": ([{"scalar": "O", "value": 1}], "checkpoint[0] can't be made (KeyError"),
    "a scalar without a value": ([{"scalar": "int8"}], "checkpoint[0] can't be made (KeyError"),
    "a scalar of a list": ([{"scalar": "int8", "value": [1]}], "checkpoint[0] can't be made (TypeError"),
    "a scalar that is too large": ([{"scalar": "int8", "value": 1000}], "checkpoint[0] can't be made (OverflowError"),
    "a tensor on an unknown device": ([{"tensor": "w", "device": "x"}], "checkpoint[0] can't be made (RuntimeError"),
    "a tensor on no device": ([{"tensor": "w", "device": 1}], "checkpoint[0] can't be made ("),
    "no JSON": ("{", "its structure can't be read"),
    "NaN": ("[NaN]", "its structure can't be read (NaN is not JSON)"),
    "deep nesting": ("[" * 100_000 + "]" * 100_000, "its structure can't be read"),
    "nesting that JSON still reads": ("[" * READABLE + "]" * READABLE, "its structure"),
    "deep tuples": ('{"tuple":[' * 400 + "]}" * 400, "its structure"),
}  # fmt: skip


@pytest.mark.parametrize("name", STRUCTURES)
def test_a_wrong_structure_is_refused_with_its_place(name, tmp_path):
    structure, sentence = STRUCTURES[name]
    assert sentence in refused(with_structure(structure), tmp_path / "f")


def test_integers_that_ask_for_a_gradient_are_refused(tmp_path):
    notes = {"paramlab.structure": '{"tensor": "w", "requires_grad": true}'}
    content = file_of({"__metadata__": notes, "w": tensor("I32")}, DATA)
    assert "checkpoint can't be made (RuntimeError: only Tensors of floating point" in refused(content, tmp_path / "f")


def test_the_structure_is_a_tree_so_that_nothing_grows(tmp_path):
    """A name stands for one tensor, however often: a million mentions are a million references."""
    count = 100_000
    loaded = paramlab.load(io.BytesIO(with_structure("[" + ",".join([LAUGHS] * count) + "]")))
    assert len(loaded) == count
    assert len({id(item) for item in loaded}) == 1


def note(**changes):
    return {"v": {"in": "w", "offset": 0, "shape": [2], "strides": [1], **changes}}


SHARED = {
    "of a tensor that is not there": (note(**{"in": "x"}), "'v' lies in 'x', which is not in the file"),
    "of each other": ({**note(**{"in": "u"}), "u": note()["v"]}, "'v' lies in 'u', which is not in the file"),
    "of itself": (note(**{"in": "v"}), "'v' lies in 'v', which is not in the file"),
    "out of the memory": (note(offset=1), "'v' reaches out of 'w'"),
    "out of the memory by its strides": (note(strides=[2]), "'v' reaches out of 'w'"),
    "before the memory": (note(offset=-1), "the offset of the shared tensor 'v'"),
    "backwards": (note(strides=[-1]), "the strides of the shared tensor 'v'"),
    "of a huge shape": (note(shape=[2**40], strides=[0]), "'v' has the shape [1099511627776] and the strides [0]"),
    "of nothing": (note(shape=[0]), "'v' has the shape [0]"),
    "with strides too many": (note(strides=[1, 1]), "'v' has the shape [2] and the strides [1, 1]"),
    "with a stride beyond 63 bits": (note(shape=[1], strides=[2**63]), "the strides of the shared tensor 'v'"),
    "incomplete": ({"v": {"in": "w"}}, "the note on the shared tensor 'v' is incomplete"),
    "a list": ([1], "its note on shared tensors is no list of them"),
    "no JSON": ("{", "its note on shared tensors can't be read"),
}


@pytest.mark.parametrize("name", SHARED)
def test_a_wrong_note_on_shared_memory_is_refused(name, tmp_path):
    shared, sentence = SHARED[name]
    assert sentence in refused(with_structure({"tensor": "v"}, shared), tmp_path / "f")


# ------------------------------------------------------------------ damage anywhere

SAVED = bytes_of(
    {
        "model": nn.Sequential(nn.Linear(1, 2), nn.BatchNorm1d(2)).state_dict(),
        "tied": [tied := nn.Parameter(paramlab.ones(2)), tied.data, paramlab.tensor([True])],
        "more": (1, 2.5, float("inf"), None, "text", b"bytes", 2**70, paramlab.float32, np.float32(1)),
    }
)


def loads_or_is_refused(content):
    try:
        paramlab.load(io.BytesIO(content))
    except RuntimeError as error:
        said = str(error)
    else:
        return True
    assert said.startswith("the file object ")
    return False


def test_every_truncation_is_refused():
    assert loads_or_is_refused(SAVED)
    assert not any(loads_or_is_refused(SAVED[:length]) for length in range(len(SAVED)))


@settings(max_examples=500)
@given(st.lists(st.tuples(st.integers(0, len(SAVED) - 1), st.integers(0, 255)), min_size=1, max_size=4))
def test_changed_bytes_do_no_harm(changes):
    content = bytearray(SAVED)
    for place, value in changes:
        content[place] = value
    loads_or_is_refused(bytes(content))


@settings(max_examples=300)
@given(st.integers(8, len(SAVED)), st.integers(0, 40), st.binary(max_size=20))
def test_bytes_left_out_or_put_in_do_no_harm(place, left_out, put_in):
    loads_or_is_refused(SAVED[:place] + put_in + SAVED[place + left_out :])


kinds = st.sampled_from(["tensor", "dict", "tuple", "Size", "int", "scalar", "value", "parameter"])
json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.just("w")),
    lambda part: st.one_of(st.lists(part, max_size=3), st.dictionaries(kinds, part, max_size=3)),
    max_leaves=10,
)


@settings(max_examples=300)
@given(json_values, json_values)
def test_any_structure_is_read_or_refused(structure, shared):
    loads_or_is_refused(with_structure(structure, shared))
    loads_or_is_refused(with_structure(structure))


@settings(max_examples=300)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["F32", "BOOL", "U8", "F64"]),
            st.lists(st.integers(0, 3), max_size=3),
            st.integers(0, 16),
            st.integers(0, 24),
        ),
        max_size=3,
    ),
    st.integers(0, 24),
)
def test_what_the_library_refuses_is_refused(tmp_path_factory, entries, length):
    """And what it reads is read alike, but for the bytes of a truth value."""
    header = {
        str(number): tensor(dtype, shape, (begin, end)) for number, (dtype, shape, begin, end) in enumerate(entries)
    }
    content = file_of(header, bytes(length))
    content = struct.pack("<Q", len(content) - 8 - length) + content[8:]
    path = tmp_path_factory.getbasetemp() / "hostile"
    path.write_bytes(content)
    try:
        expected = by_the_library(content)
    except SafetensorError:
        expected = None
    try:
        loaded = paramlab.load(path)
    except RuntimeError:
        loaded = None
    assert (loaded is None) == (expected is None)
    for name in expected or {}:
        assert loaded[name].numpy().tolist() == expected[name].tolist()
