"""The `paramlab` command: one function per subcommand, each with its options and what it runs.

The work itself is imported when a subcommand runs, so that `paramlab --help` stays quick.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
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
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that has no ✓ shows something else
    try:
        status = run(args)
        sys.stdout.flush()
        return status
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130
    except BrokenPipeError:  # who read along, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141


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


def _add_check(commands: Commands) -> None:
    parser = commands.add_parser(
        "check",
        help="say how many points you have, what is left, and what is wrong",
        description="Grade your notebooks as their check cells would, each piece in a process of its own. Of a folder, "
        "what its check cells have noted in my_paramlab/ counts too: of each task, the better. The "
        "last line reads: points: X of 100. The exit status is 0, or 2 if something could not be graded.",
    )
    parser.add_argument(
        "targets",
        nargs="*",
        type=Path,
        metavar="FOLDER|NOTEBOOK.ipynb",
        help="folders, notebooks or both (default: this folder, or paramlab-course in it if `paramlab start` made one)",
    )

    def run(args: argparse.Namespace) -> int:
        from paramlab.classroom import check

        return check(args.targets)

    parser.set_defaults(run=run)


def _add_take_home(commands: Commands) -> None:
    parser = commands.add_parser(
        "take-home",
        help="pack your work into one file, my_paramlab.zip",
        description="Pack the notebooks of FOLDER and its my_paramlab/ into FOLDER/my_paramlab.zip.",
    )
    parser.add_argument("folder", nargs="?", type=Path, metavar="FOLDER", help="default: this folder")

    def run(args: argparse.Namespace) -> int:
        from paramlab.workshop import take_home

        return _print_or_say_why("take-home", lambda: take_home(args.folder))

    parser.set_defaults(run=run)


def _add_bring_back(commands: Commands) -> None:
    parser = commands.add_parser(
        "bring-back",
        help="unpack my_paramlab.zip, without touching what you have here",
        description="Unpack into FOLDER what take-home has packed. What is there and differs stays as it is: what was "
        "packed arrives beside it. Of the points, the better ones count. No code in it is run.",
    )
    parser.add_argument("archive", type=Path, metavar="ARCHIVE", help="such as my_paramlab.zip")
    parser.add_argument("folder", nargs="?", type=Path, metavar="FOLDER", help="default: this folder")

    def run(args: argparse.Namespace) -> int:
        from paramlab.workshop import bring_back

        return _print_or_say_why("bring-back", lambda: bring_back(args.archive, args.folder))

    parser.set_defaults(run=run)


def _print_or_say_why(command: str, work: Callable[[], object]) -> int:
    from paramlab.workshop.travel import TravelError

    try:
        print(work())
    except (TravelError, OSError) as error:
        print(f"paramlab {command}: {error}", file=sys.stderr)
        return 2
    return 0


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
    _add_assignment(parser, "hand this assignment of your own out in the place of lessons; course/homework says how")
    parser.add_argument("--variant", default="", metavar="NAME", help="have the checks try other numbers, by this name")

    def run(args: argparse.Namespace) -> int:
        from paramlab.classroom import release

        return release(args.lessons, args.out, args.variant, args.assignment)

    parser.set_defaults(run=run)


def _add_new(commands: Commands) -> None:
    parser = commands.add_parser(
        "new",
        help="begin an assignment of your own",
        description="Write a small assignment that works into a new FOLDER: change it into yours, and hand it out with "
        "`paramlab release --assignment FOLDER`.",
    )
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="its name is the assignment's")

    def run(args: argparse.Namespace) -> int:
        from paramlab.classroom.template import new

        return new(args.folder)

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
    _add_assignment(parser, "grade this assignment of your own in the place of the course")
    parser.add_argument("--jobs", type=_count, metavar="N", help="workers at a time (default: one for each core)")
    parser.add_argument(
        "--lesson", action="append", default=[], metavar="LESSON", help="grade this one only; may be given again"
    )
    parser.add_argument("--variant", default="", metavar="NAME", help="the variant that was handed out")
    parser.add_argument(
        "--gradebook",
        default="",
        metavar="URL",
        help="enter the results into nbgrader's gradebook, too: sqlite:///gradebook.db or postgresql://…",
    )
    parser.add_argument(
        "--scheduler",
        default="",
        metavar="ADDRESS",
        help="grade on the workers of this Dask cluster, such as tls://10.0.0.5:8786 (default: on this machine)",
    )
    for name, what in (("ca", "authority's certificate"), ("cert", "own certificate"), ("key", "own key")):
        parser.add_argument(f"--tls-{name}", type=Path, metavar="FILE", help=f"for a tls:// scheduler: the {what}")

    def run(args: argparse.Namespace) -> int:
        from paramlab.classroom import Certificates, grade

        return grade(
            args.submissions,
            args.out,
            jobs=args.jobs,
            only=args.lesson,
            assignment=args.assignment,
            variant=args.variant,
            gradebook=args.gradebook,
            scheduler=args.scheduler,
            certificates=Certificates(args.tls_ca, args.tls_cert, args.tls_key),
        )

    parser.set_defaults(run=run)


COMMANDS: tuple[Callable[[Commands], None], ...] = (
    *(_add_start, _add_check, _add_take_home, _add_bring_back),
    *(_add_census, _add_doctor, _add_release, _add_grade, _add_new),
)


def _add_assignment(parser: argparse.ArgumentParser, what: str) -> None:
    parser.add_argument("--assignment", type=Path, metavar="FOLDER", help=what)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of workers: 1 or more")
    return int(text)


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port: a number from 0 to 65535")
    return int(text)
