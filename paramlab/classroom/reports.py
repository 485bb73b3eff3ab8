"""What an instructor and a learner read: grades.csv, grades.json, a page for each learner, a page for the class."""

from __future__ import annotations

import csv
import html
import io
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..files import write_atomically
from ..workshop.catalogue import TASKS
from ..workshop.tasks import lesson_of_name, title
from .class_page import class_page
from .isolation import Protection
from .journal import course_version
from .judge import Result
from .submissions import safe_file_name

if TYPE_CHECKING:
    from .grading import Graded

STYLE = """
:root { color-scheme: light dark }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; margin: .5rem 0; display: block; overflow-x: auto }
th, td { padding: .2rem .8rem .2rem 0; vertical-align: top; text-align: left; border-bottom: 1px solid #8884 }
code { font-size: .9em; overflow-wrap: anywhere }
section { border-top: 2px solid #8888; margin-top: 1.5rem }
figure { margin: 1rem 0; background: #fff; color: #000; width: fit-content; max-width: 100% }
img { display: block; max-width: 100% }
pre { white-space: pre-wrap }
"""


def page(title: str, body: str) -> bytes:
    """Return an HTML page that needs nothing from elsewhere, and runs nothing."""
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head>'
        f"<body><h1>{html.escape(title)}</h1>{body}</body></html>\n"
    ).encode(errors="replace")


def write_reports(
    out: Path,
    every: Sequence[Graded],
    results: Mapping[str, Result],
    lessons: Sequence[str],
    left_out: Sequence[str],
    protection: Protection,
) -> None:
    """Write all of it into ``out``, each file whole or not at all."""
    learners: dict[str, list[Graded]] = defaultdict(list)
    for one in every:
        learners[one.hand_in.learner].append(one)
    taken: set[str] = set()
    files = {name: f"{safe_file_name(name, taken)}.html" for name in sorted(learners)}
    folder = out / "reports"
    folder.mkdir(exist_ok=True)
    for name, notebooks in learners.items():
        write_atomically(folder / files[name], _learners_page(name, notebooks, results))
    for old in folder.glob("*.html"):
        if old.name not in files.values():  # of a learner who is not in the class any more
            old.unlink()
    write_atomically(out / "grades.csv", _table(learners, results, lessons))
    data = {
        "course": course_version(),
        "protection": protection.as_data(),
        "left_out": list(left_out),
        "notebooks": [_as_data(one, results, files) for one in every],
    }
    write_atomically(
        out / "grades.json", (json.dumps(data, ensure_ascii=False, indent=1) + "\n").encode(errors="replace")
    )
    body = class_page(every, results, files, left_out, protection)
    write_atomically(out / "class.html", page("The class", body))


def points(notebooks: Sequence[Graded], results: Mapping[str, Result]) -> float:
    """Return what notebooks earned together."""
    return sum(results[key].points for one in notebooks for key in one.keys)


def _best(notebooks: Sequence[Graded], results: Mapping[str, Result]) -> float:
    """Return what the best of several notebooks of one lesson earned."""
    return max((points([one], results) for one in notebooks), default=0.0)


def _learners_page(name: str, notebooks: Sequence[Graded], results: Mapping[str, Result]) -> bytes:
    parts = []
    for one in sorted(notebooks, key=lambda each: title(each.lesson or 0)):
        heading = title(one.lesson) if one.lesson is not None else "A notebook"
        earned, best = points([one], results), sum(results[key].out_of for key in one.keys)
        parts.append(f"<h2>{_text(heading)}: {earned:g} of {best:g} points</h2>")
        parts.append(f"<p><code>{_text(one.hand_in.found.place)}</code></p>")
        parts += [f"<p>{_text(note)}</p>" for note in one.notes]
        for key in one.keys:
            parts.append(f"<section>{results[key].verdict._repr_html_()}</section>")
    return page(name, "".join(parts))


def _text(text: str) -> str:
    return html.escape(text)


def _table(learners: Mapping[str, Sequence[Graded]], results: Mapping[str, Result], lessons: Sequence[str]) -> bytes:
    """Return grades.csv: a line a learner; a lesson that was not handed in is left empty."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    numbers = {lesson_of_name(name): name for name in lessons}
    out_of = {number: sum(task.points for task in TASKS.values() if task.lesson == number) for number in numbers}
    writer.writerow(["learner", *numbers.values(), "points", "out_of", "notes"])
    for name in sorted(learners):
        notebooks = learners[name]
        by_lesson = {number: [one for one in notebooks if one.lesson == number] for number in numbers}
        earned = [_best(own, results) for own in by_lesson.values()]
        cells = [f"{best:g}" if own else "" for best, own in zip(earned, by_lesson.values(), strict=True)]
        notes = " ".join(dict.fromkeys(note for one in notebooks for note in one.notes))
        writer.writerow([_no_formula(name), *cells, f"{sum(earned):g}", sum(out_of.values()), _no_formula(notes)])
    return buffer.getvalue().encode(errors="replace")


def _no_formula(text: str) -> str:
    """Return a text that a spreadsheet takes for a text, also if a learner is called ``=HYPERLINK(…)``."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _as_data(one: Graded, results: Mapping[str, Result], files: Mapping[str, str]) -> dict[str, Any]:
    return {
        "learner": one.hand_in.learner,
        "lesson": one.lesson,
        "place": one.hand_in.found.place,
        "report": f"reports/{files[one.hand_in.learner]}",
        "points": points([one], results),
        "notes": one.notes,
        "tasks": [results[key].as_data() for key in one.keys],
    }
