"""Answers to lesson 10: for each function its right ones by style, its wrong ones by misconception and hint."""

RIGHT = {
    "audit": {
        "a loop, and `is`": """
            def audit(model, optimizer):
                names = []
                for name, parameter in model.named_parameters():
                    held = False
                    for group in optimizer.param_groups:
                        for one in group["params"]:
                            if one is parameter:
                                held = True
                    if parameter.requires_grad and not held:
                        names.append(name)
                return names
        """,
        "any, and a generator": """
            def audit(model, optimizer):
                for name, p in model.named_parameters():
                    if p.requires_grad and not any(p is q for g in optimizer.param_groups for q in g["params"]):
                        yield name
        """,
        "take away what is held": """
            def audit(model, optimizer):
                wanted = {id(p): name for name, p in model.named_parameters() if p.requires_grad}
                for group in optimizer.param_groups:
                    for p in group["params"]:
                        wanted.pop(id(p), None)
                return set(wanted.values())
        """,
    },
    "fine_tune": {
        "one by one": """
            def fine_tune(model):
                learning = []
                for name, p in model.named_parameters():
                    p.requires_grad = name.startswith("head.") or name == "scale"
                    if p.requires_grad:
                        learning.append(p)
                model.body.eval()
                return optim.SGD(learning, lr=0.1, momentum=0.9)
        """,
        "a filter, and the BatchNorm alone": """
            def fine_tune(model):
                for p in model.body.parameters():
                    p.requires_grad_(False)
                model.scale.requires_grad = True
                for module in model.modules():
                    if isinstance(module, nn.BatchNorm1d):
                        module.eval()
                return optim.SGD(filter(lambda p: p.requires_grad, model.parameters()), lr=0.1, momentum=0.9)
        """,
        "two groups": """
            def fine_tune(model):
                model.body.requires_grad_(False).eval()
                model.scale.requires_grad_()
                groups = [{"params": model.head.parameters()}, {"params": [model.scale]}]
                return torch.optim.SGD(groups, lr=0.1, momentum=0.9)
        """,
    },
}

WRONG = {
    "audit": [
        (
            "a list asked by a name",
            "each of its groups is a dict",
            """
            def audit(model, optimizer):
                held = [id(p) for p in optimizer.param_groups["params"]]
                return [name for name, p in model.named_parameters() if p.requires_grad and id(p) not in held]
            """,
        ),
        (
            "groups are taken for Parameters",
            "holds objects without names",
            """
            def audit(model, optimizer):
                held = {id(p) for p in optimizer.param_groups}
                return [name for name, p in model.named_parameters() if p.requires_grad and id(p) not in held]
            """,
        ),
        (
            "reported for each that it is not",
            "none of them all",
            """
            def audit(model, optimizer):
                names = []
                for name, p in model.named_parameters():
                    for group in optimizer.param_groups:
                        for one in group["params"]:
                            if p.requires_grad and one is not p:
                                names.append(name)
                return names
            """,
        ),
        (
            "reported for each group that lacks it",
            "An optimizer may have several groups",
            """
            def audit(model, optimizer):
                names = []
                for group in optimizer.param_groups:
                    for name, p in model.named_parameters():
                        if p.requires_grad and not any(p is one for one in group["params"]):
                            names.append(name)
                return names
            """,
        ),
        (
            "the optimizer has no parameters()",
            "Your code raises an error",
            """
            def audit(model, optimizer):
                held = [id(p) for p in optimizer.parameters()]
                return [name for name, p in model.named_parameters() if p.requires_grad and id(p) not in held]
            """,
        ),
        (
            "nothing is returned",
            "It returns nothing",
            """
            def audit(model, optimizer):
                held = [id(p) for group in optimizer.param_groups for p in group["params"]]
                names = [name for name, p in model.named_parameters() if p.requires_grad and id(p) not in held]
            """,
        ),
        (
            "`in` compares numbers",
            "compare the numbers of two tensors",
            """
            def audit(model, optimizer):
                held = [p for group in optimizer.param_groups for p in group["params"]]
                return [name for name, p in model.named_parameters() if p.requires_grad and p not in held]
            """,
        ),
        (
            "the Parameters themselves",
            "something other than names",
            """
            def audit(model, optimizer):
                held = {id(p) for group in optimizer.param_groups for p in group["params"]}
                return [p for p in model.parameters() if p.requires_grad and id(p) not in held]
            """,
        ),
        (
            "who has no gradient yet",
            "`.grad` tells who got a gradient",
            """
            def audit(model, optimizer):
                return [name for name, p in model.named_parameters() if p.requires_grad and p.grad is None]
            """,
        ),
        (
            "counted, not looked at",
            "Go through the Parameters of the model",
            """
            def audit(model, optimizer):
                names = [name for name, p in model.named_parameters()]
                held = sum(len(group["params"]) for group in optimizer.param_groups)
                return names[held:]
            """,
        ),
        (
            "equal numbers",
            "Equal numbers are not enough",
            """
            def audit(model, optimizer):
                held = [p for group in optimizer.param_groups for p in group["params"]]
                return [
                    name
                    for name, p in model.named_parameters()
                    if p.requires_grad and not any(torch.equal(p, one) for one in held)
                ]
            """,
        ),
        (
            "the first group only",
            "An optimizer may have several groups",
            """
            def audit(model, optimizer):
                held = {id(p) for p in optimizer.param_groups[0]["params"]}
                return [name for name, p in model.named_parameters() if p.requires_grad and id(p) not in held]
            """,
        ),
        (
            "frozen ones are reported",
            "A frozen Parameter does not ask for a gradient",
            """
            def audit(model, optimizer):
                held = {id(p) for group in optimizer.param_groups for p in group["params"]}
                return [name for name, p in model.named_parameters() if id(p) not in held]
            """,
        ),
    ],
    "fine_tune": [
        (
            "another name for the temperature",
            "under another name",
            """
            def fine_tune(model):
                model.body.requires_grad_(False).eval()
                model.temperature.requires_grad_(True)
                return optim.SGD([*model.head.parameters(), model.temperature], lr=0.1, momentum=0.9)
            """,
        ),
        (
            "a Parameter has no parameters()",
            "Your code raises an error",
            """
            def fine_tune(model):
                model.body.requires_grad_(False).eval()
                model.scale.requires_grad_(True)
                return optim.SGD([*model.head.parameters(), *model.scale.parameters()], lr=0.1, momentum=0.9)
            """,
        ),
        (
            "the head is thawed by an attribute",
            "thaws nothing",
            """
            def fine_tune(model):
                for p in model.parameters():
                    p.requires_grad = False
                model.body.eval()
                model.head.requires_grad = True
                model.scale.requires_grad = True
                return optim.SGD([*model.head.parameters(), model.scale], lr=0.1, momentum=0.9)
            """,
        ),
        (
            "parameters() in a list, without a star",
            "spread it with a star",
            """
            def fine_tune(model):
                model.body.requires_grad_(False).eval()
                model.scale.requires_grad_(True)
                return optim.SGD([model.head.parameters(), model.scale], lr=0.1, momentum=0.9)
            """,
        ),
        (
            "chosen while all is frozen",
            "nothing asks for a gradient yet",
            """
            def fine_tune(model):
                model.requires_grad_(False)
                optimizer = optim.SGD([p for p in model.parameters() if p.requires_grad], lr=0.1, momentum=0.9)
                model.body.eval()
                model.head.requires_grad_(True)
                model.scale.requires_grad_(True)
                return optimizer
            """,
        ),
        (
            "requires_grad as an attribute of a module",
            "freezes nothing",
            """
            def fine_tune(model):
                model.body.requires_grad = False
                model.body.eval()
                model.scale.requires_grad = True
                return optim.SGD([*model.head.parameters(), model.scale], lr=0.1, momentum=0.9)
            """,
        ),
        (
            "eval is taken for freezing",
            "The body still asks for a gradient",
            """
            def fine_tune(model):
                model.body.eval()
                model.scale.requires_grad_(True)
                return optim.SGD([*model.head.parameters(), model.scale], lr=0.1, momentum=0.9)
            """,
        ),
        (
            "no_grad is taken for freezing",
            "The body still asks for a gradient",
            """
            def fine_tune(model):
                with torch.no_grad():
                    model.body.eval()
                model.scale.requires_grad_(True)
                return optim.SGD([*model.head.parameters(), model.scale], lr=0.1, momentum=0.9)
            """,
        ),
        (
            "all is frozen at the end",
            "Freeze first, then thaw",
            """
            def fine_tune(model):
                optimizer = optim.SGD([*model.head.parameters(), model.scale], lr=0.1, momentum=0.9)
                model.body.eval()
                model.requires_grad_(False)
                return optimizer
            """,
        ),
        (
            "the temperature is forgotten",
            "The temperature is frozen still",
            """
            def fine_tune(model):
                model.body.requires_grad_(False).eval()
                return optim.SGD(model.head.parameters(), lr=0.1, momentum=0.9)
            """,
        ),
        (
            "the optimizer is not returned",
            "Now make the optimizer, and `return` it",
            """
            def fine_tune(model):
                model.body.requires_grad_(False).eval()
                model.scale.requires_grad_(True)
                optimizer = optim.SGD([*model.head.parameters(), model.scale], lr=0.1, momentum=0.9)
            """,
        ),
        (
            "all is handed over",
            "The optimizer holds the frozen body, too",
            """
            def fine_tune(model):
                model.body.requires_grad_(False).eval()
                model.scale.requires_grad_(True)
                return optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
            """,
        ),
        (
            "the temperature learns and is not handed over",
            "does not hold all that learns",
            """
            def fine_tune(model):
                model.body.requires_grad_(False).eval()
                model.scale.requires_grad_(True)
                return optim.SGD(model.head.parameters(), lr=0.1, momentum=0.9)
            """,
        ),
        (
            "frozen is taken for eval",
            "Frozen is not eval",
            """
            def fine_tune(model):
                model.body.requires_grad_(False)
                model.scale.requires_grad_(True)
                return optim.SGD([*model.head.parameters(), model.scale], lr=0.1, momentum=0.9)
            """,
        ),
        (
            "a new head",
            "The head is a new one",
            """
            def fine_tune(model):
                model.body.requires_grad_(False).eval()
                model.head = nn.Linear(model.head.in_features, model.head.out_features)
                model.scale.requires_grad_(True)
                return optim.SGD([*model.head.parameters(), model.scale], lr=0.1, momentum=0.9)
            """,
        ),
        (
            "no momentum",
            "It asks for `optim.SGD`",
            """
            def fine_tune(model):
                model.body.requires_grad_(False).eval()
                model.scale.requires_grad_(True)
                return optim.SGD([*model.head.parameters(), model.scale], lr=0.1)
            """,
        ),
        (
            "Adam",
            "It asks for `optim.SGD`",
            """
            def fine_tune(model):
                model.body.requires_grad_(False).eval()
                model.scale.requires_grad_(True)
                return optim.Adam([*model.head.parameters(), model.scale], lr=0.1)
            """,
        ),
    ],
}

PREDICTIONS = {
    "the final table": {
        "body.0.weight": (False, True, False, True, True),
        "body.1.running_mean": (False, False, False, True, True),
        "head.weight": (True, True, True, True, True),
        "scale": (True, True, True, True, True),
        "digits": (False, False, False, False, True),
        "features": (False, False, False, False, False),
    },
}
