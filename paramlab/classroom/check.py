"""`paramlab check`: a learner's own notebooks, graded in a terminal as their check cells would, and what is noted.

As in a grade, no notebook's code runs in this process; as in a notebook, the checks try the same numbers each time.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..start import DEFAULT_FOLDER, MANIFEST, StartError, is_as_delivered
from ..workshop import folder
from ..workshop.catalogue import TASKS
from ..workshop.checking import seed, seed_of_variant
from ..workshop.folder import better
from ..workshop.homework import SUFFIX, AssignmentError, opened
from ..workshop.judging import NOT_FILLED_IN
from ..workshop.points import progress_of
from ..workshop.tasks import Lesson
from .files import Found, UnreadableError, printable, walk
from .grading import cores
from .judge import Judge, Result
from .pool import Pool, PoolError
from .progress import Progress
from .release import lessons
from .selftest import results
from .taking import Notebook, lesson_of, read, take

NO_FORK = (
    "notebooks are graded on Linux and macOS only, each piece in a process of its own. On Windows, run it in WSL; "
    "or name the folder, and what the check cells have noted in it is counted."
)


@dataclass
class Sheet:
    """A notebook that was read. ``lesson`` is None if there is nothing in it to grade."""

    path: Path
    notebook: Notebook
    lesson: Lesson | None
    results: list[Result] = field(default_factory=list)

    @property
    def points(self) -> float:
        """What it earns."""
        return sum(one.points for one in self.results)


def check(targets: Sequence[Path]) -> int:
    """Print what notebooks earn and why, and what is noted in the folders that are among ``targets``.

    Without targets it is the course's folder: this one, or ``paramlab-course`` in it. A task counts the better of
    what its notebook earns now and what is noted. Status 0: graded. 2: something could not be, and a sentence says
    what and why; the rest is graded all the same.
    """
    problems: list[str] = []
    sheets: list[Sheet] = []
    noted = None
    try:
        _take_assignment(targets or [Path()])
        places = [path for path in targets if path.is_dir()] if targets else [_course_folder()]
        noted = _noted(places, problems)
        for path in targets:
            sheets += [] if path.is_dir() else _opened(path, problems, strict=True)
        for place in places:
            sheets += _lessons_in(place, problems)
        if sheets and not hasattr(os, "fork"):
            raise PoolError(NO_FORK)
        for variant in dict.fromkeys(sheet.notebook.variant for sheet in sheets):
            _grade([sheet for sheet in sheets if sheet.notebook.variant == variant], variant)
    except (AssignmentError, StartError, PoolError, OSError) as error:
        problems.append(str(error))
        sheets = []
    if sheets or noted is not None:
        _report(sheets, noted)
    sys.stdout.flush()
    for problem in problems:
        print(f"paramlab check: {problem}", file=sys.stderr)
    return 2 if problems else 0


# ------------------------------------------------------------------ what there is


def _take_assignment(targets: Sequence[Path]) -> None:
    """Have the tasks be those of an assignment if it is one that is checked: its file lies beside the notebook.

    A folder that has lessons in it is the course's; an assignment in there is checked when it is named.
    """
    course = {f"{lesson}.ipynb" for lesson in lessons()}
    for path in targets:
        if path.is_dir() and any((path / name).is_file() for name in course):
            continue
        place = path if path.is_dir() else path.parent
        for file in place.glob(f"*{SUFFIX}"):
            name = file.name.removesuffix(SUFFIX)
            if name in path.stem or (path.is_dir() and (path / f"{name}.ipynb").is_file()):
                opened(file.read_text(encoding="utf-8"))
                return


def _course_folder() -> Path:
    """Return where `paramlab start` has put the course if that is beside here, else where we are."""
    return Path() if Path(MANIFEST).is_file() or not Path(DEFAULT_FOLDER).is_dir() else Path(DEFAULT_FOLDER)


def _lessons_in(place: Path, problems: list[str]) -> list[Sheet]:
    """Return the notebooks of a folder that are lessons; others are a learner's own affair."""
    paths = [path for path in sorted(place.glob("*.ipynb")) if not path.name.startswith(".")]
    sheets = [sheet for path in paths for sheet in _opened(path, problems, strict=False)]
    if not sheets and not folder.folder(place).is_dir():
        where = "this folder" if place == Path() else _shown(place)
        problems.append(f"there is no notebook of the course in {where}, and no {folder.NAME}/.{_below(place)}")
    return sheets


def _below(place: Path) -> str:
    """Return where below a folder lessons are, as a sentence; empty if nowhere near."""
    names = {f"{lesson}.ipynb" for lesson in lessons()}
    near = {path.parent for depth in ("*/*", "*/*/*") for path in place.glob(f"{depth}.ipynb") if path.name in names}
    return "".join(f"\n  Is this meant? paramlab check {_shown(path)}" for path in sorted(near)[:1])


def _opened(path: Path, problems: list[str], *, strict: bool) -> list[Sheet]:
    """Return what is in a notebook. What can't be read is a problem; ``strict``: so is what is not of the course."""
    try:
        if not path.exists():
            raise UnreadableError("there is no such file or folder.")
        if path.suffix.lower() != ".ipynb":
            raise UnreadableError("it is no notebook: the name of one ends in .ipynb.")
        [found] = walk(path)
        assert isinstance(found, Found)
        notebook = read(found.read())
    except UnreadableError as error:
        problems.append(f"{_shown(path)}: {error}")
        return []
    known = next((lesson for lesson in lessons() if lesson in path.stem), "")
    number = lesson_of(notebook, known)
    if number is None and not known and notebook.lesson not in lessons():
        if strict:
            problems.append(f"{_shown(path)}: it is none of the course's lessons, and no task of theirs is in it.")
        return []
    return [Sheet(path, notebook, number)]


@dataclass
class Noted:
    """What check cells have noted, the better of each task, and what is to be said about where they did."""

    points: dict[str, float]
    note: str


def _noted(places: Iterable[Path], problems: list[str]) -> Noted | None:
    """Return what is noted in folders; None if there is none to look into."""
    found = [folder.folder(place) for place in places if folder.folder(place).is_dir()]
    earned, notes = [], []
    for where in found:
        try:
            notes.append(folder.mend(where))
            earned.append(folder.points(where))
        except OSError as error:
            problems.append(f"{_shown(where / folder.PROGRESS)} can't be read: {error.strerror}.")
    return Noted(better(*earned), " ".join(filter(None, notes))) if found else None


# ------------------------------------------------------------------ grading


def _grade(sheets: Sequence[Sheet], variant: str) -> None:
    """Fill in the results of each notebook of a variant: with the numbers that its own checks try."""
    numbers = {sheet.lesson for sheet in sheets}
    tasks = [name for name, task in TASKS.items() if task.lesson in numbers]
    judge = Judge(tasks, seed_of_variant(variant) if variant else seed(), variant, one_for_all=True)
    every = {
        f"{at} {taken.task}": taken
        for at, sheet in enumerate(sheets)
        if sheet.lesson is not None
        for taken in take(sheet.notebook, sheet.lesson, judge.rows())
    }
    if not every:
        return
    to_run = sum(judge.at_once(taken) is None for taken in every.values())
    came: dict[str, Result] = {}
    with Progress(len(every), "task") as progress, Pool(min(cores(), to_run)) as pool:
        for key, result in results(every, judge, pool):
            came[key] = result
            progress.done(every[key])
    for key in every:  # in the order of the lesson, not in that in which they were done
        sheets[int(key.partition(" ")[0])].results.append(came[key])


# ------------------------------------------------------------------ saying it


def _report(sheets: Sequence[Sheet], noted: Noted | None) -> None:
    blocks = ["\n".join(map(_sheet_as_text, sheets))] if sheets else []
    before, note = (noted.points, noted.note) if noted else ({}, "")
    now = better(*({one.task: one.points for one in sheet.results} for sheet in sheets))
    made = progress_of(better(before, now), note)
    if noted or len(sheets) > 1:
        blocks.append(str(made))
    more = [f"{name} ({best:g})" for name, best in before.items() if best > now.get(name, 0.0)]
    if sheets and more:
        blocks.append(f"Noted in {folder.NAME}/, no longer in the notebooks, and counted: {', '.join(more)}.")
    print("\n\n".join([*blocks, f"points: {made.points:g} of {made.out_of:g}"]))


def _sheet_as_text(sheet: Sheet) -> str:
    """Return a notebook's points, and for each task that is not right what its check says."""
    name = printable(sheet.path.name)
    if sheet.lesson is None:
        return f"{name}: there is nothing to grade in it"
    out_of = sum(one.out_of for one in sheet.results)
    variant = f" (variant {sheet.notebook.variant!r})" if sheet.notebook.variant else ""
    heading = f"{name}{variant}: {sheet.points:g} of {out_of:g} points"
    if not sheet.points and is_as_delivered(sheet.path):
        return f"{heading}, not begun yet"
    return "\n".join([heading, *(f"  {line}" for one in sheet.results for line in _result_as_text(one))])


def _result_as_text(result: Result) -> list[str]:
    verdict = result.verdict
    if verdict.passed:
        return [f"✓ {verdict.heading}"]
    if all(line.got == NOT_FILLED_IN for line in verdict.lines):
        return [f"✗ {verdict.heading}", f"  Hint: {verdict.hint}"]
    return str(verdict).split("\n")


def _shown(path: Path) -> str:
    return printable(str(path))
