"""Lesson 07, moving: what follows ``.to()``?"""

from __future__ import annotations

from ...cases import moving as c
from ...nn import Module, Parameter
from ..tasks import Hint, Misses, Piece, Prediction, Task

LESSON = 7

what_follows = Prediction(
    name="what follows",
    lesson=LESSON,
    points=1,
    case=c.what_follows_a_move,
    hints={
        "weight": "A Parameter is registered. `.to()` takes along what is registered.",
        "mean": "A Buffer is state of the model: it has to be where the weights are, of the same precision.",
        "count": "A device takes everything that is registered. Would you want a counter to be a float, too?",
        "prior": "A plain tensor is an attribute like any other. Who would tell `.to()` that it is there?",
        "layers[0].weight": "It is a Parameter of a layer. But is the layer registered? It stands in a Python list.",
    },
)

same_object = Prediction(
    name="same object",
    lesson=LESSON,
    points=1,
    case=c.the_same_objects_after_a_move,
    hints={
        "weight": "An optimizer holds the objects that it was given. Does it lose them when the model moves?",
        "mean": "Nobody outside of the model is meant to hold a buffer, so nobody keeps its object alive.",
        "count": "Look at the two moves apart: one of them has something to convert here, and one has not.",
    },
)


def _stayed(m: Misses, case: str) -> set[str]:
    """Return the names that have the old dtype in a case that answers with a dict and asks for float64."""
    answer = m.got(case)
    return {name for name, what in answer.items() if "float32" in str(what)} if isinstance(answer, dict) else set()


swap = Piece(
    owner=Parameter,
    attribute="_swap",
    lesson=LESSON,
    points=1,
    cases=(
        c.it_stays_the_same_object,
        c.its_gradient_stays_the_same_object,
        c.it_has_no_gradient_yet,
        c.the_old_memory_is_left_alone,
        c.it_is_learned_as_before,
        c.an_optimizer_made_before_goes_on,
    ),
    hints=(
        Hint(
            lambda m: m.raised("AttributeError", "'NoneType'"),
            "Before the first backward there is no gradient: `self.grad` is None. Ask before you give it data.",
        ),
        Hint(
            lambda m: m.raised("RuntimeError", "ambiguous"),
            "`if self.grad` asks whether its numbers are true. Ask whether there is a gradient: `is not None`.",
        ),
        Hint(
            lambda m: m.raised("RuntimeError", "in-place") or m.missed("the_old_memory_is_left_alone"),
            "The new data did not take the place of the old: nothing can write them into the old memory, whose dtype "
            "and device are fixed, and a local name is not the object. What is it that `self` has?",
        ),
        Hint(
            lambda m: "float32" in str(m.got("its_gradient_stays_the_same_object")),
            "The gradient stayed behind. It has data of its own, and has to be where the Parameter is.",
        ),
        Hint(
            lambda m: m.missed("its_gradient_stays_the_same_object"),
            "The gradient is another object now. Leave the object `self.grad`, and give that object other data.",
        ),
        Hint(
            lambda m: m.missed("it_is_learned_as_before"),
            "A frozen Parameter stays frozen: whether it asks for a gradient is none of your business here.",
        ),
    ),
)

apply = Piece(
    owner=Module,
    attribute="_apply",
    lesson=LESSON,
    points=2,
    cases=(
        c.the_whole_tree_is_converted,
        c.parameters_stay_and_buffers_are_new,
        c.it_returns_the_module,
        c.empty_places_are_passed_over,
        c.gradients_are_converted_too,
        c.its_own_tensors_only_without_recurse,
        c.each_tensor_is_converted_once,
        c.an_old_buffer_keeps_its_values,
        c.a_buffer_that_is_not_saved_stays_so,
        c.plain_attributes_stay,
    ),
    hints=(
        Hint(
            lambda m: m.raised("RuntimeError", "ambiguous"),
            "`if buffer` asks whether the values are true. Ask whether there is a tensor: `buffer is not None`.",
        ),
        Hint(
            lambda m: m.raised("AttributeError", "'Module' object"),
            "`fn` takes a tensor, and a child is a module: it converts its tensors by an `_apply` of its own.",
        ),
        Hint(
            lambda m: m.written(r"= *self\._convert_parameter"),
            "`self._convert_parameter(name, fn)` returns nothing. It changes the Parameter, which stays where it is.",
        ),
        Hint(
            lambda m: m.raised("RuntimeError", "during iteration"),
            "The dict gets other names while you go through it. Leave the names where they are, "
            "and go through the dict of one module only: `self._buffers`.",
        ),
        Hint(
            lambda m: m.raised("KeyError"),
            "`self._convert_parameter(name, fn)` takes the name that a Parameter has in `self._parameters`.",
        ),
        Hint(
            lambda m: m.only("it_returns_the_module"),
            "Everything is converted. But `model = model.to(...)` is what people write: return the module.",
        ),
        Hint(
            lambda m: (
                {"scale", "shift"} <= _stayed(m, "the_whole_tree_is_converted")
                and not m.missed("its_own_tensors_only_without_recurse")
            ),
            "The module's own tensors are converted only if `recurse` is False. It asks about the children, and about "
            "nothing else.",
        ),
        Hint(
            lambda m: {"scale", "shift"} <= _stayed(m, "the_whole_tree_is_converted"),
            "Nothing of the module's own has changed. What `fn` returns has to be put somewhere: another object for "
            "a local name changes no dict.",
        ),
        Hint(
            lambda m: {"0.0.weight", "0.0.mean"} <= _stayed(m, "the_whole_tree_is_converted"),
            "What is below stayed behind: a child may have children of its own. It has an `_apply`, too.",
        ),
        Hint(
            lambda m: "shift" in _stayed(m, "the_whole_tree_is_converted"),
            "The buffers stayed behind. They are registered too, in `self._buffers`.",
        ),
        Hint(
            lambda m: "scale" in _stayed(m, "the_whole_tree_is_converted"),
            "The Parameters stayed behind. `self._convert_parameter(name, fn)` converts one of them.",
        ),
        Hint(
            lambda m: m.raised("AttributeError", "'NoneType'"),
            "A place may be empty: a bias, a buffer or a child can be None. Pass over it.",
        ),
        Hint(
            lambda m: (m.got("parameters_stay_and_buffers_are_new") or {}).get("scale") is False,
            "The Parameters are new objects, and an optimizer made before holds the old ones. "
            "`self._convert_parameter(name, fn)` keeps the object.",
        ),
        Hint(
            lambda m: m.missed("an_old_buffer_keeps_its_values"),
            "The buffer is the same object still. PyTorch swaps what is in a Parameter; of a buffer, "
            "the new tensor goes into the dict.",
        ),
        Hint(
            lambda m: m.missed("each_tensor_is_converted_once"),
            "Some tensors were converted more than once: `self.parameters()` and `self.modules()` walk the whole tree, "
            "and each child walks again. Take what is the module's own.",
        ),
        Hint(
            lambda m: m.missed("gradients_are_converted_too"),
            "The gradients stayed behind. `self._convert_parameter(name, fn)` takes them along.",
        ),
        Hint(
            lambda m: m.missed("its_own_tensors_only_without_recurse"),
            "With `recurse=False` the children are left alone.",
        ),
        Hint(
            lambda m: m.missed("a_buffer_that_is_not_saved_stays_so"),
            "A buffer that was not saved is saved now: to register it again forgets `persistent=False`. "
            "Put the new tensor into the dict `self._buffers`.",
        ),
        Hint(
            lambda m: m.missed("plain_attributes_stay"),
            "A plain tensor was converted, too. PyTorch leaves it behind: take what is in the dicts, "
            "not what is in `vars(self)`.",
        ),
    ),
)

to = Piece(
    owner=Module,
    attribute="to",
    lesson=LESSON,
    points=1,
    cases=(
        c.to_a_dtype_leaves_integers_alone,
        c.to_a_device_takes_everything,
        c.it_returns_the_module,
        c.to_a_device_and_a_dtype,
        c.to_where_another_tensor_is,
        c.nothing_to_convert,
        c.to_integers_is_refused,
        c.from_meta_there_is_nothing_to_copy,
    ),
    hints=(
        Hint(
            lambda m: m.raised("AttributeError", "'is_meta'"),
            "The function that you hand to `_apply` returns None. Does each of its branches `return` a tensor?",
        ),
        Hint(
            lambda m: m.raised("TypeError", "got (tuple"),
            "Hand the arguments on as they came, each by itself: `self._parse_to(*args, **kwargs)`.",
        ),
        Hint(
            lambda m: m.raised("TypeError", "device=torch.dtype"),
            "`self._parse_to` returns two things: first the device, then the dtype.",
        ),
        Hint(
            lambda m: m.written(r"is_floating_point\b(?!\()"),
            "Without brackets, `is_floating_point` is the method itself, which counts as true for every tensor.",
        ),
        Hint(
            lambda m: m.written(r"isinstance\([^()]*float"),
            "A tensor is never a Python float, whatever it holds. Ask it: `tensor.is_floating_point()`.",
        ),
        Hint(
            lambda m: m.raised("TypeError"),
            "`self._apply` takes a function, and calls it with each tensor. Hand it over by its name, without calling "
            "it, and let it take one tensor.",
        ),
        Hint(
            lambda m: (
                "mean" in _stayed(m, "to_a_dtype_leaves_integers_alone")
                and "weight" not in _stayed(m, "to_a_dtype_leaves_integers_alone")
            ),
            "The Parameters went, the buffers stayed. `self._apply` goes to all that is registered, and what is of "
            "floating point is converted, whatever its kind.",
        ),
        Hint(
            lambda m: "mean" in _stayed(m, "to_a_dtype_leaves_integers_alone"),
            "Nothing was converted. `tensor.to(...)` changes nothing, it returns another tensor: "
            "hand your function to `self._apply`.",
        ),
        Hint(
            lambda m: m.missed("it_returns_the_module"),
            "`model.to(...)` returns the module itself, and so does `self._apply(...)`.",
        ),
        Hint(
            lambda m: "count" not in (m.got("to_a_dtype_leaves_integers_alone") or ["count"]),
            "The integers are gone: for them your function returns None.",
        ),
        Hint(
            lambda m: m.missed("to_a_dtype_leaves_integers_alone"),
            "A counter became a float. A dtype is for tensors of floating point only: `tensor.is_floating_point()`.",
        ),
        Hint(
            lambda m: m.missed("to_a_device_takes_everything"),
            "The integers stayed behind on the old device. A device is for every tensor.",
        ),
        Hint(
            lambda m: m.missed("to_a_device_and_a_dtype"),
            "`model.to(device, dtype)` asks for both at once. One `tensor.to(device=…, dtype=…)` does both, and None "
            "leaves as it is.",
        ),
    ),
)

TASKS: tuple[Task, ...] = (what_follows, same_object, swap, apply, to)
