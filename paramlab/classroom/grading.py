"""`paramlab grade`: a folder of submissions becomes grades and reports. What has been graded is not graded again."""

from __future__ import annotations

import contextlib
import os
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..start import StartError
from ..version import __version__
from ..workshop.catalogue import TASKS
from ..workshop.homework import AssignmentError
from ..workshop.tasks import Lesson, lesson_of_name, title
from . import authored
from .cluster import Certificates, Cluster
from .files import UnreadableError
from .gradebook import Gradebook, GradebookError, Scored
from .journal import Journal, course_version, key_of
from .judge import Judge
from .pool import Pool, PoolError
from .progress import Progress
from .release import ReleaseError, chosen, lessons
from .reports import points, write_reports
from .runner import Exercise
from .selftest import problems
from .submissions import HandIn, find
from .taking import Notebook, Taken, lesson_of, read, take


@dataclass
class Graded:
    """One notebook of one learner, with the keys of its results in the journal."""

    hand_in: HandIn
    lesson: Lesson | None = None
    keys: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def grade(
    submissions: Path,
    out: Path,
    *,
    jobs: int | None = None,
    only: Sequence[str] = (),
    variant: str = "",
    gradebook: str = "",
    scheduler: str = "",
    certificates: Certificates | None = None,
    assignment: Path | None = None,
    seed: int | None = None,
) -> int:
    """Grade what lies below ``submissions`` into the folder ``out``; return the exit status.

    ``jobs`` is the number of workers, one for each core by default; ``only`` are the lessons to grade, all by
    default. ``variant`` is the one that was handed out. ``gradebook`` is the address of nbgrader's, if the results are
    to go there too. ``scheduler`` is the address of a Dask cluster that grades in the place of this machine,
    ``certificates`` what it asks for. ``seed`` fixes the numbers that are tried; without it they are fresh for a
    folder that is new.
    ``assignment`` is the folder of an author's own, which is graded in the place of the course.
    Status 0: graded. 2: it could not begin, and a sentence says why. 130: stopped by Ctrl-C; run again to go on.
    """
    try:
        if not hasattr(os, "fork"):
            raise PoolError("it needs Linux or macOS: on Windows, run it in WSL")
        if assignment is not None:
            authored.open_folder(assignment, variant)
        names = chosen(only)
        hand_ins, left_out = find(submissions, lessons())
        if not hand_ins:
            raise UnreadableError(f"There is no notebook in {submissions}. {' '.join(left_out[:3])}")
        out.mkdir(parents=True, exist_ok=True)
        with contextlib.ExitStack() as opened:
            book = opened.enter_context(Gradebook(gradebook, variant)) if gradebook else None
            journal = opened.enter_context(contextlib.closing(Journal(out, seed, variant)))
            pool = opened.enter_context(_workers(names, jobs, scheduler, certificates))
            run = _Run(names, journal, pool)
            run.announce(len(hand_ins))
            run.prove()
            graded = run.grade(hand_ins)
            write_reports(out, graded, journal.results, names, left_out, pool.protection)
            if book is not None:
                run.enter(graded, book)
    except (*TROUBLE, OSError) as error:
        print(f"paramlab grade: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nStopped. What is graded is kept: the same line goes on where this one ended.", file=sys.stderr)
        return 130
    for note in left_out:
        print(f"left out: {note}")
    print(f"{len(graded):,} notebooks graded. Begin with {out / 'class.html'}; grades.csv and reports/ are beside it.")
    return 0


class SelfTestError(Exception):
    """The grader can't be trusted here; the message says what came out wrong."""


TROUBLE = (UnreadableError, AssignmentError, ReleaseError, StartError, PoolError, SelfTestError, GradebookError)


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _variant(name: str) -> str:
    return f"the variant {name!r}" if name else "no variant"


def _workers(
    lessons: list[str], jobs: int | None, scheduler: str, certificates: Certificates | None
) -> contextlib.AbstractContextManager[Pool | Cluster]:
    return Cluster(scheduler, certificates or Certificates(), lessons) if scheduler else Pool(jobs or cores())


class _Run:
    """One run of the grader: the answers are known before the first submission is opened."""

    def __init__(self, names: list[str], journal: Journal, pool: Pool | Cluster) -> None:
        self.names, self.journal, self.pool = names, journal, pool
        self.numbers = {lesson_of_name(name) for name in names}
        tasks = [name for name, task in TASKS.items() if task.lesson in self.numbers]
        self.judge = Judge(tasks, journal.seed, journal.variant)
        self._rows = self.judge.rows()
        self._waiting: dict[str, list[Graded]] = defaultdict(list)  # by key, who waits for its result
        self._taken: dict[str, Taken] = {}

    def announce(self, count: int) -> None:
        """Say what is about to be done, and what protects this machine meanwhile."""
        workers = f"{len(self.pool)} worker{'s' if len(self.pool) > 1 else ''}"
        print(f"{count:,} notebooks, course {course_version()}, {workers}. What protects this machine:")
        print("\n".join(self.pool.protection.sentences()), flush=True)

    def prove(self) -> None:
        """Raise ``SelfTestError`` unless the solution earns all points and the untouched notebook none."""
        wrong = list(problems(self.names, self.judge, self.pool))
        if wrong:
            raise SelfTestError("the self-test failed, and nothing was graded.\n  " + "\n  ".join(wrong))
        print("Self-test: the solution earns all points, the untouched notebook none.", flush=True)

    def grade(self, hand_ins: list[HandIn]) -> list[Graded]:
        """Grade every notebook; results go into the journal as they come."""
        every: list[Graded] = []
        with Progress(len(hand_ins)) as progress:
            for key, came, trouble in self.pool.run(self._to_run(hand_ins, every, progress)):
                self.journal.add(key, self.judge.result(self._taken.pop(key), came, trouble))
                for one in self._waiting.pop(key):
                    self._count(one, progress)
        self._note_the_second(every)
        return every

    def _note_the_second(self, every: list[Graded]) -> None:
        """Say it where a learner has several notebooks of a lesson: one that says so itself, in another's place."""
        seen = set()
        for graded in every:
            which = (graded.hand_in.learner, graded.lesson)
            if which in seen and graded.keys:
                graded.notes.append(f"There is another of {title(which[1] or 0)}; the better one counts.")
            seen.add(which)

    def _to_run(
        self, hand_ins: list[HandIn], every: list[Graded], progress: Progress
    ) -> Iterator[tuple[str, Exercise]]:
        """Read one notebook after the other; yield what of it has not been graded before and has to run."""
        for hand_in in hand_ins:
            graded = Graded(hand_in)
            every.append(graded)
            for taken in self._opened(graded):
                key = key_of(taken)
                graded.keys.append(key)
                if key in self.journal.results:
                    continue
                at_once = self.judge.at_once(taken)
                if at_once is not None:
                    self.journal.add(key, at_once)
                    continue
                self._waiting[key].append(graded)
                if key not in self._taken:
                    self._taken[key] = taken
                    yield key, self.judge.exercise(taken)
            self._count(graded, progress)

    def _opened(self, graded: Graded) -> list[Taken]:
        """Return what is taken from a notebook; nothing, and a note that says why, if it can't be read."""
        try:
            notebook = read(graded.hand_in.found.read())
        except UnreadableError as error:
            graded.notes.append(str(error))
            graded.lesson = lesson_of_name(graded.hand_in.lesson) if graded.hand_in.lesson else None
            return []
        graded.lesson = lesson_of(notebook, graded.hand_in.lesson)
        if graded.lesson is None:
            graded.notes.append("It is none of the course's lessons: no lesson is named, and no task is in it.")
        elif graded.lesson not in self.numbers:
            graded.notes.append(f"{title(graded.lesson)} is not graded in this run.")
        if notebook.version not in ("", __version__):
            graded.notes.append(f"It is of paramlab {notebook.version}, and was graded as one of {__version__}.")
        if graded.lesson in self.numbers and notebook.variant != self.journal.variant:
            graded.notes.append(
                f"It is of {_variant(notebook.variant)}, and was graded as {_variant(self.journal.variant)}."
            )
        return take(notebook, graded.lesson, self._rows) if graded.lesson in self.numbers else []

    def enter(self, every: list[Graded], book: Gradebook) -> None:
        """Enter every notebook into nbgrader's gradebook; of two by one learner of one lesson, the better one."""
        lessons = {lesson_of_name(name): name for name in self.names}
        for graded in sorted(every, key=lambda one: points([one], self.journal.results)):
            if graded.lesson not in lessons:
                continue
            found = Notebook([])
            with contextlib.suppress(UnreadableError):
                found = read(graded.hand_in.found.read())
            results = {self.journal.results[key].task: self.journal.results[key] for key in graded.keys}
            taken = take(found, graded.lesson, self._rows) if results else []
            book.enter(lessons[graded.lesson], graded.hand_in.learner, Scored(graded, found, taken, results))
        print(f"nbgrader's gradebook has them too. Its commands find the rest in {book.folder}.")

    def _count(self, graded: Graded, progress: Progress) -> None:
        """Move the progress on when the last result of a notebook is there."""
        if all(key in self.journal.results for key in graded.keys):
            progress.done(graded)
