# ---
# jupyter:
#   jupytext:
#     formats: py:percent
# ---

# %% [markdown]
# # 03 · Module: how does a model know its weights?
#
# You write `self.weight = nn.Parameter(...)`, and `model.parameters()` lists it. Nobody called a function. You only
# assigned an attribute.
#
# **The question:** who wrote it down?
#
# You will build the five methods that do it. Then they train a network on real handwritten digits.

# %%
from matplotlib import pyplot as plt

import paramlab as torch
from paramlab import Tensor, nn, optim
from paramlab.data import DataLoader, digits
from paramlab.nn import Buffer, Module, Parameter
from paramlab.nn import functional as F
from paramlab.workshop import check, implement, progress, use

torch.manual_seed(0)
use("mine")

# %% [markdown]
# ## Four places
#
# Here is a small layer. `vars(layer)` shows what Python keeps in an object. Most of it should look familiar. Where are
# the weights?


# %%
class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.width = 3
        self.weight = nn.Parameter(torch.ones(3))
        self.linear = nn.Linear(3, 1)


layer = Layer()
list(vars(layer))

# %% [markdown]
# `width` is there. `weight` and `linear` are not: they were sorted into dicts. A module has three of them.

# %%
print("_parameters:", list(layer._parameters))
print("_buffers:   ", list(layer._buffers))
print("_modules:   ", list(layer._modules))

# %% [markdown]
# That is the whole secret. Whoever wants a model's weights walks these dicts: `parameters()`, `state_dict()`, `.to()`.
# What stands in none of them is an ordinary attribute, and nobody asks for it.
#
# ## Predict: who picks up what?
#
# Four attributes, four kinds:


# %%
class Mixed(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(2))
        self.mean = nn.Buffer(torch.zeros(2))
        self.scale = torch.ones(2, requires_grad=True)
        self.layers = [nn.Linear(2, 2)]


# %% [markdown]
# For each of these tensors: does `parameters()` list it, and does `state_dict()` save it?

# %% prediction="who picks up what"
prediction = {
    #                    listed  saved
    "weight": (True, True),
    "mean": (False, True),
    "scale": (False, False),
    "layers[0].weight": (False, False),
}

# %% check="who picks up what"

# %%
model = Mixed()
torch.explore(model, optim.SGD(model.parameters(), lr=0.1))

# %% [markdown]
# ## Why not every tensor?
#
# A recurrent cell may keep its last hidden state: `self.hidden = h`. That is a tensor, and autograd follows it. Yet it
# is no weight: it changes with every input. If every tensor were registered, it would be trained and saved.
#
# So a class of its own marks what is meant to be learned. PyTorch made this choice when tensors that autograd follows
# were still called `Variable`: weights and hidden states both were Variables, and only `Parameter` told them apart.


# %%
class Cell(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(2, 2))
        self.hidden = torch.zeros(1, 2)

    def forward(self, x):
        self.hidden = (x + self.hidden @ self.weight).tanh()
        return self.hidden


cell = Cell()
cell(torch.ones(1, 2))
print([name for name, _ in cell.named_parameters()], list(cell.state_dict()))

# %% [markdown]
# ## Build it: `Module.__setattr__`
#
# Python calls `__setattr__(self, name, value)` for every `self.name = value`. So this is where the sorting happens:
#
# ```mermaid
# flowchart LR
#   a["self.name = value"] --> q{"the value is"}
#   q -- "a Parameter" --> p["_parameters<br>self.register_parameter(name, value)"]
#   q -- "a Module" --> m["_modules<br>self._modules[name] = value"]
#   q -- "a Buffer, or the name<br>holds one already" --> b["_buffers<br>self._set_buffer(name, value)"]
#   q -- "anything else" --> d["the object itself<br>object.__setattr__(self, name, value)"]
# ```

# %% [markdown]
# Two rules make it safe.
#
# - **A name lives in one place.** `self._make_room(name, "_parameters")` takes it out of all the others. Before
#   `super().__init__()` it raises the right error.
# - **A weight is not lost by accident.** A name that holds a Parameter takes a Parameter or None, one that holds a
#   Module takes a Module or None: `self._clear_slot(drawer, name, value)`. (A Parameter may replace a Module.)
#
# `self._drawer_of(name)` tells which of the dicts holds a name now, such as `"_parameters"`, or None.
#
# Replace the `...`. From the moment you run the cell, this *is* paramlab's `Module.__setattr__`, in every layer.
# If it breaks everything: `use("reference")` brings the old one back.

# %% piece="Module.__setattr__"

# %% check="Module.__setattr__"

# %% [markdown]
# ## See what it does
#
# A layer made now is sorted by your code. And nobody overwrites a weight by accident:

# %%
layer = Layer()
print(list(layer._parameters), list(layer._modules))
try:
    layer.weight = torch.zeros(3)
except TypeError as error:
    print(error)

# %% [markdown]
# ## Build it: `Module.__getattr__`
#
# `weight` is not in the object, so how does `layer.weight` find it? Python asks `__getattr__(self, name)`, and only
# when the ordinary search found nothing. It looks into the three dicts. If the name is in none of them, it raises an
# `AttributeError`: a typo must not be answered by None.
#
# Use `self.__dict__`: `self._parameters` may not exist yet, and would call `__getattr__` again.

# %% piece="Module.__getattr__"

# %% check="Module.__getattr__"

# %%
print(layer.weight.shape, hasattr(layer, "wieght"))

# %% [markdown]
# ## Build it: `Module.register_parameter`
#
# Assigning is the short way. This is the long one, and `__setattr__` uses it too. It takes a Parameter or **None**.
# None keeps a place: `nn.Linear(3, 1, bias=False)` has a bias that is None.
#
# - `self._check_new_name("parameter", name)` refuses a bad name.
# - What is no Parameter is a `TypeError`: `self._refuse_parameter(name, param)` raises it.
# - One that was computed has a `grad_fn`, and is a `ValueError`: `self._refuse_non_leaf(name)`.

# %% piece="Module.register_parameter"

# %% check="Module.register_parameter"

# %% [markdown]
# ## Build it: `Module.named_modules`
#
# A model is a tree: modules in modules. Each has a **path** from the top, its names joined by dots. Here is one:
#
# ```mermaid
# flowchart TD
#   top["'' · Sequential"] --> a["0 · Linear"]
#   top --> b["1 · Sequential"]
#   b --> c["1.0 · ReLU"]
#   b --> d["1.1 · Linear"]
# ```

# %%
tree = nn.Sequential(nn.Linear(2, 3), nn.Sequential(nn.ReLU(), nn.Linear(3, 1)))
[(path, type(module).__name__) for path, module in tree.named_modules()]

# %% [markdown]
# Yield the module itself first, under `prefix`, then what each child yields. Two details:
#
# - A module that stands in two places is yielded once. `memo` is the set of those seen; hand it down.
#   With `remove_duplicate=False` nothing is put into it.
# - A child's place may hold None: pass over it.

# %% piece="Module.named_modules"

# %% check="Module.named_modules"

# %% [markdown]
# ## Build it: `Module.named_parameters`
#
# The last one: walk the modules, and of each go through its `_parameters`. Yield the full name and the Parameter.
#
# - With `recurse=False`, only the module's own.
# - A Parameter under two names (**tied weights**) comes once, unless `remove_duplicate=False`.
# - None is passed over.

# %% piece="Module.named_parameters"

# %% check="Module.named_parameters"

# %% [markdown]
# ## Lists hide layers
#
# Now a real mistake, the most reported of its kind. This network keeps its layers in a Python list:


# %%
class Hidden(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = [nn.Linear(64, 64), nn.Linear(64, 64)]
        self.head = nn.Linear(64, 10)

    def forward(self, x):
        for layer in self.layers:
            x = layer(x).relu()
        return self.head(x)


model = Hidden()
optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
torch.explore(model, optimizer)

# %% [markdown]
# Two of three layers are picked up by nobody. The model even learns a little: the head works with whatever the
# untrained layers give it. That is why the mistake stays unseen. The **census** behind the map finds it, and says
# how to mend it:

# %%
for finding in torch.census(model, optimizer).findings[:1]:
    print(finding.severity, "·", finding.name)
    print(finding.message)
    print("→", finding.fix)

# %% [markdown]
# `nn.Sequential` is a module, so `__setattr__` registers it, and `named_modules` walks into it.


# %%
def network():
    torch.manual_seed(1)
    return nn.Sequential(
        nn.Linear(64, 64),
        nn.ReLU(),
        nn.Linear(64, 64),
        nn.ReLU(),
        nn.Linear(64, 10),
    )


print(sum(p.numel() for p in Hidden().parameters()), "of", sum(p.numel() for p in network().parameters()))

# %% [markdown]
# ## Your pieces train a network
#
# 1,438 handwritten digits of 8 × 8 pixels to learn from, 359 to test on. The module that holds the weights, and the
# list that the optimizer gets, are your code now.

# %%
train_set, test_set = digits(train=True), digits(train=False)
figure, axes = plt.subplots(1, 8, figsize=(8, 1.2))
for axis, image, label in zip(axes, *train_set[:8]):
    axis.imshow(image.reshape(8, 8).numpy(), cmap="gray_r")
    axis.set_title(int(label))
    axis.axis("off")
plt.show()


# %%
def train(model, epochs=15):
    optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    losses = []
    for _ in range(epochs):
        for x, y in DataLoader(train_set, batch_size=32, shuffle=True):
            optimizer.zero_grad()
            loss = F.cross_entropy(model(x), y)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    return losses


# %%
def accuracy(model):
    x, y = test_set.tensors
    with torch.no_grad():
        return (model(x).argmax(dim=1) == y).float().mean().item()


model = network()
before = torch.census(model)
losses = train(model)
print("at least 95 % of the test images are right:", accuracy(model) >= 0.95)

# %% tags=["nbval-ignore-output"]
hidden_losses = train(Hidden())
plt.plot(losses, label="layers in nn.Sequential")
plt.plot(hidden_losses, label="layers in a list")
plt.yscale("log")
plt.xlabel("step")
plt.ylabel("loss")
plt.legend()
plt.show()

# %% [markdown]
# ## What changed
#
# The census before and after the training: every tensor that was picked up has changed. Then the map of the trained
# network. Press **Step**: it takes one more step of training, by the line that it shows.

# %%
print(torch.census(model).diff(before))
x, y = train_set.tensors
optimizer = optim.SGD(model.parameters(), lr=0.1)
torch.explore(model, optimizer, loss=lambda: F.cross_entropy(model(x), y))

# %% [markdown]
# ## What you know now
#
# - `self.name = value` is sorted by the *class* of the value: Parameter, Module, Buffer, or anything else.
# - Three dicts hold what was sorted. `parameters()`, `state_dict()` and `.to()` walk them, and nothing else.
# - A list, a dict or a plain tensor is an ordinary attribute: not trained, not saved, not moved.
#
# What passed is kept in `my_paramlab/`, and the next lesson starts on it. Buffers are next.

# %%
progress()
