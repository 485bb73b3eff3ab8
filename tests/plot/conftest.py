"""Every test of a figure draws without a screen, leaves matplotlib's settings alone, and closes what it opened."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType
from typing import Any

import matplotlib
import matplotlib.pyplot as plt
import pytest

from paramlab.plot import History

matplotlib.use("Agg")


@pytest.fixture(autouse=True)
def settings_stay() -> Iterator[None]:
    before = dict(matplotlib.rcParams)
    yield
    for number in plt.get_fignums():  # what cannot be drawn fails here
        plt.figure(number).canvas.draw()
    plt.close("all")
    assert dict(matplotlib.rcParams) == before


@pytest.fixture
def model(fw: ModuleType, nn: ModuleType) -> Any:
    fw.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 2))


@pytest.fixture
def history(fw: ModuleType, model: Any, optim: ModuleType) -> History:
    """The record of five steps."""
    history = History(model)
    train(fw, model, optim, history)
    return history


def train(fw: ModuleType, model: Any, optim: ModuleType, history: History, steps: int = 5) -> None:
    """Take steps, and record each."""
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    x = fw.randn(8, 3)
    for _ in range(steps):
        optimizer.zero_grad()
        model(x).square().mean().backward()
        optimizer.step()
        history.record()
