# ---
# jupyter:
#   jupytext:
#     formats: py:percent
# ---

# %% [markdown]
# # A layer that scales
#
# Say in a sentence or two what this is about, and what is to be handed in.

# %%
import paramlab as torch
from paramlab import nn
from paramlab.workshop import assignment, check, progress

assignment("my_assignment")

# %% [markdown]
# ## Predict
#
# The layer will have a **Parameter** `scale` and a plain tensor `seen`, the last input. Which of the two does
# `parameters()` list? Replace each `...` by True or False.

# %% prediction="who is listed"
prediction = {
    "scale": True,
    "seen": False,
}

# %% check="who is listed"

# %% [markdown]
# ## Write it: `Scale`
#
# `Scale(width)` multiplies each of `width` columns by a number of its own, which is 1 at first and is learned.


# %% yours="Scale"
class Scale(nn.Module):
    """x, of shape (N, width) → x · scale, of the same shape."""

    def __init__(self, width):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(width))  # yours
        self.seen = None

    def forward(self, x):
        self.seen = x.detach()  # yours
        return x * self.scale  # yours


# %% check="Scale"

# %% [markdown]
# ## See it
#
# The map shows who picks each of its tensors up.

# %%
layer = Scale(3)
layer(torch.ones(2, 3))
torch.explore(layer)

# %%
progress()
