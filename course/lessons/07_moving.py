# ---
# jupyter:
#   jupytext:
#     formats: py:percent
# ---

# %% [markdown]
# # 07 · Moving: what follows `.to()`?
#
# One line brings a model to another device, or to another precision: `model.to("cuda")`, `model.to(torch.float64)`.
# Then a line far away fails, or worse, does not.
#
# **The question:** which tensors follow the model, and are they the same objects afterwards?
#
# You will build `.to()` from three small pieces, and repair a model that was left half behind.

# %%
import copy

from matplotlib import pyplot as plt

import paramlab as torch
from paramlab import Tensor, nn, optim
from paramlab.data import digits
from paramlab.nn import Parameter
from paramlab.nn import functional as F
from paramlab.widgets import Movers
from paramlab.workshop import check, implement, progress, use

torch.manual_seed(0)
use("mine")

# %% [markdown]
# ## A device that every laptop has
#
# A tensor lives on a **device**. A GPU computes with what is in its own memory, and with nothing else. `sim` is
# paramlab's simulated accelerator: it computes as the CPU does, and it refuses to mix, in PyTorch's words.

# %%
here = torch.ones(3)
there = here.to("sim")
print(here.device, there.device)
try:
    here + there
except RuntimeError as error:
    print(error)

# %% [markdown]
# `here` stayed where it was. A tensor's `.to()` **returns another tensor**, and you have to assign it. Only if there
# is nothing to convert you get the tensor itself.

# %%
print(here.to(torch.float64).dtype, here.dtype)
print(here.to(torch.float32) is here)

# %% [markdown]
# ## A model that knows how rare a digit is
#
# Real data are uneven. Here, of the digits 5 to 9 only every twentieth image is kept. A network trained on that
# would learn to hardly ever answer 8.
#
# There is a cure. The network gives each digit a score. While training, add to it the logarithm of the digit's share,
# its **prior**: then the network learns what the shares do not explain. Priors are no weights: they come from counting,
# and are not to be learned.

# %%
x, y = digits(train=True).tensors
kept = (y < 5) | (torch.arange(len(y)) % 20 == 0)
x, y = x[kept], y[kept]
counts = torch.bincount(y)
log_prior = (counts / len(y)).log()
counts


# %%
class Digits(nn.Module):
    def __init__(self, log_prior):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(64, 32), nn.BatchNorm1d(32), nn.ReLU())
        self.head = nn.Linear(32, 10)
        self.log_prior = log_prior

    def forward(self, x):
        scores = self.head(self.body(x))
        return scores + self.log_prior if self.training else scores


# %% [markdown]
# It works. Then you get a GPU. Click **sim**, look who goes and who stays; send the input after it; then **Run**.

# %%
model, batch = Digits(log_prior), x[:8]
Movers(model, batch)

# %% [markdown]
# The same in Python. Note where it fails: not at `.to()`, but in `forward`, and only while training.

# %%
moved, sent = Digits(log_prior).to("sim"), x[:8].to("sim")
print("to evaluate:", moved.eval()(sent).device)
try:
    moved.train()(sent)
except RuntimeError as error:
    print("to train:", error)

# %% [markdown]
# ## Predict: what follows?
#
# Below is a layer with one tensor of each kind. `count` holds integers, as BatchNorm's `num_batches_tracked` does.
#
# Who goes along? Write `True` or `False`: first for `model.to("sim")`, then for `model.to(torch.float64)`.


# %%
class Mixed(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(2))
        self.mean = nn.Buffer(torch.zeros(2))
        self.count = nn.Buffer(torch.tensor([3, 4]))
        self.prior = torch.ones(2)
        self.layers = [nn.Linear(2, 2)]


# %% prediction="what follows"
prediction = {
    #                  "sim"  float64
    "weight": (True, True),
    "mean": (True, True),
    "count": (True, False),
    "prior": (False, False),
    "layers[0].weight": (False, False),
}

# %% check="what follows"

# %% [markdown]
# ## Predict: the same object, or a new one?
#
# Three of the tensors are registered. You keep a reference, `before = model.mean`, and move the model. Is
# `model.mean is before`? Again for `"sim"` and for `torch.float64`.

# %% prediction="same object"
prediction = {
    #         "sim"  float64
    "weight": (True, True),
    "mean": (False, False),
    "count": (False, True),
}

# %% check="same object"

# %%
for place in ("sim", torch.float64):
    model = Mixed()
    before = {name: getattr(model, name) for name in ("weight", "mean", "count", "prior")}
    model.to(place)
    print(f"model.to({place!r})")
    for name, tensor in before.items():
        now = getattr(model, name)
        print(f"    {name:6}  {now.device!s:5}  {now.dtype!s:13}  the same object: {now is tensor}")

# %% [markdown]
# You will read: "after `model.to(...)` the parameters are new objects." They are not. Parameters stay, and **buffers
# are replaced**. A dtype is for floats only: a counter goes to a device, and stays an integer. The `prior` is the
# same object, for nobody touched it.
#
# What stays behind does not always fail. float64 + float32 is float64, without a word; a product `@` of the two is
# refused. And a tensor of one number, without a dimension, may stay on the CPU: it joins any device.
#
# ## Build it: `Parameter._swap`
#
# How can an object stay and be elsewhere? A tensor is an object *with* data, and its data can be exchanged:

# %%
p = nn.Parameter(torch.ones(2))
same = p
p.data = torch.zeros(2, dtype=torch.float64, device="sim")
print(same.dtype, same.device, same is p, type(p).__name__)

# %% [markdown]
# Replace the `...`. `self` is the Parameter. It gets `data`, and its gradient, if it has one, gets `grad`. Both stay
# the objects that they are. Nothing is returned.

# %% piece="Parameter._swap"

# %% check="Parameter._swap"

# %% [markdown]
# ## Build it: `Module._apply`
#
# Every conversion goes through this method: `.to()`, `.double()`, `.half()`, `.cpu()`. It gets a function `fn`, which
# takes a tensor and returns the converted one.
#
# ```mermaid
# flowchart LR
#   a["_apply(fn)"] --> c["each child:<br>its own _apply(fn)"]
#   a --> p["_parameters<br>self._convert_parameter<br>(name, fn)"]
#   a --> b["_buffers<br>fn(buffer) takes its place"]
# ```
#
# - The children first, unless `recurse` is False. `self.children()` lists them.
# - `self._convert_parameter(name, fn)` calls `fn` on the Parameter of that name and on its gradient, and hands both
#   to your `_swap`.
# - A place in either dict may hold None: pass over it.
# - Return the module.

# %% piece="Module._apply"

# %% check="Module._apply"

# %% [markdown]
# ## Build it: `Module.to`
#
# What is left is the function. `self._parse_to(*args, **kwargs)` reads the arguments, and refuses a dtype that is not
# of floating point. It returns a device and a dtype; None means: leave as it is. `tensor.to(device=…, dtype=…)`
# understands None in the same way.
#
# Write a function that converts one tensor, and hand it to `self._apply`. What about integers?

# %% piece="Module.to"

# %% check="Module.to"

# %% [markdown]
# ## Repair the model
#
# Your code moves every model now. But what is in no dict is still left behind, and the **census** names it. Of
# several ways to mend it, a Buffer is the right one here: it moves, it is saved, it is not learned.

# %%
model = Digits(log_prior).to("sim")
for finding in torch.census(model).findings:
    print(finding.rule, "·", finding.message)

model = Digits(nn.Buffer(log_prior)).to("sim")
print(model.log_prior.device, model(x.to("sim")).device)
torch.explore(model, optim.SGD(model.parameters(), lr=0.1))


# %% [markdown]
# Does it do what it was made for? Train it on `sim`, with the prior and without, and count the right answers for
# each digit of the test images, among which no digit is rare.


# %%
def accuracies(log_prior):
    torch.manual_seed(1)
    model = Digits(nn.Buffer(log_prior)).to("sim")
    optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    for _ in range(100):
        optimizer.zero_grad()
        F.cross_entropy(model(x.to("sim")), y.to("sim")).backward()
        optimizer.step()
    test_x, test_y = digits(train=False).tensors
    right = model.cpu().eval()(test_x).argmax(dim=1) == test_y
    return [right[test_y == digit].float().mean().item() for digit in range(10)]


# %% tags=["nbval-ignore-output"]
for shift, prior, label in ((-0.2, torch.zeros(10), "without the prior"), (0.2, log_prior, "with it")):
    plt.bar([digit + shift for digit in range(10)], accuracies(prior), width=0.4, label=label)
plt.xticks(range(10))
plt.ylim(0, 1.2)
plt.xlabel("digit")
plt.ylabel("share of right answers")
plt.legend(ncols=2)
plt.show()

# %% [markdown]
# Without it, some of the rare digits are hardly ever found: 6 and 8 above all. The common ones pay a little for the
# cure.
#
# ## An optimizer made before the move
#
# An optimizer holds objects. Parameters stay the same objects, so it goes on after a move. A **copy** of the model is
# made of other objects, and the optimizer does not know them.


# %%
def losses(change):
    torch.manual_seed(1)
    model, values = Digits(nn.Buffer(log_prior)), []
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    for step in range(40):
        if step == 15:
            model = change(model)
        place = model.head.weight.device
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x.to(place)), y.to(place))
        loss.backward()
        optimizer.step()
        values.append(loss.item())
    return values


# %% tags=["nbval-ignore-output"]
plt.plot(losses(lambda model: model), linewidth=6, alpha=0.3, label="stays")
plt.plot(losses(lambda model: model.to("sim")), label='model.to("sim")')
plt.plot(losses(copy.deepcopy), "--", label="copy.deepcopy(model)")
plt.xlabel("step (the change is before step 15)")
plt.ylabel("loss")
plt.legend()
plt.show()

# %% [markdown]
# The moved model goes on as if nothing had been. But an optimizer may have tensors of its own, its **state**: momentum,
# or Adam's averages. No module registered them. They stay behind, and `step()` fails:

# %%
layer = nn.Linear(64, 10)
optimizer = optim.SGD(layer.parameters(), lr=0.1, momentum=0.9)
layer(x).sum().backward()
optimizer.step()
layer.to("sim")
try:
    optimizer.step()
except RuntimeError as error:
    print(error)

# %% [markdown]
# So move the model first, then make the optimizer.
#
# ## Three traps
#
# - A list of tensors is a second holder. After the move the Parameter in it is the live one, the buffer a relic. Keep
#   names instead, and ask the model: `model.get_buffer("mean")`.
# - `model.type(...)` asks nobody, and converts integers too.
# - A Parameter's own `.to()` is a tensor's: a plain tensor comes back (lesson 02). Convert first, then wrap.

# %%
model = Mixed()
model.all = [model.weight, model.mean]
model.to("sim")
print("in the list:", [str(t.device) for t in model.all])
print("double, type:", Mixed().double().count.dtype, Mixed().type(torch.float64).count.dtype)
wrapped_first = nn.Parameter(torch.ones(2)).to("sim")
wrapped_last = nn.Parameter(torch.ones(2).to("sim"))
print("wrapped first, last:", type(wrapped_first).__name__, type(wrapped_last).__name__)

# %% [markdown]
# ## Shapes without values
#
# There is one more device, **`meta`**: tensors with a shape and no values. A model too large for this machine can be
# looked at there. What has no memory can't be swapped: to `meta`, and back from it, Parameters are new objects.

# %%
with torch.device("meta"):
    large = nn.Linear(1_000_000, 1_000_000)
print(f"{large.weight.numel():,} weights,", large(torch.empty(8, 1_000_000, device="meta")).shape)
small = nn.Linear(3, 2, device="meta")
try:
    small.to("cpu")
except NotImplementedError as error:
    print(error)
before = small.weight
print(small.to_empty(device="cpu").weight.device, "the same object:", small.weight is before)

# %% [markdown]
# ## What you know now
#
# | | to a device | to a dtype | afterwards |
# |---|---|---|---|
# | ◆ Parameter | moved | converted | the same object, other data |
# | ≡ Buffer | moved | converted | a new object |
# | ≡ Buffer of integers | moved | left alone | new, or the same if untouched |
# | □ Tensor, or a layer in a list | left | left | the same, and behind |
#
# `x = x.to(...)` for a tensor, `model.to(...)` for a model. Move first, then make the optimizer.

# %%
progress()
