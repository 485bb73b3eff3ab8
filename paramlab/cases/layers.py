"""What layers are made of: the Parameters of a Linear, its formula, and a residual block of convolutions."""

from __future__ import annotations

from typing import Any

import numpy as np

from .case import Written, attempt, case, case_of, floats
from .models import a_layer, names_of

Rng = np.random.Generator

RESIDUAL_BLOCK = Written(
    "ResidualBlock",
    '''class ResidualBlock(nn.Module):
    """relu(x + norm2(conv2(relu(norm1(conv1(x)))))), for images with any number of channels."""

    def __init__(self, channels):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.norm1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)
        self.norm2 = nn.BatchNorm2d(channels)

    def forward(self, x):
        y = F.relu(self.norm1(self.conv1(x)))
        y = self.norm2(self.conv2(y))
        return F.relu(x + y)
''',
)


def _filled(torch: Any, rng: Rng, model: Any) -> Any:
    """Return the model, its Parameters filled with numbers from ``rng``."""
    with torch.no_grad():
        for p in model.parameters():
            p.copy_(floats(torch, rng, *p.shape))
    return model


# ------------------------------------------------------------------ a Linear's Parameters


@case
def a_linear_registers_its_parameters(torch: Any, rng: Rng) -> Any:
    """``nn.Linear(2, 3)``: the names, shapes and classes of its Parameters, and whether they ask for a gradient."""
    layer = torch.nn.Linear(2, 3)
    return [[name, list(p.shape), type(p).__name__, p.requires_grad] for name, p in layer.named_parameters()]


@case
def a_linear_starts_within_its_bound(torch: Any, rng: Rng) -> Any:
    """``nn.Linear(100, 500)``: its smallest and largest weight, and bias, in units of ``1 / sqrt(100)``."""
    layer, bound = torch.nn.Linear(100, 500), 1 / 100**0.5
    return [[round(end.item() / bound, 1) for end in (p.min(), p.max())] for p in (layer.weight, layer.bias)]


@case
def a_linear_without_a_bias(torch: Any, rng: Rng) -> Any:
    """``nn.Linear(2, 3, bias=False)``: its Parameters, ``_parameters``, ``layer.bias``; and with a new bias."""
    layer = torch.nn.Linear(2, 3, bias=False)
    before = names_of(layer), list(layer._parameters), layer.bias
    layer.bias = torch.nn.Parameter(torch.zeros(3))
    return before, names_of(layer)


@case
def a_linear_knows_its_sizes(torch: Any, rng: Rng) -> Any:
    """``nn.Linear(2, 3)``: ``in_features``, ``out_features``, and how it prints."""
    layer = torch.nn.Linear(2, 3)
    return layer.in_features, layer.out_features, repr(layer)


@case
def a_linear_of_another_dtype(torch: Any, rng: Rng) -> Any:
    """``nn.Linear(2, 3, dtype=torch.float64)`` and ``nn.Linear(2, 3, device="meta")``: dtypes and devices."""
    layers = torch.nn.Linear(2, 3, dtype=torch.float64), torch.nn.Linear(2, 3, device="meta")
    return [[p.dtype, str(p.device)] for layer in layers for p in layer.parameters()]


@case
def a_linear_asks_for_its_first_values(torch: Any, rng: Rng) -> Any:
    """A class on ``nn.Linear`` with its own ``reset_parameters``, which writes ones: the weight and the bias."""

    class Ones(torch.nn.Linear):  # type: ignore[misc]
        def reset_parameters(self) -> None:
            torch.nn.init.ones_(self.weight)
            torch.nn.init.ones_(self.bias)

    layer = Ones(2, 1)
    return layer.weight.detach(), layer.bias.detach()


# ------------------------------------------------------------------ a Linear's formula


@case
def a_linear_of_ones(torch: Any, rng: Rng) -> Any:
    """``nn.Linear(2, 3)`` with ones for its weight and bias, on ``[[1, 2], [3, 4]]``."""
    layer = torch.nn.Linear(2, 3)
    for p in layer.parameters():
        torch.nn.init.ones_(p)
    return layer(torch.tensor([[1.0, 2.0], [3.0, 4.0]])).detach()


@case
def a_linear_and_its_gradients(torch: Any, rng: Rng) -> Any:
    """``nn.Linear(3, 2)`` on four rows: what comes out, and the gradients of the input, the weight and the bias."""
    layer, x = _filled(torch, rng, torch.nn.Linear(3, 2)), floats(torch, rng, 4, 3).requires_grad_()
    out = layer(x)
    out.backward(floats(torch, rng, 4, 2))
    return out.detach(), x.grad, layer.weight.grad, layer.bias.grad


@case
def a_linear_computes_without_a_bias(torch: Any, rng: Rng) -> Any:
    """``nn.Linear(3, 2, bias=False)`` on two rows."""
    return _filled(torch, rng, torch.nn.Linear(3, 2, bias=False))(floats(torch, rng, 2, 3)).detach()


@case
def a_linear_on_any_shape(torch: Any, rng: Rng) -> Any:
    """``nn.Linear(3, 2)`` on one row ``(3,)``, and on ``(2, 4, 3)``: the last dimension is that of the features."""
    layer = _filled(torch, rng, torch.nn.Linear(3, 2))
    return layer(floats(torch, rng, 3)).detach(), layer(floats(torch, rng, 2, 4, 3)).detach()


@case
def a_linear_whose_parameters_were_replaced(torch: Any, rng: Rng) -> Any:
    """``layer.weight`` and ``layer.bias`` replaced by Parameters of another shape: what comes out."""
    layer = torch.nn.Linear(3, 2)
    layer.weight = torch.nn.Parameter(floats(torch, rng, 4, 3))
    layer.bias = torch.nn.Parameter(floats(torch, rng, 4))
    return layer(floats(torch, rng, 2, 3)).detach()


@case
def features_that_do_not_fit_are_refused(torch: Any, rng: Rng) -> Any:
    """``nn.Linear(3, 2)`` on rows of four: the error."""
    return attempt(lambda: torch.nn.Linear(3, 2)(floats(torch, rng, 2, 4)))


# ------------------------------------------------------------------ containers


@case
def who_registers_the_layers(torch: Any, rng: Rng) -> Any:
    """Two layers in a list, a dict and three containers: are their Parameters listed, and can it be called?"""
    nn, x = torch.nn, floats(torch, rng, 2, 2)

    def two() -> list[Any]:
        return [nn.Linear(2, 2), nn.Linear(2, 2)]

    held = {
        "list": two(),
        "dict": dict(zip("ab", two(), strict=True)),
        "ModuleList": nn.ModuleList(two()),
        "ModuleDict": nn.ModuleDict(dict(zip("ab", two(), strict=True))),
        "Sequential": nn.Sequential(*two()),
    }

    def works(layers: Any) -> bool:
        try:
            return bool(layers(x).shape == x.shape)
        except (TypeError, NotImplementedError):
            return False

    return {name: (len(names_of(a_layer(torch, layers=it))) == 4, works(it)) for name, it in held.items()}


# ------------------------------------------------------------------ the residual block


def _block(torch: Any, rng: Rng, definition: Any) -> Any:
    """Return a block for two channels whose kernels have numbers from ``rng``, in the order of the convolutions."""
    block = definition(2)
    for layer in block.modules():
        if isinstance(layer, torch.nn.Conv2d):
            with torch.no_grad():
                layer.weight.copy_(floats(torch, rng, *layer.weight.shape))
    return block


@case_of(RESIDUAL_BLOCK)
def a_block_computes_its_formula(torch: Any, rng: Rng, definition: Any) -> Any:
    """``ResidualBlock(2)`` on three images of 4 × 4 pixels, in training: what comes out."""
    return _block(torch, rng, definition)(floats(torch, rng, 3, 2, 4, 4)).detach()


@case_of(RESIDUAL_BLOCK)
def a_block_registers_its_layers(torch: Any, rng: Rng, definition: Any) -> Any:
    """``ResidualBlock(3)``: its convolutions and BatchNorms, and the shapes of its Parameters."""
    block = definition(3)
    names = sorted(type(m).__name__ for m in block.modules())
    return [n for n in names if n.startswith(("Conv", "Batch"))], sorted(list(p.shape) for p in block.parameters())


@case_of(RESIDUAL_BLOCK)
def a_block_that_adds_nothing(torch: Any, rng: Rng, definition: Any) -> Any:
    """A block whose Parameters are all zero, on images with negative pixels: what comes out."""
    block, x = definition(2), floats(torch, rng, 1, 2, 2, 3)
    for p in block.parameters():
        torch.nn.init.zeros_(p)
    return block(x).detach()


@case_of(RESIDUAL_BLOCK)
def a_block_moves_both_statistics(torch: Any, rng: Rng, definition: Any) -> Any:
    """After one batch in training: the running variances of the block's BatchNorms, and how many batches they saw."""
    block = _block(torch, rng, definition)
    block(floats(torch, rng, 3, 2, 4, 4))
    norms = [m for m in block.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    return sorted([*m.running_var.tolist(), m.num_batches_tracked.item()] for m in norms)


@case_of(RESIDUAL_BLOCK)
def a_block_passes_gradients_on(torch: Any, rng: Rng, definition: Any) -> Any:
    """``block(x).backward(g)``: the gradient of ``x``."""
    block, x = _block(torch, rng, definition), floats(torch, rng, 2, 2, 3, 3).requires_grad_()
    out = block(x)
    out.backward(floats(torch, rng, *out.shape))
    return x.grad


@case_of(RESIDUAL_BLOCK)
def a_block_leaves_its_input_alone(torch: Any, rng: Rng, definition: Any) -> Any:
    """The images before and after ``block(x)``: are they the same?"""
    x = floats(torch, rng, 2, 2, 3, 3)
    before = x.clone()
    definition(2)(x)
    return bool((x == before).all())
