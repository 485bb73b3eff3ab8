"""How far a run is and how long it will take: a bar in a terminal, now and then a line elsewhere."""

from __future__ import annotations

import sys
import time
from typing import Any

EVERY = 10.0  # seconds between two lines


class Progress:
    """Counts what is done, each thing once, out of ``total``."""

    def __init__(self, total: int, unit: str = "notebook") -> None:
        self._total, self._unit = total, unit
        self._done: set[int] = set()
        self._start = self._said = time.monotonic()
        self._bar: Any = None

    def __enter__(self) -> Progress:
        if sys.stderr.isatty():
            try:
                from tqdm import tqdm

                self._bar = tqdm(total=self._total, unit=self._unit, smoothing=0.1)
            except ImportError:
                print('A progress bar: pip install "paramlab[course]"', file=sys.stderr)
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def done(self, thing: object) -> None:
        """Count a thing that is done."""
        if id(thing) in self._done:
            return
        self._done.add(id(thing))
        if self._bar is not None:
            self._bar.update()
        elif time.monotonic() - self._said > EVERY:
            self._said = time.monotonic()
            count = len(self._done)
            left = (self._said - self._start) / count * (self._total - count)
            print(f"{count:,} of {self._total:,} graded, {left:,.0f} s left", file=sys.stderr, flush=True)
