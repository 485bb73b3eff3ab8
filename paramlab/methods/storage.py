"""The memory behind a tensor, which its views share."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..dtypes import device as Device


class UntypedStorage:
    """The bytes that a tensor looks at, from the start of the array that they belong to."""

    def __init__(self, tensor: Any) -> None:
        owner = tensor._array
        while isinstance(owner.base, np.ndarray):
            owner = owner.base
        self._owner = owner
        self.device: Device = tensor.device

    def data_ptr(self) -> int:
        """Return the address of the first byte: equal for tensors that share memory."""
        return 0 if self.device.type == "meta" else int(self._owner.ctypes.data)

    def nbytes(self) -> int:
        """Return the number of bytes."""
        return int(self._owner.nbytes)

    size = nbytes
    __len__ = nbytes

    def offset_of(self, tensor: Any) -> int:
        """Return how many elements of the memory lie before the tensor's first one."""
        if self.device.type == "meta" or not tensor._array.size:
            return 0
        return int(tensor._array.ctypes.data - self._owner.ctypes.data) // int(tensor._array.itemsize)
