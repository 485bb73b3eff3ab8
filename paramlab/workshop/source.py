"""Source code: the package's, cut into what a learner gets and what a solution shows, and the learner's own."""

from __future__ import annotations

import ast
import dis
import inspect
import sys
import textwrap
from types import CodeType, FunctionType, ModuleType
from typing import Any

from .bench import REFERENCE, AsItIsNow
from .tasks import Piece


def plain_function(definition: Any) -> FunctionType:
    """Return the function behind a definition: behind a static method, or a decorator that wraps it."""
    inner = definition.__func__ if isinstance(definition, staticmethod | classmethod) else definition
    function: FunctionType = inspect.unwrap(inner)
    return function


def solution(piece: Piece) -> str:
    """Return the piece as a learner would write it: the package's own code, without annotations."""
    head, body = _cut(piece)
    return head + body


def stub(piece: Piece) -> str:
    """Return what a learner gets of a piece: its signature, its docstring, and a place for their code."""
    return _cut(piece)[0] + "    ...\n"


def _cut(piece: Piece) -> tuple[str, str]:
    """Return the decorated signature with the docstring, and the body, comments and all."""
    source = textwrap.dedent(inspect.getsource(plain_function(REFERENCE[piece.name])))
    node = _definition(source)
    lines = source.splitlines(keepends=True)
    docstring, first = node.body[0], node.body[1]
    head = f"@implement({_spelled(piece)})\n{_signature(node)}\n" + "".join(
        lines[docstring.lineno - 1 : docstring.end_lineno]
    )
    between = lines[docstring.end_lineno : first.lineno - 1]  # a comment above the first statement
    return head, "".join([*between, *lines[first.lineno - 1 :]])


def _definition(source: str) -> ast.FunctionDef:
    node = ast.parse(source).body[0]
    if not isinstance(node, ast.FunctionDef):
        raise TypeError("a piece is a function or a method")
    return node


def _signature(node: ast.FunctionDef) -> str:
    """Return the ``def`` line without annotations, whose names a notebook would have to import."""
    given = node.args
    for argument in [*given.posonlyargs, *given.args, given.vararg, *given.kwonlyargs, given.kwarg]:
        if argument is not None:
            argument.annotation = None
    parameters = ast.unparse(given).replace("'", '"')
    return f"def {node.name}({parameters}):"


def _spelled(piece: Piece) -> str:
    """Return the owner as a notebook names it: ``nn.Module``, ``optim.SGD``, ``torch.ops.Mul``, ``torch.autograd``."""
    if isinstance(piece.owner, ModuleType):
        return piece.owner.__name__.replace("paramlab", "torch", 1)
    package = piece.owner.__module__.split(".")[1]
    known = {"nn": "nn", "optim": "optim", "ops": "torch.ops"}
    return f"{known.get(package, 'torch')}.{piece.owner.__name__}"


# ------------------------------------------------------------------ the learner's


def written(function: FunctionType | type) -> str:
    """Return the source of a function or a class as it was typed; empty if it is not to be had."""
    try:
        return textwrap.dedent(_class_source(function) if isinstance(function, type) else _function_source(function))
    except (OSError, TypeError, SyntaxError, StopIteration):
        return ""


def _function_source(function: FunctionType) -> str:
    _refuse_executed(function)
    return inspect.getsource(function)


def _refuse_executed(function: Any) -> None:
    """Raise for code that came from ``exec``: since Python 3.13, ``inspect`` finds the text of ``python -c`` for it."""
    if isinstance(function, FunctionType) and function.__code__.co_filename == "<string>":
        raise OSError("exec() keeps no source")


def _class_source(cls: type) -> str:
    """Return a class as it was typed, found by its first method: ``inspect`` looks in a file, and a cell is none."""
    method = next(value for value in vars(cls).values() if isinstance(value, FunctionType))
    _refuse_executed(method)
    lines, _ = inspect.findsource(method)
    at = method.__code__.co_firstlineno
    tree = ast.parse("".join(lines))
    classes = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef) and node.name == cls.__name__]
    node = next(node for node in classes if node.lineno <= at <= (node.end_lineno or at))
    first = min([node.lineno, *(mark.lineno for mark in node.decorator_list)])
    return "".join(lines[first - 1 : node.end_lineno])


def is_untouched(source: str) -> bool:
    """Return whether a function's body is no more than a docstring and a place for code."""
    try:
        node = ast.parse(source).body[0]
    except (SyntaxError, IndexError):
        return False
    body = node.body if isinstance(node, ast.FunctionDef) else []
    return all(_is_placeholder(statement) for statement in body)


def _is_placeholder(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Raise):
        return "NotImplementedError" in ast.unparse(statement)
    return isinstance(statement, ast.Pass) or (
        isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    )


def wrong_signature(piece: Piece, function: FunctionType) -> str | None:
    """Return what is wrong with a function's parameters, compared with the package's; None if nothing is."""
    wanted = list(inspect.signature(plain_function(REFERENCE[piece.name])).parameters.values())
    given = list(inspect.signature(function).parameters.values())
    open_ended = any(p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in given)
    if open_ended or [_calls(p) for p in given] == [_calls(p) for p in wanted]:
        return None
    return f"{piece.name} takes {_parameters(wanted)}; yours takes {_parameters(given)}."


def _calls(parameter: inspect.Parameter) -> tuple[str, Any, bool]:
    """Return what a caller has to know of a parameter: its name, how it is passed, whether it can be left out."""
    return parameter.name, parameter.kind, parameter.default is not parameter.empty


def _parameters(parameters: list[inspect.Parameter]) -> str:
    return str(inspect.Signature([p.replace(annotation=p.empty) for p in parameters]))


def standalone(function: FunctionType, source: str) -> str:
    """Return a file that defines the function by itself: with the imports and helpers that it uses.

    ``ValueError`` if it uses something of the notebook that can't be written down.
    """
    function = inspect.unwrap(function)
    _refuse_enclosed(function)
    lines = {function.__name__: ""}  # it may use itself
    _collect(source, function.__globals__, lines)
    imports = sorted(line for line in lines.values() if line.startswith(("import ", "from ")))
    helpers = [line for line in lines.values() if line and not line.startswith(("import ", "from "))]
    return "".join(imports) + "\n\n" + "".join(f"{helper.rstrip()}\n\n\n" for helper in helpers) + source


def _collect(source: str, namespace: dict[str, Any], lines: dict[str, str]) -> None:
    """Add to ``lines``, for each name of the notebook that the source uses, the line that provides it."""
    for name in global_names(compile(source, "helper", "exec", dont_inherit=True)):
        if name in lines or name not in namespace:
            continue
        lines[name] = ""  # a helper may use itself
        line = _provided(name, namespace[name])
        if line.startswith(("def ", "class ", "@")):
            _collect(line, namespace, lines)
        del lines[name]
        lines[name] = line  # after what it uses itself


def _refuse_enclosed(function: FunctionType) -> None:
    """Raise if a function was defined inside of another, or of a class, and uses what is around it."""
    around = function.__code__.co_freevars
    if around:
        what = "super()" if around == ("__class__",) else around[0]
        raise ValueError(f"it uses {what!r} of the code around it, which can't be written to a file")


def _provided(name: str, value: Any) -> str:
    if isinstance(value, ModuleType):
        package, _, last = value.__name__.rpartition(".")
        if last == name:
            return f"from {package} import {name}\n" if package else f"import {name}\n"
        return f"import {value.__name__} as {name}\n"
    if isinstance(value, AsItIsNow):
        return f"from {value.module.__name__} import {name}\n"
    module = _home(value)
    if module is not None:
        renamed = "" if value.__qualname__ == name else f" as {name}"
        return f"from {module} import {value.__qualname__}{renamed}\n"
    if isinstance(value, FunctionType | type) and written(value):
        if isinstance(value, FunctionType):
            _refuse_enclosed(inspect.unwrap(value))
        return written(value)
    if _is_literal(value):
        return f"{name} = {value!r}\n"
    raise ValueError(f"it uses {name!r} of the notebook, which can't be written to a file")


def _home(value: Any) -> str | None:
    """Return the shortest module path that an object can be imported from; None if there is none."""
    module, name = getattr(value, "__module__", None), getattr(value, "__qualname__", None)
    if not isinstance(module, str) or not isinstance(name, str) or module == "__main__":
        return None
    parts = module.split(".")
    paths = [".".join(parts[: i + 1]) for i in range(len(parts))]
    return next((path for path in paths if getattr(sys.modules.get(path), name, None) is value), None)


def _is_literal(value: Any) -> bool:
    try:
        return bool(ast.literal_eval(repr(value)) == value)
    except Exception:  # an object of the notebook's may resist in any way
        return False


def global_names(code: CodeType) -> list[str]:
    """Return the names that code, and the code inside of it, looks up beyond its own."""
    names = [step.argval for step in dis.get_instructions(code) if step.opname in ("LOAD_GLOBAL", "LOAD_NAME")]
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            names += global_names(constant)
    return names
