"""Random programs of operations, views and writes in place: values, gradients and refusals are PyTorch's."""

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

import paramlab

# Each step takes the tensors so far (all 2 × 3, the first two leaves) and appends one, or writes to one.
# What is written is a copy: b may look at the memory of a, and nobody promises an order of writing then.
STEPS = {
    "add": lambda torch, a, b: a + b,
    "mul": lambda torch, a, b: a * b,
    "sub": lambda torch, a, b: a - b * 0.5,
    "div": lambda torch, a, b: a / (b * b + 1),
    "tanh": lambda torch, a, b: a.tanh(),
    "exp": lambda torch, a, b: (a * 0.1).exp(),
    "relu": lambda torch, a, b: a.relu(),
    "clone": lambda torch, a, b: a.clone(),
    "detach": lambda torch, a, b: a.detach(),
    "broadcast": lambda torch, a, b: a + b[0],
    "reshape": lambda torch, a, b: a.reshape(3, 2).t().reshape(2, 3),
    "view": lambda torch, a, b: a.view(6).view(2, 3),
    "rows": lambda torch, a, b: torch.stack([a[1], b[0]]),
    "parts": lambda torch, a, b: torch.cat([a[:, :1], b[:, 1:]], 1),
    "both ways": lambda torch, a, b: a[:] * b[:],
    "write": lambda torch, a, b: a.mul_(0.5),
    "write another": lambda torch, a, b: a.add_(b),
    "write to a row": lambda torch, a, b: (a[0].mul_(2), a)[1],
    "write to a column": lambda torch, a, b: (a[:, 1].add_(b[:, 0].clone()), a)[1],
    "write to a transpose": lambda torch, a, b: (a.t()[2].mul_(3), a)[1],
    "assign": lambda torch, a, b: (a.__setitem__(1, b[0].clone()), a)[1],
    "assign by mask": lambda torch, a, b: (a.__setitem__(a > 0, 0.25), a)[1],
    "copy": lambda torch, a, b: a.copy_(b.clone()),
    "a row": lambda torch, a, b: a[0].expand(2, 3) + 0,
}

steps = st.lists(
    st.tuples(st.sampled_from(sorted(STEPS)), st.integers(0, 7), st.integers(0, 7)), min_size=1, max_size=8
)


def run(torch, program):
    """Return the values, what reached the leaves, and the first error, by its class."""
    x = torch.tensor([[0.5, -1.0, 2.0], [1.5, 0.25, -0.75]], requires_grad=True)
    z = torch.tensor([[1.0, 0.5, -0.5], [0.75, -1.25, 2.0]], requires_grad=True)
    tensors = [x, z, x * 1, torch.tensor([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]])]
    try:
        for name, i, j in program:
            tensors.append(STEPS[name](torch, tensors[i % len(tensors)], tensors[j % len(tensors)]))
        total = sum((t * (k + 1)).sum() for k, t in enumerate(tensors))
        total.backward()
    except RuntimeError as error:
        return type(error).__name__, [t.tolist() for t in tensors], None
    return "fine", [t.tolist() for t in tensors], [t.grad.tolist() for t in (x, z)]


@settings(max_examples=150)
@given(steps)
@example([("view", 2, 0), ("write", 2, 0), ("mul", 4, 4)])
@example([("exp", 2, 0), ("write", 4, 0)])
@example([("view", 2, 0), ("write to a row", 4, 0), ("write to a column", 2, 1)])
def test_a_random_program(torch, program):
    expected, got = run(torch, program), run(paramlab, program)
    assert got[0] == expected[0]
    for ours, theirs in zip(got[1:], expected[1:], strict=True):
        for a, b in zip(ours or [], theirs or [], strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)
