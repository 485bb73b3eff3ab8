"""What ``import paramlab`` brings along, and what it does not."""

import subprocess
import sys

import pytest

import paramlab

HEAVY = ["safetensors", "anywidget", "ipywidgets", "matplotlib", "jupyterlab", "IPython", "torch"]


def test_the_import_is_light():
    program = f"import sys, paramlab; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


def test_every_public_name_is_there():
    for name in paramlab.__all__:
        assert hasattr(paramlab, name)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'paramlab' has no attribute 'frobnicate'"):
        _ = paramlab.frobnicate
