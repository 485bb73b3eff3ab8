"""Programs of a few statements, written as one line: ``a; b; c`` runs a and b and answers with c."""

import copy
import pickle
from collections import OrderedDict


def linears(torch, *sizes):
    """Return a Sequential of square Linear layers of the given sizes."""
    return torch.nn.Sequential(*[torch.nn.Linear(size, size) for size in sizes])


def program(line, **extra):
    """Return a program over a package, of statements divided by ``; ``; the last one is an expression."""
    *statements, answer = line.split("; ")

    def run(torch):
        names = {
            "torch": torch,
            "nn": torch.nn,
            "S": lambda *sizes: linears(torch, *sizes),
            "OD": OrderedDict,
            "copy": copy,
            "pickle": pickle,
            **{name: make(torch) for name, make in extra.items()},
        }
        exec("; ".join(statements), names)
        return eval(answer, names)

    return run
