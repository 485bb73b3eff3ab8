# ---
# jupyter:
#   jupytext:
#     formats: py:percent
# ---

# %% [markdown]
# # 01 · Tensor: where does a gradient come from?
#
# Training is one sentence: move every weight a little, so that the loss falls. For that you need to know, for each
# weight, in which direction.
#
# **The question:** you call `loss.backward()`, and `w.grad` is there. Who computed it, and for whom?
#
# You will build the answer: the gradient of two operations, and the walk from the loss back to the weights.

# %%
import warnings

import numpy as np
from matplotlib import pyplot as plt

import paramlab as torch
from paramlab import Tensor, nn, optim
from paramlab.autograd import unbroadcast
from paramlab.data import penguins
from paramlab.plot import loss_curve
from paramlab.widgets import Heartbeat
from paramlab.workshop import check, implement, progress, use

torch.manual_seed(0)
use("mine")

# %% [markdown]
# ## A line through 274 penguins
#
# Heavy penguins have long flippers. `mass = w * flipper + b` is a model with two numbers to find, and the **loss** says
# how far off it is. The data is real, and standardised: mean 0, standard deviation 1.

# %%
birds, _ = penguins(train=True).tensors
flipper, mass = birds[:, 2], birds[:, 3]


def loss_of(w, b):
    error = flipper * w + b - mass
    return (error * error).mean()


w = torch.tensor(0.2, requires_grad=True)
b = torch.tensor(0.1, requires_grad=True)
loss = loss_of(w, b)
loss.backward()
print(f"loss {loss.item():.3f}, w.grad {w.grad.item():.3f}, b.grad {b.grad.item():.3f}")

# %% [markdown]
# `requires_grad=True` asks for a gradient, `backward()` computes it, `grad` holds it: that is **autograd**. A
# **gradient** is a slope: by how much the loss changes for each unit that `w` grows. You can check that without
# autograd: move `w` a bit, look again.

# %% tags=["nbval-ignore-output"]
with torch.no_grad():
    measured = (loss_of(w + 0.01, b) - loss_of(w - 0.01, b)).item() / 0.02
    at = torch.linspace(-0.5, 2, 50)
    losses = [loss_of(value, b).item() for value in at]
    tangent = [loss.item() + w.grad.item() * (value - w).item() for value in at]
plt.plot(at.numpy(), losses, label="loss")
plt.plot(at.numpy(), tangent, label=f"slope w.grad = {w.grad.item():.3f}, measured {measured:.3f}")
plt.plot(w.item(), loss.item(), "o")
plt.ylim(0, 2.5)
plt.xlabel("w")
plt.legend()
plt.show()

# %% [markdown]
# Downhill is to the right, so `w` has to grow. Measuring takes two losses for each weight. For a model of a million
# weights that is hopeless. `backward()` finds all of them in one walk.
#
# ## Every operation is written down
#
# While you compute, each operation leaves a **node**: what it did, and where its inputs came from. A tensor's
# `grad_fn` is the node that made it. From there you can go back, step by step:

# %%
node = loss_of(w, b).grad_fn
while node is not None:
    print(node.name())
    node = node.next_functions[0][0]  # the first of its inputs

# %% [markdown]
# Mean, of a product, of a difference, of a sum, of a product: your line, read backwards. All the nodes together are the
# **graph** of the loss.
#
# Below, the line is a class (lesson 03), and an **optimizer** takes the steps (lesson 05).
#
# `Heartbeat` plays a training step one beat at a time. Press **forward**: the graph appears below. Then **backward**:
# read which gradients were written. Then **step** and **zero_grad**. A dashed node has let go of what it had kept:
# press **backward** twice in a row, and read what is said.


# %%
class Line(nn.Module):
    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.tensor(0.2))
        self.b = nn.Parameter(torch.tensor(0.1))

    def forward(self, x):
        return x * self.w + self.b


def error_squared():
    error = model(flipper) - mass
    return (error * error).mean()


model = Line()
optimizer = optim.SGD(model.parameters(), lr=0.1)
Heartbeat(model, optimizer, loss=error_squared)

# %% [markdown]
# The graph ends at `w` and `b`. These are its **leaves**: no recorded operation made them. There the gradient is kept,
# in `grad`. On the way it is only passed on.
#
# The map asks the first of the five questions for every tensor: does a gradient reach it? (`nn.Parameter` is a tensor
# that asks for one. Lesson 02 is about it. `scale`, to compare, is a plain tensor.)

# %%
model.scale = torch.ones(())
torch.explore(model, optimizer)

# %% [markdown]
# ## Predict: leaf or not, gradient or not
#
# ```python
# x = torch.ones(3)
# w = torch.ones(3, requires_grad=True)
# scaled = torch.ones(3, requires_grad=True) * 0.1
# unused = torch.ones(3, requires_grad=True)
# h = x * w
# loss = (h * scaled).sum()
# loss.backward()
# ```
#
# For each tensor: is it a leaf (`is_leaf`), and does `backward()` fill its `grad`?

# %% prediction="leaf or not"
prediction = {
    #          a leaf  has a grad
    "x": (True, False),
    "w": (True, True),
    "scaled": (False, False),
    "unused": (True, False),
    "h": (False, False),
    "loss": (False, False),
}

# %% check="leaf or not"

# %% [markdown]
# `scaled` is a trap from real life ([a report](https://github.com/pytorch/pytorch/issues/1479)): its author wants a
# small weight, and makes a computed tensor. Its `grad` stays None. If you ask for it, there is a warning:

# %%
scaled = torch.ones(3, requires_grad=True) * 0.1
scaled.sum().backward()
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    print("scaled.grad is", scaled.grad)
print(str(caught[0].message).split(". ")[0])

right = (torch.ones(3) * 0.1).requires_grad_()  # first compute, then ask: a leaf
right.sum().backward()
print("right.grad is", right.grad)

# %% [markdown]
# If you want to see a gradient on the way, say so before: **`retain_grad()`**.

# %%
w = torch.ones(3, requires_grad=True)
h = w * 2
h.retain_grad()
(h * h).sum().backward()
print("h.grad:", h.grad, " w.grad:", w.grad)

# %% [markdown]
# ## Build it: back to the old shape
#
# A node gets the gradient of its output, and has to return the gradient of each input. First a small thing that all of
# them need. In `x + b` a row `b` is added to every row of `x`. **Broadcasting** copies it. Each copy gets a gradient;
# here you say which, by `backward(incoming)`.

# %%
x, b = torch.zeros(2, 3), torch.zeros(3, requires_grad=True)
incoming = torch.tensor([[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]])  # the gradient of x + b
(x + b).backward(incoming)
print(b.grad)

# %% [markdown]
# A change of `b[0]` changes the loss by way of both copies: 1 + 10. So their gradients are added up.
#
# `grad` is a NumPy array, larger than `shape` or as large. Bring it to the shape `shape`:
#
# - Dimensions that were added stand in front: `(3,)` became `(2, 3)`. Sum them away.
# - A dimension of length 1 was stretched: `(2, 1)` became `(2, 3)`. Sum it, and keep it: `keepdims=True`.

# %% piece="unbroadcast"

# %% check="unbroadcast"

# %% [markdown]
# ## Build it: the gradient of a product
#
# An operation of paramlab is a class with `forward` and `backward`. For `a * b`, `forward` has left you:
#
# | | |
# |---|---|
# | `self.saved` | the arrays `a, b`; None for one that you will not need |
# | `self.needs` | two flags: does `a`, does `b` ask for a gradient? |
# | `self.shapes` | the shapes of `a` and of `b`, before broadcasting |
#
# `grad` says how much the loss changes when the product does. If `a` grows by 1, by how much does the product grow?
# Return two gradients, each in its own shape (`unbroadcast` it), or None where none is asked for.

# %% piece="Mul.backward"

# %% check="Mul.backward"

# %% [markdown]
# ## Build it: the gradient of a matrix product
#
# Layers are made of `a @ b`. Here the shapes tell you the formula. Let `a` be `(2, 3)` and `b` be `(3, 4)`. Then `grad`
# is `(2, 4)`, and the gradients have to be `(2, 3)` and `(3, 4)`. There is one way to get each from `grad` and the
# other matrix.
#
# `self.saved` always holds both arrays here, so the shapes to go back to are `a.shape` and `b.shape`. There may be
# stacks of matrices: transpose the other matrix `m` by `m.swapaxes(-1, -2)`, and end with `unbroadcast`.

# %% piece="Matmul.backward"

# %% check="Matmul.backward"

# %% [markdown]
# ## Build it: the walk back
#
# Now the walk itself, the heart of `Tensor.backward`. In `error * error` two edges lead to the same node. It must not
# go on before both gradients are there. So the nodes come **the youngest first**: who used a tensor was made after it.
#
# ```mermaid
# flowchart RL
#   loss(["loss"]) --> m["Mul<br>error * error"]
#   m -- "part" --> e["Sub<br>error"]
#   m -- "part" --> e
#   e --> w(["w"])
# ```
#
# - `visits` gives you `node, grad`, one after the other: a node, and what has arrived at it, complete by now.
# - `node.backward(grad)` returns a gradient for each of its inputs. You have just written two of these.
# - `node.edges` says where they go: to nodes and leaves. None, as an edge or as a gradient, leads nowhere.
# - `arrived` is a dict. Put into `arrived[edge]` what goes to this edge. If something is there already, **add**: make a
#   new array with `+`. `+=` would write into one that others may have, too.

# %% piece="propagate"

# %% check="propagate"

# %% [markdown]
# ## See it on a model
#
# Three measurements of a penguin, and its mass. Every gradient in this training is now computed by your code, if it
# passed: the product, the shapes, the walk.
#
# You train twice: once with `grad` set to None before each step, and once without.

# %%
x, y = birds[:, :3], birds[:, 3:]


def train(forget=False, lr=0.05, steps=60):
    w, b = torch.zeros(3, 1, requires_grad=True), torch.zeros(1, requires_grad=True)
    losses = []
    for _ in range(steps):
        error = x @ w + b - y
        loss = (error * error).mean()
        if not forget:
            w.grad = b.grad = None  # what zero_grad() does
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        losses.append(loss.item())
    return losses


# %% tags=["nbval-ignore-output"]
loss_curve({"grad = None each time": train(), "forgotten": train(forget=True)})
plt.show()

# %% [markdown]
# `backward()` **adds** to `grad`, from call to call as within one. That is wanted: you can sum the gradients of several
# batches. But it makes `zero_grad()` your duty. Without it each step repeats all earlier ones, overshoots, and swings
# back. No error says so ([people ask for one](https://github.com/pytorch/pytorch/issues/47175)).

# %%
w = torch.ones(2, requires_grad=True)
for _ in range(3):
    (w * 5).sum().backward()
    print(w.grad)

# %% [markdown]
# ## Three ways to write a step, one is right
#
# A step changes the weight itself. A leaf must not be written to while autograd watches: an error. And `w = w - …`
# makes another tensor, which is no leaf: the next `backward()` gives it nothing, without an error. Both stand in
# [one thread](https://github.com/BaiTheBest/SparseLLM/issues/13), the second as the cure of the first.

# %%
w = torch.ones(2, requires_grad=True)
(w * w).sum().backward()
try:
    w -= 0.1 * w.grad
except RuntimeError as error:
    print(str(error).split(". ")[0])

other = w - 0.1 * w.grad
print("other is a leaf:", other.is_leaf)

with torch.no_grad():
    w -= 0.1 * w.grad
print("w is a leaf:", w.is_leaf, w)

# %% [markdown]
# Under **`no_grad`** nothing is recorded. It is for what is no part of the loss: a step, a measurement.
#
# ## Predict: which way is open?
#
# There are several ways to keep autograd from following: `no_grad`; **`detach()`**, which gives the same values without
# the history; `item()`, which gives a plain number of Python.
#
# `w` asks for a gradient; each line, summed up, is a loss. Does `backward()` fill `w.grad`? Where `backward()` is
# refused, the answer is no.

# %% prediction="which way is open"
prediction = {
    "w * w": True,
    "w.detach() * w.detach()": False,
    "w * w.detach()": True,
    "w * w under no_grad": False,
    "w.item() * w.item()": False,
}

# %% check="which way is open"

# %% [markdown]
# ## Build it: `detach`
#
# What `detach()` returns shares the memory of the tensor, and leaves its history behind. `nn.Parameter` is made with
# it, as you will see in the next lesson.
#
# - `self._array` is the NumPy array with the values. `self._beside(array)` puts a new tensor around an array, on the
#   same device, without history.
# - `self._version_counter()` counts the writes to that memory. The new tensor has to share it, as its `_version_`.
#   Otherwise a write goes unnoticed between forward and backward.

# %% piece="Tensor.detach"

# %% check="Tensor.detach"

# %% [markdown]
# The counter at work: a product needs its factors for the gradient. Somebody writes to one of them by way of a detached
# tensor. A wrong gradient would be worse than an error.

# %%
w = torch.ones(2, requires_grad=True)
h = w * 2
y = w * h
h.detach()[0] = 100.0
try:
    y.sum().backward()
except RuntimeError as error:
    print(str(error).split(":")[0])

# %% [markdown]
# ## What you know now
#
# - Operations leave a graph. `backward()` walks it from the loss to the leaves, the youngest node first.
# - A leaf that asks for a gradient gets it in `grad`. What is computed passes it on; `retain_grad()` keeps it.
# - Gradients add up: over copies, over ways, over calls. So `zero_grad()`.
# - `no_grad` records nothing, `detach()` cuts one tensor off.
#
# A tensor with a gradient still belongs to no model. What makes it a weight is lesson 02.

# %%
progress()
