"""Answers to the two assignments: for each task its right ones by style, its wrong ones by misconception and hint."""

import textwrap

INIT = """
super().__init__()
self.scale = nn.Parameter(torch.ones(features))
self.shift = nn.Parameter(torch.zeros(features))
self.mean = nn.Buffer(torch.zeros(features))
self.std = nn.Buffer(torch.ones(features))
"""
MEASURE = """
with torch.no_grad():
    self.mean = x.mean(dim=0)
    self.std = x.std(dim=0)
"""
FORWARD = "return (x - self.mean) / self.std * self.scale + self.shift"


def indented(body):
    return textwrap.indent(textwrap.dedent(body).strip() + "\n", "        ")


def standardize(init=INIT, measure=MEASURE, forward=FORWARD):
    heads = ("__init__(self, features)", "measure(self, x)", "forward(self, x)")
    methods = (f"    def {head}:\n{indented(body)}" for head, body in zip(heads, (init, measure, forward), strict=True))
    return "class Standardize(nn.Module):\n" + "\n".join(methods)


STANDARDIZE_RIGHT = {
    "registered by their names": standardize(
        """
        super().__init__()
        self.register_parameter("shift", nn.Parameter(torch.zeros(features)))
        self.register_parameter("scale", nn.Parameter(torch.ones(features)))
        for name, start in (("std", torch.ones(features)), ("mean", torch.zeros(features))):
            self.register_buffer(name, start)
        """
    ),
    "measured in place": standardize(
        measure="x = x.detach()\nself.mean.copy_(x.mean(0))\nself.std.copy_(x.std(0))",
        forward="z = x - self.mean\nz = z / self.std\nreturn torch.addcmul(self.shift, z, self.scale)",
    ),
    "a function above": "def columns(x):\n    return x.mean(dim=0).detach(), x.std(dim=0).detach()\n\n\n"
    + standardize(measure="self.mean, self.std = columns(x)"),
}
STANDARDIZE_WRONG = [
    (
        "mean and std are plain tensors",
        "A plain tensor attribute is not saved",
        standardize(INIT.replace("nn.Buffer(torch.zeros(features))", "torch.zeros(features)")),
    ),
    (
        "mean and std are frozen Parameters",
        "What is measured is no Parameter at all",
        standardize(
            INIT.replace("nn.Buffer(", "nn.Parameter(requires_grad=False, data="),
            "self.mean.data = x.mean(dim=0)\nself.std.data = x.std(dim=0)",
        ),
    ),
    (
        "tensors that ask for a gradient in the place of Parameters",
        "`requires_grad=True` alone lists nothing",
        standardize(
            INIT.replace("nn.Parameter(torch.ones(features))", "torch.ones(features, requires_grad=True)").replace(
                "nn.Parameter(torch.zeros(features))", "torch.zeros(features, requires_grad=True)"
            )
        ),
    ),
    (
        "a tensor over a Parameter",
        "plain tensor over a Parameter",
        standardize(INIT.replace("nn.Buffer(", "nn.Parameter(")),
    ),
    (
        "the graph is kept",
        "still asks for a gradient",
        standardize(measure="self.mean = x.mean(dim=0)\nself.std = x.std(dim=0)"),
    ),
    (
        "the other standard deviation",
        "off by a little",
        standardize(measure=MEASURE.replace("std(dim=0)", "std(dim=0, correction=0)")),
    ),
    (
        "rows in the place of columns",
        "Which dimension is averaged over",
        standardize(measure=MEASURE.replace("0", "1")),
    ),
    (
        "measured and not kept",
        "Which dimension is averaged over",
        standardize(measure="mean = x.mean(dim=0)\nstd = x.std(dim=0)"),
    ),
    (
        "every batch by its own numbers",
        "`forward` measures its own rows",
        standardize(forward="return (x - x.mean(dim=0)) / x.std(dim=0) * self.scale + self.shift"),
    ),
    ("scale and shift are forgotten", "do not do their part", standardize(forward="return (x - self.mean) / self.std")),
    (
        "begun with the wrong numbers",
        "must change nothing",
        standardize(INIT.replace("nn.Parameter(torch.ones(", "nn.Parameter(torch.zeros(")),
    ),
]

TRAIN = """
def train(model, x, y, steps):
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
"""
TRAIN_RIGHT = {
    "without an optimizer": """
def train(model, x, y, steps):
    losses = []
    for _ in range(steps):
        model.zero_grad()
        loss = nn.CrossEntropyLoss()(model(x), y)
        loss.backward()
        with torch.no_grad():
            for p in model.parameters():
                if p.grad is not None:
                    p -= 0.1 * p.grad
        losses.append(float(loss))
    return losses
""",
    "a step in a function of its own": """
def one_step(model, optimizer, x, y):
    optimizer.zero_grad(set_to_none=False)
    loss = F.cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
    return loss.item()


def train(model, x, y, steps):
    learning = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.SGD(learning, lr=0.1)
    return [one_step(model, optimizer, x, y) for _ in range(steps)]
""",
}
TRAIN_WRONG = [
    ("old gradients are kept", "Gradients add up", TRAIN.replace("        optimizer.zero_grad()\n", "")),
    (
        "forgotten after the step only",
        "The model had gradients before the first step",
        TRAIN.replace("        optimizer.zero_grad()\n", "").replace(
            ".step()\n", ".step()\n        optimizer.zero_grad()\n"
        ),
    ),
    ("no step", "The weights do not move", TRAIN.replace("        optimizer.step()\n", "")),
    ("tensors in the list", "The list has tensors in it", TRAIN.replace("loss.item()", "loss")),
    ("the last loss alone", "One loss comes back", TRAIN.replace("return losses", "return losses[-1]")),
    ("nothing is returned", "Nothing comes back", TRAIN.replace("    return losses\n", "")),
    ("another learning rate", "The weights go elsewhere", TRAIN.replace("lr=0.1", "lr=0.01")),
    (
        "the step before the gradients",
        "The weights go elsewhere",
        TRAIN.replace("        optimizer.step()\n", "").replace(
            "        loss.backward()", "        optimizer.step()\n        loss.backward()"
        ),
    ),
    (
        "the loss after the step",
        "the losses are not",
        TRAIN.replace("loss.item()", "F.cross_entropy(model(x), y).item()"),
    ),
]

LETTERS = """
class Letters(nn.Module):
    def __init__(self, usual, width=24):
        super().__init__()
        self.embedding = nn.Embedding(len(usual), 8)
        self.layers = nn.ModuleList([nn.Linear(24, width), nn.Linear(width, len(usual))])
        self.sharpness = nn.Parameter(torch.ones(1))
        self.usual = nn.Buffer(usual)

    def forward(self, x):
        h = self.layers[0](self.embedding(x).flatten(1)).tanh()
        scores = self.layers[1](h)
        self.scores = scores.detach()
        return scores * self.sharpness + self.usual
"""
LIST = "nn.ModuleList([nn.Linear(24, width), nn.Linear(width, len(usual))])"
LETTERS_RIGHT = {
    "attributes in the place of a list": LETTERS.replace(
        f"self.layers = {LIST}", "self.second = nn.Linear(width, len(usual))\n        self.first = nn.Linear(24, width)"
    )
    .replace("self.layers[0]", "self.first")
    .replace("self.layers[1]", "self.second"),
    "one Sequential": LETTERS.replace(
        LIST, "nn.Sequential(nn.Linear(24, width), nn.Tanh(), nn.Linear(width, len(usual)))"
    )
    .replace("h = self.layers[0](self.embedding(x).flatten(1)).tanh()", "h = self.embedding(x).flatten(1)")
    .replace("self.layers[1](h)", "self.layers(h)"),
    "registered by their names": LETTERS.replace(
        "self.usual = nn.Buffer(usual)", 'self.register_buffer("usual", usual.clone())'
    ).replace(
        "self.sharpness = nn.Parameter(torch.ones(1))",
        'self.register_parameter("sharpness", nn.Parameter(torch.tensor([1.0])))',
    ),
}
LETTERS_WRONG = [
    (
        "a list in another coat",
        "The layers are still hidden",
        LETTERS.replace(LIST, LIST.replace("nn.ModuleList([", "(").replace("])", ")")),
    ),
    (
        "a gradient makes no Parameter",
        "`sharpness` is not listed",
        LETTERS.replace("nn.Parameter(torch.ones(1))", "torch.ones(1, requires_grad=True)"),
    ),
    ("usual stays plain", "`usual` is not saved", LETTERS.replace("nn.Buffer(usual)", "usual")),
    (
        "usual is not persistent",
        "`usual` is not saved",
        LETTERS.replace("nn.Buffer(usual)", "nn.Buffer(usual, persistent=False)"),
    ),
    (
        "usual is a frozen Parameter",
        "what registers that?",
        LETTERS.replace("nn.Buffer(usual)", "nn.Parameter(usual, requires_grad=False)"),
    ),
    ("the graph is kept", "A copy fails", LETTERS.replace("scores.detach()", "scores")),
    (
        "the history is cut off what is returned",
        "some weights get no gradient",
        LETTERS.replace("scores = self.layers[1](h)\n", "scores = self.layers[1](h).detach()\n"),
    ),
    ("another formula", "It computes something else", LETTERS.replace(" * self.sharpness", "")),
]

FINE_TUNING = """
def fine_tuning(model, lr):
    old = model.layers[1]
    model.embedding.requires_grad_(False)
    model.layers[1] = nn.Linear(old.in_features, old.out_features)
    return optim.SGD([p for p in model.parameters() if p.requires_grad], lr=lr)
"""
NEW_LAYER = "    model.layers[1] = nn.Linear(old.in_features, old.out_features)\n"
FINE_TUNING_RIGHT = {
    "parameter by parameter": """
def fine_tuning(model, lr):
    for p in model.embedding.parameters():
        p.requires_grad = False
    rows, columns = model.layers[1].weight.shape
    model.layers[1] = nn.Linear(columns, rows)
    return optim.SGD(model.layers.parameters(), lr)
""",
    "two groups": """
def fine_tuning(model, lr):
    model.embedding.weight.requires_grad = False
    old = model.layers[1]
    model.layers[1] = type(old)(old.in_features, old.out_features)
    optimizer = optim.SGD(model.layers[0].parameters(), lr=lr)
    optimizer.add_param_group({"params": list(model.layers[1].parameters())})
    return optimizer
""",
}
FINE_TUNING_WRONG = [
    (
        "the optimizer comes first",
        "The optimizer does not hold the new layer",
        """
def fine_tuning(model, lr):
    old = model.layers[1]
    model.embedding.requires_grad_(False)
    optimizer = optim.SGD([p for p in model.parameters() if p.requires_grad], lr=lr)
    model.layers[1] = nn.Linear(old.in_features, old.out_features)
    return optimizer
""",
    ),
    (
        "an attribute of the module",
        "just another attribute",
        FINE_TUNING.replace("requires_grad_(False)", "requires_grad = False"),
    ),
    ("no new layer", "still the old one", FINE_TUNING.replace(NEW_LAYER, "")),
    ("the frozen is held, too", "holds too much or too little", FINE_TUNING.replace(" if p.requires_grad", "")),
    ("all is frozen but the head", "More is frozen", FINE_TUNING.replace("model.embedding.requires", "model.requires")),
    ("nothing is returned", "Is there a `return`", FINE_TUNING.replace("return optim", "optim")),
    ("a learning rate of one's own", "Is the learning rate", FINE_TUNING.replace("lr=lr", "lr=0.1")),
]

RIGHT = {
    "own_layer": {"Standardize": STANDARDIZE_RIGHT, "train": TRAIN_RIGHT},
    "audit": {"Letters": LETTERS_RIGHT, "fine_tuning": FINE_TUNING_RIGHT},
}
WRONG = {
    "own_layer": {"Standardize": STANDARDIZE_WRONG, "train": TRAIN_WRONG},
    "audit": {"Letters": LETTERS_WRONG, "fine_tuning": FINE_TUNING_WRONG},
}
PREDICTIONS = {
    "own_layer": (
        "four ways",
        {"learned": (True, True), "frozen": (True, True), "buffer": (False, True), "plain": (False, False)},
    ),
    "audit": (
        "what is lost",
        {
            "embedding.weight": (True, True),
            "layers[0].weight": (False, False),
            "sharpness": (False, False),
            "usual": (False, False),
        },
    ),
}
