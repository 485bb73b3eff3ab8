"""What is asked in my_assignment, and how it is judged. Learners get this file's content, too: no answers in it."""

from paramlab.workshop.authoring import Hint, case, floats, prediction, task


@case
def who_is_listed(torch, rng):
    """A Parameter and a plain tensor, asked of ``parameters()``."""
    layer = torch.nn.Module()
    layer.scale = torch.nn.Parameter(torch.ones(2))
    layer.seen = torch.ones(2)
    listed = dict(layer.named_parameters())
    return {"scale": "scale" in listed, "seen": "seen" in listed}


@case
def its_scale_is_listed(torch, rng, own):
    """`Scale(3)` lists one Parameter, `scale`, of three ones."""
    return dict(own(3).named_parameters())


@case
def it_scales_each_column(torch, rng, own):
    """With other numbers in `scale`, each column of `x` is multiplied by its own."""
    layer = own(3)
    with torch.no_grad():
        layer.scale.copy_(floats(torch, rng, 3))
    return layer(floats(torch, rng, 4, 3))


@case
def it_keeps_no_graph(torch, rng, own):
    """`seen` is the last input, and no gradient is asked of it."""
    layer, x = own(2), floats(torch, rng, 3, 2).requires_grad_()
    layer(x)
    return layer.seen, layer.seen.requires_grad


TASKS = (
    prediction(
        "who is listed",
        points=2,
        case=who_is_listed,
        hints={
            "scale": "What does a module do with a Parameter that is assigned to it?",
            "seen": "Tensors that are no Parameters are ordinary attributes.",
        },
    ),
    task(
        "Scale",
        points=3,
        cases=(its_scale_is_listed, it_scales_each_column, it_keeps_no_graph),
        hints=(
            Hint(
                lambda m: m.got("its_scale_is_listed") == {},
                "`parameters()` is empty. A plain tensor is not listed: which class marks what is learned?",
            ),
            Hint(
                lambda m: m.missed("it_keeps_no_graph") and m.written(r"self\.seen = x\s"),
                "`seen` drags the graph of the last input along. Which method gives a tensor without its history?",
            ),
        ),
    ),
)
