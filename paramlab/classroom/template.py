"""`paramlab new`: a small assignment that works, in a folder of its own, for its author to write another one into."""

from __future__ import annotations

import sys
from pathlib import Path

from ..files import write_atomically

NAME = "my_assignment"
PACKAGE = Path(__file__).resolve().parents[1]


def template() -> Path:
    """Return where the template is: inside an installed package, beside it in a clone."""
    installed = PACKAGE / "template"
    return installed if installed.is_dir() else PACKAGE.parent / "course" / "homework" / "template"


def new(folder: Path) -> int:
    """Write the template into a new folder, under that folder's name; return the exit status."""
    name = folder.name
    try:
        if not name.isidentifier():
            raise ValueError(f"{name!r} is to be the name of the assignment: letters, digits and _, a letter first")
        folder.mkdir(parents=True)  # never into one that there is
        for source in sorted(template().glob("*.py")):
            text = source.read_text(encoding="utf-8").replace(NAME, name)
            write_atomically(folder / source.name.replace(NAME, name), text.encode())
    except (ValueError, OSError) as error:
        why = f"{folder}: {error.strerror}" if isinstance(error, OSError) else str(error)
        print(f"paramlab new: {why}", file=sys.stderr)
        return 2
    print(f"{folder}/{name}.py is the notebook as a text, {folder}/tasks.py what is asked and how it is judged.")
    print(f"Hand it out:  paramlab release --assignment {folder} --out handed-out")
    return 0
