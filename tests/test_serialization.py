"""A state_dict goes to PyTorch through safetensors and back; where a file goes, and where its tensors come to."""

import errno
import gzip
import io
import os
import pickle
from collections import OrderedDict

import numpy as np
import pytest
from safetensors.numpy import save as to_bytes

import paramlab
from paramlab import nn


def every_kind(torch):
    return OrderedDict(
        weight=torch.arange(6.0).reshape(2, 3),
        transposed=torch.arange(6.0).reshape(2, 3).t(),
        sliced=torch.arange(10.0)[::3],
        scalar=torch.tensor(1.5),
        empty=torch.zeros(0, 3),
        flags=torch.tensor([True, False]),
        count=torch.tensor(7),
        small=torch.tensor([1, 255], dtype=torch.uint8),
        ints=torch.tensor([1, -2], dtype=torch.int32),
        half=torch.tensor([1.5, -2.0]).half(),
        double=torch.tensor([1 / 3], dtype=torch.float64),
    )


def assert_equal(state, expected):
    assert set(state) == set(expected)
    for name, tensor in expected.items():
        assert str(state[name].dtype) == str(tensor.dtype), name
        assert list(state[name].shape) == list(tensor.shape), name
        np.testing.assert_array_equal(state[name].numpy(), tensor.numpy(), err_msg=name)


def test_what_paramlab_saves_pytorch_loads(torch, tmp_path):
    from safetensors.torch import load_file

    paramlab.save(every_kind(paramlab), tmp_path / "model.safetensors")
    assert_equal(load_file(tmp_path / "model.safetensors"), every_kind(torch))


def test_what_pytorch_saves_paramlab_loads(torch, tmp_path):
    from safetensors.torch import save_file

    contiguous = {name: tensor.contiguous() for name, tensor in every_kind(torch).items()}
    save_file(contiguous, tmp_path / "model.safetensors", metadata={"format": "pt"})
    assert_equal(paramlab.load(tmp_path / "model.safetensors"), every_kind(paramlab))


def test_a_model_of_pytorch_is_loaded_into_one_of_paramlab(torch, tmp_path):
    from safetensors.torch import save_file

    theirs = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4), torch.nn.Linear(4, 2)).eval()
    ours = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 2)).eval()
    save_file(theirs.state_dict(), tmp_path / "model.safetensors")
    ours.load_state_dict(paramlab.load(tmp_path / "model.safetensors"))
    x = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
    with torch.no_grad():
        expected = theirs(torch.tensor(x)).numpy()
    np.testing.assert_allclose(ours(paramlab.tensor(x)).detach().numpy(), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("as_path", [str, lambda path: path])
def test_a_state_dict_comes_back_in_order_with_its_metadata(tmp_path, as_path):
    state = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2)).state_dict()
    paramlab.save(state, as_path(tmp_path / "model.safetensors"))
    back = paramlab.load(as_path(tmp_path / "model.safetensors"))
    assert list(back) == list(state)
    assert back._metadata == state._metadata
    assert_equal(back, state)


def test_a_file_object_does_too():
    file = io.BytesIO()
    paramlab.save({"w": paramlab.ones(2)}, file)
    file.seek(0)
    assert paramlab.load(file)["w"].tolist() == [1, 1]


def test_what_is_loaded_can_be_written_to_and_belongs_to_nobody_else(tmp_path):
    paramlab.save({"a": paramlab.ones(2), "b": paramlab.ones(2)}, tmp_path / "f")
    state = paramlab.load(tmp_path / "f")
    state["a"].zero_()
    assert state["b"].tolist() == [1, 1]


# ------------------------------------------------------------------ devices


def saved_on_sim():
    file = io.BytesIO()
    paramlab.save({"w": paramlab.ones(2, device="sim"), "v": paramlab.ones(2)}, file)
    file.seek(0)
    return file


@pytest.mark.parametrize(
    ("map_location", "expected"),
    [
        (None, ["sim:0", "cpu"]),
        ("cpu", ["cpu", "cpu"]),
        ("sim", ["sim:0", "sim:0"]),
        (paramlab.device("sim"), ["sim:0", "sim:0"]),
        ({"sim:0": "cpu"}, ["cpu", "cpu"]),
        ({"cpu": "sim"}, ["sim:0", "sim:0"]),
        (lambda tensor, place: tensor, ["cpu", "cpu"]),
        (lambda tensor, place: tensor.to("sim") if place == "cpu" else None, ["sim:0", "sim:0"]),
    ],
)
def test_tensors_return_to_their_device_or_go_where_map_location_says(map_location, expected):
    state = paramlab.load(saved_on_sim(), map_location)
    assert [str(tensor.device) for tensor in state.values()] == expected


def test_a_wrong_map_location_is_refused():
    with pytest.raises(RuntimeError, match="Expected one of"):
        paramlab.load(saved_on_sim(), "cuda")
    with pytest.raises(TypeError, match="map_location returns the tensor"):
        paramlab.load(saved_on_sim(), lambda tensor, place: "cpu")


def test_the_options_of_pytorch_are_accepted(tmp_path):
    paramlab.save({"w": paramlab.ones(2)}, tmp_path / "f")
    for weights_only in (True, False, None):
        assert paramlab.load(tmp_path / "f", "cpu", weights_only=weights_only, mmap=True)["w"].tolist() == [1, 1]


# ------------------------------------------------------------------ paths and file objects


class Trickle(io.RawIOBase):
    """A stream that can't be searched and takes and gives three bytes at a time, as a socket may."""

    def __init__(self, content=b""):
        self.content = bytearray(content)

    def readable(self):
        return True

    def writable(self):
        return True

    def write(self, data):
        taken = bytes(data[:3])
        self.content += taken
        return len(taken)

    def readinto(self, into):
        count = min(3, len(into), len(self.content))
        into[:count] = self.content[:count]
        del self.content[:count]
        return count


def test_a_stream_that_gives_little_at_a_time():
    stream = Trickle()
    paramlab.save({"w": paramlab.arange(100)}, stream)
    assert paramlab.load(stream)["w"].tolist() == list(range(100))


def test_checkpoints_behind_each_other_in_one_file(tmp_path):
    with (tmp_path / "f").open("wb") as file:
        file.write(b"something else")
        for epoch in range(3):
            paramlab.save({"epoch": epoch, "w": paramlab.full((3,), epoch)}, file)
    with (tmp_path / "f").open("rb") as file:
        assert file.read(14) == b"something else"
        for epoch in range(3):
            assert paramlab.load(file)["w"].tolist() == [epoch] * 3
    with pytest.raises(RuntimeError, match="damaged"):
        paramlab.load(tmp_path / "f")


def test_a_file_with_more_behind_it_is_refused_by_its_path(tmp_path):
    paramlab.save({"w": paramlab.ones(2)}, tmp_path / "f")
    with (tmp_path / "f").open("ab") as file:
        file.write(b"x")
    with pytest.raises(RuntimeError, match=r"take 8 bytes, and it has 9"):
        paramlab.load(tmp_path / "f")


def test_compressed_files(tmp_path):
    with gzip.open(tmp_path / "f.gz", "wb") as file:
        paramlab.save({"w": paramlab.ones(2)}, file)
    with gzip.open(tmp_path / "f.gz", "rb") as file:
        assert paramlab.load(file)["w"].tolist() == [1, 1]


def test_text_files_are_refused(tmp_path):
    (tmp_path / "f").write_text("hello")
    with (tmp_path / "f").open() as file, pytest.raises(TypeError, match="Open it with 'rb'"):
        paramlab.load(file)


WHERE = [
    "torch.save({}, 3)",
    "torch.load(3)",
    "torch.save({}, '/nowhere/f')",
    "torch.load('/nowhere')",
    "torch.load('/')",
]


@pytest.mark.parametrize("program", WHERE)
def test_what_is_no_place_is_an_error(program, agree):
    agree(program)


def test_a_folder_that_cannot_be_written_to(tmp_path, monkeypatch):
    def refuse(*args, **options):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("pathlib.Path.open", refuse)
    with pytest.raises(PermissionError, match="Permission denied"):
        paramlab.save({"w": paramlab.ones(1)}, tmp_path / "f")


# ------------------------------------------------------------------ files that are damaged, or of another kind


GOOD = to_bytes({"w": np.ones((2, 2), np.float32)})
DAMAGED = {
    "nothing": b"",
    "a few bytes": GOOD[:5],
    "a truncated header": GOOD[:20],
    "truncated values": GOOD[:-3],
    "values too many": GOOD + b"xx",
    "a header of rubbish": (10).to_bytes(8, "little") + b"0123456789",
    "a header that is a list": (2).to_bytes(8, "little") + b"[]",
    "an offset outside": GOOD.replace(b"[0,16]", b"[0,99]"),
    "a shape that does not fit": GOOD.replace(b"[2,2]", b"[2,9]"),
    "another dtype": GOOD.replace(b'"F32"', b'"X32"'),
    "text": b"hello, this is a text file that is no checkpoint at all" * 10,
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_file_is_refused_with_a_sentence(name, tmp_path):
    (tmp_path / "f.safetensors").write_bytes(DAMAGED[name])
    with pytest.raises(RuntimeError, match=r"f\.safetensors .*(damaged|no safetensors)"):
        paramlab.load(tmp_path / "f.safetensors")


def test_every_truncation_is_refused(tmp_path):
    for length in range(len(GOOD)):
        with pytest.raises(RuntimeError, match="damaged"):
            paramlab.load(io.BytesIO(GOOD[:length]))


class Bomb:
    def __reduce__(self):
        return os.mkdir, ("exploded",)


@pytest.mark.parametrize("content", [pickle.dumps(Bomb()), b"PK\x03\x04 a zip of torch.save"])
def test_a_pickle_is_refused_and_not_run(content, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RuntimeError, match="could run any code"):
        paramlab.load(io.BytesIO(content))
    assert not (tmp_path / "exploded").exists()


def test_a_dtype_that_numpy_lacks_is_refused_by_name(torch, tmp_path):
    from safetensors.torch import save_file

    save_file({"layer.w": torch.ones(2, dtype=torch.bfloat16)}, tmp_path / "f")
    with pytest.raises(RuntimeError, match=r"f holds the tensor 'layer\.w' of the type BF16.*tensor\.float\(\)"):
        paramlab.load(tmp_path / "f")


def test_a_header_that_begins_as_a_pickle_does_is_none():
    """Its length is the first byte: 0x80, the first of a pickle too."""
    for length in range(0x280):
        file = io.BytesIO()
        paramlab.save({"w" * length: paramlab.ones(1)}, file)
        file.seek(0)
        if file.getvalue()[0] == 0x80:
            assert list(paramlab.load(file)) == ["w" * length]
            return
    pytest.fail("no header of such a length was made")


def test_foreign_metadata_is_ignored(tmp_path):
    (tmp_path / "f").write_bytes(to_bytes({"w": np.ones(1, np.float32)}, metadata={"format": "pt"}))
    assert list(paramlab.load(tmp_path / "f")) == ["w"]


def test_a_full_disk_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "model.safetensors"
    paramlab.save({"w": paramlab.ones(2)}, path)

    def full(handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        paramlab.save({"w": paramlab.zeros(2)}, path)
    assert paramlab.load(path)["w"].tolist() == [1, 1]
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
