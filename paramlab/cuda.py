"""What programs ask before they use a GPU. There is none here, and the answers say so.

``device = "cuda" if torch.cuda.is_available() else "cpu"`` runs as it stands; ``sim`` is an accelerator to try
a move on.
"""


def is_available() -> bool:
    """Return whether CUDA can be used: False."""
    return False


def device_count() -> int:
    """Return how many GPUs there are: 0."""
    return 0


def manual_seed(seed: int) -> None:
    """Do nothing: without a GPU there is nothing to seed, in PyTorch either."""


def manual_seed_all(seed: int) -> None:
    """Do nothing, as ``manual_seed``."""


def empty_cache() -> None:
    """Do nothing: there is no cache."""
