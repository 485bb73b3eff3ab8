"""Loading: comparing a state_dict with a module, and copying one tensor of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ..autograd import no_grad
from ..tensor import Tensor
from .parameter import Parameter

if TYPE_CHECKING:
    from .module import Module


class _Keys(NamedTuple):
    missing_keys: list[str]
    unexpected_keys: list[str]


class IncompatibleKeys(_Keys):
    """What a state_dict lacked, and what it had too much."""

    def __repr__(self) -> str:
        if not self.missing_keys and not self.unexpected_keys:
            return "<All keys matched successfully>"
        return f"_IncompatibleKeys(missing_keys={self.missing_keys}, unexpected_keys={self.unexpected_keys})"

    __str__ = __repr__


def missing_and_unexpected(module: Module, state: dict[str, Any]) -> IncompatibleKeys:
    """Return the keys that the module has and the state lacks, and the other way round."""
    wanted = [
        f"{path}.{name}" if path else name
        for path, child in module.named_modules(remove_duplicate=False)
        for name in child._saved_tensors()
    ]
    known = set(wanted)
    missing = [key for key in wanted if key not in state]
    return IncompatibleKeys(missing, [key for key in state if key not in known])


def incompatible(keys: IncompatibleKeys) -> list[str]:
    """Return the sentences that name missing and unexpected keys, as PyTorch writes them."""
    named = (("Missing", keys.missing_keys), ("Unexpected", keys.unexpected_keys))
    return [
        f"{word} key(s) in state_dict: " + ", ".join(f'"{key}"' for key in listed) + ". "
        for word, listed in named
        if listed
    ]


def call_hooks(module: Module, keys: IncompatibleKeys) -> None:
    """Tell everybody who asked that a state_dict was loaded: the modules below first."""
    for child in reversed(list(module.modules())):
        for hook in child.__dict__.get("_load_state_dict_post_hooks", ()):
            if hook(child, keys) is not None:
                raise AssertionError(
                    "Hooks registered with ``register_load_state_dict_post_hook`` are not expected to return new "
                    "values, if incompatible_keys need to be modified, it should be done inplace."
                )


def copy_into(module: Module, name: str, tensor: Tensor, key: str, value: Any, assign: bool, errors: list[str]) -> None:
    """Copy a checkpoint's value into a tensor of the module, or note in ``errors`` why that can't be."""
    if not isinstance(value, Tensor):
        errors.append(
            f'While copying the parameter named "{key}", expected torch.Tensor or Tensor-like object from checkpoint '
            f"but received {type(value)}"
        )
        return
    if tensor.ndim == 0 and value.ndim == 1 and value.numel():
        value = value[0]
    if value.shape != tensor.shape:
        errors.append(
            f"size mismatch for {key}: copying a param with shape {value.shape} from checkpoint, the shape in current "
            f"model is {tensor.shape}."
        )
        return
    if not assign:
        with no_grad():
            tensor.copy_(value)
        return
    if isinstance(tensor, Parameter) and not isinstance(value, Parameter):
        value = Parameter(value, requires_grad=tensor.requires_grad)
    elif isinstance(tensor, Parameter):
        value.requires_grad_(tensor.requires_grad)
    setattr(module, name, value)
