"""The five patients of lesson 09 that are functions, and how a patient becomes a task."""

from __future__ import annotations

from ...cases import Case
from ...cases import cured_functions as f
from ...clinic import PATIENTS
from ..tasks import BROKEN, Definition, Hint

LESSON = 9


def mend(name: str, cases: tuple[Case, ...], hints: tuple[Hint, ...]) -> Definition:
    """Return the task of a patient: its code as it came in, to be cured."""
    right = cases[0].of
    assert right is not None
    return Definition(name, LESSON, 1, right, PATIENTS[name].code, cases, hints)


head_replaced = mend(
    "head-replaced",
    (
        f.the_new_head_learns,
        f.the_backbone_learns_too,
        f.the_head_is_a_new_one,
        f.each_weight_is_held_once,
        f.the_backbone_was_not_begun_anew,
    ),
    (
        Hint(
            lambda m: m.raised("AttributeError", "'NoneType'"),
            "The optimizer does not come out of the function any more: its last line was `return optimizer`.",
        ),
        Hint(
            lambda m: m.raised("ValueError", "more than one"),
            "The optimizer has the backbone already. Hand it only what it does not hold, or all of it, once, later.",
        ),
        BROKEN,
        Hint(
            lambda m: m.missed("the_head_is_a_new_one"),
            "The new task has one output: the model needs the new head. What is wrong is when it gets it.",
        ),
        Hint(
            lambda m: m.only("the_backbone_learns_too", "each_weight_is_held_once"),
            "The head learns. Now the rest of the network is out of the optimizer's hands.",
        ),
        Hint(
            lambda m: m.missed("the_new_head_learns"),
            "An optimizer holds the objects that it was given when it was made. Was the new head there by then?",
        ),
    ),
)

still_decaying = mend(
    "still-decaying",
    (
        f.the_frozen_backbone_stays,
        f.the_rest_learns,
        f.momentum_does_not_move_it_either,
        f.each_step_is_as_long_as_before,
        f.what_is_not_frozen_still_decays,
    ),
    (
        Hint(
            lambda m: m.raised("AttributeError", "'NoneType'"),
            "Before the first backward there is no gradient: `p.grad` is None. An optimizer's method knows that.",
        ),
        BROKEN,
        Hint(
            lambda m: m.missed("what_is_not_frozen_still_decays"),
            "Now nothing decays any more. The head still should.",
        ),
        Hint(
            lambda m: m.missed("each_step_is_as_long_as_before") and m.written(r"requires_grad(_\(|\s*=[^=])"),
            "Now `step` freezes by itself, whoever calls it. What is frozen is not for `step` to say.",
        ),
        Hint(
            lambda m: m.missed("each_step_is_as_long_as_before") and m.written("zero_grad|None"),
            "The steps are other ones now. One call is one step, and of the optimizer that was handed over.",
        ),
        Hint(
            lambda m: m.missed("each_step_is_as_long_as_before"),
            "The steps are other ones now: without anybody to clear them, gradients add up.",
        ),
        Hint(
            lambda m: m.missed("the_frozen_backbone_stays"),
            "The optimizer passes over a tensor whose `.grad` is None. Zero is a gradient like any other: weight decay "
            "is added to it. What does `zero_grad` leave behind here?",
        ),
    ),
)

frozen_norm = mend(
    "frozen-norm",
    (
        f.the_statistics_stay,
        f.the_weights_stay_too,
        f.an_answer_does_not_depend_on_the_batch,
        f.layers_inside_are_frozen_too,
        f.it_can_be_undone,
    ),
    (
        Hint(
            lambda m: m.written(r"\.(eval|train)\b(?!\()"),
            "Without brackets, `eval` is the method itself: nothing is called, and nothing happens.",
        ),
        BROKEN,
        Hint(
            lambda m: m.missed("the_weights_stay_too"),
            "The statistics stay. But its weight and its bias learn again: they need what was there before.",
        ),
        Hint(
            lambda m: m.got("the_statistics_stay") == ["norm.num_batches_tracked"],
            "The averages stand still, and the layer goes on counting, and normalises by each batch, not by them.",
        ),
        Hint(
            lambda m: m.missed("it_can_be_undone"),
            "The layer is not frozen but changed for good: `layer.train()` does not bring it back.",
        ),
        Hint(
            lambda m: m.missed("the_statistics_stay"),
            "No gradient moves running statistics. They are Buffers, and `forward` itself writes them, in one of a "
            "layer's two modes.",
        ),
        Hint(
            lambda m: m.missed("layers_inside_are_frozen_too"),
            "A layer may have layers inside, each with a flag of its own. There is a method that reaches all of them.",
        ),
    ),
)

best_is_the_last = mend(
    "best-is-the-last",
    (
        f.the_best_stays_the_best,
        f.all_of_it_is_kept,
        f.buffers_are_kept_as_they_were,
        f.the_best_can_be_loaded,
        f.the_model_goes_on_learning,
    ),
    (
        Hint(
            lambda m: m.stumbled("AttributeError", "'copy'") or m.stumbled("AttributeError", "'clone'"),
            "A tensor has `clone()` and no `copy()`, a dict the other way round. Which of them shall be another one?",
        ),
        Hint(
            lambda m: m.raised("TypeError") or m.raised("AttributeError"),
            "What is kept is a dict: tensors by their names, such as `load_state_dict` takes.",
        ),
        Hint(
            lambda m: m.missed("all_of_it_is_kept"),
            "Some of it is not kept. A BatchNorm's statistics are no parameters, and belong to the model as well.",
        ),
        Hint(
            lambda m: m.missed("buffers_are_kept_as_they_were") and not m.missed("the_best_stays_the_best"),
            "The weights are copies, the Buffers are not: both are written into.",
        ),
        Hint(
            lambda m: m.missed("the_best_stays_the_best") and m.written(r"detach|numpy|\.data\b|no_grad"),
            "Cut off from the graph, not from the memory: `step()` writes into that, and what you kept shares it.",
        ),
        Hint(
            lambda m: m.missed("the_best_stays_the_best"),
            "What is kept are the live tensors. Another dict around them does not make other tensors.",
        ),
    ),
)

untied = mend(
    "untied",
    (
        f.the_weights_stay_tied,
        f.the_checkpoint_is_loaded,
        f.a_missing_key_is_still_an_error,
        f.all_of_it_learns_after_loading,
        f.it_takes_another_checkpoint_later,
    ),
    (
        BROKEN,
        Hint(
            lambda m: m.missed("the_checkpoint_is_loaded"),
            "What is in the checkpoint does not arrive in the model.",
        ),
        Hint(
            lambda m: m.missed("a_missing_key_is_still_an_error"),
            "They are tied. But now a key may be missing from the checkpoint, and nobody hears of it.",
        ),
        Hint(
            lambda m: m.missed("the_weights_stay_tied") and m.written(r"copy_|clone|Parameter\("),
            "Equal values, or the same memory, are not the same object: the optimizer holds two, and takes a step with "
            "each.",
        ),
        Hint(
            lambda m: m.missed("the_weights_stay_tied") and m.written(r"requires_grad"),
            "Now one of the two stands still while the other one moves. They should be one.",
        ),
        Hint(
            lambda m: m.missed("the_weights_stay_tied"),
            "The model was tied before the call, and is not after it: with `assign=True` each name gets a tensor of "
            "its own. How else can values come into a model?",
        ),
    ),
)
