"""Layers, losses and first values: outputs, gradients and running statistics are PyTorch's."""

import itertools

import numpy as np
import pytest

import paramlab
from paramlab import nn as our_nn

OPTIONS = [
    {},
    {"momentum": None},
    {"momentum": 0.5},
    {"affine": False},
    {"bias": False},
    {"track_running_stats": False},
    {"eps": 0.1},
]


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("shape", [(5, 3), (5, 3, 4), (2, 3, 1)])
def test_batch_norm_in_training_and_in_evaluation(options, shape, agree):
    data = np.random.default_rng(0).normal(2, 3, (3, *shape)).astype(np.float32)

    def program(torch):
        m, found = torch.nn.BatchNorm1d(3, **options), []
        with torch.no_grad():
            for i, p in enumerate(m.parameters()):
                p.add_(i + 0.5)
        for i, batch in enumerate(data):
            m.train(i < 2)
            x = torch.tensor(batch, requires_grad=True)
            y = m(x)
            (y * torch.arange(1.0, y.numel() + 1).reshape(y.shape)).sum().backward()
            found.append([y.detach(), x.grad, [p.grad for p in m.parameters()], dict(m.state_dict())])
        return found

    agree(program, rtol=1e-3, atol=1e-3)


BATCH_NORM_ODD = [
    "nn.BatchNorm1d(3)(torch.ones(1, 3))",
    "nn.BatchNorm1d(3)(torch.ones(3))",
    "nn.BatchNorm1d(3)(torch.ones(2, 4))",
    "nn.BatchNorm1d(3)(torch.ones(2, 3, 4, 5))",
    "nn.BatchNorm1d(3).eval()(torch.ones(1, 3)).shape",
    "F.batch_norm(torch.ones(2, 3), None, None)",
    "F.batch_norm(torch.ones(2, 3), torch.zeros(3), None)",
    "F.batch_norm(torch.ones(2, 3), None, None, training=True)",
    "F.batch_norm(torch.ones(2, 3), torch.zeros(2), torch.ones(3))",
    "nn.BatchNorm1d(3).weight",
    "nn.BatchNorm1d(3, dtype=torch.float64).running_var",
]


@pytest.mark.parametrize("expression", BATCH_NORM_ODD)
def test_a_corner_of_batch_norm(expression, agree):
    agree(expression)


def test_statistics_move_under_no_grad_and_are_reset(agree):
    def program(torch):
        m = torch.nn.BatchNorm1d(1).requires_grad_(False)
        with torch.no_grad():
            m(torch.tensor([[1.0], [3.0]]))
        moved = [m.running_mean.clone(), m.running_var.clone(), m.num_batches_tracked.clone(), m.running_mean._version]
        m.reset_parameters()
        return moved, m.running_mean, m.num_batches_tracked

    agree(program)


LOSSES = [
    "F.cross_entropy(x, y)",
    "F.cross_entropy(x, y, reduction='sum')",
    "F.cross_entropy(x, y, reduction='none').sum()",
    "F.cross_entropy(x, y, ignore_index=1)",
    "F.cross_entropy(x * 100, y)",
    "F.nll_loss(x.log_softmax(1), y)",
    "F.nll_loss(x, y, reduction='sum', ignore_index=2)",
    "nn.CrossEntropyLoss()(x, y)",
    "nn.CrossEntropyLoss(reduction='sum')(x, y)",
    "F.mse_loss(x, t)",
    "F.mse_loss(x, t, reduction='sum')",
    "F.mse_loss(x, t, reduction='none').sum()",
    "nn.MSELoss()(x, t)",
    "nn.MSELoss()(t, x)",
    "F.mse_loss(x.double(), t)",
]


@pytest.mark.parametrize("expression", LOSSES)
def test_a_loss_and_its_gradient_are_those_of_pytorch(expression, agree):
    def program(torch):
        x = torch.tensor([[1.0, -2.0, 0.5], [0.0, 3.0, 1.0]], requires_grad=True)
        t, y = torch.ones(2, 3), torch.tensor([2, 1])
        loss = eval(expression, {"torch": torch, "nn": torch.nn, "F": torch.nn.functional, "x": x, "y": y, "t": t})
        loss.backward()
        return loss.detach(), x.grad

    agree(program)


LOSS_ODD = [
    "F.cross_entropy(torch.ones(2, 3), torch.tensor([0, 5]))",
    "F.cross_entropy(torch.ones(2, 3), torch.tensor([0, -1]))",
    "F.cross_entropy(torch.ones(2, 3), torch.tensor([0]))",
    "F.cross_entropy(torch.ones(2, 3), torch.tensor([0, 1], dtype=torch.int32))",
    "F.cross_entropy(torch.ones(2, 3), torch.tensor([0.0, 1.0]))",
    "F.cross_entropy(torch.ones(2, 3), torch.tensor([-100, -100]))",
    "F.cross_entropy(torch.ones(2, 3), torch.tensor([0, 1]), reduction='x')",
    "F.mse_loss(torch.ones(2, 1), torch.ones(2))",
    "F.mse_loss(torch.ones(2), torch.ones(3))",
    "F.mse_loss(torch.ones(2).long(), torch.ones(2).long())",
    "F.mse_loss(torch.ones(2), torch.ones(2), reduction='x')",
]


@pytest.mark.parametrize("expression", LOSS_ODD)
def test_a_corner_of_a_loss(expression, agree):
    agree(expression)


def test_a_relu_in_place_overwrites_its_input(agree):
    def program(torch):
        x = torch.tensor([-1.0, 2.0], requires_grad=True)
        hidden = torch.nn.functional.linear(x.view(1, 1, 2), torch.eye(2), torch.zeros(2))
        out = torch.nn.ReLU(inplace=True)(hidden)
        out.sum().backward()
        return out is hidden, x.grad, hidden.detach()

    agree(program)


def test_an_activation_as_a_module(agree):
    agree(lambda torch: [m(torch.tensor([-1.0, 2.0])) for m in (torch.nn.ReLU(), torch.nn.Tanh(), torch.nn.Sigmoid())])


# ------------------------------------------------------------------ first values


@pytest.mark.parametrize(("rows", "columns"), [(200, 50), (30, 400)])
def test_linear_starts_within_its_bound_and_fills_it(rows, columns):
    paramlab.manual_seed(0)
    layer = our_nn.Linear(columns, rows)
    bound = columns**-0.5
    for p in (layer.weight, layer.bias):
        assert p.abs().max().item() <= bound
        assert p.abs().max().item() > 0.9 * bound
    assert layer.weight.mean().item() == pytest.approx(0, abs=bound / 20)


INITS = [
    ("uniform_(w, -2.0, 3.0)", -2, 3),
    ("kaiming_uniform_(w)", -((6 / 40) ** 0.5), (6 / 40) ** 0.5),
    ("kaiming_uniform_(w, mode='fan_out', nonlinearity='relu')", -((6 / 100) ** 0.5), (6 / 100) ** 0.5),
    ("xavier_uniform_(w, gain=2.0)", -2 * (6 / 140) ** 0.5, 2 * (6 / 140) ** 0.5),
    ("zeros_(w)", 0, 0),
    ("ones_(w)", 1, 1),
    ("constant_(w, 0.25)", 0.25, 0.25),
]


@pytest.mark.parametrize(("call", "low", "high"), INITS)
def test_an_init_fills_in_place_unrecorded_within_pytorchs_bounds(torch, call, low, high):
    for package in (torch, paramlab):
        w = package.nn.Parameter(package.empty(100, 40))
        assert eval(f"init.{call}", {"init": package.nn.init, "w": w}) is w
        assert w.is_leaf
        assert w.min().item() == pytest.approx(low, abs=(high - low) * 0.01 + 1e-7)
        assert w.max().item() == pytest.approx(high, abs=(high - low) * 0.01 + 1e-7)


def test_normal_has_its_moments():
    paramlab.manual_seed(0)
    w = our_nn.init.normal_(paramlab.empty(100, 100), 3.0, 2.0)
    assert w.mean().item() == pytest.approx(3, abs=0.1)
    assert w.std().item() == pytest.approx(2, abs=0.1)


INIT_ODD = [
    "nn.init.kaiming_uniform_(torch.ones(3))",
    "nn.init.kaiming_uniform_(torch.ones(0, 3))",
    "nn.init.kaiming_uniform_(torch.ones(2, 3), mode='x')",
    "nn.init.calculate_gain('relu')",
    "nn.init.calculate_gain('leaky_relu', 0.2)",
    "nn.init.calculate_gain('tanh')",
    "nn.init.calculate_gain('x')",
    "nn.init.uniform_(nn.Parameter(torch.ones(2))).requires_grad",
]


@pytest.mark.parametrize("expression", INIT_ODD)
def test_a_corner_of_an_init(expression, agree):
    agree(expression)


def test_training_follows_pytorch_step_by_step(torch):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(16, 6)).astype(np.float32), rng.integers(0, 3, 16)
    weights = [rng.normal(size=s).astype(np.float32) * 0.3 for s in ((8, 6), (8,), (8,), (8,), (3, 8), (3,))]

    def losses(package):
        nn = package.nn
        model = nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 3))
        with package.no_grad():
            for p, w in zip(model.parameters(), weights, strict=True):
                p.copy_(package.tensor(w))
        optimizer = package.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=0.01, nesterov=True)
        for _ in range(20):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(package.tensor(x)), package.tensor(y))
            loss.backward()
            optimizer.step()
            yield loss.item()

    pairs = list(itertools.zip_longest(losses(torch), losses(paramlab)))
    assert pairs[-1][0] < pairs[0][0] / 2
    for expected, got in pairs:
        assert got == pytest.approx(expected, rel=1e-3)


UNFIT = [
    "F.linear(x, torch.ones(4, 3), torch.ones(3))",
    "F.linear(x[0], torch.ones(4, 3), torch.ones(3))",
    "F.linear(x[None], torch.ones(4, 3), torch.ones(3))",
    "F.linear(x, torch.ones(4, 3), torch.ones(3, 4))",
    "F.linear(x, torch.ones(4, 3), torch.ones(4, dtype=torch.float64))",
    "F.linear(x, torch.ones(4, 3), torch.ones(4, dtype=torch.int64))",
    "F.linear(x.double(), torch.ones(4, 3), torch.ones(4))",
    "F.linear(x.double(), torch.ones(4, 3))",
    "F.linear(x[0].double(), torch.ones(3))",
    "F.linear(x, torch.ones(3), torch.ones(1))",
    "F.linear(x, torch.ones(3), torch.tensor(1.0))",
    "F.linear(x[0], torch.ones(3), torch.tensor(1.0))",
    "F.linear(x, torch.ones(3))",
]


@pytest.mark.parametrize("expression", UNFIT)
def test_linear_with_arguments_of_other_shapes_and_types(expression, agree):
    def program(torch):
        names = {"torch": torch, "F": torch.nn.functional, "x": torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])}
        return eval(expression, names)

    agree(program)


@pytest.mark.parametrize("name", ["weight", "bias"])
def test_a_layer_whose_weight_was_replaced_by_one_of_another_shape(name, agree):
    def program(torch):
        model = torch.nn.Linear(3, 2)
        setattr(model, name, torch.nn.Parameter(torch.ones(5, 3) if name == "weight" else torch.ones(3)))
        return model(torch.ones(4, 3))

    agree(program)


@pytest.mark.parametrize("shape", [(2, 0), (2, 3, 0), (0,)])
@pytest.mark.parametrize("bias", [True, False])
def test_a_layer_of_no_features_answers_its_bias(shape, bias, agree):
    def program(torch):
        x, w = torch.ones(*shape, requires_grad=True), torch.ones(4, 0, requires_grad=True)
        b = torch.arange(4.0, requires_grad=True) if bias else None
        out = torch.nn.functional.linear(x, w, b)
        out.sum().backward()
        return out.detach(), x.grad, w.grad, b.grad if bias else None

    agree(program)


WRONG_CALLS = [
    "nn.Conv2d(3, 16)",
    "nn.Conv1d(3, 16, 3, colour='red')",
    "nn.ReLU(inplease=True)",
    "nn.ReLU()()",
    "nn.CELU(colour=1)",
    "nn.ELU()(torch.ones(1), torch.ones(1))",
    "nn.Tanh()()",
    "nn.Hardswish()()",
    "nn.Softmax(0, 1)",
    "nn.LogSoftmax(0)()",
    "nn.MarginRankingLoss(1, 2, 3, 4, 5)",
    "nn.Sequential().pop()",
    "nn.ModuleList().append()",
    "nn.BatchNorm2d()",
    "nn.Dropout(0.1, False, 3)",
    "nn.Linear(3)",
]


@pytest.mark.parametrize("expression", WRONG_CALLS)
def test_a_wrong_call_names_the_layer_that_was_called(expression, agree):
    agree(expression)


def test_a_method_that_bears_another_name_is_otherwise_the_one_that_is_shared():
    import inspect

    shared, own = our_nn.Conv2d.__mro__[1].__init__, our_nn.Conv2d.__init__
    assert inspect.signature(own) == inspect.signature(shared)
    assert own.__code__ is shared.__code__
