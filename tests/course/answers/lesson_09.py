"""Answers to lesson 09: for each patient its right cures by style, its wrong ones by misconception and hint.

A cure is a list of changes to the code as it came in: what is replaced, and by what.
"""

LAYERS = "[nn.Linear(2, 4), nn.Linear(4, 4)]"
FORWARD = "for layer in self.layers:\n            x = torch.sigmoid(layer(x))"
SCALE = "torch.ones(1, requires_grad=True)"
MEAN = "self.mean = torch.zeros(2)"
MIX = "nn.Parameter(torch.randn(2, 2)) * 0.1"
MAKE, HEAD = "    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)\n", "    model.head = nn.Linear(4, 1)\n"
ZERO, STEP = "    optimizer.zero_grad(set_to_none=False)\n", "    optimizer.step()\n"
FREEZE = "    layer.requires_grad_(False)\n"
UPDATE = "self.average = 0.9 * self.average + 0.1 * self.summary(h)"
KEEP = "return model.state_dict()"
BUFFER = 'self.register_buffer("mean", torch.zeros(2), persistent=False)'
LOAD = "    model.load_state_dict(checkpoint, assign=True)\n"

RIGHT = {
    "layers-in-a-list": {
        "a Sequential, gone through": [(LAYERS, "nn.Sequential(nn.Linear(2, 4), nn.Linear(4, 4))")],
        "appended": [
            (
                f"self.layers = {LAYERS}",
                "self.layers = nn.ModuleList()\n"
                "        for size in (2, 4):\n"
                "            self.layers.append(nn.Linear(size, 4))",
            )
        ],
        "names of their own": [
            (
                f"self.layers = {LAYERS}",
                "self.first = nn.Linear(2, 4)\n        self.second = nn.Linear(4, 4)",
            ),
            (FORWARD, "for layer in (self.first, self.second):\n            x = torch.sigmoid(layer(x))"),
        ],
    },
    "gradient-is-not-registration": {
        "around what was there": [(SCALE, f"nn.Parameter({SCALE})")],
        "by the method": [(f"self.scale = {SCALE}", 'self.register_parameter("scale", nn.Parameter(torch.ones(1)))')],
        "from a list": [(SCALE, "nn.Parameter(torch.tensor([1.0]), requires_grad=True)")],
    },
    "stays-behind": {
        "a Buffer assigned": [(MEAN, "self.mean = nn.Buffer(torch.zeros(2))")],
        "all in words": [(MEAN, 'self.register_buffer(name="mean", tensor=torch.zeros(2), persistent=True)')],
    },
    "scaled-parameter": {
        "in two lines": [(f"self.mix = {MIX}", "mix = torch.randn(2, 2) * 0.1\n        self.mix = nn.Parameter(mix)")],
        "by nn.init": [
            (MIX, "nn.Parameter(torch.empty(2, 2))\n        nn.init.normal_(self.mix, std=0.1)"),
        ],
        "scaled in place": [
            (MIX, "nn.Parameter(torch.randn(2, 2))\n        with torch.no_grad():\n            self.mix.mul_(0.1)"),
        ],
        "around the result": [(MIX, f"nn.Parameter(({MIX}).detach())")],
    },
    "head-replaced": {
        "handed over as well": [(HEAD, HEAD + '    optimizer.add_param_group({"params": model.head.parameters()})\n')],
        "made once more": [(HEAD, HEAD + MAKE)],
        "two groups": [
            (MAKE, ""),
            (
                HEAD,
                HEAD + "    parts = [model.norm, model.backbone, model.head]\n"
                '    groups = [{"params": part.parameters()} for part in parts]\n'
                "    optimizer = torch.optim.SGD(groups, lr=0.1)\n",
            ),
        ],
    },
    "still-decaying": {
        "in so many words": [("set_to_none=False", "set_to_none=True")],
        "at the end": [(ZERO, ""), (STEP, STEP + "    optimizer.zero_grad()\n")],
        "by hand": [(ZERO, "    for p in model.parameters():\n        p.grad = None\n")],
    },
    "frozen-norm": {
        "in one line": [(FREEZE, "    layer.requires_grad_(False).eval()\n")],
        "the other word": [(FREEZE, FREEZE + "    layer.train(False)\n")],
        "each module inside": [
            (FREEZE, FREEZE + "    for module in layer.modules():\n        module.training = False\n"),
        ],
    },
    "buffer-keeps-the-graph": {
        "all that goes in": [(UPDATE, "self.average = (0.9 * self.average + 0.1 * self.summary(h)).detach()")],
        "without recording": [(UPDATE, f"with torch.no_grad():\n            {UPDATE}")],
        "in place": [
            (
                UPDATE,
                "with torch.no_grad():\n            self.average.mul_(0.9).add_(0.1 * self.summary(h))",
            )
        ],
    },
    "best-is-the-last": {
        "a deep copy": [(KEEP, "import copy\n\n    return copy.deepcopy(model.state_dict())")],
        "a loop": [
            (
                KEEP,
                "best = {}\n    for name in model.state_dict():\n"
                "        best[name] = model.state_dict()[name].detach().clone()\n    return best",
            )
        ],
        "of a deep copy": [(KEEP, "from copy import deepcopy\n\n    return deepcopy(model).state_dict()")],
    },
    "not-in-the-checkpoint": {
        "in so many words": [("persistent=False", "persistent=True")],
        "a Buffer assigned": [(BUFFER, "self.mean = nn.Buffer(torch.zeros(2))")],
    },
    "cached-activation": {
        "a copy besides": [("self.last = h", "self.last = h.detach().clone()")],
        "where it is called": [("self.keep(h)", "self.keep(h.detach())")],
    },
    "untied": {
        "tied again": [(LOAD, LOAD + "    model.decoder.weight = model.encoder.weight\n")],
        "in so many words": [("assign=True", "strict=True, assign=False")],
    },
}

WRONG = {
    "layers-in-a-list": [
        ("a list, handed over as it is", "Your code raises an error", [(LAYERS, f"nn.Sequential({LAYERS})")]),
        ("a list is wrapped", "Your code raises an error", [(LAYERS, f"nn.Parameter({LAYERS})")]),
        (
            "a tuple is something else than a list",
            "does not look inside",
            [(LAYERS, "(nn.Linear(2, 4), nn.Linear(4, 4))")],
        ),
        (
            "a dict has names, so they are known",
            "does not look inside",
            [(LAYERS, '{"a": nn.Linear(2, 4), "b": nn.Linear(4, 4)}'), ("in self.layers:", "in self.layers.values():")],
        ),
        (
            "they lack a gradient",
            "had a gradient all along",
            [(LAYERS, LAYERS + "\n        for layer in self.layers:\n            layer.requires_grad_(True)")],
        ),
        (
            "one of them is enough",
            "Some of the layers",
            [
                (f"self.layers = {LAYERS}", "self.first = nn.Linear(2, 4)\n        self.rest = [nn.Linear(4, 4)]"),
                ("in self.layers:", "in [self.first, *self.rest]:"),
            ],
        ),
        (
            "a Sequential is called as a whole, and the sigmoid is lost",
            "computes something else",
            [(LAYERS, "nn.Sequential(nn.Linear(2, 4), nn.Linear(4, 4))"), (FORWARD, "x = self.layers(x)")],
        ),
        (
            "a default argument",
            "made once",
            [
                (LAYERS, "layers"),
                ("__init__(self)", f"__init__(self, layers=nn.ModuleList({LAYERS}))"),
            ],
        ),
    ],
    "gradient-is-not-registration": [
        ("a number is wrapped", "Your code raises an error", [(SCALE, "nn.Parameter(1.0)")]),
        (
            "registered, and not wrapped",
            "Your code raises an error",
            [(f"self.scale = {SCALE}", f'self.register_parameter("scale", {SCALE})')],
        ),
        ("asked for by a method", "register nothing", [(SCALE, "torch.ones(1).requires_grad_()")]),
        ("the gradient is to be kept", "register nothing", [(SCALE, f"{SCALE}\n        self.scale.retain_grad()")]),
        (
            "a Buffer is what is registered",
            "not learned",
            [(f"self.scale = {SCALE}", 'self.register_buffer("scale", torch.ones(1))')],
        ),
        ("frozen", "frozen", [(SCALE, "nn.Parameter(torch.ones(1), requires_grad=False)")]),
        ("wrapped, then computed with", "do it before you wrap", [(SCALE, "1.0 * nn.Parameter(torch.ones(1))")]),
        ("any number will do", "it began as one number", [(SCALE, "nn.Parameter(torch.randn(1))")]),
        ("zero is a safe beginning", "it began as one number", [(SCALE, "nn.Parameter(torch.zeros(1))")]),
        (
            "the exponential, as CLIP does it",
            "Leave `forward`",
            [(SCALE, "nn.Parameter(torch.ones(1))"), ("* self.scale", "* self.scale.exp()")],
        ),
    ],
    "stays-behind": [
        (
            "the attribute is there already",
            "Your code raises an error",
            [(MEAN, f"{MEAN}\n        self.register_buffer('mean', self.mean)")],
        ),
        (
            "what register_buffer returns",
            "returns nothing",
            [(MEAN, "self.mean = self.register_buffer('mean', torch.zeros(2))")],
        ),
        ("what moves is a Parameter", "Is it?", [(MEAN, "self.mean = nn.Parameter(torch.zeros(2))")]),
        (
            "a frozen Parameter",
            "Is it?",
            [(MEAN, "self.mean = nn.Parameter(torch.zeros(2), requires_grad=False)")],
        ),
        ("moved in every call", "Every call brings the mean along", [("x - self.mean", "x - self.mean.to(x.device)")]),
        ("made where it is needed", "in one place only", [(MEAN, 'self.mean = torch.zeros(2, device="sim")')]),
        (
            "moves and is not saved",
            "in the checkpoint",
            [(MEAN, 'self.register_buffer("mean", torch.zeros(2), persistent=False)')],
        ),
        ("a gradient moves it", "a plain attribute", [(MEAN, "self.mean = torch.zeros(2, requires_grad=True)")]),
    ],
    "scaled-parameter": [
        (
            "written over in place",
            "Your code raises an error",
            [(MIX, "nn.Parameter(torch.randn(2, 2))\n        self.mix *= 0.1")],
        ),
        ("the gradient is to be kept", "still no Parameter", [(MIX, f"{MIX}\n        self.mix.retain_grad()")]),
        ("detached from its Parameter", "a plain constant", [(MIX, f"({MIX}).detach()")]),
        ("a tensor with a gradient", "still no Parameter", [(MIX, "(torch.randn(2, 2) * 0.1).requires_grad_()")]),
        ("a Buffer", "which one learns", [(MIX, "nn.Buffer(torch.randn(2, 2) * 0.1)")]),
        ("without the scale", "random numbers of size 0.1", [(MIX, "nn.Parameter(torch.randn(2, 2))")]),
        ("all the same", "random numbers of size 0.1", [(MIX, "nn.Parameter(torch.full((2, 2), 0.1))")]),
        (
            "scaled in forward",
            "where it is made",
            [(MIX, "nn.Parameter(torch.randn(2, 2))"), ("x @ self.mix", "x @ (self.mix * 0.1)")],
        ),
    ],
    "head-replaced": [
        (
            "a group is a dict",
            "Your code raises an error",
            [(HEAD, HEAD + "    optimizer.add_param_group(model.head.parameters())\n")],
        ),
        ("it lacks a gradient", "Was the new head there", [(HEAD, HEAD + "    model.head.requires_grad_(True)\n")]),
        (
            "the optimizer is told to look again",
            "Was the new head there",
            [(HEAD, HEAD + "    optimizer.load_state_dict(optimizer.state_dict())\n")],
        ),
        (
            "a longer step",
            "Was the new head there",
            [(HEAD, HEAD + '    optimizer.param_groups[0]["lr"] = 1.0\n')],
        ),
        (
            "the head alone is handed over",
            "out of the optimizer's hands",
            [(MAKE, ""), (HEAD, HEAD + MAKE.replace("model.", "model.head."))],
        ),
        ("the old head stays", "needs the new head", [(HEAD, "")]),
        (
            "all of it once more",
            "Hand it only what it does not hold",
            [(HEAD, HEAD + '    optimizer.add_param_group({"params": model.parameters()})\n')],
        ),
        (
            "the optimizer is not returned",
            "return optimizer",
            [(MAKE, ""), (HEAD, HEAD + MAKE), ("    return optimizer\n", "")],
        ),
    ],
    "still-decaying": [
        ("a method that there is not", "Your code raises an error", [(STEP, "    model.backbone.freeze()\n" + STEP)]),
        (
            "a step for each tensor that learns",
            "One call is one step",
            [(STEP, "    for p in model.parameters():\n        if p.requires_grad:\n            optimizer.step()\n")],
        ),
        ("the mode", "What does `zero_grad` leave", [(ZERO, ZERO + "    model.backbone.eval()\n")]),
        ("no zeros at all", "gradients add up", [(ZERO, "")]),
        ("the same zeros, later", "What does `zero_grad` leave", [(ZERO, ""), (STEP, STEP + ZERO)]),
        (
            "zeros by hand",
            "knows that",
            [(ZERO, "    for p in model.parameters():\n        p.grad.zero_()\n")],
        ),
        (
            "no decay for anybody",
            "The head still should",
            [(STEP, '    for group in optimizer.param_groups:\n        group["weight_decay"] = 0.0\n' + STEP)],
        ),
        (
            "frozen in every step",
            "freezes by itself",
            [(ZERO, "    optimizer.zero_grad()\n    model.backbone.requires_grad_(False)\n")],
        ),
    ],
    "frozen-norm": [
        ("without brackets", "Without brackets", [(FREEZE, FREEZE + "    layer.eval\n")]),
        ("a method that there is not", "Your code raises an error", [(FREEZE, "    layer.freeze()\n")]),
        (
            "each Parameter by itself",
            "one of a layer's two modes",
            [(FREEZE, "    for p in layer.parameters():\n        p.requires_grad = False\n")],
        ),
        (
            "the buffers by themselves",
            "one of a layer's two modes",
            [(FREEZE, FREEZE + "    for b in layer.buffers():\n        b.requires_grad_(False)\n")],
        ),
        ("no_grad", "one of a layer's two modes", [(FREEZE, "    with torch.no_grad():\n    " + FREEZE)]),
        ("the flag of the layer alone", "reaches all of them", [(FREEZE, FREEZE + "    layer.training = False\n")]),
        ("a momentum of zero", "goes on counting", [(FREEZE, FREEZE + "    layer.momentum = 0.0\n")]),
        ("no tracking", "changed for good", [(FREEZE, FREEZE + "    layer.track_running_stats = False\n")]),
        ("eval is all that it takes", "its bias learn again", [(FREEZE, "    layer.eval()\n")]),
    ],
    "buffer-keeps-the-graph": [
        ("one number of two", "Your code raises an error", [("h.mean(0)", "h.mean(0).item()")]),
        ("detached, and nobody takes it", "nobody takes here", [(UPDATE, f"self.average.detach()\n        {UPDATE}")]),
        ("a clone", "numbers alone", [("h.mean(0)", "h.clone().mean(0)")]),
        ("what was there is detached", "Cut off what goes in", [("0.9 * self.average", "0.9 * self.average.detach()")]),
        ("no gradient, please", "a leaf alone", [(UPDATE, f"{UPDATE}\n        self.average.requires_grad_(False)")]),
        ("the layer is detached", "what is learned", [("self.lin(x) ** 2", "(self.lin(x) ** 2).detach()")]),
        (
            "nothing is recorded",
            "what is learned",
            [
                (
                    "h = self.lin(x) ** 2",
                    "with torch.no_grad():\n            return self._forward(x)\n\n"
                    "    def _forward(self, x):\n        h = self.lin(x) ** 2",
                )
            ],
        ),
        ("the average is given up", "another one now", [(UPDATE, "self.summary(h)")]),
        (
            "of the last batch only",
            "another one now",
            [(UPDATE, "self.average = self.summary(h).detach()")],
        ),
        (
            "a plain tensor",
            "and a Buffer",
            [
                ('self.register_buffer("average", torch.zeros(2))', "self.average = torch.zeros(2)"),
                ("h.mean(0)", "h.detach().mean(0)"),
            ],
        ),
    ],
    "best-is-the-last": [
        (
            "a copy, as NumPy has it",
            "the other way round",
            [(KEEP, "return {name: value.copy() for name, value in model.state_dict().items()}")],
        ),
        ("a dict", "Another dict", [(KEEP, "return dict(model.state_dict())")]),
        ("the copy of a dict", "Another dict", [(KEEP, "return model.state_dict().copy()")]),
        ("in eval mode", "Another dict", [(KEEP, "return model.eval().state_dict()")]),
        (
            "detached",
            "not from the memory",
            [(KEEP, "return {name: value.detach() for name, value in model.state_dict().items()}")],
        ),
        (
            "without recording",
            "not from the memory",
            [(KEEP, "with torch.no_grad():\n        return model.state_dict()")],
        ),
        (
            "the parameters alone",
            "Some of it is not kept",
            [(KEEP, "return {name: p.detach().clone() for name, p in model.named_parameters()}")],
        ),
        (
            "copies of the parameters, and the rest as it is",
            "the Buffers are not",
            [
                (
                    KEEP,
                    "best = model.state_dict()\n    for name, p in model.named_parameters():\n"
                    "        best[name] = p.detach().clone()\n    return best",
                )
            ],
        ),
        ("the whole model", "tensors by their names", [(KEEP, "import copy\n\n    return copy.deepcopy(model)")]),
        (
            "a list of copies",
            "tensors by their names",
            [(KEEP, "return [value.clone() for value in model.state_dict().values()]")],
        ),
    ],
    "not-in-the-checkpoint": [
        (
            "registered as a Parameter, and not wrapped",
            "Your code raises an error",
            [(BUFFER, 'self.register_parameter("mean", torch.zeros(2))')],
        ),
        ("what is saved is a Parameter", "It was measured", [(BUFFER, "self.mean = nn.Parameter(torch.zeros(2))")]),
        (
            "a frozen Parameter",
            "It was measured",
            [(BUFFER, "self.mean = nn.Parameter(torch.zeros(2), requires_grad=False)")],
        ),
        ("a plain tensor", "neither saved nor moved", [(BUFFER, MEAN)]),
        (
            "another way to the same",
            "one of them says",
            [(BUFFER, "self.mean = nn.Buffer(torch.zeros(2), persistent=False)")],
        ),
        ("assigned over it", "one of them says", [(BUFFER, f"{BUFFER}\n        {MEAN}")]),
        (
            "another name",
            "Keep the name",
            [(BUFFER, 'self.register_buffer("centre", torch.zeros(2))'), ("- self.mean", "- self.centre")],
        ),
        (
            "measured anew",
            "does not use it as it did",
            [(", persistent=False", ""), ("x - self.mean", "x - x.mean(0)")],
        ),
    ],
    "cached-activation": [
        ("NumPy, while it is in the graph", "Your code raises an error", [("self.last = h", "self.last = h.numpy()")]),
        ("nothing is kept", "the activation is gone", [("self.last = h", "self.last = None")]),
        ("a clone", "A clone is in the graph", [("self.last = h", "self.last = h.clone()")]),
        (
            "recorded already",
            "comes too late",
            [("self.last = h", "with torch.no_grad():\n            self.last = h")],
        ),
        ("without brackets", "ithout brackets", [("self.last = h", "self.last = h.detach")]),
        (
            "detached for all",
            "Cut off what is kept",
            [("torch.relu(self.lin(x))", "torch.relu(self.lin(x)).detach()")],
        ),
        ("a Buffer", "no part of the model", [("self.last = h", 'self.register_buffer("last", h.detach())')]),
        ("a Parameter", "no part of the model", [("self.last = h", "self.last = nn.Parameter(h)")]),
    ],
    "untied": [
        (
            "one of the two keys is left out",
            "Your code raises an error",
            [(LOAD, '    del checkpoint["decoder.weight"]\n    model.load_state_dict(checkpoint)\n')],
        ),
        (
            "equal values",
            "not the same object",
            [(LOAD, LOAD + "    with torch.no_grad():\n        model.decoder.weight.copy_(model.encoder.weight)\n")],
        ),
        (
            "the same memory",
            "not the same object",
            [(LOAD, LOAD + "    model.decoder.weight = nn.Parameter(model.encoder.weight)\n")],
        ),
        (
            "tied before it is untied",
            "each name gets a tensor of its own",
            [(LOAD, "    model.decoder.weight = model.encoder.weight\n" + LOAD)],
        ),
        (
            "one tensor under both names",
            "each name gets a tensor of its own",
            [(LOAD, '    checkpoint["decoder.weight"] = checkpoint["encoder.weight"]\n' + LOAD)],
        ),
        ("not so strict", "nobody hears of it", [("assign=True", "strict=False")]),
        ("one stands still", "stands still", [(LOAD, LOAD + "    model.decoder.weight.requires_grad_(False)\n")]),
        ("it was tied, so leave it", "does not arrive", [(LOAD, "    model.state_dict().update(checkpoint)\n")]),
    ],
}

PREDICTIONS: dict[str, dict[str, bool]] = {}


def cure(code: str, changes: list[tuple[str, str]]) -> str:
    """Return a patient's code with the changes made."""
    for old, new in changes:
        assert code.count(old) == 1, old
        code = code.replace(old, new)
    return code
