"""Movers without a page: what a move does to each tensor, and which line fails afterwards."""

import importlib

import pytest

pytest.importorskip("anywidget")

import paramlab
from paramlab.widgets import Movers


@pytest.fixture
def net(fw, nn):
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.lin = nn.Linear(4, 3)
            self.prior = fw.ones(3, 3)
            self.mean = nn.Buffer(fw.zeros(3))

        def forward(self, x):
            h = self.lin(x) - self.mean
            return h @ self.prior

    return Net()


def click(shown, do, target=None):
    shown._obey(shown, {"do": do} | ({} if target is None else {"target": target}), [])
    assert shown.trouble == ""
    return shown.last


def notes(shown):
    return {item["name"]: item["note"] for place in shown.places for item in place["items"]}


def test_a_parameter_moves_as_the_same_object_a_buffer_as_a_new_one(net, fw):
    shown = Movers(net, fw.ones(2, 4))
    last = click(shown, "to", "float64")
    assert last == {
        "code": "model.to(torch.float64)",
        "note": "2 moved as the same object, 1 as a new one.",
        "bad": False,
    }
    assert notes(shown) == {
        "prior": "stayed",
        "mean": "moved, a new object",
        "lin.weight": "moved, the same object",
        "lin.bias": "moved, the same object",
        "x": "the input",
    }
    assert [place["name"] for place in shown.places] == ["cpu · float32", "cpu · float64"]
    assert str(net.lin.weight.dtype) == "torch.float64"


def test_the_line_that_fails_is_the_learners_own(net, fw):
    shown = Movers(net, fw.ones(2, 4))
    assert click(shown, "run")["note"] == "It runs."
    assert shown.result["text"] == "It runs, and returns 2 × 3."
    click(shown, "to", "float64")
    click(shown, "input", "float64")
    assert shown.last["code"] == "x = x.to(torch.float64)"
    click(shown, "run")
    assert shown.result["ok"] is False
    assert shown.result["at"] == "forward: return h @ self.prior"
    net.prior = net.prior.double()
    click(shown, "run")
    assert shown.result["ok"]


FORWARD = """
from paramlab import nn, ones
class Net(nn.Module):
    def forward(self, x):
        return x @ ones(9)
"""


def test_a_folder_of_the_learners_may_be_called_as_the_package_is(tmp_path, monkeypatch):
    file = tmp_path / "paramlab" / "net_of_a_learner.py"
    file.parent.mkdir()
    file.write_text(FORWARD)
    monkeypatch.syspath_prepend(file.parent)
    net = importlib.import_module("net_of_a_learner").Net()
    shown = Movers(net, paramlab.ones(2, 4))
    click(shown, "run")
    assert shown.result["at"] == "forward: return x @ ones(9)"


def test_what_was_left_on_another_device_is_pointed_out():
    from paramlab import nn

    net = nn.Linear(2, 2)
    net.prior = paramlab.ones(2)
    shown = Movers(net)
    assert click(shown, "to", "sim")["note"] == "2 moved as the same object. 1 tensor left behind."
    assert [item["name"] for place in shown.places for item in place["items"] if item["look"]] == ["prior"]
    assert "▲ left behind" in shown._html()


def test_inputs_are_tensors(net):
    with pytest.raises(TypeError, match="inputs are tensors"):
        Movers(net, [1, 2])


def test_of_many_tensors_in_a_place_the_telling_ones_are_drawn(fw, nn):
    net = nn.Sequential(*(nn.Linear(1, 1) for _ in range(60)))
    net.prior = fw.ones(1)
    shown = Movers(net, fw.ones(2, 1))
    (place,) = shown.places
    assert (place["total"], len(place["items"])) == (122, 30)
    assert place["items"][0]["name"] == "x"
    assert "and 92 more" in shown._html()
    assert click(shown, "to", "float64")["note"] == "120 moved as the same object."
    assert {place["name"]: place["total"] for place in shown.places} == {"cpu · float32": 2, "cpu · float64": 120}
