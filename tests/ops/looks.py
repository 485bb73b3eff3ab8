"""A program that looks at all sides of a result: values, layout in memory, history, gradients."""

import numpy as np


def looked_at(expression, **leaves):
    """Return a program that evaluates the expression on leaves and answers what the result is, and their gradients."""

    def program(torch):
        made = {name: torch.tensor(values, requires_grad=True) for name, values in leaves.items()}
        names = {"torch": torch, "F": torch.nn.functional, "np": np, "L": torch.tensor, **made}
        result = eval(expression, names)
        tensors = [t for t in (result if isinstance(result, tuple | list) else [result]) if hasattr(t, "grad_fn")]
        loss = sum((t * torch.arange(1.0, t.numel() + 1).reshape(t.shape)).sum() for t in tensors if t.requires_grad)
        if tensors and hasattr(loss, "backward") and loss.numel():
            loss.backward()
        answers = [(_look(t), [_share(t, leaf) for leaf in made.values()]) for t in tensors] if tensors else result
        return answers, [leaf.grad for leaf in made.values()]

    return program


def _look(tensor):
    name = tensor.grad_fn.name() if tensor.grad_fn is not None else None
    # how far apart the elements of a dimension with one element lie says nothing
    strides = [step for step, n in zip(tensor.stride(), tensor.shape, strict=True) if n > 1] if tensor.numel() else []
    return tensor.detach(), name, strides, tensor.is_contiguous()


def _share(a, b):
    """Return whether two tensors look at one memory; nobody knows it of one without elements."""
    return bool(a.numel()) and a.untyped_storage().data_ptr() == b.untyped_storage().data_ptr()
