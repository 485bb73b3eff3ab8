"""Patients that somebody updates who should not, or whom nobody updates: the optimizer, and BatchNorm itself."""

from __future__ import annotations

from typing import Any

from .patient import Cure, Patient, Verdict, change, examples, must_change, must_stay


def _head_changes(it: Any) -> Verdict:
    return must_change("head.weight", it, lambda: it.model.head.weight)


HEAD_REPLACED = Patient(
    name="head-replaced",
    symptom="For the new task I gave the network a new head. The loss falls a little, and the head never changes.",
    before="""\
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.backbone = nn.Linear(2, 4)
        self.head = nn.Linear(4, 3)

    def forward(self, x):
        return self.head(torch.sigmoid(self.backbone(x)))
""",
    code="""\
def fine_tune(model):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    model.head = nn.Linear(4, 1)
    return optimizer
""",
    mend=(
        ("    model.head = nn.Linear(4, 1)\n", ""),
        ("    optimizer =", "    model.head = nn.Linear(4, 1)\n    optimizer ="),
    ),
    after="""\
model = Net()
optimizer = fine_tune(model)
""",
    test=_head_changes,
    sick=("head.weight", "head.bias"),
    diagnosis="An optimizer holds objects, not names: it still has the old head, which the model no longer uses.",
    cures=(
        Cure(
            "optimizer.add_param_group({'params': model.head.parameters()})",
            True,
            "Now the optimizer holds the new head. An optimizer that is made afterwards would do as well.",
        ),
        Cure("model.head.requires_grad_(True)", False, "It has a gradient. The optimizer does not have the object."),
        Cure("optimizer.param_groups[0]['lr'] = 1.0", False, "A longer step of what it holds: the old head."),
        Cure(
            "optimizer.load_state_dict(optimizer.state_dict())",
            False,
            "That restores what it remembers of the tensors it holds, and changes none of them.",
        ),
    ),
    source="https://github.com/microsoft/nni/issues/4521",
    rule="missing-from-optimizer",
)


def _backbone_stays(it: Any) -> Verdict:
    x, y = examples(it.torch)
    by = change(lambda: it.model.backbone.weight, lambda: [it.step(it.model, it.optimizer, x, y) for _ in range(3)])
    return must_stay("backbone.weight", by, "After three steps the frozen")


STILL_DECAYING = Patient(
    name="still-decaying",
    symptom="I froze the backbone after the first epoch, and its weights still shrink.",
    before="""\
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.backbone = nn.Linear(2, 4)
        self.head = nn.Linear(4, 1)

    def forward(self, x):
        return self.head(torch.sigmoid(self.backbone(x)))
""",
    code="""\
def step(model, optimizer, x, y):
    optimizer.zero_grad(set_to_none=False)
    ((model(x) - y) ** 2).mean().backward()
    optimizer.step()
""",
    mend=(("set_to_none=False", ""),),
    after="""\
model = Net()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, weight_decay=0.1)
step(model, optimizer, torch.randn(8, 2), torch.ones(8, 1))
model.backbone.requires_grad_(False)
""",
    test=_backbone_stays,
    sick=("backbone.weight", "backbone.bias"),
    diagnosis="The optimizer skips a tensor whose .grad is None. These have an old one, of zeros, so they still decay.",
    cures=(
        Cure("model.backbone.eval()", False, "Modes are for layers such as BatchNorm. An optimizer does not ask."),
        Cure("model.backbone.requires_grad_(False)", False, "That was done: no new gradient comes. The old one stays."),
        Cure(
            "optimizer.zero_grad(set_to_none=False)",
            False,
            "Zero is a gradient too: step() adds the weight decay to it and moves the tensor.",
        ),
        Cure(
            "for p in model.backbone.parameters(): p.grad = None",
            True,
            "Without a .grad the optimizer skips them, weight decay and momentum included.",
        ),
    ),
    source="https://github.com/neuralmagic/sparseml/issues/965",
    rule="frozen-in-optimizer",
)


def _statistics_stay(it: Any) -> Verdict:
    def forward() -> None:
        with it.torch.no_grad():
            it.model(examples(it.torch)[0])

    if not it.model.training:
        return Verdict(False, "The whole model has left training mode; only the frozen layer should.")
    return must_stay("norm.running_mean", change(lambda: it.model.norm.running_mean, forward), "After one forward pass")


FROZEN_NORM = Patient(
    name="frozen-norm",
    symptom="I fine-tune the head alone, everything else is frozen, and the features are other ones after each epoch.",
    before="""\
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm = nn.BatchNorm1d(2)
        self.head = nn.Linear(2, 1)

    def forward(self, x):
        return self.head(self.norm(x))
""",
    code="""\
def freeze(layer):
    layer.requires_grad_(False)
""",
    mend=(("layer.requires_grad_(False)", "layer.requires_grad_(False)\n    layer.eval()"),),
    after="""\
model = Net()
freeze(model.norm)
optimizer = torch.optim.SGD(model.head.parameters(), lr=0.1)
""",
    test=_statistics_stay,
    sick=("norm.running_mean", "norm.running_var", "norm.num_batches_tracked"),
    diagnosis="Running statistics are Buffers: forward() moves them in training mode, whatever requires_grad says.",
    cures=(
        Cure("model.norm.requires_grad_(False)", False, "Its weight and bias stand still. Its statistics do not."),
        Cure(
            "model.norm.running_mean.requires_grad_(False)",
            False,
            "No gradient moves it: forward() writes it.",
        ),
        Cure("model.norm.eval()", True, "In eval mode it leaves its statistics alone. model.train() undoes it."),
        Cure(
            "model.norm.weight.grad = None; model.norm.bias.grad = None",
            False,
            "There was no gradient. It is not the optimizer that writes here.",
        ),
    ),
    source="https://github.com/chemprop/chemprop/issues/952",
    rule="frozen-norm-moves",
)
