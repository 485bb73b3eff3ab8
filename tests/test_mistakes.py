"""Mistakes that every beginner makes: the exception is PyTorch's, and its message begins as PyTorch's does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

SHAPES = """
nn.Linear(3, 2)(torch.ones(4, 5))
nn.Linear(3, 2)(torch.ones(5))
nn.Linear(3, 2)(torch.tensor(1.0))
nn.Sequential(nn.Linear(2, 3), nn.Linear(4, 1))(torch.ones(1, 2))
torch.ones(2, 3) @ torch.ones(2, 3)
torch.mm(torch.ones(3), torch.ones(3))
torch.bmm(torch.ones(2, 3, 4), torch.ones(3, 4, 2))
torch.dot(torch.ones(3), torch.ones(4))
torch.ones(2, 3) + torch.ones(4)
torch.cat([torch.ones(2, 3), torch.ones(2, 4)])
torch.cat([torch.ones(2), torch.ones(2)], dim=1)
torch.stack([torch.ones(2), torch.ones(3)])
torch.stack([])
torch.ones(6).view(4, 2)
torch.ones(6).view(-1, -1)
torch.ones(2, 3).t().view(6)
torch.ones(6).reshape(4)
torch.ones(2, 3, 4).t()
torch.ones(2, 3).permute(0, 1, 2)
torch.ones(2, 3).expand(4, 3)
torch.ones(2, 3).sum(2)
torch.ones(2, 3)[2]
torch.ones(2, 3)[0, 0, 0]
torch.ones(2, 3)[torch.tensor([2])]
torch.ones(2, 3)[torch.ones(3, dtype=torch.bool)]
t = torch.ones(2, 3); t[0] = torch.ones(4)
a, b = torch.ones(3)
a, b = torch.tensor(1.0)
torch.ones(2, 3).gather(1, torch.tensor([[0], [3]]))
torch.zeros(3).index_add_(0, torch.tensor([7]), torch.ones(1))
torch.tensordot(torch.ones(3, 4, 5), torch.ones(5, 3, 2))
nn.Conv2d(1, 2, 3)(torch.ones(1, 3, 8, 8))
nn.Conv2d(1, 2, 3)(torch.ones(8, 8))
nn.Conv2d(1, 2, 3)(torch.ones(1, 1, 2, 2))
nn.MaxPool2d(3)(torch.ones(1, 1, 2, 2))
nn.BatchNorm1d(3)(torch.ones(1, 3))
nn.BatchNorm2d(3)(torch.ones(2, 3))
nn.LayerNorm(3)(torch.ones(2, 4))
nn.Embedding(3, 2)(torch.tensor([3]))
nn.RNN(3, 4)(torch.ones(2, 5, 6))
nn.LSTM(3, 4)(torch.ones(2, 5, 3), torch.zeros(1, 5, 4))
nn.MultiheadAttention(5, 2)
nn.CrossEntropyLoss()(torch.ones(2, 3), torch.tensor([0, 3]))
nn.CrossEntropyLoss()(torch.ones(2, 3), torch.tensor([0, 1, 2]))
nn.CrossEntropyLoss()(torch.ones(2, 3), torch.tensor([[0], [1]]))
nn.MSELoss()(torch.ones(2, 1), torch.ones(2))
nn.BCELoss()(torch.tensor([0.5]), torch.tensor([1.0, 1.0]))
nn.BCEWithLogitsLoss()(torch.ones(2, 1), torch.ones(2))
"""

TYPES = """
nn.Linear(3, 2)(torch.ones(2, 3, dtype=torch.int64))
nn.Linear(3, 2)(torch.ones(2, 3).double())
nn.Linear(3, 2)(np.ones((2, 3)))
nn.Linear(3, 2)([1.0, 2.0, 3.0])
nn.Linear(3.0, 2)
nn.Linear(3, -2)
nn.Linear(3, 2, biass=True)
nn.Conv2d(1, 2, 3)(torch.ones(1, 1, 8, 8).double())
nn.Conv2d(1, 2, 3, bias=False)(torch.ones(1, 1, 8, 8).double())
nn.MaxPool2d(2)(np.ones((1, 1, 4, 4)))
nn.LayerNorm(3)([1.0])
nn.Dropout()([1.0])
nn.ReLU()(np.ones(2))
nn.Embedding(3, 2)(torch.tensor([0.5]))
nn.Embedding(3, 2)(np.array([0, 1]))
nn.CrossEntropyLoss()(torch.ones(2, 3), torch.tensor([0.0, 1.0]))
nn.CrossEntropyLoss()(torch.ones(2, 3), torch.tensor([0, 1], dtype=torch.int32))
nn.CrossEntropyLoss()(torch.ones(2, 3), np.array([0, 1]))
nn.CrossEntropyLoss(torch.ones(2, 3), torch.tensor([0, 1]))
nn.MSELoss(torch.ones(2), torch.ones(2))
nn.BCELoss()(torch.tensor([2.0]), torch.tensor([1.0]))
nn.Parameter([1.0])
nn.Parameter(torch.arange(3))
F.one_hot([1])
torch.exp(2.0)
torch.flatten(np.ones(2))
torch.clone([1])
torch.matmul([1.0], torch.ones(1))
torch.mm(torch.ones(1, 1), np.ones((1, 1)))
torch.index_select(torch.ones(2), 0, [0])
torch.cat([torch.ones(2), 3])
torch.ones(2).byte().fill_(-1.0)
torch.full((2,), -256, dtype=torch.uint8)
torch.ones(2).byte().masked_fill(torch.tensor([True, False]), torch.tensor(300))
torch.from_numpy([1, 2])
torch.from_numpy(np.array(["a"]))
torch.tensor([[1, 2], [3]])
torch.tensor([1, "a"])
torch.zeros("2")
torch.zeros(2, 3.5)
torch.zeros(["a"])
torch.randint(5, 3)
torch.ones(2).to("float32")
torch.arange(3).softmax(0)
torch.ones(2, 3, dtype=torch.int64).mean()
torch.tensor([True]) - torch.tensor([True])
t = torch.ones(2, dtype=torch.int64); t /= 2
torch.ones(2) + "a"
"loss: " + torch.tensor(1.0)
float(torch.ones(2))
torch.ones(2).item()
bool(torch.ones(2))
len(torch.tensor(1.0))
"a" in torch.tensor([1, 2])
torch.ones(2, requires_grad=True).numpy()
"""

GRADIENTS = """
t = torch.ones(2, requires_grad=True); t += 1
t = torch.ones(2, requires_grad=True); t[0] = 1
t = torch.ones(2, requires_grad=True); (t * 2).backward()
t = torch.ones(2, requires_grad=True); (t * 2).backward(torch.ones(3))
t = torch.ones(2, requires_grad=True); y = (t * t).sum(); y.backward(); y.backward()
t = torch.ones(2, requires_grad=True); y = t.exp(); y.add_(1); y.sum().backward()
t = torch.ones(2, requires_grad=True); y = t * 2; y.requires_grad = False
t = torch.ones(2, requires_grad=True); t.grad = torch.ones(3)
t = torch.ones(2, requires_grad=True); y = t * 2; y.grad
t = torch.ones(2, requires_grad=True); torch.autograd.grad(t.sum(), torch.ones(2))
t = torch.ones(2, requires_grad=True); u = torch.ones(2, requires_grad=True); torch.autograd.grad(t.sum(), u)
torch.ones(2).sum().backward()
torch.arange(2).requires_grad = True
torch.ones(2).register_hook(print)
"""

MODELS = """
nn.Sequential([nn.Linear(2, 3), nn.ReLU()])
nn.Sequential(nn.Linear(2, 3))[1]
nn.ModuleList([nn.Linear(2, 3)])(torch.ones(1, 2))
nn.ModuleList([nn.Linear(2, 3), 3])
nn.ModuleDict({"keys": nn.ReLU()})
nn.Linear(2, 2).weights
m = nn.Linear(2, 2); m.weight = torch.ones(2, 2)
m = nn.Module(); m(3)
m = nn.Module(); m.register_buffer("a", 3)
m = nn.Linear(2, 2); m.load_state_dict({})
m = nn.Linear(2, 2); m.load_state_dict({"weight": torch.ones(3, 2), "bias": torch.ones(2)})
m = nn.Linear(2, 2); m.load_state_dict({"w": torch.ones(2, 2), **m.state_dict()})
m = nn.Linear(2, 2); m.train("yes")
m = nn.Linear(2, 2); m.to(torch.int64)
m = nn.Linear(2, 2); m.get_submodule("w")
class M(nn.Module): __init__ = lambda self: setattr(self, "fc", nn.Linear(2, 2)); M()
class M(nn.Module): __init__ = lambda self: setattr(self, "w", nn.Parameter(torch.ones(2))); M()
torch.optim.SGD([], lr=0.1)
torch.optim.SGD(nn.Linear(2, 2), lr=0.1)
torch.optim.SGD(nn.Linear(2, 2).parameters, lr=0.1)
torch.optim.SGD(torch.ones(2), lr=0.1)
torch.optim.SGD([torch.ones(2, requires_grad=True) * 2], lr=0.1)
torch.optim.SGD(nn.Linear(2, 2).parameters(), lr=-1)
torch.optim.SGD(nn.Linear(2, 2).parameters(), learning_rate=0.1)
torch.optim.SGD(nn.Linear(2, 2).parameters(), lr=0.1, nesterov=True)
torch.optim.Adam(nn.Linear(2, 2).parameters(), betas=(0.9, 1.0))
p = nn.Parameter(torch.ones(1)); torch.optim.SGD([{"params": [p]}, {"params": [p]}])
torch.optim.lr_scheduler.StepLR(nn.Linear(2, 2), 3)
nn.init.xavier_uniform_(torch.ones(3))
nn.init.calculate_gain("abc")
"""


def run(mistake: str, torch: Any) -> None:
    """Execute a line, each of its statements in turn."""
    names = {"torch": torch, "nn": torch.nn, "F": torch.nn.functional, "np": np}
    for statement in mistake.split("; "):
        exec(statement, names)


@pytest.mark.parametrize("mistake", list(filter(None, (SHAPES + TYPES + GRADIENTS + MODELS).split("\n"))))
def test_a_mistake_is_answered_as_pytorch_does(mistake: str, agree: Callable[..., None]) -> None:
    agree(lambda torch: run(mistake, torch))
