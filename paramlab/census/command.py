"""``paramlab census``: the census of somebody's own model, from a terminal, a pre-commit hook or a CI job."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .frameworks import framework_of
from .read import examine
from .render import findings_text
from .rows import Census

CLEAN, FOUND, FAILED = 0, 1, 2


class CannotLookError(Exception):
    """There is no census to take: what was named is not there, or is no model."""


def run(target: str, optimizer: str | None, *, as_json: bool = False, strict: bool = False, quiet: bool = False) -> int:
    """Print the census of a model; return 0 if it is clean, 1 if there is a bug, 2 if it could not be looked at.

    Parameters
    ----------
    target
        ``package.module:name`` or ``path/to/file.py:name``. The name is a model, or is called without arguments to
        make one, or a model and its optimizer.
    optimizer
        The name of one of the framework's optimizers, such as ``SGD``, which is given ``model.parameters()``;
        or ``package.module:name`` of a function that takes the model and returns its optimizer.
    as_json
        Print the facts and findings as JSON.
    strict
        A finding to check counts as a bug does.
    quiet
        Print what is wrong and nothing else.
    """
    try:
        with _importable_from_here(), contextlib.redirect_stdout(sys.stderr):  # what the model's code prints is its own
            model, made = _model(target)
            made = _optimizer(optimizer, model) if optimizer is not None else made
            census = examine(model, made).census
    except CannotLookError as error:
        print(f"paramlab census: {error}", file=sys.stderr)
        return FAILED
    wrong = [
        finding for finding in census.findings if finding.severity == "bug" or (strict and finding.severity == "check")
    ]
    _print(census, as_json, quiet)
    return FOUND if wrong else CLEAN


def _print(census: Census, as_json: bool, quiet: bool) -> None:
    if as_json:
        print(json.dumps(census.to_dict(), indent=2))
    elif not quiet:
        print(census)
    elif text := findings_text(finding for finding in census.findings if finding.severity != "fact"):
        print(text)


# ---------------------------------------------------------------------- from a name to a model


def _model(target: str) -> tuple[Any, Any]:
    """Return the model that ``target`` names or makes, and an optimizer if it comes with one."""
    found = _resolve(target)
    if isinstance(found, type) or not _is_model(found):
        if not callable(found):
            raise CannotLookError(
                f"{target} is a {type(found).__name__}, neither a model nor a function that makes one"
            )
        found = _call(target, found)
    model, optimizer = found if isinstance(found, tuple) and len(found) == 2 else (found, None)
    if not _is_model(model):
        raise CannotLookError(f"{target} returned a {type(model).__name__}, no model. Return the model itself")
    return model, optimizer


def _optimizer(named: str, model: Any) -> Any:
    """Return the optimizer of a model: made by a function of the user's, or one of the framework's."""
    if ":" in named:
        made = _call(named, _resolve(named), model)
    else:
        optim = importlib.import_module(f"{framework_of(model).name}.optim")
        if not isinstance(getattr(optim, named, None), type):
            raise CannotLookError(
                f"{optim.__name__} has no optimizer {named!r}. Name one, such as SGD, or module:function"
            )
        made = _call(named, getattr(optim, named), model.parameters())
    if not isinstance(getattr(made, "param_groups", None), list):
        raise CannotLookError(f"{named} returned a {type(made).__name__}, no optimizer")
    return made


def _resolve(target: str) -> Any:
    """Return the object at ``package.module:name`` or ``file.py:name``."""
    place, colon, name = target.rpartition(":")
    if not (colon and place and name):
        raise CannotLookError(f"{target!r} names no model. Write package.module:name, or path/to/file.py:name")
    found = _import(place)
    for part in name.split("."):
        if not hasattr(found, part):
            raise CannotLookError(f"{place} has no {name!r}{_near(found, part)}")
        found = getattr(found, part)
    return found


def _near(owner: Any, name: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, [key for key in vars(owner) if not key.startswith("_")], n=1)
    return f". Did you mean {near[0]!r}?" if near else ""


def _import(place: str) -> Any:
    """Import a module by its name, or a file by its path."""
    try:
        if not place.endswith(".py"):
            return importlib.import_module(place)
        path = Path(place)
        if not path.is_file():
            raise CannotLookError(f"there is no file {place}")
        spec = importlib.util.spec_from_file_location(path.stem, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[path.stem] = module  # dataclasses and pickles look their module up
        spec.loader.exec_module(module)
        return module
    except CannotLookError:
        raise
    except (Exception, SystemExit) as error:
        raise CannotLookError(f"{place} could not be imported. {type(error).__name__}: {error}") from error


def _call(name: str, function: Any, *arguments: Any) -> Any:
    try:
        return function(*arguments)
    except (Exception, SystemExit) as error:
        raise CannotLookError(f"{name} raised {type(error).__name__}: {error}") from error


def _is_model(value: Any) -> bool:
    try:
        framework_of(value)
    except TypeError:
        return False
    return True


@contextlib.contextmanager
def _importable_from_here() -> Iterator[None]:
    """Have modules of the working directory found, as ``python -m`` finds them."""
    here = str(Path.cwd())
    sys.path.insert(0, here)
    try:
        yield
    finally:
        with contextlib.suppress(ValueError):
            sys.path.remove(here)
