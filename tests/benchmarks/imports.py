"""What ``import paramlab`` adds to ``import numpy``, in fresh interpreters."""

from __future__ import annotations

import subprocess
import sys

from .measure import medians, print_table

GOAL = 60  # milliseconds more than NumPy


def report() -> None:
    """Print the medians and the difference."""
    results = medians({"import numpy": lambda: _fresh("numpy"), "import paramlab": lambda: _fresh("paramlab")}, 15)
    print_table("import, in a fresh interpreter", results, "import numpy")
    more = results["import paramlab"] - results["import numpy"]
    print(f"  paramlab adds {more:.1f} ms (goal: at most {GOAL})")


def _fresh(module: str) -> None:
    subprocess.run([sys.executable, "-c", f"import {module}"], check=True)
