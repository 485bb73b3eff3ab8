# ---
# jupyter:
#   jupytext:
#     formats: py:percent
# ---

# %% [markdown]
# # 05 · Optimizer: who is updated?
#
# `optimizer.step()` takes no model, and no names. Yet the weights of your model change. Or they don't, and no error
# tells you.
#
# **The question:** whom does a step change, and whom does it pass over?
#
# You will build the optimizer's list and its rules: SGD with momentum, and Adam. They train every network from then
# on.

# %%
import copy

import numpy as np
from matplotlib import pyplot as plt

import paramlab as torch
from paramlab import Tensor, nn, optim
from paramlab.data import DataLoader, TensorDataset, digits, penguins
from paramlab.nn import functional as F
from paramlab.optim import Optimizer
from paramlab.optim.arrays import scalars
from paramlab.widgets import Heartbeat, Strings
from paramlab.workshop import check, implement, progress, use

torch.manual_seed(0)
use("mine")

# %% [markdown]
# ## A list of objects
#
# `optim.SGD(model.parameters())` walks through the model once, and writes down the tensors that it finds. From then on
# it has a list. Here is a small network that tells three species of penguins apart by four measurements:

# %%
birds, species = penguins(train=True).tensors
small = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))
optimizer = optim.SGD(small.parameters(), lr=0.5)
held = optimizer.param_groups[0]["params"]
print([tuple(p.shape) for p in held])
print([p is q for p, q in zip(held, small.parameters(), strict=True)])

# %% [markdown]
# A training loop has four beats. Play them one at a time, and look who wrote each tensor last. Which beat writes into
# `.grad`, which into the weights? What does the step use? (`F.cross_entropy` is the loss where one of several classes
# is right.)

# %%
Heartbeat(small, optimizer, loss=lambda: F.cross_entropy(small(birds), species))

# %% [markdown]
# ## Objects, not names
#
# You take over a network that knows ten digits, and it shall learn to tell even from odd. So you give it a new last
# layer, a new **head**. Follow the strings of `2.weight`: where does the name lead now, and what does the optimizer
# hold?

# %%
model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
optimizer = optim.SGD(model.parameters(), lr=0.1)
model[2] = nn.Linear(32, 2)
Strings(model, optimizer)

# %% [markdown]
# ## Predict: who is updated?
#
# A model of two layers is trained for a step, with momentum and weight decay (two options, explained below). Then one
# of these things is done to it:
#
# | | |
# |---|---|
# | body | nothing: this is the weight of the first layer |
# | new head, old head | `model[1] = nn.Linear(…)`, and the one that was there |
# | layer added | `model.append(nn.Linear(…))` |
# | frozen | `model[0].weight.requires_grad_(False)` |
# | deep copy | `model = copy.deepcopy(model)` |
# | model.to() | `model.to(torch.float64)` |
#
# Then `zero_grad()`, `backward()`, `step()`, with the optimizer from before. Is that weight in its list? Does it move?

# %% prediction="who is updated"
prediction = {
    #              held  moves
    "body": (True, True),
    "new head": (False, False),
    "old head": (True, False),
    "layer added": (False, False),
    "frozen": (True, False),
    "deep copy": (False, False),
    "model.to()": (True, True),
}

# %% check="who is updated"

# %% [markdown]
# See it on our digits, from the start. The **ghost rows** are the old head: no name leads to it any more, but the
# optimizer keeps it, and moves it whenever it has a gradient. Press **Step**: who changes, who does not?
#
# The new head learns nothing, and nothing complains: `backward()` gives it gradients, and nobody uses them.
# `zero_grad()` does not reach it either, so they add up. The **census** finds it, and says how to mend it.

# %%
x, y = digits(train=True).tensors
model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
optimizer = optim.SGD(model.parameters(), lr=0.1)
model[2] = nn.Linear(32, 2)
for finding in torch.census(model, optimizer).findings[1:3]:  # two of them
    print(finding.severity, "·", finding.name, "·", finding.rule)
    print("   →", finding.fix)
# this model, also when the name stands for another one below
torch.explore(model, optimizer, loss=lambda model=model: F.cross_entropy(model(x), y % 2))

# %% [markdown]
# There are two cures: make the optimizer after the change, or hand it the new tensors. And a trap on the way:
# `model.parameters()` is a generator. It runs once.

# %%
parameters = model.parameters()
print(sum(p.numel() for p in parameters), "numbers to learn")
try:
    optim.SGD(parameters, lr=0.1)
except ValueError as error:
    print(error)

# %% [markdown]
# ## Build it: `Optimizer.add_param_group`
#
# The list is a list of **groups**. A group is a dict: its tensors under `"params"`, and its options, `"lr"` and the
# rest. Every tensor comes in through this method, those at the construction too.
#
# - What is no dict is a `TypeError`: `f"param_group must be a dict, but got {type(param_group)}"`.
# - `self._list_params(param_group)` turns its `"params"`, be it a generator, one tensor, or pairs with names, into a
#   list. It changes the group, and returns nothing.
# - `self._check_params(param_group)` raises for computed tensors, and for those that another group holds.
# - The options that it does not name come from the dict `self.defaults`. Then it joins `self.param_groups`.

# %% piece="Optimizer.add_param_group"

# %% check="Optimizer.add_param_group"

# %% [markdown]
# Groups are for options of their own. What was learned on ten digits shall change slowly, the new head fast:

# %%
tuned = optim.SGD(model[0].parameters(), lr=0.01, momentum=0.9)
tuned.add_param_group({"params": model[2].parameters(), "lr": 0.1})
for group in tuned.param_groups:
    print(len(group["params"]), "tensors · lr", group["lr"], "· momentum", group["momentum"])

# %% [markdown]
# ## Build it: who is updated
#
# Before each step every optimizer asks this of each group: which of its tensors do I update? Those that **have a
# gradient**. `p.grad` is a tensor, or None. A gradient of zeros is a gradient, too.

# %% piece="Optimizer._updated"

# %% check="Optimizer._updated"

# %% [markdown]
# ## Build it: SGD with momentum
#
# Against the gradient goes downhill; `lr`, the **learning rate**, says how far. With **momentum** the step follows a
# buffer, in which the gradients of all steps add up while the old ones fade. (The optimizer keeps it. It is no
# `nn.Buffer`.)
#
# $$\text{buffer} \leftarrow \text{momentum} \cdot \text{buffer} + \text{grad} \qquad
#   \text{param} \leftarrow \text{param} - \text{lr} \cdot \text{buffer}$$
#
# The lists hold NumPy arrays, the memory of the tensors: write into them, `param -= …`, and no graph is recorded.
#
# - `buffers` has an array for each tensor, zeros at first. Without momentum it has None, and the step follows `grad`.
# - `grads` are the arrays of `p.grad`. Leave them as they are.
# - With `nesterov` the step looks ahead, along `grad + momentum * buffer`, after the buffer's update.
# - In the solution, `scalars(dtype, …)` turns Python's numbers into NumPy's, which saves time. You can do without.

# %% piece="sgd_update"

# %% check="sgd_update"

# %% [markdown]
# ## Down a valley
#
# An optimizer needs no model: any list of tensors will do. Here it is one point in a long valley, steep across and
# nearly flat along. The lowest point is in the middle.


# %%
def height(x, y):
    return 0.02 * x**2 + y**2


def path(kind, steps=40, **options):
    point = nn.Parameter(torch.tensor([-9.0, 1.8]))
    optimizer, visited = kind([point], **options), [point.tolist()]
    for _ in range(steps):
        optimizer.zero_grad()
        height(*point).backward()
        optimizer.step()
        visited.append(point.tolist())
    return np.array(visited)


# %%
def draw(paths):
    figure, axes = plt.subplots(len(paths), 1, figsize=(8, 2.2 * len(paths)), sharex=True)
    grid = np.meshgrid(np.linspace(-10, 6, 120), np.linspace(-2.4, 2.4, 60))
    for axis, (name, visited) in zip(axes, paths.items(), strict=True):
        axis.contour(*grid, height(*grid), levels=12, colors="gray", linewidths=0.5)
        axis.plot(*visited.T, "o-", markersize=3)
        axis.plot(0, 0, "k+", markersize=12)
        axis.set(title=name, ylim=(-2.4, 2.4))
    figure.tight_layout()
    plt.show()


draw({"plain": path(optim.SGD, lr=0.9), "momentum 0.9": path(optim.SGD, lr=0.3, momentum=0.9)})

# %% [markdown]
# Plain SGD jumps from side to side, and creeps along: a rate that is good for the flat direction is too large for the
# steep one. In the buffer, what changes its sign at each step cancels out, and what keeps it adds up. The price: it
# runs past the end, and comes back.
#
# ## Build it: Adam
#
# **Adam** gives each number a rate of its own. It keeps two running averages, of the gradient $g$ and of its square:
#
# $$m \leftarrow \beta_1 m + (1 - \beta_1)\, g \qquad v \leftarrow \beta_2 v + (1 - \beta_2)\, g^2$$
#
# $$\text{param} \leftarrow \text{param} - \text{lr} \cdot \hat m \,/\, (\sqrt{\hat v} + \epsilon)$$
#
# Both start at zero, so they are too small at first. $\hat m = m / (1 - \beta_1^{\text{steps}})$ makes up for that,
# and $\hat v = v / (1 - \beta_2^{\text{steps}})$.
#
# - `exp_avgs` is the list of the `m`, `exp_avg_sqs` that of the `v`: write into these arrays.
# - `steps` is one number, 1 in the first step. The corrected averages are for this step only.

# %% piece="adam_update"

# %% check="adam_update"

# %%
draw({"momentum 0.9": path(optim.SGD, lr=0.3, momentum=0.9), "Adam": path(optim.Adam, lr=0.5)})

# %% [markdown]
# Adam's first step is `lr` in each direction, however steep: the gradient is divided by its own size. So one rate does
# for the steep and for the flat.
#
# ## Build it: `Optimizer.zero_grad`
#
# `backward()` adds to what is in `.grad`. So it has to go before the next one. By default `p.grad` becomes None. With
# `set_to_none=False` the same tensor is filled with zeros, in place: `p.grad.zero_()`. If there is none, there is
# nothing to fill. (In the solution, `_without_history` is for a gradient that was computed by hand, and has a graph.)

# %% piece="Optimizer.zero_grad"

# %% check="Optimizer.zero_grad"

# %% [markdown]
# ## Predict: frozen, and still moving
#
# You train for a step. Then you freeze the weight, `weight.requires_grad_(False)`, and train on, with the same
# optimizer. No new gradient reaches the weight. Before the next `backward()` you clean up in one of three ways.
#
# Does the weight move in the next step: with plain SGD, with `momentum=0.9`, with `weight_decay=0.1`? (Weight decay
# adds that share of the weight itself to its gradient.)

# %% prediction="frozen, and still moving"
prediction = {
    #                              plain momentum decay
    "zero_grad()": (False, False, False),
    "zero_grad(set_to_none=False)": (False, True, True),
    "no zero_grad": (True, True, True),
}

# %% check="frozen, and still moving"


# %%
def drift(clean, **options):
    torch.manual_seed(0)
    layer = nn.Linear(64, 10)
    optimizer = optim.SGD(layer.parameters(), lr=0.1, **options)
    for step in range(20):
        clean(optimizer)
        F.cross_entropy(layer(x), y).backward()
        optimizer.step()
        if step == 9:  # then it is frozen
            before = layer.weight.requires_grad_(False).clone()
    return (layer.weight - before).abs().max().item()


for options in ({}, {"momentum": 0.9}, {"weight_decay": 0.1}):
    none = drift(lambda optimizer: optimizer.zero_grad(), **options)
    zeros = drift(lambda optimizer: optimizer.zero_grad(set_to_none=False), **options)
    print(f"{options!s:22}  grad None: {none:.3f}   grad zeros: {zeros:.3f}")

# %% [markdown]
# You will read: "a frozen parameter in the optimizer still decays." It does not, while its gradient is None: the step
# passes it over, decay and momentum included. It does when the gradient is kept as zeros. PyTorch has set it to None
# by default since version 2.0; older code, and `set_to_none=False`, keep zeros.
#
# The safe way: freeze first, and hand over only what is to learn.
#
# ```python
# model[0].requires_grad_(False)
# optimizer = optim.Adam([p for p in model.parameters() if p.requires_grad])
# ```
#
# ## Your rules train a network
#
# Real digits, the same first weights, three optimizers. All of it runs on your code: the list, who is in it, the rule,
# and the cleaning up.


# %%
def train(model, optimizer, target=lambda y: y, epochs=8):
    torch.manual_seed(1)
    losses = []
    for _ in range(epochs):
        for images, labels in DataLoader(TensorDataset(x, y), batch_size=64, shuffle=True):
            optimizer.zero_grad()
            loss = F.cross_entropy(model(images), target(labels))
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    return losses


def network():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))


# %% tags=["nbval-ignore-output"]
kinds = {
    "SGD": lambda p: optim.SGD(p, lr=0.1),
    "SGD with momentum": lambda p: optim.SGD(p, lr=0.1, momentum=0.9),
    "Adam": lambda p: optim.Adam(p, lr=0.01),
}
for name, make in kinds.items():
    model = network()
    plt.plot(train(model, make(model.parameters())), label=name)
plt.yscale("log")
plt.xlabel("step"), plt.ylabel("loss"), plt.legend()
plt.show()

# %% [markdown]
# ## The new head, trained
#
# The last `model` knows its ten digits. Now it gets the new head, for even or odd. Once with the optimizer that was
# made before, once with one that was made after:


# %% tags=["nbval-ignore-output"]
trained = model
for name in ("optimizer made before", "optimizer made after"):
    model = copy.deepcopy(trained)
    optimizer = optim.SGD(model.parameters(), lr=0.02)
    torch.manual_seed(2)
    model[2] = nn.Linear(32, 2)
    if name == "optimizer made after":
        optimizer = optim.SGD(model.parameters(), lr=0.02)
    before = torch.census(model)
    plt.plot(train(model, optimizer, target=lambda y: y % 2), label=name)
    print(name + ":", torch.census(model).diff(before))
plt.xlabel("step"), plt.ylabel("loss"), plt.legend()
plt.show()

# %% [markdown]
# Both learn! The stale one bends the body until it fits a head of random numbers. A falling loss does not prove that
# everything learns. The census does: it names who has changed.
#
# ## A copy is not followed
#
# The cell above copied the model *before* it made the optimizer. The other way round is a bug that people search for
# days: a function that trains a copy, with the optimizer of the original.

# %%
optimizer = optim.SGD(model.parameters(), lr=0.1)
other = copy.deepcopy(model)
for _ in range(3):
    optimizer.zero_grad()
    loss = F.cross_entropy(other(x), y % 2)
    loss.backward()
    optimizer.step()
    print(f"loss {loss.item():.4f} · the copy's gradient {other[0].weight.grad.abs().sum().item():.2f}")

# %% [markdown]
# The loss stands still, and the copy's gradients add up: `zero_grad()` cleans up the original.
#
# ## What you know now
#
# - An optimizer holds objects, in groups with options of their own. It wrote them down when it was made.
# - A new head, a layer added later, a deep copy: not in the list. `model.to()` keeps the objects, so it is fine.
# - A step changes those in the list that have a gradient. None is passed over, zeros are not.
# - SGD follows the gradient or its momentum. Adam divides by the gradient's own size.
#
# What survives when you close the notebook? That is lesson 06.

# %%
progress()
