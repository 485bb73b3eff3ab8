"""Attention: outputs, weights and gradients are PyTorch's for any masks and options; errors too."""

import inspect

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import paramlab
from tests.conftest import assert_same, outcome

WIDTH, HEADS = 8, 2


@st.composite
def attentions(draw):
    """Draw the options of a MultiheadAttention, sizes and masks."""
    length, batch = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    relation = draw(st.sampled_from(["self", "memory", "three"]))
    options = {name: draw(st.booleans()) for name in ("bias", "add_bias_kv", "add_zero_attn", "batch_first")}
    if relation == "three" and draw(st.booleans()):
        options |= {"kdim": 5, "vdim": 6}
    call = {name: draw(st.booleans()) for name in ("need_weights", "average_attn_weights")}
    return {
        "options": options,
        "call": call,
        "relation": relation,
        "length": length,
        "source": length if relation == "self" else draw(st.integers(1, 4)),
        "batch": batch if draw(st.booleans()) else None,
        "mask": draw(st.sampled_from([None, "bool 2", "float 2", "bool 3", "float 3"])),
        "padding": draw(st.booleans()),
        "seed": draw(st.integers(0, 2**16)),
    }


def attend(torch, options, call, relation, length, source, batch, mask, padding, seed):
    """Return output, weights and every gradient, of numbers that depend on the seed alone."""
    rng = np.random.default_rng(seed)

    def numbers(*size):
        return torch.tensor(rng.normal(size=size).astype(np.float32))

    def sequence(steps, width):
        if batch is None:
            return numbers(steps, width).requires_grad_()
        order = (batch, steps) if options["batch_first"] else (steps, batch)
        return numbers(*order, width).requires_grad_()

    module = torch.nn.MultiheadAttention(WIDTH, HEADS, **options)
    with torch.no_grad():
        for p in module.parameters():
            p.copy_(numbers(*p.shape) * 0.5)
    query = sequence(length, WIDTH)
    key = query if relation == "self" else sequence(source, options.get("kdim", WIDTH))
    value = key if relation != "three" else sequence(source, options.get("vdim", WIDTH))
    kind = mask or "bool 2"
    if mask is not None:
        rows = (length, source) if mask.endswith("2") else ((batch or 1) * HEADS, length, source)
        hidden = rng.random(rows) < 0.4
        hidden[..., 0] = False  # everybody sees something: else the weights are nan
        call = call | {"attn_mask": as_mask(torch, hidden, kind)}
    if padding:
        hidden = rng.random((batch or 1, source)) < 0.4
        hidden[:, 0] = False
        call = call | {"key_padding_mask": as_mask(torch, hidden if batch else hidden[0], kind)}
    output, weights = module(query, key, value, **call)
    (output * numbers(*output.shape)).sum().backward()
    leaves = [query.grad, key.grad, value.grad]
    return output.detach(), None if weights is None else weights.detach(), leaves, [p.grad for p in module.parameters()]


def as_mask(torch, hidden, kind):
    return (
        torch.tensor(hidden) if kind.startswith("bool") else torch.tensor(np.where(hidden, -1.5, 0).astype(np.float32))
    )


@given(attentions())
def test_any_multihead_attention_and_all_its_gradients(torch, given):
    theirs, ours = (outcome(lambda package: attend(package, **given), package) for package in (torch, paramlab))
    assert_same(theirs, ours, rtol=1e-3, atol=1e-5)


def names(torch):
    """What the expressions below may use: q of 3 heads, k2 of one; m, a module, and x, a sequence for it."""
    rng = np.random.default_rng(0)
    q = torch.tensor(rng.normal(size=(2, 3, 4, 8)).astype(np.float32), requires_grad=True)
    x = torch.tensor(rng.normal(size=(5, 2, 8)).astype(np.float32))
    m = torch.nn.MultiheadAttention(8, 2)
    with torch.no_grad():
        for p in m.parameters():
            p.copy_(torch.tensor(rng.normal(size=tuple(p.shape)).astype(np.float32)))
    return {"torch": torch, "nn": torch.nn, "F": torch.nn.functional, "q": q, "k1": q[:, :1], "x": x, "m": m}


PRODUCTS = [
    "F.scaled_dot_product_attention(q, q, q)",
    "F.scaled_dot_product_attention(q, q[:, :, :2], q[:, :, 1:3, :5])",
    "F.scaled_dot_product_attention(q, q, q, is_causal=True)",
    "F.scaled_dot_product_attention(q, q[:, :, :2], q[:, :, :2], is_causal=True)",
    "F.scaled_dot_product_attention(q, q, q, scale=0.3)",
    "F.scaled_dot_product_attention(q, q, q, torch.ones(4, 4).tril().bool())",
    "F.scaled_dot_product_attention(q, q, q, torch.zeros(4, 4).bool())",
    "F.scaled_dot_product_attention(q, q, q, torch.eye(4).bool()[[0, 1, 1, 0]] & torch.ones(2, 1, 4, 1).bool())",
    "F.scaled_dot_product_attention(q, q, q, q[0, 0, :, :4])",
    "F.scaled_dot_product_attention(q, q, q, q[:, :, :, :4] * 2)",
    "F.scaled_dot_product_attention(q, k1, k1, enable_gqa=True)",
    "F.scaled_dot_product_attention(q[:, :2].repeat(1, 2, 1, 1), q[:, :2], q[:, 1:], enable_gqa=True)",
    "F.scaled_dot_product_attention(q, k1, k1)",
    "F.scaled_dot_product_attention(q[0, 0], q[0, 0], q[0, 0])",
    "F.scaled_dot_product_attention(q.double(), q.double(), q.double())",
]


@pytest.mark.parametrize("expression", PRODUCTS)
def test_a_product_attention_and_its_gradient(expression, agree):
    def program(torch):
        here = names(torch)
        out = eval(expression, here)
        (out * torch.arange(1.0, out.numel() + 1).reshape(out.shape).to(out.dtype)).sum().backward()
        return out.detach(), here["q"].grad

    agree(program, rtol=1e-4, atol=1e-3)


def test_dropout_falls_on_the_weights(torch):
    for package in (torch, paramlab):
        package.manual_seed(0)
        q, v = package.zeros(1, 200, 2), package.ones(1, 200, 2)
        out = package.nn.functional.scaled_dot_product_attention(q, q, v, dropout_p=0.5)
        assert out.mean().item() == pytest.approx(1, abs=0.05)
        assert out.std().item() > 0.03
        m = package.nn.MultiheadAttention(4, 2, dropout=0.5)
        x = package.ones(6, 1, 4)
        assert (m(x, x, x)[1] == 0).any()
        assert not (m.eval()(x, x, x)[1] == 0).any()


ODD = [
    "F.scaled_dot_product_attention(q, q, q, torch.ones(4, 4).long())",
    "F.scaled_dot_product_attention(q, q, q, torch.ones(4, 3).bool())",
    "F.scaled_dot_product_attention(q, q, q, torch.ones(4, 4).double())",
    "F.scaled_dot_product_attention(q, q.double(), q)",
    "F.scaled_dot_product_attention(q[0, 0, 0], q, q)",
    "F.scaled_dot_product_attention(q, q, q, dropout_p=2.0)",
    "F.scaled_dot_product_attention(q.long(), q.long(), q.long())",
    "F.scaled_dot_product_attention(q, q[:, :2], q[:, :2], enable_gqa=True)",
    "nn.MultiheadAttention(8, 3)",
    "nn.MultiheadAttention(0, 3)",
    "repr(nn.MultiheadAttention(8, 2, kdim=4))",
    "list(nn.MultiheadAttention(8, 2, kdim=4, add_bias_kv=True).state_dict())",
    "list(nn.MultiheadAttention(8, 2).state_dict())",
    "list(nn.MultiheadAttention(8, 2, bias=False).state_dict())",
    "[p.shape for p in nn.MultiheadAttention(8, 2, kdim=4, add_bias_kv=True).parameters()]",
    "nn.MultiheadAttention(8, 2).in_proj_bias",
    "m(x, x, x, is_causal=True)",
    "m(x, x, x, attn_mask=torch.zeros(5, 5), is_causal=True)",
    "m(x, x, x, attn_mask=torch.ones(5, 5).tril().logical_not(), is_causal=True, need_weights=False)",
    "m(x, x, x, attn_mask=torch.zeros(5, 4))",
    "m(x, x, x, attn_mask=torch.zeros(3, 5, 5))",
    "m(x, x, x, attn_mask=torch.zeros(5))",
    "m(x, x, x, attn_mask=torch.zeros(5, 5).long())",
    "m(x, x, x, attn_mask=torch.ones(5, 5).bool())",
    "m(x, x, x, attn_mask=torch.ones(5, 5).bool(), need_weights=False)",
    "m(x, x, x, key_padding_mask=torch.zeros(5, 2).bool())",
    "m(x, x, x, key_padding_mask=torch.zeros(5).bool())",
    "m(x, x, x, key_padding_mask=torch.zeros(2, 5).bool(), attn_mask=torch.zeros(5, 5))",
    "m(x, x[0], x)",
    "m(x[0, 0], x, x)",
    "m(x[..., :4], x, x)",
    "m(x, x[..., :4], x)",
    "m(x, x, x[:3])",
    "m(x.double(), x, x)",
    "m(x[:, 0], x[:, 0], x[:, 0])",
    "m(x[:, 0], x[:, 0], x[:, 0], attn_mask=torch.zeros(1, 5, 5))",
    "type(m.out_proj).__name__",
    "isinstance(m.out_proj, nn.Linear)",
]


@pytest.mark.parametrize("expression", ODD)
def test_a_corner_of_attention(expression, agree):
    agree(lambda torch: eval(expression, names(torch)), rtol=1e-4, atol=1e-4)


def test_keys_and_values_that_are_handed_in(agree):
    def program(torch):
        here = names(torch)
        m, x = here["m"], here["x"]
        weights = (m.in_proj_weight, m.in_proj_bias, None, None, False, 0.0, m.out_proj.weight, m.out_proj.bias)
        static = torch.arange(4 * 3 * 4.0).reshape(4, 3, 4) / 10
        f = torch.nn.functional.multi_head_attention_forward
        output, seen = f(x, x, x, 8, 2, *weights, static_k=static, static_v=static)
        return output.detach(), seen.detach()

    agree(program, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", ["nn.MultiheadAttention", "nn.functional.multi_head_attention_forward"])
def test_the_arguments_are_pytorchs(name, torch):
    theirs, ours = (inspect.signature(eval(f"package.{name}", {"package": p})) for p in (torch, paramlab))
    assert [(p.name, p.default) for p in ours.parameters.values()] == [
        (p.name, p.default) for p in theirs.parameters.values()
    ]


def test_first_values_are_xavier_and_zero():
    paramlab.manual_seed(0)
    m = paramlab.nn.MultiheadAttention(64, 4, add_bias_kv=True)
    bound = (6 / (64 + 3 * 64)) ** 0.5
    assert 0.95 * bound < m.in_proj_weight.abs().max().item() <= bound
    assert m.in_proj_bias.abs().max().item() == m.out_proj.bias.abs().max().item() == 0
    assert m.bias_k.std().item() > 0


@pytest.mark.parametrize("mask", ["torch.zeros(3, 3)", "torch.ones(3, 3, dtype=torch.bool)", "None"])
def test_a_mask_of_ones_own_and_the_causal_one_go_not_together(mask, agree):
    agree(f"F.scaled_dot_product_attention(*[torch.eye(3)[None]] * 3, attn_mask={mask}, is_causal=True)")
