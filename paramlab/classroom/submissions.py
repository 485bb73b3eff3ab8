"""Who handed in what: the learner and the lesson of each notebook, as far as its place and its name tell."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .files import Found, printable, walk

GENERIC = {"submitted", "submissions", "submission"}
MOODLE = re.compile(r"_assignsubmission_.*$")
COPY = re.compile(r"( ?\(\d+\)|-\d+| \(newer.*\)|-checkpoint)$")


@dataclass(frozen=True)
class HandIn:
    """One notebook of one learner. ``lesson`` is what its path says, such as ``03_module``; empty if nothing."""

    learner: str
    lesson: str
    found: Found


def find(top: Path, lessons: Sequence[str]) -> tuple[list[HandIn], list[str]]:
    """Return what was handed in below ``top``, and a sentence for each file that is left out.

    ``lessons`` are the names of the course's notebooks. Learners of one name in different places are kept apart:
    the place is added to the name. ``UnreadableError`` if there is nothing to look into.
    """
    found, notes = [], []
    for one in walk(top):
        if isinstance(one, Found):
            found.append(one)
        else:
            notes.append(one)
    owners = _owners(found, lessons)
    labels = _labels(owners)
    hand_ins, seen = [], Counter[tuple[tuple[str, ...], str]]()
    for one, owner in zip(found, owners, strict=True):
        lesson = _lesson_of(one.parts, lessons)
        learner = labels[owner]
        seen[owner, lesson] += 1
        if seen[owner, lesson] > 1:
            first, learner = learner, f"{learner} [{one.parts[-1]} {seen[owner, lesson]}]"
            notes.append(f"{first} handed in more than once; {one.place} is graded as {learner}.")
        hand_ins.append(HandIn(learner, lesson, one))
    return hand_ins, notes


def _lesson_of(parts: tuple[str, ...], lessons: Sequence[str]) -> str:
    for part in reversed(parts):  # the file's own name says more than a folder's
        for lesson in lessons:
            if lesson in part:
                return lesson
    return ""


def _owners(found: list[Found], lessons: Sequence[str]) -> list[tuple[str, ...]]:
    """Return for each notebook whose it is: the folders down to the learner's own, or all and the name in the file."""
    folders = _without_wrapper([_folders(one.parts, lessons) for one in found])
    lesson = [_lesson_of(one.parts, lessons) for one in found]
    depth = _learners_depth(folders, lesson)
    owners = []
    for one, path in zip(found, folders, strict=True):
        if depth and len(path) >= depth:
            owners.append(path[:depth])
        else:
            owners.append((*path, _name_in_file(one.parts[-1], lessons) or (path[-1] if path else "unnamed")))
    return owners


def _folders(parts: tuple[str, ...], lessons: Sequence[str]) -> tuple[str, ...]:
    """Return the folders of a path that are not named after a lesson, and say something."""
    return tuple(part for part in parts[:-1] if part not in lessons and part.lower() not in GENERIC)


def _without_wrapper(folders: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Drop the folder around all others, which a platform puts into its archive."""
    while len({path[:1] for path in folders}) == 1 and len({path[1:2] for path in folders}) > 1:
        if not all(len(path) > 1 for path in folders):
            break
        folders = [path[1:] for path in folders]
    return folders


def _learners_depth(folders: list[tuple[str, ...]], lesson: list[str]) -> int:
    """Return how deep the learners' folders are: where most hold a lesson once; 0 if the files bear the names."""
    for depth in range(1, max(map(len, folders), default=0) + 1):
        count: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
        for path, name in zip(folders, lesson, strict=True):
            if len(path) >= depth:
                count[path[:depth]][name] += 1
        if 2 * sum(max(names.values()) > 1 for names in count.values()) < len(count) or len(folders) == 1:
            return depth
    return 0


def _name_in_file(name: str, lessons: Sequence[str]) -> str:
    """Return what a file's name says beside the lesson: ``ada`` of ``ada_02_parameter-1.ipynb``."""
    stem = name[: -len(".ipynb")]
    for lesson in lessons:
        if lesson in stem:
            before, _, after = stem.partition(lesson)
            stem = f"{before} {COPY.sub('', after)}"
    return stem.strip("_- .")


def _labels(owners: list[tuple[str, ...]]) -> dict[tuple[str, ...], str]:
    """Return how each owner is called: by name, and where another bears it too, with the place."""
    names = {owner: _shown_name(owner[-1]) for owner in owners}
    shared = Counter(names.values())
    labels: dict[tuple[str, ...], str] = {}
    taken: set[str] = set()
    for owner, name in names.items():
        label = f"{name} [{_shown_name('/'.join(owner[:-1]) or owner[-1])}]" if shared[name] > 1 else name
        number = 1
        while label in taken:  # the places differ in nothing that can be seen, such as é written in two ways
            number += 1
            label = f"{name} [{number}]"
        taken.add(label)
        labels[owner] = label
    return labels


def _shown_name(name: str) -> str:
    """Return a name as it is shown: in one Unicode form, without control characters, of a sensible length."""
    text = unicodedata.normalize("NFC", MOODLE.sub("", name))
    return printable(text).strip()[:120] or "unnamed"


def safe_file_name(learner: str, taken: set[str]) -> str:
    """Return a file name for a learner, in letters of any script, that no other has; it is added to ``taken``."""
    base = re.sub(r"[^\w-]+", "_", learner).strip("_")[:60] or "learner"
    name, number = base, 1
    while name.casefold() in taken:
        number += 1
        name = f"{base}-{number}"
    taken.add(name.casefold())
    return name
