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
from .files import UnreadableError
from .journal import Journal, course_version, key_of
from .judge import Judge
from .pool import Pool, PoolError
from .progress import Progress
from .release import ReleaseError, chosen, lessons
from .reports import write_reports
from .runner import Exercise
from .selftest import problems
from .submissions import HandIn, find
from .taking import Taken, lesson_of, read, take


@dataclass
class Graded:
    """One notebook of one learner, with the keys of its results in the journal."""

    hand_in: HandIn
    lesson: int | None = None
    keys: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def grade(
    submissions: Path, out: Path, *, jobs: int | None = None, only: Sequence[str] = (), seed: int | None = None
) -> int:
    """Grade what lies below ``submissions`` into the folder ``out``; return the exit status.

    ``jobs`` is the number of workers, one for each core by default; ``only`` are the lessons to grade, all by
    default. ``seed`` fixes the numbers that are tried; without it they are fresh for a folder that is new.
    Status 0: graded. 2: it could not begin, and a sentence says why. 130: stopped by Ctrl-C; run again to go on.
    """
    try:
        if not hasattr(os, "fork"):
            raise PoolError("it needs Linux or macOS: on Windows, run it in WSL")
        names = chosen(only)
        hand_ins, left_out = find(submissions, lessons())
        if not hand_ins:
            raise UnreadableError(f"There is no notebook in {submissions}. {' '.join(left_out[:3])}")
        out.mkdir(parents=True, exist_ok=True)
        with contextlib.closing(Journal(out, seed)) as journal, Pool(jobs or _cores()) as pool:
            run = _Run(names, journal, pool)
            run.announce(len(hand_ins))
            run.prove()
            graded = run.grade(hand_ins)
            write_reports(out, graded, journal.results, names, left_out, pool.protection)
    except (UnreadableError, ReleaseError, StartError, PoolError, SelfTestError, OSError) as error:
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


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class _Run:
    """One run of the grader: the answers are known before the first submission is opened."""

    def __init__(self, names: list[str], journal: Journal, pool: Pool) -> None:
        self.names, self.journal, self.pool = names, journal, pool
        self.numbers = {int(name.partition("_")[0]) for name in names}
        tasks = [name for name, task in TASKS.items() if task.lesson in self.numbers]
        self.judge = Judge(tasks, journal.seed)
        self._rows = self.judge.rows()
        self._waiting: dict[str, list[Graded]] = defaultdict(list)  # by key, who waits for its result
        self._taken: dict[str, Taken] = {}

    def announce(self, count: int) -> None:
        """Say what is about to be done, and what protects this machine meanwhile."""
        print(f"{count:,} notebooks, course {course_version()}, {len(self.pool)} workers. What protects this machine:")
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
        return every

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
            number = graded.hand_in.lesson.partition("_")[0]
            graded.lesson = int(number) if number else None
            return []
        graded.lesson = lesson_of(notebook, graded.hand_in.lesson)
        if graded.lesson is None:
            graded.notes.append("It is none of the course's lessons: no lesson is named, and no task is in it.")
        elif graded.lesson not in self.numbers:
            graded.notes.append(f"Lesson {graded.lesson:02d} is not graded in this run.")
        if notebook.version not in ("", __version__):
            graded.notes.append(f"It is of paramlab {notebook.version}, and was graded as one of {__version__}.")
        return take(notebook, graded.lesson, self._rows) if graded.lesson in self.numbers else []

    def _count(self, graded: Graded, progress: Progress) -> None:
        """Move the progress on when the last result of a notebook is there."""
        if all(key in self.journal.results for key in graded.keys):
            progress.done(graded)
