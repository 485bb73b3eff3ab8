"""Suitcase: pack a state_dict, change what is in it, open it in another model."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any

import traitlets

from ..census.frameworks import framework_of
from ..census.read import Examination, examine
from ..census.render import count, shape_of
from ..census.rows import Row
from .columns import colours
from .live import Live, script, style
from .names import Names, name_of, user_namespace

STATE = "state"  # what the lines call the suitcase
MOST = 100  # names that are shown; and so many more of those that do not fit

_TAGS = {
    "fits": "fits",
    "missing": "missing: the model has it, the suitcase does not",
    "unexpected": "unexpected: the suitcase has it, the model does not",
    "shape": "wrong shape: {mine} into {theirs}",
    "": "",
}


class Suitcase(Live):
    """What ``state_dict()`` packs, and what ``load_state_dict()`` finds when it opens the suitcase.

    ``model`` is packed and ``target`` opens it; without a ``target`` the model itself does. Both are models of
    paramlab or PyTorch. The suitcase is the variable ``state`` of your notebook.
    """

    _esm = script("suitcase")
    _css = style("suitcase")

    heads: Any = traitlets.List().tag(sync=True)  # what the three columns are called
    rows: Any = traitlets.List().tag(sync=True)  # {key, from, packed, to, tag} a name; the parts may be null
    more = traitlets.Unicode("").tag(sync=True)  # how many names are left out
    fits: Any = traitlets.List([0, 0]).tag(sync=True)  # names that fit, and all that are in the suitcase or missing
    strict = traitlets.Bool(True).tag(sync=True)
    opened: Any = traitlets.Dict().tag(sync=True)  # {ok, text} of the last time it was opened

    def __init__(self, model: Any, target: Any = None, *, name: str | None = None) -> None:
        self._framework = framework_of(model)
        if target is not None and framework_of(target) != self._framework:
            raise TypeError("the model and its target belong to different frameworks")
        self.model, self.target = model, model if target is None else target
        self._names = Names.find(model, None, None, self._framework, name)
        other = "model" if target is None else "other"
        self._other = self._names.model if target is None else name_of(target, user_namespace(), other)
        self._state: Any = None
        self._exams: dict[str, Examination] = {}
        self._tags: list[str] = []  # of all names
        super().__init__(title=f"{self._names.model} → {self._other}")

    @property
    def state(self) -> Any:
        """What is in the suitcase; None before it was packed."""
        named = user_namespace().get(STATE)
        if isinstance(named, Mapping) and all(isinstance(value, self._framework.tensor) for value in named.values()):
            self._state = named
        return self._state

    # ------------------------------------------------------------------ what is shown

    def _read(self) -> None:
        source, target = self._look("from", self.model), self._look("to", self.target)
        state = self.state
        packed = {} if state is None else dict(state)
        keys = dict.fromkeys([*source, *packed, *(key for key, (row, _) in target.items() if row.state_dict)])
        opens = {key: end for key, end in target.items() if end[0].state_dict}
        tags = {key: "" if state is None else self._tag(packed.get(key), opens.get(key)) for key in keys}
        self._tags = list(tags.values())
        shown = _shown(tags)
        self.heads = [self._names.model, STATE, self._other]
        self.rows = [self._row(key, source.get(key), packed.get(key), opens.get(key), tags[key]) for key in shown]
        self.more = _left_out(tags, shown)
        self.fits = [self._tags.count("fits"), sum(map(bool, self._tags))]
        self.tools = self._tools(state is not None)

    def _look(self, end: str, model: Any) -> dict[str, tuple[Row, Any]]:
        exam = self._exams[end] = examine(model, None, end, earlier=self._exams.get(end))
        return {row.name: (row, found.tensor) for row, found in zip(exam.rows, exam.found, strict=True)}

    @staticmethod
    def _row(key: str, source: Any, packed: Any, target: Any, tag: str) -> dict[str, Any]:
        return {
            "key": key,
            "from": None if source is None else _told(*source) | {"why": source[0].why["state_dict"]},
            "packed": None if packed is None else {"shape": _shape(packed), "values": colours(packed)},
            "to": None if target is None else _told(*target),
            "tag": tag,
            "says": _TAGS[tag].format(mine=_shape(packed), theirs=shape_of(target[0]) if target else ""),
        }

    @staticmethod
    def _tag(packed: Any, goes_in: Any) -> str:
        if packed is None:
            return "missing" if goes_in is not None else ""
        if goes_in is None:
            return "unexpected"
        return "fits" if tuple(packed.shape) == (goes_in[0].shape or ()) else "shape"

    def _tools(self, is_packed: bool) -> list[dict[str, Any]]:
        rows = [
            ("pack", "Pack", "load", self._packing(), True),
            ("copy", "Pack a copy", "load", self._copying(), True),
            ("open", "Open", "save", self._opening(), is_packed),
        ]
        return [{"do": do, "text": text, "icon": sign, "line": line, "on": on} for do, text, sign, line, on in rows]

    def _packing(self) -> str:
        return f"{STATE} = {self._names.model}.state_dict()"

    def _copying(self) -> str:
        return f"{STATE} = {{key: value.clone() for key, value in {self._names.model}.state_dict().items()}}"

    def _opening(self) -> str:
        return f"{self._other}.load_state_dict({STATE}{'' if self.strict else ', strict=False'})"

    def _bindings(self) -> dict[str, Any]:
        bound = {self._names.torch: self._framework.torch, self._names.model: self.model, self._other: self.target}
        return bound | {STATE: self.state}

    def _rebound(self, namespace: dict[str, Any]) -> None:
        self._state = namespace[STATE]
        user_namespace()[STATE] = self._state

    # ------------------------------------------------------------------ commands

    def _do_pack(self) -> Callable[[], str]:
        self._run(self._packing())
        self.opened = {}
        return lambda: f"{len(self.state):,} tensors packed. They are the model's own, not copies."

    def _do_copy(self) -> Callable[[], str]:
        self._run(self._copying())
        self.opened = {}
        return lambda: f"{len(self.state):,} tensors copied."

    def _do_remove(self, key: str) -> Callable[[], str]:
        self._run(f"del {STATE}[{key!r}]")
        self.opened = {}
        return lambda: "Taken out."

    def _do_rename(self, key: str, to: str) -> Callable[[], str]:
        if to in self.state:
            raise KeyError(f"{to!r} is in the suitcase already")
        self._run(f"{STATE}[{to!r}] = {STATE}.pop({key!r})")
        self.opened = {}
        return lambda: "Another name for the same values."

    def _do_strict(self, on: bool) -> Callable[[], str]:
        self.strict, self.opened = bool(on), {}
        return lambda: (
            "Keys that do not match are an error." if on else "Keys that do not match are returned, not raised."
        )

    def _do_open(self) -> Callable[[], str]:
        try:
            result = self._run(self._opening())
        except Exception as error:  # what this picture is for
            self.opened = {"ok": False, "text": f"{type(error).__name__}: {error}"}
            return lambda: "It does not open."
        wrong = [*result.missing_keys, *result.unexpected_keys]
        self.opened = {"ok": not wrong, "text": _returned(result)}
        return lambda: "Loaded, but not all of it." if wrong else "Loaded."

    # ------------------------------------------------------------------ the still picture

    def _plain(self) -> str:
        tags = self._tags
        told = ", ".join(
            f"{tags.count(tag)} {tag}" for tag in ("fits", "missing", "unexpected", "shape") if tag in tags
        )
        return f"Suitcase from {self._names.model} to {self._other}: {told or 'not packed'}"

    def _html(self) -> str:
        body = "".join(
            f'<tr><th scope="row" align="left"><code>{html.escape(row["key"])}</code></th>'
            + "".join(f'<td align="left">{_cell(row[part])}</td>' for part in ("from", "packed", "to"))
            + f'<td align="left">{html.escape(row["says"])}</td></tr>'
            for row in self.rows
        )
        heads = ["name", *self.heads, "when it is opened"]
        head = "".join(f'<th scope="col" align="left">{html.escape(text)}</th>' for text in heads)
        return (
            f"<table><caption>{html.escape(self._plain())}</caption><thead><tr>{head}</tr></thead>"
            f"<tbody>{body}</tbody></table>" + (f"<p>{self.more}</p>" if self.more else "")
        )

    def _forget(self) -> None:
        self.model = self.target = self._state = None
        for exam in self._exams.values():
            exam.found.clear()


def _shown(tags: Mapping[str, str]) -> list[str]:
    """Return the names that are shown: the first ones, and of the others some that do not fit."""
    first = list(islice(tags, MOST))
    return first + list(islice((key for key in islice(tags, MOST, None) if tags[key] not in ("", "fits")), MOST))


def _left_out(tags: Mapping[str, str], shown: list[str]) -> str:
    """Say how many names are not shown."""
    left = [tags[key] for key in set(tags).difference(shown)]
    if not left:
        return ""
    wrong = sum(tag not in ("", "fits") for tag in left)
    also = f" {wrong:,} of them do not fit." if wrong else ""
    return f"{len(left):,} of {count(len(tags), 'name')} are not shown.{also}"


def _told(row: Row, tensor: Any) -> dict[str, Any]:
    """Return what is shown of a model's tensor."""
    return {"kind": row.kind[0], "shape": shape_of(row), "saved": row.state_dict, "values": colours(tensor)}


def _shape(tensor: Any) -> str:
    if tensor is None:
        return ""
    return " × ".join(map(str, tensor.shape)) or "scalar"


def _cell(part: Any) -> str:
    if part is None:
        return ""
    return f"{part['shape']} (not saved)" if part.get("saved") is False else str(part["shape"])


def _returned(result: Any) -> str:
    """Say what load_state_dict returned."""
    named = [
        f"{what} keys: {', '.join(keys)}."
        for what, keys in (("Missing", result.missing_keys), ("Unexpected", result.unexpected_keys))
        if keys
    ]
    return " ".join(named) or "All keys matched."
