"""What all widgets have in common."""

import importlib

import pytest

pytest.importorskip("anywidget")

from paramlab import widgets

MADE = {
    "PickupMap": lambda net, optimizer, loss: widgets.PickupMap(net, optimizer, loss=loss),
    "Predict": lambda net, optimizer, loss: widgets.Predict(net, optimizer),
    "Heartbeat": lambda net, optimizer, loss: widgets.Heartbeat(net, optimizer, loss),
    "Strings": lambda net, optimizer, loss: widgets.Strings(net, optimizer, loss=loss),
    "Movers": lambda net, optimizer, loss: widgets.Movers(net),
}


@pytest.mark.parametrize("name", MADE)
def test_a_model_is_looked_at_once_to_show_it_and_again_for_each_refresh(name, fw, nn, optim, monkeypatch):
    module = importlib.import_module(getattr(widgets, name).__module__)
    looks, look = [], module.examine
    monkeypatch.setattr(module, "examine", lambda *args, **named: looks.append(1) or look(*args, **named))
    net = nn.Linear(2, 3)
    shown = MADE[name](net, optim.SGD(net.parameters(), lr=0.1), lambda: net(fw.ones(1, 2)).sum())
    assert (len(looks), shown.trouble) == (1, "")
    shown.refresh()
    assert (len(looks), shown.trouble) == (2, "")
