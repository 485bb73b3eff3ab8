"""Predict without a page: what is asked, what a guess is, and when the answers are shown."""

import pytest

pytest.importorskip("anywidget")

from paramlab.widgets import Predict


@pytest.fixture
def net(fw, nn):
    model = nn.Module()
    model.lin = nn.Linear(2, 3)
    model.scale = fw.ones(3)
    model.state = nn.Buffer(fw.ones(3))
    return model


@pytest.fixture
def ask(net, optim):
    return Predict(net, optim.SGD(net.parameters(), lr=0.1), names=["scale", "state", "lin.weight"])


RIGHT = {
    "scale": {"learns": False, "parameters": False, "optimizer": False, "state_dict": False, "moves": False},
    "state": {"learns": False, "parameters": False, "optimizer": False, "state_dict": True, "moves": True},
    "lin.weight": {"learns": True, "parameters": True, "optimizer": True, "state_dict": True, "moves": True},
}


def test_nothing_is_told_before_it_is_asked_for(ask):
    assert ask.answers == []
    assert ask.reasons == []
    assert ask.given == ["....."] * 3
    assert "yes" not in ask._html()


def test_right_guesses_score_in_full(ask):
    for name, lanes in RIGHT.items():
        ask.guess(name, **lanes)
    assert ask.guesses == RIGHT
    assert ask.score == (15, 15)
    ask.reveal()
    assert ask.given == ask.answers == ["nnnnn", "nnnyy", "yyyyy"]
    assert ask.reasons[0][1][1].startswith("A plain Tensor is an ordinary attribute")


def test_a_click_is_the_line_it_shows(ask):
    ask._obey(ask, {"do": "guess", "name": "scale", "lane": "moves", "answer": True}, [])
    assert ask.last["code"] == "predict.guess('scale', moves=True)"
    assert ask.guesses["scale"] == {"moves": True}
    assert ask.last["note"] == "14 to go."
    ask._obey(ask, {"do": "guess", "name": "scale", "lane": "moves", "answer": None}, [])
    assert ask.guesses["scale"] == {}


def test_answers_can_be_had_only_when_every_question_has_a_guess(ask):
    assert ask.tools[0]["on"] is False
    for name in RIGHT:
        ask.guess(name, learns=True, parameters=True, optimizer=True, state_dict=True, moves=True)
    assert ask.tools[0]["on"] is True
    ask._obey(ask, {"do": "reveal"}, [])
    assert ask.last["note"] == "7 of 15 right."
    with pytest.raises(RuntimeError, match="start_again"):
        ask.guess("scale", moves=False)
    ask._obey(ask, {"do": "again"}, [])
    assert (ask.answers, ask.guesses["scale"]) == ([], {})


def test_answers_are_read_from_the_model_as_it_is(ask, net):
    net.scale = type(net.lin.weight)(net.scale.detach())
    ask.reveal()
    assert ask.answers[0] == "yynyy"  # the optimizer was made before


def test_what_was_not_asked_is_an_error_that_says_what_was(ask, net):
    with pytest.raises(KeyError, match="was not asked about"):
        ask.guess("lin.bias", moves=True)
    with pytest.raises(KeyError, match="was not asked, but learns"):
        ask.guess("scale", saves=True)
    with pytest.raises(KeyError, match="did you mean"):
        Predict(net, names=["lin.wieght"])
    with pytest.raises(ValueError, match="no question 'saves'"):
        Predict(net, lanes=["saves"])


def test_without_an_optimizer_nobody_is_asked_about_it(net):
    assert [lane for lane, _ in Predict(net).heads] == ["learns", "parameters", "state_dict", "moves"]
