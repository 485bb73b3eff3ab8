"""Lesson 04, buffer: what is state that is not learned?"""

from __future__ import annotations

from ...cases import buffers, running_stats
from ...nn import Module
from ...nn.functional import norm
from ..tasks import Hint, Piece, Prediction, Task

LESSON = 4

UNMOVED = [[0.0, 0.0], [1.0, 1.0]]  # what the statistics of two features start with

what_is_kept = Prediction(
    name="what is kept",
    lesson=LESSON,
    points=1,
    case=buffers.who_keeps_what,
    hints={
        "plain": "A plain tensor is an attribute like any other. The module does not know of it.",
        "weight": "A Parameter is kept with the model. But is it a buffer?",
        "mean": "A Buffer is state of the model: it goes where the model goes, and survives a restart.",
        "mask": "`persistent` is about the checkpoint, and about nothing else. The layer still needs the mask.",
    },
)

frozen_is_not_eval = Prediction(
    name="frozen is not eval",
    lesson=LESSON,
    points=1,
    case=running_stats.frozen_is_not_eval,
    hints={
        "frozen": "`requires_grad_(False)` speaks to Parameters. Is a running mean one? Does a gradient move it?",
        "eval": "`eval()` sets `training` to False, and that decides about the statistics. Does autograd ask for it?",
        "eval, then train": "`model.train()` walks the whole tree, and does not know who was in eval mode on purpose.",
        "no_grad": "`no_grad` is a word to autograd. The running mean is moved by ordinary arithmetic.",
    },
)

register_buffer = Piece(
    owner=Module,
    attribute="register_buffer",
    lesson=LESSON,
    points=3,
    cases=(
        buffers.a_buffer_is_registered,
        buffers.a_buffer_is_saved_and_not_learned,
        buffers.a_non_persistent_buffer_is_not_saved,
        buffers.registering_again_replaces,
        buffers.none_keeps_a_place_for_a_buffer,
        buffers.a_tensor_may_fill_the_place,
        buffers.a_buffer_keeps_what_it_asks_for,
        buffers.a_parameter_may_be_a_buffer,
        buffers.a_value_that_is_no_tensor_is_refused,
        buffers.names_of_buffers,
        buffers.a_name_that_is_taken_is_refused,
        buffers.a_buffer_before_init_is_refused,
        buffers.an_assigned_buffer_is_registered,
        buffers.a_tensor_keeps_the_persistence,
        buffers.a_buffer_brings_its_own_persistence,
    ),
    hints=(
        Hint(
            lambda m: m.written(r"self\.name\s*="),
            "`self.name` is an attribute that is called `name`. The name that was handed in is a key: "
            "`self._buffers[name]`.",
        ),
        Hint(
            lambda m: m.raised("RecursionError"),
            "To assign a buffer calls `register_buffer`, so this must not assign again. "
            "Write into the dict: `self._buffers[name]`.",
        ),
        Hint(
            lambda m: m.raised("RuntimeError", "ambiguous"),
            "`if tensor` asks for its values, and whether they are true. Ask whether there is one: "
            "`tensor is not None`.",
        ),
        Hint(
            lambda m: m.raised("KeyError") and m.written(r"\.remove\("),
            "`remove` raises a KeyError if the name is not in the set. `discard` takes it out if it is there.",
        ),
        Hint(
            lambda m: m.got("a_buffer_is_registered") == [["mean"], True, True],
            "The buffer is in `_buffers` and in `__dict__` as well. One place is enough: the dict `self._buffers`.",
        ),
        Hint(
            lambda m: (m.got("a_buffer_is_registered") or [None])[0] == ["mean"],
            "What is registered is the tensor itself: no copy, no `detach()`, no wrapper.",
        ),
        Hint(
            lambda m: (m.got("a_buffer_is_saved_and_not_learned") or [0])[0] == 1,
            "`parameters()` lists it now, and an optimizer would train it. Buffers have a dict of their own: "
            "`self._buffers`.",
        ),
        Hint(
            lambda m: m.missed("a_buffer_is_registered"),
            "The tensor has to end up in the dict, under its name: in `self._buffers`. An assignment to an attribute "
            "does not put it there.",
        ),
        Hint(
            lambda m: (m.got("a_non_persistent_buffer_is_not_saved") or [None])[0] == [],
            "Now it is not registered at all. `persistent=False` only keeps it out of the checkpoint: it is listed "
            "and moved all the same.",
        ),
        Hint(
            lambda m: m.missed("a_buffer_is_saved_and_not_learned", "a_non_persistent_buffer_is_not_saved"),
            "It is the wrong way round: `_non_persistent_buffers_set` holds the names that are *not* saved.",
        ),
        Hint(
            lambda m: m.missed("a_non_persistent_buffer_is_not_saved"),
            "With `persistent=False` the name has to be noted: `state_dict()` passes over the names in "
            "`self._non_persistent_buffers_set`.",
        ),
        Hint(
            lambda m: m.missed("registering_again_replaces"),
            "A name that was non-persistent may be registered again, as persistent. Then it has to leave the set.",
        ),
        Hint(
            lambda m: m.missed("none_keeps_a_place_for_a_buffer"),
            "None is allowed: it takes the place for a tensor that may come later.",
        ),
        Hint(
            lambda m: m.missed("a_parameter_may_be_a_buffer") or m.missed("a_buffer_keeps_what_it_asks_for"),
            "Any tensor may be a buffer, whatever its class and whether it asks for a gradient. Leave it as it is.",
        ),
        Hint(
            lambda m: m.missed("a_value_that_is_no_tensor_is_refused"),
            "A number is no tensor. Before anything is registered, `self._refuse_buffer(name, tensor)` raises "
            "the TypeError.",
        ),
        Hint(
            lambda m: (
                m.missed("names_of_buffers")
                or m.missed("a_name_that_is_taken_is_refused")
                or m.missed("a_buffer_before_init_is_refused")
            ),
            "`self._check_new_name('buffer', name)` raises what PyTorch raises for a bad or a taken name. "
            "Call it first.",
        ),
    ),
)

named_buffers = Piece(
    owner=Module,
    attribute="named_buffers",
    lesson=LESSON,
    points=2,
    cases=(
        buffers.every_buffer_of_the_tree_is_named,
        buffers.its_own_buffers_only_without_recurse,
        buffers.a_prefix_goes_before_every_buffer,
        buffers.an_empty_place_is_no_buffer,
        buffers.non_persistent_buffers_are_listed,
        buffers.a_shared_buffer_is_listed_once,
        buffers.what_is_not_registered_is_no_buffer,
        buffers.named_buffers_is_lazy,
    ),
    hints=(
        Hint(
            lambda m: m.raised("RecursionError"),
            "`self.buffers()` asks `named_buffers()` in turn, without end. Go through `_buffers` yourself.",
        ),
        Hint(
            lambda m: m.raised("RuntimeError"),
            "`if buffer:` and `buffer in a_list` ask for values, and whether they are true. The object counts: "
            "write `is not None`, and to remember, use a set, or `id(buffer)`.",
        ),
        Hint(
            lambda m: m.raised("TypeError", "'NoneType' object is not iterable"),
            "Nothing comes out. Is there a `yield`?",
        ),
        Hint(
            lambda m: "weight" in str(m.got("every_buffer_of_the_tree_is_named")),
            "Parameters are listed now. The walk is that of `named_parameters()`, the dict is another one.",
        ),
        Hint(
            lambda m: m.got("every_buffer_of_the_tree_is_named") == [["mean", [2]]],
            "Only the module's own are listed. `self.named_modules(prefix=prefix)` walks the whole tree.",
        ),
        Hint(
            lambda m: m.raised("AttributeError", "NoneType") or "running" in str(m.got("an_empty_place_is_no_buffer")),
            "A place may hold None, as in a BatchNorm without statistics. Pass over it.",
        ),
        Hint(
            lambda m: ".mean" in str(m.got("every_buffer_of_the_tree_is_named")),
            "A name does not begin with a dot: the module itself has the path `''`.",
        ),
        Hint(
            lambda m: m.got("every_buffer_of_the_tree_is_named") == [],
            "Nothing is listed. Do not ask for a class: a registered buffer is a plain tensor. "
            "Everything in `module._buffers` counts, and nothing else.",
        ),
        Hint(
            lambda m: m.missed("every_buffer_of_the_tree_is_named"),
            "For each `(path, module)` of `named_modules()`, go through `module._buffers.items()` and yield the path, "
            "a dot and the name, with the tensor.",
        ),
        Hint(
            lambda m: m.missed("non_persistent_buffers_are_listed"),
            "A non-persistent buffer is a buffer: only `state_dict()` passes over it.",
        ),
        Hint(
            lambda m: m.missed("its_own_buffers_only_without_recurse"),
            "With `recurse=False` only the module's own count: one pair, `(prefix, self)`.",
        ),
        Hint(
            lambda m: m.missed("a_prefix_goes_before_every_buffer"),
            "The prefix is lost. Hand it to `named_modules(prefix=prefix)`, and use it without `recurse` too.",
        ),
        Hint(
            lambda m: (m.got("a_shared_buffer_is_listed_once") or [[]])[0] == ["a", "b"],
            "One tensor under two names is one buffer. Remember what was yielded, and leave it out.",
        ),
        Hint(
            lambda m: m.missed("a_shared_buffer_is_listed_once"),
            "With `remove_duplicate=False` a shared buffer comes under each of its names.",
        ),
        Hint(
            lambda m: m.missed("what_is_not_registered_is_no_buffer"),
            "A plain tensor, a list or a dict is an ordinary attribute. Go through `_buffers` only.",
        ),
        Hint(
            lambda m: m.missed("named_buffers_is_lazy"),
            "PyTorch answers with an iterator that runs once, not with a list. Use `yield`.",
        ),
    ),
)

update = Piece(
    owner=norm,
    attribute="update_running_stats",
    lesson=LESSON,
    points=3,
    cases=(
        running_stats.a_batch_moves_the_statistics,
        running_stats.several_batches_move_the_statistics,
        running_stats.momentum_says_how_far,
        running_stats.momentum_one_takes_the_batch,
        running_stats.momentum_zero_keeps_them,
        running_stats.without_momentum_every_batch_counts_alike,
        running_stats.the_statistics_are_written_in_place,
        running_stats.tensors_of_ones_own_are_moved,
        running_stats.the_statistics_keep_their_dtype,
        running_stats.images_move_the_statistics,
    ),
    hints=(
        Hint(
            lambda m: m.got("a_batch_moves_the_statistics") == UNMOVED,
            "The buffer did not move. `running = …` gives a new tensor the old name, and a result that is returned is "
            "lost. Write into the buffer: `mul_`, `add_`, `copy_`.",
        ),
        Hint(
            lambda m: m.raised("TypeError") or m.raised("AttributeError") or m.raised("IndexError"),
            "`running` and `batch` are tensors of the same shape, `momentum` is a number. The whole tensor moves at "
            "once: no loop, no NumPy.",
        ),
        Hint(
            lambda m: m.missed("a_batch_moves_the_statistics") and m.got("momentum_one_takes_the_batch") == UNMOVED,
            "It moves too far: `momentum` is the share of the *batch*, and it is small. The old value keeps the rest.",
        ),
        Hint(
            lambda m: m.missed("a_batch_moves_the_statistics", "momentum_zero_keeps_them"),
            "With a momentum of 0 nothing may change. By what is the batch multiplied, by what the old value?",
        ),
        Hint(
            lambda m: m.missed("a_batch_moves_the_statistics"),
            "Nearly: each of the two is multiplied by its own share, and the shares add up to 1. "
            "Has one of them changed before it was used?",
        ),
        Hint(
            lambda m: m.missed("momentum_says_how_far"),
            "How far it moves is the caller's to say. Use the argument `momentum`, not 0.1.",
        ),
        Hint(
            lambda m: m.missed("the_statistics_are_written_in_place"),
            "The values are right, but in new memory: a state_dict that was taken before does not see them. "
            "Write into the buffer: `mul_`, `add_`, `copy_`.",
        ),
    ),
)

TASKS: tuple[Task, ...] = (what_is_kept, register_buffer, named_buffers, update, frozen_is_not_eval)
