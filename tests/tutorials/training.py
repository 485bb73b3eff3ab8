"""Around the training loop: optimizers, schedules, checkpoints, heads, targets that stand still."""

from __future__ import annotations

import copy
import io
import math
from typing import Any

from . import classes, numbers, same_start


def gradients_accumulated_and_averaged(torch: Any) -> Any:
    """Four small batches make the gradient of the large one; an average of the weights follows behind."""
    nn, F = torch.nn, torch.nn.functional
    model = same_start(torch, nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3)))
    ema = copy.deepcopy(model).requires_grad_(False)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    x, y = numbers(torch, 16, 4), classes(torch, 3, 16)
    whole = torch.autograd.grad(F.cross_entropy(model(x), y), list(model.parameters()))
    for i, (xb, yb) in enumerate(zip(x.split(4), y.chunk(4), strict=True)):
        loss = F.cross_entropy(model(xb), yb) / 4
        loss.backward()
        if (i + 1) % 4 == 0:
            same = all(torch.allclose(p.grad, g, atol=1e-6) for p, g in zip(model.parameters(), whole, strict=True))
            optimizer.step()
            optimizer.zero_grad()
            with torch.no_grad():
                for averaged, p in zip(ema.parameters(), model.parameters(), strict=True):
                    averaged.mul_(0.9).add_(p, alpha=0.1)
                    averaged.lerp_(p, 0.5)
    print(same, all(p.grad is None for p in model.parameters()))
    return loss, list(ema.parameters()), list(model.state_dict().values())


def a_learning_rate_finder(torch: Any) -> Any:
    """An exponential schedule, losses smoothed, the rate with the steepest fall, everything put back."""
    nn = torch.nn
    model = same_start(torch, nn.Linear(4, 1))
    start = {k: v.clone() for k, v in model.state_dict().items()}
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-4)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lr_lambda=lambda step: 2.0**step)
    x = numbers(torch, 20, 4)
    y = x @ torch.tensor([[1.0], [-2.0], [0.5], [3.0]])
    rates, losses, smooth = [], [], 0.0
    for step in range(14):
        loss = nn.functional.mse_loss(model(x), y)
        smooth = 0.9 * smooth + 0.1 * loss.item()
        losses.append(smooth / (1 - 0.9 ** (step + 1)))
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    steepest = torch.tensor(losses).diff().argmin().item()
    model.load_state_dict(start)
    print(f"suggested {rates[steepest]:.1e}")
    return rates, losses, model.weight


def a_checkpoint_resumed(torch: Any) -> Any:
    """Three steps and three more are six steps in one: model, optimizer, schedule and epoch in one file."""
    nn, F = torch.nn, torch.nn.functional

    def build():
        model = same_start(torch, nn.Sequential(nn.Linear(3, 5, bias=False), nn.BatchNorm1d(5), nn.Linear(5, 2)))
        optimizer = torch.optim.AdamW(model.parameters(), lr=0.02)
        return model, optimizer, torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=6)

    def train(model, optimizer, schedule, steps):
        for i in steps:
            loss = F.cross_entropy(model(numbers(torch, 8, 3, seed=i)), classes(torch, 2, 8, seed=i))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
        return loss

    whole = build()
    train(*whole, range(6))
    first = build()
    loss = train(*first, range(3))
    file = io.BytesIO()
    names = ("model_state_dict", "optimizer_state_dict", "scheduler_state_dict")
    states = {name: part.state_dict() for name, part in zip(names, first, strict=True)}
    torch.save({"epoch": 3, "loss": loss, **states}, file)
    file.seek(0)
    second, checkpoint = build(), torch.load(file, weights_only=True)
    for name, part in zip(names, second, strict=True):
        part.load_state_dict(checkpoint[name])
    train(*second, range(checkpoint["epoch"], 6))
    pairs = zip(whole[0].state_dict().values(), second[0].state_dict().values(), strict=True)
    print(all(torch.equal(a, b) for a, b in pairs), checkpoint["epoch"], type(checkpoint["loss"]).__name__)
    return list(second[0].parameters()), second[1].state_dict(), second[2].get_last_lr()


def sentences_of_different_lengths(torch: Any) -> Any:
    """A data set and a collate function of one's own: padding, lengths, a mask, a masked mean."""
    nn = torch.nn

    class Sentences(torch.utils.data.Dataset):
        def __init__(self, lengths, transform=None):
            self.lengths, self.transform = lengths, transform

        def __len__(self):
            return len(self.lengths)

        def __getitem__(self, idx):
            sample = torch.arange(1, self.lengths[idx] + 1)
            return (self.transform(sample) if self.transform else sample), self.lengths[idx] % 2

    def collate(batch):
        texts, labels = zip(*batch, strict=True)
        lengths = torch.tensor([len(t) for t in texts])
        return nn.utils.rnn.pad_sequence(texts, batch_first=True), torch.tensor(labels), lengths

    data = Sentences([3, 1, 4, 2, 5], transform=lambda t: t * 2)
    loader = torch.utils.data.DataLoader(data, batch_size=2, shuffle=False, collate_fn=collate)
    emb = same_start(torch, nn.Embedding(12, 3, padding_idx=0))
    results = []
    for texts, labels, lengths in loader:
        mask = torch.arange(texts.size(1))[None, :] < lengths[:, None]
        pooled = (emb(texts) * mask.unsqueeze(-1)).sum(1) / lengths.unsqueeze(1)
        pooled.sum().backward()
        results += [texts, labels, mask, pooled]
    print(len(loader), len(data), next(iter(loader))[0], data[0])
    return results, emb.weight.grad


def early_stopping(torch: Any) -> Any:
    """Stop when the loss on held-out data has not improved, with ReduceLROnPlateau beside it."""
    nn = torch.nn

    class EarlyStopping:
        def __init__(self, patience=2, min_delta=0.0):
            self.patience, self.min_delta, self.counter, self.best = patience, min_delta, 0, math.inf

        def __call__(self, val_loss):
            improved = val_loss < self.best - self.min_delta
            self.best, self.counter = (val_loss, 0) if improved else (self.best, self.counter + 1)
            return self.counter >= self.patience

    model = same_start(torch, nn.Linear(3, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.6)
    schedule = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, mode="min", factor=0.5, patience=1)
    stopper, history = EarlyStopping(), []
    x, y = numbers(torch, 10, 3), numbers(torch, 10, 1, seed=1)
    for epoch in range(30):
        model.train()
        optimizer.zero_grad()
        nn.functional.smooth_l1_loss(model(x[:7]), y[:7]).backward()
        optimizer.step()
        model.eval()
        with torch.no_grad():
            val_loss = nn.functional.l1_loss(model(x[7:]), y[7:])
        schedule.step(val_loss)
        history.append((val_loss.item(), optimizer.param_groups[0]["lr"]))
        if stopper(val_loss):
            print("stopped in", epoch)
            break
    return history, stopper.best, schedule.state_dict()["num_bad_epochs"]


def an_optimizer_of_ones_own(torch: Any) -> Any:
    """Lion, as a subclass of Optimizer: defaults, groups, state, no_grad, a closure, a copy through state_dict."""
    nn = torch.nn

    class Lion(torch.optim.Optimizer):
        def __init__(self, params, lr=1e-2, betas=(0.9, 0.99), weight_decay=0.0):
            if lr <= 0.0:
                raise ValueError(f"Invalid learning rate: {lr}")
            super().__init__(params, {"lr": lr, "betas": betas, "weight_decay": weight_decay})

        @torch.no_grad()
        def step(self, closure=None):
            loss = None
            if closure is not None:
                with torch.enable_grad():
                    loss = closure()
            for group in self.param_groups:
                for p in group["params"]:
                    if p.grad is None:
                        continue
                    p.data.mul_(1 - group["lr"] * group["weight_decay"])
                    state = self.state[p]
                    if len(state) == 0:
                        state["exp_avg"] = torch.zeros_like(p)
                    exp_avg, (beta1, beta2) = state["exp_avg"], group["betas"]
                    update = exp_avg * beta1 + p.grad * (1 - beta1)
                    p.add_(torch.sign(update), alpha=-group["lr"])
                    exp_avg.mul_(beta2).add_(p.grad, alpha=1 - beta2)
            return loss

    model = same_start(torch, nn.Sequential(nn.Linear(3, 4), nn.Sigmoid(), nn.Linear(4, 1)))
    groups = [{"params": model[0].parameters(), "lr": 5e-3}, {"params": model[2].parameters(), "weight_decay": 0.1}]
    opt = Lion(groups)
    x, y = numbers(torch, 6, 3), numbers(torch, 6, 1, seed=1)

    def closure():
        opt.zero_grad()
        loss = nn.MSELoss()(model(x), y)
        loss.backward()
        return loss

    losses = [opt.step(closure) for _ in range(4)]
    again = Lion(model.parameters())
    print(opt)
    state = opt.state_dict()
    print({k: list(v) for k, v in state["state"].items()}, state["param_groups"])
    try:
        again.load_state_dict(state)
    except ValueError as error:
        print(type(error).__name__, "different number of parameter groups" in str(error))
    return losses, list(model.parameters())


def a_q_network_updated(torch: Any) -> Any:
    """DQN: gather the taken actions, a target network under no_grad, a soft update, clipped values."""
    nn = torch.nn

    class DQN(nn.Module):
        def __init__(self, n_observations, n_actions):
            super().__init__()
            self.layer1 = nn.Linear(n_observations, 8)
            self.layer3 = nn.Linear(8, n_actions)

        def forward(self, x):
            return self.layer3(nn.functional.relu(self.layer1(x)))

    policy_net, target_net = same_start(torch, DQN(4, 2)), DQN(4, 2)
    target_net.load_state_dict(policy_net.state_dict())
    optimizer = torch.optim.AdamW(policy_net.parameters(), lr=1e-2, amsgrad=True)
    states, actions, rewards = numbers(torch, 6, 4), classes(torch, 2, 6, 1), numbers(torch, 6, seed=2)
    nexts = [None if i in (1, 4) else numbers(torch, 1, 4, seed=i) for i in range(6)]
    for _ in range(2):
        mask = torch.tensor(tuple(s is not None for s in nexts), dtype=torch.bool)
        next_state_values = torch.zeros(6)
        with torch.no_grad():
            next_state_values[mask] = target_net(torch.cat([s for s in nexts if s is not None])).max(1).values
        expected = next_state_values * 0.99 + rewards
        chosen = policy_net(states).gather(1, actions)
        loss = nn.SmoothL1Loss()(chosen, expected.unsqueeze(1))
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_value_(policy_net.parameters(), 0.05)
        optimizer.step()
        target, policy = target_net.state_dict(), policy_net.state_dict()
        for key in policy:
            target[key] = policy[key] * 0.3 + target[key] * (1 - 0.3)
        target_net.load_state_dict(target)
    print(policy_net(states[:1]).max(1).indices.view(1, 1), policy_net(states[0]).argmax().item())
    return loss, chosen, expected, target_net.state_dict()


def ratings_factorised(torch: Any) -> Any:
    """Matrix factorisation: users and items as embeddings with biases, weight decay, a lambda as the rate."""
    nn = torch.nn

    class MF(nn.Module):
        def __init__(self, users, items, k=3):
            super().__init__()
            self.u, self.i = nn.Embedding(users, k), nn.Embedding(items, k)
            self.u_bias, self.i_bias = nn.Embedding(users, 1), nn.Embedding(items, 1)
            self.mean = nn.Parameter(torch.zeros(1), requires_grad=False)

        def forward(self, u, i):
            return (self.u(u) * self.i(i)).sum(1) + self.u_bias(u).squeeze() + self.i_bias(i).squeeze() + self.mean

    model = same_start(torch, MF(5, 6))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda epoch: 0.95**epoch)
    u, i, r = classes(torch, 5, 12), classes(torch, 6, 12, seed=1), classes(torch, 5, 12, seed=2).float()
    for _ in range(4):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(u, i), r)
        loss.backward()
        optimizer.step()
        schedule.step()
    return loss, model.u.weight, model.mean, schedule.get_last_lr()


def heads_and_a_temperature(torch: Any) -> Any:
    """A ModuleDict of heads, a layer with register_parameter(name, None), a temperature that is learned."""
    nn, F = torch.nn, torch.nn.functional

    class Scale(nn.Module):
        def __init__(self, features, bias=False, t=0.07):
            super().__init__()
            self.weight = nn.Parameter(torch.ones(features))
            self.log_t = nn.Parameter(torch.tensor(1 / t).log())
            if bias:
                self.bias = nn.Parameter(torch.zeros(features))
            else:
                self.register_parameter("bias", None)
            self.register_buffer("calls", torch.tensor(0))

        def forward(self, x):
            self.calls += 1
            y = F.normalize(x * self.weight, dim=-1) * self.log_t.exp()
            return y if self.bias is None else y + self.bias

        def extra_repr(self):
            return f"features={self.weight.numel()}, bias={self.bias is not None}"

    class Multi(nn.Module):
        def __init__(self):
            super().__init__()
            self.trunk = nn.Linear(3, 4)
            self.scale = Scale(4)
            self.heads = nn.ModuleDict({"kind": nn.Linear(4, 3), "size": nn.Linear(4, 1)})

        def forward(self, x):
            h = self.scale(torch.relu(self.trunk(x)))
            return {name: head(h) for name, head in self.heads.items()}

    model = same_start(torch, Multi())
    out = model(numbers(torch, 5, 3))
    losses = {
        "kind": F.cross_entropy(out["kind"], classes(torch, 3, 5)),
        "size": F.mse_loss(out["size"].squeeze(-1), numbers(torch, 5, seed=2)),
    }
    torch.stack(list(losses.values())).sum().backward()
    print(model)
    for name, p in model.named_parameters():
        print(name, p.size(), p.requires_grad, p.grad is not None)
    return losses, model.scale.log_t.grad, model.scale.calls, list(model.state_dict())
