"""`python -m paramlab` is the `paramlab` command, for where the command itself is not on the path."""

import sys
from pathlib import Path

# `uv run paramlab` in a clone runs this folder as a script. Then the folder itself is searched for modules, and
# our random.py would stand in for Python's.
here = Path(__file__).resolve().parent
sys.path[:] = [entry for entry in sys.path if Path(entry or ".").resolve() != here]

from paramlab.cli import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main())
