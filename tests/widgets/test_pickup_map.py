"""The map without a page: what its commands do to the model, and what it would draw."""

import gc
import importlib
import json
import subprocess
import sys
import threading
import weakref
from types import SimpleNamespace

import pytest

pytest.importorskip("anywidget")

from paramlab.census import LANES
from paramlab.widgets import PickupMap, explore
from paramlab.widgets.columns import FLAGS, STRIP

WIDGET = "application/vnd.jupyter.widget-view+json"


@pytest.fixture
def net(fw, nn):
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.stem = nn.Linear(2, 3)
            self.scale = fw.ones(3)
            self.state = nn.Buffer(fw.ones(3))

        def forward(self, x):
            return self.stem(x) * self.scale

    return Net()


@pytest.fixture
def optimizer(net, optim):
    return optim.SGD(net.parameters(), lr=0.1)


@pytest.fixture
def click(net, optimizer, fw):
    """Return a function that does what a click does, and the map as ``click.map``."""
    shown = explore(net, optimizer, loss=lambda: net(fw.ones(4, 2)).sum())

    def click(do, path=None, kind=None):
        message = {"do": do, "path": path, "kind": kind}
        shown._obey(shown, {key: value for key, value in message.items() if value is not None}, [])
        assert shown.trouble == ""
        return shown.last

    click.map = shown
    yield click
    shown.close()


def states(shown, name):
    row = shown.census[name]
    return [row.states[lane] for lane in LANES]


@pytest.mark.parametrize("name", ["scale", "state", "stem.weight"])
@pytest.mark.parametrize("kind", ["Tensor", "Parameter", "Buffer"])
def test_a_click_makes_any_kind_of_any_kind(click, name, kind):
    if click.map.census[name].kind == kind:
        return
    last = click("kind", name, kind)
    assert not last["bad"], last
    assert click.map.census[name].kind == kind


@pytest.mark.parametrize("kind", ["Tensor", "Parameter", "Buffer"])
def test_the_line_that_is_shown_does_the_same_when_typed(click, net, fw, nn, kind):
    line = click("kind", "scale", kind if kind != "Tensor" else "Parameter")["code"]
    if kind == "Tensor":
        line = click("kind", "scale", "Tensor")["code"]
    fresh = type(net)()
    if kind == "Tensor":
        fresh.scale = nn.Parameter(fresh.scale)
    exec(line, {"model": fresh, "nn": nn, "torch": fw})
    assert explore(fresh).census["scale"].kind == kind


def test_freezing_is_told_and_done(click, net):
    assert click("grad", "stem.weight")["code"] == "model.stem.weight.requires_grad_(False)"
    assert not net.stem.weight.requires_grad
    assert states(click.map, "stem.weight") == ["no", "yes", "skip", "yes", "yes"]
    click("grad", "stem.weight")
    assert net.stem.weight.requires_grad


def test_a_step_trains_what_the_optimizer_holds(click, net):
    before = net.stem.weight.detach().clone()
    last = click("step")
    assert last["code"] == "optimizer.zero_grad(); loss().backward(); optimizer.step()"
    assert last["note"] == "Updated: stem.weight, stem.bias."
    assert not bool((net.stem.weight == before).all())


def test_without_gradients_a_step_says_so_and_invents_none(net, optimizer):
    shown = explore(net, optimizer)
    shown._obey(shown, {"do": "step"}, [])
    assert shown.last["code"] == "optimizer.step()"
    assert shown.last["note"].startswith("Nothing moved")
    assert net.stem.weight.grad is None


def test_a_replaced_parameter_has_a_ghost_below_it_until_the_optimizer_is_rebuilt(click, net, optimizer):
    click("replace", "stem.weight")
    labels = click.map.tree["n"]
    assert labels[labels.index("weight") + 1] == "weight (replaced)"
    assert states(click.map, "stem.weight")[2] == "warn"
    click("optimizer")
    assert "weight (replaced)" not in click.map.tree["n"]
    assert any(held is net.stem.weight for held in optimizer.param_groups[0]["params"])
    assert states(click.map, "stem.weight") == ["yes"] * 5


def test_a_rebuilt_optimizer_is_the_learners_own(click, net, optimizer):
    click("kind", "scale", "Parameter")
    click("optimizer")
    assert click.map.optimizer is optimizer
    assert click.map.census["scale"].optimizer == 0
    before = net.scale.detach().clone()
    click("step")
    assert not bool((net.scale == before).all())


def test_save_and_load_bring_values_back_and_name_what_does_not_fit(click, net):
    click("save")
    before = net.stem.weight.detach().clone()
    click("step")
    click("kind", "scale", "Buffer")
    click("kind", "state", "Tensor")
    last = click("load")
    assert last["note"] == "Missing keys: scale. Unexpected keys: state."
    assert bool((net.stem.weight == before).all())


def test_moving_tells_what_was_left_behind(click, fw):
    last = click("move")
    assert last["code"] == ("model.to('sim')" if fw.__name__ == "paramlab" else "model.to(torch.float64)")
    assert last["note"] == "3 moved. 1 of them Buffers, which are new objects now. Left behind: scale."


def test_a_buffer_is_saved_or_not(click, net):
    click("persistent", "state")
    assert "state" not in net.state_dict()
    click("persistent", "state")
    assert "state" in net.state_dict()


def test_an_error_of_the_learners_code_is_shown_and_kills_nothing(click, net, monkeypatch):
    def broken(self, name, value):
        raise ValueError("not built yet")

    monkeypatch.setattr(type(net), "__setattr__", broken, raising=False)
    last = click("kind", "scale", "Parameter")
    assert last["bad"]
    assert last["note"] == "ValueError: not built yet"


def test_a_tensor_that_is_gone_is_no_disaster(click, net):
    del net.scale
    assert "no attribute 'scale'" in click("grad", "scale")["note"]
    assert click("grad", "scale")["note"].startswith("LookupError: 'scale'")


def test_a_model_that_cannot_be_read_is_a_message(click, net):
    net.__dict__["_parameters"] = {"w": 3}
    click.map.refresh()
    assert click.map.trouble.startswith("The model could not be read. ")
    net.__dict__["_parameters"] = {}
    click.map.refresh()
    assert click.map.trouble == ""


def test_tensors_keep_their_place_when_their_kind_changes(click):
    before = click.map.tree["n"]
    click("kind", "scale", "Buffer")
    click("kind", "state", "Parameter")
    assert click.map.tree["n"] == before


def test_the_columns_have_one_length(click):
    tree = click.map.tree
    assert {len(tree[column]) for column in "dnst"} == {5}
    assert len(click.map.flags) == tree["t"].count("1") * FLAGS


def test_values_are_read_for_the_lines_that_are_in_sight(click, net, fw):
    assert click.map.values == {}
    folder, scale = map(click.map.tree["n"].index, ("stem", "scale"))
    click.map._obey(click.map, {"do": "watch", "view": 0.5, "lines": [folder, scale, 99]}, [])
    assert list(click.map.values) == [str(scale)]
    assert len(click.map.values[str(scale)]) == STRIP
    before = dict(click.map.values)
    net.scale.fill_(-3)
    click.map.refresh()
    assert click.map.values != before
    click.map._obey(click.map, {"do": "watch", "view": 0.5, "lines": []}, [])
    assert click.map.values == {}


def test_a_second_look_makes_new_rows_only_where_something_changed(click, net):
    before = {row.name: row for row in click.map._exam.rows}
    net.stem.weight.requires_grad_(False)
    click.map.refresh()
    assert [row.name for row in click.map._exam.rows if row is not before[row.name]] == ["stem.weight"]


def test_the_map_of_a_model_that_is_none_is_an_error():
    with pytest.raises(TypeError, match="expected a model"):
        PickupMap(3)


def test_live_output_has_a_picture_and_a_line_beside_the_widget(click, monkeypatch):
    monkeypatch.delenv("PARAMLAB_STATIC", raising=False)
    data, _ = click.map._repr_mimebundle_()
    assert {WIDGET, "text/html", "text/plain"} <= data.keys()
    assert (
        data["text/plain"]
        == "PickupMap of model, 4 tensors: gradient 2, parameters() 2, optimizer 2, state_dict() 3, .to() 3"
    )


def test_static_output_has_no_widget_and_is_the_same_twice(click, net, optimizer, monkeypatch):
    monkeypatch.setenv("PARAMLAB_STATIC", "1")
    data, _ = click.map._repr_mimebundle_()
    assert data.keys() == {"text/html", "text/plain"}
    assert "▲" in data["text/html"]
    assert explore(net, optimizer)._repr_mimebundle_()[0] == data


def test_the_hook_goes_with_the_map(net, monkeypatch):
    hooks = []
    events = SimpleNamespace(register=lambda _, hook: hooks.append(hook), unregister=lambda _, hook: hooks.remove(hook))
    ipython = importlib.import_module("IPython")
    monkeypatch.setattr(ipython, "get_ipython", lambda: SimpleNamespace(events=events, user_ns={"net": net}))
    shown = explore(net)
    assert shown.title == "net"
    assert len(hooks) == 1
    net.scale.requires_grad_(True)
    hooks[0]()
    assert shown.census["scale"].requires_grad
    shown.close()
    assert hooks == []


def test_a_map_that_a_page_is_about_to_draw_is_read_again_when_it_is_drawn_not_before(net, monkeypatch):
    hooks, looks = [], []
    shell = SimpleNamespace(events=SimpleNamespace(register=lambda _, hook: hooks.append(hook)), user_ns={})
    monkeypatch.setattr(importlib.import_module("IPython"), "get_ipython", lambda: shell)
    monkeypatch.delenv("PARAMLAB_STATIC", raising=False)
    shown = explore(net)
    shown.refresh = lambda: looks.append(1)
    shown._repr_mimebundle_()
    hooks[0]()
    assert looks == []
    hooks[0]()  # a page may draw it and never say so
    assert looks == [1]
    shown._view_count = 1
    assert looks == [1, 1]


def test_a_page_is_not_kept_waiting_for_findings_that_the_map_does_not_show(net):
    shown = explore(net)
    shown._repr_mimebundle_()
    assert "census" not in vars(shown._exam)
    assert shown.census.findings


def test_a_map_that_a_page_is_about_to_draw_is_sent_as_one_text(net):
    state = explore(net).get_state("tree")
    assert json.loads(state["tree"])["n"] == ["state", "scale", "stem", "weight", "bias"]


def test_a_map_that_was_on_a_page_between_two_cells_alone_is_not_read_after_it(net, monkeypatch):
    hooks = []
    shell = SimpleNamespace(events=SimpleNamespace(register=lambda _, hook: hooks.append(hook)), user_ns={})
    monkeypatch.setattr(importlib.import_module("IPython"), "get_ipython", lambda: shell)
    shown = explore(net)
    shown._view_count = 1
    shown._view_count = 0
    shown.refresh = lambda: pytest.fail("nobody looks at it")
    hooks[0]()


def test_what_a_thread_of_jupyterlab_s_own_brings_waits_for_the_thread_of_the_cells(net, monkeypatch):
    waiting = []
    shell = SimpleNamespace(
        events=SimpleNamespace(register=lambda *_: None),
        user_ns={"net": net},
        kernel=SimpleNamespace(io_loop=SimpleNamespace(add_callback=waiting.append)),
    )
    monkeypatch.setattr(importlib.import_module("IPython"), "get_ipython", lambda: shell)
    shown = explore(net)
    click = {"method": "custom", "content": {"do": "grad", "path": "stem.bias"}}
    thread = threading.Thread(target=shown._handle_msg, args=[{"content": {"data": click}, "buffers": []}])
    thread.start()
    thread.join()
    assert net.stem.bias.requires_grad
    (taken,) = waiting
    taken()
    assert not net.stem.bias.requires_grad
    shown._handle_msg({"content": {"data": click}, "buffers": []})  # on the thread of the cells: at once
    assert net.stem.bias.requires_grad


def test_the_map_follows_the_variable_to_a_new_optimizer(net, optim, monkeypatch):
    first = optim.SGD(net.parameters(), lr=0.1)
    namespace = {"opt": first}
    shell = SimpleNamespace(
        events=SimpleNamespace(register=lambda *_: None, unregister=lambda *_: None), user_ns=namespace
    )
    monkeypatch.setattr(importlib.import_module("IPython"), "get_ipython", lambda: shell)
    shown = explore(net, first)
    namespace["opt"] = second = optim.SGD(net.parameters(), lr=0.1)
    shown.refresh()
    assert shown.optimizer is second
    namespace["opt"] = optim.SGD(type(net)().parameters(), lr=0.1)
    shown.refresh()
    assert shown.optimizer is second


def test_a_part_of_a_model_can_be_explored_under_its_own_name(net, monkeypatch):
    shell = SimpleNamespace(events=SimpleNamespace(register=lambda *_: None), user_ns={"net": net})
    monkeypatch.setattr(importlib.import_module("IPython"), "get_ipython", lambda: shell)
    shown = explore(net.stem, name="net.stem")
    shown._obey(shown, {"do": "grad", "path": "bias"}, [])
    assert shown.last["code"] == "net.stem.bias.requires_grad_(False)"
    assert not shown.last["bad"]
    assert shell.user_ns.keys() == {"net"}


def test_without_an_optimizer_the_map_can_make_one(net, monkeypatch):
    shown = explore(net)
    assert [tool["on"] for tool in shown.tools if tool["do"] == "step"] == [False]
    shown._obey(shown, {"do": "optimizer"}, [])
    assert shown.last["code"] == "optimizer = torch.optim.SGD(model.parameters(), lr=0.1)"
    assert shown.census["stem.weight"].optimizer == 0


def test_a_closed_map_keeps_no_model_alive(nn):
    model = nn.Linear(2, 2)
    shown = explore(model)
    shown.close()
    gone = weakref.ref(model)
    del model
    gc.collect()
    assert gone() is None
    assert repr(shown).startswith("PickupMap of model, 2 tensors")


def test_importing_the_widgets_loads_no_jupyter_library():
    code = "import sys, paramlab.widgets; assert 'anywidget' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


IN_A_NOTEBOOK = "import sys, types; sys.modules['ipykernel'] = types.ModuleType('ipykernel'); "


def test_in_a_notebook_the_map_is_loaded_with_the_import_so_that_nobody_waits_for_it_later():
    code = IN_A_NOTEBOOK + "import paramlab.widgets; assert 'paramlab.widgets.pickup_map' in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_without_what_it_needs_the_import_is_no_error_in_a_notebook_either():
    code = IN_A_NOTEBOOK + "sys.modules['anywidget'] = None; import paramlab.widgets"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_what_is_missing_is_named_with_the_line_that_installs_it():
    code = (
        "import sys; sys.modules['anywidget'] = None\n"
        "import paramlab.widgets as w\n"
        "try: w.explore(None)\n"
        "except ImportError as e: assert 'pip install \"paramlab[course]\"' in str(e), e\n"
        "else: raise SystemExit(1)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
