"""``paramlab census`` as it is typed: on a model of PyTorch, on one of paramlab, and on what is no model."""

import json
import subprocess
import sys

import pytest

from paramlab.cli import main

MODELS = """
{imports}
print("the model's own words")

class Right(nn.Module):
    def __init__(self):
        super().__init__()
        self.lin = nn.Linear(2, 2)
        self.register_buffer("mean", torch.zeros(2))

class Hides(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = [nn.Linear(2, 2)]

class Caches(Right):
    def __init__(self):
        super().__init__()
        self.state = torch.zeros(2)

def right(): return Right()
def hides(): return Hides()
def caches(): return Caches()
def trained():
    model = Right()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    model.lin = nn.Linear(2, 2)
    return model, optimizer
def half(model): return torch.optim.SGD([model.lin.weight], lr=0.1)
def raises(): raise ValueError("no weights today")
model = Right()
number = 3
"""
IMPORTS = {
    "paramlab": "import paramlab as torch\nfrom paramlab import nn",
    "torch": "import torch\nfrom torch import nn",
}


@pytest.fixture
def folder(fw, tmp_path, monkeypatch):
    (tmp_path / "models_here.py").write_text(MODELS.format(imports=IMPORTS[fw.__name__]))
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    sys.modules.pop("models_here", None)


def test_a_right_model_is_clean(folder, capsys):
    assert main(["census", "models_here:right", "--optimizer", "SGD"]) == 0
    out, err = capsys.readouterr()
    assert "lin.weight" in out
    assert "the model's own words" in err


@pytest.mark.parametrize("target", ["models_here:model", "models_here:Right", "models_here.py:right"])
def test_a_model_a_class_and_a_file_will_do(folder, target):
    assert main(["census", target]) == 0


def test_a_bug_is_told_with_the_line_that_mends_it(folder, capsys):
    assert main(["census", "models_here:hides", "-q"]) == 1
    out = capsys.readouterr().out
    assert out.startswith("bug")
    assert "model.layers = nn.ModuleList(model.layers)" in out


def test_what_is_to_be_checked_fails_only_if_strict(folder):
    assert main(["census", "models_here:caches", "--quiet"]) == 0
    assert main(["census", "models_here:caches", "--quiet", "--strict"]) == 1


def test_quiet_says_nothing_of_a_right_model(folder, capsys):
    assert main(["census", "models_here:right", "-q"]) == 0
    assert capsys.readouterr().out == ""


def test_the_optimizer_may_come_with_the_model_or_from_a_function(folder, capsys):
    assert main(["census", "models_here:trained", "-q"]) == 1
    assert "optimizer-of-another-model" in capsys.readouterr().out
    assert main(["census", "models_here:right", "--optimizer", "models_here:half", "-q"]) == 1
    assert "lin.bias" in capsys.readouterr().out


def test_json_is_all_that_is_on_standard_output(folder, capsys):
    assert main(["census", "models_here:hides", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["findings"][0]["rule"] == "hidden-in-container"
    assert told["rows"][0]["name"] == "layers[0].weight"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["models_here"], "names no model"),
        (["nowhere:make"], "nowhere could not be imported"),
        (["nowhere.py:make"], "no file nowhere.py"),
        (["models_here:rigth"], "Did you mean 'right'?"),
        (["models_here:number"], "is a int, neither a model"),
        (["models_here:raises"], "raised ValueError: no weights today"),
        (["models_here:half"], "raised TypeError"),
        (["models_here:right", "--optimizer", "Sdg"], "no optimizer 'Sdg'"),
        (["models_here:right", "--optimizer", "models_here:hides"], "raised TypeError"),
    ],
)
def test_what_cannot_be_looked_at_is_told_in_a_sentence(folder, capsys, words, said):
    assert main(["census", *words]) == 2
    assert said in capsys.readouterr().err


def test_the_command_itself(folder):
    command = [sys.executable, "-m", "paramlab", "census", "models_here:hides", "-q"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
