"""Patients whose tensors a module does not know: in a list, a plain tensor, the result of a computation."""

from __future__ import annotations

from typing import Any

from .patient import Cure, Patient, Verdict, must_change


def _hidden_layers_change(it: Any) -> Verdict:
    return must_change("layers[0].weight", it, lambda: it.model.layers[0].weight)


LAYERS_IN_A_LIST = Patient(
    name="layers-in-a-list",
    symptom="The loss falls, but far too slowly: it is as if only the last layer learned.",
    code="""\
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = [nn.Linear(2, 4), nn.Linear(4, 4)]
        self.head = nn.Linear(4, 1)

    def forward(self, x):
        for layer in self.layers:
            x = torch.sigmoid(layer(x))
        return self.head(x)
""",
    mend=(("[nn.Linear(2, 4), nn.Linear(4, 4)]", "nn.ModuleList([nn.Linear(2, 4), nn.Linear(4, 4)])"),),
    after="""\
model = Net()
""",
    test=_hidden_layers_change,
    sick=("layers[0].weight", "layers[0].bias", "layers[1].weight", "layers[1].bias"),
    diagnosis="The layers are in an ordinary list, and a module does not look inside: nobody was ever told of them.",
    cures=(
        Cure(
            "for layer in model.layers: layer.requires_grad_(True)",
            False,
            "They had a gradient all along. What is missing is somebody who uses it.",
        ),
        Cure(
            "model.layers = nn.ModuleList(model.layers)",
            True,
            "A ModuleList is a module: it is registered, and so is all that is in it.",
        ),
        Cure("model.layers = tuple(model.layers)", False, "A tuple is as good a hiding place as a list."),
        Cure(
            "for layer in model.layers: layer.train()",
            False,
            "Training mode is for layers such as BatchNorm. It registers nothing.",
        ),
    ),
    source="https://github.com/pytorch/pytorch/issues/632",
    rule="hidden-in-container",
)


def _scale_changes(it: Any) -> Verdict:
    return must_change("scale", it, lambda: it.model.scale)


GRADIENT_IS_NOT_REGISTRATION = Patient(
    name="gradient-is-not-registration",
    symptom="After backward() scale.grad is right, and yet scale is 1.0 for ever.",
    code="""\
class Scaled(nn.Module):
    def __init__(self):
        super().__init__()
        self.lin = nn.Linear(2, 1)
        self.scale = torch.ones(1, requires_grad=True)

    def forward(self, x):
        return self.lin(x) * self.scale
""",
    mend=(("torch.ones(1, requires_grad=True)", "nn.Parameter(torch.ones(1))"),),
    after="""\
model = Scaled()
""",
    test=_scale_changes,
    sick=("scale",),
    diagnosis="It wants a gradient and is a plain Tensor: parameters() does not list it, so no optimizer has it.",
    cures=(
        Cure("model.scale.retain_grad()", False, "It keeps its gradient anyway, being a leaf. Nobody asks for it."),
        Cure(
            "t = model.scale; del model.scale; model.register_buffer('scale', t)",
            False,
            "A Buffer is saved and moved, but never trained: parameters() does not list it either.",
        ),
        Cure(
            "model.scale = nn.Parameter(model.scale.detach())",
            True,
            "Assigned to a module, a Parameter is registered, and parameters() lists it.",
        ),
        Cure(
            "model.scale = model.scale.clone().requires_grad_(True)",
            False,
            "That is another plain Tensor, and now one that was computed.",
        ),
    ),
    source="https://discuss.pytorch.org/t/190293",
    rule="unregistered-grad-tensor",
)


def _mix_changes(it: Any) -> Verdict:
    return must_change("mix", it, lambda: it.model.mix)


SCALED_PARAMETER = Patient(
    name="scaled-parameter",
    symptom="I start my Parameter small: its .grad stays None, it never learns, and the checkpoint has no mix.",
    code="""\
class Mixer(nn.Module):
    def __init__(self):
        super().__init__()
        self.mix = nn.Parameter(torch.randn(2, 2)) * 0.1
        self.head = nn.Linear(2, 1)

    def forward(self, x):
        return self.head(x @ self.mix)
""",
    mend=(("nn.Parameter(torch.randn(2, 2)) * 0.1", "nn.Parameter(torch.randn(2, 2) * 0.1)"),),
    after="""\
model = Mixer()
""",
    test=_mix_changes,
    sick=("mix",),
    diagnosis="A Parameter times a number is no Parameter but a tensor that was computed from one, which nobody holds.",
    cures=(
        Cure("model.mix.retain_grad()", False, "Now it has a .grad, and still nobody who takes a step with it."),
        Cure("model.mix = model.mix.detach()", False, "Cut off from its Parameter it is a plain constant."),
        Cure("model.mix.requires_grad_(True)", False, "It had that already. It makes no Parameter of it."),
        Cure(
            "model.mix = nn.Parameter(model.mix.detach())",
            True,
            "Wrap the result: in __init__ that is nn.Parameter(torch.randn(2, 2) * 0.1).",
        ),
    ),
    source="https://github.com/pytorch/pytorch/issues/1479",
    rule="nonleaf-attribute",
)
