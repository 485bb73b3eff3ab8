"""Every widget with PARAMLAB_STATIC=1: a table and a line of text, the same every time, and nothing of a widget."""

import json
import re
import subprocess
import sys

import pytest

pytest.importorskip("anywidget")

from paramlab import widgets
from paramlab.widgets.still import WIDGET

SETUP = """
import paramlab as torch
from paramlab import nn
from paramlab.widgets import *
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Linear(8, 3))
net.scale = torch.ones(3, requires_grad=True)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
x = torch.ones(5, 4)
loss = lambda: net(x).sum()
"""
SHOWN = {
    "PickupMap": "explore(net, opt, loss=loss)",
    "Predict": "Predict(net, opt)",
    "Drawers": "Drawers(net)",
    "Heartbeat": "Heartbeat(net, opt, loss=loss)",
    "Strings": "Strings(net, opt)",
    "Suitcase": "Suitcase(net)",
    "Movers": "Movers(net, x)",
    "Clinic": "Clinic()",
    "PackageMap": "PackageMap()",
}
COMMANDS = {"Heartbeat": {"do": "whole"}, "Suitcase": {"do": "pack"}, "Movers": {"do": "to", "target": "float64"}}


@pytest.fixture(autouse=True)
def published(monkeypatch, tmp_path):
    monkeypatch.setenv("PARAMLAB_STATIC", "1")
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))


def output_of(name):
    """Make a widget anew, give it a command, and return what its cell would store."""
    space = {}
    exec(SETUP, space)
    shown = eval(SHOWN[name], space)
    if name in COMMANDS:
        shown._obey(shown, COMMANDS[name], [])
    assert shown.trouble == ""
    return shown._repr_mimebundle_()


def test_none_is_left_out():
    assert set(SHOWN) == set(widgets.__all__) - {"explore"}


@pytest.mark.parametrize("name", SHOWN)
def test_the_output_is_readable_and_the_same_every_time(name):
    data, metadata = first = output_of(name)
    assert first == output_of(name)
    assert set(data) == {"text/plain", "text/html"}
    assert WIDGET not in metadata
    assert "<caption>" in data["text/html"]
    assert len(data["text/plain"].splitlines()) == 1
    assert not re.search(r"0x[0-9a-f]{6}", json.dumps(first))


def test_a_notebook_that_was_run_stores_no_state_of_them():
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    cells = [nbformat.v4.new_code_cell(source) for source in (SETUP, *SHOWN.values())]
    notebook = nbformat.v4.new_notebook(cells=cells)
    settings = {"kernel_name": "python3", "startup_timeout": 300, "iopub_timeout": 60}
    nbclient.NotebookClient(notebook, store_widget_state=True, **settings).execute()
    assert not notebook.metadata.get("widgets", {})
    for cell in notebook.cells[1:]:
        assert [set(output.data) for output in cell.outputs] == [{"text/plain", "text/html"}]


def test_a_script_with_widgets_of_a_pytorch_model_ends_well(torch):
    setup = SETUP.replace("import paramlab as torch\nfrom paramlab import nn", "import torch\nfrom torch import nn")
    made = [SHOWN[name] for name in ("PickupMap", "Predict", "Heartbeat", "Strings", "Suitcase", "Movers")]
    ended = subprocess.run([sys.executable, "-c", f"{setup}\nshown = {', '.join(made)}"], capture_output=True)
    assert (ended.returncode, ended.stderr) == (0, b"")
