"""Layers that share methods: the error of a wrong call is to name the layer that was called, not what it is made of."""

from __future__ import annotations

from types import FunctionType

# PyTorch writes their methods out in each layer. What it shares itself, such as `_BatchNorm`, it names in errors too.
_SHARING = ["_AlongDim", "_ConvNd", "_InPlace", "_MarginLoss", "_Numbered", "_Optioned", "_Plain", "ELU", "Hardsigmoid"]


def name_as_its_own(layer: type) -> None:
    """Give a layer the methods that users call, of the classes it is made of, under its own name.

    ``Conv2d(3, 16)`` then says ``Conv2d.__init__() missing 1 required positional argument``: Python takes that
    name from the function, which all convolutions share.
    """
    for base in layer.__mro__[1:]:
        for name, shared in list(vars(base).items()) if base.__name__ in _SHARING else ():
            called = name == "__init__" or not name.startswith("_")
            if called and isinstance(shared, FunctionType) and getattr(layer, name) is shared:
                setattr(layer, name, _renamed(shared, f"{layer.__name__}.{name}"))


def _renamed(shared: FunctionType, name: str) -> FunctionType:
    named = FunctionType(shared.__code__, shared.__globals__, shared.__name__, shared.__defaults__, shared.__closure__)
    named.__kwdefaults__, named.__annotations__ = shared.__kwdefaults__, shared.__annotations__
    named.__doc__, named.__qualname__ = shared.__doc__, name
    return named
