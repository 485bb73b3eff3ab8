"""The operations as methods: ``torch.exp(t)`` is ``t.exp()``, and ``t.exp_()`` writes the result into ``t``.

One line a method. A method is the operation itself, whose first argument is the tensor; signature and
docstring come with it. Loaded with the operations.
"""

from __future__ import annotations

from typing import Any

from .. import dtypes, ops
from ..creation import alike
from ..random import filling, sampling
from ..tensor import Tensor
from .inplace import in_place
from .operators import Operators
from .shapes import ShapeMethods


class Conversions:
    """The short spellings of ``to``. Kept apart: inside of this class ``float`` and ``int`` are methods."""

    def type_as(self: Any, other: Tensor) -> Tensor:
        """Return the tensor in the type of another, beside it."""
        return ops.to(self, other.dtype, other._device)

    def cpu(self: Any) -> Tensor:
        """Return the tensor in host memory."""
        return ops.to(self, self.dtype, dtypes.CPU)

    def cuda(self: Any, *args: Any, **options: Any) -> Tensor:
        """Raise ``RuntimeError``: there is no GPU."""
        raise RuntimeError(dtypes.NO_CUDA)

    def float(self: Any) -> Tensor:
        """Return the tensor as ``float32``."""
        return ops.to(self, dtypes.float32, self._device)

    def double(self: Any) -> Tensor:
        """Return the tensor as ``float64``."""
        return ops.to(self, dtypes.float64, self._device)

    def half(self: Any) -> Tensor:
        """Return the tensor as ``float16``."""
        return ops.to(self, dtypes.float16, self._device)

    def long(self: Any) -> Tensor:
        """Return the tensor as ``int64``."""
        return ops.to(self, dtypes.int64, self._device)

    def int(self: Any) -> Tensor:
        """Return the tensor as ``int32``."""
        return ops.to(self, dtypes.int32, self._device)

    def short(self: Any) -> Tensor:
        """Return the tensor as ``int16``."""
        return ops.to(self, dtypes.int16, self._device)

    def char(self: Any) -> Tensor:
        """Return the tensor as ``int8``."""
        return ops.to(self, dtypes.int8, self._device)

    def byte(self: Any) -> Tensor:
        """Return the tensor as ``uint8``."""
        return ops.to(self, dtypes.uint8, self._device)

    def bool(self: Any) -> Tensor:
        """Return the tensor as ``bool``."""
        return ops.to(self, dtypes.bool_, self._device)


class Methods(Operators, Conversions, ShapeMethods):
    """The operations by name, a family a paragraph."""

    # arithmetic
    add = ops.add
    subtract = ops.sub
    sub = ops.sub
    mul = ops.mul
    multiply = ops.mul
    div = ops.div
    divide = ops.div
    true_divide = ops.div
    pow = ops.pow
    square = ops.square
    neg = ops.neg
    negative = ops.neg
    positive = ops.positive
    floor_divide = ops.floor_divide
    remainder = ops.remainder
    fmod = ops.fmod
    addcmul = ops.addcmul
    addcdiv = ops.addcdiv
    lerp = ops.lerp
    atan2 = ops.atan2
    arctan2 = ops.atan2

    sub_ = in_place(ops.sub)
    subtract_ = in_place(ops.sub)
    multiply_ = in_place(ops.mul)
    div_ = in_place(ops.div)
    divide_ = in_place(ops.div)
    true_divide_ = in_place(ops.div)
    pow_ = in_place(ops.pow)
    square_ = in_place(ops.square)
    neg_ = in_place(ops.neg)
    negative_ = in_place(ops.neg)
    floor_divide_ = in_place(ops.floor_divide)
    remainder_ = in_place(ops.remainder)
    fmod_ = in_place(ops.fmod)
    addcmul_ = in_place(ops.addcmul)
    addcdiv_ = in_place(ops.addcdiv)
    lerp_ = in_place(ops.lerp)
    atan2_ = in_place(ops.atan2)
    arctan2_ = in_place(ops.atan2)

    # functions of one number
    abs = ops.abs
    absolute = ops.abs
    exp = ops.exp
    exp2 = ops.exp2
    expm1 = ops.expm1
    log = ops.log
    log2 = ops.log2
    log10 = ops.log10
    log1p = ops.log1p
    sqrt = ops.sqrt
    rsqrt = ops.rsqrt
    reciprocal = ops.reciprocal
    sin = ops.sin
    cos = ops.cos
    tan = ops.tan
    asin = ops.asin
    arcsin = ops.asin
    acos = ops.acos
    arccos = ops.acos
    atan = ops.atan
    arctan = ops.atan
    sinh = ops.sinh
    cosh = ops.cosh
    tanh = ops.tanh
    asinh = ops.asinh
    arcsinh = ops.asinh
    acosh = ops.acosh
    arccosh = ops.acosh
    atanh = ops.atanh
    arctanh = ops.atanh
    sigmoid = ops.sigmoid
    erf = ops.erf
    erfc = ops.erfc
    relu = ops.relu
    floor = ops.floor
    ceil = ops.ceil
    trunc = ops.trunc
    fix = ops.trunc
    round = ops.round
    frac = ops.frac
    sign = ops.sign
    sgn = ops.sgn

    abs_ = in_place(ops.abs)
    absolute_ = in_place(ops.abs)
    exp_ = in_place(ops.exp)
    exp2_ = in_place(ops.exp2)
    expm1_ = in_place(ops.expm1)
    log_ = in_place(ops.log)
    log2_ = in_place(ops.log2)
    log10_ = in_place(ops.log10)
    log1p_ = in_place(ops.log1p)
    sqrt_ = in_place(ops.sqrt)
    rsqrt_ = in_place(ops.rsqrt)
    reciprocal_ = in_place(ops.reciprocal)
    sin_ = in_place(ops.sin)
    cos_ = in_place(ops.cos)
    tan_ = in_place(ops.tan)
    asin_ = in_place(ops.asin)
    arcsin_ = in_place(ops.asin)
    acos_ = in_place(ops.acos)
    arccos_ = in_place(ops.acos)
    atan_ = in_place(ops.atan)
    arctan_ = in_place(ops.atan)
    sinh_ = in_place(ops.sinh)
    cosh_ = in_place(ops.cosh)
    tanh_ = in_place(ops.tanh)
    asinh_ = in_place(ops.asinh)
    arcsinh_ = in_place(ops.asinh)
    acosh_ = in_place(ops.acosh)
    arccosh_ = in_place(ops.acosh)
    atanh_ = in_place(ops.atanh)
    arctanh_ = in_place(ops.atanh)
    sigmoid_ = in_place(ops.sigmoid)
    erf_ = in_place(ops.erf)
    erfc_ = in_place(ops.erfc)
    relu_ = in_place(ops.relu)
    floor_ = in_place(ops.floor)
    ceil_ = in_place(ops.ceil)
    trunc_ = in_place(ops.trunc)
    fix_ = in_place(ops.trunc)
    round_ = in_place(ops.round)
    frac_ = in_place(ops.frac)
    sign_ = in_place(ops.sign)
    sgn_ = in_place(ops.sgn)

    # choosing
    clamp = ops.clamp
    clip = ops.clamp
    clamp_min = ops.clamp_min
    clamp_max = ops.clamp_max
    masked_fill = ops.masked_fill
    where = ops.where_method
    maximum = ops.maximum
    minimum = ops.minimum
    fmax = ops.fmax
    fmin = ops.fmin
    nan_to_num = ops.nan_to_num

    clamp_ = in_place(ops.clamp)
    clip_ = in_place(ops.clamp)
    clamp_min_ = in_place(ops.clamp_min)
    clamp_max_ = in_place(ops.clamp_max)
    masked_fill_ = in_place(ops.masked_fill, reads_first=True)
    nan_to_num_ = in_place(ops.nan_to_num)

    # comparisons, logic and bits
    eq = ops.eq
    ne = ops.ne
    not_equal = ops.ne
    lt = ops.lt
    less = ops.lt
    le = ops.le
    less_equal = ops.le
    gt = ops.gt
    greater = ops.gt
    ge = ops.ge
    greater_equal = ops.ge
    logical_not = ops.logical_not
    logical_and = ops.logical_and
    logical_or = ops.logical_or
    logical_xor = ops.logical_xor
    bitwise_not = ops.bitwise_not
    bitwise_and = ops.bitwise_and
    bitwise_or = ops.bitwise_or
    bitwise_xor = ops.bitwise_xor
    bitwise_left_shift = ops.bitwise_left_shift
    bitwise_right_shift = ops.bitwise_right_shift
    isnan = ops.isnan
    isfinite = ops.isfinite
    isinf = ops.isinf
    isposinf = ops.isposinf
    isneginf = ops.isneginf
    isreal = ops.isreal
    equal = ops.equal
    isclose = ops.isclose
    allclose = ops.allclose

    eq_ = in_place(ops.eq)
    ne_ = in_place(ops.ne)
    not_equal_ = in_place(ops.ne)
    lt_ = in_place(ops.lt)
    less_ = in_place(ops.lt)
    le_ = in_place(ops.le)
    less_equal_ = in_place(ops.le)
    gt_ = in_place(ops.gt)
    greater_ = in_place(ops.gt)
    ge_ = in_place(ops.ge)
    greater_equal_ = in_place(ops.ge)
    logical_not_ = in_place(ops.logical_not)
    logical_and_ = in_place(ops.logical_and)
    logical_or_ = in_place(ops.logical_or)
    logical_xor_ = in_place(ops.logical_xor)
    bitwise_not_ = in_place(ops.bitwise_not)
    bitwise_and_ = in_place(ops.bitwise_and)
    bitwise_or_ = in_place(ops.bitwise_or)
    bitwise_xor_ = in_place(ops.bitwise_xor)
    bitwise_left_shift_ = in_place(ops.bitwise_left_shift)
    bitwise_right_shift_ = in_place(ops.bitwise_right_shift)

    # reductions
    sum = ops.sum
    nansum = ops.nansum
    mean = ops.mean
    nanmean = ops.nanmean
    prod = ops.prod
    var = ops.var
    std = ops.std
    all = ops.all
    any = ops.any
    count_nonzero = ops.count_nonzero
    norm = ops.norm
    max = ops.max
    min = ops.min
    amax = ops.amax
    amin = ops.amin
    aminmax = ops.aminmax
    argmax = ops.argmax
    argmin = ops.argmin
    median = ops.median
    softmax = ops.softmax
    log_softmax = ops.log_softmax
    logsumexp = ops.logsumexp
    cumsum = ops.cumsum
    cumprod = ops.cumprod
    diff = ops.diff

    cumsum_ = in_place(ops.cumsum)
    cumprod_ = in_place(ops.cumprod)

    # numbers drawn at random
    uniform_ = filling.uniform_
    normal_ = filling.normal_
    bernoulli_ = filling.bernoulli_
    bernoulli = sampling.bernoulli
    multinomial = sampling.multinomial
    random_ = filling.random_

    # new tensors of its type
    new_tensor = alike.new_tensor
    new_zeros = alike.new_zeros
    new_ones = alike.new_ones
    new_empty = alike.new_empty
    new_full = alike.new_full

    # order and counts
    sort = ops.sort
    msort = ops.msort
    argsort = ops.argsort
    topk = ops.topk
    kthvalue = ops.kthvalue
    mode = ops.mode
    quantile = ops.quantile
    unique = ops.unique
    bincount = ops.bincount
    histc = ops.histc


Tensor.__bases__ = (Methods, *Tensor.__bases__[1:])  # in the place of the stand-in
