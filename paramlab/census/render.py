"""The census as text and as an HTML table; both say everything in words and signs, never in colour alone."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

from .rows import LABELS, LANES, Census, Finding, Row

SIGNS = {"yes": "✓", "no": "·", "skip": "◐", "warn": "▲"}
WORDS = {"yes": "yes", "no": "no", "skip": "skipped", "warn": "look"}
LEGEND = "✓ yes   · no   ◐ held, but skipped   ▲ look at it"
SHOWN = 20  # findings that are printed in full
LONGEST = 400  # rows of an HTML table


def shape_of(row: Row) -> str:
    """Return a shape as one reads it: ``2 × 3``."""
    if row.shape is None:
        return "not yet known"
    return " × ".join(map(str, row.shape)) or "scalar"


def summary(census: Census) -> str:
    """Return one line: how many tensors there are, and how much there is to look at."""
    parts = [count(len(census.rows), "tensor")]
    for severity in ("bug", "check"):
        number = sum(finding.severity == severity for finding in census.findings)
        if number:
            parts.append(count(number, severity))
    return f"{census.title}: {', '.join(parts)}"


def count(number: int, noun: str) -> str:
    """Return a number with its noun."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def to_text(census: Census) -> str:
    """Return the census as an aligned table, followed by its findings."""
    header = ["tensor", "kind", "shape", *LABELS.values()]
    body = [
        [row.name, row.kind, shape_of(row), *(SIGNS[row.states[lane]] for lane in LANES)]
        for row in (*census.rows, *census.orphans)
    ]
    lines = [summary(census), ""]
    if body:
        lines += [*_aligned([header, *body]), "", LEGEND]
    for finding in census.findings[:SHOWN]:
        lines += ["", *_finding_text(finding)]
    if len(census.findings) > SHOWN:
        lines += ["", f"and {count(len(census.findings) - SHOWN, 'more finding')}"]
    return "\n".join(lines)


def findings_text(findings: Iterable[Finding]) -> str:
    """Return findings as text, one after the other."""
    return "\n\n".join("\n".join(_finding_text(finding)) for finding in findings)


def _aligned(table: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in table]


def _finding_text(finding: Finding) -> list[str]:
    lines = [f"{finding.severity:<6}{finding.name}  ({finding.rule})", f"      {finding.message}"]
    if finding.fix:
        lines.append(f"      >>> {finding.fix}")
    return lines


def to_html(census: Census) -> str:
    """Return the census as a table that reads well even where all styles are stripped."""
    caption = f"{summary(census)}. Who picks each of them up?"
    return table_html((*census.rows, *census.orphans), caption) + _findings_html(census.findings)


def table_html(rows: Sequence[Row], caption: str) -> str:
    """Return the table alone."""
    columns = ["tensor", "kind", "shape", *LABELS.values()]
    head = "".join(f'<th scope="col" align="left">{html.escape(name)}</th>' for name in columns)
    body = "".join(_row_html(row) for row in rows[:LONGEST])
    rest = len(rows) - LONGEST
    more = f"<p>and {count(rest, 'more tensor')}</p>" if rest > 0 else ""
    return (
        f"<table><caption>{html.escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        f"{more}<p>{LEGEND}</p>"
    )


def _row_html(row: Row) -> str:
    why, states = row.why, row.states
    cells = "".join(
        f'<td align="left" title="{html.escape(why[lane], quote=True)}">{SIGNS[state]} {WORDS[state]}</td>'
        for lane, state in states.items()
    )
    name = html.escape(row.name)
    return (
        f'<tr><th scope="row" align="left"><code>{name}</code></th><td align="left">{row.kind}</td>'
        f'<td align="left">{shape_of(row)}</td>{cells}</tr>'
    )


def _findings_html(findings: Sequence[Finding]) -> str:
    if not findings:
        return ""
    items = "".join(
        f"<li><strong>{finding.severity}</strong> <code>{html.escape(finding.name)}</code> ({finding.rule}): "
        f"{html.escape(finding.message)}"
        + (f"<br><code>{html.escape(finding.fix)}</code>" if finding.fix else "")
        + "</li>"
        for finding in findings[:SHOWN]
    )
    rest = len(findings) - SHOWN
    more = f"<li>and {count(rest, 'more finding')}</li>" if rest > 0 else ""
    return f"<ul>{items}{more}</ul>"
