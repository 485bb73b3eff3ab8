"""Lesson 02, parameter: what does the wrapper add?"""

from __future__ import annotations

from ...cases import parameter as c
from ...nn import Parameter
from ..tasks import Hint, Piece, Prediction, Task

LESSON = 2

three_kinds = Prediction(
    name="three kinds",
    lesson=LESSON,
    points=3,
    case=c.three_kinds_of_tensor_in_a_model,
    hints={
        "Tensor": "A plain tensor is an attribute like any other. Who would know that it matters to the model?",
        "Parameter": "A Parameter is what a model is made of: nothing is kept from it.",
        "Buffer": "A Buffer is state: the model needs it again after loading, and beside its weights. Is it learned?",
    },
)

same_as_requires_grad = Prediction(
    name="same as requires_grad",
    lesson=LESSON,
    points=2,
    case=c.is_it_the_same_as_requires_grad,
    hints={
        "gets a gradient": "Autograd asks one thing only: `requires_grad`. It does not care about classes.",
        "parameters()": "`parameters()` does not look at `requires_grad`. What does it look at?",
        "state_dict()": "`state_dict()` saves what the module registered. Was this tensor registered?",
        ".to()": "`.to()` moves what the module registered. Was this tensor registered?",
    },
)

new = Piece(
    owner=Parameter,
    attribute="__new__",
    lesson=LESSON,
    points=4,
    cases=(
        c.it_is_a_tensor_and_a_parameter,
        c.it_asks_for_a_gradient,
        c.it_can_be_frozen_from_the_start,
        c.it_keeps_the_values,
        c.it_shares_the_memory,
        c.it_leaves_the_tensor_alone,
        c.it_is_a_leaf_even_of_a_computed_tensor,
        c.without_data_it_is_empty,
        c.integers_can_not_ask_for_a_gradient,
        c.frozen_integers_are_accepted,
        c.a_number_is_no_tensor,
        c.a_subclass_stays_what_it_is,
        c.it_receives_a_gradient,
    ),
    hints=(
        Hint(
            lambda m: m.raised("RecursionError"),
            "`Parameter(…)` calls `__new__` again, without end. Make the object of the tensor: "
            "`data.detach().as_subclass(cls)`.",
        ),
        Hint(
            lambda m: m.raised("AttributeError", "has no attribute '_"),
            "An object made from nothing has nothing that makes it a tensor. Make it of one: "
            "`data.detach().as_subclass(cls)`.",
        ),
        Hint(
            lambda m: m.raised("RuntimeError", "ambiguous"),
            "`if not data` asks whether the values are true. Ask whether there is a tensor: `data is None`.",
        ),
        Hint(
            lambda m: m.got("it_is_a_tensor_and_a_parameter") == ["type", False, False],
            "`cls` is the class itself, and what is written into it holds for all. Make an object of the class: "
            "`data.detach().as_subclass(cls)`.",
        ),
        Hint(
            lambda m: m.got("it_is_a_tensor_and_a_parameter") == ["Tensor", True, False],
            "You return a plain tensor. `t.as_subclass(cls)` gives the same memory as an object of the class `cls`.",
        ),
        Hint(
            lambda m: m.got("it_is_a_tensor_and_a_parameter") == ["NoneType", False, False],
            "`__new__` makes the object and has to return it. Is there a `return`?",
        ),
        Hint(
            lambda m: m.missed("it_asks_for_a_gradient"),
            "A Parameter asks for a gradient unless told otherwise: pass `requires_grad` on, with `requires_grad_()`.",
        ),
        Hint(
            lambda m: m.missed("it_can_be_frozen_from_the_start"),
            "`requires_grad=False` has to stay False. Is the argument used, or is True written in its place?",
        ),
        Hint(
            lambda m: m.missed("it_leaves_the_tensor_alone"),
            "The tensor that was handed in has changed. Set `requires_grad` on the new object, not on `data`: "
            "`data.detach()` is a new object with the same memory, and `detach_()` is not.",
        ),
        Hint(
            lambda m: m.missed("it_shares_the_memory"),
            "The Parameter has its own copy of the values. No `clone()`, no `torch.tensor()`: `detach()` shares them.",
        ),
        Hint(
            lambda m: m.missed("without_data_it_is_empty"),
            "`nn.Parameter()` has no data. PyTorch takes an empty tensor then: `torch.empty(0)`.",
        ),
        Hint(
            lambda m: m.missed("a_number_is_no_tensor"),
            "A number is no tensor: let it be an AttributeError instead of making a tensor of it. "
            "`data.detach()` raises it by itself.",
        ),
        Hint(
            lambda m: m.missed("it_is_a_leaf_even_of_a_computed_tensor"),
            "A Parameter is a leaf, also if its values were computed. `detach()` cuts the history off.",
        ),
        Hint(
            lambda m: m.missed("a_subclass_stays_what_it_is"),
            "Use `cls`, the class that was called, instead of writing `Parameter`: somebody may subclass it.",
        ),
        Hint(
            lambda m: m.missed("integers_can_not_ask_for_a_gradient"),
            "Integers have no gradient, and asking for one is an error. Let `requires_grad_()` raise it.",
        ),
    ),
)

representation = Piece(
    owner=Parameter,
    attribute="__repr__",
    lesson=LESSON,
    points=1,
    cases=(
        c.it_prints_what_it_is,
        c.a_frozen_one_prints_without_requires_grad,
        c.an_empty_one_prints_too,
    ),
    hints=(
        Hint(
            lambda m: m.raised("TypeError", "missing 1 required positional argument: 'self'"),
            "A method that you call by its class has to be told of which object: `self` goes into the brackets.",
        ),
        Hint(
            lambda m: m.raised("RecursionError"),
            "To print `self` inside of its own `__repr__` asks for `__repr__` again. "
            "Ask the class above: `Tensor.__repr__(self)`.",
        ),
        Hint(
            lambda m: m.raised("TypeError", "__repr__ returned non-string"),
            "`__repr__` returns a string. It does not print.",
        ),
        Hint(
            lambda m: m.only("a_frozen_one_prints_without_requires_grad"),
            "A frozen Parameter prints without `requires_grad=True`. Let `Tensor.__repr__(self)` decide.",
        ),
        Hint(
            lambda m: "requires_grad" not in str(m.got("it_prints_what_it_is") or "requires_grad"),
            "`requires_grad=True` is lost. Print the Parameter itself, not `self.data` and not `self.detach()`.",
        ),
        Hint(
            lambda m: "\n" not in str(m.got("it_prints_what_it_is") or "\n").split("tensor(")[0],
            "The words stand on a line of their own: `Parameter containing:`, then `\\n`, then the tensor.",
        ),
        Hint(
            lambda m: m.missed("it_prints_what_it_is"),
            "Compare with PyTorch letter by letter: `Parameter containing:`, then `\\n`, then the tensor.",
        ),
    ),
)

TASKS: tuple[Task, ...] = (three_kinds, new, representation, same_as_requires_grad)
