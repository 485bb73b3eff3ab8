"""Lesson 08, layers: what are real layers made of?"""

from __future__ import annotations

from typing import Any

from ...cases import conv, init, layers
from ...nn import Linear
from ...nn import init as initialisation
from ...nn.functional import correlation
from ..tasks import Hint, Misses, Piece, Prediction, Task
from .lesson_08_block import residual_block

LESSON = 8

who_registers = Prediction(
    name="who registers the layers",
    lesson=LESSON,
    points=1,
    case=layers.who_registers_the_layers,
    hints={
        "list": "A Python list is an attribute like any other. And can one call a list?",
        "dict": "A Python dict is an attribute like any other. And can one call a dict?",
        "ModuleList": "It is a Module, so it is registered, and so is what it holds. But who tells it in which order, "
        "and with what, its layers are to be called?",
        "ModuleDict": "It is a Module, so it is registered, and so is what it holds. But which of its layers would a "
        "call be for?",
        "Sequential": "It is a Module, so it is registered, and so is what it holds. What does its name promise?",
    },
)

what_first_values_do = Prediction(
    name="first values",
    lesson=LESSON,
    points=1,
    case=init.what_first_values_do,
    hints={
        "zeros": "Nothing times zero is anything but zero. What is the way back made of?",
        "all alike": "Numbers do come through here, and back. But two units with the same weights compute the same: "
        "what tells them apart?",
        "normal": "The numbers grow from layer to layer. Growing is not vanishing, and no two units are alike.",
        "kaiming": "These are the first values that networks with ReLUs are trained from.",
    },
)


# ------------------------------------------------------------------ Linear


def _names(m: Misses) -> list[Any]:
    """Return the names and shapes of a Linear's Parameters that came out wrong."""
    return m.got("a_linear_registers_its_parameters") or []


linear_init = Piece(
    owner=Linear,
    attribute="__init__",
    lesson=LESSON,
    points=1,
    cases=(
        layers.a_linear_registers_its_parameters,
        layers.a_linear_knows_its_sizes,
        layers.a_linear_starts_within_its_bound,
        layers.a_linear_asks_for_its_first_values,
        layers.a_linear_without_a_bias,
        layers.a_linear_of_another_dtype,
        layers.a_linear_of_ones,
    ),
    hints=(
        Hint(
            lambda m: (
                m.raised("AttributeError", "before Module.__init__()") or m.raised("TypeError", "argument: 'self'")
            ),
            "A Module has to be made before it can register anything: `Module.__init__(self)` comes first.",
        ),
        Hint(
            lambda m: m.raised("AttributeError", "_features"),
            "`reset_parameters` and `print` ask the layer for its sizes. Keep them: `self.in_features`, "
            "`self.out_features`.",
        ),
        Hint(
            lambda m: m.raised("AttributeError", "'bool' object"),
            "The argument `bias` says whether there is one: yes or no. `self.bias` is a Parameter of `out_features` "
            "numbers.",
        ),
        Hint(
            lambda m: (
                m.raised("AttributeError", "'int' object")
                or m.raised("TypeError", "Parameter.__new__")
                or m.raised("TypeError", "cannot assign")
            ),
            "A Parameter is made of a tensor. `empty` makes one, of a shape, a `device` and a `dtype`; `Parameter(…)` "
            "goes around it.",
        ),
        Hint(
            lambda m: m.raised("AttributeError", "no attribute 'weight'") and m.written(r"self\.weight\b"),
            "`reset_parameters` finds no weight to fill. Call it at the end, when both Parameters are there.",
        ),
        Hint(
            lambda m: [row[0] for row in _names(m)] == ["weight"],
            "A bias is asked for, and is not listed. `register_parameter('bias', None)` is for a layer without one: "
            "None takes the place of what was there.",
        ),
        Hint(
            lambda m: (
                m.got("a_linear_registers_its_parameters") == []
                or (m.missed("a_linear_registers_its_parameters") and m.raised("AttributeError", "has no attribute"))
            ),
            "`parameters()` does not list weight and bias. What is registered is a Parameter that is assigned to "
            "`self.weight`, and another to `self.bias`.",
        ),
        Hint(
            lambda m: ["weight", [2, 3], "Parameter", True] in _names(m),
            "The weight lies on its side: it has a row for each *output*.",
        ),
        Hint(
            lambda m: [row[0] for row in _names(m)] == ["bias", "weight"],
            "The order counts: `parameters()` lists them as they were assigned, first the weight.",
        ),
        Hint(
            lambda m: m.missed("a_linear_registers_its_parameters"),
            "Look at names and shapes: `weight` is `(out_features, in_features)`, `bias` is `(out_features,)`.",
        ),
        Hint(
            lambda m: m.missed("a_linear_asks_for_its_first_values"),
            "`self.reset_parameters()` draws the first values, and a class on top of Linear may draw others. Call it "
            "at the end.",
        ),
        Hint(
            lambda m: (m.got("a_linear_without_a_bias") or [[[]]])[0][0] == ["weight", "bias"],
            "With `bias=False` there is a bias all the same. Ask for the argument `bias`.",
        ),
        Hint(
            lambda m: m.missed("a_linear_without_a_bias"),
            "Without a bias its name still has a place: `self.register_parameter('bias', None)` keeps it.",
        ),
        Hint(
            lambda m: m.missed("a_linear_of_another_dtype"),
            "`device` and `dtype` are the caller's to choose. Hand them on, for both Parameters.",
        ),
    ),
)

linear_forward = Piece(
    owner=Linear,
    attribute="forward",
    lesson=LESSON,
    points=1,
    cases=(
        layers.a_linear_of_ones,
        layers.a_linear_and_its_gradients,
        layers.a_linear_computes_without_a_bias,
        layers.a_linear_on_any_shape,
        layers.a_linear_whose_parameters_were_replaced,
        layers.features_that_do_not_fit_are_refused,
    ),
    hints=(
        Hint(
            lambda m: m.raised("RecursionError"),
            "`self(input)` calls `forward` again. Compute with `self.weight` and `self.bias`.",
        ),
        Hint(
            lambda m: m.raised("AttributeError", "'NoneType' object has no attribute 'detach'"),
            "Nothing comes out. Is there a `return`?",
        ),
        Hint(
            lambda m: m.raised("RuntimeError", "ambiguous"),
            "`if self.bias` asks for its values, and whether they are true. Ask whether there is one: "
            "`self.bias is None`.",
        ),
        Hint(
            lambda m: m.missed("a_linear_of_ones") and m.written(r"\* *self\.weight|input *\*|\bmul\("),
            "`*` multiplies element by element. The matrix product is `@`.",
        ),
        Hint(
            lambda m: m.missed("a_linear_of_ones") and m.raised("RuntimeError", "cannot be multiplied"),
            "The weight has a row for each output, `(out, in)`. Rows of inputs times that does not fit: which way "
            "round has it to be?",
        ),
        Hint(
            lambda m: m.got("a_linear_of_ones") is not None and "3.0, 3.0, 3.0" in str(m.got("a_linear_of_ones")),
            "The product is right. What was to be added to it?",
        ),
        Hint(
            lambda m: m.missed("a_linear_of_ones"),
            "It is `input @ weight.T + bias`, with the weight and the bias of `self`. `addmm` takes the bias first.",
        ),
        Hint(
            lambda m: m.missed("a_linear_and_its_gradients"),
            "The values are right, the gradients are not: `.data` and `.detach()` cut the way back. Compute with the "
            "Parameters themselves.",
        ),
        Hint(
            lambda m: m.missed("a_linear_computes_without_a_bias"),
            "With `bias=False` there is nothing to add: `self.bias` is None.",
        ),
        Hint(
            lambda m: m.missed("a_linear_whose_parameters_were_replaced"),
            "Somebody may replace weight and bias by others, of another shape. Ask them, not `out_features`.",
        ),
        Hint(
            lambda m: m.missed("a_linear_on_any_shape"),
            "`addmm` takes matrices only, and flattening loses the shape. An input may be one row, or have more "
            "dimensions: `@` and `F.linear` take all of them.",
        ),
    ),
)


# ------------------------------------------------------------------ kaiming_uniform_


def _ends(m: Misses) -> list[float]:
    """Return the ends and the spread that came out wrong, in units of the right bound."""
    return m.got("kaiming_fills_evenly_up_to_its_bound") or [1.0, 1.0, 1.0]


kaiming_uniform = Piece(
    owner=initialisation,
    attribute="kaiming_uniform_",
    lesson=LESSON,
    points=1,
    cases=(
        init.kaiming_fills_evenly_up_to_its_bound,
        init.kaiming_of_a_parameter,
        init.kaiming_by_the_outputs,
        init.kaiming_of_a_kernel,
        init.kaiming_with_a_slope,
        init.kaiming_for_a_nonlinearity,
        init.kaiming_with_a_generator,
        init.kaiming_without_fans,
    ),
    hints=(
        Hint(
            lambda m: m.raised("RuntimeError", "in-place operation"),
            "A Parameter is a leaf, and autograd does not let it be written to. `uniform_` of `init` writes without "
            "being recorded.",
        ),
        Hint(
            lambda m: m.raised("AttributeError", "'NoneType'"),
            "The tensor is filled in place, and returned: `return tensor`.",
        ),
        Hint(
            lambda m: str(_ends(m)) == "[-0.0, 0.0, 0.0]",
            "The numbers are far too small. The root is taken of all of `3 / fan`.",
        ),
        Hint(
            lambda m: _ends(m) == [0.0, 0.0, 0.0],
            "The tensor still has its old values. Write into it: a function whose name ends in `_` fills the tensor "
            "that it is given.",
        ),
        Hint(
            lambda m: _ends(m)[0] == 0.0,
            "The numbers are all positive. The interval goes from `-bound` to `bound`.",
        ),
        Hint(
            lambda m: _ends(m)[1] > 1.5 and _ends(m)[2] < 0.8,
            "These numbers are normally distributed. Here they are to be drawn evenly: every number within the bound "
            "is as likely as any other.",
        ),
        Hint(
            lambda m: _ends(m)[1] == 2.0,
            "It goes by the wrong number of the two: a weight is `(out, in)`, and `fan_in` counts what an output is "
            "summed of.",
        ),
        Hint(
            lambda m: _ends(m)[1] == 0.7,
            "The gain is missing: a ReLU takes half of the signal away, and `calculate_gain(nonlinearity, a)` makes "
            "up for it.",
        ),
        Hint(
            lambda m: _ends(m)[1] == 0.6,
            "`gain / sqrt(fan)` is the standard deviation. Even numbers reach √3 times as far.",
        ),
        Hint(
            lambda m: m.raised("RuntimeError", "ambiguous"),
            "`if not tensor` asks for its values, and whether they are true. `numel()` says how many there are.",
        ),
        Hint(
            lambda m: m.missed("kaiming_fills_evenly_up_to_its_bound") and m.raised("TypeError"),
            "An error came before any number. Are all arguments there, as in the list above? The fan and the gain are "
            "plain numbers: `math.sqrt` takes them.",
        ),
        Hint(
            lambda m: m.missed("kaiming_fills_evenly_up_to_its_bound"),
            "The bound is `gain * sqrt(3 / fan)`. Compare the ends that came with 1.",
        ),
        Hint(
            lambda m: m.missed("kaiming_by_the_outputs"),
            "`mode` is the caller's to choose: `_calculate_correct_fan(tensor, mode)` counts the right one.",
        ),
        Hint(
            lambda m: m.missed("kaiming_of_a_kernel"),
            "An output of a convolution is summed of all pixels of a window, in all channels. So is its fan.",
        ),
        Hint(
            lambda m: m.missed("kaiming_for_a_nonlinearity"),
            "`nonlinearity` is the caller's to choose: the gain depends on it.",
        ),
        Hint(
            lambda m: m.missed("kaiming_with_a_slope"),
            "`a` is the slope of a leaky ReLU, and the gain depends on it.",
        ),
        Hint(
            lambda m: m.missed("kaiming_with_a_generator"),
            "A caller's `generator` draws the numbers, if there is one. Hand it on.",
        ),
        Hint(
            lambda m: m.missed("kaiming_without_fans"),
            "A tensor without elements has nothing to fill, and no fan: warn and return it, before you count. "
            "The other errors come from `_calculate_correct_fan`.",
        ),
    ),
)


# ------------------------------------------------------------------ windows


_LENGTHS = ("could not broadcast", "inhomogeneous", "must have the same shape", "must match exactly")  # NumPy's words


def _tapped(m: Misses) -> list[Any]:
    """Return what the four kernels of one tap picked, if it was wrong."""
    answer = m.got("a_tap_picks_its_pixel")
    return answer["tensor"] if isinstance(answer, dict) else []


windows = Piece(
    owner=correlation,
    attribute="windows",
    lesson=LESSON,
    points=1,
    cases=(
        conv.a_tap_picks_its_pixel,
        conv.channels_are_summed,
        conv.a_kernel_moves_over_images,
        conv.a_kernel_moves_over_signals,
        conv.stride_padding_and_dilation,
        conv.groups_see_their_own_channels,
        conv.padding_by_name,
        conv.one_image_without_a_batch,
        conv.a_residual_block,
    ),
    hints=(
        Hint(
            lambda m: m.written(r"torch\.\w+\("),
            "These are NumPy's arrays, not tensors: autograd looks on from outside. Use `np`, and slices.",
        ),
        Hint(
            lambda m: m.raised("UFuncTypeError", "dtype('O')"),  # None, as an array
            "Nothing comes out. Is there a `return`?",
        ),
        Hint(
            lambda m: m.written(r"for [^\n]*:\n\s+return\b"),
            "The `return` stands inside of the loop, and ends it after the first tap.",
        ),
        Hint(
            lambda m: m.raised("TypeError", "list"),
            "`starts` is a list, with a number for each tap. Go through it: each tap cuts a stretch of its own.",
        ),
        Hint(
            lambda m: m.raised("IndexError", "out of bounds"),
            "A tap has a number, 0, 1, 2 …, and a start. `enumerate(starts)` gives both.",
        ),
        Hint(
            lambda m: m.raised("AttributeError", "itemsize"),
            "`scratch` wants NumPy's own dtype: that of the rows.",
        ),
        Hint(
            lambda m: m.missed("a_tap_picks_its_pixel") and m.written(r"rows\[\w+( \+ \w+)? ?:"),
            "`rows[a:b]` cuts the first dimension. The pixels are the last: `rows[..., a:b]`.",
        ),
        Hint(
            lambda m: m.missed("a_tap_picks_its_pixel") and any(m.raised("ValueError", words) for words in _LENGTHS),
            "A stretch has the wrong number of pixels. It begins at `start` and has `length` of them: where does it "
            "end?",
        ),
        Hint(
            lambda m: m.missed("a_tap_picks_its_pixel") and (m.raised("ValueError") or m.raised("IndexError")),
            "The shape does not fit. It is `(..., C * taps, length)`: a row for each tap of each channel, "
            "a column for each position.",
        ),
        Hint(
            lambda m: bool(_tapped(m)) and _tapped(m)[0][0][0] == 5.0,
            "The taps come from the last to the first. The first row of the result belongs to the first tap.",
        ),
        Hint(
            lambda m: bool(_tapped(m)) and _tapped(m)[2] == [[3.0, 4.0], [6.0, 7.0]],
            "The number of a tap is not its place: the second line of a kernel lies a whole line of the image later. "
            "Where a tap begins stands in `starts`.",
        ),
        Hint(
            lambda m: m.missed("a_tap_picks_its_pixel"),
            "With one tap that is 1, each output is a pixel. Which pixels came instead? At the first position a tap "
            "sees the pixel at its `start`, at the next position the pixel after it.",
        ),
        Hint(
            lambda m: m.missed("channels_are_summed") and m.raised("ValueError"),
            "With several channels the shape does not fit: `rows` are `(..., C, pixels)`, and each channel has its own "
            "taps. `...` in an index stands for all dimensions before.",
        ),
        Hint(
            lambda m: m.missed("channels_are_summed"),
            "One channel works, several do not: the order counts. First all taps of the first channel, then all taps "
            "of the second.",
        ),
        Hint(
            lambda m: m.missed("groups_see_their_own_channels"),
            "There may be several groups, a dimension before the channels. Leave what is before the last two "
            "dimensions as it is: `...`.",
        ),
    ),
)


TASKS: tuple[Task, ...] = (
    linear_init,
    linear_forward,
    what_first_values_do,
    kaiming_uniform,
    who_registers,
    windows,
    residual_block,
)
