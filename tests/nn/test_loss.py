"""Losses, as functions and as modules: values, gradients of inputs and targets, options, errors and warnings."""

import inspect

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import paramlab
from tests.conftest import assert_same, outcome

X = [[0.1, 0.5, 0.9], [0.3, 0.2, 0.6]]
Y = [[0.2, 0.4, 0.9], [0.5, 0.1, 0.7]]


def names(torch):
    """What the expressions below may use."""
    x, y = torch.tensor(X, requires_grad=True), torch.tensor(Y, requires_grad=True)
    return {
        "torch": torch,
        "nn": torch.nn,
        "F": torch.nn.functional,
        "x": x,
        "y": y,
        "p": torch.tensor(Y),
        "t": torch.tensor([2, 1]),
        "sign": torch.tensor([[1.0, -1.0, 1.0], [-1.0, -1.0, 1.0]]),
        "w": torch.tensor([1.0, 2.0, 3.0]),
    }


REDUCIBLE = [
    "F.cross_entropy(x, t, reduction=r)",
    "F.cross_entropy(x * 100, t, reduction=r)",
    "F.cross_entropy(x, t, weight=w, reduction=r)",
    "F.cross_entropy(x, t, ignore_index=1, reduction=r)",
    "F.cross_entropy(x, torch.tensor([-100, 1]), weight=w, reduction=r)",
    "F.cross_entropy(x, t.to(torch.uint8), reduction=r)",
    "F.cross_entropy(x, t, label_smoothing=0.1, reduction=r)",
    "F.cross_entropy(x, t, weight=w, label_smoothing=0.3, ignore_index=1, reduction=r)",
    "F.cross_entropy(x, t, label_smoothing=1.0, reduction=r)",
    "F.cross_entropy(x, y, reduction=r)",
    "F.cross_entropy(x, y, weight=w, label_smoothing=0.2, reduction=r)",
    "F.cross_entropy(x[0], t[0], reduction=r)",
    "F.cross_entropy(x[0], y[0], reduction=r)",
    "F.cross_entropy(x[0], t[0], weight=w, label_smoothing=0.1, reduction=r)",
    "F.cross_entropy(x.reshape(1, 2, 3), torch.tensor([[0, 1, 1]]), reduction=r)",
    "F.cross_entropy(x.reshape(1, 3, 2), torch.tensor([[0, 2]]), weight=w, ignore_index=0, reduction=r)",
    "F.cross_entropy(x.reshape(1, 3, 2), torch.tensor([[0, 2]]), weight=w, label_smoothing=0.1, reduction=r)",
    "F.cross_entropy(x.reshape(1, 3, 2, 1), torch.tensor([[[0], [2]]]), reduction=r)",
    "F.cross_entropy(x.reshape(1, 3, 1, 2, 1), torch.tensor([[[[0], [2]]]]), reduction=r)",
    "F.cross_entropy(x.reshape(1, 3, 2), p.reshape(1, 3, 2), weight=w, reduction=r)",
    "F.nll_loss(x, t, reduction=r)",
    "F.nll_loss(x, t, weight=w, ignore_index=2, reduction=r)",
    "F.nll_loss(x.reshape(1, 3, 2), torch.tensor([[0, 2]]), weight=w, reduction=r)",
    "F.nll_loss(x[0], t[0], reduction=r)",
    "F.mse_loss(x, y, reduction=r)",
    "F.mse_loss(x, y, weight=p, reduction=r)",
    "F.mse_loss(x.double(), y, reduction=r)",
    "F.l1_loss(x, y, reduction=r)",
    "F.l1_loss(x, y, weight=p, reduction=r)",
    "F.smooth_l1_loss(x, y, reduction=r)",
    "F.smooth_l1_loss(x, y, reduction=r, beta=0.1)",
    "F.smooth_l1_loss(x, y, reduction=r, beta=0.0)",
    "F.huber_loss(x, y, reduction=r)",
    "F.huber_loss(x, y, reduction=r, delta=0.1)",
    "F.huber_loss(x, y, reduction=r, delta=0.15, weight=p)",
    "F.binary_cross_entropy(x, y, reduction=r)",
    "F.binary_cross_entropy(x, y, weight=w, reduction=r)",
    "F.binary_cross_entropy(x, y, weight=p, reduction=r)",
    "F.binary_cross_entropy_with_logits(x, y, reduction=r)",
    "F.binary_cross_entropy_with_logits(x * 300 - 150, y, reduction=r)",
    "F.binary_cross_entropy_with_logits(x, y, weight=w, pos_weight=w, reduction=r)",
    "F.binary_cross_entropy_with_logits(x, y, pos_weight=torch.tensor(2.0), reduction=r)",
    "F.binary_cross_entropy_with_logits(x, y.double(), reduction=r)",
    "F.kl_div(x, y, reduction=r)",
    "F.kl_div(x, p, reduction=r)",
    "F.kl_div(x, p - 0.2, reduction=r)",
    "F.kl_div(x, y, log_target=True, reduction=r)",
    "F.gaussian_nll_loss(x, y, p, reduction=r)",
    "F.gaussian_nll_loss(x, p, y, full=True, reduction=r)",
    "F.gaussian_nll_loss(x, y, p[:, :1], eps=0.3, reduction=r)",
    "F.gaussian_nll_loss(x, y, p[:, 0], reduction=r)",
    "F.gaussian_nll_loss(x, y, 0.5, reduction=r)",
    "F.hinge_embedding_loss(x, sign, reduction=r)",
    "F.hinge_embedding_loss(x, sign, margin=0.4, reduction=r)",
    "F.margin_ranking_loss(x, y, sign, reduction=r)",
    "F.margin_ranking_loss(x, y, sign, margin=0.1, reduction=r)",
    "F.cosine_embedding_loss(x, y, torch.tensor([1, -1]), reduction=r)",
    "F.cosine_embedding_loss(x, y, torch.tensor([1, -1]), margin=0.99, reduction=r)",
    "F.cosine_embedding_loss(x[0], y[0], torch.tensor(-1), reduction=r)",
    "F.triplet_margin_loss(x, y, p * 2, reduction=r)",
    "F.triplet_margin_loss(x, y, p + 0.1, margin=0.5, p=1, swap=True, reduction=r)",
    "F.multi_margin_loss(x, t, reduction=r)",
    "F.multi_margin_loss(x, t, p=2, margin=0.45, weight=w, reduction=r)",
    "F.multi_margin_loss(x[0], t[0], reduction=r)",
]


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("expression", REDUCIBLE)
def test_a_loss_and_its_gradients_are_those_of_pytorch(expression, reduction, agree):
    def program(torch):
        here = names(torch) | {"r": reduction}
        loss = eval(expression, here)
        (loss * torch.arange(1.0, loss.numel() + 1).reshape(loss.shape).to(loss.dtype)).sum().backward()
        return loss.detach(), here["x"].grad, here["y"].grad

    agree(program, rtol=1e-4)


NAMED = [
    "F.cross_entropy(x, t)",
    "F.cross_entropy(x.reshape(1, 3, 2), torch.tensor([[0, 2]]))",
    "F.nll_loss(x, t)",
    "F.mse_loss(x, y)",
    "F.l1_loss(x, y)",
    "F.smooth_l1_loss(x, y)",
    "F.huber_loss(x, y)",
    "F.binary_cross_entropy(x, y)",
    "F.binary_cross_entropy_with_logits(x, y)",
]


@pytest.mark.parametrize("expression", NAMED)
def test_the_node_has_pytorchs_name(expression, agree):
    agree(lambda torch: eval(expression, names(torch)).grad_fn.name())


EDGES = [
    "F.binary_cross_entropy(e, torch.tensor([0.0, 0.0, 1.0, 1.0]), reduction='sum')",
    "F.smooth_l1_loss(e, 1 - e.detach(), reduction='sum')",
    "F.huber_loss(e, 1 - e.detach(), reduction='sum')",
    "F.l1_loss(e, e.detach(), reduction='sum')",
    "F.nll_loss(e.log().reshape(2, 2), torch.tensor([-100, 1]))",
    "F.multi_margin_loss(e.reshape(2, 2), torch.tensor([0, 1]))",
    "F.triplet_margin_loss(e, e.detach() + 1, e.detach() + 2)",
    "F.cosine_similarity(e.reshape(2, 2), e.detach().reshape(2, 2)).sum()",
    "F.pairwise_distance(e, e.detach(), eps=0.0)",
]


@pytest.mark.parametrize("expression", EDGES)
def test_at_an_edge_the_gradient_is_pytorchs_choice(expression, agree):
    def program(torch):
        e = torch.tensor([0.0, 1.0, 0.0, 1.0], requires_grad=True)
        loss = eval(expression, names(torch) | {"e": e})
        loss.backward()
        return loss.detach(), e.grad

    agree(program)


ODD = [
    "F.cross_entropy(x, p.long())",
    "F.cross_entropy(x, torch.tensor([0, 5]))",
    "F.cross_entropy(x, torch.tensor([0, -1]))",
    "F.cross_entropy(x, torch.tensor([0]))",
    "F.cross_entropy(x, torch.tensor([[0, 1]]))",
    "F.cross_entropy(x, torch.tensor(1))",
    "F.cross_entropy(x, t.int())",
    "F.cross_entropy(x, t.float())",
    "F.cross_entropy(x, t.bool())",
    "F.cross_entropy(x, t, weight=torch.ones(2))",
    "F.cross_entropy(x, t, weight=torch.ones(3, 3))",
    "F.cross_entropy(x, t, weight=w.double())",
    "F.cross_entropy(x, t, label_smoothing=2.0)",
    "F.cross_entropy(x, t, label_smoothing=-1.0)",
    "F.cross_entropy(x, p, label_smoothing=2.0)",
    "F.cross_entropy(x, p, ignore_index=1)",
    "F.cross_entropy(x, p, weight=torch.ones(2))",
    "F.cross_entropy(x, torch.ones(2, 4))",
    "F.cross_entropy(x, t, size_average=False)",
    "F.cross_entropy(x, t, reduce=False)",
    "F.cross_entropy(x, t, reduction='x')",
    "F.cross_entropy(torch.tensor(1.0), torch.tensor(1))",
    "F.cross_entropy(torch.ones(2, 3).long(), t)",
    "F.cross_entropy(torch.ones(0, 3), t[:0])",
    "F.cross_entropy(torch.ones(0, 3), t[:0], reduction='sum')",
    "F.cross_entropy(torch.ones(2, 3), torch.tensor([-100, -100]))",
    "F.cross_entropy(torch.ones(2, 3), torch.tensor([-100, -100]), label_smoothing=0.1)",
    "F.cross_entropy(torch.ones(2, 3, 2), t)",
    "F.cross_entropy(torch.ones(2, 3, 2), torch.zeros(2, 3).long())",
    "F.cross_entropy(torch.ones(2, 3, 2), torch.zeros(3, 2).long())",
    "F.cross_entropy(torch.ones(2, 3, 2, 2), torch.zeros(2, 2, 3).long())",
    "F.cross_entropy(torch.ones(2, 3, 2, 2), torch.zeros(2, 2).long())",
    "F.cross_entropy(torch.ones(2, 3, 2, 2, 2), torch.zeros(2, 2, 2, 3).long())",
    "F.cross_entropy(torch.ones(3), torch.tensor([1, 2]))",
    "F.cross_entropy(torch.ones(3), torch.tensor(7))",
    "F.cross_entropy(x[0], t[:1])",
    "F.cross_entropy(x[0], t[:1], reduction='none')",
    "F.cross_entropy(x, 3)",
    "F.cross_entropy(3, t)",
    "F.nll_loss(x, p)",
    "F.nll_loss(x, torch.tensor([0, 5]))",
    "F.nll_loss(torch.ones(2, 3).long(), t)",
    "F.nll_loss(torch.tensor(1.0), torch.tensor(1))",
    "F.nll_loss(torch.ones(1, 2, 3), torch.zeros(1, 3).long() + 7)",
    "F.mse_loss(x, p[0])",
    "F.mse_loss(torch.ones(2, 1), torch.ones(2))",
    "F.mse_loss(x, torch.ones(2))",
    "F.mse_loss(x, p, weight=p[0])",
    "F.mse_loss(x, p, weight=p, reduction='x')",
    "F.mse_loss(x, p, reduction='x')",
    "F.mse_loss(torch.ones(2).long(), torch.ones(2).long())",
    "F.mse_loss(x, p.half())",
    "F.mse_loss(torch.ones(0), torch.ones(0))",
    "F.mse_loss(torch.tensor(1.0), torch.tensor(3.0))",
    "F.l1_loss(x, p, reduce=True)",
    "F.l1_loss(x.long(), p.long())",
    "F.l1_loss(x, p[0])",
    "F.smooth_l1_loss(x, p, beta=-1.0)",
    "F.smooth_l1_loss(x, torch.ones(2))",
    "F.smooth_l1_loss(x.long(), p.long())",
    "F.huber_loss(x, p, delta=0.0)",
    "F.huber_loss(x, p, delta=-1.0)",
    "F.huber_loss(x, p, weight=w)",
    "F.huber_loss(x.long(), p.long())",
    "F.huber_loss(x.long(), p)",
    "F.huber_loss(x, t[:, None])",
    "F.huber_loss(x.double(), p)",
    "F.huber_loss(x, p.double())",
    "F.binary_cross_entropy(x * 2, p)",
    "F.binary_cross_entropy(x, p * 9)",
    "F.binary_cross_entropy(x, p[0])",
    "F.binary_cross_entropy(x, p.double())",
    "F.binary_cross_entropy(x, p.long())",
    "F.binary_cross_entropy(x, p, weight=torch.ones(2))",
    "F.binary_cross_entropy(x.long(), p.long())",
    "F.binary_cross_entropy(x, p, reduction='x')",
    "F.binary_cross_entropy_with_logits(x, p[0])",
    "F.binary_cross_entropy_with_logits(x, p.long())",
    "F.binary_cross_entropy_with_logits(x.long(), p)",
    "F.binary_cross_entropy_with_logits(x, p, pos_weight=torch.ones(2))",
    "F.binary_cross_entropy_with_logits(x, p, weight=torch.ones(2))",
    "F.kl_div(x, p, reduction='batchmean')",
    "F.kl_div(x, p, reduction='batchmean', size_average=False)",
    "F.kl_div(x, p[0], reduction='sum')",
    "F.kl_div(x, p, reduction='x')",
    "F.kl_div(x, torch.tensor([[0.0, 0.5, -1.0]]), reduction='none')",
    "F.gaussian_nll_loss(x, p, -p)",
    "F.gaussian_nll_loss(x, p, -1.0)",
    "F.gaussian_nll_loss(x, p, torch.ones(4, 3))",
    "F.gaussian_nll_loss(x, p, p, reduction='x')",
    "F.hinge_embedding_loss(x, torch.ones(2))",
    "F.margin_ranking_loss(x[0], p[0], torch.ones(1, 3))",
    "F.cosine_embedding_loss(x, p, torch.tensor([[1, -1]]))",
    "F.cosine_embedding_loss(x, p, torch.tensor(1))",
    "F.cosine_embedding_loss(x, p, torch.tensor([1, -1, 1]))",
    "F.triplet_margin_loss(x, p, p, margin=0)",
    "F.triplet_margin_loss(x, p[0], p)",
    "F.multi_margin_loss(x, t, p=3)",
    "F.multi_margin_loss(x, torch.tensor([0, 5]))",
    "F.multi_margin_loss(x, torch.tensor([0]))",
    "F.multi_margin_loss(x, t, weight=torch.ones(2))",
    "F.multi_margin_loss(x, t, weight=torch.ones(2, 3))",
    "nn.HuberLoss(delta='a')",
    "nn.MSELoss(reduction='x')(x, p)",
    "nn.TripletMarginLoss(margin=0)",
    "nn.MultiMarginLoss(p=3)",
    "nn.MultiMarginLoss(weight=torch.ones(2, 2))",
    "nn.CrossEntropyLoss(weight=[1, 2, 3])",
    "nn.CrossEntropyLoss(size_average=False).reduction",
    "nn.L1Loss(reduce=False).reduction",
    "nn.KLDivLoss()(x, p)",
]


@pytest.mark.parametrize("expression", ODD)
def test_a_corner_of_a_loss(expression, agree):
    agree(lambda torch: eval(expression, names(torch)))


MODULES = [
    ("L1Loss()", "x, p"),
    ("L1Loss(reduction='none')", "x, p"),
    ("MSELoss()", "x, p"),
    ("MSELoss(reduction='sum')", "x, p"),
    ("SmoothL1Loss(beta=0.2)", "x, p"),
    ("HuberLoss('sum', 0.2)", "x, p"),
    ("GaussianNLLLoss(full=True)", "x, p, p"),
    ("NLLLoss(w, ignore_index=1)", "x, t"),
    ("CrossEntropyLoss()", "x, t"),
    ("CrossEntropyLoss(w, ignore_index=2, label_smoothing=0.1)", "x, t"),
    ("CrossEntropyLoss(weight=w, reduction='none')", "x, p"),
    ("KLDivLoss(reduction='batchmean')", "x, p"),
    ("KLDivLoss(reduction='sum', log_target=True)", "x, p"),
    ("BCELoss(w)", "x, p"),
    ("BCEWithLogitsLoss(w, pos_weight=w)", "x, p"),
    ("HingeEmbeddingLoss(0.4)", "x, sign"),
    ("MarginRankingLoss(0.1)", "x, p, sign"),
    ("CosineEmbeddingLoss(0.5)", "x, p, torch.tensor([1, -1])"),
    ("TripletMarginLoss(0.5, p=1.0, swap=True)", "x, p, p + 0.1"),
    ("MultiMarginLoss(2, 0.5, w)", "x, t"),
    ("PairwiseDistance(p=1.0, keepdim=True)", "x, p"),
    ("CosineSimilarity(dim=0)", "x, p"),
]


@pytest.mark.parametrize(("made", "arguments"), MODULES)
def test_a_module_computes_prints_and_saves_as_pytorchs(made, arguments, agree):
    def program(torch):
        here = names(torch)
        module = eval(f"nn.{made}", here)
        loss = eval(f"m({arguments})", here | {"m": module})
        loss.sum().backward()
        return loss.detach(), here["x"].grad, repr(module), module.state_dict()

    agree(program, rtol=1e-4)


@pytest.mark.parametrize("name", [made.partition("(")[0] for made, _ in MODULES])
def test_a_module_takes_what_pytorchs_takes(name, torch):
    assert_same_signature(getattr(torch.nn, name), getattr(paramlab.nn, name))


FUNCTIONS = sorted({e.removeprefix("F.").partition("(")[0] for e in REDUCIBLE})


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_takes_what_pytorchs_takes(name, torch):
    assert_same_signature(getattr(torch.nn.functional, name), getattr(paramlab.nn.functional, name))


def assert_same_signature(theirs, ours):
    theirs, ours = (inspect.signature(f).parameters.values() for f in (theirs, ours))
    assert [(p.name, p.default, p.kind) for p in ours] == [(p.name, p.default, p.kind) for p in theirs]


DISTANCES = [
    "F.pairwise_distance(x, y)",
    "F.pairwise_distance(x, y, p=1.0)",
    "F.pairwise_distance(x, y, p=float('inf'), keepdim=True)",
    "F.pairwise_distance(x, y[0], 3.0, 0.1)",
    "F.pairwise_distance(x[0], y[0])",
    "F.pairwise_distance(x, torch.ones(2))",
    "F.cosine_similarity(x, y)",
    "F.cosine_similarity(x, y[0], dim=0)",
    "F.cosine_similarity(x, y, 1, 0.9)",
    "F.cosine_similarity(x, y.double(), -1)",
    "F.cosine_similarity(x.long(), y.long())",
    "F.cosine_similarity(x, y, dim=5)",
    "F.cosine_similarity(x, torch.ones(2), dim=0)",
    "F.cosine_similarity(x * 0, y)",
]


@pytest.mark.parametrize("expression", DISTANCES)
def test_a_distance_and_its_gradients(expression, agree):
    def program(torch):
        here = names(torch)
        distance = eval(expression, here)
        distance.sum().backward()
        return distance.detach(), here["x"].grad, here["y"].grad

    agree(program)


@st.composite
def classified(draw):
    """Draw scores ``(N, C, d1, …)``, classes, weights and options."""
    batch, classes = draw(st.integers(1, 4)), draw(st.integers(1, 5))
    space = draw(st.lists(st.integers(1, 3), max_size=3))
    seed = draw(st.integers(0, 2**16))
    rng = np.random.default_rng(seed)
    scores = rng.normal(0, 3, (batch, classes, *space)).astype(np.float32)
    target = rng.integers(0, classes, (batch, *space))
    ignored = draw(st.sampled_from([-100, 0, -1]))
    target[rng.random(target.shape) < 0.2] = ignored
    return {
        "scores": scores,
        "target": target,
        "weight": rng.uniform(0.5, 2, classes).astype(np.float32) if draw(st.booleans()) else None,
        "ignore_index": ignored,
        "reduction": draw(st.sampled_from(["mean", "sum", "none"])),
        "label_smoothing": draw(st.sampled_from([0.0, 0.1, 0.7])),
    }


@given(classified())
def test_cross_entropy_of_any_shape_and_options(torch, given):
    def program(package):
        options = dict(given)
        x = package.tensor(options.pop("scores"), requires_grad=True)
        target = package.tensor(options.pop("target"))
        weight = options.pop("weight")
        options["weight"] = None if weight is None else package.tensor(weight)
        loss = package.nn.functional.cross_entropy(x, target, **options)
        loss.sum().backward()
        return loss.detach(), x.grad

    assert_same(outcome(program, torch), outcome(program, paramlab), rtol=1e-4, atol=1e-5)


def test_the_loss_of_certainty_does_not_overflow(agree):
    agree("F.cross_entropy(torch.tensor([[1e4, 0.0], [0.0, 1e4]]), torch.tensor([0, 0]), reduction='none')")
    agree("F.cross_entropy(torch.tensor([[float('-inf'), 0.0]]), torch.tensor([1]))")


def test_a_loss_on_two_devices_is_refused():
    x = paramlab.ones(2, 3)
    with pytest.raises(RuntimeError, match="same device"):
        paramlab.nn.functional.cross_entropy(x.to("sim"), paramlab.tensor([0, 1]))
    with pytest.raises(RuntimeError, match="same device"):
        paramlab.nn.functional.mse_loss(x.to("sim"), x)


PECULIAR = [
    "F.kl_div(x, torch.ones(2, 3, dtype=torch.int64))",
    "F.kl_div(torch.ones(2, 3, dtype=torch.int64), y, log_target=True)",
    "F.huber_loss(x, y.double())",
    "F.huber_loss(x, y.double()).backward()",
    "F.huber_loss(x, y.long(), reduction='none').sum().backward()",
    "F.cross_entropy(x, torch.tensor([0, 2], dtype=torch.uint8))",
    "F.cross_entropy(x[..., None], torch.tensor([[0], [2]], dtype=torch.uint8))",
    "F.nll_loss(x[..., None, None], torch.tensor([[[0]], [[2]]], dtype=torch.uint8))",
    "F.cross_entropy(x, y, reduction='sum').grad_fn.name()",
    "F.cross_entropy(x, y, reduction='none').grad_fn.name()",
    "F.cross_entropy(x[:0], y[:0])",
    "F.margin_ranking_loss(x, y, torch.ones(2, 3), reduction='none').grad_fn.name()",
    "F.triplet_margin_loss(x, y, y + 1, reduction='none').grad_fn.name()",
]


@pytest.mark.parametrize("expression", PECULIAR)
def test_types_and_nodes_of_a_loss(expression, agree):
    agree(lambda torch: eval(expression, {**names(torch), "F": torch.nn.functional, "torch": torch}))
