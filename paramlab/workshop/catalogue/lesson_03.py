"""Lesson 03, module: how does a model know its weights?"""

from __future__ import annotations

from ...cases import iteration, registration
from ...nn import Module
from ..tasks import Hint, Piece, Prediction, Task

LESSON = 3

who_picks_up_what = Prediction(
    name="who picks up what",
    lesson=LESSON,
    points=2,
    case=iteration.who_picks_up_what,
    hints={
        "weight": "`weight` is a Parameter. Remember lesson 02: nothing is kept from it.",
        "mean": "`mean` is a Buffer: state that is saved and never learned.",
        "scale": "`scale` is a plain tensor, whatever its `requires_grad`. Nobody wrote it down.",
        "layers[0].weight": "The layer stands in a plain Python list. Does the module look into lists?",
    },
)

set_attribute = Piece(
    owner=Module,
    attribute="__setattr__",
    lesson=LESSON,
    points=6,
    cases=(
        registration.a_parameter_is_listed,
        registration.a_plain_tensor_is_not_listed,
        registration.requires_grad_does_not_register,
        registration.a_module_becomes_a_child,
        registration.anything_else_is_an_ordinary_attribute,
        registration.a_parameter_is_not_kept_twice,
        registration.a_parameter_of_a_subclass_is_listed,
        registration.a_parameter_replaces_a_plain_attribute,
        registration.a_parameter_replaces_a_module,
        registration.a_parameter_replaces_a_buffer,
        registration.a_module_replaces_a_plain_attribute,
        registration.a_new_parameter_takes_the_place,
        registration.a_tensor_over_a_parameter_is_refused,
        registration.none_keeps_the_place,
        registration.a_tensor_over_a_place_kept_by_none_is_refused,
        registration.a_module_over_a_parameter_is_refused,
        registration.a_number_over_a_module_is_refused,
        registration.a_buffer_is_kept_with_the_buffers,
        registration.a_tensor_over_a_buffer_becomes_the_buffer,
        registration.a_parameter_before_init_is_refused,
        registration.a_module_before_init_is_refused,
        registration.a_plain_attribute_before_init_is_accepted,
    ),
    hints=(
        Hint(
            lambda m: m.raised("RecursionError"),
            "`self.x = …` and `setattr(self, …)` inside of `__setattr__` call `__setattr__` again. "
            "For an ordinary attribute, call `object.__setattr__(self, name, value)`.",
        ),
        Hint(
            lambda m: "_parameters" in (m.got("a_plain_tensor_is_not_listed") or ()),
            "Every tensor is listed now. Ask for the class: `isinstance(value, Parameter)`, not Tensor.",
        ),
        Hint(
            lambda m: (
                "_parameters" in (m.got("requires_grad_does_not_register") or ())
                or (m.missed("requires_grad_does_not_register") and m.written("requires_grad"))
            ),
            "A tensor is not registered for asking for a gradient. Ask for its class: `isinstance(value, Parameter)`.",
        ),
        Hint(
            lambda m: m.missed("anything_else_is_an_ordinary_attribute", "a_plain_tensor_is_not_listed"),
            "Ordinary values get lost. The last `else` keeps them: `object.__setattr__(self, name, value)`.",
        ),
        Hint(
            lambda m: m.missed("a_plain_attribute_before_init_is_accepted"),
            "Before `super().__init__()` there is no `_parameters` to look into. "
            "`self._drawer_of(name)` copes with that; so does `self.__dict__.get('_parameters', {})`.",
        ),
        Hint(
            lambda m: m.missed("a_parameter_is_listed"),
            "A Parameter has to end up in `self._parameters`: `self.register_parameter(name, value)` puts it there.",
        ),
        Hint(
            lambda m: (
                m.missed("a_parameter_is_not_kept_twice")
                or m.got("a_module_becomes_a_child") == {"_modules": ["linear"], "__dict__": ["linear"]}
            ),
            "The value is in its dict and in `__dict__` as well. One place is enough: "
            "leave `object.__setattr__` to ordinary values.",
        ),
        Hint(
            lambda m: m.missed("a_parameter_of_a_subclass_is_listed") and m.written(r"type\(value\)|__class__"),
            "A class made of Parameter, or of Module, counts too: `nn.Linear` is one. `isinstance` sees subclasses "
            "too; `type(value) is Parameter` does not.",
        ),
        Hint(
            lambda m: m.missed("a_module_becomes_a_child"),
            "A Module goes to `self._modules`. Without that, its parameters are not found.",
        ),
        Hint(
            lambda m: m.missed("a_parameter_replaces_a_module") and m.raised("TypeError", "cannot assign"),
            "`self._clear_slot` is for what is neither a Parameter nor a Module: it refuses the rest. "
            "Ask for these two first.",
        ),
        Hint(
            lambda m: m.missed("a_new_parameter_takes_the_place"),
            "A new Parameter under an old name keeps its place in the order. Do not take the old one out first.",
        ),
        Hint(
            lambda m: (
                m.missed("a_parameter_replaces_a_plain_attribute")
                or m.missed("a_parameter_replaces_a_module")
                or m.missed("a_parameter_replaces_a_buffer")
                or m.missed("a_module_replaces_a_plain_attribute")
            ),
            "The name lives in two places now. Take it out of the others: `self._make_room(name, '_parameters')`.",
        ),
        Hint(
            lambda m: m.missed("a_tensor_over_a_parameter_is_refused"),
            "`self.weight = tensor` over a Parameter has to be a TypeError, or a weight would silently stop "
            "learning. `self._clear_slot(drawer, name, value)` raises it.",
        ),
        Hint(
            lambda m: m.missed("a_module_over_a_parameter_is_refused"),
            "A name that belongs to a Parameter takes a Parameter or None. Look at what the name holds already "
            "before you look for modules.",
        ),
        Hint(
            lambda m: m.missed("none_keeps_the_place") or m.missed("a_tensor_over_a_place_kept_by_none_is_refused"),
            "None empties the place and keeps it: `_parameters[name]` is None afterwards.",
        ),
        Hint(
            lambda m: m.missed("a_number_over_a_module_is_refused"),
            "A name that belongs to a Module takes a Module or None. `self._clear_slot` raises the TypeError.",
        ),
        Hint(
            lambda m: (
                m.missed("a_buffer_is_kept_with_the_buffers") or m.missed("a_tensor_over_a_buffer_becomes_the_buffer")
            ),
            "Buffers are given: `self._set_buffer(name, value)`, for a Buffer and for a name that holds one already.",
        ),
        Hint(
            lambda m: m.missed("a_parameter_before_init_is_refused") or m.missed("a_module_before_init_is_refused"),
            "Without `super().__init__()` there is no place for it yet, and that is an AttributeError. "
            "`self._make_room` raises it.",
        ),
    ),
)

get_attribute = Piece(
    owner=Module,
    attribute="__getattr__",
    lesson=LESSON,
    points=3,
    cases=(
        registration.a_parameter_is_found_by_its_name,
        registration.a_child_is_found_by_its_name,
        registration.a_buffer_is_found_by_its_name,
        registration.a_name_kept_by_none_is_found,
        registration.an_unknown_name_is_an_error,
        registration.an_unknown_name_without_init_is_an_error_too,
        registration.an_ordinary_attribute_is_found_as_ever,
    ),
    hints=(
        Hint(
            lambda m: m.raised("RecursionError"),
            "What `__getattr__` asks of `self` may not exist, and then it is asked again, without end. "
            "`self.__dict__` always exists: `self.__dict__.get('_parameters', {})`.",
        ),
        Hint(
            lambda m: m.raised("RuntimeError", "ambiguous"),
            "`or` and `if value` ask whether the numbers of a tensor are true. Ask whether the name is there: "
            "`name in held`.",
        ),
        Hint(
            lambda m: m.missed("a_parameter_is_found_by_its_name") and m.raised("KeyError", "weight"),
            "`self.__dict__` holds three dicts, and the Parameters are in one of them: look `name` up in "
            "`self.__dict__['_parameters']`.",
        ),
        Hint(
            lambda m: (
                m.raised("KeyError", "already exists")
                or (m.missed("an_unknown_name_is_an_error") and not m.raised("KeyError"))
            ),
            "A name that is not there has to be an AttributeError. If a typo answers None, nobody notices it.",
        ),
        Hint(
            lambda m: m.missed("an_unknown_name_is_an_error") and m.raised("KeyError"),
            "A name that is not there has to be an AttributeError. A KeyError would break `hasattr`.",
        ),
        Hint(
            lambda m: m.missed("an_unknown_name_without_init_is_an_error_too"),
            "Without `super().__init__()` there is no `_parameters`. Take `self.__dict__.get('_parameters', {})`.",
        ),
        Hint(
            lambda m: m.missed("a_parameter_is_found_by_its_name"),
            "Look `name` up in `self.__dict__['_parameters']` and return what is there.",
        ),
        Hint(
            lambda m: m.missed("a_name_kept_by_none_is_found"),
            "A place may hold None, as the bias of `nn.Linear(2, 2, bias=False)`. Ask `name in held`, not its value.",
        ),
        Hint(
            lambda m: m.missed("a_child_is_found_by_its_name") or m.missed("a_buffer_is_found_by_its_name"),
            "There are three dicts to look into: `_parameters`, `_buffers` and `_modules`.",
        ),
    ),
)

register_parameter = Piece(
    owner=Module,
    attribute="register_parameter",
    lesson=LESSON,
    points=3,
    cases=(
        registration.register_parameter_registers,
        registration.register_parameter_none_takes_the_place,
        registration.register_parameter_refuses_a_plain_tensor,
        registration.register_parameter_refuses_bad_names,
        registration.register_parameter_refuses_a_taken_name,
        registration.register_parameter_may_replace,
        registration.register_parameter_refuses_a_computed_one,
        registration.register_parameter_before_init_is_refused,
    ),
    hints=(
        Hint(
            lambda m: m.raised("RecursionError"),
            "`__setattr__` calls `register_parameter`, so this must not assign again. "
            "Write into the dict: `self._parameters[name] = param`.",
        ),
        Hint(
            lambda m: m.raised("RuntimeError", "ambiguous"),
            "`if param` asks whether its numbers are true. Ask whether there is one: `param is not None`.",
        ),
        Hint(
            lambda m: m.missed("register_parameter_registers"),
            "The Parameter has to end up in the dict: `self._parameters[name] = param`.",
        ),
        Hint(
            lambda m: m.missed("register_parameter_none_takes_the_place"),
            "None is allowed: it takes the place for a Parameter that may come later.",
        ),
        Hint(
            lambda m: m.missed("register_parameter_refuses_a_plain_tensor"),
            "A plain tensor is a TypeError here. Wrapping it silently would hide the mistake.",
        ),
        Hint(
            lambda m: (
                m.missed("register_parameter_refuses_bad_names")
                or m.missed("register_parameter_refuses_a_taken_name")
                or m.missed("register_parameter_before_init_is_refused")
            ),
            "`self._check_new_name('parameter', name)` raises what PyTorch raises for a bad or a taken name. "
            "Call it first.",
        ),
        Hint(
            lambda m: m.missed("register_parameter_refuses_a_computed_one"),
            "A Parameter that an operation made has a `grad_fn`. It can't be learned: raise a ValueError.",
        ),
        Hint(
            lambda m: m.missed("register_parameter_may_replace"),
            "The same name may be registered again, with another Parameter.",
        ),
    ),
)

named_modules = Piece(
    owner=Module,
    attribute="named_modules",
    lesson=LESSON,
    points=3,
    cases=(
        iteration.the_whole_tree_is_walked,
        iteration.a_lone_module_lists_itself,
        iteration.a_prefix_goes_before_every_path,
        iteration.a_shared_module_is_walked_once,
        iteration.a_shared_module_is_walked_twice_on_request,
        iteration.a_second_walk_finds_the_same,
        iteration.an_empty_place_for_a_child_is_passed_over,
        iteration.modules_in_a_list_are_not_walked,
    ),
    hints=(
        Hint(
            lambda m: m.raised("RecursionError"),
            "`self.modules()` asks `named_modules()` in turn, without end. Go through `self._modules` yourself.",
        ),
        Hint(
            lambda m: m.raised("TypeError", "argument of type 'NoneType'") or m.raised("AttributeError", "'add'"),
            "`memo` is None at first: nobody handed one in. Begin with an empty set then.",
        ),
        Hint(
            lambda m: m.raised("TypeError", "'NoneType' object is not iterable"),
            "Nothing comes out. Is there a `yield`?",
        ),
        Hint(
            lambda m: m.raised("AttributeError", "NoneType") and not m.missed("the_whole_tree_is_walked"),
            "A child's place may hold None. Pass over it.",
        ),
        Hint(
            lambda m: m.got("a_lone_module_lists_itself") == [],
            "The module itself comes first, under the prefix: `yield prefix, self`.",
        ),
        Hint(
            lambda m: m.got("a_lone_module_lists_itself") is None and m.missed("a_lone_module_lists_itself"),
            "Yield pairs, `(path, module)`; the module itself comes first: `yield prefix, self`.",
        ),
        Hint(
            lambda m: (
                (m.raised("ValueError", "unpack") or len(m.got("the_whole_tree_is_walked") or []) == 1)
                and m.written(r"\.named_modules\(")
            ),
            "`module.named_modules(…)` is a walk of its own, and comes to nothing unless somebody goes through it: "
            "`yield from` it.",
        ),
        Hint(
            lambda m: ".stem" in str(m.got("the_whole_tree_is_walked") or ""),
            "A path does not begin with a dot: without a prefix, the path is the name alone.",
        ),
        Hint(
            lambda m: len(m.got("the_whole_tree_is_walked") or []) in (3, 4),
            "The walk stops at the children. Each child has children of its own: `yield from module.named_modules(…)`.",
        ),
        Hint(
            lambda m: len(m.got("the_whole_tree_is_walked") or []) == 1,
            "Children are missing. Go through `self._modules.items()`, and into each of them.",
        ),
        Hint(
            lambda m: m.missed("the_whole_tree_is_walked"),
            "A path is the whole way from the top: the prefix, a dot, the name. Hand it down as the new prefix.",
        ),
        Hint(
            lambda m: m.missed("a_prefix_goes_before_every_path"),
            "The prefix of the caller is lost. Put it, and a dot, before each name.",
        ),
        Hint(
            lambda m: m.missed("a_second_walk_finds_the_same"),
            "`memo=set()` is one set for all calls: what one walk has seen, the next one leaves out. Let it be None, "
            "and make a set inside.",
        ),
        Hint(
            lambda m: m.missed("a_shared_module_is_walked_twice_on_request"),
            "With `remove_duplicate=False` nothing is remembered: the shared module comes under both names.",
        ),
        Hint(
            lambda m: m.missed("a_shared_module_is_walked_once"),
            "One module under two names is walked once. Remember what was seen in `memo`, and hand `memo` down.",
        ),
        Hint(
            lambda m: m.missed("modules_in_a_list_are_not_walked"),
            "Only `_modules` counts. A list is an ordinary attribute, and PyTorch does not look into it.",
        ),
    ),
)

named_parameters = Piece(
    owner=Module,
    attribute="named_parameters",
    lesson=LESSON,
    points=3,
    cases=(
        iteration.every_parameter_of_the_tree_is_named,
        iteration.the_own_ones_only_without_recurse,
        iteration.a_prefix_goes_before_every_name,
        iteration.a_tied_weight_is_listed_once,
        iteration.a_tied_weight_is_listed_twice_on_request,
        iteration.an_empty_place_is_not_listed,
        iteration.frozen_parameters_are_listed,
        iteration.named_parameters_is_lazy,
        iteration.parameters_in_lists_dicts_and_classes_are_not_listed,
        iteration.a_cached_hidden_state_is_not_listed,
        iteration.layers_in_a_list_are_not_trained,
    ),
    hints=(
        Hint(
            lambda m: m.raised("RecursionError"),
            "`self.parameters()` asks `named_parameters()` in turn, without end. Go through `_parameters` yourself.",
        ),
        Hint(
            lambda m: m.raised("RuntimeError", "ambiguous") or m.raised("RuntimeError", "must match the size"),
            "`if parameter:` and `parameter in a_list` ask for values, and whether they are true. The object counts: "
            "write `is not None`, and to remember, use a set, or `id(parameter)`.",
        ),
        Hint(
            lambda m: len(m.got("every_parameter_of_the_tree_is_named") or []) == 1,
            "Only the module's own are listed. `self.named_modules(prefix=prefix)` walks the whole tree.",
        ),
        Hint(
            lambda m: (
                "bias" in str(m.got("an_empty_place_is_not_listed"))
                or (m.missed("every_parameter_of_the_tree_is_named") and m.raised("AttributeError", "NoneType"))
            ),
            "A place may hold None, as a bias that was left out. Pass over it.",
        ),
        Hint(
            lambda m: ".scale" in str(m.got("every_parameter_of_the_tree_is_named") or ""),
            "A name does not begin with a dot: the module itself has the path `''`.",
        ),
        Hint(
            lambda m: m.missed("every_parameter_of_the_tree_is_named"),
            "For each `(path, module)` of `named_modules()`, go through `module._parameters.items()` and yield "
            "the path, a dot and the name, with the Parameter.",
        ),
        Hint(
            lambda m: m.missed("the_own_ones_only_without_recurse"),
            "With `recurse=False` only the module's own Parameters count: one pair, `(prefix, self)`.",
        ),
        Hint(
            lambda m: m.missed("frozen_parameters_are_listed"),
            "A frozen Parameter is still a Parameter: do not look at `requires_grad`.",
        ),
        Hint(
            lambda m: m.missed("a_tied_weight_is_listed_twice_on_request"),
            "With `remove_duplicate=False` a shared Parameter comes under each of its names.",
        ),
        Hint(
            lambda m: m.missed("a_tied_weight_is_listed_once"),
            "One Parameter under two names is one Parameter. Remember what was yielded, and leave it out.",
        ),
        Hint(
            lambda m: m.missed("a_prefix_goes_before_every_name"),
            "The prefix is lost. Hand it to `named_modules(prefix=prefix)`, and use it without `recurse` too.",
        ),
        Hint(
            lambda m: m.missed("named_parameters_is_lazy"),
            "PyTorch answers with an iterator that runs once, not with a list. Use `yield`.",
        ),
        Hint(
            lambda m: m.missed("a_cached_hidden_state_is_not_listed"),
            "A plain tensor is listed now; it is not registered. Go through `_parameters` only.",
        ),
        Hint(
            lambda m: (
                m.missed("layers_in_a_list_are_not_trained")
                or m.missed("parameters_in_lists_dicts_and_classes_are_not_listed")
            ),
            "Only what the module registered counts. Lists, dicts and the class are not looked into.",
        ),
    ),
)

TASKS: tuple[Task, ...] = (
    who_picks_up_what,
    set_attribute,
    get_attribute,
    register_parameter,
    named_modules,
    named_parameters,
)
