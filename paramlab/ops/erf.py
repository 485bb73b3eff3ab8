"""The error function on arrays, as NumPy has none: rational approximations.

In float64: W. J. Cody, "Rational Chebyshev approximations for the error function", Mathematics of Computation 23
(1969), and his routine CALERF of SPECFUN (netlib.org/specfun/erf); the error is that of rounding. In float32: one
quotient for all, from Eigen (SpecialFunctionsImpl.h, ``generic_fast_erf_float``); the error is below 5e-7.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..autograd import Array
from ..meta import MetaArray

# numerator and denominator of each approximation, the highest power first
NEAR_ZERO = (  # erf(x) / x in x², for |x| <= 0.46875
    (
        1.85777706184603153e-1,
        3.16112374387056560e0,
        1.13864154151050156e2,
        3.77485237685302021e2,
        3.20937758913846947e3,
    ),
    (1.0, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3, 2.84423683343917062e3),
)
MIDDLE = (  # exp(x²) erfc(x) in x, for 0.46875 <= x <= 4
    (
        2.15311535474403846e-8,
        5.64188496988670089e-1,
        8.88314979438837594e0,
        6.61191906371416295e1,
        2.98635138197400131e2,
        8.81952221241769090e2,
        1.71204761263407058e3,
        2.05107837782607147e3,
        1.23033935479799725e3,
    ),
    (
        1.0,
        1.57449261107098347e1,
        1.17693950891312499e2,
        5.37181101862009858e2,
        1.62138957456669019e3,
        3.29079923573345963e3,
        4.36261909014324716e3,
        3.43936767414372164e3,
        1.23033935480374942e3,
    ),
)
FAR = (  # (1 / sqrt(pi) - x exp(x²) erfc(x)) x² in 1 / x², for x > 4
    (
        1.63153871373020978e-2,
        3.05326634961232344e-1,
        3.60344899949804439e-1,
        1.25781726111229246e-1,
        1.60837851487422766e-2,
        6.58749161529837803e-4,
    ),
    (
        1.0,
        2.56852019228982242e0,
        1.87295284992346725e0,
        5.27905102951428412e-1,
        6.05183413124413191e-2,
        2.33520497626869185e-3,
    ),
)
NEAR, WIDE = 0.46875, 4.0

SINGLE = (  # erf(x) / x in x², for |x| <= 4, in float32
    (
        -2.72614225801306e-10,
        2.77068142495902e-08,
        -2.10102402082508e-06,
        -5.69250639462346e-05,
        -7.34990630326855e-04,
        -2.95459980854025e-03,
        -1.60960333262415e-02,
    ),
    (
        -1.45660718464996e-05,
        -2.13374055278905e-04,
        -1.68282697438203e-03,
        -7.37332916720468e-03,
        -1.42647390514189e-02,
    ),
)
BLOCK = 16384  # elements at a time: the steps of a polynomial stay within the cache


def erf_array(a: Array) -> Array:
    """Return the error function of each element, in the array's own dtype."""
    if type(a) is MetaArray:
        return a  # block after block of nothing
    if a.dtype == np.float32:
        return _single(a)
    x = np.asarray(a, np.float64)
    near = np.abs(x) <= NEAR
    result: Array = np.where(near, _near_zero(np.where(near, x, 0)), np.copysign(1 - _tail(np.abs(x)), x))
    return result.astype(a.dtype, copy=False)


def _single(a: Array) -> Array:
    result = np.empty(a.shape, a.dtype)
    source, target = a.reshape(-1), result.reshape(-1)
    for start in range(0, a.size, BLOCK):
        x = np.clip(source[start : start + BLOCK], -WIDE, WIDE)
        target[start : start + BLOCK] = np.clip(x * _ratio(SINGLE, x * x), -1, 1)
    return result


def erfc_array(a: Array) -> Array:
    """Return ``1 - erf`` of each element, in the array's own dtype."""
    x = np.asarray(a, np.float64)
    near = np.abs(x) <= NEAR
    tail = _tail(np.abs(x))
    result: Array = np.where(near, 1 - _near_zero(np.where(near, x, 0)), np.where(x < 0, 2 - tail, tail))
    return result.astype(a.dtype, copy=False)


def _near_zero(x: Array) -> Array:
    return x * _ratio(NEAR_ZERO, x * x)


def _tail(x: Array) -> Array:
    """Return erfc of what is at least ``NEAR``; anything for what is smaller."""
    middle = _ratio(MIDDLE, np.minimum(x, WIDE))
    if not (x > WIDE).any():
        return middle * _exp_of_minus_square(x)
    far = np.maximum(x, WIDE)
    inverse = 1 / (far * far)
    beyond = (1 / np.sqrt(np.pi) - inverse * _ratio(FAR, inverse)) / far
    return np.where(x <= WIDE, middle, beyond) * _exp_of_minus_square(x)


def _exp_of_minus_square(x: Array) -> Array:
    """Return ``exp(-x²)``; the square is split, as its rounding error would be blown up by the exponential."""
    x = np.where(np.isinf(x), 30.0, x)  # exp(-900) is 0 as well
    coarse = np.trunc(x * 16) / 16
    result: Array = np.exp(-coarse * coarse) * np.exp((coarse - x) * (coarse + x))
    return result


def _ratio(coefficients: tuple[Sequence[float], Sequence[float]], x: Array) -> Array:
    """Return the quotient of two polynomials, by Horner's rule."""
    above, below = coefficients
    top, bottom = np.full_like(x, above[0]), np.full_like(x, below[0])
    for part, values in ((top, above), (bottom, below)):
        for value in values[1:]:
            part *= x
            part += value
    return np.divide(top, bottom)
