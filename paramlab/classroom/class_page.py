"""The class on a page: which pieces and which misconceptions cost most, and whose code is worth a look."""

from __future__ import annotations

import base64
import html
import io
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ..workshop.catalogue import TASKS
from ..workshop.judging import NOT_FILLED_IN
from ..workshop.tasks import title
from ..workshop.verdict import as_html
from .isolation import Protection
from .judge import Result

if TYPE_CHECKING:
    from .grading import Graded

MOST = 12  # misconceptions that are shown


def class_page(
    every: Sequence[Graded],
    results: Mapping[str, Result],
    files: Mapping[str, str],
    left_out: Sequence[str],
    protection: Protection,
) -> str:
    """Return the body of the page."""
    by_task: dict[str, list[Result]] = defaultdict(list)
    for one in every:
        for key in one.keys:
            by_task[results[key].task].append(results[key])
    parts = [_pieces(by_task), _misconceptions(by_task), _learners(every, results, files)]
    parts.append(_look(every, results, files))
    parts.append(_list("Notes", [f"{one.hand_in.found.place}: {note}" for one in every for note in one.notes]))
    parts.append(_list("Left out", left_out))
    parts.append("<h2>What protected this machine</h2><pre>" + _text("\n".join(protection.sentences())) + "</pre>")
    return "".join(parts)


def lost_share(results: Sequence[Result]) -> float:
    """Return the share of the points of a task that the class did not earn."""
    return 1 - sum(one.points for one in results) / sum(one.out_of for one in results)


def _pieces(by_task: Mapping[str, Sequence[Result]]) -> str:
    names = [name for name in TASKS if name in by_task]
    if not names:
        return "<p>No lesson was graded.</p>"
    lost = {name: lost_share(by_task[name]) for name in names}
    rows = [
        [name, f"{len(by_task[name]):,}", f"{sum(one.verdict.passed for one in by_task[name]):,}", f"{lost[name]:.0%}"]
        for name in sorted(names, key=lost.__getitem__, reverse=True)
    ]
    table = _table(["piece or prediction", "handed in", "all right", "points lost"], rows)
    return f"<h2>What cost most</h2>{_figure(lost)}{table}"


def _figure(lost: Mapping[str, float]) -> str:
    """Return a bar for each task, as a picture within the page; nothing where matplotlib is missing."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        return '<p>A picture of it needs matplotlib: pip install "paramlab[grade]"</p>'
    figure = Figure(figsize=(8, 0.9 + 0.32 * len(lost)), layout="constrained")
    axes = figure.subplots()
    bars = axes.barh(list(lost), [100 * share for share in lost.values()], color="#3b6ea5")
    axes.bar_label(bars, fmt="%.0f %%", padding=3)
    axes.invert_yaxis()
    axes.set_xlim(0, 110)
    axes.set_xlabel("points lost, in % of the task's")
    axes.spines[["top", "right"]].set_visible(False)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110, metadata={"Software": None})
    said = "; ".join(f"{name} {share:.0%}" for name, share in lost.items())
    picture = base64.b64encode(buffer.getvalue()).decode()
    return f"<figure><img alt='Points lost: {_text(said)}' src='data:image/png;base64,{picture}'></figure>"


def _misconceptions(by_task: Mapping[str, Sequence[Result]]) -> str:
    count: Counter[tuple[str, str]] = Counter()
    cost: Counter[tuple[str, str]] = Counter()
    for name, results in by_task.items():
        for one in results:
            tried = any(line.right or line.got != NOT_FILLED_IN for line in one.lines)
            if one.hint and tried:  # else there was nothing that could have been misunderstood
                count[name, one.hint] += 1
                cost[name, one.hint] += one.out_of - one.points  # type: ignore[assignment]  # points may be halves
    rows = [[name, hint, f"{count[name, hint]:,}", f"{lost:g}"] for (name, hint), lost in cost.most_common(MOST)]
    if not rows:
        return ""
    heads = ["piece or prediction", "what was said to them", "notebooks", "points lost"]
    return f"<h2>The misconceptions that cost most</h2>{_table(heads, rows)}"


def _learners(every: Sequence[Graded], results: Mapping[str, Result], files: Mapping[str, str]) -> str:
    rows = "".join(
        f"<tr><td>{_link(one.hand_in.learner, files)}</td><td>{'' if one.lesson is None else f'{one.lesson:0>2}'}</td>"
        f"<td>{sum(results[key].points for key in one.keys):g} of "
        f"{sum(results[key].out_of for key in one.keys):g}</td></tr>"
        for one in sorted(every, key=lambda each: (each.hand_in.learner, title(each.lesson or 0)))
    )
    head = "<tr><th scope='col'>learner</th><th scope='col'>lesson</th><th scope='col'>points</th></tr>"
    return f"<h2>Learners</h2><table>{head}{rows}</table>"


def _look(every: Sequence[Graded], results: Mapping[str, Result], files: Mapping[str, str]) -> str:
    """Return whose code names what a piece has no need of: no proof of anything, worth an instructor's eyes."""
    rows = [
        f"<li>{_link(one.hand_in.learner, files)}, {_text(task)}: {_text(', '.join(look))}</li>"
        for one in every
        for task, look in ((results[key].task, results[key].look) for key in one.keys)
        if look
    ]
    if not rows:
        return ""
    said = "This code names parts of Python that a piece has no need of. Its points are for its answers; look at it."
    return f"<h2>Worth a look</h2><p>{said}</p><ul>{''.join(rows)}</ul>"


def _link(learner: str, files: Mapping[str, str]) -> str:
    return f"<a href='reports/{_text(files[learner])}'>{_text(learner)}</a>"


def _list(title: str, items: Sequence[str]) -> str:
    listed = "".join(f"<li>{_text(item)}</li>" for item in items)
    return f"<h2>{title}</h2><ul>{listed}</ul>" if items else ""


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f"<th scope='col'>{_text(cell)}</th>" for cell in heads)
    body = "".join("<tr>" + "".join(f"<td>{as_html(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><tr>{head}</tr>{body}</table>"


def _text(text: str) -> str:
    return html.escape(text)
