"""What becomes of memory between two steps of training."""

import sys

import numpy as np

LARGEST = 31 * 2**20  # bytes; glibc takes no larger block for a measure than one of 32 MB


def keep_what_is_freed() -> None:
    """Have the C library keep the memory of freed arrays for the next ones, as a training step needs the same again.

    glibc gives blocks from 128 kB on back to the system, unless it has seen larger ones freed: it then keeps blocks up
    to that size (mallopt(3), M_MMAP_THRESHOLD). This block is never written to, so that it costs no memory. Other C
    libraries decide in other ways, which are left alone.
    """
    if sys.platform == "linux":
        np.empty(LARGEST, np.uint8)
