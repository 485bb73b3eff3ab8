"""What a training loop did to a model, step by step: a few quantiles a tensor, so that it costs little."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..census.frameworks import framework_of
from .numbers import Floats, values_of

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
MOST = 2048  # elements of a tensor that are looked at; by chance a quantile is then off by about 1 %


@dataclass(slots=True)
class _Look:
    """A tensor after a step."""

    weights: Floats  # quantiles
    gradients: Floats | None
    ratio: float


@dataclass(slots=True)
class _Watched:
    """What is remembered of a tensor between two steps."""

    size: int
    at: NDArray[np.int64] | None  # the elements that are looked at; None is all
    values: Floats


class History:
    """A record of a model's Parameters: their values, their gradients, and how far each step moves them.

    Parameters
    ----------
    model
        A model of paramlab or PyTorch. It is only looked at.

    Notes
    -----
    The first record, step 0, is made here: the model before training. Of a tensor of more than 2,048 elements as many
    are looked at, chosen by chance and the same ones each time, so a record costs a fraction of a step and the history
    stays small.

    Examples
    --------
    ::

        history = plot.History(model)
        for x, y in batches:
            optimizer.zero_grad()
            loss = loss_fn(model(x), y)
            loss.backward()
            optimizer.step()
            history.record()
        plot.update_ratio(history)
    """

    levels = LEVELS

    def __init__(self, model: Any) -> None:
        framework_of(model)
        self.model = model
        self._watched: dict[str, _Watched] = {}
        self._looks: list[dict[str, _Look]] = []
        self._shapes: dict[str, tuple[int, ...]] = {}
        self.record()

    def record(self) -> None:
        """Look at the model. Call it after ``optimizer.step()``, before the gradients are cleared."""
        looks = {}
        for name, tensor in self.model.named_parameters():
            if is_countable(tensor):
                looks[name] = self._look(name, tensor)
        self._looks.append(looks)

    def _look(self, name: str, tensor: Any) -> _Look:
        self._shapes[name] = tuple(map(int, tensor.shape))
        before = self._watched.get(name)
        if before is None or before.size != tensor.numel():
            before = None
            at = _some(tensor.numel())
        else:
            at = before.at
        values = values_of(tensor, at).copy()  # a view of the model's memory would move along
        self._watched[name] = _Watched(tensor.numel(), at, values)
        grad = tensor.grad
        return _Look(
            _quantiles(values),
            None if grad is None else _quantiles(values_of(grad, at)),
            float("nan") if before is None else _ratio(before.values, values),
        )

    def __len__(self) -> int:
        return len(self._looks)

    def __repr__(self) -> str:
        return f"History({type(self.model).__name__}: {len(self.names)} tensors, {len(self) - 1} steps)"

    @property
    def steps(self) -> NDArray[np.int64]:
        """The numbers of the records: 0 is the model before training."""
        return np.arange(len(self))

    @property
    def names(self) -> list[str]:
        """The names of all tensors that were seen."""
        return list(self._shapes)

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of each tensor, as it was seen last."""
        return dict(self._shapes)

    def weights(self, name: str) -> Floats:
        """Return a tensor's quantiles at ``levels``, a row a step; NaN where it was not there."""
        return np.array([_NONE if look is None else look.weights for look in self._all(name)])

    def gradients(self, name: str) -> Floats:
        """Return its gradient's quantiles at ``levels``, a row a step; NaN where it had none."""
        found = (None if look is None else look.gradients for look in self._all(name))
        return np.array([_NONE if quantiles is None else quantiles for quantiles in found])

    def update_ratios(self, name: str) -> Floats:
        """Return how far each step moved a tensor: ‖new - old‖ / ‖old‖; NaN at step 0."""
        return np.array([np.nan if look is None else look.ratio for look in self._all(name)])

    def _all(self, name: str) -> list[_Look | None]:
        if name not in self._shapes:
            raise KeyError(f"no tensor named {name!r} in this history. It has: {', '.join(self.names)}")
        return [looks.get(name) for looks in self._looks]


_NONE = np.full(len(LEVELS), np.nan)


def is_countable(tensor: Any) -> bool:
    """Return whether a tensor has real numbers: a lazy one has none before its first call."""
    try:
        return bool(tensor.is_floating_point()) and tensor.numel() > 0 and str(tensor.device) != "meta"
    except Exception:  # PyTorch's UninitializedParameter refuses to tell
        return False


def _some(size: int) -> NDArray[np.int64] | None:
    """Return which elements to look at. A fixed distance between them could pick a single column of a matrix."""
    return None if size <= MOST else np.sort(np.random.default_rng(size).integers(size, size=MOST))


def _quantiles(values: Floats) -> Floats:
    """Return the values at ``LEVELS``, each an element; NaN where one of them is."""
    rank = np.sort(values)
    if np.isnan(rank[-1]):
        return _NONE
    quantiles: Floats = rank[np.rint(np.multiply(LEVELS, len(rank) - 1)).astype(int)]
    return quantiles


def _ratio(old: Floats, new: Floats) -> float:
    size = float(np.linalg.norm(old))
    return float(np.linalg.norm(new - old)) / size if size else float("nan")
