"""Operations: each one's formula and its gradient side by side, one family a file.

``__all__`` names what ``torch.name(t)`` calls. What has ``as`` is for the rest of the package.
"""

from .compare import (
    allclose,
    bitwise_and,
    bitwise_left_shift,
    bitwise_not,
    bitwise_or,
    bitwise_right_shift,
    bitwise_xor,
    eq,
    equal,
    ge,
    greater,
    greater_equal,
    gt,
    isclose,
    isfinite,
    isinf,
    isnan,
    isneginf,
    isposinf,
    isreal,
    le,
    less,
    less_equal,
    logical_and,
    logical_not,
    logical_or,
    logical_xor,
    lt,
    ne,
    not_equal,
)
from .compare import invert as invert
from .copies import Clone as Clone
from .copies import clone
from .copies import contiguous as contiguous
from .copies import copy_into as copy_into
from .copies import to as to
from .counting import bincount, histc, unique
from .cumulative import cumprod, cumsum, diff
from .diagonals import diag, diagonal, trace, tril, tril_indices, triu, triu_indices
from .diagonals import fill_diagonal as fill_diagonal
from .einsum import einsum
from .extremes import amax, amin, aminmax, argmax, argmin, max, median, min
from .formulas import addcdiv, addcmul, arctan2, atan2, lerp, pow, square
from .formulas import rpow as rpow
from .functions import (
    abs,
    absolute,
    erf,
    erfc,
    exp,
    exp2,
    expm1,
    log,
    log1p,
    log2,
    log10,
    reciprocal,
    relu,
    rsqrt,
    sigmoid,
    sqrt,
    tanh,
)
from .indexing import argwhere, index_put, masked_select, nonzero, take
from .indexing import getitem as getitem
from .indexing import setitem as setitem
from .joining import (
    cat,
    column_stack,
    concat,
    concatenate,
    dstack,
    hstack,
    meshgrid,
    repeat_interleave,
    stack,
    tile,
    vstack,
)
from .joining import repeat as repeat
from .joining import tile_method as tile_method
from .linalg import Matmul as Matmul
from .linalg import addbmm, addmm, addmv, baddbmm, bmm, cdist, dot, ger, inner, matmul, mm, mv, outer, tensordot
from .operands import axes as axes
from .operands import axis as axis
from .operands import c_name as c_name
from .operands import is_operand as is_operand
from .operands import own_axis as own_axis
from .operands import result_type
from .operands import scalar_like as scalar_like
from .order import flip, fliplr, flipud, moveaxis, movedim, permute, roll, rot90, swapaxes, swapdims, t, transpose
from .order import flip_method as flip_method
from .order import permute_method as permute_method
from .pointwise import Mul as Mul
from .pointwise import add, div, divide, mul, multiply, neg, negative, positive, rsub, sub, subtract, true_divide
from .pointwise import rdiv as rdiv
from .reduce import all, any, count_nonzero, mean, nanmean, nansum, norm, prod, sum
from .reduce import vector_norm as vector_norm
from .rounding import ceil, fix, floor, floor_divide, fmod, frac, remainder, round, sgn, sign, trunc
from .scatter import gather, index_add, index_copy, index_fill, index_select, scatter, scatter_add, take_along_dim
from .scatter_reduce import scatter_reduce
from .selection import clamp, clamp_max, clamp_min, clip, fmax, fmin, masked_fill, maximum, minimum, nan_to_num, where
from .selection import where_method as where_method
from .shape import (
    atleast_1d,
    atleast_2d,
    atleast_3d,
    broadcast_shapes,
    broadcast_tensors,
    broadcast_to,
    flatten,
    ravel,
    reshape,
    squeeze,
    unflatten,
    unsqueeze,
)
from .shape import expand as expand
from .shape import expand_as as expand_as
from .shape import reshape_as as reshape_as
from .shape import reshape_method as reshape_method
from .shape import view as view
from .shape import view_as as view_as
from .softmax import log_softmax, logsumexp, softmax
from .solving import det
from .solving import inv as inv
from .solving import solve as solve
from .solving import svdvals as svdvals
from .sorting import argsort, bucketize, kthvalue, msort, searchsorted, sort, topk
from .spectra import eigh as eigh
from .spectra import svd as svd
from .splitting import chunk, narrow, select, split, split_with_sizes, tensor_split, unbind
from .splitting import unfold as unfold
from .spread import std, std_mean, var, var_mean
from .statistics import isin, mode, quantile
from .trigonometry import (
    acos,
    acosh,
    arccos,
    arccosh,
    arcsin,
    arcsinh,
    arctan,
    arctanh,
    asin,
    asinh,
    atan,
    atanh,
    cos,
    cosh,
    sin,
    sinh,
    tan,
)
from .views import AsStrided as AsStrided
from .views import CopySlices as CopySlices

from ..methods import table as _methods  # noqa: F401  # isort: skip  # gives Tensor the operations as methods

__all__ = [
    "abs",
    "absolute",
    "acos",
    "acosh",
    "add",
    "addbmm",
    "addcdiv",
    "addcmul",
    "addmm",
    "addmv",
    "all",
    "allclose",
    "amax",
    "amin",
    "aminmax",
    "any",
    "arccos",
    "arccosh",
    "arcsin",
    "arcsinh",
    "arctan",
    "arctan2",
    "arctanh",
    "argmax",
    "argmin",
    "argsort",
    "argwhere",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "atleast_1d",
    "atleast_2d",
    "atleast_3d",
    "baddbmm",
    "bincount",
    "bitwise_and",
    "bitwise_left_shift",
    "bitwise_not",
    "bitwise_or",
    "bitwise_right_shift",
    "bitwise_xor",
    "bmm",
    "broadcast_shapes",
    "broadcast_tensors",
    "broadcast_to",
    "bucketize",
    "cat",
    "cdist",
    "ceil",
    "chunk",
    "clamp",
    "clamp_max",
    "clamp_min",
    "clip",
    "clone",
    "column_stack",
    "concat",
    "concatenate",
    "cos",
    "cosh",
    "count_nonzero",
    "cumprod",
    "cumsum",
    "det",
    "diag",
    "diagonal",
    "diff",
    "div",
    "divide",
    "dot",
    "dstack",
    "einsum",
    "eq",
    "equal",
    "erf",
    "erfc",
    "exp",
    "exp2",
    "expm1",
    "fix",
    "flatten",
    "flip",
    "fliplr",
    "flipud",
    "floor",
    "floor_divide",
    "fmax",
    "fmin",
    "fmod",
    "frac",
    "gather",
    "ge",
    "ger",
    "greater",
    "greater_equal",
    "gt",
    "histc",
    "hstack",
    "index_add",
    "index_copy",
    "index_fill",
    "index_put",
    "index_select",
    "inner",
    "isclose",
    "isfinite",
    "isin",
    "isinf",
    "isnan",
    "isneginf",
    "isposinf",
    "isreal",
    "kthvalue",
    "le",
    "lerp",
    "less",
    "less_equal",
    "log",
    "log1p",
    "log2",
    "log10",
    "log_softmax",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "logsumexp",
    "lt",
    "masked_fill",
    "masked_select",
    "matmul",
    "max",
    "maximum",
    "mean",
    "median",
    "meshgrid",
    "min",
    "minimum",
    "mm",
    "mode",
    "moveaxis",
    "movedim",
    "msort",
    "mul",
    "multiply",
    "mv",
    "nan_to_num",
    "nanmean",
    "nansum",
    "narrow",
    "ne",
    "neg",
    "negative",
    "nonzero",
    "norm",
    "not_equal",
    "outer",
    "permute",
    "positive",
    "pow",
    "prod",
    "quantile",
    "ravel",
    "reciprocal",
    "relu",
    "remainder",
    "repeat_interleave",
    "reshape",
    "result_type",
    "roll",
    "rot90",
    "round",
    "rsqrt",
    "rsub",
    "scatter",
    "scatter_add",
    "scatter_reduce",
    "searchsorted",
    "select",
    "sgn",
    "sigmoid",
    "sign",
    "sin",
    "sinh",
    "softmax",
    "sort",
    "split",
    "split_with_sizes",
    "sqrt",
    "square",
    "squeeze",
    "stack",
    "std",
    "std_mean",
    "sub",
    "subtract",
    "sum",
    "swapaxes",
    "swapdims",
    "t",
    "take",
    "take_along_dim",
    "tan",
    "tanh",
    "tensor_split",
    "tensordot",
    "tile",
    "topk",
    "trace",
    "transpose",
    "tril",
    "tril_indices",
    "triu",
    "triu_indices",
    "true_divide",
    "trunc",
    "unbind",
    "unflatten",
    "unique",
    "unsqueeze",
    "var",
    "var_mean",
    "vstack",
    "where",
]
