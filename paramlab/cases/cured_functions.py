"""Functions of the bug clinic after their cure: the symptom is gone, and they do what they were written for."""

from __future__ import annotations

from typing import Any

from .case import attempt, case_of, floats
from .cures import Rng, backwards, batch, changed_by, cured, filled, network, train

# ---------------------------------------------------------------------- a head that was replaced

FINE_TUNE = cured("head-replaced")


@case_of(FINE_TUNE)
def the_new_head_learns(torch: Any, rng: Rng, fine_tune: Any) -> Any:
    """Which tensors of the head three steps of the optimizer change."""
    return [name for name in _fine_tuned(torch, rng, fine_tune) if name.startswith("head.")]


@case_of(FINE_TUNE)
def the_backbone_learns_too(torch: Any, rng: Rng, fine_tune: Any) -> Any:
    """Which tensors of the whole model three steps change."""
    return _fine_tuned(torch, rng, fine_tune)


@case_of(FINE_TUNE)
def the_head_is_a_new_one(torch: Any, rng: Rng, fine_tune: Any) -> Any:
    """The shape of the head's weight, and whether it is another object than before."""
    model = network(torch, rng, outputs=3)
    before = model.head.weight
    fine_tune(model)
    return [list(model.head.weight.shape), model.head.weight is before]


@case_of(FINE_TUNE)
def each_weight_is_held_once(torch: Any, rng: Rng, fine_tune: Any) -> Any:
    """How often the optimizer holds each weight of the model."""
    model = network(torch, rng, outputs=3)
    held = [id(tensor) for group in fine_tune(model).param_groups for tensor in group["params"]]
    return [held.count(id(weight)) for weight in model.parameters()]


@case_of(FINE_TUNE)
def the_backbone_was_not_begun_anew(torch: Any, rng: Rng, fine_tune: Any) -> Any:
    """What the backbone answers after `fine_tune(model)`."""
    model, x = network(torch, rng, outputs=3), batch(torch, rng)[0]
    fine_tune(model)
    return model.backbone(x)


def _fine_tuned(torch: Any, rng: Rng, fine_tune: Any) -> list[str]:
    model, (x, y) = network(torch, rng, outputs=3), batch(torch, rng)
    optimizer = fine_tune(model)
    filled(torch, rng, model.head)

    def steps() -> None:
        for _ in range(3):
            optimizer.zero_grad()
            backwards(model, x, y)
            optimizer.step()

    return changed_by(steps, dict(model.named_parameters()))


# ---------------------------------------------------------------------- frozen, and still decaying

STEP = cured("still-decaying")


@case_of(STEP)
def the_frozen_backbone_stays(torch: Any, rng: Rng, step: Any) -> Any:
    """Which tensors of a frozen backbone three steps with weight decay change."""
    return [name for name in _half_frozen(torch, rng, step, weight_decay=0.1) if name.startswith("backbone.")]


@case_of(STEP)
def the_rest_learns(torch: Any, rng: Rng, step: Any) -> Any:
    """Which tensors of the whole model three steps with weight decay change."""
    return _half_frozen(torch, rng, step, weight_decay=0.1)


@case_of(STEP)
def momentum_does_not_move_it_either(torch: Any, rng: Rng, step: Any) -> Any:
    """Which tensors three steps with momentum change."""
    return _half_frozen(torch, rng, step, momentum=0.9)


@case_of(STEP)
def each_step_is_as_long_as_before(torch: Any, rng: Rng, step: Any) -> Any:
    """The head's weight after three steps with weight decay, nothing frozen."""
    model, (x, y) = network(torch, rng), batch(torch, rng)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.001, weight_decay=0.1)
    for _ in range(3):
        step(model, optimizer, x, y)
    return model.head.weight.detach()


@case_of(STEP)
def what_is_not_frozen_still_decays(torch: Any, rng: Rng, step: Any) -> Any:
    """The optimizer's weight decay after a step."""
    model = network(torch, rng)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.001, weight_decay=0.1)
    step(model, optimizer, *batch(torch, rng))
    return [group["weight_decay"] for group in optimizer.param_groups]


def _half_frozen(torch: Any, rng: Rng, step: Any, **options: float) -> list[str]:
    """Return what three steps change after a first step, whose gradients are old when the backbone is frozen."""
    model, (x, y) = network(torch, rng), batch(torch, rng)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.001, **options)
    step(model, optimizer, x, y)
    model.backbone.requires_grad_(False)
    return changed_by(lambda: [step(model, optimizer, x, y) for _ in range(3)], dict(model.named_parameters()))


# ---------------------------------------------------------------------- a frozen BatchNorm that moves

FREEZE = cured("frozen-norm")


@case_of(FREEZE)
def the_statistics_stay(torch: Any, rng: Rng, freeze: Any) -> Any:
    """Which buffers of a frozen BatchNorm a forward pass changes."""
    model, x = network(torch, rng), batch(torch, rng)[0]
    model.train()
    freeze(model.norm)
    return changed_by(lambda: model(x), dict(model.named_buffers()))


@case_of(FREEZE)
def the_weights_stay_too(torch: Any, rng: Rng, freeze: Any) -> Any:
    """Which weights training changes after `freeze(model.norm)`."""
    model, (x, y) = network(torch, rng), batch(torch, rng)
    freeze(model.norm)
    return changed_by(lambda: train(torch, model, x, y), dict(model.named_parameters()))


@case_of(FREEZE)
def an_answer_does_not_depend_on_the_batch(torch: Any, rng: Rng, freeze: Any) -> Any:
    """Whether the frozen layer answers the same to an input alone and in a batch."""
    model, x = network(torch, rng), batch(torch, rng)[0]
    freeze(model.norm)
    return bool(torch.allclose(model.norm(x)[:2], model.norm(x[:2])))


@case_of(FREEZE)
def layers_inside_are_frozen_too(torch: Any, rng: Rng, freeze: Any) -> Any:
    """Which weights and buffers of a frozen Sequential training changes."""
    inner = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.BatchNorm1d(2))
    model, (x, y) = torch.nn.Sequential(inner, torch.nn.Linear(2, 1)), batch(torch, rng)
    filled(torch, rng, model)
    freeze(model[0])
    both = dict(model.named_parameters()) | dict(model.named_buffers())
    return changed_by(lambda: train(torch, model, x, y), both)


@case_of(FREEZE)
def it_can_be_undone(torch: Any, rng: Rng, freeze: Any) -> Any:
    """Which buffers a forward pass changes after `freeze(layer)`, `layer.requires_grad_(True)`, `layer.train()`."""
    layer, x = torch.nn.BatchNorm1d(2), batch(torch, rng)[0]
    freeze(layer)
    layer.requires_grad_(True).train()
    return changed_by(lambda: layer(x), dict(layer.named_buffers()))


# ---------------------------------------------------------------------- the best is the last

KEEP = cured("best-is-the-last")


@case_of(KEEP)
def the_best_stays_the_best(torch: Any, rng: Rng, keep: Any) -> Any:
    """The head's weight that was kept, after more training."""
    model, (x, y) = network(torch, rng), batch(torch, rng)
    best = keep(model)
    train(torch, model, x, y)
    return best["head.weight"]


@case_of(KEEP)
def all_of_it_is_kept(torch: Any, rng: Rng, keep: Any) -> Any:
    """The names of what is kept."""
    return sorted(keep(network(torch, rng)))


@case_of(KEEP)
def buffers_are_kept_as_they_were(torch: Any, rng: Rng, keep: Any) -> Any:
    """The norm's running mean that was kept, after more training."""
    model, (x, y) = network(torch, rng), batch(torch, rng)
    best = keep(model)
    train(torch, model, x, y)
    return best["norm.running_mean"]


@case_of(KEEP)
def the_best_can_be_loaded(torch: Any, rng: Rng, keep: Any) -> Any:
    """What the model answers once it has loaded what was kept."""
    model, (x, y) = network(torch, rng), batch(torch, rng)
    best = keep(model)
    train(torch, model, x, y)
    model.load_state_dict(best)
    return model.eval()(x)


@case_of(KEEP)
def the_model_goes_on_learning(torch: Any, rng: Rng, keep: Any) -> Any:
    """Which weights training changes after `keep(model)`."""
    model, (x, y) = network(torch, rng), batch(torch, rng)
    keep(model)
    return changed_by(lambda: train(torch, model, x, y), dict(model.named_parameters()))


# ---------------------------------------------------------------------- untied by loading

RESUME = cured("untied")


def _tied(torch: Any, rng: Rng) -> Any:
    """Return a model whose encoder and decoder share their weight."""
    model = torch.nn.Sequential()
    model.add_module("encoder", torch.nn.Linear(2, 2))
    model.add_module("decoder", torch.nn.Linear(2, 2))
    model.add_module("head", torch.nn.Linear(2, 1))
    model.decoder.weight = model.encoder.weight
    return filled(torch, rng, model)


def _checkpoint(torch: Any, rng: Rng) -> dict[str, Any]:
    return {name: value.clone() for name, value in _tied(torch, rng).state_dict().items()}


@case_of(RESUME)
def the_weights_stay_tied(torch: Any, rng: Rng, resume: Any) -> Any:
    """Whether the two weights are one object after loading, and have the same values after training."""
    model = _tied(torch, rng)
    resume(model, _checkpoint(torch, rng))
    one = model.decoder.weight is model.encoder.weight
    train(torch, model, *batch(torch, rng))
    return [one, bool((model.decoder.weight == model.encoder.weight).all())]


@case_of(RESUME)
def the_checkpoint_is_loaded(torch: Any, rng: Rng, resume: Any) -> Any:
    """The decoder's weight and the head's after loading."""
    model = _tied(torch, rng)
    resume(model, _checkpoint(torch, rng))
    return [model.decoder.weight.detach(), model.head.weight.detach()]


@case_of(RESUME)
def a_missing_key_is_still_an_error(torch: Any, rng: Rng, resume: Any) -> Any:
    """What a checkpoint without the head's bias raises."""
    model, checkpoint = _tied(torch, rng), _checkpoint(torch, rng)
    del checkpoint["head.bias"]
    answer = attempt(lambda: resume(model, checkpoint))
    return answer["raises"] if isinstance(answer, dict) and "raises" in answer else "nothing"


@case_of(RESUME)
def all_of_it_learns_after_loading(torch: Any, rng: Rng, resume: Any) -> Any:
    """Which weights training changes after loading."""
    model = _tied(torch, rng)
    resume(model, _checkpoint(torch, rng))
    x, y = batch(torch, rng)
    return changed_by(lambda: train(torch, model, x, y), dict(model.named_parameters()))


@case_of(RESUME)
def it_takes_another_checkpoint_later(torch: Any, rng: Rng, resume: Any) -> Any:
    """What the model answers after a second checkpoint was loaded."""
    model = _tied(torch, rng)
    for _ in range(2):
        resume(model, _checkpoint(torch, rng))
    return model(floats(torch, rng, 3, 2))
