"""``python -m tests.benchmarks``: how fast paramlab is, beside PyTorch and beside plain NumPy, in one run.

With names, such as ``course checks``, these alone.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from . import (
    checks,
    convolution,
    counting,
    course,
    grading,
    imports,
    memory,
    modules,
    operations,
    optimizers,
    picture,
    recurrent,
    saving,
    training,
)

# One function a question; each prints its own table.
BENCHMARKS: tuple[Callable[[], None], ...] = (
    imports.report,
    checks.report,
    training.report,
    operations.report,
    memory.report,
    modules.report,
    optimizers.report,
    counting.report,
    picture.report,
    convolution.report,
    recurrent.report,
    saving.report,
    course.report,
    grading.report,
)


def main() -> None:
    for report in BENCHMARKS:
        if len(sys.argv) == 1 or report.__module__.rpartition(".")[2] in sys.argv:
            report()
            print()


if __name__ == "__main__":
    main()
