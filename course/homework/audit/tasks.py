"""What is asked in audit, and how it is judged. Learners get this file's content, too: no answers in it."""

import copy

from paramlab.data import pride_and_prejudice
from paramlab.workshop.authoring import Hint, attempt, case, floats, prediction, task

KINDS = 6

# ------------------------------------------------------------------ what is lost


@case
def what_is_lost(torch, rng):
    """A layer, a layer in a list, a tensor that asks for a gradient, a plain tensor: who is held, who is saved?"""
    model = torch.nn.Module()
    model.embedding = torch.nn.Embedding(KINDS, 8)
    model.layers = [torch.nn.Linear(24, 24)]
    model.sharpness = torch.ones(1, requires_grad=True)
    model.usual = torch.zeros(KINDS)
    held, saved = dict(model.named_parameters()), model.state_dict()
    names = ("embedding.weight", "layers[0].weight", "sharpness", "usual")
    return {name: (name in held, name in saved) for name in names}


# ------------------------------------------------------------------ Letters


def _letters(torch, rng, own):
    """A model for six letters and how usual they are."""
    return own(floats(torch, rng, KINDS))


def _with_known_weights(torch, rng, own):
    """The same, with weights that depend on their shapes alone and not on the order in which they were made."""
    model = _letters(torch, rng, own)
    with torch.no_grad():
        for weight in model.parameters():
            count = weight.numel()
            weight.copy_(((torch.arange(count) * 7 + 1) % 11 / 11.0 - 0.4).reshape(weight.shape))
    return model


def _some(torch, rng, rows=3):
    return torch.tensor(rng.integers(0, KINDS, (rows, 3)))


@case
def all_weights_are_listed(torch, rng, own):
    """The shapes of what `parameters()` lists."""
    return sorted(list(weight.shape) for weight in _letters(torch, rng, own).parameters())


@case
def usual_is_saved(torch, rng, own):
    """`usual` in `state_dict()`, and not in `parameters()`."""
    model = _letters(torch, rng, own)
    return "usual" in model.state_dict(), "usual" in dict(model.named_parameters())


@case
def it_computes_the_same(torch, rng, own):
    """The scores of three rows."""
    return _with_known_weights(torch, rng, own)(_some(torch, rng))


@case
def a_step_moves_every_weight(torch, rng, own):
    """One step of SGD: the shapes of what has changed."""
    model = _with_known_weights(torch, rng, own)
    before = [weight.detach().clone() for weight in model.parameters()]
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    (model(_some(torch, rng)) ** 2).sum().backward()
    optimizer.step()
    pairs = zip(model.parameters(), before, strict=True)
    return sorted(list(now.shape) for now, then in pairs if not torch.equal(now, then))


@case
def it_all_moves(torch, rng, own):
    """After `.to(torch.float64)`: the dtypes in `state_dict()`, and of the result."""
    model = _letters(torch, rng, own).to(torch.float64)
    dtypes = {str(tensor.dtype) for tensor in model.state_dict().values()}
    return sorted(dtypes), str(model.usual.dtype), str(model(_some(torch, rng)).dtype)


@case
def what_is_saved_can_be_loaded(torch, rng, own):
    """Loaded into a model of another text, the scores are the first one's."""
    model, other = _with_known_weights(torch, rng, own), _letters(torch, rng, own)
    other.load_state_dict(model.state_dict())
    return other(_some(torch, rng))


@case
def it_can_be_copied_after_it_has_run(torch, rng, own):
    """`copy.deepcopy` of a model that has run; its `scores`, and whether they ask for a gradient."""
    model = _with_known_weights(torch, rng, own)
    model(_some(torch, rng))
    copied = attempt(lambda: copy.deepcopy(model))
    return copied if isinstance(copied, dict) else (copied.scores.shape == (3, KINDS), copied.scores.requires_grad)


@case
def it_reads_jane_austen(torch, rng, own):
    """Some letters of the book, and how usual its letters are."""
    text = pride_and_prejudice(train=True)[:2000].lower()
    start = int(rng.integers(1900))
    usual = torch.tensor([float(text.count(chr(97 + i)) + 1) for i in range(26)]).log()
    model = own(usual)
    seen = torch.tensor([[ord(c) % 26 for c in text[start + i : start + i + 3]] for i in range(4)])
    return list(model(seen).shape), model.usual


LETTERS = (
    Hint(
        lambda m: (m.got("usual_is_saved") or [0, 0])[1] is True,
        "`usual` is a Parameter now, frozen or not, and `parameters()` lists it. It is state that is not learned: what "
        "registers that?",
    ),
    Hint(
        lambda m: [24, 24] not in (m.got("all_weights_are_listed") or [[24, 24]]),
        "The layers are still hidden: no list, tuple or dict of Python's is looked into. Which container is a module?",
    ),
    Hint(
        lambda m: m.got("all_weights_are_listed") is not None and [1] not in m.got("all_weights_are_listed"),
        "`sharpness` is not listed. That it asks for a gradient makes no weight of it: what class does?",
    ),
    Hint(
        lambda m: m.got("usual_is_saved") == [False, False],
        "`usual` is not saved: it is a plain tensor, or a buffer that was told not to be persistent.",
    ),
    Hint(
        lambda m: m.missed("it_can_be_copied_after_it_has_run") and not m.missed("it_computes_the_same"),
        "A copy fails, or `scores` still has a gradient: what the model keeps of its last run drags the graph along. "
        "What is kept need not be what is returned.",
    ),
    Hint(
        lambda m: m.missed("a_step_moves_every_weight") and not m.missed("it_computes_the_same"),
        "The scores are right, and some weights get no gradient. What is returned has to be the scores with their "
        "history, and the weights themselves, without `.data` or `.item()`.",
    ),
    Hint(
        lambda m: m.missed("it_computes_the_same"),
        "It computes something else than before. Only who picks the tensors up is to change, not the formula.",
    ),
)

# ------------------------------------------------------------------ fine_tuning


def _model(torch, rng):
    model = torch.nn.Module()
    model.embedding = torch.nn.Embedding(KINDS, 2)
    model.layers = torch.nn.ModuleList([torch.nn.Linear(6, 4), torch.nn.Linear(4, KINDS)])
    return model


def _held(optimizer, tensor):
    return any(one is tensor for group in optimizer.param_groups for one in group["params"])


@case
def the_new_layer_is_held(torch, rng, own):
    """Does the optimizer hold the weight and the bias of the new layer?"""
    model = _model(torch, rng)
    optimizer = own(model, 0.1)
    return [_held(optimizer, tensor) for tensor in model.layers[1].parameters()]


@case
def the_layer_is_new(torch, rng, own):
    """Is the last layer another object than before, of the same shape?"""
    model = _model(torch, rng)
    old = model.layers[1]
    own(model, 0.1)
    return model.layers[1] is old, list(model.layers[1].weight.shape)


@case
def the_embedding_is_frozen(torch, rng, own):
    """Who asks for a gradient."""
    model = _model(torch, rng)
    own(model, 0.1)
    return {name: parameter.requires_grad for name, parameter in sorted(model.named_parameters())}


@case
def nothing_else_is_held(torch, rng, own):
    """How many tensors the optimizer holds; the old layer and the embedding among them?"""
    model = _model(torch, rng)
    old = model.layers[1]
    optimizer = own(model, 0.1)
    count = sum(len(group["params"]) for group in optimizer.param_groups)
    return count, _held(optimizer, old.weight), _held(optimizer, model.embedding.weight)


@case
def a_step_trains_the_rest(torch, rng, own):
    """One step at the learning rate that was asked for: who has moved?"""
    model = _model(torch, rng)
    optimizer = own(model, 0.25)
    before = {name: parameter.detach().clone() for name, parameter in model.named_parameters()}
    x = torch.tensor(rng.integers(0, KINDS, (5, 3)))
    model.layers[1](model.layers[0](model.embedding(x).flatten(1)).tanh()).pow(2).sum().backward()
    optimizer.step()
    moved = [name for name, parameter in model.named_parameters() if not torch.equal(parameter, before[name])]
    return sorted(moved), sorted({group["lr"] for group in optimizer.param_groups})


FINE_TUNING = (
    Hint(
        lambda m: m.missed("the_layer_is_new"),
        "The last layer is still the old one, or of another size. It is to be replaced by a new `nn.Linear`.",
    ),
    Hint(
        lambda m: m.got("the_new_layer_is_held") is not None and False in m.got("the_new_layer_is_held"),
        "The optimizer does not hold the new layer. It holds the objects that there were when it was made: what comes "
        "first?",
    ),
    Hint(
        lambda m: m.raised("AttributeError", "param_groups"),
        "An optimizer is to come back. Is there a `return`, and what does it return?",
    ),
    Hint(
        lambda m: (m.got("the_embedding_is_frozen") or {}).get("embedding.weight") is True,
        "The embedding still asks for a gradient. `requires_grad = …` on a module is just another attribute; which "
        "method of a module reaches its Parameters?",
    ),
    Hint(
        lambda m: m.missed("the_embedding_is_frozen"),
        "More is frozen than the embedding: the other layers have to go on learning.",
    ),
    Hint(
        lambda m: m.missed("nothing_else_is_held"),
        "The optimizer holds too much or too little: it is to hold what asks for a gradient, and nothing that is "
        "frozen or gone.",
    ),
    Hint(
        lambda m: m.missed("a_step_trains_the_rest"),
        "A step moves something else than it should. Is the learning rate the one that was handed in?",
    ),
)

TASKS = (
    prediction(
        "what is lost",
        points=2,
        case=what_is_lost,
        hints={
            "embedding.weight": "The embedding is a module that was assigned as an attribute. Who hears of it then?",
            "layers[0].weight": "The layer is in a list of Python's. Does a module look inside of one?",
            "sharpness": "It asks for a gradient. Is that what `parameters()` goes by?",
            "usual": "A plain tensor is an attribute like a number or a string. Who looks at those?",
        },
    ),
    task(
        "Letters",
        points=5,
        cases=(
            all_weights_are_listed,
            usual_is_saved,
            it_computes_the_same,
            a_step_moves_every_weight,
            it_all_moves,
            what_is_saved_can_be_loaded,
            it_can_be_copied_after_it_has_run,
            it_reads_jane_austen,
        ),
        hints=LETTERS,
    ),
    task(
        "fine_tuning",
        points=3,
        cases=(
            the_new_layer_is_held,
            the_layer_is_new,
            the_embedding_is_frozen,
            nothing_else_is_held,
            a_step_trains_the_rest,
        ),
        hints=FINE_TUNING,
    ),
)
