"""Optimizer: holds tensors, in groups with options of their own. Objects, not names."""

from __future__ import annotations

import copy
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from ..autograd import enable_grad
from ..tensor import Tensor, typename

Group = dict[str, Any]


class Optimizer:
    """The base of every optimizer.

    It keeps the very tensors that it was handed: a Parameter that a module gets later is not among them,
    one that a module gave up still is. ``params`` are tensors, ``(name, tensor)`` pairs, or dicts with
    ``"params"`` and options of their own. ``TypeError`` for anything else, ``ValueError`` for an empty list
    and for a tensor that was computed.
    """

    def __init__(self, params: Iterable[Any], defaults: dict[str, Any]) -> None:
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
        self.defaults = defaults
        self.state: defaultdict[Tensor, dict[str, Any]] = defaultdict(dict)
        self.param_groups: list[Group] = []
        for group in groups if isinstance(groups[0], dict) else [{"params": groups}]:
            self.add_param_group(group)

    def add_param_group(self, param_group: Group) -> None:
        """Add tensors with options of their own; what the group leaves out comes from the defaults.

        ``TypeError`` if it is no dict or holds something that is no tensor, ``ValueError`` for a computed
        tensor, or for one that another group holds already.
        """
        if not isinstance(param_group, dict):
            raise TypeError(f"param_group must be a dict, but got {type(param_group)}")
        _read_params(param_group)
        for tensor in param_group["params"]:
            _check_tensor(tensor)
        for option, default in self.defaults.items():
            param_group.setdefault(option, default)
        held = {id(tensor) for group in self.param_groups for tensor in group["params"]}
        new = [id(tensor) for tensor in param_group["params"]]
        if len(new) != len(set(new)):
            warnings.warn("optimizer contains a parameter group with duplicate parameters", stacklevel=3)
        if held.intersection(new):
            raise ValueError("some parameters appear in more than one parameter group")
        self.param_groups.append(param_group)

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget every held tensor's gradient, or with ``set_to_none=False`` fill it with zeros."""
        for group in self.param_groups:
            for tensor in group["params"]:
                if set_to_none or tensor.grad is None:
                    tensor.grad = None
                else:
                    tensor.grad.requires_grad_(False).zero_()

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update every held tensor that has a gradient; every optimizer writes its own."""
        raise NotImplementedError

    def state_dict(self) -> dict[str, Any]:
        """Return the state and the groups, with a number in the place of each tensor."""
        number = {id(t): i for i, t in enumerate(t for group in self.param_groups for t in group["params"])}
        groups = []
        for group in self.param_groups:
            options = {option: value for option, value in group.items() if option != "params"}
            groups.append({**options, "params": [number[id(t)] for t in group["params"]]})
        state = {number[id(tensor)]: values for tensor, values in self.state.items()}
        return {"state": state, "param_groups": groups}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over state and options; the tensors are matched by their place in the groups.

        ``ValueError`` if the groups differ in number or length.
        """
        saved = copy.deepcopy(state_dict["param_groups"])
        if len(saved) != len(self.param_groups):
            raise ValueError("loaded state dict has a different number of parameter groups")
        for mine, theirs in zip(self.param_groups, saved, strict=True):
            if len(mine["params"]) != len(theirs["params"]):
                raise ValueError(
                    "loaded state dict contains a parameter group that doesn't match the size of optimizer's group"
                )
        tensors = [tensor for group in self.param_groups for tensor in group["params"]]
        numbers = [number for group in saved for number in group["params"]]
        place = dict(zip(numbers, tensors, strict=True))
        self.state = defaultdict(dict)
        for number, values in state_dict["state"].items():
            tensor = place[number]
            self.state[tensor] = {key: _beside(tensor, value) for key, value in values.items()}
        self.param_groups = [
            {**theirs, "params": mine["params"]} for mine, theirs in zip(self.param_groups, saved, strict=True)
        ]

    def __repr__(self) -> str:
        lines = [f"{type(self).__name__} ("]
        for number, group in enumerate(self.param_groups):
            lines.append(f"Parameter Group {number}")
            lines += [f"    {option}: {group[option]}" for option in sorted(group) if option != "params"]
        return "\n".join(lines) + "\n)"


def closure_loss(closure: Callable[[], Any] | None) -> Any:
    """Run a closure that computes the loss again, recorded; None without one."""
    if closure is None:
        return None
    with enable_grad():
        return closure()


def _read_params(group: Group) -> None:
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
    if named:
        group["param_names"] = [name for name, _ in named]
    group["params"] = [item[1] if isinstance(item, tuple) else item for item in listed]


def _check_tensor(tensor: Any) -> None:
    if not isinstance(tensor, Tensor):
        raise TypeError(f"optimizer can only optimize Tensors, but one of the params is {typename(tensor)}")
    if not (tensor.is_leaf or tensor._retains_grad):
        raise ValueError("can't optimize a non-leaf Tensor")


def _beside(tensor: Tensor, value: Any) -> Any:
    """Return a value of the state, a tensor in the dtype and on the device of ``tensor``; no copy if it has both."""
    if not isinstance(value, Tensor):
        return copy.deepcopy(value)
    return value.to(device=tensor.device, dtype=tensor.dtype)
