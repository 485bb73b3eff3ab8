"""Lesson 01, tensor: where does a gradient come from?"""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import autograd
from ...cases import autograd as a
from ...cases import backward as c
from ...ops import Matmul, Mul
from ...tensor import Tensor
from ..tasks import Hint, Piece, Prediction, Task

LESSON = 1


def _shapes(answer: Any) -> list[tuple[int, ...] | None]:
    """Return the shapes of the gradients that a case answered; None for one that is missing."""
    return [None if grad is None else np.shape(grad["tensor"]) for grad in answer or ()]


def _swapped(answer: Any) -> bool:
    """Return whether the gradients of a (2, 3) and a (3, 4) matrix came in the other order."""
    return _shapes(answer) == [(3, 4), (2, 3)]


leaf_or_not = Prediction(
    name="leaf or not",
    lesson=LESSON,
    points=2,
    case=c.who_is_a_leaf_and_who_gets_a_gradient,
    hints={
        "x": "No operation made `x`. And did anybody ask for its gradient?",
        "w": "You made `w` yourself, you asked for its gradient, and the loss was computed of it.",
        "scaled": "Read the line from left to right: your tensor is multiplied, and the product gets the name.",
        "unused": "You made `unused` yourself. Is there a way from the loss to it?",
        "h": "An operation made `h`. The gradient passes through it: does it stay there?",
        "loss": "The loss is computed like everything else. The walk starts there: does it leave anything behind?",
    },
)

which_way_is_open = Prediction(
    name="which way is open",
    lesson=LESSON,
    points=1,
    case=c.which_way_is_open,
    hints={
        "w * w": "Nothing stands in the way here: two edges lead to `w`.",
        "w.detach() * w.detach()": "What is detached has no history. Is there any other way to `w`?",
        "w * w.detach()": "The product has two edges. One of them was cut.",
        "w * w under no_grad": "Under `no_grad` no operation is recorded. Without a graph, what is there to walk?",
        "w.item() * w.item()": "`item()` gives a number of Python's. Does a number know where it comes from?",
    },
)

unbroadcast = Piece(
    owner=autograd,
    attribute="unbroadcast",
    lesson=LESSON,
    points=2,
    cases=(
        c.a_row_that_was_added_to_every_row,
        c.a_row_beside_a_square,
        c.one_row_of_two_dimensions,
        c.one_column,
        c.a_row_plus_a_column,
        c.a_single_number,
        c.dimensions_added_and_stretched,
        c.a_dimension_added_in_front_of_one,
    ),
    hints=(
        Hint(
            lambda m: m.raised("TypeError", "'dim'") or m.raised("TypeError", "'keepdim'"),
            "`grad` is a NumPy array, no tensor. NumPy says `axis` and `keepdims`.",
        ),
        Hint(
            lambda m: m.raised("AttributeError", "'tuple'"),
            "`shape` is a tuple: it has `len(shape)` dimensions. An array has `grad.ndim`.",
        ),
        Hint(
            lambda m: m.raised("ValueError", "reshape"),
            "`reshape` keeps every number, and there are too many of them. The gradients of the copies add up: `sum`.",
        ),
        Hint(
            lambda m: _shapes(m.got("a_row_that_was_added_to_every_row")) == [None, None],
            "Nothing comes out. Is there a `return`, also where the shapes are equal?",
        ),
        Hint(
            lambda m: _shapes(m.got("a_row_that_was_added_to_every_row")) == [(2, 3), (2, 3)],
            "The gradient of the row is as large as the matrix still. Sum it along the dimension that was added.",
        ),
        Hint(
            lambda m: m.missed("a_row_that_was_added_to_every_row") and m.written(r"mean\("),
            "Each copy of the row has changed the loss, and the changes add up. They are not averaged.",
        ),
        Hint(
            lambda m: _shapes(m.got("a_row_that_was_added_to_every_row")) == [(2, 3), (3,)],
            "The shape is right, the numbers are not. Each copy received a gradient of its own: none may be left out.",
        ),
        Hint(
            lambda m: m.missed("a_row_that_was_added_to_every_row"),
            "Broadcasting adds dimensions in front. They are the first axes of `grad`, as many as "
            "`grad.ndim - len(shape)`.",
        ),
        Hint(
            lambda m: m.missed("one_row_of_two_dimensions", "one_column") and m.missed("a_row_plus_a_column"),
            "A dimension of length 1 was stretched, and has to be of length 1 again: sum along it, with "
            "`keepdims=True`.",
        ),
        Hint(
            lambda m: m.raised("AxisError"),
            "After a sum along an axis the others move up: what was axis 1 is axis 0 now.",
        ),
        Hint(
            lambda m: m.missed("a_single_number") or m.missed("dimensions_added_and_stretched"),
            "More than one dimension may have been added, or one was added and another stretched. "
            "Deal with all of them.",
        ),
    ),
)

mul = Piece(
    owner=Mul,
    attribute="backward",
    lesson=LESSON,
    points=1,
    cases=(
        c.each_factor_gets_the_other,
        c.the_same_factor_twice,
        c.a_factor_that_asks_for_nothing,
        c.a_factor_that_was_stretched,
    ),
    hints=(
        Hint(
            lambda m: m.raised("AttributeError", "'Mul' object") or m.raised("AttributeError", "'tuple'"),
            "`forward` has left the two arrays in `self.saved`. Begin with `a, b = self.saved`.",
        ),
        Hint(
            lambda m: m.raised("AttributeError", "'requires_grad'"),
            "`a` and `b` are NumPy arrays, and ask for nothing. `self.needs[0]` and `self.needs[1]` know who does.",
        ),
        Hint(
            lambda m: m.missed("each_factor_gets_the_other") and m.written(r"\w @ \w"),
            "`@` is the product of matrices. `a * b` multiplies element by element, and so do its gradients.",
        ),
        Hint(
            lambda m: (
                (m.raised("TypeError", "NoneType") or m.raised("AttributeError", "NoneType"))
                and not m.missed("each_factor_gets_the_other")
            ),
            "What is not needed was not saved: it is None. Compute a gradient only where `self.needs[i]` says so.",
        ),
        Hint(
            lambda m: m.raised("TypeError", "not iterable"),
            "Nothing comes out. Two gradients are to be returned: `return to_a, to_b`.",
        ),
        Hint(
            lambda m: _shapes(m.got("each_factor_gets_the_other")) == [(), ()] or m.raised("IndexError"),
            "There are two inputs, and each gets a gradient: `return to_a, to_b`.",
        ),
        Hint(
            lambda m: m.missed("each_factor_gets_the_other") and not m.written(r"grad\b(?!,|\))"),
            "What comes in counts: how much the loss changes when the product does. Multiply by `grad`.",
        ),
        Hint(
            lambda m: m.missed("each_factor_gets_the_other"),
            "If `a` grows by 1, `a * b` grows by `b`. So which of the two does the gradient of `a` take?",
        ),
        Hint(
            lambda m: m.missed("a_factor_that_was_stretched"),
            "A factor may have been stretched. `unbroadcast(…, self.shapes[i])` brings its gradient back to its shape.",
        ),
        Hint(
            lambda m: m.missed("a_factor_that_asks_for_nothing"),
            "`self.needs[0]` says whether `a` asks for a gradient, `self.needs[1]` whether `b` does.",
        ),
    ),
)

matmul = Piece(
    owner=Matmul,
    attribute="backward",
    lesson=LESSON,
    points=1,
    cases=(
        c.a_product_of_matrices,
        c.a_product_of_squares,
        c.data_times_a_weight,
        c.a_stack_of_products,
        c.one_matrix_for_a_whole_stack,
    ),
    hints=(
        Hint(
            lambda m: m.raised("TypeError", "NoneType") or _shapes(m.got("a_product_of_matrices")) == [(3,), (3,)],
            "Nothing comes out, or one of them alone. Two gradients are to be returned: `return to_a, to_b`.",
        ),
        Hint(
            lambda m: m.raised("AttributeError", "'shapes'") or m.raised("TypeError", "argument: 'shape'"),
            "`unbroadcast` needs the shape to go back to. Both arrays are there: `a.shape`, `b.shape`.",
        ),
        Hint(
            lambda m: _swapped(m.got("a_product_of_matrices")),
            "The gradients come in the order of the inputs: first that of `a`, then that of `b`.",
        ),
        Hint(
            lambda m: m.missed("a_product_of_matrices") and m.written(r"\.transpose\("),
            "NumPy's `transpose` takes the new order of all axes. `swapaxes(-1, -2)` swaps two of them.",
        ),
        Hint(
            lambda m: m.missed("a_product_of_matrices") and m.written(r"\w \* \w"),
            "`*` multiplies element by element. Here it takes the product of matrices: `@`.",
        ),
        Hint(
            lambda m: m.missed("a_product_of_matrices") and not m.written(r"\.T\b|swapaxes"),
            "The shapes do not fit. Write them down: which factor has to be transposed for `grad @ …` to come out like "
            "`a`?",
        ),
        Hint(
            lambda m: m.missed("a_product_of_matrices"),
            "The order counts: `grad` is as large as `a @ b`. What stands on its right for `a`, and on its left "
            "for `b`?",
        ),
        Hint(
            lambda m: m.missed("a_stack_of_products"),
            "There may be stacks of matrices, with more than two dimensions. `.T` turns all of them around; "
            "`swapaxes(-1, -2)` swaps the last two.",
        ),
        Hint(
            lambda m: m.missed("one_matrix_for_a_whole_stack"),
            "One matrix was used for a whole stack, so its gradient is a stack, too. `unbroadcast(…, a.shape)`.",
        ),
    ),
)

propagate = Piece(
    owner=autograd,
    attribute="propagate",
    lesson=LESSON,
    points=2,
    cases=(
        c.a_chain_leads_to_the_leaf,
        c.every_leaf_is_reached,
        c.a_leaf_that_is_used_three_times,
        c.what_is_computed_is_used_twice,
        c.a_sum_hands_the_same_to_both,
        a.a_frozen_input_gets_no_gradient,
        c.a_gradient_that_is_none_leads_nowhere,
        c.one_of_several_outputs,
        a.gradients_add_up,
        a.a_long_chain_is_no_problem,
        c.a_layer_in_a_loop,
        c.a_network_of_layers,
    ),
    hints=(
        Hint(
            lambda m: m.written(r"\bedge\.backward|propagate\(.*propagate\("),
            "Do not go on from here: `edge` may have more to come. Put the gradient into `arrived`; the edge has its "
            "turn in `visits` later.",
        ),
        Hint(
            lambda m: m.written(r"list\(visits|sorted\(|reversed\(|visits\.|visits\["),
            "`visits` finds the next node when you ask for it, and gives it what has arrived by then. Take them one by "
            "one.",
        ),
        Hint(
            lambda m: m.written(r"for \w+ in visits"),
            "`visits` gives two things at a time: `for node, grad in visits:`.",
        ),
        Hint(
            lambda m: m.written(r"append\("),
            "`arrived[edge]` is one array, no list of them: add them up at once.",
        ),
        Hint(
            lambda m: m.written(r"(?m)^ {8,}.*\b(return|break)\b|= next\(visits"),
            "The walk ends too early. Go through all of `visits`, and pass over a None with `continue`, not with "
            "`return` or `break`.",
        ),
        Hint(
            lambda m: m.raised("KeyError"),
            "At first there is nothing at an edge, and `arrived[edge]` is a KeyError. Ask `edge in arrived` before.",
        ),
        Hint(
            lambda m: m.raised("ValueError", "ambiguous") or m.raised("RuntimeError", "ambiguous"),
            "An array of several numbers is neither true nor false. Ask `part is None`, `edge is None`, and "
            "`edge in arrived`.",
        ),
        Hint(
            lambda m: m.raised("TypeError", "missing 1 required positional argument"),
            "A node needs what has arrived at it: `node.backward(grad)`.",
        ),
        Hint(
            lambda m: not m.written(r"\.backward\("),
            "What arrived at a node is not what goes on: `node.backward(grad)` returns a gradient for each edge.",
        ),
        Hint(
            lambda m: m.missed("a_chain_leads_to_the_leaf") and m.written(r"(?m)\] = (node\.backward\(grad\)|grads)$"),
            "`node.backward(grad)` returns a gradient for each edge. Go through the two together: "
            "`zip(node.edges, grads)`.",
        ),
        Hint(
            lambda m: m.missed("a_chain_leads_to_the_leaf") and m.written(r"arrived\[node\]"),
            "The gradients go on to what the node was computed of: `arrived[edge]`, for each edge.",
        ),
        Hint(
            lambda m: m.missed("a_chain_leads_to_the_leaf"),
            "Nothing arrives at the leaf. For each edge of the node, put its gradient into `arrived[edge]`.",
        ),
        Hint(
            lambda m: m.raised("TypeError", "NoneType") or m.raised("AttributeError", "NoneType"),
            "None leads nowhere: an input that asks for no gradient has the edge None, and a gradient may be None. "
            "Pass over both.",
        ),
        Hint(
            lambda m: m.missed("a_leaf_that_is_used_three_times", "what_is_computed_is_used_twice"),
            "What arrived first was overwritten. Two ways lead there, and their gradients add up.",
        ),
        Hint(
            lambda m: m.missed("a_sum_hands_the_same_to_both"),
            "A sum hands the same array to both its inputs, and `+=` writes into it. Make a new one: "
            "`arrived[edge] + part`.",
        ),
    ),
)

detach = Piece(
    owner=Tensor,
    attribute="detach",
    lesson=LESSON,
    points=1,
    cases=(
        c.detached_it_has_no_history,
        a.detach_shares_the_memory,
        c.the_tensor_that_was_detached_is_as_before,
        c.no_gradient_passes_what_is_detached,
        c.a_detached_parameter_is_a_plain_tensor,
        c.what_is_detached_may_ask_for_itself,
        c.a_write_through_what_is_detached_is_noticed,
        c.it_stays_on_its_device,
    ),
    hints=(
        Hint(
            lambda m: m.raised("RecursionError"),
            "`self.detach()` calls what you are writing. Make a tensor of the array: `self._beside(self._array)`.",
        ),
        Hint(
            lambda m: m.raised("RuntimeError", "Can't call numpy()"),
            "A tensor with a history does not become an array just so. It has one: `self._array`.",
        ),
        Hint(
            lambda m: m.raised("AttributeError", "has no setter"),
            "This can only be read. What `self._beside` gives has no history as it is; the counter belongs in "
            "`_version_`.",
        ),
        Hint(
            lambda m: m.raised("AttributeError", "'bump'") or m.raised("TypeError", "'Version'"),
            "The counter is what `self._version_counter()` returns, with brackets. It belongs in `_version_` of the "
            "new tensor.",
        ),
        Hint(
            lambda m: m.raised("AttributeError", "NoneType"),
            "Nothing comes out. Is there a `return`?",
        ),
        Hint(
            lambda m: m.raised("AttributeError", "numpy.ndarray"),
            "An array comes out, no tensor. `self._beside(array)` puts a tensor around it.",
        ),
        Hint(
            lambda m: m.missed("the_tensor_that_was_detached_is_as_before") or m.written(r"self\.\w+ = "),
            "The tensor itself was changed, and its own gradient is lost. Leave `self` alone, and return a new tensor.",
        ),
        Hint(
            lambda m: m.missed("detached_it_has_no_history"),
            "It is still part of the graph. A new tensor around the same array has no history: "
            "`self._beside(self._array)`.",
        ),
        Hint(
            lambda m: m.missed("detach_shares_the_memory"),
            "It has a copy of the values. A detached tensor shares the memory: `self._beside(self._array)` puts it "
            "around the array itself.",
        ),
        Hint(
            lambda m: m.missed("a_write_through_what_is_detached_is_noticed"),
            "A write through it goes unnoticed, and the gradient is wrong without an error. Both need the same "
            "counter: `_version_` of the new one is `self._version_counter()`.",
        ),
        Hint(
            lambda m: m.missed("it_stays_on_its_device"),
            "It is on another device now. `self._beside(array)` makes a tensor on the same one.",
        ),
    ),
)

TASKS: tuple[Task, ...] = (leaf_or_not, unbroadcast, mul, matmul, propagate, which_way_is_open, detach)
