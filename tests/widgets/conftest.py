"""The map is tested on a paramlab model and on a PyTorch one."""

import importlib

import pytest


@pytest.fixture(params=["paramlab", "torch"])
def fw(request):
    """Return a framework under the name that its users give it."""
    return pytest.importorskip(request.param)


@pytest.fixture
def nn(fw):
    return importlib.import_module(f"{fw.__name__}.nn")


@pytest.fixture
def optim(fw):
    return importlib.import_module(f"{fw.__name__}.optim")
