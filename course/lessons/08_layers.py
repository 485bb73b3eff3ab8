# ---
# jupyter:
#   jupytext:
#     formats: py:percent
# ---

# %% [markdown]
# # 08 · Layers: what are real layers made of?
#
# You have used `nn.Linear` in every model; `nn.Conv2d` is its sister for images. They look like machinery. Each is a
# few Parameters, their first values, and one formula.
#
# **The question:** what is in a layer, and what does each part do for the model?
#
# You will build Linear, the first values of its weights, the heart of `conv2d`, and the block that made networks of a
# hundred layers possible.

# %%
import math
import warnings

import numpy as np
from matplotlib import pyplot as plt

import paramlab as torch
from paramlab import empty, nn, optim, plot
from paramlab.data import DataLoader, TensorDataset, digits
from paramlab.nn import Module, Parameter, init
from paramlab.nn import functional as F
from paramlab.nn.functional.correlation import scratch
from paramlab.nn.init import _calculate_correct_fan, calculate_gain, uniform_
from paramlab.workshop import check, implement, progress, use

torch.manual_seed(0)
use("mine")

# %% [markdown]
# ## One formula
#
# A **Linear** multiplies by a matrix and adds a bias. `torch.addmm(b, x, w.T)` does both: `b + x @ w.T`. Here are two
# rows of two features, and ones for all weights and biases of three outputs. Compute the first row in your head.

# %%
x = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
w, b = torch.ones(3, 2), torch.ones(3)
torch.addmm(b, x, w.T)

# %% [markdown]
# The weight has a row for each *output*: `(out_features, in_features)`. That is why it is transposed, `w.T`.
#
# ## Build it: `Linear.__init__`
#
# - Make the module first: `Module.__init__(self)`.
# - Keep the two sizes under their names: printing and `reset_parameters` ask for them.
# - `empty(3, 2, device=device, dtype=dtype)` gives a tensor of that shape; it holds whatever was in memory.
# - `self.register_parameter("bias", None)` keeps the place of a Parameter that is not there.
# - At the end, `self.reset_parameters()` draws the first values.

# %% piece="Linear.__init__"

# %% check="Linear.__init__"

# %% [markdown]
# ## Build it: `Linear.forward`
#
# The formula, with the layer's own weight and bias. An input has its features in the last dimension: it may be one
# row, a matrix, or have more dimensions. The bias may be None.

# %% piece="Linear.forward"

# %% check="Linear.forward"

# %% [markdown]
# ## First values
#
# `empty` chooses nothing, so somebody has to choose the numbers that training starts from. Does it matter which? Here
# is a deep network for the digits: 20 layers with a ReLU each, then the ten scores. The weights of the twenty are
# filled by one function.


# %%
x, y = digits(train=True).tensors
x = (x - x.mean()) / x.std()
fills = {
    "zeros": init.zeros_,
    "all alike": lambda w: init.constant_(w, 1 / 64),
    "normal": init.normal_,
    "kaiming": lambda w: init.kaiming_uniform_(w),  # looked up when it is called: soon it is yours
}


def deep(fill):
    torch.manual_seed(4)
    twenty = [part for _ in range(20) for part in (nn.Linear(64, 64), nn.ReLU())]
    for layer in twenty[::2]:
        init.zeros_(layer.bias)
        fill(layer.weight)
    return nn.Sequential(*twenty, nn.Linear(64, 10))


# %% [markdown]
# ## Predict: what do first values do?
#
# Each network sees a batch, and `backward()` runs once. Is there a gradient other than zero in the *first* weight? And
# do its units get different gradients, so that they can ever become different?

# %% prediction="first values"
prediction = {
    #            a gradient  units differ
    "zeros": (False, False),
    "all alike": (True, False),
    "normal": (True, True),
    "kaiming": (True, True),
}

# %% check="first values"

# %% [markdown]
# See it layer by layer: how large are the values on their way up, and the gradients of the weights?

# %% tags=["nbval-ignore-output"]
figure, axes = plt.subplots(1, 2, figsize=(10, 3.5))
for name, fill in fills.items():
    model, values, h = deep(fill), [], x
    for part in model:
        h = part(h)
        if isinstance(part, nn.ReLU):
            values.append(h.abs().mean().item())
    F.cross_entropy(h, y).backward()
    axes[0].plot(range(1, 21), values, label=name)
    axes[1].plot(range(1, 21), [layer.weight.grad.abs().mean().item() for layer in model[:-1:2]])
for axis, what in zip(axes, ("values", "gradients"), strict=True):
    axis.set(title=f"mean size of the {what}", xlabel="layer", yscale="log", ylim=(1e-12, None))
axes[0].legend()
plt.show()

# %% [markdown]
# - **zeros** is not in the picture: nothing comes up, and nothing comes back. Only the last bias gets a gradient.
# - **all alike**: the values look healthy. But all 64 units of a layer compute the same, get the same gradient, and so
#   stay the same for ever: one unit, 64 times. Only the last of the twenty escapes, for the ten scores tell its units
#   apart.
# - **normal**: an output sums 64 products, so each layer makes the numbers several times larger. After 20 layers they
#   are past all use.
# - **kaiming** keeps the values about as large as they were, and no two units are alike.
#
# ## Build it: `kaiming_uniform_`
#
# Let an output be a sum of `fan` products. Its spread (the standard deviation) stays what it was if that of the weights
# is `gain / sqrt(fan)`: the **gain** makes up for what the ReLU cuts off. Numbers drawn evenly from `-bound` to `bound`
# have the spread `bound / sqrt(3)`. Together:
#
# $$\text{bound} = \text{gain} \cdot \sqrt{3 / \text{fan}}$$
#
# - `_calculate_correct_fan(tensor, mode)` counts the inputs of a unit (`"fan_in"`) or its outputs (`"fan_out"`).
# - `calculate_gain(nonlinearity, a)` knows the gain. A **leaky ReLU** does not cut negative numbers off, but multiplies
#   them by `a`, its slope; with `a=0` it is the ReLU.
# - `uniform_(tensor, low, high, generator)` fills a tensor, and is not recorded.
# - A tensor without elements: `warnings.warn(…)`, and return it.

# %% piece="kaiming_uniform_"

# %% check="kaiming_uniform_"

# %% [markdown]
# ## What training makes of it
#
# `nn.Linear` calls your function too, with `a=sqrt(5)`. That slope makes the bound `1 / sqrt(fan)`, less than half of
# what a ReLU needs. Two layers, drawn in both ways:

# %% tags=["nbval-ignore-output"]
drawn = nn.ModuleDict({name: nn.Linear(64, 64, bias=False) for name in ("as it comes", "kaiming")})
init.kaiming_uniform_(drawn["kaiming"].weight)
plot.weight_histogram(drawn, same_scale=True)
plt.show()

# %% [markdown]
# In a shallow network nobody notices. Now the twenty layers, trained from both:

# %% tags=["nbval-ignore-output"]
losses = {}
for name, fill in {"as it comes": lambda w: w, "kaiming": fills["kaiming"]}.items():
    model, losses[name] = deep(fill), []
    optimizer = optim.SGD(model.parameters(), lr=0.001, momentum=0.9)
    for _ in range(150):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x[:512]), y[:512])
        loss.backward()
        optimizer.step()
        losses[name].append(loss.item())
plot.loss_curve(losses)
plt.show()

# %% [markdown]
# At a loss of 2.3 a network guesses: that is `log(10)`. From Linear's own numbers every layer makes the signal smaller,
# and the gradient is gone before it arrives.
#
# ## Containers
#
# A model of several layers has to hold them somewhere. **Containers** are modules that hold modules.
#
# ## Predict: who registers the layers?
#
# `self.layers` holds two Linear layers, in one of five ways. Does the model's `parameters()` list their weights? And
# can the whole be called, `self.layers(x)`?

# %% prediction="who registers the layers"
prediction = {
    #               listed  can be called
    "list": (False, False),
    "dict": (False, False),
    "ModuleList": (True, False),
    "ModuleDict": (True, False),
    "Sequential": (True, True),
}

# %% check="who registers the layers"

# %% [markdown]
# A **Sequential** calls its layers one after the other. With a **ModuleList** or a **ModuleDict** your `forward` says
# who is called when. See it on a model with as many layers as you like and two heads. One layer is hidden: find it on
# the map.


# %%
class Reader(nn.Module):
    def __init__(self, depth):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(64, 64) for _ in range(depth)])
        self.heads = nn.ModuleDict({"digit": nn.Linear(64, 10), "even": nn.Linear(64, 2)})
        self.extra = [nn.Linear(64, 64)]

    def forward(self, x, head):
        for layer in [*self.layers, *self.extra]:
            x = F.relu(layer(x))
        return self.heads[head](x)


model = Reader(depth=2)
print(model(x, "digit").shape, model(x, "even").shape)
torch.explore(model, optim.SGD(model.parameters(), lr=0.1))

# %% [markdown]
# ## A small matrix that looks around
#
# A pixel has neighbours, and a Linear does not know of them. A **convolution** has a small **kernel** of weights. It is
# laid on each place of the image; what lies under it is multiplied by it and summed. That is one output. Slowly, with
# loops:


# %%
def by_loops(image, kernel):
    out = torch.zeros(6, 6)
    for line in range(6):
        for column in range(6):
            out[line, column] = (image[line : line + 3, column : column + 3] * kernel).sum()
    return out


image = digits(train=False).tensors[0][9].reshape(8, 8)
edge = torch.tensor([[1.0, 1, 1], [0, 0, 0], [-1, -1, -1]])
figure, axes = plt.subplots(1, 3, figsize=(7, 2.4))
shown = {"image": image, "kernel": edge, "output": by_loops(image, edge)}
for axis, (name, pixels) in zip(axes, shown.items(), strict=True):
    axis.imshow(pixels.numpy(), cmap="gray")
    axis.set(title=name, xticks=[], yticks=[])
plt.show()

# %% [markdown]
# White in the kernel is 1, black is -1. So where the stroke ends below, the output is bright; where it begins above,
# dark; flat parts are grey.
#
# What an output sees is its **window**: nine pixels. Nine products and a sum: for each window, a convolution is a
# Linear. If all windows stand side by side, *one* matrix product computes all outputs.
#
# ## All windows at once
#
# Take an image of 3 × 3 pixels, and a kernel of 2 × 2. Each of its four weights is a **tap**. Number the pixels line by
# line, as if the image were one row: at first, the taps see the pixels 0, 1, 3 and 4. These are their **starts**. Then
# all move on by one pixel:

# %%
starts, length = [0, 1, 3, 4], 5
figure, axes = plt.subplots(1, length, figsize=(9, 2.1))
for position, axis in enumerate(axes):
    seen = np.isin(np.arange(9), np.add(starts, position)).reshape(3, 3)
    axis.imshow(seen, cmap="Blues", vmin=0, vmax=2)
    for pixel in range(9):
        axis.text(pixel % 3, pixel // 3, pixel, ha="center", va="center")
    axis.set(title=f"position {position}", xticks=[], yticks=[])
plt.show()

# %% [markdown]
# After five positions the last pixel is reached: that is the **length**. Position 2 goes around the edge, and is no
# window: it is computed too, and left out at the end.
#
# Now a row for each tap, a column for each position. To be readable, each pixel's value is its number, and the kernel
# writes the four that it sees as one number:

# %%
seen = np.array(
    [  # position: 0, 1, 2, 3, 4
        [0.0, 1, 2, 3, 4],  # tap 0 starts at pixel 0
        [1.0, 2, 3, 4, 5],  # tap 1 starts at pixel 1
        [3.0, 4, 5, 6, 7],  # tap 2 starts at pixel 3, a line below
        [4.0, 5, 6, 7, 8],  # tap 3 starts at pixel 4
    ]
)
weight = np.array([[1000.0, 100, 10, 1]])  # the kernel [[1000, 100], [10, 1]] as one row
print("weight @ seen:", weight @ seen)
small, kernel = torch.arange(9.0).reshape(1, 1, 3, 3), torch.from_numpy(weight).float().reshape(1, 1, 2, 2)
F.conv2d(small, kernel)

# %% [markdown]
# The same numbers, without position 2. (The first window, 0 1 3 4, reads `134`.) A convolution is a matrix product of
# the weight with the windows.
#
# ## Build it: `windows`
#
# Make the table `seen`: from the `rows` of pixels, the `starts` and the `length`. `F.conv2d` does the rest: it lays out
# the rows before, also with padding or a stride, and multiplies by the weight afterwards.
#
# - This is NumPy, below the tensors. A row of `seen` is a stretch of neighbouring pixels: `length` of them, from the
#   tap's start on. `rows[..., a:b]` cuts it out; `...` stands for all dimensions before.
# - An image has **channels**, such as red, green and blue. Each is a row of pixels: `rows` is `(..., C, pixels)`.
# - The weight lists all taps of the first channel, then all of the second. So has the result to do:
#   `(..., C * taps, length)`.
# - `np.empty(shape, dtype)` makes room, and so does `scratch(shape, dtype)`, in memory that is used again. `np.stack`
#   does it, too. At the end, a `reshape` with `-1` makes one dimension of channels and taps.

# %% piece="windows"

# %% check="windows"

# %% [markdown]
# Every convolution of paramlab goes through your windows now, forward and on the way back. Four kernels, the
# same digit, no loop over places:

# %%
kernels = torch.stack([edge, edge.T, -edge, torch.full((3, 3), 1 / 9)])
outputs = F.conv2d(image.reshape(1, 1, 8, 8), kernels.reshape(4, 1, 3, 3), padding=1)[0]
print("as by loops:", torch.allclose(outputs[0, 1:7, 1:7], by_loops(image, edge), atol=1e-5))
figure, axes = plt.subplots(1, 4, figsize=(9, 2.4))
names = ("lower edges", "right edges", "upper edges", "blurred")
for axis, shown, name in zip(axes, F.relu(outputs), names, strict=True):
    axis.imshow(shown.numpy(), cmap="gray")
    axis.set(title=name, xticks=[], yticks=[])
plt.show()

# %% [markdown]
# ## The residual block
#
# Nobody chooses such kernels by hand: they are Parameters, and learned. A **residual block** computes something of its
# input, and *adds* it to the input. If it has nothing to say, the input comes through.
#
# ## Write it: `ResidualBlock`
#
# - Two `nn.Conv2d(channels, channels, 3, padding=1)`, so that the size stays, and two `nn.BatchNorm2d(channels)`.
# - The formula stands in the docstring. Begin to read it in the middle.

# %% definition="ResidualBlock"

# %% check="ResidualBlock"

# %% [markdown]
# ## See it on real digits
#
# A convolution to 16 channels, two of your blocks, the mean of each quarter of the image, and a Linear. After four
# rounds it reads digits that it has never seen:


# %% tags=["nbval-ignore-output"]
def fit(model, rounds):
    images, labels = digits(train=True).tensors
    batches = DataLoader(TensorDataset(images.reshape(-1, 1, 8, 8), labels), batch_size=64, shuffle=True)
    optimizer, losses = optim.SGD(model.parameters(), lr=0.05, momentum=0.9), []
    for _ in range(rounds):
        for image, label in batches:
            optimizer.zero_grad()
            loss = F.cross_entropy(model(image), label)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    return losses


# %% tags=["nbval-ignore-output"]
def network(block, depth, channels):
    torch.manual_seed(0)
    start = nn.Conv2d(1, channels, 3, padding=1), nn.BatchNorm2d(channels), nn.ReLU()
    end = nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(4 * channels, 10)
    return nn.Sequential(*start, *[block(channels) for _ in range(depth)], *end)


model = network(ResidualBlock, depth=2, channels=16)
fit(model, rounds=4)
images, labels = digits(train=False).tensors
with torch.no_grad():
    answers = model.eval()(images.reshape(-1, 1, 8, 8)).argmax(dim=1)
print(f"{(answers == labels).float().mean().item():.1%} of {len(labels)} images are read right")

# %% [markdown]
# What is the way around good for? Two blocks learn as well without it. Eight do not: the same layers, the same first
# values, and the sum left out.


# %% tags=["nbval-ignore-output"]
def without(channels):
    def half():
        return nn.Conv2d(channels, channels, 3, padding=1), nn.BatchNorm2d(channels), nn.ReLU()

    return nn.Sequential(*half(), *half())


losses = {
    "eight blocks, with x +": fit(network(ResidualBlock, 8, 8), rounds=3),
    "the same without": fit(network(without, 8, 8), rounds=3),
}
plot.loss_curve(losses, smooth=8)
plt.show()

# %% [markdown]
# On the way back, a sum hands its gradient to both sides unchanged. So the gradient reaches the first layer past all
# the blocks between.
#
# ## What you know now
#
# - A layer is Parameters, first values, and a formula. Linear is `addmm`; a convolution is a matrix product of the
#   weight with the windows.
# - First values are to differ from unit to unit, and to keep the numbers as large as they are. `kaiming_uniform_` does
#   both for a ReLU; what `nn.Linear` draws is smaller.
# - Containers register what a list hides. A Sequential also calls it.
# - A residual block adds to its input, so that depth does not cut off the gradient.
#
# You have built every part of a model. In lesson 09 the models are broken, and you are the doctor.

# %%
progress()
