# ---
# jupyter:
#   jupytext:
#     formats: py:percent
# ---

# %% [markdown]
# # 09 · The bug clinic: what is wrong with this model?
#
# Twelve patients are waiting. Each is a short program with a mistake that somebody really made, and reported: the
# report is linked. None of them is a typing error. In each, a tensor is picked up by the wrong one, or by nobody.
#
# **The question:** here is a symptom. Which tensor is it, and what is the smallest cure?
#
# The data are real: penguins. From the lengths of bill and flipper a model learns the bird's weight. All three are
# standardised; `raw` are the lengths in millimetres. Five instruments:
#
# - `fit` trains, and `changes` trains and prints which tensors that changed;
# - `attempt` prints the error, if there is one;
# - `findings` prints what the **census** finds: a `bug`, something to `check`, or a `fact`; `rules` only their names.

# %%
import copy
import textwrap

from matplotlib import pyplot as plt

import paramlab as torch
from paramlab import nn, optim
from paramlab.clinic import PATIENTS
from paramlab.data import penguins
from paramlab.nn import functional as F
from paramlab.widgets import Clinic, Strings
from paramlab.workshop import check, progress, use

torch.manual_seed(0)
table = penguins(train=True)
x, y = table.tensors[0][:, [0, 2]], table.tensors[0][:, 3:]
raw = x * table.std[[0, 2]] + table.mean[[0, 2]]
use("mine")


# %%
def fit(model, optimizer=None, steps=50):
    optimizer = optimizer or optim.SGD(model.parameters(), lr=0.05)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        losses.append(F.mse_loss(model(x), y))
        losses[-1].backward()
        optimizer.step()
    return [loss.item() for loss in losses]


def attempt(action):
    try:
        action()
        print("It runs.")
    except RuntimeError as error:
        say(f"RuntimeError: {str(error).split('. ')[0]}.")


# %%
def say(text):
    for line in str(text).splitlines():
        print(textwrap.fill(line, 95))


def changes(model, optimizer=None):
    before = torch.census(model)
    attempt(lambda: fit(model, optimizer))
    say(torch.census(model).diff(before))


def findings(model, optimizer=None):
    for finding in torch.census(model, optimizer).findings:
        say(f"{finding.severity}, {finding.rule}: {finding.message}\n\n")


def rules(model, optimizer=None):
    print(sorted({finding.rule for finding in torch.census(model, optimizer).findings}))


# %% [markdown]
# ## The waiting room
#
# Here are all twelve. Take the first: run its test, read the map, choose the tensor that you suspect, and try a cure.
# Most cures that come to mind do not heal, and each says why. A line heals the model that is there. Below you will
# heal the *code*, so that every model is well.

# %%
Clinic()

# %% [markdown]
# ## 1 · Layers in a list
#
# > The loss falls, but far too slowly: it is as if only the last layer learned.
# > ([pytorch#632](https://github.com/pytorch/pytorch/issues/632))
#
# Run it, and compare what training changed with what is on the map. Then mend the class: here, where the list is made.

# %% definition="layers-in-a-list"
torch.manual_seed(0)
model = Net()
changes(model)
torch.explore(model, optim.SGD(model.parameters(), lr=0.1))

# %% check="layers-in-a-list"

# %% tags=["nbval-ignore-output"]
torch.manual_seed(0)
yours, sick = Net(), PATIENTS["layers-in-a-list"].admit(torch)["model"]
for label, patient in (("as it came in", sick), ("yours", yours)):
    plt.plot(fit(patient, optim.SGD(patient.parameters(), lr=0.1), steps=300), label=label)
plt.xlabel("step")
plt.ylabel("loss")
plt.legend()
plt.show()

# %% [markdown]
# ## 2 · A gradient, and nobody who wants it
#
# > After `backward()` the gradient of `scale` is right, and yet `scale` is 1.0 for ever.
# > ([discuss 190293](https://discuss.pytorch.org/t/190293))
#
# Choose `scale` on the map: in which lanes does it lack a sign?

# %% definition="gradient-is-not-registration"
model = Scaled()
changes(model)
print(f"scale: {model.scale.item():.3f}, with a gradient: {model.scale.grad is not None}")
torch.explore(model, optim.SGD(model.parameters(), lr=0.1))

# %% check="gradient-is-not-registration"

# %% [markdown]
# ## 3 · Left behind
#
# > It runs on my laptop. On the accelerator `forward()` says that tensors are on different devices.
# > ([pytorch-lightning#3674](https://github.com/Lightning-AI/pytorch-lightning/issues/3674))
#
# The mean is measured once and never learned. Which of the three kinds is it, then? Two findings speak of it:
# `device-mismatch` of the accident, `unregistered-tensor` of its cause.

# %% definition="stays-behind"
model = Centred().to("sim")
attempt(lambda: model(x.to("sim")))
findings(model)
torch.explore(model)

# %% check="stays-behind"

# %% [markdown]
# ## 4 · A small beginning
#
# > I start my Parameter small: its `.grad` stays None, it never learns, and the checkpoint has no `mix`.
# > ([pytorch#1479](https://github.com/pytorch/pytorch/issues/1479))
#
# The line says `nn.Parameter`. What does the map say that it is? And why does the second step of training fail: what
# was computed once, in `__init__`, that each `backward()` walks through again?

# %% definition="scaled-parameter"
model = Mixer()
changes(model)
print("in the checkpoint:", list(model.state_dict()))
torch.explore(model, optim.SGD(model.parameters(), lr=0.1))

# %% check="scaled-parameter"

# %% [markdown]
# ## 5 · The new head
#
# Five patients are functions: a model in good health, and what is done to it is wrong. Here is the model.
#
# > For the new task I gave the network a new head. The loss falls a little, and the head never changes.
# > ([nni#4521](https://github.com/microsoft/nni/issues/4521))
#
# It told three species apart, and is now to guess a weight. The map has **ghosts**: tensors that the optimizer holds
# and the model does not have any more.


# %%
class Network(nn.Module):
    def __init__(self, outputs=1):
        super().__init__()
        self.norm = nn.BatchNorm1d(2)
        self.backbone = nn.Linear(2, 4)
        self.head = nn.Linear(4, outputs)

    def forward(self, x):
        return self.head(torch.relu(self.backbone(self.norm(x))))


# %% definition="head-replaced"
model = Network(outputs=3)
optimizer = fine_tune(model)
changes(model, optimizer)
torch.explore(model, optimizer)

# %% check="head-replaced"

# %% [markdown]
# ## 6 · Frozen, and shrinking
#
# > I froze the backbone after the first epoch, and its weights still shrink.
# > ([sparseml#965](https://github.com/neuralmagic/sparseml/issues/965))
#
# The optimizer has **weight decay**: in each step it takes a little off every weight that it updates. Which ones does
# it pass over (lesson 05)? Look at the gradients that are left.

# %% definition="still-decaying"
model = Network()
optimizer = optim.SGD(model.parameters(), lr=0.1, weight_decay=0.1)
step(model, optimizer, x, y)
model.backbone.requires_grad_(False)
before = torch.census(model)
step(model, optimizer, x, y)
say(torch.census(model).diff(before))
print("gradient of the frozen bias:", model.backbone.bias.grad)
findings(model, optimizer)

# %% check="still-decaying"

# %% [markdown]
# ## 7 · Frozen, and moving
#
# > I fine-tune the head alone, everything else is frozen, and the features are other ones after each epoch.
# > ([chemprop#952](https://github.com/chemprop/chemprop/issues/952))
#
# No gradient, no optimizer, and still three tensors change. Who else can write to a tensor (lesson 04)?

# %% definition="frozen-norm"
model = Network()
for layer in (model.norm, model.backbone):
    freeze(layer)
optimizer = optim.SGD(model.head.parameters(), lr=0.1)
changes(model, optimizer)
findings(model, optimizer)

# %% check="frozen-norm"

# %% [markdown]
# A later `model.train()` undoes this cure: with a training loop that calls it, `freeze` has to come after it each time.
#
# ## 8 · The best epoch
#
# > I keep the weights of the best epoch, and what I load back is always the last epoch.
# > ([pytorch#34765](https://github.com/pytorch/pytorch/issues/34765))
#
# Here the census finds nothing: each tensor is held as it should be. Only the program shows it. Below, `best` is kept
# *before* the training.

# %% definition="best-is-the-last"
model = Network()
best = keep(model)
print(f"kept:         {best['head.bias'].item():.3f}")
fit(model)
print(f"kept, later:  {best['head.bias'].item():.3f}")
print(f"in the model: {model.head.bias.item():.3f}")
print("findings:", torch.census(model).findings)

# %% check="best-is-the-last"

# %% [markdown]
# ## 9 · Tied, and untied
#
# > Encoder and decoder share a weight. Since I load the checkpoint they drift apart.
# > ([pytorch#188346](https://github.com/pytorch/pytorch/issues/188346))
#
# The pins are names, the boxes are objects. Before loading, two names led to one object, which the census calls a
# `shared-tensor`. Where do they lead after it?

# %% definition="untied"
model = nn.Sequential()
for name, size in (("encoder", 2), ("decoder", 2), ("head", 1)):
    model.add_module(name, nn.Linear(2, size))
model.decoder.weight = model.encoder.weight
resume(model, {name: value.clone() for name, value in model.state_dict().items()})
fit(model)
print("still the same:", bool((model.decoder.weight == model.encoder.weight).all()))
Strings(model)

# %% check="untied"

# %% [markdown]
# ## 10 · After the restart
#
# > After a restart I load the checkpoint, nothing is missing, and the answers are other ones.
# > ([pytorch#105233](https://github.com/pytorch/pytorch/issues/105233))
#
# This finding is a mere `fact`, for often it is meant: a table that `__init__` computes need not be saved. Is that so
# here?

# %% definition="not-in-the-checkpoint"
model, after = Measured(), Measured()
model.mean = raw.mean(0)
print(after.load_state_dict(model.state_dict()))
print("the same answers:", bool(torch.allclose(model(raw), after(raw))))
findings(model)

# %% check="not-in-the-checkpoint"

# %% [markdown]
# ## 11 · A look inside
#
# > While the model is new `copy.deepcopy(model)` works. After the first batch it raises.
# > ([pytorch#54580](https://github.com/pytorch/pytorch/issues/54580))
#
# The model keeps its last activation, for somebody to look at. That is a good reason for a plain tensor. Then what is
# wrong with this one?

# %% definition="cached-activation"
model = Probed()
model(x)
attempt(lambda: copy.deepcopy(model))
findings(model)

# %% check="cached-activation"

# %% [markdown]
# ## 12 · The second step
#
# > The first step is fine. The second says: "Trying to backward through the graph a second time".
# > ([pytorch#20275](https://github.com/pytorch/pytorch/issues/20275))
#
# The average is a Buffer, as it should be. Yet through it each step hangs on the step before. (Where `backward` broke
# off, some weights did not get their gradient: `no-gradient` is a consequence here, not the cause.)

# %% definition="buffer-keeps-the-graph"
model = Averaging()
changes(model, optim.SGD(model.parameters(), lr=0.001))
findings(model)

# %% check="buffer-keeps-the-graph"

# %% [markdown]
# ## Eight more, in one round
#
# Your patients had twelve of the twenty things that the census finds. Here are the other eight.
#
# | finding | what was done |
# |---|---|
# | `parameter-as-buffer` | a Parameter handed to `register_buffer`: saved, and never trained |
# | `no-gradient` | a layer that `forward` does not use, or does not use any more |
# | `dtype-mismatch` | two Parameters of one layer in two precisions |
# | `alias-of-buffer` | a second, plain name for a Buffer |
# | `stale-alias` | the same, after a move: the Buffer is a new object, the plain name still leads to the old one |
# | `optimizer-state-left` | a move after the first step of Adam, whose averages stay behind |
# | `optimizer-of-another-model` | a copy of the model, and the optimizer of the original |
# | `init-never-ran` | no `super().__init__()`, and no Parameter yet that would have complained |


# %%
class Empty(nn.Module):
    def __init__(self):
        self.prior = torch.ones(2)


model = nn.Linear(2, 1)
model.spare = nn.Linear(2, 1)
model.spare.bias.data = model.spare.bias.data.double()
model.register_buffer("gain", nn.Parameter(torch.ones(1)))
model.register_buffer("mean", torch.zeros(2))
model.centre = model.mean
optimizer = optim.Adam(model.parameters())
fit(model, optimizer, steps=1)
rules(model, optimizer)
rules(model.to("sim"), optimizer)
rules(nn.Linear(2, 1), optimizer)
rules(Empty())

# %% [markdown]
# ## Your own model
#
# Put a model of yours here, of paramlab or of PyTorch, and look at it: the `census` neither changes nor runs it. If it
# trains with an optimizer, hand it over too.
#
# In a terminal it is one line, for a file and a class in it: `paramlab census net.py:Mine --optimizer Adam`. It fails
# on a bug, so that it fits into your CI.


# %% yours="a model of your own"
class Mine(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm = nn.BatchNorm1d(2)  # yours
        self.lin = nn.Linear(2, 1)  # yours


model = Mine()
weights = list(model.parameters())
print(torch.census(model, optim.Adam(weights) if weights else None))

# %% [markdown]
# ## What you know now
#
# | the symptom | look for |
# |---|---|
# | it does not learn | a plain tensor, a list, something computed, an optimizer that was made too early |
# | it changes, though frozen | an old gradient and weight decay; statistics in train mode |
# | it is lost, or another one, after loading | a plain tensor, `persistent=False`, an alias, `assign=True` |
# | it fails on another device | a plain tensor |
# | backward or `deepcopy` fails later | something that was kept with its graph |
#
# First the symptom, then the map, then the smallest cure. Where the census is silent, run the program.

# %%
progress()
