# ---
# jupyter:
#   jupytext:
#     formats: py:percent
# ---

# %% [markdown]
# # 04 · Buffer: what is state that is not learned?
#
# You train a model, save it and load it. Its weights are all there, and its answers are wrong.
#
# **The question:** what else does a model have to remember, besides what it has learned?
#
# You will build the drawer for it, and the arithmetic in the layer that needs it most: BatchNorm.

# %%
import copy

from matplotlib import pyplot as plt

import paramlab as torch
from paramlab import Tensor, nn, optim
from paramlab.data import DataLoader, TensorDataset, digits, penguins
from paramlab.nn import Buffer, Module, Parameter
from paramlab.nn import functional as F
from paramlab.nn.functional.norm import update_running_stats
from paramlab.widgets import Drawers
from paramlab.workshop import check, implement, progress, use

torch.manual_seed(0)
use("mine")

# %% [markdown]
# ## What a model knows without learning it
#
# 342 real penguins were measured, 274 of them to train on: bill length, bill depth and flipper length in millimetres,
# mass in grams.

# %%
train_birds = penguins(train=True)
x, species = train_birds.tensors
birds = (x * train_birds.std + train_birds.mean).round(decimals=1)  # as they were measured
print(*train_birds.features)
print(birds[0])

# %% [markdown]
# Grams are large and millimetres small. So a model for penguins first subtracts the mean of each column, and divides
# by the standard deviation. These eight numbers come from the data. No gradient makes them better. But without them
# the model is useless.


# %%
class Standardise(nn.Module):
    def __init__(self):
        super().__init__()
        self.mean = torch.zeros(4)
        self.std = torch.ones(4)

    def forward(self, x):
        return (x - self.mean) / self.std


layer = Standardise()
layer.mean, layer.std = birds.mean(dim=0), birds.std(dim=0)
print(layer(birds)[0])

# %% [markdown]
# Now save it, and load it into a new one, as after a restart:

# %%
twin = Standardise()
print(twin.load_state_dict(layer.state_dict()))
print(twin(birds)[0])

# %% [markdown]
# "All keys matched", and the numbers are gone: plain tensors are saved by nobody. Parameters would be saved, and then
# trained away. What is missing is a third kind: a **Buffer**, state that belongs to the model and is not learned.
#
# | as you write it | |
# |---|---|
# | `self.register_buffer("mean", t)` | the older way, and the most common one |
# | `self.mean = nn.Buffer(t)` | the same, shorter |
#
# Both take `persistent=False`: the buffer is then left out of `state_dict()`. That is for what can be computed again,
# such as a mask.
#
# ## Predict: what is kept?
#
# Four tensors of a layer:
#
# ```python
# self.plain = t
# self.weight = nn.Parameter(t)
# self.mean = nn.Buffer(t)
# self.mask = nn.Buffer(t, persistent=False)
# ```
#
# Does `buffers()` list it, does `state_dict()` save it, does `.to()` move it?

# %% prediction="what is kept"
prediction = {
    #          a buffer  saved  moved
    "plain": (False, False, False),
    "weight": (False, True, True),
    "mean": (True, True, True),
    "mask": (True, False, True),
}

# %% check="what is kept"

# %% [markdown]
# See it on the map. Choose `mask`, and read why it is moved and not saved. Then switch `mean` to another kind and
# watch the lanes.

# %%
model = nn.Module()
model.plain, model.weight = torch.ones(4), nn.Parameter(torch.ones(4))
model.mean, model.mask = nn.Buffer(torch.ones(4)), nn.Buffer(torch.ones(4), persistent=False)
torch.explore(model, optim.SGD(model.parameters(), lr=0.1))

# %% [markdown]
# ## Build it: `Module.register_buffer`
#
# `self.mean = nn.Buffer(t)` calls this as well, so you build both ways at once.
#
# - `self._check_new_name("buffer", name)` refuses a bad name.
# - `tensor` is a tensor or **None**, which keeps a place. For anything else call `self._refuse_buffer(name, tensor)`.
# - The tensor goes into the dict `self._buffers`, as it is.
# - `self._non_persistent_buffers_set` is a set of names: those that `state_dict()` passes over.

# %% piece="Module.register_buffer"

# %% check="Module.register_buffer"

# %% [markdown]
# The same layer, with your method. What one has measured, the other knows after loading:


# %%
class Standardise(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("mean", torch.zeros(4))
        self.register_buffer("std", torch.ones(4))

    def forward(self, x):
        return (x - self.mean) / self.std


layer, twin = Standardise(), Standardise()
layer.mean, layer.std = birds.mean(dim=0), birds.std(dim=0)
print(twin.load_state_dict(layer.state_dict()))
print((twin(birds) == layer(birds)).all())

# %% [markdown]
# ## A tensor over a buffer stays the buffer
#
# Look at `layer.mean = birds.mean(dim=0)` above. The value is a plain tensor, and yet it was saved. A name that holds
# a buffer goes on holding one: a tensor that is assigned takes the old one's place. Guess where these lines put their
# values, then run them:

# %%
m = nn.Module()
Drawers(m)

# %% [markdown]
# ## What an old checkpoint says
#
# You add a buffer to a model, and last week's checkpoint does not know it. It is reported as **missing**. A
# non-persistent buffer is never missing. But if it was persistent when the checkpoint was made, its value is
# **unexpected** now.

# %%
old, new = {}, {"mean": torch.ones(4)}
for persistent, checkpoint in ((True, old), (False, old), (False, new)):
    layer = nn.Module()
    layer.register_buffer("mean", torch.zeros(4), persistent=persistent)
    print("persistent:", persistent, "· in the checkpoint:", list(checkpoint))
    print("   ", layer.load_state_dict(checkpoint, strict=False))

# %% [markdown]
# `strict=False` returns the two lists. The default, `strict=True`, raises an error if one of them is not empty. So
# whether a buffer is persistent is a promise to everybody who has a checkpoint.
#
# ## Build it: `Module.named_buffers`
#
# It is the walk of `named_parameters()`, over another dict: for each module of `self.named_modules(prefix=prefix)`,
# its `_buffers`. Yield the full name and the tensor.
#
# - With `recurse=False`, only the module's own.
# - A tensor under two names comes once, unless `remove_duplicate=False`.
# - None is passed over. A non-persistent buffer is not: it is a buffer.

# %% piece="Module.named_buffers"

# %% check="Module.named_buffers"

# %% [markdown]
# ## BatchNorm: a layer that watches its data
#
# `Standardise` works at the entrance of a network, where we know the data. Inside, the values change with every step.
# **BatchNorm** standardises them all the same. In training it uses the mean and variance of the batch at hand, and
# keeps a running average of both. After `eval()` it uses the averages.
#
# | | in `nn.BatchNorm1d` |
# |---|---|
# | ◆ learned | `weight`, `bias` |
# | ≡ watched | `running_mean`, `running_var`, `num_batches_tracked` |
#
# ## Build it: the update
#
# After each batch the running value moves a little towards the batch's value. **Momentum** says how far; it is 0.1
# unless told otherwise.
#
# $$\text{running} \leftarrow (1 - \text{momentum}) \cdot \text{running} + \text{momentum} \cdot \text{batch}$$
#
# Write into the buffer. `t.mul_(a)` multiplies `t` in place, `t.add_(b)` adds `b` to it, `t.add_(b, alpha=a)` adds
# `a * b`, `t.copy_(b)` overwrites it.

# %% piece="update_running_stats"

# %% check="update_running_stats"

# %% [markdown]
# ## Your layer
#
# Now the whole layer, on your `register_buffer` and your update. Replace the `...`: what happens in training?
#
# - `mean` and `var` become those of the batch: `x.mean(dim=0)`, and `x.var(dim=0, unbiased=False)`.
# - Both buffers are updated, the second with `x.var(dim=0)`. (The two variances differ by n or n − 1.)
# - Hand the update `….detach()`: below you will see why.


# %% yours="BatchNorm"
class Norm(nn.Module):
    def __init__(self, features, momentum=0.1):
        super().__init__()
        self.momentum = momentum
        self.weight = nn.Parameter(torch.ones(features))
        self.bias = nn.Parameter(torch.zeros(features))
        self.register_buffer("running_mean", torch.zeros(features))
        self.register_buffer("running_var", torch.ones(features))

    def forward(self, x):
        mean, var = self.running_mean, self.running_var
        if self.training:
            mean, var = x.mean(dim=0), x.var(dim=0, unbiased=False)  # yours
            update_running_stats(self.running_mean, mean.detach(), self.momentum)  # yours
            update_running_stats(self.running_var, x.var(dim=0).detach(), self.momentum)  # yours
        return (x - mean) / (var + 1e-5).sqrt() * self.weight + self.bias


# %% [markdown]
# Is it the same as PyTorch's layer? Three batches of penguins in training, then one after `eval()`:

# %%
mine, theirs = Norm(4), nn.BatchNorm1d(4)
for batch in birds[:96].split(32):
    print("in training:", torch.allclose(mine(batch), theirs(batch), atol=1e-4))
print("running mean:", torch.allclose(mine.running_mean, theirs.running_mean))
print("running var: ", torch.allclose(mine.running_var, theirs.running_var))
print("after eval():", torch.allclose(mine.eval()(birds), theirs.eval()(birds), atol=1e-4))

# %% [markdown]
# ## Watch it learn without learning
#
# The statistics start at mean 0 and variance 1, far from any penguin. They move with every batch. There is no loss
# and no optimizer. At the dashed line they have arrived at the values of the whole data set.


# %% tags=["nbval-ignore-output"]
norm, means, variances = nn.BatchNorm1d(4), [], []
for _ in range(6):
    for batch, _ in DataLoader(TensorDataset(birds, species), batch_size=32, shuffle=True):
        norm(batch)
        means.append((norm.running_mean / birds.mean(dim=0)).tolist())
        variances.append((norm.running_var / birds.var(dim=0)).tolist())
figure, axes = plt.subplots(1, 2, figsize=(9, 3))
for axis, curves, which in zip(axes, (means, variances), ("mean", "variance"), strict=True):
    axis.plot(curves, label=train_birds.features)
    axis.axhline(1, color="gray", linestyle="--")
    axis.set(title=f"running {which} / {which} of the data", xlabel="batch")
axes[0].legend()
plt.show()

# %% [markdown]
# ## Too early for eval()
#
# Each batch goes a tenth of the way that is left: after ten, a third is still to go. And `eval()` believes what is
# there. Here a small classifier looks at the penguins. After each step of training, its accuracy is measured in both
# modes:

# %% tags=["nbval-ignore-output"]
torch.manual_seed(0)
model = nn.Sequential(nn.BatchNorm1d(4), nn.Linear(4, 3))
optimizer, curves = optim.SGD(model.parameters(), lr=0.5), {True: [], False: []}
for _ in range(60):
    optimizer.zero_grad()
    F.cross_entropy(model(birds), species).backward()
    optimizer.step()
    for training, curve in curves.items():
        twin = copy.deepcopy(model).train(training)  # measuring moves no statistics then
        curve.append((twin(birds).argmax(dim=1) == species).float().mean().item())
for training, curve in curves.items():
    plt.plot(curve, label="train()" if training else "eval()")
plt.xlabel("step"), plt.ylabel("accuracy"), plt.legend()
plt.show()

# %% [markdown]
# The weights are the same in both curves. Only the statistics differ. A model that is good in training and bad after
# `eval()` has often just seen too few batches.
#
# ## A buffer that keeps the graph
#
# Why `detach()`? The batch's mean is computed of the layer before, so it has a history, its graph. A buffer that takes
# it in takes the history in, too:

# %%
layer = nn.Module()
layer.weight = nn.Parameter(torch.ones(2))
layer.register_buffer("mean", torch.zeros(2))
try:
    for step in range(2):
        y = layer.weight * 3
        layer.mean = 0.9 * layer.mean + 0.1 * y * y
        (y * y + layer.mean).sum().backward()
        print("step", step, "· the buffer has a history:", layer.mean.grad_fn is not None)
except RuntimeError as error:
    print(error)

# %% [markdown]
# The second `backward()` walks through the buffer into the first step's graph, which is used up.
#
# In your `Norm` no gradient walks through the buffer. Without `detach()` nothing would raise: the graphs of all steps
# would stay in memory, and `copy.deepcopy(model)` would fail one day. A statistic is a number, not a path for
# gradients: `0.1 * (y * y).detach()`.
#
# ## Predict: frozen is not eval
#
# You take a trained network, and its BatchNorm is to stay as it is. Four ways to say so, and then a batch comes:
#
# | | |
# |---|---|
# | frozen | `norm.requires_grad_(False)` |
# | eval | `norm.eval()` |
# | eval, then train | `norm.eval()`, and later `model.train()` |
# | no_grad | the batch runs under `torch.no_grad()` |
#
# Does the running mean move? Does a gradient reach the weight?

# %% prediction="frozen is not eval"
prediction = {
    #               mean moves  gradient
    "frozen": (True, False),
    "eval": (False, True),
    "eval, then train": (True, True),
    "no_grad": (True, False),
}

# %% check="frozen is not eval"

# %% [markdown]
# Two switches, and they do not know of each other. `requires_grad` is about gradients. `training` is about which
# statistics are used, and whether they move. To keep a BatchNorm as it is you need both, and `norm.eval()` again after
# each `model.train()`.
#
# ## See it on a real model
#
# A network with BatchNorm learns handwritten digits. Your update runs in every step.

# %%
torch.manual_seed(0)
train_set, (x, y) = digits(train=True), digits(train=False).tensors
model = nn.Sequential(nn.Linear(64, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Linear(64, 10))
optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
for _ in range(8):
    for batch, labels in DataLoader(train_set, batch_size=32, shuffle=True):
        optimizer.zero_grad()
        F.cross_entropy(model(batch), labels).backward()
        optimizer.step()

# %% [markdown]
# The same weights, the same 359 test images, asked in four ways: in batches where the digits are mixed, or in batches
# of one digit each. A copy answers, so that measuring does not move the statistics.


# %% tags=["nbval-ignore-output"]
def accuracy(model, batches):
    model = copy.deepcopy(model)
    with torch.no_grad():
        right = sum((model(x[rows]).argmax(dim=1) == y[rows]).sum().item() for rows in batches)
    return right / len(y)


mixed = torch.arange(len(y)).split(32)
sorted_by_digit = [(y == digit).nonzero().flatten() for digit in range(10)]
for training in (False, True):
    model.train(training)
    mode = "train()" if training else "eval()"
    for name, batches in (("mixed", mixed), ("by digit", sorted_by_digit)):
        print(f"{mode:8} {name:9} {accuracy(model, batches):.0%}")

# %% [markdown]
# After `eval()` an image's answer is its own. In training mode it depends on its neighbours: in a batch of sevens only,
# the mean is that of a seven, and what makes a seven is subtracted. Forgetting `eval()` looks harmless on mixed
# batches. (A batch of one image is an error in training mode: one value has no variance.)
#
# ## Frozen, and still moving
#
# Now freeze every Parameter, switch gradients off, and let the network look at other images: the same digits, white
# on black. No `eval()`. Nobody trains anything.

# %% tags=["nbval-ignore-output"]
model.requires_grad_(False)
optimizer.zero_grad()  # no old gradient is left
before = torch.census(model)
was = accuracy(model.eval(), mixed)
model.train()
with torch.no_grad():
    for _ in range(5):
        for batch, _ in DataLoader(train_set, batch_size=32):
            model(1 - batch)
print(f"accuracy {was:.0%}, and now {accuracy(model.eval(), mixed):.0%}")
print(torch.census(model).diff(before))
torch.explore(model)

# %% [markdown]
# A quarter of the right answers is gone, and no Parameter has changed: the census names the buffers that did. This is
# the bug of many a fine-tuned model: everything is frozen, nothing is in eval mode.
#
# ## What you know now
#
# - A Buffer is state: saved and moved with the model, never learned. `persistent=False` leaves it out of the
#   checkpoint.
# - A tensor assigned over a buffer is the buffer. A plain tensor under a new name is nobody's.
# - BatchNorm moves its statistics in every forward in training mode. `requires_grad` and `no_grad` do not stop it;
#   `eval()` does, and `train()` undoes that.
# - What a buffer takes in is detached first.
#
# Who changes the Parameters? The optimizer, in lesson 05.

# %%
progress()
