"""A notebook's code as statements, and of these the ones that a definition needs to stand by itself."""

from __future__ import annotations

import ast
import re
import warnings
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from ..workshop.source import global_names

# a lesson's own words: they have no part in a grade
WORKSHOP = {"assignment", "bring_back", "check", "implement", "progress", "take_home", "use", "variant"}
AROUND_PYTHON = {"capture", "prun", "time"}  # cell magics that run the cell below them as it is
# `%magic`, `!command`, `?name`; `name?`; `name = %magic`, `name = !command`
MAGIC_LINE = re.compile(r"^([ \t]*)(?:[%!?].*|[\w.]+\?\??[ \t]*|[\w, \t]+=[ \t]*[%!].*)$", re.MULTILINE)
CELL_CHARACTERS = 40_000
NOTEBOOK_CHARACTERS = 1_000_000  # of all code cells: parsing takes a thousand times the memory
STATEMENTS = 5_000  # of a notebook, not counting what is within others: each is looked at by itself


@dataclass(frozen=True)
class Statement:
    """A top-level statement of a notebook: its place among all of them, its cell, its text, the names it binds."""

    index: int
    cell: int
    node: ast.stmt
    text: str
    binds: frozenset[str]

    @cached_property
    def uses(self) -> frozenset[str]:
        """The names that it looks up beyond its own."""
        try:  # compiled and never run: the compiler knows which names are a function's own
            code = compile(ast.Module([self.node], []), "<cell>", "exec", dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return frozenset()  # such as a `return` outside of a function; what uses it will say so when it runs
        return frozenset(global_names(code))


def statements(cells: list[str]) -> tuple[list[Statement], dict[int, str]]:
    """Return the statements of code cells in their order, and for each cell that is no Python, why."""
    found: list[Statement] = []
    errors: dict[int, str] = {}
    room = NOTEBOOK_CHARACTERS
    for number, cell in enumerate(cells):
        room -= len(cell)
        if len(cell) > CELL_CHARACTERS or room < 0:
            errors[number] = f"It is longer than any answer: more than {CELL_CHARACTERS:,} characters."
            continue
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # an invalid escape such as "\\d" is the learner's to hear of
                tree, lines = _parsed(cell)
                parts = [part for node in tree.body for part in _parts(node)]
                if len(found) + len(parts) > STATEMENTS:
                    errors[number] = f"The notebook is longer than any answer: more than {STATEMENTS:,} statements."
                    continue
                for part in parts:
                    found.append(_statement(len(found), number, part, _text(part, lines)))
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            errors[number] = _complaint(error)
    return found, errors


def _parts(node: ast.stmt) -> list[ast.stmt]:
    """Return an import of several names as one of each, any other statement as it is."""
    if isinstance(node, ast.Import):
        return [ast.copy_location(ast.Import([name]), node) for name in node.names]
    if isinstance(node, ast.ImportFrom):
        return [ast.copy_location(ast.ImportFrom(node.module, [name], node.level), node) for name in node.names]
    return [node]


def _statement(index: int, cell: int, node: ast.stmt, text: str) -> Statement:
    return Statement(index, cell, node, text, frozenset(_bound(node)))


def _parsed(cell: str) -> tuple[ast.Module, list[str]]:
    """Return a cell as Python and its lines: as it stands or, if it is no Python, without what is IPython's."""
    source = cell.replace("\r\n", "\n").replace("\r", "\n")  # as Python counts lines
    try:
        return ast.parse(source), source.split("\n")
    except SyntaxError:
        source = _without_magics(source)
        return ast.parse(source), source.split("\n")


def _without_magics(source: str) -> str:
    """Blank the lines that are IPython's and not Python's; most cell magics make the whole cell another language."""
    first = source.lstrip()
    if first.startswith("%%") and first[2:].partition("\n")[0].partition(" ")[0] not in AROUND_PYTHON:
        return ""
    return MAGIC_LINE.sub(r"\1pass", source)


def _complaint(error: BaseException) -> str:
    if isinstance(error, SyntaxError):
        return f"{type(error).__name__}: {error.msg} (line {error.lineno} of the cell)"
    return f"It can't be read as Python ({type(error).__name__})."


def _text(node: ast.stmt, lines: list[str]) -> str:
    if isinstance(node, ast.Import | ast.ImportFrom):
        return ast.unparse(node)
    decorators = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(decorator.lineno for decorator in decorators)])
    rows = lines[first - 1 : node.end_lineno]
    rows[-1] = _cut(rows[-1], 0, node.end_col_offset)  # others may share its lines, as in `a = 1; b = 2`
    rows[0] = _cut(rows[0], 0 if decorators else node.col_offset)
    return "\n".join(rows)


def _cut(row: str, start: int, end: int | None = None) -> str:
    """Return a part of a line; the parser counts its bytes in UTF-8."""
    return row.encode()[start:end].decode()


def _bound(node: ast.stmt) -> Iterable[str]:
    """Yield the names that a statement gives a meaning at the top level of its notebook."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
        return
    if isinstance(node, ast.Import | ast.ImportFrom):
        for alias in node.names:
            yield (alias.asname or alias.name).split(".")[0]
        return
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store):
            yield child.id
        elif not isinstance(child, ast.Lambda):
            yield from _bound(child)  # type: ignore[arg-type]  # expressions bind too, in a tuple or by :=


def rewritten(statement: Statement, text: str) -> Statement:
    """Return a statement in whose place ``text`` stands."""
    return _statement(statement.index, statement.cell, ast.parse(text).body[0], text)


def needed(target: Statement, every: list[Statement]) -> list[Statement]:
    """Return the statements that ``target`` needs of a notebook, itself last, the others in their order.

    A name counts as the notebook read from the top has it by then; one that comes later counts if there is no
    earlier. What a lesson's own words give (``check``, ``implement``) is left out.
    """
    by_name: dict[str, list[Statement]] = defaultdict(list)
    for one in every:
        for name in one.binds:
            by_name[name].append(one)
    chosen: dict[int, Statement] = {}
    wanted, asked = [target], set(WORKSHOP)
    while wanted:
        names = wanted.pop().uses - asked
        asked |= names
        for name in names:
            binding = [*by_name[name], *by_name["*"]]
            earlier = [one for one in binding if one.index < target.index]
            for one in earlier or binding:
                if one.index not in chosen and one is not target:
                    chosen[one.index] = one
                    wanted.append(one)
    return [chosen[index] for index in sorted(chosen)] + [target]


def source_of(chosen: list[Statement]) -> str:
    """Return statements as a program; of an import, without what it takes from ``paramlab.workshop``."""
    return "\n\n".join(one.text for one in chosen if not _is_of_the_workshop(one.node)) + "\n"


def _is_of_the_workshop(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and (node.module or "").endswith("paramlab.workshop")
