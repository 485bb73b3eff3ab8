"""A verdict is a number for nbgrader, lines for a terminal, and a page for a notebook."""

import math
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paramlab.workshop.verdict import LONG, MANY, Line, Verdict, shown

MIXED = (Line(True, "``1 + 1``"), Line(False, "``2 + 2``", "4", "5"), Line(False, "``f()``", "1"))


@given(st.floats(), st.integers(0, 10))
def test_the_number_is_finite_and_between_nothing_and_the_maximum(points, out_of):
    verdict = Verdict(points, out_of, "task")
    assert 0 <= verdict <= out_of
    assert float(repr(verdict)) == float(verdict)
    assert repr(verdict) == repr(float(verdict))


@pytest.mark.parametrize("points", [math.nan, math.inf, -math.inf, -1])
def test_what_is_no_number_of_points_is_none(points):
    assert repr(Verdict(points, 4, "task")) == "0.0"


def test_it_is_a_plain_number_to_calculate_with():
    assert Verdict(1.5, 4, "a") + Verdict(2, 4, "b") == 3.5
    assert f"{Verdict(1.5, 4, 'a'):.2f}" == "1.50"


def test_it_passes_only_with_all_lines_right():
    assert Verdict(4, 4, "task", (Line(True, "a"),)).passed
    assert not Verdict(4, 4, "task", MIXED).passed
    assert not Verdict(4, 4, "task").passed
    assert not Verdict(0, 0, "task", (Line(True, "a"),)).passed


def test_it_prints_what_was_tried_what_was_expected_and_what_came():
    assert str(Verdict(1.5, 4, "Parameter.__new__", MIXED, "Return it.", ("It printed.",))) == (
        "✗ Parameter.__new__: 1 of 3 right (1.5 of 4 points)\n"
        "  ✓ `1 + 1`\n"
        "  ✗ `2 + 2`\n"
        "      expected  4\n"
        "      got       5\n"
        "  ✗ `f()`\n"
        "      expected  1\n"
        "  Hint: Return it.\n"
        "  It printed."
    )


def test_all_right_is_said_in_a_word():
    assert str(Verdict(4, 4, "three kinds", (Line(True, "a"),))).startswith("✓ three kinds: all right (4 of 4 points)")


def test_nothing_tried_is_not_yet():
    assert Verdict(0, 4, "three kinds").heading == "three kinds: not yet (0 of 4 points)"


# ------------------------------------------------------------------ the page


TAGS = {"div", "p", "b", "table", "thead", "tbody", "tr", "th", "td", "details", "summary", "ul"}
TAGS |= {"li", "code"}


class Page(HTMLParser):
    """Collects tags and text, and that each tag is closed."""

    def __init__(self, verdict):
        super().__init__()
        self.tags, self.open, self.text, self.roles = [], [], "", []
        self.feed(verdict._repr_html_())
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.open.append(tag)
        self.roles += [value for name, value in attributes if name == "role"]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data + " "


def test_the_page_is_announced_and_says_in_words_what_the_marks_say():
    page = Page(Verdict(1.5, 4, "task", MIXED, "Return it."))
    assert page.roles == ["status"]
    assert page.open == []
    assert "1 of 3 right (1.5 of 4 points)" in page.text
    assert page.text.count("✗ wrong") == 2
    assert "✓ right" in page.text
    assert "Hint. Return it." in " ".join(page.text.split()).replace(" .", ".")


@pytest.mark.parametrize("lines", [MIXED, (Line(False, "weight", got="True"),)])
def test_each_column_of_the_page_has_a_heading(lines):
    rows = Verdict(1.5, 4, "task", lines)._repr_html_().split("<tr>")[1:]
    assert "></th>" not in rows[0]
    assert {row.count("<th ") + row.count("<td ") for row in rows} == {4 if lines is MIXED else 3}


def test_what_came_out_wrong_stands_first_and_much_of_it_is_folded_away():
    verdict = Verdict(0, 4, "task", (Line(True, "fine"), *(Line(False, f"case {n}", "1", "2") for n in range(9))))
    html = verdict._repr_html_()
    assert html.index("case 0") < html.index("<details>") < html.index("case 8") < html.index("fine")
    assert f"{9 - MANY} more came out wrong" in html
    assert f"… and {9 - MANY} more came out wrong" in str(verdict)
    assert "case 8" not in str(verdict)


def test_what_stands_between_backquotes_is_code():
    assert "<code>1 + 1</code>" in Verdict(1.5, 4, "task", MIXED)._repr_html_()


@given(st.text())
def test_nothing_a_learner_writes_becomes_markup(text):
    nasty = f"<script>{text}</script><img src=x onerror='a'>"
    verdict = Verdict(1, 4, nasty, (Line(False, nasty, nasty, nasty), Line(True, nasty)), nasty, (nasty,))
    page = Page(verdict)
    assert set(page.tags) <= TAGS
    assert page.roles == ["status"]


def test_a_notebook_shows_the_bare_number_as_text():
    written = []
    printer = type("Printer", (), {"text": lambda self, text: written.append(text)})()
    Verdict(1.5, 4, "task", MIXED)._repr_pretty_(printer, False)
    assert written == ["1.5"]


def test_a_terminal_shows_the_lines(monkeypatch):
    shell = type("TerminalInteractiveShell", (), {})()
    monkeypatch.setattr("IPython.get_ipython", lambda: shell)
    written = []
    printer = type("Printer", (), {"text": lambda self, text: written.append(text)})()
    verdict = Verdict(1.5, 4, "task", MIXED)
    verdict._repr_pretty_(printer, False)
    assert written == [str(verdict)]


# ------------------------------------------------------------------ answers


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ({"raises": "TypeError", "message": "no"}, "raises TypeError"),
        ({"tensor": [1.0, 2.0], "dtype": "float32"}, "tensor([1.0, 2.0])"),
        ([1, 2.50001, "a", None, True], "[1, 2.5, 'a', None, True]"),
        ({"weight": [True, False]}, "{weight: [True, False]}"),
    ],
)
def test_an_answer_is_shown_as_a_short_line_of_python(answer, text):
    assert shown(answer) == text


def test_a_long_answer_is_cut():
    assert len(shown(["a"] * 1000)) == LONG
    assert shown(["a"] * 1000).endswith("…")
