# ---
# jupyter:
#   jupytext:
#     formats: py:percent
# ---

# %% [markdown]
# # Homework: audit and repair a model
#
# A colleague leaves a model that reads Jane Austen letter by letter and guesses the next one. It trains without an
# error, and it is broken in several places.
#
# Find out who picks its tensors up, then repair it: 10 points, apart from the course's. Keep `audit.tasks.json` beside
# this notebook: the checks read it. Hand in the notebook.

# %%
import copy

from matplotlib import pyplot as plt

import paramlab as torch
from paramlab import nn, optim
from paramlab.data import pride_and_prejudice
from paramlab.nn import functional as F
from paramlab.workshop import assignment, check, progress

torch.manual_seed(0)
assignment("audit")

# %% [markdown]
# ## The text
#
# Each letter gets a number. Three letters are what the model sees, the fourth is what it guesses.

# %%
text = pride_and_prejudice(train=True)[:20_000]
letters = sorted(set(text))
numbers = torch.tensor([letters.index(letter) for letter in text])
seen = torch.stack([numbers[:-3], numbers[1:-2], numbers[2:-1]], dim=1)
following = numbers[3:]
print(len(letters), "letters;", seen.shape, following.shape)
print(repr(text[:60]))

# %% [markdown]
# How often a letter comes is known before any training. Its logarithm is added to the scores: the model begins with the
# usual letters.

# %%
usual = (torch.bincount(numbers) / len(numbers)).log()
first = usual.argsort(descending=True)[:12]
plt.bar([repr(letters[i]) for i in first.tolist()], usual[first].exp().numpy())
plt.ylabel("share of all letters")
plt.show()


# %% [markdown]
# ## The colleague's model


# %%
class Inherited(nn.Module):
    def __init__(self, usual, width=24):
        super().__init__()
        self.embedding = nn.Embedding(len(usual), 8)
        self.layers = [nn.Linear(24, width), nn.Linear(width, len(usual))]
        self.sharpness = torch.ones(1, requires_grad=True)
        self.usual = usual

    def forward(self, x):
        h = self.layers[0](self.embedding(x).flatten(1)).tanh()
        self.scores = self.layers[1](h)
        return self.scores * self.sharpness + self.usual


# %% [markdown]
# ## Predict: what is lost?
#
# An optimizer is made of `model.parameters()`, and the model is saved by `state_dict()`. Which of these tensors does
# the optimizer hold, and which are saved? Replace each `...` by True or False.

# %% prediction="what is lost"
prediction = {
    #                    held   saved
    "embedding.weight": (True, True),
    "layers[0].weight": (False, False),
    "sharpness": (False, False),
    "usual": (False, False),
}

# %% check="what is lost"

# %% [markdown]
# Now look. The map shows the same, tensor by tensor, and why. The census behind it names what it takes for a bug.

# %%
inherited = Inherited(usual)
optimizer = optim.SGD(inherited.parameters(), lr=0.5)
torch.explore(inherited, optimizer)

# %%
for finding in torch.census(inherited, optimizer).findings:
    print(finding.severity, "·", finding.name, "·", finding.rule)

# %% [markdown]
# One more mistake shows only when somebody copies the model after it has run:

# %%
inherited(seen[:1])
try:
    copy.deepcopy(inherited)
except RuntimeError as error:
    print(str(error)[:90], "…")

# %% [markdown]
# ## Repair it: `Letters`
#
# The same model under another name. Repair it so that
#
# - both layers and `sharpness` are **learned**,
# - `usual` is never learned, but **saved and moved** with the model,
# - `scores` still has the last scores, and the model can be **copied** after it has run.
#
# What it computes stays the same.


# %% yours="Letters"
class Letters(nn.Module):
    """Three letters, (N, 3) int64 → scores of the next one, (N, kinds). usual is (kinds,)."""

    def __init__(self, usual, width=24):
        super().__init__()
        self.embedding = nn.Embedding(len(usual), 8)
        self.layers = nn.ModuleList([nn.Linear(24, width), nn.Linear(width, len(usual))])  # yours
        # given: self.layers = [nn.Linear(24, width), nn.Linear(width, len(usual))]
        self.sharpness = nn.Parameter(torch.ones(1))  # yours
        # given: self.sharpness = torch.ones(1, requires_grad=True)
        self.register_buffer("usual", usual)  # yours
        # given: self.usual = usual

    def forward(self, x):
        h = self.layers[0](self.embedding(x).flatten(1)).tanh()
        scores = self.layers[1](h)  # yours
        self.scores = scores.detach()  # yours
        return scores * self.sharpness + self.usual  # yours
        # given: self.scores = self.layers[1](h)
        # given: return self.scores * self.sharpness + self.usual


# %% check="Letters"

# %% [markdown]
# ## Repair it: `fine_tuning`
#
# For another book, the embedding is frozen and the last layer is replaced by a new one. Then an optimizer is made that
# holds all that is to be trained, and nothing else. Two things are wrong with the colleague's function.


# %% yours="fine_tuning"
def fine_tuning(model, lr):
    """Freeze model.embedding, replace model.layers[1] by a new layer of its size, return an SGD for the rest."""
    old = model.layers[1]
    model.embedding.requires_grad_(False)  # yours
    # given: model.embedding.requires_grad = False
    # given: optimizer = optim.SGD(model.parameters(), lr=lr)
    model.layers[1] = nn.Linear(old.in_features, old.out_features)
    return optim.SGD([p for p in model.parameters() if p.requires_grad], lr=lr)  # yours
    # given: return optimizer


# %% check="fine_tuning"

# %% [markdown]
# ## Does it read better?
#
# The colleague's model and yours, trained alike. Both begin with the same weights.


# %%
def train(model, steps=200):
    optimizer = optim.SGD(model.parameters(), lr=0.5)
    losses = []
    for step in range(steps):
        rows = slice(step * 64, step * 64 + 64)
        optimizer.zero_grad()
        loss = F.cross_entropy(model(seen[rows]), following[rows])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def smooth(losses, over=20):
    return [sum(losses[i : i + over]) / over for i in range(len(losses) - over)]


# %%
for label, kind in (("as it was inherited", Inherited), ("repaired", Letters)):
    torch.manual_seed(1)
    model = kind(usual)
    plt.plot(smooth(train(model)), label=label)
plt.xlabel("step")
plt.ylabel("loss, mean of 20 steps")
plt.legend()
plt.show()

# %% [markdown]
# The last audit, of your own model: what is still found, if anything?

# %%
optimizer = optim.SGD(model.parameters(), lr=0.5)
torch.explore(model, optimizer, loss=lambda: F.cross_entropy(model(seen[:64]), following[:64]))

# %%
progress()
