# ---
# jupyter:
#   jupytext:
#     formats: py:percent
# ---

# %% [markdown]
# # 02 · Parameter: what does the wrapper add?
#
# You write a layer. It has a weight, and the weight is a tensor. You train the layer, and nothing happens.
#
# **The question:** what does `nn.Parameter(t)` have that the tensor `t` has not?
#
# You will predict it, build `Parameter` yourself, and watch a number in a real model learn, or not.

# %%
from matplotlib import pyplot as plt

import paramlab as torch
from paramlab import Tensor, empty, nn, optim
from paramlab.data import digits
from paramlab.nn import Parameter
from paramlab.nn import functional as F
from paramlab.workshop import check, implement, progress, use

torch.manual_seed(0)
use("mine")

# %% [markdown]
# `paramlab` speaks PyTorch: `torch.` and `nn.` mean here what they mean there. The line above says which parts
# of it are yours by now. What you have not built comes from the reference.
#
# ## A weight that nobody sees
#
# Here is a layer as many people write their first one. It multiplies by a scale.


# %%
class Scale(nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = torch.ones(3)

    def forward(self, x):
        return x * self.scale


layer = Scale()
list(layer.parameters())

# %% [markdown]
# The list is empty. The layer has a weight, and it does not know it. An **optimizer** is the object that updates
# the weights. It has nothing to work with:

# %%
try:
    optim.SGD(layer.parameters(), lr=0.1)
except ValueError as error:
    print(error)

# %% [markdown]
# That was lucky: an error. In a larger model the other weights are found, and this one is left out in silence.
#
# ## Predict: three kinds of tensor
#
# A module can hold a tensor in three ways.
#
# | | as you write it |
# |---|---|
# | □ **Tensor** | `self.value = t` |
# | ◆ **Parameter** | `self.value = nn.Parameter(t)` |
# | ≡ **Buffer** | `self.value = nn.Buffer(t)` |

# %% [markdown]
# For each kind: does `parameters()` list it, does `state_dict()` save it, does `.to()` move it?
# `state_dict()` is what a checkpoint is made of. `.to()` moves a model to another device or dtype.
#
# Write `True` or `False` for each `...`. Guess: a wrong guess costs nothing, and you can change it.

# %% prediction="three kinds"
prediction = {
    #             listed  saved  moved
    "Tensor": (False, False, False),
    "Parameter": (True, True, True),
    "Buffer": (False, True, True),
}

# %% check="three kinds"

# %% [markdown]
# ## See it
#
# The **pick-up map** shows every tensor of a model, and who picks it up. Choose a row to read why.
# Then switch the kind of `plain` from □ to ◆, and watch the lanes. Below, the map shows the line of Python that
# your click stands for.

# %%
model = nn.Module()
model.plain = torch.ones(3)
model.weight = nn.Parameter(torch.ones(3))
model.statistic = nn.Buffer(torch.ones(3))
torch.explore(model, optim.SGD(model.parameters(), lr=0.1))

# %% [markdown]
# The Parameter is picked up by all. The Buffer is kept with the model, and never learned: lesson 04 is about it.
# The plain tensor is nobody's.
#
# ## What a Parameter is
#
# A Parameter is a tensor. Its class is a subclass of `Tensor`, and that is most of the secret: a module can tell
# it from other tensors by its class.

# %%
t = torch.tensor([1.0, 2.0, 3.0])
p = nn.Parameter(t)
print(isinstance(p, Tensor), type(p).__name__, p.requires_grad)

# %% [markdown]
# `requires_grad` is True without asking: a Parameter is there to be learned. And it does not copy. It looks at the
# same memory as `t`:

# %%
t[0] = 100.0
p

# %% [markdown]
# What you compute of a Parameter is a plain tensor again. It has a history (its `grad_fn`), so it is no **leaf**:
# no place where learning begins.

# %%
q = p * 0.1
print(type(q).__name__, q.is_leaf)

# %% [markdown]
# This is a trap. A weight that is scaled *after* wrapping is no Parameter any more:

# %%
layer = nn.Module()
layer.right = nn.Parameter(torch.randn(3) * 0.1)
layer.wrong = nn.Parameter(torch.randn(3)) * 0.1
[name for name, _ in layer.named_parameters()]

# %% [markdown]
# ## Build it: three tools
#
# `nn.Parameter(t)` calls `Parameter.__new__`, which makes the object and returns it. You have three tools.
#
# ```mermaid
# flowchart LR
#   t["□ data"] -- "detach()" --> d["□ same memory,<br>no history"]
#   d -- "as_subclass(cls)" --> s["same memory,<br>another class"]
#   s -- "requires_grad_(flag)" --> p["◆ Parameter"]
# ```
#
# The first cuts the history off and keeps the memory: **`detach()`**.

# %%
history = torch.ones(2, requires_grad=True) * 3
clean = history.detach()
print(history.is_leaf, clean.is_leaf, clean.data_ptr() == history.data_ptr())

# %% [markdown]
# The second gives the same memory another class: **`as_subclass(cls)`**.


# %%
class Marked(Tensor):
    pass


type(clean.as_subclass(Marked)).__name__

# %% [markdown]
# The third asks for a gradient, or not, and returns the tensor itself: **`requires_grad_(flag)`**. For integers it
# is an error: there is no small step between 1 and 2.

# %%
print(torch.ones(2).requires_grad_(True).requires_grad)
try:
    torch.tensor([1, 2]).requires_grad_(True)
except RuntimeError as error:
    print(error)

# %% [markdown]
# ## Your piece: `Parameter.__new__`
#
# Replace the `...`. From the moment you run the cell, this *is* paramlab's Parameter: every layer that is made
# uses it.
#
# - Without data, take an empty tensor: `torch.empty(0)`.
# - Return an object of the class `cls`, with the memory of `data`, and leave `data` as it is.
# - Ask for a gradient if `requires_grad` says so.

# %% piece="Parameter.__new__"

# %% check="Parameter.__new__"

# %% [markdown]
# The check ran small programs on your Parameter and compared the answers with PyTorch's. If something came out
# wrong, it says what was tried, and gives a hint. Change your code, run both cells again.
#
# ## What it prints
#
# One line more than a tensor prints. `Tensor.__repr__(self)` gives you the tensor's own text. The first line is
# `Parameter containing:`, and `"\n"` ends it.

# %% piece="Parameter.__repr__"

# %% check="Parameter.__repr__"

# %%
nn.Parameter(torch.tensor([[0.5, -1.0]]))

# %% [markdown]
# ## A temperature that learns, or not
#
# A classifier's outputs are often divided by a **temperature**. CLIP, a well known model, learns the logarithm of its
# inverse, as a Parameter. A flag decides whether it is fine-tuned. Here is one on real data: handwritten digits.


# %%
class Digits(nn.Module):
    def __init__(self, fine_tune):
        super().__init__()
        self.linear = nn.Linear(64, 10)
        self.scale = nn.Parameter(torch.tensor(1 / 0.07).log(), requires_grad=fine_tune)

    def forward(self, x):
        return self.linear(x) * self.scale.exp()


x, y = digits(train=True).tensors
print(x.shape, y.shape)


# %%
def train(model, steps=60):
    optimizer = optim.SGD(model.parameters(), lr=0.05)
    values = []
    for _ in range(steps):
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()
        values.append((-model.scale).exp().item())
    return values


# %% tags=["nbval-ignore-output"]
for fine_tune in (True, False):
    plt.plot(train(Digits(fine_tune)), label=f"requires_grad={fine_tune}")
plt.xlabel("step")
plt.ylabel("temperature")
plt.legend()
plt.show()

# %% [markdown]
# Both models hand their scale to the optimizer. The frozen one gets no gradient, so the optimizer passes over
# it. The map says so with a sign of its own, **held, but skipped**:

# %%
model = Digits(fine_tune=False)
torch.explore(model, optim.SGD(model.parameters(), lr=0.05))

# %% [markdown]
# ## The trap that shows on a GPU only
#
# `.to(...)` on a Parameter returns the Parameter itself if there is nothing to convert. Otherwise it returns
# something computed: a plain tensor. `sim` is paramlab's simulated accelerator. It behaves as a GPU does here.


# %%
def registered(device):
    layer = nn.Module()
    layer.weight = nn.Parameter(torch.ones(3)).to(device)
    return [name for name, _ in layer.named_parameters()]


print("cpu:", registered("cpu"))
print("sim:", registered("sim"))

# %% [markdown]
# On your laptop the line works. On the accelerator the weight is gone from the list, without an error. Two ways are
# right: `nn.Parameter(t.to(device))`, or `model.to(device)` on the whole model, which keeps Parameters Parameters.

# %%
layer = nn.Module()
layer.weight = nn.Parameter(torch.ones(3))
before = layer.weight
layer.to("sim")
print(type(layer.weight).__name__, layer.weight.device, layer.weight is before)

# %% [markdown]
# ## Predict: is it the same as `requires_grad=True`?
#
# You will read this advice: "you need no Parameter, just set `requires_grad=True`." Think of
# `self.value = t.requires_grad_()`. What is true of it?

# %% prediction="same as requires_grad"
prediction = {
    "gets a gradient": True,
    "parameters()": False,
    "state_dict()": False,
    ".to()": False,
}

# %% check="same as requires_grad"

# %% [markdown]
# A gradient arrives, and nobody uses it. This is the most common form of the mistake, for it looks as if it learned.
# The map marks it:

# %%
layer = Scale()
layer.scale.requires_grad_()
layer.linear = nn.Linear(3, 1)
torch.explore(layer, optim.SGD(layer.parameters(), lr=0.1))

# %% [markdown]
# ## What you know now
#
# | | learns | saved | moved |
# |---|---|---|---|
# | □ Tensor | no | no | no |
# | ◆ Parameter | yes | yes | yes |
# | ≡ Buffer | no | yes | yes |
#
# A Parameter is a tensor of a class of its own that asks for a gradient. By that class a module recognises it.
# *How* the module does that is lesson 03: you will build it.

# %%
progress()
