"""What the widgets have in common: they follow the notebook, run the line that they show, and leave a still picture.

Python is the only source of truth. The browser draws what the traits say and sends commands; a command
becomes a line of Python, which is run, and everything is read again.
"""

from __future__ import annotations

import atexit
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from ..census.read import undisturbed
from . import still
from .names import run_line, user_namespace

_STATIC = Path(__file__).parent / "static"
_open: weakref.WeakSet[Live] = weakref.WeakSet()


def script(name: str) -> str:
    """Return a widget's JavaScript, with what all of them share in front: there is no bundler."""
    return "\n".join((_STATIC / f"{part}.js").read_text(encoding="utf-8") for part in ("common", name))


def style(name: str) -> str:
    """Return a widget's style sheet, with what all of them share in front."""
    return "\n".join((_STATIC / f"{part}.css").read_text(encoding="utf-8") for part in ("common", name))


class Live(anywidget.AnyWidget):
    """The base of every widget.

    A subclass says what it shows (``_look_again``, ``_read``), what its commands do (``_do_<command>``, each of
    which runs a line and returns what tells of it), under which names lines are run (``_bindings``), and what
    stands in for it where no kernel runs (``_plain``, ``_html``).
    """

    title = traitlets.Unicode("").tag(sync=True)
    tools: Any = traitlets.List().tag(sync=True)  # buttons for the whole: {do, text, icon, line, on}
    last: Any = traitlets.Dict({"code": "", "note": "", "bad": False}).tag(
        sync=True
    )  # the line of Python that was run, and what came of it
    trouble = traitlets.Unicode("").tag(sync=True)  # why nothing can be shown
    _is_awaited = False  # whether this cell has handed it to a page

    def __init__(self, **traits: Any) -> None:
        super().__init__(_view_count=0, **traits)
        _allow_in_colab()
        with self._drawing():
            self._read()
        self.on_msg(self._obey)
        self._unfollow = _follow(self)
        _open.add(self)

    # ------------------------------------------------------------------ what a subclass says

    def _look_again(self) -> None:
        """Examine the model again: a constructor has just done so, for a wrong argument is an error of the call."""

    def _read(self) -> None:
        """Read the objects and set the traits that show them."""
        raise NotImplementedError

    def _bindings(self) -> dict[str, Any]:
        """Return what the names in the shown lines stand for."""
        return {}

    def _rebound(self, namespace: dict[str, Any]) -> None:
        """Take over the names that a line has bound anew."""

    def _plain(self) -> str:
        """Return the still picture as a line of text; the same every time."""
        raise NotImplementedError

    def _html(self) -> str:
        """Return the still picture as HTML that reads well even without styles; the same every time."""
        raise NotImplementedError

    def _forget(self) -> None:
        """Let go of the learner's objects."""

    # ------------------------------------------------------------------ showing and obeying

    def refresh(self) -> None:
        """Read everything again and show what it is now. A cell that ends does this by itself."""
        with self._drawing():
            self._look_again()
            self._read()

    @contextmanager
    def _drawing(self) -> Iterator[None]:
        """Send what is set meanwhile at once; whatever goes wrong is shown."""
        try:
            with undisturbed(), self.hold_sync():
                yield
                self.trouble = ""
        except Exception as error:  # a model that is being built may be broken in any way
            self.trouble = f"The model could not be read. {type(error).__name__}: {error}"

    def _handle_msg(self, msg: dict[str, Any]) -> None:
        """Take what the page sends between two cells, on their thread.

        JupyterLab has messages of widgets taken on a thread of their own, where the kernel can do that: there a
        click would change the model while a cell uses it, and no interrupt would end a line that has no end.
        """
        _between_cells(partial(super()._handle_msg, msg))

    def _obey(self, _: Any, message: dict[str, Any], buffers: Any) -> None:
        """Do what a click asked for; whatever goes wrong is shown where the learner looks."""
        arguments = {key: value for key, value in message.items() if key != "do"}
        note, failed = "", False
        try:
            tell = getattr(self, f"_do_{message['do']}")(**arguments)
        except Exception as error:
            note, failed = f"{type(error).__name__}: {error}", True
        self.refresh()
        if not failed and not self.trouble:
            note = tell()  # what came of it is read from the objects as they are now
        self.last = {"code": self.last["code"], "note": note, "bad": failed}
        self.send({"done": message["do"]})

    def _run(self, line: str) -> Any:
        """Show a line and run it, under the names that the learner uses; return its value."""
        self.last = {"code": line, "note": "", "bad": False}
        namespace = {**user_namespace(), **self._bindings()}
        result = run_line(line, namespace)
        self._rebound(namespace)
        return result

    # ------------------------------------------------------------------ outputs, and the end

    def open(self) -> None:
        """Tell the page of the widget, unless outputs are made for publishing: then nothing of it is to be stored."""
        if not still.is_static():
            super().open()

    def __repr__(self) -> str:
        return self._plain()

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        live = None if self.comm is None else super()._repr_mimebundle_(**kwargs)
        self._is_awaited = live is not None
        return still.bundle(live, self._plain(), self._html())

    def close(self) -> None:
        """Stop following the notebook, and take the widget off the page."""
        unfollow = self.__dict__.pop("_unfollow", None)
        if unfollow is not None:  # else it was never finished, or is closed already
            unfollow()
            _open.discard(self)
            self._forget()
        super().close()


@atexit.register
def _forget_all() -> None:
    """Let go of everything when Python ends: ipywidgets keeps every widget, and PyTorch aborts over late tensors."""
    for widget in list(_open):
        with suppress(Exception):  # nobody is left to be told
            widget._forget()


def _shell() -> Any:
    """Return what runs the cells of the notebook; None outside of IPython."""
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython is not None else None


def _between_cells(act: Callable[[], None]) -> None:
    """Do something on the thread that runs the cells: at once on it, else when it runs none."""
    loop = getattr(getattr(_shell(), "kernel", None), "io_loop", None)
    if loop is None or threading.current_thread() is threading.main_thread():
        act()
    else:
        loop.add_callback(act)


def _follow(widget: Live) -> Callable[[], None]:
    """Refresh the widget whenever a cell ends, without keeping it alive; return the function that stops this."""
    shell = _shell()
    if shell is None:
        return lambda: None
    here = weakref.ref(widget, lambda _: stop())
    was_on_a_page = False

    def after_cell(*_: Any) -> None:
        live = here()
        if live is None:
            stop()
            return
        # one that was taken off its page need not be drawn, and one that is about to be is read as soon as it is
        if live._view_count or not (was_on_a_page or live._is_awaited):
            live.refresh()
        live._is_awaited = False

    def stop() -> None:
        with suppress(ValueError):
            shell.events.unregister("post_run_cell", after_cell)

    def on_views(change: Any) -> None:
        nonlocal was_on_a_page
        was_on_a_page = True
        live = here()
        if live is not None and change["new"] and not change["old"]:
            live.refresh()

    shell.events.register("post_run_cell", after_cell)
    widget.observe(on_views, "_view_count")
    return stop


def _allow_in_colab() -> None:
    """Google Colab shows widgets of others only after it was asked to."""
    if "google.colab" in sys.modules:
        import_module("google.colab.output").enable_custom_widget_manager()
