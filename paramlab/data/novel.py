"""The first volume of Jane Austen's *Pride and Prejudice*, to be read letter by letter."""

from __future__ import annotations

from functools import cache

from .bundled import text_of

_TEST_FROM = "Chapter 21\n"


def pride_and_prejudice(train: bool | None = None) -> str:
    """Return chapters 1 to 23, some 230,000 characters of 74 kinds, all of them ASCII.

    ``train=True`` are the chapters 1 to 20, ``train=False`` the last three, None all. A line ends where the
    printed one does, a paragraph with an empty line.
    """
    text = _read()
    end = text.index(_TEST_FROM)
    return text if train is None else text[:end] if train else text[end:]


@cache
def _read() -> str:
    return text_of("pride_and_prejudice.txt.gz")
