"""Patients that keep a tensor they should not keep as it is: on the old device, with its graph, as an activation."""

from __future__ import annotations

import copy
from typing import Any

from .patient import Cure, Patient, Verdict, examples, train


def _runs_anywhere(it: Any) -> Verdict:
    x, _ = examples(it.torch)
    for device in ("sim", "cpu", "sim"):
        it.model.to(device)
        it.model(x.to(device))
    return Verdict(True, "It runs on sim, on cpu, and on sim again.")


STAYS_BEHIND = Patient(
    name="stays-behind",
    symptom="It runs on my laptop. On the accelerator forward() says that tensors are on different devices.",
    code="""\
class Centred(nn.Module):
    def __init__(self):
        super().__init__()
        self.mean = torch.zeros(2)
        self.lin = nn.Linear(2, 1)

    def forward(self, x):
        return self.lin(x - self.mean)
""",
    mend=(("self.mean = torch.zeros(2)", 'self.register_buffer("mean", torch.zeros(2))'),),
    after="""\
model = Centred()
model.to("sim")
""",
    test=_runs_anywhere,
    sick=("mean",),
    diagnosis="It is a plain Tensor, and .to() moves what is registered.",
    cures=(
        Cure("model.mean = model.mean.to('sim')", False, "Right until the next move. Now it stays behind on sim."),
        Cure("model.to('sim')", False, "It was moved already: a second time moves the same tensors."),
        Cure("model.mean.requires_grad_(True)", False, "A gradient is another question: it stays where it is."),
        Cure(
            "t = model.mean; del model.mean; model.register_buffer('mean', t)",
            True,
            "A Buffer is state that is not learned: .to() moves it and state_dict() saves it.",
        ),
    ),
    source="https://github.com/Lightning-AI/pytorch-lightning/issues/3674",
    rule="device-mismatch",
    simulated=True,
)


def _trains_on(it: Any) -> Verdict:
    train(it, steps=3)
    return Verdict(it.model.average.is_leaf, "Three steps, each of which went backwards through its own graph alone.")


BUFFER_KEEPS_THE_GRAPH = Patient(
    name="buffer-keeps-the-graph",
    symptom='The first step is fine. The second says: "Trying to backward through the graph a second time".',
    code="""\
class Averaging(nn.Module):
    def __init__(self):
        super().__init__()
        self.lin = nn.Linear(2, 2)
        self.head = nn.Linear(2, 1)
        self.register_buffer("average", torch.zeros(2))

    def summary(self, h):
        return h.mean(0)

    def forward(self, x):
        h = self.lin(x) ** 2
        self.average = 0.9 * self.average + 0.1 * self.summary(h)
        return self.head(h - self.average)
""",
    mend=(("h.mean(0)", "h.detach().mean(0)"),),
    after="""\
model = Averaging()
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
model(torch.ones(8, 2)).sum().backward()
""",
    test=_trains_on,
    sick=("average",),
    diagnosis="The Buffer was computed in the last step and keeps its graph: the next step goes through it again.",
    cures=(
        Cure("optimizer.zero_grad()", False, "Gradients are not graphs: the Buffer still hangs on the old one."),
        Cure(
            "Averaging.summary = lambda self, h: h.detach().mean(0); model.average = model.average.detach()",
            True,
            "What is kept for later is detached from the graph of today. In the class: h.detach().mean(0).",
        ),
        Cure("model.average = model.average.detach()", False, "Once is not enough: the next forward() ties it again."),
        Cure(
            "model.average = torch.zeros(2)",
            False,
            "A fresh start for one step, at the price of what was averaged. Then it is tied again.",
        ),
    ),
    source="https://github.com/pytorch/pytorch/issues/20275",
    rule="buffer-requires-grad",
)


def _can_be_copied(it: Any) -> Verdict:
    it.model(examples(it.torch)[0])
    copy.deepcopy(it.model)
    kept = isinstance(getattr(it.model, "last", None), it.torch.Tensor)
    return Verdict(kept, "It was called, and copied." if kept else "It can be copied, but last is gone.")


CACHED_ACTIVATION = Patient(
    name="cached-activation",
    symptom="While the model is new copy.deepcopy(model) works. After the first batch it raises.",
    code="""\
class Probed(nn.Module):
    def __init__(self):
        super().__init__()
        self.lin = nn.Linear(2, 2)
        self.head = nn.Linear(2, 1)

    def keep(self, h):
        self.last = h

    def forward(self, x):
        h = torch.relu(self.lin(x))
        self.keep(h)
        return self.head(h)
""",
    mend=(("self.last = h", "self.last = h.detach()"),),
    after="""\
model = Probed()
model(torch.ones(1, 2))
""",
    test=_can_be_copied,
    sick=("last",),
    diagnosis="It was computed, and its graph comes along: a tensor that is no leaf cannot be copied deeply.",
    cures=(
        Cure("model.last = None", False, "Until the next call, which keeps another one."),
        Cure("model.last = model.last.clone()", False, "A clone is in the same graph, and the next call keeps h."),
        Cure(
            "Probed.keep = lambda self, h: setattr(self, 'last', h.detach())",
            True,
            "The values are kept, the graph is not. In the class: self.last = h.detach().",
        ),
        Cure("model.eval()", False, "eval() changes how layers behave, not whether a graph is recorded."),
    ),
    source="https://github.com/pytorch/pytorch/issues/54580",
    rule="nonleaf-attribute",
)
