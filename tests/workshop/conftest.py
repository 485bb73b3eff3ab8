"""Each test starts on the reference, in a folder of its own, and leaves the reference behind."""

import pytest

from .notebook import Notebook, a_fresh_start


@pytest.fixture(autouse=True)
def home(tmp_path):
    with a_fresh_start(tmp_path):
        yield tmp_path


@pytest.fixture
def notebook():
    return Notebook()
