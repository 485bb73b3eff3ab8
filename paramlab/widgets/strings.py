"""Strings: names, objects and holders, joined by strings. A name is not an object, and a holder holds objects."""

from __future__ import annotations

import copy
import html
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from itertools import islice
from typing import Any

import traitlets

from ..census.across import shared_tensor
from ..census.diff import changed, mark
from ..census.frameworks import check_optimizer, framework_of
from ..census.read import examine
from ..census.render import count
from ..census.rows import LANES, Row
from . import actions
from .columns import colours
from .knots import Box, Ends, Holder, Knots, Labels, Name, is_group, listed, objects, stale, tie_up, told
from .live import Live, script, style
from .names import Names, current_optimizer, user_namespace

MOST = 14  # names that are shown at once
MOST_MORE = 6  # other names of the shown objects, variables of the notebook
MOST_TIES = 8  # names that a name may be tied to, in the picture
STATE, TWIN = "state", "twin"  # what the lines call the state_dict and the copy of the model

_ICONS = {"step": "step", "optimizer": "again", "deepcopy": "copy", "state": "load", "move": "move"}


class Strings(Live):
    """The names of a model, the objects that they lead to, and who else holds these: drawn as strings.

    A learner replaces an object, writes into it, ties two names to one object, copies the model, takes its
    ``state_dict()``, and sees which strings that cuts. Works on models of paramlab and PyTorch.

    ``loss`` is a function without arguments that returns a loss; with it, Step takes a whole step. ``name`` is what
    the lines of Python call the model, by default the name of your variable. The variables ``state`` (a
    state_dict) and ``twin`` (a second model) of your notebook are shown as holders.
    """

    _esm = script("strings")
    _css = style("strings")

    names: Any = traitlets.List().tag(sync=True)  # the names that are shown; see `_name`
    boxes: Any = traitlets.List().tag(sync=True)  # the objects, from top to bottom; see `_box`
    holders: Any = traitlets.List().tag(sync=True)  # {key, title, text, look, kinds}
    facts: Any = traitlets.List().tag(sync=True)  # {text, look}: what is to be known as things stand
    window: Any = traitlets.Dict().tag(sync=True)  # {says, text, back, on, find, total}: which names are shown

    def __init__(
        self,
        model: Any,
        optimizer: Any = None,
        *,
        loss: Callable[[], Any] | None = None,
        name: str | None = None,
    ) -> None:
        check_optimizer(optimizer)
        self._framework = framework_of(model)
        self.model, self.optimizer, self.loss = model, optimizer, loss
        self._names = Names.find(model, optimizer, loss, self._framework, name)
        self._own: dict[str, Any] = {}  # in place of the notebook's variables, where there is no notebook
        self._labels = Labels()
        self._text, self._first = "", 0
        self._exam = examine(model, optimizer, self._names.model, self._names.optimizer)
        self._knots = self._tie_up()
        super().__init__(title=self._names.model)

    # ------------------------------------------------------------------ what is shown

    @property
    def _space(self) -> dict[str, Any]:
        """The learner's variables."""
        return user_namespace() or self._own

    def _look_again(self) -> None:
        names = self._names
        self.optimizer = current_optimizer(self.optimizer, names.optimizer, self._exam)
        self._exam = examine(self.model, self.optimizer, names.model, names.optimizer, earlier=self._exam)
        self._knots = self._tie_up()

    def _tie_up(self) -> Knots:
        space = self._space
        state, twin = space.get(STATE), space.get(TWIN)
        ends = Ends(
            self._names.optimizer,
            STATE,
            state if self._is_state(state) else None,
            TWIN,
            twin if isinstance(twin, self._framework.module) and twin is not self.model else None,
        )
        tensor = self._framework.tensor
        variables = {
            name: value
            for name, value in list(space.items())
            if isinstance(value, tensor) and isinstance(name, str) and not name.startswith("_")
        }
        return tie_up(self._exam, self.optimizer, self._labels, variables, ends)

    def _is_state(self, value: Any) -> bool:
        return isinstance(value, Mapping) and all(isinstance(one, self._framework.tensor) for one in value.values())

    def _read(self) -> None:
        shown = self._shown()
        boxes = list(self._in_order(shown))
        joined = {key for box in boxes for key in box.holders}
        self.names = [self._name(name) for name in shown]
        self.boxes = [self._box(box) for box in boxes]
        self.holders = [asdict(holder) for holder in self._knots.holders if self._is_near(holder, joined)]
        self.facts = list(islice(self._facts({name.text for name in shown}), 4))
        self.tools = self._tools()

    def _shown(self) -> list[Name]:
        """Return the names in the window: so many of those that match, their twins elsewhere, and variables."""
        own = [name for name in self._knots.names if name.row is not None]
        matching = [name for name in own if self._text in name.text.lower()]
        self._first = max(0, min(self._first, (len(matching) - 1) // MOST * MOST))
        shown = matching[self._first : self._first + MOST]
        end = self._first + len(shown)
        numbers, keys = {name.number for name in shown}, {name.key for name in shown}
        others = [name for name in self._knots.names if name.number in numbers and name.key not in keys]
        alone = [name for name in self._knots.names if not self._knots.boxes[name.number].names]
        shown += [*others, *alone][:MOST_MORE]
        missing = len(own) - sum(name.row is not None for name in shown)
        where = f"{len(matching):,} of {count(len(own), 'name')} match" if self._text else count(len(own), "name")
        self.window = {
            "says": f"{where}: {self._first + bool(matching)} to {end} shown, {missing:,} not." if missing else "",
            "text": self._text,
            "back": self._first > 0,
            "on": self._first + MOST < len(matching),
            "find": len(own) > MOST,
            "total": f"{count(len(own), 'name')}, {count(len(self._knots.boxes), 'object')}",
        }
        return shown

    def _in_order(self, shown: list[Name]) -> Iterator[Box]:
        """Yield the objects of the shown names, and below each those that only the optimizer still has."""
        boxes, done = self._knots.boxes, set[int]()
        ghosts: dict[str, list[int]] = {}
        for number in self._knots.ghosts():
            ghosts.setdefault(self._labels.names.get(number, ""), []).append(number)
        last = list(ghosts.pop("", []))
        for name in shown:
            for number in [name.number, *ghosts.pop(name.text, [])]:
                if number not in done:
                    done.add(number)
                    yield boxes[number]
        yield from (boxes[number] for number in last[:MOST_MORE])

    def _is_near(self, holder: Holder, joined: set[str]) -> bool:
        """Return whether a holder is worth its place: of many groups only those that hold something in sight."""
        return not is_group(holder.key) or holder.key in joined or holder.key == "group 0"

    def _name(self, name: Name) -> dict[str, Any]:
        box = self._knots.boxes[name.number]
        row = name.row
        ties = [] if row is None else [other.text for other in islice(self._partners(name), MOST_TIES)]
        return {
            "key": name.key,
            "text": name.text,
            "object": name.number,
            "kind": box.kind if row is None else row.kind[0],
            "others": [other for other in box.names if row is None or other != name.text],
            "ties": ties,
            "acts": {} if row is None else self._acts(row, name),
            "why": [] if row is None else [[lane, row.states[lane], row.why[lane]] for lane in LANES[1:]],
        }

    def _acts(self, row: Row, name: Name) -> dict[str, str]:
        """Return the line that each button stands for."""
        lines = {"replace": actions.replace_object(row, self._names), "write": actions.write(row, self._names)}
        if len(self._knots.boxes[name.number].names) > 1:
            lines["untie"] = actions.untie(row, self._names)
        return lines

    def _partners(self, name: Name) -> Iterator[Name]:
        """Yield the names whose objects would fit under this name: of the same kind and shape."""
        row, seen = name.row, {name.number}
        for other in self._knots.names:
            if other.row is None or row is None or other.number in seen:
                continue
            if (other.row.kind, other.row.shape) == (row.kind, row.shape):
                seen.add(other.number)
                yield other

    def _box(self, box: Box) -> dict[str, Any]:
        return {
            "object": box.number,
            "kind": box.kind,
            "shape": box.shape,
            "values": colours(box.tensor),
            "names": [*box.names, *box.variables][:4],
            "was": self._labels.names.get(box.number, "") if box.kind == "G" else "",
            "holders": box.holders,
        }

    def _facts(self, shown: set[str]) -> Iterator[dict[str, Any]]:
        """Yield what is to be known as things stand: what is stale first, then which names are tied."""
        ghosts = self._knots.ghosts()
        if ghosts:
            yield {"text": f"{stale(ghosts)} What step() does there does not reach the model.", "look": True}
        for finding in shared_tensor(self._exam.found, self._exam.rows):
            if shown.intersection(finding.rows):
                yield {"text": finding.message, "look": False}

    def _tools(self) -> list[dict[str, Any]]:
        """Return the buttons for the whole model, each with the line that it stands for."""
        names, optimizer = self._names, self.optimizer
        has_loss = self.loss is not None
        can_step = optimizer is not None and (has_loss or self._has_gradient())
        rebuild = "New optimizer" if optimizer is None else "Rebuild optimizer"
        tools = [
            ("step", "Step", actions.step(names, has_loss), can_step),
            ("optimizer", rebuild, actions.new_optimizer(names, optimizer is not None), True),
            ("deepcopy", "deepcopy", self._copying(), True),
            ("state", "state_dict", f"{STATE} = {names.model}.state_dict()", True),
            ("move", actions.move_label(self._exam), actions.move(self._exam, names), True),
        ]
        return [{"do": do, "text": text, "icon": _ICONS[do], "line": line, "on": on} for do, text, line, on in tools]

    def _has_gradient(self) -> bool:
        return any(tensor.grad is not None for group in self.optimizer.param_groups for tensor in group["params"])

    def _copying(self) -> str:
        importing = "" if self._space.get("copy") is copy else "import copy; "
        return f"{importing}{TWIN} = copy.deepcopy({self._names.model})"

    def _bindings(self) -> dict[str, Any]:
        names = self._names
        bound = {names.torch: self._framework.torch, names.loss: self.loss, **self._own}
        if "." not in names.nn:
            bound[names.nn] = self._framework.nn
        return bound | {names.model: self.model, names.optimizer: self.optimizer}

    def _rebound(self, namespace: dict[str, Any]) -> None:
        self._space.update({name: namespace[name] for name in (STATE, TWIN, "copy") if name in namespace})
        made = namespace[self._names.optimizer]
        if self.optimizer is None and made is not None:
            self.optimizer = self._space[self._names.optimizer] = made

    # ------------------------------------------------------------------ commands

    def _obey(self, _: Any, message: dict[str, Any], buffers: Any) -> None:
        if message.get("do") == "show":  # who looks around changes nothing
            self._text = str(message.get("text", self._text)).strip().lower()
            self._first = max(0, self._first + MOST * int(message.get("by", 0))) if "by" in message else 0
            with self._drawing():
                self._read()
        else:
            super()._obey(_, message, buffers)

    def _row(self, name: str) -> Row:
        """Return the row of a name that a click is about."""
        for row in self._exam.rows:
            if row.name == name:
                return row
        raise LookupError(f"{name!r} is not in the model any more")

    def _cut(self, line: str) -> Callable[[], str]:
        """Run a line that gives a name another object; what came of it is the difference to before."""
        before = self._knots
        self._run(line)
        return lambda: told(before, self._knots, STATE) or "Nothing changed."

    def _do_replace(self, name: str) -> Callable[[], str]:
        return self._cut(actions.replace_object(self._row(name), self._names))

    def _do_untie(self, name: str) -> Callable[[], str]:
        return self._cut(actions.untie(self._row(name), self._names))

    def _do_tie(self, name: str, to: str) -> Callable[[], str]:
        return self._cut(f"{self._row(name).access} = {self._row(to).access}")

    def _do_write(self, name: str) -> Callable[[], str]:
        number = self._knots.leads()[name]
        self._run(actions.write(self._row(name), self._names))
        return lambda: f"{objects([number]).capitalize()} is the same object, with other values: no string changes."

    def _do_step(self) -> Callable[[], str]:
        marks = {number: mark(self._knots.boxes[number].tensor) for number in self._knots.held()}
        self._run(actions.step(self._names, self.loss is not None))
        moved = [number for number, then in marks.items() if changed(then)]
        lost = sorted(set(moved).intersection(self._knots.ghosts()))
        in_vain = f" No name of the model reaches {objects(lost)}: there it was in vain." if lost else ""
        return lambda: f"Updated in place: {objects(sorted(moved))}.{in_vain}"

    def _do_optimizer(self) -> Callable[[], str]:
        return self._cut(actions.new_optimizer(self._names, self.optimizer is not None))

    def _do_state(self) -> Callable[[], str]:
        self._run(f"{STATE} = {self._names.model}.state_dict()")
        return lambda: "No copies: what is written into the model is seen in state too."

    def _do_deepcopy(self) -> Callable[[], str]:
        self._run(self._copying())
        return self._tell_of_twin

    def _tell_of_twin(self) -> str:
        own, total = self._knots.twin or (0, 0)
        new = f"{count(total, 'new object')}" if own == total else f"{own} of {count(total, 'object')} are new"
        return f"{new}.{f' The optimizer still holds the objects of {self._names.model}.' if self.optimizer else ''}"

    def _do_move(self) -> Callable[[], str]:
        before = self._knots
        self._run(actions.move(self._exam, self._names))
        return lambda: _of_move(before, self._knots)

    # ------------------------------------------------------------------ the still picture

    def _plain(self) -> str:
        knots = self._knots
        ghosts = len(knots.ghosts())
        alone = f", {ghosts} held by the optimizer alone" if ghosts else ""
        return f"Strings of {self._names.model}: {self.window['total']}{alone}"

    def _html(self) -> str:
        titles = {holder["key"]: _title(holder) for holder in self.holders}
        rows = "".join(
            f'<tr><th scope="row" align="left">{_names_html(box)}</th>'
            + "".join(
                f'<td align="left">{html.escape(text)}</td>'
                for text in (
                    f"object {box['object']}",
                    box["shape"],
                    ", ".join(titles[key] for key in box["holders"] if key in titles),
                )
            )
            + "</tr>"
            for box in self.boxes
        )
        heads = "".join(f'<th scope="col" align="left">{text}</th>' for text in ("name", "object", "shape", "held by"))
        facts = "".join(f"<p>{html.escape(fact['text'])}</p>" for fact in self.facts)
        says = f"<p>{html.escape(self.window['says'])}</p>" if self.window["says"] else ""
        return (
            f"<table><caption>{html.escape(self._plain())}</caption><thead><tr>{heads}</tr></thead>"
            f"<tbody>{rows}</tbody></table>{says}{facts}"
        )

    def _forget(self) -> None:
        self.model = self.optimizer = self.loss = None
        self._own.clear()
        self._exam.found.clear()
        self._exam.ghosts.clear()
        for box in self._knots.boxes.values():
            box.tensor = None


def _of_move(before: Knots, after: Knots) -> str:
    """Say which names lead to the same objects after a move, and which do not."""
    was, now = before.leads(), after.leads()
    kinds = {name.text: name.row.kind for name in after.names if name.row is not None}
    same = [name for name in now if was.get(name) == now[name] and kinds[name] == "Parameter"]
    new = [name for name in now if was.get(name, now[name]) != now[name]]
    parts = [f"{count(len(same), 'Parameter')} {'is' if len(same) == 1 else 'are'} the same as before"] * bool(same)
    parts += [f"{listed(new)} {'is a new object' if len(new) == 1 else 'are new objects'}"] * bool(new)
    forgot = before.state and after.state and before.state[0] > after.state[0]
    return f"{'; '.join(parts) or 'Nothing had to move'}.{' state keeps the old memory.' if forgot else ''}"


def _title(holder: Mapping[str, Any]) -> str:
    return f"{holder['title']}, {holder['key']}" if is_group(holder["key"]) else str(holder["title"])


def _names_html(box: Mapping[str, Any]) -> str:
    if not box["names"]:
        return f"no name (was {html.escape(box['was'])})" if box["was"] else "no name"
    return ", ".join(f"<code>{html.escape(name)}</code>" for name in box["names"])
