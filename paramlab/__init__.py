"""paramlab: PyTorch's names on NumPy, to be read, rebuilt and looked into.

``import paramlab as torch; from paramlab import nn, optim`` runs an introductory PyTorch program. What makes
it a course (``explore``, ``implement``, ``check``) is loaded when it is first used.
"""

from importlib import import_module
from math import e, inf, nan, pi
from typing import Any

from . import linalg, nn, ops, optim, return_types
from .autograd import (
    enable_grad,
    inference_mode,
    is_grad_enabled,
    is_inference_mode_enabled,
    no_grad,
    set_grad_enabled,
)
from .census import census
from .creation import as_tensor, asarray, empty, eye, from_numpy, full, ones, tensor, zeros
from .creation.alike import empty_like, full_like, ones_like, zeros_like
from .creation.legacy import (
    BoolTensor,
    ByteTensor,
    CharTensor,
    DoubleTensor,
    FloatTensor,
    HalfTensor,
    IntTensor,
    LongTensor,
    ShortTensor,
)
from .creation.ranges import arange, linspace, logspace
from .dtypes import (
    Size,
    channels_last,
    contiguous_format,
    device,
    double,
    dtype,
    float16,
    float32,
    float64,
    get_default_device,
    get_default_dtype,
    half,
    int8,
    int16,
    int32,
    int64,
    long,
    memory_format,
    preserve_format,
    set_default_device,
    set_default_dtype,
    short,
    uint8,
)
from .dtypes import bool_ as bool
from .dtypes import float32 as float
from .dtypes import int32 as int
from .memory import keep_what_is_freed
from .nn.functional import celu, conv1d, conv2d, cosine_similarity, pairwise_distance, prelu, selu
from .ops import *  # noqa: F403 - what its __all__ names
from .ops import (
    inv as inverse,
)
from .printing import set_printoptions
from .random import (
    Generator,
    default_generator,
    get_rng_state,
    initial_seed,
    manual_seed,
    rand,
    rand_like,
    randint,
    randint_like,
    randn,
    randn_like,
    randperm,
    seed,
    set_rng_state,
)
from .random.sampling import bernoulli, multinomial, normal
from .serialization import load, save
from .tensor import Tensor, typename
from .typeinfo import can_cast, finfo, iinfo, is_complex, is_floating_point, is_nonzero, is_tensor, numel, promote_types
from .version import __version__

keep_what_is_freed()

newaxis = None
"""The index that adds a dimension: ``t[:, newaxis]``."""

__all__ = [
    "BoolTensor",
    "ByteTensor",
    "CharTensor",
    "DoubleTensor",
    "FloatTensor",
    "Generator",
    "HalfTensor",
    "IntTensor",
    "LongTensor",
    "ShortTensor",
    "Size",
    "Tensor",
    "__version__",
    "arange",
    "as_tensor",
    "asarray",
    "bernoulli",
    "bool",
    "can_cast",
    "celu",
    "census",
    "channels_last",
    "contiguous_format",
    "conv1d",
    "conv2d",
    "cosine_similarity",
    "default_generator",
    "device",
    "double",
    "dtype",
    "e",
    "empty",
    "empty_like",
    "enable_grad",
    "eye",
    "finfo",
    "float",
    "float16",
    "float32",
    "float64",
    "from_numpy",
    "full",
    "full_like",
    "get_default_device",
    "get_default_dtype",
    "get_rng_state",
    "half",
    "iinfo",
    "inf",
    "inference_mode",
    "initial_seed",
    "int",
    "int8",
    "int16",
    "int32",
    "int64",
    "inverse",
    "is_complex",
    "is_floating_point",
    "is_grad_enabled",
    "is_inference_mode_enabled",
    "is_nonzero",
    "is_tensor",
    "linalg",
    "linspace",
    "load",
    "logspace",
    "long",
    "manual_seed",
    "memory_format",
    "multinomial",
    "nan",
    "newaxis",
    "nn",
    "no_grad",
    "normal",
    "numel",
    "ones",
    "ones_like",
    "optim",
    "pairwise_distance",
    "pi",
    "prelu",
    "preserve_format",
    "promote_types",
    "rand",
    "rand_like",
    "randint",
    "randint_like",
    "randn",
    "randn_like",
    "randperm",
    "return_types",
    "save",
    "seed",
    "selu",
    "set_default_device",
    "set_default_dtype",
    "set_grad_enabled",
    "set_printoptions",
    "set_rng_state",
    "short",
    "tensor",
    "typename",
    "uint8",
    "zeros",
    "zeros_like",
]
__all__ += ops.__all__

_LATER = {
    "are_deterministic_algorithms_enabled": "backends",
    "check": "workshop",
    "explore": "widgets",
    "get_num_threads": "backends",
    "implement": "workshop",
    "progress": "workshop",
    "set_num_threads": "backends",
    "use": "workshop",
    "use_deterministic_algorithms": "backends",
}
_METHODS = """
    abs_ acos_ acosh_ addmv_ arccos_ arccosh_ arcsin_ arcsinh_ arctan_ arctanh_ asin_ asinh_ atan_ atanh_ ceil_ clamp_
    clamp_max_ clamp_min_ clip_ cos_ cosh_ detach detach_ erf_ erfc_ exp2_ exp_ expm1_ fill_ fix_ floor_ frac_
    get_device index_put_ is_inference log10_ log1p_ log2_ log_ nan_to_num_ neg_ negative_ reciprocal_ relu_ round_
    rsqrt_ sigmoid_ sin_ sinh_ sqrt_ square_ tan_ tanh_ trunc_ zero_
"""  # functions that are methods, mostly those that write in place: torch.relu_(t) is t.relu_()

_SUBPACKAGES = ("accelerator", "backends", "cases", "cuda", "data", "plot", "utils", "widgets", "workshop")


def __getattr__(name: str) -> Any:
    # the course's parts need Jupyter's libraries, or time to load; the package itself needs neither
    if name in _SUBPACKAGES:
        return import_module(f".{name}", __name__)
    if name in _METHODS.split():
        return getattr(Tensor, name)
    if name in _LATER:
        return getattr(import_module(f".{_LATER[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
