"""Drawers without a page: where lines fall, and why."""

import pytest

pytest.importorskip("anywidget")

from paramlab.widgets import Drawers

ANSWERS = [
    ("_parameters", "every Parameter into _parameters"),
    ("_buffers", "every Buffer into _buffers"),
    ("_modules", "every Module into _modules"),
    ("__dict__", "A plain Tensor is an ordinary attribute"),
    ("__dict__", "requires_grad=True does not make a Parameter"),
    ("__dict__", "nobody looks inside"),
    ("_modules", "every Module into _modules"),
    ("__dict__", "computed of a Parameter"),
    ("an error", "TypeError: cannot assign"),
    ("_parameters", "None keeps the name"),
    ("_buffers", "takes its place"),
    ("an error", "TypeError: cannot assign"),
    ("_parameters", "it left __dict__"),
]


@pytest.fixture
def box(nn):
    return Drawers(nn.Module(), name="layer")


def guess(box, line, drawer):
    box._obey(box, {"do": "guess", "line": line, "guess": drawer}, [])
    return box.outcome


def test_every_card_falls_where_the_framework_puts_it(box):
    for card, (drawer, why) in zip(box.cards, ANSWERS, strict=True):
        outcome = guess(box, card["line"], drawer)
        assert outcome["answer"] == drawer
        assert why in outcome["why"]
    assert box.score == (13, 13)
    held = {drawer["name"]: [item["name"] for item in drawer["items"]] for drawer in box.drawers}
    assert held == {
        "_parameters": ["a", "d"],
        "_buffers": ["b"],
        "_modules": ["c", "g"],
        "__dict__": ["e", "f", "h"],
    }


def test_a_wrong_guess_is_kept_beside_the_answer(box):
    guess(box, "layer.x = torch.ones(2)", "_buffers")
    assert box.guesses == [("layer.x = torch.ones(2)", "_buffers", "__dict__")]
    assert box.last["note"] == "Not quite: __dict__."


def test_a_line_of_ones_own_will_do_and_anything_else_is_refused(box):
    assert guess(box, "layer.rate = 0.5", "__dict__")["answer"] == "__dict__"
    guess(box, "print(layer)", "__dict__")
    assert box.last["bad"]
    assert "no assignment to an attribute" in box.last["note"]


def test_what_a_cell_assigns_is_seen(box, nn):
    box.module.other = nn.Linear(1, 1)
    box.refresh()
    assert [item["text"] for item in box.drawers[2]["items"]] == ["Linear"]


def test_empty_takes_out_what_the_cards_made_and_nothing_else(box, nn):
    box.module.mine = nn.Linear(1, 1)
    for card in list(box.cards)[:3]:
        guess(box, card["line"], "_parameters")
    box._obey(box, {"do": "empty"}, [])
    assert box.last["code"] == "del layer.a; del layer.b; del layer.c"
    assert [len(drawer["items"]) for drawer in box.drawers] == [0, 0, 1, 0]
    assert not any(card["done"] for card in box.cards)
