"""Lesson 05, optimizer: who is updated?"""

from __future__ import annotations

from typing import Any

from ...cases import adam, optimizers, sgd, updated
from ...optim import Optimizer
from ...optim import adam as adam_module
from ...optim import sgd as sgd_module
from ..tasks import Hint, Misses, Piece, Prediction, Task

LESSON = 5

who_is_updated = Prediction(
    name="who is updated",
    lesson=LESSON,
    points=1,
    case=updated.who_is_updated,
    hints={
        "body": "Nothing was done to this one. It was in the list when the optimizer was made.",
        "new head": "The list was written when the optimizer was made. Was this object in it?",
        "old head": "The optimizer still has the object. But `forward` does not run through it any more: after "
        "`zero_grad()`, does a gradient reach it?",
        "layer added": "The list was written when the optimizer was made. Who would add to it?",
        "frozen": "Freezing is between the Parameter and autograd; the optimizer's list stays as it is. After "
        "`zero_grad()`, does a gradient reach it?",
        "deep copy": "A deep copy is made of new objects. Which ones are in the list?",
        "model.to()": "Press `Move to sim` in the strings above. Does a name lead to another object then?",
    },
)

frozen_and_still_moving = Prediction(
    name="frozen, and still moving",
    lesson=LESSON,
    points=1,
    case=updated.frozen_and_still_moving,
    hints={
        "zero_grad()": "What is the gradient after `zero_grad()`, and what does a step do with those who have that?",
        "zero_grad(set_to_none=False)": "A gradient of zeros is a gradient. Put 0 into each of the three formulas: "
        "what is left?",
        "no zero_grad": "The gradient of the step before is still there. Does a step ask whether it is new?",
    },
)

add_param_group = Piece(
    owner=Optimizer,
    attribute="add_param_group",
    lesson=LESSON,
    points=2,
    cases=(
        optimizers.add_param_group_adds,
        optimizers.groups_have_options_of_their_own,
        updated.a_group_holds_the_objects,
        updated.a_generator_becomes_a_list,
        updated.an_option_may_be_zero,
        updated.a_group_changes_no_other,
        optimizers.a_group_may_hold_one_tensor_or_none,
        optimizers.named_parameters_are_accepted,
        optimizers.what_is_no_group_is_refused,
        optimizers.one_parameter_in_two_groups_is_refused,
        optimizers.a_computed_tensor_is_refused,
    ),
    hints=(
        Hint(
            lambda m: m.written(r"self\.param_groups\s*=[^=]"),
            "`self.param_groups = …` forgets the groups that were there. Append to the list.",
        ),
        Hint(
            lambda m: m.written(r"self\.defaults\.(update|setdefault)|self\.defaults\[[^]]*\]\s*="),
            "The defaults are for every group that comes later, and this call changes them. Change the new group only.",
        ),
        Hint(
            lambda m: m.written(r"(=|not) self\._(list|check)_params|_params\(param_group\["),
            "`_list_params` and `_check_params` take the whole group and return nothing: the first changes it, the "
            "second raises. Call them, no more.",
        ),
        Hint(
            lambda m: len((m.got("add_param_group_adds") or [[1, 2]])[0]) < 2 or m.written(r"s\.(add|insert)\("),
            "The new group is not in the list, as the last one. Append it to `self.param_groups`.",
        ),
        Hint(
            lambda m: m.raised("IndexError"),
            "There may be no group yet: the first one comes through this method, too. Take the options from "
            "`self.defaults`.",
        ),
        Hint(
            lambda m: m.raised("TypeError", "list indices must be") or m.raised("TypeError", "string indices must be"),
            "What stands in `param_groups` are groups, and each is a dict. Append the dict, not what is in it.",
        ),
        Hint(
            lambda m: m.raised("TypeError", "'generator'"),
            "`model.parameters()` is a generator, and runs once: nothing is left of it in the second step. "
            "`self._list_params(param_group)` makes a list of it.",
        ),
        Hint(
            lambda m: m.raised("KeyError") and m.missed("add_param_group_adds") and not m.got("add_param_group_adds"),
            "An option is not there when a step asks for it. What the group does not name comes from `self.defaults`.",
        ),
        Hint(
            lambda m: m.missed("a_group_holds_the_objects"),
            "The group has to hold the very objects that it was handed. A copy is another tensor, and the model does "
            "not know it.",
        ),
        Hint(
            lambda m: m.missed("groups_have_options_of_their_own"),
            "What the group names itself counts. A default is for an option that is not named: `setdefault`.",
        ),
        Hint(
            lambda m: m.missed("an_option_may_be_zero"),
            "A rate of 0 is a rate. Ask whether the option is there, not whether it is true.",
        ),
        Hint(
            lambda m: m.missed("a_group_may_hold_one_tensor_or_none") or m.missed("named_parameters_are_accepted"),
            '`"params"` may be one tensor, or pairs of a name and a tensor. `self._list_params(param_group)` knows '
            "all of these.",
        ),
        Hint(
            lambda m: m.missed("one_parameter_in_two_groups_is_refused"),
            "A tensor in two groups would be updated twice. `self._check_params(param_group)` refuses it.",
        ),
        Hint(
            lambda m: m.missed("a_computed_tensor_is_refused"),
            "A computed tensor can't be learned. `self._check_params(param_group)` refuses it.",
        ),
        Hint(
            lambda m: m.missed("what_is_no_group_is_refused"),
            "What is no dict is a TypeError that says so. Ask for it first, and `raise` it.",
        ),
    ),
)


def _no_group(m: Misses) -> bool:
    """Return whether a group, or the list of them, was taken for something else."""
    wrong = ("AttributeError", "'dict'"), ("AttributeError", "'list'"), ("AttributeError", "'str'")
    return any(m.raised(*one) for one in (*wrong, ("TypeError", "list indices")))


zero_grad = Piece(
    owner=Optimizer,
    attribute="zero_grad",
    lesson=LESSON,
    points=1,
    cases=(
        sgd.zero_grad_forgets,
        sgd.zero_grad_both_ways,
        sgd.zero_grad_reaches_every_group,
        sgd.a_gradient_kept_elsewhere_stays,
        sgd.forgotten_zero_grad,
    ),
    hints=(
        Hint(
            lambda m: m.raised("TypeError", "assigned grad"),
            "A gradient is a tensor, or None. A number is neither.",
        ),
        Hint(
            lambda m: m.raised("AttributeError", "'NoneType'") or m.raised("RuntimeError", "ambiguous"),
            "A tensor may have no gradient, and then there is nothing to fill: ask whether it is None.",
        ),
        Hint(
            lambda m: _no_group(m) or m.raised("AttributeError", "'params'") or m.raised("AttributeError", "'model'"),
            '`self.param_groups` is a list of dicts. The tensors of one stand under `"params"`.',
        ),
        Hint(
            lambda m: (m.got("zero_grad_forgets") or [0, 0, False])[2] is True,
            "The weights themselves are changed. Only the gradients are to go.",
        ),
        Hint(
            lambda m: m.written(r"(?m)^\s*(grad|p)\s*=\s*(None|0)"),
            "`grad = None` gives the name another meaning, and the tensor keeps its gradient. Write `p.grad = None`.",
        ),
        Hint(
            lambda m: m.written(r"(?m)\.zero(_$|\()"),
            "`p.grad.zero_()` fills in place: with the `_`, and with brackets, or it is not called.",
        ),
        Hint(
            lambda m: m.missed("zero_grad_reaches_every_group") and not m.missed("zero_grad_both_ways"),
            "There may be more groups than one.",
        ),
        Hint(
            lambda m: m.missed("zero_grad_forgets", "zero_grad_both_ways"),
            "Is it the wrong way round? By default, `set_to_none=True`, the gradient is None afterwards.",
        ),
        Hint(
            lambda m: m.missed("a_gradient_kept_elsewhere_stays"),
            "Somebody may have kept the gradient. With `set_to_none` it is let go, as it is; without, it is filled in "
            "place, and whoever kept it sees zeros.",
        ),
        Hint(
            lambda m: m.missed("zero_grad_both_ways"),
            "With `set_to_none=False` the gradient is the same tensor as before, filled with zeros in place.",
        ),
    ),
)

who_has_a_gradient = Piece(
    owner=Optimizer,
    attribute="_updated",
    lesson=LESSON,
    points=1,
    cases=(
        updated.who_has_a_gradient_is_updated,
        sgd.without_a_gradient_nothing_happens,
        sgd.a_gradient_of_zero_acts,
        sgd.an_old_gradient_still_steps,
        sgd.a_layer_frozen_from_the_start,
        optimizers.a_plain_leaf_may_be_handed_over,
        adam.a_tensor_counts_its_own_steps,
    ),
    hints=(
        Hint(
            lambda m: m.written(r"\.(remove|pop)\(|group\[.params.\] = "),
            "Whoever is taken out of the group never comes back, not even with a gradient. Return another list.",
        ),
        Hint(
            lambda m: m.raised("RuntimeError", "ambiguous"),
            "`if p.grad` asks for its values, and whether they are true. Ask whether there is one: "
            "`p.grad is not None`.",
        ),
        Hint(
            lambda m: m.written(r"requires_grad"),
            "A step does not ask whether a tensor *wants* a gradient, only whether it has one. The two are not the "
            "same: think of a gradient from before the freezing.",
        ),
        Hint(
            lambda m: m.raised("TypeError", "'NoneType' object is not iterable") or m.written(r"(?m)return p$"),
            "Nothing comes back, or one of them alone. Is there a `return`, and of a list?",
        ),
        Hint(
            _no_group,
            '`group` is a dict: its tensors are the list `group["params"]`.',
        ),
        Hint(
            lambda m: m.written(r"(append\(|\[\s*|yield\s+)p\.grad\b"),
            "The tensors are asked for, not their gradients.",
        ),
        Hint(
            lambda m: m.raised("AttributeError", "'NoneType'"),
            "One that has no gradient is among them, and a step can't do anything with None.",
        ),
        Hint(
            lambda m: m.missed("a_gradient_of_zero_acts"),
            "A gradient of zeros is a gradient: momentum and weight decay act on it. Ask for None, not for zero.",
        ),
        Hint(
            lambda m: m.missed("a_plain_leaf_may_be_handed_over"),
            "What is in the group counts, whatever its class: a plain tensor may be learned as well.",
        ),
        Hint(
            lambda m: m.missed("who_has_a_gradient_is_updated"),
            "Who has a gradient is to be in the list, and nobody else.",
        ),
    ),
)


AVERAGES = "the_average_of_the_gradients", "the_average_of_their_squares"
UPHILL = r"\+=\s*\(*(lr|rate)\b"


def _averages_missed(m: Misses) -> bool:
    return any(m.missed(name) for name in AVERAGES)


def _the_same(values: list[Any] | None) -> bool:
    """Return whether the weights after each of some steps are there, and are the same."""
    return values is not None and all(value == values[0] for value in values)


STILL = "Nothing has moved. `param = …` gives a new array the old name. Write into the array: `param -= …`."

sgd_update = Piece(
    owner=sgd_module,
    attribute="sgd_update",
    lesson=LESSON,
    points=2,
    cases=(
        sgd.three_plain_steps,
        sgd.a_step_writes_into_the_parameter,
        optimizers.groups_have_options_of_their_own,
        sgd.momentum,
        sgd.everything_at_once,
        sgd.nesterov,
        sgd.a_step_leaves_the_gradient_alone,
        sgd.dampening,
        sgd.plain_steps_keep_no_state,
        sgd.any_layout_and_type_is_updated,
    ),
    hints=(
        Hint(
            lambda m: m.raised("ValueError", "ambiguous"),
            "`if buffer` asks for the values of an array, and whether they are true. Ask whether there is one: "
            "`buffer is not None`.",
        ),
        Hint(
            lambda m: m.raised("TypeError", "multiply sequence") or m.raised("TypeError", "'list'"),
            "`params`, `grads` and `buffers` are lists. Go through all three together: `zip(params, grads, buffers)`.",
        ),
        Hint(
            lambda m: m.raised("AttributeError", "'numpy.ndarray'") or m.raised("TypeError", "memoryview"),
            "These are NumPy arrays, not tensors: there is no `.grad`, no `.data` and no `sub_`. `param -= …` writes "
            "into an array.",
        ),
        Hint(
            lambda m: m.raised("TypeError", "'NoneType'"),
            "Without momentum each buffer is None, and there is nothing to multiply.",
        ),
        Hint(lambda m: _the_same(m.got("three_plain_steps")), STILL),
        Hint(
            lambda m: m.raised("IndexError") and not m.missed("three_plain_steps"),
            "A tensor may be a single number, without a dimension that an index could be for. `param -= …` writes into "
            "any array.",
        ),
        Hint(
            lambda m: m.missed("three_plain_steps") and m.written(UPHILL),
            "It goes uphill: the gradient points to where the loss grows.",
        ),
        Hint(
            lambda m: m.missed("three_plain_steps"),
            "Without momentum it is `param -= lr * grad`. Is the rate there, and the gradient as it is?",
        ),
        Hint(
            lambda m: m.missed("a_step_leaves_the_gradient_alone"),
            "`grad` is the array of `p.grad` itself: what you write into it stays there. Compute a new one.",
        ),
        Hint(
            lambda m: (
                m.missed("momentum")
                and m.written(r"momentum\s*\*|\*\s*momentum")
                and (m.got("everything_at_once") or [[0, 0, [1]]])[0][2] == [0, 0, 0]
            ),
            "The buffer is what it was. `buffer = …` makes a new array, which is forgotten after the step. Write into "
            "it: `buffer *= …`, `buffer += …`.",
        ),
        Hint(
            lambda m: m.missed("momentum") and m.written(r"1(\.0)?\s*-\s*momentum"),
            "It is no average: of the old buffer a share is kept, and the gradient is added as it is.",
        ),
        Hint(
            lambda m: m.missed("momentum"),
            "With momentum the buffer is brought up to date first, `buffer = momentum * buffer + grad`, and then the "
            "step goes along the buffer.",
        ),
        Hint(
            lambda m: m.only("nesterov") or m.only("nesterov", "everything_at_once"),
            "With `nesterov` the step looks ahead: along `grad + momentum * buffer`, with the buffer that is up to "
            "date.",
        ),
        Hint(
            lambda m: m.missed("everything_at_once"),
            "The weights are right, the buffer is not. It takes up the gradient alone; `lr` belongs to the step.",
        ),
    ),
)

adam_update = Piece(
    owner=adam_module,
    attribute="adam_update",
    lesson=LESSON,
    points=2,
    cases=(
        adam.a_step_of_adam,
        adam.the_average_of_the_gradients,
        adam.the_average_of_their_squares,
        adam.plain_adam,
        adam.betas_and_eps,
        adam.a_gradient_of_zero,
        adam.a_tensor_counts_its_own_steps,
        adam.weight_decay,
        adam.rates_and_betas_may_be_tensors,
    ),
    hints=(
        Hint(
            lambda m: m.raised("TypeError", "multiply sequence") or m.raised("TypeError", "'list'"),
            "`params`, `grads` and both averages are lists. Go through all four together: "
            "`zip(params, grads, exp_avgs, exp_avg_sqs)`.",
        ),
        Hint(
            lambda m: m.raised("AttributeError", "'numpy.ndarray'") or m.raised("TypeError", "memoryview"),
            "These are NumPy arrays, not tensors. `np.sqrt(v)` takes the root, and `param -= …` writes into an array.",
        ),
        Hint(
            lambda m: m.written(r"steps \+|zip\(.*steps\)"),
            "`steps` is one number for all the tensors, and counts this step already. Take it as it is.",
        ),
        Hint(
            lambda m: m.written(r"/ 1 - beta"),
            "`m / 1 - …` divides by 1, and then subtracts. Put brackets around what you divide by.",
        ),
        Hint(lambda m: _the_same(m.got("a_step_of_adam")) and not m.written("param -="), STILL),
        Hint(
            lambda m: m.missed("a_step_of_adam") and m.written(UPHILL),
            "It goes uphill: the gradient points to where the loss grows.",
        ),
        Hint(
            lambda m: [[0, 0, 0]] * 3 in [(m.got(name) or [None])[0] for name in AVERAGES],
            "An average is what it was. `m = …` makes a new array, which is forgotten after the step. Write into it, "
            "on two lines: `m *= …`, `m += …`.",
        ),
        Hint(
            lambda m: _averages_missed(m) and m.written(r"[mv]\s*/="),
            "The correction is for this step only: divide into a new array, and leave `m` and `v` as they are.",
        ),
        Hint(
            lambda m: _averages_missed(m) and not m.missed("the_average_of_the_gradients"),
            "`m` is right, `v` is not. It averages the *square* of the gradient, and `beta2` says how much is kept.",
        ),
        Hint(
            lambda m: _averages_missed(m) and not m.missed("the_average_of_their_squares"),
            "`v` is right, `m` is not. It averages the gradient: `beta1` of the old, `1 - beta1` of the new.",
        ),
        Hint(
            _averages_missed,
            "The averages are not right: of the old keep the share `beta`, of the new take `1 - beta`. Is `grad` left "
            "alone, and each beta where it belongs?",
        ),
        Hint(
            lambda m: m.missed("a_step_of_adam") and not m.written(r"\*\*\s*steps|pow"),
            "The averages start at zero, so they are too small at first. `m / (1 - beta1**steps)` makes up for it, and "
            "`v` needs the same with `beta2`.",
        ),
        Hint(
            lambda m: m.missed("a_step_of_adam"),
            "The averages are right, the step is not: `lr * m / (√v + eps)`, with `m` and `v` corrected. Are both, "
            "and where is the root?",
        ),
        Hint(
            lambda m: m.missed("a_gradient_of_zero"),
            "0 / 0 is not a number. `eps` keeps the divisor away from zero.",
        ),
        Hint(
            lambda m: m.missed("betas_and_eps"),
            "Where does `eps` stand? It is added to the root of the corrected `v`, not under the root. And the betas "
            "are the caller's to say.",
        ),
    ),
)


TASKS: tuple[Task, ...] = (
    who_is_updated,
    add_param_group,
    who_has_a_gradient,
    sgd_update,
    adam_update,
    zero_grad,
    frozen_and_still_moving,
)
