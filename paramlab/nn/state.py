"""Saving and loading: what is in a state_dict, and how a module takes one over."""

from __future__ import annotations

import warnings
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from ..autograd import no_grad
from ..hooks import RemovableHandle
from ..tensor import Tensor
from .hooks import NO_HOOKS, Hook, ModuleHook, add_hook
from .parameter import Parameter

if TYPE_CHECKING:
    from .module import Module

EXTRA_STATE = "_extra_state"


class _Keys(NamedTuple):
    missing_keys: list[str]
    unexpected_keys: list[str]


class IncompatibleKeys(_Keys):
    """What a state_dict lacked, and what it had too much."""

    __slots__ = ()

    def __repr__(self) -> str:
        if not self.missing_keys and not self.unexpected_keys:
            return "<All keys matched successfully>"
        return f"_IncompatibleKeys(missing_keys={self.missing_keys}, unexpected_keys={self.unexpected_keys})"

    __str__ = __repr__

    def complaints(self) -> list[str]:
        """Return the sentences that name missing and unexpected keys, as PyTorch writes them."""
        named = (("Missing", self.missing_keys), ("Unexpected", self.unexpected_keys))
        return [
            f"{word} key(s) in state_dict: " + ", ".join(f'"{key}"' for key in listed) + ". "
            for word, listed in named
            if listed
        ]


class Saving:
    """The methods of Module around ``state_dict`` and ``load_state_dict``; the rest is in ``module.py``."""

    _version: int = 1
    """The version of the class's saved state; it is kept in the metadata of a state_dict."""

    _state_dict_pre_hooks: OrderedDict[int, Hook] = NO_HOOKS
    _state_dict_hooks: OrderedDict[int, Hook] = NO_HOOKS
    _load_state_dict_pre_hooks: OrderedDict[int, Hook] = NO_HOOKS
    _load_state_dict_post_hooks: OrderedDict[int, Hook] = NO_HOOKS

    # ------------------------------------------------------------------ saving

    def state_dict(self: Any, *args: Any, destination: Any = None, prefix: str = "", keep_vars: bool = False) -> Any:
        """Return ``{path: tensor}`` of every Parameter and every persistent buffer, under every name it has.

        The values are the live tensors, detached: they change when the model does. ``keep_vars=True``
        leaves them attached.
        """
        destination, prefix, keep_vars = self._begin_saving(args, destination, prefix, keep_vars)
        self._save_to_state_dict(destination, prefix, keep_vars)
        for name, module in self._modules.items():
            if module is not None:
                module.state_dict(destination=destination, prefix=f"{prefix}{name}.", keep_vars=keep_vars)
        return self._end_saving(destination, prefix)

    def _save_to_state_dict(self: Any, destination: dict[str, Any], prefix: str, keep_vars: bool) -> None:
        """Put the module's own tensors into a state_dict; a class that saves something else overrides this."""
        for name, parameter in self._parameters.items():
            if parameter is not None:
                destination[prefix + name] = parameter if keep_vars else parameter.detach()
        for name, buffer in self._buffers.items():
            if buffer is not None and name not in self._non_persistent_buffers_set:
                destination[prefix + name] = buffer if keep_vars else buffer.detach()
        self._save_extra_state(destination, prefix)

    def _begin_saving(
        self, args: tuple[Any, ...], destination: Any, prefix: str, keep_vars: bool
    ) -> tuple[Any, str, bool]:
        """Return what ``state_dict`` was called with: with a dict to fill, the class's version noted in it."""
        if args:
            destination, prefix, keep_vars = _by_position(args, destination, prefix, keep_vars)
        if destination is None:
            destination = OrderedDict()
            destination._metadata = OrderedDict()
        versions = getattr(destination, "_metadata", None)
        if versions is not None:
            versions[prefix[:-1]] = {"version": self._version}
        if self._state_dict_pre_hooks:
            for hook in self._state_dict_pre_hooks.values():
                hook(self, prefix, keep_vars)
        return destination, prefix, keep_vars

    def _end_saving(self, destination: Any, prefix: str) -> Any:
        """Return the filled dict, or what a hook puts in its place."""
        if not self._state_dict_hooks:
            return destination
        metadata = getattr(destination, "_metadata", {}).get(prefix[:-1], {"version": self._version})
        for hook in self._state_dict_hooks.values():
            returned = hook(self, destination, prefix, metadata)
            if returned is not None and getattr(hook, "_from_public_api", False):
                raise RuntimeError("state_dict post-hook must return None. Change the state_dict in place instead.")
            destination = destination if returned is None else returned
        return destination

    def _save_extra_state(self, destination: dict[str, Any], prefix: str) -> None:
        """Save what a class keeps besides tensors, if it has such a thing."""
        if type(self).get_extra_state is not Saving.get_extra_state:
            destination[prefix + EXTRA_STATE] = self.get_extra_state()

    def _own_state(self: Any) -> dict[str, Tensor]:
        """Return the module's own tensors that belong in a checkpoint."""
        state = {name: tensor for name, tensor in self._parameters.items() if tensor is not None}
        if self._buffers:
            passing = self._non_persistent_buffers_set
            state |= {k: b for k, b in self._buffers.items() if b is not None and k not in passing}
        return state

    def get_extra_state(self) -> Any:
        """Return what is to be saved besides tensors; a class that has such a state writes its own."""
        raise RuntimeError(_NEVER_CALLED.format("get_extra_state"))

    # ------------------------------------------------------------------ loading

    def load_state_dict(
        self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False
    ) -> IncompatibleKeys:
        """Copy the values of a state_dict into the model's tensors, by name.

        With ``assign=True`` the tensors themselves take the place of the model's. Returns the missing and
        the unexpected keys; ``RuntimeError`` that lists them all if ``strict``, and in any case for a wrong
        shape, after the other keys have been loaded. ``TypeError`` if it is no mapping.
        """
        keys, errors = self._load_tree(state_dict, assign)
        if strict:
            errors = keys.complaints() + errors
        if errors:
            listed = "\n\t".join(errors)
            raise RuntimeError(f"Error(s) in loading state_dict for {type(self).__name__}:\n\t{listed}")
        return keys

    def _load_own_state(
        self: Any, state_dict: dict[str, Any], prefix: str, assign: bool
    ) -> tuple[list[str], list[str]]:
        """Load the module's own tensors; return the missing keys, and a sentence on each value that can't be loaded."""
        missing: list[str] = []
        errors: list[str] = []
        for name, tensor in self._own_state().items():
            key = prefix + name
            if key not in state_dict:
                missing.append(key)
            elif getattr(state_dict[key], "shape", None) == tensor.shape:  # what is no tensor has no shape
                self._take_over(name, key, state_dict[key], assign, errors)
            else:
                self._refuse(name, key, state_dict[key], errors)
        return missing, errors

    def _load_from_state_dict(
        self: Any,
        state_dict: dict[str, Any],
        prefix: str,
        local_metadata: dict[str, Any],
        strict: bool,
        missing_keys: list[str],
        unexpected_keys: list[str],
        error_msgs: list[str],
    ) -> None:
        """Load the module's own tensors; a class that changed its state overrides this to read an old one.

        Its keys in ``state_dict`` begin with ``prefix``. What is wrong is added to the three lists.
        """
        for hook in self._load_state_dict_pre_hooks.values():
            hook(state_dict, prefix, local_metadata, strict, missing_keys, unexpected_keys, error_msgs)
        assign = local_metadata.get("assign_to_params_buffers", False)
        own = self._own_state()
        _unwrap_scalars(state_dict, prefix, own)
        missing, errors = self._load_own_state(state_dict, prefix, assign)
        if type(self).set_extra_state is not Saving.set_extra_state:
            own[EXTRA_STATE] = None  # its key is expected
            if prefix + EXTRA_STATE in state_dict:
                self.set_extra_state(state_dict[prefix + EXTRA_STATE])
            else:
                missing.append(prefix + EXTRA_STATE)
        error_msgs += errors
        if strict:
            missing_keys += missing
            unexpected_keys += _unexpected(state_dict, prefix, own, self._modules)

    def _take_over(self: Any, name: str, key: str, value: Any, assign: bool, errors: list[str]) -> None:
        """Copy a value into the tensor that stands there, or ``assign`` it; note in ``errors`` why that can't be."""
        if not isinstance(value, Tensor):
            self._refuse(name, key, value, errors)
            return
        parameter = self._parameters.get(name)
        tensor: Tensor = self._buffers[name] if parameter is None else parameter
        if tensor.is_meta and not value.is_meta and not assign:
            warnings.warn(_NO_OP.format(key), stacklevel=7)
        try:
            with no_grad():
                if assign:
                    setattr(self, name, _as_kind_of(tensor, value))
                else:
                    tensor.copy_(value)
        except Exception as error:
            errors.append(
                f'While copying the parameter named "{key}", whose dimensions in the model are {tensor.size()} and '
                f"whose dimensions in the checkpoint are {value.size()}, an exception occurred : {error.args}."
            )

    def _refuse(self: Any, name: str, key: str, value: Any, errors: list[str]) -> None:
        """Note in ``errors`` why a value can't be loaded into the tensor of this name."""
        if isinstance(value, Tensor):
            errors.append(
                f"size mismatch for {key}: copying a param with shape {value.shape} from checkpoint, the shape in "
                f"current model is {self._own_state()[name].shape}."
            )
        else:
            errors.append(
                f'While copying the parameter named "{key}", expected torch.Tensor or Tensor-like object from '
                f"checkpoint but received {type(value)}"
            )

    def _load_tree(self: Any, state_dict: Mapping[str, Any], assign: bool) -> tuple[IncompatibleKeys, list[str]]:
        """Load the module and those below it; return the keys that don't match, and what could not be loaded."""
        if not isinstance(state_dict, Mapping):
            raise TypeError(f"Expected state_dict to be dict-like, got {type(state_dict)}.")
        loading = Loading(getattr(state_dict, "_metadata", None) or {}, assign)
        loading.load(self, OrderedDict(state_dict), "")
        return loading.keys, loading.errors

    def set_extra_state(self, state: Any) -> None:
        """Take over what ``get_extra_state`` returned; a class that has such a state writes its own."""
        raise RuntimeError(_NEVER_CALLED.format("set_extra_state"))

    # ------------------------------------------------------------------ hooks

    def register_state_dict_pre_hook(self, hook: Callable[[Module, str, bool], None]) -> RemovableHandle:
        """Call ``hook(module, prefix, keep_vars)`` before the module is saved."""
        return add_hook(self, "_state_dict_pre_hooks", hook)

    def register_state_dict_post_hook(self, hook: Hook) -> RemovableHandle:
        """Call ``hook(module, state_dict, prefix, local_metadata)`` after saving; it changes the dict in place."""
        hook._from_public_api = True  # type: ignore[attr-defined]
        return add_hook(self, "_state_dict_hooks", hook)

    def _register_state_dict_hook(self, hook: Hook) -> RemovableHandle:
        """Call ``hook(module, state_dict, prefix, local_metadata)`` after saving; it may return another dict."""
        if getattr(hook, "_from_public_api", False):
            raise RuntimeError(
                "Cannot register the same function as the state dict post hook that was previously registered via "
                "register_state_dict_post_hook"
            )
        return add_hook(self, "_state_dict_hooks", hook)

    def register_load_state_dict_pre_hook(self, hook: Hook) -> RemovableHandle:
        """Call ``hook(module, state_dict, prefix, …)`` before loading, with what ``_load_from_state_dict`` gets."""
        return self._register_load_state_dict_pre_hook(hook, with_module=True)

    def _register_load_state_dict_pre_hook(self, hook: Hook, with_module: bool = False) -> RemovableHandle:
        """Call ``hook(state_dict, prefix, …)`` before loading, with what ``_load_from_state_dict`` gets."""
        return add_hook(self, "_load_state_dict_pre_hooks", ModuleHook(hook, self) if with_module else hook)

    def register_load_state_dict_post_hook(self, hook: Callable[[Module, IncompatibleKeys], None]) -> RemovableHandle:
        """Call ``hook(module, incompatible_keys)`` after loading; it may change the lists of keys in place."""
        return add_hook(self, "_load_state_dict_post_hooks", hook)


_NEVER_CALLED = (
    "Reached a code path in Module.{0}() that should never be called. A class that has an extra state defines "
    "get_extra_state() and set_extra_state(), both."
)


_NO_OP = (
    "for {0}: copying from a non-meta parameter in the checkpoint to a meta parameter in the current model, which is a "
    "no-op. (Did you mean to pass `assign=True` to assign items in the state dictionary to their corresponding key in "
    "the module instead of copying them in place?)"
)


def _by_position(args: tuple[Any, ...], destination: Any, prefix: str, keep_vars: bool) -> tuple[Any, str, bool]:
    """Read ``destination, prefix, keep_vars`` as they were given by position, before PyTorch 1.13."""
    warnings.warn(
        "Positional args are being deprecated, use kwargs instead: state_dict(destination=…, prefix=…, keep_vars=…).",
        FutureWarning,
        stacklevel=4,
    )
    destination = args[0] if destination is None else destination
    prefix = args[1] if len(args) > 1 and prefix == "" else prefix
    return destination, prefix, args[2] if len(args) > 2 and not keep_vars else keep_vars


class Loading:
    """One run of ``load_state_dict``: what is found missing, unexpected or wrong on the way."""

    def __init__(self, metadata: Mapping[str, dict[str, Any]], assign: bool) -> None:
        self.metadata = metadata
        self.assign = assign
        self.keys = IncompatibleKeys([], [])
        self.errors: list[str] = []

    def load(self, module: Any, state: dict[str, Any], prefix: str) -> None:
        """Load a module and those below it; ``state`` has the keys that begin with ``prefix``."""
        metadata = dict(self.metadata.get(prefix[:-1], ()))
        if self.assign:
            metadata["assign_to_params_buffers"] = True
        module._load_from_state_dict(state, prefix, metadata, True, *self.keys, self.errors)
        shares = _shares(state, prefix) if module._modules else {}
        for name, child in module._modules.items():
            if child is not None:
                self.load(child, shares.get(name, {}), f"{prefix}{name}.")
        for hook in module._load_state_dict_post_hooks.values():
            if hook(module, self.keys) is not None:
                raise AssertionError(
                    "Hooks registered with ``register_load_state_dict_post_hook`` are not expected to return new "
                    "values, if incompatible_keys need to be modified, it should be done inplace."
                )


def _shares(state: dict[str, Any], prefix: str) -> dict[str, dict[str, Any]]:
    """Split a state_dict among the children of the module at ``prefix``, by the name that follows the prefix."""
    shares: dict[str, dict[str, Any]] = {}
    for key, value in state.items():
        name, dot, _ = key[len(prefix) :].partition(".")
        if dot and key.startswith(prefix):
            shares.setdefault(name, {})[key] = value
    return shares


def _unwrap_scalars(state: dict[str, Any], prefix: str, own: dict[str, Tensor]) -> None:
    """Read scalars that were saved as one element, by the first versions of PyTorch."""
    for name, tensor in own.items():
        value = state.get(prefix + name) if tensor.ndim == 0 else None
        if isinstance(value, Tensor) and value.shape == (1,):
            state[prefix + name] = value[0]


def _unexpected(state: dict[str, Any], prefix: str, own: dict[str, Any], modules: dict[str, Any]) -> list[str]:
    """Return the keys under ``prefix`` that are neither the module's own nor lead to a child of it."""
    unexpected = []
    for key in state:
        if key.startswith(prefix):
            name, dot, _ = key[len(prefix) :].partition(".")
            if name not in (modules if dot else own):
                unexpected.append(key)
    return unexpected


def _as_kind_of(tensor: Tensor, value: Tensor) -> Tensor:
    """Return ``value`` as what ``tensor`` is: a Parameter for a Parameter, frozen if that one is."""
    if not isinstance(tensor, Parameter):
        return value
    if isinstance(value, Parameter):
        return value.requires_grad_(tensor.requires_grad)
    return Parameter(value, requires_grad=tensor.requires_grad)
