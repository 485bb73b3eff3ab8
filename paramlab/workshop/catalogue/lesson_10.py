"""Lesson 10, capstone: does it all hold?"""

from __future__ import annotations

from ...cases import capstone as c
from ..tasks import BROKEN, Definition, Hint, Misses, Prediction, Task

LESSON = 10

final_table = Prediction(
    name="the final table",
    lesson=LESSON,
    points=1,
    case=c.the_final_table,
    hints={
        "body.0.weight": "It is frozen, and a Parameter all the same. Which of the five ask for `requires_grad`, and "
        "whom did `fine_tune` hand to the optimizer?",
        "body.1.running_mean": "BatchNorm computes its statistics, nobody learns them. Does the model need them again?",
        "head.weight": "The new head is what the fine-tuning is for: a Parameter, thawed, and handed to the optimizer.",
        "scale": "It was frozen during the first training. What has `fine_tune` made of it?",
        "digits": "It is registered with `persistent=False`. One of the five goes by that word.",
        "features": "A plain tensor is an attribute like any other. Who would know of it?",
    },
)

audit = Definition(
    name="audit",
    lesson=LESSON,
    points=1,
    solution=c.AUDIT,
    given='''def audit(model, optimizer):
    """Return the names of the Parameters that ask for a gradient and that the optimizer does not hold."""
    names = []
    ...
    return names
''',
    cases=(
        c.a_new_head_is_missed,
        c.nothing_is_missing,
        c.a_frozen_one_is_not_missed,
        c.thawed_too_late,
        c.equal_numbers_are_another_object,
        c.two_groups,
    ),
    hints=(
        Hint(
            lambda m: m.raised("TypeError", "'NoneType'"),
            "It returns nothing. Collect the names, and `return` the list.",
        ),
        Hint(
            lambda m: m.raised("RuntimeError"),
            "`in`, `==` and `list.index` compare the numbers of two tensors, element by element. You ask for the same "
            "object: `is`, or `id(p)`.",
        ),
        Hint(
            lambda m: m.stumbled("TypeError", "list indices"),
            "`optimizer.param_groups` is a list, and each of its groups is a dict. Ask each group for its `params`.",
        ),
        BROKEN,
        Hint(
            lambda m: any(str(name).startswith("a ") for name in m.got("a_new_head_is_missed") or []),
            "It returns something other than names. `model.named_parameters()` gives each name with its Parameter.",
        ),
        Hint(
            lambda m: (
                m.got("a_new_head_is_missed") is not None
                and m.missed("nothing_is_missing")
                and not m.written(r"\.grad\b")
            ),
            "Some are reported that the optimizer does hold. It holds objects without names, in the `params` of each "
            "group. Is one reported only if it is none of them all?",
        ),
        Hint(
            lambda m: m.got("a_new_head_is_missed") is not None and m.missed("nothing_is_missing"),
            "A model whose optimizer holds everything is reported, too. `.grad` tells who got a gradient, not who is "
            "held: that stands in `optimizer.param_groups`.",
        ),
        Hint(
            lambda m: m.got("a_new_head_is_missed") == [] and m.missed("equal_numbers_are_another_object"),
            "The new head is not found. Go through the Parameters of the model, and look for each among those that "
            "the optimizer holds.",
        ),
        Hint(
            lambda m: m.missed("equal_numbers_are_another_object"),
            "Equal numbers are not enough: the optimizer updates the object that it holds. Compare with `is`, or by "
            "`id(p)`.",
        ),
        Hint(
            lambda m: m.missed("a_frozen_one_is_not_missed"),
            "A frozen Parameter does not ask for a gradient, so nobody misses it. Look at `requires_grad`.",
        ),
        Hint(
            lambda m: m.missed("two_groups"),
            "An optimizer may have several groups. Nobody holds what is in none of them: go through all of "
            "`optimizer.param_groups` first.",
        ),
    ),
)


def _learns(m: Misses, name: str) -> bool | None:
    """Return whether a Parameter asks for a gradient after a `fine_tune` that is wrong about that; else None."""
    asking = m.got("who_asks_for_a_gradient")
    return None if asking is None else name in asking


fine_tune = Definition(
    name="fine_tune",
    lesson=LESSON,
    points=2,
    solution=c.FINE_TUNE,
    given='''def fine_tune(model):
    """Freeze all but the head and the temperature; return the SGD that trains these two."""
    ...
    return optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
''',
    cases=(
        c.who_asks_for_a_gradient,
        c.who_is_held,
        c.what_training_changes,
        c.an_old_gradient_moves_nothing_frozen,
        c.it_changes_no_number,
        c.how_it_steps,
    ),
    hints=(
        Hint(
            lambda m: m.raised("TypeError", "optimize"),
            "`model.head.parameters()` is not one Parameter, it gives several. In a list, spread it with a star: "
            "`[*…, …]`.",
        ),
        Hint(
            lambda m: m.raised("ValueError", "empty parameter list"),
            "When the optimizer is made, nothing asks for a gradient yet. Thaw first, then choose.",
        ),
        Hint(
            lambda m: m.stumbled("AttributeError", "'temperature'"),
            "The model has the temperature under another name. Its `__init__` says which.",
        ),
        BROKEN,
        Hint(
            lambda m: (
                (_learns(m, "body.0.weight") is True and m.written(r"\.requires_grad\s*=\s*False"))
                or (_learns(m, "head.weight") is False and m.written(r"head\.requires_grad\s*="))
            ),
            "On a module, `requires_grad = …` is an attribute like any other: it freezes nothing, and thaws nothing. "
            "The method has an underscore: `requires_grad_(…)`.",
        ),
        Hint(
            lambda m: _learns(m, "body.0.weight") is True,
            "The body still asks for a gradient. `requires_grad_(False)` on a module freezes all that is in it.",
        ),
        Hint(
            lambda m: _learns(m, "head.weight") is False,
            "The head is frozen, and it is what shall learn. Freeze first, then thaw.",
        ),
        Hint(
            lambda m: _learns(m, "scale") is False,
            "The temperature is frozen still: `model.scale`. It is a Parameter of the model itself, in no layer.",
        ),
        Hint(
            lambda m: m.missed("who_is_held") and m.raised("AttributeError", "'NoneType'"),
            "Who learns is right. Now make the optimizer, and `return` it.",
        ),
        Hint(
            lambda m: "body.0.weight" in (m.got("who_is_held") or []),
            "The optimizer holds the frozen body, too. An old gradient or weight decay would move it. Hand over what "
            "learns, and nothing else.",
        ),
        Hint(
            lambda m: m.got("who_is_held") is not None,
            "The optimizer does not hold all that learns. What is not handed over when it is made, it never updates.",
        ),
        Hint(
            lambda m: "body.1.running_mean" in (m.got("what_training_changes") or []),
            "Frozen is not eval: BatchNorm's statistics still move, for they are no Parameters. "
            "Put the body into eval mode.",
        ),
        Hint(
            lambda m: m.missed("it_changes_no_number"),
            "The head is a new one. Take the head that the model has: somebody may have trained it already.",
        ),
        Hint(
            lambda m: m.only("how_it_steps"),
            "Who learns and who is held is right. It asks for `optim.SGD` with `lr=0.1` and `momentum=0.9`.",
        ),
    ),
)

TASKS: tuple[Task, ...] = (audit, fine_tune, final_table)
