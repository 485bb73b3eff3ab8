"""paramlab: PyTorch's names on NumPy, to be read, rebuilt and looked into.

``import paramlab as torch; from paramlab import nn, optim`` runs an introductory PyTorch program. What makes
it a course (``explore``, ``implement``, ``check``) is loaded when it is first used.
"""

from importlib import import_module
from typing import Any

from . import nn, optim
from .autograd import enable_grad, is_grad_enabled, no_grad, set_grad_enabled
# CENSUS
from .creation import (
    arange,
    as_tensor,
    empty,
    empty_like,
    eye,
    from_numpy,
    full,
    full_like,
    linspace,
    ones,
    ones_like,
    tensor,
    zeros,
    zeros_like,
)
from .ops import (
    abs,
    add,
    addmm,
    all,
    allclose,
    any,
    argmax,
    argmin,
    cat,
    clamp,
    div,
    eq,
    equal,
    exp,
    flatten,
    gather,
    ge,
    gt,
    isfinite,
    isnan,
    le,
    log,
    log_softmax,
    logical_not,
    logsumexp,
    lt,
    masked_fill,
    matmul,
    max,
    mean,
    min,
    mm,
    mul,
    ne,
    neg,
    permute,
    pow,
    relu,
    reshape,
    result_type,
    sigmoid,
    softmax,
    sqrt,
    square,
    squeeze,
    stack,
    std,
    sub,
    sum,
    t,
    tanh,
    transpose,
    unsqueeze,
    var,
    where,
)
from .random import Generator, manual_seed, rand, rand_like, randint, randn, randn_like, randperm
from .serialization import load, save
from .tensor import Tensor, typename
from .types import (
    Size,
    device,
    double,
    dtype,
    float16,
    float32,
    float64,
    get_default_dtype,
    half,
    int8,
    int16,
    int32,
    int64,
    long,
    set_default_dtype,
    short,
    uint8,
)
from .types import bool_ as bool
from .types import float32 as float
from .types import int32 as int
from .version import __version__

_LATER = {
    "check": "workshop",
    "explore": "widgets",
    "implement": "workshop",
    "use": "workshop",
}
_SUBPACKAGES = ("cases", "data", "widgets", "workshop")


def __getattr__(name: str) -> Any:
    # the course's parts need Jupyter's libraries, or time to load; the package itself needs neither
    if name in _SUBPACKAGES:
        return import_module(f".{name}", __name__)
    if name in _LATER:
        return getattr(import_module(f".{_LATER[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
