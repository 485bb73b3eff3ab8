"""Angles: the trigonometric and the hyperbolic functions, and their inverses."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autograd import Array
from ..tensor import Tensor
from .functions import OfInput, OfResult, of_one


class Sin(OfInput):
    """The sine."""

    function = np.sin

    def slope(self, a: Array) -> Any:
        return np.cos(a)


class Cos(OfInput):
    """The cosine."""

    function = np.cos

    def slope(self, a: Array) -> Any:
        return -np.sin(a)


class Tan(OfResult):
    """The tangent."""

    function = np.tan

    def slope(self, result: Array) -> Any:
        return 1 + result * result


class Asin(OfInput):
    """The angle whose sine is ``a``."""

    function = np.arcsin

    def slope(self, a: Array) -> Any:
        return 1 / np.sqrt(1 - a * a)


class Acos(OfInput):
    """The angle whose cosine is ``a``."""

    function = np.arccos

    def slope(self, a: Array) -> Any:
        return -1 / np.sqrt(1 - a * a)


class Atan(OfInput):
    """The angle whose tangent is ``a``."""

    function = np.arctan

    def slope(self, a: Array) -> Any:
        return 1 / (1 + a * a)


class Sinh(OfInput):
    """The hyperbolic sine."""

    function = np.sinh

    def slope(self, a: Array) -> Any:
        return np.cosh(a)


class Cosh(OfInput):
    """The hyperbolic cosine."""

    function = np.cosh

    def slope(self, a: Array) -> Any:
        return np.sinh(a)


class Asinh(OfInput):
    """The inverse of the hyperbolic sine."""

    function = np.arcsinh

    def slope(self, a: Array) -> Any:
        return 1 / np.sqrt(a * a + 1)


class Acosh(OfInput):
    """The inverse of the hyperbolic cosine."""

    function = np.arccosh

    def slope(self, a: Array) -> Any:
        return 1 / np.sqrt(a * a - 1)


class Atanh(OfInput):
    """The inverse of the hyperbolic tangent."""

    function = np.arctanh

    def slope(self, a: Array) -> Any:
        return 1 / (1 - a * a)


# ------------------------------------------------------------------ functions


def sin(input: Tensor) -> Tensor:
    """Return the sine of each element, an angle in radians."""
    return of_one(Sin, input)


def cos(input: Tensor) -> Tensor:
    """Return the cosine of each element, an angle in radians."""
    return of_one(Cos, input)


def tan(input: Tensor) -> Tensor:
    """Return the tangent of each element, an angle in radians."""
    return of_one(Tan, input)


def asin(input: Tensor) -> Tensor:
    """Return the angle whose sine each element is, ``nan`` outside of [-1, 1]."""
    return of_one(Asin, input)


def acos(input: Tensor) -> Tensor:
    """Return the angle whose cosine each element is, ``nan`` outside of [-1, 1]."""
    return of_one(Acos, input)


def atan(input: Tensor) -> Tensor:
    """Return the angle whose tangent each element is."""
    return of_one(Atan, input)


def sinh(input: Tensor) -> Tensor:
    """Return the hyperbolic sine of each element."""
    return of_one(Sinh, input)


def cosh(input: Tensor) -> Tensor:
    """Return the hyperbolic cosine of each element."""
    return of_one(Cosh, input)


def asinh(input: Tensor) -> Tensor:
    """Return the inverse hyperbolic sine of each element."""
    return of_one(Asinh, input)


def acosh(input: Tensor) -> Tensor:
    """Return the inverse hyperbolic cosine of each element, ``nan`` below 1."""
    return of_one(Acosh, input)


def atanh(input: Tensor) -> Tensor:
    """Return the inverse hyperbolic tangent of each element, ``nan`` outside of [-1, 1]."""
    return of_one(Atanh, input)


arcsin, arccos, arctan, arcsinh, arccosh, arctanh = asin, acos, atan, asinh, acosh, atanh
