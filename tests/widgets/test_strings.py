"""Strings without a page: which name leads to which object, who holds it, and what a line changes about that."""

import copy

import pytest

pytest.importorskip("anywidget")

from paramlab.widgets import Strings


@pytest.fixture
def model(fw, nn):
    model = nn.Module()
    model.emb = nn.Linear(3, 4, bias=False)
    model.lin = nn.Linear(3, 3)
    model.head = nn.Linear(3, 4, bias=False)
    model.mean = nn.Buffer(fw.zeros(2))
    model.prior = fw.ones(2)
    return model


@pytest.fixture
def optimizer(model, optim):
    return optim.SGD(model.parameters(), lr=0.1)


def click(shown, do, **more):
    shown._obey(shown, {"do": do, **more}, [])
    assert shown.trouble == ""
    return shown.last


def leads(shown):
    return {name["text"]: name["object"] for name in shown.names}


def box(shown, number):
    return next(box for box in shown.boxes if box["object"] == number)


def holder(shown, key):
    return next(holder for holder in shown.holders if holder["key"] == key)


def test_every_name_leads_to_an_object_and_every_object_to_its_holders(model, optimizer):
    shown = Strings(model, optimizer)
    assert leads(shown) == {name["text"]: at + 1 for at, name in enumerate(shown.names)}
    held = {name: box(shown, number)["holders"] for name, number in leads(shown).items()}
    assert held == {
        "mean": ["_buffers"],
        "prior": ["__dict__"],
        "emb.weight": ["_parameters", "group 0"],
        "lin.weight": ["_parameters", "group 0"],
        "lin.bias": ["_parameters", "group 0"],
        "head.weight": ["_parameters", "group 0"],
    }
    assert shown.facts == []


def test_a_replaced_object_stays_with_the_optimizer_alone(model, optimizer):
    shown = Strings(model, optimizer)
    old, number = model.lin.weight, leads(shown)["lin.weight"]
    last = click(shown, "replace", name="lin.weight")
    assert last["code"] == "model.lin.weight = nn.Parameter(torch.randn_like(model.lin.weight))"
    assert last["note"] == (
        "lin.weight is object 7 now. "
        f"The optimizer still holds object {number}, which no name of the model reaches any more."
    )
    assert model.lin.weight is not old
    ghost = box(shown, number)
    assert (ghost["kind"], ghost["holders"], ghost["names"], ghost["was"]) == ("G", ["group 0"], [], "lin.weight")
    assert box(shown, 7)["holders"] == ["_parameters"]
    assert holder(shown, "group 0")["look"]
    assert [fact["look"] for fact in shown.facts] == [True]
    assert click(shown, "optimizer")["note"].startswith("The optimizer holds objects")
    assert shown.facts == []
    assert box(shown, 7)["holders"] == ["_parameters", "group 0"]
    assert number not in {box["object"] for box in shown.boxes}


def test_without_an_optimizer_nobody_holds_what_was_replaced(model):
    shown = Strings(model)
    number = leads(shown)["lin.bias"]
    assert click(shown, "replace", name="lin.bias")["note"] == (
        f"lin.bias is object 7 now. Nobody holds object {number} any more."
    )


def test_writing_in_place_cuts_no_string(fw, model, optimizer):
    shown = Strings(model, optimizer)
    weight, before, boxes = model.lin.weight, model.lin.weight.detach().clone(), shown.boxes
    last = click(shown, "write", name="lin.weight")
    assert last["code"] == "with torch.no_grad(): model.lin.weight.copy_(torch.randn_like(model.lin.weight))"
    assert model.lin.weight is weight
    assert not fw.equal(weight.detach(), before)
    assert [one["holders"] for one in shown.boxes] == [one["holders"] for one in boxes]
    assert "same object" in last["note"]


def test_tied_names_lead_to_one_object_until_they_are_untied(model, optimizer):
    shown = Strings(model, optimizer)
    names = {name["text"]: name for name in shown.names}
    assert names["head.weight"]["ties"] == ["emb.weight"]
    assert "untie" not in names["head.weight"]["acts"]
    last = click(shown, "tie", name="head.weight", to="emb.weight")
    assert last["code"] == "model.head.weight = model.emb.weight"
    assert model.head.weight is model.emb.weight
    one = leads(shown)["emb.weight"]
    assert leads(shown)["head.weight"] == one
    assert last["note"].startswith(f"head.weight is object {one} now, as emb.weight is.")
    assert any("emb.weight and head.weight are one object" in fact["text"] for fact in shown.facts)
    last = click(shown, "untie", name="head.weight")
    assert last["code"] == "model.head.weight = nn.Parameter(model.head.weight.detach().clone())"
    assert model.head.weight is not model.emb.weight
    assert holder(shown, "group 0")["text"].endswith("1 Parameter of the model not held")


def test_a_state_dict_holds_the_memory_and_a_copy_does_not(model):
    shown = Strings(model)
    assert click(shown, "state")["code"] == "state = model.state_dict()"
    assert holder(shown, "state")["text"] == "5 keys: other objects on the same memory, no copies"
    assert "state" in box(shown, leads(shown)["lin.weight"])["holders"]
    assert "state" not in box(shown, leads(shown)["prior"])["holders"]
    shown._own["state"] = {key: value.clone() for key, value in model.state_dict().items()}
    shown.refresh()
    assert holder(shown, "state")["text"] == "5 keys with memory of their own"


def test_a_deep_copy_has_objects_of_its_own_that_no_optimizer_holds(model, optimizer):
    model.head.weight = model.emb.weight
    shown = Strings(model, optimizer)
    last = click(shown, "deepcopy")
    assert last["code"] == "import copy; twin = copy.deepcopy(model)"
    assert last["note"] == "5 new objects. The optimizer still holds the objects of model."
    twin = holder(shown, "twin")
    assert twin["text"] == (
        "a second model: 5 objects under 6 names, all of them new; the optimizer holds none of them"
    )
    assert twin["kinds"] == "BTPPP"
    shown._own["twin"].lin.weight = model.lin.weight
    shown.refresh()
    assert "twin" in box(shown, leads(shown)["lin.weight"])["holders"]
    assert holder(shown, "twin")["text"].endswith("4 of them new; the optimizer holds 1 of them")


def test_a_step_writes_into_what_the_optimizer_holds_named_or_not(fw, model, optimizer):
    shown = Strings(model, optimizer)
    tools = {tool["do"]: tool for tool in shown.tools}
    assert not tools["step"]["on"]
    model.lin.weight.grad = fw.ones_like(model.lin.weight)
    click(shown, "replace", name="lin.weight")
    number = shown._knots.ghosts()[0]
    assert next(tool for tool in shown.tools if tool["do"] == "step")["on"]
    last = click(shown, "step")
    assert last["code"] == "optimizer.step()"
    assert last["note"] == (
        f"Updated in place: object {number}. No name of the model reaches object {number}: there it was in vain."
    )


def test_a_loss_makes_a_whole_step(fw, model, optimizer):
    shown = Strings(model, optimizer, loss=lambda: model.lin(fw.ones(2, 3)).sum())
    last = click(shown, "step")
    assert last["code"] == "optimizer.zero_grad(); loss().backward(); optimizer.step()"
    numbers = leads(shown)
    assert last["note"] == f"Updated in place: objects {numbers['lin.weight']} and {numbers['lin.bias']}."


def test_a_move_keeps_the_parameters_and_replaces_the_buffers(model, optimizer):
    shown = Strings(model, optimizer)
    before = leads(shown)
    last = click(shown, "move")
    assert last["note"] == "4 Parameters are the same as before; mean is a new object."
    changed = {name for name, number in leads(shown).items() if before[name] != number}
    assert changed == {"mean"}


def test_an_optimizer_is_made_where_there_is_none(model):
    shown = Strings(model)
    assert click(shown, "optimizer")["code"] == "optimizer = torch.optim.SGD(model.parameters(), lr=0.1)"
    assert holder(shown, "group 0")["text"] == "group 0: 4 objects"


def test_a_line_that_fails_says_why(model):
    model.words = (model.prior,)
    shown = Strings(model)
    assert "words[0]" in leads(shown)
    last = click(shown, "replace", name="words[0]")
    assert last["bad"]
    assert "TypeError" in last["note"]


def test_a_large_model_shows_some_names_the_rest_can_be_found(fw, nn, optim):
    model = nn.Sequential(*(nn.Linear(2, 2) for _ in range(50)))
    model[49].weight = model[0].weight
    shown = Strings(model, optim.SGD(model.parameters(), lr=0.1))
    assert shown.window["says"] == "100 names: 1 to 14 shown, 85 not."
    assert list(leads(shown))[-1] == "49.weight"  # far away, but tied to one that is shown
    assert leads(shown)["49.weight"] == leads(shown)["0.weight"]
    click(shown, "replace", name="49.weight")
    shown._obey(shown, {"do": "show", "by": 1}, [])
    assert next(iter(leads(shown))) == "7.weight"
    shown._obey(shown, {"do": "show", "text": "4.bi"}, [])
    assert list(leads(shown)) == ["4.bias", "14.bias", "24.bias", "34.bias", "44.bias"]
    shown._obey(shown, {"do": "show", "text": "nothing"}, [])
    assert shown.names == []
    assert shown.trouble == ""


def test_who_looks_around_gets_one_picture_not_half_of_it(model, optimizer, monkeypatch):
    shown, sent = Strings(model, optimizer), []
    monkeypatch.setattr(
        Strings, "send_state", lambda self, key=None: sent.append({key} if isinstance(key, str) else set(key))
    )
    shown._obey(shown, {"do": "show", "text": "lin"}, [])
    assert len(sent) == 1
    assert {"names", "boxes", "window"} <= sent[0]


def test_labels_are_stable_and_say_nothing_of_addresses(model, optimizer):
    shown = Strings(model, optimizer)
    before = leads(shown)
    for _ in range(3):
        click(shown, "replace", name="prior")
    after = leads(shown)
    assert {name for name in before if before[name] != after[name]} == {"prior"}
    assert after["prior"] == 9


def test_the_still_picture_is_the_same_every_time(model, optimizer, optim):
    twin = copy.deepcopy(model)
    pictures = [Strings(model, optimizer), Strings(twin, optim.SGD(twin.parameters(), lr=0.1), name="model")]
    assert repr(pictures[0]) == repr(pictures[1]) == "Strings of model: 6 names, 6 objects"
    assert pictures[0]._html() == pictures[1]._html()
    click(pictures[0], "replace", name="lin.weight")
    assert repr(pictures[0]) == "Strings of model: 6 names, 7 objects, 1 held by the optimizer alone"
    assert "no name (was lin.weight)" in pictures[0]._html()
    pictures[0].close()
    assert repr(pictures[0]).endswith("1 held by the optimizer alone")


def test_something_that_is_no_optimizer_is_refused(model):
    with pytest.raises(TypeError, match="expected an optimizer"):
        Strings(model, [1])
