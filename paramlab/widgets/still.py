"""The map where no kernel runs: a table for GitHub, nbviewer and a PDF, and one line of text.

Both come from the rows alone and say the same every time, so that a stored output can be compared.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from typing import Any

from ..census.reasons import REASONS
from ..census.render import count, table_html
from ..census.rows import LABELS, LANES, Row

WIDGET = "application/vnd.jupyter.widget-view+json"


def is_static() -> bool:
    """Return whether outputs are made for publishing: ``PARAMLAB_STATIC=1`` in the environment."""
    return os.environ.get("PARAMLAB_STATIC", "") not in ("", "0")


def to_html(rows: Sequence[Row], orphans: Sequence[Row], name: str) -> str:
    """Return the map as a plain table."""
    caption = f"{name}: {count(len(rows), 'tensor')}. Who picks each of them up?"
    return f"{table_html((*rows, *orphans), caption)}<p>A still picture: run the notebook to change it.</p>"


def to_plain(rows: Sequence[Row], name: str) -> str:
    """Return the map as one line of text."""
    alike = Counter(row.reasons for row in rows)  # of ten thousand rows, a handful of kinds
    picked = [
        f"{LABELS[lane]} {sum(number for reasons, number in alike.items() if _picked(reasons[at]))}"
        for at, lane in enumerate(LANES)
    ]
    return f"PickupMap of {name}, {count(len(rows), 'tensor')}: {', '.join(picked)}"


def bundle(live: Any, plain: str, html: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a widget's output with the still picture in it, and without the widget when publishing."""
    data, metadata = live if isinstance(live, tuple) else (live or {}, {})
    data = {**data, "text/plain": plain, "text/html": html}
    if is_static():
        data.pop(WIDGET, None)
        metadata = {key: value for key, value in metadata.items() if key != WIDGET}
    return data, metadata


def _picked(reason: str) -> bool:
    return REASONS[reason].state in ("yes", "skip")
