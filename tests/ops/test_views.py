"""Writing to views and to their bases while autograd follows: the gradients are PyTorch's, or there is an error."""

import pytest

PROGRAMS = {
    "a write to a view is the base's": lambda y: (y.view(4).mul_(3), y)[1],
    "a write to a row is the base's": lambda y: (y[0].mul_(3), y)[1],
    "a write to an element is the base's": lambda y: (y[1, 1].add_(5), y)[1],
    "a write to a column is the base's": lambda y: (y[:, 1].mul_(y[:, 0].clone()), y)[1],
    "a write to a transposed view is the base's": lambda y: (y.t()[0].mul_(2), y)[1],
    "a write to the base is the view's": lambda y: (lambda v: (y.mul_(3), v)[1])(y.view(4)),
    "a write to one view is another's": lambda y: (lambda v: (y[0].mul_(3), v)[1])(y.t()),
    "two writes to a view": lambda y: (lambda v: (v.mul_(3), v.add_(v), y)[2])(y[0]),
    "a view of a view": lambda y: (y[0][1:].mul_(4), y)[1],
    "an assignment": lambda y: (y.__setitem__((0, slice(None)), y[1] * 2), y)[1],
    "an assignment by mask": lambda y: (y.__setitem__(y > 2, y[0, 0].clone()), y)[1],
    "an assignment by indices": lambda y: (y.__setitem__(([0, 1], [1, 0]), y[0].clone() * 5), y)[1],
    "a broadcast assignment": lambda y: (y.__setitem__(0, 7.0), y)[1],
    "an assignment to a view": lambda y: (y.view(4).__setitem__(slice(0, 2), 0.0), y)[1],
    "relu in place after a view": lambda y: (y.view(4) - 4).view(2, 2).relu_() + y,
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_gradient_after(name, agree):
    def program(torch):
        x = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
        out = PROGRAMS[name](x * 2)
        (out * torch.arange(1.0, out.numel() + 1).reshape(out.shape)).sum().backward()
        return out.detach(), x.grad, out.grad_fn.name()

    agree(program)


def test_a_plain_buffer_that_a_graph_is_written_into_is_followed(agree):
    def program(torch):
        w = torch.tensor([1.0, 2.0], requires_grad=True)
        memory = torch.zeros(3, 2)
        row = memory[1]
        memory[1] = w * 3
        memory.sum().backward()
        return w.grad, row.requires_grad, row.is_leaf, row.grad_fn.name(), memory.is_leaf, memory.detach()

    agree(program)


@pytest.mark.parametrize(
    "write", ["x.mul_(2)", "x[0].mul_(2)", "x.view(2).add_(1)", "x.__setitem__(0, 1.0)", "x.t().zero_()"]
)
def test_a_leaf_is_not_written_to(write, agree):
    agree(lambda torch: eval(write, {"x": torch.ones(2, requires_grad=True)}))


def test_a_leaf_is_written_to_without_recording(agree):
    def program(torch):
        x = torch.ones(2, requires_grad=True)
        with torch.no_grad():
            x[0] = 5
            x.view(2).mul_(2)
            x.t().add_(1)
        return x, x.is_leaf, x._version

    agree(program)


def test_the_second_row_still_gets_its_gradient_after_the_base_was_written_to(agree):
    def program(torch):
        x = torch.ones(2, 2, requires_grad=True)
        y = x * 1
        first, second = y[0], y[1]
        y.mul_(3)
        (first.sum() + second.sum() * 10).backward()
        return x.grad, first.grad_fn.name()

    agree(program)


SEVERAL = {
    "one of several views": lambda torch, y: y.unbind(0)[0].add_(1),
    "a part": lambda torch, y: y.split(1)[1].mul_(2),
    "a chunk": lambda torch, y: y.chunk(2)[0].mul_(2),
    "a row of an iteration": lambda torch, y: [row.add_(1) for row in y],
    "one of several views, whose base was written to": lambda torch, y: (
        lambda parts: (y.mul_(3), (parts[0] * 2).sum().backward())
    )(y.unbind(0)),
    "one of several views of a plain tensor": lambda torch, y: torch.ones(2, 2).unbind(0)[0].add_(1),
    "one of several, without recording": lambda torch, y: torch.no_grad()(lambda: y.unbind(0)[0].add_(1).tolist())(),
}


@pytest.mark.parametrize("name", SEVERAL)
def test_a_write_to(name, agree):
    agree(lambda torch: SEVERAL[name](torch, torch.ones(2, 2, requires_grad=True) * 2))
