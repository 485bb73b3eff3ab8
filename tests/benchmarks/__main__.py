"""``python -m tests.benchmarks``: how fast paramlab is, beside PyTorch and beside plain NumPy, in one run."""

from __future__ import annotations

from collections.abc import Callable

from . import (
    checks,
    convolution,
    counting,
    imports,
    memory,
    modules,
    operations,
    optimizers,
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
    convolution.report,
    recurrent.report,
    saving.report,
)


def main() -> None:
    for report in BENCHMARKS:
        report()
        print()


if __name__ == "__main__":
    main()
