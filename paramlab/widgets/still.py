"""The map where no kernel runs: a table for GitHub, nbviewer and a PDF, and one line of text.

Both come from the census alone and say the same every time, so that a stored output can be compared.
"""

from __future__ import annotations

import os
from typing import Any

from ..census.render import count, table_html
from ..census.rows import LABELS, LANES, Census

WIDGET = "application/vnd.jupyter.widget-view+json"


def is_static() -> bool:
    """Return whether outputs are made for publishing: ``PARAMLAB_STATIC=1`` in the environment."""
    return os.environ.get("PARAMLAB_STATIC", "") not in ("", "0")


def to_html(census: Census, name: str) -> str:
    """Return the map as a plain table."""
    caption = f"{name}: {count(len(census.rows), 'tensor')}. Who picks each of them up?"
    return f"{table_html(census, caption)}<p>A still picture: run the notebook to change it.</p>"


def to_plain(census: Census, name: str) -> str:
    """Return the map as one line of text."""
    total = len(census.rows)
    picked = [f"{LABELS[lane]} {sum(_picked(row.states[lane]) for row in census.rows)}" for lane in LANES]
    return f"PickupMap of {name}, {count(total, 'tensor')}: {', '.join(picked)}"


def bundle(live: Any, plain: str, html: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a widget's output with the still picture in it, and without the widget when publishing."""
    data, metadata = live if isinstance(live, tuple) else (live or {}, {})
    data = {**data, "text/plain": plain, "text/html": html}
    if is_static():
        data.pop(WIDGET, None)
        metadata = {key: value for key, value in metadata.items() if key != WIDGET}
    return data, metadata


def _picked(state: str) -> bool:
    return state in ("yes", "skip")
