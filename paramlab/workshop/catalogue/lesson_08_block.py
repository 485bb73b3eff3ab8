"""Lesson 08, layers: the residual block that a learner writes."""

from __future__ import annotations

from ...cases import layers
from ..tasks import Definition, Hint, Misses

LESSON = 8


def _kinds(m: Misses) -> list[str]:
    """Return which convolutions and BatchNorms are registered, if they are not the right ones."""
    answer = m.got("a_block_registers_its_layers")
    return answer[0] if answer else ["BatchNorm2d", "BatchNorm2d", "Conv2d", "Conv2d"]


residual_block = Definition(
    name="ResidualBlock",
    lesson=LESSON,
    points=2,
    solution=layers.RESIDUAL_BLOCK,
    given='''class ResidualBlock(nn.Module):
    """relu(x + norm2(conv2(relu(norm1(conv1(x)))))), for images with any number of channels."""

    def __init__(self, channels):
        super().__init__()
        ...

    def forward(self, x):
        ...
        return F.relu(x)
''',
    cases=(
        layers.a_block_computes_its_formula,
        layers.a_block_registers_its_layers,
        layers.a_block_that_adds_nothing,
        layers.a_block_moves_both_statistics,
        layers.a_block_passes_gradients_on,
        layers.a_block_leaves_its_input_alone,
    ),
    hints=(
        Hint(
            lambda m: m.raised("AttributeError", "before Module.__init__()"),
            "A Module has to be made before it can register anything: `super().__init__()` comes first.",
        ),
        Hint(
            lambda m: m.raised("TypeError", "activation.ReLU"),
            "`nn.ReLU` is a class: called, it makes a layer. `F.relu` is the function.",
        ),
        Hint(
            lambda m: m.raised("AttributeError", "'NoneType'"),
            "Nothing comes out of `forward`. Is there a `return`?",
        ),
        Hint(
            lambda m: m.raised("RuntimeError", "The size of tensor") or m.raised("RuntimeError", "Kernel size"),
            "The two images to be added are not of one size. A kernel of 3 × 3 takes a pixel away at each side, unless "
            "there is `padding=1`.",
        ),
        Hint(
            lambda m: m.raised("RuntimeError", "channels") or m.raised("RuntimeError", "running_mean"),
            "The number of channels does not fit. Every layer of the block has `channels` of them, coming in and "
            "going out.",
        ),
        Hint(
            lambda m: "Conv2d" not in _kinds(m),
            "The block computes, but nobody will train it: its layers are not registered. Assign each to `self` in "
            "`__init__`.",
        ),
        Hint(
            lambda m: _kinds(m).count("BatchNorm2d") < 2 or _kinds(m).count("Conv2d") < 2,
            "The block needs two convolutions and two BatchNorms. Each has weights of its own, and statistics of its "
            "own: one layer that is called twice is still one.",
        ),
        Hint(
            lambda m: m.got("a_block_leaves_its_input_alone") is False,
            "`x += …` and `relu_` write into the images of the caller. Make new ones: `x + …`.",
        ),
        Hint(
            lambda m: "-" in str(m.got("a_block_that_adds_nothing")),
            "Negative numbers come out. The last step is the ReLU, after the sum.",
        ),
        Hint(
            lambda m: m.missed("a_block_that_adds_nothing"),
            "With all weights zero the images have to come through all the same. Where is the way around the layers, "
            "`x + …`? And is `x` still what came in, or was the name given away?",
        ),
        Hint(
            lambda m: m.missed("a_block_computes_its_formula"),
            "The layers are there. Read the formula from the inside: convolution, BatchNorm, ReLU, convolution, "
            "BatchNorm. Then the sum, and the ReLU of what it gives.",
        ),
        Hint(
            lambda m: m.missed("a_block_registers_its_layers"),
            "The shapes of the Parameters are not those of `nn.Conv2d(channels, channels, 3, padding=1)` and "
            "`nn.BatchNorm2d(channels)`, with all their defaults.",
        ),
    ),
)
