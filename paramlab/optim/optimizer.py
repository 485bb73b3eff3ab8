"""Optimizer: holds tensors, in groups with options of their own. Objects, not names."""

from __future__ import annotations

import functools
import warnings
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable
from copy import deepcopy
from itertools import chain
from typing import Any, ClassVar, TypeVar

import numpy as np

from ..autograd import enable_grad
from ..hooks import RemovableHandle
from ..ops.operands import check_broadcast
from ..tensor import Tensor, typename
from .arrays import step_counter

Group = dict[str, Any]
StateDict = dict[str, Any]
Step = TypeVar("Step", bound=Callable[..., Any])


class _Required:
    """The default of an option that every group has to name: ``defaults = {"lr": required}``."""

    def __repr__(self) -> str:
        return "<required parameter>"


required: Any = _Required()


class Optimizer:
    """The base of every optimizer.

    It keeps the very tensors that it was handed: a Parameter that a module gets later is not among them,
    one that a module gave up still is. ``params`` are tensors, ``(name, tensor)`` pairs, or dicts with
    ``"params"`` and options of their own; ``defaults`` are the options of a group that does not name them.
    ``TypeError`` for anything else, ``ValueError`` for an empty list and for a tensor that was computed.

    ``param_groups`` is a list of dicts: the tensors under ``"params"``, their names, if they have some, under
    ``"param_names"``, and every option. ``state`` has for each tensor a dict of what the optimizer remembers.
    """

    _added_later: ClassVar[dict[str, Any]] = {}
    """Options that groups saved by an old version lack, and what they were then."""

    _optimizer_step_pre_hooks: OrderedDict[int, Any]
    _optimizer_step_post_hooks: OrderedDict[int, Any]
    _optimizer_state_dict_pre_hooks: OrderedDict[int, Any]
    _optimizer_state_dict_post_hooks: OrderedDict[int, Any]
    _optimizer_load_state_dict_pre_hooks: OrderedDict[int, Any]
    _optimizer_load_state_dict_post_hooks: OrderedDict[int, Any]

    def __init__(self, params: Iterable[Any], defaults: dict[str, Any]) -> None:
        self.defaults = defaults
        self._prepare()
        if isinstance(params, Tensor):
            raise TypeError(
                "params argument given to the optimizer should be an iterable of Tensors or dicts, but got "
                f"{typename(params)}. Put it in a list: [tensor]."
            )
        groups = list(params)
        if not groups:
            raise ValueError(
                "optimizer got an empty parameter list. Does the model have Parameters, and was model.parameters() "
                "not used up before? It is a generator, which runs once."
            )
        self.state: defaultdict[Any, Any] = defaultdict(dict)
        self.param_groups: list[Group] = []
        for group in groups if isinstance(groups[0], dict) else [{"params": groups}]:
            self.add_param_group(group)

    def _prepare(self) -> None:
        """Make room for the hooks where there is none yet, and let the class's ``step`` call them."""
        for name in _HOOKS:
            self.__dict__.setdefault(name, OrderedDict())
        cls: Any = type(self)
        if not getattr(cls.step, "hooked", False):
            cls.step = _hooked(cls.step)

    def add_param_group(self, param_group: Group) -> None:
        """Add tensors with options of their own; what the group leaves out comes from the defaults.

        ``TypeError`` if it is no dict or holds something that is no tensor, ``ValueError`` for a computed
        tensor, or for one that another group holds already. A tensor twice in one group is a warning.
        """
        if not isinstance(param_group, dict):
            raise TypeError(f"param_group must be a dict, but got {type(param_group)}")
        self._list_params(param_group)
        self._check_params(param_group)
        for option, default in self.defaults.items():
            param_group.setdefault(option, default)
        self.param_groups.append(param_group)

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget every held tensor's gradient, or with ``set_to_none=False`` fill it with zeros."""
        for group in self.param_groups:
            for p in group["params"]:
                if set_to_none:
                    p.grad = None
                elif p.grad is not None:
                    self._without_history(p.grad).zero_()

    def _updated(self, group: Group) -> list[Tensor]:
        """Return the tensors of a group that a step updates: those that have a gradient."""
        return [p for p in group["params"] if p.grad is not None]

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update every held tensor that has a gradient; every optimizer writes its own."""
        raise NotImplementedError

    @staticmethod
    def _list_params(group: Group) -> None:
        """Bring a group's ``"params"`` into a list of tensors, and their names, if they have some, beside it."""
        params = group["params"]
        if isinstance(params, set):
            raise TypeError(
                "optimizer parameters need to be organized in ordered collections, but the ordering of tensors in sets "
                "will change between runs. Please use a list instead."
            )
        listed = [params] if isinstance(params, Tensor) else list(params)
        named = [item for item in listed if isinstance(item, tuple)]
        if named and len(named) != len(listed):
            raise ValueError("all optimizer params should be with/without names. Some param names are missing")
        group["params"] = [item[1] if isinstance(item, tuple) else item for item in listed]
        if named:
            group["param_names"] = [item[0] for item in named]

    def _check_params(self, group: Group) -> None:
        """Raise if a group holds what is no leaf, or is held already, lacks an option, or alone has (no) names."""
        for tensor in group["params"]:
            _check_tensor(tensor)
        for option, default in self.defaults.items():
            if default is required and option not in group:
                raise ValueError(f"parameter group didn't specify a value of required optimization parameter {option}")
        new = set(group["params"])
        if len(new) != len(group["params"]):
            warnings.warn(
                "optimizer contains a parameter group with duplicate parameters; in future, this will cause an error. "
                "Each of them is updated as often as it is listed.",
                stacklevel=4,
            )
        for other in self.param_groups:
            if ("param_names" in group) != ("param_names" in other):
                raise ValueError(
                    "all optimizer param groups should be with/without names. cannot add param group "
                    f"{'with' if 'param_names' in group else 'without'} names to the optimizer"
                )
        if not new.isdisjoint(_tensors(self.param_groups)):
            raise ValueError("some parameters appear in more than one parameter group")

    @staticmethod
    def _without_history(grad: Tensor) -> Tensor:
        """Cut a gradient off from what it was computed of, in place; one that has no history may be a view too."""
        return grad.requires_grad_(False) if grad.is_leaf else grad.detach_()

    # ------------------------------------------------------------------ saving and loading

    def state_dict(self) -> StateDict:
        """Return the state and the groups, with a number in the place of each tensor.

        The state's tensors are the live ones: ``copy.deepcopy`` keeps a moment.
        """
        for hook in self._optimizer_state_dict_pre_hooks.values():
            hook(self)
        number = {id(p): i for i, p in enumerate(_tensors(self.param_groups))}
        groups = []
        for group in self.param_groups:
            options = {option: value for option, value in group.items() if option != "params"}
            groups.append({**options, "params": [number[id(p)] for p in group["params"]]})
        state = {number[id(p)] if isinstance(p, Tensor) else p: kept for p, kept in self.state.items()}
        packed = {"state": state, "param_groups": groups}
        for hook in self._optimizer_state_dict_post_hooks.values():
            replaced = hook(self, packed)
            packed = packed if replaced is None else replaced
        return packed

    def load_state_dict(self, state_dict: StateDict) -> None:
        """Take over state and options; the tensors are matched by their place in the groups.

        Tensors of the state get the dtype and the device of the tensor they belong to, ``step`` excepted.
        ``ValueError`` if the groups differ in number or length.
        """
        state_dict = state_dict.copy()
        for hook in self._optimizer_load_state_dict_pre_hooks.values():
            replaced = hook(self, state_dict)
            state_dict = state_dict if replaced is None else replaced
        groups = deepcopy(state_dict["param_groups"])
        _check_lengths(self.param_groups, groups)
        tensor_of = dict(zip(_tensors(groups), _tensors(self.param_groups), strict=True))
        state: defaultdict[Any, Any] = defaultdict(dict)
        for number, kept in state_dict["state"].items():
            p = tensor_of.get(number)
            state[number if p is None else p] = kept if p is None else _beside(p, kept)
        for mine, group in zip(self.param_groups, groups, strict=True):
            group["params"] = mine["params"]
            if "param_names" in mine:
                group.setdefault("param_names", mine["param_names"])
        self.__setstate__({"state": state, "param_groups": groups})
        for hook in self._optimizer_load_state_dict_post_hooks.values():
            hook(self)

    def __getstate__(self) -> dict[str, Any]:
        return {"defaults": self.defaults, "state": self.state, "param_groups": self.param_groups}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._prepare()
        for group in self.param_groups:
            for option, value in self._added_later.items():
                group.setdefault(option, value)
        for kept in self.state.values():
            if isinstance(kept, dict) and isinstance(kept.get("step"), int | float):
                kept["step"] = step_counter(kept["step"])

    def __repr__(self) -> str:
        text = f"{type(self).__name__} ("
        for number, group in enumerate(self.param_groups):
            options = [f"    {option}: {group[option]}\n" for option in sorted(group) if option != "params"]
            text += f"\nParameter Group {number}\n" + "".join(options)
        return text + ")"

    # ------------------------------------------------------------------ hooks

    def register_step_pre_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call ``hook(optimizer, args, kwargs)`` before a step; a pair that it returns replaces the arguments.

        ``args[0]`` is the optimizer. ``RuntimeError`` at the step if the hook returns anything else but None.
        """
        return self._register("_optimizer_step_pre_hooks", hook)

    def register_step_post_hook(self, hook: Callable[..., None]) -> RemovableHandle:
        """Call ``hook(optimizer, args, kwargs)`` after a step."""
        return self._register("_optimizer_step_post_hooks", hook)

    def register_state_dict_pre_hook(self, hook: Callable[[Optimizer], None], prepend: bool = False) -> RemovableHandle:
        """Call ``hook(optimizer)`` before ``state_dict()``; with ``prepend``, before the other hooks."""
        return self._register("_optimizer_state_dict_pre_hooks", hook, prepend)

    def register_state_dict_post_hook(
        self, hook: Callable[[Optimizer, StateDict], StateDict | None], prepend: bool = False
    ) -> RemovableHandle:
        """Call ``hook(optimizer, state_dict)`` on what ``state_dict()`` returns; what it returns replaces that."""
        return self._register("_optimizer_state_dict_post_hooks", hook, prepend)

    def register_load_state_dict_pre_hook(
        self, hook: Callable[[Optimizer, StateDict], StateDict | None], prepend: bool = False
    ) -> RemovableHandle:
        """Call ``hook(optimizer, state_dict)`` before loading, with a shallow copy; what it returns is loaded."""
        return self._register("_optimizer_load_state_dict_pre_hooks", hook, prepend)

    def register_load_state_dict_post_hook(
        self, hook: Callable[[Optimizer], None], prepend: bool = False
    ) -> RemovableHandle:
        """Call ``hook(optimizer)`` after loading."""
        return self._register("_optimizer_load_state_dict_post_hooks", hook, prepend)

    def _register(self, name: str, hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
        hooks: OrderedDict[int, Any] = getattr(self, name)
        handle = RemovableHandle(hooks)
        hooks[handle.id] = hook
        if prepend:
            hooks.move_to_end(handle.id, last=False)
        return handle


# The attributes that hold an optimizer's hooks; a copy and a pickle leave them behind, as PyTorch's do.
_HOOKS = [name for name in Optimizer.__annotations__ if name.endswith("_hooks")]


def closure_loss(closure: Callable[[], Any] | None) -> Any:
    """Run a closure that computes the loss again, recorded; None without one."""
    if closure is None:
        return None
    with enable_grad():
        return closure()


def _hooked(step: Step) -> Step:
    """Return ``step`` with the hooks around it; an overflow in it is a value (inf), not a message."""

    @functools.wraps(step)
    def hooked(*args: Any, **kwargs: Any) -> Any:
        optimizer: Any = args[0]
        for hook in optimizer._optimizer_step_pre_hooks.values():
            replaced = hook(optimizer, args, kwargs)
            if replaced is not None:
                if not (isinstance(replaced, tuple) and len(replaced) == 2):
                    raise RuntimeError(
                        f"{step} must return None or a tuple of (new_args, new_kwargs), but got {replaced}."
                    )
                args, kwargs = replaced
        try:
            with np.errstate(all="ignore"):
                answer = step(*args, **kwargs)
        except ValueError:
            _check_state_shapes(optimizer.state)
            raise
        for hook in optimizer._optimizer_step_post_hooks.values():
            hook(optimizer, args, kwargs)
        return answer

    hooked.hooked = True  # type: ignore[attr-defined]
    return hooked  # type: ignore[return-value]


def _check_state_shapes(states: dict[Any, Any]) -> None:
    """Raise PyTorch's ``RuntimeError`` if what is remembered of a tensor is of another tensor's shape."""
    for p, state in states.items():
        for kept in state.values():
            if isinstance(kept, Tensor):
                check_broadcast(kept.shape, p.shape)


def _tensors(groups: list[Group]) -> list[Any]:
    """Return what the groups hold, one after the other."""
    return list(chain.from_iterable(group["params"] for group in groups))


def _check_tensor(tensor: Any) -> None:
    if not isinstance(tensor, Tensor):
        raise TypeError(f"optimizer can only optimize Tensors, but one of the params is {typename(tensor)}")
    if not (tensor.is_leaf or tensor._retains_grad):
        raise ValueError(
            "can't optimize a non-leaf Tensor. It was computed: hand over the tensors that it was computed of, "
            "or a copy, tensor.detach().requires_grad_()."
        )


def _check_lengths(groups: list[Group], saved: list[Group]) -> None:
    if len(groups) != len(saved):
        raise ValueError(
            "loaded state dict has a different number of parameter groups: "
            f"it has {len(saved)}, and the optimizer {len(groups)}"
        )
    for mine, theirs in zip(groups, saved, strict=True):
        if len(mine["params"]) != len(theirs["params"]):
            raise ValueError(
                "loaded state dict contains a parameter group that doesn't match the size of optimizer's group: "
                f"it has {len(theirs['params'])} tensors, and the optimizer's {len(mine['params'])}"
            )


def _beside(p: Tensor, value: Any, key: Any = None) -> Any:
    """Return a value of the state, its tensors in the dtype and on the device of ``p``; no copy if they have both."""
    if isinstance(value, dict):
        return {name: _beside(p, item, name) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_beside(p, item) for item in value)
    if not isinstance(value, Tensor) or key == "step":
        return value
    return value.to(device=p.device, dtype=p.dtype if p.is_floating_point() else value.dtype)
