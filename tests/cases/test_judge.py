"""What the judge takes for the same answer."""

import pytest

from paramlab.cases import same


@pytest.mark.parametrize(
    ("expected", "got"),
    [
        (1.0, 1.00001),
        (float("nan"), float("nan")),
        ([1, "a", None], [1, "a", None]),
        ({"a": [True]}, {"a": [True]}),
        ({"raises": "TypeError", "message": "no. Really"}, {"raises": "TypeError", "message": "another"}),
    ],
)
def test_the_same(expected, got):
    assert same(expected, got)


@pytest.mark.parametrize(
    ("expected", "got"),
    [
        (1.0, 1.01),
        (True, 1),
        (1, True),
        (1, 1.5),
        ([1, 2], [1]),
        (["a", "b"], ["b", "a"]),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        (None, False),
        ({"raises": "TypeError", "message": "no"}, {"raises": "KeyError", "message": "no"}),
        ({"raises": "TypeError", "message": "no"}, None),
    ],
)
def test_not_the_same(expected, got):
    assert not same(expected, got)


def test_a_message_must_begin_with_the_first_sentence_where_messages_count():
    expected = {"raises": "KeyError", "message": "the name is taken. See the manual"}
    assert same(expected, {"raises": "KeyError", "message": "The name is taken: choose another."}, messages=True)
    assert not same(expected, {"raises": "KeyError", "message": "choose another name"}, messages=True)
