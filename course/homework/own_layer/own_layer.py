# ---
# jupyter:
#   jupytext:
#     formats: py:percent
# ---

# %% [markdown]
# # Homework: a layer of your own
#
# Penguins are measured in millimetres and in grams. A network that gets these numbers as they are hardly learns. You
# write the layer that mends it, and the loop that trains it.
#
# A prediction, a class and a function: 10 points, apart from the course's. Keep `own_layer.tasks.json` beside this
# notebook: the checks read it. Hand in the notebook.

# %%
from matplotlib import pyplot as plt

import paramlab as torch
from paramlab import nn, optim
from paramlab.data import penguins
from paramlab.nn import functional as F
from paramlab.workshop import assignment, check, progress

torch.manual_seed(0)
assignment("own_layer")

# %% [markdown]
# ## The birds
#
# `penguins` hands them out standardised already. Here they are as they were measured: 274 to train on, 68 to test on.


# %%
def measured(train):
    table = penguins(train=train)
    x, species = table.tensors
    return x * table.std + table.mean, species


x, species = measured(train=True)
x_test, species_test = measured(train=False)
print(penguins().features)
print(x[:3])

# %%
names = penguins().classes
for kind, name in enumerate(names):
    birds = x[species == kind]
    plt.scatter(birds[:, 0].numpy(), birds[:, 3].numpy(), label=name, s=12)
plt.xlabel("bill length in mm")
plt.ylabel("body mass in g")
plt.legend()
plt.show()

# %% [markdown]
# Look at the two axes. One number is a hundred times the other, and a step of SGD treats them alike.
#
# ## Predict: who picks up what?
#
# Your layer will subtract each column's mean. Where is such a mean to be kept? Here are four ways.


# %%
class FourWays(nn.Module):
    def __init__(self):
        super().__init__()
        self.learned = nn.Parameter(torch.zeros(4))
        self.frozen = nn.Parameter(torch.zeros(4), requires_grad=False)
        self.buffer = nn.Buffer(torch.zeros(4))
        self.plain = torch.zeros(4)


# %% [markdown]
# Does `parameters()` list it? Does `state_dict()` save it? Replace each `...` by True or False.

# %% prediction="four ways"
prediction = {
    #           listed  saved
    "learned": (True, True),
    "frozen": (True, True),
    "buffer": (False, True),
    "plain": (False, False),
}

# %% check="four ways"

# %%
torch.explore(FourWays())

# %% [markdown]
# ## Write it: `Standardize`
#
# The layer computes `(x - mean) / std * scale + shift`, each column with numbers of its own.
#
# - `scale` (ones at first) and `shift` (zeros) are **learned**.
# - `mean` (zeros at first) and `std` (ones) are **measured** by `measure(x)`: `x.mean(dim=0)` and `x.std(dim=0)`.
#   They are never learned. They are saved with the model, and measuring leaves no graph behind.


# %% yours="Standardize"
class Standardize(nn.Module):
    """x, of shape (N, features) → (x - mean) / std · scale + shift, of the same shape."""

    def __init__(self, features):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(features))  # yours
        self.shift = nn.Parameter(torch.zeros(features))  # yours
        self.mean = nn.Buffer(torch.zeros(features))  # yours
        self.std = nn.Buffer(torch.ones(features))  # yours

    def measure(self, x):
        """Set mean and std to those of the columns of x."""
        self.mean = x.detach().mean(dim=0)  # yours
        self.std = x.detach().std(dim=0)  # yours

    def forward(self, x):
        return (x - self.mean) / self.std * self.scale + self.shift  # yours
        # given: return x


# %% check="Standardize"

# %% [markdown]
# ## Write it: `train`
#
# `train(model, x, y, steps)` takes that many steps of SGD with a learning rate of 0.1, each on all of `x`. The loss is
# `F.cross_entropy(model(x), y)`. It returns the losses, one number a step: each as it was before its step.


# %% yours="train"
def train(model, x, y, steps):
    """Take steps of SGD, lr=0.1; return the loss before each of them, as numbers."""
    optimizer = optim.SGD(model.parameters(), lr=0.1)  # yours
    losses = []  # yours
    for _ in range(steps):  # yours
        optimizer.zero_grad()  # yours
        loss = F.cross_entropy(model(x), y)  # yours
        loss.backward()  # yours
        optimizer.step()  # yours
        losses.append(loss.item())  # yours
    return losses  # yours


# %% check="train"

# %% [markdown]
# ## Your layer at work
#
# The same network twice: once it gets the numbers as they are, once through your layer. Run these cells when both
# checks are right.


# %%
def network(first):
    torch.manual_seed(1)
    return nn.Sequential(first, nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 3))


raw, mine = network(nn.Identity()), network(Standardize(4))
mine[0].measure(x)
losses = {"as measured": train(raw, x, species, 150), "through your layer": train(mine, x, species, 150)}

# %%
for label, curve in losses.items():
    plt.plot(curve or [], label=label)
plt.xlabel("step")
plt.ylabel("loss")
plt.legend()
plt.show()


# %%
def accuracy(model):
    with torch.no_grad():
        return (model(x_test).argmax(dim=1) == species_test).float().mean().item()


print("as measured:       ", round(accuracy(raw), 2))
print("through your layer:", round(accuracy(mine), 2))

# %% [markdown]
# What was measured travels with the model. Press **Step** on the map: `scale` and `shift` change, `mean` and `std`
# stay.

# %%
optimizer = optim.SGD(mine.parameters(), lr=0.1)
torch.explore(mine, optimizer, loss=lambda: F.cross_entropy(mine(x), species))

# %%
progress()
