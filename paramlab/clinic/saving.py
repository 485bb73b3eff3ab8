"""Patients that do not survive a checkpoint: values that alias, a Buffer that is not saved, weights untied."""

from __future__ import annotations

import copy
from typing import Any

from .patient import Cure, Patient, Verdict, examples, must_stay, train


def _best_is_kept(it: Any) -> Verdict:
    best = it.keep(it.model)
    before = it.model.weight.detach().clone()
    train(it)
    by = float((best["weight"] - before).abs().max())
    return must_stay("weight", by, "Five steps after keep() the kept")


BEST_IS_THE_LAST = Patient(
    name="best-is-the-last",
    symptom="I keep the weights of the best epoch, and what I load back is always the last epoch.",
    code="""\
def keep(model):
    return model.state_dict()
""",
    mend=(("model.state_dict()", "{name: value.clone() for name, value in model.state_dict().items()}"),),
    after="""\
model = nn.Linear(2, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
""",
    test=_best_is_kept,
    sick=("weight", "bias"),
    diagnosis="The values of a state_dict are the live tensors, not copies: step() writes into what was kept.",
    cures=(
        Cure("keep = lambda model: dict(model.state_dict())", False, "Another dict, with the same tensors in it."),
        Cure(
            "keep = lambda model: {name: value.detach() for name, value in model.state_dict().items()}",
            False,
            "Detached from the graph, not from the memory: the values are shared.",
        ),
        Cure(
            "keep = lambda model: {name: value.clone() for name, value in model.state_dict().items()}",
            True,
            "clone() copies the values: what step() does to the model does not reach them.",
        ),
        Cure("keep = lambda model: model.eval().state_dict()", False, "The mode says nothing of who owns the memory."),
    ),
    source="https://github.com/pytorch/pytorch/issues/34765",
)


def _answers_the_same(it: Any) -> Verdict:
    x, _ = examples(it.torch)
    twin = copy.deepcopy(it.model)
    plain = [value for value in vars(twin).values() if isinstance(value, it.torch.Tensor)]
    with it.torch.no_grad():  # a new process: what is not in the checkpoint is as __init__ left it
        for tensor in (*twin.parameters(), *twin.buffers(), *plain):
            tensor.zero_()
        twin.load_state_dict(it.model.state_dict())
        by = float((twin(x) - it.model(x)).abs().max())
    return Verdict(by == 0, "After the restart it answers as before." if by == 0 else f"Answers differ by {by:.1g}.")


NOT_IN_THE_CHECKPOINT = Patient(
    name="not-in-the-checkpoint",
    symptom="After a restart I load the checkpoint, nothing is missing, and the answers are other ones.",
    code="""\
class Measured(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("mean", torch.zeros(2), persistent=False)
        self.lin = nn.Linear(2, 1)

    def forward(self, x):
        return self.lin(x - self.mean)
""",
    mend=((", persistent=False", ""),),
    after="""\
model = Measured()
model.mean = torch.tensor([2.0, 1.0])  # measured on the training data
""",
    test=_answers_the_same,
    sick=("mean",),
    diagnosis="With persistent=False a Buffer moves but is not saved, and this one cannot be computed again.",
    cures=(
        Cure("model.mean = model.mean.clone()", False, "A tensor under a Buffer's name keeps its persistence."),
        Cure(
            "model.mean = nn.Buffer(model.mean)",
            True,
            "An nn.Buffer brings its own persistence. In __init__: leave persistent=False out.",
        ),
        Cure(
            "model.load_state_dict(model.state_dict(), strict=False)",
            False,
            "With strict=False what is missing is forgiven. It does not come back.",
        ),
        Cure("model.eval()", False, "The mode has no part in what is saved."),
    ),
    source="https://github.com/pytorch/pytorch/issues/105233",
    rule="non-persistent-buffer",
)


def _stay_tied(it: Any) -> Verdict:
    train(it)
    encoder, decoder = it.model.encoder.weight, it.model.decoder.weight
    by = float((encoder.detach() - decoder.detach()).abs().max())
    told = "the two weights are the same" if by == 0 else f"the two weights differ by {by:.1g}"
    return Verdict(by == 0, f"After five steps {told}.")


UNTIED = Patient(
    name="untied",
    symptom="Encoder and decoder share a weight. Since I load the checkpoint they drift apart.",
    before="""\
class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Linear(2, 2)
        self.decoder = nn.Linear(2, 2)
        self.decoder.weight = self.encoder.weight
        self.head = nn.Linear(2, 1)

    def forward(self, x):
        return self.head(self.decoder(torch.sigmoid(self.encoder(x))))
""",
    code="""\
def resume(model, checkpoint):
    model.load_state_dict(checkpoint, assign=True)
""",
    mend=((", assign=True", ""),),
    after="""\
model = Tied()
checkpoint = {name: value.clone() for name, value in model.state_dict().items()}
resume(model, checkpoint)
""",
    test=_stay_tied,
    sick=("encoder.weight", "decoder.weight"),
    diagnosis="With assign=True loading puts a tensor of its own under each name: what was one object is two.",
    cures=(
        Cure(
            "with torch.no_grad(): model.decoder.weight.copy_(model.encoder.weight)",
            False,
            "Equal values for now. They are two objects, and each takes its own steps.",
        ),
        Cure("model.load_state_dict(checkpoint)", False, "That writes into the two objects that are there."),
        Cure("model.decoder.weight.requires_grad_(False)", False, "Now one stands still while the other moves."),
        Cure(
            "model.decoder.weight = model.encoder.weight",
            True,
            "Tie them again after loading: two names, one object.",
        ),
    ),
    source="https://github.com/pytorch/pytorch/issues/188346",
)
