# ---
# jupyter:
#   jupytext:
#     formats: py:percent
# ---

# %% [markdown]
# # 00 · Start here: what will I be able to see?
#
# In two minutes you find your first bug. Nothing raises an error. A model is trained, and a part of it has not
# learned.
#
# A cell runs with **Shift+Enter**. Run them one after the other. The first loads what is needed here; what `use` does
# is told below.

# %%
from matplotlib import pyplot as plt

import paramlab as torch
from paramlab import Tensor, nn, optim
from paramlab.data import penguins
from paramlab.nn import functional as F
from paramlab.widgets import PackageMap
from paramlab.workshop import check, implement, progress, use

use("mine")

# %% [markdown]
# ## A line through penguins
#
# Here are 274 real penguins. A straight line shall predict a bird's weight from the length of its flippers. A line has
# two numbers to learn: the weight of an average bird, and the slope. Each is kept in a **tensor**: an array, as NumPy
# has it. A model is written as an `nn.Module`.

# %%
table = penguins(train=True)
flipper = table.tensors[0][:, 2]  # 0 is the average length
weight = (table.tensors[0][:, 3] * table.std[3] + table.mean[3]) / 1000  # in kg


class Line(nn.Module):
    def __init__(self):
        super().__init__()
        self.average = torch.zeros(1)
        self.slope = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return self.average + self.slope * x


# %% [markdown]
# This is how it learns. `backward` computes for each number in which direction the error grows: its **gradient**. The
# **optimizer** is handed the model's numbers, and with each `step()` it takes them a little the other way. The lessons
# explain every line; here, run it.


# %%
def fit(model, steps=100):
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    for _ in range(steps):
        optimizer.zero_grad()
        F.mse_loss(model(flipper), weight).backward()
        optimizer.step()


def draw(model):
    plt.figure(figsize=(6, 3))
    plt.plot(flipper.numpy(), weight.numpy(), ".", alpha=0.5)
    plt.plot(flipper.numpy(), model(flipper).detach().numpy(), linewidth=2)
    plt.xlabel("flipper length (0: average)")
    plt.ylabel("weight in kg")
    plt.show()


# %% tags=["nbval-ignore-output"]
line = Line()
fit(line)
draw(line)

# %% [markdown]
# A hundred steps of training, and the line runs far below the birds. It has turned, and it has not risen. So one of
# the two numbers has not moved. Nobody said so.
#
# ## Find it on the map
#
# This is the **pick-up map**. A row is a tensor, a column a question. Compare the two rows.

# %%
torch.explore(line, optim.SGD(line.parameters(), lr=0.1))

# %% [markdown]
# `average` is picked up by nobody. Choose its row: below, the map says why, question by question. The whole course
# is about these five:
#
# | column | the question | who decides |
# |---|---|---|
# | gradient | does a gradient reach it? | autograd, which computes the gradients |
# | `parameters()` | is it listed as a weight? | the module |
# | optimizer | does `step()` update it? | what the optimizer was handed |
# | `state_dict()` | is it saved? | the module |
# | `.to()` | does it move along to a GPU? | the module |

# %% [markdown]
# ## Mend it
#
# On the map, choose `average` and switch its kind from □ Tensor to ◆ Parameter. Below, the map writes the line of
# Python that your click stands for. Type it here in place of the `...`, so that it stays in your code.

# %% yours="the first bug" tags=["nbval-ignore-output"]
line.average = nn.Parameter(line.average)  # yours
fit(line)
draw(line)

# %% [markdown]
# Now the line goes through the birds. You found a real bug, one that costs people days, and mended it with one line.
# (If the map warns of its optimizer: that one was made before your click. `fit` makes a new one.)
#
# **Without a mouse:** in the map the arrow keys move, `T` `P` `B` set the kind (Tensor, Parameter, Buffer), `G`
# freezes and thaws, `R` puts a new tensor in place, Enter opens a folder, `/` finds a name. All widgets work with
# the keyboard.
#
# ## How the course works
#
# paramlab speaks PyTorch, and you build it: each **piece** is a function of the package that you write. Here is one
# from lesson 02, what a Parameter prints. It is wrong on purpose. Run it, then the check.


# %%
@implement(nn.Parameter)
def __repr__(self):
    return Tensor.__repr__(self)


# %%
check("Parameter.__repr__")

# %% [markdown]
# A check says what was tried, what is expected (PyTorch's answer), what came from your code, and one **hint**. Nothing
# is lost by being wrong: change the cell and run both again, as often as you like. Your best result counts.
#
# What is right becomes part of the package and is kept in **`my_paramlab/`**, in plain Python. `use("reference")`
# brings the original back, `use("mine")` yours. The map of the package shows whose code is in use:

# %%
PackageMap()

# %% [markdown]
# There are 100 points. They stay when the kernel stops, or JupyterLab is closed. In a terminal, `paramlab check` counts
# them anew, from your notebooks.

# %%
progress()

# %% [markdown]
# ## Take it home
#
# On your own machine your work stays where it is. **On Binder all of it is gone** once you leave, or do nothing for a
# while. Before that, save your notebooks (Ctrl+S), run this in any of them, and click the link under it. The file has
# your notebooks and `my_paramlab/`.
#
# ```python
# from paramlab.workshop import take_home
#
# take_home()  # writes my_paramlab.zip
# ```
#
# The next time, drag the file into the list of files on the left, and run this one instead. Newer work is not
# overwritten.
#
# ```python
# from paramlab.workshop import bring_back
#
# bring_back("my_paramlab.zip")
# ```

# %% [markdown]
# ## Where to go now
#
# [01 Tensor](01_tensor.ipynb) comes next. Each lesson opens alone, so you may also begin with
# [02 Parameter](02_parameter.ipynb), which explains the bug that you have just mended. A lesson takes 30 to 45
# minutes. You need Python and a little NumPy, nothing else.
