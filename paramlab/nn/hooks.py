"""Hooks: functions that a module calls on its way, and the handles that take them away again."""

from __future__ import annotations

import warnings
import weakref
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

from ..hooks import RemovableHandle
from .backward_hooks import BackwardHook

Hook = Callable[..., Any]


class _NoHooks(OrderedDict[int, Any]):
    """The hooks of a module that has none. Most have none: they share this one instead of a dozen dicts each."""

    def __setitem__(self, key: int, hook: Any) -> None:
        raise TypeError("this module has no hooks of its own yet. Add one with register_forward_hook and its like.")


NO_HOOKS: OrderedDict[int, Any] = _NoHooks()


def add_hook(module: Any, kind: str, hook: Hook, prepend: bool = False, marks: Sequence[str] = ()) -> RemovableHandle:
    """Add a hook to the module's dict ``kind``, and its number to the dicts ``marks``."""
    if "_modules" not in module.__dict__:
        raise AttributeError(
            f"'{type(module).__name__}' object has no attribute '{kind}'. Make super().__init__() the first line of "
            f"{type(module).__name__}.__init__."
        )
    for name in (kind, *marks):
        if getattr(module, name) is NO_HOOKS:
            object.__setattr__(module, name, OrderedDict())
    hooks: OrderedDict[int, Hook] = getattr(module, kind)
    handle = RemovableHandle(hooks, extra_dict=[getattr(module, mark) for mark in marks])
    hooks[handle.id] = hook
    for mark in marks:
        getattr(module, mark)[handle.id] = True
    if prepend:
        hooks.move_to_end(handle.id, last=False)
    return handle


class Hooks:
    """The methods of Module that register hooks around ``forward`` and ``backward``."""

    _forward_pre_hooks: OrderedDict[int, Hook] = NO_HOOKS
    _forward_pre_hooks_with_kwargs: OrderedDict[int, bool] = NO_HOOKS
    _forward_hooks: OrderedDict[int, Hook] = NO_HOOKS
    _forward_hooks_with_kwargs: OrderedDict[int, bool] = NO_HOOKS
    _forward_hooks_always_called: OrderedDict[int, bool] = NO_HOOKS
    _backward_pre_hooks: OrderedDict[int, Hook] = NO_HOOKS
    _backward_hooks: OrderedDict[int, Hook] = NO_HOOKS

    def register_forward_pre_hook(
        self, hook: Hook, *, prepend: bool = False, with_kwargs: bool = False
    ) -> RemovableHandle:
        """Call ``hook(module, args)`` before ``forward``; what it returns, if not None, replaces the arguments.

        ``with_kwargs=True``: ``hook(module, args, kwargs)``, which returns None or ``(args, kwargs)``.
        ``prepend=True`` puts it before the hooks that there are.
        """
        marks = ["_forward_pre_hooks_with_kwargs"] if with_kwargs else []
        return add_hook(self, "_forward_pre_hooks", hook, prepend, marks)

    def register_forward_hook(
        self, hook: Hook, *, prepend: bool = False, with_kwargs: bool = False, always_call: bool = False
    ) -> RemovableHandle:
        """Call ``hook(module, args, output)`` after ``forward``; what it returns, if not None, replaces the output.

        ``with_kwargs=True``: ``hook(module, args, kwargs, output)``. ``always_call=True`` calls it after an
        exception too. ``prepend=True`` puts it before the hooks that there are.
        """
        asked = {"_forward_hooks_with_kwargs": with_kwargs, "_forward_hooks_always_called": always_call}
        marks = [mark for mark, wanted in asked.items() if wanted]
        return add_hook(self, "_forward_hooks", hook, prepend, marks)

    def register_full_backward_pre_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Call ``hook(module, grad_output)`` when the gradients of the module's outputs have been computed.

        ``grad_output`` is a tuple; what the hook returns, if not None, replaces it.
        """
        return add_hook(self, "_backward_pre_hooks", hook, prepend)

    def register_full_backward_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Call ``hook(module, grad_input, grad_output)`` when the gradients of the module's inputs are there.

        Both are tuples, with None for what is no tensor or needs no gradient. What the hook returns, if not
        None, replaces ``grad_input``.
        """
        return add_hook(self, "_backward_hooks", hook, prepend)


def call_with_hooks(module: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Run a module's ``forward`` with the hooks before and after it."""
    return _Call(module, args, kwargs).run()


class _Call:
    """One call of a module that has hooks: its arguments, and its output as far as there is one."""

    def __init__(self, module: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self.module, self.args, self.kwargs = module, args, kwargs
        self.output: Any = None
        self.called: set[int] = set()

    def run(self) -> Any:
        """Return the output; if anything raises, call the hooks that are always called."""
        try:
            return self._run()
        except Exception:
            self._call_always()
            raise

    def _run(self) -> Any:
        self._call_before()
        module, backward = self.module, None
        if module._backward_hooks or module._backward_pre_hooks:
            backward = BackwardHook(module)
            self.args = backward.watch_inputs(self.args)
        self.output = module.forward(*self.args, **self.kwargs)
        for number in list(module._forward_hooks):
            self.called.add(number)
            self._call_after(number)
        return self.output if backward is None else backward.watch_outputs(self.output)

    def _call_before(self) -> None:
        module = self.module
        for number, hook in list(module._forward_pre_hooks.items()):
            if number not in module._forward_pre_hooks_with_kwargs:
                args = hook(module, self.args)
                if args is not None:
                    self.args = args if isinstance(args, tuple) else (args,)
                continue
            both = hook(module, self.args, self.kwargs)
            if both is None:
                continue
            if not (isinstance(both, tuple) and len(both) == 2):
                raise RuntimeError(
                    f"forward pre-hook must return None or a tuple of (new_args, new_kwargs), but got {both}."
                )
            self.args, self.kwargs = both

    def _call_after(self, number: int) -> None:
        module, hook = self.module, self.module._forward_hooks[number]
        if number in module._forward_hooks_with_kwargs:
            output = hook(module, self.args, self.kwargs, self.output)
        else:
            output = hook(module, self.args, self.output)
        if output is not None:
            self.output = output

    def _call_always(self) -> None:
        for number in list(self.module._forward_hooks):
            if number in self.module._forward_hooks_always_called and number not in self.called:
                try:
                    self._call_after(number)
                except Exception as error:  # the first error is the one to report
                    warnings.warn(
                        "module forward hook with ``always_call=True`` raised an exception that was silenced as "
                        f"another error was raised in forward: {error}",
                        stacklevel=4,
                    )


class ModuleHook:
    """A hook that gets its module as the first argument, and does not keep it alive."""

    def __init__(self, hook: Hook, module: Any) -> None:
        self.hook, self.module = hook, weakref.ref(module)

    def __call__(self, *args: Any) -> Any:
        """Call the hook; ``RuntimeError`` if the module is gone."""
        module = self.module()
        if module is None:
            raise RuntimeError("You are trying to call the hook of a dead Module!")
        return self.hook(module, *args)

    def __getstate__(self) -> tuple[Hook, Any]:
        return self.hook, self.module()

    def __setstate__(self, state: tuple[Hook, Any]) -> None:
        self.__init__(*state)  # type: ignore[misc]
