"""Homework and lecture notes: how courses and books, old ones too, write tensors, loops and layers."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np

from . import classes, numbers, same_start


def results_written_into_tensors(torch: Any) -> Any:
    """The arithmetic of the beginner's page: three spellings of a product, ``out=``, and a bridge to NumPy."""
    x = torch.arange(1.0, 7.0).reshape(2, 3)
    rows, products = torch.empty(2, 2), torch.rand_like(x)
    spellings = x @ x.T, x.matmul(x.T), torch.matmul(x, x.T, out=rows)
    torch.mul(x, x, out=products)
    both = torch.cat((x, products), out=torch.empty(0))
    total = torch.empty(2, 3)
    print(torch.add(x, products, out=total) is total, all(rows.equal(product) for product in spellings))
    bridge = total.numpy()
    total.add_(1)
    np.add(bridge, 1, out=bridge)
    print(f"{total}\n{bridge}")
    return rows, products, both


def a_gan_in_the_old_style(torch: Any) -> Any:
    """Variables, ``FloatTensor`` chosen by what there is, sizes that make tensors, losses as ``%f``."""
    nn, variable = torch.nn, torch.autograd.Variable
    kind = torch.cuda.FloatTensor if torch.cuda.is_available() else torch.FloatTensor
    generator = same_start(torch, nn.Sequential(nn.Linear(3, 8), nn.LeakyReLU(0.2, inplace=True), nn.Linear(8, 2)))
    critic = same_start(torch, nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1), nn.Sigmoid()))
    loss = nn.BCELoss()
    turns = [torch.optim.Adam(net.parameters(), lr=0.01, betas=(0.5, 0.999)) for net in (generator, critic)]
    for step in range(3):
        points = numbers(torch, 6, 2, seed=step).double()
        valid = variable(kind(points.size(0), 1).fill_(1.0), requires_grad=False)
        fake = variable(kind(points.size(0), 1).fill_(0.0), requires_grad=False)
        real = variable(points.type(kind))
        noise = variable(kind(np.random.RandomState(step).normal(0, 1, (6, 3))))
        turns[0].zero_grad()
        made = generator(noise)
        made_loss = loss(critic(made), valid)
        made_loss.backward()
        turns[0].step()
        turns[1].zero_grad()
        told_loss = 0.5 * (loss(critic(real), valid) + loss(critic(made.detach()), fake))
        told_loss.backward()
        turns[1].step()
        print(f"[{step}] D {told_loss.item():.4f} G {made_loss.data.numpy():.4f}")
    guesses = (critic(real) > 0.5).type(torch.LongTensor)
    return guesses, guesses.eq(valid.type_as(guesses)).sum().item(), made.type(), list(critic.parameters())


def tensor_puzzles(torch: Any) -> Any:
    """NumPy's functions rebuilt of arange, where, comparisons, indexing and products alone."""
    arange, where = torch.arange, torch.where

    def cumsum(a):
        return a @ where(arange(len(a))[:, None] <= arange(len(a)), 1, 0)

    def compress(mask, values):
        places = cumsum(1 * mask)[:, None] - 1 == arange(len(values))
        return (mask[:, None] * where(places, values[:, None], 0)).sum(0)

    a = torch.tensor([3, 1, 4, 1, 5])
    mask = torch.tensor([True, False, True, True, False])
    return {
        "ones": where(arange(3) > -1, 1, 0),
        "outer": a[:, None] * a[None, :2],
        "identity": 1 * (arange(3)[:, None] == arange(3)),
        "cumsum": cumsum(a),
        "diff": where(arange(5) > 0, a - a[arange(5) - 1], a),
        "roll": a[(arange(5) + 1) % 5],
        "flip": a[4 - arange(5)],
        "compress": compress(mask, a),
        "bincount": (a[:, None] == arange(6)).long().sum(0),
        "scatter_add": a @ where(torch.tensor([0, 0, 1, 2, 2])[:, None] == arange(4), 1, 0),
        "sequence mask": where(arange(4) < torch.tensor([1, 4, 2])[:, None], arange(12).view(3, 4), 0),
        "bucketize": (1 * (a[:, None] >= torch.tensor([2, 4]))).sum(1),
        "heaviside": where(a == 3, 9, where(a > 3, 1, 0)),
    }


def a_vision_homework(torch: Any) -> Any:
    """A network of bare functions, samplers from ``utils.data.sampler``, a dtype and a device, the accuracy."""
    nn, F, sampler = torch.nn, torch.nn.functional, torch.utils.data.sampler
    device, dtype = torch.device("cuda" if torch.cuda.is_available() else "cpu"), torch.float32
    torch.use_deterministic_algorithms(False)
    data = list(zip(numbers(torch, 12, 1, 4, 4), classes(torch, 3, 12).tolist(), strict=True))
    loader = torch.utils.data.DataLoader(data, batch_size=4, sampler=sampler.SequentialSampler(data))
    shuffled = torch.utils.data.DataLoader(data, batch_size=4, sampler=sampler.SubsetRandomSampler(range(8)))
    shapes = [(2, 1, 3, 3), (2,), (32, 3), (3,)]
    params = [(numbers(torch, *shape, seed=i) * 0.3).requires_grad_() for i, shape in enumerate(shapes)]

    def scores_of(x):
        hidden = F.relu(F.conv2d(x, params[0], bias=params[1], padding=1))
        return hidden.view(hidden.shape[0], -1).mm(params[2]) + params[3]

    for t, (x, y) in enumerate(loader):
        x, y = x.to(device=device, dtype=dtype), y.to(device=device, dtype=torch.long)
        loss = F.cross_entropy(scores_of(x), y)
        loss.backward()
        with torch.no_grad():
            for w in params:
                w -= 0.1 * w.grad
                w.grad.zero_()
        print(f"Iteration {t}, loss = {loss:.4f}")
    correct = sum((scores_of(x).max(1)[1] == y).sum() for x, y in loader)
    print("Got %d / %d correct (%.2f)" % (correct, len(data), 100 * correct / len(data)))  # noqa: UP031 - of tensors
    print(nn.Conv2d(1, 1, (3, 5), padding=(1, 2)), len(shuffled))
    return params, torch.conv2d(x, params[0], stride=2), torch.cosine_similarity(params[0][0], params[0][1], dim=-1)


def adapters_of_low_rank(torch: Any) -> Any:
    """LoRA: linear layers found by name and wrapped, only the adapters trained and saved, merged in the end."""
    nn = torch.nn

    class LoRA(nn.Module):
        def __init__(self, base, rank=2, alpha=4):
            super().__init__()
            self.base = base.requires_grad_(False)
            self.A = nn.Parameter(torch.empty(rank, base.in_features))
            self.B = nn.Parameter(base.weight.new_zeros((base.out_features, rank)))
            nn.init.kaiming_uniform_(self.A, a=math.sqrt(5))
            self.scaling = alpha / rank

        def forward(self, x):
            return self.base(x) + (x @ self.A.T @ self.B.T) * self.scaling

        @torch.no_grad()
        def merged(self):
            self.base.weight += (self.B @ self.A) * self.scaling
            return self.base

    def replace(model, change):
        for name, child in model.named_children():
            if isinstance(child, nn.Linear | LoRA):
                setattr(model, name, change(child))
            else:
                replace(child, change)

    model = same_start(
        torch, nn.Sequential(nn.Linear(4, 6), nn.Sequential(nn.GELU(), nn.Linear(6, 6)), nn.Linear(6, 2))
    )
    x, before = numbers(torch, 5, 4), model(numbers(torch, 5, 4))
    replace(model, LoRA)
    for module in model.modules():
        if isinstance(module, LoRA):
            module.A.data.copy_(numbers(torch, *module.A.shape) * 0.3)
    print(model, torch.allclose(before, model(x)))
    trained = [name for name, p in model.named_parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW((p for p in model.parameters() if p.requires_grad), lr=0.05)
    for _ in range(3):
        optimizer.zero_grad()
        loss = (model(x) - 1).pow(2).mean()
        loss.backward()
        optimizer.step()
    kept = {k: v.clone() for k, v in model.state_dict().items() if k.endswith((".A", ".B"))}
    after = model(x)
    replace(model, LoRA.merged)
    print(model, list(kept) == trained, torch.allclose(after, model(x), atol=1e-5))
    return loss, after, kept


def a_mixture_of_experts(torch: Any) -> Any:
    """The two best experts of each token: topk, scatter, masks that choose rows, an in-place sum, a balance loss."""
    nn, F = torch.nn, torch.nn.functional
    router = same_start(torch, nn.Linear(6, 4, bias=False))
    experts = same_start(
        torch, nn.ModuleList(nn.Sequential(nn.Linear(6, 8), nn.SiLU(), nn.Linear(8, 6)) for _ in range(4))
    )
    x = numbers(torch, 2, 5, 6).requires_grad_()
    logits = router(x)
    top, chosen = logits.topk(2, dim=-1)
    gates = F.softmax(torch.full_like(logits, float("-inf")).scatter(-1, chosen, top), dim=-1)
    out, flat, weights = torch.zeros_like(x), x.view(-1, 6), gates.view(-1, 4)
    for i, expert in enumerate(experts):
        mask = (chosen == i).any(dim=-1)
        rows = mask.view(-1)
        if rows.any():
            out[mask] += expert(flat[rows]) * weights[rows, i].unsqueeze(1)
    load = F.one_hot(chosen, 4).float().mean((0, 1, 2))
    balance = 4 * (load * logits.softmax(-1).mean((0, 1))).sum()
    (out.square().mean() + 0.01 * balance).backward()
    print(balance, [p.grad is not None for p in experts.parameters()])
    return out, x.grad, router.weight.grad


def a_network_watched(torch: Any) -> Any:
    """Statistics by forward, backward, tensor and parameter hooks; a Function prints itself; a path to a leaf."""
    nn = torch.nn
    model = same_start(torch, nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Sequential(nn.Linear(5, 5), nn.Tanh())))
    stats, norms = {}, {}

    def keep(name, module, args, output):
        stats[name] = output.mean().item(), output.std().item(), (output == 0).float().mean().item()

    def keep_gradient(name, module, to_inputs, to_outputs):
        norms[name] = to_outputs[0].norm().item()

    handles = [m.register_forward_hook(partial(keep, n)) for n, m in model.named_modules() if not list(m.children())]
    handles += [m.register_full_backward_hook(partial(keep_gradient, n)) for n, m in list(model.named_children())[1:]]
    for name, p in model.named_parameters():
        p.register_hook(lambda grad, name=name: print(name, tuple(grad.shape)))

    class Straight(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x.sign()

        @staticmethod
        def backward(ctx, grad):
            return grad

    x = numbers(torch, 3, 4)
    y = Straight.apply(model(x))
    print(y.grad_fn)
    y.register_hook(lambda grad: grad * 2)
    loss = (1 - y).pow(2).sum()
    path, node = [], loss.grad_fn
    while node.next_functions:
        path, node = [*path, node.name()], node.next_functions[0][0]
    print(path)
    loss.backward()
    for handle in handles:
        handle.remove()
    gru = nn.GRUCell(4, 2)
    print(gru(x).grad_fn.name(), len(model[0]._forward_hooks), gru)
    return stats, norms, [p.grad for p in model.parameters()]
