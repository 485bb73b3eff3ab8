"""Heartbeat without a page: what each beat writes, which beat comes next, and the graph that is drawn."""

import pytest

pytest.importorskip("anywidget")

from paramlab.widgets import Heartbeat


@pytest.fixture
def net(fw, nn):
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.lin = nn.Linear(2, 2)
            self.norm = nn.BatchNorm1d(2)
            self.scale = fw.ones(2)

        def forward(self, x):
            return self.norm(self.lin(x)) * self.scale

    return Net()


@pytest.fixture
def heart(net, fw, optim):
    fw.manual_seed(0)
    x, y = fw.randn(8, 2), fw.randn(8, 2)
    return Heartbeat(net, optim.SGD(net.parameters(), lr=0.1), loss=lambda: ((net(x) - y) ** 2).mean())


def beat(shown, *names):
    for name in names:
        shown._obey(shown, {"do": "beat", "which": name}, [])
        assert shown.trouble == ""
    return shown.last


def written(shown, name):
    (row,) = [row for row in shown.rows if row["name"] == name]
    return row["by"], row["grad_by"], row["grad"] is not None


def next_of(shown):
    return [one["do"] for one in shown.pulse if one["next"]]


def test_a_beat_is_the_line_it_shows_and_the_next_one_is_pointed_at(heart):
    lines = ["optimizer.zero_grad()", "l = loss()", "l.backward()", "optimizer.step()"]
    assert [one["line"] for one in heart.pulse] == lines
    for one, line in zip(("zero_grad", "forward", "backward", "step"), lines, strict=True):
        assert next_of(heart) == [one]
        last = beat(heart, one)
        assert (last["code"], last["bad"]) == (line, False)
    assert next_of(heart) == ["zero_grad"]
    assert heart.beat == 4


def test_every_tensor_has_the_stamp_of_who_wrote_it_last(heart):
    assert written(heart, "lin.weight") == (("", 0), ("", 0), False)
    beat(heart, "zero_grad", "forward")
    assert written(heart, "norm.running_mean") == (("forward", 2), ("", 0), False)
    assert written(heart, "norm.num_batches_tracked")[0] == ("forward", 2)
    assert written(heart, "lin.weight")[0] == ("", 0)
    beat(heart, "backward")
    assert written(heart, "lin.weight") == (("", 0), ("backward", 3), True)
    beat(heart, "step")
    assert written(heart, "lin.weight") == (("step", 4), ("backward", 3), True)
    assert written(heart, "scale")[0] == ("", 0)
    beat(heart, "zero_grad")
    assert written(heart, "lin.weight") == (("step", 4), ("zero_grad", 5), False)


def test_what_a_cell_writes_is_not_laid_at_a_beats_door(heart, net, fw):
    with fw.no_grad():
        net.lin.weight.zero_()
    beat(heart, "forward")
    assert written(heart, "lin.weight")[0] == ("cell", 0)
    net.load_state_dict({key: value + 1 for key, value in net.state_dict().items()})
    heart.refresh()
    assert written(heart, "lin.bias")[0] == ("cell", 1)
    net.scale = fw.zeros(2)
    heart.refresh()
    assert written(heart, "scale")[0] == ("cell", 1)


def test_a_second_backward_is_refused_in_the_frameworks_words(heart):
    beat(heart, "forward", "backward")
    last = beat(heart, "backward")
    assert last["bad"]
    assert last["note"].startswith("RuntimeError: Trying to backward through the graph a second time")
    assert next_of(heart) == ["forward"]


def test_out_of_order_beats_tell_what_they_do(heart):
    assert beat(heart, "step")["note"] == "Nothing moved: every .grad is None. A step needs a backward() first."
    assert beat(heart, "zero_grad")["note"] == "There was no gradient to clear."
    assert beat(heart, "forward", "backward")["note"].startswith("4 gradients are new.")
    assert "4 gradients are still there: the next backward adds to them." in beat(heart, "forward")["note"]
    assert beat(heart, "backward")["note"] == ("Added to 4 gradients already there: without zero_grad() they add up.")
    assert "With the same gradients" not in beat(heart, "step")["note"]
    assert beat(heart, "step")["note"].endswith("With the same gradients as before: no backward() came in between.")
    assert beat(heart, "zero_grad")["note"] == "4 gradients are None again."


def test_gradients_add_up_without_zero_grad(heart, net):
    beat(heart, "forward", "backward")
    once = net.norm.bias.grad.clone()
    beat(heart, "forward", "backward")
    assert net.norm.bias.grad.tolist() == pytest.approx((once * 2).tolist())


def test_a_backward_before_any_forward_is_an_error_that_leaves_everything(heart):
    last = beat(heart, "backward")
    assert last["bad"]
    assert last["note"].startswith("NameError")
    assert next_of(heart) == ["forward"]


def test_a_whole_step_is_four_beats_on_one_line(heart):
    heart._obey(heart, {"do": "whole"}, [])
    assert heart.last["code"] == "optimizer.zero_grad(); l = loss(); l.backward(); optimizer.step()"
    assert heart.beat == 4
    assert len(heart.losses) == 1
    assert heart.last["note"].startswith(f"The loss was {heart.losses[0]:.4g}. Updated: lin.weight")


def test_in_eval_mode_a_forward_pass_writes_nothing(heart, net):
    heart._obey(heart, {"do": "mode"}, [])
    assert heart.last["code"] == "model.eval()"
    assert heart.training is net.training is False
    assert beat(heart, "forward")["note"].endswith("No tensor of the model changed.")
    assert written(heart, "norm.running_mean")[0] == ("", 0)
    heart._obey(heart, {"do": "mode"}, [])
    assert heart.training


def test_training_lowers_the_curve(heart):
    for _ in range(30):
        heart._obey(heart, {"do": "whole"}, [])
    assert heart.curve[-1] < heart.curve[0]
    assert heart.curve == heart.losses


def test_the_curve_has_a_hole_where_the_loss_is_no_number(net, fw, optim):
    values = iter([1.0, float("nan"), 2.0])
    heart = Heartbeat(net, optim.SGD(net.parameters(), lr=0.1), lambda: (net.lin.bias * 0 + next(values)).mean())
    beat(heart, "forward", "forward", "forward")
    assert heart.curve == [1.0, None, 2.0]


def test_the_graph_ends_at_the_models_own_names(heart, fw):
    assert heart.graph == {}
    beat(heart, "forward")
    nodes = heart.graph["nodes"]
    leaves = {node["title"]: node["kind"] for node in nodes if node["what"] == "leaf"}
    assert leaves == dict.fromkeys(("lin.weight", "lin.bias", "norm.weight", "norm.bias"), "P")
    assert nodes[0]["title"] == "l"
    assert nodes[1]["says"].startswith("MeanBackward0 is the way back through Mean. The gradient of its result comes")
    assert heart.graph["walked"] is False
    beat(heart, "backward")
    assert heart.graph["walked"] is True
    freed = [node["title"] for node in heart.graph["nodes"] if node["freed"]]
    assert ("PowBackward0" in freed) == (fw.__name__ == "paramlab")  # PyTorch's nodes do not tell
    beat(heart, "forward")
    assert heart.graph["walked"] is False


def test_a_long_graph_is_an_extract_that_says_so(nn, fw, optim):
    deep = nn.Sequential(*[layer for _ in range(60) for layer in (nn.Linear(2, 2), nn.ReLU())])
    heart = Heartbeat(deep, optim.SGD(deep.parameters(), lr=0.1), lambda: deep(fw.ones(1, 2)).sum())
    beat(heart, "forward")
    assert len(heart.graph["nodes"]) < 120
    assert heart.graph["says"] == "301 nodes, 290 left out, 120 leaves"
    (gap,) = [node for node in heart.graph["nodes"] if node["what"] == "gap"]
    assert gap["says"] == "Left out: 58 blocks like the one before, 290 nodes in all."


def test_a_stale_optimizer_writes_what_the_model_does_not_have(heart, net, nn):
    beat(heart, "forward", "backward")
    net.lin.weight = nn.Parameter(net.lin.weight.detach().clone())
    beat(heart, "step")
    (ghost,) = [row for row in heart.rows if row["kind"] == "G"]
    assert ghost["by"] == ("step", 3)
    assert written(heart, "lin.weight")[0] == ("cell", 2)


def test_more_tensors_than_can_be_read_are_counted(nn, fw, optim):
    wide = nn.ParameterList([fw.ones(1) for _ in range(250)])
    heart = Heartbeat(wide, optim.SGD(wide.parameters(), lr=0.1), lambda: sum(p.sum() for p in wide))
    heart._obey(heart, {"do": "whole"}, [])
    assert len(heart.rows) == 200
    assert heart.more == "200 of 250 tensors are shown."
    assert heart.last["note"].endswith("Updated: 0, 1, 2, 3 and 246 more.")


def test_the_still_picture_says_who_wrote_what(heart):
    assert heart._plain() == "Heartbeat of model at beat 0"
    beat(heart, "zero_grad", "forward", "backward", "step")
    assert heart._plain() == f"Heartbeat of model at beat 4, the loss is {heart.losses[-1]:.4g}"
    assert '<td align="left">step(), beat 4</td>' in heart._html()
    assert "The graph of the loss: " in heart._html()


@pytest.mark.parametrize("missing", ["optimizer", "loss"])
def test_it_needs_an_optimizer_and_a_loss(net, optim, missing):
    optimizer = None if missing == "optimizer" else optim.SGD(net.parameters(), lr=0.1)
    with pytest.raises(TypeError, match=r"Heartbeat\(model, optimizer, loss="):
        Heartbeat(net, optimizer, 3 if missing == "loss" else net)


def test_after_close_nothing_of_the_learners_is_held(heart):
    beat(heart, "forward")
    heart.close()
    assert heart.model is heart.optimizer is heart._value is None
