"""What is asked in own_layer, and how it is judged. Learners get this file's content, too: no answers in it."""

from paramlab.data import penguins
from paramlab.workshop.authoring import Hint, case, floats, prediction, task

# ------------------------------------------------------------------ four ways


@case
def four_ways(torch, rng):
    """A learned Parameter, a frozen one, a buffer and a plain tensor: who is listed, who is saved?"""
    module = torch.nn.Module()
    module.learned = torch.nn.Parameter(torch.zeros(4))
    module.frozen = torch.nn.Parameter(torch.zeros(4), requires_grad=False)
    module.buffer = torch.nn.Buffer(torch.zeros(4))
    module.plain = torch.zeros(4)
    listed, saved = dict(module.named_parameters()), module.state_dict()
    return {name: (name in listed, name in saved) for name in ("learned", "frozen", "buffer", "plain")}


# ------------------------------------------------------------------ Standardize


def _measured(torch, rng, own):
    """A layer for three columns that has measured ten rows."""
    layer = own(3)
    layer.measure(floats(torch, rng, 10, 3) * 4 + 7)
    return layer


@case
def two_are_learned_and_four_are_saved(torch, rng, own):
    """What `parameters()` lists of `Standardize(3)`, and what `state_dict()` saves."""
    layer = own(3)
    return {"listed": sorted(name for name, _ in layer.named_parameters()), "saved": sorted(layer.state_dict())}


@case
def each_column_has_its_own(torch, rng, own):
    """The shapes of what `Standardize(3)` saves."""
    return {name: list(tensor.shape) for name, tensor in sorted(own(3).state_dict().items())}


@case
def at_first_it_changes_nothing(torch, rng, own):
    """Before anything is measured, what comes in comes out."""
    return own(3)(floats(torch, rng, 4, 3))


@case
def it_measures_the_columns(torch, rng, own):
    """After `measure(x)`, `mean` and `std` are those of the columns."""
    layer = _measured(torch, rng, own)
    return layer.mean, layer.std


@case
def it_standardises_by_what_was_measured(torch, rng, own):
    """Other rows than those measured go through the layer."""
    return _measured(torch, rng, own)(floats(torch, rng, 2, 3))


@case
def scale_and_shift_are_used(torch, rng, own):
    """With other numbers in `scale` and `shift`."""
    layer = _measured(torch, rng, own)
    with torch.no_grad():
        layer.scale.copy_(floats(torch, rng, 3))
        layer.shift.copy_(floats(torch, rng, 3))
    return layer(floats(torch, rng, 2, 3))


@case
def what_was_measured_can_be_loaded(torch, rng, own):
    """Saved by one layer and loaded by a fresh one, it gives the same results."""
    layer, fresh = _measured(torch, rng, own), own(3)
    fresh.load_state_dict(layer.state_dict())
    return fresh(floats(torch, rng, 2, 3))


@case
def measuring_leaves_no_graph(torch, rng, own):
    """`measure(x)` with an `x` that asks for a gradient: neither `mean` nor `std` does."""
    layer = own(3)
    layer.measure(floats(torch, rng, 5, 3).requires_grad_())
    return layer.mean.requires_grad, layer.std.requires_grad


@case
def a_step_moves_what_is_learned(torch, rng, own):
    """One step of SGD: which of the four have changed?"""
    layer = _measured(torch, rng, own)
    before = {name: tensor.clone() for name, tensor in layer.state_dict().items()}
    optimizer = torch.optim.SGD(layer.parameters(), lr=0.1)
    (layer(floats(torch, rng, 4, 3)) ** 2).sum().backward()
    optimizer.step()
    return sorted(name for name, tensor in layer.state_dict().items() if not torch.equal(tensor, before[name]))


@case
def it_standardises_real_birds(torch, rng, own):
    """Penguins, as they were measured: rows that it has not seen before."""
    table = penguins(train=True)
    x = table.tensors[0] * table.std + table.mean
    order = torch.tensor(rng.permutation(len(x)))
    layer = own(4)
    layer.measure(x[order[:200]])
    return layer(x[order[200:203]])


def _kinds(misses, which):
    """What is listed, or saved, if that came out wrong."""
    return (misses.got("two_are_learned_and_four_are_saved") or {}).get(which, [])


STANDARDIZE = (
    Hint(
        lambda m: m.raised("TypeError", "cannot assign"),
        "`measure` puts a plain tensor over a Parameter. Is what is measured meant to be learned?",
    ),
    Hint(
        lambda m: {"mean", "std"} & set(_kinds(m, "listed")),
        "`parameters()` lists `mean` or `std`, a frozen Parameter included. What is measured is no Parameter at all: "
        "which class is saved and never learned?",
    ),
    Hint(
        lambda m: _kinds(m, "saved") and not _kinds(m, "listed"),
        "`parameters()` is empty. `requires_grad=True` alone lists nothing: which class does?",
    ),
    Hint(
        lambda m: _kinds(m, "listed") == ["scale", "shift"],
        "`state_dict()` does not have all four. A plain tensor attribute is not saved: register what is measured.",
    ),
    Hint(
        lambda m: m.missed("measuring_leaves_no_graph") and not m.missed("it_measures_the_columns"),
        "What was measured still asks for a gradient, and keeps the graph of `x` alive. Cut it off, or measure under "
        "`torch.no_grad()`.",
    ),
    Hint(
        lambda m: m.missed("it_measures_the_columns") and m.written(r"unbiased=False|correction=0|var\("),
        "`std` is off by a little. `x.std(dim=0)` divides by one less than the number of rows.",
    ),
    Hint(
        lambda m: m.missed("it_measures_the_columns"),
        "`mean` and `std` are not those of the columns. Which dimension is averaged over, and is the result kept in "
        "`self`?",
    ),
    Hint(
        lambda m: m.missed("at_first_it_changes_nothing") and m.written(r"def forward[\s\S]*x\.(mean|std)\("),
        "`forward` measures its own rows. It has to use what `measure` has kept, so that one bird alone will do.",
    ),
    Hint(
        lambda m: m.missed("scale_and_shift_are_used") and not m.missed("it_standardises_by_what_was_measured"),
        "`scale` and `shift` do not do their part. Is the result multiplied by the one, and the other added?",
    ),
    Hint(
        lambda m: m.missed("at_first_it_changes_nothing"),
        "Before anything is measured the layer must change nothing: `mean` and `shift` zeros, `std` and `scale` ones.",
    ),
)

# ------------------------------------------------------------------ train


def _problem(torch, rng):
    """A small classifier, twelve rows and their classes; the weights come from rng."""
    model = torch.nn.Linear(3, 2)
    with torch.no_grad():
        model.weight.copy_(floats(torch, rng, 2, 3))
        model.bias.copy_(floats(torch, rng, 2))
    return model, floats(torch, rng, 12, 3), torch.tensor(rng.integers(0, 2, 12))


@case
def it_returns_the_losses(torch, rng, own):
    """Four steps: the four losses."""
    model, x, y = _problem(torch, rng)
    return own(model, x, y, 4)


@case
def it_moves_the_weights(torch, rng, own):
    """The weights after three steps."""
    model, x, y = _problem(torch, rng)
    own(model, x, y, 3)
    return model.weight.detach(), model.bias.detach()


@case
def a_gradient_of_before_does_not_count(torch, rng, own):
    """The model comes with gradients of somebody else's loss."""
    model, x, y = _problem(torch, rng)
    (model(x) ** 2).sum().backward()
    return own(model, x, y, 2)


@case
def what_is_frozen_stays(torch, rng, own):
    """A frozen bias after three steps, beside the losses."""
    model, x, y = _problem(torch, rng)
    model.bias.requires_grad_(False)
    return own(model, x, y, 3), model.bias.detach()


@case
def it_learns_the_birds(torch, rng, own):
    """Fifty steps on penguins: does the loss halve?"""
    torch.manual_seed(int(rng.integers(1000)))
    x, species = penguins(train=True).tensors
    losses = own(torch.nn.Linear(4, 3), x, species, 50)
    return len(losses), losses[-1] < losses[0] / 2


TRAIN = (
    Hint(
        lambda m: isinstance(m.got("it_returns_the_losses"), float),
        "One loss comes back. Collect the loss of every step in a list, and return the list after the loop.",
    ),
    Hint(
        lambda m: any(isinstance(one, dict) for one in m.got("it_returns_the_losses") or ()),
        "The list has tensors in it, and each keeps its graph alive. Which method gives a tensor's number?",
    ),
    Hint(
        lambda m: m.missed("it_moves_the_weights") and not m.written(r"\.step\(\)") and not m.written("no_grad|data"),
        "The weights do not move. Who changes them, once the gradients are there?",
    ),
    Hint(
        lambda m: m.missed("it_moves_the_weights") and not m.written(r"zero_grad|grad = None|zero_\("),
        "Gradients add up from step to step. Forget the old ones before the new ones are computed.",
    ),
    Hint(
        lambda m: m.only("a_gradient_of_before_does_not_count"),
        "The model had gradients before the first step, and they were used. Forget them before `backward`, not after "
        "`step`.",
    ),
    Hint(
        lambda m: m.missed("it_returns_the_losses") and m.got("it_returns_the_losses") is None,
        "Nothing comes back, or an error does. Look at the first line of the table: what came?",
    ),
    Hint(
        lambda m: m.missed("it_returns_the_losses") and not m.missed("it_moves_the_weights"),
        "The weights are right and the losses are not. Each is the loss before its own step, one for every step.",
    ),
    Hint(
        lambda m: m.missed("it_moves_the_weights"),
        "The weights go elsewhere. Is the learning rate 0.1, is it `optim.SGD`, and does `step` come after `backward`?",
    ),
)

TASKS = (
    prediction(
        "four ways",
        points=2,
        case=four_ways,
        hints={
            "learned": "A Parameter in a module: it is trained, and it outlives a restart.",
            "frozen": "Freezing says that no gradient is wanted. Does it take the Parameter out of any list?",
            "buffer": "A buffer is state that is no weight. Which of the two lists is for weights alone?",
            "plain": "A plain tensor is an attribute like a number or a string. Who looks at those?",
        },
    ),
    task(
        "Standardize",
        points=5,
        cases=(
            two_are_learned_and_four_are_saved,
            each_column_has_its_own,
            at_first_it_changes_nothing,
            it_measures_the_columns,
            it_standardises_by_what_was_measured,
            scale_and_shift_are_used,
            what_was_measured_can_be_loaded,
            measuring_leaves_no_graph,
            a_step_moves_what_is_learned,
            it_standardises_real_birds,
        ),
        hints=STANDARDIZE,
    ),
    task(
        "train",
        points=3,
        cases=(
            it_returns_the_losses,
            it_moves_the_weights,
            a_gradient_of_before_does_not_count,
            what_is_frozen_stays,
            it_learns_the_birds,
        ),
        hints=TRAIN,
    ),
)
