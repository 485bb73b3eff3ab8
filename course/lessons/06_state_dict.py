# ---
# jupyter:
#   jupytext:
#     formats: py:percent
# ---

# %% [markdown]
# # 06 · state_dict: what survives a restart?
#
# You train a network for an hour. The kernel stops. What is left is what you saved.
#
# **The question:** which tensors of a model are in the file, and which of them come back?
#
# You will build the four methods that pack a model and unpack it. With them you save a network, lose it, and get it
# back.

# %%
import importlib.util
import tempfile
from pathlib import Path

from matplotlib import pyplot as plt

import paramlab as torch
from paramlab import Tensor, nn, no_grad, optim
from paramlab.data import digits
from paramlab.nn import functional as F
from paramlab.widgets import Suitcase
from paramlab.workshop import check, implement, progress, use

torch.manual_seed(0)
use("mine")

# %% [markdown]
# ## Save, lose, load
#
# A small network for handwritten digits. It has a BatchNorm, so it has Parameters and Buffers (lesson 04).


# %%
def network():
    return nn.Sequential(nn.Linear(64, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Linear(32, 10))


x, y = digits(train=True).tensors
test_x, test_y = digits(train=False).tensors


def accuracy(model):
    model.eval()
    with no_grad():
        return (model(test_x).argmax(dim=1) == test_y).float().mean().item()


# %%
model = network()
optimizer = optim.SGD(model.parameters(), lr=0.5)
for _ in range(100):
    optimizer.zero_grad()
    F.cross_entropy(model(x), y).backward()
    optimizer.step()
trained = accuracy(model)
print("at least 95 % of the test images are right:", trained >= 0.95)

# %% [markdown]
# **Save** its state to a file. **Lose** the model: after a restart you have the file and your code, no more. Your
# code makes a new model, with new random weights. **Load** the state into it.

# %%
folder = Path(tempfile.mkdtemp())
torch.save(model.state_dict(), folder / "digits.safetensors")
del model, optimizer

model = network()
print("a new model, at least 50 % right:", accuracy(model) >= 0.5)
print(model.load_state_dict(torch.load(folder / "digits.safetensors")))
print("as good as before:", accuracy(model) == trained)

# %%
for key, value in torch.load(folder / "digits.safetensors").items():
    print(f"{key:22} {tuple(value.shape)}")

# %% [markdown]
# That is what is in the file: names and tensors. No class, no `forward`, no code: your code must make the model
# first, and the names must match.
#
# The layer `1` is the BatchNorm. Three of its entries are Buffers. Nobody learned them, and without them the loaded
# model would give other answers.
#
# ## Predict: what is packed?
#
# Here is one of each kind. The decoder's weight *is* the encoder's weight, one object under two names: a **tied**
# weight. Is there an entry of each name in `Kinds().state_dict()`?
#
# After the check, the map shows the answers. Choose a row to read why.


# %%
class Kinds(nn.Module):
    def __init__(self):
        super().__init__()
        self.frozen = nn.Parameter(torch.ones(2), requires_grad=False)
        self.mean = nn.Buffer(torch.zeros(2))
        self.mask = nn.Buffer(torch.ones(2), persistent=False)
        self.scale = torch.ones(2)
        self.encoder = nn.Linear(2, 2)
        self.decoder = nn.Linear(2, 2)
        self.decoder.weight = self.encoder.weight


# %% prediction="what is packed"
prediction = {
    "frozen": True,
    "mean": True,
    "mask": False,
    "scale": False,
    "decoder.weight": True,
}

# %% check="what is packed"

# %%
kinds = Kinds()
torch.explore(kinds, optim.SGD(kinds.parameters(), lr=0.1))

# %% [markdown]
# ## Build it: what a module packs of its own
#
# `_save_to_state_dict` writes a module's own tensors into the dict `destination`. It is PyTorch's name.
#
# - Its Parameters are in `self._parameters`, its Buffers in `self._buffers`. A place may hold None.
# - The names of Buffers that stay at home are in `self._non_persistent_buffers_set`.
# - The key is `prefix + name`. The prefix ends in a dot already, or is empty.
# - The value is `tensor.detach()`: a plain tensor with the same memory. With `keep_vars` it is the tensor itself.
# - The last line is given: `self._save_extra_state(destination, prefix)`. Some classes save more than tensors.

# %% piece="Module._save_to_state_dict"

# %% check="Module._save_to_state_dict"

# %% [markdown]
# ## Build it: the whole model
#
# `state_dict` packs the module's own tensors, by the piece that you have just built. Then it asks each child in
# `self._modules`, a dict `{name: module}`, for its `state_dict`. All of them fill one dict. A child's prefix is your
# prefix, its name and a dot.
#
# First and last line are given. The first makes the dict and notes the version of the class:
#
# - `destination, prefix, keep_vars = self._begin_saving(args, destination, prefix, keep_vars)`
# - `return self._end_saving(destination, prefix)`
#
# A child is called as `module.state_dict(destination=…, prefix=…, keep_vars=…)`. None is passed over.

# %% piece="Module.state_dict"

# %% check="Module.state_dict"

# %% [markdown]
# ## The version of a class
#
# The dict carries a note on each module: the **version** of its class. BatchNorm is at version 2, since it got
# `num_batches_tracked`. A dict without the note may be old, so the counter is filled in. A dict of version 2 that
# lacks the counter is broken.

# %%
norm = nn.BatchNorm1d(3)
saved = norm.state_dict()
print(saved._metadata[""])
del saved["num_batches_tracked"]
print("without the note:", norm.load_state_dict(dict(saved)))  # a plain dict has none
print("with it:", norm.load_state_dict(saved, strict=False))

# %% [markdown]
# ## Predict: does it follow the model?
#
# You keep a model's weights in five ways:
#
# | | |
# |---|---|
# | `state` | `model.state_dict()` |
# | `dict(state)` | another dict |
# | `clones` | `{key: value.clone() for key, value in state.items()}` |
# | `deepcopy(state)` | `copy.deepcopy(state)` |
# | `a saved file` | `torch.save(state, path)`, loaded afterwards |
#
# Then the optimizer takes one more step. Which of the five have changed?

# %% prediction="what follows the model"
prediction = {
    "state": True,
    "dict(state)": True,
    "clones": False,
    "deepcopy(state)": False,
    "a saved file": False,
}

# %% check="what follows the model"

# %% [markdown]
# ## The best weights that equal the last
#
# This is a known trap. You train on too few images, and after a while the test loss rises. So you keep the
# best weights on the way, in two ways. One layer is enough to see it:


# %%
def loss_of(model):
    model.eval()
    with no_grad():
        return F.cross_entropy(model(test_x), test_y).item()


torch.manual_seed(1)
small, losses = nn.Linear(64, 10), []
optimizer = optim.SGD(small.parameters(), lr=0.5, momentum=0.9)
for _ in range(60):
    optimizer.zero_grad()
    F.cross_entropy(small(x[:60]), y[:60]).backward()
    optimizer.step()
    losses.append(loss_of(small))
    if losses[-1] == min(losses):
        best_state = small.state_dict()
        best_clones = {key: value.clone() for key, value in best_state.items()}

# %% tags=["nbval-ignore-output"]
best = losses.index(min(losses))
plt.plot(losses)
plt.plot(best, losses[best], "o", label="the best so far, kept")
plt.yscale("log")
plt.xlabel("step")
plt.ylabel("loss on the test images")
plt.legend()
plt.show()

# %%
for name, kept in {"state_dict()": best_state, "clones": best_clones}.items():
    fresh = nn.Linear(64, 10)
    fresh.load_state_dict(kept)
    again = loss_of(fresh)
    print(f"{name:13} the best: {again == min(losses)}, the last: {again == losses[-1]}")

# %% [markdown]
# The dict was the live model all the time. No error, no warning. Keep **clones**, or save to a file.
#
# ## Build it: what a module takes over
#
# Now the way back. `_load_own_state` goes through the module's own tensors: `self._own_state()` is the dict of what
# you packed above, `{name: tensor}`. There are three outcomes for a key, `prefix + name`. What the `state_dict` has
# under it is the `value`.
#
# - The key is not in `state_dict`: add the key to a list, `missing`.
# - The value has the shape of the tensor: `self._take_over(name, key, value, assign, errors)`.
# - It has another shape: `self._refuse(name, key, value, errors)`.
#
# `errors` is the second list. Both helpers write into it what went wrong, and return nothing. At the end, return
# `missing, errors`.
#
# `_take_over` copies **into** the tensor: `with no_grad(): tensor.copy_(value)`. The Parameter stays the same object,
# so the optimizer goes on holding the right one. Nothing is raised here: the others still have to be loaded.

# %% piece="Module._load_own_state"

# %% check="Module._load_own_state"

# %% [markdown]
# ## Build it: strict, or not
#
# `load_state_dict` decides what is an error. Given is the walk through the model:
# `keys, errors = self._load_tree(state_dict, assign)`. It calls your piece for every module. `keys` has
# `missing_keys` and `unexpected_keys`, and `keys.complaints()` is a list of sentences on them. (What is no dict is
# refused there, too.)
#
# - With `strict`, the complaints come first, then the `errors`. Without it, the `errors` alone.
# - If there are any, raise one RuntimeError: `Error(s) in loading state_dict for Linear:`, with the name of the class,
#   `type(self).__name__`, and each sentence after `"\n\t"`.
# - Otherwise return `keys`.

# %% piece="Module.load_state_dict"

# %% check="Module.load_state_dict"

# %% [markdown]
# ## Open it in another model
#
# Now you want to tell even digits from odd ones, and reuse the trained layers. The new model has another last layer,
# under another name. **Open** the suitcase, and read what fits. Then switch `strict` off and open it again.
#
# The cell below it does the same in code. One error names everything that is wrong.

# %%
other = nn.Sequential(nn.Linear(64, 32), nn.BatchNorm1d(32), nn.ReLU())
other.head = nn.Linear(32, 2)
state = model.state_dict()
Suitcase(model, other)

# %%
try:
    other.load_state_dict(state)
except RuntimeError as error:
    print(error)

# %% [markdown]
# `strict=False` returns the keys instead. That is what you want here. It is also how a typo stays unseen: nothing is
# loaded, and nothing is said. So **read what is returned**.
#
# And it forgives keys, not shapes. A wrong shape is an error in any case. By then the other keys have been loaded.

# %%
layer = nn.Linear(2, 1)
before = layer.weight.clone()
answer = layer.load_state_dict({"wieght": torch.ones(1, 2), "bias": torch.ones(1)}, strict=False)
print("the weight is what it was:", torch.equal(layer.weight, before))
print(answer)

# %%
try:
    layer.load_state_dict({"weight": torch.ones(1, 5), "bias": torch.tensor([7.0])}, strict=False)
except RuntimeError as error:
    print(error)
print(layer.bias.tolist())

# %% [markdown]
# ## Tied weights
#
# Packing never asks whether a tensor was packed before. So a tied weight is saved under both names, while
# `named_parameters()` lists it once.
#
# Loading copies into the tensor that is there, so it stays tied. With `assign=True` the loaded tensors take the place
# of the old ones, each under its own name. Two names, two tensors: the tie is gone.

# %%
print([name for name, _ in kinds.named_parameters() if name.endswith("weight")])
print([name for name in kinds.state_dict() if name.endswith("weight")])
for assign in (False, True):
    tied = Kinds()
    copies = {key: value.clone() for key, value in kinds.state_dict().items()}
    tied.load_state_dict(copies, assign=assign)
    print(f"assign={assign!s:5} still tied: {tied.decoder.weight is tied.encoder.weight}")

# %% [markdown]
# ## A whole checkpoint
#
# To go on training, you need more than the weights: the optimizer's momentum, and how far you were. Save a dict of
# all that. Then two steps after loading are the two steps that would have come.


# %%
def two_steps(model, optimizer):
    for _ in range(2):
        optimizer.zero_grad()
        loss = F.cross_entropy(model.train()(x), y)
        loss.backward()
        optimizer.step()
    return loss.item()


optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
two_steps(model, optimizer)
checkpoint = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "epoch": 2}
torch.save(checkpoint, folder / "checkpoint.safetensors")
went_on = two_steps(model, optimizer)

# %%
for parts in (["model"], ["model", "optimizer"]):
    loaded = torch.load(folder / "checkpoint.safetensors")
    resumed = {"model": network()}
    resumed["optimizer"] = optim.SGD(resumed["model"].parameters(), lr=0.1, momentum=0.9)
    for part in parts:
        resumed[part].load_state_dict(loaded[part])
    print(loaded["epoch"], parts, "the same loss:", two_steps(*resumed.values()) == went_on)

# %% [markdown]
# ## The file
#
# paramlab writes the **safetensors** format: a list of names and shapes, then the numbers. PyTorch's tools read it.
# (PyTorch's own `torch.save` writes another one, mostly called `.pt`.) Opening it runs no code, whoever sent it. And
# a damaged file is refused, not half loaded:

# %%
damaged = (folder / "digits.safetensors").read_bytes()[:-100]
(folder / "damaged.safetensors").write_bytes(damaged)
try:
    torch.load(folder / "damaged.safetensors")
except RuntimeError as error:
    print("refused:", type(error).__name__)

# %% tags=["nbval-ignore-output"]
if importlib.util.find_spec("torch"):
    from safetensors.torch import load_file

    same = load_file(folder / "digits.safetensors")
    ours = torch.load(folder / "digits.safetensors")
    print("PyTorch reads the same numbers:", all(same[key].tolist() == ours[key].tolist() for key in ours))
else:
    print("PyTorch is not installed here. Where it is, this cell opens the file with it.")

# %% [markdown]
# ## What you know now
#
# - Saved are Parameters, frozen or not, and persistent Buffers, under every name. A plain tensor is lost.
# - `state_dict()` is the live model. A snapshot takes `clone()`, or a file.
# - Loading copies into the tensors that are there. Missing and unexpected keys are errors if `strict`, a wrong shape
#   always.
# - To resume, save the optimizer too.
#
# What passed is kept in `my_paramlab/`. Next: what follows a model to another device.

# %%
progress()
