# ---
# jupyter:
#   jupytext:
#     formats: py:percent
# ---

# %% [markdown]
# # 10 · Capstone: does it all hold?
#
# A model is trained, frozen, given a new head, fine-tuned with a temperature, saved and opened again. At every one of
# these steps something can be left behind in silence.
#
# **The question:** can you say, of any tensor and at any time, who picks it up?
#
# All of it runs on your own paramlab. At the end the same lines run on PyTorch.

# %%
import io

from matplotlib import pyplot as plt

import paramlab as torch
from paramlab import nn, optim
from paramlab.data import digits
from paramlab.nn import functional as F
from paramlab.widgets import PackageMap
from paramlab.workshop import check, progress, use
from paramlab.workshop.source import written

torch.manual_seed(0)
use("mine")

# %% [markdown]
# The map of the package: what is yours runs in every line below. What you have not built comes from the reference.

# %%
PackageMap()

# %% [markdown]
# ## A model with one of each
#
# It reads five digits, at first 0 to 4. You know every kind of tensor in it: Parameters in layers, a Parameter of its
# own (`scale`, the logarithm of 1 / **temperature**: lesson 02), BatchNorm's statistics, a buffer that is not saved,
# and a plain tensor that keeps the last features, to look at.


# %%
class Reader(nn.Module):
    def __init__(self, temperature=0.5):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(64, 32), nn.BatchNorm1d(32), nn.ReLU())
        self.head = nn.Linear(32, 5)
        self.scale = nn.Parameter(torch.tensor(1 / temperature).log(), requires_grad=False)
        self.register_buffer("digits", torch.arange(5), persistent=False)
        self.features = torch.empty(0)

    def forward(self, x):
        features = self.body(x)
        self.features = features.detach()
        return self.head(features) * self.scale.exp()


# %% [markdown]
# Training and testing are what they were in every lesson. `digits[0]` is the first digit that the model knows, so
# that the answers count from 0.


# %%
def train(model, optimizer, x, y, steps=60):
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y - model.digits[0])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def accuracy(model, x, y):
    with torch.no_grad():
        return (model.digits[model(x).argmax(dim=1)] == y).double().mean().item()


# %%
x, y = digits(train=True).tensors
x_test, y_test = digits(train=False).tensors
low, low_test = y < 5, y_test < 5

model = Reader()
optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
losses = train(model, optimizer, x[low], y[low])
print("at least 95 % of the test images are right:", accuracy(model.eval(), x_test[low_test], y_test[low_test]) >= 0.95)

# %% [markdown]
# ## A new head
#
# Now the model shall read 5 to 9. The body has learned what strokes look like, and may keep that. The head is new.

# %%
model.train()
model.head = nn.Linear(32, 5)
model.digits = torch.arange(5, 10)
print("still a buffer, still not saved:", "digits" in dict(model.named_buffers()), "digits" in model.state_dict())

# %% [markdown]
# Would you go on with the same `optimizer`? It was made before the head. An **audit** answers such a question for any
# model: which Parameters ask for a gradient, and nobody will update them?
#
# ## Write it: `audit`
#
# - The model tells its Parameters by name: `model.named_parameters()`.
# - The optimizer tells what it holds: `optimizer.param_groups` is a list of dicts, and each has its Parameters under
#   `"params"`.

# %% definition="audit"

# %% check="audit"

# %%
audit(model, optimizer)

# %% [markdown]
# The old optimizer would train the body, and leave the new head as it is. Nothing would raise an error.
#
# ## Write it: `fine_tune`
#
# Of this model only two things shall learn: the head, and the temperature. All the rest stays exactly as it is now.
#
# - Freeze the body. It ends in a BatchNorm: remember what `requires_grad` does not stop.
# - The temperature, `model.scale`, was frozen until now. It shall be learned.
# - Return an `optim.SGD` with `lr=0.1` and `momentum=0.9` that holds what learns, and nothing else.

# %% definition="fine_tune"

# %% check="fine_tune"

# %% [markdown]
# ## Predict: the final table
#
# The model is fine-tuned with your function. For six of its tensors, answer the five questions: does a gradient reach
# it, does `parameters()` list it, does the optimizer hold it, does `state_dict()` save it, does `.to()` move it?

# %% prediction="the final table"
prediction = {
    #                      gradient  listed  held  saved  moved
    "body.0.weight": (False, True, False, True, True),
    "body.1.running_mean": (False, False, False, True, True),
    "head.weight": (True, True, True, True, True),
    "scale": (True, True, True, True, True),
    "digits": (False, False, False, False, True),
    "features": (False, False, False, False, False),
}

# %% check="the final table"

# %%
optimizer = fine_tune(model)
print("asks for a gradient, and is held by nobody:", audit(model, optimizer))
torch.explore(model, optimizer)

# %% [markdown]
# ## Fine-tune
#
# The census before and the census after: has exactly that changed which should?

# %%
before = torch.census(model)
fine_losses, temperature = [], []
for _ in range(60):
    fine_losses += train(model, optimizer, x[~low], y[~low], steps=1)
    temperature.append((-model.scale).exp().item())
print(torch.census(model).diff(before))

# %% tags=["nbval-ignore-output"]
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3))
left.plot(losses, label="0 to 4, everything learns")
left.plot(fine_losses, label="5 to 9, head and temperature")
left.set(yscale="log", xlabel="step", ylabel="loss")
left.legend()
right.plot(temperature)
right.set(xlabel="step", ylabel="temperature")
plt.show()

# %% [markdown]
# ## Save it, open it again
#
# A new `Reader`, as it would stand in another program. What does it have of the old one, and what has it not?

# %%
file = io.BytesIO()
torch.save(model.state_dict(), file)
file.seek(0)

again = Reader()
print(again.load_state_dict(torch.load(file)))
print("digits:", again.digits.tolist())
print("learns:", [name for name, p in again.named_parameters() if p.requires_grad])

# %% [markdown]
# The numbers are there. Two things are not in a checkpoint: the buffer that is not saved, and *what is frozen*. The
# body would learn again, and the temperature is frozen, as `__init__` has it. Code has to say both once more.

# %%
again.digits = torch.arange(5, 10)
optimizer = fine_tune(again)
right = [accuracy(one.eval(), x_test[~low_test], y_test[~low_test]) for one in (model, again)]
print("the same:", right[0] == right[1], "and at least 90 % right:", right[0] >= 0.9)

# %% [markdown]
# ## The census has the last word
#
# Your `audit` asked one question. The census asks all of them. A **bug** is wrong in any model, a **check** may be
# meant so.

# %%
found = torch.census(again, optimizer)
for finding in found.findings:
    print(finding.severity, "·", finding.name, "·", finding.rule)
print("bugs:", sum(finding.severity == "bug" for finding in found.findings))

# %% [markdown]
# ## The same lines on PyTorch
#
# Here is the whole story in one function, in float64. It begins with given numbers: at random, the two packages draw
# different ones.


# %%
def story(start, pixels, labels):
    x, y = torch.tensor(pixels).double(), torch.tensor(labels)
    low = y < 5
    model = Reader().double()
    model.load_state_dict({name: torch.tensor(values) for name, values in start.items()})
    optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    losses = train(model, optimizer, x[low], y[low])
    model.head = nn.Linear(32, 5).double()
    for p in model.head.parameters():
        nn.init.zeros_(p)
    model.digits = torch.arange(5, 10)
    fine_losses = train(model, fine_tune(model), x[~low], y[~low])
    return losses[-1], fine_losses[-1], (-model.scale).exp().item()


# %% [markdown]
# Your code says `torch`, `nn`, `optim` and `F`, and does not care who stands behind these names. `on` runs its source
# once more with another package under them. It changes no line. (To load PyTorch takes some seconds.)


# %%
def on(package, *definitions):
    names = globals() | {"torch": package, "nn": package.nn, "optim": package.optim, "F": package.nn.functional}
    for definition in definitions:
        exec(written(definition), names)
    return names["story"]


torch.manual_seed(0)
start = {name: values.tolist() for name, values in Reader().state_dict().items()}
data = x.tolist(), y.tolist()
mine = story(start, *data)

# %% tags=["nbval-ignore-output"]
try:
    import torch as pytorch

    pytorch.set_num_threads(1)  # matrices this small are not worth sharing out
    theirs = on(pytorch, Reader, train, fine_tune, story)(start, *data)
    print("PyTorch", pytorch.__version__, "has just run your lines.")
except ImportError:
    theirs = 0.001204536887, 0.145393217514, 0.210648478079  # PyTorch 2.13
    print("PyTorch is not installed here. Beside yours stand the numbers that it gave elsewhere.")

# %%
print(f"{'':20} {'your paramlab':>14} {'PyTorch':>14}")
for what, ours, other in zip(("loss, 0 to 4", "loss, 5 to 9", "temperature"), mine, theirs):
    print(f"{what:20} {ours:14.6f} {other:14.6f}")
print("the same:", all(abs(ours - other) < 1e-5 for ours, other in zip(mine, theirs)))

# %% [markdown]
# ## What you know now
#
# | | gradient | `parameters()` | optimizer | `state_dict()` | `.to()` |
# |---|---|---|---|---|---|
# | ◆ Parameter | yes | yes | if it existed then | yes | yes, the same object |
# | ◆ frozen Parameter | no | yes | held or not, it stays while its grad is None | yes | yes |
# | ≡ Buffer | no | no | no | yes | yes, a new object |
# | ≡ not persistent | no | no | no | no | yes |
# | □ Tensor | only if set by hand | no | no | no | no |
#
# What you wrote here ran on PyTorch as it stands. So does what you know: `paramlab.explore(model, optimizer)` and
# `paramlab.census(model, optimizer)` take a model of PyTorch, too. The next time that something does not learn, look
# who picks it up.

# %%
progress()
