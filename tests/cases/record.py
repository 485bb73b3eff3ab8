"""Record PyTorch's answer to every case: `python -m tests.cases.record`, with torch 2.13.0 installed.

The answers stand in where torch is not installed; where it is, a test compares them with it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from paramlab.cases import CASES
from paramlab.files import write_atomically

RECORDED = Path(__file__).with_name("recorded.json")
TORCH = "2.13.0"
SEED = 0


def answers(torch: Any) -> dict[str, Any]:
    """Return the answer of each case; a case that fails on PyTorch is a mistake in the case."""
    found = {}
    for name, case in sorted(CASES.items()):
        outcome = case.run(torch, SEED)
        if outcome.failure is not None:
            raise RuntimeError(f"{name} fails on PyTorch: {outcome.failure.kind}: {outcome.failure.message}")
        found[name] = outcome.answer
    return found


def main() -> None:
    """Write the file anew."""
    import torch

    if torch.__version__.split("+")[0] != TORCH:
        raise SystemExit(f"the answers are those of torch {TORCH}, and this is {torch.__version__}")
    content = json.dumps({"torch": TORCH, "seed": SEED, "answers": answers(torch)}, indent=1, ensure_ascii=False)
    write_atomically(RECORDED, (content + "\n").encode())
    print(f"{len(CASES)} answers in {RECORDED.name}")


if __name__ == "__main__":
    main()
