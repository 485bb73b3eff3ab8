"""Lesson 06, state_dict: what survives a restart?"""

from __future__ import annotations

from ...cases import checkpoints, state_dict
from ...nn import Module
from ..tasks import Hint, Piece, Prediction, Task

LESSON = 6

what_is_packed = Prediction(
    name="what is packed",
    lesson=LESSON,
    points=1,
    case=checkpoints.what_is_packed,
    hints={
        "frozen": "A frozen Parameter does not learn. The model needs it all the same, after a restart too.",
        "mean": "A Buffer is state that the model needs again. What was its second answer in lesson 04?",
        "mask": "This buffer was registered as not persistent. What does that word mean, and for what?",
        "scale": "A plain tensor is an ordinary attribute. Which of the module's dicts would it be found in?",
        "decoder.weight": "`named_parameters()` leaves a second name out. A model that loads looks for every name.",
    },
)

what_follows_the_model = Prediction(
    name="what follows the model",
    lesson=LESSON,
    points=1,
    case=checkpoints.what_follows_the_model,
    hints={
        "state": "`state_dict()` makes a new dict. Does it make new numbers? `detach()` shares the memory.",
        "dict(state)": "`dict(state)` is another dict. What stands in it are the same tensors.",
        "clones": "`clone()` copies the numbers. Where does the optimizer write?",
        "deepcopy(state)": "A deep copy copies what is in the dict, too.",
        "a saved file": "The numbers were written when `save` was called. Does a step write to the file?",
    },
)

THE_KEY = "A key is the path from the top: `prefix + name`. The prefix has its dot already."

save_own = Piece(
    owner=Module,
    attribute="_save_to_state_dict",
    lesson=LESSON,
    points=2,
    cases=(
        checkpoints.its_own_tensors_are_packed,
        checkpoints.a_non_persistent_buffer_stays_at_home,
        checkpoints.an_empty_place_is_not_packed,
        state_dict.a_frozen_parameter_is_saved,
        state_dict.the_values_are_plain_tensors,
        state_dict.the_values_are_the_live_ones,
        state_dict.a_prefix_goes_before_every_key,
        checkpoints.a_child_decides_what_it_saves,
        checkpoints.what_is_more_than_tensors_is_packed,
    ),
    hints=(
        Hint(
            lambda m: m.raised("RuntimeError", "ambiguous"),
            "Ask whether there is a tensor, not whether it is true: `is None`.",
        ),
        Hint(
            lambda m: m.raised("AttributeError", "OrderedDict"),
            "`destination` is a dict: `destination[key] = …` puts something into it.",
        ),
        Hint(
            lambda m: m.raised("AttributeError", "numpy.ndarray"),
            "Arrays are in the dict. The values are tensors: what `detach()` returns, as it is.",
        ),
        Hint(
            lambda m: (
                m.raised("AttributeError", "NoneType") or "later" in (m.got("an_empty_place_is_not_packed") or ())
            ),
            "A place may hold None, as the bias of `nn.Linear(3, 2, bias=False)`. Pass over it.",
        ),
        Hint(
            lambda m: m.got("its_own_tensors_are_packed") == {},
            "Nothing arrives. `destination` is the dict that everybody fills: write into it, do not make another.",
        ),
        Hint(
            lambda m: list(m.got("its_own_tensors_are_packed") or ()) == ["weight"],
            "The buffer is lost. Buffers are state that the model needs again: go through `self._buffers`, too.",
        ),
        Hint(
            lambda m: not {"weight", "mean"}.issuperset(m.got("its_own_tensors_are_packed") or ()),
            THE_KEY,
        ),
        Hint(
            lambda m: m.missed("a_non_persistent_buffer_stays_at_home"),
            "A buffer with `persistent=False` stays at home: its name stands in `self._non_persistent_buffers_set`.",
        ),
        Hint(
            lambda m: m.missed("a_frozen_parameter_is_saved"),
            "A frozen Parameter is saved, too. Do not look at `requires_grad`.",
        ),
        Hint(
            lambda m: (m.got("the_values_are_plain_tensors") or [["Tensor"]])[0][0] == "Parameter",
            "The Parameters themselves are in the dict. Unless `keep_vars` says so, put `detach()` of each into it.",
        ),
        Hint(
            lambda m: m.missed("the_values_are_the_live_ones"),
            "PyTorch does not copy: the values share the model's memory. No `clone()`: `detach()`.",
        ),
        Hint(
            lambda m: m.missed("the_values_are_plain_tensors"),
            "With `keep_vars=True` the Parameter itself goes into the dict, not what `detach()` makes of it.",
        ),
        Hint(
            lambda m: m.missed("a_prefix_goes_before_every_key"),
            THE_KEY,
        ),
        Hint(
            lambda m: m.missed("a_child_decides_what_it_saves"),
            "Only the module's own tensors belong here. Its children are asked themselves, one by one.",
        ),
        Hint(
            lambda m: m.missed("what_is_more_than_tensors_is_packed"),
            "A class may save more than tensors. The last line: `self._save_extra_state(destination, prefix)`.",
        ),
    ),
)

save_all = Piece(
    owner=Module,
    attribute="state_dict",
    lesson=LESSON,
    points=2,
    cases=(
        checkpoints.the_layers_of_layers_are_packed,
        state_dict.the_keys_and_their_order,
        state_dict.a_prefix_goes_before_every_key,
        state_dict.a_tied_weight_is_saved_under_every_name,
        checkpoints.a_shared_layer_is_packed_twice,
        checkpoints.keep_vars_is_handed_down,
        checkpoints.an_empty_place_for_a_child_is_not_packed,
        checkpoints.each_call_packs_anew,
        checkpoints.a_child_decides_what_it_saves,
        checkpoints.a_hook_may_change_what_is_packed,
        state_dict.the_metadata_has_the_versions,
    ),
    hints=(
        Hint(
            lambda m: m.written(r"= self\._save_to_state_dict"),
            "`_save_to_state_dict` fills the dict and returns nothing. Call it without a `=`.",
        ),
        Hint(
            lambda m: (
                m.raised("TypeError", "'NoneType' object is not iterable") or m.written(r"return \w+\.state_dict")
            ),
            "Some call returns nothing, or too early. Is there a `return`, and after the loop? It is "
            "`return self._end_saving(destination, prefix)`.",
        ),
        Hint(
            lambda m: m.raised("RecursionError"),
            "`self.state_dict(…)` calls what you are writing. Ask the child: `module.state_dict(…)`.",
        ),
        Hint(
            lambda m: m.written(r"\bprefix (\+=|= prefix \+)"),
            "`prefix` grows from child to child, so that the second one has the name of the first before its own. "
            'Leave yours as it is, and hand over `prefix=prefix + name + "."`.',
        ),
        Hint(
            lambda m: not m.written(r"_save_to_state_dict|_own_state|detach\("),
            "The children are asked, but who packs the module's own tensors? That is what you built above: "
            "`self._save_to_state_dict(destination, prefix, keep_vars)`.",
        ),
        Hint(
            lambda m: m.missed("the_layers_of_layers_are_packed") and m.written(r"module\._save_to_state_dict"),
            "A child has children of its own, and they are left out. Call its `state_dict`, which asks them in turn.",
        ),
        Hint(
            lambda m: m.raised("TypeError", "does not support item assignment"),
            "There is no dict to fill yet: `destination` is None. The first line that the text gives makes one.",
        ),
        Hint(
            lambda m: m.raised("AttributeError", "NoneType") or m.only("an_empty_place_for_a_child_is_not_packed"),
            "A child's place may hold None. Pass over it, and go on with the next.",
        ),
        Hint(
            lambda m: m.got("the_layers_of_layers_are_packed") == [],
            "Nothing of the children arrives. Call `state_dict` of each, and hand it the same `destination` to fill.",
        ),
        Hint(
            lambda m: "0.weight" in (m.got("the_layers_of_layers_are_packed") or ()),
            "A key is the whole way from the top. A child's prefix is yours, its name and a dot.",
        ),
        Hint(
            lambda m: m.missed("the_layers_of_layers_are_packed") and m.missed("the_metadata_has_the_versions"),
            "The keys are not PyTorch's. A child's prefix is yours, its name and a dot: `prefix + name + '.'`.",
        ),
        Hint(
            lambda m: (
                m.missed("the_keys_and_their_order", "a_prefix_goes_before_every_key")
                and not m.missed("the_layers_of_layers_are_packed")
            ),
            "What is the module's own comes first, then its children.",
        ),
        Hint(
            lambda m: m.missed("a_tied_weight_is_saved_under_every_name"),
            "A shared weight is saved under each of its names. `named_parameters()` gives it once: ask every "
            "module for its own with `_save_to_state_dict`.",
        ),
        Hint(
            lambda m: m.missed("a_shared_layer_is_packed_twice") and not m.missed("a_child_decides_what_it_saves"),
            "A layer that stands in two places is packed twice. `named_children()` gives it once; "
            "`self._modules.items()` has both places.",
        ),
        Hint(
            lambda m: m.missed("keep_vars_is_handed_down"),
            "`keep_vars` is lost on the way down. Hand it to the children.",
        ),
        Hint(
            lambda m: m.missed("a_child_decides_what_it_saves"),
            "A class may have a `state_dict` of its own. Call that of each child instead of packing in its place.",
        ),
        Hint(
            lambda m: m.missed("a_hook_may_change_what_is_packed"),
            "Somebody may want to change the dict at the end. Return `self._end_saving(destination, prefix)`.",
        ),
        Hint(
            lambda m: m.missed("the_metadata_has_the_versions"),
            "The versions are lost: `_metadata` of the dict. `self._begin_saving(…)` makes the dict, and notes them.",
        ),
    ),
)

TOO_LITTLE = "A helper was called with too little. The text above shows the whole call, and the error what is missing."

load_own = Piece(
    owner=Module,
    attribute="_load_own_state",
    lesson=LESSON,
    points=2,
    cases=(
        checkpoints.the_values_arrive,
        checkpoints.loaded_is_copied,
        state_dict.the_parameters_stay_the_same_objects,
        checkpoints.keys_of_a_layer_in_a_model,
        state_dict.a_wrong_shape_is_refused_in_both_cases,
        checkpoints.a_row_is_not_spread,
        state_dict.a_buffer_is_loaded_in_place,
        state_dict.a_non_persistent_buffer_takes_no_value,
        state_dict.assign_takes_the_tensors_themselves,
    ),
    hints=(
        Hint(
            lambda m: m.written(r"(=|append\(|raise|return)\s*self\._(refuse|take_over)\("),
            "`_take_over` and `_refuse` return nothing. They write into `errors` themselves: call them, no more.",
        ),
        Hint(
            lambda m: m.raised("TypeError", "cannot unpack"),
            "Two lists are to be returned, after the loop: `return missing, errors`.",
        ),
        Hint(
            lambda m: m.raised("AttributeError", "OrderedDict"),
            "`state_dict` is a dict of all the values. The one for a key is `state_dict[key]`.",
        ),
        Hint(lambda m: m.raised("TypeError", "required positional argument"), TOO_LITTLE),
        Hint(
            lambda m: m.written(r"len\(.*\) [!=]="),
            "`len` is one dimension of several, and a single number has none. Compare the shapes: "
            "`value.shape == tensor.shape`.",
        ),
        Hint(
            lambda m: m.written(r"prefix \+ ['\"]\.|prefix\}\."),
            "The keys have a dot too many: the prefix has its dot already, or is empty.",
        ),
        Hint(
            lambda m: m.written(r"for \w+(, \w+)? in state_dict\b"),
            "The `state_dict` is that of the whole model, and can't tell what it lacks. Go through the module's own "
            "tensors: `self._own_state()`.",
        ),
        Hint(
            lambda m: m.raised("RuntimeError", "a leaf Variable that requires grad"),
            "Autograd watches a Parameter. To write into it, say that this is no calculation: `with no_grad():`. "
            "`self._take_over(…)` does that.",
        ),
        Hint(
            lambda m: m.raised("TypeError", "cannot assign"),
            "A plain tensor does not replace a Parameter. Do not replace it: write the values into it, "
            "with `self._take_over(…)`.",
        ),
        Hint(
            lambda m: m.raised("KeyError"),
            "The state_dict may lack a key. Ask `key in state_dict` first; what it lacks is noted in `missing`.",
        ),
        Hint(
            lambda m: m.missed("the_values_arrive"),
            "The values do not arrive. `tensor = …` gives the name another object and leaves the model's tensor as it "
            "is. `self._take_over(…)` writes into it.",
        ),
        Hint(
            lambda m: m.got("keys_of_a_layer_in_a_model") is not None and m.missed("keys_of_a_layer_in_a_model"),
            "A layer in a model has a prefix, and its key is `prefix + name`, in the state_dict and in `missing`.",
        ),
        Hint(
            lambda m: m.missed("loaded_is_copied"),
            "The two models share their memory now: training one would change the other. Copy the values.",
        ),
        Hint(
            lambda m: m.missed("keys_of_a_layer_in_a_model") and m.raised("RuntimeError"),
            "A missing key is taken for an error, even with `strict=False`. The two lists have an order: "
            "`return missing, errors`.",
        ),
        Hint(
            lambda m: m.missed("the_parameters_stay_the_same_objects"),
            "The Parameter is another object now, and an optimizer would hold the old one. Write into the old one.",
        ),
        Hint(
            lambda m: m.only("a_row_is_not_spread"),
            "A value of another shape may fit all the same: `copy_` spreads one row over all. Compare shapes first.",
        ),
        Hint(
            lambda m: m.missed("a_wrong_shape_is_refused_in_both_cases"),
            "A wrong shape stops nothing: note it with `self._refuse(…)` and go on, so that all the others are loaded.",
        ),
        Hint(
            lambda m: m.missed("a_non_persistent_buffer_takes_no_value"),
            "A non-persistent buffer is not part of the state, and takes nothing. `self._own_state()` leaves it out.",
        ),
        Hint(
            lambda m: m.missed("a_buffer_is_loaded_in_place"),
            "Buffers are loaded, too. `self._own_state()` has both: Parameters and buffers.",
        ),
        Hint(
            lambda m: m.missed("assign_takes_the_tensors_themselves"),
            "With `assign=True` the tensors themselves are taken. Hand `assign` to `self._take_over(…)`.",
        ),
    ),
)

MATCHED = "<All keys matched successfully>"
ONE_ERROR = "One error names all that is wrong: first the keys, then the shapes. Collect first, raise once."

load_all = Piece(
    owner=Module,
    attribute="load_state_dict",
    lesson=LESSON,
    points=2,
    cases=(
        state_dict.a_state_is_loaded,
        state_dict.missing_and_unexpected_in_one_error,
        state_dict.not_strict_returns_them,
        state_dict.a_wrong_shape_is_refused_in_both_cases,
        state_dict.every_complaint_stands_in_the_error,
        state_dict.what_fits_is_loaded_all_the_same,
        state_dict.what_is_no_mapping_is_refused,
        state_dict.assign_takes_the_tensors_themselves,
    ),
    hints=(
        Hint(lambda m: m.raised("TypeError", "required positional argument"), TOO_LITTLE),
        Hint(
            lambda m: m.written(r"_load_own_state"),
            "That loads the tensors of this one module. `self._load_tree(…)` asks all of them.",
        ),
        Hint(
            lambda m: m.written(r"append\(keys\.complaints"),
            "`append` puts the list of complaints into the list, as one item. Two lists are joined by `+`.",
        ),
        Hint(
            lambda m: m.missed("a_state_is_loaded") and m.raised("RuntimeError"),
            "A state that fits is an error now. Raise only if there is a sentence to say: `keys` is a pair of lists, "
            "and a pair counts as true even if both are empty.",
        ),
        Hint(
            lambda m: m.got("a_state_is_loaded") is not None and m.got("a_state_is_loaded")[0] == "None",
            "The caller wants to know which keys did not match: `return keys`.",
        ),
        Hint(
            lambda m: (m.got("a_state_is_loaded") or [MATCHED])[0] != MATCHED,
            "Return `keys` itself, as it came: it has the two lists, and it prints as a sentence.",
        ),
        Hint(
            lambda m: m.missed("missing_and_unexpected_in_one_error") and m.raised("TypeError"),
            "A key that does not match is an error, if `strict`: raise a RuntimeError that names it.",
        ),
        Hint(
            lambda m: m.missed("not_strict_returns_them"),
            "With `strict=False` keys that do not match are no error: they are returned.",
        ),
        Hint(
            lambda m: (m.got("missing_and_unexpected_in_one_error") or [[], "RuntimeError"])[1] != "RuntimeError",
            "PyTorch raises a RuntimeError, and programs count on that.",
        ),
        Hint(
            lambda m: m.missed("a_wrong_shape_is_refused_in_both_cases"),
            "A wrong shape is an error in any case: `strict=False` forgives keys, not shapes.",
        ),
        Hint(lambda m: m.written(r"for .*:\s*raise"), ONE_ERROR),
        Hint(
            lambda m: m.missed("missing_and_unexpected_in_one_error") and not m.written("__name__"),
            "The error names the class of the module, here `Linear`, there another: `type(self).__name__`.",
        ),
        Hint(
            lambda m: m.missed("missing_and_unexpected_in_one_error"),
            "The words are not PyTorch's. `Error(s) in loading state_dict for Linear:`, then each complaint on a line "
            "of its own, after `\\n\\t`.",
        ),
        Hint(
            lambda m: m.missed("every_complaint_stands_in_the_error"),
            ONE_ERROR,
        ),
        Hint(
            lambda m: m.missed("assign_takes_the_tensors_themselves") or m.written(r"_load_tree\(.*strict"),
            "`assign` is lost. Hand it on to `self._load_tree(…)`.",
        ),
    ),
)

TASKS: tuple[Task, ...] = (what_is_packed, save_own, save_all, what_follows_the_model, load_own, load_all)
