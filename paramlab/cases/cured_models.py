"""Models of the bug clinic after their cure: the symptom is gone, and they compute and keep what they did before."""

from __future__ import annotations

import copy
from typing import Any

from .case import case_of, floats
from .cures import Rng, backwards, batch, cured, elsewhere, filled, train, trained

# ---------------------------------------------------------------------- layers in a list

NET = cured("layers-in-a-list")


@case_of(NET)
def all_layers_learn(torch: Any, rng: Rng, cls: type) -> Any:
    """How many tensors training changes."""
    return len(trained(torch, rng, cls()))


@case_of(NET)
def all_layers_are_saved(torch: Any, rng: Rng, cls: type) -> Any:
    """How many tensors `state_dict()` saves."""
    return len(cls().state_dict())


@case_of(NET)
def all_layers_move(torch: Any, rng: Rng, cls: type) -> Any:
    """The dtype of the output after `model.to(torch.float64)`, for an input of float64."""
    return cls().to(torch.float64)(batch(torch, rng)[0].to(torch.float64)).dtype


@case_of(NET)
def the_net_answers_as_before(torch: Any, rng: Rng, cls: type) -> Any:
    """What the model answers: each layer once, and a sigmoid after each hidden one."""
    return filled(torch, rng, cls())(batch(torch, rng)[0][:2] / 10)


@case_of(NET)
def two_nets_apart(torch: Any, rng: Rng, cls: type) -> Any:
    """Whether a second model has a weight of the first."""
    first, second = cls(), cls()
    return any(a is b for a, b in zip(first.parameters(), second.parameters(), strict=True))


# ---------------------------------------------------------------------- a gradient is not a registration

SCALED = cured("gradient-is-not-registration")


@case_of(SCALED)
def the_scale_learns(torch: Any, rng: Rng, cls: type) -> Any:
    """Which weights training changes."""
    return trained(torch, rng, cls())


@case_of(SCALED)
def the_scale_starts_at_one(torch: Any, rng: Rng, cls: type) -> Any:
    """The scale of a new model."""
    return cls().scale.detach()


@case_of(SCALED)
def the_scale_is_saved(torch: Any, rng: Rng, cls: type) -> Any:
    """What `state_dict()` saves."""
    return sorted(cls().state_dict())


@case_of(SCALED)
def the_scale_scales_as_before(torch: Any, rng: Rng, cls: type) -> Any:
    """What the model answers with another scale."""
    model, x = cls(), batch(torch, rng)[0]
    plain = model.lin(x)
    with torch.no_grad():
        model.scale.copy_(torch.tensor([3.0]))
    return bool(torch.allclose(model(x), 3 * plain))


# ---------------------------------------------------------------------- a plain tensor stays behind

CENTRED = cured("stays-behind")


@case_of(CENTRED)
def it_runs_where_it_is_moved_to(torch: Any, rng: Rng, cls: type) -> Any:
    """What the model answers on another device."""
    model, x = elsewhere(torch, *_with_a_mean(torch, rng, cls))
    return model(x)


@case_of(CENTRED)
def the_mean_is_no_weight(torch: Any, rng: Rng, cls: type) -> Any:
    """What `parameters()` lists."""
    return sorted(dict(cls().named_parameters()))


@case_of(CENTRED)
def the_mean_is_saved(torch: Any, rng: Rng, cls: type) -> Any:
    """What `state_dict()` saves."""
    return sorted(cls().state_dict())


@case_of(CENTRED)
def the_mean_follows_in_precision(torch: Any, rng: Rng, cls: type) -> Any:
    """The dtype of the mean after `model.to(torch.float64)`."""
    return cls().to(torch.float64).mean.dtype


@case_of(CENTRED)
def the_mean_is_subtracted_as_before(torch: Any, rng: Rng, cls: type) -> Any:
    """What the model answers at home, with a mean that was measured."""
    model, x = _with_a_mean(torch, rng, cls)
    return model(x)


def _x(torch: Any) -> Any:
    return torch.tensor([[1.0, 2.0], [3.0, 5.0]])


def _with_a_mean(torch: Any, rng: Rng, cls: type) -> tuple[Any, Any]:
    model = cls()
    filled(torch, rng, model.lin)
    with torch.no_grad():
        model.mean.copy_(floats(torch, rng, 2))
    return model, _x(torch)


# ---------------------------------------------------------------------- a Parameter that was scaled

MIXER = cured("scaled-parameter")


@case_of(MIXER)
def the_mix_learns(torch: Any, rng: Rng, cls: type) -> Any:
    """Which weights training changes."""
    return trained(torch, rng, cls())


@case_of(MIXER)
def the_mix_has_its_gradient(torch: Any, rng: Rng, cls: type) -> Any:
    """Whether `model.mix` is a leaf, with a gradient after backward."""
    model = cls()
    backwards(model, *batch(torch, rng))
    return model.mix.is_leaf and model.mix.grad is not None


@case_of(MIXER)
def the_mix_starts_small(torch: Any, rng: Rng, cls: type) -> Any:
    """Whether the numbers of `model.mix` differ, and are of size 0.1, in ten new models."""
    mixes = torch.stack([cls().mix.detach() for _ in range(10)])
    return [0.05 < float(mixes.std()) < 0.2, len(set(mixes.flatten().tolist())) > 1]


@case_of(MIXER)
def the_mix_is_saved(torch: Any, rng: Rng, cls: type) -> Any:
    """What `state_dict()` saves."""
    return sorted(cls().state_dict())


@case_of(MIXER)
def the_mix_mixes_as_before(torch: Any, rng: Rng, cls: type) -> Any:
    """What the model answers with a given mix."""
    model, x = filled(torch, rng, cls()), batch(torch, rng)[0]
    return bool(torch.allclose(model(x), model.head(x @ model.mix)))


# ---------------------------------------------------------------------- a Buffer that keeps the graph

AVERAGING = cured("buffer-keeps-the-graph")


@case_of(AVERAGING)
def one_step_after_the_other(torch: Any, rng: Rng, cls: type) -> Any:
    """Three steps of training: which weights they change."""
    return trained(torch, rng, cls())


@case_of(AVERAGING)
def the_average_has_no_history(torch: Any, rng: Rng, cls: type) -> Any:
    """Whether the average asks for a gradient after a step."""
    model = cls()
    backwards(model, *batch(torch, rng))
    return model.average.requires_grad


@case_of(AVERAGING)
def the_average_averages_as_before(torch: Any, rng: Rng, cls: type) -> Any:
    """The average after three batches."""
    model = filled(torch, rng, cls())
    with torch.no_grad():
        for _ in range(3):
            model(batch(torch, rng)[0])
    return model.average


@case_of(AVERAGING)
def the_average_is_state(torch: Any, rng: Rng, cls: type) -> Any:
    """What is saved, and what is a weight."""
    model = cls()
    return [sorted(model.state_dict()), sorted(dict(model.named_parameters()))]


@case_of(AVERAGING)
def the_average_is_subtracted_as_before(torch: Any, rng: Rng, cls: type) -> Any:
    """What the model answers to the second batch."""
    model = filled(torch, rng, cls())
    with torch.no_grad():
        return [model(batch(torch, rng)[0]) for _ in range(2)][1]


# ---------------------------------------------------------------------- a Buffer that is not saved

MEASURED = cured("not-in-the-checkpoint")


@case_of(MEASURED)
def it_answers_the_same_after_a_restart(torch: Any, rng: Rng, cls: type) -> Any:
    """What a new model answers once it has loaded the checkpoint."""
    model = cls()
    filled(torch, rng, model.lin)
    with torch.no_grad():
        model.mean.copy_(floats(torch, rng, 2))
    again = cls()
    again.load_state_dict(model.state_dict())
    return again(batch(torch, rng)[0])


@case_of(MEASURED)
def the_measured_mean_is_saved(torch: Any, rng: Rng, cls: type) -> Any:
    """What `state_dict()` saves."""
    return sorted(cls().state_dict())


@case_of(MEASURED)
def the_measured_mean_is_no_weight(torch: Any, rng: Rng, cls: type) -> Any:
    """What `parameters()` lists."""
    return sorted(dict(cls().named_parameters()))


@case_of(MEASURED)
def the_measured_mean_follows(torch: Any, rng: Rng, cls: type) -> Any:
    """The dtype of the mean after `model.to(torch.float64)`."""
    return cls().to(torch.float64).mean.dtype


# ---------------------------------------------------------------------- an activation that was kept

PROBED = cured("cached-activation")


@case_of(PROBED)
def it_can_be_copied_after_a_batch(torch: Any, rng: Rng, cls: type) -> Any:
    """A deep copy of the model after a batch: what it answers."""
    model, x = filled(torch, rng, cls()), batch(torch, rng)[0]
    model(x)
    return copy.deepcopy(model)(x)


@case_of(PROBED)
def the_activation_is_there_to_look_at(torch: Any, rng: Rng, cls: type) -> Any:
    """The numbers in `model.last` after a batch."""
    model, x = filled(torch, rng, cls()), batch(torch, rng)[0]
    model(x)
    return model.last.detach()


@case_of(PROBED)
def all_of_it_learns(torch: Any, rng: Rng, cls: type) -> Any:
    """Which weights training changes."""
    return trained(torch, rng, cls())


@case_of(PROBED)
def the_activation_is_not_saved(torch: Any, rng: Rng, cls: type) -> Any:
    """What `state_dict()` saves after a batch."""
    model = cls()
    model(batch(torch, rng)[0])
    return sorted(model.state_dict())


@case_of(PROBED)
def each_batch_is_looked_at(torch: Any, rng: Rng, cls: type) -> Any:
    """Whether `model.last` is another one after the next batch, and after training."""
    model, (x, y) = filled(torch, rng, cls()), batch(torch, rng)
    seen = []
    for action in (lambda: model(x), lambda: model(2 * x), lambda: train(torch, model, x, y)):
        action()
        seen.append(model.last.detach().sum().item())
    return len(set(seen))
