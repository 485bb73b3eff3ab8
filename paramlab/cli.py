"""The `paramlab` command: one function per subcommand, each with its options and what it runs.

The work itself is imported when a subcommand runs, so that `paramlab --help` stays quick.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from paramlab.version import __version__

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line `argv` (the process's own by default); return the exit status."""
    parser = _parser()
    args = parser.parse_args(argv)
    if "run" not in args:
        parser.print_help()
        return 2
    run: Callable[[argparse.Namespace], int] = args.run
    return run(args)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="paramlab", description="Who picks this tensor up? A course in JupyterLab.")
    parser.add_argument("--version", action="version", version=f"paramlab {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for add in COMMANDS:
        add(commands)
    return parser


def _add_start(commands: Commands) -> None:
    parser = commands.add_parser(
        "start",
        help="put the notebooks into a folder and open JupyterLab there",
        description="Put the course's notebooks into FOLDER and open JupyterLab there. "
        "A notebook you have changed is never overwritten.",
    )
    parser.add_argument(
        "folder",
        nargs="?",
        metavar="FOLDER",
        help="where your notebooks live (default: paramlab-course, or this folder if it already is a course folder)",
    )
    parser.add_argument("--no-browser", action="store_true", help="print the address, open nothing")
    parser.add_argument(
        "--port", type=_port, metavar="N", help="0 for any free one (default: the first free from 8888)"
    )
    parser.add_argument("--verbose", action="store_true", help="show JupyterLab's own log")

    def run(args: argparse.Namespace) -> int:
        from paramlab.start import start

        return start(args.folder, browser=not args.no_browser, port=args.port, verbose=args.verbose)

    parser.set_defaults(run=run)


def _add_doctor(commands: Commands) -> None:
    parser = commands.add_parser(
        "doctor",
        help="say what is missing here, and the line that mends it",
        description="Say what is present, missing or of a wrong version, and the line that mends it. "
        "The exit status is 0 when the course can run here, 1 when it cannot.",
    )

    def run(_: argparse.Namespace) -> int:
        from paramlab.doctor import doctor

        return doctor()

    parser.set_defaults(run=run)


def _add_census(commands: Commands) -> None:
    parser = commands.add_parser(
        "census",
        help="say who picks each tensor of a model up, and what is wrong with that",
        description="Look at a model of PyTorch or paramlab, without running it. "
        "The exit status is 0 when it is clean, 1 when there is a bug, 2 when it could not be looked at.",
    )
    parser.add_argument(
        "target",
        metavar="MODULE:NAME",
        help="package.module:name or file.py:name: a model, or a function that makes one (or one and its optimizer)",
    )
    parser.add_argument(
        "--optimizer",
        metavar="NAME",
        help="an optimizer of the framework, such as SGD, or module:function, which is handed the model",
    )
    parser.add_argument("--json", action="store_true", help="print facts and findings as JSON")
    parser.add_argument("--strict", action="store_true", help="what is to be checked counts as a bug, too")
    parser.add_argument("-q", "--quiet", action="store_true", help="print what is wrong, and nothing else")

    def run(args: argparse.Namespace) -> int:
        from paramlab.census.command import run as census

        return census(args.target, args.optimizer, as_json=args.json, strict=args.strict, quiet=args.quiet)

    parser.set_defaults(run=run)


def _add_release(commands: Commands) -> None:
    parser = commands.add_parser(
        "release",
        help="write the notebooks for a class into a folder or a zip",
        description="Write the learners' notebooks of the lessons, all by default, with the course's version in them.",
    )
    parser.add_argument("lessons", nargs="*", metavar="LESSON", help="such as 02 or 03_module (default: all)")
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FOLDER", help="a folder, or a name that ends in .zip"
    )
    parser.add_argument("--variant", default="", metavar="NAME", help="have the checks try other numbers, by this name")

    def run(args: argparse.Namespace) -> int:
        from paramlab.classroom import release

        return release(args.lessons, args.out, args.variant)

    parser.set_defaults(run=run)


def _add_grade(commands: Commands) -> None:
    parser = commands.add_parser(
        "grade",
        help="grade a folder of notebooks that were handed in",
        description="Grade the notebooks in SUBMISSIONS, each piece in a process of its own. What is there to protect "
        "this machine is said first. A run that was stopped goes on where it ended; only what changed is graded again.",
    )
    parser.add_argument(
        "submissions", type=Path, metavar="SUBMISSIONS", help="a folder of a learner each, of notebooks, or a zip"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="where grades and reports go")
    parser.add_argument("--jobs", type=_count, metavar="N", help="workers at a time (default: one for each core)")
    parser.add_argument(
        "--lesson", action="append", default=[], metavar="LESSON", help="grade this one only; may be given again"
    )

    def run(args: argparse.Namespace) -> int:
        from paramlab.classroom import grade

        return grade(args.submissions, args.out, jobs=args.jobs, only=args.lesson)

    parser.set_defaults(run=run)


COMMANDS: tuple[Callable[[Commands], None], ...] = (_add_start, _add_census, _add_doctor, _add_release, _add_grade)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of workers: 1 or more")
    return int(text)


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port: a number from 0 to 65535")
    return int(text)
