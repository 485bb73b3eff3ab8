"""Lesson 09, the bug clinic: twelve patients from real reports, of which seven are models."""

from __future__ import annotations

from ...cases import cured_models as c
from ..tasks import BROKEN, Hint, Misses, Task
from .lesson_09_functions import best_is_the_last, frozen_norm, head_replaced, mend, still_decaying, untied


def _saved_not_learned(learn: str, saved: str) -> Hint:
    """Return the hint for a Buffer in the place of a Parameter."""
    return Hint(
        lambda m: m.missed(learn) and not m.missed(saved),
        "It is saved now, and moved, but not learned. Of the two kinds that a module registers, which one learns?",
    )


def _with(m: Misses, case: str, name: str) -> bool:
    """Return whether a missed case answered with a list of names that has this one."""
    answer = m.got(case)
    return isinstance(answer, list) and name in answer


layers_in_a_list = mend(
    "layers-in-a-list",
    (c.all_layers_learn, c.all_layers_are_saved, c.all_layers_move, c.the_net_answers_as_before, c.two_nets_apart),
    (
        BROKEN,
        Hint(
            lambda m: m.missed("all_layers_learn") and m.written(r"requires_grad"),
            "They had a gradient all along. What is missing is somebody who uses it: who tells `parameters()` of them?",
        ),
        Hint(
            lambda m: m.missed("all_layers_learn") and m.got("all_layers_are_saved") in (3, 4),
            "Some of the layers are registered, and others are not. What you assign to `self` itself is registered.",
        ),
        Hint(
            lambda m: m.missed("all_layers_learn") and m.got("all_layers_are_saved") == 2,
            "A module registers what is assigned to it, and does not look inside of Python's containers. "
            "Among the layers of `nn` there are containers that are modules themselves.",
        ),
        Hint(
            lambda m: m.missed("two_nets_apart"),
            "The layers are made once, together with the class: all models share them. Make them in `__init__`.",
        ),
        Hint(
            lambda m: m.missed("the_net_answers_as_before"),
            "The layers are registered, but the model computes something else now. What did `forward` do after each?",
        ),
    ),
)

gradient_is_not_registration = mend(
    "gradient-is-not-registration",
    (c.the_scale_learns, c.the_scale_starts_at_one, c.the_scale_is_saved, c.the_scale_scales_as_before),
    (
        BROKEN,
        Hint(
            lambda m: m.missed("the_scale_learns") and m.written(r"requires_grad\s*=\s*False"),
            "It is registered, and frozen: nothing asks for its gradient.",
        ),
        _saved_not_learned("the_scale_learns", "the_scale_is_saved"),
        Hint(
            lambda m: m.missed("the_scale_learns") and m.written(r"Parameter\(.*\)\)"),
            "What is computed from a Parameter is none. Whatever you do to the numbers, do it before you wrap them.",
        ),
        Hint(
            lambda m: m.got("the_scale_learns") is not None,
            "It has had its gradient all along: the letters `requires_grad` register nothing. By what does a module "
            "know a weight from other tensors?",
        ),
        Hint(
            lambda m: m.missed("the_scale_starts_at_one"),
            "It learns now. But it began as one number 1.0, of shape `(1,)`, and that was right.",
        ),
        Hint(
            lambda m: m.missed("the_scale_scales_as_before"),
            "The scale learns, and the model answers something else than before. Leave `forward` as it was.",
        ),
    ),
)

stays_behind = mend(
    "stays-behind",
    (
        c.it_runs_where_it_is_moved_to,
        c.the_mean_is_no_weight,
        c.the_mean_is_saved,
        c.the_mean_follows_in_precision,
        c.the_mean_is_subtracted_as_before,
    ),
    (
        BROKEN,
        Hint(
            lambda m: m.written(r"=\s*self\.register_buffer"),
            "`register_buffer` makes the attribute by itself, and returns nothing. Assigned, that nothing takes its "
            "place.",
        ),
        Hint(
            lambda m: _with(m, "the_mean_is_no_weight", "mean"),
            "It moves with the model now, but `parameters()` lists it, as what is to be learned. Is it?",
        ),
        Hint(
            lambda m: m.missed("the_mean_is_subtracted_as_before"),
            "It works in one place only. A model has no device of its own: it goes wherever `.to()` sends it.",
        ),
        Hint(
            lambda m: m.missed("it_runs_where_it_is_moved_to"),
            "`.to()` moves what is registered. The mean is a plain attribute: who tells the module of it?",
        ),
        Hint(
            lambda m: m.missed("the_mean_is_saved", "the_mean_follows_in_precision"),
            "Every call brings the mean along. It runs, but the mean is no part of the model: it is not saved, and "
            "asked for, it is still where it was.",
        ),
        Hint(
            lambda m: m.missed("the_mean_is_saved"),
            "It moves. But is it in the checkpoint? Leave out what keeps it from being saved.",
        ),
    ),
)

scaled_parameter = mend(
    "scaled-parameter",
    (
        c.the_mix_learns,
        c.the_mix_has_its_gradient,
        c.the_mix_starts_small,
        c.the_mix_is_saved,
        c.the_mix_mixes_as_before,
    ),
    (
        BROKEN,
        _saved_not_learned("the_mix_learns", "the_mix_is_saved"),
        Hint(
            lambda m: m.missed("the_mix_learns") and m.written(r"detach\(|\.data\b"),
            "Cut off from the Parameter it was computed of, it is a plain constant. Which of the two is the weight?",
        ),
        Hint(
            lambda m: m.missed("the_mix_learns"),
            "It is still no Parameter: a Parameter times a number is a tensor that was computed. Which comes first, "
            "the product or the wrapping?",
        ),
        Hint(
            lambda m: m.missed("the_mix_mixes_as_before"),
            "The weight learns, and `forward` computes something else with it. Mend it where it is made.",
        ),
        Hint(
            lambda m: m.missed("the_mix_starts_small"),
            "It learns. But it was to begin with random numbers of size 0.1, each another one.",
        ),
    ),
)

buffer_keeps_the_graph = mend(
    "buffer-keeps-the-graph",
    (
        c.one_step_after_the_other,
        c.the_average_has_no_history,
        c.the_average_averages_as_before,
        c.the_average_is_state,
        c.the_average_is_subtracted_as_before,
    ),
    (
        Hint(
            lambda m: m.raised("RuntimeError", "leaf"),
            "Whether it asks for a gradient can be chosen for a leaf alone. This tensor was computed: cut it off "
            "from where it comes from.",
        ),
        Hint(
            lambda m: m.raised("RuntimeError", "does not require grad") or _lost_lin(m),
            "You cut off what is learned, too. The graph of the output is needed; the one of the average is not.",
        ),
        BROKEN,
        Hint(
            lambda m: m.written(r"(?m)^\s*\S+\.detach\(\)\s*$"),
            "`detach()` changes nothing: it returns another tensor, which nobody takes here.",
        ),
        Hint(
            lambda m: m.missed("one_step_after_the_other"),
            "The average still hangs on the graph of an earlier step, and backward runs into it. Its numbers are all "
            "that it needs: which method keeps the numbers alone?",
        ),
        Hint(
            lambda m: m.missed("the_average_is_state"),
            "The average is not saved any more, or it is to be learned. It was state, and a Buffer.",
        ),
        Hint(
            lambda m: m.missed("the_average_averages_as_before"),
            "The steps run, but the average is another one now. Change how it is kept, not what.",
        ),
        Hint(
            lambda m: m.missed("the_average_has_no_history"),
            "It runs, for each step cuts off the step before. But until then the last graph is kept alive, and a deep "
            "copy raises. Cut off what goes in.",
        ),
    ),
)


def _lost_lin(m: Misses) -> bool:
    answer = m.got("one_step_after_the_other")
    return isinstance(answer, list) and "lin.weight" not in answer


not_in_the_checkpoint = mend(
    "not-in-the-checkpoint",
    (
        c.it_answers_the_same_after_a_restart,
        c.the_measured_mean_is_saved,
        c.the_measured_mean_is_no_weight,
        c.the_measured_mean_follows,
    ),
    (
        Hint(
            lambda m: _with(m, "the_measured_mean_is_no_weight", "mean"),
            "It is saved now, but `parameters()` lists it, as what is to be learned. It was measured.",
        ),
        BROKEN,
        Hint(
            lambda m: m.raised("AttributeError") or m.raised("KeyError"),
            "The rest of the program knows it as `model.mean`. Keep the name, and register it once.",
        ),
        Hint(
            lambda m: m.missed("the_measured_mean_follows"),
            "As a plain tensor it is neither saved nor moved. It was registered before; only one thing was wrong.",
        ),
        Hint(
            lambda m: m.missed("the_measured_mean_is_saved"),
            "Still nobody saves it. A Buffer can be registered in two ways, and one of them says: do not save it.",
        ),
        Hint(
            lambda m: m.missed("it_answers_the_same_after_a_restart"),
            "It is saved and loaded, and `forward` does not use it as it did.",
        ),
    ),
)

cached_activation = mend(
    "cached-activation",
    (
        c.it_can_be_copied_after_a_batch,
        c.the_activation_is_there_to_look_at,
        c.all_of_it_learns,
        c.the_activation_is_not_saved,
        c.each_batch_is_looked_at,
    ),
    (
        BROKEN,
        Hint(
            lambda m: m.missed("the_activation_is_not_saved"),
            "An activation is no part of the model: it is neither to be learned nor to be saved.",
        ),
        Hint(
            lambda m: m.missed("all_of_it_learns"),
            "The layer below does not learn any more: you cut off what goes on to the head. Cut off what is kept.",
        ),
        Hint(
            lambda m: m.missed("it_can_be_copied_after_a_batch"),
            "What is kept was computed, and its graph comes along. A clone is in the graph as well, and `no_grad` "
            "comes too late for what is there. Which method keeps the numbers alone?",
        ),
        Hint(
            lambda m: m.missed("the_activation_is_there_to_look_at"),
            "It can be copied, but the activation is gone, and somebody wanted to look at it: `model.last`.",
        ),
    ),
)

TASKS: tuple[Task, ...] = (
    layers_in_a_list,
    gradient_is_not_registration,
    stays_behind,
    scaled_parameter,
    head_replaced,
    still_decaying,
    frozen_norm,
    best_is_the_last,
    untied,
    not_in_the_checkpoint,
    cached_activation,
    buffer_keeps_the_graph,
)
