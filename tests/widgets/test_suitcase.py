"""Suitcase without a page: what is packed, and what is found when it is opened."""

import pytest

pytest.importorskip("anywidget")

from paramlab.widgets import Suitcase


@pytest.fixture
def make(fw, nn):
    def make(width=3, **more):
        model = nn.Module()
        model.lin = nn.Linear(2, width)
        model.mean = nn.Buffer(fw.zeros(3))
        model.cache = nn.Buffer(fw.zeros(3), persistent=False)
        model.prior = fw.ones(3)
        for name, value in more.items():
            setattr(model, name, value)
        return model

    return make


def click(shown, do, **more):
    shown._obey(shown, {"do": do, **more}, [])
    assert shown.trouble == ""
    return shown.last


def tags(shown):
    return {row["key"]: row["tag"] for row in shown.rows}


def test_what_is_not_saved_is_not_packed_and_says_why(make):
    shown = Suitcase(make(), make())
    assert set(tags(shown).values()) == {""}
    click(shown, "pack")
    rows = {row["key"]: row for row in shown.rows}
    assert sorted(shown.state) == ["lin.bias", "lin.weight", "mean"]
    assert rows["cache"]["packed"] is None
    assert rows["cache"]["from"]["why"].startswith("persistent=False")
    assert rows["prior"]["from"]["why"].startswith("Not registered")
    assert tags(shown) == {"mean": "fits", "cache": "", "prior": "", "lin.weight": "fits", "lin.bias": "fits"}


def test_what_is_packed_is_the_models_own_unless_it_is_copied(make, fw):
    model = make()
    shown = Suitcase(model, make())
    click(shown, "pack")
    model.mean.fill_(5)
    assert float(shown.state["mean"][0]) == 5
    assert click(shown, "copy")["code"] == "state = {key: value.clone() for key, value in model.state_dict().items()}"
    model.mean.fill_(7)
    assert float(shown.state["mean"][0]) == 5


def test_missing_unexpected_and_the_wrong_shape_are_tagged_and_raised(make, nn):
    other = make(width=4, extra=nn.Linear(1, 1))
    shown = Suitcase(make(), other)
    click(shown, "pack")
    click(shown, "rename", key="mean", to="average")
    assert shown.last["code"] == "state['average'] = state.pop('mean')"
    assert tags(shown) == {
        "mean": "missing",
        "cache": "",
        "prior": "",
        "lin.weight": "shape",
        "lin.bias": "shape",
        "average": "unexpected",
        "extra.weight": "missing",
        "extra.bias": "missing",
    }
    click(shown, "open")
    assert shown.opened["ok"] is False
    assert "size mismatch for lin.weight" in shown.opened["text"]


def test_without_strict_it_tells_what_did_not_match(make):
    model, other = make(), make()
    shown = Suitcase(model, other)
    click(shown, "pack")
    click(shown, "remove", key="lin.bias")
    click(shown, "open")
    assert "Missing key(s)" in shown.opened["text"]
    click(shown, "strict", on=False)
    assert click(shown, "open")["code"] == "other.load_state_dict(state, strict=False)"
    assert shown.opened == {"ok": False, "text": "Missing keys: lin.bias."}
    assert bool((other.lin.weight == model.lin.weight).all())


def test_a_name_that_is_taken_is_not_overwritten(make):
    shown = Suitcase(make(), make())
    click(shown, "pack")
    assert click(shown, "rename", key="mean", to="lin.bias")["bad"]
    assert "mean" in shown.state


def test_a_suitcase_may_be_opened_where_it_was_packed(make):
    shown = Suitcase(make())
    click(shown, "copy")
    click(shown, "open")
    assert shown.last["code"] == "model.load_state_dict(state)"
    assert shown.opened == {"ok": True, "text": "All keys matched."}


def test_frameworks_do_not_mix(torch):
    import paramlab

    with pytest.raises(TypeError, match="different frameworks"):
        Suitcase(torch.nn.Linear(1, 1), paramlab.nn.Linear(1, 1))


def test_of_a_large_model_the_first_names_are_shown_and_those_that_do_not_fit(nn):
    shown = Suitcase(nn.Sequential(*(nn.Linear(1, 1) for _ in range(100))))
    assert shown.more == "100 of 200 names are not shown."
    click(shown, "pack")
    assert shown.fits == [200, 200]
    click(shown, "remove", key="80.bias")
    assert [row["key"] for row in shown.rows][-2:] == ["49.bias", "80.bias"]
    assert (shown.more, shown.fits) == ("99 of 200 names are not shown.", [199, 200])
    assert repr(shown) == "Suitcase from model to model: 199 fits, 1 missing"


def test_names_that_do_not_fit_and_are_not_shown_are_counted(nn):
    shown = Suitcase(nn.Sequential(*(nn.Linear(1, 1) for _ in range(150))))
    click(shown, "pack")
    shown.state.clear()
    shown.refresh()
    assert len(shown.rows) == 200
    assert shown.more == "100 of 300 names are not shown. 100 of them do not fit."
