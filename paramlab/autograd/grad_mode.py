"""What is recorded: the grad mode and the inference mode, for each thread, and the contexts that switch them."""

from __future__ import annotations

import contextvars
import functools
import inspect
import threading
import warnings
from collections.abc import Callable, Generator
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import numpy as np

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")
Undo = tuple[bool, bool]

# NumPy keeps what it does on an overflow or a division by zero in a context variable. A context in which it
# ignores them is made once: to run an operation in it costs a tenth of `with np.errstate(all="ignore")`.
_silent = contextvars.Context()
_silent.run(np.seterr, all="ignore")
((ERROR_STATE, IGNORE),) = _silent.items()


class _Mode(threading.local):
    """The modes of a thread. One object, so that the hot path reads one attribute."""

    enabled = True
    inference = False

    def __init__(self) -> None:
        # a context can be entered by one thread at a time, so that each has its own
        self.run_silently = _silent.copy().run


mode = _Mode()


def silently(function: Callable[..., T], *args: Any) -> T:
    """Return ``function(*args)``, for which NumPy reports no overflow and no division by zero."""
    if ERROR_STATE.get() is IGNORE:  # within another operation: a context is entered once at a time
        return function(*args)
    return mode.run_silently(function, *args)


def is_grad_enabled() -> bool:
    """Return whether operations on tensors that require a gradient are recorded now."""
    return mode.enabled


def is_inference_mode_enabled() -> bool:
    """Return whether ``inference_mode`` is entered."""
    return mode.inference


class _Decorator:
    """What makes a context manager a decorator of functions and generator functions too."""

    def __call__(self, function: F) -> F:
        """Decorate a function: its body runs inside of the context."""
        if inspect.isclass(function):
            warnings.warn(
                "Decorating classes is deprecated and will be disabled in future versions. You should only decorate "
                "functions or methods. To preserve the current behavior of class decoration, you can directly decorate "
                "the `__init__` method and nothing else.",
                FutureWarning,
                stacklevel=2,
            )
        if inspect.isgeneratorfunction(function):
            return _decorate_generator(function, self._fresh)

        @functools.wraps(function)
        def inside(*args: Any, **kwargs: Any) -> Any:
            with self._fresh():
                return function(*args, **kwargs)

        return inside  # type: ignore[return-value]

    def _fresh(self) -> Any:
        """Return a context for one call."""
        return type(self)()


class _Context(_Decorator):
    """A context manager that sets both modes while it is entered; it may be entered again meanwhile."""

    _undo: list[Undo]

    if not TYPE_CHECKING:  # a type checker is to see that a decorated function keeps its type

        def __new__(cls, *args, **options):
            """Make ``@no_grad`` without parentheses a decorator too."""
            if args and callable(args[0]):
                return cls()(args[0])
            context = object.__new__(cls)
            context._undo = []
            return context

    def __enter__(self) -> None:
        self._undo.append((mode.enabled, mode.inference))
        self._switch()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        mode.enabled, mode.inference = self._undo.pop()

    def _switch(self) -> None:
        raise NotImplementedError


class no_grad(_Context):  # noqa: N801 - PyTorch's name
    """Record nothing while this is entered: ``with no_grad():`` or ``@no_grad()``."""

    wanted: ClassVar[bool] = False

    def _switch(self) -> None:
        mode.enabled = self.wanted


class enable_grad(no_grad):  # noqa: N801 - PyTorch's name
    """Record again inside of a ``no_grad``."""

    wanted = True


class inference_mode(_Context):  # noqa: N801 - PyTorch's name
    """Record nothing, and make tensors that never can be recorded: ``no_grad`` with a promise.

    A tensor made in here answers ``is_inference()`` with True. ``RuntimeError`` to write to it outside, or
    to use it where its values would have to be saved for ``backward()``. ``inference_mode(False)`` is the
    ordinary mode, also inside of another one.
    """

    def __init__(self, mode: bool = True) -> None:
        self.mode = mode

    def _switch(self) -> None:
        mode.enabled, mode.inference = not self.mode, self.mode

    def _fresh(self) -> Any:
        return type(self)(self.mode)


class set_grad_enabled(_Decorator):  # noqa: N801 - PyTorch's name
    """Switch recording on or off: as a statement, for the length of a ``with``, or as a decorator."""

    def __init__(self, mode: bool) -> None:
        if not isinstance(mode, bool):
            raise TypeError(
                f"set_grad_enabled(): argument 'enabled' (position 1) must be bool, not {type(mode).__name__}"
            )
        self.previous = is_grad_enabled()
        self.mode = mode
        _set_mode(mode)

    def __call__(self, function: F) -> F:
        """Decorate a function."""
        _set_mode(self.previous)  # as a decorator it acts while the function runs, not from now on
        return _Decorator.__call__(self, function)

    def __enter__(self) -> None:
        _set_mode(self.mode)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _set_mode(self.previous)

    def _fresh(self) -> Any:
        return type(self)(self.mode)


def _set_mode(enabled: bool) -> None:
    mode.enabled = enabled


def _decorate_generator(function: F, context: Callable[[], Any]) -> F:
    """Wrap a generator function: the context is entered while the body runs, and left at every ``yield``."""

    @functools.wraps(function)
    def inside(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        with context():
            generator = function(*args, **kwargs)
        resume, value = generator.send, None
        while True:
            try:
                with context():
                    answer = resume(value)
            except StopIteration as end:
                return end.value
            try:
                resume, value = generator.send, (yield answer)
            except GeneratorExit:
                with context():
                    generator.close()
                raise
            except BaseException as error:
                resume, value = generator.throw, error

    return inside  # type: ignore[return-value]
